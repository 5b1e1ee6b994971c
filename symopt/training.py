"""A loss with its data: values, gradients and runs on array code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, final

from symopt.arrays.half_steps import alternation
from symopt.arrays.splitting import split_rows
from symopt.arrays.statement import ArrayStatement, name_of
from symopt.errors import InputError

if TYPE_CHECKING:
    from symopt.arrays.compiler import ArrayProgram, CompiledArrays

STARTS: Final = 10
"""How many starts "k-means++" draws when nobody says how many."""


@final
@dataclass(frozen=True, repr=False, eq=False)
class ProblemWithData:
    """A problem of vectors and matrices with arrays for its data and numbers for its parameters.

    It answers `compile()` and `run(x0)` as a scalar problem does. A point is one vector: all variables in their order,
    each flattened row by row as NumPy's ravel() does; `join` makes one of the variables, `split` takes one apart.
    """

    statement: ArrayStatement
    values: Mapping[str, Any]
    problem_of: Callable[[Any], Any]

    def __post_init__(self) -> None:
        from symopt.arrays.declared import refuse_undeclared

        refuse_undeclared(self.statement, self.values)

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables, in order."""
        return self.statement.variables

    @property
    def sense(self) -> str:
        """The headline question, "min" or "max"."""
        return self.statement.sense

    def __repr__(self) -> str:
        with_shapes = ", ".join(
            f"{name}: {getattr(value, 'shape', value)}" for name, value in self.values.items()
        )
        return f"<problem in {', '.join(self.statement.names)} with data {with_shapes}>"

    def with_data(self, data: Mapping[Any, Any] | None = None, /, **named: Any) -> ProblemWithData:
        """The same with more data, or other data."""
        return ProblemWithData(self.statement, {**self.values, **read_data(data, named)}, self.problem_of)

    def written_out(self) -> Any:
        """The loss as a `Problem` in numbers, one variable for each entry: w_1, ..., w_n.

        Floats are their shortest decimals, exactly; parameters without a value stay parameters. For small data and few
        unknowns: everything that is said of a formula can be asked of it.

        >>> from sympy import MatrixSymbol
        >>> from symopt import Problem, norm
        >>> X, y, w = MatrixSymbol("X", 3, 2), MatrixSymbol("y", 3, 1), MatrixSymbol("w", 2, 1)
        >>> fit = Problem(norm(y - X*w)**2, [w]).with_data({X: [[1, 0.5], [0, 1], [1, 1]], y: [1, 2, 3]})
        >>> fit.written_out().objective
        (w_2 - 2)**2 + (w_1 + w_2/2 - 1)**2 + (w_1 + w_2 - 3)**2
        """
        from symopt.arrays.written_out import WrittenOut

        return self.problem_of(WrittenOut(self.statement, self.values))

    @cached_property
    def program(self) -> ArrayProgram:
        """The generated source, which serves any data of fitting shapes."""
        from symopt.arrays.compiler import ArrayProgram

        return ArrayProgram(self.statement)

    @cached_property
    def _compiled(self) -> CompiledArrays:
        from symopt.arrays.compiler import compile_arrays

        return compile_arrays(self.program, self.values)

    def compile(self) -> CompiledArrays:
        """f with gradient and Hessian on matrix products."""
        return self._compiled

    def join(self, values: Mapping[Any, Any]) -> Any:
        """The point made of the variables: `problem.join({w: array, b: 0})`."""
        return self.compile().join(values)

    def split(self, x: Any) -> dict[str, Any]:
        """The variables that a point consists of, by name, each in its shape."""
        return self.compile().split(x)

    def run(
        self,
        x0: Any,
        method: Any = "gd",
        *,
        batch_size: int | None = None,
        replacement: bool = False,
        chunks: Any = None,
        rows: Any = None,
        blocks: Sequence[Any] | None = None,
        n_init: int | None = None,
        **options: Any,
    ) -> Any:
        """An iteration from x0, a point or a dictionary of the variables; methods and options as for `Problem.run`.

        With `batch_size` each step takes the gradient on so many rows of the data, drawn with or without `replacement`:
        stochastic gradient descent ("sgd", one row a step where nothing is said), and so every method of first order.
        `epochs=10` says how often the run goes through the rows, `rng=0` is the seed, `record=` the interval at which the
        whole loss is looked at. `rows=N` names the size that counts the rows where the loss is a sum over more than one.

        Rows that do not fit into memory come as `chunks`: a list, or a function that makes an iterator, of dictionaries
        {X: rows, y: rows}. Each chunk is then a batch, in the order given, and every look at f is a pass.

        With `blocks=[r, mu]` one block after the other takes its best value while the others stay, by the formulas of
        `problem.half_steps([r, mu])`; each iterate is a half step, and f never rises. The start may leave out the first
        block, and "k-means++" draws `n_init` starts (10) from the rows of the data.
        """
        from symopt.numeric.driver import minimise

        if method == "sgd":
            method, batch_size = "gd", 1 if batch_size is None and chunks is None else batch_size
        compiled: Any
        if blocks is not None:
            if batch_size is not None or chunks is not None:
                raise InputError("half steps see all rows: give blocks, or batch_size, or chunks")
            return self._alternate(x0, blocks, method, n_init, options)
        if n_init is not None:
            raise InputError('n_init is for x0="k-means++", with blocks=[...]')
        if chunks is not None:
            if batch_size is not None:
                raise InputError("the chunks are the batches: give chunks or batch_size")
            options["batches"] = compiled = self._chunked(chunks, rows)
        else:
            compiled = self.compile()
            if batch_size is not None:
                options["batches"] = self._sampled(batch_size, replacement, rows)
        start = compiled.join(x0) if isinstance(x0, Mapping) else x0
        return minimise(compiled, start, method, sense=self.sense, **options)

    def _alternate(
        self, x0: Any, blocks: Sequence[Any], method: Any, n_init: int | None, options: dict[str, Any]
    ) -> Any:
        from symopt.arrays.blocks import block_steps, plus_plus, start_of
        from symopt.numeric.driver import minimise, read_rng, read_seed
        from symopt.numeric.methods import AlternatingMinimisation
        from symopt.numeric.numbers import read_count

        if method not in ("gd", "alternating"):
            raise InputError(f"blocks=[...] is a method of its own: leave out method={method!r}")
        if self.sense != "min":
            raise InputError("half steps minimise: write the problem with -f")
        compiled = self.compile()
        found = alternation(self.statement, blocks)
        steps = block_steps(found, compiled)
        origin = ""
        if isinstance(x0, str):
            if x0 != "k-means++":
                raise InputError(f'the start {x0!r} is not known: write "k-means++", or give values')
            given = options.pop("rng", None)
            seed = read_seed(given)
            rng = read_rng(given if seed is None else seed)
            origin = ", from k-means++" + ("" if seed is None else f" with seed {seed}")
            number = STARTS if n_init is None else max(read_count(n_init, "n_init"), 1)
            starts = [plus_plus(steps, compiled, found, rng) for _ in range(number)]
        else:
            if n_init is not None:
                raise InputError('n_init is for x0="k-means++": one start is given')
            starts = [start_of(steps, compiled, x0)]
        points, turn = [point for point, _ in starts], starts[0][1]
        alternating = AlternatingMinimisation(steps, turn, origin)
        return minimise(compiled, points[0] if len(points) == 1 else points, alternating, **options)

    def batch_variance(
        self, x: Any, batch_size: int, replacement: bool = False, *, rows: Any = None
    ) -> float:
        """E ||G - grad f(x)||^2 for the gradient G on a random mini-batch: (N^2/m) s^2, times (N - m)/(N - 1) without.

        s^2 is the mean of ||grad f_i - mean||^2 over the N rows; `mini_batches().explain()` derives the formula.
        """
        from symopt.numeric.batches import variance

        compiled = self.compile()
        point = compiled.join(x) if isinstance(x, Mapping) else x
        return variance(self._sampled(batch_size, replacement, rows), point)

    def _chunked(self, chunks: Any, rows: Any) -> Any:
        from symopt.arrays.batches import ChunkedLoss

        return ChunkedLoss(split_rows(self.statement, rows), self.program, self.values, chunks)

    def _sampled(self, size: int, replacement: bool, rows: Any) -> Any:
        from symopt.arrays.batches import RowLoss
        from symopt.numeric.batches import Sampled

        split = split_rows(self.statement, rows)
        return Sampled(RowLoss(split, self.compile()), size, replacement)


def read_data(data: Mapping[Any, Any] | None, named: Mapping[str, Any]) -> dict[str, Any]:
    """Data by name; an iterator over chunks of rows is read to its end, once."""
    from symopt.arrays.compiler import as_given

    given = {**{name_of(key): value for key, value in (data or {}).items()}, **named}
    return {name: as_given(name, value) for name, value in given.items()}
