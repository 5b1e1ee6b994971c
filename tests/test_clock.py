"""The clock: it stops what takes too long, and afterwards nothing of it is left in the asking thread or in another."""

from __future__ import annotations

import importlib
import math
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symopt import InputError, Problem
from symopt.cases import exploring
from symopt.clock import Budget, OutOfTime

SESSIONS = Path(__file__).with_name("impatient_clock.py")


def busy(seconds: float) -> str:
    """Python code with calls and jumps for some time: where an interruption would arrive."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10))
    return "answer"


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
    assert Budget.seconds(0.05).within(lambda: busy(30), lambda: "late") == "late"
    assert time.monotonic() - start < 2


def test_a_module_is_imported_whole_before_the_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An import broken off halfway leaves C extensions that cannot be loaded a second time.
    (tmp_path / "slow_module.py").write_text(
        "import time\nend = time.monotonic() + 0.6\nwhile time.monotonic() < end:\n    pass\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    def work() -> str:
        importlib.import_module("slow_module")
        while True:
            pass

    assert Budget.seconds(0.1).within(work, lambda: "late") == "late"
    assert sys.modules.pop("slow_module").whole


def test_a_question_of_a_module_that_is_being_imported_is_stopped_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asking_module.py").write_text(
        "import time\nfrom symopt.clock import Budget\n\n"
        "def work():\n    while True:\n        pass\n\n"
        "begun = time.monotonic()\n"
        "answer = Budget.seconds(0.1).within(work, lambda: 'late')\n"
        "seconds = time.monotonic() - begun\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    importlib.import_module("asking_module")

    module = sys.modules.pop("asking_module")
    assert module.answer == "late"
    assert module.seconds < 2  # 0.3 on a quiet machine; it waited for more than 5


def test_what_is_done_in_time_is_not_touched() -> None:
    assert Budget.seconds(60).within(lambda: "answer", lambda: "late") == "answer"
    assert Budget.seconds(None).within(lambda: "answer", lambda: "late") == "answer"
    assert not [
        thread for thread in threading.enumerate() if thread.name == "symopt-clock" and _stays(thread)
    ]


def _stays(thread: threading.Thread) -> bool:
    thread.join(5)
    return thread.is_alive()


def test_an_error_of_the_work_itself_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        Budget.seconds(60).within(lambda: 1 // 0, lambda: 0)


@pytest.mark.parametrize("session", ["stubborn", "every_moment", "destructors", "questions", "threads"])
def test_nothing_is_left_of_an_impatient_clock(session: str) -> None:
    command = [sys.executable, str(SESSIONS), session]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "clean\n", "")


@pytest.mark.parametrize("where", ["part", "merged", "on_line"])
def test_the_cases_known_by_then_are_kept(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock may strike while a case is prepared, or while cases are put together."""
    whole = getattr(exploring, where)

    def strikes(*args: Any) -> Any:
        if where != "part" or args[-1] == "<":
            raise OutOfTime
        return whole(*args)

    monkeypatch.setattr(exploring, where, strikes)
    convexity = Problem("p*x^2", "x").convexity()

    assert convexity.at(p=2).kind == "convex"
    assert convexity.at(p=-2).kind == ("undecided" if where == "part" else "concave")
    assert {str(case.condition) for case in convexity} >= {"p > 0", "p < 0"}
