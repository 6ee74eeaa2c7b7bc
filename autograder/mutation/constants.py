"""Mutation operators on what is written down as it is: names in strings, tuples and lists, defaults."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from autograder.mutation.code import FUNCTIONS, Change, Code

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*|\.")


def change_default(code: Code) -> Iterator[Change]:
    """`def layer(n, bias=True)` becomes `def layer(n, bias=False)`."""
    for function in code.nodes(*FUNCTIONS):
        for default in (*function.args.defaults, *function.args.kw_defaults):
            if isinstance(default, ast.Constant):
                yield code.replace(default, _other(default.value))


def change_string(code: Code) -> Iterator[Change]:
    """`"classifier"` becomes `"classifier_"`: strings that are names, dotted names or the dot between them."""
    for constant in code.nodes(ast.Constant):
        said = any(isinstance(outer, ast.Raise | ast.JoinedStr | ast.Expr) for outer in code.ancestors(constant))
        if isinstance(constant.value, str) and _NAME.fullmatch(constant.value) and not said:
            yield code.replace(constant, '"/"' if constant.value == "." else f'"{constant.value}_"')


def drop_element(code: Code) -> Iterator[Change]:
    """`("fc", "head")` becomes `("fc",)`; two neighbours change places; so it goes with the parts of an index."""
    for display in code.nodes(ast.Tuple, ast.List):
        elements, parent = display.elts, code.parent(display)
        in_brackets = code.source(display).startswith(("(", "["))
        is_index = isinstance(parent, ast.Subscript)
        if not isinstance(display.ctx, ast.Load) or len(elements) < 2 or not (in_brackets or is_index):
            continue
        for index in range(len(elements)):
            if len(elements) > 2 or isinstance(display, ast.List):
                yield code.without_item(elements, index)
            elif in_brackets:
                yield code.replace(display, f"({code.source(elements[1 - index])},)")
        in_any_order = isinstance(parent, ast.keyword) and parent.arg in ("dim", "dims", "axis")
        for first, second in pairwise(elements):
            if not in_any_order:
                yield code.swap(first, second)


def _other(value: object) -> str:
    """What to write for another value of the same kind."""
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int | float):
        return repr(value + 1)
    return repr(f"{value}_") if isinstance(value, str) else "0"
