"""An objective of vectors and matrices as frozen data: what varies, what is data, and of which sizes they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sympy import Basic, Expr, IndexedBase, MatrixSymbol, Sum, Symbol
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixExpr
from sympy.tensor.indexed import Indexed

from symopt.arrays.derivative import derivatives
from symopt.arrays.graph import Tensors, Term
from symopt.arrays.reading import Part, Reader
from symopt.arrays.tidying import Tidier
from symopt.errors import InputError
from symopt.vocabulary import Scalar

SENSES: Final = ("min", "max")


def speaks_of_arrays(objective: Any, variables: Any) -> bool:
    """Whether a problem is one of vectors, matrices or indexed sums."""
    listed = variables if isinstance(variables, Sequence) and not isinstance(variables, str) else (variables,)
    if any(isinstance(variable, (MatrixExpr, IndexedBase)) for variable in listed):
        return True
    return isinstance(objective, MatrixBase) or (
        isinstance(objective, Basic) and objective.has(MatrixExpr, Scalar, Sum, Indexed)
    )


@dataclass(frozen=True)
class ArrayStatement:
    """min or max of a number made of arrays; `data` are the arrays that do not vary, `parameters` the other numbers.

    `sizes` are the symbols of the sizes of axes, as N and M of an N x M matrix; `shapes` gives each variable and each
    array its own, a column having one axis.
    """

    objective: Any
    variables: tuple[Any, ...]
    data: tuple[Any, ...]
    parameters: tuple[Symbol, ...]
    sizes: tuple[Symbol, ...]
    shapes: tuple[tuple[Any, tuple[Expr, ...]], ...]
    sense: str = "min"

    def shape(self, array: Any) -> tuple[Expr, ...]:
        """The sizes of the axes of a variable or of an array of data."""
        return dict(self.shapes)[leaf_of(array)]

    def at(self, values: Mapping[Symbol, Expr]) -> ArrayStatement:
        """The statement with exact numbers for parameters or sizes."""
        objective = self.objective.subs(dict(values))
        variables = tuple(v if isinstance(v, IndexedBase) else v.subs(dict(values)) for v in self.variables)
        return state_arrays(objective, variables, sense=self.sense)

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
    if tuple(subject_to) or tuple(assuming):
        raise InputError("constraints and assumptions are not supported for vectors and matrices")
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
    return ArrayStatement(
        objective,
        named,
        tuple(arrays),
        tuple(numbers),
        tuple(sorted(sizes, key=name_of)),
        tuple((x, shapes[x]) for x in (*map(leaf_of, named), *arrays)),
        sense,
    )


def read_arrays(statement: ArrayStatement) -> tuple[Tensors, Reader, Term, tuple[Term, ...]]:
    """The objective and the variables as terms, in a graph of their own."""
    return _read(statement.objective, statement.variables)


def derive_arrays(statement: ArrayStatement) -> Derived:
    """The gradient and the Hessian blocks, in a graph of their own."""
    return derive_term(*read_arrays(statement))


def derive_term(graph: Tensors, reader: Reader, value: Term, variables: tuple[Term, ...]) -> Derived:
    """The gradient and the Hessian blocks of a number of a graph."""
    tidier = Tidier(graph)
    gradient = tuple(map(tidier.tidy, derivatives(graph, value, variables)))
    hessian = tuple(tuple(map(tidier.tidy, derivatives(graph, slope, variables))) for slope in gradient)
    return Derived(graph, reader, value, variables, gradient, hessian)


def _read(objective: Any, variables: Sequence[Any]) -> tuple[Tensors, Reader, Term, tuple[Term, ...]]:
    graph = Tensors()
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
