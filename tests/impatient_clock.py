"""Sessions with a clock that interrupts all the time: each function here is one, run by `test_clock.py` on its own.

They run in an interpreter of their own, since what traces a test (coverage holds a lock while it notes a new file) must
not be interrupted; and so that a session that is poisoned spoils no other test.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref

from symopt import Problem, clock
from symopt.clock import Budget, OutOfTime

TINY = (1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 0.05)


def busy(seconds: float) -> None:
    """Python code with calls and jumps for some time: where an interruption would arrive."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10))


def stubborn() -> None:
    """An interruption that is swallowed is repeated."""
    swallowed = 0

    def work() -> str:
        nonlocal swallowed
        for _ in range(3):
            try:
                busy(30)
            except OutOfTime:
                swallowed += 1
        busy(30)
        return "answer"

    assert Budget.seconds(0.01).within(work, lambda: "late") == "late"
    assert swallowed == 3


def every_moment() -> None:
    """The interruption is due at every possible moment: before, during and after the work, and while leaving."""

    def work(seconds: float) -> str:
        busy(seconds)
        return "answer"

    ends = {"answer": 0, "late": 0}
    for trial in range(600):
        timeout = (1e-6, 2e-3, 1e-2, 2e-2)[trial % 4]
        seconds = (trial * 7919 % 1000) / 50_000
        ends[Budget.seconds(timeout).within(lambda seconds=seconds: work(seconds), lambda: "late")] += 1  # type: ignore[misc]
        busy(5e-5)
    assert min(ends.values()) > 50
    busy(0.3)


def destructors() -> None:
    """No interruption arrives where it would be lost with a word on the terminal; all arrive soon after."""

    class Slow:
        def __del__(self) -> None:
            busy(0.005)

    class Kept:
        pass

    kept: weakref.WeakSet[Kept] = weakref.WeakSet()

    def collected(phase: str, info: dict[str, int]) -> None:
        busy(0.005)

    def work() -> str:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            Slow()
            for _ in range(100):
                kept.add(Kept())
            gc.collect(0)
            busy(0.01)
        return "answer"

    gc.callbacks.append(collected)
    for timeout in (1e-3, 2e-3, 5e-3, 1e-2, 3e-2):
        begun = time.monotonic()
        assert Budget.seconds(timeout).within(work, lambda: "late") == "late"
        assert time.monotonic() - begun < 2
    gc.callbacks.remove(collected)


def questions() -> None:
    """Real questions with tiny time-outs, and afterwards a session in which nothing is left of them."""
    for trial in range(60):
        cases = Problem("x^6/6 - x^2/2 + x", "x").minimum(timeout=TINY[trial % len(TINY)])
        assert cases.decided or cases.evidence.stopped_by == "clock"
        busy(2e-3)
    busy(0.6)  # more than two of the intervals at which the clock used to interrupt


def threads() -> None:
    """Neither a thread that stands by nor one that gets the number of a thread which has asked is interrupted."""
    stopped: list[BaseException] = []
    go_on = True

    def bystander() -> None:
        try:
            while go_on:
                busy(0.01)
        except BaseException as error:
            stopped.append(error)

    def late(seconds: float) -> bool:
        return Budget.seconds(1e-4).within(lambda: busy(seconds) is not None, lambda: True)

    others = [threading.Thread(target=bystander) for _ in range(2)]
    for thread in others:
        thread.start()
    answers = [late(0.02) for _ in range(20)]
    for _ in range(20):
        asking = threading.Thread(target=late, args=(1e-4,))
        asking.start()
        asking.join()
    go_on = False
    for thread in others:
        thread.join()
    assert sum(answers) > 10
    assert not stopped


if __name__ == "__main__":
    clock.GRACE_SECONDS, clock.REPEAT_SECONDS = 0.0, 5e-4  # type: ignore[misc]
    globals()[sys.argv[1]]()
    print("clean")
