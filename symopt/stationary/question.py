"""The question of a global extremum in one cell, and what its provers share: candidates, values, claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, permutations, product
from typing import Final, cast

from sympy import Abs, Expr, Integer, Max, Min, Rational, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checking import is_zero
from symopt.derivation.checks_attained import FAR
from symopt.derivation.checks_points import lies_on
from symopt.derivation.claims import (
    Branch,
    Context,
    Cover,
    Curved,
    Holds,
    Number,
    Optimal,
    Stationary,
    Step,
    Vector,
)
from symopt.derivation.extremal_points import (
    BEYOND,
    are_apart,
    beside_first,
    box_of,
    excess,
    is_beaten,
    keeps_region,
    line_through,
    tilt_of,
)
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.absolute import in_absolute_values
from symopt.exact.derivatives import singularities
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical, is_identical
from symopt.exact.residues import residue
from symopt.reasoning.sign import prove_infeasible, prove_relation, prove_sign
from symopt.relation import Relation
from symopt.results.answers import Convexity, StationarySet
from symopt.stationary.comparing import prove_at_numbers, prove_beside_level, prove_far_out
from symopt.stationary.covers import solver_for
from symopt.stationary.pieces import smooth_pieces
from symopt.stationary.setting import at_place, by_numbers
from symopt.stationary.solver import Unsolved

MAX_MIRRORED: Final = 3
SIMPLEST: Final = 12  # the largest denominator of a centre
MAX_TRIED: Final = 200
SIMPLE: Final[tuple[Expr, ...]] = (*map(Integer, (1, 0, -1, 2, -2, 3, -3)), S.Half, -S.Half)


@dataclass(frozen=True)
class Question:
    """What is asked of one cell: the infimum (sense "min") or supremum ("max") of f over its region.

    `open_signs` collects quantities in the parameters whose sign stopped a proof; asking for one splits it.
    """

    sense: str
    objective: Expr
    variables: tuple[Symbol, ...]
    cell: Cell
    stationary: StationarySet
    convexity: Convexity
    open_signs: list[Expr] = field(default_factory=list, compare=False)

    @property
    def context(self) -> Context:
        return self.cell.context

    @property
    def condition(self) -> Context:
        """The context without the region: what holds of the parameters."""
        return Context((), self.cell.context.condition)

    @property
    def far(self) -> Expr:
        """The infinity that is harmless: oo for a minimum, -oo for a maximum."""
        return FAR[self.sense]

    @property
    def is_open(self) -> bool:
        return all(relation.is_strict for relation in self.context.region)

    @property
    def stationary_step(self) -> Step | None:
        """The proof that lists the stationary points, where f is given by one smooth expression."""
        return next(
            (s for s in self.stationary_steps if cast(Stationary, s.claim).objective == self.objective), None
        )

    @property
    def stationary_steps(self) -> tuple[Step, ...]:
        """The proofs that list the stationary points of each smooth piece of f."""
        return tuple(s for s in self.stationary.evidence.steps if isinstance(s.claim, Stationary))

    @property
    def curved_step(self) -> Step | None:
        """The proof that f is curved so that stationary points are extrema of this sense."""
        kinds = ("affine", "convex" if self.sense == "min" else "concave")
        return next(
            (
                s
                for s in self.convexity.evidence.steps
                if isinstance(s.claim, Curved) and s.claim.kind in kinds
            ),
            None,
        )

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The stationary points found, complete or not."""
        step = self.stationary_step
        return () if step is None else cast(Stationary, step.claim).branches

    def better(self, a: Expr, b: Expr) -> bool:
        """Whether a value is proved to be beyond another: lower for a minimum."""
        return prove_relation(Relation(b - a, BEYOND[self.sense]), self.condition) is not None

    def value_at(self, branch: Branch) -> Expr | None:
        """f on a branch, written shortly; None where it varies along a family."""
        value = excess(self.objective, S.Zero, branch)
        if branch.numbers:
            value = residue(self.objective, branch.values, branch.relations) or value
            if value.has(Abs, Max, Min) and is_zero(value, branch.relations):
                return S.Zero
        with suppress(NotExact):
            form = at_place(canonical(value), self.place(branch))
            value = value if 2 * operations(value) < operations(form) else form
        value = by_numbers(value, branch) if branch.numbers else value
        varying = {symbol for symbol, _ in branch.free} | {n.symbol for n in branch.moving}
        return None if value.free_symbols & varying else value

    def kinks(self, written_out: bool = False) -> tuple[Step, ...] | None:
        """Covers of the sets where f may not be differentiable; None where one is not solved.

        Maxima and minima have kinks that are known where they are written out with absolute values.
        """
        objective = in_absolute_values(self.objective) if written_out else self.objective
        needed = singularities(objective, self.variables)
        if needed is None:
            return None
        steps = []
        names = {str(s) for s in self.objective.free_symbols | self.cell.parameters}
        for relation in needed:
            if prove_relation(relation, self.context) is not None:
                continue
            try:
                found = solver_for(self.cell, names).solve(
                    (relation.expression,), self.variables, self.context
                )
            except Unsolved:
                return None
            claim = cast(Cover, found.claim)
            if claim.equations != (relation.expression,):
                listed = Cover((relation.expression,), self.variables, claim.branches)
                found = Step(self.context, listed, "cover_rewritten", (found,))
            steps.append(found)
        return tuple(steps)

    def candidates(self, written_out: bool = False) -> tuple[tuple[Branch, ...], tuple[Step, ...]] | None:
        """All points that can hold an extremum inside the region, with the steps that say so, or None."""
        if self.stationary.searched is not None:
            return None
        kinks, steps = (
            self.kinks(written_out),
            tuple(s for s in self.stationary_steps if s.rule != "stationary_across"),
        )
        if kinks is None or not steps or not all(cast(Stationary, s.claim).complete for s in steps):
            return None
        listed = [b for s in steps for b in cast(Stationary, s.claim).branches]
        listed += [b for kink in kinks for b in cast(Cover, kink.claim).branches]
        return tuple(dict.fromkeys(listed)), (*steps, *kinks, *self._empty_pieces())

    def _empty_pieces(self) -> tuple[Step, ...]:
        """Proofs that some choices of signs inside the absolute values are not to be had in the region."""
        pieces = smooth_pieces(in_absolute_values(self.objective), self.variables) or ()
        return present(
            prove_infeasible(self.context.with_region(*piece.relations))
            for piece in pieces
            if piece.relations
        )

    def smoothness(self) -> tuple[Step, ...]:
        """Proofs of the relations under which f is differentiable, for the checker to read."""
        needed = singularities(self.objective, self.variables) or ()
        return present(prove_relation(r, self.context) for r in needed)

    def split(
        self, value: Expr, candidates: Iterable[Branch]
    ) -> tuple[tuple[Branch, ...], tuple[Step, ...]] | None:
        """The candidates that have the value, and proofs that all others are worse, or None."""
        best: list[Branch] = []
        worse: list[Step] = []
        candidates = tuple(part for b in candidates for part in self._parts(b, value))
        numbers = self.numbers_of(value, candidates)
        candidates = tuple(sorted(candidates, key=lambda b: not set(b.numbers) & set(numbers)))
        for branch in candidates:
            difference = excess(self.objective, value, branch)
            place = self.place(branch, numbers)
            rest = residue(self.objective - value, branch.values, place.relations) if branch.numbers else None
            touching = _touching(difference, place) if branch.numbers and rest is None else ()
            known = (*place.relations, *(cast(Holds, step.claim).relation for step in touching))
            if rest == 0 or (touching and is_zero(difference, known)):
                best.append(branch)
                worse += touching
                continue
            roots = branch is not candidates[0] and bool(numbers) and bool(branch.numbers)
            tilt = self.tilt_at(branch) if roots else None
            if tilt is not None:
                if not self._is_beaten(value, candidates[0], branch, tilt):
                    return None  # the value is that of another root
                worse += tilt
                continue
            worse_at_numbers = prove_at_numbers(
                Relation(difference, BEYOND[self.sense]), place, (*numbers, *branch.numbers)
            )
            if worse_at_numbers is not None:
                worse.append(worse_at_numbers)
                continue
            if best and branch.numbers and self.is_mirrored(best[0], branch):
                best.append(branch)
                continue
            if rest is not None:
                return None
            equal = prove_relation(Relation(difference, "=="), place)
            if equal is not None:
                if branch.at not in [b.at for b in best] or branch.numbers or branch.free:
                    best.append(branch)
                worse.append(equal)
                continue
            beyond = Relation(difference, BEYOND[self.sense])
            step = None
            if numbers and branch.free:
                on_family = self.objective.xreplace(branch.values)
                step = prove_beside_level(on_family, value, self.sense, place, numbers)
            elif branch.moving:
                step = prove_far_out(beyond, place)
            step = step or prove_relation(beyond, place)
            if step is None:
                if difference.free_symbols <= self.cell.parameters:
                    self.open_signs.append(difference)
                return None
            worse.append(step)
        return tuple(best), tuple(worse)

    def _parts(self, branch: Branch, value: Expr) -> tuple[Branch, ...]:
        """A family over the integers from one on, with its first member apart where f has the value there."""
        apart = beside_first(branch)
        return (branch,) if apart is None or self.value_at(apart[0]) != value else apart

    def values_at(self, branches: Iterable[Branch]) -> Iterator[Expr | None]:
        """f on each branch, or at its first member where it varies."""
        for branch in branches:
            value, apart = self.value_at(branch), beside_first(branch)
            yield self.value_at(apart[0]) if value is None and apart is not None else value

    @cached_property
    def symmetries(self) -> tuple[Vector, ...]:
        """The changes of order and signs of the variables that leave f and the region alone, the identity apart.

        Reflections in other centres than 0 are proposed by the points between which they may lie.
        """
        n = len(self.variables)
        if n > MAX_MIRRORED:
            return ()
        changes = (
            tuple(sign * v for sign, v in zip(signs, order, strict=True))
            for order in permutations(self.variables)
            for signs in product((1, -1), repeat=n)
        )
        reflections = product(*((v, *(c - v for c in self._sums_of(v))) for v in self.variables))
        every = dict.fromkeys((*changes, *reflections))
        return tuple(c for c in every if c != self.variables and self._is_symmetry(c))

    def _sums_of(self, variable: Symbol) -> tuple[Rational, ...]:
        """Simple numbers other than 0 that a coordinate of two stationary points at auxiliary numbers adds up to."""
        place = self.variables.index(variable)
        boxes = [box_of(p.branch)[place] for p in self.stationary.points if p.branch.numbers]
        middles = [m for box in boxes if box is not None and (m := (box[0] + box[1]) / 2).is_finite]
        sums = (Fraction(float(a + b)).limit_denominator(SIMPLEST) for a, b in combinations(middles, 2))
        return tuple(Rational(c.numerator, c.denominator) for c in dict.fromkeys(sums) if c)[:MAX_MIRRORED]

    def _is_symmetry(self, change: Vector) -> bool:
        try:
            images = dict(zip(self.variables, change, strict=True))
            same = is_identical(self.objective.xreplace(images), self.objective)
            return same and keeps_region(self.context.region, images)
        except NotExact:
            return False

    def is_mirrored(self, first: Branch, branch: Branch) -> bool:
        """Whether a symmetry seems to take one point to the other; the checker makes sure."""
        if branch.free:
            return False
        images = (
            Branch(
                tuple((v, e.xreplace(first.values)) for v, e in zip(self.variables, c, strict=True)),
                first.numbers,
            )
            for c in self.symmetries
        )
        return any(not are_apart(box_of(image), box_of(branch)) for image in images)

    def tilt_at(self, branch: Branch) -> tuple[Step, ...] | None:
        """The signs of a and m for a quartic on a line (`tilt_of`), which tell the best root of its derivative there.

        The cell is split where they are open.
        """
        on_line = line_through(self.objective, branch)
        found = None if on_line is None or self.context.region else tilt_of(*on_line)
        if found is None or not any(n.varies for n in branch.numbers):
            return None
        proofs = []
        for quantity in found:
            if quantity.has(*self.variables) or self.cell.sign(quantity) == 0:
                return None
            known = prove_sign(quantity, self.condition)
            if known is None:
                return None
            proofs.append(known[1])
        return tuple(proofs)

    def _is_beaten(self, value: Expr, first: Branch, branch: Branch, tilt: tuple[Step, ...]) -> bool:
        """Whether the signs of `tilt_at` show that a root of the derivative is not the best, beside that of the value."""
        claim = Optimal(self.objective, self.variables, self.sense, value, True, (first,), True)
        known = (*self.condition.condition, *(cast(Holds, step.claim).relation for step in tilt))
        return is_beaten(claim, branch, known)

    @staticmethod
    def numbers_of(value: Expr, candidates: Iterable[Branch]) -> tuple[Number, ...]:
        """The auxiliary numbers that a value holds."""
        return tuple(dict.fromkeys(n for branch in candidates for n in branch.numbers if value.has(n.symbol)))

    def place(self, branch: Branch, numbers: tuple[Number, ...] = ()) -> Context:
        """What is known of the symbols of a branch, and of the numbers of a value."""
        return self.condition.with_condition(*(r for n in numbers for r in n.relations), *branch.relations)

    def inside(self, branches: Iterable[Branch]) -> tuple[Step, ...]:
        """Proofs that the branches lie in the region."""
        return present(
            prove_relation(r.at(branch.values), self.place(branch))
            for branch in branches
            for r in self.context.region
        )

    def conclude(
        self, rule: str, claim: Optimal, premises: Iterable[Step | None], **data: object
    ) -> Step | None:
        """The step, when the checker accepts it."""
        premises = (*premises, *self._definedness(claim))
        if claim.at and claim.at[0].where and "member" not in data:
            data["member"] = self._member(claim.at[0])
        if any(branch.numbers for branch in claim.at[1:]):
            data["symmetries"] = self.symmetries
        step = Step(self.context, claim, rule, present(premises), tuple(sorted(data.items())))
        return step if follows(step) else None

    def _member(self, branch: Branch) -> tuple[tuple[Symbol, Expr], ...]:
        """Simple values of the free symbols for which a family has a point."""
        names = [symbol for symbol, _ in branch.free]
        for values in islice(product(SIMPLE, repeat=len(names)), MAX_TRIED):
            table = dict(zip(names, values, strict=True))
            if all(prove_relation(r.at(table), self.condition) is not None for r in branch.where):
                return tuple(table.items())
        return ()

    def _definedness(self, claim: Optimal) -> Iterator[Step | None]:
        """Proofs that the value and the points are defined for all parameters of the cell."""
        first = claim.at[0] if claim.at else Branch(())
        written = [(first, claim.value), *((b, e) for b in claim.at for e in b.values.values())]
        for branch, expression in written:
            if expression.free_symbols:
                with suppress(InputError):
                    for relation in natural_domain(expression):
                        yield prove_relation(relation, self.place(branch))

    def reached(self, value: Expr, at: tuple[Branch, ...], all_of_them: bool) -> Optimal:
        """The claim that the value is attained at the branches; what lies on a family is not listed beside it."""
        alone = at
        for branch in sorted(at, key=lambda b: len(b.free)):
            if any(o.free and o != branch and lies_on(branch, o) for o in alone):
                alone = tuple(b for b in alone if b != branch)
        return Optimal(self.objective, self.variables, self.sense, value, True, alone, all_of_them)


def _touching(expression: Expr, place: Context) -> tuple[Step, ...]:
    """Proofs that what stands in absolute values, or the difference of what stands in a maximum, is 0."""
    inside = [n.args[0] for n in expression.atoms(Abs)]
    inside += [a - b for n in expression.atoms(Max, Min) for a, b in combinations(n.args, 2)]
    return present(prove_relation(Relation(u, "=="), place) for u in inside)


def present(steps: Iterable[Step | None]) -> tuple[Step, ...]:
    """The steps that were found, each once."""
    return tuple(dict.fromkeys(step for step in steps if step is not None))
