"""Stubs are made from solutions: what is replaced, what stays, and what is refused."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from autograder.course.assignment import Exercise, load_assignment
from autograder.course.layout import Layout, find_project
from autograder.course.stubs import exercise_stub, make_stub
from autograder.errors import UsageError

ROOT = find_project(Path(__file__))

SOLUTION = '''\
"""A block."""

from torch import Tensor, nn


class Block(nn.Module):
    """Doubles its input."""

    factor = 2  # stays

    def __init__(self) -> None:
        """Create it."""
        super().__init__()
        # BEGIN SOLUTION
        self.scale = nn.Linear(1, 1)

        # why this is so
        self.more = {
            "key": 1,
        }
        # END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1) -> (N, 1)."""
        # BEGIN SOLUTION
        return self.scale(x)
        # END SOLUTION
'''

STUB = '''\
"""A block."""

from torch import Tensor, nn


class Block(nn.Module):
    """Doubles its input."""

    factor = 2  # stays

    def __init__(self) -> None:
        """Create it."""
        super().__init__()
        raise NotImplementedError("block: implement Block.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1) -> (N, 1)."""
        raise NotImplementedError("block: implement Block.forward")
'''


def test_marked_bodies_become_one_line_that_names_the_task():
    assert make_stub(SOLUTION, "block") == STUB


def test_windows_line_ends_give_the_same_stub():
    assert make_stub(SOLUTION.replace("\n", "\r\n"), "block") == STUB


def test_a_missing_last_newline_stays_missing():
    solution = "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION"
    assert make_stub(solution, "e") == 'def f():\n    raise NotImplementedError("e: implement f")'


def replaced(solution):
    return make_stub(dedent(solution), "e")


def test_module_functions_are_named_plainly():
    stub = replaced('''\
        def clip(x):
            """Clip x."""
            # BEGIN SOLUTION
            return x
            # END SOLUTION


        async def fetch(x):
            # BEGIN SOLUTION
            return x
            # END SOLUTION
        ''')
    assert stub == dedent('''\
        def clip(x):
            """Clip x."""
            raise NotImplementedError("e: implement clip")


        async def fetch(x):
            raise NotImplementedError("e: implement fetch")
        ''')


def test_nested_scopes_are_named_in_full():
    stub = replaced("""\
        class Outer:
            class Inner:
                def method(self):
                    def helper():
                        # BEGIN SOLUTION
                        return 1
                        # END SOLUTION
                    return helper
        """)
    assert 'raise NotImplementedError("e: implement Outer.Inner.method.helper")' in stub
    assert "return helper" in stub


def test_a_function_within_the_region_is_not_the_enclosing_one():
    stub = replaced("""\
        def outer():
            # BEGIN SOLUTION
            @staticmethod
            def inner():
                return 1

            return inner
            # END SOLUTION
        """)
    assert stub == 'def outer():\n    raise NotImplementedError("e: implement outer")\n'


def test_what_stands_before_and_after_the_region_stays():
    stub = replaced("""\
        def f(x):
            y = x + 1  # given
            # BEGIN SOLUTION
            y = y * 2
            # END SOLUTION
            return y  # given, too
        """)
    assert stub == dedent("""\
        def f(x):
            y = x + 1  # given
            raise NotImplementedError("e: implement f")
            return y  # given, too
        """)


def test_a_region_in_an_inner_block():
    stub = replaced("""\
        def f(x):
            for y in x:
                try:
                    # BEGIN SOLUTION
                    y += 1
                    # END SOLUTION
                except ValueError:
                    y = 0
            match x:
                case 1:
                    # BEGIN SOLUTION
                    return 2
                    # END SOLUTION
        """)
    assert stub == dedent("""\
        def f(x):
            for y in x:
                try:
                    raise NotImplementedError("e: implement f")
                except ValueError:
                    y = 0
            match x:
                case 1:
                    raise NotImplementedError("e: implement f")
        """)


@pytest.mark.parametrize("indentation", ["", "  ", "    ", "            "])
def test_markers_may_have_any_indentation(indentation):
    stub = make_stub(
        f"def f():\n{indentation}# BEGIN SOLUTION\n    x = 1\n    return x\n{indentation}# END SOLUTION\n", "e"
    )
    assert stub == 'def f():\n    raise NotImplementedError("e: implement f")\n'


def test_tabs_stay_tabs():
    stub = make_stub("def f():\n\t# BEGIN SOLUTION\n\treturn 1\n\t# END SOLUTION\n", "e")
    assert stub == 'def f():\n\traise NotImplementedError("e: implement f")\n'


def test_helpers_marked_at_module_level_vanish():
    stub = replaced("""\
        import torch


        # BEGIN SOLUTION
        def helper(x):
            return x


        # and one more
        @torch.no_grad()
        def another(x):
            return x


        # END SOLUTION


        def f(x):
            # BEGIN SOLUTION
            return helper(x)
            # END SOLUTION


        # BEGIN SOLUTION
        def last(x):
            return x
        # END SOLUTION
        """)
    assert stub == dedent("""\
        import torch


        def f(x):
            raise NotImplementedError("e: implement f")
        """)


def test_markers_in_texts_are_no_markers():
    solution = (
        'def f():\n    """Explains.\n\n    # BEGIN SOLUTION\n    """\n'
        '    # BEGIN SOLUTION\n    return "# END SOLUTION"\n    # END SOLUTION\n'
    )
    assert make_stub(solution, "e") == (
        'def f():\n    """Explains.\n\n    # BEGIN SOLUTION\n    """\n    raise NotImplementedError("e: implement f")\n'
    )


def test_other_comments_about_solutions_are_comments():
    stub = replaced("""\
        # Solution of the exercise; the end of the solution is where it returns.
        def f():
            # BEGIN SOLUTION
            return 1
            # END SOLUTION
        """)
    assert stub.startswith("# Solution of the exercise; the end of the solution is where it returns.\n")


BEGIN_IN_CLASS = "outside a function; put the markers inside the body of a function, or around whole functions"


@pytest.mark.parametrize(
    ("line", "said", "solution"),
    [
        pytest.param(
            3,
            "`# BEGIN SOLUTION` without `# END SOLUTION`; add one after the answer",
            "\ndef f():\n    # BEGIN SOLUTION\n    return 1\n",
            id="no end",
        ),
        pytest.param(
            3,
            "`# END SOLUTION` without `# BEGIN SOLUTION`; add one before it or remove it",
            "def f():\n    return 1\n    # END SOLUTION\n",
            id="no begin",
        ),
        pytest.param(
            5,
            "`# END SOLUTION` without `# BEGIN SOLUTION`",
            "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n    # END SOLUTION\n",
            id="two ends",
        ),
        pytest.param(
            4,
            "`# BEGIN SOLUTION` inside the region that begins in line 2; add `# END SOLUTION` before it",
            "def f():\n    # BEGIN SOLUTION\n    x = 1\n    # BEGIN SOLUTION\n    return x\n    # END SOLUTION\n"
            "    # END SOLUTION\n",
            id="nested",
        ),
        pytest.param(
            3,
            BEGIN_IN_CLASS,
            "class A:\n    x = 1\n    # BEGIN SOLUTION\n    y = 2\n    # END SOLUTION\n",
            id="in a class",
        ),
        pytest.param(
            2,
            BEGIN_IN_CLASS,
            "class A:\n    # BEGIN SOLUTION\n    def f(self):\n        return 1\n    # END SOLUTION\n",
            id="method in a class",
        ),
        pytest.param(2, BEGIN_IN_CLASS, "x = 1\n# BEGIN SOLUTION\ny = 2\n# END SOLUTION\n", id="in the module"),
        pytest.param(
            1,
            BEGIN_IN_CLASS,
            "# BEGIN SOLUTION\ndef f():\n    return 1\nCACHE = {}\n# END SOLUTION\n",
            id="function and more in the module",
        ),
        pytest.param(
            1,
            BEGIN_IN_CLASS,
            "# BEGIN SOLUTION\nclass A:\n    def f(self):\n        return 1\n# END SOLUTION\n",
            id="whole class",
        ),
        pytest.param(
            2,
            "no statement between the markers",
            "def f():\n    # BEGIN SOLUTION\n    # nothing but a comment\n    # END SOLUTION\n    return 1\n",
            id="empty",
        ),
        pytest.param(
            3,
            "no statement between the markers",
            "def f():\n    return (\n        # BEGIN SOLUTION\n        1\n        # END SOLUTION\n    )\n",
            id="part of an expression",
        ),
        pytest.param(
            3,
            "the region reaches over the end of a block; mark statements of one block only",
            "def f(x):\n    if x:\n        # BEGIN SOLUTION\n        x = 1\n    return x\n    # END SOLUTION\n",
            id="out of a block",
        ),
        pytest.param(
            3,
            "the region reaches over the end of a block",
            "def f(x):\n    if x:\n        # BEGIN SOLUTION\n        x = 1\n    else:\n        x = 2\n"
            "        # END SOLUTION\n",
            id="into the other branch",
        ),
        pytest.param(
            2,
            "the region reaches over the end of a block",
            "def f(x):\n    # BEGIN SOLUTION\n    return x\n\n\ndef g(x):\n    return x\n    # END SOLUTION\n",
            id="over two functions",
        ),
        pytest.param(
            2,
            "the region ends inside the statement of line 4; mark whole statements",
            "def f(x):\n    # BEGIN SOLUTION\n    y = x\n    if x:\n        y = 1\n        # END SOLUTION\n"
            "        y = 2\n    return y\n",
            id="into a block",
        ),
        pytest.param(
            2,
            "the region ends inside the statement of line 3",
            "def f(x):\n    # BEGIN SOLUTION\n    return max(\n        x,\n        # END SOLUTION\n        1,\n    )\n",
            id="cut in a call",
        ),
        pytest.param(
            2,
            "`# END SOLUTION` without `# BEGIN SOLUTION`",
            "def f():  # a comment\n    # END SOLUTION\n    # BEGIN SOLUTION\n    return 1\n",
            id="wrong way round",
        ),
        pytest.param(2, "not valid Python", "def f():\n    return (\n", id="not Python"),
        *(
            pytest.param(
                2,
                f"`{marker}` is not a marker; write `# BEGIN SOLUTION` or `# END SOLUTION`",
                f"def f():\n    {marker}\n    return 1\n    # END SOLUTION\n",
                id=marker,
            )
            for marker in (
                "#BEGIN SOLUTION",
                "# Begin Solution",
                "# BEGIN  SOLUTION",
                "# BEGIN SOLUTIONS",
                "# BEGIN SOLUTION NO PROMPT",
                "## BEGIN SOLUTION",
                "# BEGIN_SOLUTION",
                "# begin solution:",
                "# SOLUTION",
            )
        ),
        pytest.param(
            2,
            "`# BEGIN SOLUTION` must be on a line of its own",
            "def f():\n    x = 1  # BEGIN SOLUTION\n    return x\n    # END SOLUTION\n",
            id="marker after code",
        ),
        pytest.param(
            2, "`# SOLUTION` is not a marker", "def f():\n    return 1  # SOLUTION\n", id="otter's marker for one line"
        ),
    ],
)
def test_markers_that_do_not_fit_are_refused_with_file_and_line(line, said, solution):
    with pytest.raises(UsageError) as caught:
        make_stub(solution, "e", "solutions/core/e.py")
    assert str(caught.value).startswith(f"solutions/core/e.py, line {line}: ")
    assert said in str(caught.value)


def test_a_solution_without_markers_is_refused_because_it_would_be_given_away():
    with pytest.raises(UsageError, match=r"^e\.py: no `# BEGIN SOLUTION`, so students would get the whole solution"):
        make_stub("def f():\n    return 1\n", "e")


def test_a_stub_that_would_not_compile_is_refused():
    solution = "def f(x):\n    y = max(\n        # BEGIN SOLUTION\n        x, 1)\n    return y\n    # END SOLUTION\n"
    with pytest.raises(UsageError, match=r"^e\.py: what is left without the marked regions does not compile"):
        make_stub(solution, "e")


DOUBLE = "def double(x):\n    # BEGIN SOLUTION\n    return 2 * x\n    # END SOLUTION\n"


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path, "small")
    layout.solutions.mkdir(parents=True)
    layout.solution("double").write_text(DOUBLE)
    return layout


EXERCISE = Exercise(name="double", title="Double", points=5, names=("double",))


def test_a_missing_solution_is_named(layout):
    layout.solution("double").unlink()
    with pytest.raises(UsageError) as caught:
        exercise_stub(layout, EXERCISE)
    assert str(caught.value) == (
        'solutions/small/double.py: missing; write the reference solution of "double", or remove the exercise from '
        "assignments/small/assignment.toml"
    )


def test_a_stub_without_the_required_name_is_refused(layout):
    layout.solution("double").write_text(
        "# BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n# END SOLUTION\n\n\nx = 1\n"
    )
    with pytest.raises(UsageError) as caught:
        exercise_stub(layout, EXERCISE)
    assert str(caught.value).startswith(
        "solutions/small/double.py: the stub would not define `double`, which tests/small/double/exercise.toml asks for"
    )


CORE = load_assignment(ROOT, "core")


@pytest.mark.parametrize("exercise", CORE.exercises, ids=lambda exercise: exercise.name)
def test_the_stubs_of_core_name_every_task_and_hold_no_answer(exercise):
    stub = exercise_stub(Layout(ROOT, "core"), exercise)
    assert f'raise NotImplementedError("{exercise.name}: implement ' in stub
    assert "SOLUTION" not in stub
