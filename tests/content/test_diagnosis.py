"""Diagnosis names what code does, whatever the style, and nothing that is not so.

Beside an exercise's suite, `rewritten/` holds known mistakes in another style than the bank's, under the bank's names
and written without a look at its files; `pairs/` files with two slips at once, named in the file's name; `unknown/`
wrong implementations that are no mistake of the bank.
"""

from __future__ import annotations

from catalogue import every_exercise

from autograder.bank.files import entries
from autograder.results.model import ExerciseResult

Results = dict[str, ExerciseResult]
BAR = 90
"""Per cent of an exercise's rewritten mistakes that have to be named rightly."""


def named(result: ExerciseResult) -> list[str]:
    return [diagnosis.mistake for diagnosis in result.diagnosis]


def named_in(results: Results, kind: str) -> dict[str, list[str]]:
    """What is named of each implementation of a kind, by its name."""
    return {label.partition("/")[2]: named(result) for label, result in results.items() if label.startswith(f"{kind}/")}


def failures(result: ExerciseResult) -> dict[str, list[str]]:
    """What the student is told about each check that failed, in whichever order an error names its operands."""
    return {test.name: sorted(test.message.split()) for test in result.tests if test.status != "passed"}


@every_exercise
def test_every_mistake_of_the_bank_is_named_as_itself(results, exercise):
    assert [name for name, found in named_in(results, "mistakes").items() if name not in found] == []


@every_exercise
def test_mistakes_of_the_bank_that_share_a_diagnosis_share_every_failure(results, exercise):
    told_of = named_in(results, "mistakes")
    pairs = [(name, other) for name, found in told_of.items() for other in found if other != name and other in told_of]
    told = {name: failures(results[f"mistakes/{name}"]) for pair in pairs for name in pair}
    assert [pair for pair in pairs if told[pair[0]] != told[pair[1]]] == []


@every_exercise
def test_a_diagnosis_has_the_title_and_the_hint_of_the_bank(results, exercise):
    bank = {entry.name: (entry.title, entry.hint) for entry in entries(exercise.layout.mistakes(exercise.name))}
    for label, result in results.items():
        for diagnosis in result.diagnosis:
            assert (diagnosis.title, diagnosis.hint) == bank[diagnosis.mistake], label


@every_exercise
def test_right_ones_and_stubs_have_no_diagnosis(results, exercise):
    kinds = ("solution", "alternative", "stub")
    assert [name for kind in kinds for name, found in named_in(results, kind).items() if found] == []


@every_exercise
def test_files_are_named_after_mistakes_of_the_bank(exercise):
    bank = {entry.name for entry in entries(exercise.layout.mistakes(exercise.name))}
    files = [*exercise.files("rewritten"), *exercise.files("pairs")]
    assert [path.name for path in files if not set(path.stem.split("+")) <= bank] == []


@every_exercise
def test_rewritten_mistakes_are_recognised_and_taken_for_no_others(results, exercise):
    rewritten, bank = named_in(results, "rewritten"), named_in(results, "mistakes")
    missed = [name for name, found in rewritten.items() if name not in found]
    right = 100 * (1 - len(missed) / len(rewritten))
    assert right >= BAR, f"{right:.0f} % of the rewritten mistakes are named rightly, the bar is {BAR} %; not {missed}"
    # What is named beside one behaves as the bank's own file of that name does.
    assert {name: found for name, found in rewritten.items() if not set(found) <= set(bank[name])} == {}


@every_exercise
def test_of_two_slips_nothing_is_named_but_what_they_come_to(results, exercise):
    pairs = named_in(results, "pairs")
    assert pairs == {pair: exercise.behaves_as(pair) for pair in pairs}
    for pair, found in pairs.items():
        told = failures(results[f"pairs/{pair}"])
        alone = [failures(results[f"mistakes/{name}"]) for name in found]
        assert not found or told.keys() == {check for each in alone for check in each}
        for check, words in told.items() if found else ():
            # Where both slips show in one check, which of them is told is a matter of the check.
            assert words in [each[check] for each in alone if check in each] or sum(check in each for each in alone) > 1


@every_exercise
def test_unknown_mistakes_lose_points_and_have_no_diagnosis(results, exercise):
    unknown = named_in(results, "unknown")
    assert {name: found for name, found in unknown.items() if found} == {}
    full = [name for name in unknown if results[f"unknown/{name}"].score == results[f"unknown/{name}"].max_score]
    assert full == []
