"""Makes the students' notebook from solutions and handout: an otter source notebook, put through `otter assign`."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat as _nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.course.assignment import Assignment, Exercise
from autograder.course.handout import Handout, cut, language_of
from autograder.course.layout import Layout
from autograder.course.stubs import BEGIN, END, exercise_stub
from autograder.errors import UsageError
from autograder.language import LOCALE, speaking, spoken, tr

nbformat: Any = _nbformat  # its functions have no types
TEMPLATES = Path(__file__).with_name("templates") / "student"
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_CONFIG = """# ASSIGNMENT CONFIG
init_cell: false
export_cell: false
generate: false
run_tests: false
solutions_pdf: false
template_pdf: false
"""
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([\w./-]+\.(png|svg))\)")
_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


def make_notebook(layout: Layout, assignment: Assignment) -> bytes:
    """The students' notebook as `otter assign` makes it from solutions and handout; the same bytes each time.

    Raises UsageError for a handout without a section for an exercise, or when a cell is not the exercise's stub.
    """
    name = str(assignment.notebook)
    with speaking(assignment.language), tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / name, Path(folder) / "made"
        nbformat.write(source_notebook(layout, assignment), source)
        _otter_assign(source, made)
        student = nbformat.read(made / "student" / name, as_version=4)
    _require_stubs(layout, assignment, student)
    return _normalised(student)


def source_notebook(layout: Layout, assignment: Assignment) -> Any:
    """The notebook that `otter assign` reads: with solutions, and its own instructions in raw cells."""
    handout = Handout.read(layout, assignment, language_of(layout, assignment))
    before, after = ([_markdown(layout.folder, part) for part in cut(text)] for text in (handout.before, handout.after))
    cells = [nbformat.v4.new_raw_cell(_CONFIG), *before[:1]]
    cells += [nbformat.v4.new_code_cell(rendered("first_cell.py.j2", assignment=assignment)), *before[1:]]
    for exercise in assignment.exercises:
        cells += _question(layout, exercise, handout.sections[exercise.name])
        cells.append(nbformat.v4.new_code_cell(f'grader.check("{exercise.name}")'))
        plot = layout.plot(exercise.name)
        if plot.is_file():
            text = plot.read_text(encoding="utf-8").rstrip()
            cells.append(nbformat.v4.new_code_cell(rendered("plot_cell.py.j2", plot=text, exercise=exercise.name)))
    cells += after
    cells += [
        nbformat.v4.new_markdown_cell(f"## {tr('All public checks, and handing in')}"),
        nbformat.v4.new_code_cell("grader.check_all()"),
        nbformat.v4.new_code_cell(rendered("last_cell.py.j2", assignment=assignment)),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": _KERNEL, "language_info": {"name": "python"}})


def _question(layout: Layout, exercise: Exercise, section: str) -> Iterator[Any]:
    yield nbformat.v4.new_raw_cell(f"# BEGIN QUESTION\nname: {exercise.name}")
    yield _markdown(layout.home(exercise.name).folder, section)
    yield nbformat.v4.new_raw_cell(BEGIN)
    yield nbformat.v4.new_code_cell(_with_prompts(layout, exercise))
    yield nbformat.v4.new_raw_cell(END)
    yield nbformat.v4.new_raw_cell("# END QUESTION")


def _with_prompts(layout: Layout, exercise: Exercise) -> str:
    """The solution, with what otter is to leave in place of each answer: the line that the stub has there."""
    solution = layout.solution(exercise.name).read_text(encoding="utf-8").rstrip("\n")
    raising = iter(
        line for line in exercise_stub(layout, exercise).splitlines() if line.lstrip().startswith("raise NotImpl")
    )
    lines = []
    in_function = True
    for line in solution.splitlines():
        if line.strip() == BEGIN:
            in_function = line.startswith(" ")  # a helper that is marked as a whole leaves nothing
            lines.append(f"{line} NO PROMPT")
            continue
        lines.append(line)
        if line.strip() == END and in_function:
            indentation = line[: len(line) - len(line.lstrip())]
            lines += [f'{indentation}"""  # BEGIN PROMPT', next(raising), f'{indentation}"""  # END PROMPT']
    return "\n".join(lines)


def _markdown(folder: Path, text: str) -> Any:
    """A cell with its pictures, from `folder`, inside the text: a notebook opened by itself has no files beside it."""

    def inline(match: re.Match[str]) -> str:
        data = base64.b64encode((folder / match[2]).read_bytes()).decode()
        return f"![{match[1]}](data:{_TYPES[match[3]]};base64,{data})"

    return nbformat.v4.new_markdown_cell(_PICTURE.sub(inline, text.strip()))


def rendered(template: str, **values: Any) -> str:
    """A template in the language that is spoken: one of that language, or one that translates its messages."""
    environment = Environment(
        loader=FileSystemLoader([LOCALE / spoken(), TEMPLATES]), undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["tr"] = tr
    return environment.get_template(template).render(**values)


def _otter_assign(source: Path, made: Path) -> None:
    # Not at the top: it takes two seconds, and `autograder grade` has no use for it.
    from otter.assign import main
    from otter.logging import ERROR, level_context

    before, tempfile.tempdir = tempfile.tempdir, str(source.parent)  # otter leaves folders behind
    try:
        # It would warn that there are no checks of its own kind.
        with contextlib.redirect_stdout(io.StringIO()), level_context(ERROR):
            main(str(source), str(made), no_pdfs=True, no_run_tests=True)
    finally:
        tempfile.tempdir = before


def _require_stubs(layout: Layout, assignment: Assignment, notebook: Any) -> None:
    """What otter left of each solution must be the stub, to the letter."""
    cells = {cell.source.strip() for cell in notebook.cells if cell.cell_type == "code"}
    for exercise in assignment.exercises:
        if exercise_stub(layout, exercise).strip() not in cells:
            raise UsageError(
                f"{layout.shown(layout.solution(exercise.name))}: otter assign makes something else of it than the "
                "stub; look at the markers"
            )


def _normalised(notebook: Any) -> bytes:
    """Without outputs and without anything of the machine or the moment; cells are numbered."""
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
