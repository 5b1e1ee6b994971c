"""Checks of the rules about eigenvalues, and about the step sizes for which an iteration converges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from sympy import Expr, S, Symbol, sqrt

from symopt.derivation.checking import (
    Facts,
    available,
    facts,
    holds,
    identical,
    is_symbol_free,
    is_zero,
    premises_of,
    require,
    require_available,
    require_defined,
    require_equal,
    require_given,
    require_holds,
    require_identical,
    require_inside,
    require_own_symbols,
    runs_over,
    the_premise,
)
from symopt.derivation.checks_derivative import is_open
from symopt.derivation.claims import (
    Attraction,
    Context,
    Definite,
    Gradient,
    Hessian,
    Holds,
    Matrix,
    Rate,
    RegionConvex,
    Smooth,
    Spectrum,
    Step,
    Vector,
)
from symopt.derivation.iterations import METHODS, WITH_MEMORY, best, bound, factor_at, usual
from symopt.derivation.series import as_known
from symopt.exact.linear import determinant, matmul, transpose
from symopt.relation import Relation


def _require_symmetric(matrix: Matrix, known: Facts) -> None:
    n = len(matrix)
    require(n > 0 and all(len(row) == n for row in matrix), "not a square matrix")
    for entry in (e for row in matrix for e in row):
        require_defined(entry, known)
    symmetric = all(identical(matrix[i][j], matrix[j][i]) for i in range(n) for j in range(i))
    require(symmetric, "not a symmetric matrix")


def _eigenvectors(step: Step) -> None:
    """M v_i = l_i v_i, det(v_1, ..., v_n) != 0, and low <= l_i <= high, with equality for some."""
    claim, known = require_given(step.claim, Spectrum), facts(step)
    values = require_given(step.data("values"), tuple)
    vectors = require_given(step.data("vectors"), tuple)
    matrix, n = claim.matrix, len(claim.matrix)
    _require_symmetric(matrix, known)
    require(len(values) == len(vectors) == n and all(len(v) == n for v in vectors), "one for each variable")
    for entry in (*values, *(e for v in vectors for e in v)):
        require_defined(entry, known)
    images = matmul(vectors, matrix)  # the rows v_i^T M, which are (M v_i)^T
    for value, vector, image in zip(values, vectors, images, strict=True):
        for a, b in zip(vector, image, strict=True):
            require_equal(b, value * a, known, "an eigenvector")
    require_holds(determinant(transpose(vectors)), "!=", known, "the eigenvectors may be dependent")
    for value in values:
        for difference in (value - claim.low, claim.high - value):
            proved = next((r for r in known if r.expression == difference and r.implies_op(">=")), None)
            given = proved is not None or is_zero(difference, known) or holds(difference, ">=", known)
            require(given, "{} may lie outside the bounds", value)
    if claim.attained:
        for end in (claim.low, claim.high):
            require(any(end == v or is_zero(v - end, known) for v in values), "{} is no eigenvalue", end)


def _eigenvalue_bounds(step: Step) -> None:
    """M - low I >= 0 and high I - M >= 0."""
    claim, known = require_given(step.claim, Spectrum), facts(step)
    require(not claim.attained, "bounds need not be eigenvalues")
    require_available(step)
    _require_symmetric(claim.matrix, known)
    n = len(claim.matrix)
    proved = [cast(Definite, p.claim) for p in premises_of(step, Definite)]
    for sign, shift in ((1, claim.low), (-1, claim.high)):
        require_defined(shift, known)

        def rest(i: int, j: int, sign: int = sign, shift: Expr = shift) -> Expr:
            return sign * (claim.matrix[i][j] - (shift if i == j else S.Zero))

        def says_so(d: Definite, rest: Callable[[int, int], Expr] = rest) -> bool:
            same = len(d.matrix) == n and all(len(row) == n for row in d.matrix)
            places = [(i, j) for i in range(n) for j in range(n)]
            return (
                d.op in (">", ">=") and same and all(identical(d.matrix[i][j], rest(i, j)) for i, j in places)
            )

        require(any(says_so(d) for d in proved), "{} is not proved to be a bound", shift)


def _eigenvalues_of_two(step: Step) -> None:
    """z^2 - (p + r) z + (p r - q^2) = 0, whose discriminant is (p - r)^2 + 4 q^2; with the determinant 0, 0 and p + r."""
    claim, known = require_given(step.claim, Spectrum), facts(step)
    _require_symmetric(claim.matrix, known)
    require(len(claim.matrix) == 2 and claim.attained, "not a 2 x 2 matrix with both of its eigenvalues")
    (p, q), (_, r) = claim.matrix
    for end in (claim.low, claim.high):
        require_defined(end, known)
    if S.Zero not in (claim.low, claim.high):
        root = sqrt((p - r) ** 2 / 4 + q**2)
        require_identical(claim.low, (p + r) / 2 - root, "the formula")
        return require_identical(claim.high, (p + r) / 2 + root, "the formula")
    require(is_zero(determinant(claim.matrix), known), "the determinant may not vanish")
    require_equal(claim.low + claim.high, p + r, known, "the trace")
    # With p r = q^2 >= 0 the sign of p + r is that of p.
    require_holds(p, ">" if claim.low == 0 else "<", known, "the first entry")


def _signs_of_two(step: Step) -> None:
    """l_1 l_2 = det, and where that is positive p has the sign of both; where it is 0, of the other one and of p + r."""
    relation, known = require_given(step.claim, Holds).relation, facts(step)
    premise = the_premise(step, Spectrum)
    spectrum = cast(Spectrum, premise.claim)
    require(len(spectrum.matrix) == 2 and spectrum.attained, "not both eigenvalues of a 2 x 2 matrix")
    require(available(premise, step.context), "the eigenvalues there")
    p, trace = spectrum.matrix[0][0], spectrum.matrix[0][0] + spectrum.matrix[1][1]
    product = determinant(spectrum.matrix)
    if holds(product, "<", known):
        possible = {"<": (spectrum.low,), ">": (spectrum.high,)}
    else:
        one = holds(product, ">", known)
        require(one or is_zero(product, known), "the sign of the determinant")
        # (sqrt(l_1) + sqrt(l_2))^2 = l_1 + l_2 + 2 sqrt(l_1 l_2)
        both = (spectrum.low, trace + 2 * sqrt(product)) if one else ()
        possible = {
            "<": (spectrum.low, trace, *((spectrum.high,) if one else ())),
            ">": (spectrum.high, trace, *both),
        }
        require_holds(p, relation.op, known, "the first entry")
    told = possible.get(relation.op, ())
    require(any(identical(relation.expression, e) for e in told), "another sign")


def _setting(step: Step) -> tuple[Attraction | Rate, Facts, Spectrum, Matrix]:
    """The claim about a stationary point, what is known there, and the spectrum of the Hessian."""
    claim = step.claim
    require(isinstance(claim, Attraction | Rate), "another claim")
    claim = cast(Attraction | Rate, claim)
    require(claim.method in METHODS, "another method")
    require(not claim.branch.free, "not one point")
    require_own_symbols((claim.branch,), claim.variables, (claim.objective,), step.context)
    require(all(is_symbol_free(r.expression, claim.variables) for r in step.context.condition), "a condition")
    known = facts(step, Context((), step.context.condition + claim.branch.relations))
    require_inside(claim.branch.values, step.context.region, known)
    gradient, hessian = the_premise(step, Gradient), the_premise(step, Hessian)
    for premise in (gradient, hessian):
        about = cast(Gradient | Hessian, premise.claim)
        same = (about.objective, about.variables) == (claim.objective, claim.variables)
        require(same and available(premise, step.context), "derivatives of something else")
    for entry in cast(Gradient, gradient.claim).entries:
        require(is_zero(entry.xreplace(claim.branch.values), known), "the point may not be stationary")
    entries = cast(Hessian, hessian.claim).entries
    return claim, known, cast(Spectrum, the_premise(step, Spectrum).claim), entries


def _require_spectrum_at_the_point(
    step: Step, claim: Attraction | Rate, known: Facts, entries: Matrix, attained: bool = True
) -> None:
    """Reject unless the spectrum is that of the Hessian at the point, and attained where that matters."""
    premise = the_premise(step, Spectrum)
    spectrum = cast(Spectrum, premise.claim)
    here = Context((), step.context.condition + claim.branch.relations)
    require(spectrum.attained or not attained, "bounds need not be eigenvalues")
    require(available(premise, here), "the eigenvalues there")
    for row, other in zip(entries, spectrum.matrix, strict=True):
        for entry, proved in zip(row, other, strict=True):
            require_equal(entry.xreplace(claim.branch.values), proved, known, "an entry of the Hessian")


def _require_spectrum_on_the_region(step: Step, entries: Matrix) -> None:
    """Reject unless the spectrum is that of the Hessian everywhere in the region, which is convex."""
    premise = the_premise(step, Spectrum)
    require(available(premise, step.context), "bounds in another region")
    require(cast(Spectrum, premise.claim).matrix == entries, "bounds of another matrix")
    convex = the_premise(step, RegionConvex)
    claim = cast(Attraction | Rate, step.claim)
    require(cast(RegionConvex, convex.claim).variables == claim.variables, "a region of other variables")
    require(set(convex.context.region) == set(step.context.region), "another region is convex")
    require(available(convex, step.context), "another region is convex")


def _require_smooth_and_open(step: Step) -> None:
    claim = cast(Attraction | Rate, step.claim)
    smooth = the_premise(step, Smooth)
    about = cast(Smooth, smooth.claim)
    same = (about.expression, about.variables) == (claim.objective, claim.variables)
    require(same and available(smooth, step.context), "something else is smooth")
    opened = all(is_open(r, claim.variables, step.context.relations) for r in step.context.region)
    require(opened, "the region is not open")


def _require_nonsingular(spectrum: Spectrum, known: Facts) -> None:
    value = determinant(spectrum.matrix)
    proved = any(identical(r.expression, value) and r.implies_op("!=") for r in known)
    ends = holds(spectrum.low, ">", known) or holds(spectrum.high, "<", known)
    require(proved or ends or holds(value, "!=", known), "the Hessian may be singular")


def _letters(step: Step) -> tuple[Symbol, Expr]:
    """eta and beta (0 for a method without memory): symbols that occur nowhere else."""
    claim = cast(Attraction, step.claim)
    letters = (claim.step_size, *((claim.memory,) if claim.memory is not None else ()))
    with_memory = claim.method in WITH_MEMORY
    require(with_memory == (claim.memory is not None) and len(set(letters)) == len(letters), "the letters")
    require(all(runs_over("real", s) for s in letters), "a letter that is not any real number")
    used = claim.objective.free_symbols | set(claim.variables) | claim.branch.own_symbols
    used |= {s for r in step.context.relations for s in r.symbols}
    require(not used & set(letters), "a letter is in use already")
    return claim.step_size, S.Zero if claim.memory is None else claim.memory


def _require_range(claim: Attraction, eta: Expr, limit: Expr) -> None:
    """Reject unless `when` says 0 < eta < limit."""
    require(len(claim.when) == 2 and claim.when[0] == Relation(eta, ">"), "the step sizes begin at 0")
    require(claim.when[1].op == "<", "the step sizes end at a bound")
    require_identical(claim.when[1].expression, eta - limit, "the bound")


def _require_upward(claim: Attraction, spectrum: Spectrum, known: Facts, op: str) -> None:
    """Reject unless low op 0 < high; of Newton's method, unless the Hessian is not singular."""
    if claim.method == "newton":
        return _require_nonsingular(spectrum, known)
    require_holds(spectrum.low, op, known, "the smallest eigenvalue")
    require_holds(spectrum.high, ">", known, "the largest eigenvalue")


def _converges(step: Step) -> None:
    """f quadratic on the whole space."""
    about, known, spectrum, entries = _setting(step)
    claim = require_given(about, Attraction)
    require(claim.effect == "converges" and not step.context.region, "not on the whole space")
    free = all(is_symbol_free(e, claim.variables) for row in entries for e in row)
    require(free, "f is not quadratic")
    _require_spectrum_at_the_point(step, claim, known, entries)
    eta, beta = _letters(step)
    _require_upward(claim, spectrum, known, ">=")
    _require_range(claim, eta, bound(claim.method, spectrum.high, beta))


def _attracted(step: Step) -> None:
    """Bounds of the eigenvalues are enough."""
    about, known, spectrum, entries = _setting(step)
    claim = require_given(about, Attraction)
    require(claim.effect == "attracted", "another effect")
    _require_smooth_and_open(step)
    _require_spectrum_at_the_point(step, claim, known, entries, attained=False)
    eta, beta = _letters(step)
    _require_upward(claim, spectrum, known, ">")
    _require_range(claim, eta, bound(claim.method, spectrum.high, beta))


def _repelled(step: Step) -> None:
    """low < 0 and eta > 0: q(1) < 0; or high > 0 and eta beyond the bound: q(-1) < 0."""
    about, known, spectrum, entries = _setting(step)
    claim = require_given(about, Attraction)
    require(claim.effect == "repelled" and claim.method != "newton", "another effect")
    _require_smooth_and_open(step)
    eta, beta = _letters(step)
    direction = step.data("direction")
    beyond = claim.when != (Relation(eta, ">"),)
    everywhere = holds(spectrum.high, "<", known)
    sharp = beyond or (direction is None and not everywhere)
    _require_spectrum_at_the_point(step, claim, known, entries, attained=sharp)
    if not beyond and everywhere:
        return None
    if not beyond and direction is None:
        return require_holds(spectrum.low, "<", known, "the smallest eigenvalue")
    if not beyond:
        return _require_downward(spectrum.matrix, require_given(direction, tuple), known)
    require_holds(spectrum.high, ">", known, "the largest eigenvalue")
    require(len(claim.when) == 1 and claim.when[0].op == ">", "the step sizes beyond the bound")
    require_identical(claim.when[0].expression, eta - bound(claim.method, spectrum.high, beta), "the bound")


def _require_downward(matrix: Matrix, direction: Vector, known: Facts) -> None:
    """Reject unless v^T M v < 0: then the smallest eigenvalue is negative."""
    require(len(direction) == len(matrix), "a direction in another space")
    for entry in direction:
        require_defined(entry, known)
    pairs = (
        (a, b, e)
        for a, row in zip(direction, matrix, strict=True)
        for b, e in zip(direction, row, strict=True)
    )
    form = as_known(sum((a * b * e for a, b, e in pairs), S.Zero), known)
    require_holds(form, "<", known, "the direction")


def _contracts(step: Step) -> None:
    """0 < m <= H <= L on a convex region: x - eta grad f(x) contracts for 0 < eta < 2/L, by the mean value of H."""
    about, known, spectrum, entries = _setting(step)
    claim = require_given(about, Attraction)
    require(claim.effect == "contracts" and claim.method == "gd", "gradient descent only")
    _require_spectrum_on_the_region(step, entries)
    eta, beta = _letters(step)
    _require_upward(claim, spectrum, known, ">")
    _require_range(claim, eta, bound("gd", spectrum.high, beta))


def _require_choice(claim: Rate, known: Facts, choice: tuple[Expr, Expr | None, Expr]) -> None:
    """Reject unless the claim's step size, memory and factor are these."""
    step_size, memory, factor = choice
    require((memory is None) == (claim.memory is None), "with memory or without")
    for own, other in ((claim.step_size, step_size), (claim.memory, memory), (claim.factor, factor)):
        if own is not None and other is not None:
            require_defined(own, known)
            require_identical(own, other, "the formula")


def _rate_exact(step: Step) -> None:
    """The factor of a step is the largest modulus of the eigenvalues of the iteration's derivative at the point."""
    about, known, spectrum, entries = _setting(step)
    claim = require_given(about, Rate)
    require(claim.kind == "exact" and claim.method != "momentum", "another rate")
    _require_smooth_and_open(step)
    _require_spectrum_at_the_point(step, claim, known, entries)
    if claim.method == "newton":
        _require_nonsingular(spectrum, known)
    if claim.method == "gd":
        require(claim.memory is None, "without memory")
        require_defined(claim.step_size, known)
        require(is_symbol_free(claim.step_size, claim.variables), "a step size that varies")
        expected = factor_at(claim.step_size, spectrum.low, spectrum.high)
        return require(claim.factor == expected, "the factor")
    if claim.method == "nesterov":
        require_holds(spectrum.low, ">", known, "the smallest eigenvalue")
        require_holds(spectrum.high, ">", known, "the largest eigenvalue")
    _require_choice(claim, known, usual(claim.method, spectrum.low, spectrum.high))


def _rate_best(step: Step) -> None:
    """The best constants: there the smallest and the largest eigenvalue of the Hessian give the same factor."""
    about, known, spectrum, entries = _setting(step)
    claim = require_given(about, Rate)
    require(claim.kind == "best" and claim.method in ("gd", "momentum"), "another rate")
    _require_smooth_and_open(step)
    _require_spectrum_at_the_point(step, claim, known, entries)
    require_holds(spectrum.low, ">", known, "the smallest eigenvalue")
    require_holds(spectrum.high, ">", known, "the largest eigenvalue")
    _require_choice(claim, known, best(claim.method, spectrum.low, spectrum.high))


def _rate_bound(step: Step) -> None:
    """||I - eta H|| <= max(|1 - eta m|, |1 - eta L|) for m <= H <= L, least for eta = 2/(m + L)."""
    about, known, spectrum, entries = _setting(step)
    claim = require_given(about, Rate)
    require(claim.kind == "bound" and claim.method == "gd", "another rate")
    _require_spectrum_on_the_region(step, entries)
    require_holds(spectrum.low, ">", known, "the smaller bound")
    require_holds(spectrum.high, ">", known, "the larger bound")
    _require_choice(claim, known, best("gd", spectrum.low, spectrum.high))


CHECKS: Mapping[str, Callable[[Step], None]] = {
    "eigenvectors": _eigenvectors,
    "eigenvalue_bounds": _eigenvalue_bounds,
    "eigenvalues_of_two": _eigenvalues_of_two,
    "signs_of_two": _signs_of_two,
    "iteration_converges": _converges,
    "iteration_attracted": _attracted,
    "iteration_repelled": _repelled,
    "iteration_contracts": _contracts,
    "rate_exact": _rate_exact,
    "rate_best": _rate_best,
    "rate_bound": _rate_bound,
}
