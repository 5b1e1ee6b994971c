"""At which values level lines are drawn, and which of them are named beside the figure: round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from symopt.plotting.subject import Array

_SKEWED: Final = 0.14
"""Where half of the values lie in this share of the range, equal steps would show the other half alone."""
_FAR: Final = 6.0
"""A range so many times as wide as that of nearly all values ends in a pole, and is cut."""
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_GROWTHS: Final = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
_NAMED: Final = 9


def round_levels(values: Array, count: int) -> list[float]:
    """About `count` increasing round numbers, evenly spaced where that shows the function, around all but far values.

    Where one long tail holds most of the range (a narrow valley) their distances from the other end grow like 1, 2, 5,
    10 instead. A constant function has no levels.

    >>> round_levels(np.linspace(0, 8, 101), 8)
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    >>> round_levels(np.linspace(0, 10, 101) ** 6, 6)
    [0.0, 1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0, 1000000.0]
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return []
    low, near_low, middle, near_high, high = map(float, np.quantile(finite, [0.0, 0.03, 0.5, 0.97, 1.0]))
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return []
    if high - near_high > (_FAR - 1) * (near_high - low) > 0:
        high = near_high
    if near_low - low > (_FAR - 1) * (high - near_low) > 0:
        low = near_low
    if middle - low < _SKEWED * (high - low):
        return _growing(low, max(near_low - low, 1e-6 * (high - low)), high - low, count)
    if high - middle < _SKEWED * (high - low):
        mirrored = _growing(-high, max(high - near_high, 1e-6 * (high - low)), high - low, count)
        return [-level or 0.0 for level in reversed(mirrored)]
    step = _round_step(high - low, count)
    return _multiples(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9), step)


def _round_step(width: float, count: int) -> float:
    """The round number of which the width holds most nearly `count`."""
    unit = 10.0 ** math.floor(math.log10(width / count))
    return min((factor * unit for factor in _STEPS), key=lambda step: abs(math.log(width / step / count)))


def _multiples(first: int, last: int, step: float) -> list[float]:
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def _growing(low: float, least: float, most: float, count: int) -> list[float]:
    """Levels at round distances above a round number at or below `low`."""
    smallest, largest = math.floor(math.log10(least)), math.ceil(math.log10(most))
    distances: list[float] = []
    for factors in _GROWTHS:
        powers = [factor * 10.0**k for k in range(smallest, largest + 1) for factor in factors]
        distances = [d for d in powers if d >= least * (1 - 1e-9)]
        distances = distances[: 1 + next((i for i, d in enumerate(distances) if d >= most), len(distances))]
        if len(distances) <= count + 1:
            break
    step = 10.0**smallest
    base = math.floor(low / step + 1e-9) * step
    return [float(f"{level:.12g}") for level in (base, *(base + distance for distance in distances))]


def named_levels(levels: Sequence[float]) -> list[float]:
    """At most nine of the levels at the same distance in the list, those with the shortest names; 0 where it fits.

    >>> named_levels([0.5 * k for k in range(-1, 17)])
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    >>> named_levels([0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
    [1, 10, 100, 1000]
    """
    fewest = -(-len(levels) // _NAMED)
    gaps = np.diff(levels)
    is_even = bool(np.allclose(gaps, gaps[:1]))
    distances = (fewest,) if is_even or fewest == 1 else (fewest, fewest + 1)
    choices = [list(levels[start::every]) for every in distances for start in range(every)]
    fitting = [chosen for chosen in choices if 0 in chosen] if is_even and 0 in levels else choices
    return min(fitting, key=lambda chosen: sum(map(_oddness, chosen)) / len(chosen))


def _oddness(level: float) -> float:
    """How many digits a level has, the digit 1 counted half."""
    digits = f"{abs(level):.12g}".split("e")[0].replace(".", "").strip("0")
    return 0.5 if digits in ("", "1") else float(len(digits))


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Three significant digits, and more where the numbers would look equal.

    >>> tick_labels([0.01234, 4140.2]), tick_labels([1.0001, 1.0002])
    (['0.0123', '4140'], ['1.0001', '1.0002'])
    >>> tick_labels([0, 1000, 1e7])
    ['0', '$10^{3}$', '$10^{7}$']
    """
    for digits in range(3, 17):
        labels = [f"{float(f'{tick:.{digits}g}'):.15g}" for tick in ticks]
        if len(set(labels)) == len(ticks):
            break
    if any(number and not 1e-4 <= abs(number) < 1e6 for number in map(float, labels)):
        labels = [_in_powers(label) for label in labels]
    return [label.replace("-", "\N{MINUS SIGN}") for label in labels]


def _in_powers(label: str) -> str:
    """A long number by its power of ten, as matplotlib's mathtext."""
    number = float(label)
    if number == 0:
        return label
    digits, power = f"{number:.15e}".split("e")
    front = f"{float(digits):.12g}"
    head = "" if front == "1" else "-" if front == "-1" else rf"{front} \times "
    return rf"${head}10^{{{int(power)}}}$"
