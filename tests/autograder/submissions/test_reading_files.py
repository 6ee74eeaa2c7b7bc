"""Submissions of .py files: in a folder, or one file alone."""

from __future__ import annotations

import ast
import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from autograder.submissions.files import MAX_FILES, MAX_SOURCE_BYTES
from autograder.submissions.find import find_submissions
from autograder.submissions.model import Contents, Expected, Segment, SourceFile, Submission
from autograder.submissions.read import read_submission

Read = Callable[[Path], Contents]
HandIn = Callable[..., Path]


# -- where files are found -----------------------------------------------------------------------------------------


def test_every_exercise_is_found_by_its_exact_name(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in(sources))
    assert {source.origin: source.text for source in contents.sources.values()} == sources
    assert (contents.problems, contents.notes) == ({}, ())


def test_files_may_lie_one_folder_deep(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in({f"week4/{name}": text for name, text in sources.items()}))
    assert contents.sources["clip_grad"].origin == "week4/clip_grad.py"
    assert not contents.problems


def test_the_top_counts_before_a_folder(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in(sources | {"old/se_block.py": "old = 1\n", "a/se_block.py": "a = 1\n"}))
    assert contents.sources["se_block"].text == sources["se_block.py"]
    assert contents.notes == ("Ignored `a/se_block.py`, `old/se_block.py`: `se_block.py` counts.",)


@pytest.mark.parametrize(
    ("other", "counts"),
    [
        ("attempt9", "attempt10"),
        ("v1", "v2"),
        ("backup", "final"),
        ("core_old", "mine"),
        ("work - copy", "work2"),
        ("kim", "kim_v2"),
        ("제출", "최종 수정"),
    ],
)
def test_the_latest_of_several_counts(
    read: Read, hand_in: HandIn, sources: dict[str, str], other: str, counts: str
) -> None:
    text = sources["se_block.py"]
    contents = read(hand_in({f"{other}/se_block.py": f"{text}\nEARLIER = 1\n", f"{counts}/se_block.py": text}))
    assert contents.sources["se_block"].origin == f"{counts}/se_block.py"
    assert contents.notes == (f"Ignored `{other}/se_block.py`: `{counts}/se_block.py` counts.",)


@pytest.mark.parametrize("name", ["a/b/core.ipynb", "a/b/work.zip"])
def test_what_lies_too_deep_to_be_looked_into_is_named(read: Read, hand_in: HandIn, name: str) -> None:
    assert {problem.message for problem in read(hand_in({name: "{}"})).problems.values()} == {
        f"`{name}` is too many folders deep: hand it in at the top, or in one folder."
    }


def test_a_notebook_that_is_called_a_script_is_named(
    read: Read, hand_in: HandIn, sources: dict[str, str], notebook: Callable[..., str]
) -> None:
    problem = read(hand_in({"se_block.py": notebook(sources["se_block.py"])})).problems["se_block"]
    assert problem.message == "`se_block.py` cannot be read: rename it to `se_block.ipynb` and submit again."


def test_of_a_script_that_was_a_notebook_the_fault_is_told_and_not_its_magics(read: Read, hand_in: HandIn) -> None:
    problem = read(hand_in({"se_block.py": "!pip install x\n\nclass SEBlock(:\n    pass\n"})).problems["se_block"]
    assert problem.message.startswith("line 3: `class SEBlock(:` - ")


def test_a_notebook_as_the_whole_submission_that_is_called_a_script_is_named(
    read: Read, hand_in: HandIn, sources: dict[str, str], notebook: Callable[..., str]
) -> None:
    contents = read(hand_in({"kim.py": notebook(sources["se_block.py"])}) / "kim.py")
    assert {problem.message for problem in contents.problems.values()} == {
        "`kim.py` cannot be read: rename it to `kim.ipynb` and submit again."
    }


def test_deeper_files_are_named_but_not_read(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in({"a/b/residual_block.py": sources["residual_block.py"]}))
    problem = contents.problems["residual_block"]
    assert problem.kind == "misnamed"
    assert (
        problem.message == "`a/b/residual_block.py` is too many folders deep: hand it in at the top, or in one folder."
    )


@pytest.mark.parametrize("folder", ["__MACOSX", ".git", "__pycache__", ".ipynb_checkpoints"])
def test_clutter_is_not_read(read: Read, hand_in: HandIn, sources: dict[str, str], folder: str) -> None:
    contents = read(hand_in({f"{folder}/{name}": text for name, text in sources.items()}))
    assert {problem.kind for problem in contents.problems.values()} == {"missing"}


def test_an_empty_folder(read: Read, hand_in: HandIn) -> None:
    problem = read(hand_in({})).problems["se_block"]
    assert (problem.kind, problem.message) == ("missing", "`se_block.py` was not handed in. Nothing was handed in.")


def test_missing_says_what_was_found(read: Read, hand_in: HandIn) -> None:
    problem = read(hand_in({"report.pdf": "", "notes.txt": "", "plots.py": ""})).problems["residual_block"]
    assert problem.kind == "missing"
    assert problem.message == "`residual_block.py` was not handed in. Found: `notes.txt`, `plots.py`, `report.pdf`."


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("hw4.rar", "archive", "hand in .py files, a .zip of them, or a notebook."),
        ("hw4.alz", "archive", "hand in .py files, a .zip of them, or a notebook."),
        ("hw4.7z", "archive", "hand in .py files, a .zip of them, or a notebook."),
        ("week4/hw4.tar.gz", "archive", "hand in .py files, a .zip of them, or a notebook."),
        ("answer.docx", "unreadable", "hand in .py files, a .zip of them, or a notebook."),
        ("answer.hwp", "unreadable", "hand in .py files, a .zip of them, or a notebook."),
        ("report.pdf", "unreadable", "hand in .py files, a .zip of them, or a notebook."),
        ("core.ipynb.json", "unreadable", "rename it to `core.ipynb` and submit again."),
        ("core.ipynb.txt", "unreadable", "rename it to `core.ipynb` and submit again."),
    ],
)
def test_what_cannot_be_read_is_told_as_if_it_were_the_whole_submission(
    read: Read, hand_in: HandIn, name: str, kind: str, says: str
) -> None:
    folder = hand_in({name: "x"})
    problem = read(folder).problems["se_block"]
    assert (problem.kind, problem.message) == (kind, f"`{name}` cannot be read: {says}")
    alone = read(folder / name).problems["se_block"]
    assert (alone.kind, alone.message) == (kind, f"`{name.rpartition('/')[2]}` cannot be read: {says}")


def test_text_alone_is_not_read(read: Read, hand_in: HandIn) -> None:
    assert read(hand_in({"answer.txt": "x"})).problems["se_block"].message == (
        "`se_block.py` was not handed in. Found: `answer.txt`. Text is not read: hand in .py files, a .zip of them, or "
        "a notebook."
    )


def test_an_archive_that_cannot_be_read_costs_only_what_it_might_have_held(
    read: Read, hand_in: HandIn, sources: dict[str, str]
) -> None:
    contents = read(hand_in({"se_block.py": sources["se_block.py"], "rest.rar": "x", "report.pdf": "x"}))
    assert set(contents.sources) == {"se_block"}
    assert contents.problems["clip_grad"].message.startswith("`rest.rar` cannot be read")


@pytest.mark.parametrize("own", ["checks/notebook/se_block.py", "core/checks/notebook/se_block.py"])
def test_the_checks_that_students_were_given_are_not_taken_for_answers(
    read: Read, hand_in: HandIn, sources: dict[str, str], own: str
) -> None:
    problem = read(hand_in({own: "x = 1\n", "SE_block.py": sources["se_block.py"]})).problems["se_block"]
    assert problem.message == "found `SE_block.py`, expected `se_block.py`: rename it and submit again."
    assert "checks" not in read(hand_in({own: "x = 1\n"})).problems["residual_block"].message


def test_a_folder_of_a_students_own_may_be_called_checks(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    files = {f"checks/{name}": text for name, text in sources.items()}
    assert not read(hand_in(files)).problems


def test_missing_does_not_list_hundreds_of_files(read: Read, hand_in: HandIn) -> None:
    problem = read(hand_in({f"image{number:02}.png": "" for number in range(12)})).problems["residual_block"]
    assert problem.message.endswith("`image04.png` and 7 more.")


def test_only_the_exercise_that_is_missing_is_a_problem(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    del sources["se_block.py"]
    contents = read(hand_in(sources))
    assert set(contents.problems) == {"se_block"}
    assert set(contents.sources) == {"residual_block", "clip_grad"}


# -- nearly right names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "resblock.py",
        "Residual_Block.py",
        "ResidualBlock.py",
        "residual-block.py",
        "residual block.py",
        "residual_block (1).py",
        "residual_block_final.py",
        "residual_block_v2.py",
        "residual_block copy.py",
        "Copy of residual_block.py",
        "residualblok.py",
        "kim_residual_block.py",
        "residual_block.PY",
        "residual_block.py.txt",
        "residual_block",
    ],
)
def test_a_nearly_right_name_is_told(read: Read, hand_in: HandIn, name: str) -> None:
    problem = read(hand_in({name: "x = 1\n"})).problems["residual_block"]
    assert problem.kind == "misnamed"
    assert problem.message == f"found `{name}`, expected `residual_block.py`: rename it and submit again."


@pytest.mark.parametrize(
    "name", ["data.py", "test_residual_block.py", "residual_block_public.py", "train.py", "se.txt"]
)
def test_other_names_are_not_taken_for_it(read: Read, hand_in: HandIn, name: str) -> None:
    assert read(hand_in({name: "x = 1\n"})).problems["residual_block"].kind == "missing"


def test_a_file_that_defines_what_is_wanted_is_told_whatever_its_name(
    read: Read, hand_in: HandIn, sources: dict[str, str]
) -> None:
    problems = read(hand_in({"answer.py": sources["residual_block.py"], "other.py": ""})).problems
    assert problems["residual_block"].message == (
        "found `answer.py`, expected `residual_block.py`: rename it and submit again."
    )
    assert problems["se_block"].kind == "missing"


def test_what_a_file_defines_counts_more_than_its_name(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    files = {"residual_block_old.py": "x = 1\n", "block.py": sources["residual_block.py"]}
    assert read(hand_in(files)).problems["residual_block"].message.startswith("found `block.py`")


def test_an_import_is_not_a_definition(read: Read, hand_in: HandIn) -> None:
    contents = read(hand_in({"train.py": "from residual_block import ResidualBlock\nblock = ResidualBlock(3, 3)\n"}))
    assert contents.problems["residual_block"].kind == "missing"


def test_everything_in_one_file_must_be_moved(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    problems = read(hand_in({"all.py": "\n".join(sources.values())})).problems
    assert problems["clip_grad"].kind == "misnamed"
    assert problems["clip_grad"].message == (
        "found clip_grad and clip_grad_value in `all.py`, expected in `clip_grad.py`: move it and submit again."
    )


def test_a_class_in_another_exercises_file_must_be_moved(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in({"residual_block.py": sources["residual_block.py"] + sources["se_block.py"]}))
    assert "residual_block" in contents.sources
    assert contents.problems["se_block"].message == (
        "found SEBlock in `residual_block.py`, expected in `se_block.py`: move it and submit again."
    )


def test_another_exercises_own_file_is_not_a_nearly_right_name(
    read: Read, hand_in: HandIn, sources: dict[str, str]
) -> None:
    contents = read(hand_in({"se_block.py": sources["se_block.py"]}))
    assert contents.problems["residual_block"].kind == "missing"


def test_that_holds_for_names_that_are_alike(hand_in: HandIn) -> None:
    wanted = [
        Expected("se_block", "se_block.py", ("SEBlock",)),
        Expected("dense_block", "dense_block.py", ("DenseBlock",)),
    ]
    contents = read_submission(Submission("kim", hand_in({"dense_block.py": "class DenseBlock: pass\n"})), wanted)
    assert contents.problems["se_block"].kind == "missing"


@pytest.mark.parametrize("name", ["se_block (1).py", "se_block_final.py", "SE_Block.py"])
def test_a_duplicate_beside_the_exact_file_is_ignored(
    read: Read, hand_in: HandIn, sources: dict[str, str], name: str
) -> None:
    contents = read(hand_in(sources | {name: "broken("}))
    assert contents.sources["se_block"].text == sources["se_block.py"]
    assert contents.notes == (f"Ignored `{name}`: `se_block.py` counts.",)


# -- one file alone ------------------------------------------------------------------------------------------------


def test_a_file_named_after_its_student_answers_what_it_defines(
    read: Read, hand_in: HandIn, sources: dict[str, str]
) -> None:
    path = hand_in({"choi.py": sources["residual_block.py"] + sources["clip_grad.py"]}) / "choi.py"
    contents = read(path)
    assert set(contents.sources) == {"residual_block", "clip_grad"}
    assert contents.sources["residual_block"].locate(4) == "choi.py, line 4"
    assert contents.problems["se_block"].kind == "missing"
    assert contents.problems["se_block"].message == "`choi.py` does not define SEBlock."


def test_one_exercise_and_one_file_need_no_name(hand_in: HandIn, expected: tuple[object, ...]) -> None:
    path = hand_in({"choi.py": "x = 1\n"}) / "choi.py"
    contents = read_submission(find_submissions(path)[0], expected[:1])  # type: ignore[arg-type]
    assert contents.sources["residual_block"].text == "x = 1\n"


def test_a_file_named_after_an_exercise_answers_that_one(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in(sources) / "se_block.py")
    assert set(contents.sources) == {"se_block"}


def test_a_broken_file_alone_is_a_syntax_error(read: Read, hand_in: HandIn) -> None:
    contents = read(hand_in({"choi.py": "x = (\n"}) / "choi.py")
    assert {problem.kind for problem in contents.problems.values()} == {"syntax"}


@pytest.mark.parametrize(
    ("name", "kind"), [("kim.rar", "archive"), ("kim.tar.gz", "archive"), ("kim.docx", "unreadable")]
)
def test_a_file_of_another_kind(read: Read, hand_in: HandIn, name: str, kind: str) -> None:
    contents = read(hand_in({name: "x"}) / name)
    assert {problem.kind for problem in contents.problems.values()} == {kind}
    assert contents.problems["se_block"].message == (
        f"`{name}` cannot be read: hand in .py files, a .zip of them, or a notebook."
    )


# -- nearly right names of classes and functions -------------------------------------------------------------------


@pytest.mark.parametrize("slip", ["ResidulBlock", "residual_block", "Residualblock", "ResBlock", "ResidualBlock2"])
@pytest.mark.parametrize("file", ["residual_block.py", "choi.py"])
def test_a_misspelt_class_is_named(read: Read, hand_in: HandIn, slip: str, file: str) -> None:
    text = f"from torch import nn\n\n\nclass {slip}(nn.Module):\n    pass\n"
    problem = read(hand_in({file: text}) / file).problems["residual_block"]
    assert problem.kind == "misnamed"
    assert problem.message == f"`{file}` defines `{slip}`, expected `ResidualBlock`: rename it and submit again."


def test_one_misspelt_function_of_two_is_a_note(read: Read, hand_in: HandIn) -> None:
    contents = read(hand_in({"clip_grad.py": "def clip_grad(p): pass\ndef clip_gradvalue(p): pass\n"}))
    assert "clip_grad" in contents.sources
    assert contents.notes == ("`clip_grad.py` defines `clip_gradvalue`, expected `clip_grad_value`.",)


@pytest.mark.parametrize(
    "text",
    [
        "class Helper: pass\n",
        "class SEBlock: pass\n",
        "class ResidulBlock: pass\nResidualBlock = ResidulBlock\n",
        "class ResidulBlock: pass\nfrom somewhere import *\n",
        "def main():\n    class ResidulBlock: pass\n",
    ],
)
def test_other_classes_are_not_taken_for_it(read: Read, hand_in: HandIn, text: str) -> None:
    assert "residual_block" in read(hand_in({"residual_block.py": text})).sources


# -- what is opened ------------------------------------------------------------------------------------------------


def unreadable(contents: Contents) -> str:
    problem = contents.problems["residual_block"]
    assert problem.kind == "unreadable"
    return problem.message


def test_a_link_is_not_followed(read: Read, hand_in: HandIn, tmp_path: Path, sources: dict[str, str]) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text(sources["residual_block.py"])
    folder = hand_in({})
    (folder / "residual_block.py").symlink_to(secret)
    assert unreadable(read(folder)) == "`residual_block.py` is a link: hand in the file itself."


def test_a_linked_folder_is_not_followed(read: Read, hand_in: HandIn, tmp_path: Path, sources: dict[str, str]) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "residual_block.py").write_text(sources["residual_block.py"])
    folder = hand_in({})
    (folder / "week4").symlink_to(outside)
    assert read(folder).problems["residual_block"].kind == "missing"


def test_a_submission_that_is_a_link_is_not_followed(read: Read, tmp_path: Path, hand_in: HandIn) -> None:
    hand_in({"residual_block.py": ""})
    (tmp_path / "lee").symlink_to(tmp_path / "kim")
    assert unreadable(read(tmp_path / "lee")) == "`lee` is a link: hand in the file itself."


def test_a_fifo_does_not_block(read: Read, hand_in: HandIn) -> None:
    folder = hand_in({})
    os.mkfifo(folder / "residual_block.py")
    assert unreadable(read(folder)) == "`residual_block.py` is not an ordinary file."


def test_a_device_is_not_read(read: Read, tmp_path: Path) -> None:
    (tmp_path / "residual_block.py").symlink_to("/dev/zero")
    assert "is a link" in unreadable(read(tmp_path))
    assert unreadable(read(Path("/dev/zero"))).startswith("`zero` cannot be read")


def test_a_folder_of_the_files_name_is_no_file(read: Read, hand_in: HandIn) -> None:
    assert read(hand_in({"residual_block.py/x.txt": ""})).problems["residual_block"].kind == "missing"


def test_a_submission_that_is_gone(read: Read, tmp_path: Path) -> None:
    assert unreadable(read(tmp_path / "gone")) == "`gone` cannot be opened (No such file or directory)."


def test_a_source_of_more_than_a_megabyte(read: Read, hand_in: HandIn) -> None:
    assert "larger than 1 MB" in unreadable(read(hand_in({"residual_block.py": b"#" * (MAX_SOURCE_BYTES + 1)})))


def test_a_source_of_exactly_a_megabyte(read: Read, hand_in: HandIn) -> None:
    assert "residual_block" in read(hand_in({"residual_block.py": b"#" * MAX_SOURCE_BYTES})).sources


def test_a_folder_of_too_many_files(read: Read, hand_in: HandIn) -> None:
    folder = hand_in({"residual_block.py": ""})
    for number in range(MAX_FILES):
        (folder / f"{number}.py").touch()
    assert unreadable(read(folder)) == "`kim` holds more than 2,000 files: hand in only your own."


def test_a_data_set_does_not_count(read: Read, hand_in: HandIn) -> None:
    folder = hand_in({"residual_block.py": "", "data/x.png": ""})
    for number in range(MAX_FILES):
        (folder / "data" / f"{number}.png").touch()
    assert "residual_block" in read(folder).sources


def test_a_name_cannot_break_out_of_a_message(read: Read, hand_in: HandIn) -> None:
    message = read(hand_in({"a`<b>\n\x1b[31m\u202e" + "x" * 100: ""})).problems["residual_block"].message
    assert message == "`residual_block.py` was not handed in. Found: `a?<b>??[31m?" + "x" * 67 + "…`."


# -- text ----------------------------------------------------------------------------------------------------------


def text_of(contents: Contents) -> str:
    return contents.sources["residual_block"].text


def test_a_byte_order_mark_is_dropped(read: Read, hand_in: HandIn) -> None:
    assert text_of(read(hand_in({"residual_block.py": "\ufeffx = 'é'\n"}))) == "x = 'é'\n"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_are_made_alike(read: Read, hand_in: HandIn, end: str) -> None:
    assert text_of(read(hand_in({"residual_block.py": f"x = 1{end}y = 2{end}"}))) == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        ("# -*- coding: cp949 -*-", "cp949"),
        ("# vim: set fileencoding=euc-kr :", "euc-kr"),
        ("#coding:latin-1", "latin-1"),
        ("# -*- coding: utf-8-unix -*-", "utf-8"),  # as Emacs names the line ends, too
        ("# coding: iso-8859-1-dos", "latin-1"),
    ],
)
def test_a_coding_line_is_honoured(read: Read, hand_in: HandIn, line: str, encoding: str) -> None:
    word = "é" if encoding == "latin-1" else "잔차"
    text = text_of(read(hand_in({"residual_block.py": f"{line}\nx = '{word}'\n".encode(encoding)})))
    assert text.splitlines()[1] == f"x = '{word}'"
    # The text is handed on as a string or as UTF-8; either way it must mean the same.
    assert ast.literal_eval(ast.parse(text.encode()).body[0].value) == word  # type: ignore[attr-defined]


def test_a_coding_line_may_be_the_second(read: Read, hand_in: HandIn) -> None:
    text = text_of(
        read(hand_in({"residual_block.py": "#!/usr/bin/python\n# coding: cp949\nx = '가'\n".encode("cp949")}))
    )
    assert text == "#!/usr/bin/python\n# coding: utf-8\nx = '가'\n"


@pytest.mark.parametrize("text", ["x = 1\n# coding: cp949\n", "#\n#\n# coding: cp949\n", "x = '# coding: cp949'\n"])
def test_what_is_no_coding_line(read: Read, hand_in: HandIn, text: str) -> None:
    assert text_of(read(hand_in({"residual_block.py": text + "y = 'é'\n"}))) == text + "y = 'é'\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("x = 1\n# 잔차\n".encode("cp949"), "`residual_block.py` is not UTF-8 text (line 2): save it as UTF-8."),
        ("x = 1\n".encode("utf-16"), "`residual_block.py` is saved as UTF-16: save it as UTF-8."),
        (b"x = 1\0\n", "`residual_block.py` is not a text file: it contains NUL bytes."),
        (b"# coding: klingon\n", "names the encoding `klingon`, which is not known"),
        (b"# coding: rot13\nk = 1\n", "names the encoding `rot13`, which is not known"),
        (b"# coding: punycode\nk = 1\n", "names the encoding `punycode`, which is not known"),
        (b"# coding: ascii\nx = '\xe9'\n", "is not ascii text (line 2)"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "is UTF-8 by its byte order mark, but its coding line says `latin-1`"),
    ],
)
def test_text_that_cannot_be_decoded(read: Read, hand_in: HandIn, data: bytes, says: str) -> None:
    assert says in unreadable(read(hand_in({"residual_block.py": data})))


# -- syntax --------------------------------------------------------------------------------------------------------


GRADED_WITH = f"(graded with Python {sys.version_info.major}.{sys.version_info.minor})"
"""What is wrong in one Python may be right in a newer one."""


def syntax(contents: Contents) -> str:
    problem = contents.problems["residual_block"]
    assert problem.kind == "syntax"
    return problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "class A:\n    def forward(self, x)\n        pass\n",
            f"line 2: `def forward(self, x)` - expected ':' {GRADED_WITH}",
        ),
        ("x = 1\n  y = 2\n", "line 2: `y = 2` - unexpected indent"),
        ("x = 1\nreturn x\n", f"line 2: `return x` - 'return' outside function {GRADED_WITH}"),
        ("x = 'abc\n", f"line 1: `x = 'abc` - unterminated string literal (detected at line 1) {GRADED_WITH}"),
        ("a\n\nx = `a`\n", f"line 3: `x = 'a'` - invalid syntax {GRADED_WITH}"),
    ],
)
def test_a_syntax_error_names_line_text_and_reason(read: Read, hand_in: HandIn, text: str, message: str) -> None:
    assert syntax(read(hand_in({"residual_block.py": text}))) == message


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python knows these")
@pytest.mark.parametrize(
    "text",
    [
        "def first[T](items: list[T]) -> T: ...\n",
        "class Stack[T]: ...\n",
        "type Pair = tuple[int, int]\n",
        'd = {"a": 1}\nprint(f"{d["a"]}")\n',
    ],
)
def test_syntax_of_a_newer_python_is_told_with_the_python_that_grades(read: Read, hand_in: HandIn, text: str) -> None:
    assert syntax(read(hand_in({"residual_block.py": text}))).endswith(f" {GRADED_WITH}")


def test_a_long_line_is_cut(read: Read, hand_in: HandIn) -> None:
    assert len(syntax(read(hand_in({"residual_block.py": "x = = " + "y" * 10_000})))) < 200


def test_a_syntax_error_costs_only_its_exercise(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in(sources | {"residual_block.py": "x = ("}))
    assert set(contents.problems) == {"residual_block"}


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "-" * 100_000 + "1\n",
        "x = " + "(" * 5_000 + ")" * 5_000,
        "x = " + "[" * 150 + "1 2" + "]" * 150,
        "x = a" + "()" * 50_000,
        "x = 1" + " + 1" * 50_000,
        "x = " + "lambda: " * 20_000 + "1",
        "if x: pass\n" + "elif x: pass\n" * 20_000,
        "".join(" " * depth + "if x:\n" for depth in range(150)),
        "x = 9" + "9" * 10_000,
    ],
    ids=["signs", "brackets", "broken brackets", "calls", "sum", "lambdas", "elifs", "indents", "digits"],
)
def test_a_source_made_to_break_the_parser_does_no_harm(read: Read, hand_in: HandIn, text: str) -> None:
    # Whether Python can read some of these depends on its version.
    contents = read(hand_in({"residual_block.py": text}))
    assert all(problem.kind in ("syntax", "missing") for problem in contents.problems.values())


@pytest.mark.parametrize("action", ["error", "always"])
def test_pythons_warnings_are_not_for_the_terminal(
    read: Read, hand_in: HandIn, notebook: Callable[..., str], action: Literal["error", "always"]
) -> None:
    odd = 'x = "\\d" is 1\n'
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter(action)
        contents = read(hand_in({"residual_block.py": odd, "core.ipynb": notebook(f"{odd}class SEBlock:\n    y = x")}))
    assert set(contents.sources) == {"residual_block", "se_block"}
    assert shown == []


def test_a_source_is_never_run(read: Read, hand_in: HandIn, tmp_path: Path) -> None:
    mark = tmp_path / "run"
    read(hand_in({"residual_block.py": f"open({str(mark)!r}, 'w')\n", "conftest.py": f"open({str(mark)!r}, 'w')\n"}))
    assert not mark.exists()


# -- where a line comes from ---------------------------------------------------------------------------------------


def test_locate_counts_lines_in_each_segment() -> None:
    segments = (Segment(1, "notebook cell 2"), Segment(5, "notebook cell 7"))
    source = SourceFile("lstm_cell", "core.ipynb", "", segments)
    assert source.locate(1) == "cell 2, line 1 of core.ipynb"
    assert source.locate(4) == "cell 2, line 4 of core.ipynb"
    assert source.locate(5) == "cell 7, line 1 of core.ipynb"
    assert source.locate(99) == "cell 7, line 95 of core.ipynb"


def test_locate_in_a_file() -> None:
    source = SourceFile("residual_block", "kim.zip/residual_block.py", "", (Segment(1, "residual_block.py"),))
    assert source.locate(12) == "residual_block.py, line 12"
    assert source.position(12) == "line 12"


STUB = "class SEBlock:\n    def forward(self, x):\n        raise NotImplementedError\n"
ANSWER = "class SEBlock:\n    def forward(self, x):\n        return x\n"
WITH_STUB = [Expected("se_block", "se_block.py", ("SEBlock",), STUB)]


def notebook_of(text: str) -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def test_a_file_as_it_was_given_out_gives_way_to_a_notebook(tmp_path):
    (tmp_path / "se_block.py").write_text(STUB.replace("\n", "\r\n"))
    (tmp_path / "core.ipynb").write_text(notebook_of(ANSWER))
    contents = read_submission(Submission("kim", tmp_path), WITH_STUB)
    assert "return x" in contents.sources["se_block"].text
    assert "`se_block.py` is the stub as it was given out: `core.ipynb` counts." in contents.notes


def test_a_file_as_it_was_given_out_gives_way_to_another_of_its_name(tmp_path):
    (tmp_path / "se_block.py").write_text(STUB)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/se_block.py").write_text(ANSWER)
    contents = read_submission(Submission("kim", tmp_path), WITH_STUB)
    assert contents.sources["se_block"].text == ANSWER
    assert contents.notes == ("Ignored `se_block.py`: `mine/se_block.py` counts.",)


def test_a_file_that_was_changed_counts_before_a_notebook(tmp_path):
    (tmp_path / "se_block.py").write_text(ANSWER)
    (tmp_path / "core.ipynb").write_text(notebook_of(STUB))
    contents = read_submission(Submission("kim", tmp_path), WITH_STUB)
    assert contents.sources["se_block"].text == ANSWER


def test_a_file_as_it_was_given_out_counts_where_there_is_nothing_else(tmp_path):
    (tmp_path / "se_block.py").write_text(STUB)
    (tmp_path / "core.ipynb").write_text(notebook_of("x = 1"))
    contents = read_submission(Submission("kim", tmp_path), WITH_STUB)
    assert contents.sources["se_block"].text == STUB
    assert contents.problems == {}
