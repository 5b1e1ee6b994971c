"""An expression as a reader wants to see it: identities that hold wherever the expression is defined.

What is said stays the same; only how it is written changes. `facts` are what the case gives, such as b > 0 for |b|.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

from sympy import Abs, Add, Expr, Integer, Mul, Pow, Rational, S, acos, asin, log, pi, sign

from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import reduced
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation

_HALF = Rational(1, 2)
_MOST_TERMS = 12  # a longer sum is left as it is


@lru_cache(maxsize=8192)
def presented(expression: Expr, facts: tuple[Relation, ...] = ()) -> Expr:
    """The expression with |u| and the sign of u resolved where the facts settle them, and x sign(x) as |x|.

    >>> from sympy import Symbol, sqrt
    >>> x, b = (Symbol(name, real=True) for name in "xb")
    >>> presented(x * sign(x) + 2 * Abs(x))
    3*Abs(x)
    >>> presented(Abs(b) / 2, (Relation(b, ">"),))
    b/2
    >>> presented(Pow(-1 / (b - 1), _HALF))
    1/sqrt(1 - b)
    >>> presented(b - (sqrt(b) + 1) ** 2 / 2)
    -sqrt(b) + b/2 - 1/2
    """
    if expression.is_Add and any(map(_is_square_of_roots, expression.atoms(Pow))):
        expression = min(expression, expression.expand(), key=_length)
    if expression.has(Pow):
        expression = expression.replace(_has_split_power, _with_one_power)
        expression = expression.replace(_is_root, _with_root_below)
    if not expression.has(Abs, sign):
        return expression
    settled = {}
    for node in expression.atoms(Abs, sign):
        signs = signs_of_tree(node.args[0], facts) if facts else frozenset((-1, 0, 1))
        if isinstance(node, Abs) and signs <= SIGNS_OF[">="]:
            settled[node] = node.args[0]
        elif isinstance(node, Abs) and signs <= SIGNS_OF["<="]:
            settled[node] = -node.args[0]
        elif isinstance(node, sign) and len(signs) == 1:
            settled[node] = Integer(next(iter(signs)))
        elif isinstance(node, sign) and 0 not in signs:
            settled |= {power: S.One for power in expression.atoms(Pow) if _is_even_power_of(power, node)}
    if settled:
        expression = expression.xreplace(settled)
    if expression.has(sign):
        expression = expression.replace(lambda part: part.is_Mul and part.has(sign), _joined)
    if expression.has(Abs):
        expression = expression.replace(lambda part: part.is_Mul and part.has(Abs), _odd_power)
    return expression


def _is_square_of_roots(power: Pow) -> bool:
    """(sqrt(a) + 1)^2, which a sum may hold beside a."""
    return bool(power.exp == 2 and power.base.is_Add and any(map(_is_root, power.base.atoms(Pow))))


def _is_even_power_of(power: Pow, base: Expr) -> bool:
    return bool(power.base == base and power.exp.is_Integer and power.exp % 2 == 0)


def _has_split_power(part: Expr) -> bool:
    """Whether a product holds two powers of one symbol, as SymPy leaves x^a/x^2."""
    if not part.is_Mul:
        return False
    bases = [base for base, _ in (factor.as_base_exp() for factor in part.args) if base.is_Symbol]
    return len(set(bases)) < len(bases)


def _with_one_power(product: Expr) -> Expr:
    """The product with one power of each symbol: x^(a - 2)."""
    exponents: dict[Expr, Expr] = {}
    for base, exponent in (factor.as_base_exp() for factor in product.args):
        exponents[base] = exponents.get(base, S.Zero) + exponent
    return Mul(*(Pow(base, exponent) for base, exponent in exponents.items()))


def _with_root_below(root: Pow) -> Expr:
    """sqrt(1/u) as 1/sqrt(u), for a u that is no number."""
    above, below = root.base.as_numer_denom()
    if not below.free_symbols or not above.is_Rational or below.is_Mul:
        return root
    size, below = (above, below) if above > 0 else (-above, -below)
    return Pow(size, root.exp) * Pow(below, -root.exp) if size == 1 else root


def _odd_power(product: Expr) -> Expr:
    """A product in which u^2 |u|, as SymPy writes it, is |u|^3."""
    factors = list(product.args)
    for place, factor in enumerate(factors):
        for other, partner in enumerate(factors):
            base, power = partner.as_base_exp()
            if isinstance(factor, Abs) and base == factor.args[0] and power.is_Integer and power % 2 == 0:
                rest = [f for k, f in enumerate(factors) if k not in (place, other)]
                whole = Pow(factor, power + 1, evaluate=False)
                return Mul(*rest, whole, evaluate=False) if rest else whole
    return product


def _joined(product: Expr) -> Expr:
    """A product in which u sign(u) is |u|, and |u| sign(u) is u."""
    factors = list(product.args)
    for place, factor in enumerate(factors):
        if not isinstance(factor, sign):
            continue
        inner = factor.args[0]
        for other, partner in enumerate(factors):
            base, power = partner.as_base_exp()
            if base == inner and power.is_Integer and power > 0:
                factors[place], factors[other] = Abs(inner), base ** (power - 1)
                return Mul(*factors)
            if partner == Abs(inner):
                factors[place], factors[other] = inner, S.One
                return Mul(*factors)
    return product


def by_equations(expression: Expr, facts: tuple[Relation, ...]) -> Expr:
    """The expression with the given polynomial equations made use of; as it is where there are none.

    >>> from sympy import symbols
    >>> a, r = symbols("a r", real=True)
    >>> by_equations(r**4 + a * r, (Relation(r**3 - a, "=="),))
    2*a*r
    """
    if any(fact.op == "==" for fact in facts):
        with suppress(NotExact):
            return reduced(canonical(expression), facts)
    return expression


@lru_cache(maxsize=4096)
def shortest(value: Expr, facts: tuple[Relation, ...] = ()) -> Expr:
    """A value of f in its shorter form: as it is, or divided out term by term.

    >>> from sympy import sqrt, symbols
    >>> a, b, c = symbols("a b c", real=True)
    >>> shortest((4 * a * c - b**2) / (4 * a))
    c - b**2/(4*a)
    >>> shortest(54 * (8 * a**2 + 15) / (216 * (2 * a - 1)))
    (8*a**2 + 15)/(4*(2*a - 1))
    >>> shortest(log(a - sqrt(a**2 - 1)) + log(a + sqrt(a**2 - 1)) + log(b))
    log(b)
    """
    value = _with_joined_logarithms(presented(value, facts))
    above, below = value.as_numer_denom()
    if below.free_symbols:
        value = min(value, _without_common_number(above, below), key=_length)
    terms = Add.make_args(above.expand())
    if not below.free_symbols or not 1 < len(terms) <= _MOST_TERMS:
        return value
    divided = _with_arccosines(Add(*(term / below for term in terms)))
    return divided if _length(divided) < _length(value) else value


def _with_joined_logarithms(total: Expr) -> Expr:
    """A sum in which c log u + c log v is c log(u v) where that is shorter, for u and v with roots that cancel."""
    groups: dict[Expr, list[Expr]] = {}
    for term in Add.make_args(total):
        weight, rest = term.as_coeff_Mul()
        if isinstance(rest, log) and any(power.exp == _HALF for power in rest.atoms(Pow)):
            groups.setdefault(weight, []).append(rest)
    for weight, logarithms in groups.items():
        apart = weight * Add(*logarithms)
        joined = weight * log(Mul(*(node.args[0] for node in logarithms)).expand())
        if 1 < len(logarithms) <= _MOST_TERMS and _length(joined) < _length(apart):
            total = total - apart + joined
    return total


def _without_common_number(above: Expr, below: Expr) -> Expr:
    """A quotient with the common number of numerator and denominator cancelled."""
    (number, rest), (divisor, others) = above.as_content_primitive(), below.as_content_primitive()
    factor = number / divisor
    return (
        Mul(factor.p, rest) / Mul(factor.q, others, evaluate=False) if factor.is_Rational else above / below
    )


def _with_arccosines(total: Expr) -> Expr:
    """A sum in which pi/2 - asin(u) is acos(u)."""
    for node in total.atoms(asin):
        weight = total.coeff(node)
        quarter = total.coeff(pi).as_coeff_Add()[0]
        if weight.is_Rational and weight != 0 and quarter == -weight * _HALF:
            return total - weight * node + weight * pi / 2 - weight * acos(node.args[0])
    return total


def squares(tree: Expr) -> Expr:
    """A sum of squares without common factors inside them or in front of the sum.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> squares(((2 * x + 2 * y) ** 2 + 4 * x**2) / 4)
    x**2 + (x + y)**2
    """
    tree = tree.replace(lambda e: e.is_Pow and e.exp.is_Integer and e.base.is_Add, _without_content)
    factor, rest = tree.as_coeff_Mul()
    return Add(*(factor * term for term in rest.args)) if rest.is_Add and factor != 1 else tree


def _without_content(power: Expr) -> Expr:
    content, rest = power.base.primitive()
    return content**power.exp * rest**power.exp


def _length(expression: Expr) -> int:
    return len(str(expression))


def under_one_root(coefficient: Rational, factors: tuple[Expr, ...]) -> tuple[Rational, tuple[Expr, ...]]:
    """A rational number and factors, with the roots of numbers drawn under the only other root.

    >>> from sympy import sqrt, symbols
    >>> a = symbols("a", real=True)
    >>> under_one_root(Rational(1, 2), (sqrt(2), sqrt(-a)))
    (1, (sqrt((-a)/2),))
    """
    numeric = [f for f in factors if _is_power_of_number(f)]
    others = [f for f in factors if _root_index(f) is not None and f.base.free_symbols]
    index = _root_index(others[0]) if len(others) == 1 else None
    if not numeric or index is None or any(f.exp.q != index for f in numeric):
        return coefficient, factors
    (other,) = others
    power = abs(coefficient) ** index * Mul(*(f.base ** (f.exp * index) for f in numeric))
    above, outside_above = _without_powers(Integer(power.p), index)
    below, outside_below = _without_powers(Integer(power.q), index)
    inside = Rational(above, below) if other.exp > 0 else Rational(below, above)
    outside = Rational(outside_above, outside_below)
    merged = Pow(Mul(inside, other.base, evaluate=False), other.exp, evaluate=False)
    left = tuple(merged if f == other else f for f in factors if f not in numeric)
    return (outside if coefficient > 0 else -outside), left


def _is_power_of_number(factor: Expr) -> bool:
    return isinstance(factor, Pow) and factor.base.is_Integer and factor.base > 0 and factor.exp.is_Rational


def _root_index(factor: Expr) -> int | None:
    """q of u^(1/q) or 1/u^(1/q)."""
    root = isinstance(factor, Pow) and factor.exp.is_Rational and abs(factor.exp.p) == 1 and factor.exp.q > 1
    return int(factor.exp.q) if root else None


def _is_root(factor: Expr) -> bool:
    return isinstance(factor, Pow) and factor.exp in (_HALF, -_HALF)


def _without_powers(number: Integer, index: int) -> tuple[Integer, Integer]:
    """`number = free * root^index`, where the free number holds no power of a small prime to that index."""
    root = S.One
    rest = number
    for prime in (2, 3, 5, 7, 11, 13):
        while rest % prime**index == 0:
            rest, root = rest // prime**index, root * prime
    return rest, root
