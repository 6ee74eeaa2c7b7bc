"""The schema that other tests check with would notice what Gradescope does not accept."""

from __future__ import annotations

import json

import jsonschema
import pytest

GOOD = {
    "score": 1.5,
    "execution_time": 2,
    "output": "text",
    "output_format": "md",
    "visibility": "after_due_date",
    "stdout_visibility": "hidden",
    "extra_data": {"anything": [None]},
    "tests": [
        {"name": "a", "number": "1.1", "score": 1, "max_score": 2, "status": "passed", "tags": ["x"], "output": "fine"},
        {"name": "b", "visibility": "hidden", "name_format": "text", "output_format": "ansi"},
    ],
    "leaderboard": [{"name": "points", "value": 3, "order": "asc"}],
}


def with_test(**fields: object) -> dict[str, object]:
    return {"score": 1, "tests": [{"name": "a", **fields}]}


BROKEN = {
    "a list": [],
    "nothing": {},
    "no score anywhere": {"tests": [{"name": "a"}]},
    "no score and no tests": {"tests": []},
    "one test without a score": {"tests": [{"score": 1, "max_score": 1}, {"name": "b"}]},
    "score as text": {"score": "1"},
    "no score at all": {"score": None},
    "score as truth": {"score": True},
    "unknown key": {"score": 1, "marks": 1},
    "time as text": {"score": 1, "execution_time": "2 s"},
    "negative time": {"score": 1, "execution_time": -1},
    "output as a list": {"score": 1, "output": ["a"]},
    "unknown format": {"score": 1, "output_format": "markdown"},
    "unknown format of tests": {"score": 1, "test_output_format": "rst"},
    "unknown visibility": {"score": 1, "visibility": "shown"},
    "unknown visibility of stdout": {"score": 1, "stdout_visibility": True},
    "extra data as text": {"score": 1, "extra_data": "seed 1"},
    "tests as a table": {"score": 1, "tests": {"a": {}}},
    "a test as text": {"score": 1, "tests": ["a"]},
    "unknown key of a test": with_test(points=1),
    "score of a test as text": with_test(score="1", max_score=1),
    "negative maximum": with_test(score=0, max_score=-1),
    "unknown status": with_test(status="error"),
    "name as a number": with_test(name=1),
    "number as a number": with_test(number=1.1),
    "output of a test as a number": with_test(output=1),
    "unknown format of a test": with_test(output_format="markdown"),
    "tags as text": with_test(tags="a, b"),
    "unknown visibility of a test": with_test(visibility="public"),
    "extra data of a test as a list": with_test(extra_data=[]),
    "leaderboard as a table": {"score": 1, "leaderboard": {"points": 1}},
    "standing without a name": {"score": 1, "leaderboard": [{"value": 1}]},
    "standing without a value": {"score": 1, "leaderboard": [{"name": "points"}]},
    "unknown order": {"score": 1, "leaderboard": [{"name": "points", "value": 1, "order": "up"}]},
    "unknown key of a standing": {"score": 1, "leaderboard": [{"name": "points", "value": 1, "who": "kim"}]},
}


def test_a_document_with_everything_that_is_allowed_is_valid(valid):
    assert valid(json.dumps(GOOD).encode()) == GOOD


def test_the_score_may_stand_in_the_tests_alone(valid):
    valid(b'{"tests": [{"score": 1, "max_score": 2}]}')


@pytest.mark.parametrize("document", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_document_is_rejected(valid, document):
    with pytest.raises(jsonschema.ValidationError):
        valid(json.dumps(document).encode())


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_rejected(valid, number):
    with pytest.raises(pytest.fail.Exception):
        valid(b'{"score": %s}' % number.encode())
