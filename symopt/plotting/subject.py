"""What a figure needs of a problem: numbers on a grid, and the stationary points as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Float, Integer, Symbol, cos, latex, sin, true

from symopt.calculus.compiler import compile_objective
from symopt.errors import InputError
from symopt.relation import Relation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from symopt.results.point import Point

Array: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[[Array], Array]
"""f on batches: points of shape (m, n) to values of shape (m,), nan outside the domain."""

INCOMPLETE: Final = "perhaps more stationary points"
_FAMILY_SAMPLES: Final = 241
_INTEGERS: Final = range(-20, 21)
_NEAR: Final = range(-5, 6)


class Plottable(Protocol):
    """The part of a `Problem` that figures read; its parameters are numbers already."""

    @property
    def variables(self) -> tuple[Symbol, ...]: ...

    @property
    def feasible_region(self) -> tuple[Relation, ...]: ...

    def compile(self) -> Function: ...

    def stationary_points(self) -> Iterable[Any]:
        """Cases, each with `result.points`, `result.kinks` and `result.complete`."""
        ...


@dataclass(frozen=True)
class Mark:
    """Stationary points of one kind: isolated ones, or the curve of a family, nan where it is interrupted."""

    kind: str
    places: Array
    is_curve: bool = False
    needed: int = 3
    """How many of them, the nearest to 0, a figure must show."""


def require_variables(variables: tuple[Symbol, ...], *allowed: int) -> None:
    """An InputError unless the number of variables is one of those allowed."""
    if len(variables) not in allowed:
        wanted = " or ".join(map(str, allowed)) + (" variable" if allowed == (1,) else " variables")
        names = ", ".join(map(str, variables))
        raise InputError(f"this figure needs {wanted}; the problem has {names}")


def sample(function: Function, points: Array) -> Array:
    """f on points of shape (..., n), nan where it is not finite."""
    with np.errstate(all="ignore"):
        values = np.asarray(function(points.reshape(-1, points.shape[-1])), dtype=float)
    return np.where(np.isfinite(values), values, np.nan).reshape(points.shape[:-1])


def fulfilled(relations: Iterable[Relation], variables: tuple[Symbol, ...], grid: Array) -> NDArray[np.bool_]:
    """Where all relations but equations hold on points of shape (..., n)."""
    held = np.ones(grid.shape[:-1], dtype=bool)
    for relation in relations:
        values = sample(compile_objective(relation.expression, variables), grid)
        with np.errstate(invalid="ignore"):
            held &= {
                ">": values > 0,
                ">=": values >= 0,
                "<": values < 0,
                "<=": values <= 0,
                "!=": values != 0,
                "==": np.isfinite(values),
            }[relation.op]
    return held


def function_on_region(problem: Plottable) -> Function:
    """f on batches, nan where an inequality of the feasible region is violated."""
    function, variables = problem.compile(), problem.variables
    relations = [r for r in problem.feasible_region if r.symbols <= set(variables)]

    def on_region(points: Array) -> Array:
        values = np.asarray(function(points), dtype=float)
        return np.where(fulfilled(relations, variables, points), values, np.nan)

    return on_region if relations else function


def math_label(*symbols: Symbol) -> str:
    r"""The names as matplotlib's mathtext: `$\theta$`."""
    return f"${', '.join(latex(symbol) for symbol in symbols)}$"


def value_label(problem: Plottable) -> str:
    """`$f(x, y)$`."""
    return f"$f({math_label(*problem.variables)[1:-1]})$"


@dataclass(frozen=True)
class Known:
    """The stationary points and kinks of all cases, and whether these are all."""

    points: tuple[Point, ...]
    complete: bool

    def tell(self, ax: Axes) -> None:
        """A line in the legend where there may be more points than are marked."""
        if not self.complete:
            ax.plot([], [], linestyle="none", label=INCOMPLETE)


def stationary_points_of(problem: Plottable) -> Known:
    """The stationary points and kinks of all cases; a kink that is no extremum is called a kink."""
    results = [case.result for case in problem.stationary_points()]
    points = tuple(point for result in results for point in result.points)
    kinks = (point for result in results for point in result.kinks)
    neither = ("inflection", "saddle")
    points += tuple(replace(kink, kind="kink") if kink.kind in neither else kink for kink in kinks)
    return Known(points, all(result.complete for result in results))


def marks_of(points: Iterable[Point], variables: tuple[Symbol, ...], reach: float = 0.0) -> tuple[Mark, ...]:
    """The points as numbers; families are followed to a distance of about `reach`."""
    return tuple(mark for point in points for mark in _marks(point, variables, reach))


def _marks(point: Point, variables: tuple[Symbol, ...], reach: float) -> Iterator[Mark]:
    if not point.branch.free:
        decimal = point.kink_to_dict().get("decimal")
        if isinstance(decimal, Mapping):
            yield Mark(point.kind, np.array([[float(decimal[str(variable)]) for variable in variables]]))
    elif len(point.branch.free) == 1 and not point.branch.numbers:
        symbol, kind = point.branch.free[0]
        periodic = any(value.has(sin, cos) for _, value in point.branch.at)
        steps = [Integer(k) for k in _INTEGERS] if kind == "integer" else _floats(0.0 if periodic else reach)
        places = [_place(point, variables, symbol, step) for step in steps]
        yield Mark(point.kind, np.array(places, dtype=float), is_curve=kind != "integer")
    elif len(point.branch.free) == 1 and point.branch.free[0][1] == "integer":
        members = [place for step in _NEAR for place in _member(point, variables, Integer(step))]
        yield Mark(point.kind, np.array(members).reshape(-1, len(variables)), needed=1)


def _member(point: Point, variables: tuple[Symbol, ...], step: Expr) -> Iterator[list[float]]:
    """The member of a family of roots that has this number, if there is one."""
    with suppress(InputError):
        decimal = point.at({point.branch.free[0][0]: step}).to_dict().get("decimal")
        if isinstance(decimal, Mapping):
            yield [float(decimal[str(variable)]) for variable in variables]


def _floats(reach: float) -> list[Expr]:
    """Numbers from -reach to reach, dense in [-4, 4], which is more than a period of cos and sin."""
    near = np.linspace(-1.0, 1.0, _FAMILY_SAMPLES)
    return [Float(value) for value in 4.0 * near + max(reach - 4.0, 0.0) * near**3]


def _place(point: Point, variables: tuple[Symbol, ...], symbol: Symbol, step: Expr) -> list[float]:
    at, values = dict(point.branch.at), {symbol: step}
    if any(relation.at(values).as_sympy().doit() != true for relation in point.branch.where):
        return [float("nan")] * len(variables)
    try:
        return [float(at[variable].xreplace(values)) for variable in variables]
    except TypeError:  # not a real number
        return [float("nan")] * len(variables)
