"""What travels between grader and worker as plain data, and what is refused on arrival."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from autograder.sandbox.values import (
    MAX_DEPTH,
    CannotTravelError,
    Decoder,
    Encoder,
    MalformedMessage,
    dtype_from_name,
    dtype_name,
    tree_map,
)

DTYPES = [torch.float64, torch.float16, torch.bfloat16, torch.complex64, torch.int64, torch.uint8, torch.bool]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**65), max_value=2**65)
    | st.integers(min_value=-(10**398), max_value=10**398)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.sampled_from(DTYPES)
)
keys = (
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.floats(allow_nan=False)
    | st.tuples(st.text(max_size=3), st.integers(-9, 9))
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=25,
)
json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*"fibludgtokasemync", ""]),
            inner,
        )
    ),
    max_leaves=25,
)


def sent(value, encoder=None):
    """The JSON tree of a value, as it is read at the other end."""
    return msgspec.json.decode(msgspec.json.encode((encoder or Encoder()).value(value)))


def read(tree, tensors=()):
    """What the grader makes of a tree."""
    return Decoder(list(tensors)).value(tree)


def arrived(value):
    """What becomes of a value on its way."""
    encoder = Encoder()
    tree = sent(value, encoder)
    return read(tree, [wire.data for wire in encoder.tensors])


def nested(depth):
    """An empty list in as many lists."""
    tree = {"l": []}
    for _ in range(depth):
        tree = {"l": [tree]}
    return tree


# -- what travels -----------------------------------------------------------------------------------------------------


@given(values)
def test_data_arrives_with_its_values_and_types(value):
    # repr tells 1 from True and 1.0, 0.0 from -0.0, a tuple from a list, and shows NaN and the order of a dict.
    assert repr(arrived(value)) == repr(value)


@pytest.mark.parametrize("value", [2**53 - 1, 2**53, -(2**53), 2**63, 2**64, -(10**398)])
def test_integers_arrive_whatever_their_size(value):
    assert arrived(value) == value


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, -0.0, 5e-324, 0.1])
def test_floats_arrive_bit_by_bit(value):
    assert arrived(value).hex() == value.hex()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes_arrive(dtype):
    assert arrived(dtype) is dtype
    assert dtype_from_name(dtype_name(dtype)) is dtype


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, {"?": 1, "\ud800": 2}], ids=ascii)
def test_text_without_an_encoding_does_not_travel(value):
    with pytest.raises(CannotTravelError, match="half a character"):
        Encoder().value(value)


@dataclass
class Point:
    x: float
    y: torch.Tensor


class Pair(NamedTuple):
    first: int
    second: str


def test_dataclasses_and_named_tuples_arrive_as_what_they_are_made_of():
    assert arrived([Point(0.5, torch.ones(1)), Pair(1, "b")]) == [{"x": 0.5, "y": torch.ones(1)}, (1, "b")]


@pytest.mark.parametrize(
    "value", [object(), len, nn.ReLU(), nn.ReLU, {1, 2}, iter([1]), lambda: 0, range(3)], ids=lambda v: type(v).__name__
)
@pytest.mark.parametrize("within", [lambda value: value, lambda value: [{"a": (value,)}]], ids=["itself", "within"])
def test_what_is_no_data_does_not_travel_in_silence(value, within):
    with pytest.raises(CannotTravelError, match=rf"a value of type ([\w.]+\.)?{type(value).__name__} cannot be passed"):
        Encoder().value(within(value))


def test_a_value_that_holds_itself_does_not_travel():
    endless = []
    endless.append(endless)
    with pytest.raises(CannotTravelError, match=f"nested more than {MAX_DEPTH} deep"):
        Encoder().value(endless)


def test_an_integer_without_end_does_not_travel():
    with pytest.raises(CannotTravelError, match="has 400 digits or more"):
        Encoder().value(10**5000)
    with pytest.raises(CannotTravelError):
        Encoder().value(-(10**399))


# -- tensors ----------------------------------------------------------------------------------------------------------


def test_a_tensor_is_copied():
    tensor = torch.zeros(2)
    encoder = Encoder()
    encoder.value(tensor)
    tensor += 1
    assert torch.equal(encoder.tensors[0].data, torch.zeros(2))


def test_the_same_tensor_is_sent_once():
    tensor, equal = torch.zeros(2), torch.zeros(2)
    encoder = Encoder()
    assert encoder.value([tensor, equal, (tensor,)]) == {"l": [{"t": 0}, {"t": 1}, {"u": [{"t": 0}]}]}
    assert len(encoder.tensors) == 2
    assert encoder.originals[0] is tensor


def test_what_autograd_knows_of_a_tensor_is_sent_along():
    leaf = torch.zeros(2, requires_grad=True)
    parameter = nn.Parameter(torch.zeros(2), requires_grad=False)
    encoder = Encoder()
    encoder.value([torch.zeros(2), leaf, leaf * 2, parameter])
    told = [(wire.requires_grad, wire.is_leaf, wire.is_parameter) for wire in encoder.tensors]
    assert told == [(False, True, False), (True, True, False), (True, False, False), (False, True, True)]


def test_a_gradient_is_sent_with_its_tensor():
    leaf = torch.zeros(2, requires_grad=True)
    leaf.grad = torch.ones(2)
    encoder = Encoder()
    encoder.value([leaf, leaf.grad])
    assert encoder.tensors[0].grad == 1
    assert torch.equal(encoder.tensors[1].data, torch.ones(2))
    assert len(encoder.tensors) == 2


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3).T,
        torch.arange(3.0).expand(2, 3),
        torch.tensor([1 + 2j]).conj(),
        torch.tensor([0.0, 2.0]).to_sparse(),
    ],
    ids=["transposed", "expanded", "conjugated", "sparse"],
)
def test_views_and_other_layouts_are_sent_as_plain_values(tensor):
    encoder = Encoder()
    encoder.value(tensor)
    data = encoder.tensors[0].data
    assert data.is_contiguous()
    assert not data.is_conj()
    assert torch.equal(data, tensor.to_dense().resolve_conj())


def test_a_subclass_of_tensor_is_sent_as_a_plain_tensor_and_without_running_its_code():
    class Hostile(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *_):
            raise AssertionError("this must not run")

    encoder = Encoder()
    encoder.value(torch.ones(2).as_subclass(Hostile))
    assert type(encoder.tensors[0].data) is torch.Tensor


def test_a_dtype_that_cannot_travel_is_named():
    with pytest.raises(CannotTravelError, match="tensors of dtype float8_e5m2 cannot be sent"):
        Encoder().value(torch.zeros(2, dtype=torch.float8_e5m2))


# -- what is refused --------------------------------------------------------------------------------------------------

MALFORMED = {
    "a bare float": 0.5,
    "a bare list": [1],
    "an empty object": {},
    "two kinds at once": {"i": "1", "f": "0x1p0"},
    "an unknown kind": {"z": 1},
    "no kind": {"": 1},
    "a class of a library": {"n": "torch.nn.ReLU"},
    "something to be built": {"c": ["torch.nn.ReLU", {"u": []}, {"d": []}]},
    "a float as a number": {"f": 1.5},
    "a float misspelled": {"f": "one"},
    "a float too large": {"f": "0x1p99999"},
    "an integer as a number": {"i": 1},
    "an integer misspelled": {"i": "1e3"},
    "an integer with two signs": {"i": "--1"},
    "an integer in other digits": {"i": "١"},
    "an integer with underscores": {"i": "1_0"},
    "an integer without digits": {"i": "-"},
    "an integer of 401 digits": {"i": "1" * 401},
    "an unknown dtype": {"y": "float63"},
    "a dtype that is no text": {"y": 64},
    "a list that is none": {"l": {"0": 1}},
    "a tuple that is none": {"u": "12"},
    "a dictionary that is none": {"d": {"a": 1}},
    "an entry that is no pair": {"d": [["a"]]},
    "an entry of three": {"d": [["a", 1, 2]]},
    "an entry that is no list": {"d": ["ab"]},
    "the same key twice": {"d": [["a", 1], ["a", 2]]},
    "keys that are equal": {"d": [[1, 1], [True, 2]]},
    "bytes that are no text": {"b": 1},
    "bytes misspelled": {"b": "a"},
    "bytes with a stranger among them": {"b": "aa*a"},
    "keys that are equal though one is a float": {"d": [[1, 1], [{"f": "0x1p0"}, 2]]},
    "an object that stayed here": {"k": [1, "object"]},
    "an argument": {"a": 0},
    "a name of the file": {"s": "f"},
    "a name of beside.py": {"e": "f"},
    "a method": {"m": [{"o": 1}, "step"]},
    "a generator": {"g": []},
    "an object": {"o": 1},
    "a list as key": {"d": [[{"l": []}, 1]]},
    "a tuple with a list as key": {"d": [[{"u": [{"l": []}]}, 1]]},
    "a tensor as key": {"d": [[{"t": 0}, 1]]},
    "an object as key": {"d": [[{"o": 1}, 1]]},
    "a tensor that is not there": {"t": 1},
    "a negative index": {"t": -1},
    "a boolean as index": {"t": False},
    "text as index": {"t": "0"},
    "a float as index": {"t": 0.0},
    "too deep": nested(MAX_DEPTH + 1),
    "far too deep": nested(500),
}


@pytest.mark.parametrize("tree", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_tree_is_refused(tree):
    with pytest.raises(MalformedMessage):
        read(tree, [torch.zeros(1)])


@pytest.mark.parametrize("kind", ["l", "u"])
def test_what_is_malformed_is_refused_wherever_it_stands(kind):
    with pytest.raises(MalformedMessage):
        read({"d": [["a", {kind: [1, {"z": 1}]}]]})


def test_a_tree_of_the_greatest_depth_is_read():
    value = read(nested(MAX_DEPTH))
    for _ in range(MAX_DEPTH):
        (value,) = value
    assert value == []


@given(json_trees)
def test_any_other_json_is_read_or_refused(tree):
    with contextlib.suppress(MalformedMessage):
        assert not callable(read(tree, [torch.zeros(1)]))


def test_named_tuples_keep_their_names():
    class Pair(NamedTuple):
        one: int
        other: dict[str, int]

    mapped = tree_map(lambda leaf: leaf + 1, [Pair(1, {"x": 2}), torch.Size((3, 4))])
    assert mapped == [Pair(2, {"x": 3}), torch.Size((4, 5))]
    assert [type(each) for each in mapped] == [Pair, torch.Size]
