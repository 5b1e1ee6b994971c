"""A move of the solver where algebra ends: zeros in boxes, each proved to hold exactly one, and no others.

Cells are halved until an equation is not 0 in them or Newton's operator decides; beyond a cube the largest unknown is
divided out, so that what is left is bounded. Whatever is found here is proved again by the checker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations
from typing import Final, cast

from sympy import Add, Expr, Integer, Mul, Rational, S, Symbol, cos, exp, pi, sin

from symopt.clock import Budget
from symopt.derivation.checker import follows
from symopt.derivation.checks_boxes import (
    Chart,
    Coordinates,
    Damped,
    Form,
    Sure,
    Tree,
    chart_values,
    far_box,
    start_box,
)
from symopt.derivation.claims import Branch, Number, Step
from symopt.exact.boxes import (
    Box,
    Matrix,
    Point,
    SquareSystem,
    are_disjoint,
    is_inside,
    is_within,
    rounded,
    signs_over,
)
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import SIGNS_OF
from symopt.stationary.solver import Solver, System

MAX_UNKNOWNS: Final = 3
MAX_OPERATIONS: Final = 250
REACHES: Final = tuple(Integer(k) for k in (2, 4, 8, 16, 32, 64))
MAX_CELLS: Final = 2500
MAX_FAR_CELLS: Final = 160
MAX_ZEROS: Final = 60
MAX_DEPTH: Final = 22
MAX_TOPS: Final = 3
MAX_DENOMINATOR: Final = 12
MAX_PART_OF_PI: Final = 12
PI: Final = Rational(str(pi.evalf(120)))
NARROW: Final = 60  # bits of the interval of a number
Ends = tuple[Rational, Rational]


class _Open(Exception):
    """A cell that could not be decided."""


def by_boxes(solver: Solver, system: System) -> Step | None:
    """A smooth system with as many equations as unknowns and no parameters: isolated zeros in boxes."""
    if len(system.unknowns) > MAX_UNKNOWNS or any(e.has(*solver.cell.parameters) for e in system.equations):
        return None
    for equations in _square(system):
        square = SquareSystem(equations, system.unknowns)
        if not square.is_smooth or sum(operations(e) for e in equations) > MAX_OPERATIONS:
            continue
        try:
            step = _isolated(solver, system, square)
        except (_Open, NotExact):
            continue
        if step is not None:
            return step
    return None


def _square(system: System) -> tuple[tuple[Expr, ...], ...]:
    """The equations, where there are as many as unknowns and they hold nothing else."""
    n = len(system.unknowns)
    own = tuple(e for e in system.equations if e.free_symbols <= set(system.unknowns))
    return (own,) if len(own) == n else (own[:n], own[-n:]) if len(own) > n else ()


def _isolated(solver: Solver, system: System, square: SquareSystem) -> Step | None:
    symbols = _chart_symbols(system)
    for reach in (REACHES[-1], *REACHES[:-1], REACHES[-1]):
        box, beyond = start_box(system.unknowns, system.context.relations, reach)
        if any(cast(Rational, low) >= cast(Rational, high) for low, high in box):
            continue
        charts = _charts(solver.cell.budget, system, square, symbols, reach, beyond)
        if charts is None and reach == REACHES[-1]:
            return None
        if charts is None or (beyond and reach == REACHES[-1]):
            continue
        search = Search(solver, system, square)
        tree = search.tree(box)
        step = system.cover(
            tuple(zero.branch for zero in search.zeros),
            "cover_boxes",
            charts=charts,
            reach=reach,
            symbols=symbols,
            system=square.equations,
            tree=tree,
            zeros=tuple(search.zeros),
        )
        return step if follows(step) else None
    return None


def _chart_symbols(system: System) -> tuple[Symbol, ...]:
    used = {s.name for e in system.equations for s in e.free_symbols}
    used |= {s.name for r in system.context.relations for s in r.symbols} | {u.name for u in system.unknowns}
    names = ("v_", *(f"t{k}_" for k in range(1, len(system.unknowns))))
    mark = "" if not used & set(names) else "box"
    return tuple(Symbol(mark + name, real=True) for name in names)


# -- far out --------------------------------------------------------------------------------------------


def _charts(
    budget: Budget,
    system: System,
    square: SquareSystem,
    symbols: tuple[Symbol, ...],
    reach: Rational,
    beyond: frozenset[tuple[int, int]],
) -> tuple[Chart, ...] | None:
    """For each side that the region leaves open, a proof that no zero lies that far out."""
    found = []
    for place, side in sorted(beyond):
        values = chart_values(system.unknowns, symbols, place, side)
        box = far_box(reach, len(symbols))
        for damped, forms in _forms(square, symbols, box, values):
            relations = tuple((r.expression.xreplace(values), r.op) for r in system.context.relations)
            every = symbols + tuple(d.symbol for d in damped)
            coordinates = Coordinates(every, tuple(form for _, _, form in forms), relations)
            tree = _far_tree(budget, coordinates, box + tuple(d.range for d in damped), len(symbols))
            if tree is not None:
                found.append(Chart(place, side, forms, tree, damped))
                break
        else:
            return None
    return tuple(found)


def _forms(
    square: SquareSystem, symbols: tuple[Symbol, ...], box: Box, values: dict[Symbol, Expr]
) -> Iterator[tuple[tuple[Damped, ...], tuple[Form, ...]]]:
    """The equations, and their sum weighted with the unknowns, divided by what grows fastest in them.

    They are divided by powers of v alone, and then by one of the exponentials too.
    """
    n, v = len(square.unknowns), symbols[0]
    units = [tuple(S.One if i == k else S.Zero for i in range(n)) for k in range(n)]
    written = []
    for multiples in (*units, *((square.unknowns,) if n > 1 else ())):
        combined = sum((m * e for m, e in zip(multiples, square.equations, strict=True)), S.Zero)
        terms = Add.make_args(combined.xreplace(values).expand(power_exp=False, power_base=False))
        written.append((tuple(multiples), tuple(_with_expanded_exponents(term) for term in terms)))
    kernels = {kernel.args[0] for _, terms in written for term in terms for kernel in term.atoms(exp)}
    for exponent in (S.Zero, *sorted(kernels, key=str)[:4]):
        damped: dict[Expr, Damped] = {}
        forms: list[Form] = []
        for multiples, terms in written:
            scaled = [_with_expanded_exponents(term * exp(-exponent)) for term in terms]
            parts = _bounded_parts(_by_exponentials(scaled), symbols, box, damped)
            tops = {_degree(term, v) for _, part in parts for term in part}
            for top in sorted(tops, reverse=True)[:MAX_TOPS]:
                form = Add(*(factor * Add(*(term * v**-top for term in part)) for factor, part in parts))
                forms.append((multiples, v**top * exp(exponent), form))
        yield tuple(damped.values()), tuple(forms)


def _by_exponentials(terms: list[Expr]) -> dict[Expr, list[Expr]]:
    """The terms of a sum with the exponential that each holds as a factor taken out."""
    groups: dict[Expr, list[Expr]] = {}
    for term in terms:
        factors = [f for f in Mul.make_args(term) if isinstance(f, exp)]
        groups.setdefault(Mul(*factors), []).append(
            Mul(*(f for f in Mul.make_args(term) if f not in factors))
        )
    return groups


def _bounded_parts(
    groups: dict[Expr, list[Expr]], symbols: tuple[Symbol, ...], box: Box, damped: dict[Expr, Damped]
) -> list[tuple[Expr, list[Expr]]]:
    """Factors with their terms, where what decays exponentially is written as a bounded number over a power."""
    v = symbols[0]
    decays = {kernel: _decay(kernel, symbols, box) for kernel in groups}
    tops = {kernel: max(_degree(term, v) for term in terms) for kernel, terms in groups.items()}
    kept = [tops[kernel] for kernel, decay in decays.items() if decay is None]
    base = max(kept, default=S.Zero)
    parts = []
    for kernel, terms in groups.items():
        decay, factor = decays[kernel], kernel
        if decay is not None:
            degree, rest = decay
            power = max(0, int((tops[kernel] - base) // degree) + 1) if kept else 0
            height = v**degree * rest
            key = height**power * kernel
            if key not in damped:
                name = Symbol(f"{symbols[0].name}w{len(damped)}", real=True)
                damped[key] = Damped(name, height, power)
            terms = [term * v ** (-degree * power) for term in terms]
            factor = damped[key].symbol * rest**-power
        parts.append((factor, terms))
    return parts


def _decay(kernel: Expr, symbols: tuple[Symbol, ...], box: Box) -> tuple[int, Expr] | None:
    """(k, q) with exp(-v^k q) for the kernel, q > 0 and k > 0 far out."""
    if not isinstance(kernel, exp):
        return None
    terms = Add.make_args(-kernel.args[0])
    degree = max(_degree(term, symbols[0]) for term in terms)
    rest = Add(*(term * symbols[0] ** -degree for term in terms))
    if not isinstance(degree, Integer) or degree <= 0 or signs_over(rest, symbols, box) != SIGNS_OF[">"]:
        return None
    return int(degree), rest


def _with_expanded_exponents(term: Expr) -> Expr:
    return term.replace(exp, lambda u: exp(u.expand()))


def _degree(term: Expr, v: Symbol) -> Expr:
    """The exponent of the powers of v that stand as factors; _Open where it is not a number."""
    exponent = Add(*(f.as_base_exp()[1] for f in Mul.make_args(term) if f.as_base_exp()[0] == v))
    if not exponent.is_Rational:
        raise _Open
    return exponent


def _far_tree(budget: Budget, place: Coordinates, box: Box, size: int) -> Tree | None:
    """Cells in which a form keeps away from 0; None where the effort ends."""
    count = 0

    def decided(cell: Box, depth: int) -> Tree | None:
        nonlocal count
        count += 1
        budget.check()
        leaf = _leaf(place, cell)
        if leaf is not None:
            return leaf
        if depth == 0 or count > MAX_FAR_CELLS:
            return None
        axis = max(range(1, size), key=lambda i: cast(Rational, cell[i][1]) - cast(Rational, cell[i][0]))
        low, high = cast(Ends, cell[axis])
        point = (low + high) / 2
        parts = []
        for ends in ((low, point), (point, high)):
            part = decided((*cell[:axis], ends, *cell[axis + 1 :]), depth - 1)
            if part is None:
                return None
            parts.append(part)
        return ("split", axis, point, *parts)

    return decided(box, 5 * (size - 1))


def _leaf(place: Coordinates, cell: Box, square: SquareSystem | None = None) -> Tree | None:
    """Why a cell has no zero that counts: a form that does not vanish, or a relation that does not hold."""
    for which, (expression, op) in enumerate(place.relations):
        signs = signs_over(expression, place.symbols, cell)
        if signs is not None and not signs & SIGNS_OF[op]:
            return ("outside", which)
    over = (
        square.signs(cell)
        if square is not None
        else (signs_over(form, place.symbols, cell) for form in place.forms)
    )
    for which, signs in enumerate(over):
        if signs is not None and 0 not in signs:
            return ("none", which)
    return None


# -- near -----------------------------------------------------------------------------------------------


@dataclass
class Search:
    """The cells of one box, halved until each is decided, and the zeros met on the way."""

    solver: Solver
    system: System
    square: SquareSystem
    zeros: list[Sure] = field(default_factory=list)
    cells: int = 0

    def tree(self, box: Box) -> Tree:
        """The decided cells of the box; _Open where one is not decided."""
        relations = tuple((r.expression, r.op) for r in self.system.context.relations)
        place = Coordinates(self.square.unknowns, self.square.equations, relations)
        return self._decided(place, box, MAX_DEPTH * len(box))

    def _decided(self, place: Coordinates, cell: Box, depth: int) -> Tree:
        self.cells += 1
        if self.cells > MAX_CELLS or depth == 0:
            raise _Open
        self.solver.cell.budget.check()
        for which, zero in enumerate(self.zeros):
            if is_within(cell, zero.box):
                return ("zero", which)
        leaf = _leaf(place, cell, self.square) or self._by_newton(cell)
        if leaf is not None:
            return leaf
        axis = max(range(len(cell)), key=lambda i: cast(Rational, cell[i][1]) - cast(Rational, cell[i][0]))
        low, high = cast(Ends, cell[axis])
        point = self._cut(axis, low, high)
        below, above = (
            self._decided(place, (*cell[:axis], ends, *cell[axis + 1 :]), depth - 1)
            for ends in ((low, point), (point, high))
        )
        return ("split", axis, point, below, above)

    def _cut(self, axis: int, low: Rational, high: Rational) -> Rational:
        """The middle, unless a box with a zero ends inside the cell."""
        middle = (low + high) / 2
        quarter = (high - low) / 4
        for zero in self.zeros:
            for end in cast(Ends, zero.box[axis]):
                if abs(end - middle) < quarter:
                    return end
        return middle

    def _by_newton(self, cell: Box) -> Tree | None:
        middle = tuple((low + high) / 2 for low, high in cast("tuple[Ends, ...]", cell))
        matrix = self.square.approximate_inverse(middle)
        image = None if matrix is None else self.square.image(cell, matrix)
        if image is None or matrix is None:
            return None
        if are_disjoint(image, cell):
            return ("newton", matrix)
        overlap = sum(
            bool((b - a) * 3 < (d - c) * 4)
            for (a, b), (c, d) in zip(
                cast("tuple[Ends, ...]", image), cast("tuple[Ends, ...]", cell), strict=True
            )
        )
        if overlap < len(cell):
            return None
        zero = self.zero_near(middle)
        if zero is None:
            return None
        if zero not in self.zeros:
            if len(self.zeros) >= MAX_ZEROS:
                raise _Open
            self.zeros.append(zero)
        return ("zero", self.zeros.index(zero)) if is_within(cell, zero.box) else None

    def zero_near(self, start: Point) -> Sure | None:
        """The zero to which Newton's iteration leads, with the largest box found in which it is the only one."""
        point = self.square.newton(start, 60)
        point = None if point is None else self.square.newton(point, 300)
        if point is None:
            return None
        for zero in self.zeros:
            if all(
                low <= p <= high
                for p, (low, high) in zip(point, cast("tuple[Ends, ...]", zero.box), strict=True)
            ):
                return zero
        matrix = self.square.approximate_inverse(point)
        if matrix is None:
            return None
        centre = tuple(rounded(p, 20) for p in point)
        box = self._widest(centre, matrix)
        found = None if box is None else self._branch(point, matrix)
        return None if box is None or found is None else Sure(found[0], box, matrix, found[1])

    def _widest(self, centre: Point, matrix: Matrix) -> Box | None:
        best: Box | None = None
        for exponent in range(-12, 4):
            half = Rational(2) ** exponent
            box = tuple((c - half, c + half) for c in centre)
            image = self.square.image(box, matrix)
            if image is None or not is_inside(image, box) or (best and not self._is_in_region(box)):
                break
            best = box
        return best

    def _is_in_region(self, box: Box) -> bool:
        signs = (
            (signs_over(r.expression, self.square.unknowns, box), SIGNS_OF[r.op])
            for r in self.system.context.region
        )
        return all(found is not None and found <= wanted for found, wanted in signs)

    def _branch(self, point: Point, matrix: Matrix) -> tuple[Branch, Matrix] | None:
        """The zero by rational coordinates where it has such, the others by numbers, and a matrix for these."""
        unknowns = self.square.unknowns
        near = {u: _simple_near(p) for u, p in zip(unknowns, point, strict=True)}
        exact: dict[Symbol, Expr] = {u: value for u, value in near.items() if value is not None}
        rest = self._equations_where(exact)
        if exact and rest is None:
            exact = {}
            rest = self._equations_where(exact)
        if rest is None:
            return None
        others = tuple(u for u in unknowns if u not in exact)
        if exact and others:
            own = SquareSystem(rest, others)
            inverse = own.approximate_inverse(
                tuple(p for u, p in zip(unknowns, point, strict=True) if u in others)
            )
            if inverse is None:
                return None
            matrix = inverse
        names = tuple(self.solver.fresh(tuple("rqzw")) for _ in others)
        table: dict[Symbol, Expr] = dict(zip(others, names, strict=True))
        width = Rational(1, 2**NARROW)
        centres = [rounded(p, NARROW + 4) for u, p in zip(unknowns, point, strict=True) if u in others]
        numbers = tuple(
            Number(name, e.xreplace(table), None, (centre - width, centre + width))
            for name, e, centre in zip(names, rest, centres, strict=True)
        )
        return Branch(tuple((u, exact.get(u, table.get(u, u))) for u in unknowns), numbers), matrix

    def _equations_where(self, exact: dict[Symbol, Expr]) -> tuple[Expr, ...] | None:
        """The equations left for the other unknowns, in an order in which each holds its unknown."""
        others = tuple(u for u in self.square.unknowns if u not in exact)
        written = (e.xreplace(exact) for e in self.system.equations)
        left = [e for e in dict.fromkeys(written) if not exact or canonical(e) != 0]
        if exact and len(left) != len(others):
            return None
        for order in permutations(left[: len(others)]):
            if all(e.has(u) for e, u in zip(order, others, strict=True)):
                return order
        return None


def _simple_near(coordinate: Rational) -> Expr | None:
    """The rational number of small denominator that a coordinate seems to be, or such a multiple of pi."""
    for unit, size, denominator in ((S.One, S.One, MAX_DENOMINATOR), (pi, PI, MAX_PART_OF_PI)):
        ratio = coordinate / size
        simple = ratio.limit_denominator(denominator)
        if abs(ratio - simple) < Rational(1, 2**50):
            return cast(Expr, simple * unit)
    return None


def has_waves(expression: Expr) -> bool:
    """Whether a sine or cosine makes a table of variation long."""
    return bool(expression.has(sin, cos))


__all__ = ["by_boxes", "has_waves"]
