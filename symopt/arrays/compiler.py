"""The door from tensors to numbers: a loss with data as functions of floats, on matrix products.

A point is a vector of all variables in order, each flattened row by row as NumPy's ravel() does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from typing import Any, Final, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Rational
from sympy.matrices import MatrixBase

from symopt.arrays.emitter import Emitter, words
from symopt.arrays.graph import Dims, Tensors, Term
from symopt.arrays.statement import ArrayStatement, Derived, derive_arrays, leaf_of, name_of
from symopt.calculus.compiler_functions import GUARDED_ROW_FUNCTIONS
from symopt.errors import InputError
from symopt.relation import Relation
from symopt.results.condition import truth_of
from symopt.statement import own_relations

Array: TypeAlias = NDArray[np.float64]
HESSIAN_ALONE: Final = 3
FEW_DIFFERENCES: Final = 20_000
CANCELLED: Final = 1e-3
"""A difference this small beside what it is taken of has lost three digits."""


@final
class ArrayProgram:
    """Generated source for a statement: a prelude of data and, for each order of derivative, a function of a point.

    One program serves any data of fitting shapes, such as all rows or the rows of a mini-batch.
    """

    def __init__(self, statement: ArrayStatement, derived: Derived | None = None) -> None:
        self.statement = statement
        self.derived = derive_arrays(statement) if derived is None else derived

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what is given beside the point: data, parameters and sizes."""
        statement = self.statement
        return tuple(map(name_of, (*statement.data, *statement.parameters, *statement.sizes)))

    def in_graph(self, graph: Tensors) -> ArrayProgram:
        """The program of the same statement for terms of another graph that was read from it."""
        return ArrayProgram(self.statement, replace(self.derived, graph=graph))

    def source(self, order: int) -> str:
        """The source of `prelude` and `results`: f, then the gradient's parts, then the lower blocks of the Hessian.

        Order 0 is f alone, 1 adds the gradient, 2 both; `HESSIAN_ALONE` is f with the Hessian.
        """
        return self._emitted(self._terms(order))[0]

    @cached_property
    def _functions(self) -> dict[int, tuple[Callable[..., Any], Callable[..., Any]]]:
        return {}

    def functions(self, order: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """`prelude(**inputs)` and `results(parts, constants)` for derivatives up to an order."""
        if order not in self._functions:
            self._functions[order] = self.functions_of(self._terms(order))
        return self._functions[order]

    def functions_of(self, terms: Sequence[Term]) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The same for any terms of the graph: `results` gives them in order, each maybe constant along an axis."""
        source, matrices = self._emitted(terms)
        namespace = {**NAMES, **matrices}
        # The source is made from our own graph, never from a user's text.
        exec(compile(source, "<symopt>", "exec"), namespace)
        return namespace["prelude"], namespace["results"]

    def _terms(self, order: int) -> list[Term]:
        derived = self.derived
        first = [derived.value, *(derived.gradient if order in (1, 2) else ())]
        return [*first, *(self.lower_blocks if order >= 2 else ())]

    def _emitted(self, terms: Sequence[Term]) -> tuple[str, dict[str, Any]]:
        derived, statement = self.derived, self.statement
        places = {leaf_of(v): f"v{k}" for k, v in enumerate(statement.variables)}
        given = {
            leaf_of(x): f"d{k}"
            for k, x in enumerate((*statement.data, *statement.parameters, *statement.sizes))
        }
        matrices: dict[str, Any] = {}
        names: dict[Any, str] = {**given, **places}
        for node in derived.graph.nodes:
            if node[0] == "leaf" and isinstance(node[1], MatrixBase):
                names[node[1]] = f"m{len(matrices)}"
                matrices[names[node[1]]] = _as_floats(node[1])
        emitter = Emitter(derived.graph, names, frozenset(places.values()))
        results = [emitter.term(term) for term in terms]
        body = _needed(emitter.body, _used(results))
        used = _used([*body, *results])
        prelude = _needed(emitter.prelude, used)
        inner = sorted(_assigned(prelude) & used)
        outer = sorted(set(given.values()) & used)
        kept = ", ".join([*outer, *inner])
        lines = [f"def prelude({', '.join(given.values())}):"]
        lines += [f"    {line}" for line in prelude]
        lines += [f"    return ({kept}{',' * bool(kept)})", ""]
        lines += ["def results(parts, constants):", f"    ({', '.join(places.values())},) = parts"]
        lines += [f"    ({kept},) = constants"] if kept else []
        lines += [f"    {line}" for line in body]
        lines += [f"    return ({', '.join(results)},)"]
        return "\n".join(lines) + "\n", matrices

    @property
    def lower_blocks(self) -> list[Term]:
        """The Hessian's blocks (i, j) with j <= i, row by row."""
        return [row[j] for i, row in enumerate(self.derived.hessian) for j in range(i + 1)]


@final
@dataclass(frozen=True, repr=False, eq=False)
class CompiledArrays:
    """f with its gradient and Hessian at points of shape (n,) and batches of shape (m, n), as `Compiled` has them.

    `shapes` are those of the variables, `variables` the names of the n entries of a point, in order.
    """

    program: ArrayProgram
    shapes: tuple[tuple[int, ...], ...]
    inputs: tuple[Any, ...]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the entries of a point: `w[0]`, `w[1]`, `b`."""
        names = []
        for name, shape in zip(self.program.statement.names, self.shapes, strict=True):
            places = product(*(range(size) for size in shape))
            names += [name + (f"[{','.join(map(str, place))}]" if shape else "") for place in places]
        return tuple(names)

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """Where each variable begins and ends in a point."""
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes)]).tolist()
        return list(pairwise(ends))

    @cached_property
    def size(self) -> int:
        """The number of entries of a point."""
        return int(self.bounds[-1][1])

    @cached_property
    def _ready(self) -> dict[int, tuple[Callable[..., Any], Any]]:
        return {}

    def _function(self, order: int) -> tuple[Callable[..., Any], Any]:
        if order not in self._ready:
            prelude, results = self.program.functions(order)
            with np.errstate(all="ignore"):
                self._ready[order] = results, prelude(*self.inputs)
        return self._ready[order]

    def __repr__(self) -> str:
        return f"<compiled f of {self.size} numbers: {', '.join(self.program.statement.names)}>"

    def __call__(self, x: ArrayLike) -> Array:
        """f(x)."""
        return self._evaluated(x, 0)[0]

    def gradient(self, x: ArrayLike) -> Array:
        """grad f(x)."""
        return self._evaluated(x, 1)[1]

    def hessian(self, x: ArrayLike) -> Array:
        """The Hessian of f at x."""
        return self._evaluated(x, HESSIAN_ALONE)[1]

    def value_and_gradient(self, x: ArrayLike) -> tuple[Array, Array]:
        """(f(x), grad f(x)), evaluated jointly."""
        value, gradient = self._evaluated(x, 1)
        return value, gradient

    def all(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        """(f(x), grad f(x), Hessian at x), evaluated jointly."""
        value, gradient, hessian = self._evaluated(x, 2)
        return value, gradient, hessian

    def split(self, x: ArrayLike) -> dict[str, Array]:
        """The variables that a point consists of, each in its shape."""
        point = np.asarray(x, dtype=float)
        return dict(zip(self.program.statement.names, self.parts(point), strict=True))

    def join(self, values: Mapping[Any, ArrayLike]) -> Array:
        """The point made of the variables; InputError for a name or a shape that does not fit."""
        given = {name_of(key): value for key, value in values.items()}
        parts = []
        for name, shape in zip(self.program.statement.names, self.shapes, strict=True):
            if name not in given:
                raise InputError(f"the variable {name} has no value")
            part = np.asarray(given.pop(name), dtype=float)
            if part.size != np.prod(shape) or (part.ndim > 1 and part.shape != shape and 1 not in part.shape):
                raise InputError(f"{name} has shape {shape}, and the array given has shape {part.shape}")
            parts.append(part.ravel())
        if given:
            raise InputError(f"{next(iter(given))} is not a variable of this problem")
        return np.concatenate(parts)

    def parts(self, point: Array) -> list[Any]:
        """The variables of a point, each in its shape."""
        return [
            point[start:stop].reshape(shape) if shape else point[start]
            for (start, stop), shape in zip(self.bounds, self.shapes, strict=True)
        ]

    def _evaluated(self, x: ArrayLike, order: int) -> list[Array]:
        """f and its derivatives up to an order, at a point or at each point of a batch."""
        try:
            points = np.asarray(x, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"{x!r} is not a point or a batch of points") from None
        size = self.size
        if points.ndim not in (1, 2) or points.shape[-1] != size:
            raise InputError(
                f"a point has shape ({size},), a batch (m, {size}); this has shape {points.shape}"
            )
        if points.ndim == 1:
            return self._at(points, order)
        rows = [self._at(point, order) for point in points]
        slope, bend = (size,), (size, size)
        kinds: dict[int, tuple[tuple[int, ...], ...]] = {
            1: ((), slope),
            2: ((), slope, bend),
            HESSIAN_ALONE: ((), bend),
        }
        shapes = kinds.get(order, ((),))
        return [
            np.array([row[k] for row in rows]).reshape(len(rows), *shape) for k, shape in enumerate(shapes)
        ]

    def _at(self, point: Array, order: int) -> list[Array]:
        results, constants = self._function(order)
        with np.errstate(all="ignore"):
            value, *rest = results(self.parts(point), constants)
        answer = [np.asarray(value, dtype=float)]
        if order in (1, 2):
            answer.append(self.joined(rest[: len(self.shapes)]))
            rest = rest[len(self.shapes) :]
        if order >= 2:
            answer.append(self.squared(rest))
        if value != value:
            answer[1:] = [np.full_like(part, np.nan) for part in answer[1:]]
        return answer

    def joined(self, parts: Sequence[Any]) -> Array:
        """The gradient from its parts, each of which may be constant along an axis."""
        gradient = np.empty(self.size)
        for (start, stop), part, shape in zip(self.bounds, parts, self.shapes, strict=True):
            gradient[start:stop].reshape(shape)[...] = part
        return gradient

    def squared(self, blocks: Sequence[Any]) -> Array:
        """The Hessian from the blocks on and below its diagonal."""
        if len(blocks) == 1 and np.shape(blocks[0]) == (self.size, self.size):
            return np.array(blocks[0])
        hessian = np.empty((self.size, self.size))
        left = iter(blocks)
        for i, (start, stop) in enumerate(self.bounds):
            for j, (first, last) in enumerate(self.bounds[: i + 1]):
                full = np.empty((*self.shapes[i], *self.shapes[j]))
                full[...] = next(left)
                block = full.reshape(stop - start, last - first)
                hessian[start:stop, first:last] = block
                if i != j:
                    hessian[first:last, start:stop] = block.T
        return hessian


def compile_arrays(program: ArrayProgram, values: Mapping[str, Any]) -> CompiledArrays:
    """The loss with values for its data, parameters and those sizes that no array shows.

    InputError names what is missing, and an array whose shape does not fit.
    """
    statement = program.statement
    known = {name_of(x): x for x in (*statement.data, *statement.parameters, *statement.sizes)}
    strange = [name for name in values if name not in known]
    if strange:
        raise InputError(f"{strange[0]} is neither data nor a parameter of this problem")
    sizes: dict[str, int] = {
        name: whole_size(name, values[name]) for name in map(name_of, statement.sizes) if name in values
    }
    arrays = {}
    for entry in statement.data:
        name = name_of(entry)
        if name not in values:
            raise InputError(f"the array {name} has no data: pass it to with_data")
        arrays[name] = fitted(name, as_data(name, values[name]), statement.shape(entry), sizes)
    numbers = {}
    for symbol in statement.parameters:
        if symbol.name not in values:
            raise InputError(
                f"{symbol.name} has no value: use .at({symbol.name}=...) or pass it to with_data"
            )
        numbers[symbol.name] = _number(symbol.name, values[symbol.name])
    missing = [name for name in map(name_of, statement.sizes) if name not in sizes]
    if missing:
        raise InputError(f"the size {missing[0]} is not shown by the data: pass it to with_data")
    refuse_contradictions(statement, {**numbers, **sizes})
    shapes = tuple(
        tuple(length_of(dim, sizes) for dim in statement.shape(leaf_of(v))) for v in statement.variables
    )
    if not sum(int(np.prod(shape)) for shape in shapes):
        raise InputError("the variables have no entries: a size is 0")
    inputs = tuple(
        {**arrays, **numbers, **{k: float(v) for k, v in sizes.items()}}[name] for name in program.inputs
    )
    return CompiledArrays(program, shapes, inputs)


def refuse_contradictions(statement: ArrayStatement, values: Mapping[str, float]) -> None:
    """InputError where values for parameters and sizes contradict what is assumed of their symbols."""
    table = {
        symbol: Rational(repr(values[symbol.name]))
        for symbol in (*statement.parameters, *statement.sizes)
        if symbol.name in values
    }
    own = [Relation(s, r.op) for s in table for r in own_relations(s)]
    for relation in (*own, *statement.assumptions):
        left = relation.at(table)
        if not left.symbols and truth_of(left) is False:
            given = ", ".join(f"{s} = {values[s.name]:g}" for s in sorted(relation.symbols, key=str))
            raise InputError(f"{given} contradicts the assumption {relation}")


def fitted(name: str, value: Any, dims: Dims, sizes: dict[str, int]) -> Array:
    """The array of data with as many axes as it has in the loss; a new size is learnt from it."""
    array = value if isinstance(value, np.ndarray) else as_data(name, value)
    while array.ndim > len(dims) and 1 in array.shape:
        array = array.squeeze(array.shape.index(1) if array.ndim == 2 else 0)
    if array.ndim != len(dims):
        raise InputError(
            f"{name} has {len(dims)} axes in the loss, and the array given has shape {array.shape}"
        )
    for length, dim in zip(array.shape, dims, strict=True):
        if dim.is_Symbol and dim.name not in sizes:
            sizes[dim.name] = length
        elif length_of(dim, sizes) != length:
            wanted = " x ".join(str(d) for d in dims)
            found = ", ".join(f"{d} = {sizes[str(d)]}" for d in dims if str(d) in sizes)
            raise InputError(
                f"{name} is {wanted}{f' with {found}' if found else ''}, and the array given has shape {array.shape}"
            )
    return array


def as_given(name: str, value: Any) -> Any:
    """The data with rational numbers kept as they are, and all else as an array of floats."""
    if not isinstance(value, (str, bytes, Iterator)) and value is not None:
        try:
            array = np.asarray(value)
        except (TypeError, ValueError):  # rows of different lengths
            return as_data(name, value)
        if array.dtype == object and all(isinstance(entry, (Rational, Fraction)) for entry in array.flat):
            return array
    return as_data(name, value)


def as_data(name: str, value: Any) -> Array:
    """An array of floats from an array, a list, a pandas column or frame, or an iterator over chunks of rows."""
    if isinstance(value, (str, bytes)) or value is None:
        raise InputError(f"the data for {name} must be an array of numbers")
    chunks = list(value) if isinstance(value, Iterator) else None
    if chunks == []:
        raise InputError(f"the iterator for {name} gives no rows")
    try:
        if chunks is not None:
            array = np.concatenate([np.atleast_1d(_floats(chunk)) for chunk in chunks])
        else:
            array = _floats(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"the data for {name} must be an array of numbers") from None
    missing = array.size - np.count_nonzero(np.isfinite(array))
    if missing:
        raise InputError(
            f"{name} has {missing} missing or infinite entries: leave their rows out, or fill them in"
            if array.ndim
            else f"the value of {name} must be a finite number"
        )
    return array


def _floats(value: Any) -> Array:
    """An array of floats; TypeError for complex numbers and dates, and nan for what a mask hides."""
    if np.ma.is_masked(value):
        value = value.astype(float).filled(np.nan)
    if np.asarray(value).dtype.kind in "cmM":
        raise TypeError
    return np.asarray(value, dtype=float, order="C")


def length_of(dim: Expr, sizes: Mapping[str, int]) -> int:
    """The length of an axis by the values of the sizes; InputError for one that is not known."""
    value = dim.subs({symbol: sizes[symbol.name] for symbol in dim.free_symbols if symbol.name in sizes})
    if not value.is_Integer:
        raise InputError(f"the size {dim} is not shown by the data: pass it to with_data")
    return int(value)


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"the value of {name} must be a number") from None


def whole_size(name: str, value: Any) -> int:
    """The size of an axis that was given as a number."""
    number = _number(name, value)
    if not number.is_integer() or number < 0:
        raise InputError(f"the size {name} must be a whole number")
    return int(number)


def _as_floats(matrix: MatrixBase) -> Array:
    array = np.array(matrix.tolist(), dtype=float)
    return array.ravel() if 1 in array.shape else array


def _assigned(lines: Sequence[str]) -> set[str]:
    return {line.split(" = ", 1)[0] for line in lines}


def _needed(lines: Sequence[str], names: set[str]) -> list[str]:
    """The assignments that names rest on, in their order."""
    names, kept = set(names), []
    for line in reversed(lines):
        name, value = line.split(" = ", 1)
        if name in names:
            names |= set(words(value))
            kept.append(line)
    return kept[::-1]


def _used(lines: Sequence[str]) -> set[str]:
    return {word for line in lines for word in words(line)}


def _log_sum_exp(u: Array, keep: int) -> Array:
    flat = u.reshape(*u.shape[:keep], -1)
    peak = flat.max(axis=-1, keepdims=True)
    total: Array = peak[..., 0] + np.log(np.exp(flat - peak).sum(axis=-1))
    return total


def squared_distances(left: Array, right: Array, along: int) -> Array:
    """The sum of (left - right)^2 along one of three axes, along each other of which one of them is constant.

    ||p - q||^2 = ||p||^2 + ||q||^2 - 2 p . q about the mean of the q is a product of matrices; where it loses digits,
    the difference is taken first.
    """
    first, second = np.moveaxis(left, along, 2), np.moveaxis(right, along, 2)
    if first.size * second.size <= FEW_DIFFERENCES * first.shape[2]:
        few: Array = ((first - second) ** 2).sum(axis=2)
        return few
    flipped = first.shape[0] == 1
    p, q = (second[:, 0], first[0]) if flipped else (first[:, 0], second[0])
    centre = q.mean(axis=0)
    a, b = p - centre, q - centre
    scale = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b)
    distances = np.subtract(scale, 2.0 * (a @ b.T))
    rows, columns = np.nonzero(~(distances > CANCELLED * scale))
    for start in range(0, len(rows), FEW_DIFFERENCES):
        some, others = rows[start : start + FEW_DIFFERENCES], columns[start : start + FEW_DIFFERENCES]
        difference = p[some] - q[others]
        distances[some, others] = np.einsum("ij,ij->i", difference, difference)
    return distances.T if flipped else distances


def _log_det(array: Array) -> Any:
    sign, logarithm = np.linalg.slogdet(array)
    return logarithm if sign > 0 else np.nan


def _inverse(array: Array) -> Array:
    try:
        inverse: Array = np.asarray(np.linalg.inv(array), dtype=float)
        return inverse
    except np.linalg.LinAlgError:
        return np.full_like(array, np.nan)


NAMES: dict[str, Any] = {
    **GUARDED_ROW_FUNCTIONS,
    **{
        name: getattr(np, name)
        for name in ("broadcast_to", "diagonal", "einsum", "eye", "ones", "maximum", "minimum")
    },
    **{
        name: getattr(np, name)
        for name in ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_not")
    },
    "abs": np.abs,
    "log1p": np.log1p,
    "where": np.where,
    "log_sum_exp": _log_sum_exp,
    "squared_distances": squared_distances,
    "log_det": _log_det,
    "det": np.linalg.det,
    "inverse": _inverse,
    "int": int,
}
