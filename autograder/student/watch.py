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

import msgspec
from watchfiles import Change
from watchfiles import watch as changes_in

from autograder.language import mark, spoken, tr
from autograder.student import told
from autograder.student.folder import StudentFolder, exercise_named
from autograder.student.results import Found, PublicResult
from autograder.student.terminal import FAILED, NOT_STARTED, Terminal

_PAUSE_MS = 200
_HELP = mark("Enter: next exercise   h: hint   e: worked example   a name: go there   q: quit")


class _Watcher:
    """Which exercise is being watched, what is known of the others, and the process that will check next."""

    def __init__(self, folder: StudentFolder, terminal: Terminal, exercises: Sequence[str], found: Path) -> None:
        """`found` is the file in which a process says what it has found."""
        self._folder, self._terminal, self._exercises, self._found = folder, terminal, list(exercises), found
        self._names = folder.assignment.exercise_names
        self._exercise = self._exercises[0]
        self._results: dict[str, PublicResult] = {}
        """What was found last; of an exercise that was saved since then, nothing."""
        self._spare = self._start()

    def begin(self) -> None:
        """Check all exercises, and watch the first that does not pass."""
        self._check(self._exercises, tr("checking {count} exercises ...", count=len(self._exercises)))

    def saved(self, exercises: Sequence[str]) -> None:
        """Files were saved: that of the exercise that is watched is checked, of others nothing is known now."""
        for exercise in exercises:
            self._results.pop(exercise, None)
        if self._exercise in exercises:
            self._go_to(self._exercise)

    def obey(self, command: str) -> bool:
        """Do what was typed; False for the end."""
        following = self._following()
        if command in ("q", "quit", "exit"):
            return False
        if command == "" and following is not None:
            self._go_to(following)
        elif command == "":
            self._terminal.line(tr("There is no other exercise that does not pass. q: quit"))
        elif command in ("h", "hint"):
            self._terminal.indented(self._folder.next_hint(self._exercise))
        elif command in ("e", "explain"):
            self._terminal.clear()
            subprocess.run([*self._command(), self._exercise, "--explain"], check=False)
            self._terminal.line()
            self._terminal.line(tr(_HELP), "dim")
        elif exercise := exercise_named(command, self._names):
            self._go_to(exercise)
        else:
            self._terminal.line(told.no_such_exercise(command, self._names))
            self._terminal.line(tr(_HELP), "dim")
        return True

    def close(self) -> None:
        """End the process that waits, or checks."""
        self._spare.kill()
        self._spare.communicate()

    # -- one check ----------------------------------------------------------------------------------------------------

    def _command(self) -> list[str]:
        return [sys.executable, str(self._folder.path / "check.py"), "--language", spoken()]

    def _start(self) -> subprocess.Popen[bytes]:
        """A process that loads torch and waits to be told which exercises to check."""
        return subprocess.Popen(
            [*self._command(), "--wait", str(self._found)],
            stdin=subprocess.PIPE,
            cwd=self._folder.path,
            # Ctrl-C is for whoever watches, not for its processes.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def _go_to(self, exercise: str) -> None:
        """Watch this exercise from now on, and check it."""
        self._exercise = exercise
        number, count = self._names.index(exercise) + 1, len(self._names)
        said = mark("checking {exercise}, exercise {number} of {count} ...")
        self._check([exercise], tr(said, exercise=exercise, number=number, count=count))

    def _check(self, exercises: Sequence[str], said: str) -> None:
        self._terminal.clear()
        self._terminal.line(said, "dim")
        limits = self._folder.assignment.limits
        # Its own clock ends a loop sooner and says where it is; this is for code that the clock cannot interrupt.
        seconds = limits.load_seconds + limits.exercise_seconds * len(exercises)
        ended = mark("{exercise}.py ended the process that ran it.")
        try:
            self._spare.communicate(f"{' '.join(exercises)}\n".encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            ended = mark("Ended after {seconds:g} s: {exercise}.py does not come to an end.")
            self.close()
        try:
            found = msgspec.json.decode(self._found.read_bytes(), type=Found)
        except (OSError, msgspec.DecodeError):  # it came to no result
            found = Found()
        self._found.unlink(missing_ok=True)
        self._spare = self._start()
        for exercise in exercises:
            self._results.pop(exercise, None)
        self._results |= found.results
        self._exercise = next((name for name in exercises if not self._passes(name)), self._exercise)
        self._show_all()
        if self._exercise not in self._results:
            self._terminal.line()
            self._terminal.line(tr(ended, seconds=seconds, exercise=self._exercise), "red")
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
                sign = FAILED if name == self._exercise else NOT_STARTED
                self._terminal.verdict(sign, name, tr("not checked yet"), width)
        told.progress(self._terminal, len(self._exercises), self._results)

    def _say_how_to_go_on(self) -> None:
        following = self._following()
        if not self._passes(self._exercise):
            if self._exercise in self._results:
                told.failure(self._terminal, self._exercise, self._results[self._exercise])
            self._terminal.line()
            self._terminal.line(tr(_HELP), "dim")
        elif following is None:
            told.all_pass(self._terminal, self._folder.assignment, self._results)
            self._terminal.line(tr("q: quit"), "dim")
        else:
            go_on = mark("{exercise} passes. Press Enter to go on to {following}.")
            self._terminal.line(tr(go_on, exercise=self._exercise, following=following), "green")

    def _following(self) -> str | None:
        """The next exercise that does not pass, from the beginning again after the last."""
        place = self._exercises.index(self._exercise) if self._exercise in self._exercises else -1
        others = [*self._exercises[place + 1 :], *self._exercises[: max(place, 0)]]
        return next((name for name in others if not self._passes(name)), None)

    def _passes(self, exercise: str) -> bool:
        return exercise in self._results and self._results[exercise].has_passed


def watch(folder: StudentFolder, terminal: Terminal, exercises: Sequence[str]) -> int:
    """Watch until the end is asked for. Raises KeyboardInterrupt for Ctrl-C."""
    typed: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            typed.put(line)

    threading.Thread(target=listen, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="check-") as scratch:
        watcher = _Watcher(folder, terminal, exercises, Path(scratch, "found.json"))
        try:
            saved = changes_in(folder.path, recursive=False, yield_on_timeout=True, rust_timeout=_PAUSE_MS, step=50)
            next(saved)  # from here on nothing that is saved is missed, also while a check is running
            watcher.begin()
            for changes in saved:
                while not typed.empty():
                    if not watcher.obey(typed.get().strip()):
                        return 0
                files = {Path(path).name for change, path in changes if change is not Change.deleted}
                watcher.saved([name for name in folder.assignment.exercise_names if f"{name}.py" in files])
        finally:
            watcher.close()
    raise KeyboardInterrupt  # watchfiles ends its loop without a word
