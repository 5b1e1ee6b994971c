"""A derivation of curvature as an expression that CVXPY's rules accept: the rows of the table as CVXPY's functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Add, Expr, Integer, Poly, S, Symbol, log, sqrt

from symopt.derivation.alike import numbers_of, terms_of
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import Curved, Step, Vector
from symopt.disciplined.rules import Rules, is_power_of_two
from symopt.disciplined.tree import Affine, Call, Sum, Tree, added, negated
from symopt.exact.normal import TooLarge, Unsupported, as_polynomial
from symopt.reasoning.quadratic import rational_sign, signature

Trees = tuple[Tree, ...]
Made = Callable[[Trees, Vector], Tree | None]


class NoForm(Exception):
    """A step of the derivation has no counterpart among CVXPY's functions; the message names it."""


def linear(expression: Expr, variables: tuple[Symbol, ...]) -> Affine:
    """The affine function multiplied out; NoForm where it is not seen to be one."""
    slopes = gradient_if_constant(expression, variables)
    if slopes is None:
        raise NoForm("affine")
    at_origin = expression.xreplace(dict.fromkeys(variables, S.Zero))
    return Affine(Add(*(slope * v for slope, v in zip(slopes, variables, strict=True)), at_origin))


def one(name: str, turned: bool = False) -> Made:
    """The function of the one argument."""
    return lambda u, _: negated(Call(name, u)) if turned else Call(name, u)


def power(base: Tree, exponent: Expr) -> Tree:
    """A power, as CVXPY reads it: of |u| for the even exponents that it restricts to u >= 0."""
    even = isinstance(exponent, Integer) and exponent > 1 and exponent % 2 == 0
    inside = Call("abs", (base,)) if even and not is_power_of_two(exponent) else base
    return Call("power", (inside,), (exponent,))


def _norm(u: Trees, constants: Vector) -> Tree:
    return Call("norm", (*(Affine(sqrt(c)) for c in constants), *u))


def _log_sum_exp(u: Trees, constants: Vector) -> Tree:
    if constants == (S.One,) and len(u) == 1:
        return Call("logistic", u)
    return Call("log_sum_exp", (*(Affine(log(c)) for c in constants), *u))


def _geometric(u: Trees, exponents: Vector) -> Tree | None:
    """prod u_i^a_i by the geometric mean with weights in proportion to the a_i."""
    total = Add(*exponents)
    if not all(a.is_Rational for a in exponents):
        return None
    mean = Call("geo_mean", u, tuple(a / total for a in exponents))
    return mean if total == 1 else Call("power", (mean,), (total,))


def _quadratic_over_linear(u: Trees, _: Vector) -> Tree:
    return Call("quad_over_lin", u)


def _determinant(name: str) -> Made:
    """log(a c - sum b^2) and its root by c and a - sum b^2/c, which is positive beside c."""

    def made(u: Trees, _: Vector) -> Tree:
        a, c, *b = u
        left = added((S.One, a), (S.NegativeOne, Call("quad_over_lin", (*b, c))))
        if name == "log":
            return added((S.One, Call("log", (c,))), (S.One, Call("log", (left,))))
        return Call("geo_mean", (left, c), (S.Half, S.Half))

    return made


def _cosh(u: Trees, _: Vector) -> Tree:
    return added((S.Half, Call("exp", u)), (S.Half, Call("exp", (negated(u[0]),))))


def _even(u: Trees, c: Vector) -> Tree:
    return power(u[0], 2 * c[0])


MADE: Final[Mapping[str, Made]] = {
    "exp": one("exp"),
    "log": one("log"),
    "power": lambda u, a: Call("power", u, a),
    "root": lambda u, a: Call("power", u, a),
    "inverse power": lambda u, a: Call("power", u, a),
    "even power": _even,
    "even power, u <= 0": lambda u, k: Call("power", (negated(u[0]),), (2 * k[0],)),
    "odd power, u <= 0": lambda u, k: negated(Call("power", (negated(u[0]),), (2 * k[0] + 1,))),
    "inverse even power, u < 0": lambda u, k: Call("power", (negated(u[0]),), (-2 * k[0],)),
    "inverse odd power, u < 0": lambda u, k: negated(Call("power", (negated(u[0]),), (1 - 2 * k[0],))),
    "abs": one("abs"),
    "abs power": lambda u, a: Call("power", (Call("abs", u),), a),
    "max": lambda u, _: Call("maximum", u) if len(u) > 1 else u[0],
    "min": lambda u, _: Call("minimum", u) if len(u) > 1 else u[0],
    "norm": _norm,
    "norm, u >= 0": _norm,
    "shifted norm": _norm,
    "p-norm": lambda u, p: Call("pnorm", u, p),
    **dict.fromkeys(
        ("power of a p-norm", "power of a round p-norm"),
        lambda u, c: Call("power", (Call("pnorm", u, c[:1]),), c[1:]),
    ),
    "p-norm, u > 0": lambda u, p: Call("pnorm", u, p),
    "power mean, u > 0": lambda u, p: Call("pnorm", u, p),
    "power mean, r < 0": lambda u, p: Call("pnorm", u, p),
    "log-sum-exp": _log_sum_exp,
    "shifted log-sum-exp": _log_sum_exp,
    "entropy": one("entr", turned=True),
    "relative entropy": lambda u, _: Call("rel_entr", u),
    "quadratic over linear": _quadratic_over_linear,
    "square over linear, u >= 0": _quadratic_over_linear,
    "geometric mean": _geometric,
    "product of small powers": _geometric,
    "product of inverse powers": _geometric,
    "log det": _determinant("log"),
    "root of a determinant": _determinant("root"),
    "cosh": _cosh,
}  # not the gamma function: CVXPY's loggamma is an approximation
# Rows of nondecreasing functions on nonnegative arguments; CVXPY sees it of max(u, 0), which is u there.
ON_NONNEGATIVE: Final = ("power", "norm, u >= 0", "p-norm, u > 0", "square over linear, u >= 0")


def derived(step: Step, rules: Rules) -> Tree:
    """The tree of a derivation of curvature; NoForm where a step has none."""
    claim = cast(Curved, step.claim)
    if claim.kind == "affine" and step.rule != "affine":
        return linear(claim.objective, rules.variables)
    made = _by_rule(step, rules) or _quadratic(claim.objective, claim.kind, rules.variables)
    if made is None:
        raise NoForm(step.rule)
    if not rules.shape(made).accepted:
        raise NoForm(step.rule)
    return made


def _by_rule(step: Step, rules: Rules) -> Tree | None:
    claim = cast(Curved, step.claim)
    curved = [p for p in step.premises if isinstance(p.claim, Curved)]
    if step.rule == "affine":
        coefficients = cast(Vector, step.data("coefficients"))
        terms = zip(coefficients, (*claim.variables, S.One), strict=True)
        return Affine(Add(*(c * v for c, v in terms)))
    if step.rule in ("curvature_sum", "curvature_negation"):
        multiples = cast(Vector, step.data("multiples"))
        return added(*((m, derived(p, rules)) for m, p in zip(multiples, curved, strict=True)))
    if step.rule == "alike_terms":
        return _alike(step, rules)
    if step.rule in ("curvature_rewritten", "curvature_closure", "border_values", "dominated"):
        return derived(curved[0], rules)
    if step.rule in ("atom", "composition"):
        return _atom(step, rules)
    if step.rule == "triangle_inequality":
        arguments = tuple(Affine(u) for u in cast(Vector, step.data("arguments")))
        return Call("abs" if len(arguments) == 1 else "norm", arguments)
    if step.rule == "greatest":
        name = "maximum" if claim.kind == "convex" else "minimum"
        trees = tuple(derived(p, rules) for p in curved)
        return Call(name, trees) if len(trees) > 1 else trees[0]
    if step.rule == "pieces":
        return _pieces(step, rules)
    return None


def _alike(step: Step, rules: Rules) -> Tree | None:
    """The tree of the function that the terms have in common, once for each term."""
    inner = step.premises[0]
    letters, numbers = cast(Curved, inner.claim).variables, numbers_of(step)
    tree = derived(inner, Rules(letters, inner.context.condition))
    return added(
        *(
            (
                term.multiple,
                _put(
                    tree,
                    dict(zip((*letters, *numbers), (*term.forms, *term.numbers), strict=True)),
                    rules.variables,
                ),
            )
            for term in terms_of(step) or ()
        )
    )


def _put(tree: Tree, table: Mapping[Symbol, Expr], variables: tuple[Symbol, ...]) -> Tree:
    """The tree with affine functions put in for the variables of its leaves, and numbers for letters."""
    if isinstance(tree, Affine):
        return linear(tree.expression.xreplace(table), variables)
    if isinstance(tree, Sum):
        return Sum(
            tuple((factor.xreplace(table), _put(term, table, variables)) for factor, term in tree.terms)
        )
    constants = tuple(c.xreplace(table) for c in tree.constants)
    return Call(tree.name, tuple(_put(u, table, variables) for u in tree.arguments), constants)


def _atom(step: Step, rules: Rules) -> Tree | None:
    """The function of the table, of the trees of its arguments."""
    name = str(step.data("atom"))
    arguments, constants = cast(Vector, step.data("arguments")), cast(Vector, step.data("constants"))
    inner = {vars(p.claim)["objective"]: p for p in step.premises if isinstance(p.claim, Curved)}
    trees = tuple(
        linear(u, rules.variables)
        if gradient_if_constant(u, rules.variables) is not None
        else derived(inner[u], rules)
        for u in arguments
    )
    make = MADE.get(name)
    if make is None:
        return None
    clipped = tuple(Call("pos", (tree,)) for tree in trees)
    kept = (*clipped[:-1], trees[-1]) if name.startswith("square over") else clipped
    for chosen in (trees, kept) if name in ON_NONNEGATIVE else (trees,):
        made = make(chosen, constants)
        if made is not None and rules.shape(made).accepted:
            return made
    return None


def _quadratic(objective: Expr, kind: str, variables: tuple[Symbol, ...]) -> Tree | None:
    """Squares of affine functions and an affine rest, of a quadratic with rational coefficients."""
    try:
        poly = as_polynomial(objective, variables)
    except (TooLarge, Unsupported):
        return None
    if poly is None or poly.total_degree() != 2 or not all(c.is_Rational for c in poly.coeffs()):
        return None
    n = len(variables)
    matrix = [[S.Zero] * n for _ in range(n)]
    for monomial, coefficient in poly.terms():
        places = [i for i, exponent in enumerate(monomial) for _ in range(exponent)]
        if len(places) == 2:
            matrix[places[0]][places[1]] += coefficient / 2
            matrix[places[1]][places[0]] += coefficient / 2
    found = signature(tuple(map(tuple, matrix)), rational_sign)
    if found.lower is None or found.diagonal is None:
        return None
    rest, terms = poly.as_expr(), []
    for k, d in enumerate(found.diagonal):
        form = Add(*(found.lower[j][k] * v for j, v in enumerate(variables)))
        if d != 0:
            shift = _centre(rest, form, d, variables)
            terms.append((d, Call("power", (Affine(form + shift),), (Integer(2),))))
            rest = (rest - d * (form + shift) ** 2).expand()
    return added(*terms, (S.One, Affine(rest)))


def _centre(rest: Expr, form: Expr, d: Expr, variables: tuple[Symbol, ...]) -> Expr:
    """The constant c for which d (form + c)^2 takes up the linear term of the form's first variable."""
    lead = next(v for v in variables if form.coeff(v) != 0)
    linear = rest.as_poly(*variables).coeff_monomial(lead)
    return cast(Expr, linear / (2 * d * form.coeff(lead)))


def _pieces(step: Step, rules: Rules) -> Tree | None:
    """The greatest (least) of affine pieces, Huber's function, or one piece and powers of what lies beyond its ends."""
    claim = cast(Curved, step.claim)
    form, cuts = cast(Expr, step.data("form")), cast(Vector, step.data("cuts"))
    pieces = cast(Vector, step.data("pieces"))
    kept = [k for k in range(len(cuts)) if pieces[k] != pieces[k + 1]]
    pieces, cuts = (pieces[0], *(pieces[k + 1] for k in kept)), tuple(cuts[k] for k in kept)
    if all(gradient_if_constant(piece, rules.variables) is not None for piece in pieces):
        if len(pieces) == 1:
            return linear(pieces[0], rules.variables)
        return Call("maximum" if claim.kind == "convex" else "minimum", tuple(map(Affine, pieces)))
    u, lead = Symbol("u", real=True), next((v for v in rules.variables if form.coeff(v) != 0), None)
    if lead is None or not all(cut.is_Rational for cut in cuts):
        return None
    back = {lead: (u - form + form.coeff(lead) * lead) / form.coeff(lead)}
    polynomials = tuple(piece.subs(back).expand().as_poly(u) for piece in pieces)
    if any(p is None or not all(c.is_Rational for c in p.coeffs()) for p in polynomials):
        return None
    huber = _huber(polynomials, cuts, form, u) if len(pieces) == 3 else None
    if huber is not None:
        return huber
    curved = {vars(p.claim)["objective"]: p for p in step.premises if isinstance(p.claim, Curved)}
    for place, piece in enumerate(pieces):
        beyond = _beyond(polynomials, cuts, form, u, place)
        if beyond is not None:
            made = added((S.One, derived(curved[piece], rules)), *beyond)
            if rules.shape(made).accepted:
                return made
    return None


def _huber(polynomials: tuple[Poly, ...], cuts: Vector, form: Expr, u: Symbol) -> Tree | None:
    """A parabola between its tangents at two points equally far from its vertex."""
    left, parabola, right = polynomials
    middle, size = (cuts[0] + cuts[1]) / 2, (cuts[1] - cuts[0]) / 2
    if parabola.degree() != 2 or parabola.nth(1) != -2 * parabola.nth(2) * middle:
        return None
    factor, least = parabola.nth(2), parabola.eval(middle)
    for side, outside in ((-1, left), (1, right)):
        tangent = factor * (2 * size * side * (u - middle) - size**2) + least
        if (outside.as_expr() - tangent).expand() != 0:
            return None
    huber = Call("huber", (Affine((form - middle).expand()),), (size,))
    return added((factor, huber), (S.One, Affine(least)))


def _beyond(
    polynomials: tuple[Poly, ...], cuts: Vector, form: Expr, u: Symbol, place: int
) -> list[tuple[Expr, Tree]] | None:
    """What is added to the piece at that place beyond each cut, as multiples of powers of the distance from it."""
    terms: list[tuple[Expr, Tree]] = []
    for k, cut in enumerate(cuts):
        side = 1 if k >= place else -1
        near, far = (polynomials[k], polynomials[k + 1])[::side]
        step = (far - near).compose(Poly(cut + side * u, u))
        distance = Call("pos", (Affine((side * (form - cut)).expand()),))
        for (power_,), coefficient in step.terms():
            if power_ == 0 and coefficient != 0:
                return None
            if coefficient != 0:
                tree = distance if power_ == 1 else Call("power", (distance,), (Integer(power_),))
                terms.append((coefficient, tree))
    return terms
