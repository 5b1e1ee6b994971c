"""Checks of the rules about curvature.

Convexity on a region needs the region to be convex, and a smaller region need not be: so every step names a
premise that the region of its own context is convex, and a sign, a Hessian or a curvature may come from a
larger one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Final, cast

from sympy import Add, Dummy, Expr, Integer, Matrix, S, Symbol, exp, log

from symopt.derivation import (
    checks_affine_change,
    checks_alike,
    checks_arcs,
    checks_far_out,
    checks_forms,
    checks_pieces,
    checks_region,
    checks_subspace,
)
from symopt.derivation.checking import (
    Rejected,
    available,
    facts,
    identical,
    is_symbol_free,
    premises_of,
    require,
    require_holds,
    require_identical,
    the_premise,
)
from symopt.derivation.checks_region import (
    KINDS,
    bends_the_wrong_way,
    curved_claim,
    gradient_if_constant,
    kinds_of,
    require_inside,
    require_real,
    slopes_if_constant,
)
from symopt.derivation.claims import (
    Continuous,
    Curved,
    Definite,
    Hessian,
    Holds,
    NotCurved,
    RegionConvex,
    Smooth,
    Step,
    Vector,
)
from symopt.derivation.curvature_atoms import CURVATURE_ATOMS, CurvatureAtom
from symopt.derivation.curvature_functions import product_of_powers
from symopt.derivation.strictness import bends_everywhere, covers
from symopt.exact.dependence import depends_on, free_symbols
from symopt.exact.signs import NONNEGATIVE, SIGNS_OF, Signs, signs_of_tree
from symopt.relation import Relation

OPS: Final = {"convex": (">", ">="), "concave": ("<", "<=")}
LOGARITHMS_OF_SUMS: Final = ("log-sum-exp", "shifted log-sum-exp")


def _affine(step: Step) -> None:
    """f = c_1 x_1 + ... + c_n x_n + c_0 with constants c: both convex and concave."""
    claim = curved_claim(step)
    coefficients = cast(Vector, step.data("coefficients"))
    require(
        len(coefficients) == len(claim.variables) + 1, "one coefficient for each variable, and a constant"
    )
    for coefficient in coefficients:
        require(is_symbol_free(coefficient, claim.variables), "a coefficient varies")
        require_real(coefficient, facts(step))
    form = coefficients[-1] + sum(
        (c * v for c, v in zip(coefficients, claim.variables, strict=False)), S.Zero
    )
    require_identical(claim.objective, form, "the affine form")
    require(not claim.strict, "an affine function is not strictly curved")


def _second_order(step: Step) -> None:
    """H >= 0 on a convex region makes a smooth f convex, H > 0 strictly so; v^T H v < 0 at an inner point refutes it."""
    if isinstance(step.claim, NotCurved):
        return bends_the_wrong_way(step)
    claim = curved_claim(step)
    smooth, hessian = the_premise(step, Smooth).claim, the_premise(step, Hessian).claim
    for about in (cast(Smooth, smooth), cast(Hessian, hessian)):
        said = about.expression if isinstance(about, Smooth) else about.objective
        require(
            said == claim.objective and about.variables == claim.variables,
            "a premise is about another function",
        )
    matrix = cast(Hessian, hessian).entries
    if claim.kind == "affine":
        return require(not any(entry for row in matrix for entry in row), "a second derivative that is not 0")
    ops = OPS[claim.kind]
    definite = [cast(Definite, p.claim) for p in premises_of(step, Definite)]
    signs = [d.op for d in definite if d.matrix == matrix]
    if len(matrix) == 1:
        relations = [cast(Holds, p.claim).relation for p in premises_of(step, Holds)]
        signs += [r.op for r in relations if r.expression == matrix[0][0]]
    strict_by_zeros = step.rule == "isolated_zeros"
    require(
        any(op in ops[: 1 if claim.strict and not strict_by_zeros else 2] for op in signs),
        "the Hessian's sign",
    )
    if strict_by_zeros:
        require(len(matrix) == 1, "in one variable only")
        point = {claim.variables[0]: cast(Expr, step.data("point"))}
        known = require_inside(step, point)
        require(
            0 not in signs_of_tree(matrix[0][0].xreplace(point), known), "f'' may vanish at the point as well"
        )


def _atom(step: Step) -> None:
    """g(h_1, ..., h_k): g convex, each h affine, convex where g increases or concave where it decreases."""
    claim = curved_claim(step, is_real=True)
    atom = CURVATURE_ATOMS.get(str(step.data("atom")))
    if atom is None:
        raise Rejected(f"no atom {step.data('atom')!r}")
    arguments, constants = cast(Vector, step.data("arguments")), cast(Vector, step.data("constants"))
    known = facts(step)
    _require_constants(atom, arguments, constants, claim.variables)
    if not _stands(claim.objective, atom, arguments, constants):
        function = atom.function(*arguments, *constants)
        if claim.objective != function:
            require_real(claim.objective, known)
            if not _has_split_powers(claim.objective, atom, arguments, constants):
                require_identical(claim.objective, function, "the function of the table")
    for relation in atom.where(*arguments, *constants):
        require_holds(relation.expression, relation.op, known, f"the part of the domain for {atom.name}")
    require(claim.kind == atom.curvature, "{} is {}", atom.name, atom.curvature)
    curved = {inner.objective: inner for inner in (cast(Curved, p.claim) for p in premises_of(step, Curved))}
    for constant in constants:
        require_real(constant, known)
    own = frozenset(claim.variables)
    for position, argument in enumerate(arguments):
        if slopes_if_constant(argument, own) is not None:
            require_real(argument, known)
        else:
            inner = curved.get(argument)
            if inner is None or inner.variables != claim.variables:
                raise Rejected(f"the curvature of {argument}")
            wanted = atom.slope(position, len(arguments)) * atom.sign
            require(
                inner.kind == "affine" or wanted in kinds_of(inner),
                "{} needs another curvature inside",
                atom.name,
            )
    require_strict(step, claim)


def _stands(function: Expr, atom: CurvatureAtom, arguments: Vector, constants: Vector) -> bool:
    """Whether the function of the table stands there as it is, without another one that is equal to be made."""
    if function.func is atom.function:
        return function.args == arguments
    if atom.name not in LOGARITHMS_OF_SUMS or not isinstance(function, log):
        return False
    terms = Add.make_args(function.args[0])
    exponents = [t.args[0] for t in terms if isinstance(t, exp)]
    others = tuple(t for t in terms if not isinstance(t, exp))
    return others == constants and Counter(exponents) == Counter(arguments)


def _has_split_powers(function: Expr, atom: CurvatureAtom, arguments: Vector, constants: Vector) -> bool:
    """(u v)^a is u^a v^a, since the arguments of a product of powers are positive on its part of the domain."""
    if atom.function is not product_of_powers:
        return False
    positive = {argument: Dummy(positive=True) for argument in arguments}
    moved = [positive[argument] for argument in arguments]
    return bool(function.xreplace(positive) == atom.function(*moved, *constants))


def _require_constants(
    atom: CurvatureAtom, arguments: Vector, constants: Vector, variables: tuple[Symbol, ...]
) -> None:
    count = atom.number_of_constants(len(arguments))
    require(len(constants) == count, "{} has {} constants", atom.name, count)
    require(atom.takes(len(arguments)), "{} is no function of {} arguments", atom.name, len(arguments))
    require(all(is_symbol_free(c, variables) for c in constants), "a constant varies")
    require(not atom.integer or all(isinstance(c, Integer) for c in constants), "an integer is needed")
    if atom.parity:
        require(all(getattr(c, f"is_{atom.parity}") is True for c in constants), "the parity is not known")


def require_strict(step: Step, claim: Curved) -> None:
    """Reject a strict claim unless the directions in which the step bends f strictly have full rank."""
    if claim.strict and not covers(step):
        open_step = Step(
            step.context,
            Curved(claim.objective, claim.variables, claim.kind),
            step.rule,
            step.premises,
            step.certificate,
        )
        require(bends_everywhere(open_step, claim.variables), "strictness does not follow")


def _sum(step: Step) -> None:
    """f = sum c_i f_i: c_i >= 0 keeps the curvature of f_i, c_i <= 0 turns it round."""
    claim = curved_claim(step, is_real=True)
    known, terms = facts(step), []
    curved, multiples = premises_of(step, Curved), cast(Vector, step.data("multiples"))
    require(len(curved) == len(multiples) > 0, "one multiple for each term")
    own = frozenset(claim.variables)
    for factor, premise in zip(multiples, curved, strict=True):
        inner = cast(Curved, premise.claim)
        if inner.variables is not claim.variables:
            own_of_term = frozenset(inner.variables)
            require(own >= own_of_term, "a term in other variables")
            require(
                free_symbols(inner.objective) & own <= own_of_term,
                "a term depends on a variable it does not name",
            )
            require(
                all(r.symbols & own <= own_of_term for r in premise.context.region),
                "a slice of the region",
            )
        require(not depends_on(factor, own), "a multiple varies")
        signs = signs_of_tree(factor, known)
        require_real(factor, known)
        require(
            inner.kind == "affine" or _turned(signs, inner) == KINDS[claim.kind],
            "{} times {}",
            factor,
            inner.objective,
        )
        terms.append(factor * inner.objective)
    if Counter(Add.make_args(claim.objective)) != Counter(part for t in terms for part in Add.make_args(t)):
        total = Add(*terms)
        if claim.objective != total:
            require_real(claim.objective, known)
            require_identical(claim.objective, total, "the sum")
    require_strict(step, claim)


def _turned(signs: Signs, inner: Curved) -> int | None:
    sign = 1 if signs <= NONNEGATIVE else -1 if signs <= SIGNS_OF["<="] else None
    return None if sign is None else sign * KINDS[inner.kind]


def _rewritten(step: Step) -> None:
    """The same function, written otherwise, is curved so."""
    claim = curved_claim(step)
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
    require(all(len(row) == n for row in claim.matrix), "not a square matrix")
    symmetric = all(identical(claim.matrix[i][j], claim.matrix[j][i]) for i in range(n) for j in range(i))
    require(symmetric, "not symmetric")
    for entry in (e for row in claim.matrix for e in row):
        require_real(entry, facts(step))
    require(claim.op in ((">", "<") if leading else (">=", "<=")), "another sign")
    known = facts(step)
    for size in range(1, n + 1):
        for rows in [tuple(range(size))] if leading else combinations(range(n), size):
            turned = [[claim.matrix[i][j] * (1 if claim.op[0] == ">" else -1) for j in rows] for i in rows]
            minor = Matrix(turned).det(method="berkowitz")
            proved = next((r.expression for r in known if identical(r.expression, minor)), minor)
            require_holds(proved, ">" if leading else ">=", known, "a minor")


def _dominance(step: Step) -> None:
    """h_ii >= |h_i1| + ... + |h_in| (without h_ii) in every row: one inequality for each choice of signs."""
    require(isinstance(step.claim, Definite), "not a claim of definiteness")
    claim, known = cast(Definite, step.claim), facts(step)
    n = len(claim.matrix)
    require(all(len(row) == n for row in claim.matrix) and n <= 4, "not a small square matrix")
    turn, op = (1 if claim.op[0] == ">" else -1), claim.op.replace("<", ">")
    for i, row in enumerate(claim.matrix):
        require(all(identical(row[j], claim.matrix[j][i]) for j in range(n)), "not symmetric")
        beside = [row[j] for j in range(n) if j != i and row[j] != 0]
        for signs in product((1, -1), repeat=len(beside)):
            rest = turn * row[i] + sum((s * h for s, h in zip(signs, beside, strict=True)), S.Zero)
            proved = next((r.expression for r in known if identical(r.expression, rest)), rest)
            require_holds(proved, op, known, "a row")


def _form_of_squares(step: Step) -> None:
    """v^T M v = sum w_k (q_k . v)^2 with w_k >= 0, entry by entry: M = sum w_k q_k q_k^T."""
    require(isinstance(step.claim, Definite), "not a claim of definiteness")
    claim, known = cast(Definite, step.claim), facts(step)
    n, turn = len(claim.matrix), (1 if claim.op[0] == ">" else -1)
    squares = cast(tuple[tuple[Expr, Vector], ...], step.data("squares"))
    require(claim.op in (">=", "<="), "squares may vanish")
    require(all(len(row) == n for row in (*claim.matrix, *(q for _, q in squares))), "another size")
    for weight, _ in squares:
        require_holds(weight, ">=", known, "a weight")
    for i, row in enumerate(claim.matrix):
        for j, entry in enumerate(row):
            require_real(entry, known)
            require_identical(turn * entry, sum((w * q[i] * q[j] for w, q in squares), S.Zero), "an entry")


def _singular_lines(step: Step) -> None:
    """H >= 0 and smooth in two variables, det H != 0 outside some lines, on each of which v^T H v is not always 0.

    It may vanish where strictly curved functions do as well: no segment lies in such a set.
    """
    here = tuple(p for p in step.premises if available(p, step.context))
    claim = curved_claim(replace(step, premises=here))
    require(claim.kind in OPS and len(claim.variables) == 2, "curved in two variables")
    _second_order(Step(step.context, replace(claim, strict=False), "second_order", here, ()))
    matrix = cast(Hessian, the_premise(step, Hessian).claim).entries
    lines = cast(Vector, step.data("lines"))
    points = cast(tuple[Vector, ...], step.data("points"))
    curves = cast(Vector, step.data("curves") or ())
    outside = step.context.with_region(*(Relation(e, "!=") for e in (*lines, *curves)))
    curved = (p.claim for p in here if isinstance(p.claim, Curved))
    strictly = {c.objective for c in curved if c.strict and c.variables == claim.variables}
    require(set(curves) <= strictly, "a curve that may hold a segment")
    determinant = matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]
    known = facts(step, outside)
    require(
        any(identical(r.expression, determinant) and r.implies_op("!=") for r in known),
        "the determinant may vanish elsewhere",
    )
    for line, point in zip(lines, points, strict=True):
        slopes = gradient_if_constant(line, claim.variables)
        require(slopes is not None and any(s.is_Rational and s != 0 for s in slopes), "not a line")
        (a, b), at = cast(Vector, slopes), dict(zip(claim.variables, point, strict=True))
        inside = require_inside(step, at)
        require_identical(line.xreplace(at), S.Zero, "a point of the line")
        bend = b**2 * matrix[0][0] - 2 * a * b * matrix[0][1] + a**2 * matrix[1][1]
        bend = bend.xreplace(at)
        require_real(bend, inside)
        require(0 not in signs_of_tree(bend, inside), "the second derivative may vanish along a line")


def _closure(step: Step) -> None:
    """f is convex where some affine constraints are strict, and continuous up to their border."""
    interior = the_premise(step, Curved)
    claim = curved_claim(step, interior)
    the_premise(step, RegionConvex)
    require(set(interior.context.condition) <= set(step.context.condition), "a condition more")
    continuous = cast(Continuous, the_premise(step, Continuous).claim)
    require(continuous.expression == claim.objective, "another function is continuous")
    require(
        replace(cast(Curved, interior.claim), strict=claim.strict) == claim,
        "the interior says something else",
    )
    require(cast(Curved, interior.claim).strict or not claim.strict, "strictness does not follow")
    require(not claim.strict or len(claim.variables) == 1, "a border may have flat segments")
    require(len(interior.context.region) == len(step.context.region), "not the interior of this region")
    for inner, outer in zip(interior.context.region, step.context.region, strict=True):
        shrunk = (
            inner.closure() == outer and gradient_if_constant(outer.expression, claim.variables) is not None
        )
        require(inner == outer or shrunk, "only affine constraints may become strict")
    point = dict(zip(claim.variables, cast(Vector, step.data("point")), strict=True))
    require_inside(Step(interior.context, claim, step.rule, step.premises), point)


CHECKS: Mapping[str, Callable[[Step], None]] = {
    **checks_region.CHECKS,
    **checks_pieces.CHECKS,
    **checks_arcs.CHECKS,
    **checks_affine_change.CHECKS,
    **checks_subspace.CHECKS,
    **checks_forms.CHECKS,
    **checks_alike.CHECKS,
    **checks_far_out.CHECKS,
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
    "diagonal_dominance": _dominance,
    "singular_lines": _singular_lines,
    "form_of_squares": _form_of_squares,
}
