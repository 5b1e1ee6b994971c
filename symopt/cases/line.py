"""Cases of one parameter on its line: where their answers agree they are one case, told by exact ends.

The real roots of all conditions cut the line into points and open intervals. On each of these every condition holds or
fails as a whole, so that a case is a set of such cells; neighbours with the same answer are joined as sets, whatever
their conditions look like (a^2 > 2 and 0 < a < 3 beside a = sqrt(2)), and each set is told as the interval it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Generic, cast

from sympy import Expr, Rational, S, Symbol

from symopt.cases.cell import Leaf, T
from symopt.cases.merging import agree, joined
from symopt.exact.enclosure import enclose, sign_of_constant
from symopt.exact.gates import NotExact
from symopt.exact.relations import is_rational
from symopt.exact.roots import RealRoot, real_roots
from symopt.exact.signs import SIGNS_OF
from symopt.relation import Relation

MAX_DEGREE: Final = 40
DIGITS: Final = (30, 100)
Interval = tuple[Rational, Rational]


def on_line(leaves: tuple[Leaf[T], ...], assumptions: tuple[Relation, ...]) -> tuple[Leaf[T], ...] | None:
    """The leaves joined and told by exact ends, from the largest values to the smallest.

    None where they are not about one parameter, or an end of theirs is not settled.
    """
    relations: tuple[Relation, ...] = tuple(dict.fromkeys(r for leaf in leaves for r in leaf.condition))
    symbols = {s for r in relations for s in r.symbols}
    if len(symbols) != 1:
        return None
    known: tuple[Relation, ...] = tuple(r for r in assumptions if r.symbols == symbols)
    try:
        line = _line(next(iter(symbols)), tuple(dict.fromkeys((*relations, *known))))
    except NotExact:
        return None
    if line is None:
        return None
    allowed = line.cells(known)
    parts = [_Part(leaf, line.cells(leaf.condition) & allowed, leaf.condition) for leaf in leaves]
    parts = [part for part in parts if part.cells]
    # What no leaf covers is ruled out by other assumptions, or lies between whole numbers.
    order = sorted(cell for part in parts for cell in part.cells)
    if len(set(order)) < len(order):
        return None
    told = [pair for part in _joined(parts, line, order) for pair in _told(part, line, order)]
    return tuple(leaf for _, leaf in sorted(told, key=lambda pair: -pair[0]))


@dataclass(frozen=True)
class _Line:
    """The ends in increasing order, a number `inside` each interval, and each expression's sign on each cell.

    Cell 2 k + 1 is the end k, cell 2 k the open interval before it.
    """

    symbol: Symbol
    ends: tuple[Expr | RealRoot, ...]
    inside: tuple[Rational, ...]
    signs: Mapping[Expr, tuple[int, ...]]

    def conjugates(self, place: int) -> tuple[int, ...]:
        """The places of all roots of the polynomial whose root an end is."""
        own = cast(RealRoot, self.ends[place]).polynomial
        return tuple(
            k for k, end in enumerate(self.ends) if isinstance(end, RealRoot) and end.polynomial == own
        )

    def cells(self, relations: Sequence[Relation]) -> frozenset[int]:
        """The cells on which all the relations hold."""
        return frozenset(
            cell
            for cell in range(2 * len(self.ends) + 1)
            if all(self.signs[r.expression][cell] in SIGNS_OF[r.op] for r in relations)
        )


def _line(symbol: Symbol, relations: tuple[Relation, ...]) -> _Line | None:
    expressions = tuple(dict.fromkeys(r.expression for r in relations))
    found: list[tuple[Interval, Expr | RealRoot, Expr]] = []
    for expression in expressions:
        ends = _ends(expression, symbol)
        if ends is None:
            return None
        for end in ends:
            box = _box(end, DIGITS[0])
            if box is None:
                return None
            found.append((box, end, expression))
    found.sort(key=lambda entry: entry[0])
    groups: list[list[tuple[Interval, Expr | RealRoot, Expr]]] = []
    for entry in found:
        same = _equal(groups[-1][0], entry) if groups else False
        if same is None:
            return None
        if same:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    boxes = tuple(group[0][0] for group in groups)
    if any(left[1] >= right[0] for left, right in pairwise(boxes)):
        return None
    inside = _between(boxes)
    signs: dict[Expr, tuple[int, ...]] = {}
    for expression in expressions:
        own = [sign_of_constant(expression.xreplace({symbol: number})) for number in inside]
        if None in own:
            return None
        at_ends = [0 if expression in [e for _, _, e in group] else own[k] for k, group in enumerate(groups)]
        signs[expression] = tuple(
            cast(int, own[c // 2] if c % 2 == 0 else at_ends[c // 2]) for c in range(2 * len(groups) + 1)
        )
    return _Line(symbol, tuple(group[0][1] for group in groups), inside, signs)


def _between(boxes: tuple[Interval, ...]) -> tuple[Rational, ...]:
    """A number in each of the open intervals that the ends in the boxes leave."""
    if not boxes:
        return (S.Zero,)
    middles = [(left[1] + right[0]) / 2 for left, right in pairwise(boxes)]
    return (boxes[0][0] - 1, *middles, boxes[-1][1] + 1)


def _ends(expression: Expr, symbol: Symbol) -> tuple[Expr | RealRoot, ...] | None:
    """The real zeros of a polynomial in the symbol that is linear or has rational coefficients; None for others."""
    poly = expression.as_poly(symbol)
    if poly is None or poly.degree() > MAX_DEGREE:
        return None
    if poly.degree() == 1:
        slope, offset = poly.all_coeffs()
        return (-offset / slope,) if sign_of_constant(slope) else None
    if poly.degree() == 0 or not is_rational(poly):
        return None
    return tuple(_short(root) for root in real_roots(poly, symbol))


def _short(root: RealRoot) -> Expr | RealRoot:
    radical = root.as_radical()
    return root if radical is None else radical


def _box(end: Expr | RealRoot, digits: int) -> Interval | None:
    """Bounds of an end, about 10^-digits wide."""
    if isinstance(end, RealRoot):
        return end.refined(Rational(1, 10**digits)).interval
    return enclose(end, {}, digits)


def _equal(
    one: tuple[Interval, Expr | RealRoot, Expr], other: tuple[Interval, Expr | RealRoot, Expr]
) -> bool | None:
    """Whether two ends are the same number; None where that is not settled."""
    if one[0][1] < other[0][0]:
        return False
    a, b = one[1], other[1]
    if isinstance(a, RealRoot) and isinstance(b, RealRoot):
        return True if (a.polynomial, a.index) == (b.polynomial, b.index) else None
    if isinstance(a, RealRoot) or isinstance(b, RealRoot):
        return None
    sign = sign_of_constant(a - b)
    return True if sign == 0 else None


@dataclass(frozen=True)
class _Part(Generic[T]):
    """A leaf with the cells it covers, and its own condition where it was not joined."""

    leaf: Leaf[T]
    cells: frozenset[int]
    condition: tuple[Relation, ...] | None


def _joined(parts: list[_Part[T]], line: _Line, allowed: list[int]) -> list[_Part[T]]:
    """Parts with the same answer that touch made one, wherever that can be told."""
    for left, right in pairwise(allowed):
        one = next(part for part in parts if left in part.cells)
        other = next(part for part in parts if right in part.cells)
        together = None if one is other else _union(one, other)
        if together is not None and _conditions(together, line, allowed):
            parts = [part for part in parts if part is not one and part is not other] + [together]
    return parts


def _union(one: _Part[T], other: _Part[T]) -> _Part[T] | None:
    """One part of two, with the answer of that which fixes no value; None where they do not agree."""
    first, second = sorted((one, other), key=lambda part: (len(part.leaf.fixed), -max(part.cells)))
    if not agree(first.leaf, second.leaf):
        return None
    leaf = joined(first.leaf, (first.leaf, second.leaf), ())
    return _Part(leaf, first.cells | second.cells, None)


def _told(part: _Part[T], line: _Line, allowed: list[int]) -> Iterator[tuple[int, Leaf[T]]]:
    """The leaf with each condition that tells it, beside its last cell."""
    found = _conditions(part, line, allowed) or ((max(part.cells), part.leaf.condition),)
    for last, condition in found:
        yield last, replace(part.leaf, condition=condition)


def _conditions(
    part: _Part[T], line: _Line, allowed: list[int]
) -> tuple[tuple[int, tuple[Relation, ...]], ...]:
    """The conditions whose alternative tells the part, each with its last cell; none where they cannot be told.

    An interval; all but some points; one relation as it was, such as a^2 > 4; else one condition for each interval.
    """
    runs = _runs(part.cells, allowed)
    last = max(part.cells)
    if len(runs) > 1:
        missing = [cell for cell in allowed if cell not in part.cells]
        holes = [r for cell in missing if cell % 2 for r in _at(line, cell // 2)]
        if len(holes) == len(missing):
            return ((last, tuple(Relation(hole.expression, "!=") for hole in holes)),)
        if part.condition is not None and len(part.condition) == 1:
            return ((last, part.condition),)
    told = [(run[-1], condition) for run in runs if (condition := _interval(run, line, allowed)) is not None]
    return tuple(told) if len(told) == len(runs) else ()


def _runs(cells: frozenset[int], allowed: list[int]) -> list[list[int]]:
    """The cells in runs of neighbours among those allowed."""
    runs: list[list[int]] = []
    before = None
    for cell in allowed:
        if cell in cells:
            if before not in cells:
                runs.append([])
            runs[-1].append(cell)
        before = cell
    return runs


def _interval(run: list[int], line: _Line, allowed: list[int]) -> tuple[Relation, ...] | None:
    """Relations that hold on the run and nowhere else among the cells allowed; None where there are none so short."""
    first, last = run[0], run[-1]
    if first == last and first % 2:
        return _at(line, first // 2) if len(allowed) > 1 else ()
    low = _beyond(line, first, 1, run) if first != allowed[0] else ()
    high = _beyond(line, last, -1, run) if last != allowed[-1] else ()
    return None if low is None or high is None else tuple(dict.fromkeys((*low, *high)))


def _at(line: _Line, place: int) -> tuple[Relation, ...]:
    """The relations that hold at an end alone."""
    end = line.ends[place]
    if not isinstance(end, RealRoot):
        return (Relation(line.symbol - end, "=="),)
    return (Relation(end.polynomial, "=="), *_near(line, place, ">"), *_near(line, place, "<"))


def _beyond(line: _Line, cell: int, side: int, run: list[int]) -> tuple[Relation, ...] | None:
    """The relations of a run on one side of its last cell: up from it (side 1) or down (side -1).

    Beside a root without a short form the sign of its polynomial, which must have no other root in the run.
    """
    place = cell // 2 if cell % 2 else (cell - side) // 2
    end = line.ends[place]
    op = (">" if side == 1 else "<") + ("=" if cell % 2 else "")
    if not isinstance(end, RealRoot):
        return (Relation(line.symbol - end, op),)
    if any(run[0] <= 2 * k + 1 <= run[-1] for k in line.conjugates(place) if k != place):
        return None
    inside = line.inside[place + 1 if side == 1 else place]
    positive = end.poly.eval(inside) > 0
    sign = Relation(end.polynomial, (">" if positive else "<") + ("=" if cell % 2 else ""))
    return (sign, *_near(line, place, op[0]))


def _near(line: _Line, place: int, op: str) -> tuple[Relation, ...]:
    """symbol > q (op ">") for a rational q that parts the root at the place from the smaller roots of its polynomial."""
    end = cast(RealRoot, line.ends[place])
    side = 1 if op == ">" else -1
    others = any((place - k) * side > 0 for k in line.conjugates(place))
    low, high = end.interval
    return (Relation(line.symbol - (low if op == ">" else high), op),) if others else ()
