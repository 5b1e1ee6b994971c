"""The clock: it stops what takes too long, and afterwards nothing of it is left in the asking thread or in another."""

from __future__ import annotations

import math
import threading
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symopt import InputError, Problem, clock
from symopt.clock import Budget, OutOfTime

TINY = (1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 0.05)


def busy(seconds: float) -> None:
    """Python code with calls and jumps for some time: where an interruption would arrive."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that interrupts at the deadline itself and then every half a millisecond."""
    monkeypatch.setattr(clock, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(clock, "REPEAT_SECONDS", 5e-4)


@pytest.mark.parametrize("wrong", [0, -1, -1.0, math.inf, -math.inf, math.nan, True, False, "5", "soon", [5]])
@pytest.mark.parametrize(
    "question", ["derivatives", "stationary_points", "convexity", "minimum", "worked_answer"]
)
def test_a_timeout_that_is_no_positive_number_is_refused(question: str, wrong: Any) -> None:
    problem = Problem("x^2", "x")
    getattr(problem, question)()  # an answer that is remembered is no excuse
    with pytest.raises(InputError, match="is not a positive number of seconds") as refused:
        getattr(problem, question)(timeout=wrong)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("fine", [None, 10, 1e300, 0.5, Fraction(1, 2), np.int64(10), np.float32(0.5)])
def test_positive_numbers_and_none_are_accepted(fine: Any) -> None:
    assert Problem("x^2", "x").minimum(timeout=fine).value == 0


def test_what_never_checks_is_stopped_soon_after_the_deadline() -> None:
    start = time.monotonic()
    assert Budget.seconds(0.05).within(lambda: busy(30) or "answer", lambda: "late") == "late"
    assert time.monotonic() - start < 2


def test_what_is_done_in_time_is_not_touched() -> None:
    assert Budget.seconds(60).within(lambda: "answer", lambda: "late") == "answer"
    assert Budget.seconds(None).within(lambda: "answer", lambda: "late") == "answer"
    assert not [
        thread for thread in threading.enumerate() if thread.name == "symopt-clock" and _stays(thread)
    ]


def _stays(thread: threading.Thread) -> bool:
    thread.join(5)
    return thread.is_alive()


def test_an_interruption_that_is_swallowed_is_repeated(impatient: None) -> None:
    swallowed = 0

    def stubborn() -> str:
        nonlocal swallowed
        for _ in range(3):
            try:
                busy(30)
            except OutOfTime:
                swallowed += 1
        busy(30)
        return "answer"

    assert Budget.seconds(0.01).within(stubborn, lambda: "late") == "late"
    assert swallowed == 3


def test_an_error_of_the_work_itself_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        Budget.seconds(60).within(lambda: 1 // 0, lambda: 0)


def test_nothing_is_raised_after_the_end(impatient: None) -> None:
    """The interruption is due at every possible moment: before, during and after the work, and while leaving."""
    ends = {"answer": 0, "late": 0}
    for trial in range(1500):
        timeout = (1e-6, 2e-4, 1e-3, 2e-3)[trial % 4]
        work = (trial * 7919 % 1000) / 500_000
        ends[Budget.seconds(timeout).within(lambda s=work: busy(s) or "answer", lambda: "late")] += 1  # type: ignore[misc]
        busy(5e-5)
    assert min(ends.values()) > 50
    busy(0.3)


def test_questions_with_tiny_timeouts_leave_the_session_clean(impatient: None) -> None:
    for trial in range(60):
        problem = Problem("x^6/6 - x^2/2 + x", "x")
        cases = problem.minimum(timeout=TINY[trial % len(TINY)])
        if not cases.decided:
            assert cases.evidence.stopped_by == "clock"
        busy(2e-3)
    busy(0.6)  # more than two of the intervals at which the clock used to interrupt


def test_no_other_thread_is_interrupted(impatient: None) -> None:
    stopped: list[BaseException] = []
    go_on = True

    def bystander() -> None:
        try:
            while go_on:
                busy(0.01)
        except BaseException as error:
            stopped.append(error)

    others = [threading.Thread(target=bystander) for _ in range(2)]
    for thread in others:
        thread.start()
    answers = [Budget.seconds(1e-3).within(lambda: busy(0.02), lambda: "late") for _ in range(20)]
    # A thread that asks and ends: its number may be given to the next one.
    for _ in range(20):
        asking = threading.Thread(
            target=lambda: Budget.seconds(1e-4).within(lambda: busy(1e-4), lambda: None)
        )
        asking.start()
        asking.join()
    go_on = False
    for thread in others:
        thread.join()
    assert answers.count("late") > 10
    assert not stopped
