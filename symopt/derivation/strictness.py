"""Strictness: along which segments the steps of a derivation bend a function strictly.

A sum of convex terms is strictly convex when on every segment one of its terms is. Terms say this by linear forms: they
are strictly curved along segments on which a form changes. On the segments that all forms leave, a strictly convex
function of what is affine and not constant there is strictly convex too. A round norm of A x + b, with an injective A, is
affine only along lines through its centre, where A x + b = 0: the sum of norms whose centres are on no line together
is strictly convex.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice, pairwise
from typing import cast

from sympy import Expr, Matrix, S, Symbol

from symopt.derivation.alike import numbers_of, terms_of
from symopt.derivation.checking import facts, premises_of
from symopt.derivation.checks_region import gradient_if_constant, slopes_if_constant
from symopt.derivation.claims import Curved, Hessian, Step, Vector
from symopt.derivation.curvature_atoms import CURVATURE_ATOMS
from symopt.exact.dependence import depends_on
from symopt.exact.linear import rank, solve_linear_rational
from symopt.exact.signs import signs_of_tree
from symopt.relation import Relation

MAX_CHOSEN = 10  # sets of forms, for a determinant each
MAX_SPANNED = 10**5  # entries of the directions in which the terms of a sum are strictly curved
SOME = 2  # forms for each variable, with which a common direction of flatness is looked for first
MAX_FLAT = 6  # variables, for segments that the forms leave
ROUND = ("norm", "p-norm")  # affine along rays only
SUMS = ("curvature_sum", "curvature_negation")
ATOMS = ("atom", "composition")


def bends_everywhere(step: Step, variables: tuple[Symbol, ...]) -> bool:
    """Whether f of a `Curved` step is strictly curved along every segment."""
    known, size = facts(step), len(variables)
    directions, most = _directions(step, variables), MAX_SPANNED // max(size, 1)
    forms: tuple[Vector, ...] = ()
    for more in (SOME * size, most - SOME * size) if size <= most else ():  # the first ones are mostly enough
        forms += tuple(islice(directions, max(more, 0)))
        if spans(forms, size, known):
            return True
    if has_apart_centres(step, variables):
        return True
    if _is_strict_of_norm(step, variables):
        return True
    if len(variables) > MAX_FLAT or not _has_compositions(step):
        return False
    rational = tuple(dict.fromkeys(form for form in forms if all(entry.is_Rational for entry in form)))
    none = tuple(S.Zero for _ in rational)
    system = solve_linear_rational(rational, none) if rational else None
    left = _axes(len(variables)) if system is None else system[1]
    slopes = tuple(_slopes_of_strict(step, variables, left))
    return bool(slopes) and rank(slopes) == len(left)


def _is_strict_of_norm(step: Step, variables: tuple[Symbol, ...]) -> bool:
    """Whether f = g(norm) with g strictly convex and strictly increasing: on rays the norm is affine and not constant."""
    if step.rule != "composition":
        return False
    atom, arguments = CURVATURE_ATOMS[cast(str, step.data("atom"))], cast(Vector, step.data("arguments"))
    if not (atom.strict and atom.strictly_monotone and len(arguments) == 1 and atom.slopes == (atom.sign,)):
        return False
    inner = [p for p in premises_of(step, Curved) if cast(Curved, p.claim).objective == arguments[0]]
    return any(True for p in inner if _is_one_norm(p) for _ in centres_of_norms(p, variables))


def _is_one_norm(step: Step) -> bool:
    """Whether f is one function, or a multiple of one beside constants."""
    if step.rule not in SUMS:
        return True
    claims = [cast(Curved, premise.claim) for _, premise in _terms(step)]
    moving = [c for c in claims if depends_on(c.objective, frozenset(c.variables))]
    return len(moving) == 1 and all(p.rule not in SUMS for _, p in _terms(step) if p.claim in moving)


def has_apart_centres(step: Step, variables: tuple[Symbol, ...]) -> bool:
    """Whether f is a sum with round norms whose centres are on no line, or one of which has no centre."""
    if len(variables) < 2 or step.rule not in (*SUMS, "curvature_rewritten"):
        return False
    centres = tuple(centres_of_norms(step, variables))
    if None in centres:
        return True
    first, *others = cast(tuple[Vector, ...], centres) or ((),)
    moves = (tuple(a - b for a, b in zip(centre, first, strict=True)) for centre in others)
    apart = tuple(dict.fromkeys(move for move in moves if any(move)))
    return len(apart) > 1 and rank(apart) > 1


def centres_of_norms(step: Step, variables: tuple[Symbol, ...]) -> Iterator[Vector | None]:
    """Where the round norms of injective affine maps among the terms of a sum vanish; None for one that never does."""
    if step.rule in SUMS:
        known = facts(step)
        for factor, premise in _terms(step):
            if 0 not in signs_of_tree(factor, known):
                yield from centres_of_norms(premise, variables)
    elif step.rule == "curvature_rewritten":
        yield from centres_of_norms(step.premises[0], variables)
    elif step.rule == "root_of_form":
        if any(cast(Curved, p.claim).strict for p in premises_of(step, Curved)):
            yield cast(Vector, step.data("centre"))
    elif step.rule == "atom" and step.data("atom") in ROUND:
        rows = [_rational_row(argument, variables) for argument in cast(Vector, step.data("arguments"))]
        if None in rows:
            return
        matrix = tuple(row[:-1] for row in cast(list[Vector], rows))
        if rank(matrix) == len(variables):
            found = solve_linear_rational(matrix, tuple(-row[-1] for row in cast(list[Vector], rows)))
            yield None if found is None else found[0]


def _rational_row(argument: Expr, variables: tuple[Symbol, ...]) -> Vector | None:
    """The slopes and the constant of an affine argument over Q, up to a common factor such as sqrt(3)."""
    form = gradient_if_constant(argument, variables)
    if form is None or not any(form):
        return None
    lead = next(entry for entry in form if entry != 0)
    row = (*form, argument.xreplace(dict.fromkeys(variables, S.Zero)))
    scaled = row if lead.is_Rational else tuple((entry / lead).expand() for entry in row)
    return scaled if all(entry.is_Rational for entry in scaled) else None


def _has_compositions(step: Step) -> bool:
    if step.rule == "composition":
        return True
    return step.rule in (*SUMS, "curvature_rewritten") and any(map(_has_compositions, step.premises))


def _axes(size: int) -> tuple[Vector, ...]:
    return tuple(tuple(S.One if i == j else S.Zero for j in range(size)) for i in range(size))


def strict_directions(step: Step, variables: tuple[Symbol, ...]) -> tuple[Vector, ...]:
    """Linear forms: f of a `Curved` step is strictly curved along segments on which one of them changes.

    f is strictly convex (concave) when they have full rank.
    """
    return tuple(_directions(step, variables))


def _directions(step: Step, variables: tuple[Symbol, ...]) -> Iterator[Vector]:
    claim = cast(Curved, step.claim)
    if claim.strict:
        for v in claim.variables:
            yield tuple(S.One if v == w else S.Zero for w in variables)
    elif step.rule == "curvature_rewritten":
        yield from _directions(step.premises[0], variables)
    else:
        yield from (form for form in _own_directions(step, variables) if any(form))


def _own_directions(step: Step, variables: tuple[Symbol, ...]) -> Iterable[Vector]:
    known = facts(step)
    if step.rule in SUMS:
        for factor, premise in _terms(step):
            if 0 not in signs_of_tree(factor, known):
                yield from _directions(premise, variables)
    elif step.rule == "definition":
        for weight, direction in cast(tuple[tuple[Expr, Vector], ...], step.data("squares") or ()):
            if 0 not in signs_of_tree(weight, known):
                yield direction
    elif step.rule == "alike_terms":
        for slopes in _directions_of_alike(step):
            yield tuple(slopes.get(v, S.Zero) for v in variables)
    elif step.rule == "second_order":
        yield from _rows_of_hessian(step, variables)
    elif step.rule in ATOMS:
        atom = CURVATURE_ATOMS[cast(str, step.data("atom"))]
        arguments = cast(Vector, step.data("arguments"))
        forms = (
            [gradient_if_constant(a, variables) for a in arguments]
            if atom.strict or atom.by_differences
            else []
        )
        affine = [form for form in forms if form is not None]
        if atom.strict:
            yield from affine
        elif atom.by_differences:
            for one, other in pairwise(affine):
                yield tuple(b - a for a, b in zip(one, other, strict=True))
        for premise in premises_of(step, Curved) if atom.strictly_monotone else ():
            if cast(Curved, premise.claim).objective in arguments:
                yield from _directions(premise, variables)


def _rows_of_hessian(step: Step, variables: tuple[Symbol, ...]) -> Iterator[Vector]:
    """Of a constant and semidefinite H the rows: v^T H v is not 0 where one of them, as a form of v, is not."""
    claim = cast(Curved, step.claim)
    for premise in premises_of(step, Hessian):
        hessian, own = cast(Hessian, premise.claim), frozenset(claim.variables)
        if (hessian.objective, hessian.variables) != (claim.objective, claim.variables):
            continue
        if any(depends_on(entry, own) for row in hessian.entries for entry in row):
            continue
        for row in hessian.entries:
            slopes = dict(zip(claim.variables, row, strict=True))
            yield tuple(slopes.get(v, S.Zero) for v in variables)


def _directions_of_alike(step: Step) -> Iterator[Mapping[Expr, Expr]]:
    """For each term c g(A x + b) with c != 0 the directions of g, as slopes in x."""
    inner, own, numbers = step.premises[0], frozenset(cast(Curved, step.claim).variables), numbers_of(step)
    directions = strict_directions(inner, cast(Curved, inner.claim).variables)
    for term in (terms_of(step) or ()) if directions else ():
        parts = [slopes_if_constant(form, own) or {} for form in term.forms]
        for direction in directions if term.multiple != 0 else ():
            if direction == (S.One,):
                yield parts[0]
                continue
            slopes: dict[Expr, Expr] = {}
            if numbers:
                table = dict(zip(numbers, term.numbers, strict=True))
                direction = tuple(entry.xreplace(table) for entry in direction)
            for factor, part in zip(direction, parts, strict=True):
                for variable, slope in part.items():
                    slopes[variable] = slopes.get(variable, S.Zero) + factor * slope
            yield slopes


def _terms(step: Step) -> Iterator[tuple[Expr, Step]]:
    return zip(cast(Vector, step.data("multiples")), premises_of(step, Curved), strict=False)


def _slopes_of_strict(
    step: Step, variables: tuple[Symbol, ...], left: tuple[Vector, ...]
) -> Iterator[Vector]:
    """The slopes, along the directions `left`, of what strictly curved functions of one argument are taken of."""
    known = facts(step)
    if step.rule in SUMS:
        for factor, premise in _terms(step):
            if 0 not in signs_of_tree(factor, known):
                yield from _slopes_of_strict(premise, variables, left)
    elif step.rule == "curvature_rewritten":
        yield from _slopes_of_strict(step.premises[0], variables, left)
    elif step.rule == "composition":
        atom = CURVATURE_ATOMS[cast(str, step.data("atom"))]
        arguments = cast(Vector, step.data("arguments"))
        for premise in premises_of(step, Curved):
            if cast(Curved, premise.claim).objective not in arguments:
                continue
            if atom.strict and len(arguments) == 1:
                slopes = _slopes(premise, variables, left)
                yield from () if slopes is None else (slopes,)
            if atom.strictly_monotone:
                yield from _slopes_of_strict(premise, variables, left)


def _slopes(step: Step, variables: tuple[Symbol, ...], left: tuple[Vector, ...]) -> Vector | None:
    """The slopes of f along directions, where it is affine along all that they span; None where that is not seen."""
    claim = cast(Curved, step.claim)
    gradient = gradient_if_constant(claim.objective, variables)
    if gradient is not None:
        return _along(gradient, left)
    moving = {v for k, v in enumerate(variables) if any(direction[k] != 0 for direction in left)}
    if not depends_on(claim.objective, moving):
        return tuple(S.Zero for _ in left)
    if step.rule in SUMS:
        total = tuple(S.Zero for _ in left)
        for factor, premise in _terms(step):
            slopes = _slopes(premise, variables, left)
            if slopes is None or not factor.is_Rational:
                return None
            total = tuple(t + factor * s for t, s in zip(total, slopes, strict=True))
        return total
    if step.rule not in ATOMS:
        return None
    inner = {cast(Curved, p.claim).objective: p for p in premises_of(step, Curved)}
    atom, found = CURVATURE_ATOMS[cast(str, step.data("atom"))], []
    for argument in cast(Vector, step.data("arguments")):
        form = gradient_if_constant(argument, variables)
        if form is None and argument not in inner:
            return None
        slopes = _slopes(inner[argument], variables, left) if form is None else _along(form, left)
        if slopes is None:
            return None
        found.append(slopes)
    if not any(any(slopes) for slopes in found):
        return tuple(S.Zero for _ in left)  # a function of what does not change
    return found[0] if atom.by_differences and len(set(found)) == 1 else None


def _along(form: Vector, left: tuple[Vector, ...]) -> Vector | None:
    if not all(entry.is_Rational for entry in form):
        return None
    return tuple(sum((a * b for a, b in zip(form, v, strict=True)), S.Zero) for v in left)


def covers(step: Step) -> bool:
    """Whether each variable is one of a term that is strictly curved in its own variables."""
    variables = set(cast(Curved, step.claim).variables)
    if step.rule == "alike_terms":
        letters = cast(Curved, step.premises[0].claim).variables
        if len(terms_of(step) or ()) * len(letters) < len(variables):
            return False
        singles = (s for s in _directions_of_alike(step) if len(s) == 1 and 0 not in s.values())
        return {variable for slopes in singles for variable in slopes} >= variables
    if step.rule != "curvature_sum":
        return False
    known, covered = facts(step), set[Symbol]()
    for factor, premise in _terms(step):
        inner = cast(Curved, premise.claim)
        if inner.strict and 0 not in signs_of_tree(factor, known):
            covered.update(inner.variables)
    return covered >= variables


def spans(forms: tuple[Vector, ...], size: int, known: tuple[Relation, ...]) -> bool:
    """Whether the forms have full rank: over Q by elimination, with parameters by a determinant."""
    distinct = tuple(dict.fromkeys(forms))
    if len(distinct) < size:
        return False
    rational = [form for form in distinct if all(entry.is_Rational for entry in form)]
    places = [[k for k, entry in enumerate(form) if entry != 0] for form in rational]
    if {found[0] for found in places if len(found) == 1} == set(range(size)):
        return True  # each coordinate is one of the forms
    if len(rational) >= size and rank(tuple(rational)) == size:
        return True
    if len(distinct) == len(rational):
        return False
    return any(
        0 not in signs_of_tree(Matrix(chosen).det(method="berkowitz"), known)
        for chosen in islice(combinations(distinct, size), MAX_CHOSEN)
    )
