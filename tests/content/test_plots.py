"""What notebooks draw, made with the solutions: the picture has to show what the handout says."""

from __future__ import annotations

import math
import runpy
from typing import Any
from unittest.mock import MagicMock

import pytest
from catalogue import ASSIGNMENTS, EXERCISES, ROOT

from autograder.course.layout import Layout

PLOTS = {exercise.name: exercise.layout for exercise in EXERCISES if exercise.layout.plot(exercise.name).is_file()}


def subplots(rows: int, columns: int, **options: Any) -> tuple[Any, Any]:
    """As matplotlib's, which the tests do without."""
    axes = [[MagicMock() for _ in range(columns)] for _ in range(rows)]
    return MagicMock(), axes if rows > 1 else axes[0]


def measured(exercise: str) -> Any:
    """What the cell's function returns."""
    layout: Layout = PLOTS[exercise]
    names = runpy.run_path(str(layout.solution(exercise)))
    exec(compile(layout.plot(exercise).read_text(encoding="utf-8"), layout.plot(exercise).name, "exec"), names)
    plt = MagicMock()
    plt.subplots.side_effect = subplots
    found = names[f"plot_{exercise}"](plt)
    assert plt.subplots.called
    return found


def test_every_plot_is_looked_at_here():
    files = {path.name for name in ASSIGNMENTS for path in (ROOT / "assignments" / name / "handout").glob("*.plot.py")}
    assert files == {f"{name}.plot.py" for name in PLOTS}
    assert sorted(PLOTS) == ["domain_adaptation", "fine_tune", "gradient_flow", "word_embedding"]


def test_open_forget_gates_and_skips_keep_the_gradient():
    found = measured("gradient_flow")
    assert found["RNN"] < found["LSTM"] < 2
    assert found["LSTM, forget bias 3"] > 20
    assert found["plain stack"] < 2
    assert found["residual stack"] == math.inf


def test_fine_tuning_moves_the_head_alone():
    before, after, moved = measured("fine_tune")
    assert before < 0.6
    assert after > 0.95
    assert moved == 0


@pytest.mark.parametrize("remedy", [0, 2], ids=["AdaBN", "CORAL"])
def test_both_remedies_help_in_the_target(remedy, adapted):
    before, after = adapted[remedy : remedy + 2]
    assert after > before + 0.2


@pytest.fixture(scope="module")
def adapted() -> list[float]:
    found: list[float] = measured("domain_adaptation")
    return found


def test_words_find_their_topic():
    before, after = measured("word_embedding")
    assert before < 8
    assert after == 10
