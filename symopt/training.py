"""A loss with its data: values, gradients and runs on array code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

from symopt.arrays.statement import ArrayStatement, name_of

if TYPE_CHECKING:
    from symopt.arrays.compiler import ArrayProgram, CompiledArrays


@final
@dataclass(frozen=True, repr=False, eq=False)
class ProblemWithData:
    """A problem of vectors and matrices with arrays for its data and numbers for its parameters.

    It answers `compile()` and `run(x0)` as a scalar problem does. A point is one vector: all variables in their order,
    each flattened row by row as NumPy's ravel() does; `join` makes one of the variables, `split` takes one apart.
    """

    statement: ArrayStatement
    values: Mapping[str, Any]

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
        return ProblemWithData(self.statement, {**self.values, **read_data(data, named)})

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

    def run(self, x0: Any, method: Any = "gd", **options: Any) -> Any:
        """An iteration from x0, a point or a dictionary of the variables; methods and options as for `Problem.run`."""
        from symopt.numeric.driver import minimise

        compiled = self.compile()
        start = compiled.join(x0) if isinstance(x0, Mapping) else x0
        return minimise(compiled, start, method, sense=self.sense, **options)


def read_data(data: Mapping[Any, Any] | None, named: Mapping[str, Any]) -> dict[str, Any]:
    """Data by name; an iterator over chunks of rows is read to its end, once."""
    from symopt.arrays.compiler import as_data

    given = {**{name_of(key): value for key, value in (data or {}).items()}, **named}
    return {name: as_data(name, value) for name, value in given.items()}
