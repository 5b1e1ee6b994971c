"""Minima of sums of weighted absolute values in one variable: where the slope turns from negative to positive."""

from __future__ import annotations

from functools import cmp_to_key
from typing import cast

from sympy import Abs, Expr, Symbol

from symopt.cases import Split
from symopt.derivation.claims import Branch, Step
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.stationary.question import Question, present

Kink = tuple[Expr, Expr, Expr, Expr]  # w, u, the slope of u, its zero


def by_medians(question: Question) -> Step | None:
    """The kink, or the interval between two kinks, of f = sum of w |u| + p x + q with w > 0 where the slope is 0.

    Signs that are missing, as of differences of two kinks, are noted for a split.
    """
    if question.context.region or len(question.variables) != 1:
        return None
    try:
        return _concluded(question, *_written(question))
    except Split as missing:
        question.open_signs.append(missing.quantity)
    except NotExact:
        pass
    return None


def _written(question: Question) -> tuple[list[Kink], Expr]:
    """The kinks in increasing order, and the slope of what has none; NotExact where f is no such sum."""
    (x,) = question.variables
    turn = 1 if question.sense == "min" else -1
    nodes: list[Expr] = sorted((n for n in question.objective.atoms(Abs) if n.has(x)), key=str)
    stand_ins: dict[Expr, Symbol] = {
        node: Symbol(f"_u{place}", real=True) for place, node in enumerate(nodes)
    }
    poly = (turn * question.objective).expand().xreplace(stand_ins).as_poly(x, *stand_ins.values())
    if not nodes or poly is None or poly.total_degree() != 1:
        raise NotExact("no sum of absolute values")
    kinks = []
    for node, stand_in in stand_ins.items():
        (argument,) = node.args
        inner = argument.as_poly(x)
        if inner is None or inner.degree() != 1:
            raise NotExact("no affine function")
        slope, offset = inner.all_coeffs()
        weight = poly.coeff_monomial(stand_in)
        if _sign(question, weight) < 0 or _sign(question, slope) == 0:
            raise NotExact("a kink downwards")
        kinks.append((weight, argument, slope, canonical(-offset / slope)))

    def compare(one: Kink, other: Kink) -> int:
        return _sign(question, one[3] - other[3])

    return sorted(kinks, key=cmp_to_key(compare)), poly.coeff_monomial(x)


def _sign(question: Question, quantity: Expr) -> int:
    """The proved sign of a quantity in the parameters; Split where it is open."""
    found = prove_sign(canonical(quantity), question.condition)
    if found is None:
        raise Split(quantity)
    return found[0]


def _concluded(question: Question, kinks: list[Kink], slope: Expr) -> Step | None:
    """The extremum at the kink beyond which the slope is no longer negative."""
    (x,) = question.variables
    steep = [w * _sign(question, m) * m for w, _, m, _ in kinks]
    after = slope - sum(steep)
    if _sign(question, after) > 0:
        return None  # it falls without end to the left
    for place, (_, _, _, zero) in enumerate(kinks):
        before, after = after, after + 2 * steep[place]
        sign = _sign(question, after)
        if sign >= 0:
            terms = _terms(question, kinks, place, slope)
            value = question.value_at(Branch(((x, zero),)))
            closed = sign == 0 or _sign(question, before) == 0
            ends = _ends(kinks, place, sign) if closed else None
            return None if value is None else _step(question, terms, value, zero, ends)
    return None


def _ends(kinks: list[Kink], place: int, sign: int) -> tuple[Expr | None, Expr | None]:
    """The kinks between which f is constant, to the right of one or to the left of the first; None is no end."""
    if sign > 0:
        return None, kinks[place][3]
    return kinks[place][3], (kinks[place + 1][3] if place + 1 < len(kinks) else None)


def _terms(
    question: Question, kinks: list[Kink], place: int, slope: Expr
) -> tuple[tuple[Expr, Expr, Expr], ...]:
    """(w, u, s): s = w where u > 0 at the kink, -w where u < 0, and at the kink itself what makes the slopes cancel."""
    sides = [_sign(question, m) * (1 if i < place else -1) * w for i, (w, _, m, _) in enumerate(kinks)]
    others = sum(s * m for i, (s, (_, _, m, _)) in enumerate(zip(sides, kinks, strict=True)) if i != place)
    sides[place] = canonical(-(slope + others) / kinks[place][2])
    return tuple((w, u, s) for s, (w, u, _, _) in zip(sides, kinks, strict=True))


def _step(
    question: Question,
    terms: tuple[tuple[Expr, Expr, Expr], ...],
    value: Expr,
    zero: Expr,
    ends: tuple[Expr | None, Expr | None] | None,
) -> Step | None:
    (x,) = question.variables
    weights = present(
        prove_relation(Relation(canonical(e), op), question.condition)
        for w, _, s in terms
        for e, op in ((w - s, ">"), (w + s, ">"), (w - s, ">="), (w + s, ">="), (w, ">"))
        if e.free_symbols
    )
    branch, data = Branch(((x, zero),)), {}
    if ends is not None:
        used = {s.name for s in question.objective.free_symbols | question.cell.parameters}
        t = Symbol(next(n for n in ("t", "u", "v", "w", "t1", "t2") if n not in used), real=True)
        low, high = ends
        bounds = ((low, ">="), (high, "<="))
        where = tuple(Relation(t - end, op) for end, op in bounds if end is not None)
        branch, data = Branch(((x, t),), (), ((t, "real"),), where), {"member": ((t, zero),)}
    place = question.place(branch)
    sides = present(
        prove_relation(Relation(canonical(u.xreplace(branch.values)), ">=" if s == w else "<="), place)
        for w, u, s in terms
        if s in (w, -w)
    )
    equal = prove_relation(Relation(question.objective.xreplace(branch.values) - value, "=="), place)
    return question.conclude(
        "extremum_medians",
        question.reached(value, (branch,), True),
        (*weights, *sides, *present((equal,))),
        terms=terms,
        **cast("dict[str, object]", data),
    )
