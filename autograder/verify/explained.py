"""Mutants that survive for a reason: tests/<assignment>/<exercise>/equivalent_mutants.toml.

"drop_activation@ResidualBlock.forward:3#1" = "ReLU after a sigmoid changes nothing"
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from autograder.errors import UsageError

FILE = "equivalent_mutants.toml"


def explained_mutants(suite: Path) -> dict[str, str]:
    """Reasons by mutant id; empty when there is no file. Raises UsageError when it is malformed."""
    path = suite / FILE
    if not path.exists():
        return {}
    try:
        reasons = msgspec.toml.decode(path.read_text(encoding="utf-8"), type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f'{path}: {error}; every line is "mutant id" = "why it is equivalent or harmless"') from None
    empty = [name for name, why in reasons.items() if not why.strip()]
    if empty:
        raise UsageError(f'{path}: "{empty[0]}" has no reason; say why it is equivalent or harmless')
    return reasons
