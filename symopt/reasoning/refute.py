"""Refuting convexity: two exact points and a weight with the graph on the wrong side of the chord.

Floating point proposes the points (simple ones first, then where a second difference or an eigenvalue of
the Hessian has the wrong sign); the checker's rule decides them exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise, product
from typing import Final, cast

from sympy import Abs, Add, Expr, Integer, Matrix, Piecewise, Pow, Rational, S, Symbol

from symopt.cases import Cell
from symopt.derivation.checks_pieces import KINKS
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import Context, Curved, NotCurved, Step, Vector
from symopt.derivation.strictness import centres_of_norms, strict_directions
from symopt.domain import natural_domain
from symopt.exact.gates import check_factorials
from symopt.exact.normal import TooLarge, Unsupported, canonical, factors
from symopt.reasoning.pieces import switches, zeros
from symopt.reasoning.proposing import accepted, domain_within, facts_for
from symopt.reasoning.sampling import (
    Evaluate,
    Values,
    eigenpairs,
    evaluator,
    parameter_samples,
    region_test,
    sample_points,
    to_floats,
)
from symopt.reasoning.second_order import hessian_entries
from symopt.relation import Relation

Chord = tuple[Vector, Vector]
MAX_PAIRED: Final = 40
MAX_ATTEMPTS: Final = 4
MAX_FORMS: Final = 6
CLEAR: Final = 1e-9
TINY: Final = 1e-13
MAX_SWITCHES: Final = 8
MAX_TURNS: Final = 40
SHORT: Final = tuple(Rational(1, 10**k) for k in range(13))
STEPS: Final = tuple(Rational(1, 4**k) for k in range(7))
SHORTER: Final = tuple(Rational(1, 8**k) for k in range(2, 9))
SCALES: Final = tuple(Integer(10**k) for k in (2, 4, 6, 3, 5, 7, 8))
MAX_SAMPLES: Final = 12
MAX_SCALED: Final = 3
FINENESS: Final = (12, 1000, 10**6)  # parts of an entry of a direction: few, unless that bends the other way
SIGN: Final = {"convex": 1, "concave": -1}


def refute(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, kinds: tuple[str, ...] = ("convex", "concave")
) -> dict[str, Step]:
    """Exact witnesses against "convex" and against "concave", each where one was found."""
    samples = parameter_samples(cell)
    if not samples:
        return {}
    f = evaluator(objective)
    found: dict[str, Step] = {}
    for proposals in (_simple_chords, _chords_at_kinks, _chords_by_curvature):
        wanted = [kind for kind in kinds if kind not in found]
        if not wanted:
            break
        for kind, chord in proposals(objective, f, variables, cell, samples, wanted):
            cell.budget.check()
            if kind not in found:
                step = prove_not_curved(objective, variables, cell, kind, chord)
                if step is not None:
                    found[kind] = step
            if len(found) == len(kinds):
                break
    return found


def prove_not_curved(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, kind: str, chord: Chord, strict: bool = False
) -> Step | None:
    """The step that the chord between two points shows f not (strictly) convex or concave, or None."""
    p, q = chord
    weight = S.Half
    middle = tuple(weight * (a + b) for a, b in zip(p, q, strict=True))
    condition = Context((), cell.context.condition)
    points = [dict(zip(variables, point, strict=True)) for point in (p, q, middle)]
    try:
        for point in points:
            check_factorials(objective, point)
    except TooLarge:
        return None
    at = [objective.xreplace(point) for point in points]
    gap = weight * (at[0] + at[1]) - at[2]
    needed = [
        r.at(point)
        for point in points
        for r in (*cell.context.region, *domain_within(objective, cell.context))
    ]
    needed += [r for value in (*p, *q) if value.free_symbols for r in natural_domain(value)]
    op = ("<" if kind == "convex" else ">") + ("=" if strict else "")
    try:
        facts: tuple[Step, ...] | None = ()
        if gap.free_symbols or any(r.expression.free_symbols for r in needed):
            if not gap.free_symbols or canonical(gap) != 0:
                needed.append(Relation(gap, op))
            facts = facts_for(needed, condition)
    except (TooLarge, Unsupported):
        return None
    if facts is None:
        return None
    claim = NotCurved(objective, variables, kind, strict, p, q, weight)
    return accepted(cell.context, claim, "chord_equality" if strict else "chord", facts)


def _gap(f: Evaluate, variables: Sequence[Symbol], chord: Chord, parameters: Values) -> float:
    """Mean of the ends minus the middle, relative to the size of the values; nan where f is undefined."""
    p, q = (to_floats(end, parameters) for end in chord)
    ends = [f({**parameters, **dict(zip(variables, end, strict=True))}) for end in (p, q)]
    middle = f({**parameters, **{v: (a + b) / 2 for v, a, b in zip(variables, p, q, strict=True)}})
    size = abs(ends[0]) + abs(ends[1]) + abs(middle)
    if not math.isfinite(size):
        return math.nan
    return ((ends[0] + ends[1]) / 2 - middle) / (size or 1.0)


def _simple_chords(
    objective: Expr,
    f: Evaluate,
    variables: tuple[Symbol, ...],
    cell: Cell,
    samples: list[dict[Symbol, float]],
    wanted: list[str],
) -> Iterator[tuple[str, Chord]]:
    """Chords between simple points of the region, the shortest numbers first."""
    points = sample_points(cell, variables, samples[0], (objective,), count=2 * MAX_PAIRED)[:MAX_PAIRED]
    attempts, most = dict.fromkeys(wanted, 0), 2 if cell.parameters else MAX_ATTEMPTS
    floats = [to_floats(point, samples[0]) for point in points]
    values = [f({**samples[0], **dict(zip(variables, point, strict=True))}) for point in floats]
    for i, j in sorted(combinations(range(len(points)), 2), key=lambda pair: pair[1]):
        halfway = {v: (c + d) / 2 for v, c, d in zip(variables, floats[i], floats[j], strict=True)}
        middle = f({**samples[0], **halfway})
        gap = (values[i] + values[j]) / 2 - middle
        size = abs(values[i]) + abs(values[j]) + abs(middle)
        if not math.isfinite(size):
            continue
        for kind in wanted:
            if (
                attempts[kind] < most
                and SIGN[kind] * gap < -CLEAR * size
                and all(
                    SIGN[kind] * _gap(f, variables, (points[i], points[j]), sample) < -CLEAR
                    for sample in samples[1:]
                )
            ):
                attempts[kind] += 1
                yield kind, (points[i], points[j])
        if all(count >= most for count in attempts.values()):
            return


def _chords_at_kinks(
    objective: Expr,
    f: Evaluate,
    variables: tuple[Symbol, ...],
    cell: Cell,
    samples: list[dict[Symbol, float]],
    wanted: list[str],
) -> Iterator[tuple[str, Chord]]:
    """Short chords over a place where f changes its branch, or ending there."""
    if not objective.has(*KINKS):
        return
    inside = region_test(cell, variables, samples[0])
    attempts = dict.fromkeys(wanted, 0)
    moving = [
        part / (1 + size) for size in sizes_given(cell) for part in (S.One, size, size / 16, size / 256)
    ]
    for centre, direction in kinks(objective, variables, cell, samples[0]):
        for step in (*moving, *SHORT):
            for low, high in ((-1, 1), (-2, 0), (0, 2), (-1, 3), (-3, 1)):
                chord = (
                    tuple(c + low * step * d for c, d in zip(centre, direction, strict=True)),
                    tuple(c + high * step * d for c, d in zip(centre, direction, strict=True)),
                )
                if not all(inside(end) for end in chord):
                    continue
                gaps = [_gap(f, variables, chord, sample) for sample in samples]
                for kind in wanted:
                    if attempts[kind] < MAX_ATTEMPTS and all(SIGN[kind] * gap < -TINY for gap in gaps):
                        attempts[kind] += 1
                        yield kind, chord


def sizes_given(cell: Cell) -> Iterator[Expr]:
    """Quantities in the parameters that the cell says are positive (or not negative)."""
    for relation in cell.context.condition:
        if relation.op in (">", ">=", "<", "<=") and relation.expression.is_polynomial():
            yield relation.expression if relation.op[0] == ">" else -relation.expression


def kinks(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, sample: Values
) -> Iterator[tuple[Vector, Vector]]:
    """Points at which f changes its branch, with a direction across."""
    points = sample_points(cell, variables, sample, (objective,), count=6) if len(variables) > 1 else []
    for switch in list(dict.fromkeys(switches(objective)))[:MAX_SWITCHES]:
        if len(variables) == 1:
            for value in zeros(switch, variables[0]) or ():
                yield (value,), (S.One,)
            continue
        slopes = gradient_if_constant(switch, variables)
        if slopes is None:
            for point, (k, v) in product(points[:2], enumerate(variables)):
                on_line = switch.xreplace({w: c for w, c in zip(variables, point, strict=True) if w != v})
                for value in zeros(on_line, v) or ():
                    unit = tuple(S.One if w == v else S.Zero for w in variables)
                    yield (*point[:k], value, *point[k + 1 :]), unit
            continue
        if not all(s.is_Rational for s in slopes):
            continue
        size = sum(s**2 for s in slopes)
        for point in points if size else ():
            off = switch.xreplace(dict(zip(variables, point, strict=True))) / size
            yield tuple(c - off * s for c, s in zip(point, slopes, strict=True)), slopes


def _chords_by_curvature(
    objective: Expr,
    f: Evaluate,
    variables: tuple[Symbol, ...],
    cell: Cell,
    samples: list[dict[Symbol, float]],
    wanted: list[str],
) -> Iterator[tuple[str, Chord]]:
    """Short chords along an eigenvector of the Hessian whose eigenvalue has the wrong sign."""
    entries = hessian_entries(objective, variables)
    if entries is None:
        return
    table = [[evaluator(entry) for entry in row] for row in entries]
    for parameters in samples[:1]:
        inside = region_test(cell, variables, parameters)
        points = sample_points(
            cell, variables, parameters, (objective,), count=200 if len(variables) == 1 else 60
        )
        if len(variables) == 1:
            points += [point for point in _between_turns(entries[0][0], variables[0]) if inside(point)]
        points += [point for point in _far_and_near(points, len(variables)) if inside(point)]
        bends = [(point, _eigen(table, variables, point, parameters)) for point in points]
        for kind in wanted:
            worst = sorted(
                (
                    (
                        SIGN[kind] * pairs[0 if kind == "convex" else -1][0],
                        point,
                        pairs[0 if kind == "convex" else -1][1],
                    )
                    for point, pairs in bends
                    if pairs
                ),
                key=lambda item: item[0],
            )
            for value, point, direction in worst[:3]:
                if value >= 0 and not math.isclose(value, 0):
                    point, value = _descend(table, variables, point, parameters, kind, inside, value)
                    pairs = _eigen(table, variables, point, parameters)
                    if not pairs or value >= 0:
                        continue
                    direction = pairs[0 if kind == "convex" else -1][1]
                if cell.context.region and not all(map(inside, _around(point, direction, STEPS[-1]))):
                    for moved in _inwards(point, points):
                        pairs = _eigen(table, variables, moved, parameters)
                        bend, along = pairs[0 if kind == "convex" else -1] if pairs else (0.0, direction)
                        if SIGN[kind] * bend < 0 and all(map(inside, _around(moved, along, STEPS[-1]))):
                            point, value, direction = moved, SIGN[kind] * bend, along
                            break
                for step in (*STEPS, *_by_size(point)):
                    chord = _around(point, direction, step)
                    if not all(inside(end) for end in chord):
                        continue
                    if all(SIGN[kind] * _gap(f, variables, chord, sample) < 0 for sample in samples):
                        yield kind, chord
                        break
                else:
                    if (
                        not cell.parameters and value < -TINY
                    ):  # what decimals cannot tell is evaluated exactly
                        yield from ((kind, _around(point, direction, step)) for step in SHORTER)


def _inwards(point: Vector, points: Sequence[Vector]) -> Iterator[Vector]:
    """From a corner of the region towards the middle of some of its points."""
    some = [p for p in points[:MAX_PAIRED] if all(c.is_Rational for c in p)]
    middle = tuple(Rational(sum(column), len(some)) for column in zip(*some, strict=True))
    for share in (Rational(1, 16), Rational(1, 4)) if some else ():
        yield tuple(c + share * (m - c) for c, m in zip(point, middle, strict=True))


def _by_size(point: Vector) -> Iterator[Expr]:
    """Steps for a point so close to the origin that the others leave the region."""
    sizes = [abs(c) for c in point if c.is_Rational and c != 0]
    if sizes and min(sizes) < STEPS[-1]:
        yield from (share * min(sizes) for share in (S.Half, Rational(1, 16)))


def _around(point: Vector, direction: Vector, step: Expr) -> Chord:
    return (
        tuple(c - step * d for c, d in zip(point, direction, strict=True)),
        tuple(c + step * d for c, d in zip(point, direction, strict=True)),
    )


def _far_and_near(points: list[Vector], n: int) -> Iterator[Vector]:
    """Simple points ten, a hundred, ... times as far from the origin, and as near to it."""
    for point in [p for p in points if all(p)][:MAX_SCALED]:
        if all(c.is_Rational for c in point):
            for scale in SCALES if n == 1 else SCALES[:3]:
                yield tuple(scale * c for c in point)
                yield tuple(c / scale for c in point)


def _between_turns(bend: Expr, variable: Symbol) -> Iterator[Vector]:
    """Rational points between the zeros of the polynomial factors of f'', and beyond them."""
    try:
        parts = [base.as_poly(variable) for base, _ in factors(bend)[1]]
    except (TooLarge, Unsupported):
        return
    ends = []
    for poly in parts:
        if poly is not None and poly.degree() <= MAX_TURNS and all(c.is_Rational for c in poly.all_coeffs()):
            ends += [end for interval, _ in poly.intervals() for end in interval]
    ends = sorted(set(ends))
    for low, high in pairwise(ends):
        yield ((low + high) / 2,)
    for end in ends[:1]:
        yield (end - 1,)
    for end in ends[-1:]:
        yield (end + 1,)


def _eigen(
    table: list[list[Evaluate]], variables: tuple[Symbol, ...], point: Vector, parameters: Values
) -> list[tuple[float, Vector]]:
    """Eigenvalues of the Hessian at a point in ascending order, with rational directions."""
    values = {**parameters, **dict(zip(variables, to_floats(point, parameters), strict=True))}
    matrix = [[entry(values) for entry in row] for row in table]
    if not all(math.isfinite(entry) for row in matrix for entry in row):
        return []
    if len(matrix) == 1:
        return [(matrix[0][0], (S.One,))]
    found = []
    for value, column in eigenpairs(matrix):
        directions = (_rational(column, parts) for parts in FINENESS)
        found.append(
            (
                value,
                next((d for d in directions if _bend(matrix, d) * value > 0), _rational(column, FINENESS[0])),
            )
        )
    return found


def _rational(column: Sequence[float], parts: int) -> Vector:
    """The direction with its largest entry 1, in so many parts."""
    size = max(abs(c) for c in column) or 1.0
    return tuple(Rational(round(parts * c / size), parts) for c in column)


def _bend(matrix: Sequence[Sequence[float]], direction: Vector) -> float:
    """v^T H v in floating point."""
    v = [float(c) for c in direction]
    return math.fsum(a * h * b for a, row in zip(v, matrix, strict=True) for h, b in zip(row, v, strict=True))


def _descend(
    table: list[list[Evaluate]],
    variables: tuple[Symbol, ...],
    point: Vector,
    parameters: Values,
    kind: str,
    inside: Callable[[Vector], bool],
    value: float,
) -> tuple[Vector, float]:
    """A pattern search for a point where the worst eigenvalue is smaller, bounded in effort."""
    step = Rational(1, 2)
    for _ in range(40):
        best = (value, point)
        for i in range(len(variables)):
            for sign in (1, -1):
                moved = tuple(c + sign * step if j == i else c for j, c in enumerate(point))
                if not inside(moved):
                    continue
                pairs = _eigen(table, variables, moved, parameters)
                if pairs:
                    worst = SIGN[kind] * pairs[0 if kind == "convex" else -1][0]
                    best = min(best, (worst, moved), key=lambda item: item[0])
        if best[0] < value:
            value, point = best
            if value < 0:
                break
        else:
            step /= 2
            if step < Rational(1, 1000):
                break
    return point, value


def flat_chord(objective: Expr, variables: tuple[Symbol, ...], cell: Cell, curved: Step) -> Step | None:
    """A segment along which a function that is curved is affine: not strictly convex (concave)."""
    kind = cast(Curved, curved.claim).kind
    samples = parameter_samples(cell)
    if not samples:
        return None
    f = evaluator(objective)
    inside = region_test(cell, variables, samples[0])
    points = sample_points(cell, variables, samples[0], (objective,), count=24)
    n = len(variables)
    axes = [tuple(Integer(int(i == j)) for j in range(n)) for i in range(n)]
    directions = axes + [
        tuple(a + s * b for a, b in zip(u, v, strict=True)) for u, v in combinations(axes, 2) for s in (1, -1)
    ]
    directions += [tuple(S.One for _ in range(n))] if n > 2 else []
    directions += _unbent(curved, variables)
    proposed = (
        *_beyond_kinks(objective, variables),
        *_beyond_centres(curved, variables),
        *_across_forms(curved, variables),
        *_between_kinks(objective, points[:3], directions[:MAX_FORMS]),
    )
    for chord, quantity in proposed:
        gaps = [_gap(f, variables, chord, sample) for sample in samples]
        told = [gap for gap in gaps if not math.isnan(gap)]
        if told and all(abs(gap) < 1e-14 for gap in told) and cell.is_nonzero(quantity):
            step = prove_not_curved(objective, variables, cell, kind, chord, strict=True)
            if step is not None:
                return step
    attempts = 0
    for point in points:
        for direction in (*directions, tuple(c / 2 for c in point)):
            if not any(direction):
                continue
            chord = (
                tuple(c - d / 2 for c, d in zip(point, direction, strict=True)),
                tuple(c + d / 2 for c, d in zip(point, direction, strict=True)),
            )
            if not all(inside(end) for end in chord):
                continue
            if all(abs(_gap(f, variables, chord, sample)) < 1e-14 for sample in samples):
                if cell.parameters and _has_open_power(objective, variables, chord):
                    continue
                attempts += 1
                step = prove_not_curved(objective, variables, cell, kind, chord, strict=True)
                if step is not None:
                    return step
                if attempts > MAX_ATTEMPTS:
                    return None
    return None


def _has_open_power(objective: Expr, variables: tuple[Symbol, ...], chord: Chord) -> bool:
    """Whether f at an end holds 0^p, which is a number only where p is known."""
    values = (objective.xreplace(dict(zip(variables, end, strict=True))) for end in chord)
    return any(power.base == 0 for value in values for power in value.atoms(Pow))


def seems_to_bend(objective: Expr, variables: tuple[Symbol, ...], cell: Cell) -> bool:
    """Whether f looks affine at none of several values of the parameters."""
    f = evaluator(objective)
    for sample in parameter_samples(cell, MAX_SAMPLES):
        points = sample_points(cell, variables, sample, (objective,), count=MAX_PAIRED)
        floats = ([evaluator(c)(sample) for c in point] for point in points)
        reached = [tuple(map(Rational, point)) for point in floats if all(map(math.isfinite, point))]
        if not any(abs(_gap(f, variables, chord, sample)) > CLEAR for chord in combinations(reached, 2)):
            return False
    return True


def _between_kinks(
    objective: Expr, points: Sequence[Vector], directions: Sequence[Vector]
) -> Iterator[tuple[Chord, Expr]]:
    """Short segments, on which one branch of each kink counts."""
    for point in points if objective.has(*KINKS) and len(directions) > 1 else ():
        for direction in directions:
            yield _around(point, direction, Rational(1, 64)), S.One


def _beyond_centres(curved: Step, variables: tuple[Symbol, ...]) -> Iterator[tuple[Chord, Expr]]:
    """Along the line through the centres of two norms, beyond the second one."""
    centres = [c for c in dict.fromkeys(centres_of_norms(curved, variables)) if c is not None]
    for centre, other in combinations(centres, 2):
        far = [tuple(b + k * (b - a) for a, b in zip(centre, other, strict=True)) for k in (1, 2)]
        yield (far[0], far[1]), S.One


def _beyond_kinks(objective: Expr, variables: tuple[Symbol, ...]) -> Iterator[tuple[Chord, Expr]]:
    """In one variable, segments beyond all kinks, then beside one that moves; what their places are divided by."""
    if len(variables) > 1:
        return
    found = []
    for switch in list(dict.fromkeys(switches(objective)))[:MAX_SWITCHES]:
        slope, rest = switch.coeff(variables[0]), switch.xreplace({variables[0]: S.Zero})
        if slope != 0 and not slope.has(*variables):
            found.append((-rest / slope, slope))
    moving = [(centre, slope) for centre, slope in found if centre.free_symbols]
    plain = not objective.has(Piecewise) and all(slope.is_Rational for _, slope in found)
    if moving and len(found) > 1 and plain:
        far = 1 + Add(*(Abs(centre) for centre in dict.fromkeys(centre for centre, _ in found)))
        for turn in (1, -1):
            yield ((turn * far,), (turn * (far + 1),)), S.One
    for centre, slope in moving:
        unit = S.One / slope if slope.free_symbols else S.One
        for k in (1, -2, 10, -20):
            yield ((centre + k * unit,), (centre + (k + abs(k)) * unit,)), slope


def _across_forms(curved: Step, variables: tuple[Symbol, ...]) -> Iterator[tuple[Chord, Expr]]:
    """In two variables, (0, 0) and (b, -a) for a form a x + b y that alone bends f; with a or b, one that is not 0."""
    forms = strict_directions(curved, variables) if len(variables) == 2 else ()
    moving = [form for form in forms if any(c.free_symbols for c in form)]
    for a, b in moving[:1]:
        quantity = next((c for c in (a, b) if c.is_Rational and c != 0), a)
        yield ((S.Zero, S.Zero), (b, -a)), quantity


def _unbent(curved: Step, variables: tuple[Symbol, ...]) -> list[Vector]:
    """The directions in which no linear form changes by which f is strictly curved: (3, -2) of e^(2 x + 3 y)."""
    forms = strict_directions(curved, variables)
    if not forms or len(variables) > MAX_FORMS or any(c.free_symbols for form in forms for c in form):
        return []
    return [tuple(column) for column in Matrix(forms).nullspace()]
