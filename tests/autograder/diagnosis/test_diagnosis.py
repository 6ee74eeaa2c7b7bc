"""Diagnosis names what code does, whatever the style, and nothing that is not so. Through the real boundary.

In an exercise's folder, `rewritten/` holds known mistakes in another style than the bank's, under the bank's names and
written without a look at its files; `pairs/` files with two slips at once, named in the file's name; `unknown/` wrong
implementations that are no mistake of the bank.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.bank.files import read_entry
from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout
from autograder.results.model import ExerciseResult
from autograder.verify.trials import implementations

ROOT = Path(__file__).resolve().parents[3]
LAYOUT, ASSIGNMENT = Layout(ROOT, "core"), load_assignment(ROOT, "core")
EXERCISES = ASSIGNMENT.exercise_names
BAR = 90
"""Per cent of the rewritten mistakes that have to be named rightly."""

BANK = {
    entry.label: entry for entry in implementations(LAYOUT, EXERCISES, ("solution", "alternative", "mistake", "stub"))
}
BEHAVES_AS = {
    # Of the second slip, nothing is to be seen.
    "pairs/residual_block/no_skip+skip_detached.py": ["no_skip"],
    # One slip in each function.
    "pairs/clip_grad/per_tensor+value_upper_side_only.py": ["per_tensor", "value_upper_side_only"],
}
"""What the two slips of a file come to, where known mistakes behave exactly so."""


def files(kind: str) -> list[str]:
    return sorted(f"{kind}/{path.parents[1].name}/{path.name}" for path in LAYOUT.suites.glob(f"*/{kind}/*.py"))


def of(*kinds: str) -> list[str]:
    return [label for label, entry in BANK.items() if entry.kind in kinds]


def exercise_of(file: str) -> str:
    return Path(file).parent.name


def label_of(exercise: str, mistake: str) -> str:
    return f"{exercise}/mistake/{mistake}"


@pytest.fixture
def results(bank_results: dict[str, ExerciseResult]) -> dict[str, ExerciseResult]:
    """The result of everything in the bank, by label, and of every other file, by kind, exercise and name."""
    return bank_results


def named(result: ExerciseResult) -> list[str]:
    return [diagnosis.mistake for diagnosis in result.diagnosis]


def failures(result: ExerciseResult) -> dict[str, list[str]]:
    """What the student is told about each check that failed, in whichever order an error names its operands."""
    return {test.name: sorted(test.message.split()) for test in result.tests if test.status != "passed"}


# -- the bank itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_mistake_of_the_bank_is_named_as_itself(results, exercise):
    labels = [label for label in of("mistake") if BANK[label].exercise == exercise]
    assert [label for label in labels if BANK[label].name not in named(results[label])] == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_mistakes_of_the_bank_that_share_a_diagnosis_share_every_failure(results, exercise):
    pairs = [
        (label, label_of(exercise, other))
        for label in of("mistake")
        for other in named(results[label])
        if BANK[label].exercise == exercise and other != BANK[label].name
    ]
    assert [pair for pair in pairs if failures(results[pair[0]]) != failures(results[pair[1]])] == []


@pytest.mark.parametrize("label", of("solution", "alternative", "stub"))
def test_right_ones_and_stubs_have_no_diagnosis(results, label):
    assert named(results[label]) == []


def test_a_diagnosis_has_the_title_and_the_hint_of_the_bank(results):
    entry = read_entry(LAYOUT.mistakes("residual_block") / "no_final_relu.py")
    (diagnosis,) = results["rewritten/residual_block/no_final_relu.py"].diagnosis
    assert (diagnosis.mistake, diagnosis.title, diagnosis.hint) == (entry.name, entry.title, entry.hint)


# -- known mistakes in another style ----------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_exercise_has_rewritten_and_unknown_mistakes_enough(exercise):
    counts = [[exercise_of(file) for file in files(kind)].count(exercise) for kind in ("rewritten", "unknown")]
    assert counts[0] >= 6
    assert counts[1] >= 1


def test_files_are_named_after_mistakes_of_the_bank():
    wanted = [(file, name) for file in files("rewritten") + files("pairs") for name in Path(file).stem.split("+")]
    assert [file for file, name in wanted if label_of(exercise_of(file), name) not in BANK] == []


def test_rewritten_mistakes_are_recognised(results):
    missed = [file for file in files("rewritten") if Path(file).stem not in named(results[file])]
    right = 100 * (1 - len(missed) / len(files("rewritten")))
    assert right >= BAR, f"{right:.0f} % of the rewritten mistakes are named rightly, the bar is {BAR} %; not {missed}"


@pytest.mark.parametrize("file", files("rewritten"))
def test_a_rewritten_mistake_is_taken_for_no_other(results, file):
    """What is named beside it behaves as the bank's own file of that name does."""
    itself = results[label_of(exercise_of(file), Path(file).stem)]
    assert set(named(results[file])) <= set(named(itself))


# -- two slips, and unknown ones --------------------------------------------------------------------------------------


def test_there_are_ten_pairs():
    assert len(files("pairs")) >= 10


@pytest.mark.parametrize("file", files("pairs"))
def test_of_two_slips_nothing_is_named_but_what_they_come_to(results, file):
    assert named(results[file]) == BEHAVES_AS.get(file, [])


@pytest.mark.parametrize("file", BEHAVES_AS)
def test_what_is_named_of_two_slips_fails_in_the_same_way(results, file):
    expected: dict[str, list[str]] = {}
    for mistake in named(results[file]):
        expected.update(failures(results[label_of(exercise_of(file), mistake)]))
    assert failures(results[file]) == expected


def test_two_slips_that_undo_each_other_are_right(results):
    result = results["pairs/lstm_cell/order_figo+gates_swapped_in_update.py"]
    assert (result.score, named(result)) == (result.max_score, [])


@pytest.mark.parametrize("file", files("unknown"))
def test_unknown_mistakes_lose_points_and_have_no_diagnosis(results, file):
    assert results[file].score < results[file].max_score
    assert named(results[file]) == []
