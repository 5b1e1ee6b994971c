"""An expression as a formula: a person's order, brackets where needed, breaks where allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import mul
from typing import Any, Final

from sympy import (
    Abs,
    Add,
    And,
    E,
    Expr,
    Float,
    Function,
    Integer,
    Max,
    Min,
    Mul,
    Or,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    default_sort_key,
    exp,
    pi,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanTrue

from symopt.writing.notation import Notation
from symopt.writing.ordering import (
    flat_factors,
    has_negative_base,
    ordered_factors,
    ordered_terms,
    with_content,
)
from symopt.writing.presenting import presented
from symopt.writing.styles import LATEX, Style
from symopt.writing.width import width

SUM, PRODUCT, POWER, ATOM = range(4)
_HALF: Final = Rational(1, 2)


@dataclass(frozen=True)
class Written:
    """A written part and how tightly it binds."""

    text: str
    level: int = ATOM


@dataclass(frozen=True)
class Writer:
    """Writes expressions in a style; `typed` keeps their order, `small` writes fractions in a line.

    >>> from sympy import symbols
    >>> from symopt.writing.styles import TEXT
    >>> x, p = symbols("x p", real=True)
    >>> Writer(TEXT, Notation((x,))).expression(2*x*(p - 1))
    '2*(p - 1)*x'
    >>> Writer(LATEX, Notation((x,))).expression(x**2/2 - exp(-x**2/2))
    '\\\\frac{x^2}{2} - e^{-x^2/2}'
    """

    style: Style
    notation: Notation
    typed: bool = False
    small: bool = False

    @property
    def _stacks(self) -> bool:
        """Whether fractions are written with a bar."""
        return not self.small and not self.style.slashed

    def expression(self, expression: Expr) -> str:
        """The whole expression as one formula."""
        return self.written(expression if self.typed else presented(expression)).text

    def written(self, expression: Expr) -> Written:
        """The expression with its level, so that the caller can put brackets around it."""
        if isinstance(expression, Add):
            whole = self.typed or expression.has(pi)  # angles are sums of turns, not products
            shared = None if whole else with_content(expression, self.notation.variables)
            return self._sum(expression) if shared is None else self._product(shared)
        if isinstance(expression, Mul) or (isinstance(expression, Rational) and not expression.is_Integer):
            return self._product(expression)
        if not self.typed and has_negative_base(expression):
            return self._product(expression)
        if isinstance(expression, Integer):
            return Written(str(expression), ATOM if expression >= 0 else SUM)
        if isinstance(expression, Float):
            return Written(number_text(expression), ATOM if expression >= 0 else SUM)
        if isinstance(expression, Symbol):
            return Written(self.style.symbol(expression, self.notation))
        if expression in _CONSTANTS:
            sign = "-" if expression is S.NegativeInfinity else ""
            return Written(sign + self.style.constants[_CONSTANTS[expression]], SUM if sign else ATOM)
        if isinstance(expression, (Pow, exp)):
            return self._power(expression)
        if isinstance(expression, Abs):
            return Written(self.style.absolute(self.expression(expression.args[0])))
        if isinstance(expression, Piecewise):
            return Written(self.style.cases(self.case_rows(expression)))
        if isinstance(expression, (Function, Max, Min)):
            arguments = [self.expression(argument) for argument in expression.args]
            return Written(self.style.call(_name_of(expression), arguments), POWER)
        return Written(self.style.unknown(expression), SUM)

    def case_rows(self, expression: Piecewise) -> list[tuple[str, str]]:
        """Each value with its condition, written."""
        return [(self.expression(value), self._condition(when)) for value, when in expression.args]

    def _condition(self, condition: Any) -> str:
        """The condition of a case as it was given; nothing for the last one, "otherwise"."""
        if isinstance(condition, BooleanTrue):
            return ""
        if isinstance(condition, Relational):
            sign = self.style.signs[condition.rel_op]
            return f"{self.expression(condition.lhs)} {sign} {self.expression(condition.rhs)}"
        if isinstance(condition, (And, Or)):
            word = self.style.words(" and " if isinstance(condition, And) else " or ")
            parts = [self._condition(arg) for arg in sorted(condition.args, key=default_sort_key)]
            inner = [isinstance(arg, Or) for arg in sorted(condition.args, key=default_sort_key)]
            return word.join(
                self.style.brackets(part) if either else part
                for part, either in zip(parts, inner, strict=True)
            )
        return self.style.unknown(condition)

    def signed_terms(self, expression: Expr) -> list[tuple[str, Expr]]:
        """The terms of a sum with their signs, "+" or "-"."""
        if not isinstance(expression, Add):
            return [self._signed(expression)]
        terms = expression.args if self.typed else ordered_terms(expression, self.notation.variables)
        return [self._signed(term) for term in terms]

    def bracketed(self, expression: Expr, least: int) -> str:
        """The expression, in brackets when it binds more loosely than `least`."""
        written = self.written(expression)
        return written.text if written.level >= least else self.style.brackets(written.text)

    def _signed(self, term: Expr) -> tuple[str, Expr]:
        sign, factors = self.signed_factors(term)
        if sign == "+":
            return sign, term
        return sign, factors[0] if len(factors) == 1 else Mul(*factors, evaluate=False)

    def signed_factors(self, term: Expr) -> tuple[str, tuple[Expr, ...]]:
        """The sign of a term and its factors in order, the first without a minus."""
        if term is S.NegativeInfinity:
            return "-", (S.Infinity,)
        if not isinstance(term, (Mul, Rational)) and (self.typed or not has_negative_base(term)):
            return "+", (term,)
        factors = tuple(flat_factors(term)) if self.typed else ordered_factors(term, self.notation.variables)
        if not factors or not isinstance(factors[0], Rational) or factors[0] >= 0:
            return "+", factors
        return "-", factors[1:] if factors[0] == -1 and len(factors) > 1 else (-factors[0], *factors[1:])

    def _sum(self, expression: Add) -> Written:
        text = ""
        for sign, term in self.signed_terms(expression):
            body = self.bracketed(term, PRODUCT)
            text += f" {sign} {body}" if text else ("-" if sign == "-" else "") + body
        return Written(text, SUM)

    def _product(self, expression: Expr) -> Written:
        sign, factors = self.signed_factors(expression)
        above, below = self.above_and_below(factors)
        if sign == "-":
            positive = self._quotient(above, below)
            text = positive.text if positive.level >= PRODUCT else self.style.brackets(positive.text)
            return Written(f"-{text}", SUM)
        return self._quotient(above, below)

    def above_and_below(self, factors: tuple[Expr, ...]) -> tuple[list[Expr], list[Expr]]:
        """The factors of the numerator and of the denominator, in order."""
        above: list[Expr] = []
        below: list[Expr] = []
        for factor in factors:
            if isinstance(factor, Rational) and not factor.is_Integer:
                above += [Integer(factor.p)] * (factor.p != 1)
                below.append(Integer(factor.q))
            elif isinstance(factor, Pow) and isinstance(factor.exp, Rational) and factor.exp < 0:
                below.append(
                    factor.base if factor.exp == -1 else Pow(factor.base, -factor.exp, evaluate=False)
                )
            elif isinstance(factor, exp) and isinstance(factor.args[0], Rational) and factor.args[0] < 0:
                below.append(exp(-factor.args[0]))
            else:
                above.append(factor)
        return above, below

    def _quotient(self, above: list[Expr], below: list[Expr]) -> Written:
        if not below:
            return self._factors(above)
        if self._stacks and _is_numeric(below) and any(_has_sum(factor) for factor in above):
            number = above[:1] if above[0].is_Integer else []
            outside = self._quotient(number, below).text
            inside = above[len(number) :]
            text = self.bracketed(inside[0], PRODUCT) if len(inside) == 1 else self._factors(inside).text
            return Written(f"{outside} {text}", PRODUCT)
        numerator = self._factors(above)
        denominator = self._factors(below)
        if self._stacks:
            return Written(self.style.fraction(numerator.text, denominator.text), PRODUCT)
        top = numerator.text if numerator.level >= PRODUCT else self.style.brackets(numerator.text)
        bottom = denominator.text if denominator.level >= POWER else self.style.brackets(denominator.text)
        return Written(f"{top}/{bottom}", PRODUCT)

    def _factors(self, factors: list[Expr]) -> Written:
        if len(factors) < 2:
            return self.written(factors[0]) if factors else Written("1")
        parts = [self.bracketed(factor, PRODUCT if self.style.is_latex else POWER) for factor in factors]
        return Written(self.style.product(parts), PRODUCT)

    def _power(self, expression: Expr) -> Written:
        base, exponent = expression.args if isinstance(expression, Pow) else (E, expression.args[0])
        if isinstance(exponent, Rational) and exponent < 0:
            return self._quotient(*self.above_and_below((expression,)))
        if exponent == _HALF:
            return Written(self.style.root(self.expression(base)))
        raised = replace(self, small=True).expression(exponent)
        if isinstance(base, (Max, Min)):
            arguments = [self.expression(argument) for argument in base.args]
            return Written(self.style.power(self.style.call(_name_of(base), arguments), raised), POWER)
        if isinstance(base, Function) and not isinstance(base, (exp, Abs, Piecewise)):
            arguments = [self.expression(argument) for argument in base.args]
            return Written(self.style.call(_name_of(base), arguments, raised), POWER)
        return Written(self.style.power(self.bracketed(base, ATOM), raised), POWER)


def chunks(writer: Writer, expression: Expr, limit: float) -> list[str]:
    """The LaTeX of the expression in pieces that fit `limit`; a line may break between any two."""
    whole = writer.expression(expression)
    if width(whole) <= limit:
        return [whole]
    expression = expression if writer.typed else presented(expression)
    if isinstance(expression, Add):
        return _sum_chunks(writer, expression, limit)
    if isinstance(expression, Mul):
        return _product_chunks(writer, expression, limit)
    if isinstance(expression, Pow) and expression.exp.is_Rational and expression.exp > 0:
        exponent = replace(writer, small=True).expression(expression.exp)
        return _enclosed(chunks(writer, expression.base, limit), r"\bigl(", rf"\bigr)^{{{exponent}}}")
    if isinstance(expression, Pow) and expression.exp.is_Rational:
        return _product_chunks(writer, expression, limit)
    if isinstance(expression, exp):
        return _enclosed(chunks(writer, expression.args[0], limit), r"\exp\bigl(", r"\bigr)")
    if isinstance(expression, Function) and len(expression.args) == 1:
        head = LATEX.call(_name_of(expression), ["."])[:-3]
        return _enclosed(chunks(writer, expression.args[0], limit), rf"{head}\bigl(", r"\bigr)")
    return [whole]


def _sum_chunks(writer: Writer, expression: Expr, limit: float) -> list[str]:
    found: list[str] = []
    for sign, term in writer.signed_terms(expression):
        first, *others = chunks(writer, term, limit)
        lead = f"{sign} " if found else "-" * (sign == "-")
        if term.is_Add:
            first, others = r"\bigl(" + first, [*others[:-1], others[-1] + r"\bigr)"] if others else []
        found += [lead + first, *others]
    return found


def _product_chunks(writer: Writer, expression: Expr, limit: float) -> list[str]:
    sign, factors = writer.signed_factors(expression)
    above, below = writer.above_and_below(factors)
    found: list[str] = []
    for factor in above or [S.One]:
        pieces = chunks(writer, factor, limit)
        if factor.is_Add or (len(pieces) > 1 and not isinstance(factor, (Pow, exp, Function))):
            pieces = (
                _enclosed(pieces, r"\bigl(", r"\bigr)") if len(pieces) > 1 else [LATEX.brackets(pieces[0])]
            )
        found += [r"\cdot " * bool(found and pieces[0][0].isdigit()) + pieces[0], *pieces[1:]]
    if below:
        denominator = reduce(mul, below)
        pieces = chunks(writer, denominator, limit)
        bare = len(pieces) == 1 and denominator.is_Atom
        found += [rf"\big/ {pieces[0]}"] if bare else _enclosed(pieces, r"\big/ \bigl(", r"\bigr)")
    found[0] = "-" * (sign == "-") + found[0]
    return found


def _enclosed(pieces: list[str], left: str, right: str) -> list[str]:
    pieces = [left + pieces[0], *pieces[1:]]
    return [*pieces[:-1], pieces[-1] + right]


def _is_numeric(factors: list[Expr]) -> bool:
    return all(isinstance(factor, Integer) for factor in factors)


def _has_sum(factor: Expr) -> bool:
    return bool(factor.is_Add or (isinstance(factor, Pow) and factor.base.is_Add))


def number_text(number: Float) -> str:
    """A decimal as it was rounded, without digits behind it."""
    text = str(number)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _name_of(expression: Any) -> str:
    """The name of a function as mathematicians write it: max, not Max."""
    name = str(expression.func.__name__)
    return name.lower() if isinstance(expression, (Max, Min)) else name


_CONSTANTS: Final = {pi: "pi", E: "e", S.Infinity: "oo", S.NegativeInfinity: "oo"}
