"""Graph -> SymPy: gradient and Hessian as expressions, written as a person would write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias

import sympy
from sympy import Expr, Mul, Piecewise, Pow, Rational, S, Symbol, piecewise_fold

from symopt.calculus.atoms import ATOMS
from symopt.calculus.derivative import differentiate
from symopt.calculus.graph import Graph, Node, Number, Term
from symopt.calculus.loading import load
from symopt.calculus.ratios import NAMES, RATIOS
from symopt.calculus.remainders import REMAINDERS, Remainder
from symopt.calculus.tidying import scaled, tidy, times
from symopt.exact.gates import operations
from symopt.reading.building import evaluated, total

Product: TypeAlias = Callable[[Any, Any], Any]

# Beyond this many different entries a person reads none of them: they are left as derived.
TIDIED_ENTRIES: Final = 400
FOLDED_OPERATIONS: Final = 60


def gradient(objective: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """(df/dx_1, ..., df/dx_n), factored. Symbols that are not variables are parameters.

    Raises InputError for a function outside the table of atoms, naming it.

    >>> from sympy import symbols
    >>> x, y, p = symbols("x y p", real=True)
    >>> gradient((p - 1)*x**2 + (p + 1)*y**2, (x, y))
    (2*x*(p - 1), 2*y*(p + 1))
    """
    graph = Graph(variables)
    derivatives = differentiate(graph, load(graph, objective), second=False)
    return tuple(_tidied(graph, derivatives.gradient))


def hessian(
    objective: Expr, variables: tuple[Symbol, ...], *, tidied: bool = True
) -> tuple[tuple[Expr, ...], ...]:
    """The symmetric matrix of second derivatives, row by row; each entry is derived once.

    `tidied=False` leaves the entries as derived, for those who want their values alone.

    >>> from sympy import symbols
    >>> x, y, p = symbols("x y p", real=True)
    >>> hessian((p - 1)*x**2 + (p + 1)*y**2, (x, y))
    ((2*(p - 1), 0), (0, 2*(p + 1)))
    """
    graph = Graph(variables)
    entries = differentiate(graph, load(graph, objective)).hessian
    written = _tidied if tidied else as_expressions
    lower = dict(zip(entries, written(graph, list(entries.values())), strict=True))
    size = range(len(variables))
    return tuple(tuple(lower.get((max(i, j), min(i, j)), S.Zero) for j in size) for i in size)


def _tidied(graph: Graph, terms: Sequence[Term]) -> list[Expr]:
    expressions = as_expressions(graph, terms)
    distinct = dict(zip(terms, expressions, strict=True))
    if len(distinct) > TIDIED_ENTRIES:
        return expressions
    if any(node[0] == "select" for node in graph.nodes):
        distinct = {term: _folded(expression) for term, expression in distinct.items()}
    tidied = {term: tidy(expression) for term, expression in distinct.items()}
    return [tidied[term] for term in terms]


def _folded(expression: Expr) -> Expr:
    """The branches of a piecewise expression joined, where it is short."""
    if not expression.has(Piecewise) or operations(expression) > FOLDED_OPERATIONS:
        return expression
    return piecewise_fold(expression)


def as_expressions(graph: Graph, terms: Iterable[Term], *, distributed: bool = False) -> list[Expr]:
    """The SymPy expressions of terms, with the structure of the graph kept; or as SymPy itself evaluates them."""
    terms = list(terms)
    known: dict[int, Any] = {}
    scale, multiply = (Mul, Mul) if distributed else (scaled, times)
    for place in graph.reachable(place for _, place in terms):
        known[place] = _expression(graph.nodes[place], known, scale, multiply)
    return [scale(_rational(coefficient), known[place]) for coefficient, place in terms]


def _rational(number: Number) -> Rational:
    return (
        Rational(number.numerator, number.denominator)
        if isinstance(number, Fraction)
        else sympy.Integer(number)
    )


def _expression(node: Node, known: dict[int, Any], scale: Product, multiply: Product) -> Any:
    head = node[0]
    if head == "sum":
        parts = [
            Mul._from_args((_rational(coefficient), known[place]))
            if coefficient != 1 and known[place].is_Symbol  # many times faster, and the same
            else scale(_rational(coefficient), known[place])
            for place, coefficient in node[1]
        ]
        return parts[0] if len(parts) == 1 else total(parts)
    if head == "product":
        return multiply(known[node[1]], known[node[2]])
    if head == "power":
        return evaluated(Pow, [known[node[1]], _rational(node[2])])
    if head in _LEAVES:
        return _LEAVES[head]
    if head in ("symbol", "constant"):
        return node[1]
    if head == "select":
        return _piecewise(*(known[place] for place in node[1:]))
    return evaluated(_FUNCTIONS[head], [known[place] for place in node[1:]])


def _piecewise(condition: Any, yes: Expr, no: Expr) -> Expr:
    if no is S.NaN:
        return Piecewise((yes, condition))
    if isinstance(no, Piecewise):
        return Piecewise((yes, condition), *no.args)
    return Piecewise((yes, condition), (no, True))


_LEAVES: Final[dict[str, Any]] = {"one": S.One, "undefined": S.NaN, "true": sympy.true, "false": sympy.false}
_TAYLOR: Final[dict[str, Any]] = {
    **{name: getattr(sympy, name) for name in ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(sympy, name) for name in ("asin", "atan", "asinh", "atanh", "erf")},
    "expm1": lambda u: sympy.exp(u) - 1,
    "log1p": lambda u: sympy.log(1 + u),
    "log_cosh": lambda u: sympy.log(sympy.cosh(u)),
}


def _remainder(rest: Remainder) -> Any:
    def written_out(u: Expr) -> Expr:
        return _TAYLOR[rest.of](u) - sum(_rational(c) * u**k for k, c in enumerate(rest.taken))

    return written_out


def _quotient(name: str) -> Any:
    """f(u)/u^k."""
    function = _remainder(REMAINDERS[name]) if name in REMAINDERS else _TAYLOR[name]
    return lambda u: function(u) / u ** RATIOS[name].power


_FUNCTIONS: Final[dict[str, Any]] = {
    **{name: atom.function for name, atom in ATOMS.items()},
    **{name: _remainder(rest) for name, rest in REMAINDERS.items()},
    # For real u the slope of |u| is read as sign(u): they differ only at the kink.
    "slope": sympy.sign,
    "softplus": lambda u: evaluated(sympy.log, [1 + evaluated(sympy.exp, [u])]),
    "sigmoid": lambda u: evaluated(Pow, [1 + evaluated(sympy.exp, [-u]), S.NegativeOne]),
    "log_abs": lambda u: sympy.log(sympy.Abs(u)),
    "tanh_slope": lambda u: 1 - evaluated(sympy.tanh, [u]) ** 2,
    "sqrt1pm1": lambda u: sympy.sqrt(1 + u) - 1,
    "hypot": lambda *sides: sympy.sqrt(sympy.Add(*[side**2 for side in sides])),
    "log_hypot": lambda *sides: sympy.log(sympy.Add(*[side**2 for side in sides])) / 2,
    "hypot_less": lambda first, *sides: sympy.sqrt(sympy.Add(first**2, *[side**2 for side in sides])) - first,
    "log_cosh": lambda u: sympy.log(evaluated(sympy.cosh, [u])),
    "over_tanh": lambda u: u / evaluated(sympy.tanh, [u]),
    "over_expm1": lambda u: u / (evaluated(sympy.exp, [u]) - 1),
    **{name: _quotient(f) for f, (name, _, _) in NAMES.items()},
    "direction": lambda norm, side: side / norm,
    "stable": lambda value, same: value,
    "pow": Pow,
    "max": sympy.Max,
    "min": sympy.Min,
    "atan2": sympy.atan2,
    "polygamma": sympy.polygamma,
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "==": sympy.Eq,
    "!=": sympy.Ne,
    "and": sympy.And,
    "or": sympy.Or,
    "not": sympy.Not,
}
