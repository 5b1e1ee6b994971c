"""The clock as a backstop: a budget that cooperating loops check, and an interruption for loops that do not.

The interruption raises OutOfTime in the asking thread between two bytecodes; native calls cannot be interrupted, so they
are gated by size before they are begun.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

GRACE_SECONDS: Final = 0.2
REPEAT_SECONDS: Final = 0.25


class OutOfTime(BaseException):
    """The clock stopped the question; no handler of ordinary exceptions swallows it."""


@dataclass(frozen=True)
class Budget:
    """How long a question may take: `deadline` on the monotonic clock (seconds), or None."""

    deadline: float | None = None

    @staticmethod
    def seconds(timeout: float | None) -> Budget:
        """A budget that ends that many seconds from now."""
        return Budget(None if timeout is None else time.monotonic() + timeout)

    def check(self) -> None:
        """Raise OutOfTime when the time is used up."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise OutOfTime

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Within the block, OutOfTime is raised soon after the deadline even in code that never checks."""
        if self.deadline is None:
            yield
            return
        finished = threading.Event()
        fired = threading.Event()
        guard = threading.Lock()
        target = threading.get_ident()
        deadline = self.deadline

        def watch() -> None:
            if finished.wait(max(0.0, deadline + GRACE_SECONDS - time.monotonic())):
                return
            while True:
                with guard:
                    if finished.is_set():
                        return
                    fired.set()
                    _raise_in(target)
                if finished.wait(REPEAT_SECONDS):
                    return

        watcher = threading.Thread(target=watch, daemon=True, name="symopt-clock")
        watcher.start()
        try:
            yield
        finally:
            _finish(finished, guard)
            if fired.is_set():
                _absorb()


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(OutOfTime))


def _finish(finished: threading.Event, guard: threading.Lock) -> None:
    """Tell the watcher to stop, even when an interruption arrives while telling it."""
    while not finished.is_set():
        try:
            with guard:
                finished.set()
        except OutOfTime:
            continue


def _absorb() -> None:
    """Take an interruption that was sent but has not arrived yet."""
    try:
        for _ in range(3):
            time.sleep(0.001)
    except OutOfTime:
        return
