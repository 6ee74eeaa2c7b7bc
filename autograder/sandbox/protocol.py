"""What a grader may ask a host, and what a host may answer: a type for every question and reply.

Fields called `Tree` hold values as `autograder.sandbox.values` writes them; integers called `...tensor` are places in
the message's table of tensors. msgspec checks the types and bounds of whatever arrives.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct
from torch import Tensor

Tree = Any
"""A value as `Encoder.value` writes it; only a `Decoder` reads it."""

MAX_TEXT = 2_000
"""Longest text of an exception that travels, in characters."""
MAX_NAMES = 5_000
"""How many of a file's public names travel. `import *` from torch, torch.nn and numpy makes 1,500, its own last."""
MAX_USES = 20
"""So many uses of forbidden names travel."""
MAX_FRAMES = 20
MAX_META = 2**40
"""Bound on the elements of a tensor without values."""

Number = Annotated[int, Meta(ge=0, lt=2**53)]
"""Of an object or a call on the host's side."""
TensorIndex = Annotated[int, Meta(ge=0, lt=2**31)]
_Line = Annotated[int, Meta(ge=0, le=10_000_000)]
Shape = Annotated[list[Annotated[int, Meta(ge=0, lt=MAX_META)]], Meta(max_length=16)]
"""Sizes of a tensor, or its strides."""
_Name = Annotated[str, Meta(max_length=20_000)]
_Word = Annotated[str, Meta(max_length=80)]
_Generator = Annotated[str, Meta(pattern=r"^(numpy|random|torch)\Z")]
_Floating = Annotated[str, Meta(pattern=r"^(float64|float32|float16|bfloat16)\Z")]
_Used = Annotated[str, Meta(pattern=r"^[\w.:]{1,200}\Z")]


# -- questions --------------------------------------------------------------------------------------------------------


class Step(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A module's method that is called, and whose result nobody wants: `eval()`."""

    target: Number
    method: str
    args: Tree


class Question(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", forbid_unknown_fields=True):
    """What a host is asked."""

    answered: ClassVar[bool] = True
    """Whether somebody waits for the reply."""
    first: list[Step] = []
    """What is done before; an error in there is the reply."""


class Load(Question, frozen=True, tag="load"):
    """Import the student's file, and the suite's own file beside it. Answered by `Loaded`."""

    module: str
    """The name that the file is imported by."""
    text: str
    draw: int
    """Seed of the random numbers that the code draws meanwhile."""
    beside: str | None = None
    """Text of the exercise's beside.py."""
    forbidden: list[str] = []
    """Dotted names that the code must not use."""
    take_away: bool = True
    """Whether a use raises, or is only noted."""


class Reset(Question, frozen=True, tag="reset"):
    """A check begins: forget objects and calls of the last one."""

    answered: ClassVar[bool] = False


class Call(Question, frozen=True, tag="call"):
    """Call a function, class, module or method. Answered by `Returned`."""

    function: Tree
    args: Tree
    kwargs: Tree
    draw: int
    gradients: bool = True
    """Whether autograd records what the call does."""
    device: str | None = None
    """Where tensors are made that the code makes without saying where."""
    library: bool = False
    """Whether something of the library's is built or called for the suite: under torch's defaults, not the file's."""


class Backward(Question, frozen=True, tag="backward"):
    """Send gradients back through an earlier call. Answered by `Returned`, a tensor or None for each argument."""

    call: Number
    grads: Tree
    """A tensor or None for each output of the call."""
    create_graph: bool = False
    """Whether the result can be differentiated again; it is a call of its own then, whose arguments are those of the
    earlier call and `grads`."""


class State(Question, frozen=True, tag="state"):
    """Describe a module's parameters and buffers. Answered by `Described`."""

    target: Number
    values: bool = True
    grads: bool = True


Kind = Literal["matrix", "scale", "variance", "other", "kept"]
"""Of random numbers: scaled by the fan in; of both signs, and not near 0; positive; a half on average; or none, so that
what was there stays.
"""


class Entry(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A parameter or buffer for which random numbers are drawn where it is: they need not travel."""

    name: _Name
    shape: Shape
    kind: Kind


class LoadState(Question, frozen=True, tag="load_state"):
    """Copy values into a module by name, or the numbers that a seed gives, if they fit. Answered by `Misfits`."""

    target: Number
    values: dict[str, TensorIndex] = {}
    entries: list[Entry] = []
    draw: int | None = 0
    """The seed of the numbers for `entries`; None where nothing is copied, and only names and shapes are compared."""


class Modules(Question, frozen=True, tag="modules"):
    """Describe a module's sub-modules. Answered by `Parts`."""

    target: Number


class Attribute(Question, frozen=True, tag="attribute"):
    """Read an attribute by its dotted path. Answered by `Value`."""

    target: Number
    name: str
    keep: bool = False
    """Whether the answer is a handle in any case, so that identity can be asked of a tensor or a list, too."""


class World(Question, frozen=True, tag="world"):
    """Look at what the last call left to whoever comes next. Answered by `Around`."""


AnyQuestion = Load | Reset | Call | Backward | State | LoadState | Modules | Attribute | World


# -- replies ----------------------------------------------------------------------------------------------------------


class Reply(Struct, frozen=True, tag_field="is", forbid_unknown_fields=True):
    """What a host answers."""


class Done(Reply, frozen=True, tag="done"):
    """A worker is confined and ready; also what comes of a reset."""


class _Seen(Reply, frozen=True):
    """A reply to a question that ran the student's code."""

    seen: Annotated[list[tuple[_Used, _Line]], Meta(max_length=MAX_USES)] = []
    """Uses of forbidden names so far: name and line, 0 where no line is known."""


class Loaded(_Seen, frozen=True, tag="loaded", kw_only=True):
    """The file's public names, and what each is: "module" (a class of nn.Module), "class", "function" or "value"."""

    names: Annotated[dict[_Name, _Word], Meta(max_length=MAX_NAMES)]


class Effect(Struct, frozen=True, forbid_unknown_fields=True):
    """What a call did to one of the tensors that were passed in."""

    tensor: TensorIndex
    """Which, in the question's table."""
    value: TensorIndex | None = None
    """Its new value, where it was written to."""
    bumped: bool = False
    """Written to in a way that autograd counts (`_version`), not through `.data`."""
    grad_rebound: bool = False
    """Its `.grad` is another object now, or gone."""
    grad: TensorIndex | None = None
    requires_grad: bool | None = None
    """Where that was changed."""
    hooked: bool = False
    """A hook waits on it."""


class Returned(_Seen, frozen=True, tag="returned", kw_only=True):
    """A call came back."""

    call: Number
    result: Tree
    effects: list[Effect]
    drew: bool = False
    """It took random numbers from torch's generator."""


class Raised(_Seen, frozen=True, tag="raised", kw_only=True):
    """The code raised."""

    type: _Word
    builtin: _Word
    """The nearest of Python's own types."""
    text: Annotated[str, Meta(max_length=MAX_TEXT)]
    frames: Annotated[list[tuple[_Line, _Word, Annotated[str, Meta(max_length=200)]]], Meta(max_length=MAX_FRAMES)]
    """Lines of the student's file that the exception passed: number, function, text."""


class Row(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A parameter or buffer."""

    name: _Name
    shape: Shape
    dtype: _Word
    device: _Word
    requires_grad: bool
    is_parameter: bool
    persistent: bool
    value: TensorIndex | None
    grad: TensorIndex | None


class Described(Reply, frozen=True, tag="described"):
    """A module's parameters and buffers, in its order. No values on the meta device, or where none were wanted."""

    rows: list[Row]


class Misfits(Reply, frozen=True, tag="misfits"):
    """What of a state dict does not fit into a module."""

    missing: list[_Name]
    unexpected: list[_Name]
    misshapen: list[tuple[_Name, Shape, Shape]]
    """Name, expected shape, own shape."""
    loaded: bool


class Parts(Reply, frozen=True, tag="parts"):
    """A module's sub-modules, itself first: dotted name, type, training flag."""

    modules: list[tuple[_Name, _Name, bool]]


class Around(Reply, frozen=True, tag="around", kw_only=True):
    """What the last call left to whoever comes next."""

    reset: Annotated[list[_Generator], Meta(max_length=3)]
    """Generators of random numbers that stand where they stood at an earlier look in this check. Every call starts from
    other numbers, so the code must have set them: `torch.manual_seed(0)`.
    """
    default_dtype: _Floating
    grad_enabled: bool


class Value(Reply, frozen=True, tag="value"):
    """A value."""

    value: Tree


AnyReply = Done | Loaded | Returned | Raised | Described | Misfits | Parts | Around | Value


# -- messages ---------------------------------------------------------------------------------------------------------


@dataclass
class WireTensor:
    """A tensor in a message: its data (detached) and what autograd needs to treat it alike on the other side."""

    data: Tensor
    requires_grad: bool = False
    is_leaf: bool = True
    is_parameter: bool = False
    grad: int | None = None
    """Index of the tensor that holds its gradient."""
    strides: tuple[int, ...] | None = None
    """How it lies in memory, in elements, as `Tensor.stride()` tells; None where it is contiguous. `data` always is."""


@dataclass
class Message:
    """One question or reply, and the tensors it refers to."""

    body: Any
    tensors: list[WireTensor] = field(default_factory=list)

    def copy(self) -> Message:
        """The same with tensors of its own."""
        return Message(self.body, [replace(wire, data=wire.data.detach().clone()) for wire in self.tensors])
