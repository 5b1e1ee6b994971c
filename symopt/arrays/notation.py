"""The graph of tensors as SymPy's matrices, in the notation in which a person writes them.

A tensor of at most two axes becomes a number, a column or a matrix. One of more axes, a block of a Hessian, becomes a
matrix whose rows are the entries of the first variable and whose columns are those of the second, each row by row:
A_ik B_jl is then a Kronecker product. What has no such form is written with its indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import groupby
from typing import Any, Final, final

import sympy
from sympy import Expr, Integer, Lambda, MatMul, Rational, S
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import (
    Determinant,
    HadamardProduct,
    Identity,
    Inverse,
    KroneckerProduct,
    MatAdd,
    MatPow,
    MatrixExpr,
    MatrixSymbol,
    OneMatrix,
    Trace,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf

from symopt.arrays.contracting import Plan, Reduction, reduce_product
from symopt.arrays.functions import RELATIONS
from symopt.arrays.graph import Dims, Tensors, Term
from symopt.calculus.atoms import ATOMS, slope
from symopt.vocabulary import (
    ARGUMENTS,
    Commutation,
    Elementwise,
    LogDet,
    LogSumExp,
    LogSumExpAlong,
    Norm,
    Softmax,
    Total,
    Vec,
    WithIndices,
    sigmoid,
    softplus,
)

_NAMES: Final = {name: relation for relation, name in RELATIONS.items()}
_UNARY: Final = {"sigmoid": sigmoid, "softplus": softplus}


@final
class Notation:
    """Writes the nodes of one graph, each once."""

    def __init__(self, graph: Tensors) -> None:
        self.graph = graph
        self._written: dict[int, Any] = {}

    def term(self, term: Term) -> Any:
        """A number, a column or a matrix."""
        coefficient, place = term
        dims = self.graph.dims[place]
        if not coefficient:
            return ZeroMatrix(*_shape(dims)) if dims else S.Zero
        node = self.graph.nodes[place]
        if node[0] == "sum" and coefficient not in (1, -1):
            return self._added([(child, coefficient * number) for child, number in node[1]])
        return _times(_number(coefficient), self.node(place))

    def block(self, term: Term, rows: int) -> Any:
        """A block of a Hessian; the first `rows` axes are those of the rows."""
        graph = self.graph
        dims = graph.dims[term[1]]
        if rows <= 1 and len(dims) - rows <= 1:
            written = self.term(term)
            return _transpose(written) if rows == 0 and len(dims) == 1 else written
        row_dims, column_dims = dims[:rows], dims[rows:]
        shape = _count(row_dims), _count(column_dims)
        if not term[0]:
            return ZeroMatrix(*shape)
        node = graph.nodes[term[1]]
        pairs = node[1] if node[0] == "sum" else ((term[1], 1),)
        parts = []
        for place, number in pairs:
            inner = graph.nodes[place]
            factors = inner[1] if inner[0] == "product" else ((place, tuple(range(len(dims)))),)
            parts.append(_times(_number(term[0] * number), self._block_of(dims, rows, factors)))
        return _sum(parts)

    def node(self, place: int) -> Any:
        """A node of at most two axes."""
        if place not in self._written:
            for inner in self.graph.reachable([place]):
                if inner not in self._written and len(self.graph.dims[inner]) <= 2:
                    self._written[inner] = self._build(inner)
        return self._written[place]

    def _build(self, place: int) -> Any:
        graph = self.graph
        node, dims = graph.nodes[place], graph.dims[place]
        head = node[0]
        if head == "leaf":
            return self._leaf(node[1], dims)
        if head == "delta":
            return Identity(dims[0])
        if head == "sum":
            return self._added(node[1])
        if head == "product":
            if not node[1]:
                return OneMatrix(*_shape(dims)) if dims else S.One
            return self.product(dims, node[1])
        if head == "inverse":
            return Inverse(self.node(node[1]))
        if head in ("log_det", "det"):
            return (LogDet if head == "log_det" else Determinant)(self.node(node[1]))
        if head in ("log_sum_exp", "softmax"):
            return self._along(head, node[1], node[2])
        return self._function(place)

    def _added(self, pairs: Sequence[tuple[int, Any]]) -> Any:
        """A sum, positive terms first and numbers times ones last."""
        ordered = sorted(pairs, key=lambda pair: (pair[1] < 0, self._is_constant(pair[0]), pair[0]))
        return _sum([_times(_number(number), self.node(child)) for child, number in ordered])

    def _is_constant(self, place: int) -> bool:
        """Whether an array is a number times ones: such terms are written last."""
        node = self.graph.nodes[place]
        return node[0] == "product" and not any(labels for _, labels in node[1])

    def _leaf(self, symbol: Any, dims: Dims) -> Any:
        if isinstance(symbol, (MatrixExpr, MatrixBase)):
            rows, columns = symbol.shape
            return Transpose(symbol) if rows == 1 and columns != 1 else symbol
        return MatrixSymbol(str(symbol), *_shape(dims)) if dims else symbol

    def _along(self, head: str, child: int, keep: int) -> Any:
        inner = self.node(child)
        whole = len(self.graph.dims[child])
        if keep and isinstance(inner, Transpose):
            of = Softmax if head == "softmax" else LogSumExpAlong
            return _transpose(of(inner.arg, S.Zero))
        if head == "softmax":
            return Softmax(inner, Integer(-1 if keep == 0 else 1))
        return LogSumExp(inner) if keep == 0 or whole == keep else LogSumExpAlong(inner, Integer(1))

    def _function(self, place: int) -> Any:
        """A function of numbers; at arrays the same function of every entry."""
        graph = self.graph
        node, dims = graph.nodes[place], graph.dims[place]
        if node[0] == "power":
            base = self.node(node[1])
            if not dims:
                return _root_of_squares(base, node[2])
            return _applied(lambda u: u ** _number(node[2]), [base])
        _, name, *arguments = node
        written = [self.node(argument) for argument in arguments]
        function = function_of(name)
        return _applied(function, written) if dims else function(*written)

    def product(self, dims: Dims, factors: Any) -> Any:
        """A product of at most two axes."""
        reduction = reduce_product(self.graph, dims, factors)
        scalar = self._scalars(reduction.scalars)
        if reduction.rest or len(reduction.edges) > 1:
            return _times(scalar, self._indexed(dims, len(dims) - len(dims) // 2, reduction))
        if not dims:
            return scalar
        weights = [reduction.weight(axis) for axis in range(len(dims))]
        if len(dims) == 1:
            return _times(scalar, self.plan(weights[0]) if weights[0] else OneMatrix(dims[0], 1))
        return _times(scalar, self._pair(dims, weights, reduction.edges))

    def _pair(self, dims: Dims, weights: Sequence[Plan | None], edges: Any) -> Any:
        """The matrix with at most one edge and the weights at its two labels."""
        row, column = weights
        if not edges:
            left = self.plan(row) if row else OneMatrix(dims[0], 1)
            right = self.plan(column) if column else OneMatrix(dims[1], 1)
            if not row and not column:
                return OneMatrix(*dims)
            return _product([left, _transpose(right)])
        ((plan, start, _),) = edges
        matrix = self.plan(plan)
        matrix = matrix if start < edges[0][2] else _transpose(matrix)
        if isinstance(matrix, Identity):
            both = [self.plan(weight) for weight in (row, column) if weight]
            return matrix if not both else DiagMatrix(both[0] if len(both) == 1 else HadamardProduct(*both))
        before = [DiagMatrix(self.plan(row))] if row else []
        after = [DiagMatrix(self.plan(column))] if column else []
        return _product([*before, matrix, *after])

    def _scalars(self, plans: Sequence[Plan]) -> Any:
        """The product of numbers, equal ones as powers and negative powers below."""
        return reduce(lambda left, right: left * right, [self.plan(plan) for plan in plans], S.One)

    def plan(self, plan: Plan) -> Any:
        """A plan of `contracting` as SymPy's matrices."""
        head = plan[0]
        if head == "node":
            return self.node(plan[1])
        if head == "ones":
            return OneMatrix(plan[1], 1)
        if head == "T":
            return _transpose(self.plan(plan[1]))
        if head == "mul":
            middle = [DiagMatrix(self.plan(plan[2]))] if plan[2] else []
            return _product([self.plan(plan[1]), *middle, self.plan(plan[3])])
        if head == "had":
            return HadamardProduct(*[self.plan(part) for part in plan[1:]], evaluate=False)
        if head == "diagonal":
            return DiagonalOf(self.plan(plan[1]))
        if head == "sum" and plan[1][0] == "diagonal":
            return Trace(self.plan(plan[1][1]))
        if head == "sum":
            return Total(self.plan(plan[1]))
        left, right = self.plan(plan[1]), self.plan(plan[2])
        if left == right:
            return Norm(left) ** 2
        if head == "dot":
            return Total(_product([_transpose(left), right]))
        return Trace(_product([_transpose(left), right]))

    def _block_of(self, dims: Dims, rows: int, factors: Any) -> Any:
        """One product as a block, whose axes are grouped in those of the rows and those of the columns."""
        reduction = reduce_product(self.graph, dims, factors)
        scalar = self._scalars(reduction.scalars)
        written = None if reduction.rest else self._kronecker(dims, rows, reduction)
        return _times(scalar, written if written is not None else self._indexed(dims, rows, reduction))

    def _kronecker(self, dims: Dims, rows: int, reduction: Reduction) -> Any:
        """A Kronecker product, with diagonal matrices and a commutation around it; None when it is none."""
        left, right = range(rows), range(rows, len(dims))
        crossing = [edge for edge in reduction.edges if (edge[1] < rows) != (edge[2] < rows)]
        inside = [edge for edge in reduction.edges if edge not in crossing]
        ends = [label for edge in crossing for label in edge[1:]]
        if len(set(ends)) < len(ends):
            return None
        outer = []
        for side in (left, right):
            own = [edge for edge in inside if edge[1] in side]
            weights = [reduction.weight(axis) for axis in side]
            outer.append((own, weights))
        if not crossing:
            parts = []
            for side, (own, weights) in zip((left, right), outer, strict=True):
                part = self._side([dims[axis] for axis in side], weights, own)
                if part is None:
                    return None
                parts.append(part)
            return _product([parts[0], _transpose(parts[1])])
        partner = {a: b for edge in crossing for a, b in (edge[1:], edge[:0:-1])}
        matrices, order = [], []
        free = [axis for axis in right if axis not in partner]
        for axis in left:
            other = partner.get(axis)
            if other is None:
                other = free.pop(0) if free else None
            matrices.append(self._between(axis, other, dims, crossing, reduction, with_weights=not inside))
            order += [other] if other is not None else []
        for axis in free:
            matrices.append(self._between(None, axis, dims, crossing, reduction, with_weights=not inside))
            order.append(axis)
        whole = matrices[0] if len(matrices) == 1 else KroneckerProduct(*matrices)
        if order != sorted(order):
            whole = _product([whole, Commutation(*[dims[axis] for axis in right])])
        if inside:
            scales = []
            for side, (own, weights) in zip((left, right), outer, strict=True):
                scale = self._side([dims[axis] for axis in side], weights, own)
                if scale is None:
                    return None
                scales.append(None if isinstance(scale, OneMatrix) else DiagMatrix(scale))
            whole = _product([part for part in (scales[0], whole, scales[1]) if part is not None])
        return whole

    def _between(
        self,
        row: int | None,
        column: int | None,
        dims: Dims,
        crossing: Any,
        reduction: Reduction,
        with_weights: bool,
    ) -> Any:
        """The matrix between an axis of the rows and one of the columns; a missing axis has the size 1."""
        weights = [
            reduction.weight(axis) if with_weights and axis is not None else None for axis in (row, column)
        ]
        edges = [edge for edge in crossing if row in edge[1:] and column in edge[1:]]
        sizes = tuple(Integer(1) if axis is None else dims[axis] for axis in (row, column))
        if edges:
            plan, start, _ = edges[0]
            matrix: Plan = plan if start == row else ("T", plan)
            return self._pair(sizes, weights, [(matrix, 0, 1)])
        return self._pair(sizes, weights, [])

    def _side(self, sizes: Sequence[Expr], weights: Sequence[Plan | None], edges: Any) -> Any:
        """The axes of one side as one column; None when they are connected in more than one way."""
        if not sizes:
            return Identity(1)
        if len(sizes) == 1:
            return self.plan(weights[0]) if weights[0] else OneMatrix(sizes[0], 1)
        if len(edges) > 1 or len(sizes) > 2:
            return None
        written = self._pair(tuple(sizes), weights, edges)
        return OneMatrix(sizes[0] * sizes[1], 1) if isinstance(written, OneMatrix) else Vec(written)

    def _indexed(self, dims: Dims, rows: int, reduction: Reduction) -> Any:
        """The entries with their indices, where matrix products cannot say it."""
        factors: list[tuple[Plan, Sequence[int]]] = [*reduction.rest]
        factors += [(plan, (label,)) for label, plans in reduction.weights.items() for plan in plans]
        factors += [(plan, edge) for plan, *edge in reduction.edges]
        return WithIndices.of([(self.plan(plan), tuple(labels)) for plan, labels in factors], dims, rows)


def _number(number: int | Fraction) -> Expr:
    return Rational(number.numerator, number.denominator)


def _shape(dims: Dims) -> tuple[Expr, ...]:
    return (*dims, *[Integer(1)] * (2 - len(dims)))


def _count(dims: Dims) -> Expr:
    return reduce(lambda left, right: left * right, dims, S.One)


def _is_matrix(value: Any) -> bool:
    return isinstance(value, (MatrixExpr, MatrixBase))


def _times(number: Any, value: Any) -> Any:
    if number == 1:
        return value
    if not _is_matrix(value):
        return number * value
    if isinstance(value, MatMul):
        scalar, rest = value.as_coeff_matrices()
        return MatMul(number * scalar, *rest).doit(deep=False)
    return MatMul(number, value).doit(deep=False)


def _sum(parts: Sequence[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    if any(_is_matrix(part) for part in parts):
        return MatAdd(*parts).doit(deep=False)
    return sympy.Add(*parts)


def _product(parts: Sequence[Any]) -> Any:
    """The product of matrices, with products among them opened and numbers in front."""
    opened: list[Any] = []
    scalar: Any = S.One
    for part in parts:
        if isinstance(part, MatMul):
            number, matrices = part.as_coeff_matrices()
            scalar = scalar * number
            opened += matrices
        elif isinstance(part, MatPow) and part.exp.is_Integer and part.exp > 0:
            opened += [part.base] * int(part.exp)
        else:
            opened.append(part)
    kept = [part for part in opened if not isinstance(part, Identity)] or opened[:1]
    kept = [part for base, run in groupby(kept) for part in _repeated(base, len(list(run)))]
    whole = kept[0] if len(kept) == 1 else MatMul(*kept).doit(deep=False)
    return _times(scalar, whole)


def _repeated(base: Any, times: int) -> list[Any]:
    return [base] if times == 1 else [MatPow(base, times)]


def _transpose(value: Any) -> Any:
    if isinstance(value, Transpose):
        return value.arg
    if isinstance(value, MatMul):
        number, matrices = value.as_coeff_matrices()
        return _times(number, _product([_transpose(matrix) for matrix in reversed(matrices)]))
    if isinstance(value, (Identity, DiagMatrix)):
        return value
    if isinstance(value, OneMatrix):
        return OneMatrix(*reversed(value.shape))
    return Transpose(value)


def _applied(function: Any, arrays: Sequence[Any]) -> Any:
    """A function of every entry; functions of entries and numbers that it is applied to are put into it."""
    inside: list[Any] = []

    def entry(array: Any) -> Any:
        if isinstance(array, OneMatrix):
            return S.One
        if isinstance(array, ZeroMatrix):
            return S.Zero
        if (
            isinstance(array, MatMul)
            and isinstance(array.args[-1], OneMatrix)
            and not _is_matrix(array.args[-2])
        ):
            return sympy.Mul(*array.args[:-1])
        if isinstance(array, Elementwise):
            inner, *parts = array.args
            return inner.expr.xreplace(dict(zip(inner.signature, map(entry, parts), strict=True)))
        if array not in inside:
            inside.append(array)
        return ARGUMENTS[inside.index(array)]

    body = function(*map(entry, arrays))
    return Elementwise(Lambda(ARGUMENTS[: len(inside)], body), *inside)


def _root_of_squares(base: Any, exponent: Any) -> Any:
    """||A||^(2 e), and other powers of numbers."""
    power = _number(exponent)
    if isinstance(base, sympy.Pow) and isinstance(base.base, Norm) and base.exp == 2:
        return base.base ** (2 * power)
    return base**power


def function_of(name: str) -> Any:
    """The function of numbers of a name in the graph."""
    if name in _UNARY:
        return _UNARY[name]
    if name in _NAMES:
        return _NAMES[name]
    if name == "slope":
        return sympy.sign
    if name in ATOMS:
        return ATOMS[name].function
    if name == "pow":
        return sympy.Pow
    if name == "select":
        return lambda condition, yes, no: sympy.Piecewise((yes, condition), (no, True))
    return {"max": sympy.Max, "min": sympy.Min, "and": sympy.And, "or": sympy.Or}[name]


__all__ = ["Notation", "slope"]
