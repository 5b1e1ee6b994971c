"""The check of an affine change of the variables: what is said of g(u) is said of f(x) = g(A x + b)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Expr, Symbol

from symopt.derivation.checking import (
    Rejected,
    facts,
    identical,
    require,
    require_identical,
    require_own_symbols,
    require_symbols,
)
from symopt.derivation.checks_attained import optimal_claim
from symopt.derivation.checks_region import (
    curved_claim,
    gradient_if_constant,
    require_condition_on_parameters,
    require_real,
)
from symopt.derivation.claims import (
    Branch,
    Curved,
    Label,
    NotCurved,
    Optimal,
    RegionConvex,
    RegionNotConvex,
    Stationary,
    Step,
    Vector,
)
from symopt.derivation.extremal_points import known_at
from symopt.exact.linear import rank
from symopt.relation import Relation

CURVED: Final = (Curved, NotCurved, RegionConvex, RegionNotConvex)
PLACED: Final = (Stationary, Label, Optimal)


def _affine_change(step: Step) -> None:
    """x |-> u = A x + b turns the region of the step into that of its premise, and the claim into the premise's."""
    claim, forms = step.claim, cast(Vector, step.data("forms"))
    inner = [p for p in step.premises if type(p.claim) is type(claim)]
    if not isinstance(claim, CURVED + PLACED) or len(inner) != 1:
        raise Rejected("one premise of the same kind, in other variables")
    said = cast(
        "Curved | NotCurved | RegionConvex | RegionNotConvex | Stationary | Label | Optimal", inner[0].claim
    )
    require_condition_on_parameters(step, claim.variables)
    require_symbols(said.variables)
    require(len(forms) == len(said.variables), "one form for each variable")
    require(set(inner[0].context.condition) <= set(step.context.condition), "a condition more")
    known = facts(step)
    slopes = []
    for form in forms:
        slope = gradient_if_constant(form, claim.variables)
        if slope is None or not all(entry.is_Rational for entry in slope):
            raise Rejected(f"{form} is not affine with rational coefficients")
        require_real(form, known)
        slopes.append(slope)
    table = dict(zip(said.variables, forms, strict=True))
    _require_apart(step, inner[0], set(claim.variables), set(said.variables))
    _require_same_region(step, inner[0], table)
    if isinstance(claim, RegionConvex):
        return
    if isinstance(claim, PLACED):
        require(len(forms) == len(claim.variables), "another number of variables")
        require(rank(tuple(slopes)) == len(forms), "the change cannot be undone")
        require_real(claim.objective, known)
        require_identical(claim.objective, cast(Stationary, said).objective.xreplace(table), "the function")
        _require_same_places(step, cast("Stationary | Label | Optimal", said), forms)
        return
    if isinstance(claim, Curved):
        other = cast(Curved, said)
        curved_claim(step, inner[0])
        require(claim.kind == other.kind, "another kind")
        injective = rank(tuple(slopes)) == len(claim.variables)
        require(not claim.strict or (other.strict and injective), "strictness does not follow")
        require_identical(claim.objective, other.objective.xreplace(table), "the function")
        return
    at_points = cast(NotCurved | RegionNotConvex, said)
    require(claim.weight == at_points.weight, "another weight")
    for ours, theirs in ((claim.p, at_points.p), (claim.q, at_points.q)):
        require(len(ours) == len(claim.variables), "one coordinate for each variable")
        at = dict(zip(claim.variables, ours, strict=True))
        for form, value in zip(forms, theirs, strict=True):
            require_identical(form.xreplace(at), value, "a point")
    if isinstance(claim, NotCurved):
        about = cast(NotCurved, at_points)
        require((claim.kind, claim.strict) == (about.kind, about.strict), "another kind")
        require_real(claim.objective, known)
        require_identical(claim.objective, about.objective.xreplace(table), "the function")


def _require_same_places(step: Step, said: Stationary | Label | Optimal, forms: Vector) -> None:
    """The claim of the premise, with the points (and the curve) that the forms take to those of the premise.

    `names` are new names for the symbols that are bound in a claim.
    """
    names = dict(cast("tuple[tuple[Symbol, Symbol], ...]", step.data("names") or ()))
    claim = cast("Stationary | Label | Optimal", step.claim)
    if isinstance(claim, Label) and isinstance(said, Label):
        require((claim.kind, claim.strict) == (said.kind, said.strict), "another label")
        pairs = [(claim.branch, said.branch)]
    elif isinstance(claim, Stationary) and isinstance(said, Stationary):
        require(claim.complete is said.complete, "another claim of completeness")
        require(len(claim.branches) == len(said.branches), "another number of points")
        pairs = list(zip(claim.branches, said.branches, strict=True))
    elif isinstance(claim, Optimal) and isinstance(said, Optimal):
        optimal_claim(step, claim.attained)
        require(claim.value == said.value.xreplace(names), "another value")
        told = [(c.sense, c.attained, c.all_of_them, c.through_integers, len(c.at)) for c in (claim, said)]
        require(told[0] == told[1], "another claim about the value")
        pairs = list(zip(claim.at, said.at, strict=True))
        for branch in claim.at:
            known_at(step, claim, branch)
        _require_same_curve(step, claim, said, forms)
    else:
        raise Rejected("another kind of claim")
    bound = {s for _, branch in pairs for s in branch.own_symbols}
    require(set(names) <= bound, "a name for what is not bound")
    branches = [branch for branch, _ in pairs]
    require_own_symbols(branches, claim.variables, (claim.objective,), step.context)
    for ours, theirs in pairs:
        own = {s: names.get(s, s) for s in theirs.own_symbols}
        renamed = theirs.renamed(cast("dict[Expr, Expr]", own))
        require(
            (ours.numbers, ours.free, ours.where) == (renamed.numbers, renamed.free, renamed.where), "a point"
        )
        require(tuple(v for v, _ in theirs.at) == said.variables, "a point of the premise")
        _require_image(ours, renamed, forms)


def _require_same_curve(step: Step, claim: Optimal, said: Optimal, forms: Vector) -> None:
    """The curves correspond, in a symbol that stands for nothing else."""
    require(
        claim.curve_symbol == said.curve_symbol and bool(claim.along) == bool(said.along), "another curve"
    )
    if not claim.along:
        return
    used = claim.objective.free_symbols.union(claim.variables, *(r.symbols for r in step.context.relations))
    require(claim.curve_symbol not in used, "the symbol of the curve is in use already")
    for told in (claim, said):
        require(tuple(v for v, _ in told.along) == told.variables, "a curve without every variable")
    require(not any(e.has(*claim.variables) for _, e in claim.along), "a curve in terms of the variables")
    _require_image(Branch(claim.along), Branch(said.along), forms)


def _require_image(ours: Branch, theirs: Branch, forms: Vector) -> None:
    for form, (_, value) in zip(forms, theirs.at, strict=True):
        require_identical(form.xreplace(ours.values), value, "a point")


def _require_apart(step: Step, inner: Step, ours: set[Symbol], theirs: set[Symbol]) -> None:
    """The variables of one side occur nowhere on the other, where they would be taken for parameters."""

    def symbols(part: Step) -> set[Symbol]:
        about = getattr(part.claim, "objective", None)
        used = {s for r in part.context.relations for s in r.symbols}
        return used | cast(set[Symbol], about.free_symbols if isinstance(about, Expr) else set())

    require(not ours & theirs and not symbols(inner) & ours and not symbols(step) & theirs, "mixed variables")


def _require_same_region(step: Step, inner: Step, table: Mapping[Symbol, Expr]) -> None:
    """Each relation of one region is one of the other, with the forms put in."""
    images = [Relation(r.expression.xreplace(dict(table)), r.op) for r in inner.context.region]

    def listed(relation: Relation, among: list[Relation]) -> bool:
        return any(
            relation.op == other.op and identical(relation.expression, other.expression) for other in among
        )

    region = list(step.context.region)
    require(
        all(listed(image, region) for image in images) and all(listed(r, images) for r in region),
        "another region",
    )


CHECKS: Mapping[str, Callable[[Step], None]] = {"affine_change": _affine_change}
