"""docs/tutorial.md, followed line by line: every file written, every command run, every line of output there.

A block `sh` is commands; a block without a language, after it, is lines that they print; any other block is the file
whose path stands in the paragraph before.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")]

PAGE = Path(__file__).parents[3] / "docs" / "tutorial.md"
BLOCK = re.compile(r"(?:^`(?P<path>[^`\n]+)`\n\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def words(text: str) -> list[str]:
    """The lines, each as its words."""
    return [" ".join(line.split()) for line in text.splitlines()]


def typed(folder: Path, line: str, autograder, python: str) -> str:
    """What a line of a block prints; it has to succeed, unless a comment says how it ends."""
    command, _, comment = line.partition("  # ")
    status = re.search(r"\bstatus (\d)\b", comment)
    program, *arguments = shlex.split(command)
    if program == ".venv/bin/autograder":
        process = autograder(folder, *arguments)
    else:
        run = command.replace(".venv/bin/python", shlex.quote(python))
        process = subprocess.run(["bash", "-ec", run], cwd=folder, capture_output=True, text=True, timeout=300)
    assert process.returncode == (int(status[1]) if status else 0), f"{line}\n{process.stdout}{process.stderr}"
    return process.stdout + process.stderr


def test_the_tutorial_can_be_followed_line_by_line(tmp_path, autograder, python):
    for name in ("assignments", "solutions", "tests"):
        (tmp_path / name).mkdir()
    printed = ""
    counts = dict.fromkeys(("files", "commands", "lines"), 0)
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        text, language, path = block["text"], block["language"], block["path"]
        if language == "sh":
            lines = text.splitlines()
            printed = "".join(typed(tmp_path, line, autograder, python) for line in lines)
            counts["commands"] += len(lines)
        elif language:
            assert path, f"no path above the block that begins with {text[:60]}"
            assert (tmp_path / path).parent.is_dir(), f"{path}: there is no such folder"
            (tmp_path / path).write_text(text, encoding="utf-8")
            counts["files"] += 1
        else:
            seen = words(printed)
            for line in words(text):
                assert any(line in one for one in seen), f"not printed: {line}\n{printed}"
                counts["lines"] += 1
    assert counts == {"files": 11, "commands": 15, "lines": 41}
