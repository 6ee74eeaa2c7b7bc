"""A few seconds of what `make fuzz` does for longer, and proof that the fuzzers would notice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from answers import all_frames, play, scenes
from archives import try_submission
from frames import try_frame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import Watch, archives, notebooks, read

from autograder.sandbox.session import Session

_SCENES = scenes()
_FRAMES = all_frames(_SCENES)
_SEEDS = st.integers(0, 2**40)


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.mark.parametrize("number", range(len(_SCENES)))
def test_answers_that_nobody_changed_are_read(number: int) -> None:
    """Only in the last scene the code raises."""
    scene = _SCENES[number]
    assert play(scene, 0, scene.answers[0]) is (number < len(_SCENES) - 1)


@settings(max_examples=3_000, deadline=None, derandomize=True, database=None)
@given(seed=_SEEDS)
def test_no_frame_does_more_than_be_refused(seed: int) -> None:
    assert try_frame(0, seed, _SCENES, _FRAMES) in (True, False)


def test_a_reader_that_trusts_its_answer_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "kind", lambda self, name: {}[name])
    with pytest.raises(KeyError):
        all(try_frame(number, 0, _SCENES, _FRAMES) in (True, False) for number in range(100))


@settings(max_examples=1_500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(seed=_SEEDS)
def test_no_archive_or_notebook_does_more_than_be_refused(
    tmp_path_factory: pytest.TempPathFactory, watch: Watch, seed: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "handed_in"
    folder.mkdir(exist_ok=True)
    assert try_submission(0, seed, folder, watch) in (True, False)


@pytest.mark.parametrize(
    ("name", "data"),
    [*(("kim.zip", data) for data in archives()), *(("kim.ipynb", data) for data in notebooks())],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nobody_changed_is_read(tmp_path: Path, watch: Watch, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert read(tmp_path / name, watch)


def test_a_write_would_be_noticed(tmp_path: Path, watch: Watch) -> None:
    with pytest.raises(AssertionError, match=r"evil\.py"), watch.nothing_changes():
        (tmp_path / "evil.py").write_text("")


def test_a_link_would_be_noticed(tmp_path: Path, watch: Watch) -> None:
    with pytest.raises(AssertionError, match=r"os\.symlink"), watch.nothing_changes():
        os.symlink("/etc/passwd", tmp_path / "evil.py")
