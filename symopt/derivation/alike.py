"""Terms that are multiples of one function of affine forms: log(1 + exp(x - y)) and 3 log(1 + exp(2 x + 1)).

Trees are compared as they stand, so that one proof for g(u) serves every term c g(A x + b), at the cost of one walk.
A number may differ from term to term, as in log(2 + exp(x)) and log(3 + exp(y)): g then has a letter k for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from sympy import Add, Basic, Expr, Mul, Rational, S, Symbol

from symopt.derivation.claims import Curved, Step, Vector
from symopt.exact.dependence import slopes_of_form

MAX_COMPARED = 3  # forms of a term of which another may be a multiple


@dataclass(frozen=True)
class Shape:
    """A tree in Polish notation with a place for each of its largest affine parts, and what stands in these places.

    A part that is a multiple of another one, as 1 - x is of x - 1, has the place of that one; `multiples` has them.
    `numbers` are the places in `tokens` of the rational numbers with which other sums and products begin.
    """

    tokens: tuple[object, ...]
    forms: Vector
    numbers: tuple[int, ...] = ()
    multiples: Mapping[Expr, tuple[int, Rational]] = field(default_factory=dict)


@dataclass(frozen=True)
class Term:
    """`multiple` times g of the forms, with the numbers for its letters."""

    multiple: Rational
    forms: Vector
    numbers: Vector = ()


def shape_of(expression: Expr, variables: Set[Symbol]) -> Shape:
    """The shape of a tree over sums of rational multiples of symbols, a variable among them, and numbers.

    >>> from sympy import exp, symbols
    >>> x, y = symbols("x y", real=True)
    >>> one, other = (shape_of(e, {x, y}) for e in (y * exp(2 * x - 1), x * exp(y)))
    >>> one.tokens == other.tokens, one.forms, other.forms
    (True, (y, 2*x - 1), (x, y))
    >>> len(shape_of(exp(x - 1) + exp(1 - x), {x}).forms)
    1
    """
    tokens: list[object] = []
    forms: list[Expr] = []
    numbers: list[int] = []
    multiples: dict[Expr, tuple[int, Rational]] = {}
    places: dict[Basic, tuple[int, Rational]] = {}  # tuples, since the number 1 equals 1
    stack: list[Basic] = [expression]
    while stack:
        node = stack.pop()
        arguments = node.args
        if arguments:
            adds = isinstance(node, (Add, Mul))
            slopes = slopes_of_form(cast(Expr, node)) if adds else None
            if slopes is None or variables.isdisjoint(slopes):
                tokens.append((type(node), len(arguments)))
                if adds and arguments[0].is_Rational:
                    numbers.append(len(tokens))
                stack.extend(arguments[::-1])
                continue
        elif node not in variables:
            tokens.append(node)
            continue
        place = places.get(node)
        if place is None:
            other = _multiple(cast(Expr, node), forms) if forms else None
            if other is None:
                place = len(forms), S.One
                forms.append(cast(Expr, node))
            else:
                place = multiples[cast(Expr, node)] = other
            places[node] = place
        tokens.append(place)
    return Shape(tuple(tokens), tuple(forms), tuple(numbers), multiples)


def _multiple(node: Expr, forms: list[Expr]) -> tuple[int, Rational] | None:
    """The place of a form of which the node is a multiple, among the first few, and the factor."""
    slopes = slopes_of_form(node) or {}
    for place, form in enumerate(forms[:MAX_COMPARED]):
        other = slopes_of_form(form) or {}
        symbol = next(iter(other), None)
        if symbol is None or symbol not in slopes or len(other) != len(slopes) or other[symbol] == 0:
            continue
        factor = cast(Rational, slopes[symbol] / other[symbol])
        proportional = factor != 0 and all(slopes.get(v) == factor * slope for v, slope in other.items())
        if proportional and _constant(node) == factor * _constant(form):
            return place, factor
    return None


def _constant(form: Expr) -> Expr:
    return Add(*(term for term in form.args if term.is_Rational)) if isinstance(form, Add) else S.Zero


def parted(term: Expr) -> tuple[Expr, Expr]:
    """The number in front of a term, and the rest.

    >>> from sympy import exp
    >>> from sympy.abc import x
    >>> parted(exp(x)), parted(-2 * x * exp(x))
    ((1, exp(x)), (-2, x*exp(x)))
    """
    return cast(tuple[Expr, Expr], term.as_coeff_Mul())


@lru_cache(maxsize=32)
def alike(
    expression: Expr,
    function: Expr,
    letters: tuple[Symbol, ...],
    variables: frozenset[Symbol],
    numbers: tuple[Symbol, ...] = (),
) -> tuple[Term, ...] | None:
    """The terms of a sum as multiples of the function of forms, one for each letter; None where one is not.

    Where the function has one of `numbers`, the terms may have different rational numbers.

    >>> from sympy import exp, symbols
    >>> x, y, u = symbols("x y u", real=True)
    >>> alike(exp(x - y) + 2 * exp(y), exp(u), (u,), frozenset({x, y}))
    (Term(multiple=2, forms=(y,), numbers=()), Term(multiple=1, forms=(x - y,), numbers=()))
    """
    wanted = shape_of(function, frozenset(letters))
    if set(wanted.forms) != set(letters) or len(letters) != len(wanted.forms):
        return None
    order = [wanted.forms.index(letter) for letter in letters]
    places = {number: [k for k, token in enumerate(wanted.tokens) if token == number] for number in numbers}
    if not all(places.values()):
        return None
    found = []
    for term in Add.make_args(expression):
        multiple, rest = parted(term)
        shape = shape_of(rest, variables)
        values = _numbers_at(places, shape.tokens, wanted.tokens)
        if values is None or not isinstance(multiple, Rational):
            return None
        found.append(Term(multiple, tuple(shape.forms[place] for place in order), values))
    return tuple(found)


def _numbers_at(
    places: Mapping[Symbol, list[int]], tokens: tuple[object, ...], wanted: tuple[object, ...]
) -> Vector | None:
    """The rational numbers at these places of a tree that is as wanted at all others; None for another tree."""
    if not places or len(tokens) != len(wanted):
        return () if tokens == wanted else None
    values, rest = [], list(tokens)
    for number, where in places.items():
        value = tokens[where[0]]
        if not isinstance(value, Rational) or any(tokens[place] != value for place in where):
            return None
        values.append(value)
        for place in where:
            rest[place] = number
    return tuple(values) if tuple(rest) == wanted else None


def numbers_of(step: Step) -> tuple[Symbol, ...]:
    """The letters that stand for a number of each term in the function of a step by the rule `alike_terms`."""
    return cast(tuple[Symbol, ...], step.data("numbers") or ())


def terms_of(step: Step) -> tuple[Term, ...] | None:
    """The terms of the claim of a step by the rule `alike_terms`, whose first premise speaks of the function."""
    claim, inner = cast(Curved, step.claim), cast(Curved, step.premises[0].claim)
    own = frozenset(claim.variables)
    return alike(claim.objective, inner.objective, inner.variables, own, numbers_of(step))
