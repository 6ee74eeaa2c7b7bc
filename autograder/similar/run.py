"""`autograder similar OUT`: reads the class's code again, each submission in a confined process, and compares it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course.assignment import open_assignment
from autograder.course.layout import find_project
from autograder.course.stubs import given_stub
from autograder.grading.reading import Readers
from autograder.policy.apply import read_results
from autograder.results.whole import write_whole
from autograder.sandbox.launcher import Zygote
from autograder.similar.pairs import Pair, pairs
from autograder.similar.write import dolos_files, similar_page, similarity_csv
from autograder.sources.store import read_class
from autograder.submissions.model import Expected, Submission

CSV, PAGE, DOLOS = "similarity.csv", "similar.html", "dolos"


def similar(zygote: Zygote, out: Path, archive: Sequence[Path], dolos: bool = False) -> list[Pair]:
    """Write OUT/similarity.csv and similar.html, and OUT/dolos if asked to; the pairs. Raises UsageError.

    `archive` are results of earlier years.
    """
    found = read_class(out)
    layout, assignment = open_assignment(find_project(Path.cwd()), found.assignment)
    stubs = {exercise: given_stub(layout, exercise) for exercise in assignment.exercise_names}
    expected = [Expected(e.name, f"{e.name}.py", e.names, stubs[e.name]) for e in assignment.exercises]
    with zygote.reading() as reading:
        readers = Readers(reading)
        code = _code(readers, out, expected)
        earlier = {
            f"{folder.name}/{who}": own for folder in archive for who, own in _code(readers, folder, expected).items()
        }
    ranked = pairs(code, stubs, read_results(out, found), earlier)
    write_whole(out / CSV, similarity_csv(ranked))
    write_whole(out / PAGE, similar_page(ranked, {**earlier, **code}, stubs))
    for name, content in dolos_files(code, found) if dolos else ():
        (out / DOLOS / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(out / DOLOS / name, content)
    return ranked


def _code(readers: Readers, out: Path, expected: Sequence[Expected]) -> dict[str, dict[str, str]]:
    """The source of every exercise that could be read, by student."""
    found = {}
    for row in read_class(out).students:
        if row.attempts:
            contents = readers.read(Submission(row.student, out / row.path), expected)
            found[row.student] = {name: source.text for name, source in contents.sources.items()}
    return found
