"""A line that shows how far a run has come: in a terminal or a notebook, after two seconds, and gone at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

WAIT: Final = 2.0
"""Seconds before anything is shown."""
PAUSE: Final = 0.2
"""Seconds from one picture to the next."""
WIDTH: Final = 24


class Progress:
    """`[######..................]  25 %, 2500 of 10000 iterations, 3 s`, on the error stream.

    >>> import io
    >>> seconds = iter([0.0, 1.0, 3.0])
    >>> screen = io.StringIO()
    >>> progress = Progress(10, screen, shown=True, clock=lambda: next(seconds))
    >>> progress.at(2); progress.at(5); progress.close()
    >>> screen.getvalue().split(chr(13))[1]
    '[############............]  50 %, 5 of 10 iterations, 3 s'
    """

    def __init__(
        self,
        total: int,
        stream: TextIO | None = None,
        *,
        shown: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._clock = total, clock
        self._stream = sys.stderr if stream is None else stream
        self.shown = is_watched(self._stream) if shown is None else shown
        self._start = clock() if self.shown else 0.0
        self._next = self._start + WAIT
        self._width = 0

    def at(self, done: int) -> None:
        """So many iterations are done."""
        if not self.shown:
            return
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PAUSE
        share = done / self._total if self._total else 1.0
        filled = int(WIDTH * share)
        bar = "#" * filled + "." * (WIDTH - filled)
        text = f"[{bar}] {share:4.0%}, {done} of {self._total} iterations, {now - self._start:.0f} s"
        text = text.replace("%", " %", 1)
        self._stream.write(f"\r{text:{self._width}}")
        self._stream.flush()
        self._width = len(text)

    def close(self) -> None:
        """Wipe the line."""
        if self._width:
            self._stream.write(f"\r{'':{self._width}}\r")
            self._stream.flush()
            self._width = 0


def is_watched(stream: TextIO | None) -> bool:
    """Whether somebody sees the stream while the run goes on: a terminal, or a notebook."""
    if stream is None:  # a program without a console
        return False
    shell = sys.modules.get("IPython")
    if shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell":
        return True
    return stream.isatty()
