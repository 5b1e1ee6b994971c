"""The result of a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from symopt.numeric.numbers import count, show_number, show_point
from symopt.numeric.objective import Array, length
from symopt.numeric.recorder import Record
from symopt.numeric.report import Report, letter, number

MOST_ROWS: Final = 12
MOST_COLUMNS: Final = 3
"""How many iterates, and how many of their coordinates, a run is written up with."""


FIELDS: Final = (
    *("x", "fun", "jac", "nit", "nfev", "njev", "nhev", "success", "status", "message"),
    *("path", "values", "gradient_norms", "iterations", "step_sizes", "predicted_rate", "measured_rate"),
    *("method", "description", "sense", "warnings", "variables", "seed"),
)
"""What can be read of a run by name."""


@dataclass(frozen=True)
class Words:
    """What is said of a run that has ended, and what it took to find out."""

    description: str
    message: str
    predicted_rate: float
    measured_rate: float
    nhev: int


@dataclass(frozen=True, repr=False, eq=False)
class Run:
    """Where a method went and why it stopped: SciPy's names, `run.x` or `run["x"]`, all arrays read-only.

    `fun`, `jac` are f and grad f, as typed, at the last point `x`; `success` is True when `x` is stationary
    to the tolerance and its Hessian does not show a point of another kind; `status` is a `Status`. Row i of
    `path` is the iterate number `iterations[i]` (0, record, 2 record, ... and the last one), with f there in
    `values`, ||grad f|| in `gradient_norms`, and in `step_sizes[i - 1]` the step size that led there.

    `predicted_rate` is the factor of an error in a step by the Hessian at the end (or of a quadratic f): the spectral
    radius of the linearised iteration. `measured_rate` is that of the gradient norm over the second half of the record.
    Each is nan where it is not known: the first for step sizes that change, the second with too few iterates recorded.

    Of a run on mini-batches `nit` counts their steps, and everything recorded is of f itself, over all rows; both rates
    are nan, and `seed` repeats the run.

    The words and the arrays of the record are made when they are first read: that may take longer than the run.
    """

    x: Array
    fun: float
    jac: Array
    nit: int
    nfev: int
    njev: int
    success: bool
    status: int
    method: str
    sense: str
    warnings: tuple[str, ...]
    variables: tuple[str, ...]
    seed: int | None
    _record: Record
    _find_words: Callable[[], Words]

    @cached_property
    def words(self) -> Words:
        """Everything that is said of the run."""
        return self._find_words()

    @cached_property
    def description(self) -> str:
        """The method and its step sizes, in words."""
        return self.words.description

    @cached_property
    def message(self) -> str:
        """Why the run has ended, and what was found there."""
        return self.words.message

    @cached_property
    def predicted_rate(self) -> float:
        """The factor of an error in a step by the Hessian."""
        return self.words.predicted_rate

    @cached_property
    def measured_rate(self) -> float:
        """The factor of the gradient norm in a step, as recorded."""
        return self.words.measured_rate

    @cached_property
    def nhev(self) -> int:
        """Evaluations of the Hessian, those for the message included."""
        return self.words.nhev

    @cached_property
    def path(self) -> Array:
        """The recorded iterates, one in a row."""
        return self._record.path

    @cached_property
    def values(self) -> Array:
        """f at the recorded iterates."""
        return self._record.values

    @cached_property
    def gradient_norms(self) -> Array:
        """||grad f|| at the recorded iterates."""
        return self._record.gradient_norms

    @cached_property
    def iterations(self) -> NDArray[np.int64]:
        """The numbers of the recorded iterates."""
        return self._record.iterations

    @cached_property
    def step_sizes(self) -> Array:
        """The step sizes that led to the recorded iterates but the first."""
        return self._record.step_sizes

    def __getitem__(self, name: str) -> Any:
        if name in FIELDS:
            return getattr(self, name)
        raise KeyError(name)

    def keys(self) -> tuple[str, ...]:
        """The names of the fields."""
        return FIELDS

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Run):
            return NotImplemented
        return all(_equal(self[name], other[name]) for name in FIELDS)

    def __hash__(self) -> int:
        return hash((self.method, self.description, self.nit, self.status, self.x.tobytes()))

    def __getstate__(self) -> dict[str, Any]:
        return {name: self[name] for name in FIELDS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False  # NumPy unpickles arrays as writeable ones
        self.__dict__.update(state)

    def __repr__(self) -> str:
        how = self.message.split(":")[0].rstrip(".")
        place = f"{show_point(self.variables, self.x)}, f = {show_number(self.fun)}"
        return f"<Run: {self.description}: {how[0].lower()}{how[1:]}, {place}>"

    def __str__(self) -> str:
        lines = [self.description[0].upper() + self.description[1:], self.message]
        lines.append(f"  {show_point(self.variables, self.x)}")
        lines.append(f"  f = {show_number(self.fun)}, gradient norm {show_number(length(self.jac))}")
        counts = f"evaluations: {self.nfev} of f, {self.njev} of the gradient, {self.nhev} of the Hessian"
        lines.append(f"  {count(self.nit)}; {counts}")
        if self.rates:
            lines.append(f"  {self.rates}")
        return "\n".join([*lines, *(f"  Warning: {warning}" for warning in self.warnings)])

    @property
    def rates(self) -> str:
        """Theory beside practice: `factor of the error in a step: 0.8 predicted, 0.7999 measured`; empty if unknown."""
        both = ((self.predicted_rate, "predicted"), (self.measured_rate, "measured"))
        known = [f"{value:.4g} {word}" for value, word in both if math.isfinite(value)]
        return f"factor of the error in a step: {', '.join(known)}" if known else ""

    def explain(self) -> str:
        """How the run went and why it ended, in sentences."""
        rates = f"{self.rates[0].upper()}{self.rates[1:]}." if self.rates else ""
        title = f"{self.description[0].upper()}{self.description[1:]}."
        return " ".join(filter(None, [title, self.message, rates, *self.warnings]))

    def report(self) -> Report:
        """The run as it is written up: at most a dozen of its recorded iterates."""
        kept = range(len(self.path))
        shown = [*kept] if len(kept) <= MOST_ROWS else [*kept[: MOST_ROWS - 3], None, *kept[-2:]]
        rows = tuple(("\\vdots", *[""] * (len(self.x) + 2)) if i is None else self._row(i) for i in shown)
        few = len(self.x) <= MOST_COLUMNS
        return Report(
            self.description[0].upper() + self.description[1:],
            (
                self.message,
                *((f"{self.rates[0].upper()}{self.rates[1:]}.",) if self.rates else ()),
                *self.warnings,
            ),
            self.variables if few else (),
            ("f", r"\lVert \nabla f \rVert"),
            rows if few else tuple((row[0], *row[-2:]) for row in rows),
        )

    def _row(self, place: int) -> tuple[str, ...]:
        numbers = [*self.path[place].tolist(), float(self.values[place]), float(self.gradient_norms[place])]
        return (str(self.iterations[place]), *(f"{value:.4g}" for value in numbers))

    def markdown(self) -> str:
        """The run as Markdown: how it went, and its iterates."""
        return self.report().markdown()

    def latex(self, standalone: bool = False) -> str:
        """The run as LaTeX, a fragment that needs amsmath only or with `standalone` a complete document."""
        return self.report().latex(standalone=standalone)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _repr_latex_(self) -> str:
        place = ", ".join(number(show_number(value)) for value in self.x.tolist())
        names = ", ".join(map(letter, self.variables))
        left, right = (f"({names})", f"({place})") if len(self.variables) > 1 else (names, place)
        return rf"$\displaystyle {left} = {right}, \quad f({names}) = {number(show_number(self.fun))}$"

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON knows them; numbers that are not finite are the texts "nan", "oo", "-oo"."""
        return {name: _plain(self[name]) for name in FIELDS}


def _equal(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return one == other


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "oo" if value > 0 else "-oo"
    return value
