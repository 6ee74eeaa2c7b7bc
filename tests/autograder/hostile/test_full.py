"""Everything hostile in one class, with all the isolation that this machine offers to whoever runs the tests."""

from __future__ import annotations

import pytest
from checks import Marks, Secrets
from corpus import Conditions

pytestmark = pytest.mark.long

CONDITIONS = Conditions("full", beside=True)


class TestMarks(Marks): ...


class TestSecrets(Secrets): ...
