"""The door from the symbolic to the numeric world: an expression becomes functions of floats.

One graph holds f, its gradient and the non-zero half of its Hessian; one straight-line program computes them;
its source is written for `math` scalars (a point) and for NumPy rows (a batch). No other module of symopt
turns an expression into floats.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Symbol

from symopt.calculus.compiler_functions import GUARDED_ROW_FUNCTIONS, ROW_FUNCTIONS, SCALAR_FUNCTIONS
from symopt.calculus.compiler_interpreter import interpret
from symopt.calculus.compiler_loops import Loop, loop
from symopt.calculus.compiler_wide import evaluate_widely
from symopt.calculus.derivative import differentiate
from symopt.calculus.emitter import GUARDED_ROWS, ROWS, SCALARS, Dialect, function_source
from symopt.calculus.graph import Graph, Term
from symopt.calculus.homogeneous import by_gradient
from symopt.calculus.loading import Formula, load
from symopt.calculus.program import Program, lower
from symopt.calculus.stable import stabilise, stabilised
from symopt.errors import InputError
from symopt.reading.keeping import KeepsForm

Array: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[..., tuple[Any, ...]]
Layout: TypeAlias = Sequence[int | None]

# So many numbers more are written down one by one as soon as an array is filled by places.
SQUARE: Final = 60
# A program of so many instructions is not compiled before it has been asked for so many points.
LONG: Final = 1000
FEW: Final = 10
# So many points of a block are evaluated anew with wider numbers.
MENDED: Final = 20
# Rows of this many points stay in the processor's cache.
BLOCK: Final = 1024


def compile_objective(objective: Expr | Formula, variables: tuple[Symbol, ...]) -> Compiled:
    """f, grad f and the Hessian of f as functions of floats, derived and shared in one graph.

    Every free symbol must be a variable; InputError names one that is not, and any function that is not
    supported.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> c = compile_objective(x**2 + 3*x*y, (x, y))
    >>> c.scalar(1.0, 2.0)
    (7.0, 8.0, 3.0, 2.0, 3.0, 0.0)
    >>> c.gradient([[1.0, 2.0], [0.0, 1.0]])
    array([[8., 3.],
           [3., 0.]])
    """
    return Compiled(objective, variables)


@contextmanager
def uncollected() -> Iterator[None]:
    """No collections of garbage: they would look through a growing graph without cycles again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@final
@dataclass(frozen=True, repr=False)
class Compiled(KeepsForm):
    """f with its gradient and Hessian on points of shape (n,) and on batches of shape (m, n).

    `c(x)`, `c.gradient(x)`, `c.hessian(x)` have shapes (), (n,), (n, n) or (m,), (m, n), (m, n, n);
    `c.all(x)` is the three at once, and `c.scalar(*floats)` the tuple of f, the gradient's entries and those
    of the Hessian's lower triangle, row by row. Outside the domain of f all of them are nan. Kinks have the
    one-sided slopes stated in `symopt.calculus.atoms`.

    The Hessian is derived when it is first asked for. A long program is interpreted at its first few points and compiled
    when it is asked for more; `c.scalar` is always compiled. `operations` counts arithmetic operations and
    function calls after sharing; `source` is the generated source of the scalar functions.
    """

    objective: Expr | Formula
    symbols: tuple[Symbol, ...]

    def __post_init__(self) -> None:
        _ = self._loaded  # what cannot be compiled is an error now

    @cached_property
    def _loaded(self) -> tuple[Graph, Term]:
        """f in a graph, to which its derivatives are added when they are asked for."""
        with uncollected():
            if isinstance(self.objective, Formula):
                graph, loaded = self.objective.loaded()
            else:
                graph = Graph(self.symbols)
                loaded = load(graph, self.objective)
            for node in graph.nodes[len(self.symbols) + 1 :]:
                if node[0] == "symbol":
                    raise InputError(f"{node[1]} has no value: use .at({node[1]}=...) before compiling")
            return graph, stabilise(graph, loaded)

    @cached_property
    def _stable_nodes(self) -> int:
        """How many nodes the graph has before it is differentiated for the first time."""
        return len(self._loaded[0].nodes)

    @cached_property
    def _first_order(self) -> Program:
        """The program of f and its gradient."""
        with uncollected():
            graph, value = self._loaded
            first = self._stable_nodes
            gradient = stabilised(graph, differentiate(graph, value, second=False).gradient, first)
            return lower(graph, [by_gradient(graph, value, gradient), *gradient])

    @cached_property
    def _derived(self) -> tuple[Program, tuple[tuple[int, int], ...]]:
        """The program with the Hessian too, and the places of its entries among the results."""
        with uncollected():
            graph, value = self._loaded
            first = self._stable_nodes
            derivatives = differentiate(graph, value)
            entries = stabilised(graph, [*derivatives.gradient, *derivatives.hessian.values()], first)
            value = by_gradient(graph, value, entries[: len(self.symbols)])
            return lower(graph, [value, *entries]), tuple(derivatives.hessian)

    @property
    def _program(self) -> Program:
        return self._derived[0]

    def _program_of(self, order: int) -> Program:
        """The program for derivatives up to an order; the Hessian is derived when it is first asked for."""
        return self._program if order == 2 else self._first_order

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in the order of a point's entries."""
        return tuple(symbol.name for symbol in self.symbols)

    @property
    def sparsity(self) -> tuple[tuple[int, int], ...]:
        """The places (i, j) of the half of the Hessian that may differ from 0."""
        return self._derived[1]

    def __repr__(self) -> str:
        return f"<compiled f({', '.join(self.variables)}) with {self.operations['f+gradient+hessian']} operations>"

    def __call__(self, x: ArrayLike) -> Array:
        """f(x)."""
        return self._evaluated(x, 0)[0]

    def gradient(self, x: ArrayLike) -> Array:
        """grad f(x)."""
        return self._evaluated(x, 1)[1]

    def hessian(self, x: ArrayLike) -> Array:
        """The Hessian of f at x."""
        return self._evaluated(x, 2)[2]

    def value_and_gradient(self, x: ArrayLike) -> tuple[Array, Array]:
        """(f(x), grad f(x)), evaluated jointly."""
        value, gradient = self._evaluated(x, 1)
        return value, gradient

    def all(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        """(f(x), grad f(x), Hessian at x), evaluated jointly."""
        value, gradient, hessian = self._evaluated(x, 2)
        return value, gradient, hessian

    @cached_property
    def scalar(self) -> Function:
        """The tuple (f, gradient entries, lower-triangle Hessian entries) as a function of n floats."""
        return Routine(self._program, self._lower_triangle).scalar

    def loop(self, method: str) -> Loop | None:
        """The generated iteration of "gd", "momentum" or "newton"; None where it would be too long."""
        if method not in self._loops:
            size, hessian = len(self.variables), {}
            if method == "newton":
                hessian = dict(zip(self.sparsity, self._program.results[size + 1 :], strict=True))
            program = self._program_of(2 if method == "newton" else 1)
            self._loops[method] = loop(method, program, size, hessian)
        return self._loops[method]

    @cached_property
    def _loops(self) -> dict[str, Loop | None]:
        return {}

    @cached_property
    def source(self) -> str:
        """The generated source of `scalar`."""
        return function_source("scalar", self._program, self._lower_triangle, SCALARS)

    @cached_property
    def operations(self) -> dict[str, int]:
        """Operations of f, of f with its gradient, and of both with the Hessian."""
        counts = [self._program.operations(self._results(order)) for order in range(3)]
        return dict(zip(("f", "f+gradient", "f+gradient+hessian"), counts, strict=True))

    def _results(self, order: int) -> tuple[int, ...]:
        """The places of f and of its derivatives up to an order in the program of the Hessian."""
        return self._program.results[: (1, len(self.variables) + 1, None)[order]]

    @cached_property
    def _lower_triangle(self) -> Layout:
        size = len(self.variables)
        entries = dict(zip(self.sparsity, self._program.results[size + 1 :], strict=True))
        triangle = [entries.get((i, j)) for i in range(size) for j in range(i + 1)]
        return (*self._results(1), *triangle)

    def _routine(self, order: int) -> Routine:
        """The derivatives up to an order as functions."""
        if order not in self._routines:
            program = self._program_of(order)
            results = program.results[: 1 if order == 0 else None]
            self._routines[order] = Routine(program, results)
        return self._routines[order]

    @cached_property
    def _routines(self) -> dict[int, Routine]:
        return {}

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, columns = np.array(self.sparsity, dtype=int).reshape(-1, 2).T
        return rows, columns

    def _evaluated(self, x: ArrayLike, order: int) -> list[Array]:
        """f and its derivatives up to an order, at a point or at each point of a batch."""
        try:
            points = np.asarray(x, dtype=float)
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"{x!r} is not a point or a batch of points") from None
        size = len(self.variables)
        if points.ndim not in (1, 2) or points.shape[-1] != size:
            raise InputError(
                f"a point has shape ({size},), a batch (m, {size}); this has shape {points.shape}"
            )
        if points.ndim == 1:
            return self._at_point(points, order)
        table = self._routine(order).at_batch(points)
        answer = [table[..., 0]]
        if order >= 1:
            answer.append(np.ascontiguousarray(table[..., 1 : size + 1]))
        if order == 2:
            rows, columns = self._places
            hessian = np.zeros((*points.shape, size))
            hessian[..., rows, columns] = hessian[..., columns, rows] = table[..., size + 1 :]
            hessian[np.isnan(answer[0])] = np.nan
            answer.append(hessian)
        return answer

    def _at_point(self, point: Array, order: int) -> list[Array]:
        size, dense = point.size, order == 2 and self._square is not None
        routine = self._square if dense and self._square is not None else self._routine(order)
        results = routine.at_point(point.tolist())
        answer = [np.array(results[0], dtype=float)]
        if order >= 1:
            answer.append(np.array(results[1 : size + 1], dtype=float))
        if order == 2:
            entries = np.array(results[size + 1 :], dtype=float)
            if not dense:
                hessian = np.zeros(size * size)
                above, below = self._flat_places
                hessian[above] = hessian[below] = entries
                entries = hessian if results[0] == results[0] else np.full(size * size, np.nan)
            answer.append(entries.reshape(size, size))
        return answer

    @cached_property
    def _square(self) -> Routine | None:
        """All n^2 entries of the Hessian, where putting the other ones in their places would take longer."""
        size = len(self.variables)
        if size * size > 2 * len(self.sparsity) + SQUARE:
            return None
        entries = dict(zip(self.sparsity, self._program.results[size + 1 :], strict=True))
        square = [entries.get((max(i, j), min(i, j))) for i in range(size) for j in range(size)]
        return Routine(self._program, (*self._results(1), *square))

    @cached_property
    def _flat_places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, columns = self._places
        size = len(self.variables)
        return rows * size + columns, columns * size + rows


@final
class Routine:
    """A list of results of a program as functions, of floats and of rows of floats; each made when first used."""

    def __init__(self, program: Program, layout: Layout) -> None:
        self._program = program
        self._layout = layout
        self._points = 0 if len(program.instructions) > LONG and None not in layout else FEW

    def at_point(self, point: list[float]) -> tuple[float, ...]:
        """The results at a point; a long program is interpreted first, and compiled when it is asked for more."""
        if self._points >= FEW:
            return self.scalar(*point)
        self._points += 1
        try:
            values = interpret(self._program, self._order, point)
        except (ValueError, OverflowError, ZeroDivisionError):
            return self._outside(*point)
        results = tuple([values[place] for place in self._layout if place is not None])
        if not math.isfinite(results[0]) or not all(math.isfinite(values[place]) for place in self._below):
            return self._beyond(*point)
        return results

    @cached_property
    def _order(self) -> list[int]:
        """The places of the instructions that the results rest on."""
        return self._program.needed([place for place in self._layout if place is not None])

    @cached_property
    def _below(self) -> tuple[int, ...]:
        """The denominators that make a quotient 0 where they overflow, and the results that are quotients."""
        return self._program.doubtful([place for place in self._layout if place is not None])

    @cached_property
    def scalar(self) -> Function:
        """The results as a flat tuple of floats; all nan where the first one has no value."""
        return self._function(SCALARS, self._scalar_functions)

    @property
    def _scalar_functions(self) -> dict[str, Any]:
        return SCALAR_FUNCTIONS | {"outside": self._outside, "beyond": self._beyond}

    def at_batch(self, points: Array) -> Array:
        """The results at each point of a batch, an array of shape (m, k)."""
        table = np.empty((len(self._layout), len(points)))
        columns = np.ascontiguousarray(points.T)
        with np.errstate(divide="raise", over="raise", under="ignore", invalid="ignore"):
            for start in range(0, len(points), BLOCK):
                block = slice(start, start + BLOCK)
                try:
                    rows, doubtful = self._rows(*columns[:, block]), None
                except FloatingPointError:
                    rows, doubtful = self._outside_rows(*columns[:, block])
                for result, row in zip(table, rows, strict=True):
                    result[block] = row
                if doubtful is not None:
                    self._mend(table[:, block], columns[:, block], doubtful)
        answers = table.T
        answers[np.isnan(answers[:, 0])] = np.nan
        return answers

    def _outside(self, *point: float) -> tuple[float, ...]:
        """The results where Python's own arithmetic raises."""
        values, doubtful = self._in_a_row(point)
        return self._beyond(*point) if doubtful or any(value != value for value in values) else values

    def _in_a_row(self, point: Sequence[float]) -> tuple[tuple[float, ...], bool]:
        rows, doubtful = self._outside_rows(*[np.array([coordinate], dtype=float) for coordinate in point])
        return tuple(float(np.ravel(row)[0]) for row in rows), bool(np.any(doubtful))

    def _beyond(self, *point: float) -> tuple[float, ...]:
        """The results where floats overflow or underflow on the way to them; nan outside the domain."""
        if all(map(math.isfinite, point)):
            values = evaluate_widely(self._program, self._layout, point)
            if values[0] == values[0]:
                return values
        values, _ = self._in_a_row(point)
        return values if values[0] == values[0] else self._undefined

    def _mend(self, table: Array, columns: Array, doubtful: NDArray[np.bool_]) -> None:
        """Put in what is beyond floats on the way; at some points only, since it takes a millisecond or more."""
        lost = np.flatnonzero((np.isnan(table).any(axis=0) | doubtful) & np.isfinite(columns).all(axis=0))
        for place in lost[:MENDED]:
            table[:, place] = self._beyond(*columns[:, place].tolist())

    def _outside_rows(self, *columns: Array) -> tuple[tuple[Any, ...], Any]:
        """The results, and where a denominator is infinite."""
        with np.errstate(all="ignore"):
            found = self._guarded_rows(*columns)
        size, doubtful = len(self._layout), np.zeros(len(columns[0]) if columns else 1, dtype=bool)
        for below in found[size:]:
            doubtful |= ~np.isfinite(below)
        return found[:size], doubtful

    @cached_property
    def _rows(self) -> Function:
        return self._function(ROWS, ROW_FUNCTIONS)

    @cached_property
    def _guarded_rows(self) -> Function:
        return self._function(GUARDED_ROWS, GUARDED_ROW_FUNCTIONS, [*self._layout, *self._below])

    @property
    def _undefined(self) -> tuple[float, ...]:
        return (float("nan"),) * len(self._layout)

    def _function(self, dialect: Dialect, names: dict[str, Any], layout: Layout | None = None) -> Function:
        """The generated function; its source is made from our own graph, never from a user's text."""
        namespace = dict(names)
        with uncollected():
            source = function_source("results", self._program, layout or self._layout, dialect)
            exec(compile(source, "<symopt>", "exec"), namespace)
        results: Function = namespace["results"]
        return results
