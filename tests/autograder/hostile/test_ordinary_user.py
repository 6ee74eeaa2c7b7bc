"""The same class, graded by an ordinary user: no other user's name to take on, and no namespaces."""

from __future__ import annotations

import pytest
from checks import Marks, Secrets
from corpus import Conditions

pytestmark = pytest.mark.long

CONDITIONS = Conditions("full", as_user=True)


class TestMarks(Marks): ...


class TestSecrets(Secrets): ...
