"""Quadratic losses of vectors and matrices: their normal equations, solved block by block.

f(v) = f_0 - c^T v + v^T H v / 2 has the gradient H v - c. Variables are eliminated one after the other: from the
equation of v_p follows v_p = H_pp^-1 (c_p - sum_j H_pj v_j), and what is left is again such a system, with the Schur
complements H_ij - H_ip H_pp^-1 H_pj. They are positive definite where H is, so that all of it is solved exactly where f
is strictly convex. A block of H is inverted where it is a matrix along one axis, the same for all entries of the others,
or where it is diagonal.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

from symopt.arrays.derivative import along
from symopt.arrays.graph import Factor, Term
from symopt.arrays.statement import ArrayStatement, Derived, derive_arrays, is_indexed
from symopt.arrays.tidying import Tidier
from symopt.reasoning.array_curvature import ArrayProver

MOST_TERMS: Final = 64
MOST_INDEXED: Final = 256  # of a sum over indices


class NotQuadratic(Exception):
    """The loss is none that is solved here; the text says why."""


@dataclass(frozen=True)
class Block:
    """A block of H on the diagonal: the matrix `body` along one axis, or diagonal with entries that depend on `axes`.

    `numbers` are factors of a matrix that are positive for all data.
    """

    body: Term
    axes: tuple[int, ...]
    is_matrix: bool
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Elimination:
    """v_p = H_pp^-1 (c - sum_j H_pj v_j) for the variable at `place`, with `rest` the H_pj of those that come later.

    `always` says that the block is invertible for all data.
    """

    place: int
    block: Block
    constant: Term
    rest: tuple[tuple[int, Term], ...]
    always: bool


@dataclass(frozen=True)
class Solved:
    """The normal equations `left` = `right` of a quadratic loss, and their solution.

    `values` are the variables where all blocks are invertible, `least` the value of f there; `given_later` are the
    variables by those that are eliminated after them. `square` is the half of the second derivative along
    `directions`. The equations have a solution for all data where f is `bounded`, as a sum of squares and a constant, and
    where c is `orthogonal` to all directions d with H d = 0.
    """

    derived: Derived
    sign: int
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    steps: tuple[Elimination, ...]
    values: tuple[Term, ...]
    given_later: tuple[Term, ...]
    least: Term
    square: Term
    directions: tuple[Term, ...]
    bounded: bool
    orthogonal: bool


def solve_quadratic(statement: ArrayStatement, sign: int) -> Solved:
    """The normal equations of a loss that is convex (sign 1) or concave (-1); NotQuadratic says what is not covered."""
    return _Solver(statement, sign).solved()


@final
class _Solver:
    def __init__(self, statement: ArrayStatement, sign: int) -> None:
        self.derived = derived = derive_arrays(statement)
        self.sign = sign
        self.graph = derived.graph
        self.prover = ArrayProver(statement, derived)
        self.tidier = Tidier(self.graph)
        self.dims = [self.graph.dims[place] for _, place in derived.variables]
        # Sums over indices are written multiplied out, matrices with common factors taken out.
        self.indexed = is_indexed(statement)

    def solved(self) -> Solved:
        graph, derived = self.graph, self.derived
        hessian = [list(row) for row in derived.hessian]
        if any(term[0] and self.prover.varies(term[1]) for row in hessian for term in row):
            raise NotQuadratic("the gradient is not linear in the variables")
        constants = [graph.scaled(-1, self._without_variables(slope)) for slope in derived.gradient]
        base = self._without_variables(derived.value)
        left = tuple(
            self._tidy(graph.add(self.dims[i], [self._applied(i, j, row[j]) for j in range(len(row))]))
            for i, row in enumerate(hessian)
        )
        steps = self._eliminated(hessian, constants)
        values: dict[int, Term] = {}
        later: dict[int, Term] = {}
        lost = []
        for step in reversed(steps):
            later[step.place] = self._resolved(step, dict(enumerate(derived.variables)))
            values[step.place] = self._resolved(step, values)
            gain = self._solve(step, step.constant)
            axes = tuple(("summed", axis) for axis in range(len(self.dims[step.place])))
            lost.append(graph.contract((), [(step.constant, axes), (gain, axes)]))
        least = graph.add((), [base, *(graph.scaled(Fraction(-1, 2), part) for part in lost)])
        bend = along(graph, along(graph, derived.value, self.prover.steps), self.prover.steps)
        order = range(len(self.dims))
        return Solved(
            derived,
            self.sign,
            left,
            tuple(map(self._tidy, constants)),
            tuple(steps),
            tuple(values[place] for place in order),
            tuple(later[place] for place in order),
            self._tidy(least),
            self._tidy(graph.scaled(Fraction(1, 2), bend)),
            tuple(self.prover.steps[place] for _, place in derived.variables),
            self._is_bounded(),
            self._has_solution(constants),
        )

    # parts of the loss

    def _tidy(self, term: Term) -> Term:
        opened = Tidier(self.graph).expanded(term, most=MOST_INDEXED) if self.indexed else None
        return self.tidier.tidy(term) if opened is None else opened

    def _without_variables(self, term: Term) -> Term:
        """The term at v = 0, where it is a polynomial of the variables."""
        graph = self.graph
        opened = Tidier(graph).expanded(term, self.prover.varies, MOST_TERMS)
        if opened is None:
            raise NotQuadratic("the gradient is too long to be opened")
        coefficient, place = opened
        node, dims = graph.nodes[place], graph.dims[place]
        pairs = node[1] if node[0] == "sum" else ((place, 1),)
        kept = []
        for child, number in pairs:
            if not self.prover.varies(child):
                kept.append((coefficient * number, child))
            elif not self._vanishes(child):
                raise NotQuadratic("the gradient could not be opened")
        return graph.add(dims, kept)

    def _vanishes(self, place: int) -> bool:
        """Whether a node is 0 where all variables are: a product with one of them as a factor, or a power of such."""
        node = self.graph.nodes[place]
        own = {variable for _, variable in self.derived.variables}
        if place in own:
            return True
        if node[0] == "power":
            return type(node[2]) is int and node[2] > 0 and self._vanishes(node[1])
        return node[0] == "product" and any(self._vanishes(child) for child, _ in node[1])

    def _applied(self, i: int, j: int, block: Term) -> Term:
        """H_ij v_j."""
        own, other = len(self.dims[i]), len(self.dims[j])
        axes: list[Any] = [*range(own), *(("summed", axis) for axis in range(other))]
        return self.graph.contract(self.dims[i], [(block, axes), (self.derived.variables[j], axes[own:])])

    def _has_solution(self, constants: list[Term]) -> bool:
        """Whether c^T d = 0 wherever d^T H d = 0, so that H v = c has a solution."""
        graph = self.graph
        parts = []
        for (_, place), constant in zip(self.derived.variables, constants, strict=True):
            axes = tuple(("summed", axis) for axis in range(len(graph.dims[place])))
            parts.append(graph.contract((), [(constant, axes), (self.prover.steps[place], axes)]))
        return self.prover.vanishes_with_squares(graph.add((), parts), self.sign)

    def _is_bounded(self) -> bool:
        """Whether f, or -f, is a constant and a sum of squares with weights that are not negative."""
        graph = self.graph
        coefficient, place = self.derived.value
        node = graph.nodes[place]
        pairs = node[1] if node[0] == "sum" else ((place, 1),)
        return all(
            not self.prover.varies(child) or (self.sign * coefficient * number > 0 and self._is_square(child))
            for child, number in pairs
        )

    def _is_square(self, place: int) -> bool:
        node = self.graph.nodes[place]
        if node[0] == "power":
            return type(node[2]) is int and node[2] % 2 == 0
        if node[0] != "product":
            return False
        if self.prover.squares.square(place, self.prover.varies) is not None:
            return True
        factors: Counter[Factor] = Counter(node[1])
        for (child, _), times in factors.items():
            if times % 2 == 0 or (not self.prover.varies(child) and self._sign(child) in (">", ">=")):
                continue
            if not (self.prover.varies(child) and self._is_square(child)):
                return False
        return True

    def _sign(self, place: int) -> str | None:
        return self.prover.ranges.of(place).sign

    # elimination

    def _eliminated(self, hessian: list[list[Term]], constants: list[Term]) -> list[Elimination]:
        """The variables in the order in which they are eliminated, those first that always can be."""
        graph = self.graph
        hessian, constants = [list(row) for row in hessian], list(constants)
        left = list(range(len(self.dims)))
        steps: list[Elimination] = []
        while left:
            blocks = {place: self._block(hessian[place][place], place) for place in left}
            always = [place for place in left if self._is_definite(blocks[place])]
            known = always or [place for place in left if blocks[place] is not None]
            if not known:
                raise NotQuadratic("a block of the Hessian is neither a matrix along one axis nor diagonal")
            place = known[-1]
            block = blocks[place]
            assert block is not None, "it was chosen because it is known"
            left.remove(place)
            rest = tuple((j, hessian[place][j]) for j in left if hessian[place][j][0])
            step = Elimination(place, block, constants[place], rest, bool(always))
            steps.append(step)
            inner = self._solve(step, constants[place])
            for i in left:
                if not hessian[i][place][0]:
                    continue
                for j in left:
                    if hessian[place][j][0]:
                        taken = self._joined(
                            i, hessian[i][place], place, self._solve(step, hessian[place][j])
                        )
                        dims = (*self.dims[i], *self.dims[j])
                        hessian[i][j] = self._tidy(graph.add(dims, [hessian[i][j], graph.scaled(-1, taken)]))
                taken = self._joined(i, hessian[i][place], place, inner)
                constants[i] = self._tidy(graph.add(self.dims[i], [constants[i], graph.scaled(-1, taken)]))
        return steps

    def _joined(self, i: int, block: Term, place: int, solution: Term) -> Term:
        """H_ip u, for u with the axes of the variable at p in front."""
        own, inner = len(self.dims[i]), len(self.dims[place])
        between = [("between", axis) for axis in range(inner)]
        behind = self.graph.dims[solution[1]][inner:]
        ends = range(own, own + len(behind))
        factors: list[Any] = [(block, [*range(own), *between]), (solution, [*between, *ends])]
        return self.graph.contract((*self.dims[i], *behind), factors)

    def _resolved(self, step: Elimination, values: dict[int, Term]) -> Term:
        """v_p, with values for the variables that are eliminated later."""
        graph, dims = self.graph, self.dims[step.place]
        parts = [step.constant]
        for j, block in step.rest:
            parts.append(graph.scaled(-1, self._joined(step.place, block, j, values[j])))
        solution = self._solve(step, self._tidy(graph.add(dims, parts)))
        return self._tidy(self._cancelled(self._tidy(solution)))

    def _cancelled(self, term: Term) -> Term:
        """The term with A^-1 A replaced by the identity."""
        graph = self.graph
        dims = graph.dims[term[1]]
        opened = Tidier(graph).expanded(term, most=MOST_TERMS)
        if opened is None:
            return term
        coefficient, place = opened
        pairs = graph.nodes[place][1] if graph.nodes[place][0] == "sum" else ((place, 1),)
        parts: list[Term] = []
        for child, number in pairs:
            factors = list(graph.nodes[child][1]) if graph.nodes[child][0] == "product" else []
            while (shorter := self._without_inverse(factors, len(dims))) is not None:
                factors = shorter
            changed = (
                graph.contract(dims, [((1, c), labels) for c, labels in factors]) if factors else (1, child)
            )
            parts.append(graph.scaled(coefficient * number, changed))
        return graph.add(dims, parts)

    def _without_inverse(self, factors: list[Any], axes: int) -> list[Any] | None:
        """The factors with an identity for one matrix beside its inverse; None where there is none."""
        graph = self.graph
        used = Counter(label for _, labels in factors for label in labels)
        for first, (one, around) in enumerate(factors):
            node = graph.nodes[one]
            if node[0] != "inverse":
                continue
            for second, (other, beside) in enumerate(factors):
                if other != node[1]:
                    continue
                for end, start in ((1, 0), (0, 1), *(((0, 0), (1, 1)) if graph.is_symmetric(other) else ())):
                    between = around[end]
                    if between == beside[start] and between >= axes and used[between] == 2:
                        size = graph.dims[other][0]
                        left = [pair for k, pair in enumerate(factors) if k not in (first, second)]
                        return [*left, (graph.delta(size), (around[1 - end], beside[1 - start]))]
        return None

    def _solve(self, step: Elimination, right: Term) -> Term:
        """H_pp^-1 u, along the first axes of u."""
        graph = self.graph
        dims = graph.dims[right[1]]
        every = list(range(len(dims)))
        coefficient, place = step.block.body
        if not step.block.is_matrix:
            inverse = graph.power(step.block.body, -1)
            return graph.contract(dims, [(inverse, step.block.axes), (right, every)])
        (own,) = step.block.axes
        scale, inverse_place = graph.inverse(place)
        below: list[Any] = [(graph.power((1, number), -1), ()) for number in step.block.numbers]
        factors: list[Any] = [((1, inverse_place), (0, 1)), *below]
        inverse = graph.contract(graph.dims[place], factors, Fraction(1) / coefficient * scale)
        inside: list[Any] = [("summed",) if axis == own else axis for axis in every]
        return graph.contract(dims, [(inverse, [own, ("summed",)]), (right, inside)])

    def _matrix(self, body: Term, axis: int) -> Block:
        """A block that is a matrix, with positive numbers taken out of it."""
        graph = self.graph
        node = graph.nodes[body[1]]
        factors = node[1] if node[0] == "product" else ()
        numbers = tuple(child for child, labels in factors if not labels and self._sign(child) == ">")
        if not numbers:
            return Block(body, (axis,), True)
        rest: list[Any] = [((1, child), labels) for child, labels in factors if child not in numbers]
        return Block(graph.contract(graph.dims[body[1]], rest, body[0]), (axis,), True, numbers)

    def _is_definite(self, block: Block | None) -> bool:
        """Whether a diagonal block has entries that are never 0, and of the right sign."""
        if block is None or block.is_matrix:
            return False
        return self._sign(self.graph.node(block.body)) == (">" if self.sign > 0 else "<")

    def _block(self, term: Term, place: int) -> Block | None:
        """A block of H on the diagonal as a matrix along one axis, or as a diagonal one."""
        opened = Tidier(self.graph).expanded(term, most=MOST_TERMS)
        return self._block_as_written(term, place) or (
            None if opened is None else self._block_as_written(opened, place)
        )

    def _block_as_written(self, term: Term, place: int) -> Block | None:
        graph, dims = self.graph, self.dims[place]
        rank = len(dims)
        node = graph.nodes[term[1]]
        pairs = node[1] if node[0] == "sum" else ((term[1], 1),)
        rows = []
        for child, number in pairs:
            inner = graph.nodes[child]
            factors = inner[1] if inner[0] == "product" else ((child, tuple(range(2 * rank))),)
            linked = {
                min(labels)
                for one, labels in factors
                if graph.nodes[one][0] == "delta" and abs(labels[0] - labels[1]) == rank
            }
            rows.append((term[0] * number, factors, linked))
        common = set[int]().union(range(rank)).intersection(*(linked for _, _, linked in rows))
        loose = [axis for axis in range(rank) if axis not in common]
        if not term[0] or len(loose) > 1:
            return None
        kept = [
            (number, [pair for pair in factors if not self._links(pair, common, rank)])
            for number, factors, _ in rows
        ]
        used = {x % rank for _, factors in kept for _, labels in factors for x in labels if x < 2 * rank}
        if loose and used & common:
            return None
        axes = tuple(loose or sorted(used))
        names: dict[int, Any] = {axis + rank: axes.index(axis) for axis in used}
        names |= {axis: axes.index(axis) for axis in used}
        if loose:
            names[loose[0] + rank] = 1
        sizes = tuple(dims[axis] for axis in axes) * (2 if loose else 1)
        parts = []
        for number, factors in kept:
            labelled: list[Any] = [
                ((1, one), [names[x] if x < 2 * rank else ("summed", x) for x in labels])
                for one, labels in factors
            ]
            parts.append(graph.contract(sizes, labelled, number))
        body = self._tidy(graph.add(sizes, parts))
        return self._matrix(body, loose[0]) if loose else Block(body, axes, False)

    def _links(self, factor: Any, common: set[int], rank: int) -> bool:
        """Whether a factor is the identity between the two sides of an axis."""
        place, labels = factor
        is_delta = self.graph.nodes[place][0] == "delta"
        return is_delta and min(labels) in common and abs(labels[0] - labels[1]) == rank
