"""What must hold after a class, whatever the conditions. Files of tests take from here what their level promises."""

from __future__ import annotations

import re

import pytest
from corpus import Exploit, Graded, corpus

EXPLOITS = [exploit for kind in ("exploits", "archives") for exploit in corpus(kind)]
CONTROLS = corpus("controls")
every_exploit = pytest.mark.parametrize("exploit", EXPLOITS, ids=lambda exploit: exploit.name)
every_forbidden_use = pytest.mark.parametrize(
    "exploit", [exploit for exploit in EXPLOITS if exploit.directive("expect")], ids=lambda exploit: exploit.name
)
every_forger = pytest.mark.parametrize(
    "exploit", [exploit for exploit in EXPLOITS if exploit.refusals], ids=lambda exploit: exploit.name
)
every_control = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)


class Marks:
    """At every level."""

    def test_the_batch_ends_and_grades_everybody(self, graded: Graded, hostile: list[Exploit]) -> None:
        assert graded.status == 0, graded.printed[-3000:]
        assert len(list((graded.out / "results").glob("*.json"))) == len(hostile) + len(CONTROLS) + 3

    @every_exploit
    def test_no_point_is_gained(self, graded: Graded, hostile: list[Exploit], exploit: Exploit) -> None:
        if exploit not in hostile:
            pytest.skip("not tried at this level")
        scores, base = graded.scores(exploit.name), graded.scores("base")
        assert scores.keys() == base.keys()
        assert {name: score for name, score in scores.items() if score > base[name]} == {}

    @every_forbidden_use
    def test_what_is_not_allowed_is_noticed(self, graded: Graded, hostile: list[Exploit], exploit: Exploit) -> None:
        if exploit not in hostile:
            pytest.skip("not tried at this level")
        exercise, status = exploit.directive("expect").split()
        found = graded.result(exploit.name)["exercises"][exercise]
        assert (found["status"], found["score"]) == (status, 0), found["message"]
        assert "line " in found["message"]

    @every_forger
    def test_a_forged_answer_is_refused_for_what_is_forged(
        self, graded: Graded, hostile: list[Exploit], exploit: Exploit
    ) -> None:
        if exploit not in hostile:
            pytest.skip("not tried at this level")
        exercises = graded.result(exploit.name)["exercises"].values()
        messages = "\n".join(test["message"] for entry in exercises for test in entry["tests"])
        assert [reason for reason in exploit.refusals if reason not in messages] == []

    @every_control
    def test_an_odd_but_honest_submission_gets_full_marks(self, graded: Graded, control: Exploit) -> None:
        exercises = graded.result(control.name)["exercises"]
        handed_in = {name: entry for name, entry in exercises.items() if entry["status"] != "missing"}
        assert control.directive("exercise") in handed_in
        messages = {test["message"] for entry in handed_in.values() for test in entry["tests"]} - {""}
        assert all(entry["score"] == entry["max_score"] for entry in handed_in.values()), messages


class Secrets:
    """Where the level is full."""

    def test_the_level_is_full(self, graded: Graded) -> None:
        assert graded.result("base")["isolation"] == "full", graded.printed[:2000]

    @every_exploit
    def test_nothing_was_read_or_done_that_is_forbidden(
        self, graded: Graded, hostile: list[Exploit], exploit: Exploit
    ) -> None:
        if exploit not in hostile:
            pytest.skip("not tried at this level")
        own = tuple(line.strip() for line in exploit.text.splitlines() if "ESCAPED" in line)
        # A page shows lines of the submission itself.
        lines = [line for line in graded.seen_by(exploit.name).splitlines() if not own or not line.endswith(own)]
        seen = "\n".join(lines)
        assert "ESCAPED" not in seen, next(line for line in lines if "ESCAPED" in line)
        assert [canary for canary in graded.canaries if canary in seen] == []

    @every_exploit
    def test_the_page_is_not_broken(self, graded: Graded, hostile: list[Exploit], exploit: Exploit) -> None:
        if exploit not in hostile:
            pytest.skip("not tried at this level")
        page = (graded.out / "feedback" / f"{exploit.name}.md").read_text()
        assert len(page) < 200_000
        # Neither a block nor code in a line is read as Markdown; as many back quotes as begin code also end it.
        lines = [line for line in page.splitlines() if not line.startswith("    ")]
        own = [re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line) for line in lines]
        assert not any(sign in line for line in own for sign in ("<script", "</pre", "\x1b", "\x07"))
        assert "\x1b" not in page
        html = (graded.out / "feedback" / f"{exploit.name}.html").read_text()
        assert len(html) < 200_000
        ours = (graded.out / "feedback" / "base.html").read_text()
        assert set(re.findall(r"<(?:script|img|a|iframe)\b[^>]*", html)) <= set(re.findall(r"<a\b[^>]*", ours))
        assert "\x1b" not in html

    @pytest.mark.parametrize("student", ["base", "honest_first", "zz_honest_last"])
    def test_neighbours_get_what_they_get_alone(self, graded: Graded, alone: Graded, student: str) -> None:
        assert _timeless(graded.result(student)) == _timeless(alone.result(student))
        for page in (f"feedback/{student}.md", f"feedback/{student}.html"):
            assert (graded.out / page).read_bytes() == (alone.out / page).read_bytes()

    def test_nothing_outlives_the_batch(self, graded: Graded) -> None:
        assert graded.left == ()

    def test_no_file_of_others_is_changed(self, graded: Graded) -> None:
        assert graded.changed == ()

    def test_the_terminal_shows_no_escape_codes_of_theirs(self, graded: Graded) -> None:
        assert "\x1b[2J" not in graded.printed
        assert "\x07" not in graded.printed


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {key: _timeless(entry) for key, entry in value.items() if key != "seconds"}
    return [_timeless(entry) for entry in value] if isinstance(value, list) else value
