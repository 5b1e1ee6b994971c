"""Is the region convex? A proof, relation by relation, or two points with a point between them outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, permutations
from typing import Final, cast

from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    Poly,
    Pow,
    S,
    Symbol,
    atan,
    cos,
    exp,
    expand,
    log,
    pi,
    resultant,
    sin,
    sqrt,
    tan,
)

from symopt.cases import Cell
from symopt.derivation.checks_region import gradient_if_constant, is_affine
from symopt.derivation.claims import Context, Curved, NotCurved, RegionConvex, RegionNotConvex, Step
from symopt.domain import natural_domain
from symopt.exact.normal import TooLarge, Unsupported, factors
from symopt.exact.signs import without_known_kinks
from symopt.reasoning.atoms import decompositions
from symopt.reasoning.proposing import accepted, facts_for, holds_by_tree
from symopt.reasoning.refute import refute
from symopt.reasoning.sampling import parameter_samples, region_test, sample_points
from symopt.reasoning.sign import prove_relation
from symopt.relation import REVERSED, Relation

Curvature = Callable[[Expr, Context, Step], Step | None]
MAX_PAIRS: Final = 40
MAX_PAIRS_WITH_PARAMETERS: Final = 10  # each asks the provers
INVERSES: Final = {exp: log, log: exp, atan: tan}  # of increasing functions
TURNS: Final = (0, 1, -1, 2, -2)
LEVEL_SETS = {">": "concave", ">=": "concave", "<": "convex", "<=": "convex"}


def prove_region_convex(cell: Cell, variables: tuple[Symbol, ...], curvature: Curvature) -> Step | None:
    """A proof that the cell's region is convex; `curvature` proves it of level sets."""
    condition = cell.context.condition
    waiting = sorted(  # half spaces first: what they imply needs no other proof
        dict.fromkeys(cell.context.region),
        key=lambda r: r.op == "!=" or not is_affine(r.expression, variables),
    )
    order: list[Relation] = []
    premises: list[Step] = []
    same_as: list[tuple[Relation, Relation]] = []
    while waiting:
        before = Context(tuple(order), condition)
        for relation in waiting:
            found = _next(relation, before, variables, curvature, premises, same_as)
            if found is not None:
                steps, other = found
                premises += steps
                same_as += [(relation, other)] if other is not None else []
                order.append(relation)
                waiting.remove(relation)
                break
        else:
            return None
    return accepted(
        cell.context,
        RegionConvex(variables),
        "region_convex",
        premises,
        order=tuple(order),
        same_as=tuple(same_as),
    )


def _next(
    relation: Relation,
    before: Context,
    variables: tuple[Symbol, ...],
    curvature: Curvature,
    premises: list[Step],
    same_as: list[tuple[Relation, Relation]],
) -> tuple[tuple[Step, ...], Relation | None] | None:
    """The proofs that let the relation come next: affine, implied, same as an affine one, or a level set."""
    if relation.op != "!=" and is_affine(relation.expression, variables):
        return (), None
    for op in (">", "<") if relation.op == "!=" else (relation.op,):
        wanted = Relation(relation.expression, op)
        implied = (
            _between_parallels(wanted, before, variables)
            or prove_relation(wanted, before)
            or _from_multiple(wanted, before)
        )
        if implied is not None:
            return (implied,), None
    plain = without_known_kinks(relation.expression, before.relations)
    resolved = () if plain == relation.expression else (Relation(plain, relation.op),)
    for other in (*resolved, *_affine_candidates(relation, variables)):
        if gradient_if_constant(other.expression, variables) is None:
            continue
        there = prove_relation(relation, before.with_region(other))
        away = prove_relation(relation.negated(), before.with_region(other.negated())) if there else None
        if there is not None and away is not None:
            return (there, away), other
    region = None
    if relation.op in LEVEL_SETS:
        region = accepted(
            before,
            RegionConvex(variables),
            "region_convex",
            premises,
            order=before.region,
            same_as=tuple(same_as),
        )
    if region is not None:
        for other in (relation, *_divided(relation, before, variables)):
            step = curvature(other.expression, before, region)
            if step is None or cast(Curved, step.claim).kind not in (LEVEL_SETS[relation.op], "affine"):
                continue
            if other == relation:
                return (step,), None
            there, away = (
                _multiplied(r, before.with_region(o))
                for r, o in ((relation, other), (relation.negated(), other.negated()))
            )
            if there is not None and away is not None:
                return (step, there, away), other
    return None


def _divided(relation: Relation, before: Context, variables: tuple[Symbol, ...]) -> Iterator[Relation]:
    """m v + r op 0 with m > 0 (or m < 0) known, as v + r/m op 0; a c - b^2 op 0 with a > 0 as c - b^2/a op 0."""
    for variable in variables:
        poly = relation.expression.as_poly(variable)
        if poly is not None and poly.degree() == 1 and poly.LC().free_symbols:
            slope, rest = poly.all_coeffs()
            for sign, op in ((">", relation.op), ("<", REVERSED[relation.op])):
                if prove_relation(Relation(slope, sign), before) is not None:
                    yield Relation(variable + rest / slope, op)
    positive = tuple(
        r.expression if r.op == ">" else -r.expression
        for r in before.region
        if r.op in (">", "<") and gradient_if_constant(r.expression, variables) is not None
    )
    for a, c, *b in decompositions(relation.expression, variables, positive):
        yield Relation(c - Add(*(v**2 / a for v in b)), relation.op)


def _multiplied(relation: Relation, context: Context) -> Step | None:
    """The relation from the last one of the context, which is the same up to a factor of known sign."""
    return _as_multiple(relation, context.region[-1].expression, context)


def _from_multiple(relation: Relation, before: Context) -> Step | None:
    """x > 1 from x^2 > 1 where x > 0: as a multiple, of known sign, of what is given."""
    for given in before.region:
        pair = (given.expression, relation.expression)
        apart = given == relation or given.symbols.isdisjoint(relation.symbols)
        if not apart and all(e.is_rational_function() for e in pair):
            step = _as_multiple(relation, given.expression, before)
            if step is not None:
                return step
    return None


def _between_parallels(relation: Relation, before: Context, variables: tuple[Symbol, ...]) -> Step | None:
    """u > 0 from c u (k + m u) > 0 with c m < 0: c k u is the sum of that product and of -c m u^2."""
    u = relation.expression
    slopes = gradient_if_constant(u, variables)
    if relation.op not in (">", "<") or slopes is None or not any(slopes):
        return None
    pivot, slope = next((v, d) for v, d in zip(variables, slopes, strict=True) if d != 0)
    t = Dummy("t", real=True)
    for given in before.region:
        if not given.is_strict or not given.expression.is_polynomial(*variables):
            continue
        in_t = expand(given.expression.subs(pivot, pivot + (t - u) / slope)).as_poly(t)
        if in_t is None or in_t.degree() != 2 or in_t.eval(0) != 0 or in_t.has(*variables):
            continue
        square, level = in_t.coeff_monomial(t**2), in_t.coeff_monomial(t)
        value = Add(given.expression, Mul(-square, Pow(u, 2), evaluate=False), evaluate=False)
        step = holds_by_tree(relation, before, Mul(1 / level, value, evaluate=False))
        if step is not None:
            return step
    return None


def _as_multiple(relation: Relation, given: Expr, context: Context) -> Step | None:
    factor = (relation.expression / given).together().cancel()
    return holds_by_tree(relation, context, Mul(factor, given, evaluate=False))


def _affine_candidates(relation: Relation, variables: tuple[Symbol, ...]) -> tuple[Relation, ...]:
    """Half spaces that the relation may amount to: those of its affine factors, and of an arc, on either side."""
    wave = relation.expression
    if (
        isinstance(wave, (sin, cos))
        and relation.op in LEVEL_SETS
        and gradient_if_constant(wave.args[0], variables) is not None
    ):
        strictness = relation.op.lstrip("<>")
        borders = (wave.args[0] - (k + (S.Half if isinstance(wave, cos) else 0)) * pi for k in TURNS)
        return tuple(Relation(border, side + strictness) for border in borders for side in "<>")
    rest, moving = relation.expression.as_independent(*variables, as_Add=True)
    factor, function = moving.as_coeff_Mul()
    inverse = INVERSES.get(function.func)
    if inverse is not None and gradient_if_constant(function.args[0], variables) is not None:
        side = relation.op if factor > 0 else REVERSED.get(relation.op, relation.op)
        border = inverse(-rest / factor)
        return (Relation(function.args[0] - border, side),) if border.is_real else ()
    try:
        _, parts = factors(relation.expression)
    except (TooLarge, Unsupported):
        return ()
    found = []
    for base, _ in parts:
        if base.free_symbols & set(variables) and gradient_if_constant(base, variables) is not None:
            op = ">" if relation.op == "!=" else relation.op
            found += [Relation(base, op), Relation(base, REVERSED[op])]
    return tuple(found)


def refute_region_convex(cell: Cell, variables: tuple[Symbol, ...]) -> Step | None:
    """Two points of the region and one between them outside it."""
    step = _refute_gap(cell, variables)
    if step is not None:
        return step
    for parameters in parameter_samples(cell)[:1]:
        points = sample_points(cell, variables, parameters)
        inside = region_test(cell, variables, parameters)
        tried = 0
        for p, q in combinations(points, 2):
            middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
            if inside(middle):
                continue
            tried += 1
            if tried > (MAX_PAIRS_WITH_PARAMETERS if cell.parameters else MAX_PAIRS):
                break
            step = _not_convex(cell, variables, p, q)
            if step is not None:
                return step
    return _refute_epigraph(cell, variables)


def settle_borders(cell: Cell, variables: tuple[Symbol, ...]) -> None:
    """Split the cell where borders of a region on a line appear, vanish or meet.

    They are the roots of polynomials up to degree 2, which do so at leading coefficients, discriminants and resultants.
    """
    for polynomial in (borders := _borders(cell, variables)):
        cell.sign(polynomial.LC())
        if polynomial.degree() == 2:
            cell.sign(polynomial.discriminant())
    for one, other in combinations(borders, 2):
        cell.sign(resultant(one.as_expr(), other.as_expr(), *variables))


def _borders(cell: Cell, variables: tuple[Symbol, ...]) -> tuple[Poly, ...]:
    if len(variables) != 1 or not cell.parameters:
        return ()
    found = (r.expression.as_poly(*variables) for r in cell.context.region)
    return tuple(dict.fromkeys(p for p in found if p is not None and 1 <= p.degree() <= 2))


def _refute_gap(cell: Cell, variables: tuple[Symbol, ...]) -> Step | None:
    """On a line, with parameters: points on both sides of a root or of two roots, with the middle between them."""
    borders = [border for p in _borders(cell, variables) for border in _roots(p)]
    for left, right in (*((r, r) for r in borders), *permutations(borders, 2)):
        middle = (left + right) / 2
        for reach in (S.One, right - left, *((middle - other) / 2 for other in borders if other != left)):
            p, q = expand(left - reach), expand(right + reach)
            step = _not_convex(cell, variables, (p,), (q,)) if p != q else None
            if step is not None:
                return step
    return None


def _not_convex(
    cell: Cell, variables: tuple[Symbol, ...], p: tuple[Expr, ...], q: tuple[Expr, ...]
) -> Step | None:
    """The step that p and q lie in the region and the middle does not, with what has to be known of the parameters."""
    middle = tuple((a + b) / 2 for a, b in zip(p, q, strict=True))
    ends = [r.at(dict(zip(variables, point, strict=True))) for point in (p, q) for r in cell.context.region]
    bare = Context((), cell.context.condition)
    real = facts_for((r for value in (*p, *q) for r in natural_domain(value) if r.symbols), bare)
    if real is None:
        return None
    facts = [_at_point(relation, bare, real) for relation in ends if relation.symbols]
    if None in facts:
        return None
    for relation in cell.context.region:
        outside = relation.at(dict(zip(variables, middle, strict=True))).negated()
        proof = _at_point(outside, bare, real) if outside.symbols else None
        if proof is not None or not outside.symbols:
            claim = RegionNotConvex(variables, p, q, S.Half)
            step = accepted(cell.context, claim, "region_not_convex", filter(None, (*real, *facts, proof)))
            if step is not None:
                return step
    return None


def _at_point(relation: Relation, context: Context, real: tuple[Step, ...]) -> Step | None:
    """A relation between real parameters, read off what it is when it is multiplied out."""
    plain = expand(relation.expression)
    known = facts_for((Relation(plain, relation.op),) if plain.free_symbols else (), context)
    return None if known is None else holds_by_tree(relation, context, plain, (*real, *known))


def _roots(polynomial: Poly) -> tuple[Expr, ...]:
    if polynomial.degree() == 1:
        slope, level = polynomial.all_coeffs()
        return (-level / slope,)
    a, b, _ = polynomial.all_coeffs()
    root = sqrt(polynomial.discriminant())
    return tuple(expand((-b + sign * root) / (2 * a)) for sign in (-1, 1))


def _refute_epigraph(cell: Cell, variables: tuple[Symbol, ...]) -> Step | None:
    """Two points above the graph of h and one between them below it, for a relation t op h with h not convex there."""
    for relation in cell.context.region:
        turn = {">": 1, ">=": 1, "<": -1, "<=": -1}.get(relation.op)
        for t in variables if turn is not None and not cell.parameters else ():
            slope = relation.expression.coeff(t)
            h = -(relation.expression - slope * t) / slope if slope.is_Rational and slope != 0 else None
            rest = tuple(v for v in variables if v != t)
            if h is None or h.has(t) or not rest:
                continue
            kept = tuple(r for r in cell.context.region if not r.symbols & {t})
            below = replace(cell, objective=h, variables=rest, context=Context(kept, cell.context.condition))
            kind = "convex" if slope * turn > 0 else "concave"
            chord = refute(h, rest, below, (kind,)).get(kind)
            step = None if chord is None else _lifted(cast(NotCurved, chord.claim), t, variables, cell)
            if step is not None:
                return step
    return None


def _lifted(chord: NotCurved, t: Symbol, variables: tuple[Symbol, ...], cell: Cell) -> Step | None:
    """The ends of a chord, raised by half of its distance from the graph, so that they lie inside."""
    w, rest = chord.weight, chord.variables
    middle = tuple(w * a + (1 - w) * b for a, b in zip(chord.p, chord.q, strict=True))
    at_p, at_q, at_middle = (
        chord.objective.xreplace(dict(zip(rest, point, strict=True))) for point in (chord.p, chord.q, middle)
    )
    raised = (at_middle - w * at_p - (1 - w) * at_q) / 2
    ends = [
        {**dict(zip(rest, point, strict=True)), t: value + raised}
        for point, value in ((chord.p, at_p), (chord.q, at_q))
    ]
    p, q = (tuple(end[v] for v in variables) for end in ends)
    return accepted(cell.context, RegionNotConvex(variables, p, q, w), "region_not_convex")
