"""Text becomes exactly the expression that was meant, or one sentence that points at a column."""

from __future__ import annotations

import gc
import time
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, E, Float, Function, I, Matrix, Max, Min, Piecewise, Rational, Symbol, oo, pi, symbols

from symopt.errors import InputError
from symopt.reading import (
    check_expression,
    is_free_name,
    point_at,
    read_expression,
    read_names,
    read_relation,
    replace_symbols,
)
from symopt.reading.building import evaluated

a, b, n, p, x, y, z = symbols("a b n p x y z", real=True)
N, S, EE, II, Q, beta, gamma, lam = symbols("N S E I Q beta gamma lambda", real=True)

MEANINGS = [
    ("(p-1)*x^2 + (p+1)*y^2", (p - 1) * x**2 + (p + 1) * y**2),
    ("x**2**3", x**8),
    ("-x^2", -(x**2)),
    ("2^-x*y", y * 2 ** (-x)),
    ("x^-2", x**-2),
    ("a/b/x*y", a * y / (b * x)),
    ("a - b - x", a - b - x),
    ("2*-x", -2 * x),
    ("-x*y + 1", 1 - x * y),
    ("2/-x*y", -2 * y / x),
    ("--x", x),
    ("+x", x),
    ("x^n", x**n),
    ("x^(2/3)", x ** Rational(2, 3)),
    ("0.1*x", x / 10),
    (".5 + 2. + 1e-3 + 1.5E2", Rational(152501, 1000) + 0),
    ("Rational(1, 3)*x", x / 3),
    ("Rational(1, 10**6)*x", x / 10**6),
    ("Piecewise((y, Or(x < 0, x > 1)), (x, True))", Piecewise((y, (x < 0) | (x > 1)), (x, True))),
    ("Piecewise((y, (x < 0) | (x > 1)), (x, True))", Piecewise((y, (x < 0) | (x > 1)), (x, True))),
    ("Piecewise((y, x < 0 or x > 1), (x, True))", Piecewise((y, (x < 0) | (x > 1)), (x, True))),
    ("e^x", sympy.exp(x)),
    ("e", E),
    ("pi*x + π", pi * x + pi),
    ("exp(1)", E),
    ("|x|", Abs(x)),
    ("||x| - 1|", Abs(Abs(x) - 1)),
    ("|x|*|y - |x||", Abs(x) * Abs(y - Abs(x))),
    ("|(|x| - 1)*y|^a", Abs((Abs(x) - 1) * y) ** a),
    ("abs(x) + Abs(y)", Abs(x) + Abs(y)),
    ("ln(x) + log(y)", sympy.log(x) + sympy.log(y)),
    ("sqrt(x)", sympy.sqrt(x)),
    ("root(x, 4)", x ** Rational(1, 4)),
    ("cbrt(x)", sympy.sign(x) * Abs(x) ** Rational(1, 3)),
    ("cbrt(-8)", sympy.Integer(-2)),
    ("acot(x)", sympy.atan(1 / x)),
    ("asec(2*x)", sympy.acos(1 / (2 * x))),
    ("acsc(x)", sympy.asin(1 / x)),
    ("acoth(x)", sympy.atanh(1 / x)),
    ("asech(x)", sympy.acosh(1 / x)),
    ("acsch(x)", sympy.asinh(1 / x)),
    ("softplus(x)", sympy.log(1 + sympy.exp(x))),
    ("sigmoid(x)", 1 / (1 + sympy.exp(-x))),
    ("log_sum_exp(x, y, 0)", sympy.log(sympy.exp(x) + sympy.exp(y) + 1)),
    ("arcsin(x) + arccos(y) + arctan(z)", sympy.asin(x) + sympy.acos(y) + sympy.atan(z)),
    ("sec(x) + csc(x) + cot(x)", sympy.sec(x) + sympy.csc(x) + sympy.cot(x)),
    ("cosh(x)*sinh(y) - tanh(z)", sympy.cosh(x) * sympy.sinh(y) - sympy.tanh(z)),
    ("max(x, y, 0) - Min(x, y)", Max(x, y, 0) - Min(x, y)),
    ("LambertW(x) + LambertW(x, -1)", sympy.LambertW(x) + sympy.LambertW(x, -1)),
    ("gamma(x) + loggamma(x)", sympy.gamma(x) + sympy.loggamma(x)),
    ("polygamma(1, x)", sympy.polygamma(1, x)),
    ("gamma*x", gamma * x),
    ("beta*lambda - N*S*E*I*Q", beta * lam - N * S * EE * II * Q),
    ("Piecewise((x^2, |x| <= 5/2), (y, True))", Piecewise((x**2, Abs(x) <= Rational(5, 2)), (y, True))),
    ("Piecewise((x, (x > 0) & (y >= 1)), (y, Eq(x, 0)), (0, True))",
     Piecewise((x, (x > 0) & (y >= 1)), (y, sympy.Eq(x, 0)), (0, True))),
    ("x − 2·y × z", x - 2 * y * z),
    ("θ + theta_1", Symbol("θ", real=True) + Symbol("theta_1", real=True)),
    ("  x\n + y\t", x + y),
    ("(x+1)^1000000", (x + 1) ** 1000000),
    ("x - x", sympy.Integer(0)),
    ("0^0", sympy.Integer(1)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meaning"), MEANINGS)
def test_text_means(text: str, meaning: sympy.Expr) -> None:
    assert read_expression(text).expression == meaning


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("x/x", "x/x"),
        ("x*log(x) - x*log(x)", "-x*log(x) + x*log(x)"),
        ("sqrt(x)^2", "(sqrt(x))**2"),
        ("1/x", "1/x"),
        ("x/4", "x/4"),
        ("3/4*x", "3*x/4"),
        ("2*(x + 1)", "2*(x + 1)"),
        ("log(exp(x))", "log(exp(x))"),
        ("x^(1/3)", "x**(1/3)"),
        ("--x", "x"),
    ],
)
def test_the_typed_form_is_not_simplified(text: str, shape: str) -> None:
    assert str(read_expression(text).as_typed) == shape


def test_the_typed_form_survives_a_change_of_symbols() -> None:
    t = Symbol("t", positive=True)
    typed = read_expression("x/x + Max(x, 0) + Piecewise((1, x > 0), (x, True))").as_typed
    changed = replace_symbols(typed, {x: t})
    assert changed.atoms(Symbol) == {t}
    assert str(changed) == str(typed).replace("x/x", "t/t").replace("(0, x)", "(0, t)").replace(
        "x > 0", "t > 0"
    ).replace("(x, True)", "(t, True)")
    assert replace_symbols(typed, {x: x}) is typed


def test_symbols_stand_in_order_of_appearance_and_are_real() -> None:
    reading = read_expression("z*y + a*z - y")
    assert reading.symbols == (z, y, a)
    assert all(symbol.is_real for symbol in reading.symbols)


def test_declared_names_come_first() -> None:
    mine = {"e": Symbol("e", integer=True), "gamma": gamma, "pi": Symbol("pi", real=True)}
    reading = read_expression("e + pi + gamma", mine)
    assert set(reading.symbols) == set(mine.values())
    assert reading.notes == ()
    with pytest.raises(InputError, match=r"gamma\*"):
        read_expression("gamma(x)", mine)


def test_notes_name_the_conventions() -> None:
    assert read_expression("e^x").notes == ("read e as Euler's number",)
    (note,) = read_expression("x^(2/3) + y^(2/3)").notes
    assert "x >= 0" in note
    assert "cbrt" in note
    assert read_expression("x^(1/2) + exp(x)").notes == ()


def test_unknown_names_are_errors_when_the_names_are_closed() -> None:
    names = {"alpha": Symbol("alpha", real=True), "x": x}
    assert read_expression("alpha*x", names, known_only=True).symbols == (names["alpha"], x)
    with pytest.raises(InputError, match=r"alhpa .* did you mean alpha") as caught:
        read_expression("x + alhpa", names, known_only=True)
    assert caught.value.column == 4


def test_infinity_is_read_only_where_asked() -> None:
    assert read_expression("-oo", infinity=True).expression == -oo
    with pytest.raises(InputError, match="not a real number"):
        read_expression("-oo")


def test_a_reading_is_frozen() -> None:
    with pytest.raises(AttributeError):
        read_expression("x").text = ""  # type: ignore[misc]


REFUSALS = [
    ("2x", 1, r"write 2\*x"),
    ("x y", 2, r"write x\*y"),
    ("2(x+1)", 1, r"write 2\*\(\.\.\.\)"),
    ("x(y+1)", 0, r"write x\*"),
    ("(x+1)(x-1)", 5, r"\(\.\.\.\)\*\(\.\.\.\)"),
    ("|x||y|", 3, r"\|\.\.\.\|\*\|\.\.\.\|"),
    ("|x|y|", 3, r"\*y"),
    ("2 3", 2, "between 2 and 3"),
    ("pi x", 3, r"pi\*x"),
    ("2e", 1, r"2\*e"),
    ("|x", 2, "'\\|' is missing"),
    ("(x", 2, r"'\)' is missing"),
    ("x)", 1, "closes nothing"),
    ("|(x|)", 3, r"\*"),
    ("sin x", 0, r"sin\(x\)"),
    ("x + sin", 4, "round brackets"),
    ("arcsn(x)", 0, "did you mean arcsin"),
    ("f(x)", 0, "f is not a function"),
    ("f(x, y) = x", 0, "write only what stands on the right of ="),
    ("floor(x)", 0, "floor is not a function"),
    ("S(1)", 0, "S is not a function"),
    ("exp(x, y)", 0, "one argument and not 2"),
    ("max()", 0, "not 0"),
    ("LambertW(x, 3)", 0, "branches"),
    ("", 0, "the text ends"),
    ("x +", 3, "the text ends"),
    ("x + *y", 4, r"and not '\*'"),
    ("x,y", 1, "','"),
    ("x = 1", 0, "not a relation"),
    ("x > 0", 0, "not a relation"),
    ("1 + (x > 0)", 4, "relation cannot be calculated"),
    ("(x > 0)*2", 0, "relation cannot be calculated"),
    ("True", 0, "not a relation"),
    ("Piecewise(x)", 10, r"Piecewise\(\(expression, condition\)"),
    ("Piecewise((x, y), (0, True))", 14, "a relation is expected"),
    ("x or y", 2, "'or' is not read"),
    ("Piecewise((x, Or x), (0, True))", 17, "Or is written"),
    ("Rational(1, pi)", 0, "takes two numbers"),
    ("x.__class__", 1, "dot"),
    ("__import__('os')", 0, "begins with a letter"),
    ("exec('x')", 5, "strings"),
    ("lambda x: x", 8, "':'"),
    ("x[0]", 1, "indexing"),
    ("x²", 1, r"write \^2"),
    ("√x", 0, "sqrt"),
    ("x ÷ y", 2, "write /"),
    ("\\frac{1}{2}", 0, "LaTeX"),
    ("х + 1", 0, "cyrillic"),
    ("x!", 1, "gamma"),
    ("x'", 1, "primes"),
    ("1/0", 2, "division by zero"),
    ("x/(y - y)", 2, "division by zero"),
    ("0^(-1)", 0, "division by zero"),
    ("log(0)", 0, "not a real number"),
    ("1 + log(-1)", 4, "not a real number"),
    ("sqrt(-1)", 0, "not a real number"),
    ("tan(pi/2)", 0, "not a real number"),
    ("(-8)^(1/3)", 4, "cbrt"),
]


@pytest.mark.parametrize(("text", "column", "message"), REFUSALS)
def test_refused_with_a_hint_at_the_column(text: str, column: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_expression(text)
    assert caught.value.text == text
    assert caught.value.column == column
    assert f"column {column + 1}" in str(caught.value)


ATTACKS = {
    "signs": "-" * 10**5 + "x",
    "half as many signs": "+-" * 25_000 + "*",
    "brackets": "(" * 10**5,
    "fewer brackets": "(" * 20_000 + "x" + ")" * 20_000,
    "bars": "|" * 10_000,
    "a megabyte": "x+" * 500_000 + "x",
    "a long word": "x" * 200_000,
    "import": "__import__('os').system('true')",
    "class": "x.__class__.__mro__[-1]",
    "lambda": "(lambda: 1)()",
    "power of powers": "9**9**9",
    "large power": "2^100000",
    "small power": "(1/3)^(10^9)",
    "power of ten": "10^(10^10)",
    "power chain": "^".join("x" * 20_000),
    "powers in turn": "(((2^1000)^1000)^1000)^1000",
    "power of a multiple": "(2*x)^1000000",
    "power of a root": "sqrt(2)^1000000",
    "exp of a logarithm": "exp(10^6*log(2))",
    "change of base": "2^(10^6*log(3)/log(2))",
    "huge exponent": "x^(10^30)",
    "factorial": "gamma(10^7)",
    "log of factorial": "loggamma(10^7)",
    "tower": "abs(exp(exp(exp(exp(5)))) - 1)",
    "sine of a tower": "sin(exp(exp(20)))",
    "many digits": "9" * 5000,
    "long exponent": "1e999999999999",
    "digits by product": "*".join(["9" * 1000] * 50),
    "denominators": "+".join(f"1/{99_991 - k}" for k in range(1000)),
    "root of a large number": "sqrt(10^1000 + 7)",
    "wide maximum": "max(" + ",".join(f"x{k}" for k in range(400)) + ")",
    "nested calls": "sin(" * 5000 + "x" + ")" * 5000,
    "commas": "," * 50_000,
    "null": "\x00",
    "surrogate": "\ud800",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_attacks_get_one_sentence_at_once(attack: str) -> None:
    gc.disable()  # the heap of all tests before is not the reader's
    try:
        start = time.process_time()
        with pytest.raises(InputError) as caught:
            read_expression(attack)
        seconds = time.process_time() - start
    finally:
        gc.enable()
    assert seconds < 1
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
    assert len(point_at(caught.value)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "+".join(f"x{k}" for k in range(10_000)),
        "*".join("x" * 10_000),
        "-" * 50_000 + "x",
        "exp(10^9)",
        "sin(10^300*pi/7)",
        "((x + 1)^(10^9))^7",
        "sin(" * 50 + "x" + ")" * 50,
        "1/(1 + " * 15 + "x" + ")" * 15,
        "sqrt(" + "+".join(f"x{k}" for k in range(3000)) + ")",
    ],
    ids=["sum", "product", "signs", "exp", "sin", "powers", "nested", "fraction", "root of a sum"],
)
def test_large_and_harmless_texts_are_read(text: str) -> None:
    start = time.process_time()
    read_expression(text)
    assert time.process_time() - start < 10  # a second, traced and with the collector of a full test run


NUMBERS = st.integers(0, 12).map(str) | st.sampled_from(["0.5", "1.25", ".2", "1e-2", "3/4"])
ARITHMETIC = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", "*", "/"]), inner).map("".join),
        inner.map("-{}".format),
        inner.map("({})".format),
        st.tuples(inner.map("({})".format), st.sampled_from(["^2", "**3", "^-1", "^0"])).map("".join),
    ),
    max_leaves=12,
)


@given(ARITHMETIC)
def test_arithmetic_agrees_with_python_on_exact_fractions(text: str) -> None:
    import re

    # Python's own parser, on fractions, is the oracle; the text is ours.
    python = re.sub(r"[0-9]*\.?[0-9]+(?:e-?[0-9]+)?", r"F('\g<0>')", re.sub(r"\^(-?)", r"**\1", text))
    python = re.sub(r"\*\*(-?)F\('(\d)'\)", r"**(\1\2)", python)
    try:
        expected = eval(python, {"F": Fraction})
    except ZeroDivisionError:
        with pytest.raises(InputError, match="division by zero"):
            read_expression(text)
        return
    assert read_expression(text).expression == Rational(expected.numerator, expected.denominator)


LEAVES = st.sampled_from([x, y, p, lam, E, pi, sympy.Integer(2), Rational(-3, 4), sympy.sqrt(2)])
UNARY = [sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.atan, sympy.tanh, Abs, sympy.sign, sympy.LambertW]
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, st.sampled_from([2, -1, Rational(1, 2), Rational(-2, 3)])).map(
            lambda pair: (pair[0] + x) ** pair[1]
        ),
        st.tuples(st.sampled_from(UNARY), inner).map(lambda pair: pair[0](pair[1] + y)),
        st.tuples(inner, inner).map(lambda pair: Max(pair[0] + x, pair[1] - y)),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_what_sympy_prints_is_read_back(expression: sympy.Expr) -> None:
    assert (
        read_expression(str(expression), {"E": E}).expression == expression if not expression.has(E) else True
    )
    text = str(expression).replace("E", "exp(1)") if expression.has(E) else str(expression)
    assert read_expression(text).expression == expression


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        ("x + y >= p", [(x + y - p, ">=")]),
        ("p > 0", [(p, ">")]),
        ("x == 1", [(x - 1, "==")]),
        ("x = 1", [(x - 1, "==")]),
        ("Eq(x, 1)", [(x - 1, "==")]),
        ("Ne(x, y)", [(x - y, "!=")]),
        ("x != 2", [(x - 2, "!=")]),
        ("0 <= S <= n", [(-S, "<="), (S - n, "<=")]),
        ("x > 0 and y < 1", [(x, ">"), (y - 1, "<")]),
        ("(p > -1) & (p < 1)", [(p + 1, ">"), (p - 1, "<")]),
        ("Eq(a,1)&Ne(p,0)", [(a - 1, "=="), (p, "!=")]),
        ("p > -1 & p < 1, x >= 2", [(p + 1, ">"), (p - 1, "<"), (x - 2, ">=")]),
        ("((x > 0))", [(x, ">")]),
        ("(x + 1)*2 < 3", [(2 * x - 1, "<")]),
        ("|x| ≤ 1", [(Abs(x) - 1, "<=")]),
        ("True", []),
    ],
)
def test_relations(text: str, relations: list[tuple[sympy.Expr, str]]) -> None:
    assert [(relation.expression, relation.op) for relation in read_relation(text)] == relations


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("x + 1", 0, "a relation is expected"),
        ("x > 0 or y > 0", 6, "'or'"),
        ("x > 0 | y > 0", 6, "'or'"),
        ("x => 1", 3, "'>'"),
        ("(x > 0) > 1", 0, "compared"),
        ("x & y > 1", 0, "both sides"),
        ("x > 0 and y", 10, "a relation is expected"),
        ("False", 0, "False"),
        ("not x > 0", 0, "not"),
        ("Eq(x)", 0, "two arguments"),
        ("x >", 3, "the text ends"),
    ],
)
def test_relations_that_are_refused(text: str, column: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_relation(text)
    assert caught.value.column == column


def test_names() -> None:
    assert read_names("x, y") == read_names("x y") == read_names(" x ,y") == ("x", "y")
    assert read_names("") == ()
    assert read_names("e pi lambda beta E N") == ("e", "pi", "lambda", "beta", "E", "N")
    for text, column in (
        ("x, 2", 3),
        ("x x", 2),
        ("exp", 0),
        ("x,, y", 2),
        (",x", 0),
        ("x*y", 1),
        ("True", 0),
    ):
        with pytest.raises(InputError) as caught:
            read_names(text)
        assert caught.value.column == column
    assert is_free_name("theta_1")
    assert not any(map(is_free_name, ["log", "x y", "", "Eq", "1x", "x'", "and", "{", "∞", " x"]))


def test_the_caret_stands_below_the_place() -> None:
    with pytest.raises(InputError) as caught:
        read_expression("1 +\n" + "x + " * 100 + "2y" + " + x" * 100)
    line, caret = point_at(caught.value).splitlines()
    assert len(line) <= 80
    assert line[caret.index("^")] == "y"
    assert line[caret.index("^") - 1] == "2"
    assert point_at(InputError("no place")) == ""


def test_floats_are_read_as_their_shortest_decimal() -> None:
    t = Symbol("t")
    assert check_expression(0.1 * t + 0.25) == (
        t / 10 + Rational(1, 4),
        ("read 0.1 as 1/10", "read 0.25 as 1/4"),
    )
    assert check_expression(t**2.0)[0] == t**2
    assert check_expression(t**0.5)[0] == sympy.sqrt(t)
    assert check_expression(Float("0.1", 50) * t)[0] == t / 10
    assert check_expression(sympy.exp(-1e-5 * t))[0] == sympy.exp(-t / 100000)
    for number in (
        1 / 3,
        0.1 + 0.2,
        Float("0.12345678901234567890", 30),
        Float("0.1000000000000000000001", 40),
    ):
        with pytest.raises(InputError, match=r"Rational\(1, 3\)"):
            check_expression(number * t)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (I * x, "imaginary unit"),
        (x + oo, "not a real number"),
        (sympy.nan, "not a real number"),
        (Symbol("c", imaginary=True), "all quantities are real"),
        (Symbol("A", commutative=False), "all quantities are real"),
        (Function("f")(x), r"f\(x\) is an unknown function"),
        (sympy.Derivative(Function("f")(x), x), "Derivative"),
        (sympy.Integral(x**x, x), "Integral"),
        (sympy.floor(x), "floor"),
        (sympy.Sum(x**n, (n, 1, 3)), "Sum"),
        (sympy.zeta(x), "zeta"),
        (Matrix([x]), "an expression is expected"),
        (x > 0, "an expression is expected"),
        (False, "an expression is expected"),
        ("x", "an expression is expected"),
        (Symbol("x") + Symbol("x", real=True), "two different symbols are called x"),
        (Symbol("\\theta") + x, "another name"),
        (Symbol("exp") + x, "another name"),
        (sympy.Pow(9, sympy.Pow(9, 9, evaluate=False), evaluate=False), "too many digits"),
        (x + sympy.Integer(10) ** 2000, "too many digits"),
    ],
    ids=str,
)
def test_sympy_expressions_that_are_refused(expression: sympy.Expr, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        check_expression(expression)
    assert "\n" not in str(caught.value)


def test_deep_and_long_sympy_expressions_are_refused() -> None:
    deep = x
    for _ in range(100):
        deep = sympy.sin(deep, evaluate=False)
    with pytest.raises(InputError, match="deep"):
        check_expression(deep)


def test_sympy_expressions_of_the_toolkit_pass_unchanged() -> None:
    for _, meaning in MEANINGS:
        assert check_expression(meaning) == (meaning, ())
    unevaluated = sympy.Mul(x, sympy.Pow(x, -1, evaluate=False), evaluate=False)
    assert check_expression(unevaluated)[0] is unevaluated


@pytest.mark.parametrize("function", [sympy.Max, sympy.Min])
def test_a_maximum_of_two_forms_is_that_of_sympy(function: type) -> None:
    x, y = sympy.symbols("x y", real=True)
    p = sympy.Symbol("p", positive=True)
    pairs = [
        (x, y),
        (x, 2 * x),
        (0, x),
        (2 * x + 1, 2 * x - 1),
        (p, -p),
        (p, x),
        (0, p),
        (x - y, y - x),
        (1, 2),
    ]
    for pair in pairs:
        assert evaluated(function, list(map(sympy.sympify, pair))) == function(*pair)
