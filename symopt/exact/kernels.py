"""Expressions read as nodes: every function of the class rewritten by identities that hold for reals.

A rewriting may enlarge the set where an expression is defined (x/x becomes 1), never change a value:
log(exp(u)) = u, exp(u log v) = v^u, (v^2)^(1/2) = |v|, log(6) = log 2 + log 3, |u v| = |u| |v|, while
log(x y), sqrt(x y) and (x^a)^b stay whole. What is left are kernels with canonical arguments.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from math import gcd, lcm
from typing import Final

from sympy import (
    Abs,
    Add,
    Basic,
    E,
    Expr,
    GoldenRatio,
    Heaviside,
    Integer,
    LambertW,
    Max,
    Min,
    Mul,
    NumberSymbol,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    cot,
    coth,
    csc,
    csch,
    default_sort_key,
    erf,
    erfc,
    exp,
    factorint,
    gamma,
    log,
    loggamma,
    pi,
    polygamma,
    primerange,
    sec,
    sech,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
    zeta,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symopt.exact.gamma_functions import order_of
from symopt.exact.gates import MAX_BITS, TooLarge, Unsupported, operations
from symopt.exact.nodes import (
    Absolute,
    Cosine,
    Generator,
    IntegerPower,
    Node,
    Number,
    Product,
    Root,
    Sine,
    Sum,
    SymbolicPower,
)
from symopt.exact.tower import Tower

_HALF: Final = Rational(1, 2)
_ODD: Final = (erf, atan, asin)
_OPAQUE: Final = (erf, atan, asin, gamma, loggamma, polygamma, LambertW)
_FACTORED_BITS: Final = 60
_TRIAL_LIMIT: Final = 10_000  # primes tried on a long integer; a rest without small factor stays whole


@lru_cache(maxsize=8192)
def read(expression: Expr) -> Node:
    """The node of an expression; Unsupported outside the class."""
    match expression:
        case Rational():
            return Number(expression)
        case Symbol():
            return Generator(expression)
        case Add():
            return Sum(tuple(read(term) for term in expression.args))
        case Mul():
            return Product(tuple(read(factor) for factor in expression.args))
        case Pow():
            return _power(expression.base, expression.exp)
        case exp():
            return _exponential(expression.args[0])
        case log() if len(expression.args) == 1:
            return _logarithm(expression.args[0])
        case sin() | cos():
            return _trigonometric(expression)
        case Abs():
            return _absolute(expression.args[0])
        case Piecewise():
            return _branches(expression)
        case Max() | Min():
            return _extreme(expression)
        case polygamma() if order_of(expression) is not None:
            return _polygamma(*expression.args)
    if expression is E:
        return _exponential(S.One)
    if expression is GoldenRatio:
        return read((1 + sqrt(5)) / 2)
    if isinstance(expression, NumberSymbol):
        return Generator(expression)
    if expression.func in _REWRITTEN:
        return read(_REWRITTEN[expression.func](expression.args[0]))
    if expression.func in (*_OPAQUE, sign, Heaviside) and expression.args:
        return _opaque(expression)
    raise Unsupported(f"{expression.func.__name__} is not in the class of the exact zero test")


_REWRITTEN: Final = {
    tan: lambda u: sin(u, evaluate=False) / cos(u, evaluate=False),
    cot: lambda u: cos(u, evaluate=False) / sin(u, evaluate=False),
    sec: lambda u: 1 / cos(u, evaluate=False),
    csc: lambda u: 1 / sin(u, evaluate=False),
    sinh: lambda u: (exp(u) - exp(-u)) / 2,
    cosh: lambda u: (exp(u) + exp(-u)) / 2,
    tanh: lambda u: (exp(2 * u) - 1) / (exp(2 * u) + 1),
    coth: lambda u: (exp(2 * u) + 1) / (exp(2 * u) - 1),
    sech: lambda u: 2 / (exp(u) + exp(-u)),
    csch: lambda u: 2 / (exp(u) - exp(-u)),
    asinh: lambda u: log(u + sqrt(u**2 + 1)),
    acosh: lambda u: log(u + sqrt(u**2 - 1)),
    atanh: lambda u: (log(1 + u) - log(1 - u)) / 2,
    acos: lambda u: pi / 2 - asin(u, evaluate=False),
    erfc: lambda u: 1 - erf(u, evaluate=False),
}


@lru_cache(maxsize=8192)
def canonical_form(expression: Expr) -> Expr:
    """The canonical expression; see `normal.canonical`."""
    node = read(expression)
    tower = Tower([node])
    return tower.expression(tower.evaluate(node))


def quotient_form(expression: Expr) -> tuple[Expr, Expr]:
    """Canonical numerator and denominator; see `normal.numerator_denominator`."""
    node = read(expression)
    tower = Tower([node])
    return tower.quotient(tower.evaluate(node))


@lru_cache(maxsize=8192)
def factor_table(expression: Expr) -> tuple[Rational, tuple[tuple[Expr, int], ...]]:
    """Constant and irreducible factors with exponents; see `normal.factors`."""
    node = read(expression)
    tower = Tower([node])
    constant, found = tower.factors(tower.evaluate(node))
    return constant, tuple(sorted(found.items(), key=lambda item: (item[0].sort_key(), item[1])))


# -- powers ------------------------------------------------------------------------------------------


def _power(base: Expr, exponent: Expr) -> Node:
    if base is E:
        return _exponential(exponent)
    exponent = canonical_form(exponent)
    if isinstance(exponent, Integer):
        return IntegerPower(read(base), int(exponent))
    if isinstance(base, Pow) and base.exp.is_Integer and base.exp.is_even:  # (v^2)^e = |v|^(2 e)
        return _power(Abs(base.base, evaluate=False), base.exp * exponent)
    if isinstance(base, Pow) and base.exp.is_integer is not True:  # (v^p)^e = v^(p e), since v >= 0
        return _power(base.base, base.exp * exponent)
    return _real_power(canonical_form(base), exponent)


def _real_power(base: Expr, exponent: Expr) -> Node:
    """base^exponent for an exponent that is not an integer; what is known to be >= 0 is split off."""
    constant, found = factor_table(base)
    if constant.is_zero:
        if exponent.is_Rational and exponent.is_positive:
            return Number(S.Zero)
        raise Unsupported("a power of zero")
    parts = [_atomic_power(prime, k * exponent) for prime, k in _primes(abs(constant))]
    rest: list[tuple[Expr, int]] = []
    for factor, k in found:
        if isinstance(factor, exp):
            parts.append(_exponential(factor.args[0] * k * exponent))
        elif _known_sign(factor) or k % 2 == 0:
            known = factor if _known_sign(factor) else _absolute_expression(factor)
            parts.append(_atomic_power(known, k * exponent))
        else:
            rest.append((factor, k))
    if rest:
        common = gcd(*(k for _, k in rest))
        if all(k < 0 for _, k in rest):
            common = -common
        core = Mul(1 if constant > 0 else -1, *(factor ** (k // common) for factor, k in rest))
        parts.append(_atomic_power(canonical_form(core), common * exponent))
    elif constant < 0:
        raise Unsupported("a real power of a negative number")
    return Product(tuple(parts))


def _atomic_power(base: Expr, exponent: Expr) -> Node:
    """base^exponent for a base that is not split further."""
    exponent = canonical_form(exponent)
    if isinstance(exponent, Integer):
        return IntegerPower(read(base), int(exponent))
    if isinstance(base, Pow) and ((base.exp.is_Rational and not base.exp.is_Integer) or base.base.is_Integer):
        return _atomic_power(base.base, base.exp * exponent)  # a root, or a power of a prime: base.base >= 0
    if isinstance(exponent, Rational):
        return Root(base, read(base), exponent)
    constant, symbolic = _constant_and_rest(exponent)
    power = SymbolicPower(base, read(canonical_form(symbolic)))
    return Product((_atomic_power(base, constant), power)) if constant else power


def _constant_and_rest(exponent: Expr) -> tuple[Expr, Expr]:
    """c and r with exponent = c + r, by polynomial division: (1 - x)/x = -1 + 1/x."""
    constant, rest = exponent.as_coeff_Add()
    numerator, denominator = quotient_form(exponent)
    if constant or not denominator.free_symbols:
        return constant, rest
    symbols = sorted(exponent.free_symbols, key=default_sort_key)
    above, below = numerator.as_poly(*symbols), denominator.as_poly(*symbols)
    if above is None or below is None:
        return S.Zero, exponent
    constant = above.div(below)[0].nth(*(0 for _ in symbols))
    return constant, exponent - constant


def _exponential(exponent: Expr) -> Node:
    """exp(u): terms m log(v) of the exponent give v^m, the rest stays one exponential."""
    if isinstance(exponent, log):  # exp(log(u)) = u
        return read(exponent.args[0])
    exponent = canonical_form(exponent)
    numerator, denominator = exponent.as_numer_denom() if exponent.is_Rational else quotient_form(exponent)
    powers: dict[Expr, Expr] = {}
    rest: list[Expr] = []
    for term in Add.make_args(numerator):
        logs = [factor for factor in Mul.make_args(term) if factor.has(log)]
        if len(logs) == 1 and isinstance(logs[0], log) and not denominator.has(log):
            argument = logs[0].args[0]
            powers[argument] = powers.get(argument, S.Zero) + term / logs[0]
        else:
            rest.append(term)
    parts = [_real_or_integer_power(base, power / denominator) for base, power in powers.items()]
    if rest:
        remaining = canonical_form(Add(*rest) / denominator)
        if not remaining.is_zero:
            parts.append(SymbolicPower(None, read(remaining)))
    return Product(tuple(parts))


def _real_or_integer_power(base: Expr, exponent: Expr) -> Node:
    exponent = canonical_form(exponent)
    if isinstance(exponent, Integer):
        return IntegerPower(read(base), int(exponent))
    return _real_power(base, exponent)


def _primes(value: Rational) -> list[tuple[Integer, int]]:
    """The prime factors of a positive rational; a long rest without small factor counts as prime."""
    if max(int(value.p).bit_length(), int(value.q).bit_length()) > MAX_BITS:
        raise TooLarge("a root or logarithm of a huge number")
    found: list[tuple[Integer, int]] = []
    for part, direction in ((int(value.p), 1), (int(value.q), -1)):
        table: dict[int, int] = {}
        if part.bit_length() > _FACTORED_BITS:
            for prime in primerange(_TRIAL_LIMIT):
                while part % prime == 0:
                    part, table[prime] = part // prime, table.get(prime, 0) + 1
        if part.bit_length() <= _FACTORED_BITS:
            table |= factorint(part)
        else:
            table[part] = 1
        found += [(Integer(p), direction * k) for p, k in sorted(table.items()) if p > 1]
    return found


# -- logarithm, absolute value, sign ------------------------------------------------------------------


def _logarithm(argument: Expr) -> Node:
    """log(u): positive and nonnegative factors, even powers and exponentials are split off."""
    if isinstance(argument, exp):
        return read(argument.args[0])
    constant, found = factor_table(canonical_form(argument))
    if constant.is_zero:
        raise Unsupported("log of zero")
    parts = [_times(k, Generator(log(prime, evaluate=False))) for prime, k in _primes(abs(constant))]
    rest: list[tuple[Expr, int]] = []
    for factor, k in found:
        if isinstance(factor, exp) or factor is S.Exp1:
            parts.append(_times(k, read(S.One if factor is S.Exp1 else factor.args[0])))
        elif _known_sign(factor) or k % 2 == 0:
            parts.append(
                _times(k, _atomic_log(factor if _known_sign(factor) else _absolute_expression(factor)))
            )
        else:
            rest.append((factor, k))
    if rest:
        common = gcd(*(k for _, k in rest))
        if all(k < 0 for _, k in rest):
            common = -common
        core = Mul(1 if constant > 0 else -1, *(factor ** (k // common) for factor, k in rest))
        parts.append(_times(common, _atomic_log(canonical_form(core))))
    elif constant < 0:
        raise Unsupported("log of a negative number")
    return Sum(tuple(parts))


def _atomic_log(argument: Expr) -> Node:
    if isinstance(argument, Pow) and (argument.exp.is_Rational and not argument.exp.is_Integer):
        return Product((Number(argument.exp), _logarithm(argument.base)))
    if isinstance(argument, Pow) and argument.base.is_Integer:  # a power of a prime
        return Product((read(argument.exp), _logarithm(argument.base)))
    if isinstance(argument, Mul) and all(isinstance(factor, Abs) for factor in argument.args):
        return Sum(tuple(_atomic_log(factor) for factor in argument.args))
    return Generator(log(argument, evaluate=False))


def _times(factor: int, node: Node) -> Node:
    return Product((Number(Integer(factor)), node))


def _absolute(argument: Expr) -> Node:
    """|u| as a product over the factors of u."""
    constant, found = factor_table(canonical_form(argument))
    parts: list[Node] = [Number(abs(constant))]
    for factor, k in found:
        if k % 2 == 0 or _known_sign(factor):
            parts.append(IntegerPower(read(factor), k))
        else:
            parts.append(IntegerPower(Absolute(factor, read(factor)), k))
    return Product(tuple(parts))


def _absolute_expression(factor: Expr) -> Expr:
    node = _absolute(factor)
    tower = Tower([node])
    return tower.expression(tower.evaluate(node))


def _known_sign(expression: Expr) -> bool:
    """Whether an expression is >= 0 wherever it is defined, by its form alone."""
    match expression:
        case Rational():
            return bool(expression >= 0)
        case exp() | Abs():
            return True
        case Pow():
            if expression.exp.is_Integer and expression.exp.is_even:
                return True
            if expression.exp.is_Rational and not expression.exp.is_Integer:
                return True
            return _known_sign(expression.base) and (expression.base.is_Integer or expression.exp.is_Integer)
        case Add() | Mul():
            return all(_known_sign(part) for part in expression.args)
    return _known_positive(expression)


def _known_positive(expression: Expr) -> bool:
    """Whether an expression is > 0 wherever it is defined, by its form alone."""
    match expression:
        case Rational():
            return bool(expression > 0)
        case exp():
            return True
        case log():
            return bool(expression.args[0].is_Integer and expression.args[0] > 1)
        case Pow():
            return _known_positive(expression.base)
        case Mul():
            return all(_known_positive(part) for part in expression.args)
        case Add():
            return _known_sign(expression) and any(_known_positive(part) for part in expression.args)
    return expression is pi or expression is E


def _opaque(expression: Expr) -> Node:
    """A kernel without relations; odd functions of a negative leading coefficient change sign."""
    function, first, rest = expression.func, expression.args[0], expression.args[1:]
    argument = canonical_form(first)
    rest = tuple(canonical_form(part) for part in rest)
    if (not argument.free_symbols and not rest) or (function is Heaviside and argument.is_Rational):
        value = _special_value(function(argument, *rest, evaluate=False))
        if value is not None:
            return read(value)
    if function in (*_ODD, sign):
        constant, found = factor_table(argument)
        if function is sign and not constant.is_zero:
            positive = Mul(*(factor**k for factor, k in found if _known_positive(factor)))
            core = canonical_form(argument / (constant * positive))
            side = 1 if constant > 0 else -1
            return Number(Integer(side)) if core == 1 else _times(side, Generator(sign(core, evaluate=False)))
        if constant < 0:
            return _times(-1, Generator(function(canonical_form(-argument), evaluate=False)))
    return Generator(function(argument, *rest, evaluate=False))


def _polygamma(order: Expr, argument: Expr) -> Node:
    """A kernel without relations; its values at simple numbers, such as polygamma(1, 1) = pi^2/6."""
    argument = canonical_form(argument)
    if argument.is_Rational and abs(argument) < 100:
        value = polygamma(order, argument)
        if value.is_finite and not value.has(polygamma, zeta):
            return read(value)
    return Generator(polygamma(order, argument, evaluate=False))


def _special_value(expression: Expr) -> Expr | None:
    """A value known in closed form, such as atan(1) = pi/4 or gamma(5) = 24."""
    argument = expression.args[0]
    if expression.func in (gamma, loggamma) and not (argument.is_Rational and abs(argument) < 100):
        return None
    if operations(argument) > 20:
        return None
    if expression.func is sign and not argument.is_Rational:
        return None
    value = expression.func(*expression.args)
    return None if value.has(expression.func) or not value.is_finite or not value.is_real else value


def _extreme(expression: Expr) -> Node:
    """Max or Min with canonical arguments, numbers folded into one and a common positive factor in front."""
    arguments = {canonical_form(argument) for argument in expression.args}
    numbers = [argument for argument in arguments if argument.is_Rational]
    if numbers:
        arguments = arguments.difference(numbers) | {reduce(expression.func, numbers)}
    if len(arguments) == 2:
        one, other = arguments
        ahead = canonical_form(one - other)
        if ahead.is_Rational:  # u + 1 is always more than u
            arguments = {one if (ahead > 0) == isinstance(expression, Max) else other}
    if len(arguments) == 1:
        return read(arguments.pop())
    contents = [a.as_content_primitive()[0] for a in arguments if a != 0]
    factor = Rational(gcd(*(c.p for c in contents)), lcm(*(c.q for c in contents)))
    ordered = sorted((canonical_form(a / factor) for a in arguments), key=lambda a: a.sort_key())
    inner = Generator(expression.func(*ordered, evaluate=False))
    return inner if factor == 1 else Product((Number(factor), inner))


def _branches(expression: Piecewise) -> Node:
    """Piecewise with canonical branches, as far as one of them is known to count."""
    pairs = []
    for value, condition in expression.args:
        where = _condition(condition)
        if where == False:  # noqa: E712
            continue
        pairs.append((value, where))
        if where == True:  # noqa: E712
            break
    if not pairs:
        raise Unsupported("a Piecewise of which no branch counts")
    if len(pairs) == 1 and pairs[0][1] == True:  # noqa: E712
        return read(pairs[0][0])
    return Generator(Piecewise(*((canonical_form(v), where) for v, where in pairs), evaluate=False))


def _condition(condition: Basic) -> Basic:
    match condition:
        case BooleanTrue() | BooleanFalse():
            return condition
        case And() | Or() | Not():
            return condition.func(*(_condition(part) for part in condition.args), evaluate=False)
        case Relational():
            difference = Add(condition.lhs, Mul(-1, condition.rhs))
            left = canonical_form(difference)
            return condition.func(left, S.Zero, evaluate=left.is_Rational is True)
    raise Unsupported("a condition that is not a relation")


# -- angles -------------------------------------------------------------------------------------------


def _trigonometric(expression: Expr) -> Node:
    """sin or cos: a multiple of pi/12 is split off and its values used; the rest is one angle."""
    angle = canonical_form(expression.args[0])
    turns, terms = S.Zero, list[Expr]()
    for term in Add.make_args(angle):
        coefficient, rest = term.as_coeff_Mul()
        if rest is pi:
            turns += coefficient
        else:
            terms.append(term)
    arc = next((term for term in terms if _is_arc(term)), None)
    if arc is not None:
        terms.remove(arc)
        return _turned_by_arc(expression, Add(*terms, turns * pi), arc)
    turns = turns % 2
    known = turns if (turns * 12).is_Integer else S.Zero
    remaining = canonical_form(Add(*terms, (turns - known) * pi))
    if remaining.is_zero:
        return read(expression.func(known * pi))
    node = read(remaining)
    if not known:
        return Sine(node) if isinstance(expression, sin) else Cosine(node)
    s, c = read(sin(known * pi)), read(cos(known * pi))
    if isinstance(expression, sin):
        return Sum((Product((Sine(node), c)), Product((Cosine(node), s))))
    return Sum((Product((Cosine(node), c)), Product((Number(S.NegativeOne), Sine(node), s))))


_MAX_ARCS: Final = 12


def _is_arc(term: Expr) -> bool:
    """An integer multiple of an asin or atan, whose sine and cosine are algebraic."""
    multiple, arc = term.as_coeff_Mul()
    return isinstance(arc, (asin, atan)) and multiple.is_Integer and abs(multiple) <= _MAX_ARCS


def _turned_by_arc(expression: Expr, rest: Expr, term: Expr) -> Node:
    """sin or cos of rest + k asin(u) (or atan) by the addition formulas: sin(asin u) = u, cos(asin u) = sqrt(1 - u^2)."""
    multiple, arc = term.as_coeff_Mul()
    u = arc.args[0]
    size = sqrt(1 + u**2)
    sine, cosine = (u, sqrt(1 - u**2)) if isinstance(arc, asin) else (u / size, 1 / size)
    s, c = S.Zero, S.One
    for _ in range(abs(int(multiple))):
        s, c = canonical_form(s * cosine + c * sine), canonical_form(c * cosine - s * sine)
    s = s if multiple > 0 else -s
    if isinstance(expression, sin):
        return read(Add(sin(rest) * c, cos(rest) * s))
    return read(Add(cos(rest) * c, Mul(-1, sin(rest), s)))
