"""Rules for step sizes, one small file each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np

from symopt.numeric.numbers import Number
from symopt.numeric.step_sizes.backtracking import Backtracking
from symopt.numeric.step_sizes.constant import Constant
from symopt.numeric.step_sizes.exact import ExactLineSearch
from symopt.numeric.step_sizes.schedules import Cosine, InverseTime, Listed, Schedule
from symopt.numeric.step_sizes.step_size import StepSize
from symopt.numeric.step_sizes.wolfe import Wolfe

__all__ = [
    "Backtracking",
    "Constant",
    "Cosine",
    "ExactLineSearch",
    "InverseTime",
    "Listed",
    "Schedule",
    "StepSize",
    "StepSizeLike",
    "Wolfe",
    "read_step_size",
]

BY_NAME: Final[dict[str, type[StepSize]]] = {
    "backtracking": Backtracking,
    "armijo": Backtracking,
    "wolfe": Wolfe,
    "exact": ExactLineSearch,
}
StepSizeLike: TypeAlias = StepSize | Number | Sequence[Number] | Callable[[int], Number]


def read_step_size(value: StepSizeLike) -> StepSize:
    """The rule meant by a number, the text "1/10" or a name in BY_NAME, a sequence or a function of t = 1, 2, ...

    >>> read_step_size("1/10")
    Constant(value=Fraction(1, 10))
    >>> read_step_size([1, 0.5])
    Listed(values=(1.0, 0.5))
    >>> print(read_step_size("backtracking"))
    backtracking from step size 1
    """
    if isinstance(value, StepSize):
        return value
    if isinstance(value, str) and value.strip().lower() in BY_NAME:
        return BY_NAME[value.strip().lower()]()
    if callable(value):
        return Schedule(value)
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str):
        return Listed(tuple(value))
    return Constant(value)
