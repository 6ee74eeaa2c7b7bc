"""`autograder check`: everything that is wrong with an assignment is told at once, by file."""

from __future__ import annotations

import gc

import pytest

from autograder.bank.files import read_entry
from autograder.check import check_project
from autograder.course.assignment import load_assignment, open_assignment
from autograder.course.layout import Layout
from autograder.course.messages import messages
from autograder.errors import UsageError
from autograder.packaging.generated import renew


@pytest.fixture
def project(project):
    """The project with stubs that are up to date."""
    renew(Layout(project, "demo"), load_assignment(project, "demo"))
    return project


@pytest.fixture
def problems(project, suites_forgotten):
    """What is told about the project, line by line."""
    gc.freeze()  # the pytest that collects the suites need not look for garbage among all of torch's objects

    def told():
        with pytest.raises(UsageError) as caught:
            check_project(project)
        return str(caught.value).splitlines()

    yield told
    gc.unfreeze()


def test_a_project_in_order_is_told_so(project, capsys, problems):
    check_project(project / "tests/demo")
    assert capsys.readouterr().out == "demo: 2 exercises, 5 points, all in order\n"


def test_a_stub_that_is_out_of_date_is_told(project, problems):
    (project / "assignments/demo/shift.py").write_text("def shift(x): return x\n")
    (_, problem) = problems()
    assert problem.startswith("  assignments/demo/shift.py")
    assert problem.endswith("run: .venv/bin/autograder renew demo")


def test_points_that_do_not_add_up_are_told_with_both_sums(project, problems):
    suite = project / "tests/demo/double/test_double.py"
    suite.write_text(suite.read_text().replace("points(2)", "points(2.5)"))
    assert problems()[1:] == [
        "  tests/demo/double: the checks are worth 4.5 points, exercise.toml says 4",
    ]


BANK = {
    "no docstring": ("", "the docstring needs a title and, after an empty line, an explanation"),
    "no explanation": ('"""adds one\n\nHint: Look.\n"""\n', "the docstring needs a title and, after an empty line"),
    "no hint": ('"""adds one\n\nWrong.\n"""\n', 'the docstring needs one paragraph that begins with "Hint:"'),
    "an empty hint": ('"""adds one\n\nWrong.\n\nHint:\n"""\n', 'one paragraph that begins with "Hint:"'),
    "two hints": ('"""adds one\n\nWrong.\n\nHint: a\n\nHint: b\n"""\n', 'one paragraph that begins with "Hint:"'),
    "a full stop": ('"""adds one.\n\nWrong.\n\nHint: Look.\n"""\n', "lower case, no full stop"),
    "a capital": ('"""Adds one\n\nWrong.\n\nHint: Look.\n"""\n', "lower case, no full stop"),
    "no Python": ("def f(:\n", "line 1"),
}


def test_what_the_bank_says_stands_as_its_author_wrote_it(tmp_path):
    path = tmp_path / "adds_one.py"
    path.write_text('"""adds\n  one\n  \n\nWrong.\n\nHint: What does\n`"a  b\\tc".split()`\n  give?\n"""\n')
    entry = read_entry(path)
    assert (entry.title, entry.explanation) == ("adds one", "Wrong.")
    assert entry.hint == r'What does `"a  b\tc".split()` give?'


@pytest.mark.parametrize(("text", "message"), BANK.values(), ids=BANK)
def test_a_mistake_that_does_not_say_what_it_is_is_told(project, problems, text, message):
    (project / "tests/demo/shift/mistakes").mkdir()
    (project / "tests/demo/shift/mistakes/adds_one.py").write_text(text)
    (_, problem) = problems()
    assert problem.startswith("  tests/demo/shift/mistakes/adds_one.py")
    assert message in problem


def test_a_title_may_begin_with_a_name_in_capitals(project, capsys, problems):
    (project / "tests/demo/shift/mistakes").mkdir()
    (project / "tests/demo/shift/mistakes/name.py").write_text('"""BN comes last\n\nWrong.\n\nHint: Look.\n"""\n')
    check_project(project)
    assert "all in order" in capsys.readouterr().out


def test_an_alternative_that_lacks_a_name_is_told(project, problems):
    path = project / "tests/demo/double/alternatives/adds_twice.py"
    path.write_text(path.read_text().replace("class Double", "class Other"))
    assert problems()[1:] == ["  tests/demo/double/alternatives/adds_twice.py: does not define Double"]


def test_everything_that_is_wrong_is_told_at_once(project, problems):
    (project / "assignments/demo/shift.py").unlink()
    (project / "tests/demo/double/mistakes/adds_sign.py").write_text("")
    suite = project / "tests/demo/shift/test_shift.py"
    suite.write_text(suite.read_text().replace("points(1)", "points(3)"))
    assert problems()[0] == "3 things to put right:"


def test_a_suite_that_cannot_be_collected_is_told(project, problems):
    (project / "tests/demo/shift/test_shift.py").write_text("def test_it(student): pass\n")
    assert any("test_shift.py::test_it: the test has no docstring" in line for line in problems())


def test_the_command_line_tells_it_with_status_2(project, autograder):
    (project / "assignments/demo/shift.py").unlink()
    process = autograder(project, "check")
    assert process.returncode == 2
    assert process.stderr.startswith("autograder: 1 thing to put right:\n  assignments/demo/shift.py")


def test_handouts_that_are_out_of_date_or_say_something_else_are_told(project, problems):
    sections = project / "assignments/demo/handout"
    sections.mkdir()
    (sections / "_frame.ko.md").write_text("# 시연\n\n<!-- sections -->\n")
    (sections / "double.ko.md").write_text("## 두 배\n\n파일 `double.py`: `Doubel`\n")
    (sections / "shift.ko.md").write_text("## 더하기\n\n파일 `shift.py`: `shift`\n")
    assert problems()[1:] == [
        "  assignments/demo/HANDOUT.ko.md: missing; run: .venv/bin/autograder renew demo",
        "  assignments/demo/handout/double.ko.md, line 3: Double is to be defined, too, says exercise.toml",
    ]


def test_a_section_that_is_missing_is_told_once(project, problems):
    sections = project / "assignments/demo/handout"
    sections.mkdir()
    (sections / "_frame.md").write_text("# Demonstration\n\n<!-- sections -->\n")
    (sections / "shift.md").write_text("## Shifting\n\nFile `shift.py`: `shift`\n")
    assert problems()[1:] == ["  assignments/demo/handout/double.md: missing; write the section of double"]


def test_renewing_says_what_was_written_and_then_has_nothing_to_do(project, autograder):
    (project / "assignments/demo/shift.py").unlink()
    done = "demo: stubs, handouts and notebook are up to date\n"
    first, second = (autograder(project, "renew") for _ in range(2))
    assert (first.returncode, first.stdout, first.stderr) == (0, f"wrote assignments/demo/shift.py\n{done}", "")
    assert (second.returncode, second.stdout, second.stderr) == (0, done, "")


CASES = '''
"""Hidden checks."""

WAYS = {"pooling": ["pool"], "3x3": []}
OPTIONS = {"stride": 2, "a key of words": 3}
blocks = Blocks("Block", {"identity": Case(same), "other channels": Case(other)})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["train", "one by one"])
def test_it():
    """It is right."""
'''


def test_names_of_cases_are_to_be_translated(project):
    layout, assignment = open_assignment(project, "demo")
    layout.hidden_tests("shift").write_text(CASES)
    found = [each.text for _, each in messages(layout, assignment) if each.note == "the name of a case"]
    assert sorted(found) == ["a key of words", "identity", "one by one", "other channels", "pooling", "train"]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("beside.py", "def f(:\n", "tests/demo/shift/beside.py, line 1: not valid Python"),
        ("test_shift.py", "from solutions.demo.shift import shift\n", "test_shift.py, line 1: imports solutions.demo"),
        ("test_shift.py", "import shift\n", "tests/demo/shift/test_shift.py, line 1: imports shift; the fixture"),
    ],
)
def test_slips_of_an_author_are_told_with_file_and_line(project, problems, file, text, told):
    path = project / "tests/demo/shift" / file
    path.write_text(text + (path.read_text() if path.exists() else ""))
    assert told in "\n".join(problems())
