"""Expressions and conditions as strings in SymPy's syntax, which symopt reads back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Expr
from sympy.printing.str import StrPrinter

from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.relation import Relation


class _Printer(StrPrinter):  # type: ignore[misc]
    """SymPy's printer, except that Euler's number is `exp(1)`: `E` is a plain name in symopt's text."""

    def _print_Exp1(self, expr: Any) -> str:
        return "exp(1)"


def expression_text(expression: Expr) -> str:
    """The expression in SymPy's syntax.

    >>> from sympy import E, Symbol
    >>> expression_text(E * Symbol("x", real=True) ** 2)
    'exp(1)*x**2'
    """
    return str(_Printer().doprint(expression))


def relation_text(relation: Relation) -> str:
    """The relation as SymPy writes it: `p > 1`, `Eq(p, 1)`, `Ne(p, 1)`.

    >>> from sympy import Symbol
    >>> relation_text(Relation(Symbol("p", real=True) - 1, "=="))
    'Eq(p, 1)'
    """
    left, op, right = relation.as_sides()
    if op in ("==", "!="):
        name = "Eq" if op == "==" else "Ne"
        return f"{name}({expression_text(left)}, {expression_text(right)})"
    return f"{expression_text(left)} {op} {expression_text(right)}"


def condition_text(relations: Iterable[Relation]) -> str:
    """A conjunction: `True`, `p > 1`, `(p > -1) & (p < 1)`; lower bounds come before upper ones.

    >>> from sympy import Symbol
    >>> p = Symbol("p", real=True)
    >>> condition_text([Relation(p - 1, "<"), Relation(p + 1, ">")])
    '(p > -1) & (p < 1)'
    """
    texts = [relation_text(relation) for relation in bounds_in_order(relations)]
    if len(texts) < 2:
        return texts[0] if texts else "True"
    return " & ".join(text if text.startswith(("Eq(", "Ne(")) else f"({text})" for text in texts)


def bounds_in_order(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """The relations with an upper bound moved behind the lower bound of the same quantity; else as given."""
    waiting = list(tightest(relations))
    ordered: list[Relation] = []
    while waiting:
        relation = waiting.pop(0)
        left, op, _ = relation.as_sides()
        if op in ("<", "<="):
            lower = next((r for r in waiting if _bounds_below(r, left)), None)
            if lower is not None:
                waiting.remove(lower)
                ordered.append(lower)
        ordered.append(relation)
    return tuple(ordered)


def tightest(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """The relations without bounds that another bound of the same quantity makes needless.

    >>> from sympy import Symbol
    >>> p = Symbol("p", real=True)
    >>> [str(relation) for relation in tightest([Relation(p - 1, "<"), Relation(p + 1, "<")])]
    ['p < -1']
    >>> n = Symbol("n", real=True)
    >>> [str(relation) for relation in tightest([Relation(p - n, "<="), Relation(p - n, "<")])]
    ['p < n']
    """
    kept = list(dict.fromkeys(relations))
    for relation in tuple(kept):
        if any(_is_tighter(other, relation) for other in kept if other != relation):
            kept.remove(relation)
    return tuple(kept)


def _is_tighter(one: Relation, other: Relation) -> bool:
    """Whether `one` is a bound on the same side of the same quantity that leaves less room."""
    left, op, right = one.as_sides()
    same, side, limit = other.as_sides()
    if left == same and op == "==" and not right.free_symbols | limit.free_symbols:
        return signs_of_constant(right - limit) <= SIGNS_OF[side]
    if left != same or op[0] != side[0] or op[0] not in "<>":
        return False
    if right == limit:
        return len(op) < len(side)
    if right.free_symbols or limit.free_symbols:
        return False
    return signs_of_constant(right - limit) == SIGNS_OF[op[0]]


def _bounds_below(relation: Relation, quantity: Expr) -> bool:
    left, op, _ = relation.as_sides()
    return bool(op in (">", ">=") and left == quantity)
