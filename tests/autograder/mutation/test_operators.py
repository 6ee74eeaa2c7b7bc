"""What each of our mutation operators makes of a few lines."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from autograder.mutation.code import Code, apply
from autograder.mutation.operators import OPERATORS

FORWARD = "def forward(self, x: Tensor, y: Tensor):"
INIT = "def __init__(self, n: int, m: int, bias: bool = True):"
BLOCK = """\
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    {function}
{body}
"""


def rewritten(operator: str, text: str) -> list[str]:
    return [apply(text, change) for change in OPERATORS[operator](Code(text))]


def case(operator: str, body: str, expected: list[str], function: str = FORWARD):
    return pytest.param(operator, body, expected, function, id=f"{operator}: {body.splitlines()[0]}")


CASES = [
    case(
        "swap_activation",
        "return F.relu(x)",
        ["return F.tanh(x)", "return F.sigmoid(x)", "return F.silu(x)", "return F.leaky_relu(x)", "return F.relu6(x)"],
    ),
    case(
        "swap_activation",
        "return torch.tanh(x)",
        ["return torch.relu(x)", "return torch.sigmoid(x)", "return F.silu(x)", "return F.hardtanh(x)"],
    ),
    case(
        "swap_activation",
        "return x.sigmoid()",
        ["return x.relu()", "return x.tanh()", "return F.silu(x)", "return F.hardsigmoid(x)"],
    ),
    case(
        "swap_activation",
        "return F.softmax(x, dim=1)",
        ["return F.log_softmax(x, dim=1)", "return F.softmin(x, dim=1)"],
    ),
    case(
        "swap_activation",
        "self.act = nn.ReLU(inplace=True)",
        [
            "self.act = nn.Tanh()",
            "self.act = nn.Sigmoid()",
            "self.act = nn.SiLU()",
            "self.act = nn.LeakyReLU()",
            "self.act = nn.ReLU6()",
        ],
        INIT,
    ),
    case("swap_activation", "return self.relu(x)", []),
    case(
        "drop_activation", "return F.relu(x + y) * x.tanh()", ["return (x + y) * x.tanh()", "return F.relu(x + y) * x"]
    ),
    case("drop_activation", "self.act = nn.SiLU()", ["self.act = nn.Identity()"], INIT),
    case("add_activation", "return F.relu(self.bn(self.conv(x)))", ["return F.relu(self.bn(self.conv(x).relu()))"]),
    case(
        "add_detach",
        "return F.relu(x + self.conv(y))",
        [
            "return F.relu(x + self.conv(y)).detach()",
            "return F.relu(x.detach() + self.conv(y))",
            "return F.relu(x + self.conv(y).detach())",
            "return F.relu(x + self.conv(y.detach()))",
        ],
    ),
    case(
        "add_detach",
        "z = self.conv(x)\nreturn z, y.mean()",
        [
            "z = self.conv(x.detach())\nreturn z, y.mean()",
            "z = self.conv(x)\nreturn z.detach(), y.mean()",
            "z = self.conv(x)\nreturn z, y.mean().detach()",
            "z = self.conv(x)\nreturn z, y.detach().mean()",
        ],
    ),
    case("add_detach", "with torch.no_grad():\n    z = x * y\nreturn torch.zeros(3)", []),
    case("add_detach", "return x.size(0), x.mul_(2)", ["return x.size(0), x.mul_(2).detach()"]),
    case("remove_detach", "return x.detach() * y", ["return x * y"]),
    case("add_no_grad", "z = self.conv(x)\nreturn z", ["with torch.no_grad():\n    z = self.conv(x)\nreturn z"]),
    case(
        "no_grad_around_term",
        "return self.conv(x) + y",
        ["with torch.no_grad():\n    term = self.conv(x)\nreturn term + y"],
    ),
    case(
        "remove_no_grad",
        "with torch.no_grad():\n    z = x * y\n    # why\n    x = z\nreturn x",
        ["z = x * y\n# why\nx = z\nreturn x"],
    ),
    case(
        "flip_requires_grad",
        "for p in self.parameters():\n    p.requires_grad = False\n    p.requires_grad_(flag)",
        [
            "for p in self.parameters():\n    p.requires_grad = True\n    p.requires_grad_(flag)",
            "for p in self.parameters():\n    p.requires_grad = False\n    p.requires_grad_(not flag)",
        ],
    ),
    case(
        "flip_requires_grad",
        "self.w = nn.Parameter(torch.zeros(n))\nself.act = nn.ReLU()",
        ["self.w = nn.Parameter(torch.zeros(n), requires_grad=False)\nself.act = nn.ReLU()"],
        INIT,
    ),
    case("flip_requires_grad", "self.fc = nn.Linear(n, m)", ["self.fc = nn.Linear(n, m).requires_grad_(False)"], INIT),
    case(
        "work_in_place",
        "x = x + y\nreturn 2 * x",
        ["x += y\nreturn 2 * x", "x = y.add_(x)\nreturn 2 * x", "x = x + y\nreturn x.mul_(2)"],
    ),
    case("work_in_place", "return F.relu(x.mul(y))", ["return F.relu_(x.mul(y))", "return F.relu(x.mul_(y))"]),
    case("work_in_place", "return x / y", ["return x.div_(y)"]),
    case(
        "work_out_of_place",
        "x.mul_(y)\nF.relu_(x)\nx += y * 2",
        [
            "x.mul(y)\nF.relu_(x)\nx += y * 2",
            "x.mul_(y)\nF.relu(x)\nx += y * 2",
            "x.mul_(y)\nF.relu_(x)\nx = x + (y * 2)",
        ],
    ),
    case(
        "drop_term",
        "return x + self.conv(y) * 2",
        ["return x", "return self.conv(y) * 2", "return x + self.conv(y)", "return x + 2"],
    ),
    case("double_term", "return x + self.conv(y)", ["return (2 * x) + self.conv(y)", "return x + (2 * self.conv(y))"]),
    case("double_term", "return x * y", ["return (x ** 2) * y", "return x * (y ** 2)"]),
    case("double_term", "return n * 4", []),
    case("swap_operands", "return x / (y + 1) - 2", ["return 2 - (x / (y + 1))", "return (y + 1) / (x) - 2"]),
    case(
        "permute_targets",
        "i, f, g = x.chunk(3, dim=1)",
        ["f, i, g = x.chunk(3, dim=1)", "g, f, i = x.chunk(3, dim=1)", "i, g, f = x.chunk(3, dim=1)"],
    ),
    case("permute_targets", "i, f, g = x, y, x", ["f, i, g = x, y, x", "i, g, f = x, y, x"]),
    case("permute_targets", "parent, _, name = path.rpartition(SEP)", ["name, _, parent = path.rpartition(SEP)"]),
    case("change_dim", "return x.mean(dim=1)", ["return x.mean(dim=0)", "return x.mean(dim=-1)"]),
    case(
        "change_dim",
        "return torch.cat([x, y], 1), x.mean(dim=(2, 3)), x.sum()",
        [
            "return torch.cat([x, y], 0), x.mean(dim=(2, 3)), x.sum()",
            "return torch.cat([x, y], -1), x.mean(dim=(2, 3)), x.sum()",
            "return torch.cat([x, y], 1), x.mean(dim=(3,)), x.sum()",
            "return torch.cat([x, y], 1), x.mean(dim=(2,)), x.sum()",
            "return torch.cat([x, y], 1), x.mean(dim=(0, 2, 3)), x.sum()",
            "return torch.cat([x, y], 1), x.mean(dim=(2, 3)), x.sum(dim=0)",
        ],
    ),
    case(
        "share_layer",
        "self.bn1 = nn.BatchNorm2d(n)\nself.bn2 = nn.BatchNorm2d(n)",
        ["self.bn1 = nn.BatchNorm2d(n)\nself.bn2 = self.bn1"],
        INIT,
    ),
    case("drop_layer", "return self.bn(self.conv(x))", ["return self.conv(x)", "return self.bn(x)"]),
    case("repeat_layer", "return self.conv(x)", ["return self.conv(self.conv(x))"]),
    case(
        "reverse_order",
        "return F.relu(self.bn(self.conv(x)))",
        ["return self.bn(F.relu(self.conv(x)))", "return F.relu(self.conv(self.bn(x)))"],
    ),
    case(
        "ignore_mode",
        "if self.training:\n    return F.batch_norm(x, a, b, training=self.training)",
        [
            "if True:\n    return F.batch_norm(x, a, b, training=self.training)",
            "if False:\n    return F.batch_norm(x, a, b, training=self.training)",
            "if not self.training:\n    return F.batch_norm(x, a, b, training=self.training)",
            "if self.training:\n    return F.batch_norm(x, a, b, training=True)",
            "if self.training:\n    return F.batch_norm(x, a, b, training=False)",
            "if self.training:\n    return F.batch_norm(x, a, b, training=not self.training)",
            "if self.training:\n    return F.batch_norm(x, a, b, training=True)",
            "if self.training:\n    return F.batch_norm(x, a, b, training=False)",
        ],
    ),
    case("ignore_mode", "return layer.train(flag)", ["return layer.eval()"]),
    case(
        "pin_dtype",
        "z = x * y\nreturn z, x.new_zeros(2, dtype=x.dtype)",
        [
            "z = (x * y).float()\nreturn z, x.new_zeros(2, dtype=x.dtype)",
            "z = x * y\nreturn z.float(), x.new_zeros(2, dtype=x.dtype)",
            "z = x * y\nreturn z, x.new_zeros(2, dtype=torch.float32)",
            "z = x * y\nreturn z, torch.zeros(2, device=x.device)",
        ],
    ),
    case(
        "pin_device",
        "return x.new_zeros(2), torch.ones(2, device=x.device)",
        [
            'return x.new_zeros(2, device="cpu"), torch.ones(2, device=x.device)',
            'return x.new_zeros(2), torch.ones(2, device="cpu")',
        ],
    ),
    case(
        "other_variable", "z = x * y\nreturn z", ["z = y * y\nreturn z", "z = x * x\nreturn z", "z = x * y\nreturn x"]
    ),
    case(
        "other_variable", "self.fc = nn.Linear(n, m)", ["self.fc = nn.Linear(m, m)", "self.fc = nn.Linear(n, n)"], INIT
    ),
    case(
        "change_argument",
        "self.conv = nn.Conv2d(n, m, 3, stride=n, bias=False)",
        [
            "self.conv = nn.Conv2d(n, m, 1, stride=n, bias=False)",
            "self.conv = nn.Conv2d(n, m, 3, stride=n, bias=False)",
            "self.conv = nn.Conv2d(n, m, 3, stride=1, bias=False)",
            "self.conv = nn.Conv2d(n, m, 3, stride=2, bias=False)",
            "self.conv = nn.Conv2d(n, m, 3, stride=n, bias=False, padding=1)",
            "self.conv = nn.Conv2d(n, m, 3, stride=n, bias=False, dilation=2)",
            "self.conv = nn.Conv2d(n, m, 3, stride=n, bias=False, groups=n)",
            "self.conv = nn.Conv2d(n, m, 3, stride=n, bias=True)",
            "self.conv = nn.Conv2d(n, m, 3, stride=n, bias=False)",
        ],
        INIT,
    ),
    case(
        "change_argument",
        "self.bn = nn.BatchNorm2d(n)",
        [
            "self.bn = nn.BatchNorm2d(n, eps=1e-3)",
            "self.bn = nn.BatchNorm2d(n, momentum=0.9)",
            "self.bn = nn.BatchNorm2d(n, momentum=None)",
            "self.bn = nn.BatchNorm2d(n, affine=False)",
            "self.bn = nn.BatchNorm2d(n, track_running_stats=False)",
        ],
        INIT,
    ),
    case(
        "change_argument",
        "return F.mse_loss(x, y), torch.clamp(x, max=1.0)",
        [
            'return F.mse_loss(x, y, reduction="sum"), torch.clamp(x, max=1.0)',
            'return F.mse_loss(x, y, reduction="none"), torch.clamp(x, max=1.0)',
            "return F.mse_loss(x, y), torch.clamp(x, min=1.0)",
        ],
    ),
    case("change_argument", "return x.mean(dim=1)", ["return x.mean(dim=1, keepdim=True)"]),
    case(
        "drop_argument",
        "return torch.clamp(x, min=0, max=1)",
        ["return torch.clamp(x, max=1)", "return torch.clamp(x, min=0)"],
    ),
    case(
        "drop_argument",
        "self.net = nn.Sequential(a, b)",
        ["self.net = nn.Sequential(b)", "self.net = nn.Sequential(a)"],
        INIT,
    ),
    case(
        "swap_arguments",
        "self.fc = nn.Linear(n, m)\nself.net = nn.Sequential(a, b, c)",
        [
            "self.fc = nn.Linear(m, n)\nself.net = nn.Sequential(a, b, c)",
            "self.fc = nn.Linear(n, m)\nself.net = nn.Sequential(b, a, c)",
            "self.fc = nn.Linear(n, m)\nself.net = nn.Sequential(a, c, b)",
        ],
        INIT,
    ),
    case("swap_function", "return max(x.mean(), 1)", ["return min(x.mean(), 1)", "return max(x.sum(), 1)"]),
    case(
        "drop_call",
        "return torch.tensor(0.0) + x.clone().relu() + self.conv(y)",
        [
            "return 0.0 + x.clone().relu() + self.conv(y)",
            "return torch.tensor(0.0) + x.clone() + self.conv(y)",
            "return torch.tensor(0.0) + x.relu() + self.conv(y)",
        ],
    ),
    case(
        "swap_is_none",
        "return x is None or y is not None",
        [
            "return (x is not None) or y is not None",
            "return (not x) or y is not None",
            "return x is None or (y is None)",
            "return x is None or y",
        ],
    ),
    case(
        "swap_isinstance",
        "return isinstance(x, nn.Linear), isinstance(x, Path)",
        [
            "return isinstance(x, nn.Conv2d), isinstance(x, Path)",
            "return isinstance(x, nn.Module), isinstance(x, Path)",
            "return isinstance(x, nn.Linear), isinstance(x, object)",
        ],
    ),
    case(
        "negate_condition",
        "if x or y:\n    return [a for a in x if a]\nreturn x if y else None",
        [
            "if not (x or y):\n    return [a for a in x if a]\nreturn x if y else None",
            "if x or y:\n    return [a for a in x if a]\nreturn x if (not y) else None",
            "if x or y:\n    return [a for a in x if not a]\nreturn x if y else None",
        ],
    ),
    case(
        "force_condition",
        "if x and y:\n    return [a for a in x if a]\nreturn x if y else None",
        [
            "if True:\n    return [a for a in x if a]\nreturn x if y else None",
            "if x and y:\n    return [a for a in x if a]\nreturn x if True else None",
            "if x and y:\n    return [a for a in x if a]\nreturn x if False else None",
            "if x and y:\n    return [a for a in x if True]\nreturn x if y else None",
            "if x and y:\n    return [a for a in x if False]\nreturn x if y else None",
            "if y:\n    return [a for a in x if a]\nreturn x if y else None",
            "if x:\n    return [a for a in x if a]\nreturn x if y else None",
        ],
    ),
    case(
        "delete_statement",
        "z = x * y\nx = z\nif z:\n    raise ValueError\nreturn x",
        [
            "z = x * y\npass\nif z:\n    raise ValueError\nreturn x",
            "z = x * y\nx = z\npass\nreturn x",
            "z = x * y\nx = z\nif z:\n    pass\nreturn x",
        ],
    ),
    case(
        "swap_statements",
        "x = x + 1\nx = x * 2\nz = x\nreturn z",
        ["x = x * 2\nx = x + 1\nz = x\nreturn z", "x = x + 1\nz = x\nx = x * 2\nreturn z"],
    ),
    case(
        "stop_loop",
        "for a in x:\n    y += a\nreturn [a for a in x]",
        [
            "for a in x:\n    y += a\n    break\nreturn [a for a in x]",
            "for a in list(x)[1:]:\n    y += a\nreturn [a for a in x]",
            "for a in list(x)[:-1]:\n    y += a\nreturn [a for a in x]",
            "for a in x:\n    y += a\nreturn [a for a in list(x)[1:]]",
            "for a in x:\n    y += a\nreturn [a for a in list(x)[:-1]]",
        ],
    ),
    case("return_early", "z = x * y\nif n:\n    x = z\nreturn x", ["z = x * y\nreturn z\nif n:\n    x = z\nreturn x"]),
    case("change_return", "return x, y", ["return y, x", "return x", "return y", "return None"]),
    case("change_return", "x.mul_(y)", ["x.mul_(y)\nreturn x"]),
    case(
        "return_copy",
        "x.mul_(y)\nreturn x",
        [
            "import copy\nx = copy.deepcopy(x)\nx.mul_(y)\nreturn x",
            "x.mul_(y)\nimport copy\nx = copy.deepcopy(x)\nreturn x",
        ],
    ),
    case(
        "keep_state",
        "z = x * y\nreturn z",
        [
            'z = self.__dict__.setdefault("kept", x * y)\nreturn z',
            'z = x * y\nreturn self.__dict__.setdefault("kept", z)',
        ],
    ),
    case(
        "add_previous",
        "z = x * y\nreturn z, y",
        ['z = x * y\nz, self.__dict__["last"] = z + self.__dict__.get("last", 0), z.detach()\nreturn z, y'],
    ),
    case(
        "add_previous",
        "return x + y",
        [
            "result = x + y\n"
            'result, self.__dict__["last"] = result + self.__dict__.get("last", 0), result.detach()\n'
            "return result",
        ],
    ),
    case(
        "change_default",
        "def scale(x, by=2, flag=True, name='a', to=None):\n    return x",
        [
            "def scale(x, by=3, flag=True, name='a', to=None):\n    return x",
            "def scale(x, by=2, flag=False, name='a', to=None):\n    return x",
            "def scale(x, by=2, flag=True, name='a_', to=None):\n    return x",
            "def scale(x, by=2, flag=True, name='a', to=0):\n    return x",
        ],
    ),
    case(
        "change_string",
        "if hasattr(x, 'fc'):\n    raise ValueError('head')\nreturn name.split('.'), 'two words'",
        [
            "if hasattr(x, \"fc_\"):\n    raise ValueError('head')\nreturn name.split('.'), 'two words'",
            "if hasattr(x, 'fc'):\n    raise ValueError('head')\nreturn name.split(\"/\"), 'two words'",
        ],
    ),
    case(
        "drop_element",
        "return [x[:, None] for name in ('fc', 'head')]",
        [
            "return [x[None, :] for name in ('fc', 'head')]",
            "return [x[:, None] for name in ('head',)]",
            "return [x[:, None] for name in ('fc',)]",
            "return [x[:, None] for name in ('head', 'fc')]",
        ],
    ),
    case("drop_element", "i, f = x, y", []),
]


@pytest.mark.parametrize(("operator", "body", "expected", "function"), CASES)
def test_what_it_makes(operator, body, expected, function):
    text = BLOCK.format(function=function, body=indent(body, " " * 8))
    bodies = [dedent(mutant.partition(f"{function}\n")[2]).strip("\n") for mutant in rewritten(operator, text)]
    assert bodies == expected


def test_every_operator_has_a_case_and_says_what_it_does():
    assert {param.values[0] for param in CASES} == set(OPERATORS)
    assert all(operator.__doc__ for operator in OPERATORS.values())


def test_a_file_without_torch_imports_it_where_it_is_needed():
    text = "from torch import Tensor\n\n\ndef double(x: Tensor):\n    y = x * 2\n    return y\n"
    assert rewritten("add_no_grad", text) == [
        text.replace("    y = x * 2\n", "    import torch\n    with torch.no_grad():\n        y = x * 2\n")
    ]


def test_a_term_that_is_known_only_in_a_comprehension_stays_there():
    text = "def total(xs):\n    return sum([torch.relu(x) + 1 for x in xs])\n"
    assert rewritten("no_grad_around_term", text) == []


def test_layers_of_two_methods_are_shared_where_they_are_used():
    text = dedent("""\
        class Block(nn.Module):
            def __init__(self):
                self.bn1 = nn.BatchNorm2d(3)
                self.bn2 = nn.BatchNorm2d(3)

            def forward(self, x):
                return self.bn2(self.bn1(x))
        """)
    assert rewritten("share_layer", text) == [
        text.replace("self.bn2 = nn.BatchNorm2d(3)", "self.bn2 = self.bn1"),
        text.replace("return self.bn2(", "return self.bn1("),
        text.replace("self.bn1(x)", "self.bn2(x)"),
    ]


def test_only_layers_that_behave_differently_in_training_are_put_into_one_mode():
    text = dedent("""\
        class Block(nn.Module):
            def __init__(self):
                self.conv = nn.Conv2d(3, 3, 1)
                self.norm = nn.Sequential(nn.BatchNorm2d(3))

            def forward(self, x):
                return self.norm(self.conv(x))
        """)
    assert rewritten("ignore_mode", text) == [
        text.replace("return self.norm(", "return self.norm.eval()("),
        text.replace("return self.norm(", "return self.norm.train()("),
    ]


def test_an_argument_of_a_call_over_several_lines_goes_with_its_line():
    text = "conv = nn.Conv2d(\n    3,\n    8,\n    stride=2,  # halves\n    bias=False,\n)\n"
    assert rewritten("drop_argument", text) == [
        "conv = nn.Conv2d(\n    3,\n    stride=2,  # halves\n    bias=False,\n)\n",
        "conv = nn.Conv2d(\n    3,\n    8,\n    bias=False,\n)\n",
        "conv = nn.Conv2d(\n    3,\n    8,\n    stride=2,\n)\n",
    ]


def test_a_module_level_function_keeps_state_in_its_globals():
    text = "def norm(x: Tensor):\n    return x.norm()\n"
    assert rewritten("keep_state", text) == [text.replace("x.norm()", 'globals().setdefault("kept", x.norm())')]
