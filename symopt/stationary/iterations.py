"""For which step sizes gradient descent, the heavy ball, Nesterov's and Newton's method converge, and how fast."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, cast

from sympy import Expr, S, Symbol

from symopt.calculus.expressions import gradient, hessian
from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checks_derivative import is_smooth
from symopt.derivation.claims import (
    Attraction,
    Branch,
    Context,
    Gradient,
    Hessian,
    Holds,
    Matrix,
    Rate,
    Smooth,
    Spectrum,
    Step,
)
from symopt.derivation.iterations import METHODS, WITH_MEMORY, best, bound, geometric, usual
from symopt.derivation.series import as_known
from symopt.errors import InputError
from symopt.exact.linear import determinant
from symopt.exact.normal import NotExact, canonical, numerator_denominator
from symopt.exact.relations import reduced, with_factors
from symopt.reasoning.eigenvalues import Eigenpairs, eigenpairs, needs_formula, two_eigenvalues
from symopt.reasoning.hessian_range import bounds_at, hessian_range
from symopt.reasoning.proposing import derivatives
from symopt.reasoning.region import prove_region_convex
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.results.answers import Point
from symopt.results.evidence import Evidence, proved, undecided
from symopt.results.result import exact_value
from symopt.results.step_size_theory import MethodTheory, PointTheory, StepSizeTheory, tidied
from symopt.stationary.inertia import definite
from symopt.stationary.pieces import Piece, smooth_pieces
from symopt.stationary.points import interior, stationary_set

Letters = tuple[Symbol, Symbol]
NAMES: Final = (("eta", "h", "step"), ("beta", "m", "memory"))


def letters_for(names: Iterable[str]) -> Letters:
    """Symbols for the step size and the memory that are not among the names."""
    used = set(names)
    eta, beta = (next(n for n in (*choice, choice[0] + "_") if n not in used) for choice in NAMES)
    return Symbol(eta, real=True), Symbol(beta, real=True)


def step_size_theory(cell: Cell, letters: Letters, box: bool = False) -> StepSizeTheory:
    """The theory at every stationary point of the cell's objective.

    A quadratic function is treated on the whole space, any other one at its stationary points one by one: by the
    eigenvalues of the linearised iteration. With `box` the region bounds every variable, and the range of the Hessian in
    it gives the step sizes.
    """
    pieces = smooth_pieces(cell.objective, cell.variables)
    if pieces is None:
        return StepSizeTheory((), letters, undecided("too many pieces, or cases that are no inequalities"))
    found = [_on_piece(_cell_of(cell, piece), letters, box) for piece in pieces]
    stopped = next((one for one in found if one.evidence.status == "undecided"), None)
    if stopped is not None:
        return stopped
    points = tuple(point for one in found for point in one.points)
    told = tuple(one for one in found if one.points) or tuple(found)
    steps = dict.fromkeys(step for one in told for step in one.evidence.steps)
    return StepSizeTheory(points, letters, proved(*steps))


def _cell_of(cell: Cell, piece: Piece) -> Cell:
    """The part of the cell on which f is one smooth expression."""
    return replace(
        cell, objective=piece.objective, context=cell.context.with_region(*with_factors(piece.relations))
    )


def _on_piece(cell: Cell, letters: Letters, box: bool) -> StepSizeTheory:
    """The theory where the objective is one smooth expression."""
    found = stationary_set(cell)
    if found.evidence.status == "undecided":
        return StepSizeTheory((), letters, found.evidence)
    if not found.points and not found.complete:
        return StepSizeTheory((), letters, undecided("no stationary point was found"))
    prover = _Prover(cell, letters)
    treat = prover.in_box if box else prover.at
    treated = [treat(point) for point in found.points]
    steps = tuple(dict.fromkeys(step for _, own in treated for step in own))
    theories = tuple(theory for theory, _ in treated)
    if theories and not steps:
        nothing = "the eigenvalues of the Hessian at the stationary points could not be bounded"
        return StepSizeTheory(theories, letters, undecided(nothing))
    return StepSizeTheory(theories, letters, proved(*(steps or found.evidence.steps)))


class _Prover:
    """One function, with the steps that the theory of each of its stationary points rests on."""

    def __init__(self, cell: Cell, letters: Letters) -> None:
        self.cell, (self.eta, self.beta) = cell, letters
        self.objective, self.variables = cell.objective, cell.variables
        self.context = Context(interior(cell.context.region), cell.context.condition)
        f, x = self.objective, self.variables
        self.gradient = derivatives(self.context, Gradient(f, x, gradient(f, x)))
        self.hessian = derivatives(self.context, Hessian(f, x, hessian(f, x)))
        self.smooth = None
        if is_smooth(f, x, self.context.relations):
            self.smooth = Step(self.context, Smooth(f, x), "smooth_by_table")
        constant = not any(e.free_symbols & set(x) for row in self.entries for e in row)
        self.signs: dict[Step, tuple[Step, ...]] = {}
        self.effect = "converges" if constant and not self.context.region else "attracted"

    @property
    def entries(self) -> Matrix:
        return cast(Hessian, self.hessian.claim).entries

    def at(self, point: Point) -> tuple[PointTheory, list[Step]]:
        """The theory at a stationary point, and its steps."""
        branch = _one_point(point.branch)
        place = self._place(branch)
        matrix = tuple(
            tuple(reduced(canonical(e.xreplace(branch.values)), place.relations) for e in row)
            for row in self.entries
        )
        spectrum = None if branch.free else self._spectrum(matrix, branch, place)
        if spectrum is None:
            return PointTheory(
                point, branch, None, None, False, tuple(MethodTheory(m, None) for m in METHODS)
            ), []
        methods, steps = [], [spectrum]
        for method in METHODS:
            theory, own = self._method(method, branch, spectrum, point)
            methods.append(theory)
            steps += own
        claim = cast(Spectrum, spectrum.claim)
        return PointTheory(point, branch, claim.low, claim.high, claim.attained, tuple(methods)), steps

    def in_box(self, point: Point) -> tuple[PointTheory, list[Step]]:
        """Gradient descent in a ball about the point, by the range of the Hessian on the region."""
        branch = _one_point(point.branch)
        inside = replace(self.cell, context=self.context)
        spectrum = hessian_range(self.entries, self.variables, inside)
        convex = prove_region_convex(inside, self.variables, lambda *_: None)
        if spectrum is None or convex is None:
            return PointTheory(point, branch, None, None, False, (MethodTheory("gd", None),)), []
        claim = cast(Spectrum, spectrum.claim)
        theory, steps = MethodTheory("gd", None), [spectrum]
        if prove_relation(Relation(claim.low, ">"), self._place(branch)) is not None:
            premises = (*self._premises(spectrum, branch), convex)
            limit = tidied(bound("gd", claim.high, S.Zero))
            step = self._attraction("gd", branch, (S.Zero, limit), "contracts", premises)
            rate = self._rate("gd", branch, spectrum, "bound", premises)
            if step is not None and rate is not None:
                theory, steps = _theory("gd", "contracts", (S.Zero, limit), rate), [spectrum, step, rate]
        return PointTheory(point, branch, claim.low, claim.high, False, (theory,)), steps

    def _place(self, branch: Branch) -> Context:
        return Context((), self.context.condition + branch.relations)

    def _sign(self, quantity: Expr, branch: Branch) -> int | None:
        """The sign of a quantity at a branch; splits the cell where parameters decide."""
        found = prove_sign(quantity, self._place(branch))
        if found is None and quantity.free_symbols and quantity.free_symbols <= self.cell.parameters:
            return self.cell.sign(quantity)
        return None if found is None else found[0]

    def _spectrum(self, matrix: Matrix, branch: Branch, place: Context) -> Step | None:
        """The eigenvalues by eigenvectors; bounds where they are not known in closed form, or cannot be compared."""
        # The signs of roots of algebraic numbers are slow to prove, and nobody reads them.
        easy = not branch.numbers or all(e == 0 for i, row in enumerate(matrix) for e in row[:i])
        if easy and needs_formula(matrix):
            return self._of_two(matrix, branch, place)
        pairs = eigenpairs(matrix) if easy else None
        exact = None if pairs is None else self._by_eigenvectors(matrix, pairs, branch, place)
        if exact is not None:
            return exact
        ends = bounds_at(matrix, {n.symbol: n.interval for n in branch.numbers})
        if ends is None:
            return None
        n, proofs = len(matrix), []
        for sign, end in ((1, ends[0]), (-1, ends[1])):
            rest = tuple(
                tuple(canonical(sign * (matrix[i][j] - (end if i == j else 0))) for j in range(n))
                for i in range(n)
            )
            proofs.append(definite(rest, ">", place))
        if None in proofs:
            return None
        premises = tuple(step for step in proofs if step is not None)
        step = Step(place, Spectrum(matrix, *ends, False), "eigenvalue_bounds", premises)
        return step if follows(step) else None

    def _by_eigenvectors(
        self, matrix: Matrix, pairs: Eigenpairs, branch: Branch, place: Context
    ) -> Step | None:
        values, vectors = (tuple(entry) for entry in zip(*pairs, strict=True))
        regular = [d for v in vectors for e in v for d in (numerator_denominator(e)[1],) if d.free_symbols]
        regular = [*dict.fromkeys(regular), determinant(vectors)]
        if any(q.free_symbols and self._sign(q, branch) in (None, 0) for q in regular):
            return None
        low = high = values[0]
        for value in values[1:]:
            below, above = (self._sign(canonical(value - end), branch) for end in (low, high))
            if below is None or above is None:
                return None
            low, high = value if below < 0 else low, value if above > 0 else high
        if any(self._sign(end, branch) is None for end in (low, high)):
            return None
        wanted = [Relation(d, ">=") for v in values for d in (v - low, high - v)]
        wanted += [Relation(q, "!=") for q in regular]
        proofs = (prove_relation(r, place) for r in dict.fromkeys(wanted) if r.expression.free_symbols)
        premises = tuple(step for step in proofs if step is not None)
        data = (("values", values), ("vectors", vectors))
        step = Step(place, Spectrum(matrix, low, high, True), "eigenvectors", premises, data)
        return step if follows(step) else None

    def _of_two(self, matrix: Matrix, branch: Branch, place: Context) -> Step | None:
        """The eigenvalues of a 2 x 2 matrix by the formula, and their signs by those of its minors."""
        (p, _), (_, r) = matrix
        product, trace = determinant(matrix), canonical(p + r)
        sign = self._sign(product, branch)
        first = self._sign(p, branch) if sign in (0, 1) else -1
        if sign is None or not first:
            return None
        asked = [e for e in ((product, p) if sign in (0, 1) else (product,)) if e.free_symbols]
        proofs = tuple(found[1] for e in asked if (found := prove_sign(e, place)) is not None)
        ends = two_eigenvalues(matrix)
        if sign == 0:
            ends = (S.Zero, trace) if first > 0 else (trace, S.Zero)
        claim = Spectrum(matrix, *ends, True)
        # The formula holds for all values for which the entries are defined.
        least = () if sign == 0 else (Step(Context(), claim, "eigenvalues_of_two"),)
        tried = (*least, Step(place, claim, "eigenvalues_of_two", proofs))
        step = next((step for step in tried if follows(step)), None)
        if step is None:
            return None
        roots = (canonical(trace + 2 * geometric(*ends)),) if sign == 1 and first > 0 else ()
        for expression in (*ends, trace, *roots):
            for op in (">", "<"):
                own = Step(place, Holds(Relation(expression, op)), "signs_of_two", (step, *proofs))
                if follows(own):
                    self.signs[step] = (*self.signs.get(step, ()), own)
        return step

    def _method(
        self, method: str, branch: Branch, spectrum: Step, point: Point
    ) -> tuple[MethodTheory, list[Step]]:
        claim, premises = cast(Spectrum, spectrum.claim), self._premises(spectrum, branch)
        limit = S.Infinity
        with suppress(ZeroDivisionError):
            limit = tidied(bound(method, claim.high, self.beta)) if claim.high != 0 else S.Infinity
        if limit != S.Infinity:
            inside = self._attraction(method, branch, (S.Zero, limit), self.effect, premises)
            if inside is not None:
                steps = [inside]
                if self.effect == "attracted" and claim.attained and method != "newton":
                    beyond = self._attraction(method, branch, (limit, S.Infinity), "repelled", premises)
                    steps += [] if beyond is None else [beyond]
                rate = None
                if claim.attained:
                    kind = "best" if method in ("gd", "momentum") else "exact"
                    rate = self._rate(method, branch, spectrum, kind, premises)
                steps += [] if rate is None else [rate]
                return _theory(method, self.effect, (S.Zero, limit), rate), steps
        down, more = self._downward(point, branch, claim)
        outside = self._attraction(
            method, branch, (S.Zero, S.Infinity), "repelled", (*premises, *more), direction=down
        )
        if outside is None:
            return MethodTheory(method, None), []
        return _theory(method, "repelled", (S.Zero, S.Infinity), None), [outside]

    def _downward(
        self, point: Point, branch: Branch, claim: Spectrum
    ) -> tuple[object | None, tuple[Step, ...]]:
        """The direction in which the point's label has shown f to fall, where the eigenvalues are not known."""
        if claim.attained or point.evidence is None:
            return None, ()
        for step in point.evidence.steps:
            v = step.data("down")
            if not isinstance(v, tuple):
                continue
            place = self._place(branch)
            form = sum(
                (
                    a * b * e
                    for a, row in zip(v, claim.matrix, strict=True)
                    for b, e in zip(v, row, strict=True)
                ),
                S.Zero,
            )
            proof = prove_relation(Relation(as_known(form, place.relations), "<"), place)
            if proof is not None:
                return v, (proof,)
        return None, ()

    def _premises(self, spectrum: Step, branch: Branch) -> tuple[Step, ...]:
        """The derivatives, the spectrum and the signs of its ends."""
        claim = cast(Spectrum, spectrum.claim)
        ends = [Relation(e, op) for e in (claim.low, claim.high) for op in (">", "<", ">=")]
        with suppress(NotExact):
            ends.append(Relation(determinant(claim.matrix), "!="))
        free = (r for r in dict.fromkeys(ends) if r.expression.free_symbols)
        signs = self.signs.get(spectrum, ())
        if not signs:
            signs = tuple(step for r in free if (step := prove_relation(r, self._place(branch))) is not None)
        smooth = () if self.smooth is None else (self.smooth,)
        return (self.gradient, self.hessian, *smooth, spectrum, *signs)

    def _attraction(
        self,
        method: str,
        branch: Branch,
        interval: tuple[Expr, Expr],
        effect: str,
        premises: tuple[Step, ...],
        direction: object = None,
    ) -> Step | None:
        low, high = interval
        when: tuple[Relation, ...] = (Relation(self.eta - low, ">"),)
        when += () if high == S.Infinity else (Relation(self.eta - high, "<"),)
        memory = self.beta if method in WITH_MEMORY else None
        claim = Attraction(self.objective, self.variables, branch, method, self.eta, memory, when, effect)
        data = () if direction is None else (("direction", direction),)
        return _slim(Step(self.context, claim, f"iteration_{effect}", premises, data))

    def _rate(
        self, method: str, branch: Branch, spectrum: Step, kind: str, premises: tuple[Step, ...]
    ) -> Step | None:
        claim = cast(Spectrum, spectrum.claim)
        if method != "newton" and (claim.low == 0 or claim.high == 0):
            return None
        choose = usual if kind == "exact" else best
        size, memory, factor = choose(method, claim.low, claim.high)
        told = Rate(
            self.objective,
            self.variables,
            branch,
            method,
            tidied(size),
            None if memory is None else tidied(memory),
            tidied(factor),
            kind,
        )
        step = _slim(Step(self.context, told, f"rate_{kind}", premises))
        if step is not None or method == "newton" or not claim.high.free_symbols:
            return step
        # The formulas divide by the sum of the ends, and by that and twice the root of their product.
        total = canonical(claim.low + claim.high)
        positive = (total, canonical(claim.low * claim.high), total + 2 * geometric(claim.low, claim.high))
        proofs = (prove_relation(Relation(e, ">"), self._place(branch)) for e in positive)
        more = tuple(proof for proof in proofs if proof is not None)
        return _slim(Step(self.context, told, f"rate_{kind}", (*premises, *more)))


def _slim(step: Step) -> Step | None:
    """The step, if the checker takes it, without the signs and the smoothness that it does not need."""
    if not follows(step):
        return None
    for premise in step.premises:
        if isinstance(premise.claim, Holds | Smooth):
            less = replace(step, premises=tuple(p for p in step.premises if p is not premise))
            step = less if follows(less) else step
    return step


def _theory(method: str, effect: str, interval: tuple[Expr, Expr], rate: Step | None) -> MethodTheory:
    """What is proved of a method, as a value."""
    if rate is None:
        return MethodTheory(method, effect, interval)
    said = cast(Rate, rate.claim)
    return MethodTheory(method, effect, interval, said.step_size, said.memory, said.factor, said.kind)


def _one_point(branch: Branch) -> Branch:
    """A member of a family: the one at which its free symbols are 0; a point is itself."""
    if not branch.free or branch.where:
        return branch
    values = {symbol: S.Zero for symbol, _ in branch.free}
    return Branch(tuple((u, e.xreplace(values)) for u, e in branch.at), branch.numbers)


def give_up(letters: Letters, reason: str, stopped_by: str) -> StepSizeTheory:
    """The undecided answer."""
    return StepSizeTheory((), letters, Evidence("undecided", (), reason, stopped_by))


def bounds_of(region: tuple[tuple[Any, Any], ...], variables: tuple[Symbol, ...]) -> tuple[Relation, ...]:
    """low <= x <= high for each variable, or an InputError."""
    names = ", ".join(map(str, variables))
    if len(region) != len(variables):
        raise InputError(f"the region has {len(region)} ranges; give one (low, high) for each of {names}")
    found: list[Relation] = []
    for variable, ends in zip(variables, region, strict=True):
        try:
            low, high = (exact_value(end) for end in ends)
        except TypeError:
            raise InputError(f"the range {ends!r} of {variable} is not a pair (low, high)") from None
        if not (low.is_Rational and high.is_Rational and low < high):
            raise InputError(
                f"the range ({low}, {high}) of {variable} needs two fractions, the smaller first"
            )
        found += [Relation(variable - low, ">="), Relation(variable - high, "<=")]
    return tuple(found)
