"""Archives and notebooks as students hand them in, and what must hold whatever has become of them."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.submissions.model import Contents, Expected, Submission
from autograder.submissions.read import read_submission

EXPECTED = (
    Expected("residual_block", "residual_block.py", ("ResidualBlock",)),
    Expected("se_block", "se_block.py", ("SEBlock",)),
    Expected("clip_grad", "clip_grad.py", ("clip_grad", "clip_grad_value")),
)
_SOURCES = {
    "residual_block.py": "from torch import nn\n\n\nclass ResidualBlock(nn.Module):\n    pass\n",
    "se_block.py": "# -*- coding: utf-8 -*-\nclass SEBlock:\n    '''잔차 é'''\n",
    "clip_grad.py": "def clip_grad(p, n):\n    pass\n\n\ndef clip_grad_value(p, v):\n    return [x for x in p]\n",
}
_CELLS = [
    "%matplotlib inline\nimport torch\nfrom torch import nn",
    "!pip install torch \\\n  numpy\nclass ResidualBlock(nn.Module):\n    def f(self):\n        return helper()",
    "def helper():\n    return torch.relu(x)\nnn.Conv2d?",
    "%%time\nclass SEBlock: pass\nx = await y",
    "def clip_grad(): pass\ndef clip_grad_value(\n",
]


def notebooks() -> list[bytes]:
    """Notebooks with outputs."""
    code = [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in _CELLS]
    code[0]["outputs"] = [{"data": {"image/png": "iVBOR" * 40}, "text": ["NaN", float("nan")]}]
    new = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [*code, {"cell_type": "markdown", "source": ["x"]}],
    }
    return [json.dumps(new).encode()] * 3


def archives() -> list[bytes]:
    """Archives as different programs make them."""
    inner = _zip(_SOURCES)
    notebook = notebooks()[0]
    folder = {f"week4/{name}": text for name, text in _SOURCES.items()}
    clutter = {"__MACOSX/week4/._se_block.py": b"\0\5\26\7", "week4/.DS_Store": b"\0", "week4/": b""}
    streamed = io.BytesIO()
    with zipfile.ZipFile(_Unseekable(streamed), "w", zipfile.ZIP_DEFLATED) as archive:  # sizes come after the data
        for name, text in _SOURCES.items():
            archive.writestr(name, text)
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w") as archive, archive.open("se_block.py", "w", force_zip64=True) as member:
        member.write(_SOURCES["se_block.py"].encode())
    return [
        inner,
        _zip(_SOURCES, zipfile.ZIP_STORED),
        _zip({**folder, **clutter}),
        _zip({"se_block.py": _SOURCES["se_block.py"], "more/inner.zip": inner, "core.ipynb": notebook}),
        _zip({"한글/residual_block.py": _SOURCES["residual_block.py"], "zeros.bin": b"\0" * 100_000}),
        streamed.getvalue(),
        large.getvalue(),
        b"#!/bin/sh\n" * 20 + inner,
        inner + b"\0" * 40,
    ]


class _Unseekable:
    def __init__(self, file: io.BytesIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        pass


def _zip(files: dict[str, str | bytes] | dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.create_system, member.compress_type = 3, compression
            member.external_attr = ((stat.S_IFDIR if name.endswith("/") else stat.S_IFREG) | 0o644) << 16
            archive.writestr(member, content)
    return buffer.getvalue()


# -- what must hold ---------------------------------------------------------------------------------------------------


class Watch:
    """Notes whatever this process changes outside its own memory. There can be only one, and it stays."""

    _CHANGES = ("os.", "shutil.", "subprocess.", "socket.", "tempfile.")
    _HARMLESS = ("os.listdir", "os.scandir", "os.fwalk", "os.walk")

    def __init__(self) -> None:
        self._noted: list[str] | None = None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._noted is None:
            return
        if event == "open":
            flags = arguments[2]
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                self._noted.append(f"{event} {arguments[0]!r}")
        elif event.startswith(self._CHANGES) and event not in self._HARMLESS:
            self._noted.append(f"{event} {arguments!r}")

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """Raises AssertionError at the end when something was changed."""
        self._noted = noted = []
        try:
            yield
        finally:
            self._noted = None
        assert not noted, noted


def read(path: Path, watch: Watch) -> bool:
    """Whether some exercise was found. Raises when something is wrong with our code."""
    with watch.nothing_changes():
        contents = read_submission(Submission("kim", path), EXPECTED)
    _check(contents)
    return bool(contents.sources)


def _check(contents: Contents) -> None:
    assert sorted([*contents.sources, *contents.problems]) == sorted(wanted.exercise for wanted in EXPECTED)
    for source in contents.sources.values():
        compile(source.text, "source", "exec")
        assert "\0" not in source.text
        assert "\r" not in source.text
        assert len(source.text) < 2_000_000
    for text in [*(problem.message for problem in contents.problems.values()), *contents.notes]:
        assert 10 < len(text) < 1_000, text
        assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text), text
        assert "Traceback" not in text
        assert "/tmp" not in text
