"""Numbers to guess with: quick floating-point values of an expression, and rational points of a region.

Nothing here decides anything. The points are few, simple and always the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, islice, pairwise, product
from random import Random
from typing import Any, Final

from mpmath import fp
from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    cot,
    pi,
    preorder_traversal,
    sin,
    tan,
)
from sympy.core.relational import Relational

from symopt.cases import Cell
from symopt.relation import Relation

Values = Mapping[Symbol, float]
Evaluate = Callable[[Values], float]
MAX_POINTS: Final = 60
MAX_TRIES: Final = 3000
OFF_THE_DIAGONAL: Final = 7  # a step through pairs of simple numbers that leaves a = b
DOUBTFUL: Final = 1e-3  # in size, above which no value is put down to rounding
FEW: Final = 6  # points, below which they are searched for
MAX_MOVES: Final = 60
FINEST: Final = Rational(1, 2**10)
SIMPLE: Final = tuple(
    Rational(n, d)
    for n, d in (
        (0, 1),
        (1, 1),
        (-1, 1),
        (2, 1),
        (-2, 1),
        (1, 2),
        (-1, 2),
        (3, 1),
        (-3, 1),
        (1, 10),
        (-1, 10),
        (5, 1),
        (-5, 1),
        (3, 2),
        (-3, 2),
        (10, 1),
        (-10, 1),
        (1, 4),
        (-1, 4),
        (1, 100),
        (-1, 100),
        (7, 3),
        (-7, 3),
        (20, 1),
        (-20, 1),
    )
)
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "erf": math.erf,
    "erfc": math.erfc,
    "gamma": math.gamma,
    "loggamma": math.lgamma,
    "Abs": abs,
    "Max": max,
    "Min": min,
    "floor": math.floor,
    "ceiling": math.ceil,
    "sign": lambda u: (u > 0) - (u < 0),
    "LambertW": lambda u: float(fp.lambertw(u).real),
    "polygamma": fp.polygamma,
    "cot": lambda u: 1 / math.tan(u),
    "sec": lambda u: 1 / math.cos(u),
    "csc": lambda u: 1 / math.sin(u),
    "Heaviside": lambda u, *_: float(u > 0),
}


def evaluator(expression: Expr) -> Evaluate:
    """The expression in floating point; nan where it is undefined or not in the small table of functions."""
    run = _closure(expression)

    def evaluate(values: Values) -> float:
        try:
            result = run(values)
            return result if isinstance(result, (int, float)) and not isinstance(result, bool) else math.nan
        except (ValueError, ZeroDivisionError, OverflowError, TypeError, KeyError):
            return math.nan

    return evaluate


def _closure(expression: Any) -> Callable[[Values], Any]:
    if isinstance(expression, Symbol):
        return lambda values: values[expression]
    if not expression.args or expression.is_Rational or expression.is_NumberSymbol:
        if expression.is_number and expression.is_real is False:
            return lambda values: math.nan
        constant = float(expression) if expression not in (S.true, S.false) else bool(expression)
        return lambda values: constant
    parts = tuple(_closure(arg) for arg in expression.args) if not isinstance(expression, Piecewise) else ()
    if isinstance(expression, Add):
        return lambda values: math.fsum(part(values) for part in parts)
    if isinstance(expression, Mul):
        return lambda values: math.prod(part(values) for part in parts)
    if isinstance(expression, Pow):
        base, exponent = parts
        if expression.exp.is_Integer:
            whole = int(expression.exp)
            return lambda values: base(values) ** whole
        return lambda values: _real_power(base(values), exponent(values))
    if isinstance(expression, Relational):
        left, right = parts
        compare: dict[str, Callable[[float, float], bool]] = {
            "<": lambda a, b: a < b,
            "<=": lambda a, b: a <= b,
            ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b,
            "==": lambda a, b: a == b,
            "!=": lambda a, b: a != b,
        }
        compared = compare[expression.rel_op]
        return lambda values: compared(left(values), right(values))
    if isinstance(expression, Piecewise):
        branches = [(_closure(value), _closure(condition)) for value, condition in expression.args]
        return lambda values: next((v(values) for v, c in branches if c(values)), math.nan)
    name = type(expression).__name__
    if name in ("And", "Or"):
        both = all if name == "And" else any
        return lambda values: both(part(values) for part in parts)
    function = _FUNCTIONS.get(name)
    if function is None:
        return lambda values: math.nan
    return lambda values: function(*(part(values) for part in parts))


def _real_power(base: float, exponent: float) -> float:
    if base < 0:
        raise ValueError("a root of a negative number")
    return float(base**exponent)


def satisfied(relations: Sequence[tuple[Evaluate, str]], values: Values) -> bool:
    """Whether the relations hold in floating point."""
    for evaluate, op in relations:
        value = evaluate(values)
        if math.isnan(value):
            return False
        holds = {
            ">": value > 0,
            ">=": value >= 0,
            "<": value < 0,
            "<=": value <= 0,
            "==": abs(value) < 1e-12,
            "!=": abs(value) > 1e-12,
        }[op]
        if not holds:
            return False
    return True


def compiled(relations: Sequence[Relation]) -> tuple[tuple[Evaluate, str], ...]:
    """Relations made ready for `satisfied`."""
    return tuple((evaluator(relation.expression), relation.op) for relation in relations)


def landmarks(expressions: Sequence[Expr], variables: Sequence[Symbol]) -> tuple[Expr, ...]:
    """Values near which something may happen: zeros of affine parts and the rational numbers in sight."""
    found: list[Expr] = []
    for expression in expressions:
        for node in preorder_traversal(expression):
            if isinstance(node, Rational) and abs(node) <= 10**6:
                found += [node, -node]
            if isinstance(node, (sin, cos, tan, cot)):
                found += [
                    end for k in (1, 0, 2, -1, 3) for end in _zeros(node.args[0] - k * pi / 2, variables)
                ]
            if isinstance(node, Add):
                found += [
                    end if end.free_symbols or end.is_Rational else Rational(round(float(end) * 64), 64)
                    for end in _zeros(node, variables)
                ]
    return tuple(dict.fromkeys(found))


def _zeros(form: Expr, variables: Sequence[Symbol]) -> list[Expr]:
    """Where an affine form vanishes, for each variable in which it does alone."""
    found = []
    for variable in variables:
        slope = form.coeff(variable, 1)
        rest = form - slope * variable
        if slope.is_Rational and slope != 0 and not rest.has(*variables):
            found.append(-rest / slope)
    return found


OFFSETS: Final = tuple(Rational(sign, d) for d in (10, 2, 100, 1, 250, 1000) for sign in (1, -1))


def sample_points(
    cell: Cell,
    variables: tuple[Symbol, ...],
    parameters: Values | None = None,
    near: Sequence[Expr] = (),
    count: int = MAX_POINTS,
) -> list[tuple[Expr, ...]]:
    """Simple exact points that lie in the cell's region in floating point, for the given parameter values."""
    given = tuple((parameters or {}).items())
    return list(_points(cell.context.region, variables, given, tuple(near), count))


@lru_cache(maxsize=512)
def _points(
    constraints: tuple[Relation, ...],
    variables: tuple[Symbol, ...],
    parameters: tuple[tuple[Symbol, float], ...],
    near: tuple[Expr, ...],
    count: int,
) -> tuple[tuple[Expr, ...], ...]:
    given = dict(parameters)
    region = compiled(constraints)
    marks = landmarks((*(r.expression for r in constraints), *near), variables)[:10]
    line = tuple(dict.fromkeys((*SIMPLE, *marks, *(m + s for s in OFFSETS for m in marks), *_between(marks))))
    floats = {value: evaluator(value)(given) for value in line}
    n = len(variables)
    found: dict[tuple[Expr, ...], None] = {}
    about: dict[Symbol, list[Relation]] = {v: [] for v in variables}
    for relation in constraints:
        moving = relation.symbols - given.keys()
        if len(moving) == 1 and moving <= about.keys():
            about[next(iter(moving))].append(relation)
    alone = {v: compiled(relations) for v, relations in about.items()}
    lines = [
        tuple(c for c in line if _is_possible(v, c) and satisfied(alone[v], {**given, v: floats[c]}))
        for v in variables
    ]
    for candidate in _candidates(lines):
        values = {**given, **{v: floats[c] for v, c in zip(variables, candidate, strict=True)}}
        if satisfied(region, values):
            found[candidate] = None
            if len(found) >= count:
                break
    if n > 1 and region and len(found) < FEW:
        for candidate in islice(_by_search(variables, region, given, list(found)), count - len(found)):
            found[candidate] = None
    return tuple(found)


def _by_search(
    variables: tuple[Symbol, ...],
    region: Sequence[tuple[Evaluate, str]],
    given: Values,
    known: list[tuple[Expr, ...]],
) -> Iterator[tuple[Expr, ...]]:
    """Points of a small region: a pattern search into it where none is known, then steps inside, long and short."""
    if any(op in ("==", "!=") for _, op in region) or any(v.is_integer for v in variables):
        return
    n = len(variables)
    axes = [tuple(Integer(s * (i == j)) for j in range(n)) for i in range(n) for s in (1, -1)]

    def inside(point: tuple[Expr, ...]) -> bool:
        return satisfied(region, {**given, **{v: float(c) for v, c in zip(variables, point, strict=True)}})

    def depth(point: tuple[Expr, ...], scale: Expr) -> float:
        """A smooth stand-in for the distance to the nearest border."""
        values = {**given, **{v: float(c) for v, c in zip(variables, point, strict=True)}}
        depths = [(-e(values) if op[0] == "<" else e(values)) / float(scale) for e, op in region]
        return -math.inf if any(map(math.isnan, depths)) else -sum(math.exp(-max(d, -700.0)) for d in depths)

    for point in known[:1] or [(S.Zero,) * n, (S.One,) * n, *axes]:
        step = S.One
        for _ in range(MAX_MOVES):
            moves = [_moved(point, axis, step) for axis in axes]
            depths = [depth(move, step) for move in moves]
            if max(depths) > depth(point, step):
                point = moves[depths.index(max(depths))]
            elif step < FINEST or inside(point):
                break
            else:
                step /= 2
        if inside(point):
            break
    else:
        return
    yield point
    sums = [tuple(a + b for a, b in zip(u, w, strict=True)) for u, w in combinations(axes, 2)]
    for k in range(1, 8):
        for direction in (*axes, *(d for d in sums if any(d))):
            moved = _moved(point, direction, Rational(4, 2**k))
            if inside(moved):
                yield moved


def _moved(point: tuple[Expr, ...], direction: tuple[Expr, ...], step: Expr) -> tuple[Expr, ...]:
    return tuple(c + step * d for c, d in zip(point, direction, strict=True))


def _candidates(lines: Sequence[tuple[Expr, ...]]) -> Iterator[tuple[Expr, ...]]:
    """Points with a coordinate from each line: the simple ones first, then others at random."""
    n = len(lines)
    if n == 1:
        yield from ((value,) for value in lines[0])
        return
    few = SIMPLE[: {2: 9, 3: 5, 4: 3, 5: 3}.get(n, 0)]
    simple = list(product(*([value for value in few if value in line] for line in lines)))
    yield from simple
    random, fresh = Random(0), set(simple)
    for _ in range(min(MAX_TRIES, 2 * math.prod(map(len, lines)))):
        candidate = tuple(random.choice(line) for line in lines)
        if candidate not in fresh:
            fresh.add(candidate)
            yield candidate


def _is_possible(symbol: Symbol, value: Expr) -> bool:
    """Whether the value has the parity that a symbol for integers asks for."""
    if symbol.is_integer is not True:
        return True
    parity = 0 if symbol.is_even else 1 if symbol.is_odd else None
    return value.is_Integer is True and parity in (None, value % 2)


def _between(marks: Sequence[Expr]) -> list[Expr]:
    """Halfway between neighbouring landmarks, which may be close to each other."""
    numbers = sorted({S.Zero, *(mark for mark in marks if mark.is_Rational)})
    return [(a + b) / 2 for a, b in pairwise(numbers)]


def parameter_samples(cell: Cell, count: int = 4) -> list[dict[Symbol, float]]:
    """A few values of the parameters that satisfy the cell's condition; one empty table without any."""
    parameters = tuple(sorted(cell.parameters, key=str))
    if not parameters:
        return [{}]
    return [dict(sample) for sample in _parameter_values(cell.context.condition, parameters, count)]


@lru_cache(maxsize=512)
def _parameter_values(
    condition: tuple[Relation, ...], parameters: tuple[Symbol, ...], count: int
) -> tuple[tuple[tuple[Symbol, float], ...], ...]:
    points: Sequence[tuple[Expr, ...]] = _points(condition, parameters, (), (), 40)
    points = points or _whole(condition, parameters)
    step = max(1, len(points) // count)
    if (
        len(parameters) > 1 and step > OFF_THE_DIAGONAL
    ):  # neighbours of one another say little: (0, 0), (1, 1), ...
        step = OFF_THE_DIAGONAL
    chosen = points[::step][:count]
    return tuple(tuple((s, float(v)) for s, v in zip(parameters, point, strict=True)) for point in chosen)


def _whole(condition: tuple[Relation, ...], parameters: tuple[Symbol, ...]) -> list[tuple[Expr, ...]]:
    """Values of a single parameter that is an integer, of either parity."""
    if len(parameters) != 1:
        return []
    (symbol,) = parameters
    fits = (v for k in range(12) for v in (Integer(k), Integer(-k)) if _is_possible(symbol, v))
    return [(v,) for v in fits if satisfied(compiled(condition), {symbol: float(v)})]


def region_test(
    cell: Cell, variables: tuple[Symbol, ...], parameters: Values
) -> Callable[[Sequence[Expr]], bool]:
    """Whether a point lies in the region, in floating point, for the given parameter values."""
    region = compiled(cell.context.region)

    def inside(point: Sequence[Expr]) -> bool:
        return satisfied(
            region, {**parameters, **dict(zip(variables, to_floats(point, parameters), strict=True))}
        )

    return inside


def to_floats(point: Sequence[Expr], parameters: Values) -> tuple[float, ...]:
    """The coordinates in floating point."""
    return tuple(evaluator(c)(parameters) for c in point)


def eigenpairs(matrix: Sequence[Sequence[float]]) -> list[tuple[float, tuple[float, ...]]]:
    """Eigenvalues in ascending order with eigenvectors, of a small symmetric matrix (Jacobi's rotations)."""
    n = len(matrix)
    a = [list(row) for row in matrix]
    vectors = [[float(i == j) for j in range(n)] for i in range(n)]
    for _ in range(50 * n * n):
        i, j = max(((i, j) for i in range(n) for j in range(i)), key=lambda ij: abs(a[ij[0]][ij[1]]))
        if abs(a[i][j]) <= 1e-15 * max(abs(a[k][k]) for k in range(n)):
            break
        angle = math.atan2(2 * a[i][j], a[i][i] - a[j][j]) / 2
        c, s = math.cos(angle), math.sin(angle)
        for rows in (a, vectors):
            rows[i], rows[j] = (
                [c * u + s * v for u, v in zip(rows[i], rows[j], strict=True)],
                [c * v - s * u for u, v in zip(rows[i], rows[j], strict=True)],
            )
        for row in a:
            row[i], row[j] = c * row[i] + s * row[j], c * row[j] - s * row[i]
    return sorted((a[k][k], tuple(vectors[k])) for k in range(n))


@lru_cache(maxsize=64)
def _sample_values(cell: Cell, variables: tuple[Symbol, ...]) -> tuple[dict[Symbol, float], ...]:
    return tuple(
        {**parameters, **dict(zip(variables, to_floats(point, parameters), strict=True))}
        for parameters in parameter_samples(cell)
        for point in sample_points(cell, variables, parameters, (cell.objective,), 3 * MAX_POINTS)
    )


def is_plausible(relation: Relation, cell: Cell, variables: tuple[Symbol, ...]) -> bool:
    """Whether no sample of the region (and of the parameters) speaks against the relation."""
    value = evaluator(relation.expression)
    turn = 1 if relation.op in (">", ">=") else -1
    numbers = [
        (turn * number, values)
        for values in _sample_values(cell, variables)
        if not math.isnan(number := value(values))
    ]
    size = max((abs(number) for number, _ in numbers), default=0.0)
    rounding = 1e-13 * min(size, 1.0)
    against = [(number, values) for number, values in numbers if number < -rounding]
    return all(abs(n) < DOUBTFUL and _is_rounding(relation.expression, turn, values) for n, values in against)


def _is_rounding(expression: Expr, turn: int, values: Values) -> bool:
    """Whether a value below 0 is above it with more digits, as e^x - log(1 + e^x) is for x = -20."""
    precise = turn * expression.xreplace({s: Rational(v) for s, v in values.items()}).evalf(30, maxn=300)
    return precise.is_real is True and precise >= 0


def vanishes(expression: Expr, cell: Cell, variables: tuple[Symbol, ...]) -> bool:
    """Whether the expression seems to be 0 at a sample of the region, but not at all of them."""
    value = evaluator(expression)
    numbers = [
        number for values in _sample_values(cell, variables) if not math.isnan(number := value(values))
    ]
    zeros = [abs(number) < 1e-14 for number in numbers]
    return any(zeros) and not all(zeros)
