"""The student's zip: what is in it, what must never be, and that it is made of nothing but its inputs."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.packaging.build import build_all
from autograder.packaging.leaks import find_leaks
from autograder.packaging.notebook import make_notebook
from autograder.packaging.student_zip import build
from autograder.packaging.zips import Member, zip_bytes

EXERCISES = ("residual_block", "se_block", "depthwise_separable_conv", "lstm_cell", "clip_grad", "replace_head")


def contents(data: bytes, where: str = "") -> Iterator[tuple[str, bytes]]:
    """Every member of a zip, and of zips inside it."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for name in file.namelist():
            content = file.read(name)
            yield f"{where}/{name}", content
            if zipfile.is_zipfile(io.BytesIO(content)):
                yield from contents(content, f"{where}/{name}")


def test_it_holds_one_folder_with_all_that_a_student_needs(student_zip):
    names = set(zipfile.ZipFile(student_zip).namelist())
    own = {name for name in names if "/_engine/" not in name}
    wanted = {f"core/{name}.py" for name in EXERCISES}
    wanted |= {f"core/checks/{name}/test_{name}_public.py" for name in EXERCISES}
    wanted |= {"core/HANDOUT.md", "core/HANDOUT.ko.md", "core/README.md", "core/core.ipynb", "core/requirements.txt"}
    wanted |= {"core/check.py", "core/Makefile", "core/checks/assignment.json"}
    wanted |= {f"core/pictures/residual_block{language}.png" for language in ("", ".ko")}
    wanted |= {"core/checks/locale/ko.po", "core/checks/colab.svg", "core/.devcontainer/devcontainer.json"}
    assert own == wanted
    assert "core/checks/_engine/autograder/student/command.py" in names


def test_its_catalogue_translates_what_students_have_and_nothing_else(student_zip, layout):
    with zipfile.ZipFile(student_zip) as file:
        text = file.read("core/checks/locale/ko.po").decode()
    whole = layout.catalogue("ko").read_text(encoding="utf-8")
    for title, of_students in (("Residual block", True), ("leaves out the final ReLU", False)):
        assert f'msgid "{title}"' in whole
        assert (f'msgid "{title}"' in text) is of_students


def test_the_stubs_are_those_of_the_project(student_zip, stubs):
    with zipfile.ZipFile(student_zip) as file:
        assert {name: file.read(f"core/{name}.py").decode() for name in EXERCISES} == stubs


@pytest.mark.parametrize("name", ["README.md", "HANDOUT.md", "HANDOUT.ko.md"])
def test_no_emphasis_is_left_as_asterisks(student_zip, name):
    """A closing asterisk between a bracket and a letter closes nothing, as in *f(x)*라고."""
    with zipfile.ZipFile(student_zip) as file:
        text = file.read(f"core/{name}").decode()
    page = MarkdownIt("commonmark").enable("table").render(re.sub(r"(\$\$?)[^$]+\1", "formula", text))
    assert "*" not in re.sub(r"(?s)<code.*?</code>", "", page)


def test_the_same_inputs_give_the_same_bytes_wherever_and_whenever(project_copy, tmp_path, monkeypatch):
    assignment = load_assignment(project_copy, "core")
    first = build(Layout(project_copy, "core"), assignment, tmp_path / "out").read_bytes()
    project_copy.rename(tmp_path / "moved")
    for path in (tmp_path / "moved").rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    monkeypatch.chdir(tmp_path)
    again = build(Layout(tmp_path / "moved", "core"), assignment, tmp_path / "again").read_bytes()
    assert again == first


@pytest.fixture
def commit(project_copy):
    """Commits all that has changed at a time, in seconds since 1970."""

    def run(seconds: int) -> None:
        when = {"GIT_AUTHOR_DATE": f"@{seconds} +0900", "GIT_COMMITTER_DATE": f"@{seconds} +0900"}
        names = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        for command in (["init", "-q"], ["add", "-A"], [*names, "commit", "-q", "-m", "text"]):
            subprocess.run(["git", "-C", str(project_copy), *command], env={**os.environ, **when}, check=True)

    return run


def dates(project: Path, out: Path) -> set[tuple[int, ...]]:
    with zipfile.ZipFile(build(Layout(project, "core"), load_assignment(project, "core"), out)) as file:
        return {info.date_time for info in file.infolist()}


def test_files_have_the_date_of_the_last_commit_that_changed_the_assignment(project_copy, commit, tmp_path):
    commit(1_800_000_000)
    (project_copy / "elsewhere.txt").write_text("of no assignment")
    commit(1_800_086_400)
    assert dates(project_copy, tmp_path) == {(2027, 1, 15, 8, 0, 0)}  # in UTC
    suite = project_copy / "tests/core/se_block/test_se_block.py"
    suite.write_text(suite.read_text() + "# one comment more\n")
    commit(1_800_172_800)
    assert dates(project_copy, tmp_path) == {(2027, 1, 17, 8, 0, 0)}


def test_without_git_files_have_the_date_that_zips_begin_with(project_copy, tmp_path):
    assert dates(project_copy, tmp_path) == {(1980, 1, 1, 0, 0, 0)}


def plant(path: Path, canary: str, after: str = "") -> None:
    """A comment as the first line below the first one that holds `after`, or at the end."""
    lines = path.read_text().splitlines()
    place = next((number for number, line in enumerate(lines, start=1) if after and after in line), len(lines))
    indentation = " " * (len(lines[place - 1]) - len(lines[place - 1].lstrip())) if after else ""
    path.write_text("\n".join([*lines[:place], f"{indentation}# {canary}", *lines[place:], ""]))


def test_no_canary_of_what_judges_gets_out(project_copy, tmp_path):
    layout, assignment = Layout(project_copy, "core"), load_assignment(project_copy, "core")
    planted = []
    for name in EXERCISES:
        plant(layout.solution(name), f"CANARY-solution-{name}", after="# BEGIN SOLUTION")
        plant(layout.hidden_tests(name), f"CANARY-suite-{name}")
        planted += [layout.solution(name), layout.hidden_tests(name)]
        for file in [*layout.mistakes(name).glob("*.py"), *layout.alternatives(name).glob("*.py")]:
            plant(file, f"CANARY-{file.parent.name}-{name}-{file.stem}")
            planted.append(file)
    assert all("CANARY-" in file.read_text() for file in planted)
    made = build(layout, assignment, tmp_path / "out")
    found = [
        where for where, content in contents(made.read_bytes()) if b"CANARY-" in content or b"CANARY-" in where.encode()
    ]
    assert found == []


SECRETS = {
    "a solution": ("solutions/core/lstm_cell.py", "gates = F.linear(x, self.weight_ih, self.bias_ih) + F.linear("),
    "a suite": ("tests/core/se_block/test_se_block.py", "def test_"),
    "a mistake": ("tests/core/residual_block/mistakes/no_final_relu.py", "return "),
    "an alternative": ("tests/core/lstm_cell/alternatives", "="),
}


@pytest.mark.parametrize("inside", ["plain", "notebook", "zip in a zip"])
@pytest.mark.parametrize(("file", "marker"), SECRETS.values(), ids=SECRETS)
def test_the_check_after_packing_finds_one_whole_file(layout, assignment, file, marker, inside):
    path = layout.root / file
    path = sorted(path.glob("*.py"))[0] if path.is_dir() else path
    text = path.read_text()
    assert marker in text
    ways = {
        "plain": Member("core/notes.txt", text.encode()),
        "notebook": Member("core/own.ipynb", zipless_notebook(text)),
        "zip in a zip": Member("a.zip", zip_bytes([Member("b.zip", zip_bytes([Member("c.py", text.encode())]))])),
    }
    (found,) = find_leaks(layout, assignment, [ways[inside]])[-1:]
    assert path.name in found


def zipless_notebook(text: str) -> bytes:
    lines = text.splitlines(keepends=True)
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": lines}]}).encode()


def test_the_check_after_packing_finds_a_single_line(layout, assignment):
    member = Member("core/README.md", b"Try this:\n\n        c = f * c + i * torch.tanh(g)\n")
    assert find_leaks(layout, assignment, [member]) == []
    member = Member("core/README.md", b"Try this:\n\n        zeros = x.new_zeros(x.shape[0], self.hidden_size)\n")
    (found,) = find_leaks(layout, assignment, [member])
    assert found == "core/README.md holds a line of solutions/core/lstm_cell.py"


def test_a_zip_with_a_leak_is_not_written(project_copy, tmp_path):
    layout, assignment = Layout(project_copy, "core"), load_assignment(project_copy, "core")
    secret = "assert_nothing_is_told(the_students, of_this_line)"
    plant(layout.hidden_tests("se_block"), secret)
    (layout.folder / "pictures" / "residual_block.png").write_bytes(f"# {secret}\n".encode())
    with pytest.raises(UsageError, match="out of date"):  # the notebook holds the picture
        build(layout, assignment, tmp_path / "out")
    layout.notebook("core.ipynb").write_bytes(make_notebook(layout, assignment))
    with pytest.raises(UsageError, match=r"residual_block.png holds a line of tests/core/se_block/test_se_block.py"):
        build(layout, assignment, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_notebook_that_is_out_of_date_is_told(project_copy, tmp_path):
    layout, assignment = Layout(project_copy, "core"), load_assignment(project_copy, "core")
    frame = layout.sections / "_frame.md"
    frame.write_text(frame.read_text().replace("Six small pieces", "Six tiny pieces"))
    with pytest.raises(UsageError, match=r"core\.ipynb is out of date; run: \.venv/bin/autograder renew core"):
        build(layout, assignment, tmp_path / "out")


def test_what_students_are_told_of_the_assignment_leaves_out_what_is_the_graders(project_copy, tmp_path):
    path = project_copy / "assignments/core/assignment.toml"
    path.write_text(path.read_text().replace("[feedback]", "[gradescope]\nseed = 86421357\n\n[feedback]"))
    made = build(Layout(project_copy, "core"), load_assignment(project_copy, "core"), tmp_path / "out")
    assert not [where for where, content in contents(made.read_bytes()) if b"86421357" in content]


def test_the_readme_fits_on_one_screen(unpacked):
    lines = (unpacked / "README.md").read_text().splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 120


def test_the_readme_installs_into_a_virtual_environment_outside_of_what_is_handed_in(unpacked):
    text = (unpacked / "README.md").read_text()
    steps = (
        "-m venv ../venv",
        "source ../venv/bin/activate",
        r"..\venv\Scripts\activate",
        "-m pip install -r requirements",
    )
    assert sorted(steps, key=text.index) == list(steps)


def test_a_container_installs_what_the_readme_installs(unpacked):
    told = json.loads((unpacked / ".devcontainer/devcontainer.json").read_text())
    assert re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:3\.\d+", told["image"])  # anybody may have it
    steps = told["postCreateCommand"].split(" && ")
    readme = (unpacked / "README.md").read_text()
    assert steps[0] in readme
    assert steps[1].endswith(" -r requirements.txt")
    assert (unpacked / "requirements.txt").is_file()


def test_the_badge_of_colab_asks_for_an_upload_and_belongs_to_nobody(unpacked):
    (badge,) = re.findall(r"\[!\[Open in Colab\]\(([^)]+)\)\]\(([^)]+)\)", (unpacked / "README.md").read_text())
    assert badge[1] == "https://colab.research.google.com/#upload=true"
    assert "<title>Open in Colab</title>" in (unpacked / badge[0]).read_text()


IMPORT_ALL = """
import importlib, pathlib, sys
engine = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(engine))
for path in sorted(engine.rglob("*.py")):
    importlib.import_module(".".join(path.relative_to(engine).with_suffix("").parts).removesuffix(".__init__"))
own = [pathlib.Path(module.__file__) for name, module in sys.modules.items() if name.startswith("autograder")]
strangers = [str(path) for path in own if engine not in path.parents]
unwanted = {"otter", "nbformat", "landlockpy", "pyseccomp", "seccomp", "psutil", "typer", "jinja2", "pandas"}
print(strangers, sorted(unwanted & {name.partition(".")[0] for name in sys.modules}))
"""


def test_the_engine_in_it_is_whole_and_needs_little(unpacked, environment, tmp_path):
    engine = unpacked / "checks/_engine"
    command = [sys.executable, "-c", IMPORT_ALL, str(engine)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("[] []\n", "")


def test_requirements_name_what_the_engine_imports(unpacked):
    packages = set()
    for path in (unpacked / "checks/_engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            packages |= {name.partition(".")[0] for name in names}
    others = packages - set(sys.stdlib_module_names) - {"autograder", "_pytest"}
    named = {line.split(">=")[0] for line in (unpacked / "requirements.txt").read_text().splitlines() if ">=" in line}
    # torchvision is imported by name; IPython is there wherever a notebook runs.
    assert others == (named - {"torchvision", "otter-grader"}) | {"IPython"}


def test_build_makes_both_zips(tmp_path, layout, student_zip, capsys):
    build_all(layout.root / "docs", ["core"], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["core-autograder.zip", "core-student.zip"]
    assert (tmp_path / "core-student.zip").read_bytes() == student_zip.read_bytes()
    assert f"{tmp_path / 'core-student.zip'}  " in capsys.readouterr().out


def test_an_assignment_that_does_not_exist_is_told(tmp_path, layout):
    with pytest.raises(UsageError, match=r'no assignment "cor" .*did you mean "core"'):
        build_all(layout.root, ["cor"], tmp_path)


# -- the two handouts say the same

SAME = {
    "headings": r"(?m)^(#+) ",
    "code": r"`[^`]+`",
    "code blocks": r"(?m)^    \S.*? {4}",
    "links": r"\]\((https?://[^)\s]+|pictures/\w+)",  # a picture's language stands behind a dot
    "rules": r"(?m)^---$",
    "items": r"(?m)^(?:-|\d\.) ",
    "rows": r"(?m)^\|",
    "formulas": r"(?s)\$\$.*?\$\$",
}


@pytest.mark.parametrize("pattern", SAME.values(), ids=SAME)
def test_both_handouts_hold_the_same(layout, pattern):
    english, korean = (path.read_text() for path in (layout.handout, layout.korean_handout))
    found, wanted = (sorted(re.findall(pattern, squeezed(text))) for text in (korean, english))
    assert wanted
    assert found == wanted


def squeezed(text: str) -> str:
    """Without words inside formulas and the signs that end them, and with broken code put together."""
    text = re.sub(r"\\text\{[^}]*\}|[,.](?=\$\$)", "", text)
    return re.sub(r"`[^`]+`", lambda code: code[0].replace("\n", " "), text)
