"""Curvature by second derivatives: a Hessian that is semidefinite at every point of a convex region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Final, cast

from sympy import Dummy, Expr, Integer, Mul, Poly, Pow, S, Symbol, cos, cosh, exp, powsimp, sin
from sympy import Matrix as SymPyMatrix
from sympy.simplify.fu import TR8

from symopt.cases import Cell
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import (
    Context,
    Continuous,
    Curved,
    Definite,
    Hessian,
    Holds,
    Matrix,
    RegionConvex,
    Smooth,
    Step,
)
from symopt.domain import natural_domain
from symopt.exact.derivatives import derivative_by_table, singularities
from symopt.exact.gates import operations
from symopt.exact.normal import TooLarge, Unsupported, factors
from symopt.reasoning.proposing import accepted, domain_within, facts_for
from symopt.reasoning.quadratic import signature
from symopt.reasoning.sampling import is_plausible, parameter_samples, region_test, sample_points, vanishes
from symopt.reasoning.sign import prove_relation
from symopt.reasoning.sum_of_squares import sum_of_squares
from symopt.reasoning.waves import prove_by_exponentials, prove_by_products, prove_with_waves
from symopt.relation import Relation
from symopt.results.evidence import trust_of

OPS: Final = {"convex": (">", ">="), "concave": ("<", "<=")}
MAX_VARIABLES: Final = 4
MAX_OPERATIONS: Final = 400
MAX_LINES: Final = 4
MAX_ROOTS: Final = 3  # in second derivatives that are brought to a common denominator
MAX_GIVEN: Final = 4


def second_order(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, region: Step, kinds: tuple[str, ...]
) -> Step | None:
    """A proof that f is of one of the kinds by the sign of its Hessian on the region, or None."""
    entries = hessian_entries(objective, variables)
    if entries is None:
        return None
    context = cell.context
    smooth = accepted(context, Smooth(objective, variables), "smooth_by_table")
    if smooth is None:
        facts = facts_for(singularities(objective, variables) or (), context)
        smooth = accepted(context, Smooth(objective, variables), "smooth_by_table", facts) if facts else None
    if smooth is None:
        return _up_to_the_border(objective, variables, cell, region, kinds)
    hessian = accepted(context, Hessian(objective, variables, entries), "hessian")
    if hessian is None:
        return _up_to_the_border(objective, variables, cell, region, kinds)
    constant = all(not entry.free_symbols & set(variables) for row in entries for entry in row)
    if not any(entry for row in entries for entry in row):
        return accepted(
            context, Curved(objective, variables, "affine"), "second_order", (smooth, hessian, region)
        )
    for kind in kinds:
        premises = (smooth, hessian, region)
        if constant:
            signs = _constant_sign(entries, kind, cell)
        elif len(variables) == 1:
            signs = _scalar_sign(entries[0][0], kind, cell, variables)
        else:
            signs = _matrix_sign(entries, variables, kind, cell)
        if signs is None:
            continue
        step = _conclude(objective, variables, kind, context, (signs, *premises))
        if step is not None and not cast(Curved, step.claim).strict and len(variables) == 2:
            step = _on_lines(objective, variables, kind, cell, (signs, *premises), entries) or step
        if step is not None:
            return step
    return None


def sign_of_hessian(entries: Matrix, variables: tuple[Symbol, ...], cell: Cell) -> Step | None:
    """A proof that the matrix is positive semidefinite (or definite) at every point of the cell's region."""
    if len(entries) > 1:
        return _matrix_sign(entries, variables, "convex", cell)
    proved = _scalar_sign(entries[0][0], "convex", cell, variables)
    if proved is None:
        return None
    op = cast(Holds, proved.claim).relation.op
    unit = ((S.One,),)
    return accepted(
        cell.context, Definite(entries, op), "positive_definite", (proved,), lower=unit, diagonal=entries[0]
    )


def hessian_entries(objective: Expr, variables: tuple[Symbol, ...]) -> Matrix | None:
    """The second derivatives in normal form; None when one is not to be had."""
    n = len(variables)
    table: dict[tuple[int, int], Expr] = {}
    try:
        for i, first in enumerate(variables):
            slope = derivative_by_table(objective, first)
            for j, second in enumerate(variables[: i + 1]):
                entry = derivative_by_table(slope, second)
                if operations(entry) > MAX_OPERATIONS * 10:
                    return None
                table[i, j] = table[j, i] = factored(entry)
    except (Rejected, TooLarge, Unsupported):
        return None
    return tuple(tuple(table[i, j] for j in range(n)) for i in range(n))


def factored(expression: Expr) -> Expr:
    """The expression in normal form, as a product of its factors; waves are only added up."""
    if expression.has(sin, cos, cosh):
        return expression.expand(trig=False)
    roots = {p.base for p in expression.atoms(Pow) if p.exp.is_Rational and not p.exp.is_Integer}
    if len(roots) > MAX_ROOTS:  # a common denominator would be long, and tells no sign
        return expression
    constant, parts = factors(expression)
    product = Mul(constant, *(Pow(base, power) for base, power in parts))
    # x^n/x^2 asks for x != 0, where x^(n - 2) has a value at 0 as well
    return powsimp(product, combine="exp") if any(p.exp.free_symbols for p in product.atoms(Pow)) else product


def _prove(relation: Relation, cell: Cell) -> Step | None:
    cell.budget.check()
    for prove in (prove_with_waves, prove_by_exponentials, prove_by_products):
        step = prove(relation, cell)
        if step is not None:
            return step
    return prove_relation(relation, cell.context)


def _conclude(
    objective: Expr, variables: tuple[Symbol, ...], kind: str, context: Context, premises: tuple[Step, ...]
) -> Step | None:
    claim = Curved(objective, variables, kind, True)
    strict = accepted(context, claim, "second_order", premises)
    if strict is not None:
        return strict
    if len(variables) == 1:
        for point in (S.One, S.Zero, -S.One, Integer(2), S.Half, Integer(10), -Integer(10), S.Half / 10):
            step = accepted(context, claim, "isolated_zeros", premises, point=point)
            if step is not None:
                return step
    return accepted(context, replace(claim, strict=False), "second_order", premises)


def _scalar_sign(entry: Expr, kind: str, cell: Cell, variables: tuple[Symbol, ...] = ()) -> Step | None:
    if not is_plausible(Relation(entry, OPS[kind][1]), cell, variables):
        return None
    for op in OPS[kind][1:] if vanishes(entry, cell, variables) else OPS[kind]:
        step = _prove(Relation(entry, op), cell)
        if step is not None:
            return step
    return None


def _constant_sign(entries: Matrix, kind: str, cell: Cell) -> Step | None:
    """L D L^T of a Hessian that does not depend on the variables; the pivots' signs split the cell."""
    if len(entries) == 1:
        cell.sign(entries[0][0])
        return _scalar_sign(entries[0][0], kind, cell)
    found = signature(entries, cell.sign)
    against = found.down if kind == "convex" else found.up
    if against is not None or found.lower is None or found.diagonal is None:
        return None
    strict = found.flat is None
    op = OPS[kind][0 if strict else 1]
    condition = Context((), cell.context.condition)
    signs = [prove_relation(Relation(d, op), condition) for d in found.diagonal]
    facts = [step for step in signs if step is not None]
    divided = (r for row in (*found.lower, found.diagonal) for e in row for r in natural_domain(e))
    facts += facts_for(dict.fromkeys(divided), condition) or ()
    return accepted(
        cell.context,
        Definite(entries, op),
        "positive_definite",
        facts,
        lower=found.lower,
        diagonal=found.diagonal,
    )


def _matrix_sign(entries: Matrix, variables: tuple[Symbol, ...], kind: str, cell: Cell) -> Step | None:
    """Leading principal minors for definite, all principal minors for semidefinite."""
    n = len(entries)
    if n > MAX_VARIABLES:
        return None
    turn = 1 if kind == "convex" else -1
    context = cell.context
    every = tuple(rows for k in range(1, n + 1) for rows in combinations(range(n), k))
    minors = [(rows, _minor(entries, turn, rows)) for rows in every]
    if not all(is_plausible(Relation(minor, ">="), cell, variables) for _, minor in minors):
        return None
    step = _dominance(entries, turn, kind, cell, variables)
    if step is not None:
        return step
    step = _form_of_squares(entries, variables, turn, kind, cell)
    if step is not None:
        return step
    leading = _proofs([m for rows, m in minors if rows == tuple(range(len(rows)))], ">", cell)
    semidefinite = None
    if leading is None:
        semidefinite = _proofs([m for _, m in minors], ">=", cell)
        if semidefinite is None:
            return None
    needed = dict.fromkeys(r for row in entries for e in row for r in domain_within(e, context))
    defined = facts_for(needed, context) or ()
    if leading is not None:
        step = accepted(context, Definite(entries, OPS[kind][0]), "minors", (*leading, *defined))
        if step is not None:
            return step
        semidefinite = _proofs([m for _, m in minors], ">=", cell)
    if semidefinite is None:
        return None
    return accepted(context, Definite(entries, OPS[kind][1]), "principal_minors", (*semidefinite, *defined))


def _form_of_squares(
    entries: Matrix, variables: tuple[Symbol, ...], turn: int, kind: str, cell: Cell
) -> Step | None:
    """v^T H v as a sum of squares of polynomials, times what the region says is positive (SOS-convexity)."""
    symbols = tuple(dict.fromkeys((*variables, *(s for row in entries for e in row for s in e.free_symbols))))
    if len(symbols) > len(variables) or not all(e.is_polynomial(*variables) for row in entries for e in row):
        return None
    directions = tuple(Dummy(f"v{i}", real=True) for i in range(len(variables)))
    form = sum(
        (
            turn * e * v * w
            for row, v in zip(entries, directions, strict=True)
            for e, w in zip(row, directions, strict=True)
        ),
        S.Zero,
    ).expand()
    cell.budget.check()
    for given in dict.fromkeys(((), _nonnegative(cell, variables))):
        found = sum_of_squares(form, variables, given, directions)
        if found is not None:
            squares = tuple((w * g, tuple(q.coeff(v) for v in directions)) for w, g, q in found)
            return accepted(cell.context, Definite(entries, OPS[kind][1]), "form_of_squares", squares=squares)
    return None


def centred_powers(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[int, tuple[Expr, ...]] | None:
    """The even degree d of a polynomial, and the point c for which f(x + c) has no terms of degree d - 1.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> centred_powers((x - 1)**4 + (x + y)**4, (x, y))
    (4, (1, -1))
    """
    poly = objective.as_poly(*variables)
    if poly is None or not all(c.is_Rational for c in poly.coeffs()) or poly.total_degree() % 2:
        return None
    degree = poly.total_degree()
    top, next_to_top = ({m: c for m, c in poly.terms() if sum(m) == d} for d in (degree, degree - 1))
    slopes = [Poly(top, *variables).diff(v).as_dict() for v in variables]
    rows = list(dict.fromkeys((*next_to_top, *(m for slope in slopes for m in slope))))
    system = SymPyMatrix([[slope.get(m, S.Zero) for slope in slopes] for m in rows])
    right = SymPyMatrix([-next_to_top.get(m, S.Zero) for m in rows])
    if system.rank() < len(variables) or system.row_join(right).rank() > len(variables):
        return degree, tuple(S.Zero for _ in variables)
    normal = system.T * system
    return degree, tuple(normal.LUsolve(system.T * right))


def _nonnegative(cell: Cell, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """Polynomials that the region says are nonnegative, and products of two of them that are affine."""
    turned = (
        (r.expression if r.op[0] == ">" else -r.expression) for r in cell.context.region if r.op[0] in "<>"
    )
    given = [g for g in turned if g.is_polynomial() and g.free_symbols <= set(variables)][:MAX_GIVEN]
    affine = [g for g in given if gradient_if_constant(g, variables) is not None]
    return (*given, *(Mul(a, b) for a, b in combinations(affine, 2)))


def _dominance(
    entries: Matrix, turn: int, kind: str, cell: Cell, variables: tuple[Symbol, ...]
) -> Step | None:
    """Every diagonal entry at least as large as the others of its row together; tried where waves are in the way."""
    if not any(entry.has(sin, cos, exp) for row in entries for entry in row):
        return None
    n, rests = len(entries), []
    for i, row in enumerate(entries):
        beside = [row[j] for j in range(n) if j != i and row[j] != 0]
        for signs in product((1, -1), repeat=len(beside)):
            rest = turn * row[i] + sum((s * h for s, h in zip(signs, beside, strict=True)), S.Zero)
            rests.append(_added_up(rest))
    if not all(is_plausible(Relation(rest, ">="), cell, variables) for rest in rests):
        return None
    for op in (">", ">="):
        facts = _proofs(rests, op, cell)
        if facts is not None:
            side = op if kind == "convex" else op.replace(">", "<")
            return accepted(cell.context, Definite(entries, side), "diagonal_dominance", facts)
    return None


def _added_up(expression: Expr) -> Expr:
    """Products of sines and cosines as sums of such; in normal form without them."""
    if expression.has(sin, cos):
        return TR8(expression.expand(trig=False)).expand(trig=False)
    try:
        return factored(expression)
    except (TooLarge, Unsupported):
        return expression


def _on_lines(
    objective: Expr,
    variables: tuple[Symbol, ...],
    kind: str,
    cell: Cell,
    premises: tuple[Step, ...],
    entries: Matrix,
) -> Step | None:
    """Strictness in two variables where the Hessian is singular on lines only."""
    try:
        determinant = factored(entries[0][0] * entries[1][1] - entries[0][1] ** 2)
        _, parts = factors(determinant)
    except (TooLarge, Unsupported):
        return None
    lines = [base for base, _ in parts if gradient_if_constant(base, variables) not in (None, (0, 0))]
    for form in dict.fromkeys(_exponents(determinant, variables)):
        lines += [form] if form not in lines else []
    chosen = [tuple(line for line in lines if line.free_symbols <= set(variables))]
    if not lines and vanishes(determinant, cell, variables):  # at single points, each on a line that is told
        centre = (centred_powers(objective, variables) or (0, (S.Zero, S.Zero)))[1]
        several = determinant.is_rational_function(*variables)
        chosen = [(v - c,) for v, c in zip(variables, centre, strict=True)][: 2 if several else 1]
    chosen += [
        border for border in _curved_borders(cell, variables) if determinant.is_rational_function(*variables)
    ]
    for places in dict.fromkeys(chosen):
        step = _singular_on(places, determinant, Curved(objective, variables, kind, True), cell, premises)
        if step is not None:
            return step
    return None


def _curved_borders(cell: Cell, variables: tuple[Symbol, ...]) -> Iterator[tuple[Expr]]:
    """What is 0 on a border that belongs to the region, where that is no line."""
    for relation in cell.context.region:
        if relation.op in (">=", "<=") and gradient_if_constant(relation.expression, variables) is None:
            yield (relation.expression,)


def _singular_on(
    places: tuple[Expr, ...], determinant: Expr, claim: Curved, cell: Cell, premises: tuple[Step, ...]
) -> Step | None:
    """f is strictly curved since det H vanishes on lines, and where strictly curved functions do, only."""
    variables, samples = claim.variables, parameter_samples(cell)
    lines = tuple(place for place in places if gradient_if_constant(place, variables) is not None)
    curves = tuple(place for place in places if place not in lines)
    if not samples or len(places) > MAX_LINES:
        return None
    points = tuple(_point_on(line, variables, cell, samples[0]) for line in lines)
    bent = tuple(_strictly_curved(curve, variables, cell) for curve in curves)
    if None in points or None in bent:
        return None
    outside = replace(cell, context=cell.context.with_region(*(Relation(place, "!=") for place in places)))
    if vanishes(determinant, outside, variables):
        return None
    nonzero = _prove(Relation(determinant, ">"), outside) or _prove(Relation(determinant, "!="), outside)
    if nonzero is None or trust_of((nonzero,)) == "trusted":  # there are other ways to strictness
        return None
    data = {"lines": lines, "points": points} | ({"curves": curves} if curves else {})
    known = (nonzero, *premises, *cast(tuple[Step, ...], bent))
    return accepted(cell.context, claim, "singular_lines", known, **data)


def _strictly_curved(curve: Expr, variables: tuple[Symbol, ...], cell: Cell) -> Step | None:
    """A proof that a polynomial of degree 2 is strictly convex or concave everywhere."""
    poly = curve.as_poly(*variables)
    if poly is None or poly.total_degree() != 2 or not all(c.is_Rational for c in poly.coeffs()):
        return None
    plain = replace(cell, objective=curve, context=Context())
    whole = accepted(Context(), RegionConvex(variables), "region_convex", order=())
    step = None if whole is None else second_order(curve, variables, plain, whole, ("convex", "concave"))
    return step if step is not None and cast(Curved, step.claim).strict else None


def _exponents(expression: Expr, variables: tuple[Symbol, ...]) -> Iterator[Expr]:
    """Affine exponents u, for differences such as e^u - 1, which vanish where u does."""
    for node in expression.atoms(exp):
        slopes = gradient_if_constant(node.args[0], variables)
        if slopes is not None and all(s.is_Rational for s in slopes) and any(slopes):
            yield node.args[0]


def _point_on(
    line: Expr, variables: tuple[Symbol, ...], cell: Cell, sample: Mapping[Symbol, float]
) -> tuple[Expr, ...] | None:
    """A simple point of the region on the line, away from the origin where that is possible."""
    slopes = gradient_if_constant(line, variables)
    inside = region_test(cell, variables, sample)
    if slopes is None:
        return None
    at_origin = line.xreplace(dict.fromkeys(variables, S.Zero))
    size = sum(s**2 for s in slopes)
    for turn in (S.One, -S.One, Integer(2), S.Half, -S.Half, Integer(5), S.Zero):
        point = tuple(
            -at_origin * s / size + turn * d for s, d in zip(slopes, (-slopes[1], slopes[0]), strict=True)
        )
        if inside(point):
            return point
    return None


def _minor(entries: Matrix, turn: int, rows: tuple[int, ...]) -> Expr:
    determinant: Expr = SymPyMatrix([[turn * entries[i][j] for j in rows] for i in rows]).det(
        method="berkowitz"
    )
    try:
        return factored(determinant)
    except (TooLarge, Unsupported):
        return determinant


def _proofs(quantities: list[Expr], op: str, cell: Cell) -> tuple[Step, ...] | None:
    steps = []
    for quantity in quantities:
        step = _prove(Relation(quantity, op), cell)
        if step is None:
            return None
        steps.append(step)
    return tuple(steps)


def _up_to_the_border(
    objective: Expr, variables: tuple[Symbol, ...], cell: Cell, region: Step, kinds: tuple[str, ...]
) -> Step | None:
    """Convex where the affine constraints are strict, and continuous on the whole region."""
    context = cell.context
    relations = tuple(
        Relation(r.expression, r.op[0])
        if r.op in (">=", "<=") and gradient_if_constant(r.expression, variables)
        else r
        for r in context.region
    )
    continuous = accepted(context, Continuous(objective, variables), "continuous_by_table")
    samples = parameter_samples(cell)
    if relations == context.region or continuous is None or not samples:
        return None
    inner = replace(cell, context=Context(relations, context.condition))
    opened = dict(zip(context.region, relations, strict=True))
    order = cast(tuple[Relation, ...], region.data("order") or context.region)
    inner_region = accepted(
        inner.context,
        RegionConvex(variables),
        "region_convex",
        region.premises,
        order=tuple(opened.get(r, r) for r in order),
    )
    points = sample_points(inner, variables, samples[0], count=3)
    if inner_region is None or not points:
        return None
    interior = second_order(objective, variables, inner, inner_region, kinds)
    if interior is None:
        return None
    claim = cast(Curved, interior.claim)
    for strict in (claim.strict, False):
        for point in points:
            step = accepted(
                context,
                replace(claim, strict=strict),
                "curvature_closure",
                (interior, continuous, region),
                point=point,
            )
            if step is not None:
                return step
    return None
