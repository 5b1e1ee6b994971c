"""Expressions of matrices evaluated with mpmath, by walking SymPy's trees: shares no code with symopt's reader."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy
from mpmath import mp, mpf
from sympy.matrices import MatrixBase
from sympy.tensor.indexed import Indexed

DIGITS = 50


def number(value: Any) -> Any:
    value = Fraction(value)
    return mpf(value.numerator) / value.denominator


def array(value: Any) -> Any:
    """A matrix of mpmath's from nested lists of exact numbers."""
    return mpmath.matrix([[number(entry) for entry in row] for row in value])


def evaluate(expression: Any, values: Mapping[Any, Any]) -> Any:
    """The value of a number, or of a matrix, with numbers of 50 digits."""
    with mp.workdps(DIGITS):
        return _Evaluator(values).value(expression)


class _Evaluator:
    def __init__(self, values: Mapping[Any, Any]) -> None:
        self.values = dict(values)

    def size(self, expression: Any) -> int:
        return int(
            sympy.sympify(expression).subs({k: n for k, n in self.values.items() if isinstance(n, int)})
        )

    def value(self, e: Any) -> Any:
        if e in self.values:
            return self.values[e]
        if isinstance(e, MatrixBase):
            return mpmath.matrix(e.rows, e.cols) + mpmath.matrix(
                [[self.value(x) for x in row] for row in e.tolist()]
            )
        for kind in type(e).__mro__:
            rule = getattr(self, f"_{kind.__name__}", None)
            if rule is not None:
                return rule(e)
        if isinstance(e, sympy.Function):
            return getattr(mpmath, e.func.__name__.lower())(*(self._plain(self.value(a)) for a in e.args))
        raise NotImplementedError(type(e))

    def _Rational(self, e: Any) -> Any:
        return number(Fraction(int(e.p), int(e.q)))

    def _Exp1(self, e: Any) -> Any:
        return mpmath.e

    def _Pi(self, e: Any) -> Any:
        return mpmath.pi

    def _plain(self, value: Any) -> Any:
        return value[0, 0] if isinstance(value, mpmath.matrix) else value

    def _Add(self, e: Any) -> Any:
        return sum((self._plain(self.value(a)) for a in e.args), mpf(0))

    def _Mul(self, e: Any) -> Any:
        return mpmath.fprod(self._plain(self.value(a)) for a in e.args)

    def _Pow(self, e: Any) -> Any:
        return mpmath.power(*map(self.value, e.args))

    def _Abs(self, e: Any) -> Any:
        return abs(self.value(e.args[0]))

    def _Max(self, e: Any) -> Any:
        return max(map(self.value, e.args))

    def _Min(self, e: Any) -> Any:
        return min(map(self.value, e.args))

    def _Piecewise(self, e: Any) -> Any:
        return next(
            self.value(branch)
            for branch, condition in e.args
            if condition is sympy.true or self._holds(condition)
        )

    def _holds(self, e: Any) -> bool:
        left, right = self.value(e.lhs), self.value(e.rhs)
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[e.rel_op]

    def _MatAdd(self, e: Any) -> Any:
        first, *others = map(self.value, e.args)
        for other in others:
            first = first + other
        return first

    def _MatMul(self, e: Any) -> Any:
        scalar, found = mpf(1), None
        for a in e.args:
            part = self.value(a)
            if not isinstance(part, mpmath.matrix):
                scalar = scalar * part
            else:
                found = part if found is None else found * part
        return found * scalar

    def _Transpose(self, e: Any) -> Any:
        return self.value(e.args[0]).T

    def _Inverse(self, e: Any) -> Any:
        return self.value(e.args[0]) ** -1

    def _PseudoInverse(self, e: Any) -> Any:
        inner = self.value(e.args[0])
        entries = np.array([[float(inner[i, j]) for j in range(inner.cols)] for i in range(inner.rows)])
        return mpmath.matrix(np.linalg.pinv(entries, rcond=1e-10).tolist())

    def _MatPow(self, e: Any) -> Any:
        base, exponent = self.value(e.args[0]), e.args[1]
        if base.rows == base.cols == 1:
            return mpmath.matrix([[mpmath.power(base[0, 0], self.value(exponent))]])
        return base ** int(exponent)

    def _entries(self, function: Any, *arrays: Any) -> Any:
        first = arrays[0]
        rows = range(first.rows)
        return mpmath.matrix(
            [[function(*(a[i, j] for a in arrays)) for j in range(first.cols)] for i in rows]
        )

    def _HadamardProduct(self, e: Any) -> Any:
        return self._entries(lambda *u: mpmath.fprod(u), *map(self.value, e.args))

    def _HadamardPower(self, e: Any) -> Any:
        return self._entries(lambda u: mpmath.power(u, self.value(e.args[1])), self.value(e.args[0]))

    def _Identity(self, e: Any) -> Any:
        return mpmath.eye(self.size(e.shape[0]))

    def _OneMatrix(self, e: Any) -> Any:
        return mpmath.ones(*map(self.size, e.shape))

    def _ZeroMatrix(self, e: Any) -> Any:
        return mpmath.zeros(*map(self.size, e.shape))

    def _DiagMatrix(self, e: Any) -> Any:
        return mpmath.diag(list(self.value(e.args[0])))

    def _DiagonalOf(self, e: Any) -> Any:
        inner = self.value(e.args[0])
        return mpmath.matrix([inner[i, i] for i in range(inner.rows)])

    def _Trace(self, e: Any) -> Any:
        inner = self.value(e.args[0])
        return sum((inner[i, i] for i in range(inner.rows)), mpf(0))

    def _Determinant(self, e: Any) -> Any:
        return mpmath.det(self.value(e.args[0]))

    def _LogDet(self, e: Any) -> Any:
        return mpmath.log(mpmath.det(self.value(e.args[0])))

    def _Norm(self, e: Any) -> Any:
        return mpmath.sqrt(sum(u**2 for u in self.value(e.args[0])))

    def _Total(self, e: Any) -> Any:
        return sum(self.value(e.args[0]), mpf(0))

    def _LogSumExp(self, e: Any) -> Any:
        return mpmath.log(sum(mpmath.exp(u) for u in self.value(e.args[0])))

    def _LogSumExpAlong(self, e: Any) -> Any:
        inner = self.value(e.args[0])
        inner = inner if e.args[1] == 1 else inner.T
        sums = [
            mpmath.log(sum(mpmath.exp(inner[i, j]) for j in range(inner.cols))) for i in range(inner.rows)
        ]
        return mpmath.matrix(sums) if e.args[1] == 1 else mpmath.matrix(sums).T

    def _Softmax(self, e: Any) -> Any:
        inner, axis = self.value(e.args[0]), int(e.args[1])
        powers = inner.apply(mpmath.exp)

        def share(i: int, j: int) -> Any:
            rows = [i] if axis == 1 else range(inner.rows)
            columns = [j] if axis == 0 else range(inner.cols)
            return powers[i, j] / sum(powers[k, n] for k in rows for n in columns)

        return mpmath.matrix([[share(i, j) for j in range(inner.cols)] for i in range(inner.rows)])

    def _Elementwise(self, e: Any) -> Any:
        function, *arrays = e.args

        def at(*u: Any) -> Any:
            return _Evaluator({**self.values, **dict(zip(function.signature, u, strict=True))}).value(
                function.expr
            )

        return self._entries(at, *map(self.value, arrays))

    def _Commutation(self, e: Any) -> Any:
        """Row j n + i takes entry (i, j) of an m x n matrix that goes row by row to row j of its transpose."""
        rows, columns = map(self.size, e.args)
        found = mpmath.zeros(rows * columns)
        for i in range(rows):
            for j in range(columns):
                found[j * rows + i, i * columns + j] = 1
        return found

    def _Vec(self, e: Any) -> Any:
        inner = self.value(e.args[0])
        return mpmath.matrix([inner[i, j] for i in range(inner.rows) for j in range(inner.cols)])

    def _KroneckerProduct(self, e: Any) -> Any:
        first, *others = map(self.value, e.args)
        for other in others:
            old, first = first, mpmath.zeros(first.rows * other.rows, first.cols * other.cols)
            for i in range(first.rows):
                for j in range(first.cols):
                    p, q = divmod(i, other.rows), divmod(j, other.cols)
                    first[i, j] = old[p[0], q[0]] * other[p[1], q[1]]
        return first

    def _WithIndices(self, e: Any) -> Any:
        factors, sizes, rows = e.args
        arrays = [(self.value(a), [int(x) for x in labels]) for a, labels in factors]
        lengths = {axis: self.size(size) for axis, size in enumerate(sizes)}
        for a, labels in arrays:
            for label, length in zip(labels, (a.rows, a.cols), strict=False):
                lengths.setdefault(label, length)
        split, names = int(rows), sorted(lengths)
        found = mpmath.zeros(
            *(self._count(lengths, part) for part in (range(split), range(split, len(sizes))))
        )
        for where in _places([lengths[name] for name in names]):
            at = dict(zip(names, where, strict=True))
            value = mpmath.fprod(
                a[(*(at[x] for x in labels), *[0] * (2 - len(labels)))] for a, labels in arrays
            )
            row = self._position(at, lengths, range(split))
            column = self._position(at, lengths, range(split, len(sizes)))
            found[row, column] += value
        return found

    def _count(self, lengths: Mapping[int, int], axes: Any) -> int:
        return sympy.prod([lengths[axis] for axis in axes])

    def _position(self, at: Mapping[int, int], lengths: Mapping[int, int], axes: Any) -> int:
        place = 0
        for axis in axes:
            place = place * lengths[axis] + at[axis]
        return place

    def _Sum(self, e: Any) -> Any:
        body, *limits = e.args
        if not limits:
            return self.value(body)
        *inner, (index, first, last) = limits
        start, stop = self.size(first), self.size(last)
        rest = sympy.Sum(body, *inner) if inner else body
        places = range(start, stop + 1)
        return sum((_Evaluator({**self.values, index: place}).value(rest) for place in places), mpf(0))

    def _Indexed(self, e: Indexed) -> Any:
        return self.values[e.base][tuple(self.size(index) for index in e.indices)]

    def _MatrixElement(self, e: Any) -> Any:
        return self.value(e.args[0])[self.size(e.args[1]), self.size(e.args[2])]


def _places(lengths: list[int]) -> Any:
    if not lengths:
        yield ()
        return
    for first in range(lengths[0]):
        for rest in _places(lengths[1:]):
            yield (first, *rest)


def differences(objective: Any, variable: Any, values: Mapping[Any, Any]) -> Any:
    """The derivative of a number by every entry of a variable, by central differences of 50 digits."""
    with mp.workdps(DIGITS):
        step = mpf(10) ** -16
        start = values[variable]

        def at(change: Any) -> Any:
            found = evaluate(objective, {**values, variable: start + change})
            return found[0, 0] if isinstance(found, mpmath.matrix) else found

        if not isinstance(start, mpmath.matrix):
            return (at(step) - at(-step)) / (2 * step)
        slopes = mpmath.zeros(start.rows, start.cols)
        for i in range(start.rows):
            for j in range(start.cols):
                change = mpmath.zeros(start.rows, start.cols)
                change[i, j] = step
                slopes[i, j] = (at(change) - at(-change)) / (2 * step)
        return slopes


def flat(value: Any) -> list[Any]:
    """The entries row by row."""
    if not isinstance(value, mpmath.matrix):
        return [value]
    return [value[i, j] for i in range(value.rows) for j in range(value.cols)]
