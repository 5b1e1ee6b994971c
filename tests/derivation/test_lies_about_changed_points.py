"""An affine change of the variables carries points, labels and extrema: what does not fit is rejected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from sympy import Expr, Integer, Symbol, symbols

from symopt import Problem
from symopt.cases import conclusions
from symopt.derivation.checker import is_accepted
from symopt.derivation.claims import Branch, Label, Optimal, Stationary, Step
from symopt.relation import Relation

x, y, s, t = symbols("x y s t", real=True)
WELLS = "((x + 2*y)^2 - 1)^2 + (x - y)^4 + 2*(x - y)^2"


def steps(objective: str = WELLS) -> tuple[Stationary, Any]:
    found = Problem(objective, "x y").stationary_points()
    return cast(Any, conclusions(found.cases[0].result))


def honest() -> tuple[Step, Step, Step, Step]:
    """The points, a label, the minimum and the supremum of the same function."""
    listed, *labels = cast("tuple[Step, ...]", steps())
    minimum = Problem(WELLS, "x y").minimum().evidence.steps[0]
    supremum = Problem(WELLS, "x y").maximum().evidence.steps[0]
    return listed, labels[0], minimum, supremum


def test_the_honest_steps_are_changes_of_variables() -> None:
    found = honest()
    assert [type(step.claim) for step in found] == [Stationary, Label, Optimal, Optimal]
    assert [step.rule for step in found] == ["affine_change"] * 4
    assert all(map(is_accepted, found))


def moved(branch: Branch, by: Any = 1) -> Branch:
    return replace(branch, at=tuple((v, e + by) for v, e in branch.at))


def with_claim(step: Step, **changed: Any) -> Step:
    return replace(step, claim=replace(cast(Any, step.claim), **changed))


def lies() -> Iterator[tuple[str, Step]]:
    listed, labelled, minimum, supremum = honest()
    for step in honest():
        claim = cast(Any, step.claim)
        data = dict(step.certificate)
        forms = cast("tuple[Expr, ...]", data["forms"])

        def by(step: Step = step, data: Any = data, **changed: Any) -> Step:
            return replace(step, certificate=tuple((data | changed).items()))

        yield "another function", with_claim(step, objective=claim.objective + x)
        yield "another form", by(forms=(forms[0] + 1, *forms[1:]))
        yield "forms exchanged", by(forms=forms[::-1])
        yield "one form for both", by(forms=(forms[0], forms[0]))
        yield "a form too few", by(forms=forms[:1])
        yield "no affine form", by(forms=(forms[0] ** 3, forms[1]))
        yield "without the premise", replace(step, premises=())
        smaller = step.context.with_region(Relation(x + 5, ">"))
        yield "on a smaller region", replace(step, context=smaller)
        yield "the variables exchanged", with_claim(step, variables=(y, x))
    branches = cast(Stationary, listed.claim).branches
    yield "a point that is moved", with_claim(listed, branches=(moved(branches[0]), *branches[1:]))
    yield "a point left out", with_claim(listed, branches=branches[1:])
    yield "a point too many", with_claim(listed, branches=(*branches, moved(branches[0])))
    yield "points in another order", with_claim(listed, branches=branches[::-1])
    yield "not complete", with_claim(listed, complete=False)
    label = cast(Label, labelled.claim)
    yield "a label elsewhere", with_claim(labelled, branch=moved(label.branch))
    yield "another kind", with_claim(labelled, kind="maximum")
    yield "another strictness", with_claim(labelled, strict=False)
    family = replace(label.branch, free=((t, "real"),), at=tuple((v, e + t) for v, e in label.branch.at))
    yield "a family for a point", with_claim(labelled, branch=family)
    best = cast(Optimal, minimum.claim)
    yield "another value", with_claim(minimum, value=best.value - 1)
    yield "the maximum", with_claim(minimum, sense="max")
    yield "not reached", with_claim(minimum, attained=False, at=(), all_of_them=False)
    yield "a minimiser moved", with_claim(minimum, at=(moved(best.at[0]), *best.at[1:]))
    yield "a minimiser left out", with_claim(minimum, at=best.at[1:])
    curve = cast(Optimal, supremum.claim)
    bent = tuple((v, e + s) for v, e in curve.along)
    yield "another curve", with_claim(supremum, along=bent)
    yield "no curve", with_claim(supremum, along=(), curve_symbol=None)
    other = Symbol("w", real=True)
    renamed = tuple((v, e.xreplace({cast(Symbol, curve.curve_symbol): other})) for v, e in curve.along)
    yield "a curve in another symbol", with_claim(supremum, along=renamed, curve_symbol=other)
    yield "the infimum", with_claim(supremum, value=-curve.value)


@pytest.mark.parametrize(
    ("why", "lie"), [pytest.param(*lie, id=f"{n} {lie[0]}") for n, lie in enumerate(lies())]
)
def test_a_lie_is_rejected(why: str, lie: Step) -> None:
    assert not is_accepted(lie), why


def test_bound_symbols_get_other_names_where_the_old_variables_have_theirs() -> None:
    """(q^3 - q - 3)^2-like wells: roots named r, q, .. in the new variables, which are variables of the problem."""
    q, r = symbols("q r", real=True)
    f = Problem("(q + 2*r)^5/5 - (q + 2*r)^2/2 - 3*(q + 2*r) + (q - r)^2", [q, r])
    found = f.stationary_points()
    points = found.points
    assert found.complete
    assert points
    assert all(point.kind != "undecided" for point in points)
    for point in points:
        assert {n.symbol for n in point.branch.numbers}.isdisjoint({q, r})
        (number,) = point.branch.numbers
        at = point.branch.values  # u = q + 2 r, with u^4 - u - 3 = 0, and q = r
        assert (at[q] + 2 * at[r] - number.symbol).expand() == Integer(0) == (at[q] - at[r]).expand()
