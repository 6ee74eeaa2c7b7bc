"""The same class, graded by an ordinary user: no other user's name to take on, and no namespaces."""

from __future__ import annotations

from checks import Marks, Secrets
from corpus import Conditions

CONDITIONS = Conditions("full", as_user=True)


class TestMarks(Marks): ...


class TestSecrets(Secrets): ...
