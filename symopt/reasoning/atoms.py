"""Recognising the functions of the table of curvature in an expression.

`matches(expression, ...)` lists ways to read an expression as a row of the table; whether the row applies
(its part of the domain, the curvature of its arguments) is for the composition rule to find out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Function,
    Integer,
    Matrix,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    cosh,
    div,
    erf,
    erfc,
    exp,
    gamma,
    igcd,
    log,
    loggamma,
    polygamma,
    powsimp,
    solve,
    sqrt,
    symbols,
)

from symopt.derivation.curvature_atoms import CURVATURE_ATOMS, SYMBOLIC_POWERS, WEIGHTS
from symopt.exact.dependence import (
    depends_on,
    free_symbols,
    has_function,
    slopes_of_form,
    split,
    symbols_of_form,
)
from symopt.reasoning.quadratic import as_sum_of_squares, as_weighted_squares

Variables = tuple[Symbol, ...]
MAX_BETA: Final = 10  # terms among which those of a beta function are looked for

_WEIGHTED: Final = [atom for atom in CURVATURE_ATOMS.values() if atom.constants == WEIGHTS]
WEIGHTED: Final = tuple(atom.name for atom in sorted(_WEIGHTED, key=lambda atom: not atom.strict))

ONE_ARGUMENT: Final[dict[type, tuple[str, ...]]] = {}
for _atom in CURVATURE_ATOMS.values():
    if isinstance(_atom.function, type) and issubclass(_atom.function, Function):
        ONE_ARGUMENT[_atom.function] = (*ONE_ARGUMENT.get(_atom.function, ()), _atom.name)


@dataclass(frozen=True)
class Match:
    """The expression is the row's function of these arguments and constants."""

    atom: str
    arguments: tuple[Expr, ...]
    constants: tuple[Expr, ...] = ()
    weights: tuple[Expr, ...] = ()  # under roots in the arguments


def matches(expression: Expr, variables: Variables) -> Iterator[Match]:
    """Readings of the expression as a row of the table, the most specific first.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> next(matches(log(1 + exp(x)), (x,)))
    Match(atom='shifted log-sum-exp', arguments=(x,), constants=(1,), weights=())
    """
    if isinstance(expression, log):
        yield from _logarithms(expression.args[0], variables)
    elif isinstance(expression, (Max, Min)):
        yield Match("max" if isinstance(expression, Max) else "min", expression.args)
    elif isinstance(expression, Pow) and expression.base != S.Exp1:
        yield from _powers(expression, variables)
        yield from _products(expression, variables)
    elif isinstance(expression, Mul):
        yield from _products(expression, variables)
    elif isinstance(expression, polygamma) and expression.args[0].is_Integer:
        half, odd = divmod(int(expression.args[0]), 2)
        name = "polygamma of odd order" if odd else "polygamma of even order"
        yield Match(name, (expression.args[1],), (Integer(half + odd),))
    elif isinstance(expression, Add) and has_function(expression, loggamma):
        yield from _log_beta(expression)
    for name in ONE_ARGUMENT.get(expression.func, ()):
        if name not in ("max", "min"):
            yield Match(name, (expression.args[0],))


def _is_constant(expression: Expr, variables: Variables) -> bool:
    return not depends_on(expression, frozenset(variables))


def _logarithms(inside: Expr, variables: Variables) -> Iterator[Match]:
    if isinstance(inside, (erfc, gamma)):
        yield Match("logarithm of erfc" if isinstance(inside, erfc) else "logarithm of gamma", inside.args)
    for term in Add.make_args(inside) if len(inside.args) == 2 else ():
        node = -term if isinstance(-term, erfc) else term
        if isinstance(node, (erf, erfc)) and inside == (1 + node if isinstance(node, erf) else 2 - node):
            yield Match("logarithm of 1 + erf", node.args)
        if isinstance(-term, erf) and inside == 1 + term:
            yield Match("logarithm of 1 + erf", tuple(-u for u in (-term).args))
    cone = _in_a_cone(inside)
    if cone is not None:
        yield Match("logarithm in a p-cone", *cone)
    arguments: list[Expr] = []
    constant: Expr = S.Zero
    own = frozenset(variables)
    has_cosh = has_function(inside, cosh)
    for term in Add.make_args(inside.rewrite(exp) if has_cosh else inside):
        factor, rest = split(term, own)
        if rest == 1:
            constant += term
            continue
        exponents = [f.args[0] if isinstance(f, exp) else None for f in Mul.make_args(rest)]
        if None in exponents or factor.is_negative:
            arguments = []
            break
        exponents += [log(factor)] if factor != 1 else []
        arguments.append(exponents[0] if len(exponents) == 1 else Add(*exponents))
    if arguments and constant == 0 and len(arguments) > 1:
        yield Match("log-sum-exp", tuple(arguments))
    elif arguments and constant != 0:
        yield Match("shifted log-sum-exp", tuple(arguments), (constant,))


def _powers(power: Pow, variables: Variables) -> Iterator[Match]:
    base, exponent = power.base, power.exp
    if not _is_constant(exponent, variables):
        yield Match("exp", (exponent * log(base),))
        return
    if exponent == Rational(1, 2):
        squares = _squares_as_written(base) or as_sum_of_squares(base, variables)
        if squares is not None:
            forms, rest = squares
            yield Match("norm", forms) if rest == 0 else Match("shifted norm", forms, (rest,))
        shift, moving = base.as_independent(*variables, as_Add=True)
        squares = as_sum_of_squares(moving, variables) if shift.free_symbols else None
        if squares is not None and squares[1] == 0:
            yield Match("shifted norm", squares[0], (shift,))
        if squares is None and base.is_polynomial(*variables) and _has_parameters(base, variables):
            yield from _weighted_norms(base, variables)
        terms = Add.make_args(base)
        if all(isinstance(t, Pow) and t.exp == 2 for t in terms):
            yield Match("norm, u >= 0", tuple(t.base for t in terms))
    terms = Add.make_args(base)
    sizes = [_absolute_power(t) for t in terms]
    if len(terms) > 1 and all(size is not None and size[1] * exponent == 1 for size in sizes):
        yield Match("p-norm", tuple(size[0] for size in sizes if size is not None), (1 / exponent,))
    even = [size or _even_power(t) for size, t in zip(sizes, terms, strict=True)]
    if len(terms) > 1 and None not in even and len({size[1] for size in even if size is not None}) == 1:
        p = next(size[1] for size in even if size is not None)
        if p * exponent != 1 and exponent != 1 / p:
            for name in ("power of a round p-norm", "power of a p-norm"):
                yield Match(name, tuple(size[0] for size in even if size), (p, p * exponent))
    roots = [_root_of_square(t) for t in terms] if exponent == S.Half else []
    if len(roots) > 1 and None not in roots:
        yield Match("norm, u >= 0", tuple(u for u in roots if u is not None))
    cone = _in_a_cone(base)
    if cone is not None and cone[1][0] * exponent == 1:
        yield Match("root in a p-cone", *cone)
    yield from _weighted_means(terms, exponent, frozenset(variables))
    if exponent.is_negative and isinstance(base, Add) and base.is_polynomial(*variables):
        yield Match("exp", (exponent * log(base),))  # log-concave bases, such as determinants
    if len(terms) > 1 and all(isinstance(t, Pow) and (t.exp * exponent) == 1 for t in terms):
        if (1 / exponent).is_even:
            yield Match("p-norm", tuple(t.base for t in terms), (1 / exponent,))
        for name in ("p-norm, u > 0", "power mean, u > 0", "power mean, r < 0"):
            yield Match(name, tuple(t.base for t in terms), (1 / exponent,))
        return
    if isinstance(exponent, Integer):
        half, odd = divmod(int(exponent), 2)
        if exponent > 1:
            names = ("power", "odd power, u <= 0") if odd else ("even power", "power", "even power, u <= 0")
        else:
            half, names = -half, ("inverse power", f"inverse {'odd' if odd else 'even'} power, u < 0")
        for name in names:
            yield Match(name, (base,), (Integer(half) if CURVATURE_ATOMS[name].integer else exponent,))
        return
    if exponent.is_integer:
        for name, atom in SYMBOLIC_POWERS.items():
            if getattr(exponent, f"is_{atom.parity}") is True:
                yield Match(name, (base,), (exponent,))
    if isinstance(base, Abs):
        yield Match("abs power", base.args, (exponent,))
    for name in ("power", "root", "inverse power"):
        yield Match(name, (base,), (exponent,))


def _has_parameters(expression: Expr, variables: Variables) -> bool:
    return not free_symbols(expression) <= set(variables)


def _weighted_norms(base: Expr, variables: Variables) -> Iterator[Match]:
    """The root of a quadratic whose pivots hold parameters: x^2 + 2 a x y + y^2 as (x + a y)^2 + (1 - a^2) y^2."""
    found = as_weighted_squares(base, variables)
    if found is None:
        return
    weights, forms, rest = found
    terms = tuple(sqrt(w) * form for w, form in zip(weights, forms, strict=True))
    if rest == 0:
        yield Match("norm", terms, weights=weights)
    else:
        yield Match("shifted norm", terms, (rest,), weights)


def _weighted_means(terms: tuple[Expr, ...], exponent: Expr, own: frozenset[Symbol]) -> Iterator[Match]:
    """(sum w_i u_i^r)^(s/r) with numbers or parameters for the weights; those without are read as p-norms and means."""
    parts = [split(term, own) for term in terms]
    powers = [rest.as_base_exp() if rest.is_Pow else (rest, S.One) for _, rest in parts]
    weights = tuple(factor for factor, _ in parts)
    r = powers[0][1]
    if (
        len(terms) < 2
        or any(e != r for _, e in powers)
        or depends_on(r, own)
        or set(weights) == {S.One} == {r * exponent}
    ):
        return
    if r == 1 or S.One in (rest for _, rest in parts) or any(w.is_negative for w in weights):
        return
    constants = (*weights, r, powsimp(r * exponent))
    for name in WEIGHTED:
        yield Match(name, tuple(base for base, _ in powers), constants)
    if r == 2 == 1 / exponent:
        yield Match(
            "norm",
            tuple(sqrt(w) * base for w, (base, _) in zip(weights, powers, strict=True)),
            weights=weights,
        )


def _squares_as_written(base: Expr) -> tuple[tuple[Expr, ...], Expr] | None:
    """(u_1, ..., u_k), r for a sum of squares u_i^2 of such affine forms as stand there, and a number r >= 0."""
    rest, forms = base.as_coeff_Add()
    squares = Add.make_args(forms)
    for term in squares:
        u = term.base if isinstance(term, Pow) and term.exp == 2 else None
        if u is None or not (u.is_Symbol or (isinstance(u, Add) and symbols_of_form(u))):
            return None
    return None if rest.is_negative else (tuple(term.base for term in squares), rest)


def _root_of_square(term: Expr) -> Expr | None:
    """A root of the term that is nowhere negative, convex where that can be: |u| of u^2, u^2 of u^4."""
    factor, rest = term.as_coeff_Mul()
    if factor < 0:
        return None
    if rest == 1 or isinstance(rest, exp):
        return sqrt(factor) * (exp(rest.args[0] / 2) if rest != 1 else 1)
    base, exponent = rest.as_base_exp()
    if not exponent.is_Integer or exponent < 2 or exponent % 2 or base == S.Exp1:
        return None
    half = exponent // 2
    return sqrt(factor) * (base**half if half % 2 == 0 else Abs(base) ** half)


def _in_a_cone(difference: Expr) -> tuple[tuple[Expr, ...], tuple[Expr, ...]] | None:
    """((v_1, ..., v_k, t), (p,)) for t^p - |v_1|^p - ... - |v_k|^p with an integer p."""
    terms = Add.make_args(difference)
    if any(isinstance(term, exp) for term in terms):
        return None
    first = list(islice((term for term in terms if not term.could_extract_minus_sign()), 2))
    if len(first) != 1 or len(terms) == 1 or not first[0].as_base_exp()[1].is_Integer:
        return None
    t, p = first[0].as_base_exp()
    sizes = [_absolute_power(-term) or _even_power(-term) for term in terms if term is not first[0]]
    if None in sizes or {size[1] for size in sizes if size is not None} != {p}:
        return None
    return (*(size[0] for size in sizes if size is not None), t), (p,)


def _absolute_power(term: Expr) -> tuple[Expr, Expr] | None:
    """(u, a) with |u|^a for a power of |u|, or for one times an even power of u."""
    powers = _powers_of(term)
    inside = next((u for u in powers if isinstance(u, Abs)), None)
    if inside is None:
        return None
    others = powers.get(inside.args[0], S.Zero)
    if set(powers) <= {inside, inside.args[0]} and others % 2 == 0:
        return inside.args[0], powers[inside] + others
    return None


def _even_power(term: Expr) -> tuple[Expr, Expr] | None:
    """(u, n) for u^n with an even integer n, which is |u|^n."""
    if isinstance(term, Pow) and term.exp.is_Integer and term.exp > 0 and term.exp % 2 == 0:
        return term.base, term.exp
    return None


def _products(product: Expr, variables: Variables) -> Iterator[Match]:
    powers = _powers_of(product)
    logarithms = [u for u, a in powers.items() if isinstance(u, log) and a == 1]
    if len(logarithms) == 1:
        inside, rest = logarithms[0].args[0], product / logarithms[0]
        if rest == inside:
            yield Match("entropy", (inside,))
        elif not _is_constant(rest, variables):
            yield Match("relative entropy", (rest, rest / inside))
        return
    tails = [u for u, a in powers.items() if isinstance(u, erfc) and a in (1, -1)]
    if len(tails) == 1 and len(powers) == 2:
        inside, rest = tails[0].args[0], product / tails[0] ** powers[tails[0]]
        if isinstance(rest, exp) and (rest.args[0] - powers[tails[0]] * inside**2).expand() == 0:
            yield Match("Mills ratio" if powers[tails[0]] == 1 else "normal hazard", (inside,))
    even = [u for u, a in powers.items() if isinstance(u, Abs) and powers.get(u.args[0], S.Zero) % 2 == 0]
    if len(even) == 1 and set(powers) <= {even[0], even[0].args[0]}:
        yield Match("abs power", even[0].args, (powers[even[0]] + powers.get(even[0].args[0], S.Zero),))
        return
    below = [u for u, a in powers.items() if a == -1]
    if len(below) == 1 and len(powers) > 1:
        squares = as_sum_of_squares(product * below[0], variables)
        if squares is not None and squares[1] == 0:
            yield Match("quadratic over linear", (*squares[0], below[0]))
        elif len(powers) == 2 and 2 in powers.values():
            above = next(u for u, a in powers.items() if a == 2)
            yield Match("square over linear, u >= 0", (above, below[0]))
            yield Match("quadratic over linear", (above, below[0]))
    for t, a in powers.items() if len(powers) > 1 else ():
        above = Mul(*(u**b for u, b in powers.items() if u != t))
        sizes = [_absolute_power(v) or _even_power(v) for v in Add.make_args(above)]
        if all(size is not None and (size[1] + a - 1).expand() == 0 for size in sizes):
            forms = tuple(size[0] for size in sizes if size is not None)
            yield Match("perspective of powers", (*forms, t), (1 - a,))
    if len(powers) > 1:
        fixed = all(_is_constant(a, variables) for a in powers.values())
        for name in ("product of small powers", "geometric mean", "product of inverse powers"):
            if fixed:
                yield Match(name, tuple(powers), tuple(powers.values()))
        common = igcd(*powers.values()) if all(a.is_Integer for a in powers.values()) else 1
        if common > 1:
            yield Match("power", (Mul(*(u ** (a / common) for u, a in powers.items())),), (Integer(common),))
        if not fixed or any(slopes_of_form(u) is None for u in powers):  # log-convex, may be
            exponents = (a * (u.args[0] if isinstance(u, exp) else log(u)) for u, a in powers.items())
            yield Match("exp", (Add(*exponents),))


def _log_beta(total: Add) -> Iterator[Match]:
    """loggamma(u) + loggamma(v) - loggamma(u + v), and for more than two."""
    below = [-term for term in total.args if isinstance(-term, loggamma)]
    above = tuple(term.args[0] for term in total.args if isinstance(term, loggamma))
    if len(below) == 1 and len(above) == len(total.args) - 1 > 1 and below[0].args[0] == Add(*above):
        yield Match("logarithm of beta", above)


def with_beta_functions(terms: list[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
    """Multiples of terms, in which loggamma(u), loggamma(v) and -loggamma(u + v) are taken together.

    >>> x, y = symbols("x y", real=True)
    >>> with_beta_functions([(S(3), loggamma(x)), (S(2), loggamma(y)), (-S(2), loggamma(x + y))])
    [(1, loggamma(x)), (2, loggamma(x) + loggamma(y) - loggamma(x + y))]
    """
    factors = {term.args[0]: factor for factor, term in terms if isinstance(term, loggamma)}
    if len(factors) < 3 or len(factors) > MAX_BETA:
        return terms
    for whole, factor in factors.items():
        parts = [
            u for u, f in factors.items() if u != whole and (f / -factor).is_Rational and f / -factor >= 1
        ]
        for size in range(len(parts), 1, -1):
            for chosen in combinations(parts, size):
                if Add(*chosen) == whole:
                    left = {u: f + (factor if u in chosen else 0) for u, f in factors.items() if u != whole}
                    beta = Add(*map(loggamma, chosen), -loggamma(whole))
                    others = [(f, term) for f, term in terms if not isinstance(term, loggamma)]
                    kept = [(f, loggamma(u)) for u, f in left.items() if f != 0]
                    return [*others, *with_beta_functions(kept), (-factor, beta)]
    return terms


def _powers_of(product: Expr) -> dict[Expr, Expr]:
    """The bases of a product of powers with their exponents; roots of products are taken apart."""
    found: dict[Expr, Expr] = {}
    for factor in Mul.make_args(product):
        base, exponent = (
            (factor.base, factor.exp)
            if isinstance(factor, Pow) and factor.base != S.Exp1
            else (factor, S.One)
        )
        inner = _powers_of(base) if isinstance(base, Mul) else {base: S.One}
        for symbol, power in inner.items():
            found[symbol] = found.get(symbol, S.Zero) + power * exponent
    return found


def determinants(expression: Expr, variables: Variables, positive: tuple[Expr, ...]) -> Iterator[Match]:
    """Readings by a quadratic a c - sum b_i^2 where a is one of the affine forms that are positive.

    >>> from sympy import symbols
    >>> u, v, x = symbols("u v x", real=True)
    >>> next(determinants(sqrt(u*v - x**2), (u, v, x), (u,))).arguments
    (u, v, x)
    """
    if isinstance(expression, log) or (isinstance(expression, Pow) and expression.exp == S.Half):
        name = "log det" if isinstance(expression, log) else "root of a determinant"
        for a, c, *b in decompositions(expression.args[0], variables, positive):
            yield Match(name, (a, c, *b))
        return
    above, below = expression.as_numer_denom()
    for a, c, *b in decompositions(below, variables, positive) if not _is_constant(below, variables) else ():
        if len(b) == 1:
            yield from _over_determinant(above, variables, a, c, b[0])


def decompositions(
    quadratic: Expr, variables: Variables, positive: tuple[Expr, ...]
) -> Iterator[tuple[Expr, ...]]:
    """(a, c, b_1, ...) with quadratic = a c - sum b_i^2, for the forms a that are given."""
    poly = quadratic.as_poly(*variables)
    if poly is None or poly.total_degree() != 2 or not all(c.is_Rational for c in poly.coeffs()):
        return
    for a in positive:
        lead = next((v for v in variables if a.coeff(v).is_Rational and a.coeff(v) != 0), None)
        if lead is None:
            continue
        others = tuple(v for v in variables if v != lead)
        at_border = poly.as_expr().subs(lead, (lead - a / a.coeff(lead)).expand()).expand()
        squares = as_sum_of_squares(-at_border, others) if at_border.free_symbols else ((), -at_border)
        if squares is None or squares[1].is_negative:
            continue
        b = (*squares[0], *((sqrt(squares[1]),) if squares[1] != 0 else ()))
        c, rest = div((poly.as_expr() + Add(*(v**2 for v in b))).expand(), a, *variables)
        if rest == 0 and b:
            yield (a, c, *b)


def _over_determinant(above: Expr, variables: Variables, a: Expr, c: Expr, b: Expr) -> Iterator[Match]:
    """The numerator as k c - 2 m b + n a: with numbers, or with k = x^2, m = x y and n = y^2 for affine x and y."""
    names = symbols("a c b", cls=Dummy, real=True)
    chosen = next(
        (
            three
            for three in combinations(variables, 3)
            if Matrix([[form.coeff(v) for v in three] for form in (a, c, b)]).det() != 0
        ),
        None,
    )
    if chosen is None:
        return
    table = solve([form - name for form, name in zip((a, c, b), names, strict=True)], chosen, dict=True)[0]
    poly = above.subs(table, simultaneous=True).expand().as_poly(*names)
    if poly is None or poly.total_degree() != 1 or poly.coeff_monomial(1) != 0:
        return
    n, k, m = (poly.coeff_monomial(name) for name in names)
    m = -m / 2
    if all(value.is_Rational for value in (n, k, m)):
        for name in ("trace of an inverse", "trace of an inverse, semidefinite"):
            yield Match(name, (a, c, b), (k, m, n))
        return
    x, y = (sqrt(value.factor()) for value in (k, n))
    x, y = (v.args[0] if isinstance(v, Abs) else v.replace(Abs, lambda u: u) for v in (x, y))
    for sign in (1, -1):
        if (x * y * sign - m).expand() == 0:
            yield Match("matrix fractional", (x, sign * y, a, c, b))


__all__ = ["Match", "determinants", "matches", "sqrt"]
