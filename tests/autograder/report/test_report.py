"""What the page of a class says, and what it must not say."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec import structs
from typer.testing import CliRunner

from autograder.cli import app
from autograder.errors import UsageError
from autograder.policy.apply import LATE_COLUMNS
from autograder.questions.diff import Change
from autograder.report.people import WITHHELD, People
from autograder.report.view import class_page, unknown_failures
from autograder.report.write import write_report
from autograder.results.model import Absent, Excerpt
from autograder.sources.model import ClassList, Row
from tools.simulate import HOSTILE, simulated, write

CHANGES = [Change("Zoë Çelik-Ørsted", 50.0, 40.5, ("lstm_cell, test_a: 2 -> 0 of 2",) * 7, ("another suite",))]


class Text(HTMLParser):
    """The words of a page, and every attribute."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = [""]
        self.attributes: list[tuple[str, str]] = []
        self.feed(page.decode())
        self.text = " ".join(" ".join(self.words).split())

    def handle_data(self, data: str) -> None:
        self.words += [data] if self.tags[-1] not in ("style", "script") else []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def late_line(student: str, explanation: str) -> dict[str, str]:
    return {"student": student, "slip_days": "1", "slip_days_left": "4", "explanation": explanation}


@pytest.fixture(scope="session")
def page(small) -> bytes:
    found, results = small
    late = [late_line(HOSTILE[0], "27 h late: 1 slip day, 4 of 5 left")]
    return class_page(found, results, {name: f"feedback/{name}.html" for name in results}, late, CHANGES)


@pytest.fixture(scope="session")
def told(page: bytes) -> Text:
    return Text(page)


def test_it_has_every_section(told: Text) -> None:
    for words in (
        "week4: the class Students 40 Graded",
        "Isolation full Seed 1 Suite 5f2d9c",
        "Mean share of the points: of all, and of each fifth of the class",
        "Hint: How many steps does the formula have?",
        "those who made it have",
        "Alpha over 6 exercises",
        "27 h late: 1 slip day, 4 of 5 left",
        "Zoë Çelik-Ørsted Student",
        "50 40.5 another suite lstm_cell, test_a: 2 -> 0 of 2",
        "and 2 more",
    ):
        assert words in told.text


def test_names_are_text_wherever_they_stand(told: Text, small) -> None:
    assert all(name.encode("utf-8", "backslashreplace").decode() in told.text for name in HOSTILE)
    assert told.tags.count("script") == 1
    assert {"img", "iframe", "object", "link", "form"}.isdisjoint(told.tags)
    assert not any(name.startswith("on") or name == "style" for name, _ in told.attributes)
    links = {value for name, value in told.attributes if name in ("href", "src")}
    assert all(re.fullmatch(r"#[a-z]+|\./feedback/[\w.%~/-]+\.html", link) for link in links)
    assert len([link for link in links if link.startswith("./feedback")]) == len(small[1])


def test_every_column_of_the_map_is_filled_in_every_row(page: bytes, small) -> None:
    body = page.decode().partition('<table class="map">')[2].partition("</table>")[0]
    rows = body.partition("<tbody>")[2].split("<tr>")[1:]
    assert len(rows) == len(small[1])
    for row in rows:
        cells = re.findall(r"<td class=\w+(?: colspan=(\d+))?>", row)
        assert sum(int(span or 1) for span in cells) == 137 + 6 + 1


def test_an_anonymous_page_holds_no_name(small) -> None:
    found, results = small
    row = structs.replace(found.students[0], group="Die Gruppe")
    found = structs.replace(found, students=(row, *found.students[1:]))
    name = found.students[-1].student
    late = [late_line(name, f"27 h late; adjusted by +1 ({name.split()[0]} was ill)")]
    page = class_page(found, results, dict.fromkeys(results, "feedback/x.html"), late, anonymous=True).decode()
    own = {text for row in found.students for each in row.members for text in (row.student, each.id, each.email)}
    assert [text for text in own if text in unescape(page)] == []
    assert WITHHELD in page
    assert "feedback/" not in page
    assert "Student 40" in page
    assert "pseudonyms" not in page.partition("<style>")[2].partition("</style>")[2].partition("<footer>")[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("an output of shape (2, 3)", True),
        ("ValueError: Zoë's code", False),
        ("ValueError: ZOE\u0308", False),
        ("ValueError: 김민준입니다", False),
        ("ValueError: lovelaceada was here", False),
        ("ValueError: Li", False),
        ("a line of a list", True),
    ],
)
def test_a_text_is_withheld_that_holds_a_part_of_a_name(text: str, shown: bool) -> None:
    rows = tuple(Row(name) for name in ("Zoë Çelik", "김민준", "Ada Lovelace", "Wen Li"))
    people = People(ClassList(1, "", "w", rows), {}, anonymous=True)
    assert people.safe(text) == (text if shown else WITHHELD)
    assert People(ClassList(1, "", "w", rows), {}, anonymous=False).safe(text) == text


def test_the_same_class_makes_the_same_bytes(small, page: bytes) -> None:
    found, results = small
    backwards = {name: results[name] for name in reversed(results)}
    assert class_page(found, results, {}) == class_page(found, backwards, {})


def test_a_class_without_a_result() -> None:
    found, _ = simulated(5, hostile=False)
    page = Text(class_page(found, {}, {}))
    assert "Graded 0" in page.text
    assert f"not graded: no result {min(row.student for row in found.students)}" in page.text
    rows = tuple(structs.replace(row, attempts=0) for row in found.students)
    assert Absent("").reason in Text(class_page(structs.replace(found, students=rows), {}, {})).text


def test_unknown_failures_of_one_kind_are_one_group(small) -> None:
    _, results = simulated(60, hostile=False)
    groups = unknown_failures(results.values())
    sizes = [len(each.students) for each in groups]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1
    first = groups[0]
    for student in first.students:
        exercise = results[student].exercises[first.exercise]
        assert not exercise.diagnosis
        assert tuple(test.title for test in exercise.tests if test.status != "passed") == first.checks
    again = [structs.replace(result, student=f"{name} again") for name, result in results.items()]
    assert [2 * size for size in sizes] == [len(g.students) for g in unknown_failures([*results.values(), *again])]


def test_where_code_raised_does_not_part_those_who_fail_alike() -> None:
    _, results = simulated(2, hostile=False)
    name, exercise = next((n, e) for n, e in next(iter(results.values())).exercises.items() if e.tests)
    made = []
    for place in (3, 40):
        message = f"f(1): your code raised ValueError: no (line {place}, in `f`: `x = {place}`)."
        test = structs.replace(exercise.tests[0], status="error", message=message, line=place)
        excerpt = Excerpt(place, f"line {place}", place, 0, (f"x = {place}",))
        own = structs.replace(exercise, status="graded", diagnosis=(), tests=(test,), excerpts=(excerpt,))
        made.append(structs.replace(next(iter(results.values())), student=f"s{place}", exercises={name: own}))
    (group,) = unknown_failures(made)
    assert group.students == ("s3", "s40")
    assert group.message == "f(1): your code raised ValueError: no"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write(tmp_path, *simulated(6, hostile=False))
    return tmp_path


def test_runs_that_differ_are_compared_and_others_leave_that_alone(out: Path) -> None:
    first = write_report(out, after_run=True).read_bytes()
    assert b"No later run" in first
    assert write_report(out, after_run=True).read_bytes() == first
    found, results = simulated(6, hostile=False)
    name, result = next(iter(results.items()))
    write(out, found, {name: structs.replace(result, score=0.5, seed=2)})
    second = write_report(out, after_run=True).read_bytes()
    assert "0.5 another seed" in Text(second).text
    assert write_report(out, after_run=True).read_bytes() == second
    assert write_report(out).read_bytes() == second
    (out / "changes.json.gz").write_bytes(b"of another version")
    assert write_report(out, after_run=True).read_bytes() != second


def test_the_command(out: Path) -> None:
    for options, names in (([], True), (["--anonymous"], False)):
        told = CliRunner().invoke(app, ["report", str(out), *options])
        assert (told.exit_code, told.output) == (0, f"The class in one page: {out / 'report.html'}\n")
        assert (b"It names students" in (out / "report.html").read_bytes()) is names


def test_pages_of_students_are_linked_where_they_are(out: Path) -> None:
    _, results = simulated(6, hostile=False)
    (out / "feedback").mkdir()
    (out / f"feedback/{next(iter(results))}.html").touch()
    assert write_report(out).read_bytes().count(b'href="./feedback/') > 0
    assert b"feedback/" not in write_report(out, anonymous=True).read_bytes()


def late_csv(rows: list[list[str]]) -> str:
    table = io.StringIO()
    csv.writer(table).writerows([LATE_COLUMNS, *rows])
    return table.getvalue()


def test_who_was_late_comes_from_the_policy(out: Path) -> None:
    assert b"Not known yet" in write_report(out).read_bytes()
    found: ClassList = simulated(6, hostile=False)[0]
    names = [row.student for row in found.students]
    lines = [[name, "", "", "", "", str(n % 2), "1", "4", "1", f"{n} h late"] for n, name in enumerate(names)]
    (out / "late.csv").write_text(late_csv(lines), encoding="utf-8-sig")
    text = Text(write_report(out).read_bytes()).text
    assert "1 h late" in text
    assert "2 h late" not in text
    (out / "late.csv").write_text("by,hand\n")
    with pytest.raises(UsageError, match="run that again"):
        write_report(out)
