"""What every answer can do: show itself, give its JSON, take numbers for its parameters."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Self

from sympy import Expr, Float, Rational, Symbol

from symopt.errors import InputError
from symopt.results.display import Shown

MOST_DIGITS: Final = 12


class Result(Shown):
    """An answer as a value: frozen, hashable, picklable."""

    __slots__ = ()

    @property
    @abstractmethod
    def free_symbols(self) -> frozenset[Symbol]:
        """The parameters that the answer depends on."""

    @abstractmethod
    def replaced(self, values: dict[Symbol, Expr]) -> Self:
        """The answer with symbols replaced."""

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """The answer as JSON."""

    def substituted(self, values: Mapping[Any, Any] | None = None, /, **named: Any) -> Self:
        """The answer with numbers for parameters: `.at(p=2)` or `.at({p: "1/2"})`."""
        return self.replaced(values_for(self.free_symbols, values, named))


def exact_value(value: Any) -> Expr:
    """A number as SymPy's, exactly: int, Fraction, text such as "1/2", or a float by its shortest decimal.

    >>> exact_value("1/2"), exact_value(0.1)
    (1/2, 1/10)
    """
    if isinstance(value, Float):
        value = float(value)
    if isinstance(value, Expr):
        return value
    if isinstance(value, float):
        digits = (
            len(Decimal(repr(value)).normalize().as_tuple().digits)
            if abs(value) < float("inf")
            else MOST_DIGITS + 1
        )
        if digits > MOST_DIGITS:
            raise InputError(f'{value!r} is not exact: write a fraction, such as Rational(1, 3) or "1/3"')
        value = repr(value)
    try:
        return Rational(Fraction(value))
    except (ValueError, TypeError, ZeroDivisionError):
        raise InputError(
            f'{value!r} is not a number: give an int, a Fraction or text such as "1/2"'
        ) from None


def values_for(
    symbols: frozenset[Symbol], values: Mapping[Any, Any] | None, named: Mapping[str, Any]
) -> dict[Symbol, Expr]:
    """The values keyed by the symbols they are for; names that do not occur are left out."""
    by_name = {symbol.name: symbol for symbol in symbols}
    given = {str(key): exact_value(value) for key, value in {**(values or {}), **named}.items()}
    found = {by_name[name]: value for name, value in given.items() if name in by_name}
    for symbol, value in found.items():
        if symbol.is_integer and value.is_integer is False:
            raise InputError(f"{symbol} is an integer, and {value} is not")
    return found
