"""The gradient on some of the rows: what stands for the loss in a step of a stochastic method.

With f = sum_i f_i + r and a batch B, f_B = weight sum_{i in B} f_i + r; the weight N/|B| makes its mean over all batches
that are equally likely f itself. The term r has no rows and is not weighted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, final

import numpy as np

from symopt.arrays.compiler import Array, ArrayProgram, CompiledArrays, as_data, compile_arrays, fitted
from symopt.arrays.declared import refuse_undeclared
from symopt.arrays.splitting import RowSum
from symopt.arrays.statement import derive_term, name_of
from symopt.errors import InputError


@final
class Batch:
    """f_B and its derivatives as an objective; what was evaluated last is kept."""

    def __init__(self, loss: RowLoss, values: Mapping[str, Any], weight: float) -> None:
        self._loss, self._values, self._weight = loss, values, weight
        self._seen: tuple[Any, Array, Array] | None = None
        self._constants: Any = None

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the entries of a point."""
        return self._loss.whole.variables

    def __call__(self, x: Array) -> Array:
        """f_B(x)."""
        return self._at(x)[0]

    def gradient(self, x: Array) -> Array:
        """grad f_B(x)."""
        return self._at(x)[1]

    def hessian(self, x: Array) -> Array:
        """The Hessian of f_B at x."""
        total, rest = self._loss.compiled(self._values)
        hessian = self._weight * total.hessian(x)
        return hessian if rest is None else hessian + rest.hessian(x)

    def all(self, x: Array) -> tuple[Array, Array, Array]:
        """f_B(x), grad f_B(x) and the Hessian."""
        return (*self._at(x), self.hessian(x))

    def _at(self, x: Array) -> tuple[Array, Array]:
        if self._seen is None or self._seen[0] is not x:
            total, rest = self._loss.first_order
            if self._constants is None:
                self._constants = total.constants(self._values)
            parts = self._loss.whole.parts(x)
            with np.errstate(all="ignore"):
                row = [self._weight * part for part in total.results(parts, self._constants)]
                if rest is not None:
                    row = [one + more for one, more in zip(row, rest(parts), strict=True)]
            value = np.asarray(row[0], dtype=float)
            gradient = self._loss.whole.joined(row[1:])
            self._seen = x, value, gradient if value == value else np.full_like(gradient, np.nan)
        return self._seen[1], self._seen[2]


@final
class _Function:
    """The generated functions of a program for f and its gradient."""

    def __init__(self, program: ArrayProgram) -> None:
        self._inputs = program.inputs
        self._prelude, self.results = program.functions(1)

    def constants(self, values: Mapping[str, Any]) -> Any:
        """What holds no variable, from data and numbers."""
        with np.errstate(all="ignore"):
            return self._prelude(*[values[name] for name in self._inputs])


@final
class RowLoss:
    """The loss on any of its rows: `on(rows)` makes f_B. One program serves all batches.

    `whole` is the loss with all of its data; of data that come in chunks, with those of the first chunk, and `count` is
    then the number of all rows.
    """

    def __init__(self, split: RowSum, whole: CompiledArrays, count: int | None = None) -> None:
        self.whole, self._split = whole, split
        given = dict(zip(whole.program.inputs, whole.inputs, strict=True))
        self.count = int(given[name_of(split.size)]) if count is None else count
        given[name_of(split.size)] = float(self.count)
        self._given = {**given, name_of(split.count): float(self.count)}
        self._length = name_of(split.size)
        self._sizes = {name_of(size): given[name_of(size)] for size in split.statement.sizes}
        self._rows = [(name_of(array), given[name_of(array)], axis) for array, axis in split.axes]

    @cached_property
    def _programs(self) -> tuple[ArrayProgram, ArrayProgram | None]:
        split, statement = self._split, self._split.statement
        derived = derive_term(split.graph, split.reader, split.total, split.variables)
        total = ArrayProgram(replace(statement, parameters=(*statement.parameters, split.count)), derived)
        if not split.has_rest:
            return total, None
        with_rows = {array for array, _ in split.axes}
        fixed = tuple(array for array in statement.data if array not in with_rows)
        derived = derive_term(split.graph, split.reader, split.rest, split.variables)
        return total, ArrayProgram(replace(statement, data=fixed), derived)

    @cached_property
    def first_order(self) -> tuple[_Function, Callable[[Any], Any] | None]:
        """The sum over rows, and the rest as a function of the variables, each with its gradient."""
        total, rest = self._programs
        if rest is None:
            return _Function(total), None
        function = _Function(rest)
        constants = function.constants(self._given)
        return _Function(total), lambda parts: function.results(parts, constants)

    def compiled(self, values: Mapping[str, Any]) -> tuple[CompiledArrays, CompiledArrays | None]:
        """The sum over the rows of a batch and the rest, with their Hessians."""
        total, rest = self._programs

        def filled(program: ArrayProgram, known: Mapping[str, Any]) -> CompiledArrays:
            return CompiledArrays(program, self.whole.shapes, tuple(known[name] for name in program.inputs))

        return filled(total, values), None if rest is None else filled(rest, self._given)

    def on(self, rows: Any, number: int, weight: float) -> Batch:
        """f_B for `number` rows of the data, which a slice or an array of their numbers names."""
        values = {**self._given, self._length: float(number)}
        for name, array, axis in self._rows:
            values[name] = array[rows] if axis == 0 else np.take(array, rows, axis)
        return Batch(self, values, weight)

    def fitted(self, chunk: Mapping[str, Any]) -> dict[str, Any]:
        """The arrays of a chunk with as many axes as they have in the loss; InputError where they do not fit."""
        sizes = {name: int(value) for name, value in self._sizes.items() if name != self._length}
        statement = self._split.statement
        return {
            name_of(array): fitted(name_of(array), chunk[name_of(array)], statement.shape(array), sizes)
            for array, _ in self._split.axes
        }

    def of(self, chunk: Mapping[str, Any], number: int, weight: float) -> Batch:
        """f_B for `number` rows that are given with it."""
        return Batch(self, {**self._given, **chunk, self._length: float(number)}, weight)


Chunks = Iterable[Mapping[Any, Any]] | Callable[[], Iterable[Mapping[Any, Any]]]


@final
class ChunkedLoss:
    """A loss whose rows come in chunks, {X: rows, y: rows}, that are never together in memory; batches are the chunks.

    `chunks` is a list or anything else that can be gone through again and again, or a function that starts again. Each
    pass must give the same rows. A step on one of K chunks takes K times the sum over its rows: the mean of these over
    an epoch is f, so that f itself is evaluated by a pass too. The chunks come in their own order, nothing is drawn.
    """

    def __init__(
        self, split: RowSum, program: ArrayProgram, values: Mapping[str, Any], chunks: Chunks
    ) -> None:
        if isinstance(chunks, Iterator):
            raise InputError(
                "chunks can be read only once: give a list of them, or a function that makes the iterator anew"
            )
        self._start = chunks if callable(chunks) else lambda: chunks
        self._statement = split.statement
        self._axes = {name_of(array): axis for array, axis in split.axes}
        numbers = {name_of(symbol) for symbol in split.statement.parameters}
        self._numbers = {name: value for name, value in values.items() if name in numbers}
        known = sorted(set(values) & set(self._axes))
        if known:
            raise InputError(f"{known[0]} is given by with_data and by the chunks: give it once")
        first: dict[str, Any] = {}
        self._rows = self._number = 0
        for chunk in self._pass():
            first = first or chunk
            self._rows += self._length(chunk)
            self._number += 1
        if not self._number:
            raise InputError("there are no chunks of rows")
        size = name_of(split.size)
        if size in values and int(values[size]) != self._rows:
            raise InputError(f"the chunks have {self._rows} rows, and {size} was given as {values[size]}")
        others = {name: value for name, value in values.items() if name != size}
        self._loss = RowLoss(split, compile_arrays(program, {**others, **first}), self._rows)

    def _pass(self) -> Iterator[dict[str, Any]]:
        rows = 0
        for number, chunk in enumerate(self._start()):
            given = {name_of(key): as_data(name_of(key), value) for key, value in chunk.items()}
            if set(given) != set(self._axes):
                raise InputError(f"each chunk must hold rows of {', '.join(self._axes)} and of nothing else")
            refuse_undeclared(self._statement, {**self._numbers, **given}, rows, number)
            yield given
            rows += self._length(given)

    def _length(self, chunk: Mapping[str, Any]) -> int:
        lengths = {name: chunk[name].shape[axis] for name, axis in self._axes.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"the arrays of a chunk have different numbers of rows: {lengths}")
        return int(next(iter(lengths.values())))

    @property
    def per_epoch(self) -> int:
        """The number of chunks."""
        return self._number

    @property
    def is_random(self) -> bool:
        """The chunks come in their own order."""
        return False

    def epoch(self, rng: Any = None) -> Iterator[Batch]:
        """The chunks, one after the other; InputError when they are not those of the first pass."""
        rows = 0
        for chunk in self._pass():
            fitted = self._loss.fitted(chunk)
            number = self._length(chunk)
            rows += number
            yield self._loss.of(fitted, number, float(self._number))
        if rows != self._rows:
            raise InputError(f"the chunks had {self._rows} rows at first and {rows} in a later pass")

    def __str__(self) -> str:
        return f"{self._number} chunks of {self._rows} rows, in their order"

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the entries of a point."""
        return self._loss.whole.variables

    def join(self, values: Mapping[Any, Any]) -> Array:
        """The point made of the variables."""
        return self._loss.whole.join(values)

    def __call__(self, x: Array) -> Array:
        """f(x), by a pass."""
        return self._mean([lambda batch: batch(x)])[0]

    def gradient(self, x: Array) -> Array:
        """grad f(x), by a pass."""
        return self._mean([lambda batch: batch.gradient(x)])[0]

    def hessian(self, x: Array) -> Array:
        """The Hessian at x, by a pass."""
        return self._mean([lambda batch: batch.hessian(x)])[0]

    def all(self, x: Array) -> tuple[Array, Array, Array]:
        """f(x), grad f(x) and the Hessian, by one pass."""
        value, gradient, hessian = self._mean(
            [lambda batch: batch(x), lambda batch: batch.gradient(x), lambda batch: batch.hessian(x)]
        )
        return value, gradient, hessian

    def _mean(self, functions: Sequence[Callable[[Batch], Array]]) -> list[Array]:
        sums: list[Any] = [0.0] * len(functions)
        for batch in self.epoch():
            sums = [total + function(batch) for total, function in zip(sums, functions, strict=True)]
        return [np.asarray(total / self._number) for total in sums]
