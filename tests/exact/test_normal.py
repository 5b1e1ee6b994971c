"""The exact zero test against 60-digit evaluation, and against lists of identities and near-identities."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    E,
    Integer,
    Max,
    Piecewise,
    Pow,
    Rational,
    acos,
    asin,
    atan,
    cos,
    cosh,
    cot,
    erf,
    erfc,
    exp,
    gamma,
    log,
    pi,
    sec,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from symopt.exact.normal import (
    TooLarge,
    Unsupported,
    as_polynomial,
    canonical,
    factors,
    is_identical,
    kernels,
    numerator_denominator,
)

x, y, a, b, p = sp.symbols("x y a b p", real=True)

IDENTITIES = [
    (cosh(x) ** 2 - sinh(x) ** 2, Integer(1)),
    (sp.Mul(exp(x), exp(-x), evaluate=False), Integer(1)),
    (Pow(sqrt(x), 2, evaluate=False), x),
    (sp.Mul(sqrt(2), sqrt(3), evaluate=False), sqrt(6)),
    (log(8), 3 * log(2)),
    (Abs(x) ** 3, x**2 * Abs(x)),
    (sin(2 * x), 2 * sin(x) * cos(x)),
    (sin(3 * x), 3 * sin(x) - 4 * sin(x) ** 3),
    (sin(x + y), sin(x) * cos(y) + cos(x) * sin(y)),
    (cos(x + pi / 3), cos(x) / 2 - sqrt(3) / 2 * sin(x)),
    (cos(x + pi), -cos(x)),
    (x**a / x, x ** (a - 1)),
    (x ** (2 * a), (x**a) ** 2),
    (exp(a * log(x)), x**a),
    (x**x, exp(x * log(x))),
    (1 / (1 + sqrt(x)), (1 - sqrt(x)) / (1 - x)),
    (1 / (1 + sqrt(x + 1)), (sqrt(x + 1) - 1) / x),
    (1 / (1 + sqrt(2) + sqrt(3)), (2 + sqrt(2) - sqrt(6)) / 4),
    (tan(x) ** 2 + 1, sec(x) ** 2),
    (tan(x) * cot(x), Integer(1)),
    (sqrt(8), 2 * sqrt(2)),
    (sqrt(exp(x)), exp(x / 2)),
    (log(x**2), 2 * log(Abs(x))),
    (log(exp(x) + exp(y)), x + log(1 + exp(y - x))),
    (sqrt(x ** (2 * a)), x**a),  # x > 0, where x^(2a) has a real exponent
    (4**a, 2 ** (2 * a)),
    (exp(a * log(2)), 2**a),
    (Pow(x**2, Rational(1, 2), evaluate=False), Abs(x)),
    (Pow(x**2, a / 2, evaluate=False), Abs(x) ** a),
    (Abs(x * y), Abs(x) * Abs(y)),
    (tanh(x), 1 - 2 / (1 + exp(2 * x))),
    (1 / (1 + exp(-x)), exp(x) / (1 + exp(x))),
    (sin(pi / 12), (sqrt(6) - sqrt(2)) / 4),
    (exp(x / (1 + x)) * exp(1 / (1 + x)), E),
    (asin(x) + acos(x), pi / 2),
    (erfc(-x), 1 + erf(x)),
    (atan(x - y), -atan(y - x)),
    (sign(-2 * x), -sign(x)),
    (Max(x, y, x), Max(y, x)),
    (Max(3 * x / 4, 3 * y / 2), sp.Rational(3, 4) * Max(x, 2 * y)),
    (Max(x**2 + x + 1, x**2 + x), x**2 + x + 1),
    (sp.Min(x + 1, x, evaluate=False), x),
    (gamma(x + 1 - x), Integer(1)),
    (x ** Rational(1, 3) * x ** Rational(1, 6), sqrt(x)),
    (Piecewise(((x + 1) ** 2, x > 0), (0, True)), Piecewise((x**2 + 2 * x + 1, x > 0), (0, True))),
]

NOT_IDENTICAL = [
    (Pow(x**2, Rational(1, 2), evaluate=False), x),
    (log(x**2), 2 * log(x)),
    (Pow(x**2, a / 2, evaluate=False), x**a),
    (Abs(x ** (2 * a)), x**a),
    (Abs(x), x),
    (sign(x) ** 2, Integer(1)),
    (sign(x) * sign(y) ** 2, sign(x)),
    (sqrt(x * y), sqrt(-x) * sqrt(-y)),
    (exp(x) + Rational(1, 10**40), exp(x)),
    (sqrt(2) + Rational(1, 10**60), sqrt(2)),
    (atan(tan(x)), x),
    (x**a, x**b),
    (exp(x) ** 2, exp(x**2)),
    (Max(x, y), x),
    (Max(-2 * x, -2 * y), -2 * Max(x, y)),
    (Max(x + 1, x, evaluate=False), x),
    (1 / (sin(x) ** 2 + cos(x) ** 2 - 1), Integer(0)),
    (sp.zoo, sp.zoo),
    (sp.nan, sp.nan),
    (sp.I * x, sp.I * x),
]


@pytest.mark.parametrize(("left", "right"), IDENTITIES)
def test_identities_are_proved_and_have_one_form(left, right):
    assert is_identical(left, right)
    assert is_identical(right, left)
    assert canonical(canonical(left)) == canonical(left)


@pytest.mark.parametrize(("left", "right"), IDENTITIES)
def test_the_list_of_identities_holds_at_a_point(left, right):
    point = {x: Rational(3, 7), y: Rational(5, 11), a: Rational(2, 3), b: Rational(1, 5)}
    difference = (left - right).subs(point, simultaneous=True)
    assert abs(sp.N(difference, 40, maxn=400)) < Rational(1, 10**35)


@pytest.mark.parametrize(("left", "right"), NOT_IDENTICAL)
def test_what_is_not_identical_is_not_claimed(left, right):
    assert not is_identical(left, right)


@pytest.mark.parametrize(
    ("a", "b", "d"), [(5, 1, 5), (3, 2, 2), (7, 2, 10), (Rational(1, 2), Rational(1, 10), 5)]
)
def test_roots_of_conjugate_numbers_are_one_root(a, b, d):
    """sqrt(a + b sqrt d) sqrt(a - b sqrt d) = sqrt(a^2 - b^2 d), where that is a root that is met already."""
    u, v = sqrt(a + b * sqrt(d)), sqrt(a - b * sqrt(d))
    expression = u * v + u / v + u**3 * v - 2 * u + v * sqrt(d)
    found = canonical(expression)
    assert len([power for power in found.atoms(Pow) if power.base.is_Add]) == 1
    assert abs((found - expression).evalf(40)) < 1e-35
    assert canonical(u * v) == sqrt(a**2 - b**2 * d)


def test_nested_radicals_are_left_open_but_never_called_different():
    assert is_identical(sqrt(5 + 2 * sqrt(6)), sqrt(2) + sqrt(3)) is False


@pytest.mark.parametrize(
    "tree",
    [
        sp.Add(x, x, evaluate=False),
        sp.Mul(x, Pow(x, -1, evaluate=False), evaluate=False),
        Pow(Pow(x, 2, evaluate=False), Rational(1, 2), evaluate=False),
        exp(log(x, evaluate=False), evaluate=False),
        log(exp(x, evaluate=False), evaluate=False),
        sin(sp.Mul(2, pi, evaluate=False), evaluate=False),
        Abs(Integer(-3), evaluate=False),
        Pow(Integer(4), Rational(1, 2), evaluate=False),
    ],
    ids=str,
)
def test_unevaluated_trees_are_read(tree):
    assert canonical(tree) == canonical(tree.doit())


@pytest.mark.parametrize(
    "monster",
    [
        (x + y + a + b + p + 1) ** 80,
        (x + 1) ** (10**6),
        Pow(9, Pow(9, 9, evaluate=False), evaluate=False),
        x ** Rational(1, 10007) * y ** Rational(1, 2),
        sp.prod((x - i * y + a * b) ** 30 for i in range(1, 9)),
    ],
    ids=lambda e: str(e)[:40],
)
def test_size_gates_answer_at_once(monster):
    with pytest.raises(TooLarge):
        canonical(monster)


def test_too_deep_is_too_large():
    deep = x
    for _ in range(5000):
        deep = sp.Add(1, Pow(deep, -1, evaluate=False), evaluate=False)
    with pytest.raises(TooLarge):
        canonical(deep)


@pytest.mark.parametrize(
    "wrong", [sp.I, sp.oo, sp.nan, sp.zoo, sp.Float("0.1"), log(-1, evaluate=False)], ids=str
)
def test_outside_the_class(wrong):
    with pytest.raises(Unsupported):
        canonical(wrong)


def test_a_large_exponent_stays_one_kernel():
    expression = exp(-(10**5) * (x - 3) ** 2)
    assert kernels(expression) == (canonical(expression),)
    assert len(kernels(exp(x) + exp(2 * x) + exp(x / 2))) == 3
    assert is_identical(exp(x) + exp(x / 2) ** 2, 2 * exp(x))


def test_numerator_and_denominator():
    assert numerator_denominator(x / 2 - 1 / y) == (x * y - 2, 2 * y)
    assert numerator_denominator((1 - x) / (x**2 - 1)) == (-1, x + 1)
    assert numerator_denominator(x * exp(-x) / 3) == (x * exp(-x), 3)


def test_factors_multiply_back():
    for expression in (
        2 * exp(-x) * (x**2 - 1) / p,
        sqrt(x) * (x - 1) - x * y * 0,
        x**a * (x - p) ** 3 / (4 - x**2),
        Integer(-6),
        (exp(2 * x) - 1) / (exp(x) + 1),
        sqrt(x + 1) ** 3 / (x + 1),
    ):
        constant, found = factors(expression)
        assert is_identical(constant * sp.prod(f**k for f, k in found), expression)
        assert factors(expression) == (constant, found)
    assert factors(Integer(0)) == (0, ())
    assert factors(x**2 * y - 2 * x * y + y) == (1, ((y, 1), (x - 1, 2)))


def test_as_polynomial():
    poly = as_polynomial((exp(p) * x + y / p) ** 2, [x, y])
    assert poly is not None
    assert is_identical(poly.as_expr(), (exp(p) * x + y / p) ** 2)
    assert as_polynomial(x * exp(x), [x]) is None
    assert as_polynomial(1 / x, [x]) is None
    assert as_polynomial(sqrt(x), [x]) is None
    assert as_polynomial((x**2 - 1) / (x - 1), [x]) == sp.Poly(x + 1, x, domain="QQ")
    assert as_polynomial(Integer(0), [x]).is_zero


# -- random expressions: the canonical form has the same value at every point where both are defined ------

LEAVES = [x, y, Integer(2), Integer(-3), Rational(1, 2), x + 1, x - y, x * y, pi]
UNARY = [
    lambda u: -u,
    lambda u: u**2,
    lambda u: u**3,
    lambda u: 1 / u,
    lambda u: Pow(u, Rational(1, 2), evaluate=False),
    lambda u: Pow(u, Rational(-2, 3), evaluate=False),
    lambda u: Pow(Pow(u, 2, evaluate=False), Rational(1, 2), evaluate=False),
    exp,
    lambda u: log(u, evaluate=False),
    Abs,
    sin,
    cos,
    tanh,
    lambda u: sign(u, evaluate=False),
    lambda u: sin(2 * u),
    lambda u: exp(-u / 2),
    lambda u: Pow(u, y, evaluate=False),
    lambda u: Max(u, x, evaluate=False),
    atan,
]
BINARY = [lambda u, v: u + v, lambda u, v: u * v, lambda u, v: u - v, lambda u, v: u / v]

trees = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: (
        st.builds(lambda f, u: f(u), st.sampled_from(UNARY), inner)
        | st.builds(lambda f, u, v: f(u, v), st.sampled_from(BINARY), inner, inner)
    ),
    max_leaves=6,
)
POINTS = [
    {x: Rational(u, 10), y: Rational(v, 10)}
    for u, v in [(13, 7), (-13, 20), (17, -20), (-9, -31), (0, 10), (10, 10), (-20, 30)]
]


def real_value(expression, point):
    """The 60-digit real value, None where the expression is not defined over the reals."""
    with mpmath.workdps(60):
        try:
            return _evaluate(expression, point)
        except (ZeroDivisionError, OverflowError, ValueError, _NotReal):
            return None


class _NotReal(Exception):
    pass


def _evaluate(e, point):
    """A plain recursive evaluation over the reals, independent of SymPy's."""
    if e.is_Rational:
        return mpmath.mpf(int(e.p)) / int(e.q)
    if e.is_Symbol:
        return _evaluate(point[e], point)
    if e is pi:
        return mpmath.pi()
    if e is sp.E:
        return mpmath.e()
    values = [_evaluate(argument, point) for argument in e.args]
    if any(abs(v) > mpmath.mpf(10) ** 12 for v in values):
        raise OverflowError
    name = e.func.__name__
    if name == "Add":
        return mpmath.fsum(values)
    if name == "Mul":
        return mpmath.fprod(values)
    if name == "Pow":
        base, exponent = values
        if exponent == int(exponent) and e.exp.is_Integer:
            return base ** int(exponent)
        if base < 0 and exponent == int(exponent) and not e.exp.is_Rational:
            return base ** int(exponent)
        if base < 0 or (base == 0 and exponent <= 0):
            raise _NotReal
        return base**exponent
    if name == "log" and values[0] <= 0:
        raise _NotReal
    table = {"Abs": abs, "Max": max, "Min": min, "sign": mpmath.sign}
    result = table.get(name) or getattr(mpmath, name)
    return mpmath.mpf(result(*values))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees)
def test_the_canonical_form_has_the_value_of_the_expression(tree):
    try:
        form = canonical(tree)
    except (Unsupported, TooLarge):
        return
    assert canonical(form) == form
    for point in POINTS:
        before, after = real_value(tree, point), real_value(form, point)
        if before is None or after is None:
            continue
        assert abs(before - after) <= mpmath.mpf(10) ** -25 * (1 + abs(before)), (tree, form, point)


def _power(base, exponent):
    return Pow(base, exponent, evaluate=False)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(trees, trees)
def test_identities_of_a_field_are_proved_and_true(u, v):
    try:
        if not (is_identical(u, u) and is_identical(v, v)):
            return
        square = sp.Add(_power(u, 2), sp.Mul(2, u, v, evaluate=False), _power(v, 2), evaluate=False)
        assert is_identical(_power(sp.Add(u, v, evaluate=False), 2), square)
        claimed = is_identical(u, v)
        assert not is_identical(u, u + Rational(1, 10**9))
    except TooLarge:
        return
    for point in POINTS if claimed else ():
        left, right = real_value(u, point), real_value(v, point)
        if left is not None and right is not None:
            assert abs(left - right) <= mpmath.mpf(10) ** -25 * (1 + abs(left))
