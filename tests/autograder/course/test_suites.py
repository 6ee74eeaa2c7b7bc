"""Which files judge, and when their fingerprint changes."""

from __future__ import annotations

import re
import shutil

import pytest

from autograder.course.layout import Layout
from autograder.course.suites import exercise_hashes, judging_files, longest_first, suite_hash

FILES = {
    "assignments/core/assignment.toml": 'name = "core"\n',
    "assignments/core/se_block.py": "# the stub\n",
    "assignments/core/HANDOUT.md": "# Core\n",
    "assignments/core/handout/se_block.md": "## Block\n",
    "solutions/core/se_block.py": "class SEBlock: ...\n",
    "tests/core/conftest.py": "",
    "tests/core/se_block/test_se_block.py": "def test_outputs(): ...\n",
    "tests/core/se_block/test_se_block_public.py": "def test_shape(): ...\n",
    "tests/core/se_block/exercise.toml": "points = 15\n",
    "tests/core/se_block/equivalent_mutants.toml": "",
    "tests/core/se_block/beside.py": "def step(): ...\n",
    "tests/core/se_block/golden/values.py": "VALUES = [1, 2]\n",
    "tests/core/se_block/mistakes/no_sigmoid.py": "# a mistake\n",
    "tests/core/se_block/alternatives/conv.py": "# an alternative\n",
    "tests/core/se_block/hollow/zeros.py": "# nothing is computed\n",
    "tests/core/se_block/rewritten/no_sigmoid.py": "# the mistake in another style\n",
    "tests/core/se_block/pairs/no_sigmoid+no_bias.py": "# two mistakes\n",
    "tests/core/se_block/unknown/squared.py": "# a mistake that the bank does not know\n",
    "tests/core/se_block/notes.txt": "a note\n",
    "tests/review/conv2d/test_conv2d.py": "# another assignment\n",
    "solutions/review/conv2d.py": "# another assignment\n",
}

JUDGING = [
    "assignments/core/assignment.toml",
    "solutions/core/se_block.py",
    "tests/core/conftest.py",
    "tests/core/se_block/beside.py",
    "tests/core/se_block/exercise.toml",
    "tests/core/se_block/golden/values.py",
    "tests/core/se_block/test_se_block.py",
    "tests/core/se_block/test_se_block_public.py",
]


@pytest.fixture
def core(tmp_path):
    for name, text in FILES.items():
        file = tmp_path / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Layout(tmp_path / "project", "core")


def test_exercises_are_sorted_by_the_length_of_their_suites(core):
    for name, length in {"short": 10, "long": 1000}.items():
        folder = core.suite(name)
        folder.mkdir()
        (folder / f"test_{name}.py").write_text("#" * length)
        (folder / "mistakes.py").write_text("#" * 2000)
    assert longest_first(core, ["short", "se_block", "long"]) == ["long", "se_block", "short"]


def test_the_bank_the_stubs_and_other_assignments_do_not_judge(core):
    assert [core.shown(file) for file in judging_files(core)] == JUDGING


def test_the_hash_is_sixteen_hex_digits_and_stable(core):
    assert re.fullmatch(r"[0-9a-f]{16}", suite_hash(core))
    assert suite_hash(core) == suite_hash(core)


def test_the_hash_does_not_depend_on_where_the_project_is(core, tmp_path):
    copy = shutil.copytree(core.root, tmp_path / "elsewhere" / "copy")
    assert suite_hash(Layout(copy, "core")) == suite_hash(core)


@pytest.mark.parametrize("name", JUDGING)
def test_a_change_of_any_judging_file_changes_the_hash(core, name):
    before = suite_hash(core)
    file = core.root / name
    file.write_text(file.read_text() + "# changed\n")
    assert suite_hash(core) != before


@pytest.mark.parametrize("name", sorted(set(FILES) - set(JUDGING)))
def test_a_change_of_another_file_leaves_the_hash(core, name):
    before = suite_hash(core)
    (core.root / name).write_text("# changed\n")
    assert suite_hash(core) == before


def test_a_new_judging_file_changes_the_hash_even_when_empty(core):
    before = suite_hash(core)
    (core.root / "tests/core/se_block/__init__.py").touch()
    assert suite_hash(core) != before


def test_a_new_name_changes_the_hash(core):
    before = suite_hash(core)
    core.hidden_tests("se_block").rename(core.suite("se_block") / "test_se_blocks.py")
    assert suite_hash(core) != before


def test_exchanged_contents_change_the_hash(core):
    before = suite_hash(core)
    hidden, public = core.hidden_tests("se_block"), core.public_tests("se_block")
    hidden_text, public_text = hidden.read_text(), public.read_text()
    hidden.write_text(public_text)
    public.write_text(hidden_text)
    assert suite_hash(core) != before


def test_a_line_that_moves_to_the_next_file_changes_the_hash(core):
    first, second = core.root / "tests/core/a.py", core.root / "tests/core/b.py"
    first.write_text("x = 1\ny = 2\n")
    second.write_text("z = 3\n")
    before = suite_hash(core)
    first.write_text("x = 1\n")
    second.write_text("y = 2\nz = 3\n")
    assert suite_hash(core) != before


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("tests/core/se_block/test_se_block.py", {"se_block"}),
        ("tests/core/se_block/mistakes/no_sigmoid.py", {"se_block"}),
        ("tests/core/lstm_cell/exercise.toml", {"se_block", "lstm_cell"}),
        ("solutions/core/se_block.py", {"se_block", "lstm_cell"}),
        ("assignments/core/se_block.py", {"se_block", "lstm_cell"}),
        ("assignments/core/HANDOUT.md", set()),
        ("tests/review/conv2d/test_conv2d.py", set()),
    ],
)
def test_a_change_concerns_one_exercise_or_all(core, file, changed):
    """Names and stubs of all exercises say which code is whose."""
    for name in ("exercise.toml", "test_lstm_cell.py"):
        path = core.suite("lstm_cell") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    before = exercise_hashes(core, ["se_block", "lstm_cell"])
    (core.root / file).write_text("# changed\n")
    after = exercise_hashes(core, ["se_block", "lstm_cell"])
    assert {name for name in before if before[name] != after[name]} == changed
