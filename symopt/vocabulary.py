"""The words in which losses over data are written, beside SymPy's own for matrices.

SymPy gives `MatrixSymbol`, products, transposes, traces, inverses and Hadamard products. It has no norm, no sum of all
entries and no function of every entry that can be added to a number, so these are here. Vectors are columns.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, Final

from sympy import (
    Abs,
    Dummy,
    Expr,
    ImmutableMatrix,
    Integer,
    Lambda,
    Symbol,
    SympifyError,
    Tuple,
    exp,
    log,
    sqrt,
    sympify,
)
from sympy.concrete.summations import Sum
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixExpr, OneMatrix, Transpose
from sympy.matrices.expressions.matexpr import MatrixElement

from symopt.errors import InputError

__all__ = [
    "Commutation",
    "Elementwise",
    "LogDet",
    "LogSumExp",
    "Norm",
    "PseudoInverse",
    "Softmax",
    "Total",
    "Vec",
    "WithIndices",
    "elementwise",
    "explicit",
    "log_det",
    "log_sum_exp",
    "norm",
    "ones",
    "sigmoid",
    "softmax",
    "softplus",
    "total",
]

ARGUMENTS: Final = tuple(Symbol(f"_{k}", real=True) for k in range(1, 9))
"""The arguments of the functions that `elementwise` applies."""


def ones(rows: Any, columns: Any = 1) -> MatrixExpr:
    """The vector (1, .., 1), or a matrix of ones.

    >>> ones(3).as_explicit()
    Matrix([
    [1],
    [1],
    [1]])
    """
    return OneMatrix(sympify(rows, strict=True), sympify(columns, strict=True))


def norm(array: Any, ord: int = 2) -> Expr:
    """||A||, the root of the sum of the squared entries; with `ord=1` the sum of their absolute values.

    >>> from sympy import Matrix
    >>> norm(Matrix([3, 4])).doit()
    5
    """
    array = _as_array(array, "norm")
    if ord == 1:
        return total(elementwise(Abs, array))
    if ord != 2:
        raise InputError(f"norm(.., ord={ord!r}) is not supported: use 2 (the root of the squares) or 1")
    return Norm(array)


def total(array: Any, axis: int | None = None) -> Expr:
    """The sum of all entries; with `axis=1` the column of the sums of the rows, with `axis=0` the row of the others.

    >>> from sympy import Matrix
    >>> total(Matrix([[1, 2], [3, 4]])).doit()
    10
    """
    array = _as_array(array, "total")
    if axis is None:
        return Total(array)
    rows, columns = array.shape
    return array * ones(columns) if _axis(axis) else Transpose(ones(rows)) * array


def elementwise(function: Callable[..., Any], *arrays: Any) -> MatrixExpr:
    """The matrix of the values of a function of numbers, entry by entry, at one array or at several of one shape.

    `function` is one of SymPy's or a Python function of that many numbers, which may hold scalar symbols.

    >>> from sympy import Matrix
    >>> elementwise(lambda u, v: u * v + 1, Matrix([1, 2]), Matrix([3, 4])).doit()
    Matrix([
    [4],
    [9]])
    """
    given = [_as_array(array, "elementwise") for array in arrays]
    if not given or len(given) > len(ARGUMENTS):
        raise InputError(f"elementwise takes a function and one to {len(ARGUMENTS)} arrays")
    first = given[0]
    for other in given[1:]:
        if other.shape != first.shape:
            raise InputError(
                f"elementwise needs arrays of one shape: {first} is {_size(first)}, {other} is {_size(other)}"
            )
    arguments = ARGUMENTS[: len(given)]
    if isinstance(function, Lambda):
        arguments, body = function.signature, function.expr
    else:
        body = sympify(function(*arguments), strict=True)
    if not isinstance(body, Expr) or isinstance(body, MatrixExpr):
        raise InputError(f"the function given to elementwise must give a number for numbers, not {body}")
    return Elementwise(Lambda(arguments, body), *given)


def sigmoid(argument: Any) -> Expr:
    """1/(1 + e^-u), of a number or of every entry of an array.

    >>> sigmoid(0)
    1/2
    """
    argument = sympify(argument, strict=True)
    if _is_array(argument):
        return elementwise(sigmoid, argument)
    return 1 / (1 + exp(-argument))


def softplus(argument: Any) -> Expr:
    """log(1 + e^u), of a number or of every entry of an array.

    >>> softplus(0)
    log(2)
    """
    argument = sympify(argument, strict=True)
    if _is_array(argument):
        return elementwise(softplus, argument)
    return log(1 + exp(argument))


def log_sum_exp(array: Any, axis: int | None = None) -> Expr:
    """log of the sum of e^u over all entries u; with `axis=1` for each row (a column), with `axis=0` for each column.

    >>> from sympy import Matrix
    >>> log_sum_exp(Matrix([0, 0, 0])).doit()
    log(3)
    """
    array = _as_array(array, "log_sum_exp")
    return LogSumExp(array) if axis is None else LogSumExpAlong(array, Integer(_axis(axis)))


def softmax(array: Any, axis: int | None = None) -> MatrixExpr:
    """e^u divided by the sum of e^u over all entries; with `axis=1` over those of its row, with `axis=0` of its column.

    >>> from sympy import Matrix
    >>> softmax(Matrix([0, 0])).doit()
    Matrix([
    [1/2],
    [1/2]])
    """
    array = _as_array(array, "softmax")
    return Softmax(array, Integer(-1 if axis is None else _axis(axis)))


def log_det(array: Any) -> Expr:
    """log det A, where det A > 0.

    >>> from sympy import Matrix
    >>> log_det(Matrix([[2, 0], [0, 3]])).doit()
    log(6)
    """
    array = _as_array(array, "log_det")
    if array.shape[0] != array.shape[1]:
        raise InputError(f"log_det needs a square matrix: {array} is {_size(array)}")
    return LogDet(array)


def explicit(array: Any) -> MatrixBase | None:
    """The matrix of all entries of an array of known shape, its parts evaluated; None for other arrays."""
    array = array.doit() if isinstance(array, MatrixExpr) else array
    if isinstance(array, MatrixBase):
        return array
    if not all(size.is_Integer for size in array.shape):
        return None
    return array.as_explicit()


class Broadcasting(MatrixExpr):  # type: ignore[misc]
    """A matrix to which a number can be added: it is added to every entry."""

    _op_priority = 20

    def __add__(self, other: Any) -> MatrixExpr:
        return MatrixExpr.__add__(self, self._spread(other))

    def __radd__(self, other: Any) -> MatrixExpr:
        return MatrixExpr.__radd__(self, self._spread(other))

    def __sub__(self, other: Any) -> MatrixExpr:
        return MatrixExpr.__sub__(self, self._spread(other))

    def __rsub__(self, other: Any) -> MatrixExpr:
        return MatrixExpr.__rsub__(self, self._spread(other))

    def _spread(self, other: Any) -> Any:
        other = sympify(other, strict=True)
        return other if _is_array(other) else other * OneMatrix(*self.shape)


class Elementwise(Broadcasting):
    """A function of every entry, or of the entries at one place of several arrays."""

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.args[1].shape

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        return self.args[0](*(array[i, j] for array in self.args[1:]))

    def doit(self, **hints: Any) -> Any:
        arrays = [array.doit(**hints) for array in self.args[1:]]
        new = Elementwise(self.args[0], *arrays)
        return ImmutableMatrix(new.as_explicit()) if all(isinstance(a, MatrixBase) for a in arrays) else new

    def _sympystr(self, printer: Any) -> str:
        name = _name_of(self.args[0])
        inside = ", ".join(printer._print(array) for array in self.args[1:])
        return f"{name}({inside})" if name in ("sigmoid", "softplus") else f"elementwise({name}, {inside})"


class Softmax(Broadcasting):
    """The shares e^u / sum e^u, over all entries (axis -1), of each row (1) or of each column (0)."""

    @property
    def shape(self) -> tuple[Expr, Expr]:
        return self.args[0].shape

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        array, axis = self.args
        return exp(array[i, j]) / _sum_of_exponentials(array, int(axis), i, j)

    def doit(self, **hints: Any) -> Any:
        array = self.args[0].doit(**hints)
        new = Softmax(array, self.args[1])
        return ImmutableMatrix(new.as_explicit()) if isinstance(array, MatrixBase) else new

    def _sympystr(self, printer: Any) -> str:
        return _call(printer, "softmax", self.args[0], int(self.args[1]))


class LogSumExpAlong(Broadcasting):
    """log sum e^u of each row (axis 1), a column, or of each column (axis 0), a row."""

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows, columns = self.args[0].shape
        return (rows, Integer(1)) if self.args[1] == 1 else (Integer(1), columns)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        array, axis = self.args
        return log(_sum_of_exponentials(array, int(axis), i, j))

    def doit(self, **hints: Any) -> Any:
        array = self.args[0].doit(**hints)
        new = LogSumExpAlong(array, self.args[1])
        return ImmutableMatrix(new.as_explicit()) if isinstance(array, MatrixBase) else new

    def _sympystr(self, printer: Any) -> str:
        return _call(printer, "log_sum_exp", self.args[0], int(self.args[1]))


class Commutation(MatrixExpr):  # type: ignore[misc]
    """The permutation K of mn entries with K vec(A) = vec(A^T) for an m x n matrix A; vec goes row by row.

    >>> Commutation(Integer(2), Integer(1)).as_explicit()
    Matrix([
    [1, 0],
    [0, 1]])
    """

    @property
    def shape(self) -> tuple[Expr, Expr]:
        size = self.args[0] * self.args[1]
        return size, size

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        rows, columns = self.args
        # Row i of the result is entry (i // m, i % m) of A^T, that is entry (i % m, i // m) of A.
        return Integer(int(j == (i % rows) * columns + i // rows))

    def doit(self, **hints: Any) -> Any:
        return ImmutableMatrix(self.as_explicit()) if all(a.is_Integer for a in self.args) else self


class Vec(MatrixExpr):  # type: ignore[misc]
    """The entries of a matrix in one column, row by row, as NumPy's ravel() has them."""

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows, columns = self.args[0].shape
        return rows * columns, Integer(1)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        columns = self.args[0].shape[1]
        return self.args[0][i // columns, i % columns]

    def doit(self, **hints: Any) -> Any:
        array = self.args[0].doit(**hints)
        return ImmutableMatrix(list(array)) if isinstance(array, MatrixBase) else Vec(array)


class WithIndices(MatrixExpr):  # type: ignore[misc]
    """A matrix by its entries: a sum, over indices, of products of entries of arrays.

    The arguments are the pairs (array, its labels), the sizes of the labels that are axes, and how many of these are
    axes of the rows; all other labels are summed over.
    """

    @classmethod
    def of(cls, factors: Any, sizes: Any, rows: int) -> WithIndices:
        pairs = (Tuple(array, Tuple(*map(Integer, labels))) for array, labels in factors)
        return cls(Tuple(*pairs), Tuple(*sizes), Integer(rows))

    @property
    def shape(self) -> tuple[Expr, Expr]:
        sizes, rows = self.args[1], int(self.args[2])
        return prod(sizes[:rows], start=Integer(1)), prod(sizes[rows:], start=Integer(1))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        factors, sizes, rows = self.args
        where = {**_unravelled(i, sizes[: int(rows)], 0), **_unravelled(j, sizes[int(rows) :], int(rows))}
        limits: dict[int, Any] = {}
        entry = Integer(1)
        for array, labels in factors:
            place = []
            for axis, label in enumerate(map(int, labels)):
                if label not in where:
                    where[label] = Dummy(f"k_{label}", integer=True)
                    limits[label] = (where[label], 0, array.shape[axis] - 1)
                place.append(where[label])
            entry *= array[(*place, *[0] * (2 - len(place)))]
        return Sum(entry, *limits.values()).doit() if limits else entry

    def doit(self, **hints: Any) -> Any:
        factors = [(array.doit(**hints), labels) for array, labels in self.args[0]]
        new = WithIndices.of(factors, self.args[1], int(self.args[2]))
        known = all(isinstance(array, MatrixBase) for array, _ in factors)
        return ImmutableMatrix(new.as_explicit()) if known else new


def _unravelled(place: Any, sizes: Any, first: int) -> dict[int, Any]:
    """The indices of the entry number `place` when the entries of an array go row by row."""
    where = {}
    for axis in reversed(range(len(sizes))):
        where[first + axis] = place % sizes[axis] if axis else place
        place = place // sizes[axis]
    return where


class Scalar(Expr):  # type: ignore[misc]
    """A number made of an array."""

    is_commutative = True
    is_real = True

    def doit(self, **hints: Any) -> Expr:
        array = self.args[0].doit(**hints)
        known = explicit(array)
        return self.func(array) if known is None or _has_symbols(known) else self._value(known)

    def _value(self, array: MatrixBase) -> Expr:
        raise NotImplementedError


class Norm(Scalar):
    """||A||."""

    is_nonnegative = True

    def _value(self, array: MatrixBase) -> Expr:
        return sqrt(sum(entry**2 for entry in array))

    def _sympystr(self, printer: Any) -> str:
        return _call(printer, "norm", self.args[0])


class Total(Scalar):
    """The sum of all entries."""

    def _value(self, array: MatrixBase) -> Expr:
        return sum(array, start=Integer(0))

    def _sympystr(self, printer: Any) -> str:
        return _call(printer, "total", self.args[0])


class LogSumExp(Scalar):
    """log of the sum of e^u over all entries u."""

    def _value(self, array: MatrixBase) -> Expr:
        return log(sum(exp(entry) for entry in array))

    def _sympystr(self, printer: Any) -> str:
        return _call(printer, "log_sum_exp", self.args[0])


class PseudoInverse(MatrixExpr):  # type: ignore[misc]
    """A^+, the pseudo-inverse of Moore and Penrose.

    >>> from sympy import Matrix
    >>> PseudoInverse(Matrix([[1, 1], [1, 1]])).doit()
    Matrix([
    [1/4, 1/4],
    [1/4, 1/4]])
    """

    def __new__(cls, array: Any) -> PseudoInverse:
        made: PseudoInverse = Expr.__new__(cls, _as_array(array, "PseudoInverse"))
        return made

    @property
    def shape(self) -> tuple[Any, Any]:
        rows, columns = self.args[0].shape
        return columns, rows

    def doit(self, **hints: Any) -> Any:
        array = self.args[0].doit(**hints)
        return array.pinv() if isinstance(array, MatrixBase) else PseudoInverse(array)

    def _entry(self, i: Any, j: Any, **hints: Any) -> Any:
        return MatrixElement(self, i, j)

    def _sympystr(self, printer: Any) -> str:
        return _call(printer, "PseudoInverse", self.args[0])


class LogDet(Scalar):
    """log det A."""

    def _value(self, array: MatrixBase) -> Expr:
        return log(array.det())

    def _sympystr(self, printer: Any) -> str:
        return _call(printer, "log_det", self.args[0])


def name_of(function: Lambda) -> str | None:
    """The name of the function when the body is that function of the argument alone, as `sigmoid` or `exp`."""
    name = _name_of(function)
    return None if name.startswith("Lambda") else name


def _name_of(function: Lambda) -> str:
    if len(function.signature) == 1:
        argument = function.signature[0]
        if function.expr == sigmoid(argument):
            return "sigmoid"
        if function.expr == softplus(argument):
            return "softplus"
        if function.expr.args == (argument,) and not isinstance(function.expr, (Sum, Scalar)):
            return function.expr.func.__name__
    return str(function)


def _sum_of_exponentials(array: Any, axis: int, i: Any, j: Any) -> Expr:
    rows, columns = array.shape
    if not (rows.is_Integer if isinstance(rows, Expr) else True) or not (
        columns.is_Integer if isinstance(columns, Expr) else True
    ):
        k, m = Dummy("k", integer=True), Dummy("m", integer=True)
        limits = [(k, 0, rows - 1)] * (axis != 1) + [(m, 0, columns - 1)] * (axis != 0)
        return Sum(exp(array[k if axis != 1 else i, m if axis != 0 else j]), *limits)
    down = range(int(rows)) if axis != 1 else [i]
    across = range(int(columns)) if axis != 0 else [j]
    return sum((exp(array[k, m]) for k in down for m in across), start=Integer(0))


def _as_array(array: Any, word: str) -> Any:
    try:
        array = sympify(array, strict=True)
    except SympifyError:
        raise InputError(
            f"{word} takes a vector or a matrix, and a {type(array).__name__} is neither"
        ) from None
    if isinstance(array, MatrixBase):
        return array.as_immutable()
    if isinstance(array, MatrixExpr):
        return array
    raise InputError(f"{word} takes a vector or a matrix, and {array} is neither")


def _is_array(value: Any) -> bool:
    return isinstance(value, (MatrixExpr, MatrixBase))


def _axis(axis: int) -> int:
    if axis not in (0, 1):
        raise InputError(f"axis={axis!r} is not known: 0 runs over the rows, 1 over the columns")
    return int(axis)


def _size(array: Any) -> str:
    return f"{array.shape[0]} x {array.shape[1]}"


def _has_symbols(array: MatrixBase) -> bool:
    """Whether an entry is still an entry of an array that has no value."""
    return any(entry.has(MatrixExpr) for entry in array)


def _call(printer: Any, name: str, array: Any, axis: int = -1) -> str:
    return f"{name}({printer._print(array)}{f', axis={axis}' if axis >= 0 else ''})"
