"""The check of sums whose terms are multiples of one function of affine forms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from sympy import Expr

from symopt.derivation.alike import Term, numbers_of, terms_of
from symopt.derivation.checking import (
    Facts,
    Rejected,
    facts,
    require,
    require_given,
    require_holds,
    require_symbols,
    the_premise,
)
from symopt.derivation.checks_region import KINDS, curved_claim
from symopt.derivation.claims import Curved, Step
from symopt.derivation.strictness import bends_everywhere, covers
from symopt.exact.dependence import contents, slopes_of_form
from symopt.exact.signs import SIGNS_OF, Bound
from symopt.relation import Relation


class Given:
    """Facts by the quantity that they bound, so that one of many is found at once."""

    def __init__(self, known: Facts) -> None:
        self._bounds: dict[Expr, list[Bound]] = defaultdict(list)
        for fact in known:
            bound = Bound.of(fact)
            self._bounds[bound.quantity].append(bound)

    def gives(self, relation: Relation) -> bool:
        """Whether one of the facts bounds the same quantity, and gives the relation."""
        wanted = Bound.of(relation)
        return any(bound.gives(wanted) for bound in self._bounds.get(wanted.quantity, ()))


def _alike_terms(step: Step) -> None:
    """f(x) = sum c_i g(A_i x + b_i): with c_i >= 0 curved as g is, with c_i <= 0 the other way round.

    g may hold letters for numbers that differ from term to term: it is so curved for all that its conditions allow.
    """
    inner = the_premise(step, Curved)
    claim, said = curved_claim(step, inner, is_real=True), cast(Curved, inner.claim)
    require(step.premises[0] is inner, "the function comes first")
    numbers = require_given(numbers_of(step), tuple)
    require_symbols((*said.variables, *numbers))
    about = tuple(r for r in inner.context.condition if not r.symbols.isdisjoint(numbers))
    require(set(inner.context.condition) <= {*step.context.condition, *about}, "a condition more")
    _require_apart(step, claim, inner, said)
    terms = terms_of(step)
    if terms is None:
        raise Rejected("a term is no multiple of the function of affine forms")
    turn = KINDS[claim.kind] * KINDS[said.kind]
    require(
        said.kind == "affine" or (turn != 0 and all(turn * term.multiple.p >= 0 for term in terms)),
        "a term of another curvature",
    )
    for values in {term.numbers for term in terms} if about else ():
        table = dict(zip(numbers, values, strict=True))
        found = ((relation.expression.xreplace(table), relation.op) for relation in about)
        holds = all(n.is_Rational and (n.p > 0) - (n.p < 0) in SIGNS_OF[op] for n, op in found)
        require(holds, "a condition that the numbers do not satisfy")
    _require_regions(step, inner, terms)
    if claim.strict and not covers(step):
        open_claim = Curved(claim.objective, claim.variables, claim.kind)
        open_step = replace(step, claim=open_claim)
        require(bends_everywhere(open_step, claim.variables), "strictness does not follow")


def _require_apart(step: Step, claim: Curved, inner: Step, said: Curved) -> None:
    """The variables of one side occur nowhere on the other, where they would be taken for parameters."""
    ours, letters = frozenset(claim.variables), frozenset((*said.variables, *numbers_of(step)))
    apart = (
        len(letters) == len(said.variables) + len(numbers_of(step))
        and not ours & letters
        and letters.isdisjoint(contents(claim.objective).occurring)
        and ours.isdisjoint(contents(said.objective).occurring)
    )
    about = {s for r in inner.context.relations for s in r.symbols}
    used = {s for r in step.context.relations for s in r.symbols}
    require(apart and not about & ours and not used & letters, "mixed variables")


def _require_regions(step: Step, inner: Step, terms: tuple[Term, ...]) -> None:
    """Each relation of the function's region, with the forms of a term put in, is given on the region of the step."""
    if not inner.context.region:
        return
    letters, known = (*cast(Curved, inner.claim).variables, *numbers_of(step)), facts(step)
    given = Given(known)
    for relation in inner.context.region:
        require(
            slopes_of_form(relation.expression) is not None,
            "a region that is not a sum of multiples of the function's variables",
        )
        for term in terms:
            at_forms = relation.at(dict(zip(letters, (*term.forms, *term.numbers), strict=True)))
            if not given.gives(at_forms):
                require_holds(at_forms.expression, at_forms.op, known, "the region of the function")


CHECKS: Mapping[str, Callable[[Step], None]] = {"alike_terms": _alike_terms}
