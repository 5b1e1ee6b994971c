"""Problems that are easy in blocks: the best value of one block with the others fixed, derived for each block.

A block in which f is linear is an assignment: with one 1 in each row, the 1 belongs where the coefficient is smallest.
A block in which f is quadratic solves linear equations, which fall apart along the axes that the Hessian does not mix.
Alternating them never raises f (Lloyd, IEEE Trans. Inf. Theory 28, 1982, for K-means).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from string import ascii_lowercase
from typing import Any, Final, final

from sympy import Expr, S, Symbol

from symopt.arrays.derivative import derivatives
from symopt.arrays.entries import at_index
from symopt.arrays.graph import Dims, Labelled, Tensors, Term
from symopt.arrays.notation import Notation
from symopt.arrays.splitting import substitute
from symopt.arrays.statement import ArrayStatement, leaf_of, name_of, read_arrays
from symopt.arrays.tidying import Tidier
from symopt.errors import InputError
from symopt.results.result import Result
from symopt.writing.document import Block, Display, Heading, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Arrays, Fixed, Tokens, Words, written
from symopt.writing.notation import Notation as Letters
from symopt.writing.styles import TEXT

ASSIGNMENT, EQUATIONS = "assignment", "equations"
MOST_AXES: Final = 2


@final
@dataclass(frozen=True)
class BlockTerms:
    """One block: `slope` is the derivative by it; of equations `matrix` is G and `right` h, and the best v has G v = h.

    `shared` are the axes of the variable along which the equations fall apart; G has these axes, then the others twice.
    """

    variable: Any
    kind: str
    slope: Term
    shared: tuple[int, ...] = ()
    matrix: Term = (0, 0)
    right: Term = (0, 0)


@final
@dataclass(frozen=True)
class Alternation:
    """A loss with the terms of its blocks, in one graph."""

    statement: ArrayStatement
    graph: Tensors
    value: Term
    variables: tuple[Term, ...]
    blocks: tuple[BlockTerms, ...]


def alternation(statement: ArrayStatement, blocks: Sequence[Any]) -> Alternation:
    """The blocks in the order of the half steps; InputError for one that has no closed form."""
    if statement.constraints:
        raise InputError("half steps are those without constraints: leave out subject_to")
    graph, _, value, variables = read_arrays(statement)
    names = {name_of(variable): place for place, variable in enumerate(statement.variables)}
    wanted = [name_of(block) for block in blocks]
    for name in wanted:
        if name not in names:
            raise InputError(
                f"the block {name} is not a variable of this problem; its variables are {', '.join(names)}"
            )
    if sorted(wanted) != sorted(names):
        raise InputError(f"each variable must be a block, once: {', '.join(names)}")
    slopes = derivatives(graph, value, variables)
    tidier = Tidier(graph)
    found = []
    for name in wanted:
        place = names[name]
        found.append(_block(graph, tidier, statement.variables[place], variables[place], slopes[place]))
    return Alternation(statement, graph, value, variables, tuple(found))


def _block(graph: Tensors, tidier: Tidier, variable: Any, place: Term, slope: Term) -> BlockTerms:
    untidy, slope = slope, tidier.tidy(slope)
    if not _holds(graph, slope, place):
        if len(graph.dims[slope[1]]) != MOST_AXES:
            raise InputError(
                f"f is linear in the block {name_of(variable)}, and has no minimum over it: only a matrix of "
                "assignments, with one 1 in each row, can be such a block"
            )
        # ||x_n - mu_k||^2 multiplied out loses digits where the data lie far from 0.
        return BlockTerms(variable, ASSIGNMENT, slope if _holds(graph, untidy, place) else untidy)
    (bend,) = derivatives(graph, slope, (place,))
    bend = tidier.tidy(bend)
    if _holds(graph, bend, place):
        raise InputError(
            f"f is neither linear nor quadratic in the block {name_of(variable)}: its half step has no closed form"
        )
    shared, matrix = _uncoupled(graph, bend, len(graph.dims[place[1]]))
    zero = graph.zero(graph.dims[place[1]])
    right = graph.scaled(-1, substitute(graph, slope, {place[1]: zero}))
    return BlockTerms(variable, EQUATIONS, slope, shared, matrix, tidier.tidy(right))


def _holds(graph: Tensors, term: Term, place: Term) -> bool:
    return bool(term[0]) and place[1] in graph.reachable([term[1]])


def _uncoupled(graph: Tensors, bend: Term, rank: int) -> tuple[tuple[int, ...], Term]:
    """The axes that the Hessian does not mix, and the Hessian with each of them once."""
    coefficient, place = bend
    node, dims = graph.nodes[place], graph.dims[place]
    pairs = node[1] if node[0] == "sum" else ((place, 1),)
    products = []
    for child, number in pairs:
        inner = graph.nodes[child]
        factors = inner[1] if inner[0] == "product" else ((child, tuple(range(len(dims)))),)
        products.append((number, factors))
    shared = set(range(rank))
    for _, factors in products:
        shared &= {
            min(labels)
            for child, labels in factors
            if graph.nodes[child] == ("delta",) and max(labels) == min(labels) + rank
        }
    kept = tuple(sorted(shared))
    others = [axis for axis in range(rank) if axis not in shared]
    names: dict[Hashable, Hashable] = {axis: index for index, axis in enumerate(kept)}
    names |= {axis + rank: index for index, axis in enumerate(kept)}
    names |= {axis: len(kept) + index for index, axis in enumerate(others)}
    names |= {axis + rank: len(kept) + len(others) + index for index, axis in enumerate(others)}
    left: Dims = tuple(dims[axis] for axis in (*kept, *others, *others))
    terms = []
    for number, factors in products:
        row: list[Labelled] = [
            ((1, child), tuple(names.get(x, ("own", x)) for x in labels))
            for child, labels in factors
            if not (graph.nodes[child] == ("delta",) and min(labels) in shared)
        ]
        terms.append(graph.scaled(number, graph.contract(left, row)))
    return kept, graph.scaled(coefficient, graph.add(left, terms))


@dataclass(frozen=True, repr=False)
class HalfSteps(Result):
    """The best value of each block with the others fixed: `rules` are the formulas, in the order of the half steps.

    >>> from sympy import IndexedBase, Sum, symbols
    >>> from symopt import Problem
    >>> N, M, K = symbols("N M K", integer=True, positive=True)
    >>> n, k, j = symbols("n k j", integer=True)
    >>> r, x, mu = IndexedBase("r"), IndexedBase("x"), IndexedBase("mu")
    >>> spread = Sum((x[n, j] - mu[k, j])**2, (j, 1, M))
    >>> print(Problem(Sum(r[n, k] * spread, (n, 1, N), (k, 1, K)), [r, mu]).half_steps([r, mu]))
    r_nk = 1 for the k with the least ||x_n - mu_k||^2, else 0
    mu_k = x^T r_k/(1^T r_k)
    """

    statement: ArrayStatement
    order: tuple[Any, ...]
    rules: tuple[Tokens, ...]
    reasons: tuple[tuple[Block, ...], ...]

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return frozenset(self.statement.parameters)

    def replaced(self, values: dict[Symbol, Expr]) -> HalfSteps:
        return half_steps(self.statement.at(values), self.order)

    at = Result.substituted

    @property
    def notation(self) -> Letters:
        return Letters(self.statement.variables)

    def table(self) -> Table:
        header: tuple[Pieces, ...] = (("half step",),)
        return Table(header, tuple(((Math(rule),),) for rule in self.rules))

    def blocks(self) -> tuple[Block, ...]:
        return tuple(Paragraph((Math(rule),)) for rule in self.rules)

    def proof(self, detail: str, notation: Letters) -> tuple[Block, ...]:
        """Each half step with its reason, and why f never rises."""
        return (
            *(block for reason in self.reasons for block in reason),
            Heading("Taking turns"),
            Paragraph(
                (
                    "Each half step gives one block its best value while the others keep theirs, so the value of f never "
                    "rises. Where no half step changes anything, each block is the best for the others; another start "
                    "may still end lower.",
                )
            ),
        )

    def to_dict(self) -> dict[str, object]:
        return {"half_steps": [written(rule, TEXT, self.notation) for rule in self.rules]}


def half_steps(statement: ArrayStatement, blocks: Sequence[Any]) -> HalfSteps:
    """The half steps with their derivations."""
    found = alternation(statement, blocks)
    told = [_told(found, block) for block in found.blocks]
    order = tuple(block.variable for block in found.blocks)
    return HalfSteps(statement, order, tuple(rule for rule, _ in told), tuple(reason for _, reason in told))


def _told(found: Alternation, block: BlockTerms) -> tuple[Tokens, tuple[Block, ...]]:
    return (_assignment if block.kind == ASSIGNMENT else _equations)(found, block)


def _assignment(found: Alternation, block: BlockTerms) -> tuple[Tokens, tuple[Block, ...]]:
    graph, statement, name = found.graph, found.statement, name_of(block.variable)
    i, k = _letters(statement, block.variable)
    place = found.variables[statement.variables.index(block.variable)]
    (untidy,) = derivatives(graph, found.value, (place,))
    entry = _at(graph, untidy, (0, 1), (i, k))
    distance: Tokens = (Fixed(f"d_{i}{k}", f"d_{{{i}{k}}}"),)
    value = Arrays(Notation(graph).term(block.slope) if entry is None else entry)
    one = Fixed(f"{name}_{i}{k} = 1", f"{_latex(block.variable)}_{{{i}{k}}} = 1")
    least: Tokens = distance if entry is None else (value,)
    rule: Tokens = (one, Words(f"for the {k} with the least"), *least, ",", Words("else 0"))
    f, variable = _fixed("f"), Math((Arrays(leaf_of(block.variable)),))
    linear: Pieces = (
        *(f, " is linear in ", variable, ": its derivative by the entry in row ", _fixed(i), " and column "),
        *(_fixed(k), " does not hold ", variable, ", and is"),
    )
    least_of: Pieces = (
        *(
            "Each row of ",
            variable,
            " holds one 1 and else 0. So a row adds one of its ",
            Math(distance),
            " to ",
            f,
        ),
        *(", the least of them when the 1 stands there. Of several least ones the 1 stays where it is, ",),
        "or takes the first.",
    )
    return rule, (
        Heading(f"The half step for {name}"),
        Paragraph(linear),
        Display(((*distance, "==", value),)),
        Paragraph(least_of),
    )


def _equations(found: Alternation, block: BlockTerms) -> tuple[Tokens, tuple[Block, ...]]:
    graph, statement, name = found.graph, found.statement, name_of(block.variable)
    place = found.variables[statement.variables.index(block.variable)]
    scale = Fraction(1) / abs(Fraction(block.matrix[0]))
    matrix, right = graph.scaled(scale, block.matrix), graph.scaled(scale, block.right)
    rank = len(graph.dims[place[1]])
    letters = _letters(statement, block.variable)
    along = [index for index in range(len(block.shared)) if _depends(graph, matrix, index)]
    every = tuple(range(len(block.shared)))
    factor = _at(graph, matrix, every, tuple(letters[axis] for axis in block.shared))
    # Along an axis on which the factor does not depend, the equations are written together.
    together = len(block.shared) == rank or not along
    axes = tuple(block.shared[index] for index in (along if together else every))
    at = tuple(letters[axis] for axis in axes)
    unknown, value = (_at(graph, term, axes, at) for term in (place, right))
    if factor is None or unknown is None or value is None:
        rule: Tokens = (Arrays(Notation(graph).term(block.slope)), "==", Fixed("0", "0"))
    elif len(block.shared) == rank:
        rule = (Arrays(unknown), "==", Arrays(value / factor))
    else:
        rule = (Arrays(unknown * factor if together and block.shared == (0,) else factor * unknown), "==")
        rule = (*rule, Arrays(value))
    f, variable = _fixed("f"), Math((Arrays(leaf_of(block.variable)),))
    slope: Tokens = (
        Fixed(f"∂f/∂{name}", rf"\frac{{\partial f}}{{\partial {_latex(block.variable)}}}"),
        "==",
        Arrays(Notation(graph).term(block.slope)),
    )
    quadratic: Pieces = (
        *(
            f,
            " is quadratic in ",
            variable,
            ", as its second derivative by ",
            variable,
            " does not hold ",
            variable,
        ),
        ". Its gradient is",
    )
    indices: Pieces = ()
    if at:
        taken = Math((Arrays(unknown),))
        part: Pieces = (taken, " is the part of ", variable, " at ", _fixed(", ".join(at)))
        indices = ("Here ", *part, ", in a column, and so with the others. ")
    return rule, (
        Heading(f"The half step for {name}"),
        Paragraph(quadratic),
        Display((slope,)),
        Paragraph(("It vanishes where",)),
        Display((rule,)),
        Paragraph((*indices, *_uniqueness(factor, len(block.shared) == rank))),
    )


def _uniqueness(factor: Any, is_number: bool) -> Pieces:
    """When the solution is the only minimum, and what is taken otherwise."""
    if factor is None:
        return ("Where the matrix of these equations is positive definite, this is the only minimum.",)
    before = Math((Arrays(factor),))
    if not is_number:
        nearest = "the solution nearest to the value before is taken."
        return (
            "Where ",
            before,
            " is positive definite this is the only minimum; where it is singular, ",
            nearest,
        )
    if factor.is_positive:
        return ("This is the only minimum.",)
    kept = "the value before is kept, so that a cluster without rows keeps its centre."
    positive = Math((Arrays(factor), ">", S.Zero))
    return ("Where ", positive, " this is the only minimum; where it is 0, ", kept)


def _depends(graph: Tensors, term: Term, axis: int) -> bool:
    """Whether the entries along an axis may differ."""
    node, dims = graph.nodes[term[1]], graph.dims[term[1]]
    if node[0] == "sum":
        return any(_depends(graph, (1, child), axis) for child, _ in node[1])
    if node[0] == "product":
        return any(axis in labels for _, labels in node[1])
    return axis < len(dims)


def _at(graph: Tensors, term: Term, axes: Sequence[int], letters: Sequence[str]) -> Any:
    """The term at an index along each of the axes, in the notation of matrices; None where it has no such form."""
    try:
        for gone, (axis, letter) in enumerate(sorted(zip(axes, letters, strict=True))):
            term = graph.scaled(term[0], at_index(graph, term[1], axis - gone, letter))
        return Notation(graph).term(Tidier(graph).tidy(term))
    except InputError:
        return None


def _letters(statement: ArrayStatement, variable: Any) -> tuple[str, ...]:
    """A letter for each axis: that of its size in small, where it is free."""
    taken = {name_of(x) for x in (*statement.variables, *statement.data, *statement.parameters)}
    found: list[str] = []
    for size in statement.shape(variable):
        own = str(size).lower()
        free = [x for x in (own, "i", "k", *ascii_lowercase) if len(x) == 1 and x.isalpha()]
        found.append(next(x for x in free if x not in taken and x not in found))
    return tuple(found)


def _fixed(letter: str) -> Math:
    return Math((Fixed(letter, letter),))


def _latex(variable: Any) -> str:
    return Letters().latex(leaf_of(variable))
