"""Checks one exercise again whenever its file is saved, and goes on to the next one only when asked.

Every check runs in a fresh process, so nothing of an earlier run is left, and a loop without end costs that process
only. One more process is always waiting with torch loaded, so a check begins at once.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from watchfiles import Change
from watchfiles import watch as changes_in

from autograder.language import mark, spoken, tr
from autograder.student import told
from autograder.student.display import FAILED, NOT_STARTED
from autograder.student.folder import StudentFolder
from autograder.student.found import Found
from autograder.student.hints import next_hint
from autograder.student.names import exercise_named, no_such_exercise
from autograder.student.results import PublicResult
from autograder.student.terminal import Terminal
from autograder.student.told import has_passed

_END = 0
_PAUSE_MS = 200
_HELP = mark("Enter: next exercise   h: hint   e: worked example   a name: go there   q: quit")


class Spare:
    """A process that has loaded torch and waits to be told which exercises to check."""

    def __init__(self, folder: StudentFolder, found: Path) -> None:
        self._found = found
        command = [sys.executable, str(folder.path / "check.py"), "--wait", str(found), "--language", spoken()]
        # Ctrl-C is for whoever watches, not for its processes.
        apart = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, cwd=folder.path, start_new_session=True, creationflags=apart
        )

    def run(self, exercises: Sequence[str], seconds: float) -> tuple[Found, bool]:
        """What it has found, and whether it was ended because it took longer than `seconds`."""
        late = False
        try:
            self._process.communicate(f"{' '.join(exercises)}\n".encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            late = True
            self.end()
        except BaseException:
            self.end()
            raise
        found = Found.read(self._found)
        self._found.unlink(missing_ok=True)
        return found, late

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


class _Watcher:
    """Which exercise is being watched, what is known of the others, and the process that will check next."""

    def __init__(self, folder: StudentFolder, terminal: Terminal, exercises: Sequence[str], scratch: Path) -> None:
        self._folder, self._terminal, self._exercises, self._scratch = folder, terminal, list(exercises), scratch
        self.exercise = self._exercises[0]
        self._results: dict[str, PublicResult] = {}
        """What was found last; of an exercise that was saved since then, nothing."""
        self._spare = self._new_spare()

    def begin(self) -> None:
        """Check all exercises, and watch the first that does not pass."""
        self._terminal.clear()
        self._terminal.line(tr("checking {count} exercises ...", count=len(self._exercises)), "dim")
        self._check(self._exercises)

    def check(self) -> None:
        """Check the exercise that is watched."""
        self._terminal.clear()
        told = tr(
            "checking {exercise}, exercise {number} of {count} ...",
            exercise=self.exercise,
            number=self._folder.assignment.exercise_names.index(self.exercise) + 1,
            count=len(self._folder.assignment.exercises),
        )
        self._terminal.line(told, "dim")
        self._check([self.exercise])

    def saved(self, exercises: Sequence[str]) -> None:
        """Files were saved: that of the exercise that is watched is checked, of others nothing is known now."""
        for exercise in exercises:
            self._results.pop(exercise, None)
        if self.exercise in exercises:
            self.check()

    def obey(self, command: str) -> bool:
        """Do what was typed; False for the end."""
        names = self._folder.assignment.exercise_names
        if command in ("q", "quit", "exit"):
            return False
        if command == "":
            self._go_on()
        elif command in ("h", "hint"):
            self._terminal.indented(next_hint(self._folder, self._folder.assignment.exercise(self.exercise)))
        elif command in ("e", "explain"):
            self._explain()
        elif exercise := exercise_named(command, names):
            self._go_to(exercise)
        else:
            self._terminal.line(no_such_exercise(command, names))
            self._terminal.line(tr(_HELP), "dim")
        return True

    def close(self) -> None:
        self._spare.end()

    # -- one check ----------------------------------------------------------------------------------------------------

    def _check(self, exercises: Sequence[str]) -> None:
        limits = self._folder.assignment.limits
        # Its own clock ends a loop sooner and says where it is; this is for code that the clock cannot interrupt.
        seconds = limits.load_seconds + limits.exercise_seconds * len(exercises)
        found, late = self._spare.run(exercises, seconds)
        self._spare = self._new_spare()
        for exercise in exercises:
            self._results.pop(exercise, None)
        self._results |= found.results
        self.exercise = next((name for name in exercises if not self._passes(name)), self.exercise)
        self._show_all()
        if self.exercise not in self._results:
            ended = mark("{exercise}.py ended the process that ran it.")
            if late:
                ended = mark("Ended after {seconds:g} s: {exercise}.py does not come to an end.")
            self._terminal.line()
            self._terminal.line(tr(ended, seconds=seconds, exercise=self.exercise), "red")
        told.notes(self._terminal, found.notes)
        self._say_how_to_go_on()

    def _show_all(self) -> None:
        """How far one has come."""
        self._terminal.line()
        width = max(map(len, self._exercises))
        for name in self._exercises:
            if name in self._results:
                told.exercise(self._terminal, name, self._results[name], width)
            else:
                sign = FAILED if name == self.exercise else NOT_STARTED
                self._terminal.verdict(sign, name, tr("not checked yet"), width)
        told.progress(self._terminal, len(self._exercises), self._results)

    def _say_how_to_go_on(self) -> None:
        following = self._following()
        if not self._passes(self.exercise):
            if self.exercise in self._results:
                told.failure(self._terminal, self.exercise, self._results[self.exercise])
            self._terminal.line()
            self._terminal.line(tr(_HELP), "dim")
        elif following is None:
            told.all_pass(self._terminal, self._folder.assignment, self._results)
            self._terminal.line(tr("q: quit"), "dim")
        else:
            self._terminal.line(
                tr(
                    "{exercise} passes. Press Enter to go on to {following}.",
                    exercise=self.exercise,
                    following=following,
                ),
                "green",
            )

    # -- from one exercise to another ---------------------------------------------------------------------------------

    def _go_to(self, exercise: str) -> None:
        self.exercise = exercise
        self.check()

    def _go_on(self) -> None:
        following = self._following()
        if following is None:
            self._terminal.line(tr("There is no other exercise that does not pass. q: quit"))
        else:
            self._go_to(following)

    def _following(self) -> str | None:
        """The next exercise that does not pass, from the beginning again after the last."""
        place = self._exercises.index(self.exercise) if self.exercise in self._exercises else -1
        others = [*self._exercises[place + 1 :], *self._exercises[: max(place, 0)]]
        return next((name for name in others if not self._passes(name)), None)

    def _passes(self, exercise: str) -> bool:
        return exercise in self._results and has_passed(self._results[exercise])

    def _explain(self) -> None:
        self._terminal.clear()
        check = str(self._folder.path / "check.py")
        subprocess.run([sys.executable, check, self.exercise, "--explain", "--language", spoken()], check=False)
        self._terminal.line()
        self._terminal.line(tr(_HELP), "dim")

    def _new_spare(self) -> Spare:
        return Spare(self._folder, self._scratch / "found.json")


def watch(folder: StudentFolder, terminal: Terminal, exercises: Sequence[str]) -> int:
    """Watch until the end is asked for. Raises KeyboardInterrupt for Ctrl-C."""
    typed: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(typed,), daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="check-") as scratch:
        watcher = _Watcher(folder, terminal, exercises, Path(scratch))
        try:
            saved = changes_in(folder.path, recursive=False, yield_on_timeout=True, rust_timeout=_PAUSE_MS, step=50)
            next(saved)  # from here on nothing that is saved is missed, also while a check is running
            watcher.begin()
            for changes in saved:
                while not typed.empty():
                    if not watcher.obey(typed.get().strip()):
                        return _END
                watcher.saved(_exercises_of(changes, folder))
        finally:
            watcher.close()
    raise KeyboardInterrupt  # watchfiles ends its loop without a word


def _read_lines(typed: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        typed.put(line)


def _exercises_of(changes: set[tuple[Change, str]], folder: StudentFolder) -> list[str]:
    """The exercises whose files were saved."""
    files = {Path(path).name for change, path in changes if change is not Change.deleted}
    return [name for name in folder.assignment.exercise_names if f"{name}.py" in files]
