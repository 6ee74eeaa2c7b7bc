"""What an exercise does not allow is met while the code runs, by whatever way it is reached; honest code never is."""

from __future__ import annotations

from contextlib import nullcontext

import msgspec
import pytest

from autograder.sandbox.client import WorkerLine
from autograder.sandbox.framing import ANSWER, decode_reply
from autograder.sandbox.session import Session, Source, SubjectError
from autograder.sandbox.values import MalformedMessage
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

FORBIDDEN = (
    "torch.nn.LSTM*",
    "torch.nn.modules.rnn.*",
    "torch.lstm*",
    "torch._VF.*",
    "torch.ops.aten.*lstm*",
    "torch.nn.utils.prune*",  # not loaded with torch
    "torch.nn.utils.clip_grad*",
    "torchvision.models.*",
)
HEAD = "import sys\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"
WEIGHTS = "x, h, w, u = torch.zeros(2, 3), torch.zeros(2, 4), torch.zeros(16, 3), torch.zeros(16, 4)\n"
WALK = """
def walk(kind):
    for below in kind.__subclasses__():
        yield below
        yield from walk(below)
"""

USES = {
    "computed_name": "cell = getattr(nn, 'LST' + chr(77) + 'Cell')(3, 4)",
    "exec": "exec('cell = nn.LST' + chr(77) + 'Cell(3, 4)')",
    "compiled": "cell = eval(compile('nn.LST' + chr(77) + '(3, 4)', '<string>', 'eval'))",
    "importlib": """
import importlib
cell = getattr(importlib.import_module('torch.nn.modules.rn' + 'n'[:]), 'LST' + chr(77))(3, 4)
""",
    "loaded_modules": """
cell = vars(sys.modules['torch.nn.modules.rn' + chr(110)])
cell = sys.modules['torch.nn.modules.rn' + chr(110)].LSTMCell
""",
    "subclasses": f"{WALK}cell = next(k for k in walk(nn.Module) if k.__name__ == 'LST' + chr(77))(3, 4)",
    "collector": """
import gc
gc.unfreeze()
cell = next(k for k in gc.get_objects() if getattr(k, '__name__', '') == 'LST' + chr(77))(3, 4)
""",
    "subclassed": """
class Cell(getattr(nn, 'LST' + chr(77) + 'Cell')):
    pass

cell = Cell(3, 4)
""",
    "in_a_list": """
cells = [getattr(nn, 'LST' + chr(77) + 'Cell')]
cell = cells[0](3, 4)
""",
    "caught": """
try:
    cell = getattr(nn, 'LST' + chr(77) + 'Cell')(3, 4)
except Exception:
    pass
""",
    "function": f"{WEIGHTS}getattr(torch, 'lst' + 'm_cell'[:])(x, (h, h), w, u)",
    "below_the_surface": f"{WEIGHTS}getattr(torch._C._VariableFunctions, 'lst' + chr(109) + '_cell')(x, (h, h), w, u)",
    "operator": f"{WEIGHTS}getattr(torch.ops.aten, 'lst' + chr(109) + '_cell')(x, (h, h), w, u)",
    "overload": f"{WEIGHTS}getattr(torch.ops.aten, 'lst' + chr(109) + '_cell').default(x, (h, h), w, u)",
    "not_loaded_yet": """
import importlib
importlib.import_module('torch.nn.utils.prun' + chr(101))
""",
    "python_function": "getattr(nn.utils, 'clip_gra' + chr(100) + '_norm_')([torch.zeros(2)], 1.0)",
    "its_module": """
import importlib
importlib.import_module('torch.nn.utils.clip_gra' + chr(100)).clip_grad_value_([torch.zeros(2)], 1.0)
""",
    "torchvision": """
import importlib
importlib.import_module('torchvision.mode' + chr(108) + 's').resnet18()
""",
    "torchvision_class": """
import importlib
importlib.import_module('torchvision.mode' + chr(108) + 's.resnet').BasicBlock(3, 3)
""",
    "torchvision_subclass": f"{WALK}block = next(k for k in walk(nn.Module) if k.__name__ == 'Basic' + 'Block')(3, 3)",
    "decoys_dictionary": """
found = []
for thing in vars(sys.modules['torch.nn.utils.clip_gra' + chr(100)]).values():
    for cell in getattr(thing, '__closure__', None) or ():
        inside = getattr(cell.cell_contents, '__dict__', {})
        found += [value for name, value in inside.items() if name.startswith('clip_gra' + chr(100) + '_v')]
found[0]([nn.Parameter(torch.ones(2))], 1.0, foreach=False)
""",
    "collected_function": """
import gc, types
gc.unfreeze()
name = 'clip_gra' + chr(100) + '_value_'
found = [o for o in gc.get_objects() if type(o) is types.FunctionType and o.__name__ == name]
for function in found:
    function([nn.Parameter(torch.ones(2))], 1.0, foreach=False)
""",
    "held_by_a_module_that_is_not_forbidden": """
name = 'clip_gra' + chr(100) + '_value_'
holders = [module for module in list(sys.modules.values()) if name in getattr(module, '__dict__', ())]
vars(holders[0])[name]([nn.Parameter(torch.ones(2))], 1.0, foreach=False)
""",
    "unwrapped": """
function = getattr(nn.utils, 'clip_gra' + chr(100) + '_norm_')
while hasattr(function, '__wrapped__'):
    function = function.__wrapped__
function([torch.ones(2)], 1.0)
""",
    "one_that_calls_itself_a_library": """
inside = {'__name__': 'torch.mine', 'sys': sys}
exec("cell = getattr(sys.modules['torch.nn.modules.rn' + chr(110)], 'LST' + chr(77) + 'Cell')(3, 4)", inside)
""",
    "renamed": f"""
{WALK}block = next(k for k in walk(nn.Module) if k.__name__ == 'Basic' + 'Block')
block.__module__, block.__name__, block.__qualname__ = 'mine', 'Mine', 'Mine'
block(3, 3)
""",
    "another_class_assigned": f"""
{WALK}layer = nn.Module()
layer.relu = layer.conv1 = layer.conv2 = layer.bn1 = layer.bn2 = nn.Identity()
layer.__dict__['downsample'] = None
layer.__class__ = next(k for k in walk(nn.Module) if k.__name__ == 'Basic' + 'Block')
layer(torch.ones(2))
""",
    "its_forward_alone": f"""
{WALK}
class Mine(nn.Module):
    forward = next(k for k in walk(nn.Module) if k.__name__ == 'Basic' + 'Block').forward

layer = Mine()
layer.relu = layer.conv1 = layer.conv2 = layer.bn1 = layer.bn2 = nn.Identity()
layer.downsample = None
layer(torch.ones(2))
""",
    "its_forward_in_another_function": f"""
{WALK}import types
forward = next(k for k in walk(nn.Module) if k.__name__ == 'Basic' + 'Block').forward
layer = nn.Module()
layer.relu = layer.conv1 = layer.conv2 = layer.bn1 = layer.bn2 = nn.Identity()
layer.downsample = None
types.FunctionType(forward.__code__, dict(forward.__globals__))(layer, torch.ones(2))
""",
    "constructor_that_forgets": f"""
{WALK}kind = next(k for k in walk(nn.Module) if k.__name__ == 'Basic' + 'Block')
for cell in nn.Module.__init__.__closure__:
    if isinstance(cell.cell_contents, dict):
        cell.cell_contents[kind] = ''
kind(3, 3)
""",
    "decomposition": """
from torch import _decomp
run = next(f for k, f in _decomp.decomposition_table.items() if str(k).endswith('lst' + chr(109) + '.input'))
weights = [torch.zeros(16, 3), torch.zeros(16, 4)]
run(torch.zeros(1, 2, 3), [torch.zeros(1, 2, 4)] * 2, weights, False, 1, 0.0, False, False, False)
""",
    "part_of_a_decomposition": """
from torch import _decomp
run = next(f for k, f in _decomp.decomposition_table.items() if str(k).endswith('lst' + chr(109) + '.input'))
run.__globals__['lst' + chr(109) + '_cell'](
    torch.zeros(2, 16), torch.zeros(1, 2, 4), torch.zeros(1, 2, 4), torch.zeros(16, 4), None, None, None, 1
)
""",
    "source": """
import os
path = os.path.join(os.path.dirname(torch.__file__), 'nn', 'utils', 'clip_gra' + chr(100) + '.py')
exec(compile(open(path).read(), path, 'exec'), {'__name__': 'mine', '__file__': path})
""",
    "source_by_a_link": """
import os
os.symlink(os.path.join(os.path.dirname(torch.__file__), 'nn', 'utils', 'clip_gra' + chr(100) + '.py'), 'mine.py')
exec(open('mine.py').read(), {'__name__': 'mine'})
""",
    "source_from_its_folder": """
import os
folder = os.open(os.path.dirname(torch.__file__), os.O_RDONLY)
text = os.read(os.open('nn/utils/clip_gra' + chr(100) + '.py', os.O_RDONLY, dir_fd=folder), 100_000)
""",
    "source_as_another_module": """
import importlib.util, os
path = os.path.join(os.path.dirname(torch.__file__), 'nn', 'utils', 'clip_gra' + chr(100) + '.py')
spec = importlib.util.spec_from_file_location('mine', path)
spec.loader.exec_module(importlib.util.module_from_spec(spec))
""",
    "source_by_linecache": """
import linecache, os
linecache.getlines(os.path.join(os.path.dirname(torch.__file__), 'nn', 'utils', 'clip_gra' + chr(100) + '.py'))
""",
}
"""Each reaches for something forbidden, in a way that no syntax tree shows."""
ONLY_TAKEN_AWAY = {
    "thread": f"""
{WEIGHTS}import threading

def work():
    try:
        getattr(torch._C._VariableFunctions, 'lst' + chr(109) + '_cell')(x, (h, h), w, u)
    except Exception:
        pass

thread = threading.Thread(target=work)
thread.start()
thread.join()
""",
    "watch_switched_off": f"""
{WEIGHTS}with torch._C.DisableTorchFunction():
    getattr(torch.ops.aten, 'lst' + chr(109) + '_cell')(x, (h, h), w, u)
""",
}
"""A mode sees neither other threads nor what is done while it is off; the dispatcher sees both."""

HONEST = {
    "functional": """
F.dropout(torch.ones(3))
torch.norm(torch.ones(3))
torch.meshgrid(torch.ones(2), torch.ones(3), indexing='ij')
torch.stft(torch.ones(64), 16, return_complex=True, window=torch.ones(16))
""",
    "other_layers": "nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.MultiheadAttention(4, 2))",
    "own_name": """
class LSTMCell(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.Linear(3, 4)

cell = LSTMCell()
""",
    "script": "torch.jit.script(nn.Linear(3, 4))(torch.ones(2, 3))",
    "copies": """
import copy, pickle
copy.deepcopy(nn.Linear(2, 3))
pickle.loads(pickle.dumps(nn.Linear(2, 3).weight))
""",
    "introspection": """
import inspect
inspect.getmodule(nn)
inspect.getsource(nn.Linear)
[name for name in list(sys.modules) if hasattr(sys.modules[name], '__file__')]
""",
    "isinstance": "isinstance(nn.Linear(2, 3), (nn.Linear, nn.RNN))",
    "vmap": """
torch.vmap(lambda row: row * 2)(torch.ones(3))
torch.func.grad(lambda x: x.sum())(torch.ones(3))
""",
    "parametrize": """
nn.utils.parametrizations.weight_norm(nn.Linear(2, 3))
nn.utils.parameters_to_vector([torch.ones(2)])
""",
    "optimizer": """
layer = nn.Linear(2, 3)
optimizer = torch.optim.Adam(layer.parameters())
layer(torch.ones(1, 2)).sum().backward()
optimizer.step()
""",
}


@pytest.fixture
def run(open_line):
    """Loads a text, and asks one question; returns the session and the error of loading."""

    def run_(text: str, *, take_away: bool) -> tuple[Session, SubjectError | None]:
        line: WorkerLine = open_line()
        source = Source("exercise", "exercise.py", HEAD + text + "\n\ndef done():\n    return 1\n")
        session = Session(source, line, forbidden=FORBIDDEN, take_away=take_away)
        try:
            session.begin("test")
            Namespace(session, Random(0, "test")).done()
        except SubjectError as error:
            return session, error
        return session, None

    return run_


@pytest.mark.parametrize("use", USES | ONLY_TAKEN_AWAY)
def test_what_is_not_allowed_is_taken_away_and_told(run, use):
    text = (USES | ONLY_TAKEN_AWAY)[use]
    session, error = run(text, take_away=True)
    assert session.seen, error
    assert any(
        any(word in use.name.lower() for word in ("lstm", "rnn", "clip_grad", "torchvision", "prune"))
        for use in session.seen
    )
    if use not in ("caught", "thread"):
        assert error is not None
        assert error.type_name == "NotAllowedError", error
        lines = (HEAD + text).splitlines()
        assert all(1 <= seen.line <= len(lines) for seen in session.seen)


@pytest.mark.parametrize("use", USES)
def test_where_it_is_only_watched_it_goes_on_and_is_told(run, use):
    session, error = run(USES[use], take_away=False)
    assert session.seen, error
    assert error is None or error.type_name != "NotAllowedError"


@pytest.mark.parametrize("take_away", [True, False])
@pytest.mark.parametrize("code", HONEST)
def test_honest_code_is_never_accused_and_works(run, code, take_away):
    session, error = run(HONEST[code], take_away=take_away)
    assert session.seen == ()
    assert error is None


@pytest.mark.parametrize(
    "seen", ["x", [["a b", 1]], [["a", -1]], [["a"]], [["a", 1]] * 21, [[1, 1]], [["a\n", 1]], None, {"a": 1}], ids=str
)
def test_what_a_worker_says_of_uses_is_read_strictly(seen):
    def reply(uses):
        return msgspec.json.encode({"body": {"is": "loaded", "names": {}, "seen": uses}, "tensors": []})

    assert decode_reply(reply([["torch.nn.LSTM", 3]]), b"", ANSWER).body.seen == [("torch.nn.LSTM", 3)]
    with pytest.raises(MalformedMessage):
        decode_reply(reply(seen), b"", ANSWER)


OPENED = "import torchvision\nopen(torchvision.__path__[0] + '/datasets/utils.py').read()"
PUT_OFF = {
    "a_module": (["torchvision.datasets.*"], "from torchvision.datasets import FakeData\nFakeData(1)"),
    "all_of_it": (["torchvision.*"], "from torchvision.datasets import FakeData\nFakeData(1)"),
    "a_module_below": (["torchvision.datasets.utils.*"], "import torchvision.datasets.utils as u\nu.calculate_md5"),
    "a_function": (
        ["torchvision.datasets.utils.calculate_md5"],
        "from torchvision.datasets.utils import calculate_md5\ncalculate_md5('/dev/null')",
    ),
    "its_source": (["torchvision.datasets.*"], OPENED),
    "the_source_below": (["torchvision.datasets.utils.*"], OPENED),
}
"""What is only imported in a worker that asks for it: patterns, and a use."""


@pytest.mark.parametrize("take_away", [True, False])
@pytest.mark.parametrize("use", PUT_OFF)
def test_what_is_imported_on_demand_can_be_forbidden_too(open_line, use, take_away):
    patterns, code = PUT_OFF[use]
    source = Source("exercise", "exercise.py", f"def work():\n    {code.replace(chr(10), chr(10) + '    ')}\n")
    session = Session(source, open_line(), forbidden=patterns, take_away=take_away)
    session.begin("test")
    with nullcontext() if not take_away else pytest.raises(SubjectError, match="is not allowed in this exercise"):
        Namespace(session, Random(0, "test")).work()
    assert session.seen
    assert all(use.name.startswith("torchvision.") for use in session.seen)
