"""Is f affine, convex, concave or neither on its region? The answer for one cell of the parameters.

Refuted with two exact points, proved by the most readable means that works: the affine form, a constant
Hessian, composition rules, the sign of the second derivatives. What neither side settles is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Add, Expr, Mod, Rational, Symbol, gamma, polygamma
from sympy import Matrix as SymPyMatrix

from symopt.cases import Cell, Split
from symopt.derivation.checks_pieces import KINKS
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import (
    Curved,
    NotCurved,
    RegionConvex,
    RegionNotConvex,
    Step,
    Vector,
)
from symopt.derivation.strictness import strict_directions
from symopt.exact.dependence import has_function, is_polynomial
from symopt.exact.gates import operations
from symopt.reasoning.affine_change import Change, reflection, simplifying_change
from symopt.reasoning.alike_terms import FEWEST
from symopt.reasoning.bending import (
    exactly,
    sampled_chord,
)
from symopt.reasoning.cell_refutation import CellRefutation, bent_near
from symopt.reasoning.composition import MANY
from symopt.reasoning.curvature_proofs import Proofs, level_set_curvature
from symopt.reasoning.deciding import factors_of_terms, open_parities
from symopt.reasoning.quadratic import signature
from symopt.reasoning.refute import flat_chord, prove_not_curved, seems_to_bend
from symopt.reasoning.refute import refute as find_witnesses
from symopt.reasoning.region import prove_region_convex, refute_region_convex, settle_borders
from symopt.reasoning.sampling import parameter_samples, sample_points
from symopt.reasoning.second_order import hessian_entries, second_order
from symopt.reasoning.sign import prove_infeasible
from symopt.reasoning.subspace import Subspace, subspace_of
from symopt.results.answers import Convexity
from symopt.results.evidence import Evidence, undecided

OPPOSITE: Final = {"convex": "concave", "concave": "convex"}
UNDECIDED: Final = {
    None: "no rule, no sign of second derivatives and no chord settled it",
    "rules": "the rules of composition give no proof; without by= another may be found",
    "hessian": "the second derivatives give no proof; without by= another may be found",
    "definition": "there is no proof from the definition in this style; without by= another may be found",
}
LONG: Final = 400  # operations, beyond which the rules are asked before anything else
VERY_LONG: Final = 4000  # operations, beyond which strictness is left to the rules
MAX_ORDER: Final = 30  # of Hessians that are looked at for strictness alone
# Variables, beyond which (or for many terms) the rules are asked before anything is differentiated.
SEVERAL: Final = 3
MAX_CENTRES: Final = 8
SCALES: Final = tuple(Rational(1, 10**k) for k in (0, 1, 2, 4, 8))


def convexity(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, *, refute: bool = True, by: str | None = None
) -> Convexity:
    """What f is on the cell's region, with its proof; raises `Split` when that depends on the parameters.

    `refute=False` leaves the provers alone; `by` chooses "rules", "hessian" or "definition" for the proof.

    >>> from sympy import symbols
    >>> from symopt.derivation.claims import Context
    >>> x = symbols("x", real=True)
    >>> convexity(x**2, (x,), Cell(x**2, (x,), Context())).kind
    'convex'
    """
    if _reaches_below_poles(objective, cell):
        return Convexity(
            "undecided", None, undecided("of the gamma function the branch u > 0 is known alone")
        )
    short = operations(objective, LONG) <= LONG
    subspace = (
        subspace_of(cell, variables) if short and any(r.op == "==" for r in cell.context.region) else None
    )
    if subspace is not None:
        return _on_subspace(subspace, cell, refute, by)
    change = simplifying_change(cell, variables) if by is None and short else None
    if change is not None and not all(
        gradient_if_constant(r.expression, variables) is not None for r in cell.context.region
    ):
        return _changed(change, cell, refute)
    region = prove_region_convex(cell, variables, level_set_curvature(variables, cell))
    if (
        cell.context.region
        and not cell.parameters
        and not sample_points(cell, variables, count=1)
        and prove_infeasible(cell.context)
    ):
        return Convexity(
            "undecided", None, undecided("the region has no point, so there is nothing to decide")
        )
    if region is None:
        outside = refute_region_convex(cell, variables)
        if outside is None:
            reflected = reflection(cell, variables) if by is None else None
            if reflected is not None:
                found = _changed(reflected, cell, refute)
                if found.kind == "region_not_convex":
                    return found
            settle_borders(cell, variables)
            return Convexity("undecided", None, undecided("whether the region is convex was not settled"))
        return Convexity("region_not_convex", None, _evidence((outside,), cell))
    return _Question(objective, variables, cell, region, refute, by, change).answer()


def _reaches_below_poles(objective: Expr, cell: Cell) -> bool:
    """Whether the region was asked for beyond the poles of gamma(u), which by convention stands for its branch u > 0."""
    if not has_function(objective, gamma, polygamma):
        return False
    for node in objective.atoms(gamma, polygamma):
        argument = node.args[-1].as_poly()
        if argument is None or argument.total_degree() != 1 or len(argument.gens) != 1:
            continue
        for relation in cell.context.region:
            bound = relation.expression.as_poly(*argument.gens)
            if bound is None or bound.degree() != 1 or relation.op not in (">", ">=", "<", "<="):
                continue
            turn = 1 if relation.op[0] == ">" else -1
            slope, at = argument.nth(1), -bound.nth(0) / bound.nth(1)
            rises = turn * bound.nth(1) * slope  # whether the relation bounds u from below
            if rises.is_positive and (slope * at + argument.nth(0)).is_negative:
                return True
    return False


def _on_subspace(subspace: Subspace, cell: Cell, refute: bool, by: str | None) -> Convexity:
    """The answer in the variables that equations of the region leave, carried back."""
    inner = subspace.cell(cell)
    found = convexity(inner.objective, inner.variables, inner, refute=refute, by=by)
    region = prove_region_convex(cell, subspace.variables, level_set_curvature(subspace.variables, cell))
    steps = [subspace.carried(step, cell, region) for step in found.evidence.steps]
    if None in steps or not steps:
        reason = "what is said of fewer variables was not carried back" if steps else found.evidence.reason
        return Convexity("undecided", None, undecided(reason))
    return replace(found, evidence=_evidence(cast(list[Step], steps), cell))


def _changed(change: Change, cell: Cell, refute: bool, region: Step | None = None) -> Convexity:
    """The answer in the new variables, carried back; `region` proves the region convex, where that is known."""
    inner, whole = change.cell(cell), RegionConvex(change.new)
    found = convexity(inner.objective, inner.variables, inner, refute=refute)
    steps = []
    for step in found.evidence.steps:
        if region is None and isinstance(step.claim, Curved):
            told = (s for s in step.walk() if s.claim == whole and s.context == inner.context)
            there = next(told, None) or prove_region_convex(
                inner, change.new, level_set_curvature(change.new, inner)
            )
            region = None if there is None else change.carried(there, cell, None)
        carried = change.carried(step, cell, region if isinstance(step.claim, Curved) else None)
        if carried is None:
            return Convexity("undecided", None, undecided("the change of variables was not carried back"))
        steps.append(carried)
    if not steps:
        return replace(found, evidence=replace(found.evidence, witness=None))
    return replace(found, evidence=_evidence(steps, cell))


class _Question:
    """The provers and the refuters over one objective, one cell and one convex region."""

    def __init__(
        self,
        objective: Expr,
        variables: tuple[Symbol, ...],
        cell: Cell,
        region: Step,
        refute: bool,
        by: str | None,
        change: Change | None = None,
    ) -> None:
        self.objective, self.variables, self.cell = objective, variables, cell
        self.region, self.refute, self.by = region, refute, by
        self.change = change
        self.proofs = Proofs(objective, variables, cell, region, by)
        self.rules = self.proofs.rules

    def answer(self) -> Convexity:
        """Proved, refuted on both sides, or undecided; splits the cell as a last resort."""
        by_rules = self._by_rules_alone()
        if by_rules is not None:
            return by_rules
        if self.cell.parameters:
            changed = self._changed()
            if changed is not None:
                return changed
        exact = self._constant_hessian()
        if exact is not None:
            return exact
        changed = self._changed()
        if changed is not None:
            return changed
        if self.rules.curvature(self.objective) is None:
            for number in open_parities(self.objective, self.variables):
                raise Split(Mod(number, 2))
        witnesses: dict[str, Step] = {}
        if self.refute and not self.cell.parameters:
            witnesses = find_witnesses(self.objective, self.variables, self.cell, self._open_kinds())
        if self.cell.parameters and self.by is None:
            coupled = self._coupled(witnesses)
            if coupled is not None:
                return self._proved(coupled, {})
        refutation = CellRefutation(self.objective, self.variables, self.cell, witnesses)
        if self._bends_are_asked_for():
            refutation.by_bends()
        step = (
            self.proofs.proof(tuple(kind for kind in OPPOSITE if kind not in witnesses))
            if len(witnesses) < 2
            else None
        )
        if step is not None:
            return self._proved(step, witnesses)
        if len(witnesses) < 2 and self.refute and self.cell.parameters:
            if self.by == "definition":
                witnesses.update(find_witnesses(self.objective, self.variables, self.cell))
            else:
                refutation.by_chords_or_splits()
        if len(witnesses) == 2:
            return Convexity(
                "neither", None, _evidence((witnesses["convex"], witnesses["concave"]), self.cell)
            )
        reflected = reflection(self.cell, self.variables) if self.by is None else None
        if reflected is not None:
            found = _changed(reflected, self.cell, self.refute, self.region)
            if found.kind != "undecided":
                return found
        for quantity in factors_of_terms(self.objective, self.variables):
            self.cell.sign(quantity)
        evidence = undecided(UNDECIDED[self.by])
        witness = _witness(witnesses.values(), self.cell)
        return Convexity("undecided", None, replace(evidence, witness=witness))

    def _open_kinds(self) -> tuple[str, ...]:
        """The kinds for which a witness against f is looked for: not that which the rules prove."""
        step = self.rules.curvature(self.objective) if self.by in (None, "rules") else None
        kind = "" if step is None else cast(Curved, step.claim).kind
        return tuple(other for other in OPPOSITE if kind not in (other, "affine"))

    def _bends_are_asked_for(self) -> bool:
        """With parameters, where no rule applies, directions of the wrong curvature come before the proofs."""
        if not (self.refute and self.cell.parameters) or self.by in ("rules", "definition"):
            return False
        return self.by == "hessian" or self.rules.curvature(self.objective) is None

    def _changed(self) -> Convexity | None:
        """Where no rule applies as f stands: the answer in variables that are its own affine forms."""
        if self.change is None or self.rules.curvature(self.objective) is not None:
            return None
        changed = _changed(self.change, self.cell, self.refute, self.region)
        return changed if changed.kind != "undecided" or self.change.complete else None

    def _by_rules_alone(self) -> Convexity | None:
        """For many variables and long functions: what the rules say, strictly or not as far as they know."""
        if self.by not in (None, "rules"):
            return None
        size, own = operations(self.objective, VERY_LONG), set(self.variables)
        is_long = size > LONG
        several = len(own) > SEVERAL or len(Add.make_args(self.objective)) >= FEWEST
        if not is_long and (not several or is_polynomial(self.objective, own)):
            return None
        step = self.rules.curvature(self.objective)
        if step is None:
            return None
        claim = cast(Curved, step.claim)
        strict = False if claim.kind == "affine" else claim.strict or None
        known = Convexity(claim.kind, strict, _evidence((step,), self.cell))
        if strict is None and len(own) <= MAX_ORDER and is_polynomial(self.objective, own):
            return self.cell.budget.share(0.5).within(self._constant_hessian, lambda: None) or known
        if len(own) > MANY or size > VERY_LONG or (is_long and strict is not None):
            return known
        return self._proved(step, {})

    def _coupled(self, witnesses: dict[str, Step]) -> Step | None:
        """The proof where a quadratic form couples functions of one variable; splits the cell on the form's pivots.

        Where the form has the other sign in some direction, f bends so too: that is a witness.
        """
        for kind in OPPOSITE:
            found = self.proofs.separated(kind)
            if found is None or self.proofs.functions_of(found, kind) is None:
                continue
            entries = hessian_entries(found.form, self.variables)
            if entries is None:
                continue
            form = signature(entries, self.cell.sign)
            wrong = form.down if kind == "convex" else form.up
            if wrong is None:
                step = self.proofs.coupled((kind,))
                if step is not None:
                    return step
            elif self.refute:
                witness = bent_near(self.objective, self.variables, self.cell, kind, found, wrong)
                witnesses |= {} if witness is None else {kind: witness}
        return None

    def _constant_hessian(self) -> Convexity | None:
        """Quadratic (and affine) functions are decided exactly, by the signs of pivots in the parameters."""
        entries = hessian_entries(self.objective, self.variables)
        if entries is None or any(e.free_symbols & set(self.variables) for row in entries for e in row):
            return None
        affine = self.rules.affine(self.objective)
        if affine is None and not any(entry for row in entries for entry in row):
            asked = bool(self.cell.parameters) or self.by == "rules"
            if asked and self.rules.curvature(self.objective) is not None:
                return None  # the rules need no cases of how the kinks are ordered
            affine = self.proofs.by_pieces(self.objective, ()) or (
                second_order(self.objective, self.variables, self.cell, self.region, ())
                if self.by in (None, "hessian")
                else None
            )
        if affine is not None:
            return self._proved(affine, {})
        found = signature(entries, self.cell.sign)
        if found.up is None or found.down is None:
            step = (
                self.proofs.proof(())
                if self.by in ("definition", "rules")
                else second_order(
                    self.objective,
                    self.variables,
                    self.cell,
                    self.region,
                    ("convex",) if found.down is None else ("concave",),
                )
            )
            if step is None:
                return None
            kind = cast(Curved, step.claim).kind
            curved = found.up if kind == "convex" else found.down
            witness = self._chord_along(OPPOSITE[kind], curved) if self.refute else None
            flat = self._chord_along(kind, found.flat, strict=True)
            strict = True if cast(Curved, step.claim).strict else False if flat is not None else None
            steps = tuple(s for s in (step, flat, witness) if s is not None)
            return Convexity(kind, strict, _evidence(steps, self.cell))
        if not self.refute:
            return None
        against = [self._chord_along("convex", found.down), self._chord_along("concave", found.up)]
        if None in against:
            return None
        return Convexity("neither", None, _evidence(cast(list[Step], against), self.cell))

    def _chord_along(self, kind: str, direction: Vector | None, strict: bool = False) -> Step | None:
        """A chord in a direction through a simple point of the region."""
        samples = parameter_samples(self.cell)
        if direction is None or not samples:
            return None
        for centre in sample_points(self.cell, self.variables, samples[0], count=MAX_CENTRES):
            for scale in SCALES[:3] if self.cell.parameters else SCALES:
                chord = (
                    tuple(c - scale * d for c, d in zip(centre, direction, strict=True)),
                    tuple(c + scale * d for c, d in zip(centre, direction, strict=True)),
                )
                step = prove_not_curved(self.objective, self.variables, self.cell, kind, chord, strict)
                if step is not None:
                    return step
        return None

    def _proved(self, step: Step, witnesses: Mapping[str, Step]) -> Convexity:
        claim = cast(Curved, step.claim)
        if claim.kind == "affine":
            return Convexity("affine", False, _evidence((step,), self.cell))
        if claim.strict:
            return self._told(step, None, witnesses)
        self._split_for_strictness(step)
        found = self.cell.budget.share(0.5).within(lambda: self._strictness(step, witnesses), lambda: None)
        if found is not None:
            return found
        told = self._told(step, None, witnesses)  # asked again, with more time, it may be strict
        return replace(told, evidence=replace(told.evidence, stopped_by="clock"))

    def _strictness(self, step: Step, witnesses: Mapping[str, Step]) -> Convexity:
        """The answer for what is curved: not strictly on a segment, or strictly by another proof, or neither told."""
        flat = flat_chord(self.objective, self.variables, self.cell, step)
        short = operations(self.objective, LONG) <= LONG
        if flat is not None and short and self.objective.has(*KINKS) and self.by in (None, "hessian"):
            bends = bool(witnesses)
            if self.cell.parameters and not bends:
                bends = seems_to_bend(self.objective, self.variables, self.cell)
            affine = None if bends else self.proofs.by_pieces(self.objective, ())
            if affine is not None:
                return self._proved(affine, {})
        if flat is None and self.change is not None:
            changed = _changed(self.change, self.cell, self.refute, self.region)
            if changed.strict is not None or self.change.complete:
                return changed
        if flat is None and self.by in (None, "hessian"):
            step = self.proofs.strengthened(step)
        return self._told(step, flat, witnesses)

    def _told(self, step: Step, flat: Step | None, witnesses: Mapping[str, Step]) -> Convexity:
        claim = cast(Curved, step.claim)
        strict = False if flat is not None else claim.strict or None
        other = witnesses.get(OPPOSITE.get(claim.kind, ""))
        steps = (s for s in (step, flat, other) if s is not None)
        return Convexity(claim.kind, strict, _evidence(steps, self.cell))

    def _split_for_strictness(self, step: Step) -> None:
        """Strictness may depend on whether the directions in which f is strictly curved are independent."""
        forms = [f for f in dict.fromkeys(strict_directions(step, self.variables)) if any(f)]
        if len(forms) == len(self.variables):
            determinant = SymPyMatrix(forms).det(method="berkowitz")
            if determinant.free_symbols:
                self.cell.is_nonzero(determinant)


def _evidence(steps: Iterable[Step], cell: Cell) -> Evidence:
    found = tuple(steps)
    return Evidence("proved", found, witness=_witness(found, cell))


def _witness(steps: Iterable[Step], cell: Cell) -> dict[str, object] | None:
    """The points of the refutations among the steps, as the fixed JSON has them."""
    found: dict[str, object] = {}
    for step in steps:
        claim, values = step.claim, next(map(exactly, parameter_samples(cell)), {})
        if isinstance(claim, NotCurved) and claim.weight == 1:
            sampled = sampled_chord(step, cell)
            if sampled is None:
                continue
            claim, values = sampled[0].claim, sampled[1]
        if isinstance(claim, RegionNotConvex) or (isinstance(claim, NotCurved) and not claim.strict):
            name = "region" if isinstance(claim, RegionNotConvex) else f"not_{claim.kind}"
            found[name] = {
                "p": {str(v): c.xreplace(values) for v, c in zip(claim.variables, claim.p, strict=True)},
                "q": {str(v): c.xreplace(values) for v, c in zip(claim.variables, claim.q, strict=True)},
                "weight": claim.weight,
                "parameters": {str(symbol): value for symbol, value in values.items()},
            }
    return found or None
