"""What suites are made of, how they are run, and how instructors learn of their own slips."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.errors import UsageError
from autograder.grading.subjects import InProcess, Pair, References
from autograder.sandbox.session import NoWorkerError, Session, Source

HEAD = "import pytest, torch\nfrom autograder.suite import check\n\n"


def suite(body, *, marks="@pytest.mark.points(1)", arguments="student", title="The title."):
    """A suite with one test."""
    return f'{HEAD}{marks}\ndef test_it({arguments}):\n    """{title}"""\n    {body}\n'


@pytest.fixture
def checks(collected):
    """The checks of the project's suite."""
    return lambda: collected().checks


@pytest.fixture
def refusal(project, collected):
    """What an instructor is told about a suite that cannot be used."""

    def message(text, file="test_double.py"):
        project.write(f"tests/demo/double/{file}", text)
        with pytest.raises(UsageError) as caught:
            collected()
        return str(caught.value)

    return message


# -- what a suite says of its checks ----------------------------------------------------------------------------------


def test_a_check_has_an_exercise_a_name_and_a_title(project, checks):
    project.write_suite(suite("pass", title="The first line is the title.\n\n    The rest is not."))
    (check,) = checks()
    assert (check.exercise, check.name, check.title) == ("double", "test_it", "The first line is the title")


def test_cases_share_the_points_and_are_told_apart_by_their_titles(project, checks):
    marks = '@pytest.mark.points(2)\n@pytest.mark.parametrize("n", [1, 2, 3], ids=["small", "middle", "large"])'
    project.write_suite(suite("pass", marks=marks, arguments="student, n"))
    assert [(check.name, check.title, check.points) for check in checks()] == [
        ("test_it[small]", "The title (small)", Fraction(2, 3)),
        ("test_it[middle]", "The title (middle)", Fraction(2, 3)),
        ("test_it[large]", "The title (large)", Fraction(2, 3)),
    ]


def test_hidden_and_public_checks_are_collected_in_the_order_of_the_files(checks):
    assert [(check.name, check.public) for check in checks()] == [
        ("test_outputs[2]", False),
        ("test_outputs[5]", False),
        ("test_gradients", False),
        ("test_shape", True),
    ]


def test_points_may_be_fractions(project, checks):
    project.write_suite(suite("pass", marks="@pytest.mark.points(0.1)"))
    assert checks()[0].points == Fraction(1, 10)


def test_a_check_may_say_who_sees_it(project, checks):
    project.write_suite(suite("pass", marks='@pytest.mark.points(1)\n@pytest.mark.visibility("hidden")'))
    assert checks()[0].visibility == "hidden"


def test_a_check_that_does_not_say_who_sees_it_leaves_it_to_the_assignment(checks):
    assert {check.visibility for check in checks()} == {None}


NO_POINTS = "test_double.py::test_it: mark the test with @pytest.mark.points(n), n above 0"
SLIPS = {
    "no points": (suite("pass", marks=""), NO_POINTS),
    "no number": (suite("pass", marks="@pytest.mark.points()"), NO_POINTS),
    "nothing to win": (suite("pass", marks="@pytest.mark.points(0)"), NO_POINTS),
    "points as text": (suite("pass", marks="@pytest.mark.points('2')"), NO_POINTS),
    "no title": (suite("pass", title=""), "test_it: the test has no docstring; its first line is the title"),
    "unknown visibility": (
        suite("pass", marks="@pytest.mark.points(1)\n@pytest.mark.visibility('nobody')"),
        "visibility is one of visible, after_due_date, after_published, hidden",
    ),
    "a fixture of its own": (
        HEAD + "@pytest.fixture\ndef ready(student): pass\n\n" + suite("pass", arguments="ready").removeprefix(HEAD),
        "a check can ask for close, reference, rng, statistic, student and its parameters, not for the fixture ready; "
        "call a",
    ),
    "an automatic fixture": (
        HEAD + "@pytest.fixture(autouse=True)\ndef ready(): pass\n\n" + suite("pass").removeprefix(HEAD),
        "not for the fixture ready",
    ),
    "a set-up": (HEAD + "def setup_function(): pass\n\n" + suite("pass").removeprefix(HEAD), "not for the fixture"),
    "a class": (
        HEAD
        + "class TestIt:\n    @pytest.mark.points(1)\n    def test_it(self, student):\n"
        + '        """The title."""\n',
        "a check is a function of its own, not part of a class",
    ),
    "an async function, which nobody would wait for": (
        suite("pass").replace("def test", "async def test"),
        "not part of a class, and not async",
    ),
    "a mark that would do nothing": (
        suite("pass", marks="@pytest.mark.points(1)\n@pytest.mark.skipif(True, reason='no')"),
        "checks are not marked with skipif; the marks are",
    ),
    "a syntax error": ("def test_it(:\n", "SyntaxError"),
    "an import error": ("import a_module_that_is_not_there\n", "No module named 'a_module_that_is_not_there'"),
    "an exception": ("1 / 0\n", "ZeroDivisionError"),
}


@pytest.mark.parametrize(("text", "message"), SLIPS.values(), ids=SLIPS)
def test_a_slip_in_a_suite_is_told(refusal, text, message):
    told = refusal(text)
    assert message in told
    assert "tests/demo/double" in told


def test_a_public_check_cannot_use_the_reference(refusal):
    told = refusal(suite("pass", arguments="student, reference"), file="test_double_public.py")
    assert "test_double_public.py::test_it: a public check cannot use `reference`; students do not have it" in told


def test_only_a_public_check_can_be_the_example(project, checks, refusal):
    example = suite("pass", marks="@pytest.mark.example\n@pytest.mark.points(1)")
    assert "only a public check can be marked as the example; students run it" in refusal(example)
    project.write_suite(suite("pass"))
    project.write("tests/demo/double/test_double_public.py", example)
    assert [check.example for check in checks()] == [False, True]


def test_settings_of_the_surroundings_do_not_matter(project, run):
    project.write("pytest.ini", "[pytest]\naddopts = --nonsense\n")
    project.write("tests/pytest.ini", "[pytest]\naddopts = --nonsense\n")
    assert [outcome.status for outcome in run()] == ["passed"] * 4


# -- running ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", ["--no-such-option", "-k nothing", "-p no:autograder.grading.plugin"])
def test_options_for_other_tests_do_not_matter(run, monkeypatch, options):
    monkeypatch.setenv("PYTEST_ADDOPTS", options)
    assert [outcome.status for outcome in run()] == ["passed"] * 4


def test_a_right_submission_passes_everything(run):
    assert [(outcome.check.name, outcome.status, outcome.message) for outcome in run()] == [
        ("test_outputs[2]", "passed", ""),
        ("test_outputs[5]", "passed", ""),
        ("test_gradients", "passed", ""),
        ("test_shape", "passed", ""),
    ]


def test_a_wrong_submission_fails_what_it_gets_wrong(run):
    outcomes = run("return x + x.detach()")
    assert [outcome.status for outcome in outcomes] == ["passed", "passed", "failed", "passed"]
    assert outcomes[2].message.startswith(
        "Double() in training mode: the gradient of the input differs in 6 of 6 values"
    )
    assert "assert_same_gradients" in outcomes[2].trace


def test_an_exception_of_the_submission_is_an_error_with_its_line(run):
    outcomes = run("return torch.zeros(2) @ torch.zeros(3)")
    assert {outcome.status for outcome in outcomes} == {"error"}
    assert "(line 7, in `forward`: `return torch.zeros(2) @ torch.zeros(3)`)" in outcomes[0].message


def test_a_submission_that_cannot_be_imported_is_an_error_everywhere(run):
    outcomes = run(text="1 / 0")
    assert {outcome.status for outcome in outcomes} == {"error"}
    assert {outcome.message for outcome in outcomes} == {
        "Your file could not be imported. It raised ZeroDivisionError: division by zero (line 1: `1 / 0`)."
    }


def test_a_missing_name_is_an_error(run):
    assert {(outcome.status, outcome.message) for outcome in run(text="x = 1")} == {
        ("error", "`double.py` does not define `Double`; the name is part of the exercise")
    }


def test_a_stub_has_not_been_started(run):
    (message,) = {outcome.message for outcome in run("raise NotImplementedError('double: implement Double.forward')")}
    assert message == "Not implemented yet (double: implement Double.forward): line 7 still says so."


BODIES = {
    "an assertion with words": ("assert False, 'the words'", "the words"),
    "a failure": ("pytest.fail('secret')", "This check failed: The title."),
    "a plain fact": ("check(False, 'the fact')", "the fact"),
    "something unexpected": (
        "torch.zeros(2) + torch.zeros(3)",
        "The check could not go on with what your code returned (RuntimeError: The size of tensor a (2) must match",
    ),
}


@pytest.mark.parametrize(("body", "message"), BODIES.values(), ids=BODIES)
def test_what_a_check_says_when_it_fails(project, run, body, message):
    project.write_suite(suite(body))
    (outcome,) = run()
    assert outcome.status == "failed"
    assert outcome.message.startswith(message)


@pytest.mark.parametrize(
    ("helper", "arguments", "message"),
    [
        ("close", "torch.tensor([2.0, 3.0]), 'the result'", "the result differs in 1 of 2 values, by up to 1 at [1]."),
        ("statistic", "2.5, 0.25, 'the mean'", "the mean is 2, expected 2.5 to within 0.25."),
    ],
)
def test_public_checks_can_compare_without_importing_anything_of_ours(project, run, helper, arguments, message):
    found = {"close": "student.Double()(torch.ones(2))", "statistic": "student.Double()(torch.ones(2)).mean()"}
    body = f"{helper}({found[helper]}, {arguments})"
    project.write("tests/demo/double/test_double_public.py", suite(body, arguments=f"student, {helper}"))
    outcome = run()[-1]
    assert (outcome.check.public, outcome.status, outcome.message) == (True, "failed", message)


def test_the_first_of_several_facts_is_told_and_the_test_goes_on(project, run):
    project.write_suite(suite("check(False, 'the first'); check(False, 'the second'); student.Double()(1); 1 / 0"))
    (outcome,) = run("raise ValueError('asked')")
    assert (outcome.status, outcome.message) == ("failed", "the first")


def test_one_check_does_not_disturb_the_next(project, run):
    project.write_suite(
        HEAD
        + '''
@pytest.mark.points(1)
def test_first(student):
    """First."""
    torch.manual_seed(0)
    pytest.fail("no more")

@pytest.mark.points(1)
def test_second(student):
    """Second."""
'''
    )
    assert [outcome.status for outcome in run()] == ["failed", "passed"]


def test_a_suite_can_be_run_again_and_again(project, collected):
    suites, statuses = collected(), []
    for forward in ("return 2 * x", "return x", "return 2 * x"):
        path = project.hand_in("kim", forward).place / "double.py"
        subjects = InProcess(path, References(project.layout), 0)
        statuses.append({outcome.status for outcome in suites.run(subjects, "double")})
        subjects.close()
    assert statuses == [{"passed"}, {"failed", "passed"}, {"passed"}]


def test_only_one_check_can_be_run(project, collected):
    path = project.hand_in("kim", "return 2 * x").place
    subjects = InProcess(path, References(project.layout), 0)
    suites = collected()
    (wanted,) = [check.id for check in suites.checks if check.name == "test_gradients"]
    outcomes = list(suites.run(subjects, "double", only=wanted))
    subjects.close()
    assert [outcome.check.name for outcome in outcomes] == ["test_gradients"]


class Nobody:
    """A line that leads to no worker."""

    def exchange(self, question):
        raise NoWorkerError("no worker could be forked")

    def close(self):
        pass


def test_a_fault_of_the_machine_is_nobodys_mark(project, collected):
    subjects = Pair(0, Session(Source("double", "double.py", ""), Nobody()), References(project.layout))
    with pytest.raises(NoWorkerError, match="no worker could be forked"):
        list(collected().run(subjects, "double"))


# -- chance -----------------------------------------------------------------------------------------------------------

DRAWS = suite("check(False, f'{rng.rand(1).item()} {student.draw()}')", arguments="student, rng")
DRAWING = "import torch\ndef draw(): return torch.rand(1).item()\n"


def test_one_seed_repeats_a_run(project, run):
    project.write_suite(DRAWS)
    assert run(text=DRAWING, seed=3)[0].message == run(text=DRAWING, seed=3)[0].message


def test_another_seed_draws_other_data(project, run):
    project.write_suite(DRAWS)
    one, other = (run(text=DRAWING, seed=seed)[0].message.split() for seed in (3, 4))
    assert one[0] != other[0]
    assert one[1] != other[1]


def test_each_check_draws_its_own_data(project, run):
    project.write_suite(DRAWS + DRAWS.removeprefix(HEAD).replace("test_it", "test_other"))
    assert len({outcome.message for outcome in run(text=DRAWING)}) == 2


def test_what_is_drawn_does_not_depend_on_the_place_or_the_rest_of_the_suite(project, run):
    project.write_suite(DRAWS)
    alone = run(text=DRAWING)[0].message
    project.write_suite(suite("student.draw()").replace("test_it", "test_before") + DRAWS.removeprefix(HEAD))
    assert run(text=DRAWING)[1].message == alone


def test_student_and_reference_draw_the_same(project, run):
    body = "check(student.draw() == reference.draw(), 'they differ')"
    project.write_suite(suite(body, arguments="student, reference"))
    project.write("solutions/demo/double.py", DRAWING)
    assert run(text=DRAWING)[0].status == "passed"
