"""The boundary that suites must not notice: every test holds for code in this process and for code in a worker."""

from __future__ import annotations

import itertools
from itertools import pairwise

import msgspec
import numpy
import pytest
import torch
from torch import nn

from autograder.sandbox import modules
from autograder.sandbox.session import Session, Source, SubjectError, SubjectMissing, SubjectNotLoaded, SuiteError
from autograder.suite.random import Random
from autograder.suite.subjects import ModuleProxy, Namespace
from autograder.suite.weights import ModuleInfo
from autograder.suite.wire import new

NETWORK = """
class Network(nn.Module):
    def __init__(self, width=3):
        super().__init__()
        self.first = nn.Linear(2, width)
        self.norm = nn.BatchNorm1d(width)
        self.second = nn.Linear(width, 2)

    def forward(self, x):
        return self.second(torch.tanh(self.norm(self.first(x))))
"""


@pytest.fixture
def network(load):
    """A network on the other side and the same one here, with the same weights."""
    there = load(NETWORK).Network(width=4).double()
    names = {"nn": nn, "torch": torch}
    exec(NETWORK, names)
    here = names["Network"](width=4).double()
    there.load_state_dict(here.state_dict())
    return there, here


# -- outputs ----------------------------------------------------------------------------------------------------------


def test_a_function_returns_what_it_computes(load):
    x = torch.randn(3)
    result = load("def f(x, power=1): return x ** power").f(x, power=3)
    assert type(result) is torch.Tensor
    assert torch.equal(result, x**3)


def test_a_module_returns_what_its_forward_computes(network):
    there, here = network
    x = torch.randn(5, 2, dtype=torch.float64)
    assert torch.equal(there(x), here(x))


@pytest.mark.parametrize(
    "expression",
    ["None", "True", "3", "2.5", "'text'", "(1, [2, None])", "{'a': (1,), 2: []}", "torch.float16", "float('inf')"],
)
def test_plain_data_is_returned_as_it_is(load, expression):
    assert repr(load(f"def f(): return {expression}").f()) == repr(eval(expression))


def test_tensors_are_returned_in_the_structure_they_were_in(load):
    a, (b, [c]) = load("def f(x): return {'a': x, 'b': (x + 1, [x.long()])}").f(torch.ones(2)).values()
    assert a.tolist() == [1.0, 1.0]
    assert b.tolist() == [2.0, 2.0]
    assert c.dtype is torch.int64


def test_what_is_no_data_stays_there_and_is_told_by_its_type(load):
    assert [kept.type_name for kept in load("def f(): return [object(), nn.ReLU, f, {1, 2}]").f()] == [
        "object",
        "type",
        "function",
        "set",
    ]


def test_a_generator_can_be_passed_in_and_run_through_only_once(load):
    subject = load("def f(tensors): return sum(1 for _ in tensors), sum(1 for _ in tensors)")
    assert subject.f(torch.zeros(1) for _ in range(3)) == (3, 0)


def test_an_output_that_is_returned_twice_is_the_same_object(load):
    first, second = load("def f(x): y = x + 1; return y, y").f(torch.zeros(2, requires_grad=True))
    assert first is second


def test_not_a_number_is_returned_where_the_code_has_it(load):
    result = load("def f(x): return x / x").f(torch.tensor([1.0, 0.0, -2.0]))
    assert result.isnan().tolist() == [False, True, False]


def test_sizes_of_inputs_are_free(load):
    subject = load("def f(x): return x.sum(0)")
    assert subject.f(torch.zeros(0, 3)).shape == (3,)
    assert subject.f(torch.tensor(2.0)).shape == ()


# -- gradients --------------------------------------------------------------------------------------------------------


def test_gradients_are_those_of_plain_autograd(network):
    there, here = network
    theirs, ours = (torch.ones(5, 2, dtype=torch.float64).cumsum(0).requires_grad_() for _ in range(2))
    upstream = torch.randn(5, 2, dtype=torch.float64)
    there(theirs).backward(upstream)
    here(ours).backward(upstream)
    assert torch.equal(theirs.grad, ours.grad)
    expected = {name: parameter.grad for name, parameter in here.named_parameters()}
    assert there.grads().keys() == expected.keys()
    assert all(torch.equal(there.grads()[name], grad) for name, grad in expected.items())


def test_gradients_go_through_to_what_the_input_was_computed_from(load):
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    (load("def f(x): return x.square()").f(leaf * 3) * 5).sum().backward()
    assert leaf.grad.tolist() == [90.0, 180.0]


def test_gradients_of_parameters_alone(load):
    module = load("class M(nn.Linear): pass").M(2, 1)
    module(torch.ones(4, 2)).sum().backward()
    assert module.grads()["weight"].tolist() == [[4.0, 4.0]]


def test_gradients_of_parameters_accumulate_until_they_are_cleared(load):
    module = load("class M(nn.Linear): pass").M(2, 1, bias=False)
    assert module.grads() == {"weight": None}
    for times in (1.0, 2.0):
        module(torch.ones(1, 2)).sum().backward()
        assert module.grads()["weight"].tolist() == [[times, times]]
    module.zero_grad()
    assert module.grads() == {"weight": None}


def test_an_unrolled_loop_goes_through_the_boundary_at_each_step(load):
    module = load("class Cell(nn.RNNCell): pass").Cell(2, 3).double()
    weights = module.state_dict()
    here = nn.RNNCell(2, 3).double()
    here.load_state_dict(weights)

    def unroll(cell):
        x = torch.linspace(-1, 1, 8, dtype=torch.float64).reshape(4, 1, 2).requires_grad_()
        h = start = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
        for step in x:
            h = cell(step, h)
        h.square().sum().backward()
        return h, x.grad, start.grad

    assert all(torch.allclose(a, b, rtol=1e-12, atol=0) for a, b in zip(unroll(module), unroll(here), strict=True))
    expected = {name: parameter.grad for name, parameter in here.named_parameters()}
    assert all(torch.allclose(module.grads()[name], grad, rtol=1e-12) for name, grad in expected.items())


def test_an_input_that_is_passed_twice_gets_both_gradients(load):
    x = torch.tensor([3.0], requires_grad=True)
    load("def f(a, b): return 2 * a + 5 * b").f(x, x).backward()
    assert x.grad.tolist() == [7.0]


def test_several_outputs_share_one_backward(load):
    x = torch.tensor([3.0], requires_grad=True)
    square, cube, index = load("def f(x): return x ** 2, x ** 3, x.long()").f(x)
    assert not index.requires_grad
    (square + cube).backward()
    assert x.grad.tolist() == [6.0 + 27.0]


def test_outputs_that_are_not_used_take_no_part(load):
    x = torch.tensor([3.0], requires_grad=True)
    _, cube = load("def f(x): return x ** 2, x ** 3").f(x)
    assert torch.autograd.grad(cube, x)[0].tolist() == [27.0]


def test_backward_can_be_asked_twice(load):
    x = torch.tensor([3.0], requires_grad=True)
    square = load("def f(x): return x ** 2").f(x)
    square.backward(retain_graph=True)
    square.backward()
    assert x.grad.tolist() == [12.0]


def test_gradcheck(load):
    module = load("class M(nn.Bilinear): pass").M(2, 3, 2).double()
    left = torch.linspace(-1, 1, 4, dtype=torch.float64).reshape(2, 2).requires_grad_()
    right = torch.linspace(-2, 1, 6, dtype=torch.float64).reshape(2, 3).requires_grad_()
    assert torch.autograd.gradcheck(module, (left, right))


def test_gradcheck_notices_a_wrong_backward(load):
    subject = load("""
class Wrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return 2 * x
    @staticmethod
    def backward(ctx, grad): return 3 * grad

def f(x): return Wrong.apply(x)
""")
    assert not torch.autograd.gradcheck(
        subject.f, torch.ones(2, dtype=torch.float64, requires_grad=True), raise_exception=False
    )


@pytest.mark.parametrize("code", ["x.detach() * 2", "x.long()", "torch.zeros(3)"])
def test_an_output_that_is_cut_off_requires_no_grad(load, code):
    assert not load(f"def f(x): return {code}").f(torch.ones(3, requires_grad=True)).requires_grad


def test_no_gradient_is_recorded_where_the_caller_wants_none(load):
    x = torch.ones(3, requires_grad=True)
    with torch.no_grad():
        assert not load("def f(x): return 2 * x").f(x).requires_grad


def test_an_input_without_influence_gets_no_gradient(load):
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    load("def f(x, y): return 2 * x").f(x, y).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert y.grad is None


def test_not_a_number_goes_through_backward(load):
    x = torch.tensor([0.0, 4.0], requires_grad=True)
    load("def f(x): return (0 * x).sqrt() + x").f(x).sum().backward()
    assert x.grad.isnan().tolist() == [True, True]


def test_an_exception_in_backward_is_told(load):
    subject = load("""
class Failing(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return 2 * x
    @staticmethod
    def backward(ctx, grad): raise ZeroDivisionError("in backward")

def f(x): return Failing.apply(x)
""")
    output = subject.f(torch.ones(2, requires_grad=True))
    with pytest.raises(SubjectError, match="ZeroDivisionError: in backward"):
        output.sum().backward()


# -- arguments --------------------------------------------------------------------------------------------------------

LEAVES = {
    "plain": lambda: torch.ones(2),
    "leaf": lambda: torch.ones(2, requires_grad=True),
    "parameter": lambda: nn.Parameter(torch.ones(2)),
    "result": lambda: torch.ones(2, requires_grad=True) * 2,
}


@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_a_leaf_is_a_leaf_for_the_code_and_a_result_a_result(load, make):
    x = make()
    subject = load("def f(x): return x.is_leaf, x.requires_grad, isinstance(x, nn.Parameter), x.grad_fn is not None")
    assert subject.f(x) == (x.is_leaf, x.requires_grad, isinstance(x, nn.Parameter), x.grad_fn is not None)


LAYOUTS = {
    "transposed": lambda x: x.transpose(0, 1),
    "channels last": lambda x: x.to(memory_format=torch.channels_last),
    "a crop": lambda x: x[:, 1:, 1:-1, :2],
    "every second row": lambda x: x[:, :, ::2],
    "expanded": lambda x: x[:, :1].expand(-1, 3, -1, -1),
    "contiguous": lambda x: x,
}


@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
@pytest.mark.parametrize("lie", LAYOUTS.values(), ids=LAYOUTS)
def test_a_tensor_lies_in_memory_as_it_does_for_the_caller(load, lie, make):
    x = lie((make().sum() * torch.randn(2, 3, 4, 5)).detach())
    x.requires_grad_(make().requires_grad)
    values, strides, contiguous = load("def f(x): return x, x.stride(), x.is_contiguous()").f(x)
    assert torch.equal(values, x)
    assert (strides, contiguous) == (x.stride(), x.is_contiguous())


def test_a_result_that_lies_otherwise_in_memory_can_be_written_into_and_gets_its_gradient(load):
    leaf = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    crop = (2 * leaf)[1:3, 1:5:2]
    output = load("def f(x): x *= 3; return x * x").f(crop)
    output.sum().backward()
    expected = torch.zeros_like(leaf)
    expected[1:3, 1:5:2] = 2 * 6 * 6 * leaf.detach()[1:3, 1:5:2]
    torch.testing.assert_close(leaf.grad, expected)


def test_a_gradient_lies_in_memory_as_it_does_for_the_caller(load):
    x = torch.ones(3, 2, requires_grad=True)
    x.grad = torch.randn(2, 3).t()
    strides, _ = load("def f(x): return x.grad.stride(), x.grad.mul_(2)").f(x)
    assert strides == (1, 3)
    assert x.grad.stride() == (1, 3)


def test_whether_gradients_are_switched_off_is_the_callers_decision(load):
    subject = load("def f(x): return torch.is_grad_enabled(), 2 * x")
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        enabled, output = subject.f(x)
    assert (enabled, output.requires_grad) == (False, False)
    enabled, output = subject.f(x)
    assert (enabled, output.requires_grad) == (True, True)


# -- what a call leaves behind ----------------------------------------------------------------------------------------

LEFT = {
    "torch.manual_seed(0)": {"reset": ["torch"]},
    "random.seed(0)": {"reset": ["random"]},
    "numpy.random.seed(0)": {"reset": ["numpy"]},
    "torch.set_default_dtype(torch.float64)": {"default_dtype": "float64"},
    "torch.set_grad_enabled(False)": {"grad_enabled": False},
}


@pytest.mark.parametrize(("line", "left"), LEFT.items(), ids=LEFT)
def test_what_a_call_leaves_behind_shows(load, line, left):
    subject = load(f"import random, numpy\ndef f(): {line}\ndef undo(): torch.set_default_dtype(torch.float32)")
    untouched = subject.world()
    subject.f()
    subject.world()
    subject.f()
    found = subject.world()
    subject.undo()
    assert found == msgspec.structs.replace(untouched, **left)


def test_code_that_draws_random_numbers_leaves_nothing_behind(load):
    subject = load("import random, numpy\ndef f(): torch.rand(3), random.random(), numpy.random.rand(2)")
    untouched = subject.world()
    for _ in range(3):
        subject.f()
        assert subject.world() == untouched


def test_the_same_tensor_is_the_same_object_for_the_code(load):
    x = torch.ones(2)
    assert load("def f(a, b, c): return a is b, a is c").f(x, x, x.clone()) == (True, False)


def test_a_gradient_is_there_for_the_code(load):
    x = torch.ones(2, requires_grad=True)
    x.grad = torch.tensor([3.0, 4.0])
    grad, nothing = load("def f(x, y): return x.grad, y.grad").f(x, torch.ones(2, requires_grad=True))
    assert grad.tolist() == [3.0, 4.0]
    assert nothing is None


def test_what_the_caller_does_later_does_not_reach_the_code(load):
    subject = load("kept = []\ndef keep(x): kept.append(x)\ndef look(): return kept[0]")
    x = torch.zeros(2)
    subject.keep(x)
    x += 1
    assert subject.look().tolist() == [0.0, 0.0]


def test_what_the_code_does_later_does_not_reach_the_caller(load):
    subject = load("kept = []\ndef keep(x): kept.append(x); return x\ndef change(): kept[0].add_(1)")
    x = torch.zeros(2)
    y = subject.keep(x)
    subject.change()
    assert x.tolist() == y.tolist() == [0.0, 0.0]


# -- effects on arguments ---------------------------------------------------------------------------------------------


def test_an_operation_in_place_shows_in_value_and_version(load):
    x = torch.zeros(2)
    load("def f(x): x.add_(1)").f(x)
    assert x.tolist() == [1.0, 1.0]
    assert x._version > 0


def test_writing_through_data_shows_in_value_only(load):
    x = torch.zeros(2)
    load("def f(x): x.data.add_(1)").f(x)
    assert x.tolist() == [1.0, 1.0]
    assert x._version == 0


@pytest.mark.parametrize("code", ["x + 1", "x.clone().add_(1)", "nn.functional.relu(x)"])
def test_an_argument_that_is_left_alone_keeps_value_and_version(load, code):
    x = torch.tensor([-1.0, torch.nan])
    load(f"def f(x): return {code}").f(x)
    assert x[0] == -1.0
    assert x._version == 0


def test_writing_the_same_value_in_place_shows_in_the_version(load):
    x = torch.tensor([-1.0, torch.nan])
    load("def f(x): x.mul_(1)").f(x)
    assert x._version > 0


def test_a_result_that_is_changed_in_place_shows_on_the_caller(load):
    x = torch.zeros(2, requires_grad=True) * 1
    before = x._version
    load("def f(x): return nn.functional.relu(x.add_(1), inplace=True)").f(x)
    assert x.tolist() == [1.0, 1.0]
    assert x._version > before


def test_a_leaf_that_requires_grad_cannot_be_changed_in_place(load):
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        load("def f(x): x.add_(1)").f(torch.zeros(2, requires_grad=True))


def test_a_tensor_deep_inside_the_arguments_is_changed(load):
    x = torch.zeros(2)
    load("def f(nested): nested['a'][0].fill_(7)").f({"a": [x]})
    assert x.tolist() == [7.0, 7.0]


@pytest.mark.parametrize("code", ["x.resize_(5)", "x.data = torch.zeros(5)", "x.data = torch.zeros(2).double()"])
def test_another_shape_or_dtype_in_place_is_refused(load, code):
    with pytest.raises(SubjectError, match="shape or dtype was changed in place"):
        load(f"def f(x): {code}").f(torch.zeros(2))


@pytest.fixture
def with_grad():
    """A parameter with the gradient [3, 4], and the gradient."""
    parameter = nn.Parameter(torch.ones(2))
    grad = parameter.grad = torch.tensor([3.0, 4.0])
    return parameter, grad


def test_a_gradient_changed_in_place_stays_the_same_tensor(load, with_grad):
    parameter, grad = with_grad
    load("def f(p): p.grad.mul_(2)").f(parameter)
    assert parameter.grad is grad
    assert grad.tolist() == [6.0, 8.0]
    assert grad._version > 0
    assert parameter.tolist() == [1.0, 1.0]


def test_a_gradient_rebound_is_another_tensor(load, with_grad):
    parameter, grad = with_grad
    load("def f(p): p.grad = p.grad * 2").f(parameter)
    assert parameter.grad is not grad
    assert parameter.grad.tolist() == [6.0, 8.0]
    assert grad.tolist() == [3.0, 4.0]


def test_a_gradient_cleared_is_none(load, with_grad):
    parameter, _ = with_grad
    load("def f(p): p.grad = None").f(parameter)
    assert parameter.grad is None


def test_a_gradient_made_is_there(load):
    parameter = nn.Parameter(torch.ones(2))
    load("def f(p): p.grad = torch.full((2,), 5.0)").f(parameter)
    assert parameter.grad.tolist() == [5.0, 5.0]


def test_a_gradient_left_alone_stays_as_it_is(load, with_grad):
    parameter, grad = with_grad
    load("def f(p): return p.grad + 1").f(parameter)
    assert parameter.grad is grad
    assert (grad.tolist(), grad._version) == ([3.0, 4.0], 0)


def test_gradients_are_changed_through_a_generator(load):
    parameters = [nn.Parameter(torch.ones(2)) for _ in range(3)]
    for parameter in parameters[:2]:
        parameter.grad = torch.ones(2)
    subject = load("def f(parameters):\n    for p in parameters:\n        p.grad is None or p.grad.zero_()")
    subject.f(parameter for parameter in parameters)
    assert parameters[0].grad.tolist() == parameters[1].grad.tolist() == [0.0, 0.0]
    assert parameters[2].grad is None


# -- objects ----------------------------------------------------------------------------------------------------------

OBJECTS = """
class Inner(nn.Module):
    pass

class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()
        self.num_classes = 10
        self.sizes = [1, (2, 3)]
        self.anything = object()

def same(module): return module
def inner(module): return module.inner
def both(module): return [module, {"again": (module,)}]
"""


def test_the_same_object_there_is_the_same_proxy_here(load):
    subject = load(OBJECTS)
    module = subject.Outer()
    assert subject.same(module) is module
    first, again = subject.both(module)
    assert first is module
    assert again["again"][0] is module
    assert subject.inner(module) is subject.inner(module)


def test_another_object_there_is_another_proxy_here(load):
    subject = load(OBJECTS)
    module = subject.Outer()
    assert subject.inner(module) is not module
    assert subject.Outer() is not module


def test_a_proxy_says_how_it_was_made(load):
    subject = load("class M(nn.Module):\n    def __init__(self, *args, **kwargs): super().__init__()")
    module = subject.M(3, [1, 2], torch.zeros(2, 3), act=new("torch.nn.ReLU"), name="x")
    assert repr(module) == module.asked == "M(3, [1, 2], tensor(2, 3), act=ReLU, name='x')"


def test_plain_attributes_can_be_asked_for(load):
    module = load(OBJECTS).Outer()
    assert module.attribute("num_classes") == 10
    assert module.attribute("sizes") == [1, (2, 3)]
    assert module.attribute("anything").type_name == "object"
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        module.attribute("nothing_of_that_name")


# -- library objects --------------------------------------------------------------------------------------------------


def test_library_objects_are_made_beside_the_code(load):
    subject = load("def replace(module): module.weight.data.zero_(); return module")
    module = subject.make("torch.nn.Linear", 3, 2, bias=False, dtype=torch.float64)
    assert module.asked == "Linear(bias=False)"
    assert module.parameters_by_name()["weight"].dtype is torch.float64
    assert subject.replace(module) is module
    assert module.state_dict()["weight"].tolist() == [[0.0] * 3] * 2


def test_library_objects_are_made_of_others(load):
    module = load("").sequential(features=new("torch.nn.Conv2d", 3, 4, 1), classifier=new("torch.nn.Flatten"))
    assert {name: info.type for name, info in module.modules_by_name().items()} == {
        "": "Sequential",
        "features": "Conv2d",
        "classifier": "Flatten",
    }
    assert module(torch.zeros(2, 3, 5, 5)).shape == (2, 100)


def test_library_objects_are_passed_to_the_code(load):
    subject = load("def names(module, kind): return type(module).__name__, kind.__name__, isinstance(module, kind)")
    assert subject.names(new("torch.nn.ReLU"), new("torch.nn.Module", as_is=True)) == ("ReLU", "Module", True)


def test_models_on_the_meta_device_have_shapes_but_no_values(load):
    model = load("").make("torch.nn.Linear", 1 << 20, 1 << 20, device="meta")
    weight = model.parameters_by_name()["weight"]
    assert (weight.shape, weight.device, weight.value, weight.grad) == ((1 << 20, 1 << 20), "meta", None, None)
    assert model.state_dict() == {}


def test_parts_of_a_model_on_the_meta_device_can_be_given_values(load):
    small = {"classifier.1": new("torch.nn.Linear", 2, 3), "features": new("torch.nn.Conv2d", 3, 2, 1)}
    model = load("").make("torchvision.models.MobileNetV2", num_classes=5, device="meta", parts=small).eval()
    assert {info.device for info in model.parameters_by_name().values()} == {"cpu"}
    assert list(model.state_dict()) == ["features.weight", "features.bias", "classifier.1.weight", "classifier.1.bias"]
    assert model(torch.randn(2, 3, 4, 4)).shape == (2, 3)


def test_a_part_that_there_is_no_place_for_is_an_error(load):
    with pytest.raises(AttributeError, match="nowhere"):
        load("").make("torch.nn.Linear", 2, 3, parts={"nowhere.inside": new("torch.nn.ReLU")})


def test_parameters_are_frozen_and_released(network):
    there, _ = network
    assert there.requires_grad_(False) is there
    there.inside("norm").requires_grad_()
    trains = [name for name, info in there.parameters_by_name().items() if info.requires_grad]
    assert trains == ["norm.weight", "norm.bias"]


def test_tensors_on_the_meta_device_go_through_the_boundary(load):
    output = load("def f(x): return x.flatten(1)").f(torch.empty(7, 1 << 20, 1 << 10, device="meta"))
    assert output.is_meta
    assert output.shape == (7, 1 << 30)


def test_models_of_torchvision_are_made(load):
    model = load("").make("torchvision.models.squeezenet1_1", weights=None, num_classes=5, device="meta")
    assert model(torch.empty(2, 3, 64, 64, device="meta")).shape == (2, 5)


@pytest.mark.parametrize(
    "name", ["os.system", "builtins.eval", "subprocess.run", "torch_extension.run", "autograder.cli.main"]
)
def test_nothing_outside_the_libraries_is_made(load, name):
    with pytest.raises(ValueError, match="outside the libraries"):
        load("").make(name, "true")


# -- what stays where it was made -------------------------------------------------------------------------------------

KEEPING = """
def optimizer_for(model, lr): return torch.optim.SGD(model.parameters(), lr=lr)
def adder(n): return lambda x: x + n
def apply(function, *values): return [function(value) for value in values]
def pair(x): return x, x
def same_object(one, other): return one is other
"""


def test_any_object_is_passed_back_called_and_asked(load):
    subject = load(KEEPING)
    add = subject.adder(3)
    assert add(4) == 7
    assert subject.apply(add, 1, 2) == [4, 5]
    optimizer = subject.optimizer_for(subject.make("torch.nn.Linear", 2, 1), lr=0.5)
    assert optimizer.type_name == "SGD"
    assert optimizer.attribute("defaults")["lr"] == 0.5
    assert optimizer.method("zero_grad", set_to_none=True) is None
    with pytest.raises(AttributeError, match="no_such_method"):
        optimizer.method("no_such_method")


def test_identity_is_asked_of_objects_there(load):
    subject = load(KEEPING)
    add, other = subject.adder(1), subject.adder(1)
    first, again = subject.pair(add)
    assert first == again == add
    assert first != other
    assert subject.same_object(add, first)
    assert {add, first, other} == {add, other}


def test_a_parameter_can_be_asked_whether_it_is_still_the_same_object(load):
    subject = load(
        "def keep(model): model.weight.data.mul_(2); return model\n"
        "def renew(model): model.weight = nn.Parameter(model.weight * 2); return model"
    )
    model = subject.make("torch.nn.Linear", 2, 1)
    before = model.handle("weight")
    assert subject.keep(model).handle("weight") == before
    assert subject.renew(model).handle("weight") != before


def test_a_function_that_is_missing_is_missing_as_an_argument_too(load):
    subject = load(KEEPING)
    with pytest.raises(SubjectMissing, match="does not define `absent`"):
        subject.apply(subject.absent, 1)


def test_functions_of_the_file_are_passed_as_themselves(load):
    subject = load(KEEPING)
    assert subject.apply(subject.pair, 1) == [(1, 1)]
    assert subject.same_object(subject.pair, subject.pair)


def test_a_tensor_that_comes_back_is_the_callers_own(load):
    subject = load("def same(x): return x\ndef fill(x): return x.fill_(7)\ndef copy(x): return x.clone()")
    x = torch.zeros(2)
    assert subject.same(x) is x
    assert subject.fill(x) is x
    assert x.tolist() == [7.0, 7.0]
    assert subject.copy(x) is not x
    leaf = torch.zeros(2, requires_grad=True)
    result = leaf * 2
    assert subject.same(result) is result
    result.sum().backward()
    assert leaf.grad.tolist() == [2.0, 2.0]


def test_a_result_that_was_changed_in_place_keeps_its_history(load):
    leaf = torch.ones(2, requires_grad=True)
    load("def f(x): return x.mul_(3)").f(leaf * 2).sum().backward()
    assert leaf.grad.tolist() == [6.0, 6.0]


@pytest.mark.parametrize(
    "value", [lambda x: x, torch.optim.SGD, nn.ReLU(), {1}, object()], ids=lambda v: type(v).__name__
)
def test_what_cannot_travel_is_the_suites_error_and_reaches_nobody(load, value):
    subject = load("called = []\ndef f(*args): called.append(args)\ndef count(): return len(called)")
    with pytest.raises(SuiteError, match="cannot be passed to the other side"):
        subject.f([1, value])
    assert subject.count() == 0


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("a\ud800", "half a character"),
        ({torch.float32: 1}, r"a key of type torch\.dtype cannot"),
        ({torch.ones(1): 1}, r"a key of type torch\.Tensor cannot"),
        ({n + 0.5: n for n in range(4001)}, "too many keys"),
        (numpy.bool_(True), r"a value of type numpy\.bool"),
        (torch.eye(2).to_sparse(), "a sparse tensor"),
        (torch.ones(2).as_subclass(type("Mine", (torch.Tensor,), {})), "Mine of layout strided: a subclass"),
        (torch.ones(2).to(torch.uint16), "dtype uint16"),
    ],
    ids=str,
)
def test_what_would_arrive_as_something_else_is_the_suites_error(load, value, told):
    subject = load("called = []\ndef f(*args): called.append(args)\ndef count(): return len(called)")
    with pytest.raises(SuiteError, match=told):
        subject.f([1, value])
    assert subject.count() == 0


def test_an_iterator_without_end_is_the_suites_error(load):
    with pytest.raises(SuiteError, match="does not end"):
        load("def f(x): return 1").f(itertools.count())


def test_a_state_that_cannot_travel_is_the_suites_error(load):
    with pytest.raises(SuiteError, match="dtype uint16"):
        load("").make("torch.nn.Linear", 2, 1).load_state_dict({"weight": torch.ones(1, 2).to(torch.uint16)})


@pytest.mark.parametrize("transform", [torch.func.vmap, torch.func.grad], ids=["vmap", "grad"])
def test_transforms_of_the_suite_do_not_reach_the_code(load, transform):
    subject = load("def f(x): return x.square().sum()")
    with pytest.raises(SuiteError, match=r"torch\.func's transforms"):
        transform(subject.f)(torch.ones(3))


@pytest.mark.parametrize("under", [torch.inference_mode, lambda: torch.autocast("cpu", torch.bfloat16)])
def test_modes_that_do_not_reach_the_code_are_the_suites_error(load, under):
    subject = load("def f(x): return x @ x")
    with under(), pytest.raises(SuiteError, match="do not reach the other side"):
        subject.f(torch.ones(2, 2))


def test_an_attribute_cannot_be_set_on_this_side_alone(load):
    with pytest.raises(AttributeError):
        load(OBJECTS).Outer().width = 3


def test_what_was_made_in_an_earlier_test_is_no_object_of_this_one(load):
    subject, x = load(OBJECTS), torch.ones(2, requires_grad=True)
    earlier, result = subject.Outer(), subject.make("torch.nn.Linear", 2, 1)(x)
    subject._session.begin("the next test")
    subject = Namespace(subject._session, subject.rng)
    assert subject.Outer() != earlier
    for use in (earlier, earlier.state_dict, lambda: subject.same(earlier), result.sum().backward):
        with pytest.raises(SuiteError, match="in an earlier test"):
            use()


def test_what_belongs_to_other_code_cannot_be_passed(load):
    one, other = load(OBJECTS), load(OBJECTS)
    mine, theirs = one.Outer(), other.Outer()
    for foreign in (theirs, other.same):
        with pytest.raises(SuiteError, match="belongs to the code of"):
            one.same(foreign)
    assert one.same(mine) is mine
    assert mine != theirs


def test_a_number_that_nobody_gave_is_refused(load):
    subject = load(OBJECTS)
    forged = ModuleProxy(subject, 99, "forged", "Outer")
    with pytest.raises(SubjectError, match="no such object"):
        subject.same(forged)


@pytest.mark.parametrize("value", ["'x' * 10", "b'bytes'", "{0.5: 1, 'a': None}", "Point(1, 'b')", "Pair(1, (2,))"])
def test_all_plain_data_travels_both_ways(load, value):
    subject = load(
        "from dataclasses import dataclass\nfrom typing import Any, NamedTuple\n\n"
        "@dataclass\nclass Point:\n    x: Any\n    y: Any\n\n"
        "class Pair(NamedTuple):\n    first: Any\n    second: Any\n\n"
        f"def there(): return {value}\ndef and_back(value): return value"
    )
    here = {
        "Point(1, 'b')": {"x": 1, "y": "b"},
        "Pair(1, (2,))": (1, (2,)),
    }
    expected = here[value] if value in here else eval(value)
    assert subject.there() == expected
    assert subject.and_back(expected) == expected


@pytest.mark.parametrize(
    "code",
    [
        "[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]",
        "10 ** 500",
        "torch.zeros(2).to(torch.float8_e5m2)",
        "{nn.Parameter(torch.ones(1)): 1}",
        "'a\\ud800'",
        "torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])",
    ],
)
def test_data_that_cannot_travel_is_an_error_of_the_code(load, code):
    with pytest.raises(TypeError):
        load(f"def f(): return {code}").f()


LARGEST = {"depth": lambda n: "[" * n + "]" * n, "keys": lambda n: f"{{n + 0.5: n for n in range({n})}}"}


@pytest.mark.parametrize(("code", "most"), [(LARGEST["depth"], 8), (LARGEST["keys"], 1000)], ids=LARGEST)
def test_what_the_code_may_return_a_suite_can_pass_on_among_other_values(load, code, most):
    """Else code that returns what is only just small enough could have the suite blamed."""
    subject = load(f"def f(): return {code(most)}\ndef g(): return {code(most + 1)}\ndef count(x): return len(x)")
    with pytest.raises(TypeError):
        subject.g()
    returned = subject.f()
    assert subject.count([(returned,), {"again": [returned]}]) == 2


# -- what stands beside the code --------------------------------------------------------------------------------------

TRAINING = """
import torch

def train(step, model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    before = [id(parameter) for parameter in model.parameters()]
    losses = [float(step(model, optimizer, x)) for x in batches]
    return losses, before == [id(parameter) for parameter in model.parameters()]

def bare(function, x):
    with torch.no_grad():
        return function(x).requires_grad
"""
STEP = """
def step(model, optimizer, x):
    optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()
    return loss.detach()

def double(x): return 2 * x
"""


def test_a_suites_own_functions_run_beside_the_code(load):
    subject = load(STEP, beside=TRAINING)
    model = subject.make("torch.nn.Linear", 2, 1)
    losses, same = subject.beside.train(subject.step, model, [torch.ones(3, 2)] * 3, lr=0.1)
    assert losses[0] > losses[1] > losses[2]
    assert same
    assert subject.beside.bare(subject.double, torch.ones(2, requires_grad=True)) is False


def test_what_the_file_does_to_the_suites_functions_does_not_reach_them(load):
    attack = (
        "import sys\nfor name in list(sys.modules):\n    if name.endswith('_beside'):\n        del sys.modules[name]\n"
    )
    subject = load(attack + STEP + "def train(*args): return 'forged'\n", beside=TRAINING)
    losses, same = subject.beside.train(subject.step, subject.make("torch.nn.Linear", 2, 1), [torch.ones(3, 2)], lr=0.1)
    assert (len(losses), same) == (1, True)


def test_an_exception_beside_the_code_tells_the_codes_own_lines(load):
    subject = load("def step(*args): raise ValueError('no step')", beside=TRAINING)
    with pytest.raises(ValueError, match="no step") as caught:
        subject.beside.train(subject.step, subject.make("torch.nn.Linear", 2, 1), [torch.ones(3, 2)], lr=0.1)
    assert [frame.text for frame in caught.value.frames] == ["def step(*args): raise ValueError('no step')"]


def test_without_a_suites_own_file_there_is_nothing_beside(load):
    with pytest.raises(SubjectError):
        load("").beside.train()


# -- devices and higher derivatives -----------------------------------------------------------------------------------


def test_the_codes_classes_are_built_on_meta(load):
    subject = load("class Big(nn.Module):\n    def __init__(self, n): super().__init__(); self.fc = nn.Linear(n, n)\n")
    weight = subject.on("meta").Big(1 << 20).parameters_by_name()["fc.weight"]
    assert (weight.device, weight.shape) == ("meta", (1 << 20, 1 << 20))
    assert subject.Big(2).parameters_by_name()["fc.weight"].device == "cpu"


def test_gradients_on_meta_have_no_values(load):
    model = load("").make("torch.nn.Linear", 2, 1, device="meta")
    model(torch.ones(1, 2, device="meta")).sum().backward()
    assert model.grads() == {"weight": None, "bias": None}


def test_a_call_is_differentiated_twice(load):
    x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    cubes = load("def cube(x): return x ** 3").cube(x)
    (first,) = torch.autograd.grad(cubes.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = torch.autograd.grad(second.sum(), x)
    assert first.tolist() == [3.0, 12.0]
    assert second.tolist() == [6.0, -12.0]
    assert third.tolist() == [6.0, 6.0]


def test_gradgradcheck(load):
    module = load("class M(nn.Bilinear): pass").M(2, 3, 2).double()
    left = torch.linspace(-1, 1, 4, dtype=torch.float64).reshape(2, 2).requires_grad_()
    right = torch.linspace(-2, 1, 6, dtype=torch.float64).reshape(2, 3).requires_grad_()
    assert torch.autograd.gradgradcheck(module, (left, right))


REVERSAL = """
class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.view_as(x)
    @staticmethod
    def backward(ctx, grad): return {backward}

def f(x): return Reverse.apply(x)
"""


def test_a_function_of_ones_own_is_differentiated_twice(load):
    x = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    y = load(REVERSAL.format(backward="-grad")).f(x)
    (first,) = torch.autograd.grad((y**3).sum(), x, create_graph=True)
    assert first.tolist() == [-12.0]
    # The gradient is reversed on the way back through it, too.
    assert torch.autograd.grad(first.sum(), x)[0].tolist() == [12.0]


def test_a_gradient_that_is_cut_off_is_not_differentiated_again(load):
    x = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    y = load(REVERSAL.format(backward="-grad.detach()")).f(x)
    (first,) = torch.autograd.grad((y**3).sum(), x, create_graph=True)
    assert first.tolist() == [-12.0]
    assert not first.requires_grad


def test_a_hook_on_an_argument_shows_on_the_callers_tensor(load):
    subject = load("def reverse(x): x.register_hook(lambda grad: -grad); return x * 1\ndef plain(x): return x * 1")
    x = torch.ones(2, requires_grad=True) * 1
    subject.plain(x)
    assert not x._backward_hooks
    subject.reverse(x)
    assert x._backward_hooks


def test_a_leaf_that_requires_grad_from_now_on_shows(load):
    x = torch.ones(2)
    load("def f(x): x.requires_grad_()").f(x)
    assert x.requires_grad


# -- state ------------------------------------------------------------------------------------------------------------


def test_state_is_told_as_copies(network):
    there, here = network
    state = there.state_dict()
    assert state.keys() == here.state_dict().keys()
    assert all(torch.equal(state[name], value) for name, value in here.state_dict().items())
    state["first.weight"].zero_()
    assert there.state_dict()["first.weight"].any()


def test_parameters_are_described(load):
    module = load(NETWORK).Network()
    module(torch.ones(2, 2)).sum().backward()
    parameter = module.parameters_by_name()["first.weight"]
    assert (parameter.shape, parameter.dtype, parameter.device) == ((3, 2), torch.float32, "cpu")
    assert parameter.requires_grad
    assert torch.equal(parameter.value, module.state_dict()["first.weight"])
    assert torch.equal(parameter.grad, module.grads()["first.weight"])


def test_parameters_are_described_without_values_where_none_are_wanted(load):
    module = load("class M(nn.Linear): pass").M(2, 3)
    described = module.parameters_by_name(values=False)
    assert [(name, info.shape, info.value) for name, info in described.items()] == [
        ("weight", (3, 2), None),
        ("bias", (3,), None),
    ]


def test_frozen_parameters_show(load):
    module = load("def freeze(module): return module.requires_grad_(False)").freeze(new("torch.nn.Linear", 2, 2))
    assert not any(info.requires_grad for info in module.parameters_by_name().values())


BUFFERS = """
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kept", torch.ones(2))
        self.register_buffer("passing", torch.zeros(2), persistent=False)
    def forward(self, x):
        self.kept += x
        return self.kept
"""


def test_buffers_are_told_and_only_persistent_ones_are_state(load):
    module = load(BUFFERS).M()
    module(torch.ones(2))
    assert {name: buffer.tolist() for name, buffer in module.buffers_by_name().items()} == {
        "kept": [2.0, 2.0],
        "passing": [0.0, 0.0],
    }
    assert list(module.state_dict()) == ["kept"]
    assert module.parameters_by_name() == {}


def test_modules_are_told_with_type_and_mode(load):
    module = load(NETWORK).Network().eval()
    assert module.modules_by_name() == {
        "": ModuleInfo("Network", False),
        "first": ModuleInfo("Linear", False),
        "norm": ModuleInfo("BatchNorm1d", False),
        "second": ModuleInfo("Linear", False),
    }


def test_modes_and_dtypes_are_set_there_and_the_proxy_is_returned(load):
    module = load("class M(nn.Linear):\n    def mode(self): pass\n    def forward(self, x): return self.training").M(
        2, 2
    )
    assert module.train() is module.eval() is module.double() is module.float() is module.zero_grad() is module
    assert (module.training, module(0)) == (False, False)
    module.train()
    assert (module.training, module(0)) == (True, True)
    assert module.double().parameters_by_name()["weight"].dtype is torch.float64
    assert module.float().parameters_by_name()["weight"].dtype is torch.float32


REFUSES = """
class M(nn.Linear):
    def train(self, mode=True):
        if not mode:
            raise ValueError("never")
        return super().train(mode)
"""


def test_what_a_module_raises_when_it_is_set_is_the_answer_to_the_next_question(load):
    module = load(REFUSES).M(2, 2)
    module.eval()
    with pytest.raises(ValueError, match="never"):
        module.parameters_by_name()
    assert module.train().double()(torch.ones(1, 2).double()).dtype is torch.float64


def test_a_module_is_set_before_another_one_is_asked(load):
    names = load("class M(nn.Linear): pass\ndef mode(module): return module.training")
    one, other = names.M(2, 2), names.M(2, 2)
    one.eval()
    other.eval().train()
    assert (names.mode(one), names.mode(other)) == (False, True)


def test_what_was_to_be_set_ends_with_its_check(open_session):
    session = open_session(f"import torch\nfrom torch import nn\n{REFUSES}")
    for _ in range(2):
        session.begin("test")
        Namespace(session, Random(0, "test")).M(2, 2).eval()
    session.begin("test")
    assert Namespace(session, Random(0, "test")).M(2, 2).attribute("training")


def test_values_are_loaded_by_name(load):
    module = load("class M(nn.Linear): pass").M(2, 1)
    module.load_state_dict({"bias": torch.tensor([5.0]), "weight": torch.tensor([[1.0, 2.0]])})
    assert module(torch.tensor([10.0, 1.0])).item() == 17.0


@pytest.mark.parametrize("layer", ["nn.Linear(3, 2)", "nn.Conv2d(3, 2, 1)"])
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 1, 1)], ids=str)
def test_a_linear_weight_and_that_of_a_pointwise_convolution_are_interchangeable(load, layer, shape):
    module = load(f"class M(nn.Module):\n    def __init__(self): super().__init__(); self.fc = {layer}").M()
    module.load_state_dict({"fc.weight": torch.arange(6.0).reshape(shape), "fc.bias": torch.zeros(2)})
    assert module.state_dict()["fc.weight"].flatten().tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("tracking", [True, False])
def test_the_count_of_batches_is_optional(load, given, tracking):
    norm = nn.BatchNorm1d(2)
    norm.num_batches_tracked = torch.tensor(5) if given else None
    module = load(f"""
class M(nn.BatchNorm1d):
    def __init__(self):
        super().__init__(2)
        self.num_batches_tracked = torch.tensor(0) if {tracking} else None
""").M()
    module.load_state_dict(norm.state_dict())
    assert {"running_mean", "running_var"} <= module.state_dict().keys()


def test_a_layer_under_two_names_is_nothing_unexpected(load):
    module = load("""
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
        self.steps = nn.Sequential(self.fc, nn.ReLU())
    def forward(self, x): return self.steps(x)
""").M()
    module.load_state_dict({"fc.weight": torch.tensor([[1.0, 2.0]]), "fc.bias": torch.zeros(1)})
    assert module(torch.ones(2)).item() == 3.0
    assert list(module.parameters_by_name()) == ["fc.weight", "fc.bias"]
    assert list(module.grads()) == ["fc.weight", "fc.bias"]


def test_names_and_shapes_are_compared_without_a_copy(load):
    names = load(NETWORK)
    one, other, wide = names.Network(width=4), names.Network(width=4), names.Network(width=5)
    before, (entries, trained) = other.state_dict(), one.layout()
    assert trained == list(one.parameters_by_name())
    assert other.mismatch_of_layout(entries) == []
    assert wide.mismatch_of_layout(entries)[0] == "`first.weight` has shape (5, 2), expected (4, 2)"
    assert all(torch.equal(value, before[name]) for name, value in other.state_dict().items())


def test_random_weights_are_loaded_in_two_steps(load):
    network = load(NETWORK).Network(width=4).double()
    seen = [network.state_dict()]
    for step in network.drawn(Random(3, "weights")).in_two_steps():
        network.load_state_dict(step)
        seen.append(network.state_dict())
    changed = [
        {name for name in after if not torch.equal(before[name], after[name])} for before, after in pairwise(seen)
    ]
    assert min(map(len, changed)) >= 2
    assert changed[0].isdisjoint(changed[1])
    assert changed[0] | changed[1] == {name for name in seen[0] if not name.endswith("num_batches_tracked")}


def test_random_weights_are_the_same_on_both_sides_and_do_not_travel(load):
    there = load(NETWORK).Network(width=4).double()
    drawn = there.drawn(Random(3, "weights"))
    here = {"nn": nn, "torch": torch}
    exec(NETWORK, here)
    module = here["Network"](width=4).double()
    assert modules.load(module, {}, drawn.entries, drawn.draw).loaded
    there.load_state_dict(drawn)
    assert all(torch.equal(there.state_dict()[name], value) for name, value in module.state_dict().items())
    assert all(torch.equal(there.state_dict()[name], value) for name, value in drawn.values().items())


def test_random_weights_need_nothing_of_torch_that_an_exercise_may_forbid(open_line):
    forbidden = ["torch.ops.aten.normal*", "torch.ops.aten.rand*", "torch.ops.aten.uniform*", "torch.rand*"]
    source = Source("exercise", "exercise.py", "x = 1")
    session = Session(source, open_line(), forbidden=forbidden, take_away=True)
    session.begin("test")
    network = Namespace(session, Random(0, "test")).make("torch.nn.BatchNorm1d", 3)
    network.load_state_dict(network.drawn(Random(3, "weights")))
    assert session.seen == ()


def test_random_weights_that_do_not_fit_are_told(load):
    drawn = load(NETWORK).Network(width=4).drawn(Random(3, "weights"))
    names = load("class Network(nn.Linear): pass").Network(2, 4).mismatch(drawn)
    assert names[0].startswith("no parameter or buffer is called `first.weight`, `first.bias`, `norm.weight`")
    assert "`first.weight` has shape (5, 2), expected (4, 2)" in load(NETWORK).Network(width=5).mismatch(drawn)


def test_a_bias_too_many_is_set_to_zero_and_told(load):
    module = load("""
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
    def forward(self, x): return self.fc(x)
""").M()
    values = {"fc.weight": torch.tensor([[1.0, 2.0]])}
    module.load_state_dict(values)
    assert module(torch.ones(2)).item() == 3.0
    assert module.mismatch(values) == ["`fc.bias` is not asked for"]


MISMATCHES = {
    "missing": ({"scale": (1,)}, "no parameter or buffer is called `scale`"),
    "several missing": ({"a": (1,), "b": (1,)}, "no parameter or buffer is called `a`, `b`"),
    "many missing": (
        {f"w{n}": (1,) for n in range(8)},
        "no parameter or buffer is called `w0`, `w1`, `w2`, `w3`, `w4`, `w5` and 2 more",
    ),
    "unexpected": ({"bias": None}, "`bias` is not asked for"),
    "several unexpected": ({"weight": None, "bias": None}, "`weight`, `bias` are not asked for"),
    "misshapen": ({"weight": (2, 3)}, "`weight` has shape (3, 2), expected (2, 3)"),
    "one dimension more": ({"weight": (3, 2, 1)}, "`weight` has shape (3, 2), expected (3, 2, 1)"),
    "several slips": (
        {"bias": None, "b": (3,), "weight": (3, 3)},
        "no parameter or buffer is called `b`; `bias` is not asked for; `weight` has shape (3, 2), expected (3, 3)",
    ),
}


@pytest.mark.parametrize(("changes", "message"), MISMATCHES.values(), ids=MISMATCHES)
def test_a_state_that_does_not_fit_is_told_and_nothing_is_loaded(load, changes, message):
    module = load("class M(nn.Linear): pass").M(2, 3)
    before = module.state_dict()
    shapes = {"weight": (3, 2), "bias": (3,), **changes}
    values = {name: torch.full(shape, 7.0) for name, shape in shapes.items() if shape is not None}
    with pytest.raises(SubjectError) as caught:
        module.load_state_dict(values)
    assert caught.value.text == f"M(2, 3): {message}"
    assert module.mismatch(values) == message.split("; ")
    assert all(torch.equal(module.state_dict()[name], value) for name, value in before.items())


# -- exceptions -------------------------------------------------------------------------------------------------------

BUILTIN = [
    ArithmeticError,
    AttributeError,
    FileNotFoundError,
    FloatingPointError,
    ImportError,
    IndentationError,
    IndexError,
    KeyError,
    MemoryError,
    NameError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
    ZeroDivisionError,
]


@pytest.mark.parametrize("kind", BUILTIN, ids=lambda kind: kind.__name__)
def test_an_exception_is_of_the_built_in_type_that_was_raised(load, kind):
    subject = load(f"def f(): raise {kind.__name__}('what is wrong')")
    with pytest.raises(kind, match="what is wrong") as caught:
        subject.f()
    assert isinstance(caught.value, SubjectError)
    assert caught.value.type_name == kind.__name__


def test_an_exception_of_their_own_is_of_the_nearest_built_in_type(load):
    subject = load("class BadSize(ValueError): pass\ndef f(): raise BadSize('seven')")
    with pytest.raises(ValueError, match="BadSize: seven") as caught:
        subject.f()
    assert (caught.value.type_name, caught.value.text) == ("BadSize", "seven")


def test_an_exception_that_is_made_of_more_than_a_text_is_of_the_type_above_it(load):
    with pytest.raises(ValueError, match="text") as caught:
        load("def f(): raise UnicodeError('text')").f()
    assert isinstance(caught.value, SubjectError)
    assert caught.value.type_name == "UnicodeError"


@pytest.mark.parametrize(
    "kind", ["AssertionError", "SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "Exception"]
)
def test_an_exception_that_would_mean_something_here_is_only_an_error_of_the_subject(load, kind):
    subject = load(f"def f(): raise {kind}('text')")
    with pytest.raises(SubjectError) as caught:
        subject.f()
    assert type(caught.value) is SubjectError
    assert caught.value.type_name == kind
    assert not isinstance(caught.value, AssertionError)


def test_an_exception_that_only_looks_like_a_built_in_one_is_none(load):
    subject = load("class ValueError(Exception): pass\ndef f(): raise ValueError('text')")
    with pytest.raises(SubjectError) as caught:
        subject.f()
    assert type(caught.value) is SubjectError


def test_an_exception_tells_the_lines_of_the_file_it_passed(load):
    text = "def f(x):\n    return g(x)\n\ndef g(x):\n    return torch.zeros(2) @ x\n"
    with pytest.raises(RuntimeError) as caught:
        load(text).f(torch.zeros(3))
    assert [(frame.line, frame.function, frame.text) for frame in caught.value.frames] == [
        (5, "f", "return g(x)"),
        (8, "g", "return torch.zeros(2) @ x"),
    ]


def test_an_endless_recursion_is_told_with_its_last_lines(load):
    with pytest.raises(RecursionError) as caught:
        load("def f(): return f()").f()
    assert len(caught.value.frames) == 20
    assert caught.value.frames[-1].function == "f"


def test_the_text_of_an_exception_is_cut(load):
    with pytest.raises(ValueError, match="x") as caught:
        load("def f(): raise ValueError('x' * 1_000_000)").f()
    assert caught.value.text == "x" * 2000


def test_the_text_of_an_exception_that_cannot_be_read(load):
    subject = load("class E(Exception):\n    def __str__(self): raise SystemExit\n\ndef f(): raise E")
    with pytest.raises(SubjectError, match=r"E: \(its message could not be read\)"):
        subject.f()


def test_an_exception_leaves_the_code_ready_for_the_next_question(load):
    subject = load("def f(x): return 1 / x")
    with pytest.raises(ZeroDivisionError):
        subject.f(0)
    assert subject.f(2) == 0.5


def test_a_name_that_is_missing_is_told(load):
    with pytest.raises(SubjectMissing) as caught:
        load("def clip(): pass").clip_grad()
    assert isinstance(caught.value, SubjectError)
    assert caught.value.text == "`exercise.py` does not define `clip_grad`; the name is part of the exercise"


def test_something_that_cannot_be_called(load):
    with pytest.raises(TypeError, match="not callable"):
        load("block = 3").block()


LOADING = {
    "an exception": ("1 / 0", "ZeroDivisionError", (4, "<module>", "1 / 0")),
    "an import": ("import helper_of_mine", "ModuleNotFoundError", (4, "<module>", "import helper_of_mine")),
    "a syntax error": ("def f(:", "SyntaxError", (4, "", "def f(:")),
    "an exit": ("raise SystemExit(0)", "SystemExit", (4, "<module>", "raise SystemExit(0)")),
}


@pytest.mark.parametrize(("text", "type_name", "frame"), LOADING.values(), ids=LOADING)
def test_a_file_that_cannot_be_imported_is_told_at_the_beginning_of_every_test(open_session, text, type_name, frame):
    session = open_session("import torch\nfrom torch import nn\n\n" + text)
    for stream in ("first", "second"):
        with pytest.raises(SubjectNotLoaded) as caught:
            session.begin(stream)
        assert caught.value.type_name == type_name
        last = caught.value.frames[-1]
        assert (last.line, last.function, last.text) == frame


def test_a_file_can_be_read_by_inspect_and_does_not_see_our_future_imports(load):
    subject = load(
        "import inspect\ndef f(x: int): pass\ndef look(): return inspect.getsource(f), f.__annotations__['x'] is int"
    )
    assert subject.look() == ("def f(x: int): pass\n", True)


# -- random numbers ---------------------------------------------------------------------------------------------------

DRAWING = """
import random

class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 20)
    def forward(self, x):
        return nn.functional.dropout(x, 0.5, training=self.training)

def draw(): return torch.rand(5), random.random()
"""


def drawn(subject):
    """Everything random that a test can see, in a fixed order."""
    module = subject.M()
    weights = module.state_dict()["fc.weight"]
    return torch.cat([weights.flatten(), module(torch.ones(50)), subject.draw()[0], torch.tensor([subject.draw()[1]])])


def test_two_sessions_draw_the_same_numbers_in_the_same_test(load):
    assert torch.equal(drawn(load(DRAWING)), drawn(load(DRAWING)))


def test_another_test_draws_other_numbers(load):
    assert not torch.isclose(drawn(load(DRAWING, "one")), drawn(load(DRAWING, "other"))).all()


def test_each_call_of_a_test_draws_other_numbers(load):
    subject = load(DRAWING)
    assert not torch.equal(subject.draw()[0], subject.draw()[0])


def test_what_was_asked_before_does_not_change_what_a_test_draws(load):
    used, fresh = load(DRAWING, "before"), load(DRAWING)
    used.draw()
    used._session.begin("test")
    assert torch.equal(drawn(used), drawn(fresh))


def test_the_order_of_the_code_own_draws_does_not_reach_the_next_call(load):
    greedy, modest = load("def f(): torch.rand(1000)\n" + DRAWING), load("def f(): pass\n" + DRAWING)
    greedy.f()
    modest.f()
    assert torch.equal(drawn(greedy), drawn(modest))


def test_a_worker_draws_what_is_drawn_here(load, in_worker):
    text = "import torch\nfrom torch import nn\n" + DRAWING
    assert torch.equal(drawn(load(DRAWING)), drawn(in_worker(text)))
