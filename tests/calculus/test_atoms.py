"""Every row of the table against SymPy's own derivatives, at 40 digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Rational

from symopt.calculus import special
from symopt.calculus.atoms import ATOMS, D, U, Y
from symopt.calculus.bernoulli import OVER_TANH
from symopt.calculus.compiler_functions import ROW_FUNCTIONS, SCALAR_FUNCTIONS
from symopt.calculus.ratios import NAMES as RATIO_NAMES
from symopt.calculus.ratios import RATIOS
from symopt.calculus.remainders import REMAINDERS

# What SymPy does not know, written out.
MEANING = {
    "slope": lambda u: sympy.Piecewise((1, u >= 0), (-1, True)),
    "log1p": lambda u: sympy.log(1 + u),
    "expm1": lambda u: sympy.exp(u) - 1,
    "sqrt1pm1": lambda u: sympy.sqrt(1 + u) - 1,
    "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
    "exp_rest": lambda u: sympy.exp(u) - 1 - u,
    "log1p_rest": lambda u: sympy.log(1 + u) - u,
    "sin_rest": lambda u: sympy.sin(u) - u,
    "cos_rest": lambda u: sympy.cos(u) - 1 + u**2 / 2,
    "sinh_rest": lambda u: sympy.sinh(u) - u,
    "cosh_rest": lambda u: sympy.cosh(u) - 1 - u**2 / 2,
    "tanh_rest": lambda u: sympy.tanh(u) - u,
    "exp_third_rest": lambda u: sympy.exp(u) - 1 - u - u**2 / 2,
    "tan_rest": lambda u: sympy.tan(u) - u,
    "atan_rest": lambda u: sympy.atan(u) - u,
    "asin_rest": lambda u: sympy.asin(u) - u,
    "asinh_rest": lambda u: sympy.asinh(u) - u,
    "atanh_rest": lambda u: sympy.atanh(u) - u,
    "tanh_slope": lambda u: 1 - sympy.tanh(u) ** 2,
    "log_abs": lambda u: sympy.log(sympy.Abs(u)),
    "log_cosh": lambda u: sympy.log(sympy.cosh(u)),
    "log_cosh_rest": lambda u: sympy.log(sympy.cosh(u)) - u**2 / 2,
    "over_expm1": lambda u: u / (sympy.exp(u) - 1),
    "over_expm1_slope": lambda u: (sympy.exp(u) - 1 - u * sympy.exp(u)) / (sympy.exp(u) - 1) ** 2,
    "over_expm1_bend": lambda u: (
        (u * sympy.exp(u) * (sympy.exp(u) + 1) - 2 * sympy.exp(u) * (sympy.exp(u) - 1))
        / (sympy.exp(u) - 1) ** 3
    ),
}
for _order, _part in enumerate(OVER_TANH):
    MEANING[_part] = lambda u, order=_order: (U / sympy.tanh(U)).diff(U, order).subs(U, u)
for _name, _of in (
    *((name, MEANING[name]) for name in RATIO_NAMES if name in REMAINDERS),
    ("tan", sympy.tan),
    ("asin", sympy.asin),
    ("asinh", sympy.asinh),
    ("atanh", sympy.atanh),
    ("erf", sympy.erf),
    ("sin", sympy.sin),
    ("sinh", sympy.sinh),
    ("tanh", sympy.tanh),
    ("atan", sympy.atan),
    ("expm1", lambda u: sympy.exp(u) - 1),
    ("log1p", lambda u: sympy.log(1 + u)),
):
    for _order, _ratio in enumerate(RATIO_NAMES[_name]):
        MEANING[_ratio] = lambda u, of=_of, order=_order, power=RATIOS[_name].power: (
            (of(U) / U**power).diff(U, order).subs(U, u)
        )
EVERYWHERE = (Rational(1, 3), Rational(7, 10), Rational(-1, 4))
POSITIVE = EVERYWHERE[:2]
BEYOND_ONE = (Rational(7, 5), Rational(-31, 10))
POINTS = {
    **dict.fromkeys(("asec", "acsc", "acoth"), BEYOND_ONE),
    "asech": POSITIVE,
    "acosh": (Rational(7, 5), Rational(31, 10)),
    "log": POSITIVE,
    "loggamma": POSITIVE,
}


def written_out(expression: sympy.Expr) -> sympy.Expr:
    for name, meaning in MEANING.items():
        expression = expression.replace(ATOMS[name].function, meaning)
    return expression


@pytest.mark.parametrize("name", sorted(ATOMS))
def test_derivatives_of_a_row(name: str) -> None:
    atom = ATOMS[name]
    value = written_out(MEANING[name](U) if name in MEANING else atom.function(U))
    for point in POINTS.get(name, EVERYWHERE):
        at = {U: point}
        y = value.subs(at).evalf(40)
        if atom.second is sympy.nan:  # a derivative itself, which is differentiated at most once more
            continue
        first = written_out(atom.first).subs({U: point, Y: y}).evalf(40)
        second = written_out(atom.second).subs({U: point, Y: y, D: first}).evalf(40)
        assert abs(first - value.diff(U).subs(at).evalf(40)) < 1e-30
        assert abs(second - value.diff(U, 2).subs(at).evalf(40)) < 1e-28


@pytest.mark.parametrize("name", sorted(name for name, atom in ATOMS.items() if atom.formula is not None))
def test_formula_of_a_row(name: str) -> None:
    atom = ATOMS[name]
    assert atom.formula is not None
    for point in (Rational(1, 3), Rational(-7, 10)):
        assert abs((atom.formula - atom.function(U)).subs(U, point).evalf(30)) < 1e-25


@pytest.mark.parametrize("name", sorted(REMAINDERS))
@pytest.mark.parametrize("u", [1e-300, -1e-9, 0.01, 0.1249, -0.1251, 0.999, 5.0])
def test_remainders_keep_their_digits(name: str, u: float) -> None:
    if name in ("asin_rest", "atanh_rest") and u > 1:
        pytest.skip("outside the domain")
    with mpmath.workdps(700):
        expected = float(sympy.lambdify(U, MEANING[name](U), "mpmath")(mpmath.mpf(u)))
    assert SCALAR_FUNCTIONS[name](u) == pytest.approx(expected, rel=1e-12, abs=1e-320)
    assert ROW_FUNCTIONS[name](np.array([u])) == pytest.approx(expected, rel=1e-12, abs=1e-320)


@pytest.mark.parametrize(
    "name", ["over_expm1", "over_expm1_slope", "over_expm1_bend", "log_cosh", *OVER_TANH, "tanh_slope"]
)
@pytest.mark.parametrize("u", [1e-300, -1e-9, 0.01, 0.999, -1.001, 5.0, -50.0, 300.0, -1e5])
def test_other_functions_keep_their_digits(name: str, u: float) -> None:
    with mpmath.workdps(1500):
        expected = float(sympy.lambdify(U, MEANING[name](U), "mpmath")(mpmath.mpf(u)))
    assert SCALAR_FUNCTIONS[name](u) == pytest.approx(expected, rel=1e-12 * max(1, abs(u)), abs=1e-320)
    assert ROW_FUNCTIONS[name](np.array([u])) == pytest.approx(
        expected, rel=1e-12 * max(1, abs(u)), abs=1e-320
    )


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("u", [-100.25, -123.5, -1000.875])
def test_polygamma_far_to_the_left(order: int, u: float) -> None:
    with mpmath.workdps(40):
        expected = mpmath.psi(order, mpmath.mpf(u))
    assert special.polygamma(order, u) == pytest.approx(float(expected), rel=1e-14)


def test_polygamma_does_not_go_there_step_by_step() -> None:
    # psi(1/2 - n) = psi(1/2 + n), which is log n + O(1/n^2).
    assert special.polygamma(0, 0.5 - 2.0**40) == pytest.approx(40 * math.log(2), rel=1e-14)
    with pytest.raises(ValueError, match="pole"):
        special.polygamma(1, -1e300)
