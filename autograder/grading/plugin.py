"""The pytest plugin that suites rely on: marks, and the fixtures `student`, `reference` and `rng`.

For suites that are run by hand: `--submission` names the code to try, and everything happens in this process. The
grader only collects with it, and gives checks the same by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.course.layout import Layout
from autograder.grading.subjects import InProcess, References, Subjects
from autograder.language import tr
from autograder.language.source import title_of
from autograder.suite.compare import assert_close, assert_statistic
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

SUBJECTS: pytest.StashKey[dict[str, Subjects]] = pytest.StashKey()
"""The subjects of this run of pytest, by assignment."""
MARKS = frozenset({"points", "form", "visibility", "example", "parametrize"})
"""What a check may be marked with."""
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


@dataclass(frozen=True)
class Check:
    """One test case of a suite, as results and reports see it."""

    exercise: str
    name: str
    title: str
    points: Fraction
    public: bool
    visibility: str | None
    """What the suite itself asks for; None leaves it to assignment.toml."""
    form: bool = False
    """It asks about form only, so its points count only beside a value that is right."""
    example: bool = False
    """A public check that carries out the worked example, whose every step `check.py --explain` shows."""
    again: Fraction = Fraction(0)
    """What it costs when it fails with the same difference as an earlier one."""
    id: str = ""
    """Pytest's name of the case, which has its file in it: no two are alike."""

    @property
    def stream(self) -> str:
        """Names the random stream of this case, independent of where the project lies."""
        return f"{self.exercise}/{self.name}"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autograder", "code to try suites on")
    group.addoption(
        "--submission", metavar="PATH", help="a folder of exercise files, or one file; default: the solutions"
    )
    group.addoption("--seed", type=int, default=0, help="run seed of sizes and data (default: 0)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "points(n, again=n): what the test is worth, and what it costs when it fails like an earlier one; parametrized "
        "cases share both equally",
    )
    config.addinivalue_line("markers", "form: the test asks about form; its points count beside a right value only")
    config.addinivalue_line(
        "markers", "example: the public test carries out the worked example, which `check.py --explain` takes apart"
    )
    config.addinivalue_line(
        "markers", f"visibility(when): who sees the result on Gradescope: {', '.join(VISIBILITIES)}"
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    submission = session.config.getoption("--submission")
    if submission and not Path(submission).exists():
        raise pytest.UsageError(f"--submission {submission}: no such file or folder")


def check_of(item: pytest.Item) -> Check:
    """What `item` is worth and how it is called. Raises pytest.UsageError where a suite does not say so properly."""
    folder = item.path.parent
    where = "/".join([*folder.parts[-3:], f"{item.path.name}::{item.name}"])
    function = getattr(item, "function", None)
    document = getattr(function, "__doc__", None) or ""
    if not document.strip():
        raise pytest.UsageError(f"{where}: the test has no docstring; its first line is the title that students see")
    mark = item.get_closest_marker("points")
    if mark is None or len(mark.args) != 1 or not isinstance(mark.args[0], (int, float)) or mark.args[0] <= 0:
        raise pytest.UsageError(f"{where}: mark the test with @pytest.mark.points(n), n above 0")
    points = mark.args[0]
    again = mark.kwargs.get("again", points)
    if mark.kwargs.keys() - {"again"} or not isinstance(again, (int, float)) or not 0 <= again <= points:
        raise pytest.UsageError(f"{where}: @pytest.mark.points({points}, again=m) takes an m from 0 to {points}")
    visibility = item.get_closest_marker("visibility")
    if visibility is not None and (len(visibility.args) != 1 or visibility.args[0] not in VISIBILITIES):
        raise pytest.UsageError(f"{where}: visibility is one of {', '.join(VISIBILITIES)}")
    public = item.path.stem.endswith("_public")
    if public and "reference" in getattr(item, "fixturenames", ()):
        raise pytest.UsageError(f"{where}: a public check cannot use `reference`; students do not have it")
    example = item.get_closest_marker("example") is not None
    if example and not public:
        raise pytest.UsageError(f"{where}: only a public check can be marked as the example; students run it")
    callspec = getattr(item, "callspec", None)
    cases = _cases(item) if callspec is not None else 1
    title = title_of(document)
    return Check(
        exercise=exercise_of(item),
        name=item.name,
        title=f"{title} ({tr(callspec.id)})" if callspec is not None else title,
        points=Fraction(str(points)) / cases,
        form=item.get_closest_marker("form") is not None,
        example=example,
        again=Fraction(str(again)) / cases,
        public=public,
        visibility=visibility.args[0] if visibility is not None else None,
        id=item.nodeid,
    )


def exercise_of(item: pytest.Item) -> str:
    """The exercise that a suite judges is the folder it lies in."""
    return item.path.parent.name


def _cases(item: pytest.Item) -> int:
    """How many cases the item's test function was parametrized into."""
    function = getattr(item, "function", None)
    siblings = [other for other in item.session.items if getattr(other, "function", None) is function]
    return max(1, len(siblings))


def _subjects(config: pytest.Config, suite: Path) -> Subjects:
    # tests/<assignment>/<exercise>/test_*.py
    known, assignment = config.stash.setdefault(SUBJECTS, {}), suite.parents[1].name
    if assignment not in known:
        layout = Layout(suite.parents[3], assignment)
        submission = config.getoption("--submission")
        where = Path(submission) if submission else layout.solutions
        subjects = InProcess(where, References(layout), config.getoption("--seed"))
        known[assignment] = subjects
        config.add_cleanup(subjects.close)
    return known[assignment]


def given(fixture: str, subjects: Subjects, exercise: str, stream: str) -> object:
    """What a check gets that asks for one of `FIXTURES`; `stream` names the check's random numbers."""
    if fixture in _HELPERS:
        return _HELPERS[fixture]
    if fixture == "rng":
        return Random(subjects.seed, stream)
    session = subjects.student(exercise) if fixture == "student" else subjects.reference(exercise)
    session.begin(f"{subjects.seed}/{stream}")
    return Namespace(session, Random(subjects.seed, f"{stream}/{fixture}"))


def _fixture(name: str, about: str) -> object:
    def fixture(request: pytest.FixtureRequest) -> object:
        exercise = exercise_of(request.node)
        return given(name, _subjects(request.config, request.path), exercise, f"{exercise}/{request.node.name}")

    fixture.__doc__ = about
    return pytest.fixture(name=name)(fixture)


_HELPERS = {"close": assert_close, "statistic": assert_statistic}
FIXTURES = {
    "student": "The names that the submission defines for this exercise.",
    "reference": "The names that the reference solution defines for this exercise.",
    "rng": "Random sizes and data of this test case.",
    "close": "`close(actual, expected, what)` for public checks, which import nothing but torch and pytest.",
    "statistic": "`statistic(value, expected, band, what)` for public checks of code that draws random numbers.",
}
"""What a check may ask for besides its parameters."""
student, reference, rng, close, statistic = (_fixture(name, about) for name, about in FIXTURES.items())
