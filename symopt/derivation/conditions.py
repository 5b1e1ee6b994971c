"""Conditions of the branches of a Piecewise: relations joined by `and` and `or`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from sympy import And, Or, default_sort_key
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symopt.relation import Relation, relation_from_sympy

Relations = tuple[Relation, ...]


def truth(condition: object, decided: Callable[[Relation], bool | None]) -> bool | None:
    """Whether a condition holds, from what is decided of its relations; None where that is open.

    >>> from sympy.abc import x, y
    >>> known = {Relation(x, "<"): True}
    >>> truth((x < 0) | (y > 0), known.get), truth((x < 0) & (y > 0), known.get)
    (True, None)
    """
    if isinstance(condition, (BooleanTrue, BooleanFalse)):
        return isinstance(condition, BooleanTrue)
    if isinstance(condition, (And, Or)):
        decisive = isinstance(condition, Or)  # one part that holds is enough, or one that fails
        truths = [truth(part, decided) for part in condition.args]
        return decisive if decisive in truths else None if None in truths else not decisive
    return decided(relation_from_sympy(condition)) if isinstance(condition, Relational) else None


def ways(condition: object, literal: Callable[[Relation], list[Relations]]) -> list[Relations] | None:
    """The conjunctions of inequalities of which one holds where the condition does; `literal` gives those of a relation.

    None for equations, and for conditions of another form.

    >>> from sympy.abc import x
    >>> [[str(r) for r in way] for way in ways((x < 0) | ((x > 1) & (x < 2)), lambda r: [(r,)])]
    [['x > 1', 'x < 2'], ['x < 0']]
    """
    if isinstance(condition, BooleanTrue):
        return [()]
    if isinstance(condition, (And, Or)):
        parts = [ways(part, literal) for part in sorted(condition.args, key=default_sort_key)]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        if isinstance(condition, Or):
            return [way for part in known for way in part]
        return [joined(*chosen) for chosen in product(*known)]
    if not isinstance(condition, Relational) or condition.rel_op in ("==", "!="):
        return None
    return literal(relation_from_sympy(condition))


def joined(*parts: Relations) -> Relations:
    """All the relations, none of them twice."""
    return tuple(dict.fromkeys(r for part in parts for r in part))
