"""Functions g_i of one variable with f >= g_1(x_1) + ... + g_n(x_n), by completing squares of mixed terms.

c u v = |c|/(2 w) (w u +- v)^2 - |c| w/2 u^2 - |c|/(2 w) v^2 turns a mixed term into a square and terms that
the pure powers can pay for. When every g_i tends to infinity, f does so too: Young's inequality, as a
person would use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from sympy import Add, Expr, Mul, Poly, Rational, S, Symbol, cos, cosh, exp, prod, sin

from symopt.derivation.claims import Context, Holds, Step
from symopt.exact.gates import operations
from symopt.exact.multiplied import MAX_EXPANDED, expanded_terms, polynomial_or_none
from symopt.exact.relations import is_rational
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

MAX_SQUARES: Final = 40
MAX_SPLITS: Final = 2000
MAX_OPERATIONS: Final = 400
Monomial = tuple[int, ...]
Parts = tuple[tuple[Symbol, Expr], ...]


def separable_bound(
    objective: Expr, variables: tuple[Symbol, ...], context: Context, sense: str
) -> tuple[Parts, Step] | None:
    """The functions g_i with a proof of f >= sum g_i (f <= sum g_i for a maximum); None when none are found.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> separable_bound(x**4 + y**4 - 4*x*y, (x, y), Context(), "min")[0]
    ((x, x**4 - 2*x**2), (y, y**4 - 2*y**2))
    """
    sign = S.One if sense == "min" else S.NegativeOne
    if operations(objective) > MAX_OPERATIONS or expanded_terms(objective) > MAX_EXPANDED:
        return None
    parts = separated(objective, variables)
    squares, proofs = tuple[Expr, ...](), tuple[Step, ...]()
    if parts is None or not all(g.is_polynomial(*variables) for _, g in parts):
        rest, above = _without_bounded(sign * objective, variables, context)
        proofs = tuple(step for _, step in above if step is not None)
        separable = separated(rest, variables)
        found = (separable, S.Zero) if separable is not None else _completed(rest, variables)
        if found is not None:
            parts, squares = tuple((v, sign * g) for v, g in found[0]), (found[1], *(t for t, _ in above))
    if parts is None:
        return None
    difference = objective - Add(*(g for _, g in parts))
    claim = Holds(Relation(difference, ">=" if sense == "min" else "<="))
    return parts, Step(context, claim, "signs", proofs, (("tree", _sum(sign, squares)),))


def _sum(sign: Expr, terms: tuple[Expr, ...]) -> Expr:
    """The sum of the terms, or its negative, in which each stands for itself."""
    signed = [term if sign == 1 else Mul(sign, term, evaluate=False) for term in terms if term != 0]
    return Add(*signed, evaluate=False) if len(signed) > 1 else signed[0] if signed else S.Zero


def _without_bounded(
    objective: Expr, variables: tuple[Symbol, ...], context: Context
) -> tuple[Expr, tuple[tuple[Expr, Step | None], ...]]:
    """(g, terms) with f = g + their sum, g without what is bounded below, and terms >= 0: c + sin u cos v, exp u.

    Of e^u with u >= 0 a polynomial is kept, 1 + u + u^2/2 <= e^u, for which there is a proof.
    """
    kept, above = list[Expr](), list[tuple[Expr, Step | None]]()
    for term in Add.make_args(objective.expand(power_exp=False)):
        factor, rest = term.as_coeff_Mul()
        if _is_product_of_waves(rest) and rest.has(*variables):
            lowest = abs(factor) + term
            kept.append(-abs(factor))
            seen = isinstance(rest, (sin, cos))
            above.append((lowest, None if seen else prove_relation(Relation(lowest, ">="), Context())))
        elif not term.is_polynomial(*variables) and signs_of_tree(term, context.relations) <= SIGNS_OF[">="]:
            lowest, proof = _beginning(rest, factor, variables, context)
            kept.append(factor * lowest)
            above.append((factor * (rest - lowest), proof))
        else:
            kept.append(term)
    return Add(*kept).expand(power_exp=False), tuple(above)


def _is_product_of_waves(expression: Expr) -> bool:
    """Whether an expression, as a product of powers of sines and cosines, stays between -1 and 1."""
    pairs = (part.as_base_exp() for part in Mul.make_args(expression))
    return all(isinstance(u, (sin, cos)) and k.is_Integer and k > 0 for u, k in pairs)


def _beginning(
    kernel: Expr, factor: Expr, variables: tuple[Symbol, ...], context: Context
) -> tuple[Expr, Step | None]:
    """1 + u + u^2/2 for e^u with a polynomial u >= 0, 1 + u^2/2 + u^4/24 for cosh u, and its proof; 0 for all else."""
    u = kernel.args[0] if isinstance(kernel, (exp, cosh)) else S.Zero
    if not (u.has(*variables) and u.is_polynomial(*variables)):
        return S.Zero, None
    if isinstance(kernel, exp) and not signs_of_tree(u, context.relations) <= SIGNS_OF[">="]:
        return S.Zero, None
    lowest = (1 + u + u**2 / 2 if isinstance(kernel, exp) else 1 + u**2 / 2 + u**4 / 24).expand()
    proof = prove_relation(Relation(factor * (kernel - lowest), ">="), context)
    return (S.Zero, None) if proof is None else (lowest, proof)


def separated(objective: Expr, variables: tuple[Symbol, ...]) -> Parts | None:
    """f = g_1(x_1) + ... + g_n(x_n), or None when a term holds two variables."""
    found: dict[Symbol, Expr] = dict.fromkeys(variables, S.Zero)
    for term in Add.make_args(objective.expand()):
        held = [v for v in variables if term.has(v)]
        if len(held) > 1:
            return None
        found[held[0] if held else variables[0]] += term
    return tuple(found.items())


def _completed(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Parts, Expr] | None:
    polynomial = polynomial_or_none(objective, *variables)
    if polynomial is None or not is_rational(polynomial):
        return None
    budget = _Budget(polynomial)
    squares: list[Expr] = []
    for _ in range(MAX_SQUARES):
        term = budget.open_term()
        if term is None:
            mixed = [c * budget.monomial(m) for m, c in budget.terms.items() if sum(map(bool, m)) > 1]
            return budget.pure_parts(), Add(*squares, *mixed)
        square = budget.pay(*term)
        if square is None:
            return None
        squares.append(square)
    return None


class _Budget:
    """The coefficients that are left, while mixed terms are turned into squares."""

    def __init__(self, polynomial: Poly) -> None:
        self.variables = polynomial.gens
        self.terms: dict[Monomial, Rational] = dict(polynomial.terms())
        n = len(self.variables)
        self.top = [max((m[i] for m in self.terms if sum(m) == m[i]), default=0) for i in range(n)]

    def monomial(self, exponents: Monomial) -> Expr:
        return prod(v**e for v, e in zip(self.variables, exponents, strict=True))

    def open_term(self) -> tuple[Monomial, Rational] | None:
        """A mixed term that is not a nonnegative square, the heaviest first."""
        unpaid = [
            m
            for m, c in self.terms.items()
            if sum(map(bool, m)) > 1 and c != 0 and (c < 0 or any(e % 2 for e in m))
        ]
        if not unpaid:
            return None
        heaviest = max(unpaid, key=lambda m: (self._weight(m), m))
        return heaviest, self.terms.pop(heaviest)

    def _weight(self, exponents: Monomial) -> Rational:
        if any(e and not top for e, top in zip(exponents, self.top, strict=True)):
            return Rational(10)
        return sum((Rational(e, top) for e, top in zip(exponents, self.top, strict=True) if e), S.Zero)

    def _capacity(self, square: Monomial) -> Rational | None:
        """What a square may cost: None stands for as much as one likes."""
        if sum(map(bool, square)) <= 1 and self._weight(square) < 1:
            return None
        return max(self.terms.get(square, S.Zero), S.Zero)

    def pay(self, exponents: Monomial, coefficient: Rational) -> Expr | None:
        """The square that the term becomes; its cost is taken from the other terms."""
        best = max(self._splits(exponents), key=lambda split: split[0], default=None)
        if best is None or best[0][1] == 0:
            return None
        _, u, v = best
        first, second = (tuple(2 * e for e in half) for half in (u, v))
        a, b = self._capacity(first) or None, self._capacity(second) or None
        size = abs(coefficient)
        if a is None and b is None:
            weight = S.One
        elif b is None:
            weight = Rational(a) / (2 * size)
        elif a is None:
            weight = 2 * size / Rational(b)
        else:
            weight = _root(Rational(a) / Rational(b))
        for square, cost in ((first, size * weight / 2), (second, size / (2 * weight))):
            self.terms[square] = self.terms.get(square, S.Zero) - cost
        sign = 1 if coefficient > 0 else -1
        return size / (2 * weight) * (weight * self.monomial(u) + sign * self.monomial(v)) ** 2

    def _splits(self, exponents: Monomial) -> Iterator[tuple[tuple[int, int], Monomial, Monomial]]:
        """The ways to write the term as u v, with a score: squares that can be paid count."""
        for u in islice(product(*(range(e + 1) for e in exponents)), MAX_SPLITS):
            v = tuple(e - f for e, f in zip(exponents, u, strict=True))
            if u < v:
                continue
            scores = []
            for square in (tuple(2 * e for e in u), tuple(2 * e for e in v)):
                capacity = self._capacity(square)
                scores.append(
                    2 if capacity is None else 1 if capacity > 0 else 0 if self._weight(square) <= 1 else -9
                )
            if min(scores) >= 0:
                yield (min(scores), sum(scores)), u, v

    def pure_parts(self) -> Parts:
        parts: dict[Symbol, Expr] = dict.fromkeys(self.variables, S.Zero)
        for exponents, coefficient in self.terms.items():
            held = [i for i, e in enumerate(exponents) if e]
            if len(held) <= 1:
                parts[self.variables[held[0] if held else 0]] += coefficient * self.monomial(exponents)
        return tuple(parts.items())


def _root(value: Rational) -> Rational:
    """A short rational near the square root."""
    low, high = S.Zero, value + 1
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**2 <= value else (low, middle)
    return high.limit_denominator(8) or S.One
