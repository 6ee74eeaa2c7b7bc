"""Archives and notebooks that are nearly right: bytes changed, fields of an archive's records set, JSON changed."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from random import Random
from typing import Any

from frame_mutants import damaged

# Offset and struct format of fields, after the signature; from the format's specification, APPNOTE.TXT, section 4.3.
_LOCAL = [(4, "H"), (6, "H"), (8, "H"), (14, "L"), (18, "L"), (22, "L"), (26, "H"), (28, "H")]
_CENTRAL = [(4, "H"), (6, "H"), (8, "H"), (10, "H"), (16, "L"), (20, "L"), (24, "L"), (28, "H"), (30, "H"), (32, "H")]
_CENTRAL += [(34, "H"), (36, "H"), (38, "L"), (42, "L")]
_END = [(4, "H"), (6, "H"), (8, "H"), (10, "H"), (12, "L"), (16, "L"), (20, "H")]
_RECORDS = {b"PK\x03\x04": _LOCAL, b"PK\x01\x02": _CENTRAL, b"PK\x05\x06": _END}
_VALUES = [0, 1, 2, 8, 9, 12, 14, 20, 45, 63, 99, 0x41, 0x800, 0x2041, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE]
_VALUES += [0xFFFFFFFF, 0o120777 << 16, 0o010644 << 16, 0o020666 << 16, 0o140644 << 16, 0x10]
_NAMES = [
    b"../../../../x.py",
    b"/etc/passwd",
    b"C:\\x.py",
    b"a\0b",
    b"\xff\xfe\xfd",
    b"..\\x",
    b"con.py",
    b"\xe2\x80\xae",
    b"./",
]
_NAMES += [b"se_block.py", b"SE_BLOCK.PY", b"core.ipynb", b"inner.zip", b".", b"//", b"\x1b[31m", b"a/b/c/d/e/f/g.py"]

_SCALARS: list[Any] = [None, True, False, 0, -1, 4, 3, 2**70, 1.5, float("nan"), float("-inf"), "", "x", [], {}, "code"]
_SCALARS += ["class SEBlock: pass", "%%bash\nls", "!ls \\", "x?" + " " * 3000 + "y", "(" * 300, "\0", "\ud800", "'''"]
_SCALARS += ["a" + "\u0300\u0323" * 3000, "try: pass\nfinally: pass\n" * 30, "def f():\n return\n" * 99, "\ufeffx = 1"]
_SCALARS += [
    "from x import *",
    "global SEBlock",
    "del SEBlock",
    "class SEBlock(:",
    "x = 1\r\ny = 2\r",
    "if x:\n\ty\n        z",
]


def archive_mutant(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """An archive that differs from `data`."""
    if rng.random() < 0.4:
        return damaged(data, others, rng)
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        signature = rng.choice(list(_RECORDS))
        places = _places(changed, signature)
        if not places:
            continue
        place = rng.choice(places)
        if rng.random() < 0.3 and signature != b"PK\x05\x06":
            _rename(changed, place, rng)
            continue
        offset, kind = rng.choice(_RECORDS[signature])
        value = rng.choice(_VALUES) & (0xFFFF if kind == "H" else 0xFFFFFFFF)
        if place + offset + struct.calcsize(f"<{kind}") <= len(changed):
            struct.pack_into(f"<{kind}", changed, place + offset, value)
    return bytes(changed)


def repacked(name: bytes, content: bytes, rng: Random) -> bytes:
    """An archive of one file that says of itself what it likes; the lengths and the checksum may be right."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(content) + packed.flush()
    sizes = [zlib.crc32(content), len(body), len(content)]
    for index in range(3):
        if rng.random() < 0.1:
            sizes[index] = rng.choice(_VALUES) & 0xFFFFFFFF
    extra = b"" if rng.random() < 0.8 else rng.randbytes(rng.choice((3, 4, 20)))
    mode = rng.choice((0o100644, 0o100644, 0o040755, 0o120777, 0)) << 16
    local = b"PK\x03\x04" + struct.pack("<5H3L2H", 20, 0, 8, 0, 33, *sizes, len(name), len(extra)) + name + extra + body
    record = struct.pack("<6H3L5H2L", 0x314, 20, 0, 8, 0, 33, *sizes, len(name), len(extra), 0, 0, 0, mode, 0)
    records = (b"PK\x01\x02" + record + name + extra) * rng.choice((1, 1, 1, 2, 3000))
    count = len(records) // (46 + len(name) + len(extra))
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, count, count, len(records), len(local), 0)
    return local + records + end


def odd_name(rng: Random) -> bytes:
    """A name that is hostile, or only unusual."""
    name = rng.choice(_NAMES)
    return name if rng.random() < 0.8 else name * rng.choice((2, 40, 3000))


def notebook_mutant(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """A notebook that differs from `data`."""
    if rng.random() < 0.25:
        return damaged(data, others, rng)
    tree = json.loads(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        tree = _changed(tree, rng)
    text = json.dumps(tree, ensure_ascii=rng.random() < 0.7)
    return text.encode("utf-8", errors="surrogatepass")


def _changed(tree: Any, rng: Random) -> Any:
    children = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    if children and rng.random() < 0.9:
        key, child = rng.choice(children)
        action = rng.random()
        if action < 0.05:
            del tree[key]
        elif action < 0.1 and isinstance(tree, list):
            tree[key:key] = [child] * rng.choice((1, 3, 2500))
        elif action < 0.13 and isinstance(tree, dict):
            tree[rng.choice(("cells", "worksheets", "source", "input", "nbformat", "cell_type"))] = child
        else:
            tree[key] = _changed(child, rng)
        return tree
    if isinstance(tree, str) and rng.random() < 0.6:
        text = tree.encode(errors="replace")
        return damaged(text, [text, b"class SEBlock:\n    pass\n", b"%!?'\"\\\n\t#()[]"], rng).decode(errors="replace")
    value = rng.choice(_SCALARS)
    return [value] * rng.choice((1, 3)) if rng.random() < 0.2 else value


def _places(data: bytearray, signature: bytes) -> list[int]:
    places, place = [], data.find(signature)
    while place >= 0:
        places.append(place)
        place = data.find(signature, place + 1)
    return places


def _rename(data: bytearray, place: int, rng: Random) -> None:
    """Another name of the same length, so that all else stays where it is."""
    start, at = (46, 28) if data[place : place + 4] == b"PK\x01\x02" else (30, 26)
    if place + start > len(data):
        return
    length = int.from_bytes(data[place + at : place + at + 2], "little")
    name = (rng.choice(_NAMES) * (length + 1))[:length]
    data[place + start : place + start + length] = name
