"""SymPy's matrices, `symopt.vocabulary` and indexed sums, read into the graph of tensors.

Every part is read as a term with labelled axes: an index of a sum, or ROW and COLUMN of a matrix. Whatever is not
known is refused by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

import sympy
from sympy import Expr, IndexedBase, MatrixSymbol, Sum, Symbol
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import (
    Determinant,
    DotProduct,
    HadamardPower,
    HadamardProduct,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixExpr,
    MatrixSlice,
    OneMatrix,
    Trace,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Indexed

from symopt.arrays.functions import apply, combine, constant, is_combined, log_sum_exp, shown, softmax
from symopt.arrays.graph import Tensors, Term, same_size
from symopt.errors import InputError
from symopt.results.result import exact_value
from symopt.vocabulary import Elementwise, LogDet, LogSumExp, LogSumExpAlong, Norm, Softmax, Total

ROW, COLUMN = "row", "column"
LARGEST_POWER: Final = 64
Size = tuple[Expr, Expr]


@dataclass(frozen=True)
class Part:
    """A term with a label for each of its axes."""

    term: Term
    labels: tuple[Hashable, ...] = ()


@final
class Reader:
    """Reads expressions into one graph; `ranges` are the indices that are being summed over.

    `arrays` gives the sizes of the `IndexedBase` arrays, which are found from the ranges of their indices.
    """

    def __init__(self, graph: Tensors) -> None:
        self.graph = graph
        self.arrays: dict[Any, tuple[Expr, ...]] = {}
        self.starts: dict[Any, tuple[Expr, ...]] = {}
        self.indices: dict[Symbol, tuple[Expr, Expr]] = {}  # all that were met: first value and size
        self._ranges: dict[Symbol, tuple[Expr, Expr]] = {}  # those of the sums around
        self._matrices: dict[Any, Part] = {}

    def objective(self, expression: Any) -> Term:
        """The term of a number; a 1 x 1 matrix is one."""
        part = self.number(expression)
        return part.term

    def number(self, expression: Any) -> Part:
        """An expression of numbers, whose axes are indices."""
        if isinstance(expression, (MatrixExpr, MatrixBase)):
            if tuple(expression.shape) != (1, 1):
                raise InputError(
                    f"{shown(expression)} is {_size(expression)} and not a number: take its norm or its total"
                )
            return self.matrix(expression)
        reader = _NUMBERS.get(type(expression))
        if reader is not None:
            return reader(self, expression)
        if not expression.args or isinstance(expression, Symbol):
            return self._leaf(expression)
        if isinstance(expression, sympy.core.function.AppliedUndef):
            raise InputError(f"{shown(expression)} is an unknown function; symopt needs a formula")
        if not is_combined(expression):
            name = type(expression).__name__
            raise InputError(f"{name} is not supported in losses over data: {shown(expression)}")
        return self.combined(expression, [self.number(argument) for argument in expression.args])

    def combined(self, expression: Any, parts: Sequence[Part]) -> Part:
        """A function of numbers, each of which may have its own indices."""
        labels, dims = self._joined(parts)
        spread = [self._spread(part, labels, dims) for part in parts]
        return Part(combine(self.graph, expression, spread, dims), labels)

    def product(self, parts: Sequence[Part]) -> Part:
        labels, dims = self._joined(parts)
        names = {label: place for place, label in enumerate(labels)}
        factors = [(part.term, [names[label] for label in part.labels]) for part in parts]
        return Part(self.graph.contract(dims, factors), labels)

    def _joined(self, parts: Iterable[Part]) -> tuple[tuple[Hashable, ...], tuple[Expr, ...]]:
        """The labels of all parts, in one order, with their sizes."""
        sizes: dict[Hashable, Expr] = {}
        for part in parts:
            for label, dim in zip(part.labels, self.graph.dims[part.term[1]], strict=True):
                sizes.setdefault(label, dim)
        labels = tuple(sorted(sizes, key=_place))
        return labels, tuple(sizes[label] for label in labels)

    def _spread(self, part: Part, labels: Sequence[Hashable], dims: tuple[Expr, ...]) -> Term:
        if part.labels == tuple(labels):
            return part.term
        return self.graph.broadcast(dims, part.term, [labels.index(label) for label in part.labels])

    def contracted(self, parts: Sequence[Part], keep: Sequence[Hashable]) -> Part:
        """The product of the parts, summed over all labels but `keep`."""
        labels, dims = self._joined(parts)
        kept = tuple(label for label in labels if label in set(keep))
        names: dict[Hashable, Hashable] = {label: kept.index(label) for label in kept}
        factors = [(p.term, [names.get(label, ("summed", label)) for label in p.labels]) for p in parts]
        sizes = tuple(dim for label, dim in zip(labels, dims, strict=True) if label in kept)
        return Part(self.graph.contract(sizes, factors), kept)

    def _leaf(self, leaf: Any) -> Part:
        if isinstance(leaf, Symbol) and leaf in self._ranges:
            raise InputError(
                f"the index {leaf} is used as a number: an index may only select entries of arrays"
            )
        return Part(constant(self.graph, exact_value(leaf) if isinstance(leaf, sympy.Float) else leaf))

    def sum(self, expression: Sum) -> Part:
        """An indexed sum, from the outermost index inwards."""
        limits = list(reversed(expression.limits))
        entered: list[Symbol] = []
        for limit in limits:
            if len(limit) != 3:
                raise InputError(f"the sum over {limit[0]} needs its two ends, as in ({limit[0]}, 1, N)")
            index, first, last = limit
            if index in self._ranges:
                raise InputError(f"the index {index} is summed over twice in {shown(expression)}")
            if (first.free_symbols | last.free_symbols) & set(self._ranges):
                raise InputError(
                    f"the ends of the sum over {index} depend on another index, which is not supported"
                )
            self._ranges[index] = (first, sympy.expand(last - first + 1))
            self.indices.setdefault(index, self._ranges[index])
            entered.append(index)
        body = self.number(expression.function)
        for index in entered:
            size = self._ranges[index][1]
            if index in body.labels:
                body = self.contracted([body], [label for label in body.labels if label != index])
            else:
                body = self.product([body, Part(self.graph.size(size))])
            del self._ranges[index]
        return body

    def indexed(self, expression: Indexed) -> Part:
        """y[i] or x[i, j]: an array whose sizes are those of its indices."""
        base = expression.base.label if isinstance(expression.base, IndexedBase) else expression.base
        return self.entry(base, expression.indices, expression, None)

    def element(self, expression: MatrixElement) -> Part:
        """An entry of a matrix; its indices begin at 0."""
        array, row, column = expression.args
        if not isinstance(array, MatrixSymbol):
            part = self.matrix(array)
            return self._select(part, array.shape, (row, column), expression)
        return self.entry(array, (row, column), expression, array.shape)

    def entry(self, base: Any, indices: Sequence[Any], whole: Any, shape: Size | None) -> Part:
        """An entry of an array at indices of sums, all of which run over the whole array."""
        sizes, firsts, labels = [], [], []
        for axis, index in enumerate(indices):
            if shape is not None and shape[axis] == 1 and index == 0:
                continue
            if index not in self._ranges:
                raise InputError(
                    f"{shown(whole)}: {index} is not the index of a sum, and single entries are not supported"
                )
            first, size = self._ranges[index]
            if shape is not None and not (same_size(shape[axis], size) and first == 0):
                raise InputError(
                    f"{shown(whole)}: {index} must run over all of 0, .., {shape[axis] - 1}, as a matrix begins at 0"
                )
            sizes.append(size)
            firsts.append(first)
            labels.append(index)
        known = self.arrays.setdefault(base, tuple(sizes))
        start = self.starts.setdefault(base, tuple(firsts))
        if len(known) != len(sizes) or not all(map(same_size, known, sizes)) or start != tuple(firsts):
            raise InputError(f"the indices of {base} run over different ranges in different places")
        return self._taken(self.graph.leaf(base, tuple(sizes)), tuple(labels))

    def _taken(self, term: Term, labels: tuple[Hashable, ...]) -> Part:
        """The array at the labels; x[i, i] is its diagonal."""
        if len(set(labels)) == len(labels):
            order = tuple(sorted(labels, key=_place))
            if order == labels:
                return Part(term, labels)
        return self.contracted([Part(term, labels)], labels)

    def _select(self, part: Part, shape: Size, indices: Sequence[Any], whole: Any) -> Part:
        names: dict[Hashable, Hashable] = {}
        for axis, index, size in zip((ROW, COLUMN), indices, shape, strict=True):
            if size == 1 and index == 0:
                continue
            if index not in self._ranges or not same_size(self._ranges[index][1], size):
                raise InputError(
                    f"{shown(whole)}: single entries are not supported, only sums over all of them"
                )
            names[axis] = index
        return self._taken(part.term, tuple(names.get(label, label) for label in part.labels))

    def matrix(self, expression: Any) -> Part:
        """A matrix; its axes are ROW and COLUMN where they are longer than 1, and indices of sums."""
        if not self._ranges and expression in self._matrices:
            return self._matrices[expression]
        reader = next((_MATRICES[kind] for kind in type(expression).__mro__ if kind in _MATRICES), None)
        if reader is None:
            raise InputError(
                f"{type(expression).__name__} is not supported in losses over data: {shown(expression)}"
            )
        part = reader(self, expression)
        if not self._ranges:
            self._matrices[expression] = part
        return part

    def symbol(self, expression: MatrixSymbol) -> Part:
        dims = _dims(expression.shape)
        return Part(self.graph.leaf(expression, tuple(dims.values())), tuple(dims))

    def numbers(self, expression: MatrixBase) -> Part:
        """A matrix of numbers is an array of data of its own."""
        matrix = expression.as_immutable()
        if any(not entry.is_Rational for entry in matrix):
            raise InputError(
                f"the matrix {shown(matrix)} has entries that are no exact numbers: give it a name"
            )
        dims = _dims(matrix.shape)
        return Part(self.graph.leaf(matrix, tuple(dims.values())), tuple(dims))

    def addition(self, expression: MatAdd) -> Part:
        first, *others = expression.args
        for other in others:
            _same_shape(first, other, expression, "added")
        parts = [self.matrix(argument) for argument in expression.args]
        labels, dims = self._joined(parts)
        return Part(self.graph.add(dims, [self._spread(part, labels, dims) for part in parts]), labels)

    def multiplication(self, expression: MatMul) -> Part:
        numbers = [a for a in expression.args if not isinstance(a, (MatrixExpr, MatrixBase))]
        matrices = [a for a in expression.args if isinstance(a, (MatrixExpr, MatrixBase))]
        parts = [self.number(number) for number in numbers]
        for place, (left, right) in enumerate(zip(matrices, [*matrices[1:], None], strict=True)):
            if right is not None and not same_size(left.shape[1], right.shape[0]):
                raise InputError(
                    f"the product {shown(expression)} does not fit: "
                    f"{shown(left)} is {_size(left)}, {shown(right)} is {_size(right)}"
                )
            names: dict[Hashable, Hashable] = {ROW: ("between", place), COLUMN: ("between", place + 1)}
            part = self.matrix(left)
            parts.append(Part(part.term, tuple(names.get(label, label) for label in part.labels)))
        ends: dict[Hashable, Hashable] = {("between", 0): ROW, ("between", len(matrices)): COLUMN}
        named = [Part(p.term, tuple(ends.get(label, label) for label in p.labels)) for p in parts]
        keep = [x for part in named for x in part.labels if not isinstance(x, tuple)]
        return self.contracted(named, keep)

    def transposition(self, expression: Transpose) -> Part:
        part = self.matrix(expression.args[0])
        names: dict[Hashable, Hashable] = {ROW: COLUMN, COLUMN: ROW}
        return self._taken(part.term, tuple(names.get(label, label) for label in part.labels))

    def inversion(self, expression: Any) -> Part:
        array = expression.args[0]
        part = self._square(array, "the inverse")
        if not _axes(part):
            return self.combined(sympy.Pow(_ANY, -1), [part, Part((-1, self.graph.ones()[1]))])
        return self._inverse(part, array)

    def _inverse(self, part: Part, array: Any) -> Part:
        if part.labels != (ROW, COLUMN):
            raise InputError(f"an inverse within a sum is not supported: {shown(array)}")
        return Part(self.graph.inverse(self.graph.node(part.term)), part.labels)

    def raised(self, expression: MatPow) -> Part:
        """A whole power of a square matrix; any power of a 1 x 1 matrix."""
        base, exponent = expression.args
        part = self._square(base, "a power")
        if not _axes(part):
            return self.combined(sympy.Pow(_ANY, exponent, evaluate=False), [part, self.number(exponent)])
        if not exponent.is_Integer or abs(exponent) > LARGEST_POWER:
            raise InputError(
                f"the power {shown(expression)} of a matrix is not supported: its exponent must be a number"
            )
        if exponent < 0:
            part = self._inverse(part, base)
        chain: list[Part] = []
        for place in range(abs(int(exponent))):
            names: dict[Hashable, Hashable] = {
                ROW: ("between", place) if place else ROW,
                COLUMN: ("between", place + 1) if place + 1 < abs(exponent) else COLUMN,
            }
            chain.append(Part(part.term, tuple(names.get(label, label) for label in part.labels)))
        return self.contracted(chain, [x for p in chain for x in p.labels if not isinstance(x, tuple)])

    def _square(self, array: Any, what: str) -> Part:
        if not same_size(*array.shape):
            raise InputError(f"{what} needs a square matrix: {shown(array)} is {_size(array)}")
        return self.matrix(array)

    def hadamard(self, expression: HadamardProduct) -> Part:
        first, *others = expression.args
        for other in others:
            _same_shape(first, other, expression, "multiplied entry by entry")
        return self.product([self.matrix(argument) for argument in expression.args])

    def hadamard_power(self, expression: HadamardPower) -> Part:
        base, exponent = expression.args
        part = self.matrix(base)
        if isinstance(exponent, (MatrixExpr, MatrixBase)):
            raise InputError(f"the power {shown(expression)} with a matrix as exponent is not supported")
        return self.combined(sympy.Pow(_ANY, exponent, evaluate=False), [part, self.number(exponent)])

    def identity(self, expression: Identity) -> Part:
        size = expression.shape[0]
        if size == 1:
            return Part(self.graph.ones())
        return Part((1, self.graph.delta(size)), (ROW, COLUMN))

    def all_ones(self, expression: OneMatrix) -> Part:
        dims = _dims(expression.shape)
        return Part(self.graph.ones(tuple(dims.values())), tuple(dims))

    def all_zeros(self, expression: ZeroMatrix) -> Part:
        dims = _dims(expression.shape)
        return Part(self.graph.zero(tuple(dims.values())), tuple(dims))

    def diagonal_matrix(self, expression: Any) -> Part:
        """diag(v) of a vector."""
        vector = expression.args[0]
        if 1 not in vector.shape:
            return self.diagonal_part(expression)
        part = self.matrix(vector)
        if not _axes(part):
            return part
        size = expression.shape[0]
        row = Part(part.term, tuple(ROW if label in (ROW, COLUMN) else label for label in part.labels))
        return self.contracted(
            [row, Part((1, self.graph.delta(size)), (ROW, COLUMN))], [*row.labels, ROW, COLUMN]
        )

    def diagonal_part(self, expression: Any) -> Part:
        """A matrix with everything off its diagonal replaced by 0."""
        part = self._square(expression.args[0], "a diagonal")
        size = expression.args[0].shape[0]
        if not _axes(part):
            return part
        return self.product([part, Part((1, self.graph.delta(size)), (ROW, COLUMN))])

    def diagonal(self, expression: DiagonalOf) -> Part:
        """The diagonal of a matrix as a column."""
        part = self._square(expression.args[0], "a diagonal")
        names: dict[Hashable, Hashable] = {COLUMN: ROW}
        return self._taken(part.term, tuple(names.get(label, label) for label in part.labels))

    def applied(self, expression: Any) -> Part:
        """A function of every entry."""
        if isinstance(expression, ElementwiseApplyFunction):
            function, arrays = expression.function, [expression.expr]
        else:
            function, arrays = expression.args[0], list(expression.args[1:])
        for other in arrays[1:]:
            _same_shape(arrays[0], other, expression, "arguments of one function")
        known = {s: self.matrix(a) for s, a in zip(function.signature, arrays, strict=True)}
        return self._formula(function.expr, known, expression)

    def _formula(self, formula: Any, known: Mapping[Any, Part], whole: Any) -> Part:
        """A function of numbers at the entries of arrays; what holds no entry is read as a number."""
        value: Part
        if formula in known:
            value = known[formula]
        elif not formula.free_symbols & set(known):
            value = self.number(formula)
        elif isinstance(formula, sympy.Piecewise):
            value = self._cases(formula, lambda part: self._formula(part, known, whole))
        else:
            value = self.combined(formula, [self._formula(part, known, whole) for part in formula.args])
        return value

    def piecewise(self, expression: sympy.Piecewise) -> Part:
        return self._cases(expression, self.number)

    def _cases(self, expression: sympy.Piecewise, read: Callable[[Any], Part]) -> Part:
        if expression.args[-1][1] != sympy.true:
            raise InputError(f"{shown(expression)} must say what holds otherwise: end it with (value, True)")
        value = read(expression.args[-1][0])
        for branch, condition in reversed(expression.args[:-1]):
            parts = [self._condition(condition, read), read(branch), value]
            labels, dims = self._joined(parts)
            spread = [self._spread(part, labels, dims) for part in parts]
            value = Part(apply(self.graph, "select", *spread), labels)
        return value

    def _condition(self, condition: Any, read: Callable[[Any], Part]) -> Part:
        if isinstance(condition, (sympy.And, sympy.Or)):
            name = "and" if isinstance(condition, sympy.And) else "or"
            first, *others = (self._condition(argument, read) for argument in condition.args)
            for other in others:
                labels, dims = self._joined([first, other])
                terms = [self._spread(part, labels, dims) for part in (first, other)]
                first = Part(apply(self.graph, name, *terms), labels)
            return first
        return self.combined(condition, [read(argument) for argument in condition.args])

    def trace(self, expression: Trace) -> Part:
        part = self._square(expression.args[0], "the trace")
        names: dict[Hashable, Hashable] = {ROW: ("summed",), COLUMN: ("summed",)}
        turned = Part(part.term, tuple(names.get(label, label) for label in part.labels))
        return self.contracted([turned], [x for x in turned.labels if not isinstance(x, tuple)])

    def total(self, expression: Total) -> Part:
        part = self.matrix(expression.args[0])
        return self.contracted([part], [x for x in part.labels if x not in (ROW, COLUMN)])

    def norm(self, expression: Norm) -> Part:
        part = self.matrix(expression.args[0])
        squares = self.contracted([part, part], [x for x in part.labels if x not in (ROW, COLUMN)])
        return Part(self.graph.power(squares.term, _HALF), squares.labels)

    def dot(self, expression: DotProduct) -> Part:
        left, right = expression.args
        parts = [self.matrix(left), self.matrix(right)]
        flat = [Part(p.term, tuple(ROW if x == COLUMN else x for x in p.labels)) for p in parts]
        return self.contracted(flat, [x for p in flat for x in p.labels if x != ROW])

    def log_sum_exp(self, expression: LogSumExp) -> Part:
        part = self._with_last(self.matrix(expression.args[0]), (ROW, COLUMN))
        keep = [x for x in part.labels if x not in (ROW, COLUMN)]
        if len(keep) == len(part.labels):
            return part
        return Part(log_sum_exp(self.graph, part.term, len(keep)), tuple(keep))

    def log_sum_exp_along(self, expression: LogSumExpAlong) -> Part:
        along = COLUMN if expression.args[1] == 1 else ROW
        part = self.matrix(expression.args[0])
        if along not in part.labels:
            return part
        part = self._with_last(part, (along,))
        return Part(log_sum_exp(self.graph, part.term, len(part.labels) - 1), part.labels[:-1])

    def softmax(self, expression: Softmax) -> Part:
        axis = int(expression.args[1])
        every = (ROW, COLUMN) if axis < 0 else (COLUMN,) if axis == 1 else (ROW,)
        part = self.matrix(expression.args[0])
        along = tuple(label for label in every if label in part.labels)
        if not along:
            return Part(self.graph.ones(self.graph.dims[part.term[1]]), part.labels)
        part = self._with_last(part, along)
        keep = len(part.labels) - len(along)
        return self._taken(softmax(self.graph, part.term, keep), part.labels)

    def _with_last(self, part: Part, last: tuple[Hashable, ...]) -> Part:
        """The axes reordered so that `last` come last."""
        labels = (*(x for x in part.labels if x not in last), *(x for x in part.labels if x in last))
        if labels == part.labels:
            return part
        sizes = dict(zip(part.labels, self.graph.dims[part.term[1]], strict=True))
        dims = tuple(sizes[label] for label in labels)
        return Part(self.graph.broadcast(dims, part.term, [labels.index(x) for x in part.labels]), labels)

    def log_determinant(self, expression: Any) -> Part:
        return self._of_square(expression, "log_det")

    def determinant(self, expression: Determinant) -> Part:
        return self._of_square(expression, "det")

    def _of_square(self, expression: Any, kind: str) -> Part:
        part = self._square(expression.args[0], "a determinant")
        if not _axes(part):
            return part if kind == "det" else self.combined(sympy.log(_ANY), [part])
        if part.labels != (ROW, COLUMN):
            raise InputError(f"a determinant within a sum is not supported: {shown(expression)}")
        return Part(self.graph.determinant(kind, self.graph.node(part.term)))

    def logarithm(self, expression: Any) -> Part:
        """log(det A) is log_det(A)."""
        argument = expression.args[0]
        if isinstance(argument, Determinant):
            return self.log_determinant(argument)
        return self.combined(expression, [self.number(argument)])

    def slice(self, expression: MatrixSlice) -> Part:
        """A row or a column at the index of a sum: X[i, :]."""
        array, *slices = expression.args
        part = self.matrix(array)
        names: dict[Hashable, Hashable] = {}
        for axis, (start, stop, step), size in zip((ROW, COLUMN), slices, array.shape, strict=True):
            if (start, stop, step) == (0, size, 1):
                continue
            if not (sympy.expand(stop - start) == step == 1 and start in self._ranges):
                raise InputError(
                    f"{shown(expression)}: only whole rows and columns at the index of a sum are supported"
                )
            first, length = self._ranges[start]
            if first != 0 or not same_size(length, size):
                raise InputError(f"{shown(expression)}: {start} must run over all of 0, .., {size - 1}")
            names[axis] = start
        return self._taken(part.term, tuple(names.get(label, label) for label in part.labels))


def _axes(part: Part) -> bool:
    return ROW in part.labels or COLUMN in part.labels


def _place(label: Hashable) -> tuple[int, str]:
    """Indices of sums by name, then rows, then columns."""
    return (1, "") if label == ROW else (2, "") if label == COLUMN else (0, str(label))


def _dims(shape: Size) -> dict[Hashable, Expr]:
    """The axes that are longer than 1."""
    return {
        axis: sympy.sympify(size, strict=True)
        for axis, size in zip((ROW, COLUMN), shape, strict=True)
        if size != 1
    }


def _same_shape(first: Any, other: Any, whole: Any, what: str) -> None:
    if not all(map(same_size, first.shape, other.shape)):
        raise InputError(
            f"{shown(first)} is {_size(first)} and {shown(other)} is {_size(other)}: "
            f"they cannot be {what} in {shown(whole)}"
        )


def _size(array: Any) -> str:
    return f"{array.shape[0]} x {array.shape[1]}"


def _binomial(upper: Any, lower: Any) -> Any:
    """The binomial coefficient by the gamma function."""
    return sympy.gamma(upper + 1) / (sympy.gamma(lower + 1) * sympy.gamma(upper - lower + 1))


_ANY: Final = sympy.Dummy("u", positive=True)
_HALF: Final = Fraction(1, 2)
_NUMBERS: Final[dict[type[Any], Callable[[Reader, Any], Part]]] = {
    Sum: Reader.sum,
    Indexed: Reader.indexed,
    MatrixElement: Reader.element,
    sympy.Mul: lambda reader, e: reader.product([reader.number(a) for a in e.args]),
    sympy.Piecewise: Reader.piecewise,
    sympy.log: Reader.logarithm,
    sympy.factorial: lambda reader, e: reader.number(sympy.gamma(e.args[0] + 1)),
    sympy.binomial: lambda reader, e: reader.number(_binomial(*e.args)),
    Trace: Reader.trace,
    Total: Reader.total,
    Norm: Reader.norm,
    DotProduct: Reader.dot,
    LogSumExp: Reader.log_sum_exp,
    LogDet: Reader.log_determinant,
    Determinant: Reader.determinant,
}
_MATRICES: Final[dict[type[Any], Callable[[Reader, Any], Part]]] = {
    MatrixSymbol: Reader.symbol,
    MatrixBase: Reader.numbers,
    MatAdd: Reader.addition,
    MatMul: Reader.multiplication,
    Transpose: Reader.transposition,
    Inverse: Reader.inversion,
    MatPow: Reader.raised,
    HadamardProduct: Reader.hadamard,
    HadamardPower: Reader.hadamard_power,
    Identity: Reader.identity,
    OneMatrix: Reader.all_ones,
    ZeroMatrix: Reader.all_zeros,
    DiagMatrix: Reader.diagonal_matrix,
    DiagonalMatrix: Reader.diagonal_part,
    DiagonalOf: Reader.diagonal,
    Elementwise: Reader.applied,
    ElementwiseApplyFunction: Reader.applied,
    Softmax: Reader.softmax,
    LogSumExpAlong: Reader.log_sum_exp_along,
    MatrixSlice: Reader.slice,
}
