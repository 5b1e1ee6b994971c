"""The field of fractions of a polynomial ring over Q in symbols and kernels, modulo the kernels' relations.

A `Tower` is built for given nodes and can then evaluate them. Its elements are pairs (numerator,
denominator) of polynomials. The relations, each monic in its own generator, are: r^q = base for roots,
A^2 = u^2 for A = |u|, s^2 = 1 - c^2 for a sine and its cosine. Exponents of one base, and angles, share
kernels by a lattice (see `lattice`). A root of a symbol or of a kernel without relations needs no relation:
the symbol becomes a power of its root.

Every step is an identity at each point where the denominators met are not zero; generators are never
assumed to be independent, so that a numerator that reduces to zero is zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from math import lcm
from typing import Any

from sympy import (
    QQ,
    Abs,
    Add,
    Dummy,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    cos,
    default_sort_key,
    exp,
    factorint,
    sin,
)
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyRing

from symopt.exact import lattice
from symopt.exact.gates import (
    MAX_MULTIPLE,
    MAX_ROOT,
    MAX_TERMS,
    TooLarge,
    Unsupported,
    check_power,
    check_product,
)
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
    depth,
    descendants,
)
from symopt.exact.polynomials import factored, gcd, rational, shifted

Element = tuple[Any, Any]  # numerator and denominator, polynomials of the tower's ring
Relation = tuple[int, int, Any, Any]  # generator^degree = numerator/denominator
_MAX_GENERATORS = 80
_MAX_RATIONALISED = 60
MAX_PRIME = 1000  # looked for in the square of a number


class Family:
    """Exponents of one base, or angles: vectors over Q, and a basis of the lattice they lie in."""

    def __init__(self, nodes: Sequence[Node], *, split: bool = False) -> None:
        self.inner = Tower(nodes)
        pairs = [self.inner.evaluate(node) for node in nodes]
        self.common = self.inner.ring.one
        for _, denominator in pairs:
            self.common *= denominator.exquo(gcd(self.common, denominator))
            if len(self.common) > 50:
                raise TooLarge("exponents with many different denominators")
        vectors = [numerator * self.common.exquo(denominator) for numerator, denominator in pairs]
        seeds = [seed for vector in vectors if split for seed in self._linear_terms(vector)]
        self.basis = [v if self.inner.sign(v) > 0 else -v for v in lattice.basis([*seeds, *vectors])]
        self.multiples: dict[Node, tuple[int, ...]] = {}
        for node, vector in zip(nodes, vectors, strict=True):
            position = lattice.coordinates(vector, self.basis)
            assert position is not None
            self.multiples[node] = tuple(int(q) for q in position)

    def _linear_terms(self, vector: Any) -> list[Any]:
        if not self.common.is_ground or any(sum(monomial) != 1 for monomial in vector):
            return []
        return [self.inner.ring.term_new(monomial, QQ(1) / c.denominator) for monomial, c in vector.items()]

    def vector(self, multiples: Sequence[int]) -> Any:
        total = self.inner.ring.zero
        for multiple, element in zip(multiples, self.basis, strict=True):
            total += element * multiple
        return total

    def expression(self, multiples: Sequence[int]) -> Expr:
        return self.inner.expression((self.vector(multiples), self.common))

    def compare(self, left: Sequence[int], right: Sequence[int]) -> int:
        return self.inner.sign(self.vector([a - b for a, b in zip(left, right, strict=True)]))


class Tower:
    """The field in which the given nodes live.

    `evaluate(node)` is the element of a node in lowest terms; `expression(element)` its canonical
    expression. Raises TooLarge at a size gate and Unsupported for a denominator that is zero.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._memo: dict[Node, Element] = {}
        self._plain: dict[Expr, int] = {}
        self._roots: dict[Expr, int] = {}
        self._relations: list[Relation] = []
        algebraic: dict[tuple[str, Expr], Node] = {}
        exponents: dict[Expr | None, dict[Node, None]] = {}
        angles: dict[Node, None] = {}
        for node in descendants(nodes):
            match node:
                case Generator(expression):
                    self._plain.setdefault(expression, 1)
                case Root(expression, base, exponent):
                    table = self._plain if isinstance(base, Generator) else self._roots
                    table[expression] = lcm(table.get(expression, 1), exponent.q)
                    if max(table.values()) > MAX_ROOT:
                        raise TooLarge("roots of many different indices")
                    if table is self._roots:
                        algebraic["root", expression] = base
                case Absolute(expression, argument):
                    algebraic["abs", expression] = argument
                case SymbolicPower(base_expression, exponent_node):
                    exponents.setdefault(base_expression, {})[exponent_node] = None
                case Sine(angle) | Cosine(angle):
                    angles[angle] = None
        bases = sorted(exponents, key=lambda b: (b is not None, default_sort_key(b or S.One)))
        self._families = {base: Family(list(exponents[base])) for base in bases}
        self._angles, self._large_angles = _angle_families(list(angles))
        self._keys = self._generator_keys(algebraic)
        if len(self._keys) > _MAX_GENERATORS:
            raise TooLarge(f"{len(self._keys)} symbols and kernels")
        dummies = [Dummy(f"g{i}") for i in range(len(self._keys))] or [Dummy("g")]
        self.ring: Any = PolyRing(dummies, QQ, lex)
        self._first_power = len(self._keys) - sum(len(family.basis) for family in self._families.values())
        self._index = {key: i for i, key in enumerate(self._keys)}
        self._add_relations(algebraic)

    def _generator_keys(self, algebraic: Iterable[tuple[str, Expr]]) -> list[tuple[Any, ...]]:
        plain = sorted(self._plain, key=default_sort_key)
        keys: list[tuple[Any, ...]] = [("plain", expression) for expression in plain]
        keys += sorted(algebraic, key=lambda key: (key[0], default_sort_key(key[1])))
        for kind in ("sin", "cos"):
            keys += [(kind, family, i) for family in self._trig_families() for i in range(len(family.basis))]
        for base, family in self._families.items():
            keys += [("power", base, i) for i in range(len(family.basis))]
        return keys

    def _trig_families(self) -> list[Family]:
        return [*([self._angles] if self._angles else []), *self._large_angles.values()]

    def _add_relations(self, algebraic: dict[tuple[str, Expr], Node]) -> None:
        """Relations from the innermost kernel outwards, kept with the outermost first."""
        one = self.ring.one
        for family in self._trig_families():
            for i in range(len(family.basis)):
                cosine = self.ring.gens[self._index["cos", family, i]]
                self._relations.append((self._index["sin", family, i], 2, one - cosine**2, one))
        memo: dict[Node, int] = {}
        for key in sorted(algebraic, key=lambda key: (depth(algebraic[key], memo), self._index[key])):
            numerator, denominator = self.evaluate(algebraic[key])
            index = 2
            if key[0] == "abs":
                numerator, denominator = self.normal(numerator**2, denominator**2)
            else:
                index = self._roots[key[1]]
            beside = self._beside_conjugate(key, index, numerator) if denominator == one else None
            self._relations.insert(0, beside or (self._index[key], index, numerator, denominator))

    def _beside_conjugate(self, key: tuple[Any, ...], index: int, base: Any) -> Relation | None:
        """sqrt(v) = sqrt(u v) sqrt(u)/u for a root sqrt(u) that is there, where u v > 0 and u + v > 0 are rational."""
        if key[0] != "root" or index != 2 or base.is_ground:
            return None
        for place, degree, other, denominator in self._relations:
            if self._keys[place][0] != "root" or degree != 2 or denominator != self.ring.one:
                continue
            product, total = self.reduce(base * other)[0], self.reduce(base + other)[0]
            if not (product.is_ground and total.is_ground) or product.LC <= 0 or total.LC <= 0:
                continue
            root = self._root_of(rational(product.LC))
            if root is not None:
                return self._index[key], 1, root * self.ring.gens[place], other
        return None

    def _root_of(self, number: Rational) -> Any:
        """The square root of a rational number q > 0 in generators sqrt(p) for primes p; None where one is missing."""
        result, whole = self.ring.one, number.p * number.q
        for prime, power in factorint(whole, limit=MAX_PRIME).items():
            result *= QQ(prime) ** (power // 2)
            if power % 2:
                if ("root", Integer(prime)) not in self._index:
                    return None
                result *= self.ring.gens[self._index["root", Integer(prime)]]
        return result * (QQ(1) / number.q)

    # -- arithmetic ----------------------------------------------------------------------------------

    def evaluate(self, node: Node) -> Element:
        """The element of a node, reduced and in lowest terms."""
        if node not in self._memo:
            self._memo[node] = self._evaluate(node)
        return self._memo[node]

    def _evaluate(self, node: Node) -> Element:
        ring = self.ring
        match node:
            case Number(value):
                return ring.ground_new(QQ(value.p, value.q)), ring.one
            case Generator(expression):
                return self._generator(("plain", expression), self._plain[expression])
            case Sum(terms):
                return self._sum([self.evaluate(term) for term in terms])
            case Product(factors):
                result: Element = ring.one, ring.one
                for factor in factors:
                    result = self.multiply(result, self.evaluate(factor))
                return result
            case IntegerPower(base, exponent):
                return self.power(self.evaluate(base), exponent)
            case Root(expression, base, exponent):
                if isinstance(base, Generator):
                    return self._generator(("plain", expression), int(exponent * self._plain[expression]))
                return self._generator(("root", expression), int(exponent * self._roots[expression]))
            case Absolute(expression, _):
                return self._generator(("abs", expression), 1)
            case SymbolicPower(base_expression, exponent_node):
                result = ring.one, ring.one
                for i, multiple in enumerate(self._families[base_expression].multiples[exponent_node]):
                    result = self.multiply(result, self._generator(("power", base_expression, i), multiple))
                return result
            case Sine(angle):
                return self._sine_cosine(angle)[0], ring.one
            case Cosine(angle):
                return self._sine_cosine(angle)[1], ring.one
        raise Unsupported(f"no arithmetic for {node}")

    def _generator(self, key: tuple[Any, ...], exponent: int) -> Element:
        generator = self.ring.gens[self._index[key]]
        check_power(generator, abs(exponent))
        power = self.normal(generator ** abs(exponent), self.ring.one)
        return power if exponent >= 0 else self.power(power, -1)

    def _sine_cosine(self, angle: Node) -> tuple[Any, Any]:
        """(sin, cos) of an angle by the addition formulas."""
        family = self._large_angles.get(angle) or self._angles
        assert family is not None
        sine, cosine = self.ring.zero, self.ring.one
        for i, multiple in enumerate(family.multiples[angle]):
            s = self.ring.gens[self._index["sin", family, i]] * (1 if multiple > 0 else -1)
            c = self.ring.gens[self._index["cos", family, i]]
            for _ in range(abs(multiple)):
                sine, cosine = (
                    self.reduce(sine * c + cosine * s)[0],
                    self.reduce(cosine * c - sine * s)[0],
                )
        return sine, cosine

    def multiply(self, left: Element, right: Element) -> Element:
        check_product(left[0], right[0])
        check_product(left[1], right[1])
        return self.normal(left[0] * right[0], left[1] * right[1])

    def power(self, element: Element, exponent: int) -> Element:
        numerator, denominator = element if exponent >= 0 else (element[1], element[0])
        if not denominator:
            raise Unsupported("division by zero")
        exponent = abs(exponent)
        check_power(numerator, exponent)
        check_power(denominator, exponent)
        if not self._relations:
            return self._monic(numerator**exponent, denominator**exponent)
        result: Element = self.ring.one, self.ring.one
        square: Element = self._monic(numerator, denominator)
        while exponent:
            if exponent & 1:
                result = self.multiply(result, square)
            exponent >>= 1
            if exponent:
                square = self.multiply(square, square)
        return result

    def _sum(self, terms: Sequence[Element]) -> Element:
        groups: dict[Any, Any] = {}
        for numerator, denominator in terms:
            groups[denominator] = groups.get(denominator, self.ring.zero) + numerator
        total: Element = self.ring.zero, self.ring.one
        for denominator, numerator in sorted(groups.items(), key=lambda item: len(item[0])):
            shared = gcd(total[1], denominator)
            left, right = denominator.exquo(shared), total[1].exquo(shared)
            check_product(total[0], left)
            check_product(numerator, right)
            check_product(total[1], left)
            total = self.normal(total[0] * left + numerator * right, total[1] * left)
        return total

    def normal(self, numerator: Any, denominator: Any) -> Element:
        """The fraction modulo the relations, without common factor, with monic denominator."""
        numerator, below = self.reduce(numerator)
        denominator, above = self.reduce(denominator)
        if not denominator:
            raise Unsupported("division by zero")
        if not numerator:
            return self.ring.zero, self.ring.one
        if not (above.is_ground and below.is_ground):
            numerator, denominator = numerator * above, denominator * below
        if not denominator.is_ground:
            shared = gcd(numerator, denominator)
            if not shared.is_ground:
                numerator, denominator = numerator.exquo(shared), denominator.exquo(shared)
        return self._monic(numerator, denominator)

    def _monic(self, numerator: Any, denominator: Any) -> Element:
        lead = denominator.LC
        return (numerator, denominator) if lead == 1 else (numerator.quo_ground(lead), denominator.monic())

    def reduce(self, polynomial: Any) -> Element:
        """The polynomial modulo the relations, over a product of the relations' denominators."""
        divisor = self.ring.one
        for index, degree, numerator, denominator in self._relations:
            parts: dict[int, dict[tuple[int, ...], Any]] = {}
            for monomial, c in polynomial.items():
                quotient, remainder = divmod(monomial[index], degree)
                reduced = (*monomial[:index], remainder, *monomial[index + 1 :])
                parts.setdefault(quotient, {})[reduced] = c
            highest = max(parts, default=0)
            if not highest:
                continue
            check_power(numerator, highest)
            check_power(denominator, highest)
            total = self.ring.zero
            for quotient, part in parts.items():
                factor = numerator**quotient * denominator ** (highest - quotient)
                check_product(part, factor)
                total += self.ring.from_dict(part) * factor
            polynomial, divisor = total, divisor * denominator**highest
        if len(polynomial) > MAX_TERMS:
            raise TooLarge(f"{len(polynomial)} terms")
        return polynomial, divisor

    def rationalised(self, element: Element) -> Element:
        """The element with a denominator free of roots and sines, where there is a short one."""
        original = element
        for index, degree, _, _ in self._relations:
            numerator, denominator = element
            powers = {monomial[index] for monomial in denominator}
            if powers == {0}:
                continue
            if self._keys[index][0] == "abs" or len(denominator) > _MAX_RATIONALISED:
                return original
            generator = self.ring.gens[index]
            if len(powers) == 1:
                conjugate = generator ** (degree - powers.pop())
            elif degree == 2:
                odd = self.ring.from_dict({m: c for m, c in denominator.items() if m[index]})
                conjugate = denominator - 2 * odd
            else:
                return original
            check_product(numerator, conjugate)
            try:
                element = self.normal(numerator * conjugate, denominator * conjugate)
            except Unsupported:  # the norm is zero: the relations have a zero divisor
                return original
        free = all(m[index] == 0 for m in element[1] for index, *_ in self._relations)
        return element if free else original

    # -- order and output ----------------------------------------------------------------------------

    def _term_order(self, left: tuple[int, ...], right: tuple[int, ...]) -> int:
        """An order of the monomials that depends on them as functions only, not on the lattices' bases."""
        start = first = self._first_power
        for family in self._families.values():
            stop = start + len(family.basis)
            sign = family.compare(left[start:stop], right[start:stop])
            if sign:
                return sign
            start = stop
        return (left[:first] > right[:first]) - (left[:first] < right[:first])

    def sign(self, polynomial: Any) -> int:
        """The sign of the leading coefficient."""
        if not polynomial:
            return 0
        lead = max(polynomial, key=cmp_to_key(self._term_order)) if self._families else max(polynomial)
        return 1 if polynomial[lead] > 0 else -1

    def _primitive(self, polynomial: Any) -> tuple[dict[Any, Any], Any, tuple[int, ...]]:
        """(table, scale, shift) with polynomial = scale * kernels^shift * table.

        The table has coprime integer coefficients, a positive leading one, and a lowest term free of
        exponentials.
        """
        table, shift = dict(polynomial), (0,) * self.ring.ngens
        if self._families:
            lowest = min(table, key=cmp_to_key(self._term_order))
            shift = (*(0 for _ in lowest[: self._first_power]), *lowest[self._first_power :])
        content = lattice.content(table)
        scale = QQ(content.numerator, content.denominator) * self.sign(polynomial)
        return shifted(table, shift, 1 / scale), scale, shift

    def _laurent(self, element: Element) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """Numerator and denominator with integer coefficients.

        The denominator is as in `_primitive` up to a positive integer; exponentials may have negative
        exponents in the numerator.
        """
        numerator, denominator = self.rationalised(element)
        below, scale, shift = self._primitive(denominator)
        if not numerator:
            return {}, {(0,) * self.ring.ngens: QQ(1)}
        content = lattice.content(numerator.quo_ground(scale))
        above = shifted(numerator, shift, QQ(content.denominator) / scale)
        return above, {monomial: c * content.denominator for monomial, c in below.items()}

    def quotient(self, element: Element) -> tuple[Expr, Expr]:
        """Canonical numerator and denominator."""
        numerator, denominator = self._laurent(element)
        return self._expression(numerator), self._expression(denominator)

    def expression(self, element: Element) -> Expr:
        """The canonical expression of an element."""
        numerator, denominator = self._laurent(element)
        below = self._expression(denominator)
        if below.is_Integer:
            return self._expression({m: c / QQ(int(below)) for m, c in numerator.items()})
        return Mul(self._expression(numerator), Pow(below, -1))

    def _expression(self, polynomial: dict[tuple[int, ...], Any]) -> Expr:
        return Add(*(Mul(rational(c), *self._kernels(m)) for m, c in sorted(polynomial.items())))

    def _kernels(self, monomial: tuple[int, ...]) -> list[Expr]:
        found: list[Expr] = []
        for key, exponent in zip(self._keys, monomial, strict=False):
            if exponent and key[0] != "power":
                found.append(self._kernel(key, exponent))
        start = self._first_power
        for base, family in self._families.items():
            multiples = monomial[start : start + len(family.basis)]
            start += len(family.basis)
            if any(multiples):
                power = family.expression(multiples)
                found.append(exp(power) if base is None else Pow(base, power))
        return found

    def _kernel(self, key: tuple[Any, ...], exponent: int) -> Expr:
        match key:
            case ("plain", expression):
                return Pow(expression, Rational(exponent, self._plain[expression]))
            case ("root", expression):
                power = Rational(exponent, self._roots[expression])
                simple = expression.is_Integer or power.is_Integer
                return Pow(expression, power) if simple else Pow(expression, power, evaluate=False)
            case ("abs", expression):
                return Pow(Abs(expression, evaluate=False), exponent)
            case (kind, family, i):
                angle = family.expression([int(i == j) for j in range(len(family.basis))])
                return Pow((sin if kind == "sin" else cos)(angle, evaluate=False), exponent)
        raise AssertionError(key)

    def factors(self, element: Element) -> tuple[Rational, dict[Expr, int]]:
        """Constant and irreducible factors with their exponents."""
        constant, found = S.One, dict[Expr, int]()
        unit = [0] * self.ring.ngens
        for part, direction in zip(self.rationalised(element), (1, -1), strict=True):
            c, content, pieces = factored(part)
            unit = [a + direction * b for a, b in zip(unit, content, strict=True)]
            constant *= rational(c) ** direction
            for piece, exponent in pieces:
                table, scale, shift = self._primitive(piece)
                constant *= rational(scale) ** (direction * exponent)
                unit = [a + direction * exponent * b for a, b in zip(unit, shift, strict=True)]
                shown = self._expression(table)
                found[shown] = found.get(shown, 0) + direction * exponent
        for i, key in enumerate(self._keys):
            if unit[i] and key[0] != "power":
                index = self._plain.get(key[1], 1) if key[0] == "plain" else 1
                whole = unit[i] % index == 0
                found[self._kernel(key, index if whole else 1)] = unit[i] // index if whole else unit[i]
        powers = tuple(u if key[0] == "power" else 0 for u, key in zip(unit, self._keys, strict=False))
        found.update((kernel, 1) for kernel in self._kernels(powers))
        return Rational(constant), found


def _angle_families(angles: list[Node]) -> tuple[Family | None, dict[Node, Family]]:
    """One family for the angles whose multiples are small, one of its own for each other angle."""
    large: dict[Node, Family] = {}
    while angles:
        family = Family(angles, split=True)
        rest = [a for a in angles if sum(map(abs, family.multiples[a])) <= MAX_MULTIPLE]
        if len(rest) == len(angles):
            return family, large
        large.update((a, Family([a])) for a in angles if a not in rest)
        angles = rest
    return None, large
