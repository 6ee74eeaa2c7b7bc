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
                text = code.source(default)
                others = {"True": "False", "False": "True", "None": "0"}
                plus_one = f"{text} + 1" if isinstance(default.value, int | float) else f'{text} "_"'
                yield code.replace(default, others.get(text, plus_one))


def change_string(code: Code) -> Iterator[Change]:
    """`"classifier"` becomes `"classifier_"`: strings that are names, dotted names or the dot between them."""
    for constant in code.nodes(ast.Constant):
        said = any(isinstance(outer, ast.Raise | ast.JoinedStr | ast.Expr) for outer in code.ancestors(constant))
        if isinstance(constant.value, str) and _NAME.fullmatch(constant.value) and not said:
            yield code.replace(constant, '"/"' if constant.value == "." else f'"{constant.value}_"')


def drop_element(code: Code) -> Iterator[Change]:
    """`("fc", "head")` becomes `("fc",)`; two neighbours change places; so it goes with the parts of an index."""
    for display in code.nodes(ast.Tuple, ast.List):
        elements = display.elts
        in_place = isinstance(code.parent(display), ast.Return | ast.Assign | ast.For | ast.comprehension)
        is_target = not isinstance(display.ctx, ast.Load) or (
            in_place and not code.source(display).startswith(("(", "["))
        )
        if is_target or len(elements) < 2:
            continue
        for index in range(len(elements)):
            if len(elements) > 2 or isinstance(display, ast.List):
                yield code.without_item(elements, index)
            elif code.source(display).startswith("("):
                yield code.replace(display, f"({code.source(elements[1 - index])},)")
        for first, second in pairwise(elements):
            yield code.swap(first, second)
