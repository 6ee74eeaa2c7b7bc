"""The mutation operators of this field: slips that people make in PyTorch code and that no stock operator makes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import combinations, pairwise
from typing import Any, TypeAlias

from autograder.mutation import pytorch
from autograder.mutation.code import (
    COMPREHENSIONS,
    FUNCTIONS,
    SCOPES,
    Change,
    Code,
    Function,
    Kind,
    arguments,
    called,
    dotted,
    in_library,
    is_of_self,
    last_name,
)

Written: TypeAlias = Iterator[str | Change]
"""What to write for a node, or changes of other places."""

OPERATORS: dict[str, Callable[[Code], Iterator[Change]]] = {}
"""All operators by name, in the order in which they are asked: of two that make the same mutant, the first names it."""


def _operator(*kinds: Kind) -> Callable[[Callable[[Code, Any], Written]], None]:
    """An operator, from what it makes of a node: it is asked about all nodes of the first kind, then of the second;
    without a kind once, about the module.
    """

    def register(make: Callable[[Code, Any], Written]) -> None:
        @wraps(make)
        def changes(code: Code) -> Iterator[Change]:
            for node in [node for kind in kinds for node in code.nodes(kind)] if kinds else [code.tree]:
                for written in make(code, node):
                    yield code.replace(node, written) if isinstance(written, str) else written

        OPERATORS[make.__name__] = changes

    return register


# Activations: as functions, as methods and as modules.


def _activation(call: ast.Call) -> tuple[str, ast.expr | None] | None:
    """The activation that a call is, as in torch.nn.functional, and what it is applied to: None for one of a module."""
    where, _, last = called(call).rpartition(".")
    is_function, name = in_library(called(call)), last.removesuffix("_")
    if is_function and last in pytorch.ACTIVATION_CLASSES.values():
        return next(name for name, known in pytorch.ACTIVATION_CLASSES.items() if known == last), None
    if name not in pytorch.ACTIVATIONS or where == "self" or not isinstance(call.func, ast.Attribute):
        return None
    applied_to = call.args[:1] if is_function else [call.func.value]
    return (name, applied_to[0]) if applied_to else None


@_operator(ast.Call)
def swap_activation(code: Code, call: ast.Call) -> Written:
    """`F.relu(x)` becomes `F.tanh(x)`, written in the same way where torch has it that way."""
    name, value = _activation(call) or ("", None)
    where, is_method = called(call).rpartition(".")[0], not in_library(called(call))
    others = call.args if value is None or is_method else call.args[1:]
    kept = [*others, *call.keywords] if name in ("softmax", "log_softmax") else []
    functional = "F" if "F" in code.imported else "torch.nn.functional" if "torch" in code.imported else "nn.functional"
    for other in pytorch.ACTIVATIONS.get(name, ()):
        if value is None:
            yield code.call(f"{where}.{pytorch.ACTIVATION_CLASSES[other]}", *kept)
        elif is_method and other in pytorch.ACTIVATIONS_IN_TORCH:
            yield code.call(f"{code.operand(value)}.{other}", *kept)
        else:
            module = "torch" if where == "torch" and other in pytorch.ACTIVATIONS_IN_TORCH else functional
            yield code.call(f"{module}.{other}", value, *kept)


@_operator(ast.Call)
def drop_activation(code: Code, call: ast.Call) -> Written:
    """`F.relu(x)` becomes `x`."""
    if found := _activation(call):
        yield code.source(found[1]) if found[1] else "nn.Identity()"


@_operator(ast.Call)
def add_activation(code: Code, call: ast.Call) -> Written:
    """`self.bn2(x)` becomes `self.bn2(x).relu()`."""
    parent = code.parent(call)
    is_activated = isinstance(parent, ast.Call) and _activation(parent)
    if called(call).startswith("self.") and code.is_tensor(call) and not is_activated:
        yield f"{code.source(call)}.relu()"


# What autograd sees: detached results, lost graphs, frozen parameters.


def _is_no_grad(node: ast.expr) -> bool:
    """Whether an expression is `torch.no_grad()`, or `torch.inference_mode()`."""
    return isinstance(node, ast.Call) and last_name(node) in ("no_grad", "inference_mode")


def _is_without_graph(code: Code, node: ast.AST) -> bool:
    """Whether a node is in a constructor, or in the block of a `with torch.no_grad()`."""
    blocks = [outer for outer in code.ancestors(node) if isinstance(outer, ast.With)]
    return code.is_in_init(node) or any(_is_no_grad(item.context_expr) for block in blocks for item in block.items)


def _makes_layer(call: ast.Call) -> bool:
    return in_library(called(call)) and last_name(call)[:1].isupper()


def _import_torch(code: Code) -> list[str]:
    """The line that a change needs which writes `torch` into a file that has not imported it."""
    return [] if "torch" in code.imported else ["import torch"]


@_operator(ast.Name | ast.Call | ast.Attribute | ast.Subscript)
def add_detach(code: Code, node: ast.expr) -> Written:
    """`x + y` becomes `x.detach() + y`: no gradient reaches x on this way."""
    if not code.is_calculated(node) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    parent = code.parent(node)
    parent = code.parent(parent) if isinstance(parent, ast.keyword) else parent
    match parent:  # where its graph counts, and detaching it says something that no other place says
        case ast.BinOp() | ast.Return():
            counts = True
        case ast.Call(function):
            counts = node is not function and "." in called(parent) and not _makes_layer(parent)
        case ast.Attribute(_, method):
            is_metadata = method in pytorch.METADATA or method.endswith("_")
            counts = isinstance(code.parent(parent), ast.Call) and not is_metadata
        case _:
            counts = isinstance(parent, ast.Tuple) and isinstance(code.parent(parent), ast.Return)
    if counts and not _is_without_graph(code, node):
        yield f"{code.operand(node)}.detach()"


@_operator(ast.Call)
def remove_detach(code: Code, call: ast.Call) -> Written:
    """`x.detach()` becomes `x`."""
    match call:
        case ast.Call(ast.Attribute(value, "detach"), []):
            yield code.source(value)


@_operator(ast.Assign | ast.AugAssign | ast.Return | ast.Expr)
def add_no_grad(code: Code, statement: Any) -> Written:
    """`y = f(x)` moves into a block `with torch.no_grad():`."""
    value, indentation = statement.value, code.indentation(statement)
    if value is None or isinstance(value, ast.Name) or indentation is None or _is_without_graph(code, statement):
        return
    elements = value.elts if isinstance(value, ast.Tuple) else [value]
    calculates = (code.is_calculated(node) for node in ast.walk(value) if isinstance(node, ast.Call | ast.BinOp))
    if any(calculates) and all(code.is_tensor(element) or code.are_tensors(element) for element in elements):
        body = code.source(statement).replace("\n", "\n    ")
        yield f"\n{indentation}".join([*_import_torch(code), "with torch.no_grad():", f"    {body}"])


@_operator(ast.Call)
def no_grad_around_term(code: Code, call: ast.Call) -> Written:
    """`y = a(x) + b(x)` becomes `term = a(x)` under `torch.no_grad()`, then `y = term + b(x)`."""
    statement = code.statement(call)
    is_term = isinstance(statement, ast.Assign | ast.Return) and isinstance(code.parent(call), ast.BinOp)
    is_hidden = code.inside(call, SCOPES)  # its names are not known outside
    if is_term and code.is_tensor(call) and not is_hidden and not _is_without_graph(code, call):
        block = (*_import_torch(code), "with torch.no_grad():", f"    term = {code.source(call)}")
        yield from code.insert_before(statement, *block, change=code.replace(call, "term"))


@_operator(ast.With)
def remove_no_grad(code: Code, block: ast.With) -> Written:
    """The block of `with torch.no_grad():` stays, the context goes."""
    if len(block.items) == 1 and _is_no_grad(block.items[0].context_expr):
        body = code.text[code.span(block.body[0])[0] : code.span(block)[1]]
        yield body.replace("\n" + " " * block.body[0].col_offset, "\n" + " " * block.col_offset)


@_operator(ast.Assign, ast.Call)
def flip_requires_grad(code: Code, node: ast.Assign | ast.Call) -> Written:
    """`p.requires_grad = False` becomes True; a parameter or layer that is made here is frozen."""

    def negated(flag: ast.expr) -> str:
        text = f"not {code.operand(flag)}"
        return {"not True": "False", "not False": "True"}.get(text, text)

    if isinstance(node, ast.Assign):
        if isinstance(node.targets[0], ast.Attribute) and node.targets[0].attr == "requires_grad":
            yield code.replace(node.value, negated(node.value))
        return
    flags = [keyword.value for keyword in node.keywords if keyword.arg == "requires_grad"]
    if called(node).endswith(".requires_grad_"):
        yield code.call(node.func, negated(node.args[0]) if node.args else "False")
    elif flags:
        yield code.replace(flags[0], negated(flags[0]))
    elif called(node).endswith("nn.Parameter"):
        yield code.call(node.func, *node.args, "requires_grad=False")
    elif _makes_layer(node) and node.args:  # what takes no arguments has no parameters
        yield f"{code.source(node)}.requires_grad_(False)"


# Operations that change a tensor instead of making a new one.

_IN_PLACE: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("add_", "+="),
    ast.Sub: ("sub_", "-="),
    ast.Mult: ("mul_", "*="),
    ast.Div: ("div_", "/="),
}


@_operator(ast.BinOp, ast.Call)
def work_in_place(code: Code, node: ast.BinOp | ast.Call) -> Written:
    """`x * y` becomes `x.mul_(y)`, `x.mul(y)` becomes `x.mul_(y)`, `F.relu(x)` becomes `F.relu_(x)`, `x = x + y`
    becomes `x += y`."""
    match node:
        case ast.BinOp(left, sign, right) if type(sign) in _IN_PLACE:
            method, assign = _IN_PLACE[type(sign)]
            statement = code.parent(node)
            target = code.source(statement.targets[0]) if isinstance(statement, ast.Assign) else None
            if target == code.source(left) and code.is_tensor(left):
                yield code.replace(statement, f"{target} {assign} {code.source(right)}")
            elif isinstance(left, ast.Name) and code.is_tensor(left):
                yield code.call(f"{left.id}.{method}", right)
            if isinstance(sign, ast.Add | ast.Mult) and isinstance(right, ast.Name) and code.is_tensor(right):
                yield code.call(f"{right.id}.{method}", left)
        case ast.Call(ast.Attribute(owner, method) as function):
            is_method = method in pytorch.METHODS_IN_PLACE and code.is_tensor(owner)
            if is_method or called(node) in pytorch.FUNCTIONS_IN_PLACE:
                yield code.replace(function, f"{code.source(function)}_")


@_operator(ast.Call, ast.AugAssign)
def work_out_of_place(code: Code, node: ast.Call | ast.AugAssign) -> Written:
    """`x.mul_(y)` becomes `x.mul(y)`, whose result is lost; `x += y` becomes `x = x + y`."""
    match node:
        case ast.Call(ast.Attribute() as function) if function.attr.endswith("_"):
            name, is_method = called(node)[:-1], function.attr[:-1] in pytorch.METHODS_IN_PLACE
            if name in pytorch.FUNCTIONS_IN_PLACE or (is_method and not in_library(name)):
                yield code.replace(function, code.source(function)[:-1])
        case ast.AugAssign(target, _, value):
            sign = code.text[code.span(target)[1] : code.span(value)[0]].partition("=")[0].strip()
            yield f"{code.source(target)} = {code.source(target)} {sign} {code.operand(value)}"


# Terms, gates, dimensions.


@_operator(ast.BinOp)
def drop_term(code: Code, operation: ast.BinOp) -> Written:
    """`a + b` becomes `a`, or `b`; so does a product, a quotient and a power."""
    yield code.source(operation.left)
    yield code.source(operation.right)


@_operator(ast.BinOp)
def double_term(code: Code, operation: ast.BinOp) -> Written:
    """`a + b` becomes `a + 2 * b`, `a * b` becomes `a * b**2`, when they are tensors or lists."""
    operands = (operation.left, operation.right)
    holds_list = any(isinstance(operand, ast.List | ast.ListComp) for operand in operands)
    for operand in operands if holds_list or code.is_tensor(operation) else ():
        if isinstance(operand, ast.Constant | ast.BinOp):
            continue
        if isinstance(operation.op, ast.Add | ast.Sub):
            yield code.replace(operand, f"2 * {code.operand(operand)}")
        elif isinstance(operation.op, ast.Mult):
            yield code.replace(operand, f"{code.operand(operand)} ** 2")


@_operator(ast.BinOp)
def swap_operands(code: Code, operation: ast.BinOp) -> Written:
    """`a / b` becomes `b / a`; so does what else depends on the order."""
    if isinstance(operation.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow | ast.MatMult):
        yield code.swap(operation.left, operation.right)


@_operator(ast.Assign)
def permute_targets(code: Code, assignment: ast.Assign) -> Written:
    """`i, f = gates.chunk(2)` becomes `f, i = gates.chunk(2)`: every pair of parts, elsewhere every two neighbours."""
    target, value = assignment.targets[0], assignment.value
    are_parts = isinstance(value, ast.Call) and last_name(value) in pytorch.PARTS
    used = [each for each in target.elts if dotted(each) != "_"] if isinstance(target, ast.Tuple) else []
    for first, second in combinations(used, 2) if are_parts else pairwise(used):
        yield code.swap(first, second)


@_operator(ast.Call)
def change_dim(code: Code, call: ast.Call) -> Written:
    """`x.mean(dim=1)` becomes `x.mean(dim=0)`; so do the dimensions of parts, joined tensors and softmax."""
    last, is_function = last_name(call), in_library(called(call))
    if last not in pytorch.DIM_POSITION or not isinstance(call.func, ast.Attribute):
        return
    if not is_function and not code.is_tensor(call.func.value):
        return
    position = pytorch.DIM_POSITION[last] - (not is_function)
    keywords = [keyword.value for keyword in call.keywords if keyword.arg in ("dim", "axis", "start_dim")]
    given = next(iter(keywords + call.args[position:]), None)
    if given is None:
        if last in pytorch.DIM_ADDED:
            yield code.call(call.func, *call.args, *call.keywords, f"dim={pytorch.DIM_ADDED[last]}")
        return
    try:
        dims = ast.literal_eval(given)
    except ValueError:
        return
    others: list[object] = []
    if isinstance(dims, int):
        others = [other for other in (0, 1, -1) if other != dims]
    elif isinstance(dims, tuple):
        others = [dims[:index] + dims[index + 1 :] for index in range(len(dims))]
        others += [] if 0 in dims else [(0, *dims)]
    for other in others:
        yield code.replace(given, str(other))


# A module's layers and tensors as wholes: shared, skipped, in the wrong order, mode or dtype.


def _is_layer(code: Code, call: ast.Call) -> bool:
    """Whether it is a layer with one argument that is called."""
    return is_of_self(called(call)) and code.is_tensor(call) and len(call.args) == 1 and not call.keywords


def _alike(code: Code) -> list[list[ast.Assign]]:
    """Assignments to attributes of self in one function whose values are calls of one callable, written alike."""
    groups: dict[tuple[Function, str, int], list[ast.Assign]] = {}
    for assignment in code.nodes(ast.Assign):
        value = assignment.value.body if isinstance(assignment.value, ast.IfExp) else assignment.value
        function = code.function(assignment)
        if function and isinstance(value, ast.Call) and dotted(assignment.targets[0]).startswith("self."):
            groups.setdefault((function, code.source(value.func), len(value.args)), []).append(assignment)
    return [group for group in groups.values() if len(group) > 1]


@_operator()
def share_layer(code: Code, _: ast.Module) -> Written:
    """`self.bn2 = nn.BatchNorm2d(n)` becomes `self.bn2 = self.bn1`; a use of `self.bn2` becomes one of `self.bn1`."""
    for alike in _alike(code):
        for first, second in pairwise(alike):
            yield code.replace(second.value, code.source(first.targets[0]))
        names = [dotted(assignment.targets[0]) for assignment in alike]
        for use in code.nodes(ast.Attribute):
            if isinstance(use.ctx, ast.Load) and dotted(use) in names and not code.is_in_init(use):
                index = names.index(dotted(use))
                for name in names[max(index - 1, 0) : index] + names[index + 1 : index + 2]:
                    yield code.replace(use, name)


@_operator(ast.Call)
def drop_layer(code: Code, call: ast.Call) -> Written:
    """`self.bn(self.conv(x))` becomes `self.conv(x)`."""
    if _is_layer(code, call):
        yield code.source(call.args[0])


@_operator(ast.Call)
def repeat_layer(code: Code, call: ast.Call) -> Written:
    """`self.conv(x)` becomes `self.conv(self.conv(x))`."""
    if _is_layer(code, call):
        yield code.replace(call.args[0], code.source(call))


@_operator(ast.Call)
def reverse_order(code: Code, outer: ast.Call) -> Written:
    """`F.relu(self.bn(x))` becomes `self.bn(F.relu(x))`: two layers or activations that follow each other."""

    def is_one(call: ast.Call) -> bool:
        return _is_layer(code, call) or (in_library(called(call)) and _activation(call) is not None)

    match outer:
        case ast.Call(function, [ast.Call(inner) as argument], []) if is_one(outer) and is_one(argument):
            yield code.swap(function, inner)


_DEPENDS_ON_MODE = re.compile(r"\b\w*(?:Norm|Dropout)\w*\(")


@_operator(ast.Attribute, ast.Call)
def ignore_mode(code: Code, node: ast.Attribute | ast.Call) -> Written:
    """`self.training` becomes True, False or its opposite; a layer with batch norm or dropout is put into one mode."""
    match node:
        case ast.Attribute(_, "training", ast.Load()):
            yield from ("True", "False", f"not {code.source(node)}")
        case ast.Call(ast.Attribute(owner, "train" | "eval" as mode)):
            yield f"{code.operand(owner)}.{'eval' if mode == 'train' else 'train'}()"
    if isinstance(node, ast.Call):
        made = [each.value for each in code.nodes(ast.Assign) if dotted(each.targets[0]) == called(node)]
        if called(node).startswith("self.") and any(_DEPENDS_ON_MODE.search(code.source(layer)) for layer in made):
            yield from (code.replace(node.func, f"{code.source(node.func)}.{mode}()") for mode in ("eval", "train"))
        for flag in (keyword.value for keyword in node.keywords if keyword.arg == "training"):
            yield from (code.replace(flag, other) for other in ("True", "False"))


_NEW = {"new_zeros": "zeros", "new_ones": "ones", "new_empty": "empty"}


@_operator(ast.Return | ast.Assign, ast.Call)
def pin_dtype(code: Code, node: Any) -> Written:
    """`return y` becomes `return y.float()`, `dtype=x.dtype` becomes `dtype=torch.float32`."""
    if not isinstance(node, ast.Call):
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for value in values if not code.is_in_init(node) else ():
            if code.is_calculated(value):
                yield code.replace(value, f"{code.operand(value)}.float()")
        return
    changes = [code.replace(each.value, "torch.float32") for each in node.keywords if each.arg == "dtype"]
    match node:
        case ast.Call(ast.Attribute(owner, name)) if name in _NEW:
            made = code.call(f"torch.{_NEW[name]}", *node.args, f"device={code.operand(owner)}.device")
            changes.append(code.replace(node, made))
    for change in changes:
        if lines := _import_torch(code):
            yield from code.insert_before(code.statement(node), *lines, change=change)
        else:
            yield change


@_operator(ast.Call)
def pin_device(code: Code, call: ast.Call) -> Written:
    """`device=x.device` becomes `device="cpu"`; a tensor that is made like another one is made on the CPU."""
    for keyword in call.keywords:
        if keyword.arg == "device":
            yield code.replace(keyword.value, '"cpu"')
    if isinstance(call.func, ast.Attribute) and call.func.attr in _NEW:
        yield code.call(call.func, *call.args, *call.keywords, 'device="cpu"')


@_operator(ast.Name)
def other_variable(code: Code, name: ast.Name) -> Written:
    """`f * c` becomes `f * g`: another tensor of the function, or another number among its arguments."""
    function = code.function(name)
    if function is None or not isinstance(name.ctx, ast.Load):
        return
    statement = code.statement(name)
    tensors = [each for each in code.tensors(function) if code.is_bound_before(function, each, statement, SCOPES)]
    annotated = {each.arg: code.source(each.annotation) for each in arguments(function) if each.annotation}
    numbers = [argument for argument, annotation in annotated.items() if annotation in ("int", "float")]
    for known in (tensors, numbers):
        if name.id in known and len(known) > 1:
            yield known[(known.index(name.id) + 1) % len(known)]


# Arguments of calls, and the functions that are called.

_ABOUT_NAMES_AND_TYPES = {"isinstance", "issubclass", "getattr", "setattr", "hasattr", "len", "super", "type"}
_CONVERSIONS = {"list", "tuple", "set", "dict", "sorted", "int", "float", "bool", "abs", "torch.tensor"}


def _with_argument(code: Code, call: ast.Call, argument: str) -> str | Change:
    """The call with one argument more, at its end."""
    given = [*call.args, *[keyword.value for keyword in call.keywords]]
    if not given:
        return code.call(call.func, argument)
    return code.replace(given[-1], f"{code.source(given[-1])}, {argument}")


@_operator(ast.Call)
def change_argument(code: Code, call: ast.Call) -> Written:
    """`nn.Conv2d(3, 8, 3, stride=stride)` gets `stride=1`, or an argument that was left at its default."""
    last, keywords = last_name(call), {keyword.arg: keyword for keyword in call.keywords}
    known = pytorch.ARGUMENTS.get(last, ()) if in_library(called(call)) else ()
    given = {name: call.args[position] for name, position, _, _ in known if position < len(call.args)}
    given |= {str(name): keyword.value for name, keyword in keywords.items()}
    first = code.source(call.args[0]) if call.args else ""
    useless = set()
    if last.startswith("Conv"):  # a 1x1 kernel cannot be dilated, and no padding needs no mode
        useless |= {"dilation"} if "kernel_size" in given and code.source(given["kernel_size"]) == "1" else set()
        useless |= {"padding_mode"} if "padding" not in given else set()
    for name, _, default, others in known:
        for other in (text.format(first) for text in others.split()):
            if name in given:
                yield code.replace(given[name], other)
            elif other != default and default and name not in useless:
                yield _with_argument(code, call, f"{name}={other}")
    if last in ("clamp", "clamp_") and len(keywords) == 1:
        for bound, other in (("min", "max"), ("max", "min")):
            if bound in keywords:
                yield code.replace(keywords[bound], f"{other}={code.source(keywords[bound].value)}")
    if last in pytorch.REDUCTIONS and "dim" in keywords and "keepdim" not in keywords:
        yield _with_argument(code, call, "keepdim=True")


@_operator(ast.Call)
def drop_argument(code: Code, call: ast.Call) -> Written:
    """`torch.clamp(x, max=1)` becomes `torch.clamp(x)`: keywords, and the last argument that has no keyword."""
    given: list[ast.AST] = [*call.args, *call.keywords]
    droppable = given if called(call).endswith("nn.Sequential") else [*call.args[1:][-1:], *call.keywords]
    if called(call) not in _ABOUT_NAMES_AND_TYPES and len(given) > 1:
        yield from (code.without_item(given, given.index(argument)) for argument in droppable)


@_operator(ast.Call)
def swap_arguments(code: Code, call: ast.Call) -> Written:
    """`nn.Linear(inputs, outputs)` becomes `nn.Linear(outputs, inputs)`; in nn.Sequential any two neighbours."""
    if called(call) not in _ABOUT_NAMES_AND_TYPES | {"max", "min"}:
        pairs = list(pairwise(call.args))
        for first, second in pairs if called(call).endswith("nn.Sequential") else pairs[:1]:
            yield code.swap(first, second)


@_operator(ast.Call)
def swap_function(code: Code, call: ast.Call) -> Written:
    """`x.mean()` becomes `x.sum()`: a function that is easily taken for the right one."""
    for sibling in pytorch.SIBLINGS.get(last_name(call), ()):
        owner = f"{code.source(call.func.value)}." if isinstance(call.func, ast.Attribute) else ""
        yield code.replace(call.func, f"{owner}{sibling}")


@_operator(ast.Call)
def drop_call(code: Code, call: ast.Call) -> Written:
    """`x.clone().relu()` becomes `x.relu()`, `list(values)` becomes `values`, `torch.tensor(0.0)` becomes `0.0`."""
    name, is_statement = called(call), isinstance(code.parent(call), ast.Expr)  # a statement: see delete_statement
    if name in _CONVERSIONS and len(call.args) == 1:
        yield code.source(call.args[0])
    elif isinstance(call.func, ast.Attribute) and not in_library(name) and not is_of_self(name) and not is_statement:
        yield code.source(call.func.value)


# Conditions: negated, ignored, asked of the wrong thing.


@_operator(ast.Compare)
def swap_is_none(code: Code, comparison: ast.Compare) -> Written:
    """`x is None` becomes `x is not None`, and `not x`, which is something else for a tensor."""
    left = code.operand(comparison.left)
    match comparison:
        case ast.Compare(_, [ast.Is()], [ast.Constant(None)]):
            yield from (f"{left} is not None", f"not {left}")
        case ast.Compare(_, [ast.IsNot()], [ast.Constant(None)]):
            yield from (f"{left} is None", left)


@_operator(ast.Call)
def swap_isinstance(code: Code, call: ast.Call) -> Written:
    """`isinstance(layer, nn.Linear)` becomes `isinstance(layer, nn.Conv2d)`."""
    if called(call) == "isinstance" and len(call.args) == 2:
        for other in pytorch.CLASSES.get(code.source(call.args[1]), ["object"]):
            yield code.replace(call.args[1], other)


def _tests(node: Any) -> list[ast.expr]:
    """The conditions of a statement, a conditional expression or a comprehension."""
    return [test for part in node.generators for test in part.ifs] if hasattr(node, "generators") else [node.test]


@_operator(ast.If | ast.IfExp, COMPREHENSIONS)
def negate_condition(code: Code, node: ast.AST) -> Written:
    """`if found:` becomes `if not found:`, also in a conditional expression and in a comprehension."""
    for test in _tests(node):
        yield code.replace(test, f"not {code.operand(test)}")


@_operator(ast.If | ast.IfExp, COMPREHENSIONS, ast.BoolOp)
def force_condition(code: Code, node: ast.AST) -> Written:
    """`if found:` becomes `if True:`; a part of `a and b` is dropped; `a if found else b` becomes `a`, or `b`."""
    if isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            rest = node.values[:index] + node.values[index + 1 :]
            sign = " and " if isinstance(node.op, ast.And) else " or "
            yield sign.join(map(code.operand, rest)) if len(rest) > 1 else code.source(rest[0])
        return
    for test in _tests(node):
        yield code.replace(test, "True")
        if not isinstance(node, ast.If):  # without its `if`: see delete_statement
            yield code.replace(test, "False")


# What happens when: statements, loops, results.


def _is_step(code: Code, statement: ast.stmt) -> bool:
    """Whether a statement is in a function, and neither a docstring nor a definition."""
    is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    is_definition = isinstance(statement, (*FUNCTIONS, ast.ClassDef))
    return code.function(statement) is not None and not is_docstring and not is_definition


def _names(node: ast.AST, context: type[ast.expr_context] = ast.expr_context) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, context)}


def _is_missed(code: Code, name: str, statement: ast.stmt) -> bool:
    """Whether others need a name that only this statement binds."""
    function = code.functions(statement)[0]
    named = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    is_read = any(not isinstance(node.ctx, ast.Store) and statement not in code.ancestors(node) for node in named)
    return is_read and not code.is_bound_before(function, name, statement)


@_operator(ast.stmt)
def delete_statement(code: Code, statement: ast.stmt) -> Written:
    """A statement becomes `pass`, unless the next ones could not do without the names that it binds."""
    # A return at the end of a function takes the result along.
    is_result = isinstance(statement, ast.Return) and code.parent(statement) is code.function(statement)
    is_last = is_result and code.following(statement) is None
    if is_last or isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom) or not _is_step(code, statement):
        return
    if not any(_is_missed(code, name, statement) for name in _names(statement, ast.Store)):
        yield "pass"


@_operator(ast.stmt)
def swap_statements(code: Code, first: ast.stmt) -> Written:
    """Two statements that follow each other change places, unless the first binds a name that the second needs."""
    second = code.following(first) if _is_step(code, first) else None
    if second is None or code.indentation(second) is None:
        return
    needed = _names(first, ast.Store) & _names(second)
    is_fixed = any(isinstance(one, ast.Return | ast.Raise | ast.Import) for one in (first, second))
    makes_layers = code.is_in_init(first) and all(isinstance(one, ast.Assign) for one in (first, second))
    if not is_fixed and not makes_layers and not any(_is_missed(code, name, first) for name in needed):
        yield code.swap(first, second)


@_operator()
def stop_loop(code: Code, _: ast.Module) -> Written:
    """A loop ends after its first turn, or leaves out its first or its last item."""
    for loop in code.nodes(ast.For | ast.While):
        yield from code.insert_after(loop.body[-1], "break")
    parts = [part for comprehension in code.nodes(COMPREHENSIONS) for part in comprehension.generators]
    for sequence in (loop.iter for loop in [*code.nodes(ast.For), *parts]):
        for items in ("[1:]", "[:-1]"):
            yield code.replace(sequence, f"list({code.source(sequence)}){items}")


def _comes_next(code: Code, statement: ast.stmt) -> ast.stmt | None:
    """What is run after a statement; None for the end of the function. A loop is what follows its last statement."""
    following, parent = code.following(statement), code.parent(statement)
    if following is None and isinstance(parent, ast.If | ast.With):
        return _comes_next(code, parent)
    return parent if following is None and isinstance(parent, ast.For | ast.While) else following


@_operator(ast.stmt)
def return_early(code: Code, statement: ast.stmt) -> Written:
    """A function returns what it has so far."""
    function = code.function(statement)
    if function is None or function.name == "__init__" or not _is_step(code, statement):
        return
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    value = dotted(returned[-1]) if returned else ""
    is_known = not returned or value in [argument.arg for argument in arguments(function)]
    match statement:
        case ast.Return() | ast.Raise():
            return
        case ast.Assign([ast.Name(name), *_]) if returned:
            if name in code.tensors(function) or any(name in _names(each) for each in returned):
                value, is_known = name, True
    line, following = f"return {value}".strip(), _comes_next(code, statement)
    if is_known and line != ("return" if following is None else code.source(following)):
        yield from code.insert_after(statement, line)


@_operator(ast.Return, FUNCTIONS)
def change_return(code: Code, node: ast.Return | Function) -> Written:
    """`return a, b` becomes `return b, a`, `return a` and `return None`; what returns nothing returns something."""
    if isinstance(node, ast.Return):
        if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
            elements = [code.source(element) for element in node.value.elts]
            for text in (", ".join(reversed(elements)), *elements):
                yield code.replace(node.value, text)
        if node.value is not None:
            yield "return None"
        return
    names = [argument.arg for argument in arguments(node) if argument.arg != "self"]
    returns = any(isinstance(each, ast.Return | ast.Yield) for each in ast.walk(node))
    if names and not returns and node.name != "__init__":
        yield from code.insert_after(node.body[-1], f"return {names[0]}")


@_operator(ast.Return)
def return_copy(code: Code, statement: ast.Return) -> Written:
    """An argument that is changed and returned is replaced by a copy: at the start, or only when it is returned."""
    function = code.function(statement)
    name = statement.value.id if isinstance(statement.value, ast.Name) else ""
    if function is not None and name in [argument.arg for argument in arguments(function)]:
        first = function.body[0 if ast.get_docstring(function) is None else 1]
        for place in dict.fromkeys((first, statement)):
            yield from code.insert_before(place, "import copy", f"{name} = copy.deepcopy({name})")


# What outlives a call and must not.


def _store(code: Code, statement: ast.stmt) -> str:
    """Where state that outlives a call can be kept: the module object, or the globals of the file."""
    function = code.function(statement)
    if function is None or code.is_in_init(statement):
        return ""
    return "self.__dict__" if [argument.arg for argument in arguments(function)][:1] == ["self"] else "globals()"


@_operator(ast.Assign | ast.Return)
def keep_state(code: Code, statement: ast.Assign | ast.Return) -> Written:
    """`y = f(x)` becomes `y = self.__dict__.setdefault("kept", f(x))`: every call has the first call's result."""
    value, store = statement.value, _store(code, statement)
    if value is None or not store or isinstance(value, ast.Constant):
        return
    if isinstance(statement, ast.Return) or isinstance(statement.targets[0], ast.Name | ast.Tuple):
        inside = code.source(value)
        inside = f"({inside})" if isinstance(value, ast.Tuple) and not inside.startswith("(") else inside
        yield code.replace(value, f'{store}.setdefault("kept", {inside})')


@_operator(ast.Assign | ast.Return)
def add_previous(code: Code, statement: ast.Assign | ast.Return) -> Written:
    """What a call calculates is added to what the next call calculates in the same place."""
    value, store = statement.value, _store(code, statement)
    if value is None or not store or not code.is_calculated(value):
        return
    target = statement.targets[0] if isinstance(statement, ast.Assign) else ast.Name("result")
    if not isinstance(target, ast.Name):
        return
    add = f'{target.id}, {store}["last"] = {target.id} + {store}.get("last", 0), {target.id}.detach()'
    if isinstance(statement, ast.Assign):
        yield from code.insert_after(statement, add)
    else:
        returned = code.replace(value, "result")
        yield from code.insert_before(statement, f"result = {code.source(value)}", add, change=returned)


# What is written down as it is: names in strings, tuples and lists, defaults.


@_operator(FUNCTIONS)
def change_default(code: Code, function: Function) -> Written:
    """`def layer(n, bias=True)` becomes `def layer(n, bias=False)`."""
    for default in (*function.args.defaults, *function.args.kw_defaults):
        match default:
            case ast.Constant(bool(value)):
                yield code.replace(default, repr(not value))
            case ast.Constant(int(value) | float(value)):
                yield code.replace(default, repr(value + 1))
            case ast.Constant(str(value)):
                yield code.replace(default, repr(f"{value}_"))
            case ast.Constant():
                yield code.replace(default, "0")


@_operator(ast.Constant)
def change_string(code: Code, constant: ast.Constant) -> Written:
    """`"classifier"` becomes `"classifier_"`: strings that are names, dotted names or the dot between them."""
    name, is_said = constant.value, code.inside(constant, (ast.Raise, ast.JoinedStr, ast.Expr))
    if isinstance(name, str) and re.fullmatch(r"[A-Za-z_]\w*(?:\.\w+)*|\.", name) and not is_said:
        yield '"/"' if name == "." else f'"{name}_"'


@_operator(ast.Tuple | ast.List)
def drop_element(code: Code, display: ast.Tuple | ast.List) -> Written:
    """`("fc", "head")` becomes `("fc",)`; two neighbours change places; so it goes with the parts of an index."""
    elements, parent = display.elts, code.parent(display)
    in_brackets = code.source(display).startswith(("(", "["))
    is_whole = in_brackets or isinstance(parent, ast.Subscript)
    if not isinstance(display.ctx, ast.Load) or len(elements) < 2 or not is_whole:
        return
    for index in range(len(elements)):
        if len(elements) > 2 or isinstance(display, ast.List):
            yield code.without_item(elements, index)
        elif in_brackets:
            yield f"({code.source(elements[1 - index])},)"
    in_any_order = isinstance(parent, ast.keyword) and parent.arg in ("dim", "dims", "axis")
    for first, second in pairwise(elements) if not in_any_order else ():
        yield code.swap(first, second)
