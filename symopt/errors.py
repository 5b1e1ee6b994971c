"""The errors symopt raises: one base class, one sentence each, never a traceback from inside SymPy."""

from __future__ import annotations


class SymoptError(Exception):
    """Base class of every error symopt raises on purpose."""


class InputError(SymoptError, ValueError):
    """The question cannot be read: what is wrong, where, and what to write instead.

    `text` is the input and `column` (from 0) the place in it, where they are known.
    """

    def __init__(self, message: str, *, text: str | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.text = text
        self.column = column


class CasesError(SymoptError, AttributeError):
    """A single answer was asked of a result that depends on the parameters."""


class UndecidedError(SymoptError, TypeError):
    """A truth value was asked of a verdict that is not decided, or of a table of cases."""


class MissingDependencyError(SymoptError, ImportError):
    """An optional package is absent; the message has the command that installs it."""
