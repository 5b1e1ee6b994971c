"""The signs of the eigenvalues of a Hessian by symmetric elimination, and the labels that they give."""

from __future__ import annotations

from typing import cast

from sympy import Expr, Integer, Rational, S

from symopt.derivation.checker import follows
from symopt.derivation.claims import Branch, Context, Definite, Matrix, Step, Vector
from symopt.exact.linear import determinant, ldl, leading_minors
from symopt.exact.normal import canonical, numerator_denominator
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.stationary.setting import Setting, at_place

Diagonal = tuple[tuple[Vector, ...], list[int]]


def by_inertia(setting: Setting, branch: Branch, matrix: Matrix, diagonal: Diagonal) -> Step | None:
    """A definite Hessian, or one with directions of both signs."""
    vectors, signs = diagonal
    if setting.smooth is None:
        return None
    place = setting.place(branch)
    support = (setting.hessian, setting.smooth)
    if all(s == 1 for s in signs) or all(s == -1 for s in signs):
        op, kind = (">", "minimum") if signs[0] == 1 else ("<", "maximum")
        step = definite(matrix, op, place)
        if step is not None:
            return setting.label(branch, kind, True, f"second_order_{kind}", (*support, step))
    if 1 in signs and -1 in signs:
        return _saddle(setting, branch, matrix, vectors, signs, place)
    return None


def by_determinant(matrix: Matrix, setting: Setting, branch: Branch) -> Step | None:
    """A saddle by det H < 0, for two variables with parameters: the pivots would need more cases.

    The cell is asked for the sign where the variables are coupled by parameters.
    """
    parameters = setting.cell.parameters
    symbols = {s for row in matrix for e in row for s in e.free_symbols}
    if len(matrix) != 2 or setting.smooth is None or not symbols & parameters:
        return None
    place = setting.place(branch)
    product = at_place(determinant(matrix), place)
    step = prove_relation(Relation(product, "<"), place)
    coupled = matrix[0][1] != 0 and matrix[0][0].free_symbols
    if step is None and coupled and product.free_symbols and product.free_symbols <= parameters:
        found = setting.sign(product, branch)
        step = found[1] if found is not None and found[0] == -1 else None
    if step is None:
        return None
    return setting.label(
        branch, "saddle", None, "determinant_saddle", (setting.hessian, setting.smooth, step)
    )


def diagonal_at(matrix: Matrix, setting: Setting, branch: Branch) -> Diagonal | None:
    """The signs of pivots with their vectors; without these where leading minors at an algebraic number tell."""
    if len(branch.numbers) == 1:
        signs = _by_leading_minors(matrix, setting, branch)
        if signs is not None:
            return (), signs
    return congruent_diagonal(matrix, setting, branch)


def _by_leading_minors(matrix: Matrix, setting: Setting, branch: Branch) -> list[int] | None:
    """The signs of the pivots d_k / d_(k-1), when no leading minor d_k is 0: these stay polynomials in the number."""
    place, signs, before = setting.place(branch), [], 1
    for minor in leading_minors(matrix):
        sign = _sign(at_place(minor, place), setting, branch)
        if not sign:
            return None
        signs.append(sign * before)
        before = sign
    return signs


def congruent_diagonal(
    matrix: Matrix, setting: Setting, branch: Branch
) -> tuple[tuple[Vector, ...], list[int]] | None:
    """Vectors v_k with v_i^T M v_j = 0 (i != j) and the signs of v_k^T M v_k; None where a sign is not known.

    Symmetric elimination: a nonzero diagonal entry is a pivot; without one, e_i + e_j makes one from another entry.
    """
    n = len(matrix)
    m = [list(row) for row in matrix]
    vectors: list[list[Expr]] = [[S.One if i == j else S.Zero for j in range(n)] for i in range(n)]
    signs = []
    for k in range(n):
        pivot, unknown = None, False
        for i in range(k, n):
            diagonal_sign = _sign(m[i][i], setting, branch)
            unknown = unknown or diagonal_sign is None
            if diagonal_sign:
                pivot = i
                break
        if pivot is None:
            if unknown:
                return None
            pair = next(
                (
                    (i, j)
                    for i in range(k, n)
                    for j in range(i + 1, n)
                    if _sign(m[i][j], setting, branch) != 0
                ),
                None,
            )
            if pair is None:
                signs += [0] * (n - k)
                break
            i, j = pair
            if _sign(m[i][j], setting, branch) is None:
                return None
            for row in m:
                row[i] = canonical(row[i] + row[j])
            m[i] = [canonical(a + b) for a, b in zip(m[i], m[j], strict=True)]
            vectors[i] = [canonical(a + b) for a, b in zip(vectors[i], vectors[j], strict=True)]
            pivot = i
        m[k], m[pivot] = m[pivot], m[k]
        vectors[k], vectors[pivot] = vectors[pivot], vectors[k]
        for row in m:
            row[k], row[pivot] = row[pivot], row[k]
        sign = _sign(m[k][k], setting, branch)
        if sign is None:
            return None
        signs.append(sign)
        for i in range(k + 1, n):
            factor = canonical(m[i][k] / m[k][k])
            if factor == 0:
                continue
            m[i] = [canonical(a - factor * b) for a, b in zip(m[i], m[k], strict=True)]
            for row in m:
                row[i] = canonical(row[i] - factor * row[k])
            vectors[i] = [canonical(a - factor * b) for a, b in zip(vectors[i], vectors[k], strict=True)]
    return tuple(tuple(v) for v in vectors), signs


def _sign(quantity: Expr, setting: Setting, branch: Branch) -> int | None:
    found = setting.sign(quantity, branch)
    return None if found is None else found[0]


def definite(matrix: Matrix, op: str, place: Context) -> Step | None:
    """M = L D L^T with every pivot of one sign; by minors at auxiliary numbers, which stay polynomials in them."""
    if any(relation.op == "==" for relation in place.relations) and op in (">", "<"):
        step = _by_minors(matrix, op, place)
        if step is not None:
            return step
    factors = ldl(matrix)
    if factors is None:
        return None
    lower, diagonal = factors
    pivots = tuple(diagonal[i][i] for i in range(len(matrix))) if isinstance(diagonal[0], tuple) else diagonal
    signs = tuple(prove_relation(Relation(d, op), place) for d in pivots)
    if None in signs:
        return None
    step = Step(
        place,
        Definite(matrix, op),
        "positive_definite",
        cast(tuple[Step, ...], signs),
        (("diagonal", tuple(pivots)), ("lower", lower)),
    )
    return step if follows(step) else None


def _by_minors(matrix: Matrix, op: str, place: Context) -> Step | None:
    turn = 1 if op == ">" else -1
    minors = leading_minors(tuple(tuple(turn * entry for entry in row) for row in matrix))
    signs = tuple(prove_relation(Relation(minor, ">"), place) for minor in minors)
    if None in signs:
        return None
    step = Step(place, Definite(matrix, op), "minors", cast(tuple[Step, ...], signs))
    return step if follows(step) else None


def _saddle(
    setting: Setting,
    branch: Branch,
    matrix: Matrix,
    vectors: tuple[Vector, ...],
    signs: list[int],
    place: Context,
) -> Step | None:
    """Two directions: the simplest rational ones that do, else those of the elimination.

    With parameters the steeper ones of the fan come last: for each its own sign would have to be proved.
    """
    found: dict[str, tuple[Vector, Step]] = {}
    exact = tuple(_cleared(vectors[signs.index(sign)]) for sign in (1, -1)) if vectors else ()
    simple = _simple_directions(len(matrix))
    plain = len(matrix) + 2 if any(e.free_symbols for row in matrix for e in row) else len(simple)
    for vector in (*simple[:plain], *exact, *simple[plain:]):
        n = len(vector)
        form = at_place(
            sum((vector[i] * vector[j] * matrix[i][j] for i in range(n) for j in range(n)), S.Zero), place
        )
        for name, op in (("up", ">"), ("down", "<")):
            if name not in found:
                step = prove_relation(Relation(form, op), place)
                if step is not None:
                    found[name] = (vector, step)
        if len(found) == 2:
            break
    if len(found) != 2:
        return None
    premises = (setting.hessian, cast(Step, setting.smooth), *(step for _, step in found.values()))
    return setting.label(
        branch,
        "saddle",
        None,
        "second_order_saddle",
        premises,
        **{name: vector for name, (vector, _) in found.items()},
    )


def _cleared(vector: Vector) -> Vector:
    """A multiple of the vector whose entries have no denominators."""
    common = S.One
    for entry in vector:
        common = numerator_denominator(canonical(entry * common))[1] * common
    return tuple(canonical(entry * common) for entry in vector)


def _simple_directions(n: int) -> list[Vector]:
    """The axes and, for two variables, a fan of rational directions; for more, sums and differences of axes."""
    axes = [tuple(S.One if i == k else S.Zero for i in range(n)) for k in range(n)]
    if n == 2:
        slopes = (
            1,
            -1,
            Rational(1, 2),
            Rational(-1, 2),
            2,
            -2,
            4,
            -4,
            Rational(1, 4),
            Rational(-1, 4),
            8,
            -8,
        )
        return [*axes, *((S.One, Rational(slope)) for slope in slopes)]
    pairs = [
        tuple(S.One if i == k else Integer(sign) if i == m else S.Zero for i in range(n))
        for k in range(n)
        for m in range(k + 1, n)
        for sign in (1, -1)
    ]
    return axes + pairs
