"""How an equation depends on an unknown: slopes, kernels, powers, linear forms to try."""

from __future__ import annotations

from math import gcd, lcm
from typing import Final, cast

from sympy import Abs, Add, Expr, Mul, Pow, Rational, S, Symbol, default_sort_key, exp, log

from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import canonical

MAX_INDEX: Final = 6  # of a root that is solved for


def slope_in(equation: Expr, symbol: Symbol) -> Expr | None:
    """The coefficient of an unknown in which the equation is linear, or None."""
    if not equation.has(symbol) or max(exponents_in(equation, symbol) or {0}) > 1:
        return None
    poly = polynomial_or_none(equation, symbol)
    if poly is None or poly.degree() != 1:
        return None
    return cast(Expr, poly.LC())


def exponents_in(equation: Expr, symbol: Symbol) -> frozenset[int] | None:
    """The exponents of a symbol in a sum of distinct monomials, as it stands; None where it is none."""
    found = set()
    for term in Add.make_args(equation):
        exponent = 0
        for base, power in (factor.as_base_exp() for factor in Mul.make_args(term)):
            if base == symbol and power.is_Integer:
                exponent = int(power)
            elif base.has(symbol) or power.has(symbol):
                return None
        found.add(exponent)
    return frozenset(found)


def geometric(symbol: Symbol, value: Expr, n: int) -> Expr:
    return cast(Expr, sum((symbol ** (n - 1 - k) * value**k for k in range(n)), S.Zero))


def kernel_of(equation: Expr, symbol: Symbol) -> Expr | None:
    """A kernel (a power of the unknown, a root, an exponential, a logarithm) in which it may be a polynomial."""
    exponentials = sorted(equation.atoms(exp), key=default_sort_key)
    exponentials = [e for e in exponentials if e.has(symbol)]
    logarithms = sorted((e for e in equation.atoms(log) if e.has(symbol)), key=default_sort_key)
    if exponentials and not logarithms:
        unit = _common_slope([e.args[0] for e in exponentials], symbol)
        return None if unit is None else cast(Expr, exp(unit * symbol))
    if len(logarithms) == 1 and not exponentials:
        return logarithms[0]
    if exponentials or logarithms:
        return None
    poly = polynomial_or_none(equation, symbol)
    if poly is None:
        return _root_in(equation, symbol)
    step = gcd(*(m[0] for m in poly.monoms()))
    return cast(Expr, symbol**step) if step > 1 and poly.degree() > step else None


def _root_in(equation: Expr, symbol: Symbol) -> Expr | None:
    """The root u^(1/n) of a linear u that gives the others, as u^(3/2); None where there are roots of others."""
    powers = [p for p in equation.atoms(Pow) if not p.exp.is_Integer and p.has(symbol)]
    bases = {p.base for p in powers}
    if len(bases) != 1 or not all(p.exp.is_Rational for p in powers):
        return None
    (base,) = bases
    if slope_in(base, symbol) is None or any(p.has(symbol) for p in base.atoms(Pow)):
        return None
    index = lcm(*(int(p.exp.q) for p in powers))
    return cast(Expr, Pow(base, Rational(1, index))) if index <= MAX_INDEX else None


def _common_slope(lines: list[Expr], symbol: Symbol) -> Expr | None:
    """The largest m such that every line is a whole multiple of m x; m may hold parameters."""
    slopes = [slope_in(line, symbol) for line in lines]
    first = slopes[0]
    if (
        first is None
        or None in slopes
        or any((line - s * symbol).expand() != 0 for s, line in zip(slopes, lines, strict=True))
    ):
        return None
    ratios = [canonical(cast(Expr, s) / first) for s in slopes]
    if not all(isinstance(ratio, Rational) for ratio in ratios):
        return None
    common = cast(Rational, ratios[0])
    for ratio in ratios[1:]:
        common = Rational(*rational_gcd(common, cast(Rational, ratio)))
    unit = common * first
    return abs(unit) if unit.is_Rational else unit


def rational_gcd(a: Rational, b: Rational) -> tuple[int, int]:
    return gcd(int(a.p * b.q), int(b.p * a.q)), int(a.q * b.q)


def in_kernel(equation: Expr, kernel: Expr, symbol: Symbol, stand_in: Symbol) -> Expr | None:
    """The equation as a polynomial in the kernel's stand-in, or None."""
    table: dict[Expr, Expr] = {}
    if isinstance(kernel, exp):
        unit = slope_in(kernel.args[0], symbol)
        for node in equation.atoms(exp):
            if node.has(symbol):
                table[node] = stand_in ** (cast(Expr, slope_in(node.args[0], symbol)) / unit)
        result = equation.xreplace(table)
        poly = canonical(result * stand_in ** max([0, *(-p for p in negative_powers(result, stand_in))]))
        return None if poly.has(symbol) or poly.as_poly(stand_in) is None else poly
    if isinstance(kernel, Pow) and not kernel.exp.is_Integer:
        return _in_root(equation, kernel, symbol, stand_in)
    if isinstance(kernel, Pow):
        poly = equation.as_poly(symbol)
        if poly is None:
            return None
        step = int(kernel.exp)
        return cast(Expr, sum((c * stand_in ** (m[0] // step) for m, c in poly.terms()), S.Zero))
    result = equation.xreplace({kernel: stand_in})
    return None if result.has(symbol) or result.as_poly(stand_in) is None else result


def _in_root(equation: Expr, root: Pow, symbol: Symbol, stand_in: Symbol) -> Expr | None:
    """The equation as a polynomial of degree 2 or more in u^(1/n), whose n-th power gives the unknown."""
    index, slope = int(root.exp.q), cast(Expr, slope_in(root.base, symbol))
    offset = root.base.xreplace({symbol: S.Zero})
    table = {p: stand_in ** (p.exp * index) for p in equation.atoms(Pow) if p.base == root.base}
    result = canonical(equation.xreplace(table).xreplace({symbol: (stand_in**index - offset) / slope}))
    poly = result.as_poly(stand_in)
    return None if result.has(symbol) or poly is None or poly.degree() < 2 else result


def up_to_sign(root: Expr) -> Expr:
    """u for a factor |u| of a root of an even power: both signs are solutions, and so are those with u.

    >>> from sympy import Symbol, sqrt
    >>> b = Symbol("b", real=True)
    >>> up_to_sign(2 * sqrt(b**2)), up_to_sign(sqrt(1 + abs(b)))
    (2*b, sqrt(Abs(b) + 1))
    """
    pairs = (factor.as_base_exp() for factor in Mul.make_args(root))
    return Mul(*(Pow(u.args[0] if isinstance(u, Abs) and k.is_Integer else u, k) for u, k in pairs))


def negative_powers(expression: Expr, symbol: Symbol) -> list[int]:
    return [int(p.exp) for p in expression.atoms(Pow) if p.base == symbol and p.exp.is_Integer and p.exp < 0]


def separating_forms(unknowns: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """Linear forms to try, the single unknowns first."""
    forms: list[Expr] = list(reversed(unknowns))
    for k in (1, 2, 3, 5):
        forms.append(sum((Rational(k) ** i * u for i, u in enumerate(unknowns)), S.Zero))
    return tuple(dict.fromkeys(forms))


def has_number_slope(equation: Expr, symbol: Symbol) -> bool:
    slope = slope_in(equation, symbol)
    return slope is not None and bool(slope.is_Rational) and slope != 0
