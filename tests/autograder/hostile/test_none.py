"""The same class without isolation, as when it is switched off: processes, a protocol and a clock still keep marks."""

from __future__ import annotations

import os

import pytest
from checks import Marks
from corpus import Conditions, Graded

pytestmark = pytest.mark.long

# By a user who can do no harm to this machine, and in a PID namespace, with which all ends that they start.
CONDITIONS = Conditions("none", as_user=os.geteuid() == 0, alone=os.geteuid() == 0)


class TestMarks(Marks):
    def test_the_level_is_told_loudly(self, graded: Graded) -> None:
        assert graded.result("base")["isolation"] == "none"
        assert "Isolation: none." in graded.printed
