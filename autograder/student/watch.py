"""Checks one exercise again whenever its file is saved, and goes on to the next one only when asked.

Every check runs in a fresh process, so nothing of an earlier run is left, and a loop without end costs that process
only. One more process is always waiting with torch loaded, so a check begins at once.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from watchfiles import Change
from watchfiles import watch as changes_in

from autograder.language import mark, spoken, tr
from autograder.student.folder import StudentFolder
from autograder.student.hints import next_hint
from autograder.student.names import exercise_named, no_such_exercise
from autograder.student.status import NOT_YET, PASSED_WATCHED
from autograder.student.terminal import Terminal

_END = 0
_PAUSE_MS = 200
_HELP = mark("Enter: next exercise   h: hint   an exercise's name: go there   q: quit")


class Spare:
    """A process that has loaded torch and waits to be told to check one exercise."""

    def __init__(self, folder: StudentFolder, exercise: str) -> None:
        self.exercise = exercise
        command = [sys.executable, str(folder.path / "check.py"), exercise, "--wait", "--language", spoken()]
        # Ctrl-C is for whoever watches, not for its processes.
        apart = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, cwd=folder.path, start_new_session=True, creationflags=apart
        )

    def run(self, seconds: float) -> int | None:
        """The exit status, or None when it was ended because it took longer than `seconds`."""
        try:
            self._process.communicate(b"\n", timeout=seconds)
        except subprocess.TimeoutExpired:
            self.end()
            return None
        except BaseException:
            self.end()
            raise
        return self._process.returncode

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


class _Watcher:
    """Which exercise is being watched, and the process that will check it next."""

    def __init__(self, folder: StudentFolder, terminal: Terminal, exercises: Sequence[str]) -> None:
        self._folder, self._terminal, self._exercises = folder, terminal, list(exercises)
        self.exercise = self._exercises[0]
        limits = folder.assignment.limits
        # Its own clock ends a loop sooner and says where it is; this is for code that the clock cannot interrupt.
        self._seconds = limits.load_seconds + limits.exercise_seconds
        self._spare = Spare(folder, self.exercise)

    def check(self) -> bool:
        """Check the exercise; whether it passes."""
        self._terminal.line()
        names = self._folder.assignment.exercise_names
        number = names.index(self.exercise) + 1
        self._terminal.line(
            tr(
                "checking {exercise}, exercise {number} of {count} ...",
                exercise=self.exercise,
                number=number,
                count=len(names),
            ),
            "dim",
        )
        process = self._take()
        status = process.run(self._seconds)
        passed = status == PASSED_WATCHED
        if status is None:
            self._terminal.line(
                tr(
                    "Ended after {seconds:g} s: {exercise}.py does not come to an end.",
                    seconds=self._seconds,
                    exercise=self.exercise,
                ),
                "red",
            )
        elif not passed and status != NOT_YET:
            self._terminal.line(tr("{exercise}.py ended the process that ran it.", exercise=self.exercise), "red")
        following = self._following()
        if not passed:
            self._terminal.line(tr(_HELP), "dim")
        elif following is None:
            self._terminal.line(
                tr(
                    "{exercise} passes. That was the last exercise; the hidden checks ask more. q: quit",
                    exercise=self.exercise,
                ),
                "green",
            )
        else:
            self._terminal.line(
                tr(
                    "{exercise} passes. Press Enter to go on to {following}.",
                    exercise=self.exercise,
                    following=following,
                ),
                "green",
            )
        return passed

    def go_to(self, exercise: str) -> None:
        self.exercise = exercise
        self.check()

    def go_on(self) -> None:
        following = self._following()
        if following is None:
            self._terminal.line(tr("There is no exercise after this one. q: quit"))
        else:
            self.go_to(following)

    def find_first(self) -> None:
        """Begin at the first exercise that does not pass."""
        while self.check():
            following = self._following()
            if following is None:
                return
            self.exercise = following

    def obey(self, command: str) -> bool:
        """Do what was typed; False for the end."""
        names = self._folder.assignment.exercise_names
        if command in ("q", "quit", "exit"):
            return False
        if command == "":
            self.go_on()
        elif command in ("h", "hint"):
            self._terminal.indented(next_hint(self._folder, self._folder.assignment.exercise(self.exercise)))
        elif exercise := exercise_named(command, names):
            self.go_to(exercise)
        else:
            self._terminal.line(no_such_exercise(command, names))
            self._terminal.line(tr(_HELP), "dim")
        return True

    def close(self) -> None:
        self._spare.end()

    def _take(self) -> Spare:
        """The process that waits, if it waits for this exercise; another one starts to wait in its place."""
        process = self._spare
        if process.exercise != self.exercise:
            process.end()
            process = Spare(self._folder, self.exercise)
        self._spare = Spare(self._folder, self.exercise)
        return process

    def _following(self) -> str | None:
        names = self._exercises if self.exercise in self._exercises else list(self._folder.assignment.exercise_names)
        rest = names[names.index(self.exercise) + 1 :]
        return rest[0] if rest else None


def watch(folder: StudentFolder, terminal: Terminal, exercises: Sequence[str]) -> int:
    """Watch until the end is asked for. Raises KeyboardInterrupt for Ctrl-C."""
    typed: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(typed,), daemon=True).start()
    watcher = _Watcher(folder, terminal, exercises)
    try:
        saved = changes_in(folder.path, recursive=False, yield_on_timeout=True, rust_timeout=_PAUSE_MS, step=50)
        next(saved)  # from here on nothing that is saved is missed, also while a check is running
        watcher.find_first()
        for changes in saved:
            while not typed.empty():
                if not watcher.obey(typed.get().strip()):
                    return _END
            if _concerns(changes, watcher.exercise):
                watcher.check()
    finally:
        watcher.close()
    raise KeyboardInterrupt  # watchfiles ends its loop without a word


def _read_lines(typed: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        typed.put(line)


def _concerns(changes: set[tuple[Change, str]], exercise: str) -> bool:
    return any(change is not Change.deleted and Path(path).name == f"{exercise}.py" for change, path in changes)
