"""The faces of an answer: text, LaTeX, notebooks and SymPy's printers, all from its table and its proof."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Final

from sympy.printing.pretty.stringpict import prettyForm

from symopt.errors import InputError
from symopt.reading.keeping import KeepsForm
from symopt.writing.document import Block, Document, Math, Pieces, Table, flat
from symopt.writing.markdown import markdown
from symopt.writing.mathematics import written
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX
from symopt.writing.text import pieces_text, text
from symopt.writing.worked_answer import WorkedAnswer

PROOFS: Final = ("brief", "full")


class Notebook(ABC):
    """Whatever is written as a document and as a formula has the hooks of notebooks and of SymPy's printers."""

    __slots__ = ()

    @abstractmethod
    def document(self) -> Document:
        """It as a document, which every writer can write."""

    @abstractmethod
    def latex(self) -> str:
        """It as a formula for one's own document (amsmath)."""

    def __str__(self) -> str:
        return text(self.document()).rstrip("\n")

    def _repr_latex_(self) -> str | None:
        try:
            return rf"$\displaystyle {self.latex()}$"
        except Exception:  # a notebook then shows the next form instead of a traceback
            return None

    def _repr_markdown_(self) -> str | None:
        try:
            return markdown(self.document())
        except Exception:  # see above
            return None

    def _latex(self, printer: Any) -> str:
        return self.latex()

    def _sympystr(self, printer: Any) -> str:
        return repr(self)

    def _sympyrepr(self, printer: Any) -> str:
        return repr(self)

    def _pretty(self, printer: Any) -> Any:
        return prettyForm(str(self))


class Shown(Notebook, KeepsForm):
    """Whatever has a table and a proof can be shown everywhere, and pickled."""

    __slots__ = ()

    @property
    @abstractmethod
    def notation(self) -> Notation:
        """The letters it is written in."""

    @abstractmethod
    def blocks(self) -> tuple[Block, ...]:
        """The answer itself, as it is printed."""

    @abstractmethod
    def table(self) -> Table:
        """The answer as a table."""

    @abstractmethod
    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        """Why the answer is what it is, "brief" or "full"."""

    def explain(self, detail: str = "brief") -> WorkedAnswer:
        """The proof of the answer as a worked answer, "brief" or "full"."""
        if detail not in PROOFS:
            raise InputError(f"detail={detail!r} is not known: use one of {', '.join(PROOFS)}")
        notation = self.notation
        return WorkedAnswer((), self.proof(detail, notation), notation)

    def latex(self) -> str:
        """The answer as a formula for one's own document (amsmath)."""
        table, notation = self.table(), self.notation
        lines = [" & ".join(formula(cell, notation) for cell in row) for row in table.rows]
        if len(lines) == 1:
            return r" \quad ".join(formula(cell, notation) for cell in table.rows[0] if cell)
        columns = "l" * len(table.header)
        return rf"\begin{{array}}{{{columns}}} " + r" \\ ".join(lines) + r" \end{array}"

    def document(self) -> Document:
        """The answer as a document."""
        return Document(self.blocks(), self.notation)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline()}>"

    def headline(self) -> str:
        """The table in one line."""
        rows = [
            ", ".join(filter(None, (pieces_text(cell, self.notation) for cell in row)))
            for row in self.table().rows
        ]
        return "; ".join(rows)


def formula(cell: Pieces, notation: Notation) -> str:
    """A cell or a sentence in mathematics mode: its words as text."""
    return "".join(
        written(piece.tokens, LATEX, notation) if isinstance(piece, Math) else LATEX.words(piece)
        for piece in flat(cell)
    )
