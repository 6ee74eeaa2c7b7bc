"""How well `autograder similar` finds copies: the bank's files are honest work, and a program copies some.

python -m tools.copies

Honest files have few authors, so what honest pairs have in common is more than in a class.
"""

from __future__ import annotations

import ast
import builtins
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from autograder.course.assignment import open_assignment
from autograder.course.stubs import given_stub
from autograder.similar.pairs import pairs

ROOT = Path(__file__).parent.parent
WHOLE = "core"
"""The assignment whose bank has enough for whole submissions."""
COPIED = 22


class _Renamed(ast.NodeTransformer):
    """Every variable and parameter has another name; comments are gone."""

    def __init__(self, tree: ast.AST) -> None:
        stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        kept = {"self", *dir(builtins)}
        self._names = {name: f"value_{place}" for place, name in enumerate(sorted(stored - kept))}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(self._names.get(node.id, node.id), node.ctx), node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._names.get(node.arg, node.arg)
        self.generic_visit(node)
        return node


class _Reordered(ast.NodeTransformer):
    """Methods and independent statements change places, operands of + and * as well; no annotations; dead lines."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        self._rng.shuffle(node.body)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        for place in range(len(node.body) - 1):
            one, other = node.body[place : place + 2]
            if _simple(one) and _simple(other) and not (_stored(one) & _named(other) or _stored(other) & _named(one)):
                node.body[place : place + 2] = [other, one]
        for number in range(1 + len(node.body) // 4):
            dead = ast.parse(f"spare_{number} = {number} * {self._rng.randrange(9)} + 1").body[0]
            node.body.insert(self._rng.randrange(len(node.body)), dead)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        return ast.Assign([node.target], node.value) if node.value else ast.Pass()

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult):
            node.left, node.right = node.right, node.left
        return node


def _simple(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign | ast.AugAssign)


def _named(statement: ast.AST) -> set[str]:
    """Names and attributes; `self` is in nearly all, and parts nothing."""
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return (names | {node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute)}) - {"self"}


def _stored(statement: ast.AST) -> set[str]:
    nodes = [node for node in ast.walk(statement) if isinstance(getattr(node, "ctx", None), ast.Store)]
    return {name for node in nodes for name in _named(node)}


def renamed(text: str) -> str:
    """The code with other names."""
    tree = ast.parse(text)
    return ast.unparse(ast.fix_missing_locations(_Renamed(tree).visit(tree)))


def reordered(text: str, rng: random.Random) -> str:
    """The code with other names, and in another order."""
    tree = _Reordered(rng).visit(ast.parse(renamed(text)))
    return ast.unparse(ast.fix_missing_locations(tree))


def area(copies: Sequence[float], honest: Sequence[float]) -> float:
    """Under the curve: how often a copy is above an honest pair; 0.5 is chance."""
    below = np.searchsorted(np.sort(honest), copies, side="left") + np.searchsorted(
        np.sort(honest), copies, side="right"
    )
    return float(below.mean() / (2 * len(honest)))


def whole_submissions(rng: random.Random) -> tuple[float, float, int]:
    """Students with a file of the bank for each exercise, none twice, and two copies of each student.

    The area under the curve for renamed and for reordered copies, and how many copies are among as many first pairs.
    """
    layout, assignment = open_assignment(ROOT, WHOLE)
    names = assignment.exercise_names
    texts = {name: _bank(layout.suite(name), ("alternatives", "rewritten")) for name in names}
    for each in texts.values():
        rng.shuffle(each)
    code = {f"h{n:02}": {name: texts[name][n] for name in names} for n in range(COPIED)}
    for who, own in list(code.items()):
        code[f"{who} renamed"] = {name: renamed(text) for name, text in own.items()}
        code[f"{who} reordered"] = {name: reordered(text, rng) for name, text in own.items()}
    found = pairs(code, {name: given_stub(layout, name) for name in names}, {}, {})
    ranked = [pair for pair in found if not (" " in pair.first and " " in pair.second)]  # two copies of one are no test
    is_copy = [pair.second.partition(" ")[0] == pair.first for pair in ranked]
    total = COPIED * (COPIED - 1) // 2 + 2 * COPIED * COPIED
    honest = [pair.evidence for pair, copy in zip(ranked, is_copy, strict=True) if not copy]
    honest += [0.0] * (total - len(ranked))
    areas = [
        area(
            [pair.evidence for pair, copy in zip(ranked, is_copy, strict=True) if copy and kind in pair.second], honest
        )
        for kind in ("renamed", "reordered")
    ]
    return areas[0], areas[1], sum(is_copy[: 2 * COPIED])


def single_exercises(assignment_name: str, rng: random.Random) -> tuple[list[float], list[float], list[float]]:
    """Shares in common, exercise by exercise: of honest pairs, and of alternatives with their copies of either kind."""
    layout, assignment = open_assignment(ROOT, assignment_name)
    honest: list[float] = []
    of_renamed: list[float] = []
    of_reordered: list[float] = []
    for name in assignment.exercise_names:
        own = dict(enumerate(_bank(layout.suite(name), ("alternatives",))))
        for change, shares in ((renamed, of_renamed), (lambda text: reordered(text, rng), of_reordered)):
            code = {f"h{n}": {name: text} for n, text in own.items()}
            code |= {f"h{n} copy": {name: change(text)} for n, text in own.items()}
            found = {
                (p.first, p.second): p.dice.get(name, 0.0)
                for p in pairs(code, {name: given_stub(layout, name)}, {}, {})
            }
            shares += [found.get((f"h{n}", f"h{n} copy"), 0.0) for n in own]
            honest += [found.get((f"h{a}", f"h{b}"), 0.0) for a in own for b in own if a < b]
    return honest, of_renamed, of_reordered


def _bank(suite: Path, kinds: Iterable[str]) -> list[str]:
    return [file.read_text(encoding="utf-8") for kind in kinds for file in sorted((suite / kind).glob("*.py"))]


def main() -> None:
    """Print the figures."""
    for seed in range(5):
        one_kind, other_kind, top = whole_submissions(random.Random(seed))
        print(
            f"whole submissions of {WHOLE}, {seed}: AUC renamed {one_kind:.4f}, reordered {other_kind:.4f}, "
            f"{top} of {2 * COPIED} copies in the top {2 * COPIED}"
        )
    honest: list[float] = []
    one: list[float] = []
    other: list[float] = []
    for name in sorted(path.parent.name for path in ROOT.glob("assignments/*/assignment.toml")):
        shares = single_exercises(name, random.Random(1))
        for total, each in zip((honest, one, other), shares, strict=True):
            total += each
    print(
        f"single exercises, all assignments: AUC renamed {area(one, honest):.4f}, reordered {area(other, honest):.4f} "
        f"({len(one)} copies, {len(honest)} honest pairs)"
    )


if __name__ == "__main__":
    main()
