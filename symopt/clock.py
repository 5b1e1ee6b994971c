"""The clock as a backstop: a budget that cooperating loops check, and an interruption for loops that do not.

The interruption raises OutOfTime in the asking thread between two bytecodes; native calls cannot be interrupted, so they
are gated by size before they are begun.
"""

from __future__ import annotations

import ctypes
import gc
import math
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from types import FrameType
from typing import Final, TypeVar

from symopt.errors import InputError

GRACE_SECONDS: Final = 0.2
REPEAT_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 0.0001
PATIENCE_SECONDS: Final = 5.0  # on a busy machine one destructor after another is met
FRAGILE: Final = frozenset(
    ("weakref", "_weakrefset", "importlib", "_frozen_importlib", "_frozen_importlib_external")
)
Answer = TypeVar("Answer")


class OutOfTime(BaseException):
    """The clock stopped the question; no handler of ordinary exceptions swallows it."""


@dataclass(frozen=True)
class Budget:
    """How long a question may take: `deadline` on the monotonic clock (seconds), or None."""

    deadline: float | None = None

    @staticmethod
    def seconds(timeout: float | None) -> Budget:
        """A budget that ends that many seconds from now; InputError unless they are a positive number or None.

        >>> Budget.seconds(None)
        Budget(deadline=None)
        >>> Budget.seconds(-1)
        Traceback (most recent call last):
        symopt.errors.InputError: timeout=-1 is not a positive number of seconds: give one, or None for no limit
        """
        if timeout is None:
            return Budget()
        if isinstance(timeout, bool) or not isinstance(timeout, Real) or not 0 < timeout < math.inf:
            raise InputError(
                f"timeout={timeout!r} is not a positive number of seconds: give one, or None for no limit"
            )
        return Budget(time.monotonic() + float(timeout))

    def share(self, part: float, most: float = math.inf) -> Budget:
        """A budget of a part of the time that is left, and at most so many seconds, for work that may be done without.

        >>> Budget().share(0.5)
        Budget(deadline=None)
        """
        if self.deadline is None:
            return self
        now = time.monotonic()
        return Budget(now + min(part * max(self.deadline - now, 0.0), most))

    def check(self) -> None:
        """Raise OutOfTime when the time is used up."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise OutOfTime

    def within(self, work: Callable[[], Answer], otherwise: Callable[[], Answer]) -> Answer:
        """The answer of `work`, or that of `otherwise` when the time is used up, even in code that never checks.

        >>> Budget().within(lambda: "done", lambda: "too late")
        'done'
        """
        if self.deadline is None:
            return work()
        watch = _Watch(self.deadline + GRACE_SECONDS)
        late = True
        # OutOfTime can arrive at any call or jump back, so that the end is told by a plain store, which it cannot
        # interrupt. What is on its way then arrives in the lines behind that store, and nothing more is sent. They
        # stand here, since it could also arrive on the way into a function that holds them.
        try:
            try:
                watch.working = True
                watch.start()
                answer, late = work(), False
            finally:
                watch.working = False
                watch.guard.acquire()  # what was about to be sent has been sent
                watch.guard.release()
                _arrive()
        except OutOfTime:
            pass
        finally:
            watch.ended.set()
        return otherwise() if late else answer


def undisturbed(work: Callable[[], Answer]) -> Answer:
    """The answer of `work`, which the clock does not interrupt: short work that must not leave things half made.

    >>> undisturbed(lambda: _patience(sys._getframe()))
    5.0
    """
    return work()


@dataclass
class _Watch:
    """A thread that sends OutOfTime to its maker, again and again from a time on, while that is `working`."""

    begins: float
    target: int = field(default_factory=threading.get_ident)
    working: bool = False
    guard: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="symopt-clock").start()

    def _run(self) -> None:
        due, pause = self.begins, self.begins - time.monotonic()
        while not self.ended.wait(min(max(pause, 0.0), threading.TIMEOUT_MAX)):
            pause = due - time.monotonic()
            if pause > 0:
                continue
            with self.guard:
                if not self.working:
                    return
                # The asking thread waits meanwhile: the interpreter changes threads after 5 ms at the soonest.
                if -pause < _patience(sys._current_frames().get(self.target)):
                    pause = RETRY_SECONDS
                else:
                    pause = REPEAT_SECONDS
                    due = time.monotonic() + pause
                    _send(self.target, OutOfTime)


def _patience(frame: FrameType | None) -> float:
    """How many seconds to wait where an exception raised there does harm, or reaches nobody but the terminal; else 0.

    Only the work itself is looked at: a module that asks a question while it is imported is stopped in time. The
    exception is lost in a destructor or a callback of the collector; some modules cannot be imported a second time; a
    thread that is being started bears its maker's number for a moment and would die of it, while its maker waits; and
    some work asked to be left `undisturbed`.

    >>> _patience(sys._getframe())
    0.0
    """
    fragile = {
        undisturbed.__code__,
        threading.Thread.start.__code__,
        *(getattr(c, "__code__", None) for c in gc.callbacks),
    }
    while frame is not None and frame.f_code is not Budget.within.__code__:
        module = str(frame.f_globals.get("__name__")).partition(".")[0]
        if frame.f_code in fragile or frame.f_code.co_name == "__del__" or module in FRAGILE:
            return PATIENCE_SECONDS
        frame = frame.f_back
    return 0.0


def _arrive() -> None:
    """A call, at which what was sent arrives."""


# (thread, exception): raise it there at the next call or jump back. Sending nothing to take it back is no way out: under
# a tracer, CPython 3.11 then waits for ever.
_send: Final = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_ulong, ctypes.py_object)(
    ("PyThreadState_SetAsyncExc", ctypes.pythonapi)
)
