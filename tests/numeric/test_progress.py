"""The line of progress: after two seconds, where somebody looks, and nothing of it elsewhere."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from symopt import Problem
from symopt.numeric import driver, together
from symopt.numeric.progress import Progress, is_watched


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_long_run_is_shown_in_a_terminal_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, now = Terminal(), [0.0]

    def clock() -> float:
        now[0] += 0.5
        return now[0]

    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(driver, "Progress", lambda total: Progress(total, clock=clock))
    quiet = Problem("x^2 + y^2", "x y").run([1, 1], "adam", max_iterations=40)
    shown = screen.getvalue()
    assert "of 40 iterations" in shown
    assert "10 %" in shown
    assert shown.endswith("\r")
    assert shown.rstrip("\r").rpartition("\r")[2].strip() == ""
    assert quiet.nit == 40
    screen.truncate(0)
    monkeypatch.setattr(together, "Progress", lambda total: Progress(total, clock=clock))
    Problem("x^2 + y^2", "x y").run([[1, 1], [2, 3]], "adam", max_iterations=40)
    assert "of 40 iterations" in screen.getvalue()


def test_a_short_run_and_a_run_that_nobody_watches_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    Problem("x^2", "x").run([1], "adam", max_iterations=20)
    assert screen.getvalue() == ""
    pipe = io.StringIO()
    progress = Progress(10, pipe, clock=lambda: pytest.fail("nobody watches"))
    progress.at(5)
    progress.close()
    assert pipe.getvalue() == ""
    assert not is_watched(None)


def test_a_notebook_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    class ZMQInteractiveShell:
        pass

    notebook: Any = SimpleNamespace(get_ipython=ZMQInteractiveShell)
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    assert is_watched(io.StringIO())


def test_a_generated_loop_that_is_watched_gives_the_same_run(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, settings = Problem("(x - 1)^4 + y^2", "x y"), {"step_size": "1/100", "max_iterations": 3000}
    plain = [problem.run([3, 2], **settings, record=record) for record in (0, 1, 7, 500)]
    monkeypatch.setattr(driver, "Progress", lambda total: Progress(total, Terminal(), shown=True))
    monkeypatch.setattr(driver, "WATCHED", 300)
    assert [problem.run([3, 2], **settings, record=record) for record in (0, 1, 7, 500)] == plain
