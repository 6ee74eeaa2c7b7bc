"""Every message of the engine in every language, and how catalogues, code and suites come together."""

from __future__ import annotations

from string import Formatter

import pytest
import torch

from autograder.grading.suites import collect
from autograder.language import ENGINE, LOCALE, Told, languages, source_of, speaking, spoken, tr, tr_kept, tr_n
from autograder.language.engine import engine_messages, misfits, untranslated
from autograder.language.po import entries, read_catalogue
from autograder.language.source import messages_of, run, translated
from autograder.submissions.confined import answer, contents_of, order
from autograder.submissions.model import Expected, HandedIn
from autograder.suite.compare import assert_shape
from autograder.suite.failures import BehaviourError, check

HEADER = 'msgid ""\nmsgstr "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\\n"\n'
LANGUAGES = languages()


class Anything:
    """Fits any placeholder."""

    def __format__(self, specification: str) -> str:
        return "X"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_engine_can_be_made(language):
    with speaking(language):
        for _, message in engine_messages():
            names = {name for text in (message.text, message.plural) for _, name, _, _ in _parts(text)}
            values = {name: Anything() for name in names - {None, "count"}}
            if message.plural:
                made = [tr_n(message.text, message.plural, count, **values) for count in (1, 2, 5)]
            else:
                made = [tr(message.text, **values, **({"count": 2} if "count" in names else {}))]
            assert all("{" not in text for text in made) or not names, message


def _parts(text):
    return Formatter().parse(text)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_message_of_the_engine_is_translated_with_all_that_is_put_into_it(language):
    path = LOCALE / language / ENGINE
    assert untranslated(path, engine_messages()) == []
    assert misfits(path) == []


def test_a_catalogue_says_what_it_has(tmp_path):
    path = tmp_path / "xx.po"
    path.write_text(
        HEADER + '\n#, fuzzy\nmsgid "one"\nmsgstr "guessed"\n\nmsgid "two"\nmsgstr ""\n\n#: a.py\n'
        'msgid ""\n"a \\"quoted\\" "\n"{name}"\nmsgstr "{name}, „quoted“"\n\n'
        'msgid "{count} day"\nmsgid_plural "{count} days"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n'
    )
    catalogue = read_catalogue(path)
    assert catalogue.messages == {
        'a "quoted" {name}': ("{name}, „quoted“",),
        "{count} day": ("a", "b", "c"),
    }
    assert catalogue.plural == "(n==1 ? 0 : n<5 ? 1 : 2)"
    assert dict(entries("")) == {}


def test_what_is_wrong_with_a_translation_is_named(tmp_path):
    path = tmp_path / "xx.po"
    path.write_text(
        'msgid "{a} of {b:g}"\nmsgstr "{b:g}, {c}"\n\nmsgid "and "\nmsgstr "und"\n\nmsgid "x"\nmsgstr "y"\n'
    )
    assert [problem.partition(" of '")[0] for problem in misfits(path)] == [
        "'{b:g}, {c}' does not have the placeholders",
        "'und' does not have the spaces at its ends",
    ]


def test_numbers_have_the_forms_of_the_language():
    assert tr_n("{count} day", "{count} days", 1) == "1 day"
    assert tr_n("{count} day", "{count} days", 2) == "2 days"


SUITE = '''
"""Hidden checks."""

import pytest

HINT = "Look at the stub."
KEYS = {"one case": 1}


@pytest.mark.parametrize("case", ["one case", "other"])
@pytest.mark.points(1)
def test_it(student, case):
    """It is right.

    Not for students.
    """
    value = KEYS["one case"]
    assert case == "not here", f"{case}: {len(case):03d} of {value!r} is {'too large' if value else 'small'}."


@pytest.mark.points(1)
def test_more(student):
    """More of it."""
    assert student.f("one case") == 1, HINT
'''
IN_XX = {
    "It is right": "Richtig",
    "Look at the stub.": "Sieh nach.",
    "{case}: {1} of {value} is {2}.": "{2}: {value} statt {1} ({case}).",
    "too large": "zu groß",
    "one case": "ein Fall",
}


@pytest.fixture
def catalogue(tmp_path):
    path = tmp_path / "xx.po"
    path.write_text(HEADER + "".join(f'\nmsgid "{text}"\nmsgstr "{told}"\n' for text, told in IN_XX.items()))
    return path


def test_messages_of_a_suite_are_found_where_they_stand():
    texts = [each.text for each in messages_of(SUITE)]
    assert texts == [
        "Look at the stub.",
        "It is right",
        "too large",
        "small",
        "{case}: {1} of {value} is {2}.",
        "More of it",
    ]


def test_a_placeholder_counts_as_a_word_of_a_message():
    texts = messages_of('check(x, f"no {error}", asked=f"{case}: ")\nname = f"{layer}.weight"\n')
    assert [each.text for each in texts] == ["no {error}"]


def test_a_suite_is_translated_before_it_is_run_and_asks_the_same(catalogue):
    with speaking("ko", [catalogue]):
        tree = translated(SUITE)
    names: dict[str, object] = {}
    run(tree, "suite", names)
    assert names["HINT"] == "Look at the stub."
    assert f"{names['HINT']}" == "Sieh nach."
    assert names["KEYS"] == {"one case": 1}
    with (
        speaking("ko", [catalogue]),
        pytest.raises(AssertionError, match=r"^zu groß: 1 statt 008 \(ein Fall\)\.$") as raised,
    ):
        names["test_it"](None, "one case")
    assert source_of(raised.value.args[0]) == "one case: 008 of 1 is too large."


def test_what_is_translated_opens_what_its_source_does():
    told = Told("ein Fall", "one case")
    assert {"one case": 1}[told] == {told: 1}["one case"] == 1
    assert told != "ein Fall"
    assert f"{told}, {told}" == "ein Fall, ein Fall"


def test_what_differs_is_one_and_the_same_in_every_language():
    found = []
    for language in LANGUAGES:
        with speaking(language), pytest.raises(BehaviourError) as raised:
            assert_shape(torch.zeros(2), (3,))
        with speaking(language), pytest.raises(BehaviourError) as other:
            check(False, tr_kept("input {index} of {count}", index=1, count=2))
        found.append((raised.value.difference, other.value.difference))
    assert set(found) == {(("the output", "shape"), "input # of #")}


def test_collected_in_another_language_only_words_differ(tmp_path, catalogue):
    collected = []
    for language in ("en", "ko"):
        folder = tmp_path / "tests" / "demo" / language
        folder.mkdir(parents=True)
        (folder / f"test_{language}.py").write_text(SUITE)
        with speaking(language, [catalogue]):
            collected.append(collect([folder]).checks)
    english, other = collected
    assert [(each.name, each.points) for each in other] == [(each.name, each.points) for each in english]
    assert [each.title for each in english] == ["It is right (one case)", "It is right (other)", "More of it"]
    assert [each.title for each in other] == ["Richtig (ein Fall)", "Richtig (other)", "More of it"]


def test_who_reads_a_submission_speaks_the_language_of_the_order():
    expected = [Expected("block", "block.py", ("Block",))]
    with speaking("ko"):
        told = order(HandedIn(True, ()), expected)
    with speaking("en"):
        contents = contents_of(answer(told), expected)
        assert spoken() == "ko"
    assert contents.problems["block"].message == "`block.py` 파일이 제출되지 않았습니다. 아무것도 제출되지 않았습니다."
