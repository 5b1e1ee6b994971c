"""Is f affine, convex, concave or neither on its region? The answer for one cell of the parameters.

Refuted with two exact points, proved by the most readable means that works: the affine form, a constant
Hessian, composition rules, the sign of the second derivatives. What neither side settles is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, cast

from sympy import Add, Expr, Mod, Pow, Rational, S, Symbol, exp
from sympy import Matrix as SymPyMatrix

from symopt.cases import Cell, Split
from symopt.derivation.checks_pieces import KINKS
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import (
    Context,
    Curved,
    Matrix,
    NotCurved,
    RegionConvex,
    RegionNotConvex,
    Step,
    Vector,
)
from symopt.derivation.strictness import strict_directions
from symopt.exact.normal import TooLarge, Unsupported, factors
from symopt.exact.relations import rational_bounds
from symopt.reasoning.affine_change import Change, simplifying_change
from symopt.reasoning.bending import (
    Bend,
    bends,
    bent,
    critical_quantities,
    exactly,
    refute_by_bending,
    sampled_chord,
)
from symopt.reasoning.composition import MANY, Composition
from symopt.reasoning.definition import Definition
from symopt.reasoning.far_out import refute_far_out
from symopt.reasoning.pieces import by_pieces
from symopt.reasoning.proposing import accepted
from symopt.reasoning.quadratic import signature
from symopt.reasoning.refute import flat_chord, prove_not_curved
from symopt.reasoning.refute import refute as find_witnesses
from symopt.reasoning.region import prove_region_convex, refute_region_convex, settle_borders
from symopt.reasoning.sampling import parameter_samples, sample_points
from symopt.reasoning.second_order import centred_powers, hessian_entries, second_order
from symopt.reasoning.sign import prove_infeasible
from symopt.results.answers import Convexity
from symopt.results.evidence import Evidence, trust_of, undecided

OPPOSITE: Final = {"convex": "concave", "concave": "convex"}
UNDECIDED: Final = {
    None: "no rule, no sign of second derivatives and no chord settled it",
    "rules": "the rules of composition give no proof; without by= another may be found",
    "hessian": "the second derivatives give no proof; without by= another may be found",
    "definition": "there is no proof from the definition in this style; without by= another may be found",
}
SEVERAL: Final = 3  # variables, beyond which the rules are asked before anything is differentiated
MAX_DEGREE: Final = 4  # of the factors of f'' whose coefficients split the cell
MAX_CENTRES: Final = 8
SMALL_WEIGHTS: Final = tuple(Rational(1, 10**k) for k in (1, 2, 4))
SCALES: Final = tuple(Rational(1, 10**k) for k in (0, 1, 2, 4, 8))


def convexity(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, *, refute: bool = True, by: str | None = None
) -> Convexity:
    """What f is on the cell's region, with its proof; raises `Split` when that depends on the parameters.

    `refute=False` leaves the provers alone; `by` chooses "rules", "hessian" or "definition" for the proof.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> convexity(x**2, (x,), Cell(x**2, (x,), Context())).kind
    'convex'
    """
    change = simplifying_change(cell, variables) if by is None else None
    if change is not None and not all(
        gradient_if_constant(r.expression, variables) is not None for r in cell.context.region
    ):
        return _changed(change, cell, refute)
    region = prove_region_convex(cell, variables, _level_set_curvature(variables, cell))
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
            settle_borders(cell, variables)
            return Convexity("undecided", None, undecided("whether the region is convex was not settled"))
        return Convexity("region_not_convex", None, _evidence((outside,), cell))
    return _Question(objective, variables, cell, region, refute, by, change).answer()


def _changed(change: Change, cell: Cell, refute: bool, region: Step | None = None) -> Convexity:
    """The answer in the new variables, carried back; `region` proves the region convex, where that is known."""
    inner = change.cell(cell)
    found = convexity(inner.objective, inner.variables, inner, refute=refute)
    steps = []
    for step in found.evidence.steps:
        if region is None and isinstance(step.claim, Curved):
            told = (
                s for s in step.walk() if isinstance(s.claim, RegionConvex) and s.context == inner.context
            )
            region = next((change.carried(s, cell, None) for s in told), None)
        carried = change.carried(step, cell, region if isinstance(step.claim, Curved) else None)
        if carried is None:
            return Convexity("undecided", None, undecided("the change of variables was not carried back"))
        steps.append(carried)
    if not steps:
        return replace(found, evidence=replace(found.evidence, witness=None))
    return replace(found, evidence=_evidence(steps, cell))


def _level_set_curvature(variables: tuple[Symbol, ...], cell: Cell):  # type: ignore[no-untyped-def]
    """The curvature of a constraint on the region of the constraints before it."""

    def curvature(expression: Expr, before: Context, region: Step) -> Step | None:
        inner = replace(cell, objective=expression, context=before)
        return _Question(expression, variables, inner, region, False, None).proof(("convex", "concave"))

    return curvature


class _Question:
    """The provers over one objective, one cell and one convex region."""

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
        self.open_signs: tuple[Expr, ...] = ()  # what refutations near the ends of the region would rest on
        self.rules = Composition(cell, variables, region, self._term, self._by_pieces)

    def answer(self) -> Convexity:
        """Proved, refuted on both sides, or undecided; splits the cell as a last resort."""
        by_rules = self._by_rules_alone()
        if by_rules is not None:
            return by_rules
        if self.cell.parameters:
            changed = self._changed()
            if changed is not None:
                return changed
        exact = self._constant_hessian() if self.by != "rules" else None
        if exact is not None:
            return exact
        changed = self._changed()
        if changed is not None:
            return changed
        if self.rules.curvature(self.objective) is None:
            for number in _open_parities(self.objective, self.variables):
                raise Split(Mod(number, 2))
        witnesses: dict[str, Step] = {}
        if self.refute and not self.cell.parameters:
            witnesses = find_witnesses(self.objective, self.variables, self.cell)
        bent = self._bent(witnesses)
        step = (
            self.proof(tuple(kind for kind in OPPOSITE if kind not in witnesses))
            if len(witnesses) < 2
            else None
        )
        if step is not None:
            return self._proved(step, witnesses)
        if len(witnesses) < 2 and self.refute and self.cell.parameters:
            if self.by == "definition":
                witnesses = find_witnesses(self.objective, self.variables, self.cell)
            else:
                self._split_by_bends(witnesses, *bent)
        if len(witnesses) == 2:
            return Convexity(
                "neither", None, _evidence((witnesses["convex"], witnesses["concave"]), self.cell)
            )
        for quantity in _quantities(self.objective, self.variables):
            self.cell.sign(quantity)
        evidence = undecided(UNDECIDED[self.by])
        witness = _witness(witnesses.values(), self.cell)
        return Convexity("undecided", None, replace(evidence, witness=witness))

    def _changed(self) -> Convexity | None:
        """Where no rule applies as f stands: the answer in variables that are its own affine forms."""
        if self.change is None or self.rules.curvature(self.objective) is not None:
            return None
        changed = _changed(self.change, self.cell, self.refute, self.region)
        return changed if changed.kind != "undecided" or self.change.complete else None

    def _by_rules_alone(self) -> Convexity | None:
        """For many variables, whose Hessian is large: what the rules say, strictly or not as far as they know."""
        if len(self.variables) <= SEVERAL or self.by not in (None, "rules"):
            return None
        if self.objective.is_polynomial(*self.variables):
            return None
        step = self.rules.curvature(self.objective)
        if step is None:
            return None
        if len(self.variables) <= MANY:
            return self._proved(step, {})
        claim = cast(Curved, step.claim)
        strict = False if claim.kind == "affine" else claim.strict or None
        return Convexity(claim.kind, strict, _evidence((step,), self.cell))

    def _bent(self, witnesses: dict[str, Step]) -> tuple[Matrix | None, tuple[Bend, ...]]:
        """With parameters, where no rule applies: points and directions of the wrong curvature are added."""
        if not (self.refute and self.cell.parameters) or self.by in ("rules", "definition"):
            return None, ()
        if self.by != "hessian" and self.rules.curvature(self.objective) is not None:
            return None, ()
        entries, found = bends(self.objective, self.variables, self.cell)
        if entries is None:
            return None, ()
        moving = tuple(bend for bend in found if any(c.free_symbols for c in bend.point))
        if len(self.cell.parameters) == 1:  # f''(1) = 2 a says more than how f'' behaves far out
            self._refute_by(tuple(bend for bend in found if bend not in moving), entries, witnesses)
        missing = tuple(kind for kind in OPPOSITE if kind not in witnesses)
        if missing:
            ends, self.open_signs = refute_far_out(
                self.objective, self.variables, self.cell, entries, missing
            )
            witnesses.update(ends)
        self._refute_by(found if len(self.cell.parameters) > 1 else moving, entries, witnesses)
        return entries, found

    def _refute_by(self, found: tuple[Bend, ...], entries: Matrix, witnesses: dict[str, Step]) -> None:
        for kind in (kind for kind in OPPOSITE if kind not in witnesses):
            step = refute_by_bending(self.objective, self.variables, self.cell, kind, entries, found)
            if step is not None:
                witnesses[kind] = step

    def _split_by_bends(
        self, witnesses: dict[str, Step], entries: Matrix | None, found: tuple[Bend, ...]
    ) -> None:
        """Chords of the wrong curvature; then splits of the cell where second derivatives change their sign."""
        if entries is not None and len(self.variables) > 1:
            witnesses.update(self._by_signature(entries, found))
        missing = tuple(kind for kind in OPPOSITE if kind not in witnesses)
        witnesses.update(
            find_witnesses(self.objective, self.variables, self.cell, missing) if missing else {}
        )
        if len(witnesses) < 2 and entries is not None:
            free = _free_factors(entries, self.variables)
            for quantity in (*free, *self.open_signs, *_coefficients(entries, self.variables)):
                self.cell.sign(quantity)
        for kind in missing:
            for quantity in critical_quantities(kind, found) if kind not in witnesses else ():
                self.cell.sign(quantity)

    def _by_signature(self, entries: Matrix, found: tuple[Bend, ...]) -> dict[str, Step]:
        """Directions of both signs by L D L^T at the simplest point; splits the cell on the pivots there."""
        if self.objective.is_polynomial(*self.variables):
            return {}
        bend = next((b for b in found if all(c.is_Rational for c in b.point) and all(b.point)), None)
        if bend is None:
            return {}
        at = dict(zip(self.variables, bend.point, strict=True))
        there = tuple(tuple(entry.xreplace(at) for entry in row) for row in entries)
        signs = signature(there, self.cell.sign)
        witnesses = {}
        for kind, direction in (("convex", signs.down), ("concave", signs.up)):
            step = (
                None
                if direction is None
                else bent(self.cell, self.variables, kind, entries, bend.point, direction)
            )
            if step is not None:
                witnesses[kind] = step
        return witnesses

    def proof(self, kinds: tuple[str, ...]) -> Step | None:
        """The most readable proof of one of the kinds (or that f is affine)."""
        step = None
        if self.by == "definition":
            definition = Definition(self.cell, self.variables, self.region, self.rules)
            return definition.curvature(self.objective)
        if self.by != "hessian":
            step = self.rules.curvature(self.objective)
        if step is None and self.by is None:
            step = self._between_ends(kinds)
        if step is None and self.by != "rules":
            step = second_order(self.objective, self.variables, self.cell, self.region, kinds)
        return step

    def _between_ends(self, kinds: tuple[str, ...]) -> Step | None:
        """f affine in its only parameter c, for a < c < b: a mean of f at c = a and at c = b, both curved alike."""
        context, parameters = self.cell.context, tuple(self.cell.parameters)
        if len(parameters) != 1 or any(r.symbols & self.cell.parameters for r in context.region):
            return None
        low, high = rational_bounds(parameters[0], context.condition)
        slope = self.objective.diff(parameters[0])
        if low is None or high is None or low[0] >= high[0] or slope.has(*parameters):
            return None
        steps = []
        for end in (low[0], high[0]):
            objective = self.objective.xreplace({parameters[0]: end})
            inner = replace(self.cell, objective=objective, context=Context(context.region))
            region = prove_region_convex(inner, self.variables, _level_set_curvature(self.variables, inner))
            if region is None:
                return None
            question = _Question(objective, self.variables, inner, region, False, None)
            step = question.proof(kinds)
            if step is None or cast(Curved, step.claim).kind not in ("affine", *kinds):
                return None
            steps.append(step if cast(Curved, step.claim).strict else question._strengthened(step))
            kinds = tuple(k for k in kinds if cast(Curved, step.claim).kind in ("affine", k))
        weights = (
            (high[0] - parameters[0]) / (high[0] - low[0]),
            (parameters[0] - low[0]) / (high[0] - low[0]),
        )
        for strict in (True, False):
            claim = Curved(self.objective, self.variables, kinds[0], strict)
            step = accepted(context, claim, "curvature_sum", (*steps, self.region), multiples=weights)
            if step is not None:
                return step
        return None

    def _by_pieces(self, objective: Expr, kinds: tuple[str, ...] = ("convex", "concave")) -> Step | None:
        """A proof from the pieces between the kinks, each in a cell of its own."""

        def prove(piece: Expr, context: Context) -> Step | None:
            inner = replace(self.cell, objective=piece, context=context)
            region = prove_region_convex(inner, self.variables, _level_set_curvature(self.variables, inner))
            if region is None:
                return None
            question = _Question(piece, self.variables, inner, region, False, self.by)
            step = question.proof(kinds)
            if step is None or cast(Curved, step.claim).kind == "affine" or cast(Curved, step.claim).strict:
                return step
            return question._strengthened(step)

        return by_pieces(objective, self.variables, self.cell, self.region, kinds, prove)

    def _perhaps_strengthened(self, step: Step) -> Step:
        """The strict proof, if half of the time that is left is enough for it."""
        return self.cell.budget.share(0.5).within(lambda: self._strengthened(step), lambda: step)

    def _strengthened(self, step: Step) -> Step:
        """A strict proof by second derivatives where the rules gave one that is not strict."""
        kind = cast(Curved, step.claim).kind
        if kind == "affine":
            return step
        if len(self.variables) > 3:
            return self._with_even_powers(kind) or step
        if self.objective.has(*KINKS) and len(self.variables) == 1:
            return self._by_pieces(self.objective, (kind,)) or step
        other = second_order(self.objective, self.variables, self.cell, self.region, (kind,))
        if other is None or not cast(Curved, other.claim).strict:
            other = None
        elif trust_of((other,)) != "trusted":
            return other
        return self._with_strict_part(kind) or other or step

    def _with_strict_part(self, kind: str) -> Step | None:
        """f = g/2 + (f - g/2), with g the strictly curved terms of f, and the rest still curved."""
        terms = []
        for term in Add.make_args(self.objective):
            step = self.rules.curvature(term)
            claim = None if step is None else cast(Curved, step.claim)
            if (
                step is not None
                and claim is not None
                and claim.kind == kind
                and strict_directions(step, self.variables)
            ):
                terms.append(step)
        found = self._strictly_with(terms, kind, (S.Half, S.One / 8)) if terms else None
        return found or self._with_even_powers(kind)

    def _with_even_powers(self, kind: str) -> Step | None:
        """f = w g + (f - w g) for a polynomial f, with g a sum of even powers, in the middle of f."""
        centred = centred_powers(self.objective, self.variables)
        for power in (2, centred[0]) if centred is not None else ():
            shift = centred[1] if centred is not None else ()
            turn = 1 if kind == "convex" else -1
            weights = SMALL_WEIGHTS[:1] if self.cell.context.region else SMALL_WEIGHTS
            powers = (turn * (v - c) ** power for v, c in zip(self.variables, shift, strict=True))
            steps = [self.rules.curvature(term) for term in powers]
            found = None if None in steps else self._strictly_with(cast(list[Step], steps), kind, weights)
            if found is not None:
                return found
        return None

    def _strictly_with(self, terms: list[Step], kind: str, weights: tuple[Expr, ...]) -> Step | None:
        """f = w g + (f - w g) with g the sum of the terms, which is strictly curved, and a rest that is curved."""
        for weight in weights:
            rest = Add(self.objective, *(-weight * cast(Curved, step.claim).objective for step in terms))
            remainder = second_order(rest, self.variables, self.cell, self.region, (kind,))
            if remainder is not None:
                return accepted(
                    self.cell.context,
                    Curved(self.objective, self.variables, kind, True),
                    "curvature_sum",
                    (*terms, remainder, self.region),
                    multiples=(*(weight for _ in terms), S.One),
                )
        return None

    def _term(self, term: Expr) -> Step | None:
        """The curvature of a term (or group of terms) by second derivatives, in the variables it contains."""
        if self.by == "rules" or term == self.objective:
            return None
        own = tuple(v for v in self.variables if term.has(v))
        others = set(self.variables) - set(own)
        kept = tuple(r for r in self.cell.context.region if not r.symbols & others)
        inner = replace(
            self.cell, objective=term, variables=own, context=Context(kept, self.cell.context.condition)
        )
        region = prove_region_convex(inner, own, _level_set_curvature(own, inner)) if others else self.region
        return second_order(term, own, inner, region, ("convex", "concave")) if region is not None else None

    def _constant_hessian(self) -> Convexity | None:
        """Quadratic (and affine) functions are decided exactly, by the signs of pivots in the parameters."""
        entries = hessian_entries(self.objective, self.variables)
        if entries is None or any(e.free_symbols & set(self.variables) for row in entries for e in row):
            return None
        affine = self.rules.affine(self.objective)
        if affine is None and not any(entry for row in entries for entry in row):
            affine = self._by_pieces(self.objective, ())
        if affine is not None:
            return self._proved(affine, {})
        found = signature(entries, self.cell.sign)
        if found.up is None or found.down is None:
            step = (
                self.proof(())
                if self.by == "definition"
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
        flat = None
        if not claim.strict:
            self._split_for_strictness(step)
            flat = flat_chord(self.objective, self.variables, self.cell, step)
            if flat is not None and self.objective.has(*KINKS) and self.by in (None, "hessian"):
                affine = self._by_pieces(self.objective, ())
                if affine is not None:
                    return self._proved(affine, {})
            if flat is None and self.change is not None:
                changed = _changed(self.change, self.cell, self.refute, self.region)
                if changed.strict is not None or self.change.complete:
                    return changed
            if flat is None and self.by in (None, "hessian"):
                step = self._perhaps_strengthened(step)
        strict = False if flat is not None else cast(Curved, step.claim).strict or None
        steps = [step] if flat is None else [step, flat]
        other = witnesses.get(OPPOSITE[claim.kind])
        return Convexity(claim.kind, strict, _evidence((*steps, *([other] if other else [])), self.cell))

    def _split_for_strictness(self, step: Step) -> None:
        """Strictness may depend on whether the directions in which f is strictly curved are independent."""
        forms = [f for f in dict.fromkeys(strict_directions(step, self.variables)) if any(f)]
        if len(forms) == len(self.variables):
            determinant = SymPyMatrix(forms).det(method="berkowitz")
            if determinant.free_symbols:
                self.cell.is_nonzero(determinant)


def _free_factors(entries: Matrix, variables: tuple[Symbol, ...]) -> Iterator[Expr]:
    """Factors of second derivatives that do not depend on the variables."""
    for row in entries:
        for entry in row:
            for factor in entry.as_independent(*variables, as_Add=False)[0].as_ordered_factors():
                if factor.free_symbols:
                    yield factor


def _coefficients(entries: Matrix, variables: tuple[Symbol, ...]) -> Iterator[Expr]:
    """Of factors of f'' that are polynomials in x or in e^x: what tells their sign at the ends, and in the middle."""
    if len(variables) != 1:
        return
    try:
        _, parts = factors(entries[0][0])
    except (TooLarge, Unsupported):
        return
    for base, _ in parts:
        for unknown in (*variables, *_exponentials(base, variables)):
            poly = base.as_poly(unknown)
            fixed = poly is not None and not any(c.free_symbols & set(variables) for c in poly.coeffs())
            if poly is None or not fixed or not 1 <= poly.degree() <= MAX_DEGREE:
                continue
            yield from (q for q in (poly.LC(), poly.coeff_monomial(1)) if q.free_symbols)
            if poly.degree() == 2 or (poly.degree() > 2 and len(poly.free_symbols_in_domain) == 1):
                yield from _factors_of(poly.discriminant())


def _factors_of(discriminant: Expr) -> Iterator[Expr]:
    """What the sign of a discriminant rests on: where two zeros of f'' meet or part."""
    try:
        yield from (base for base, _ in factors(discriminant)[1] if base.free_symbols)
    except (TooLarge, Unsupported):
        return


def _exponentials(expression: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    return tuple(exp(v) for v in variables if expression.has(exp(v)))


def _quantities(objective: Expr, variables: tuple[Symbol, ...]) -> Iterator[Expr]:
    """Coefficients whose signs may settle the question, when nothing else did."""
    for term in Add.make_args(objective.expand()):
        factor, rest = term.as_independent(*variables, as_Add=False)
        if rest != 1 and factor.free_symbols:
            yield factor


def _open_parities(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The symbols for integers in exponents of the variables that may be even or odd."""
    powers = [p for p in objective.atoms(Pow) if p.base.free_symbols & set(variables)]
    found = {s for p in powers if p.exp.is_integer and p.exp.is_even is None for s in p.exp.free_symbols}
    return tuple(sorted((s for s in found if s.is_even is None), key=str))


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
