"""Mutation operators on what autograd sees: detached results, lost graphs, frozen parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.code import SCOPES, Change, Code, called, in_library, is_no_grad
from autograder.mutation.tensors import FACTORIES, Tensors

# Methods of a tensor that say something about it and pass no gradient on.
_METADATA = frozenset({"size", "dim", "numel", "new_zeros", "new_ones", "new_empty", "new_full", "new_tensor"})


def add_detach(code: Code) -> Iterator[Change]:
    """`x + y` becomes `x.detach() + y`: no gradient reaches x on this way."""
    tensors = Tensors(code)
    for node in code.nodes(ast.Name, ast.Call, ast.Attribute, ast.Subscript):
        if _passes_gradient(code, tensors, node):
            yield code.replace(node, f"{code.operand(node)}.detach()")


def remove_detach(code: Code) -> Iterator[Change]:
    """`x.detach()` becomes `x`."""
    for call in code.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "detach" and not call.args:
            yield code.replace(call, code.source(call.func.value))


def add_no_grad(code: Code) -> Iterator[Change]:
    """`y = f(x)` moves into a block `with torch.no_grad():`."""
    tensors = Tensors(code)
    for statement in code.nodes(ast.Assign, ast.AugAssign, ast.Return, ast.Expr):
        value = statement.value
        indentation = code.indentation(statement)
        if value is None or isinstance(value, ast.Name) or indentation is None or _without_graph(code, statement):
            continue
        elements = value.elts if isinstance(value, ast.Tuple) else [value]
        has_history = any(_is_calculated(tensors, node) for node in ast.walk(value))
        if has_history and all(tensors.is_tensor(element) or tensors.are_tensors(element) for element in elements):
            body = code.source(statement).replace("\n", "\n    ")
            block = f"with torch.no_grad():\n{indentation}    {body}"
            yield code.replace(statement, _import_torch(code, indentation) + block)


def no_grad_around_term(code: Code) -> Iterator[Change]:
    """`y = a(x) + b(x)` becomes `term = a(x)` under `torch.no_grad()`, then `y = term + b(x)`."""
    tensors = Tensors(code)
    for node in code.nodes(ast.Call):
        statement = code.statement(node)
        indentation = code.indentation(statement)
        hidden = any(isinstance(outer, SCOPES) for outer in code.ancestors(node))  # its names are not known outside
        if (
            isinstance(statement, ast.Assign | ast.Return)
            and indentation is not None
            and isinstance(code.parent(node), ast.BinOp)
            and tensors.is_tensor(node)
            and not hidden
            and not _without_graph(code, node)
        ):
            block = f"with torch.no_grad():\n{indentation}    term = {code.source(node)}"
            for above in code.insert_before(statement, _import_torch(code, indentation) + block):
                yield (*above, *code.replace(node, "term"))


def remove_no_grad(code: Code) -> Iterator[Change]:
    """The block of `with torch.no_grad():` stays, the context goes."""
    for block in code.nodes(ast.With):
        if len(block.items) == 1 and is_no_grad(block.items[0].context_expr):
            body = code.text[code.span(block.body[0])[0] : code.span(block)[1]]
            deeper, indentation = " " * block.body[0].col_offset, " " * block.col_offset
            yield code.replace(block, body.replace(f"\n{deeper}", f"\n{indentation}"))


def flip_requires_grad(code: Code) -> Iterator[Change]:
    """`p.requires_grad = False` becomes True; a parameter or layer that is made here is frozen."""
    for assignment in code.nodes(ast.Assign):
        target = assignment.targets[0]
        if isinstance(target, ast.Attribute) and target.attr == "requires_grad":
            yield code.replace(assignment.value, _negation(code, assignment.value))
    for call in code.nodes(ast.Call):
        flags = [keyword for keyword in call.keywords if keyword.arg == "requires_grad"]
        if called(call).endswith(".requires_grad_"):
            flag = _negation(code, call.args[0]) if call.args else "False"
            yield code.replace(call, f"{code.source(call.func)}({flag})")
        elif flags:
            yield code.replace(flags[0].value, _negation(code, flags[0].value))
        elif called(call).endswith("nn.Parameter"):
            inside = ", ".join(code.source(argument) for argument in call.args)
            yield code.replace(call, f"{code.source(call.func)}({inside}, requires_grad=False)")
        elif _makes_layer(call) and call.args:  # what takes no arguments has no parameters
            yield code.replace(call, f"{code.source(call)}.requires_grad_(False)")


def _passes_gradient(code: Code, tensors: Tensors, node: ast.expr) -> bool:
    """Whether a tensor is read where its graph counts, and detaching it says something that no other place says."""
    if not tensors.is_tensor(node) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    if _without_graph(code, node) or (isinstance(node, ast.Call) and not _is_calculated(tensors, node)):
        return False
    parent = code.parent(node)
    if isinstance(parent, ast.BinOp | ast.Return):
        return True
    if isinstance(parent, ast.keyword):
        parent = code.parent(parent)
    if isinstance(parent, ast.Call):
        name = called(parent)
        return node is not parent.func and "." in name and not _makes_layer(parent)
    if isinstance(parent, ast.Attribute):
        is_method = isinstance(code.parent(parent), ast.Call) and parent.attr not in _METADATA
        return is_method and not parent.attr.endswith("_")
    return isinstance(parent, ast.Tuple) and isinstance(code.parent(parent), ast.Return)


def _is_calculated(tensors: Tensors, node: ast.AST) -> bool:
    """Whether an expression calculates a tensor from others."""
    if isinstance(node, ast.Call):
        return tensors.is_tensor(node) and called(node).rpartition(".")[2] not in FACTORIES
    return isinstance(node, ast.BinOp) and tensors.is_tensor(node)


def _makes_layer(call: ast.Call) -> bool:
    return in_library(called(call)) and called(call).rpartition(".")[2][:1].isupper()


def _without_graph(code: Code, node: ast.AST) -> bool:
    return code.is_in_init(node) or code.is_without_gradient(node)


def _negation(code: Code, node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return str(not node.value)
    return f"not {code.operand(node)}"


def _import_torch(code: Code, indentation: str) -> str:
    return "" if "torch" in code.imported else f"import torch\n{indentation}"
