"""Terms that are multiples of one function of affine forms: log(1 + exp(x - y)) and 3 log(1 + exp(2 x + 1)).

Trees are compared as they stand, so that one proof for g(u) serves every term c g(A x + b), at the cost of one walk.
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
    """

    tokens: tuple[object, ...]
    forms: Vector
    multiples: Mapping[Expr, tuple[int, Rational]] = field(default_factory=dict)


@dataclass(frozen=True)
class Term:
    """`multiple` times g of the forms."""

    multiple: Rational
    forms: Vector


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
    places: dict[Basic, tuple[int, Rational]] = {}  # tuples, since the number 1 equals 1
    stack: list[Basic] = [expression]
    while stack:
        node = stack.pop()
        arguments = node.args
        if node in variables if not arguments else _is_form(node, variables):
            if node not in places:
                places[node] = _multiple(cast(Expr, node), forms) or (len(forms), S.One)
                if places[node][0] == len(forms):
                    forms.append(cast(Expr, node))
            tokens.append(places[node])
        elif arguments:
            tokens.append((type(node), len(arguments)))
            stack.extend(reversed(arguments))
        else:
            tokens.append(node)
    multiples = {cast(Expr, node): place for node, place in places.items() if place[1] != 1}
    return Shape(tuple(tokens), tuple(forms), multiples)


def _multiple(node: Expr, forms: list[Expr]) -> tuple[int, Rational] | None:
    """The place of a form of which the node is a multiple, among the first few, and the factor."""
    slopes = (slopes_of_form(node) if forms else None) or {}
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


def _is_form(node: Basic, variables: Set[Symbol]) -> bool:
    form = slopes_of_form(node) if isinstance(node, (Add, Mul)) else None
    return form is not None and not variables.isdisjoint(form)


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
    expression: Expr, function: Expr, letters: tuple[Symbol, ...], variables: frozenset[Symbol]
) -> tuple[Term, ...] | None:
    """The terms of a sum as multiples of the function of forms, one for each letter; None where one is not.

    >>> from sympy import exp, symbols
    >>> x, y, u = symbols("x y u", real=True)
    >>> alike(exp(x - y) + 2 * exp(y), exp(u), (u,), frozenset({x, y}))
    (Term(multiple=2, forms=(y,)), Term(multiple=1, forms=(x - y,)))
    """
    wanted = shape_of(function, frozenset(letters))
    if set(wanted.forms) != set(letters) or len(letters) != len(wanted.forms):
        return None
    order = [wanted.forms.index(letter) for letter in letters]
    found = []
    for term in Add.make_args(expression):
        multiple, rest = parted(term)
        shape = shape_of(rest, variables)
        if shape.tokens != wanted.tokens or not isinstance(multiple, Rational):
            return None
        found.append(Term(multiple, tuple(shape.forms[place] for place in order)))
    return tuple(found)


def terms_of(step: Step) -> tuple[Term, ...] | None:
    """The terms of the claim of a step by the rule `alike_terms`, whose first premise speaks of the function."""
    claim, inner = cast(Curved, step.claim), cast(Curved, step.premises[0].claim)
    return alike(claim.objective, inner.objective, inner.variables, frozenset(claim.variables))
