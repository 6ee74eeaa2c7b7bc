"""Tells which expressions are tensors, from names and annotations alone: nothing is run.

A guess, and enough of one: a mutant that comes of a wrong guess is killed by the first call.
"""

from __future__ import annotations

import ast

from autograder.mutation.code import COMPREHENSIONS, Code, Function, called, dotted, in_library

# Methods and functions that give several tensors.
PARTS = frozenset({"chunk", "split", "unbind", "tensor_split"})

# Functions that make a tensor which has no history.
_MADE_OF = ("tensor", "zeros", "ones", "empty", "full", "rand", "randn", "randint", "arange", "linspace", "eye")
FACTORIES = frozenset(name for kind in _MADE_OF for name in (kind, f"{kind}_like", f"new_{kind}"))

_ABOUT_GRADIENTS = frozenset({"no_grad", "enable_grad", "inference_mode", "set_grad_enabled", "manual_seed"})
_ABOUT_TENSORS = frozenset(
    {"size", "dim", "numel", "item", "tolist", "is_tensor", "is_floating_point", "finfo", "device"}
)
_ABOUT_MODULES = frozenset({"parameters", "modules", "children", "buffers", "train", "eval", "get_submodule"})
_NOT_TENSORS = _ABOUT_GRADIENTS | _ABOUT_TENSORS | _ABOUT_MODULES | {f"named_{name}" for name in _ABOUT_MODULES}
_TENSOR_ATTRIBUTES = frozenset({"grad", "data", "weight", "bias", "T", "mT", "running_mean", "running_var"})


class Tensors:
    """The tensors of a module, function by function."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._names: dict[Function, list[str]] = {}
        self._several: dict[Function, set[str]] = {}
        for function in code.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
            self._read_function(function)

    def names(self, function: Function) -> list[str]:
        """Arguments and local variables that hold a tensor, in the order in which they first get one."""
        return self._names[function]

    def is_tensor(self, node: ast.expr) -> bool:
        """Whether an expression is, as far as one can see, a tensor."""
        if isinstance(node, ast.Name):
            return any(node.id in self._names.get(function, ()) for function in self._code.functions(node))
        if isinstance(node, ast.Call):
            return self._gives_tensor(node)
        if isinstance(node, ast.BinOp):
            return self.is_tensor(node.left) or self.is_tensor(node.right)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.is_tensor(node.operand)
        if isinstance(node, ast.IfExp):
            return self.is_tensor(node.body) or self.is_tensor(node.orelse)
        if isinstance(node, ast.Attribute):
            of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
            return node.attr in _TENSOR_ATTRIBUTES or (of_self and node.attr.startswith(("weight", "bias")))
        if isinstance(node, ast.Subscript):
            return self.is_tensor(node.value) or self.are_tensors(node.value)
        return False

    def are_tensors(self, node: ast.expr) -> bool:
        """Whether an expression is, as far as one can see, a tuple or list of tensors."""
        if isinstance(node, ast.Name):
            return any(node.id in self._several.get(function, ()) for function in self._code.functions(node))
        if isinstance(node, ast.Tuple | ast.List):
            return bool(node.elts) and all(self.is_tensor(element) for element in node.elts)
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return self.is_tensor(node.elt)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PARTS:
            return in_library(called(node)) or self.is_tensor(node.func.value)
        return False

    def _gives_tensor(self, call: ast.Call) -> bool:
        name = called(call)
        last = name.rpartition(".")[2]
        if last in _NOT_TENSORS or last in PARTS:
            return False
        if in_library(name):
            return last == "Parameter" or (last.islower() and not name.startswith("nn.init."))
        if isinstance(call.func, ast.Attribute):
            layer = name.count(".") == 1 and name.startswith("self.") and not self._code.is_in_init(call)
            return layer or self.is_tensor(call.func.value)
        return False

    def _read_function(self, function: Function) -> None:
        self._names[function], self._several[function] = [], set()
        arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        for argument in arguments:
            annotation = "" if argument.annotation is None else self._code.source(argument.annotation)
            if annotation.removeprefix("torch.") == "Tensor":
                self._names[function].append(argument.arg)
            elif "Tensor" in annotation:
                self._several[function].add(argument.arg)
        for node in self._code.nodes(ast.stmt, ast.expr):
            if function not in self._code.functions(node):
                continue
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bind(function, target, node.value)
            elif isinstance(node, ast.For):
                self._bind_each(function, node.target, node.iter)
            elif isinstance(node, COMPREHENSIONS):
                for generator in node.generators:
                    self._bind_each(function, generator.target, generator.iter)

    def _bind(self, function: Function, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one_target, one_value in zip(target.elts, value.elts, strict=True):
                self._bind(function, one_target, one_value)
        elif isinstance(target, ast.Tuple) and self.are_tensors(value):
            for one_target in target.elts:
                self._add(function, one_target)
        elif self.is_tensor(value):
            self._add(function, target)
        elif self.are_tensors(value) and isinstance(target, ast.Name):
            self._several[function].add(target.id)

    def _bind_each(self, function: Function, target: ast.expr, sequence: ast.expr) -> None:
        if self.are_tensors(sequence):
            self._add(function, target)

    def _add(self, function: Function, target: ast.expr) -> None:
        name = dotted(target)
        if isinstance(target, ast.Name) and name not in self._names[function]:
            self._names[function].append(name)
