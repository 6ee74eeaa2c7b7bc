"""submission_metadata.json: what is there is read, what is missing or odd is left out, and nothing in it raises."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from autograder.gradescope.metadata import Metadata, read_metadata

SAMPLE: dict[str, Any] = {
    "id": 123456789,
    "created_at": "2026-05-01T14:23:34.123456-07:00",
    "assignment": {
        "due_date": "2026-04-30T23:59:00.000000-07:00",
        "group_size": None,
        "group_submission": True,
        "id": 1,
        "course_id": 2,
        "late_due_date": None,
        "release_date": "2026-04-01T00:00:00.000000-07:00",
        "title": "Week 4",
        "total_points": "100.0",
    },
    "submission_method": "upload",
    "users": [
        {"email": "kim@example.edu", "id": 1, "name": "Kim Minjun"},
        {"email": "lee@example.edu", "id": 2, "name": "Lee, Ji-woo"},
    ],
    "previous_submissions": [
        {
            "submission_time": "2026-05-01T10:00:00.000000-07:00",
            "score": "4.5",
            "autograder_error": False,
            "results": {"score": 4.5, "tests": [{"name": "a"}]},
        },
        {"submission_time": "2026-04-29T10:00:00.000000-07:00", "score": 1, "autograder_error": True, "results": None},
    ],
}
ODD: list[Any] = [None, True, 0, -1.5, "", "odd", [], [1], {}, {"a": 1}, "2026-05-01", [[]], [None], [{}], 10**400]


@pytest.fixture
def read(tmp_path: Path):
    """The metadata that is read from a document."""

    def reader(document: Any) -> Metadata:
        file = tmp_path / "submission_metadata.json"
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        return read_metadata(file)

    return reader


def moment(text: str) -> Any:
    return {"created_at": text}


def test_a_document_as_gradescope_writes_it_is_read(read):
    pacific = timezone(timedelta(hours=-7))
    found = read(SAMPLE)
    assert found.id == "123456789"
    assert found.created_at == datetime(2026, 5, 1, 14, 23, 34, 123456, pacific)
    assert found.due == datetime(2026, 4, 30, 23, 59, tzinfo=pacific)


def test_several_users_are_one_submission(read):
    assert read(SAMPLE).submitters == "Kim Minjun + Lee, Ji-woo"


def test_users_without_a_name_are_left_out(read):
    users = [{"name": None}, {"email": "x"}, {"name": ""}, {"name": "Kim"}, "Lee", None]
    assert read({"users": users}).submitters == "Kim"


def test_earlier_submissions_come_the_oldest_first(read):
    first, second = read(SAMPLE).earlier
    assert (first.score, first.failed, first.results) == (1.0, True, None)
    assert (second.score, second.failed, second.results) == (4.5, False, {"score": 4.5, "tests": [{"name": "a"}]})
    assert first.submitted < second.submitted


def test_earlier_submissions_of_unknown_time_are_left_out(read):
    entries = [{"score": 1}, {"submission_time": "yesterday", "score": 2}, "odd", None]
    assert read({"previous_submissions": entries}).earlier == ()


def test_points_as_text_do_no_harm(read):
    assert SAMPLE["assignment"]["total_points"] == "100.0"
    assert read({**SAMPLE, "assignment": {**SAMPLE["assignment"], "total_points": "many"}}) == read(SAMPLE)


@pytest.mark.parametrize("score", [None, "", "many", [], {}, "nan", "inf", "-inf", 10**400, "1e999"])
def test_a_score_that_is_no_number_counts_0(read, score):
    (entry,) = read({"previous_submissions": [{"submission_time": "2026-05-01T00:00:00Z", "score": score}]}).earlier
    assert entry.score == 0.0


@pytest.mark.parametrize("score", ["NaN", "Infinity", "-Infinity"])
def test_a_score_that_json_does_not_know_counts_0(read, score):
    text = json.dumps({"previous_submissions": [{"submission_time": "2026-05-01T00:00:00Z", "score": float(score)}]})
    assert score in text
    assert math.isclose(read(text).earlier[0].score, 0.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-05-01T12:00:00Z", 0),
        ("2026-05-01T12:00:00+00:00", 0),
        ("2026-05-01T21:00:00+09:00", 0),
        ("2026-05-01T08:30:00-03:30", 0),
        (" 2026-05-01T12:00:00Z\n", 0),
        ("2026-05-01 12:00:00+00:00", 0),
        ("2026-05-01T12:00:00.5Z", 0.5),
        ("2026-05-01T12:00:00.25+00:00", 0.25),
        ("2026-05-01T12:00:00.123Z", 0.123),
        ("2026-05-01T12:00:00.1234-00:00", 0.1234),
        ("2026-05-01T12:00:00.123456Z", 0.123456),
        ("2026-05-01T12:00:00.123456789Z", 0.123457),
        ("2026-05-01T21:00:00.1234567+09:00", 0.123457),
    ],
)
def test_moments_are_read_with_any_offset_and_fraction(read, text, seconds):
    noon = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
    assert read(moment(text)).created_at == noon + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T12:00:00",
        "2026-05-01",
        "yesterday",
        "",
        ".",
        "Z",
        "2026-13-01T12:00:00Z",
        "2026-05-01T12:00:00.Z?",
        "\ud800",
    ],
)
def test_moments_without_an_offset_or_sense_are_unknown(read, text):
    assert read(moment(text)).created_at is None


def test_a_missing_file_is_empty_metadata(tmp_path):
    assert read_metadata(tmp_path / "submission_metadata.json") == Metadata()


def test_a_folder_in_its_place_is_empty_metadata(tmp_path):
    assert read_metadata(tmp_path) == Metadata()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\xfa",
        b"null",
        b"[]",
        b"1",
        b'"text"',
        b'{"id": 1} more',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_not_a_json_table_is_empty_metadata(tmp_path, content):
    file = tmp_path / "submission_metadata.json"
    file.write_bytes(content)
    assert read_metadata(file) == Metadata()


@pytest.mark.parametrize("key", SAMPLE)
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_whatever_stands_in_one_place_the_rest_is_read(read, key, value):
    found, expected = read({**SAMPLE, key: value}), read(SAMPLE)
    fields = {"users": "submitters", "assignment": "due", "previous_submissions": "earlier", "submission_method": ""}
    for name in {"id", "submitters", "created_at", "due", "earlier"} - {fields.get(key, key)}:
        assert getattr(found, name) == getattr(expected, name)


@pytest.mark.parametrize("missing", SAMPLE)
def test_whatever_is_missing_the_rest_is_read(read, missing):
    found, expected = read({key: SAMPLE[key] for key in SAMPLE if key != missing}), read(SAMPLE)
    assert (found == expected) is (missing == "submission_method")
    assert found != Metadata()


@pytest.mark.parametrize("odd", [None, "", [], {}, True, 1.5])
def test_an_id_that_is_none_is_not_one_that_all_submissions_share(read, odd):
    assert read({"id": odd}).id == ""


@pytest.mark.parametrize("identifier", [77, "77"])
def test_an_id_may_be_a_number_or_text(read, identifier):
    assert read({"id": identifier}).id == "77"


def test_names_can_be_written_down_whatever_is_in_them(read):
    found = read('{"id": "\\ud800", "users": [{"name": "K\\ud800im"}, {"name": 7}, {"name": ["Lee"]}]}')
    assert found.submitters.encode() == b"K?im + 7"
    assert found.id == "?"
