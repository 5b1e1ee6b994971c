"""An objective of vectors and matrices as frozen data: what varies, what is data, and of which sizes they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sympy import Basic, Dummy, Expr, IndexedBase, MatrixSymbol, Q, Sum, Symbol, symbols
from sympy.assumptions import AppliedPredicate
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Indexed

from symopt.arrays.derivative import derivatives
from symopt.arrays.graph import Tensors, Term, same_size
from symopt.arrays.ranges import EVERYTHING, Range, both, range_of_relation
from symopt.arrays.reading import Part, Reader
from symopt.arrays.tidying import Tidier
from symopt.errors import InputError
from symopt.exact.dependence import distinct_parts
from symopt.relation import Relation
from symopt.statement import own_relations, read_relations
from symopt.vocabulary import Scalar

SENSES: Final = ("min", "max")
ENTRY: Final = Symbol("_entry", real=True)
"""Every entry of an array, in what is assumed of it."""


def speaks_of_arrays(objective: Any, variables: Any) -> bool:
    """Whether a problem is one of vectors, matrices or indexed sums."""
    listed = variables if isinstance(variables, Sequence) and not isinstance(variables, str) else (variables,)
    if any(isinstance(variable, (MatrixExpr, IndexedBase)) for variable in listed):
        return True
    return isinstance(objective, MatrixBase) or (
        isinstance(objective, Basic)
        and any(isinstance(part, (MatrixExpr, Scalar, Sum, Indexed)) for part in distinct_parts(objective))
    )


@dataclass(frozen=True)
class ArrayStatement:
    """min or max of a number made of arrays; `data` are the arrays that do not vary, `parameters` the other numbers.

    `sizes` are the symbols of the sizes of axes, as N and M of an N x M matrix; `shapes` gives each variable and each
    array its own, a column having one axis. `constraints` restrict variables that are numbers, `assumptions` the
    parameters, and `ranges` every entry of an array, which is ENTRY in them; `symmetric` matrices are assumed to be so,
    and `definite` ones to be positive definite too.
    """

    objective: Any
    variables: tuple[Any, ...]
    data: tuple[Any, ...]
    parameters: tuple[Symbol, ...]
    sizes: tuple[Symbol, ...]
    shapes: tuple[tuple[Any, tuple[Expr, ...]], ...]
    sense: str = "min"
    constraints: tuple[Relation, ...] = ()
    assumptions: tuple[Relation, ...] = ()
    ranges: tuple[tuple[Any, Relation], ...] = ()
    symmetric: frozenset[Any] = frozenset()
    definite: frozenset[Any] = frozenset()

    def ranges_of(self, array: Any) -> tuple[Relation, ...]:
        """What is known of every entry of an array, from what is assumed and from the symbol itself."""
        own = own_relations(array) if isinstance(array, Symbol) else ()
        given = tuple(relation for leaf, relation in self.ranges if leaf == array)
        return (*(Relation(ENTRY, relation.op) for relation in own), *given)

    @property
    def matrix_assumptions(self) -> tuple[Any, ...]:
        """What is assumed of matrices, as predicates of SymPy's."""
        plain = sorted(self.symmetric - self.definite, key=name_of)
        return (*map(Q.symmetric, plain), *map(Q.positive_definite, sorted(self.definite, key=name_of)))

    @property
    def entry_ranges(self) -> tuple[Relation, ...]:
        """What is assumed of the entries of arrays: x[i] >= 0."""
        letters = symbols("i j k", integer=True)
        shapes = dict(self.shapes)
        return tuple(
            r.at({ENTRY: IndexedBase(leaf)[letters[: len(shapes[leaf])]]}) for leaf, r in self.ranges
        )

    def known_ranges(self) -> dict[Any, Range]:
        """The intervals in which the assumptions confine parameters and the entries of arrays."""
        found: dict[Any, Range] = {}
        pairs = [(s, s, r) for r in self.assumptions for s in r.symbols if len(r.symbols) == 1]
        for leaf, symbol, relation in [*pairs, *((leaf, ENTRY, relation) for leaf, relation in self.ranges)]:
            found[leaf] = both(found.get(leaf, EVERYTHING), range_of_relation(symbol, relation))
        return found

    def shape(self, array: Any) -> tuple[Expr, ...]:
        """The sizes of the axes of a variable or of an array of data."""
        return dict(self.shapes)[leaf_of(array)]

    def at(self, values: Mapping[Symbol, Expr]) -> ArrayStatement:
        """The statement with exact numbers for parameters or sizes."""
        objective = self.objective.subs(dict(values))
        variables = tuple(v if isinstance(v, IndexedBase) else v.subs(dict(values)) for v in self.variables)
        stated = state_arrays(objective, variables, sense=self.sense)
        table = dict(values)
        return replace(
            stated,
            symmetric=self.symmetric,
            definite=self.definite,
            constraints=tuple(r.at(table) for r in self.constraints),
            assumptions=tuple(new for r in self.assumptions if (new := r.at(table)).symbols),
            ranges=tuple((leaf, r.at(table)) for leaf, r in self.ranges),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(map(name_of, self.variables))


@dataclass(frozen=True)
class Derived:
    """A graph with the objective, its gradient and its Hessian blocks, all tidied."""

    graph: Tensors
    reader: Reader
    value: Term
    variables: tuple[Term, ...]
    gradient: tuple[Term, ...]
    hessian: tuple[tuple[Term, ...], ...]


def state_arrays(
    objective: Any,
    variables: Any,
    *,
    parameters: Any = None,
    subject_to: Any = (),
    assuming: Any = (),
    sense: str = "min",
) -> ArrayStatement:
    """Read a problem of arrays; InputError says in one sentence what is not supported.

    >>> from symopt.vocabulary import norm
    >>> X, y, w = MatrixSymbol("X", 5, 2), MatrixSymbol("y", 5, 1), MatrixSymbol("w", 2, 1)
    >>> state_arrays(norm(y - X * w) ** 2, [w]).data
    (X, y)
    """
    if sense not in SENSES:
        raise InputError(f"sense is {sense!r}; it must be 'min' or 'max'")
    if not isinstance(objective, Basic):
        raise InputError(f"the objective is a {type(objective).__name__}; it must be a SymPy expression")
    named = _variables(variables)
    graph, _, value, _ = _read(objective, named)
    shapes = _shapes(graph)
    own = {leaf_of(v) for v in named}
    leaves = graph.leaves(graph.node(value)) | own
    arrays = sorted((x for x in leaves - own if shapes.get(x) and not isinstance(x, MatrixBase)), key=name_of)
    sizes = {s for x in leaves for dim in shapes.get(x, ()) for s in dim.free_symbols}
    numbers = sorted(
        (x for x in leaves - own - sizes if isinstance(x, Symbol) and not shapes.get(x)), key=name_of
    )
    _refuse_clashes([*own, *arrays, *sizes, *numbers])
    if own & sizes:
        raise InputError(f"{min(map(name_of, own & sizes))} is the size of an array and cannot vary")
    if parameters is not None:
        given = parameters if isinstance(parameters, (list, tuple)) else (parameters,)
        allowed = {name_of(entry) for entry in given}
        for symbol in (*numbers, *arrays):
            if name_of(symbol) not in allowed:
                raise InputError(
                    f"{name_of(symbol)} is neither a variable nor a parameter: a typing error, or name it"
                )
    symbols = [x for x in (*named, *numbers, *sizes) if isinstance(x, Symbol)]
    assuming, symmetric, definite = _matrices_assumed(assuming, arrays)
    assumptions, ranges = _assumed(assuming, symbols, {leaf_of(x): x for x in arrays})
    return ArrayStatement(
        objective,
        named,
        tuple(arrays),
        tuple(numbers),
        tuple(sorted(sizes, key=name_of)),
        tuple((x, shapes[x]) for x in (*map(leaf_of, named), *arrays)),
        sense,
        _constraints(subject_to, named, symbols),
        assumptions,
        ranges,
        symmetric,
        definite,
    )


def _matrices_assumed(assuming: Any, arrays: Sequence[Any]) -> tuple[Any, frozenset[Any], frozenset[Any]]:
    """The assumptions that are relations, and the matrices of `Q.symmetric(A)` and of `Q.positive_definite(A)`."""
    given: list[Any] = [assuming] if isinstance(assuming, (str, Basic, bool)) else list(assuming)
    found: dict[Any, set[Any]] = {Q.symmetric: set(), Q.positive_definite: set()}
    for predicate in [entry for entry in given if isinstance(entry, AppliedPredicate)]:
        matrix = predicate.arguments[0]
        if predicate.function not in found:
            raise InputError(f"{predicate} is not known: of a matrix use Q.symmetric or Q.positive_definite")
        if matrix not in arrays or not same_size(*matrix.shape):
            raise InputError(f"{predicate} is about {matrix}, which is no square matrix of the data")
        found[predicate.function].add(matrix)
    rest = [entry for entry in given if not isinstance(entry, AppliedPredicate)]
    definite = frozenset(found[Q.positive_definite])
    return rest, definite | frozenset(found[Q.symmetric]), definite


def _constraints(relations: Any, variables: Sequence[Any], symbols: Sequence[Symbol]) -> tuple[Relation, ...]:
    """Relations in variables that are numbers."""
    read = read_relations(relations, {symbol.name: symbol for symbol in symbols})
    if read and not all(isinstance(variable, Symbol) for variable in variables):
        raise InputError("constraints are not supported where vectors or matrices vary")
    for relation in read:
        if not relation.symbols & set(variables):
            raise InputError(f"{relation} restricts no variable: pass it in assuming")
    return read


def _assumed(
    relations: Any, symbols: Sequence[Symbol], arrays: Mapping[Any, Any]
) -> tuple[tuple[Relation, ...], tuple[tuple[Any, Relation], ...]]:
    """What is assumed of parameters, and of every entry of an array, as in x[i] >= 0."""
    entries: dict[Any, Any] = {}
    typed: dict[Any, Any] = {}
    given: list[Any] = [relations] if isinstance(relations, (str, Basic, bool)) else list(relations)
    for place, relation in enumerate(given):
        found = relation.atoms(Indexed, MatrixElement) if isinstance(relation, Basic) else set()
        leaves = {entry.base.label if isinstance(entry, Indexed) else entry.args[0] for entry in found}
        if len(leaves) > 1:
            raise InputError(f"{relation} restricts two arrays: a range is of every entry of one array")
        if leaves - set(arrays):
            raise InputError(f"{relation} restricts {min(map(str, leaves))}, which is no data of the problem")
        if leaves:
            dummy = Dummy("entry", real=True)
            entries[dummy] = leaves.pop()
            typed[dummy] = min(found, key=str)
            given[place] = relation.xreplace(dict.fromkeys(found, dummy))
    read = read_relations(given, {symbol.name: symbol for symbol in symbols})
    known = set(symbols) | set(entries)
    for relation in read:
        if strange := relation.symbols - known:
            raise InputError(
                f"{min(strange, key=str)} in {relation.at(typed)} is no parameter of the problem; "
                "of an array write a range of its entries, as x[i] >= 0"
            )
    ranges, assumptions = [], []
    for relation in read:
        own = relation.symbols & set(entries)
        if own:
            ranges.append((entries[min(own)], relation.at({min(own): ENTRY})))
        else:
            assumptions.append(relation)
    return tuple(assumptions), tuple(ranges)


def read_arrays(statement: ArrayStatement) -> tuple[Tensors, Reader, Term, tuple[Term, ...]]:
    """The objective and the variables as terms, in a graph of their own."""
    return _read(statement.objective, statement.variables, statement.symmetric)


def derive_arrays(statement: ArrayStatement) -> Derived:
    """The gradient and the Hessian blocks, in a graph of their own."""
    return derive_term(*read_arrays(statement))


def derive_term(graph: Tensors, reader: Reader, value: Term, variables: tuple[Term, ...]) -> Derived:
    """The gradient and the Hessian blocks of a number of a graph."""
    tidier = Tidier(graph)
    gradient = tuple(map(tidier.tidy, derivatives(graph, value, variables)))
    hessian = tuple(tuple(map(tidier.tidy, derivatives(graph, slope, variables))) for slope in gradient)
    return Derived(graph, reader, value, variables, gradient, hessian)


def _read(
    objective: Any, variables: Sequence[Any], symmetric: frozenset[Any] = frozenset()
) -> tuple[Tensors, Reader, Term, tuple[Term, ...]]:
    graph = Tensors(symmetric)
    reader = Reader(graph)
    value = reader.objective(objective)
    return graph, reader, value, tuple(_place(graph, reader, variable) for variable in variables)


def _place(graph: Tensors, reader: Reader, variable: Any) -> Term:
    part: Part
    if isinstance(variable, IndexedBase):
        label = variable.label
        if label not in reader.arrays:
            raise InputError(f"the objective does not hold {variable}, so its size is not known")
        return graph.leaf(label, reader.arrays[label])
    part = reader.matrix(variable) if isinstance(variable, MatrixExpr) else reader.number(variable)
    return part.term


def _shapes(graph: Tensors) -> dict[Any, tuple[Expr, ...]]:
    """The sizes of all leaves of a graph."""
    shapes: dict[Any, tuple[Expr, ...]] = {}
    for node, dims in zip(graph.nodes, graph.dims, strict=True):
        if node[0] == "leaf" and shapes.setdefault(node[1], dims) != dims:
            raise InputError(f"{node[1]} is used as a number and as an array: rename one of them")
    return shapes


def _variables(variables: Any) -> tuple[Any, ...]:
    """The variables, which must be named."""
    if variables is None:
        raise InputError(
            "name the variables: what varies and what is data cannot be told apart in a loss over data"
        )
    listed = variables if isinstance(variables, (list, tuple)) else (variables,)
    found: list[Any] = []
    for entry in listed:
        if isinstance(entry, str):
            raise InputError(
                f"the variable {entry!r} must be given as the MatrixSymbol, Symbol or IndexedBase itself"
            )
        if not isinstance(entry, (MatrixSymbol, Symbol, IndexedBase)):
            raise InputError(f"{entry} is not a variable: use a MatrixSymbol, a Symbol or an IndexedBase")
        if entry in found:
            raise InputError(f"the name {name_of(entry)} is given twice")
        found.append(entry)
    if not found:
        raise InputError("there is no variable: name at least one")
    return tuple(found)


def is_indexed(statement: ArrayStatement) -> bool:
    """Whether the loss is written with numbers and sums over indices alone."""
    numbers = all(isinstance(variable, (Symbol, IndexedBase)) for variable in statement.variables)
    return (
        numbers and isinstance(statement.objective, Expr) and not statement.objective.has(MatrixExpr, Scalar)
    )


def leaf_of(variable: Any) -> Any:
    """What stands for a variable in the graph: of an IndexedBase its label."""
    return variable.label if isinstance(variable, IndexedBase) else variable


def name_of(symbol: Any) -> str:
    """The name of a symbol or an array."""
    return str(symbol.label) if isinstance(symbol, IndexedBase) else str(symbol)


def _refuse_clashes(symbols: Sequence[Any]) -> None:
    known: dict[str, Any] = {}
    for symbol in symbols:
        if known.setdefault(name_of(symbol), symbol) != symbol:
            raise InputError(f"two different symbols are called {name_of(symbol)}: rename one of them")
