"""Relations `expression op 0`: regions, conditions on parameters and claims of sign are made of them.

SymPy's own relations evaluate themselves (`x > 0` vanishes once x is a positive symbol), so symopt keeps
them as plain data and turns them into SymPy's only for display.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sympy import Expr, Rational, S, Symbol, default_sort_key, expand_mul
from sympy.core.relational import Relational

OPERATORS: Final = (">", ">=", "<", "<=", "==", "!=")
NEGATED: Final = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
REVERSED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_IMPLIED: Final = {
    ">": (">", ">=", "!="),
    "<": ("<", "<=", "!="),
    "==": ("==", ">=", "<="),
    ">=": (">=",),
    "<=": ("<=",),
    "!=": ("!=",),
}


@dataclass(frozen=True)
class Relation:
    """`expression op 0`, with op one of `>`, `>=`, `<`, `<=`, `==`, `!=`.

    >>> from sympy import symbols
    >>> p = symbols("p", real=True)
    >>> print(Relation(p - 1, ">"))
    p > 1
    >>> print(Relation(p - 1, ">").negated())
    p <= 1
    """

    expression: Expr
    op: str

    def __post_init__(self) -> None:
        if self.op not in OPERATORS:
            raise ValueError(f"unknown operator {self.op!r}")

    def negated(self) -> Relation:
        """The relation that holds exactly where this one does not."""
        return Relation(self.expression, NEGATED[self.op])

    def implies_op(self, op: str) -> bool:
        """Whether `expression self.op 0` gives `expression op 0`."""
        return op in _IMPLIED[self.op]

    def at(self, values: dict[Symbol, Expr]) -> Relation:
        """The relation with symbols replaced."""
        return Relation(self.expression.xreplace(values), self.op)

    def closure(self) -> Relation:
        """The relation with its border: `>` becomes `>=`, `<` becomes `<=`."""
        return Relation(self.expression, {">": ">=", "<": "<="}.get(self.op, self.op))

    def interior(self) -> Relation:
        """The relation without its border: `>=` becomes `>`, `<=` becomes `<`."""
        return Relation(self.expression, {">=": ">", "<=": "<"}.get(self.op, self.op))

    @property
    def is_strict(self) -> bool:
        """Whether the relation describes an open set."""
        return self.op in (">", "<", "!=")

    @property
    def symbols(self) -> frozenset[Symbol]:
        return frozenset(self.expression.free_symbols)

    def as_sides(self) -> tuple[Expr, str, Expr]:
        """`(left, op, right)` as a person writes it: `p - 1 > 0` is `p > 1`."""
        return _sides(self.expression, self.op)

    def as_sympy(self) -> Relational:
        """The same as a SymPy relation, not evaluated."""
        left, op, right = self.as_sides()
        return Relational(left, right, {"==": "==", "!=": "!="}.get(op, op), evaluate=False)

    def __str__(self) -> str:
        left, op, right = self.as_sides()
        if op in ("==", "!="):
            return f"{'Eq' if op == '==' else 'Ne'}({left}, {right})"
        return f"{left} {op} {right}"


def _sides(expression: Expr, op: str) -> tuple[Expr, str, Expr]:
    constant, rest = expression.as_coeff_Add()
    factor, core = rest.as_coeff_Mul()
    solved = _solved(expression, op) if not isinstance(core, Symbol) else None
    if solved is not None:
        return solved
    if not isinstance(factor, Rational) or factor.is_zero:
        return expression, op, S.Zero
    if core.is_Add:
        lead = max(core.args, key=default_sort_key)
        negative = all(term.as_coeff_Mul()[0].is_negative for term in core.args)
        if not negative:
            positive = [term for term in core.args if not term.as_coeff_Mul()[0].is_negative]
            if len(core.args) == 2 and len(positive) == 1:
                other = core - positive[0]
                right = -other - constant / factor
                return positive[0], op if factor > 0 else REVERSED[op], right
        del lead
        if negative:
            core, factor = -core, -factor
    return core, op if factor > 0 else REVERSED[op], -constant / factor


def _solved(expression: Expr, op: str) -> tuple[Expr, str, Expr] | None:
    """`2 a + e > 0` as `a > -e/2`, for a multiple of one symbol and numbers that are not rational; None for others."""
    if len(expression.free_symbols) != 1:
        return None
    number, rest = expression.as_independent(*expression.free_symbols, as_Add=True)
    factor, core = rest.as_independent(*expression.free_symbols, as_Add=False)
    if not isinstance(core, Symbol) or number.is_zero or factor.is_positive is factor.is_negative:
        return None
    return core, op if factor.is_positive else REVERSED[op], expand_mul(-number / factor)


def relation_from_sympy(relation: Relational) -> Relation:
    """`left op right` as `left - right op 0`.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> print(relation_from_sympy(x + y >= 1))
    x + y >= 1
    """
    op = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "==", "!=": "!="}[relation.rel_op]
    return Relation(relation.lhs - relation.rhs, op)
