"""`python check.py` in an unpacked zip: what students see, and that it is what the grader says."""

from __future__ import annotations

import contextlib
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len

from autograder.results.model import ExerciseResult
from autograder.results.words import verdict
from autograder.student.folder import StudentFolder, exercise_named

pytestmark = pytest.mark.long

SLIPS = {
    "shapes": {
        "residual_block": ("stride=stride, padding=1", "padding=1"),  # the branch forgets the stride
        "se_block": ("gate[:, :, None, None]", "gate"),
        "depthwise_separable_conv": ("groups=in_channels,", ""),
        "lstm_cell": ("i, f, g, o = gates.chunk(4, dim=1)", "i, g, f, o = gates.chunk(4, dim=1)"),
        "clip_grad": ("return total_norm", "return float(total_norm)"),
        "replace_head": ("    return model\n", "    pass\n"),
    },
    "files": {
        "residual_block": ("class ResidualBlock", "class Residual"),
        "se_block": ("super().__init__()", "super().__init__("),
        "depthwise_separable_conv": ("from torch import Tensor, nn", "from no_such_library import Tensor, nn"),
        "lstm_cell": ("class LSTMCell(nn.Module):", "class LSTMCell(nn.LSTMCell):"),
        "clip_grad": ("import torch\n", "from residual_block import torch\n"),
        "replace_head": ("heads = find_heads(model)", "raise SystemExit(3)"),
    },
}


def slip(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.fixture(scope="module")
def slips(solutions) -> dict[str, dict[str, str]]:
    """By kind, a file for each exercise with one thing wrong."""
    return {
        kind: {exercise: slip(solutions[exercise], *change) for exercise, change in changes.items()}
        for kind, changes in SLIPS.items()
    }


@pytest.fixture(scope="module")
def graded(slips, grade, tmp_path_factory):
    """What the grader says of them."""
    folder = tmp_path_factory.mktemp("class")
    for kind, texts in slips.items():
        write(folder / kind, texts)
    return grade(folder, tmp_path_factory.mktemp("graded"))


def write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for exercise, text in texts.items():
        (folder / f"{exercise}.py").write_text(text)


def as_result(table: dict[str, object]) -> ExerciseResult:
    return msgspec.convert(table, ExerciseResult)


def test_stubs_fail_kindly(unpacked, check):
    done = check(unpacked)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.count("not started\n") == 6
    assert "Not implemented yet (residual_block: implement ResidualBlock.__init__):" in done.stdout
    assert "Not started: the first failure is normal. Open residual_block.py and replace the lines" in done.stdout
    assert "\n0 of 6 exercises pass their public checks, hidden checks ask more\n" in done.stdout
    assert "Working in the notebook? python check.py core.ipynb" in done.stdout
    assert "Traceback" not in done.stdout


def test_solutions_pass(unpacked, check, solutions):
    write(unpacked, solutions)
    done = check(unpacked)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n6 of 6 exercises pass their public checks, hidden checks ask more\n" in done.stdout
    assert re.search(r"\nThe public checks are worth [\d.]+ of 100 points\. The hidden ones ask about ", done.stdout)


@pytest.mark.parametrize("kind", SLIPS)
def test_messages_are_the_graders(unpacked, check, slips, graded, kind):
    write(unpacked, slips[kind])
    done = check(unpacked, "--all")
    assert (done.returncode, done.stderr) == (1, "")
    for exercise, result in graded[kind]["exercises"].items():
        failing = [test for test in result["tests"] if test["public"] and test["status"] != "passed"]
        assert failing
        assert all(test["message"] for test in failing)
        for test in failing if result["status"] == "graded" else failing[:1]:
            told = "".join(f"  {line}\n" for line in test["message"].splitlines())
            heading = test["title"] if result["status"] == "graded" else verdict(as_result(result))
            assert f"\n{exercise}: {heading}\n{told}" in done.stdout


def test_only_the_first_failing_exercise_is_explained(unpacked, check, slips):
    write(unpacked, slips["shapes"])
    done = check(unpacked)
    assert re.findall(r"(?m)^(\w+): ", done.stdout) == ["residual_block"]


def test_one_exercise_by_the_name_of_its_file(unpacked, check, solutions):
    write(unpacked, {"se_block": solutions["se_block"]})
    done = check(unpacked, "se_block.py")
    assert done.returncode == 0
    assert "\n2 of 2 public checks pass, hidden checks ask more\n" in done.stdout


@pytest.mark.parametrize("typed", ["./se_block.py", r".\se_block.py", r"core\se_block", "SE_block"])
def test_one_exercise_as_shells_complete_it(typed):
    assert exercise_named(typed, ("residual_block", "se_block")) == "se_block"


def test_a_name_that_does_not_exist_is_told(unpacked, check):
    done = check(unpacked, "resnet")
    assert done.returncode == 2
    assert "There is no exercise resnet.\nExercises: residual_block, se_block" in done.stdout


def test_a_name_that_is_almost_right_is_answered_with_the_right_one(unpacked, check):
    done = check(unpacked, "seblock.py")
    assert done.returncode == 2
    assert "There is no exercise seblock.py. Did you mean se_block?\n" in done.stdout


def test_it_speaks_the_language_that_is_asked_for(unpacked, check):
    done = check(unpacked, "residual_blok", "--language", "ko")
    assert done.stdout.startswith(
        "이름이 residual_blok인 문제는 없습니다. 혹시 residual_block입니까?\n문제: residual_block, "
    )


def test_a_notebook_that_is_not_there_is_told_in_words(unpacked, check):
    done = check(unpacked, "mine.ipynb")
    assert (done.returncode, done.stdout) == (2, "There is no file mine.ipynb.\n")


def test_a_file_that_was_deleted_is_told(unpacked, check):
    (unpacked / "se_block.py").unlink()
    done = check(unpacked, "se_block")
    assert done.returncode == 1
    assert "`se_block.py` was not handed in." in done.stdout
    assert "\n0 of 2 public checks pass, hidden checks ask more\n" in done.stdout


def test_a_package_that_graders_need_not_have_is_pointed_out(unpacked, check, solutions):
    imports = "import math\nimport rich.text as rt\nfrom torchvision import transforms\n"
    trial = '\nif __name__ == "__main__":\n    import msgspec\n'
    text = slip(solutions["se_block"], "import torch\n", f"{imports}import torch\nimport yaml\n")
    text = slip(text, "super().__init__()\n", "super().__init__()\n        self.kinds = rt.Text, math.pi, transforms\n")
    write(unpacked, {"se_block": text + trial})
    line = (unpacked / "se_block.py").read_text().splitlines().index("import rich.text as rt") + 1
    done = check(unpacked, "se_block")
    assert done.returncode == 0
    assert [text for text in done.stdout.splitlines() if "Note" in text] == [
        f"  Note: se_block imports rich (line {line}), which may be missing where it is graded; "
        "only PyTorch, torchvision, NumPy and the standard library are sure to be there."
    ]


def test_prints_of_students_are_shown(unpacked, check, solutions):
    text = slip(solutions["se_block"], "squeezed = x.mean", 'print("I was here")\n        squeezed = x.mean')
    write(unpacked, {"se_block": text})
    assert "I was here" in check(unpacked, "se_block").stdout


@pytest.fixture
def hasty(unpacked):
    """The folder with a limit of three seconds for each call."""
    path = unpacked / "checks/assignment.json"
    text = path.read_text()
    for key in ("load_seconds", "question_seconds"):
        text = re.sub(rf'"{key}": [\d.]+', f'"{key}": 3.0', text)
    path.write_text(text)
    return unpacked


LOOP = 'while True: __import__("time").sleep(0.01)'
"""One that leaves the processor to other tests."""
LOOPS = {
    "in a call": (
        "squeezed = x.mean",
        "while True:\n            pass\n        squeezed = x.mean",
        "One call of your code",
    ),
    "that sleeps": (
        "squeezed = x.mean",
        "import time; time.sleep(3600)\n        squeezed = x.mean",
        "One call of your code",
    ),
    "at import": ("class SEBlock", f"{LOOP}\n\n\nclass SEBlock", "Importing your file"),
}


@pytest.mark.parametrize(("old", "new", "what"), LOOPS.values(), ids=LOOPS)
def test_a_loop_without_end_is_ended(hasty, check, solutions, old, new, what):
    write(hasty, {"se_block": slip(solutions["se_block"], old, new)})
    done = check(hasty, "se_block", "--all")
    assert done.returncode == 1
    assert f"{what} took longer than 3 s and was stopped. Is there a loop that does not end?" in done.stdout
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal to send")
def test_ctrl_c_ends_it_without_a_traceback(unpacked, solutions, environment):
    import signal

    write(
        unpacked,
        {
            "se_block": slip(
                solutions["se_block"], "super()", 'print("HERE", flush=True)\n        while 1: pass\n        super()'
            )
        },
    )
    command = [sys.executable, str(unpacked / "check.py"), "se_block"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        while "HERE" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=300)
    assert (process.returncode, error) == (130, "")
    assert "Stopped." in out


def test_hints_come_one_at_a_time(unpacked, check, assignment):
    hints = assignment.exercise("se_block").hints
    assert len(hints) == 3
    folder = StudentFolder.open(unpacked)
    seen = [check(unpacked, "se_block", "--hint").stdout, *(folder.next_hint("se_block") for _ in range(3))]
    assert [[hint in out for hint in hints] for out in seen] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [True, True, True],
    ]
    assert "Hint 1 of 3; ask again for the next:" in seen[0]


def test_hints_are_for_the_exercise_that_comes_next(unpacked, check, solutions, assignment):
    write(unpacked, {"residual_block": solutions["residual_block"]})
    assert assignment.exercise("se_block").hints[0] in check(unpacked, "--hint").stdout


def test_a_wrong_gate_is_seen_in_the_worked_example(unpacked, check, solutions):
    swapped = slip(solutions["lstm_cell"], "i, f, g, o = gates.chunk(4, dim=1)", "i, g, f, o = gates.chunk(4, dim=1)")
    write(unpacked, {"lstm_cell": swapped})
    done = check(unpacked, "--explain", "lstm_cell")
    assert (done.returncode, done.stderr) == (1, "")
    told = done.stdout.splitlines()
    assert told[0] == "lstm_cell: the worked example, by hand"
    assert told[1].endswith(
        "All gates are 0.5, g = tanh(1) = 0.7616, c′ = 1 + 0.3808 = 1.3808 and h′ = 0.5 · tanh(1.3808) = 0.4406."
    )
    number = swapped[: swapped.index("i, g, f, o = ")].count("\n") + 1
    place = told.index(f"  line {number}  i, g, f, o = gates.chunk(4, dim=1)")
    assert told[place + 1 : place + 5] == ["      i = [[0]]", "      g = [[0]]", "      f = [[1]]", "      o = [[0]]"]
    assert told[place + 6 : place + 10] == [
        *("      i = [[0.5]]", "      f = [[0.7311]]", "      g = [[0]]", "      o = [[0.5]]")
    ]
    assert told[-1] == "  c' is 1.4621, expected 1.3808."


def test_a_worked_example_of_what_cannot_be_loaded_says_why(unpacked, check, slips):
    write(unpacked, slips["files"])
    told = {name: check(unpacked, name, "--explain").stdout for name in ("se_block", "depthwise_separable_conv")}
    assert "\nse_block: syntax error\n" in told["se_block"]
    assert "\ndepthwise_separable_conv: cannot be imported\n" in told["depthwise_separable_conv"]


def test_the_worked_example_of_no_exercise_asks_for_a_name(unpacked, check):
    done = check(unpacked, "--explain")
    assert (done.returncode, done.stdout) == (
        2,
        "Name an exercise: python check.py residual_block --explain\n",
    )


def test_plain_signs_where_the_terminal_has_no_others(unpacked, check, slips):
    write(unpacked, slips["shapes"])
    done = check(unpacked, "--all", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert "  x  residual_block " in done.stdout
    assert done.stdout.isascii()


def test_what_is_missing_is_said_with_what_installs_it(unpacked, environment):
    done = subprocess.run(
        [sys.executable, "-S", str(unpacked / "check.py")], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 1
    packages = ("msgspec", "numpy", "pytest", "rich", "torch", "torchvision", "watchfiles")
    command = f'    python -m pip install -r "{unpacked / "requirements.txt"}"'
    told = ["Not installed:", *(f"    {name}" for name in packages), "Run this first:", command]
    assert done.stderr.splitlines() == told


def test_a_folder_without_the_checks_is_told(unpacked, check):
    (unpacked / "checks").rename(unpacked / "moved")
    done = check(unpacked)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["The folder checks is missing here. Unpack the whole zip:", f"    {unpacked}"]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "arguments",
    [["--all"], ["resnet"], ["--help"], ["lstm_cell", "--hint"], ["lstm_cell", "--explain"], ["--explain"]],
    ids=" ".join,
)
def test_a_terminal_has_lines_broken_between_words(unpacked, check, slips, arguments, language):
    write(unpacked, slips["shapes"])
    (unpacked / "checks/.hints.json").unlink(missing_ok=True)
    arguments = [*arguments, "--language", language]
    whole = check(unpacked, *arguments, COLUMNS="5000").stdout
    for columns in (80, 60):
        (unpacked / "checks/.hints.json").unlink(missing_ok=True)
        shown = check(unpacked, *arguments, FORCE_COLOR="1", TERM="xterm", COLUMNS=str(columns)).stdout
        lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
        assert [line for line in lines if cell_len(line) > columns] == []
        assert " ".join(lines).split() == whole.split()


def test_it_runs_without_the_user_folder_and_environment(unpacked, environment, solutions, tmp_path):
    write(unpacked, solutions)
    command = [sys.executable, "-I", str(unpacked / "check.py")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


def test_make_check_does_the_same(unpacked, python, environment, solutions):
    write(unpacked, solutions)
    command = ["make", "check", f"PYTHON={python}", "ARGS=se_block"]
    done = subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    assert "2 of 2 public checks" in done.stdout


TIMED = """
import atexit, runpy, sys, time
atexit.register(lambda: print(time.process_time()))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_all_public_checks_take_less_than_five_seconds_after_torch(unpacked, python, environment, solutions):
    write(unpacked, solutions)
    command = [python, "-c", TIMED, str(unpacked / "check.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    # Processor time: other load does not change it.
    assert float(done.stdout.splitlines()[-1]) < 5


class Watching:
    """check.py --watch, with its lines as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, text: str) -> str:
        """All that is printed up to the line that holds `text`."""
        said = ""
        while text not in said:
            said += self.lines.get(timeout=300)
        return said

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


@pytest.fixture
def watch(hasty, python, environment) -> Iterator[Callable[..., Watching]]:
    """Begins to watch, with more arguments and variables."""
    with contextlib.ExitStack() as stack:

        def begin(*arguments: str, **variables: str) -> Watching:
            process = subprocess.Popen(
                [python, str(hasty / "check.py"), "--watch", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=environment | variables,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return Watching(process)

        yield begin


@pytest.fixture
def watching(watch) -> Watching:
    return watch()


def test_watching_begins_with_a_line_about_each_exercise(hasty, watch, solutions):
    write(hasty, {"residual_block": solutions["residual_block"], "lstm_cell": solutions["lstm_cell"]})
    said = watch().until("q: quit").splitlines()
    assert said[:2] == ["checking 6 exercises ...", ""]
    assert [line.split()[1] for line in said[2:8]] == list(solutions)
    assert [line.split()[0] for line in said[2:8]] == ["✓", "·", "·", "✓", "·", "·"]
    assert said[8] == "2 of 6 exercises pass their public checks, hidden checks ask more"
    assert said[10].startswith("se_block: ")


def test_in_a_terminal_each_check_begins_on_an_empty_screen(hasty, watch, solutions):
    clear = "\x1b[2J"
    in_terminal = watch("se_block", FORCE_COLOR="1", TERM="xterm")
    assert in_terminal.until("q: quit").startswith(clear)
    write(hasty, {"se_block": slip(solutions["se_block"], "torch.sigmoid(", "torch.tanh(")})
    assert in_terminal.until("q: quit").count(clear) == 1
    in_file = watch("se_block")
    assert clear not in in_file.until("q: quit")


def test_what_was_saved_and_not_checked_is_not_called_passed(hasty, watch, solutions):
    write(hasty, {"residual_block": solutions["residual_block"]})
    watching = watch()
    watching.until("q: quit")
    write(hasty, {"residual_block": solutions["residual_block"] + "\n"})
    write(hasty, {"se_block": solutions["se_block"]})
    said = watching.until("Press Enter")
    assert re.search(r"· residual_block +not checked yet\n  ✓ se_block", said)
    assert "1 of 6 exercises passes its public checks" in said
    watching.type("e")
    assert "se_block: the worked example, by hand" in watching.until("q: quit")


def test_watching_checks_again_on_save_and_goes_on_when_asked(hasty, watching, solutions, assignment):
    watching.until("q: quit")
    write(hasty, {"se_block": solutions["se_block"]})  # not the one that is watched
    write(
        hasty,
        {
            "residual_block": slip(
                solutions["residual_block"], "residual = F.relu(", f"{LOOP}\n        residual = F.relu("
            )
        },
    )
    said = watching.until("q: quit")
    assert "checking residual_block, exercise 1 of 6 ..." in said
    assert "took longer than 3 s and was stopped" in said
    assert "se_block:" not in said
    watching.type("h")
    watching.until(assignment.exercise("residual_block").hints[0])
    write(hasty, {"residual_block": solutions["residual_block"]})
    said = watching.until("residual_block passes. Press Enter to go on to se_block.")
    assert "all 4 public checks pass" in said
    watching.type("")
    watching.until("se_block passes. Press Enter to go on to depthwise_separable_conv.")
    watching.type("lstm")
    watching.until("There is no exercise lstm. Did you mean lstm_cell?")
    watching.type("lstm_cell.py")
    watching.until("lstm_cell: implement LSTMCell.__init__")
    watching.until("q: quit")
    watching.type("q")
    assert watching.process.wait(timeout=300) == 0


def test_watching_survives_code_that_ends_the_process(hasty, watching, solutions):
    watching.until("q: quit")
    write(
        hasty,
        {
            "residual_block": slip(
                solutions["residual_block"], "residual = F.relu(", "import os; os._exit(0)\n        residual = F.relu("
            )
        },
    )
    said = watching.until("q: quit")
    assert "residual_block.py ended the process that ran it." in said
    assert "passes. Press" not in said
    write(hasty, {"residual_block": solutions["residual_block"]})
    watching.until("residual_block passes.")


LIKE_WINDOWS = """
import os, signal, sys
import torch
for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_DIRECTORY", "sched_getaffinity", "fork", "getuid"):
    vars(os).pop(name, None)
for name in ("pthread_kill", "SIGKILL", "alarm", "setitimer"):
    vars(signal).pop(name, None)
for name in ("fcntl", "grp", "pwd", "resource", "termios", "pty"):
    sys.modules[name] = None
import runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_it_runs_where_there_is_nothing_of_unix(hasty, python, environment, solutions):
    write(hasty, solutions)
    loop = slip(solutions["se_block"], "squeezed = x.mean", f"{LOOP}\n        squeezed = x.mean")
    write(hasty, {"se_block": loop})
    done = subprocess.run(
        [python, "-c", LIKE_WINDOWS, str(hasty / "check.py")],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "5 of 6 exercises" in done.stdout
    assert "One call of your code took longer than 3 s and was stopped." in done.stdout
