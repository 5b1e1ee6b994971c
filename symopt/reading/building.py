"""Operands -> larger operands: every operation in two forms, as typed and evaluated, behind the gates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from operator import is_
from typing import Final

from sympy import (
    Abs,
    Add,
    And,
    Basic,
    E,
    Expr,
    I,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    log,
    nan,
    oo,
    zoo,
)
from sympy.core.add import _addsort
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from symopt.errors import InputError
from symopt.exact.dependence import has_function, is_number, slopes_of_form
from symopt.reading import gates
from symopt.reading.parsing import MAX_DEPTH, MAX_SIZE, Condition
from symopt.reading.tokens import error_at
from symopt.relation import Relation

MAX_COMPARED: Final = 8  # arguments of a maximum, which SymPy compares with each other
_NOT_FINITE: Final = (zoo, nan, oo, -oo)
_SYMPY_FAILURES: Final = (ArithmeticError, ValueError, TypeError, NotImplementedError, RecursionError)


@dataclass(frozen=True, slots=True)
class Operand:
    """A part of the text read twice: `typed` keeps its shape, `value` is what SymPy makes of it."""

    typed: Expr
    value: Expr
    column: int
    constant: bool = True
    depth: int = 1
    size: int = 1

    @property
    def is_literal(self) -> bool:
        """Whether this is a number, or a fraction of two numbers, as typed."""
        return isinstance(self.typed, Rational)


def relations_of(condition: Condition[Operand]) -> tuple[Relation, ...]:
    """The relations of a condition with everything on the left."""
    return tuple(Relation(left.value - right.value, op) for left, op, right in condition.relations)


def _as_sympy(condition: Condition[Operand], typed: bool) -> Boolean:
    """A condition for a Piecewise, evaluated or as typed."""
    if typed:
        sides = [(left.typed, right.typed, op) for left, op, right in condition.relations]
    else:
        sides = [(left.value, right.value, op) for left, op, right in condition.relations]
    return And(*(Relational(*side, evaluate=not typed) for side in sides), evaluate=not typed)


def evaluated(function: Callable[..., Expr], arguments: Sequence[Expr]) -> Expr:
    """`function(*arguments)`, without SymPy's slow search where it is known to change nothing.

    >>> x = Symbol("x", real=True)
    >>> evaluated(exp, [log(x)]), evaluated(log, [x + exp(x)])
    (x, log(x + exp(x)))
    """
    argument = arguments[0]
    if (function is log and argument.is_Add) or (function is exp and not has_function(argument, log)):
        return function(argument, evaluate=is_number(argument))
    if function in (Max, Min) and (len(arguments) > MAX_COMPARED or _are_incomparable(arguments)):
        return function(*arguments, evaluate=False)
    if function is Pow and argument.is_Pow and argument.exp.is_Integer and arguments[1].is_Integer:
        return evaluated(Pow, [argument.base, argument.exp * arguments[1]])
    if function is Pow and argument.is_Add and arguments[1].is_Integer and arguments[1] not in (0, 1):
        return function(*arguments, evaluate=not argument.free_symbols)
    return function(*arguments)


def _are_incomparable(arguments: Sequence[Expr]) -> bool:
    """Whether two forms over symbols of any sign differ by one that is not constant, so that neither is the larger."""
    if len(arguments) != 2:
        return False
    forms = [{} if isinstance(u, Rational) else slopes_of_form(u) for u in arguments]
    symbols = {symbol for form in forms for symbol in form or ()}
    any_sign = all(s.is_real and s.is_nonnegative is None and s.is_nonpositive is None for s in symbols)
    return None not in forms and forms[0] != forms[1] and any_sign


def replace_symbols(expression: Basic, table: Mapping[Symbol, Expr]) -> Basic:
    """The expression with symbols replaced and nothing evaluated, so that x/x stays x/x.

    >>> x, t = Symbol("x", real=True), Symbol("t", real=True)
    >>> replace_symbols(Mul(x, Pow(x, -1), evaluate=False), {x: t})
    t/t
    """
    if isinstance(expression, Symbol):
        return table.get(expression, expression)
    arguments = [replace_symbols(argument, table) for argument in expression.args]
    if all(new is old for new, old in zip(arguments, expression.args, strict=True)):
        return expression
    return unevaluated(expression.func, arguments)


def evaluated_with(expression: Expr, table: Mapping[Symbol, Expr]) -> Expr:
    """The expression with symbols replaced and every operation evaluated, each shared part once.

    >>> x, t = Symbol("x", real=True), Symbol("t", real=True)
    >>> evaluated_with(log(Add(1, Mul(x, x, evaluate=False), evaluate=False)), {x: t})
    log(t**2 + 1)
    """
    values: dict[Basic, Basic] = {}
    stack: list[Basic] = [expression]
    while stack:
        node = stack[-1]
        waiting = [argument for argument in node.args if argument not in values]
        if node in values or not waiting:
            stack.pop()
        stack.extend(waiting)
        if not waiting and node not in values:
            arguments = [values[argument] for argument in node.args]
            if not arguments:
                values[node] = table.get(node, node)
            elif isinstance(node, Mul | Add):
                value = (product_of if isinstance(node, Mul) else total)(arguments)
                values[node] = node if value == node else value
            elif _is_evaluated(node) and all(map(is_, arguments, node.args)):
                values[node] = node
            else:
                values[node] = evaluated(node.func, arguments)
    return values[expression]


def _is_evaluated(node: Basic) -> bool:
    """Whether `evaluated` gives the function of evaluated arguments back, without asking SymPy to build it again."""
    if not isinstance(node, log | exp) or is_number(node):
        return False
    return node.args[0].is_Add if isinstance(node, log) else not has_function(node, log)


def product_of(factors: Sequence[Expr]) -> Expr:
    """The product as SymPy evaluates it, without the search where it is one of numbers and a symbol.

    >>> product_of([S(3), Symbol("x"), Rational(1, 6)]), product_of([S(2), Symbol("x") + 1])
    (x/2, 2*x + 2)
    """
    numbers = [factor for factor in factors if isinstance(factor, Rational)]
    rest = [factor for factor in factors if not isinstance(factor, Rational)]
    if len(rest) != 1 or not isinstance(rest[0], Symbol):
        return Mul(*factors)
    number = prod(numbers, start=S.One)
    if number is S.One:
        return rest[0]
    return number if number is S.Zero else Mul._from_args((number, rest[0]))


def total(terms: Sequence[Expr]) -> Expr:
    """The sum as SymPy evaluates it; one of multiples of different symbols only has to be put in order.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> total([2 * y, S(3), x, S(-1)]), total([2 * y, x, y])
    (x + 2*y + 2, x + 3*y)
    """
    number: Expr = S.Zero
    found: dict[Expr, Expr] = {}
    for term in terms:
        if isinstance(term, Rational):
            number += term
            continue
        factors = term.args
        multiple = type(term) is Mul and len(factors) == 2 and isinstance(factors[0], Rational)
        symbol = factors[1] if multiple else term
        if not isinstance(symbol, Symbol) or symbol in found:
            return Add(*terms)
        found[symbol] = term
    if len(found) + (number is not S.Zero) < 2:
        return Add(number, *found.values())
    ordered = list(found.values())
    _addsort(ordered)
    return Add._from_args(ordered if number is S.Zero else [number, *ordered])


def unevaluated(function: type[Basic], arguments: Sequence[Basic]) -> Basic:
    """The expression `function(*arguments)` as it stands.

    >>> unevaluated(Mul, [S(2), Symbol("x") + 1])
    2*(x + 1)
    """
    if issubclass(function, Expr | Relational | And) and not issubclass(function, AppliedUndef):
        return function(*arguments, evaluate=False)
    return function(*arguments)


class Builder(ABC):
    """Builds the operands of one text; `symbols` are those met, `notes` the conventions that were used."""

    def __init__(self, text: str, names: Mapping[str, Symbol]) -> None:
        self.text = text
        self.symbols: dict[Symbol, None] = {}
        self.notes: dict[str, None] = {}
        self._names = names
        self._comparisons = 0

    @abstractmethod
    def constant(self, name: str, column: int) -> Operand:
        """A name that stands for a number."""

    @abstractmethod
    def call(self, name: str, arguments: Sequence[Operand], column: int) -> Operand:
        """A function of the vocabulary."""

    def number(self, text: str, column: int) -> Operand:
        """A decimal or an integer, exactly."""
        fraction = int(text) if text.isdecimal() else Fraction(text)
        value = Rational(fraction.numerator, fraction.denominator)
        return Operand(value, value, column)

    def symbol(self, name: str, column: int) -> Operand:
        symbol = self._names.get(name) or Symbol(name, real=True)
        self.symbols.setdefault(symbol)
        return Operand(symbol, symbol, column, constant=False)

    def known(self, value: Expr, column: int) -> Operand:
        """A number that stands for itself."""
        return Operand(value, value, column)

    def bracketed(self, operand: Operand, column: int) -> Operand:
        return replace(operand, column=column)

    def add(self, terms: Sequence[Operand], column: int) -> Operand:
        """The sum of all terms at once."""
        if len(terms) == 1:
            return terms[0]
        with self._reading(column):
            gates.check_sum(term.value for term in terms)
            value = total([term.value for term in terms])
        return self._join(Add(*(term.typed for term in terms), evaluate=False), value, terms, column)

    def negative(self, operand: Operand, column: int) -> Operand:
        if operand.is_literal:
            return self.known(-operand.value, column)
        if operand.typed.is_Mul and operand.typed.args[0] is S.NegativeOne and len(operand.typed.args) == 2:
            typed = operand.typed.args[1]
        else:
            typed = Mul(S.NegativeOne, operand.typed, evaluate=False)
        return self._join(typed, -operand.value, [operand], column)

    def multiply(self, factors: Sequence[tuple[Operand, bool]], column: int) -> Operand:
        """The product of all factors at once; the flag says that the text divides by this one."""
        if len(factors) == 1 and not factors[0][1]:
            return factors[0][0]
        typed: list[Expr] = []
        values: list[Expr] = []
        for factor, inverse in factors:
            if inverse and factor.value is S.Zero:
                raise self._division_by_zero(factor)
            if inverse and isinstance(factor.value, Rational):
                values.append(1 / factor.value)
            else:
                values.append(self._power(factor, S.NegativeOne) if inverse else factor.value)
            if not inverse:
                typed.append(factor.typed)
            elif factor.is_literal and len(typed) == 1 and isinstance(typed[0], Rational):
                typed = [typed[0] / factor.typed]
            else:
                typed = [] if typed == [S.One] else typed
                typed.append(Pow(factor.typed, S.NegativeOne, evaluate=False))
        if len(typed) == 1 and isinstance(typed[0], Rational):
            return self.known(typed[0], column)
        with self._reading(column):
            gates.check_product(values)
            value = product_of(values)
        return self._join(Mul(*typed, evaluate=False), value, [factor for factor, _ in factors], column)

    def divide(self, numerator: Operand, denominator: Operand, column: int) -> Operand:
        return self.multiply([(numerator, False), (denominator, True)], column)

    def power(self, base: Operand, exponent: Operand, column: int) -> Operand:
        """base^exponent; e^u is exp(u)."""
        if base.typed is E:
            return self.apply(exp, [exponent], column, lambda u: gates.check_power(E, u))
        rational = exponent.value if isinstance(exponent.value, Rational) and exponent.constant else None
        if base.value is S.Zero and rational is not None and rational < 0:
            raise self._division_by_zero(base)
        if rational is not None and rational.q > 1 and rational.q % 2:
            convention = f"x^({rational}) on x >= 0; cbrt(x) is the cube root on all reals"
            if isinstance(base.value, Rational) and base.value < 0:
                raise error_at(
                    f"({base.value})^({rational}) is not real: symopt reads {convention}", self.text, column
                )
            self.notes.setdefault(f"read {convention}")
        typed = exponent.value if exponent.constant else exponent.typed
        value = self._power(base, exponent.value, column)
        return self._join(Pow(base.typed, typed, evaluate=False), value, [base, exponent], column)

    def apply(
        self,
        function: Callable[..., Expr],
        arguments: Sequence[Operand],
        column: int,
        check: Callable[[Expr], None] | None = None,
        compares: bool = False,
    ) -> Operand:
        """A SymPy function of the arguments; `compares` for those whose arguments SymPy compares."""
        with self._reading(column):
            for argument in arguments:
                if check is not None:
                    check(argument.value)
            if compares:
                self._compare(arguments)
            value = evaluated(function, [argument.value for argument in arguments])
        typed = function(*(argument.typed for argument in arguments), evaluate=False)
        return self._join(typed, value, arguments, column)

    def absolute(self, operand: Operand, column: int) -> Operand:
        return self.apply(Abs, [operand], column, compares=True)

    def piecewise(self, branches: Sequence[tuple[Operand, Condition[Operand]]], column: int) -> Operand:
        parts = [branch for branch, _ in branches]
        for _, condition in branches:
            parts += [side for left, _, right in condition.relations for side in (left, right)]
        with self._reading(column):
            self._compare(parts)
            value = Piecewise(
                *((branch.value, _as_sympy(condition, typed=False)) for branch, condition in branches)
            )
        typed = Piecewise(
            *((branch.typed, _as_sympy(condition, typed=True)) for branch, condition in branches),
            evaluate=False,
        )
        return self._join(typed, value, parts, column)

    def _division_by_zero(self, divisor: Operand) -> InputError:
        which = "" if divisor.is_literal else f": {_short(divisor.typed)} is 0"
        return error_at(f"division by zero{which}", self.text, divisor.column)

    def _power(self, base: Operand, exponent: Expr, column: int | None = None) -> Expr:
        with self._reading(base.column if column is None else column):
            gates.check_power(base.value, exponent)
            if not exponent.is_Integer and (base.value.is_Pow or base.value.is_Mul):
                self._compare([base])  # SymPy looks for |u| in sqrt(u^2)
            return evaluated(Pow, [base.value, exponent])

    def _compare(self, arguments: Sequence[Operand]) -> None:
        self._comparisons += max(1, len(arguments) * (len(arguments) - 1) // 2)
        if sum(argument.size for argument in arguments) > gates.MAX_COMPARED:
            raise InputError("what stands in this absolute value, maximum or piecewise function is too long")
        if self._comparisons > gates.MAX_COMPARISONS:
            raise InputError("there are too many absolute values, maxima and piecewise functions")

    def _join(self, typed: Expr, value: Expr, parts: Sequence[Operand], column: int) -> Operand:
        depth = 1 + max(part.depth for part in parts)
        size = 1 + sum(part.size for part in parts)
        constant = all(part.constant for part in parts)
        if depth > MAX_DEPTH:
            raise error_at(f"operations are nested more than {MAX_DEPTH} deep", self.text, column)
        if size > MAX_SIZE:
            raise error_at("the expression is too long", self.text, column)
        if (not value.args and value in _NOT_FINITE) or (constant and value.has(I, *_NOT_FINITE)):
            raise error_at(f"{_short(typed)} is not a real number", self.text, column)
        with self._reading(column):
            gates.check_number(value)
        return Operand(typed, value, column, constant, depth, size)

    @contextmanager
    def _reading(self, column: int) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            raise error_at(str(error), self.text, column) from None
        except _SYMPY_FAILURES:
            raise error_at("SymPy cannot evaluate this part", self.text, column) from None


def _short(expression: Expr) -> str:
    text = str(expression)
    return text if len(text) <= 60 else f"{text[:57]}..."
