"""The same class on a kernel without Landlock: submissions may read files, but gain no marks."""

from __future__ import annotations

import pytest
from checks import Marks
from corpus import Conditions, Graded

pytestmark = pytest.mark.long

CONDITIONS = Conditions("reduced", without_landlock=True, diagnosis=True)


class TestMarks(Marks):
    def test_the_level_is_told_loudly(self, graded: Graded) -> None:
        assert graded.result("base")["isolation"] == "reduced"
        assert "Isolation: reduced." in graded.printed
        assert "landlock: " in graded.printed
