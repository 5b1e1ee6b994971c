"""The check of stationary points where pieces of a function meet: each piece has gradient 0 there, and the same value.

Near the point f follows one of finitely many smooth formulas; each of them is f(p) + o(|h|) at p + h, and so is f.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Expr, Integer, Max, Min, Piecewise, S, Symbol, default_sort_key, sign

from symopt.derivation.checking import (
    Facts,
    available,
    facts,
    holds,
    premises_of,
    require,
    require_defined,
    require_equal,
    require_given,
    require_inside,
    require_own_symbols,
    vanishes_at,
)
from symopt.derivation.checks_derivative import is_continuous_where_defined, is_open
from symopt.derivation.checks_kinks import require_flat
from symopt.derivation.checks_labels import OP_OF, label
from symopt.derivation.claims import Context, Label, Stationary, Step
from symopt.derivation.conditions import truth
from symopt.exact.derivatives import derivative_by_table, singularities
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import SIGNS_OF, Signs, signs_of_tree
from symopt.relation import Relation

KINKS: Final = (Abs, sign, Max, Min, Piecewise)
MAX_FORMULAS: Final = 64

Place = Mapping[Symbol, Expr]


def _stationary_across(step: Step) -> None:
    """The gradient of every formula that f may follow near the branch vanishes on it, and all have one value there."""
    claim = require_given(step.claim, Stationary)
    require(len(claim.branches) == 1 and not claim.complete, "more than one branch")
    (branch,) = claim.branches
    require_own_symbols(claim.branches, claim.variables, (claim.objective,), step.context)
    require(not branch.numbers, "a number that no equation has given")
    require(all(is_open(r, claim.variables, step.context.relations) for r in step.context.region), "a border")
    known = facts(step, Context((), step.context.condition + branch.relations))
    require_inside(branch.values, step.context.region, known)
    first, *others = formulas_near(claim.objective, branch.values, known)
    for formula in (first, *others):
        here = formula.xreplace(branch.values)
        require_defined(here, known)
        require_equal(here, first.xreplace(branch.values), known, "a jump")
        needed = singularities(formula, claim.variables)
        require(needed is not None, "no table of derivatives")
        for relation in needed or ():
            at = relation.at(branch.values)
            require(holds(at.expression, at.op, known), "{} may not be differentiable there", formula)
        for variable in claim.variables:
            slope = derivative_by_table(formula, variable)
            require(vanishes_at(slope, branch.values, known), "{} does not vanish there", slope)


def _label_across(step: Step) -> None:
    """Every formula that f may follow near the branch, with its value there, has a minimum (maximum) there."""
    claim, known = label(step, *((kind, strict) for kind in OP_OF for strict in (True, False, None)))
    require_inside(claim.branch.values, step.context.region, known)
    if claim.strict is False:
        require_flat(step, claim, known)
    here = [p for p in premises_of(step, Label) if available(p, step.context)]
    labels = [cast(Label, p.claim) for p in here if set(p.context.region) == set(step.context.region)]
    value = claim.objective.xreplace(claim.branch.values)
    for formula in formulas_near(claim.objective, claim.branch.values, known):
        require_equal(formula.xreplace(claim.branch.values), value, known, "a jump")
        own = replace(claim, objective=formula)
        strict = (own.strict,) if own.strict else (True, False, None)
        require(any(replace(own, strict=s) in labels for s in strict), "{} has no such label", formula)


def formulas_near(expression: Expr, place: Place, known: Facts) -> tuple[Expr, ...]:
    """Formulas without kinks, one of which the expression follows at each point near the place.

    |u| is u and -u where u may be 0 at the place, and one of them elsewhere; so for max, min, sign and cases.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> formulas_near(Abs(x) * x + Max(y, 1), {x: S.Zero, y: S.Zero}, ())
    (x**2 + 1, 1 - x**2)
    """
    found: dict[Expr, None] = {}
    waiting = [expression]
    while waiting:
        whole = waiting.pop()
        kinked = list(whole.atoms(*KINKS))
        innermost = [node for node in kinked if not any(o is not node and node.has(o) for o in kinked)]
        if not innermost:
            found.setdefault(whole)
            continue
        node = min(innermost, key=default_sort_key)
        waiting += [whole.xreplace({node: option}) for option in reversed(_options(node, place, known))]
        require(len(found) + len(waiting) <= MAX_FORMULAS, "too many pieces")
    return tuple(found)


def _options(node: Expr, place: Place, known: Facts) -> list[Expr]:
    """What a kink that holds no other may be equal to near the place."""
    if isinstance(node, Piecewise):
        return _cases(node, place, known)
    if isinstance(node, (Max, Min)):
        better = 1 if isinstance(node, Max) else -1
        arguments = sorted(node.args, key=default_sort_key)
        gaps = ((a, (_signs_at(b - a, place, known) for b in arguments if b != a)) for a in arguments)
        return [a for a, signs in gaps if not any(s == {better} for s in signs)]
    (inner,) = node.args
    values = (
        {1: inner, -1: -inner, 0: S.Zero} if isinstance(node, Abs) else {k: Integer(k) for k in (1, -1, 0)}
    )
    signs = _signs_at(inner, place, known)
    if signs in ({1}, {-1}):
        return [values[side] for side in signs]
    return [values[side] for side in (1, -1, *(() if isinstance(node, Abs) else (0,)))]


def _cases(node: Piecewise, place: Place, known: Facts) -> list[Expr]:
    """The values of the cases that may hold near the place; one of them has to."""
    options = []
    for value, condition in node.args:
        holding = truth(condition, lambda relation: _holds_near(relation, place, known))
        if holding is not False:
            options.append(value)
        if holding:
            return list(dict.fromkeys(options))
    require(False, "no case may hold")
    return []


def _holds_near(relation: Relation, place: Place, known: Facts) -> bool | None:
    """Whether the relation holds (fails) at all points near the place; None where that is open."""
    signs = _signs_at(relation.expression, place, known)
    return signs <= SIGNS_OF[relation.op] if signs in ({1}, {-1}) else None


def _signs_at(expression: Expr, place: Place, known: Facts) -> Signs:
    """The signs that an expression without kinks may have near the place: one where it is continuous and not 0 there."""
    here = expression.xreplace(dict(place))
    require(is_continuous_where_defined(expression), "{} may jump", expression)
    require_defined(here, known)
    signs = signs_of_tree(here, known)
    if len(signs) > 1:
        try:
            signs &= signs_of_tree(canonical(here), known)
        except NotExact:
            return signs
    return signs


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {
    "stationary_across": _stationary_across,
    "label_across": _label_across,
}
