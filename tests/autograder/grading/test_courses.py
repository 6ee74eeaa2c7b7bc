"""A check whose answers are known to pass is not run again, and nobody's result depends on who was graded before."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from autograder.course import Layout, load_assignment
from autograder.grading import courses, suites
from autograder.grading.courses import Courses
from autograder.grading.grade import Grader, Run
from autograder.grading.plugin import Check
from autograder.grading.subjects import References
from autograder.grading.suites import with_suites
from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.host import settle_torch
from autograder.verify.trials import KINDS, implementations

CHECKS = ["test_outputs[2]", "test_outputs[5]", "test_gradients", "test_shape"]
HEAD = "import torch\nfrom torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n        "
RIGHT = HEAD + "return 2 * x\n"
ALSO_RIGHT = HEAD + "return x + x\n"
NO_GRADIENT = HEAD + "return x + x.detach()\n"
COUNTING = "calls = 0\n" + HEAD + "global calls\n        calls += 1\n        return 2 * x if calls != {} else 3 * x\n"


def same(result):
    """A result without what differs from run to run."""

    # Here, other than in a grader, pytest has put pictures of objects into what `assert` says, with their places.
    def plain(text):
        return re.sub("0x[0-9a-f]+", "0x", text)

    tests = tuple(
        msgspec.structs.replace(test, seconds=0.0, trace=plain(test.trace), message=plain(test.message))
        for test in result.tests
    )
    return msgspec.structs.replace(result, tests=tests)


@pytest.fixture
def ran(monkeypatch):
    """Names of the checks that were run, rather than followed."""
    names: list[str] = []
    call = suites.call_plainly

    def call_and_record(item, check, subjects):
        names.append(check.name)
        call(item, check, subjects)

    monkeypatch.setattr(suites, "call_plainly", call_and_record)
    return names


@pytest.fixture
def questions(monkeypatch):
    """What workers were asked, encoded, in order."""
    asked: list[bytes] = []
    carry = WorkerLine.carry

    def carry_and_record(line, question, operation):
        if operation != "load":
            asked.append(question)
        return carry(line, question, operation)

    monkeypatch.setattr(WorkerLine, "carry", carry_and_record)
    return asked


@pytest.fixture
def graders(project, collect, zygote):
    """Calls its argument with a function that makes a grader of the project, which knows no courses."""

    def graders_(work):
        settle_torch()
        with zygote.connect() as line:
            supply = WorkerSupply(line)
            references = References(project.layout.solutions, remember=True)
            run = Run(project.assignment, "suite", 5, "full")
            collect(lambda collected: work(lambda: Grader(run, collected, references, supply)))
            supply.settle()

    return graders_


def tried_with_one_grader(graders, *texts):
    results = []

    def work(grader):
        one = grader()
        results.extend(same(one.try_out("double", text, 5)) for text in texts)

    graders(work)
    return results


def tried_alone(graders, *texts):
    results = []
    graders(lambda grader: results.extend(same(grader().try_out("double", text, 5)) for text in texts))
    return results


def test_a_check_whose_answers_are_known_to_pass_is_not_run_again(graders, ran):
    first, second = tried_with_one_grader(graders, RIGHT, RIGHT)
    assert ran == CHECKS
    assert first == second
    assert first.score == 4


def test_code_that_is_written_otherwise_and_answers_alike_is_followed(graders, ran):
    tried_with_one_grader(graders, RIGHT, ALSO_RIGHT)
    assert ran == CHECKS


def test_only_the_check_with_a_new_answer_is_run(graders, ran):
    _, result = tried_with_one_grader(graders, RIGHT, NO_GRADIENT)
    assert ran == [*CHECKS, "test_gradients"]
    assert [test.status for test in result.tests] == ["passed", "passed", "failed", "passed"]


def test_a_failed_check_is_not_remembered(graders, ran):
    first, second = tried_with_one_grader(graders, NO_GRADIENT, NO_GRADIENT)
    assert ran == [*CHECKS, "test_gradients"]
    assert first == second


def test_another_seed_has_courses_of_its_own(graders, ran):
    def work(grader):
        one = grader()
        for seed in (5, 6, 5):
            assert one.try_out("double", RIGHT, seed).score == 4

    graders(work)
    assert ran == [*CHECKS, *CHECKS]


@pytest.mark.parametrize("wrong", range(1, 12))
def test_code_that_counts_its_calls_is_asked_the_same_in_either_way(graders, questions, wrong):
    """The worker is in a state: to ask it once too often would change what it answers."""
    text = COUNTING.format(wrong)
    (alone,) = tried_alone(graders, text)
    expected = questions.copy()
    questions.clear()
    _, after = tried_with_one_grader(graders, RIGHT, text)
    assert after == alone
    assert questions[-len(expected) :] == expected


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('no')",
        "while True: pass",
        "import os; os._exit(3)",
        "return 'text'",
        "return x * float('nan')",
        "x.mul_(2); return x",
        "return torch.rand_like(x)",
        "return [2 * x]",
    ],
)
def test_what_goes_wrong_is_told_alike(graders, body):
    text = f"{HEAD}{body}\n"
    (alone,) = tried_alone(graders, text)
    assert tried_with_one_grader(graders, RIGHT, text, RIGHT)[1:] == [alone, *tried_alone(graders, RIGHT)]


@pytest.mark.parametrize("text", ["def f(:", "raise ValueError", "import os; os._exit(3)", "", "Double = 3"])
def test_files_that_cannot_be_loaded_are_told_alike(graders, text):
    (alone,) = tried_alone(graders, text)
    assert tried_with_one_grader(graders, RIGHT, text)[1:] == [alone]


def test_a_check_that_draws_numbers_of_its_own_is_judged_all_the_same(project, graders, ran):
    project.write_suite(
        "import pytest, torch\n\n@pytest.mark.points(4)\ndef test_outputs(student):\n"
        '    """Outputs."""\n    block, x = student.Double(), torch.randn(3)\n'
        "    assert torch.equal(block(x), 2 * x)\n    assert torch.equal(block(3 * x), 6 * x)\n"
    )
    wrong = HEAD + "return 2 * x + 1\n"
    results = tried_with_one_grader(graders, RIGHT, RIGHT, wrong, RIGHT, wrong)
    # The second one is followed: what it was asked is what the first one answered alike.
    assert [result.score for result in results] == [4, 4, 0, 4, 0]
    assert len(ran) == 4


def test_a_name_that_the_file_does_not_define_is_missing_whoever_came_first(graders):
    text = RIGHT.replace("Double", "_D") + "def __getattr__(name):\n    return _D\n"
    (alone,) = tried_alone(graders, text)
    assert alone.score == 0
    assert tried_with_one_grader(graders, RIGHT, text)[1] == alone


def test_a_course_on_which_a_worker_ended_is_not_learned(project, graders):
    project.write_suite(
        "import pytest, torch\n\n@pytest.mark.points(4)\ndef test_refuses(student):\n"
        '    """It raises."""\n    double = student.Double()\n'
        "    with pytest.raises(Exception):\n        double(torch.ones(2))\n"
    )
    ended, wrong = tried_with_one_grader(graders, HEAD + "import os; os._exit(3)\n", RIGHT)
    assert (ended.score, wrong.score) == (4, 0)


TWO = """
import pytest, torch

ran = []

@pytest.mark.points(2)
def test_first(student):
    \"\"\"First.\"\"\"
    ran.append(1)
    {before}
    assert student.Double()({x}).shape == (2,)

@pytest.mark.points(2)
def test_second(student):
    \"\"\"Second.\"\"\"
    assert student.Double()(torch.zeros(3)).shape == (3,)
"""


@pytest.mark.parametrize(
    ("before", "x"),
    [
        ("pass", "torch.rand(2)"),  # asks otherwise than it did
        ("assert len(ran) < 2", "torch.ones(2)"),  # ends before it asks
    ],
)
def test_the_next_check_goes_well_though_the_worker_ended_where_nobody_heard_of_it(project, graders, before, x):
    project.write_suite(TWO.format(before=before, x=x))
    text = HEAD + "if len(x) == 2:\n            import os; os._exit(3)\n        return x\n"
    result = tried_with_one_grader(graders, RIGHT, text)[1]
    assert [test.status for test in result.tests] == ["error" if before == "pass" else "failed", "passed"]


def test_checks_of_one_name_in_two_files_are_two(project, graders):
    check = 'import pytest, torch\n\n@pytest.mark.points(2)\ndef test_it(student):\n    """It."""\n'
    project.write_suite(check + "    assert len(student.Double()(torch.ones(2)))\n")
    project.write(
        "tests/demo/double/test_more.py", check + "    assert student.Double()(torch.ones(2)).tolist() == [2, 2]\n"
    )
    right, wrong = tried_with_one_grader(graders, RIGHT, HEAD + "return 3 * x\n")
    assert (right.score, wrong.score) == (4, 2)
    assert tried_with_one_grader(graders, HEAD + "return 3 * x\n", HEAD + "return 3 * x\n")[1] == wrong


def test_what_is_not_allowed_is_seen_whoever_came_first(project, graders):
    toml = project.root / "assignments/demo/assignment.toml"
    toml.write_text(
        'not_allowed = "flag"\n' + toml.read_text().replace("points = 4", 'points = 4\nforbidden = ["torch.add"]')
    )
    uses = HEAD + "return getattr(torch, 'ad' + 'd')(x, x)\n"
    assert project.assignment.not_allowed == "flag"
    honest, accused, again, other = tried_with_one_grader(graders, RIGHT, uses, uses, RIGHT)
    assert honest.evidence == other.evidence == ()
    assert accused.score == again.score == 4
    assert accused.evidence == again.evidence != ()
    first, second = tried_with_one_grader(graders, uses, RIGHT)
    assert (first.evidence, second.evidence) == (accused.evidence, ())


def test_odd_answers_do_not_fill_memory(monkeypatch):
    check = Check("double", "test", "Test", Fraction(1), public=False, visibility=None)
    known = Courses()

    def learn(answer, question=b"question"):
        known.learn(check, 0, [courses._Asked(question, "call", "f", answer)])

    for number in range(100):
        learn(number.to_bytes(2, "big"))
    assert len(known.known(check, 0).first.following) == courses._MOST_COURSES
    monkeypatch.setattr(courses, "_MOST_BYTES", 5)
    learn(b"new")
    assert list(known.known(check, 0).first.following) == [b"new"]


ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("exercise", load_assignment(ROOT, "core").exercise_names)
def test_all_of_core_gets_the_same_from_a_grader_that_knows_courses(zygote, exercise, ran):
    """Solution, stub and alternatives, which teach it, and every eighth mistake."""
    layout, assignment = Layout(ROOT, "core"), load_assignment(ROOT, "core")
    bank = implementations(layout, [exercise], KINDS[:-1])
    tried = [each for number, each in enumerate(bank) if each.kind != "mistake" or number % 8 == 0]
    settle_torch()
    run = Run(assignment, "suite", 5, "full")
    needed, followed = [], []

    def work(collected):
        references = References(layout.solutions, remember=True)
        with zygote.connect() as line:
            supply = WorkerSupply(line)
            knowing = Grader(run, collected, references, supply)
            for each in tried:
                alone = Grader(run, collected, references, supply).try_out(exercise, each.text, 5)
                needed.append(len(ran))
                assert same(knowing.try_out(exercise, each.text, 5)) == same(alone), each.label
                followed.append(len(ran) - needed[-1])
                ran.clear()
            supply.settle()

    with_suites([layout.suite(exercise)], work)
    assert len(tried) > 10
    assert sum(followed) < 0.8 * sum(needed)
