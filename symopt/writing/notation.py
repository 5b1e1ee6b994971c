"""The letters of a document: which symbols are variables, and how names are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Symbol
from sympy.printing.latex import latex


@dataclass(frozen=True)
class Notation:
    """`variables` decide the order of factors and terms; `names` renames letters: `(("x", r"\\theta_1"),)`.

    >>> x = Symbol("x", real=True)
    >>> notation = Notation((x,), (("x", r"\\theta_1"),))
    >>> notation.latex(x), notation.text(x)
    ('\\\\theta_1', 'theta_1')
    """

    variables: tuple[Symbol, ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, variables: tuple[Symbol, ...], names: Mapping[str, str] | None = None) -> Notation:
        """The notation with `names` given as a dictionary."""
        return cls(variables, tuple((names or {}).items()))

    @property
    def objective(self) -> Symbol:
        """The letter of the objective, `f` unless renamed."""
        return Symbol("f", real=True)

    def latex(self, symbol: Symbol) -> str:
        written = dict(self.names).get(symbol.name)
        if not written and symbol.name.endswith("*"):
            return latex(Symbol(symbol.name.rstrip("*"))) + "^{*}"
        return str(written or latex(symbol))

    def text(self, symbol: Symbol) -> str:
        name = dict(self.names).get(symbol.name, symbol.name)
        return str(name).translate(str.maketrans("", "", "\\{}$ "))
