"""Frames that are nearly right: some bytes changed, or the tree of the header changed and the lengths put right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
from answers import Frame

_NAMES = ["float64", "float32", "float16", "bfloat16", "complex64", "complex128", "int64", "int8", "uint8", "bool"]
_WIDTHS = {"float64": 8, "int64": 8, "complex64": 8, "complex128": 16, "float32": 4, "int8": 1, "uint8": 1, "bool": 1}
_SIZES = [0, 1, 2, 3, 7, 64, 2**20, 2**26, 2**31, 2**39, 2**40, 2**53, 2**63, 2**64, -1, -(2**63)]
_KINDS = ["f", "i", "b", "y", "l", "u", "d", "t", "a", "k", "o", "s", "e", "m", "g", "n", "c", "", "z"]
_WORDS = ["is", "op", "done", "loaded", "returned", "raised", "described", "misfits", "parts", "around", "value"]
_WORDS += ["call", "result", "effects", "tensor", "bumped", "grad_rebound", "grad", "requires_grad", "hooked", "seen"]
_WORDS += ["type", "builtin", "text", "frames", "rows", "missing", "unexpected", "misshapen", "names", "modules"]
_WORDS += ["module", "StopIteration", "OSError", "KeyboardInterrupt", "__doc__", "AAAA", "A"]
_WORDS += [
    "",
    "nan",
    "-inf",
    "0x1p+9999",
    "9" * 400,
    "-" + "9" * 399,
    "١",
    "\u202e",
    "x" * 5000,
    "\0",
    "\U0001f600",
    "meta",
]

# Text that no encoder writes; each stands in for a string of that number.
_RAW = [b"NaN", b"1e400", b"-0", b"1.5", b"9" * 400, b"9" * 5000, b'"\\ud800"', b"\xff", b"nul", b'"', b"{", b"]"]
_RAW += [b"[" * 300 + b"]" * 300, b"[" * 5000 + b"]" * 5000, b'{"l":[' * 400 + b"]}" * 400, b'{"l":[' * 13 + b"]}" * 13]
_RAW += [b'{"l":[],"l":[1]}', b"[" + b"{}," * 3000 + b"{}]", b'{"u":[' + b'{"t":0},' * 3000 + b'{"t":0}]}']
_RAW += [b'{"d":[' + b",".join(b'[{"i":"%d"},1]' % (number * (2**61 - 1)) for number in range(2000)) + b"]}"]
_RAW += [b'{"d":[["a",1],["a",2]]}', b'{"d":[[{"u":[{"t":0}]},1]]}', b'{"d":[[{"f":"nan"},1]]}', b'{"y":[[]]}', b"\\"]
_MARK = "\x01raw"


def mutant(frame: Frame, others: Sequence[Frame], rng: Random) -> Frame:
    """A frame that differs from `frame`, perhaps by parts of the `others`."""
    if rng.random() < 0.2:
        return _changed_bytes(frame, others, rng)
    return _changed_tree(frame, others, rng)


def prefixed(frame: Frame, rng: Random) -> bytes:
    """The frame as bytes on a connection, with a prefix that may be wrong."""
    sizes = [len(frame.header), len(frame.payload)]
    if rng.random() < 0.3:
        sizes[rng.randrange(2)] = rng.choice([0, 1, 2**20, 2**20 + 1, 2**28, 2**28 + 1, 2**31, 2**32 - 1])
    magic = b"AGRDFRM1" if rng.random() < 0.95 else rng.randbytes(8)
    data = magic + sizes[0].to_bytes(4, "little") + sizes[1].to_bytes(8, "little") + frame.header + frame.payload
    return data if rng.random() < 0.8 else data[: rng.randrange(len(data))]


def damaged(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """Some bytes changed, put in, taken out, doubled, or replaced by a piece of another text."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        start = rng.randrange(len(changed) + 1)
        end = min(len(changed), start + rng.choice((0, 1, 1, 2, 4, 30)))
        action = rng.randrange(5)
        if action == 0 and start < len(changed):
            changed[start] ^= 1 << rng.randrange(8)
        elif action == 1:
            changed[start:end] = rng.randbytes(end - start + rng.randrange(2))
        elif action == 2:
            del changed[start:end]
        elif action == 3:
            changed[start:start] = changed[start:end] * rng.choice((1, 2, 50))
        else:
            other = rng.choice(others)
            piece = rng.randrange(len(other) + 1)
            changed[start:end] = other[piece : piece + rng.choice((1, 4, 40))]
    return bytes(changed)


def _changed_bytes(frame: Frame, others: Sequence[Frame], rng: Random) -> Frame:
    if rng.random() < 0.7:
        return Frame(damaged(frame.header, [other.header for other in others], rng), frame.payload)
    return Frame(frame.header, damaged(frame.payload, [other.payload for other in others], rng))


def _changed_tree(frame: Frame, others: Sequence[Frame], rng: Random) -> Frame:
    fields = msgspec.json.decode(frame.header)
    pieces = _pieces(fields["tensors"], frame.payload)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if fields["tensors"] and rng.random() < 0.35:
            _change_tensor(fields["tensors"], pieces, rng)
        else:
            donor = msgspec.json.decode(rng.choice(others).header)["body"] if rng.random() < 0.3 else fields["body"]
            fields["body"] = _changed(fields["body"], donor, rng)
    header = msgspec.json.encode(fields)
    for number, raw in enumerate(_RAW):
        header = header.replace(b'"\\u0001raw%d"' % number, raw)
    return Frame(header, b"".join(pieces))


def _changed(tree: Any, donor: Any, rng: Random) -> Any:
    """The tree with something else at one place."""
    children = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    if children and rng.random() < 0.85:
        key, child = rng.choice(children)
        tree[key] = _changed(child, donor, rng)
        return tree
    action = rng.randrange(6)
    if action == 0 and isinstance(tree, list) and tree:
        del tree[rng.randrange(len(tree))]
        return tree
    if action == 1 and isinstance(tree, list) and tree:
        place = rng.randrange(len(tree))
        tree[place:place] = [tree[place]] * rng.choice((1, 2, 40))
        return tree
    if action == 2 and isinstance(tree, dict) and tree:
        return {rng.choice(_KINDS): tree.popitem()[1]}
    if action == 3:
        return {rng.choice(_KINDS): tree if rng.random() < 0.5 else [tree]}
    if action == 4:
        return _part(donor, rng)
    return _anything(rng)


def _part(tree: Any, rng: Random) -> Any:
    while isinstance(tree, (dict, list)) and tree and rng.random() < 0.8:
        tree = rng.choice(list(tree.values()) if isinstance(tree, dict) else tree)
    return msgspec.json.decode(msgspec.json.encode(tree))


def _anything(rng: Random) -> Any:
    choice = rng.randrange(8)
    if choice == 0:
        return rng.choice((None, True, False, [], {}, 0, 1, -1))
    if choice == 1:
        return rng.choice(_SIZES)
    if choice == 2:
        return rng.choice(_WORDS)
    if choice == 3:
        return f"{_MARK}{rng.randrange(len(_RAW))}"
    if choice == 4:
        return {"t": rng.randrange(4)}
    if choice == 5:
        return {"k": [rng.randrange(6), rng.choice(_WORDS)]} if rng.random() < 0.5 else {"a": rng.randrange(3)}
    if choice == 6:
        return {"i": rng.choice(_WORDS)} if rng.random() < 0.5 else {"f": rng.choice(_WORDS)}
    return {rng.choice("lugd"): [_anything(rng) for _ in range(rng.randrange(4))]}


# -- tensors ----------------------------------------------------------------------------------------------------------


def _pieces(specifications: Sequence[Any], payload: bytes) -> list[bytes]:
    """The bytes of each tensor of a frame that is right."""
    pieces, offset = [], 0
    for specification in specifications:
        size = _bytes_of(specification) or 0
        pieces.append(payload[offset : offset + size])
        offset += size
    return pieces


def _change_tensor(specifications: list[Any], pieces: list[bytes], rng: Random) -> None:
    place = rng.randrange(len(specifications))
    specification = specifications[place]
    if rng.random() < 0.05:
        many = rng.choice((1, 1, 30, 3000))
        specifications += [list(specification) for _ in range(many)] if isinstance(specification, list) else []
        pieces += [pieces[place]] * many
        return
    if not isinstance(specification, list) or len(specification) != 8 or rng.random() < 0.05:
        specifications[place] = _anything(rng)
        return
    field = rng.randrange(8)
    if field == 0:
        specification[0] = rng.choice(_NAMES)
    elif field == 1:
        specification[1] = [
            rng.choice(_SIZES[: rng.choice((4, len(_SIZES)))]) for _ in range(rng.choice((0, 1, 2, 3, 4, 17)))
        ]
    elif field == 2 and isinstance(specification[1], list):
        specification[1] = rng.sample(specification[1], len(specification[1]))
    elif field == 3:
        specification[2] = rng.choice(("cpu", "meta", "cuda"))
    elif field == 7:
        specification[rng.randrange(8)] = _anything(rng)
    else:
        specification[field - 1] = rng.choice((True, False, None, 0, 1, 2))
    if rng.random() < 0.9:
        size = _bytes_of(specification)
        if size is not None and size != len(pieces[place]):
            pieces[place] = rng.choice((bytes(size), rng.randbytes(size), b"\1" * size))


def _bytes_of(specification: Any) -> int | None:
    """How many bytes a specification asks for; None where that makes no sense or is too much."""
    width = {
        "float64": 8,
        "int64": 8,
        "complex64": 8,
        "complex128": 16,
        "float32": 4,
        "int32": 4,
        "int8": 1,
        "uint8": 1,
    }
    try:
        name, shape, device = specification[:3]
        size = 0 if device == "meta" else math.prod(shape) * width.get(name, 1 if name == "bool" else 2)
    except (TypeError, ValueError):
        return None
    return size if isinstance(size, int) and 0 <= size <= 1 << 20 else None
