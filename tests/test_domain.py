"""The natural domain against hand-written answers and against floating-point evaluation of the typed form."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Abs, Basic, Expr, Rational, Symbol, cos, exp, log, sin, sqrt, symbols

from symopt.domain import always_holds, natural_domain
from symopt.errors import InputError
from symopt.reading import read_expression
from symopt.relation import Relation

x, y, z, a = symbols("x y z a", real=True)
n = Symbol("n", integer=True)


def domain(text: str) -> list[str]:
    return [str(relation) for relation in natural_domain(read_expression(text).as_typed)]


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        ("x^3 - 2*x*y + 7", []),
        ("x/x", ["Ne(x, 0)"]),
        ("(x^2 - 1)/(x - 1)", ["Ne(x, 1)"]),
        ("x - x + log(y) - log(y)", ["y > 0"]),
        ("0*log(x)", ["x > 0"]),
        ("sqrt(x)^2", ["x >= 0"]),
        ("sqrt(x^2)", []),
        ("x*log(x)", ["x > 0"]),
        ("x^(2/3)", ["x >= 0"]),
        ("x^(-1/3)", ["x > 0"]),
        ("1/sqrt(x)", ["x > 0"]),
        ("sqrt(x) + 1/x", ["x > 0"]),
        ("1/x^2 + x^-3", ["Ne(x, 0)"]),
        ("sqrt(x^3)", ["x >= 0"]),
        ("log(1/x)", ["x > 0"]),
        ("cbrt(x)", []),
        ("1/cbrt(x)", ["Ne(x, 0)"]),
        ("x^n", ["x > 0"]),
        ("x^pi", ["x > 0"]),
        ("x^x", ["x > 0"]),
        ("2^x + pi^x + e^x", []),
        ("|x|^a", ["Ne(x, 0)"]),
        ("x^(1 - 1)", []),
        ("tan(x) + 1/cos(x)", ["Ne(cos(x), 0)"]),
        ("cot(x*y)", ["Ne(sin(x*y), 0)"]),
        ("asin(2*x)", ["x >= -1/2", "x <= 1/2"]),
        ("acosh(x)", ["x >= 1"]),
        ("atanh(x)", ["x > -1", "x < 1"]),
        ("atan(x) + tanh(x) + erf(x) + asinh(x)", []),
        ("coth(x)", ["Ne(x, 0)"]),
        ("loggamma(x)", ["x > 0"]),
        ("LambertW(x)", ["x >= -exp(-1)"]),
        ("LambertW(x, -1)", ["x >= -exp(-1)", "x < 0"]),
        ("1/(x*y)", ["Ne(x, 0)", "Ne(y, 0)"]),
        ("x^2/y", ["Ne(y, 0)"]),
        ("log(x*y)", ["x*y > 0"]),
        ("log(x/y)", ["Ne(y, 0)", "x*y > 0"]),
        ("log(x^3*y^2)", ["x > 0", "Ne(y, 0)"]),
        ("log(x*z - y^2)", ["x*z > y**2"]),
        ("log(|x|)", ["Ne(x, 0)"]),
        ("log(-2*x)", ["x < 0"]),
        ("log(4 - 2*x)", ["x < 2"]),
        ("1/log(x)", ["x > 0", "Ne(x, 1)"]),
        ("log(x) + log(x - 1) + 1/x", ["x > 1"]),
        ("sqrt(x - 1) + 1/(1 - x)", ["x > 1"]),
        ("sqrt(1 - x) + 1/(2*x - 2)", ["x < 1"]),
        ("log(x^2 + 1) + sqrt(exp(x)) + 1/(1 + exp(-x)) + softplus(y)", []),
        ("log_sum_exp(x, y) + sigmoid(x) + log(cosh(x))", []),
        ("sqrt(max(0, x)) + log(max(1, x, y))", []),
        ("1/(x^2 + y^2)", ["Ne(x**2 + y**2, 0)"]),
        ("exp(1/x)", ["Ne(x, 0)"]),
        ("Piecewise((x*log(x), x > 0), (0, True))", []),
        ("Piecewise((0, x <= 0), (log(x), True))", []),
        ("Piecewise((sin(x)/x, x != 0), (1, True))", []),
        ("Piecewise((log(x - 1), x > 3), (1/x, x >= 2), (0, True))", []),
        ("Piecewise((x, x > 0))", ["x > 0"]),
        ("Piecewise((x, x > 0), (-x, x <= 0))", []),
        ("log(x) + Piecewise((sqrt(x), x < 1), (1, True))", ["x > 0"]),
        ("Piecewise((1, log(x) > 0), (0, True))", ["x > 0"]),
    ],
)
def test_domain(text: str, relations: list[str]) -> None:
    assert domain(text) == relations


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log(-x^2)", "nowhere defined"),
        ("sqrt(-1 - x^2)", "nowhere defined"),
        ("asin(2)*x", "nowhere defined"),
        ("log(x - 1) + log(-x)", "nowhere defined"),
        ("sqrt(x) + log(-x)", "nowhere defined"),
        ("log(-exp(x))", "nowhere defined"),
        ("Piecewise((x, x > 0), (y, x < 0))", "last branch"),
        ("Piecewise((0, Eq(x, 0)), (x*log(x), True))", "add it to the condition"),
        ("Piecewise((log(y), x > 0), (0, True))", "add it to the condition"),
    ],
)
def test_no_domain(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        domain(text)


@pytest.mark.parametrize(
    ("text", "within", "defined"),
    [  # what the region and the earlier conditions give together
        ("Piecewise((0, Eq(x, 0)), (x*log(x), True))", [Relation(x, ">=")], True),
        ("Piecewise((0, Eq(x, 0)), (x*log(x), True))", [Relation(x + 1, ">=")], False),
        ("Piecewise((log(x), x < 1), (0, True))", [Relation(x, ">=")], False),
        ("Piecewise((log(x + y), x > y), (0, True))", [Relation(x, ">"), Relation(y, ">")], True),
        ("Piecewise((log(x + y), x > y), (0, True))", [Relation(x, ">=")], False),
    ],
)
def test_branches_within_a_region(text: str, within: list[Relation], defined: bool) -> None:
    typed = read_expression(text).as_typed
    if defined:
        assert natural_domain(typed, (), within) == ()
    else:
        with pytest.raises(InputError, match="add it to the condition"):
            natural_domain(typed, (), within)


def test_assumptions_on_parameters_are_used() -> None:
    def of(expression: Expr, *assuming: Relation) -> tuple[Relation, ...]:
        return natural_domain(expression, assuming)

    assert of(x**a, Relation(a - 1, ">=")) == (Relation(x, ">="),)
    assert of(Abs(x) ** a, Relation(a, ">")) == ()
    assert of(x**a, Relation(a, ">=")) == (Relation(x, ">"),)
    assert of(x**n) == (Relation(x, "!="),)
    assert of(x**n, Relation(n, ">=")) == ()
    assert of(sqrt(a) * x, Relation(a - 1, ">")) == ()
    assert of(log(x**2 + a), Relation(a, ">")) == ()
    assert of(log(x**2 + a), Relation(a, ">=")) == (Relation(x**2 + a, ">"),)
    with pytest.raises(InputError, match="nowhere defined"):
        of(log(a) * x, Relation(a, "<="))


def test_signs_seen_and_not_seen() -> None:
    assert always_holds(Relation(exp(x) + x**2, ">"))
    assert always_holds(Relation(-sqrt(x) - 1, "<"))
    assert always_holds(Relation(x - 1, "!="), [Relation(x - 2, ">=")])
    assert always_holds(Relation(Rational(-1, 2), "<="))
    assert not always_holds(Relation(x**2, ">"))
    assert not always_holds(Relation(x - 1, ">"), [Relation(x, ">")])
    # True, but not seen from signs: it stays, since nothing is guessed.
    assert not always_holds(Relation(x**2 - 2 * x + 2, ">"))


def real_value(node: Basic, at: Mapping[Basic, float]) -> float:
    """The typed tree in floating point, part by part; an ArithmeticError or ValueError where undefined."""
    if isinstance(node, Symbol):
        return at[node]
    if not node.args:
        return float(node)
    arguments = [real_value(argument, at) for argument in node.args]
    if isinstance(node, sympy.Pow):
        base, exponent = arguments
        if node.exp.is_integer and node.exp.is_number:
            return base ** int(exponent)
        if base < 0 or (base == 0 and exponent <= 0) or (base == 0 and not node.exp.is_Rational):
            raise ValueError
        return base**exponent
    table = {
        sympy.Add: lambda *terms: math.fsum(terms),
        sympy.Mul: lambda *factors: math.prod(factors),
        sympy.Abs: abs,
        sympy.exp: math.exp,
        sympy.log: math.log,
        sympy.sin: math.sin,
        sympy.asin: math.asin,
        sympy.acosh: math.acosh,
        sympy.atanh: math.atanh,
        sympy.Max: max,
    }
    return float(table[type(node)](*arguments))


TEXTS = st.recursive(
    st.sampled_from(["x", "y", "2", "1/2", "(-1)", "(x - 1)", "(3 - 2*x)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map("({0[0]}{0[1]}{0[2]})".format),
        st.tuples(inner, st.sampled_from(["2", "-1", "-2", "3", "(1/2)", "(-1/3)", "x"])).map(
            "({0[0]})^{0[1]}".format
        ),
        st.tuples(st.sampled_from(["log", "exp", "abs", "sin", "asin", "acosh", "atanh"]), inner).map(
            "{0[0]}({0[1]})".format
        ),
        inner.map("max({}, 1)".format),
    ),
    max_leaves=5,
)
POINTS = [Rational(k, 7) for k in (-20, -9, -5, -1, 1, 3, 6, 11, 30)]


@settings(max_examples=200)
@given(TEXTS)
def test_the_domain_is_where_the_typed_form_has_a_value(text: str) -> None:
    try:
        typed = read_expression(text).as_typed
        relations = natural_domain(typed)
    except InputError as error:
        assume("nowhere defined" in str(error))
        typed, relations = read_expression(text).as_typed, (Relation(sympy.Integer(-1), ">"),)
    for first in POINTS:
        for second in (Rational(-3, 5), Rational(4, 3)):
            at = {x: first, y: second}
            inside = True
            for relation in relations:
                left = relation.expression.xreplace(at)
                # Outside the domain of an inner part the relation itself has no real value: outside.
                number = complex(left.evalf(30)) if left.is_finite is not False else complex("nan")
                if number.imag or number.real != number.real:
                    inside = False
                    continue
                assume(number.real == 0 or abs(number.real) > 1e-12)
                inside &= {
                    ">": number.real > 0, ">=": number.real >= 0, "<": number.real < 0,
                    "<=": number.real <= 0, "!=": number.real != 0,
                }[relation.op]  # fmt: skip
            try:
                defined = math.isfinite(real_value(typed, {s: float(v) for s, v in at.items()}))
            except OverflowError:
                continue
            except (ValueError, ZeroDivisionError):
                defined = False
            assert inside == defined, (text, at, [str(relation) for relation in relations])


def test_the_same_domain_whatever_the_symbols_are_called() -> None:
    text = "log({0}*{1}) + sqrt({2} - {0}) + 1/{2}"
    first, second = domain(text.format("x", "y", "z")), domain(text.format("u", "v", "w"))
    table = str.maketrans("uvw", "xyz")
    assert {relation.translate(table) for relation in second} == set(first)


def test_unevaluated_input_from_sympy() -> None:
    kept = sympy.Mul(x, sympy.Pow(x, -1, evaluate=False), evaluate=False)
    assert natural_domain(kept) == (Relation(x, "!="),)
    assert natural_domain(kept + cos(sin(y))) == (Relation(x, "!="),)
