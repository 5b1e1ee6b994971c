"""Tokens -> operands and conditions, by precedence climbing over a closed grammar.

From loose to tight: `&` and `and`; comparisons, which chain; `+ -`; `* /`; the sign; `^`, to the right.
Multiplication is always written, so that a bar opens an absolute value exactly where an operand is expected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, Generic, NoReturn, Protocol, TypeVar, final

from symopt.errors import InputError
from symopt.reading.tokens import Token, error_at, tokens_of
from symopt.reading.vocabulary import ARGUMENTS, CONSTANTS, PLAIN_NAMES, RESERVED

MAX_BITS: Final = 4_000  # of one number: about 1200 digits
MAX_DIGITS: Final = 1_200  # of a number as it is typed
MAX_DEPTH: Final = 60  # operations inside operations: SymPy's own functions recurse
MAX_SIZE: Final = 120_000  # operations, numbers and names, counted with repetition
MAX_NESTING: Final = 100  # brackets, signs and exponents inside each other; each takes a few Python frames
_CONJUNCTION, _COMPARISON, _SUM, _PRODUCT, _POWER = range(1, 6)
_LEVELS: Final = {
    **dict.fromkeys(("&", "and"), _CONJUNCTION),
    **dict.fromkeys(("<", "<=", ">", ">=", "=", "==", "!="), _COMPARISON),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/"), _PRODUCT),
    "^": _POWER,
}
_RELATIONS: Final = {"Eq": "==", "Ne": "!="}


Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Condition(Generic[Part]):
    """`left op right` for each of the relations; none of them is the condition `True`."""

    relations: tuple[tuple[Part, str, Part], ...]
    column: int


class Builds(Protocol[Part]):
    """What a parser builds with: SymPy's expressions, or nothing when only the grammar is in question.

    Every method is told the column at which what it builds stands.
    """

    def number(self, text: str, column: int) -> Part: ...
    def symbol(self, name: str, column: int) -> Part: ...
    def constant(self, name: str, column: int) -> Part: ...
    def negative(self, part: Part, column: int) -> Part: ...
    def add(self, terms: Sequence[Part], column: int) -> Part: ...
    def multiply(self, factors: Sequence[tuple[Part, bool]], column: int) -> Part:
        """The product; the flag says that the text divides by this factor."""
        ...

    def power(self, base: Part, exponent: Part, column: int) -> Part: ...
    def absolute(self, part: Part, column: int) -> Part: ...
    def call(self, name: str, arguments: Sequence[Part], column: int) -> Part: ...
    def piecewise(self, branches: Sequence[tuple[Part, Condition[Part]]], column: int) -> Part: ...
    def bracketed(self, part: Part, column: int) -> Part: ...


@final
class Parser(Generic[Part]):
    """One pass over the tokens of one text; `used` has the names met, `notes` the conventions."""

    def __init__(
        self, text: str, builder: Builds[Part], names: Collection[str], known_only: bool = False
    ) -> None:
        self.text = text
        self.builder = builder
        self.names = names
        self.known_only = known_only
        self.used: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self._tokens = tokens_of(text)
        self._position = 0
        self._open_bars = 0  # since the last bracket
        self._nesting = 0
        self._may_be_or = False  # in the condition of a branch

    def whole_expression(self) -> Part:
        operand = self._operand(_CONJUNCTION, "an expression is expected and not a relation")
        self._expect_end()
        return operand

    def whole_condition(self) -> Condition[Part]:
        relations = list(self._condition().relations)
        while self._token.text == ",":
            self._advance()
            relations += self._condition().relations
        self._expect_end()
        return Condition(tuple(relations), 0)

    @property
    def _token(self) -> Token:
        return self._tokens[self._position]

    def _advance(self) -> Token:
        token = self._token
        self._position += 1
        return token

    def _fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise error_at(message, self.text, (token or self._token).column)

    def _expect(self, sign: str, opened: Token) -> None:
        if self._token.text != sign:
            self._fail(f"{sign!r} is missing: {opened.text!r} is opened at column {opened.column + 1}")
        self._advance()

    def _expect_end(self) -> None:
        match self._token.text:
            case "":
                return
            case ")":
                self._fail("this ')' closes nothing")
            case text:
                self._fail(f"{text!r} is not expected here")

    def _operand(self, level: int, otherwise: str = "a relation cannot be calculated with") -> Part:
        token = self._token
        part = self._expression(level)
        return self._fail(otherwise, token) if isinstance(part, Condition) else part

    def _condition(self, level: int = _CONJUNCTION) -> Condition[Part]:
        token = self._token
        part = self._expression(level)
        return (
            part
            if isinstance(part, Condition)
            else self._fail("a relation is expected, such as x + y >= 1 or x == 1", token)
        )

    def _expression(self, lowest: int) -> Part | Condition[Part]:
        """Everything from here on that binds at least as tightly as `lowest`."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            self._fail(f"brackets, signs and exponents are nested more than {MAX_NESTING} deep")
        start = self._token
        part = self._prefix(lowest)
        while (level := _LEVELS.get(self._token.text, 0)) >= lowest:
            part = self._continue(part, level, start)
        self._refuse_implicit_product()
        self._nesting -= 1
        return part

    def _continue(self, left: Part | Condition[Part], level: int, start: Token) -> Part | Condition[Part]:
        """`left` and what follows it on one level of precedence, taken at once."""
        column = self._token.column
        if level == _CONJUNCTION:
            if not isinstance(left, Condition):
                self._fail("a relation is expected on both sides of 'and'", start)
            relations = left.relations
            while self._level == level:
                self._advance()
                relations += self._condition(_COMPARISON).relations
            return Condition(relations, column)
        if isinstance(left, Condition):
            self._fail("a relation cannot be calculated with or compared", start)
        if level == _COMPARISON:
            chain = []
            while self._level == level:
                op = self._advance().text
                right = self._operand(_SUM)
                chain.append((left, "==" if op == "=" else op, right))
                left = right
            return Condition(tuple(chain), column)
        if level == _SUM:
            terms = [left]
            while self._level == level:
                sign = self._advance()
                term = self._operand(_PRODUCT)
                terms.append(self.builder.negative(term, sign.column) if sign.text == "-" else term)
            return self.builder.add(terms, column)
        if level == _PRODUCT:
            factors = [(left, False)]
            while self._level == level:
                inverse = self._advance().text == "/"
                factors.append((self._operand(_POWER), inverse))
            return self.builder.multiply(factors, column)
        self._advance()
        return self.builder.power(left, self._operand(_POWER), column)

    @property
    def _level(self) -> int:
        return _LEVELS.get(self._token.text, 0)

    def _prefix(self, lowest: int) -> Part | Condition[Part]:
        token = self._advance()
        match token.kind, token.text:
            case "number", text:
                return self._number(text, token)
            case "name", _:
                return self._name(token)
            case _, "(":
                return self._bracketed(token)
            case _, "|":
                return self._bars(token)
            case _, "+" | "-":
                return self._signed(token, lowest)
            case "end", _:
                self._fail("the text ends where a number, a name or a bracket is expected", token)
            case _, text:
                self._fail(f"a number, a name or a bracket is expected and not {text!r}", token)

    def _number(self, text: str, token: Token) -> Part:
        mantissa, _, exponent = text.lower().partition("e")
        if len(mantissa) + abs(int(exponent[:9] or "0")) > MAX_DIGITS:
            self._fail("this number has too many digits", token)
        return self.builder.number(text, token.column)

    def _signed(self, token: Token, lowest: int) -> Part:
        negative = token.text == "-"
        while self._token.text in ("+", "-"):
            negative ^= self._advance().text == "-"
        # -x*y is -(x*y) and -x^2 is -(x^2); in a product or an exponent the sign takes the next power only.
        operand = self._operand(max(lowest, _PRODUCT))
        return self.builder.negative(operand, token.column) if negative else operand

    def _bracketed(self, opened: Token) -> Part | Condition[Part]:
        bars, self._open_bars = self._open_bars, 0
        inner = self._expression(_CONJUNCTION)
        self._expect(")", opened)
        self._open_bars = bars
        if isinstance(inner, Condition):
            return replace(inner, column=opened.column)
        return self.builder.bracketed(inner, opened.column)

    def _bars(self, opened: Token) -> Part:
        self._open_bars += 1
        inner = self._operand(_SUM)
        self._expect("|", opened)
        self._open_bars -= 1
        return self.builder.absolute(inner, opened.column)

    def _name(self, token: Token) -> Part | Condition[Part]:
        name = token.text
        if name in self.names:
            return self._symbol(name, token)
        if self._token.text == "(":
            return self._call(token)
        if name == "True":
            return Condition((), token.column)
        if name in RESERVED:
            self._fail(f"{name} {RESERVED[name]}", token)
        if name in ARGUMENTS and name not in PLAIN_NAMES:
            self._fail(f"{name} is a function and needs round brackets: write {name}(x)", token)
        if name in CONSTANTS:
            note = CONSTANTS[name]
            if note:
                self.notes.setdefault(note)
            return self.builder.constant(name, token.column)
        if self.known_only:
            self._fail(
                f"the name {name} is not among the variables and parameters{self._meant(name, self.names)}",
                token,
            )
        return self._symbol(name, token)

    def _symbol(self, name: str, token: Token) -> Part:
        self.used.setdefault(name)
        return self.builder.symbol(name, token.column)

    def _is_defined_here(self) -> bool:
        """Whether the text begins like `f(x, y) = `."""
        signs = [token.text for token in self._tokens]
        closing = signs.index(")") + 1 if ")" in signs else len(signs)
        return signs[closing : closing + 1] == ["="]

    def _call(self, token: Token) -> Part | Condition[Part]:
        name = token.text
        if name not in ARGUMENTS and name not in _RELATIONS and name != "Piecewise":
            hint = self._meant(name, ARGUMENTS) or f"; for a product write {name}*(...)"
            if token.column == 0 and self._is_defined_here():
                hint = "; write only what stands on the right of ="
            self._fail(f"{name} is not a function that symopt reads{hint}", token)
        opened = self._advance()
        bars, self._open_bars = self._open_bars, 0
        if name == "Piecewise":
            branches = self._branches()
            while self._token.text == ",":
                self._advance()
                branches += self._branches()
            part: Part | Condition[Part] = self.builder.piecewise(branches, token.column)
        else:
            part = self._function(token, self._arguments())
        self._expect(")", opened)
        self._open_bars = bars
        return part

    def _function(self, token: Token, arguments: list[Part]) -> Part | Condition[Part]:
        if token.text in _RELATIONS:
            if len(arguments) != 2:
                self._fail(f"{token.text} takes two arguments", token)
            return Condition(((arguments[0], _RELATIONS[token.text], arguments[1]),), token.column)
        fewest, most = ARGUMENTS[token.text]
        if not fewest <= len(arguments) <= most:
            takes = {(1, 1): "one argument", (2, 2): "two arguments"}.get(
                (fewest, most), f"{fewest} to {most} arguments"
            )
            self._fail(f"{token.text} takes {takes} and not {len(arguments)}", token)
        try:
            return self.builder.call(token.text, arguments, token.column)
        except InputError as error:
            raise error if error.text is not None else error_at(str(error), self.text, token.column) from None

    def _arguments(self) -> list[Part]:
        if self._token.text == ")":
            return []
        arguments = [self._operand(_SUM)]
        while self._token.text == ",":
            self._advance()
            arguments.append(self._operand(_SUM))
        return arguments

    def _branches(self) -> list[tuple[Part, Condition[Part]]]:
        """A branch of Piecewise; one under `A or B` is a branch under A, then the same under B."""
        opened = self._token
        if opened.text != "(":
            self._fail("Piecewise is written Piecewise((expression, condition), ..., (expression, True))")
        self._advance()
        operand = self._operand(_SUM)
        if self._token.text != ",":
            self._fail("a comma and a condition are expected in this branch of Piecewise")
        self._advance()
        conditions = self._alternatives()
        self._expect(")", opened)
        return [(operand, condition) for condition in conditions]

    def _alternatives(self) -> list[Condition[Part]]:
        """`A or B`, `(A) | (B)` or `Or(A, B)`: the conditions of which one has to hold."""
        before, self._may_be_or = self._may_be_or, True
        opened = self._token
        signs: tuple[str, ...] = ("or", "|")
        is_call = opened.text == "Or" and "Or" not in self.names
        if is_call:
            self._advance()
            opened, signs = self._advance(), (",",)
            if opened.text != "(":
                self._fail("Or is written Or(condition, condition)", opened)
        found = [self._condition()]
        while self._token.text in signs:
            self._advance()
            found.append(self._condition())
        if is_call:
            self._expect(")", opened)
        self._may_be_or = before
        return found

    def _refuse_implicit_product(self) -> None:
        token = self._token
        begins = token.kind in ("number", "name") or token.text == "("
        if (not begins and not (token.text == "|" and not self._open_bars)) or token.text in _LEVELS:
            return
        before = self._tokens[self._position - 1].text
        if self._may_be_or and (token.text == "or" or (token.text == "|" and before == ")")):
            return
        if token.text in ("or", "not", "if", "else"):
            self._fail(f"{token.text!r} is not read: conditions are joined by 'and'")
        if token.text == "|" != before:
            self._fail("'|' closes nothing here, and 'or' is not read: bars are |x|, and products need a *")
        if token.kind == "number" and before[-1] in "0123456789.":
            self._fail(f"a sign is missing between {before} and {token.text}")
        left = {")": "(...)", "|": "|...|"}.get(before, before)
        right = {"(": "(...)", "|": "|...|"}.get(token.text, token.text)
        self._fail(f"a product needs its sign: write {left}*{right}")

    @staticmethod
    def _meant(name: str, known: Iterable[str]) -> str:
        close = get_close_matches(name, list(known), n=1, cutoff=0.7)
        return f"; did you mean {close[0]}?" if close else ""
