"""Points and families of points in words: `(0, 0)`, `(t, 0) with t real`, `x = r ≈ -1.1673`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from sympy import Add, Dummy, Expr, Float, Symbol

from symopt.derivation.claims import Branch, Number
from symopt.exact.normal import NotExact, factors
from symopt.exact.relations import told_by_ends
from symopt.exact.signs import signs_of_tree
from symopt.relation import Relation
from symopt.writing.decimals import SHOWN_DIGITS, decimal_text
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Bounds, Place, Tokens, Typed
from symopt.writing.ordering import ordered_terms
from symopt.writing.presenting import shortest

_UNKNOWN: Final = Dummy("unknown")
ORDINALS: Final = ("first", "second", "third", "fourth", "fifth")  # real roots from the left
TIED: Final = "\u00a0"  # a space at which no line breaks


def place_tokens(branch: Branch) -> Tokens:
    """The coordinates (in one variable `x = 1`), and decimals where the exact form does not show the size.

    >>> from sympy import Symbol, sqrt
    >>> place_tokens(Branch(((Symbol("x", real=True), sqrt(2)),)))[-1]
    Place(entries=(1.4142,))
    """
    entries = tuple(value for _, value in branch.at)
    decimals = None if branch.free else rounded(entries, branch.numbers)
    name: Tokens = (branch.at[0][0], "==") if len(entries) == 1 else ()
    return (*name, Place(entries), *(() if decimals is None else ("approx", Place(decimals))))


def rounded(values: Sequence[Expr], numbers: Sequence[Number] = ()) -> tuple[Expr, ...] | None:
    """The values to a few digits; None where they are all rational already or one has no decimal."""
    if all(value.is_Rational for value in values):
        return None
    texts = [decimal_text(value, numbers, SHOWN_DIGITS) for value in values]
    if any(text is None for text in texts):
        return None
    return tuple(
        value if value.is_Integer else Float(text, SHOWN_DIGITS)
        for value, text in zip(values, texts, strict=True)
    )


def short_tokens(branch: Branch) -> Tokens:
    """The same for a point introduced before: decimals alone when its exact form needs auxiliary numbers."""
    tokens = place_tokens(branch)
    if not branch.numbers or "approx" not in tokens:
        return tokens
    place = tokens.index("approx")
    return (*tokens[: place - 2], *tokens[place:]) if len(branch.at) == 1 else tokens[place:]


def branch_pieces(branch: Branch, *, short: bool = False) -> Pieces:
    """A point or family within a sentence, with what its letters mean."""
    return (*_bare(branch, short), *quantifier(branch))


def _bare(branch: Branch, short: bool) -> Pieces:
    return (Math(short_tokens(branch) if short else place_tokens(branch)),)


def quantifier(branch: Branch, lead: str = " with ") -> Pieces:
    """` with t real`, ` with t ≠ 0`, ` with integers n ≥ 1 and m`: what the letters of a family stand for."""
    where = tuple(_without_power(relation) for relation in branch.where)
    own = {s: tuple(r for r in where if r.symbols == {s}) for s, _ in branch.free}
    bounds = {s: Math((Bounds(told_by_ends(s, relations)),)) for s, relations in own.items() if relations}
    real = [s for s, kind in branch.free if kind == "real" and s not in bounds]
    turns = [s for s, kind in branch.free if kind == "integer"]
    shown = [s for s in turns if len(own[s]) == 1]
    parts: list[Pieces] = [(*listed([(Math((s,)),) for s in real]), " real")] if real else []
    parts += [(bounds[s],) for s, kind in branch.free if kind == "real" and s in bounds]
    if turns:
        names = listed([(bounds[s] if s in shown else Math((s,)),) for s in turns])
        parts.append(("an integer " if len(turns) == 1 else "integers ", *names))
    parts += [(bounds[s],) for s in turns if s in bounds and s not in shown]
    others = tuple(r for r in where if all(r not in relations for relations in own.values()))
    parts += [(Math((Bounds(others),)),)] if others else []
    return (lead, *listed(parts)) if parts else ()


def _without_power(relation: Relation) -> Relation:
    """`t ≠ 0` for `2*t^4 ≠ 0` and `t^2 + a^2*t^2 ≠ 0`; a root is ≥ 0 where it is defined."""
    if relation.op == "!=":
        with suppress(NotExact):
            bases = [base for base, _ in factors(relation.expression)[1] if 0 in signs_of_tree(base, ())]
            return Relation(bases[0], "!=") if len(bases) == 1 else relation
    factor, power = relation.expression.as_coeff_Mul()
    base, exponent = power.as_base_exp()
    root = relation.op == ">=" and factor > 0 and not exponent.is_Integer and exponent > 0
    return Relation(base, ">=") if root else relation


def family_cell(branch: Branch) -> Pieces:
    """The point in a table: `x = 2 pi n, n an integer`; real letters as in a sentence, `(t, 0) with t real`."""
    if branch.numbers and all(number.varies for number in branch.numbers):
        return (*_bare(branch, True), *told_apart(branch.numbers), *quantifier(branch, ", "))
    integers = [symbol for symbol, kind in branch.free if kind == "integer"]
    if not integers or len(integers) < len(branch.free) or branch.where:
        return branch_pieces(branch, short=True)
    names = listed([(Math((symbol,)),) for symbol in integers])
    kind: Pieces = (" an integer",) if len(integers) == 1 else (" integers",)
    tied = (p.replace(" ", TIED) if isinstance(p, str) else p for p in (*names, *kind))
    return (*_bare(branch, True), ", ", *tied)


def told_apart(numbers: Sequence[Number]) -> Pieces:
    """What tells numbers with parameters: `, r is the first real root of ..`, ` where e^r = 2 a r and 0 < r < 1`."""
    if any(number.index is not None for number in numbers):
        return (", ", *number_pieces(numbers))
    return (" where ", *listed([_zero_pieces(number) for number in numbers]))


def _zero_pieces(number: Number) -> Pieces:
    """`e^r = 2 a r and 0 < r < 1`, of the one zero there."""
    inside = bounds_tokens(
        number.symbol, *(end if end.is_finite is not False else None for end in number.interval)
    )
    return (_equation(number), *((" and ", Math(inside)) if inside else ()))


def bounds_tokens(symbol: Symbol, low: Expr | None, high: Expr | None) -> Tokens:
    """`0 < r < 1`, `r > -2/a`; nothing without bounds."""
    if low is None or high is None:
        return () if low is high else (symbol, ">", low) if high is None else (symbol, "<", high)
    return low, "<", symbol, "<", high


def _equation(number: Number) -> Math:
    """The equation of a number with what holds a parameter, or grows, on the other side."""
    terms = Add.make_args(number.equation)
    right = [term for term in terms if term.could_extract_minus_sign()]
    left = Add(*(term for term in terms if term not in right))
    if left == 0:
        left, right = -Add(*right), []
    return Math((left, "==", -Add(*right)))


def several_branches(branches: Sequence[Branch], *, short: bool = False, word: str = "and") -> Pieces:
    """Points and families one after another; what their letters stand for is said once where it is the same."""
    said = [quantifier(branch) for branch in branches]
    if len(branches) > 1 and said[0] and all(other == said[0] for other in said):
        return (*listed([_bare(branch, short) for branch in branches], word), *said[0])
    return listed([branch_pieces(branch, short=short) for branch in branches], word)


def value_pieces(value: Expr, numbers: Sequence[Number] = (), facts: tuple[Relation, ...] = ()) -> Pieces:
    """A value of f with its decimals; by these alone when its exact form needs auxiliary numbers."""
    value = shortest(value, facts)
    decimals = None if value.is_infinite else rounded((value,), numbers)
    if decimals is None:
        return (Math((value,)),)
    if any(value.has(number.symbol) for number in numbers):
        return (Math((decimals[0],)),) if decimals[0].is_Integer else (Math(("approx", decimals[0])),)
    return (Math((value, "approx", decimals[0])),)


def number_pieces(numbers: Sequence[Number]) -> Pieces:
    """What auxiliary numbers are: `r ≈ -1.1673 is a real root of r^5 - r + 1`, one polynomial's together."""
    groups: dict[tuple[Expr, bool], list[Number]] = {}
    joint = [n for n in dict.fromkeys(numbers) if len(n.equation.free_symbols) > 1 and not n.varies]
    if joint:
        together = {s for n in joint for s in n.equation.free_symbols}
        parts = [_together(group) for group in _systems(numbers)]
        alone = tuple(n for n in dict.fromkeys(numbers) if n.symbol not in together)
        return listed(parts + ([number_pieces(alone)] if alone else []))
    for number in dict.fromkeys(numbers):
        key = number.equation.xreplace({number.symbol: _UNKNOWN}), number.varies
        groups.setdefault(key, []).append(number)
    return listed([_group_pieces(equation, group) for (equation, _), group in groups.items()])


def _systems(numbers: Sequence[Number]) -> list[tuple[Number, ...]]:
    """The numbers that are known together, by the symbols that their equations share."""
    groups: list[tuple[Number, ...]] = []
    for number in dict.fromkeys(numbers):
        near = [g for g in groups if any(number.equation.has(n.symbol) for n in g)]
        near += [g for g in groups if g not in near and any(n.equation.has(number.symbol) for n in g)]
        groups = [g for g in groups if g not in near] + [(*(n for g in near for n in g), number)]
    return [g for g in groups if any(len(n.equation.free_symbols) > 1 and not n.varies for n in g)]


def _together(group: tuple[Number, ...]) -> Pieces:
    """`r ≈ 0.79 and q ≈ 0.62 are the common zero there of .. and ..`."""
    names = listed([(Math((n.symbol, *_decimals(n, group))),) for n in group])
    equations = listed([(Math((n.equation,)),) for n in group])
    return (*names, " are the only common zero near by of ", *equations)


def _group_pieces(equation: Expr, group: Sequence[Number]) -> Pieces:
    letter = _letter_of(equation, group)
    names = listed([(Math((number.symbol, *_decimals(number))),) for number in group])
    if group[0].varies:
        if group[0].index is None:
            return listed([(Math((n.symbol,)), " is the number with ", *_zero_pieces(n)) for n in group])
        ranks = listed([(ORDINALS[number.index or 0],) for number in group])
        end: Pieces = (" real root of ",) if len(group) == 1 else (" real roots of ",)
        verb = " is the " if len(group) == 1 else " are the "
        return (*names, verb, *ranks, *end, _polynomial_in(letter, equation.xreplace({_UNKNOWN: letter})))
    word = "a real root" if group[0].index is not None else "a zero"
    kind = f" is {word} of " if len(group) == 1 else f" are {word.removeprefix('a ')}s of "
    return (*names, kind, Math((equation.xreplace({_UNKNOWN: letter}),)))


def _letter_of(equation: Expr, group: Sequence[Number]) -> Symbol:
    """The letter of a polynomial in a sentence: r for r1, r2 and r3, else that of its first root."""
    first = group[0].symbol
    plain = Symbol(first.name.rstrip("0123456789"), real=True)
    return plain if len(group) > 1 and not equation.has(plain) else first


def _polynomial_in(letter: Symbol, polynomial: Expr) -> Math:
    """The polynomial with the powers of the letter falling, whatever else is in it: `4 r^3 - 16 r + a`."""
    return Math((Typed(Add(*ordered_terms(polynomial, (letter,)), evaluate=False)),))


def _decimals(number: Number, beside: Sequence[Number] = ()) -> Tokens:
    found = rounded((number.symbol,), (*beside,) or (number,))
    return () if found is None else ("approx", found[0])


def listed(parts: Sequence[Pieces], word: str = "and") -> Pieces:
    """`a`, `a and b`, `a, b and c`."""
    pieces: Pieces = ()
    for place, part in enumerate(parts):
        joint = "" if place == 0 else f" {word} " if place == len(parts) - 1 else ", "
        pieces += (joint, *part) if joint else part
    return pieces
