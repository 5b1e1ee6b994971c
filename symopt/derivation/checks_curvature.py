"""Checks of the rules about curvature.

Convexity on a region needs the region to be convex, and a smaller region need not be: so every step names a premise
that the region of its own context is convex, and a sign, a Hessian or a curvature may come from a larger one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Final, cast

from sympy import Expr, Integer, Matrix, Pow, S, Symbol, sqrt

from symopt.derivation.checking import (
    NONNEGATIVE, POSITIVE, SIGNS_OF, Rejected, Signs, available, facts, identical, is_defined, is_symbol_free,
    premises_of, require, require_available, require_holds, require_identical, signs_of_tree,
    the_premise,
)
from symopt.derivation.checks_derivative import is_continuous
from symopt.derivation.claims import (
    Context, Continuous, Curved, Definite, Hessian, Holds, NotCurved, RegionConvex, RegionNotConvex, Smooth, Step,
)
from symopt.derivation.curvature_atoms import ANY_NUMBER, CURVATURE_ATOMS, CurvatureAtom
from symopt.derivation.derivatives import derivative_by_table
from symopt.domain import natural_domain
from symopt.relation import Relation

Vector = tuple[Expr, ...]
NOT_REAL: Final = (S.ImaginaryUnit, S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity)
KINDS: Final = {"convex": 1, "concave": -1, "affine": 0}
OPS: Final = {"convex": (">", ">="), "concave": ("<", "<=")}


def gradient_if_constant(expression: Expr, variables: tuple[Symbol, ...]) -> Vector | None:
    """The gradient of an expression that is affine as it stands; None when it is not constant."""
    try:
        gradient = tuple(derivative_by_table(expression, v) for v in variables)
    except Rejected:
        return None
    return gradient if all(is_symbol_free(entry, variables) for entry in gradient) else None


def kinds_of(claim: Curved) -> tuple[int, ...]:
    """1 when it is convex, -1 when it is concave; both when it is affine."""
    return (1, -1) if claim.kind == "affine" else (KINDS[claim.kind],)


def strict_directions(step: Step, variables: tuple[Symbol, ...]) -> tuple[Vector, ...]:
    """Linear forms such that the function of a `Curved` step is strictly curved along every segment on which one of
    them changes. They span everything exactly when it is strictly convex (concave)."""
    claim = cast(Curved, step.claim)
    if claim.strict:
        return tuple(tuple(S.One if v == w else S.Zero for w in variables) for v in claim.variables)
    if step.rule == "curvature_rewritten":
        return strict_directions(step.premises[0], variables)
    return tuple(form for form in _own_directions(step, variables) if any(form))


def _own_directions(step: Step, variables: tuple[Symbol, ...]) -> Iterable[Vector]:
    known = facts(step)
    curved = premises_of(step, Curved)
    if step.rule in ("curvature_sum", "curvature_negation"):
        for factor, premise in zip(cast(Vector, step.data("multiples")), curved, strict=True):
            if 0 not in signs_of_tree(factor, known):
                yield from strict_directions(premise, variables)
    elif step.rule in ("atom", "composition"):
        atom = CURVATURE_ATOMS[cast(str, step.data("atom"))]
        for argument in cast(Vector, step.data("arguments")):
            form = gradient_if_constant(argument, variables)
            if atom.strict and form is not None:
                yield form
        inside = cast(Vector, step.data("arguments")) if atom.strictly_monotone else ()
        for premise in curved:
            if cast(Curved, premise.claim).objective in inside:
                yield from strict_directions(premise, variables)


def spans(forms: tuple[Vector, ...], size: int, known: tuple[Relation, ...]) -> bool:
    """Whether the forms have full rank: over Q by elimination, with parameters when `size` forms have det != 0."""
    distinct = tuple(dict.fromkeys(forms))
    rational = [form for form in distinct if all(entry.is_Rational for entry in form)]
    if len(rational) >= size and Matrix(rational).rank() == size:
        return True
    return len(distinct) == size and 0 not in signs_of_tree(Matrix(distinct).det(method="berkowitz"), known)


def _curved(step: Step) -> Curved:
    """The claim, after what every rule of curvature asks for: premises that hold here, on a convex region."""
    require(isinstance(step.claim, Curved), f"{step.rule} proves curvature only")
    claim = cast(Curved, step.claim)
    require(claim.kind in KINDS and not (claim.strict and claim.kind == "affine"), "no such kind")
    _require_condition_on_parameters(step, claim.variables)
    require_available(step)
    region = set(step.context.region)
    require(
        any(p.claim.variables == claim.variables and set(p.context.region) == region
            for p in step.premises if isinstance(p.claim, (RegionConvex, Curved))),
        "nothing says that the region is convex",
    )
    _require_defined(claim.objective, facts(step))
    return claim


def _require_condition_on_parameters(step: Step, variables: tuple[Symbol, ...]) -> None:
    condition = step.context.condition
    require(all(is_symbol_free(r.expression, variables) for r in condition), "the condition restricts a variable")


def _is_defined(expression: Expr, known: tuple[Relation, ...]) -> bool:
    return is_defined(_with_roots(expression, known), known)


def _with_roots(expression: Expr, known: tuple[Relation, ...]) -> Expr:
    """Square roots for the powers u^a with a > 0 known, which like them are defined for u >= 0."""
    return expression.xreplace({
        node: sqrt(node.base) for node in expression.atoms(Pow)
        if node.exp.free_symbols and signs_of_tree(node.exp, known) == POSITIVE
    })


def _require_defined(expression: Expr, known: tuple[Relation, ...]) -> None:
    """Reject unless the expression is a real number wherever the known facts hold."""
    require(not expression.has(*NOT_REAL) and _is_defined(expression, known), f"{expression} may be undefined here")


def _affine(step: Step) -> None:
    claim = _curved(step)
    coefficients = cast(Vector, step.data("coefficients"))
    require(len(coefficients) == len(claim.variables) + 1, "one coefficient for each variable, and a constant")
    for coefficient in coefficients:
        require(is_symbol_free(coefficient, claim.variables), "a coefficient varies")
        _require_defined(coefficient, facts(step))
    form = coefficients[-1] + sum((c * v for c, v in zip(coefficients, claim.variables, strict=False)), S.Zero)
    require_identical(claim.objective, form, "the affine form")
    require(not claim.strict, "an affine function is not strictly curved")


def _second_order(step: Step) -> None:
    if isinstance(step.claim, NotCurved):
        return _bends_the_wrong_way(step)
    claim = _curved(step)
    require(claim.kind in OPS, "affine functions have a rule of their own")
    smooth, hessian = the_premise(step, Smooth).claim, the_premise(step, Hessian).claim
    for about in (cast(Smooth, smooth), cast(Hessian, hessian)):
        said = about.expression if isinstance(about, Smooth) else about.objective
        require(said == claim.objective and about.variables == claim.variables, "a premise is about another function")
    matrix, ops = cast(Hessian, hessian).entries, OPS[claim.kind]
    signs = [p.claim.op for p in premises_of(step, Definite) if cast(Definite, p.claim).matrix == matrix]  # type: ignore[union-attr]
    if len(matrix) == 1:
        signs += [p.claim.relation.op for p in premises_of(step, Holds)  # type: ignore[union-attr]
                  if p.claim.relation.expression == matrix[0][0]]  # type: ignore[union-attr]
    strict_by_zeros = step.rule == "isolated_zeros"
    require(any(op in ops[: 1 if claim.strict and not strict_by_zeros else 2] for op in signs), "the Hessian's sign")
    if strict_by_zeros:
        require(len(matrix) == 1, "in one variable only")
        point = {claim.variables[0]: cast(Expr, step.data("point"))}
        known = _require_inside(step, point)
        require(0 not in signs_of_tree(matrix[0][0].xreplace(point), known), "f'' may vanish at the point as well")


def _bends_the_wrong_way(step: Step) -> None:
    """v^T H(p) v has the wrong sign at an inner point p of the region; v = q - p, and the weight 1 stands for "at p"."""
    claim = cast(NotCurved, step.claim)
    _require_condition_on_parameters(step, claim.variables)
    require_available(step)
    require(len(claim.p) == len(claim.q) == len(claim.variables) and claim.weight == 1, "a point and a direction")
    smooth, hessian = cast(Smooth, the_premise(step, Smooth).claim), cast(Hessian, the_premise(step, Hessian).claim)
    require((smooth.expression, smooth.variables) == (hessian.objective, hessian.variables)
            == (claim.objective, claim.variables), "a premise is about another function")
    point = dict(zip(claim.variables, claim.p, strict=True))
    known = _require_inside(step, point)
    for relation in step.context.region:
        at_point = relation.at(point).expression
        require(0 not in signs_of_tree(at_point, known) or is_symbol_free(relation.expression, claim.variables),
                "the point lies on the border")
        require(is_continuous(relation.expression, step.context.relations), "the region may not be open there")
    v = [b - a for a, b in zip(claim.p, claim.q, strict=True)]
    for direction in v:
        _require_defined(direction, known)
    bend = S.Zero
    for i, row in enumerate(hessian.entries):
        for j, entry in enumerate(row):
            at_point = entry.xreplace(point)
            _require_defined(at_point, known)
            bend += v[i] * v[j] * at_point
    proved = next((r.expression for r in known if identical(r.expression, bend)), bend)
    require_holds(proved, "<" if claim.kind == "convex" else ">", known, "the second derivative")
    require(not claim.strict, "said of convexity itself")


def _pointwise(step: Step) -> tuple[Relation, ...]:
    """What is known without supposing that there is a point in the region."""
    bare = Context((), step.context.condition)
    return bare.condition + tuple(
        p.claim.relation for p in step.premises if isinstance(p.claim, Holds) and available(p, bare)
    )


def _require_inside(step: Step, point: Mapping[Symbol, Expr]) -> tuple[Relation, ...]:
    """The facts about parameters, after checking that a point lies in the region."""
    require(all(is_symbol_free(value, point) for value in point.values()), "the point moves")
    known = _pointwise(step)
    for value in point.values():
        _require_defined(value, known)
    for relation in step.context.region:
        at_point = relation.at(dict(point))
        _require_defined(at_point.expression, known)
        require_holds(at_point.expression, relation.op, known, "the point is not shown to lie in the region")
    return known


def _atom(step: Step) -> None:
    """g(h_1, ..., h_k): convex g, and each h affine, or convex where g increases, or concave where it decreases."""
    claim = _curved(step)
    atom = CURVATURE_ATOMS.get(str(step.data("atom")))
    if atom is None:
        raise Rejected(f"no atom {step.data('atom')!r}")
    arguments, constants = cast(Vector, step.data("arguments")), cast(Vector, step.data("constants"))
    known = facts(step)
    _require_constants(atom, arguments, constants, claim.variables)
    require_identical(claim.objective, atom.function(*arguments, *constants), "the function of the table")
    for relation in atom.where(*arguments, *constants):
        require_holds(relation.expression, relation.op, known, f"the part of the domain for {atom.name}")
    require(claim.kind == atom.curvature, f"{atom.name} is {atom.curvature}")
    curved = {p.claim.objective: p.claim for p in premises_of(step, Curved)}  # type: ignore[union-attr]
    for constant in constants:
        _require_defined(constant, known)
    for position, argument in enumerate(arguments):
        _require_defined(argument, known)
        if gradient_if_constant(argument, claim.variables) is None:
            inner = curved.get(argument)
            require(inner is not None and inner.variables == claim.variables, f"the curvature of {argument}")
            wanted = atom.slope(position, len(arguments)) * atom.sign
            require(inner.kind == "affine" or wanted in kinds_of(inner), f"{atom.name} needs another curvature inside")
    _require_strict(step, claim)


def _require_constants(atom: CurvatureAtom, arguments: Vector, constants: Vector, variables: Vector) -> None:
    count = len(arguments) if atom.constants == ANY_NUMBER else atom.constants
    require(len(constants) == count and bool(arguments), f"{atom.name} has {count} constants")
    require(all(is_symbol_free(c, cast(tuple[Symbol, ...], variables)) for c in constants), "a constant varies")
    require(not atom.integer or all(isinstance(c, Integer) for c in constants), "an integer is needed")


def _require_strict(step: Step, claim: Curved) -> None:
    if claim.strict:
        open_step = Step(step.context, Curved(claim.objective, claim.variables, claim.kind), step.rule, step.premises,
                         step.certificate)
        forms = strict_directions(open_step, claim.variables)
        require(spans(forms, len(claim.variables), facts(step)), "strictness does not follow")


def _sum(step: Step) -> None:
    """f = sum c_i f_i: c_i >= 0 keeps the curvature of f_i, c_i <= 0 turns it round."""
    claim = _curved(step)
    known, total = facts(step), S.Zero
    curved, multiples = premises_of(step, Curved), cast(Vector, step.data("multiples"))
    require(len(curved) == len(multiples) > 0, "one multiple for each term")
    for factor, premise in zip(multiples, curved, strict=True):
        inner = cast(Curved, premise.claim)
        outside = set(claim.variables) - set(inner.variables)
        require(set(inner.variables) <= set(claim.variables), "a term in other variables")
        require(is_symbol_free(inner.objective, outside), "a term depends on a variable it does not name")
        require(all(is_symbol_free(r.expression, outside) for r in premise.context.region), "a slice of the region")
        require(is_symbol_free(factor, claim.variables), "a multiple varies")
        signs = signs_of_tree(factor, known)
        _require_defined(factor, known)
        require(inner.kind == "affine" or _turned(signs, inner) == KINDS[claim.kind], f"{factor} times {inner.objective}")
        total += factor * inner.objective
    require_identical(claim.objective, total, "the sum")
    _require_strict(step, claim)


def _turned(signs: Signs, inner: Curved) -> int | None:
    sign = 1 if signs <= NONNEGATIVE else -1 if signs <= SIGNS_OF["<="] else None
    return None if sign is None else sign * KINDS[inner.kind]


def _rewritten(step: Step) -> None:
    claim = _curved(step)
    inner = cast(Curved, the_premise(step, Curved).claim)
    require(inner.variables == claim.variables, "other variables")
    require(claim.kind == inner.kind or inner.kind == "affine", "another kind")
    require(inner.strict or not claim.strict, "strictness does not follow")
    require_identical(claim.objective, inner.objective, "the function")


def _minors(step: Step) -> None:
    """Leading principal minors > 0, or all principal minors >= 0, of M (of -M for the concave claims)."""
    require(isinstance(step.claim, Definite), "not a claim of definiteness")
    claim = cast(Definite, step.claim)
    leading, n = step.rule == "minors", len(claim.matrix)
    require(claim.op in ((">", "<") if leading else (">=", "<=")), "another sign")
    known = facts(step)
    for size in range(1, n + 1):
        for rows in [tuple(range(size))] if leading else combinations(range(n), size):
            turned = [[claim.matrix[i][j] * (1 if claim.op[0] == ">" else -1) for j in rows] for i in rows]
            minor = Matrix(turned).det(method="berkowitz")
            proved = next((r.expression for r in known if identical(r.expression, minor)), minor)
            require_holds(proved, ">" if leading else ">=", known, "a minor")


def _closure(step: Step) -> None:
    """f is convex where some affine constraints are strict, and continuous up to their border."""
    claim = _curved(step)
    the_premise(step, RegionConvex)
    continuous = cast(Continuous, the_premise(step, Continuous).claim)
    require(continuous.expression == claim.objective, "another function is continuous")
    interior = the_premise(step, Curved)
    require(replace(cast(Curved, interior.claim), strict=claim.strict) == claim, "the interior says something else")
    require(cast(Curved, interior.claim).strict or not claim.strict, "strictness does not follow")
    require(not claim.strict or len(claim.variables) == 1, "a border may have flat segments")
    require(len(interior.context.region) == len(step.context.region), "not the interior of this region")
    for inner, outer in zip(interior.context.region, step.context.region, strict=True):
        shrunk = inner.closure() == outer and gradient_if_constant(outer.expression, claim.variables) is not None
        require(inner == outer or shrunk, "only affine constraints may become strict")
    point = dict(zip(claim.variables, cast(Vector, step.data("point")), strict=True))
    _require_inside(Step(interior.context, claim, step.rule, step.premises), point)


def _region_convex(step: Step) -> None:
    """Taken one by one, the relations are affine, implied by those before, level sets, or the same as affine ones."""
    require(isinstance(step.claim, RegionConvex), "not about a region")
    variables = cast(RegionConvex, step.claim).variables
    _require_condition_on_parameters(step, variables)
    order = cast(tuple[Relation, ...], step.data("order") or ())
    require(set(order) == set(step.context.region), "the relations of the region")
    same_as = dict(cast(tuple[tuple[Relation, Relation], ...], step.data("same_as") or ()))
    for place, relation in enumerate(order):
        before = Context(order[:place], step.context.condition)

        def proves(wanted: Relation, where: Context) -> bool:
            return any(isinstance(p.claim, Holds) and p.claim.relation.expression == wanted.expression
                       and p.claim.relation.implies_op(wanted.op) and available(p, where) for p in step.premises)

        other = same_as.get(relation)
        equivalent = other is not None and (
            proves(relation, before.with_region(other))
            and proves(relation.negated(), before.with_region(other.negated()))
            and (_is_half_space(other, variables, before) or _is_level_set(other, step, before))
        )
        require(equivalent or _is_half_space(relation, variables, before) or proves(relation, before)
                or _is_level_set(relation, step, before), f"{relation} may not describe a convex set")


def _is_half_space(relation: Relation, variables: tuple[Symbol, ...], before: Context) -> bool:
    return (relation.op != "!=" and gradient_if_constant(relation.expression, variables) is not None
            and is_defined(relation.expression, before.relations))


def _is_level_set(relation: Relation, step: Step, before: Context) -> bool:
    variables = cast(RegionConvex, step.claim).variables
    wanted = {">": -1, ">=": -1, "<": 1, "<=": 1}.get(relation.op)
    return any(
        isinstance(p.claim, Curved) and p.claim.objective == relation.expression and p.claim.variables == variables
        and (wanted in kinds_of(p.claim) or relation.op == "==" and p.claim.kind == "affine") and available(p, before)
        for p in step.premises
    )


def _three_points(step: Step, claim: RegionNotConvex | NotCurved) -> tuple[dict[Symbol, Expr], ...]:
    """p, q and the point between them that the weight gives."""
    _require_condition_on_parameters(step, claim.variables)
    require(len(claim.p) == len(claim.q) == len(claim.variables), "one coordinate for each variable")
    known, w = _pointwise(step), claim.weight
    _require_defined(w, known)
    require(signs_of_tree(w, known) == signs_of_tree(1 - w, known) == POSITIVE, "the weight lies between 0 and 1")
    middle = tuple(w * a + (1 - w) * b for a, b in zip(claim.p, claim.q, strict=True))
    return tuple(dict(zip(claim.variables, point, strict=True)) for point in (claim.p, claim.q, middle))


def _region_not_convex(step: Step) -> None:
    require(isinstance(step.claim, RegionNotConvex), "not about a region")
    p, q, middle = _three_points(step, cast(RegionNotConvex, step.claim))
    known = _require_inside(step, p) and _require_inside(step, q) or _pointwise(step)
    outside = (r.at(middle) for r in step.context.region)
    require(any(is_defined(r.expression, known) and not signs_of_tree(r.expression, known) & SIGNS_OF[r.op]
                for r in outside), "the point between is not shown to lie outside")


def _chord(step: Step) -> None:
    require(isinstance(step.claim, NotCurved), "not about curvature")
    claim = cast(NotCurved, step.claim)
    points = _three_points(step, claim)
    _require_defined(claim.objective, facts(step))
    for point in points:
        known = _require_inside(step, point)
        for relation in natural_domain(_with_roots(claim.objective, known)):
            at_point = relation.at(point)
            require_holds(at_point.expression, at_point.op, known, "the objective may be undefined")
    at_p, at_q, at_middle = (claim.objective.xreplace(point) for point in points)
    gap = claim.weight * at_p + (1 - claim.weight) * at_q - at_middle
    wrong = {"convex": "<", "concave": ">"}[claim.kind] + ("=" if claim.strict else "")
    require(not gap.has(*NOT_REAL), "the objective is undefined at a point")
    proved = S.Zero if gap.free_symbols and identical(gap, S.Zero) else gap
    require_holds(proved, wrong, known, "the chord")
    apart = any(0 not in signs_of_tree(a - b, known) for a, b in zip(claim.p, claim.q, strict=True))
    require(apart or not claim.strict, "the two points may coincide")


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "region_convex": _region_convex,
    "region_not_convex": _region_not_convex,
    "affine": _affine,
    "second_order": _second_order,
    "isolated_zeros": _second_order,
    "atom": _atom,
    "composition": _atom,
    "curvature_sum": _sum,
    "curvature_negation": _sum,
    "curvature_rewritten": _rewritten,
    "curvature_closure": _closure,
    "minors": _minors,
    "principal_minors": _minors,
    "chord": _chord,
    "chord_equality": _chord,
}
