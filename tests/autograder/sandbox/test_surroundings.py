"""What code under test finds around it: a program that was started for its file alone, and torch as it comes."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn

from autograder.grading.wording import describe
from autograder.sandbox.session import SubjectError, SubjectNotLoaded
from autograder.sandbox.surroundings import settle_torch, settled

LINEAR = """
class Linear(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x)
"""


@pytest.fixture(autouse=True)
def _as_before():
    with settled():
        yield


def values(subject, name, x):
    """What a module of the subject computes, and its gradient."""
    module = getattr(subject, name)()
    x = x.clone().requires_grad_()
    out = module(x)
    out.sum().backward()
    return module.state_dict(), out.detach(), x.grad


# -- the program ------------------------------------------------------------------------------------------------------

ALONE = """
import argparse, os, sys, __main__

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
EPOCHS = parser.parse_args().epochs

def arguments():
    return sys.argv

def epochs():
    return parser.parse_args().epochs

def at_import():
    return EPOCHS

def tester():
    return [name for name in ("pytest", "_pytest", "autograder.grading", "autograder.suite") if name in sys.modules]

def program():
    return [name for name in vars(__main__) if not name.startswith("__")]

def home():
    open(os.path.join(os.path.expanduser("~"), "notes.txt"), "w").close()
    return os.listdir()

def typed():
    return input("a number: ")
"""


def test_the_arguments_are_the_file_alone(load):
    subject = load(ALONE)
    (file,) = subject.arguments()
    assert file.startswith("exercise")
    assert file.endswith(".py")
    assert (subject.at_import(), subject.epochs()) == (3, 3)


def test_nobody_types(load):
    with pytest.raises(SubjectError) as caught:
        load(ALONE).typed()
    assert caught.value.type_name == "EOFError"


def test_a_worker_shows_nothing_of_who_tests(in_worker):
    subject = in_worker(ALONE)
    assert subject.tester() == []
    assert subject.program() == []
    assert "notes.txt" in subject.home()


def test_the_files_own_folder_can_be_asked_for(load):
    subject = load(
        "import inspect, os\n\nclass Plain:\n    pass\n\nHERE = os.path.dirname(__file__)\nos.listdir(HERE)\n\n"
        "def here():\n    return os.path.isabs(HERE)\n\ndef source():\n    return inspect.getsource(Plain)\n"
    )
    assert subject.here()
    assert subject.source() == "class Plain:\n    pass\n"


def test_sets_have_one_order_in_every_worker(in_worker):
    seed = in_worker(
        "import os\n\ndef seed():\n    return os.environ['PYTHONHASHSEED']\n\ndef hashed():\n    return hash('a')"
    )
    assert seed.seed() == "0"
    assert seed.hashed() == in_worker("def hashed():\n    return hash('a')").hashed()


# -- the compiler -----------------------------------------------------------------------------------------------------

COMPILED = {
    "forward": ("", "    @torch.compile\n    def forward", ""),
    "forward with options": ("", '    @torch.compile(fullgraph=True, mode="max-autotune")\n    def forward', ""),
    "partial": (
        "import functools\nfast = functools.partial(torch.compile, dynamic=False)\n",
        "    @fast()\n    def forward",
        "",
    ),
    "name": ("from torch import compile\n", "    @compile\n    def forward", ""),
    "module": ("", "    def forward", "\nPlain = Linear\ndef Linear():\n    return torch.compile(Plain())"),
    "layer": (
        "",
        "    def forward",
        "\nclass Linear(Linear):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = torch.compile(self.fc)",
    ),
    "self": (
        "",
        "    def forward",
        "\nclass Linear(Linear):\n    def __init__(self):\n        super().__init__()\n"
        "        self.compile(mode='reduce-overhead')",
    ),
    "class": ("", "    def forward", "\nLinear = torch.compile(Linear)"),
    "compiler": ("", "    def forward", "\nPlain = Linear\ndef Linear():\n    return torch.compiler.compile(Plain())"),
    "script": ("", "    def forward", "\nPlain = Linear\ndef Linear():\n    return torch.jit.script(Plain())"),
    "trace": (
        "",
        "    def forward",
        "\nPlain = Linear\ndef Linear():\n    return torch.jit.trace(Plain(), torch.ones(1, 3))",
    ),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("head", "forward", "tail"), COMPILED.values(), ids=COMPILED)
def test_compiled_code_runs_as_it_is(load, head, forward, tail):
    x = torch.ones(2, 3)
    state, out, grad = values(load(head + LINEAR.replace("    def forward", forward) + tail), "Linear", x)
    plain_state, plain_out, plain_grad = values(load(LINEAR), "Linear", x)
    assert list(state) == list(plain_state)
    assert torch.equal(out, plain_out)
    assert torch.equal(grad, plain_grad)


# -- settings for the whole process -----------------------------------------------------------------------------------

SETTINGS = {
    "dtype": "torch.set_default_dtype(torch.float64)",
    "tensor type": "torch.set_default_tensor_type(torch.DoubleTensor)",
    "device": 'torch.set_default_device("meta")',
    "the same device": 'torch.set_default_device("cpu")',
    "grad": "torch.set_grad_enabled(False)",
    "grad, entered": "torch.no_grad().__enter__()",
    "anomaly": "torch.autograd.set_detect_anomaly(True)",
    "deterministic": "torch.use_deterministic_algorithms(True)",
    "threads": "torch.set_num_threads(2)",
    "seed": "torch.manual_seed(3)",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "numpy": "import numpy\nnumpy.seterr(all='raise')",
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_what_a_file_sets_for_the_process_changes_nothing(load, setting):
    x, asked = torch.ones(2, 3), {}
    for text in (setting + LINEAR, LINEAR):
        subject = load(text)
        own = values(subject, "Linear", x)
        layer = subject.make("torch.nn.Linear", 3, 2)
        asked[text] = [*own[0].values(), *own[1:], *layer.state_dict().values(), layer(x)]
    assert all(torch.equal(one, other) for one, other in zip(*asked.values(), strict=True))
    assert all(one.dtype == torch.float32 for one in asked[LINEAR])


def test_what_is_built_beside_a_class_does_not_depend_on_what_its_constructor_sets(load):
    subject = load(LINEAR + "\n    def train(self, mode=True):\n        torch.set_default_dtype(torch.float64)\n")
    subject.Linear().train()
    assert {value.dtype for value in subject.make("torch.nn.Linear", 3, 2).state_dict().values()} == {torch.float32}


def test_warnings_are_no_errors_for_what_is_built_beside_a_class(load):
    subject = load("import warnings\nwarnings.simplefilter('error')\n" + LINEAR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        subject.make("torchvision.models.googlenet", weights=None, device="meta")  # says how it will change


def test_the_process_that_runs_checks_for_students_is_left_as_it_was():
    compile_, method = torch.compile, nn.Module.compile
    torch.set_default_dtype(torch.float64)
    with settled():
        settle_torch()
        assert torch.get_default_dtype() == torch.float32
        assert torch.compile(len) is len
    assert torch.get_default_dtype() == torch.float64
    assert torch.compile is compile_
    assert nn.Module.compile is method


# -- what is told of exceptions ---------------------------------------------------------------------------------------


def raised_by(call):
    with pytest.raises(SubjectError) as caught:
        call()
    return caught.value


UNFINISHED = """
def finished():
    raise NotImplementedError(
        "implement this"
    )
    return 1

def branch(x=1):
    if x:
        raise NotImplementedError("not for 1")
    return 2

def half():
    x = 1
    raise NotImplementedError("implement the rest")

def helped():
    return finished()
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("finished", "LeftoverRaise"),
        ("helped", "LeftoverRaise"),
        ("branch", "NotImplementedError"),
        ("half", "NotImplementedError"),
    ],
)
def test_a_raise_above_finished_code_is_told_apart_from_a_part_to_be_written(load, name, told):
    error = raised_by(getattr(load(UNFINISHED), name))
    assert isinstance(error, NotImplementedError)
    assert error.type_name == told


def test_a_line_of_a_class_is_no_call(load):
    with pytest.raises(SubjectNotLoaded) as caught:
        load("@torch.no_grad\nclass Block(\n    nn.Module\n):\n    def forward(self, x: Tensor): ...")
    assert [frame.function for frame in caught.value.frames] == ["<module>", "<class>"]
    assert caught.value.frames[-1].text == "def forward(self, x: Tensor): ..."


def test_a_comprehension_is_no_call(load):
    with pytest.raises(SubjectNotLoaded) as caught:
        load("sizes = [1 / size for size in (1, 0)]")
    assert [frame.function for frame in caught.value.frames] == ["<module>"]


def test_what_differs_from_run_to_run_is_not_told(in_worker):
    error = raised_by(in_worker("import os\n\ndef f():\n    raise ValueError(f'{f} in {os.getcwd()}/a.txt')").f)
    assert error.text == "<function f at 0x...> in ./a.txt"


def test_where_python_is_installed_is_not_told(load):
    with pytest.raises(SubjectNotLoaded) as caught:
        load("from typing import no_such_name")
    assert caught.value.text == "cannot import name 'no_such_name' from 'typing'"


@pytest.mark.parametrize("layer", ["LazyLinear(2)", "LazyConv2d(2, 3)", "LazyBatchNorm2d()"])
def test_lazy_layers_are_not_called_an_error_of_the_student(load, layer):
    module = load(LINEAR.replace("Linear(3, 2)", layer)).Linear()
    assert describe(raised_by(module.state_dict)).startswith("Lazy layers (`nn.LazyLinear`, ")
