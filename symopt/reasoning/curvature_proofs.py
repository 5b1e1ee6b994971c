"""Proofs that one function is curved on one convex region, from the most readable to the strongest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, cast

from sympy import Add, Expr, Rational, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checks_pieces import KINKS
from symopt.derivation.claims import Context, Curved, Step
from symopt.derivation.strictness import strict_directions
from symopt.exact.dependence import depends_on
from symopt.exact.normal import canonical
from symopt.exact.relations import rational_bounds
from symopt.reasoning.composition import Composition
from symopt.reasoning.coupling import Coupled, separated
from symopt.reasoning.definition import Definition
from symopt.reasoning.pieces import by_pieces
from symopt.reasoning.proposing import accepted, facts_for
from symopt.reasoning.quadratic import signature
from symopt.reasoning.refute import flat_chord
from symopt.reasoning.region import prove_region_convex
from symopt.reasoning.second_order import centred_powers, hessian_entries, second_order
from symopt.relation import Relation
from symopt.results.evidence import trust_of

SMALL_WEIGHTS: Final = tuple(Rational(1, 10**k) for k in (1, 2, 4))
LevelSets = Callable[[Expr, Context, Step], Step | None]


def level_set_curvature(variables: tuple[Symbol, ...], cell: Cell) -> LevelSets:
    """The curvature of a constraint on the region of the constraints before it."""

    def curvature(expression: Expr, before: Context, region: Step) -> Step | None:
        inner = replace(cell, objective=expression, context=before)
        return Proofs(expression, variables, inner, region).proof(("convex", "concave"))

    return curvature


class Proofs:
    """The provers over one objective, one cell and one convex region.

    `by` chooses "rules", "hessian" or "definition"; without it the most readable proof that there is comes first.
    """

    def __init__(
        self, objective: Expr, variables: tuple[Symbol, ...], cell: Cell, region: Step, by: str | None = None
    ) -> None:
        self.objective, self.variables, self.cell = objective, variables, cell
        self.region, self.by = region, by
        self.rules = Composition(cell, variables, region, self._term, self.by_pieces, self._elsewhere)

    def proof(self, kinds: tuple[str, ...]) -> Step | None:
        """The most readable proof of one of the kinds (or that f is affine)."""
        step = None
        if self.by == "definition":
            definition = Definition(self.cell, self.variables, self.region, self.rules)
            return definition.curvature(self.objective)
        if self.by != "hessian":
            step = self.rules.curvature(self.objective)
        if step is None and self.by == "rules":
            step = self._as_squares(self.objective)
        if step is None and self.by is None:
            step = self._between_ends(kinds) or self.coupled(kinds)
        if step is None and self.by != "rules":
            step = second_order(self.objective, self.variables, self.cell, self.region, kinds)
        if step is None and self.by is None:
            step = self._above_parabola(kinds)
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
            region = prove_region_convex(inner, self.variables, level_set_curvature(self.variables, inner))
            if region is None:
                return None
            proofs = Proofs(objective, self.variables, inner, region)
            step = proofs.proof(kinds)
            if step is None or cast(Curved, step.claim).kind not in ("affine", *kinds):
                return None
            steps.append(step if cast(Curved, step.claim).strict else proofs.strengthened(step))
            kinds = tuple(k for k in kinds if cast(Curved, step.claim).kind in ("affine", k))
        weights = (
            (high[0] - parameters[0]) / (high[0] - low[0]),
            (parameters[0] - low[0]) / (high[0] - low[0]),
        )
        return self._sum_of(tuple(steps), kinds[0], weights)

    def coupled(self, kinds: tuple[str, ...]) -> Step | None:
        """Functions of one variable each that together bend more than a quadratic form couples them."""
        for kind in kinds:
            found = self.separated(kind)
            if found is None:
                continue
            form, functions = self._term(found.form), self.functions_of(found, kind)
            if form is None or functions is None or cast(Curved, form.claim).kind != kind:
                continue
            step = self._sum_of((*functions, form), kind)
            if step is not None:
                return step
        return None

    def _sum_of(
        self,
        steps: tuple[Step, ...],
        kind: str,
        weights: tuple[Expr, ...] | None = None,
        objective: Expr | None = None,
        signs: tuple[Step, ...] = (),
    ) -> Step | None:
        """The function (or f) as a sum with weights (or 1 for each), strictly where that is seen."""
        weights = tuple(S.One for _ in steps) if weights is None else weights
        function = self.objective if objective is None else objective
        for strict in (True, False):
            claim, premises = Curved(function, self.variables, kind, strict), (*steps, *signs, self.region)
            step = accepted(self.cell.context, claim, "curvature_sum", premises, multiples=weights)
            if step is not None:
                return step
        return None

    def _above_parabola(self, kinds: tuple[str, ...]) -> Step | None:
        """f = (g - q) + (q + r) for the quadratic terms r of f and the form q with the second derivatives of g at 0.

        So e^(x^2 + y^2) - 2 x y is convex, as e^s - s is for s = x^2 + y^2 and (x - y)^2 is.
        """
        own = set(self.variables)
        terms = Add.make_args(self.objective)
        rest = [t for t in terms if t.is_polynomial(*own) and t.as_poly(*self.variables).total_degree() <= 2]
        if self.cell.parameters or len(own) < 2 or not rest or len(rest) == len(terms):
            return None
        function = Add(*(t for t in terms if t not in rest))
        entries = hessian_entries(function, self.variables)
        if entries is None:
            return None
        origin = dict.fromkeys(self.variables, S.Zero)
        bends = tuple(tuple(e.xreplace(origin) for e in row) for row in entries)
        if not all(isinstance(e, Rational) for row in bends for e in row):
            return None
        n = range(len(self.variables))
        form = Add(*(bends[i][j] * self.variables[i] * self.variables[j] / 2 for i in n for j in n))
        steps = [self._term(part) for part in (Add(*rest, form), function - form)]
        if any(s is None for s in steps):
            return None
        kind = cast(Curved, cast(Step, steps[1]).claim).kind
        return self._sum_of(tuple(reversed(cast(list[Step], steps))), kind) if kind in kinds else None

    def separated(self, kind: str) -> Coupled | None:
        """f as functions of one variable each and a quadratic form, as is best for a proof of that kind."""
        region, parameters = self.cell.context.region, frozenset(self.cell.parameters)
        return separated(self.objective, self.variables, parameters, region, kind)

    def functions_of(self, found: Coupled, kind: str) -> tuple[Step, ...] | None:
        """Proofs that the functions of one variable are of that kind."""
        steps = [self._term(function) for function in found.functions]
        if any(s is None or cast(Curved, s.claim).kind != kind for s in steps):
            return None
        return tuple(cast(list[Step], steps))

    def by_pieces(self, objective: Expr, kinds: tuple[str, ...] = ("convex", "concave")) -> Step | None:
        """A proof from the pieces between the kinks, each in a cell of its own."""

        def prove(piece: Expr, context: Context) -> Step | None:
            return self._elsewhere(replace(self.cell, objective=piece, context=context), kinds)

        return by_pieces(objective, self.variables, self.cell, self.region, kinds, prove)

    def _elsewhere(self, cell: Cell, kinds: tuple[str, ...] = ("convex", "concave")) -> Step | None:
        """A proof for another function on a region of its own, strictly where that is seen."""
        variables = cell.variables
        region = prove_region_convex(cell, variables, level_set_curvature(variables, cell))
        if region is None:
            return None
        proofs = Proofs(cell.objective, variables, cell, region, self.by)
        step = proofs.proof(kinds)
        if step is None or cast(Curved, step.claim).kind == "affine" or cast(Curved, step.claim).strict:
            return step
        if len(variables) > 1 and flat_chord(cell.objective, variables, cell, step) is not None:
            return step  # it is not strictly curved
        stronger = proofs.strengthened(step)
        return stronger if cast(Curved, stronger.claim).strict else step

    def strengthened(self, step: Step) -> Step:
        """A strict proof by second derivatives where the rules gave one that is not strict."""
        kind = cast(Curved, step.claim).kind
        if kind == "affine":
            return step
        if len(self.variables) > 3:
            return self._with_even_powers(kind) or step
        if self.objective.has(*KINKS) and len(self.variables) == 1:
            return self.by_pieces(self.objective, (kind,)) or step
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

    def _as_squares(self, term: Expr) -> Step | None:
        """A quadratic function as an affine one and squares of affine ones with weights of one sign."""
        entries = hessian_entries(term, self.variables)
        if entries is None or any(depends_on(e, frozenset(self.variables)) for row in entries for e in row):
            return None
        form = signature(entries, self.cell.sign)
        if form.lower is None or form.diagonal is None or (form.up is None) == (form.down is None):
            return None
        columns = zip(*form.lower, strict=True)
        linear = [sum((a * v for a, v in zip(c, self.variables, strict=True)), S.Zero) for c in columns]
        squares = [(d / 2, u**2) for d, u in zip(form.diagonal, linear, strict=True) if d != 0]
        rest = canonical(term - Add(*(weight * square for weight, square in squares)))
        terms = [*squares, *([(S.One, rest)] if rest != 0 else [])]
        steps = [self.rules.curvature(function) for _, function in terms]
        if None in steps:
            return None
        kind, op = ("convex", ">") if form.down is None else ("concave", "<")
        weights = tuple(weight for weight, _ in terms)
        signs = facts_for(
            (Relation(w, op) for w, _ in squares if w.free_symbols), Context((), self.cell.context.condition)
        )
        return self._sum_of(tuple(cast(list[Step], steps)), kind, weights, term, signs or ())

    def _term(self, term: Expr) -> Step | None:
        """The curvature of a term (or group of terms) by second derivatives, in the variables it contains."""
        if self.by == "rules":
            return self._as_squares(term)
        if term == self.objective:
            return None
        own = tuple(v for v in self.variables if term.has(v))
        others = set(self.variables) - set(own)
        kept = tuple(r for r in self.cell.context.region if not r.symbols & others)
        inner = replace(
            self.cell, objective=term, variables=own, context=Context(kept, self.cell.context.condition)
        )
        region = prove_region_convex(inner, own, level_set_curvature(own, inner)) if others else self.region
        return second_order(term, own, inner, region, ("convex", "concave")) if region is not None else None
