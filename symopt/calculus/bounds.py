"""Which values of a program are finite wherever its arguments are: intervals of floats, one after the other.

A share e^u/(e^u + e^v + ...) is between 0 and 1, and so are products of shares: nobody need look whether they are
infinite or nan. Bounds are those of Python's arithmetic on floats: + - * / are rounded to the nearest, which keeps the
order, and the functions of `math` raise an error instead of making a number infinite.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Final, TypeAlias

from symopt.calculus.program import RELATIONS, Program

# The least and the largest value, be they infinite; None where the value may be nan, or nothing is known.
Bounds: TypeAlias = tuple[float, float] | None
Interval: TypeAlias = tuple[float, float]

LARGEST: Final = sys.float_info.max
TRUTH: Final[Interval] = (0.0, 1.0)
# The functions of `math` are near, not rounded to the nearest.
LESS: Final = 1 - 1e-12
MORE: Final = 1 + 1e-12


def watched(program: Program, results: Sequence[int]) -> tuple[int, ...]:
    """What is looked at before the results are believed, in Python's arithmetic.

    Those of the `doubtful` that may be infinite or nan where the arguments are finite, and, where others are left out
    for being finite, the arguments.
    """
    doubtful = program.doubtful(results)
    if not doubtful:
        return ()
    order = program.needed(doubtful)
    known = bounds(program, order)
    left = tuple(place for place in doubtful if not _is_finite(known[place]))
    if len(left) == len(doubtful):
        return doubtful
    arguments = tuple(place for place in order if program.instructions[place][0] == "input")
    return (*arguments, *left) if len(arguments) + len(left) < len(doubtful) else doubtful


def bounds(program: Program, order: Sequence[int]) -> dict[int, Bounds]:
    """Bounds of the values at the places of an order, for all finite arguments."""
    known: dict[int, Bounds] = {}
    greater: dict[int, int] = {}  # a value that is at least as large as another one
    for place in order:
        head, *operands = program.instructions[place]
        if head == "input":
            known[place] = -LARGEST, LARGEST
        elif head == "constant":
            known[place] = (operands[0], operands[0]) if math.isfinite(operands[0]) else None
        else:
            parts = [known[operand] for operand in operands]
            rule = _RULES.get(head)
            found = None if rule is None or None in parts else rule(*parts)
            if found is not None and head == "-" and _greatest(greater, operands[0]) == operands[1]:
                found = found[0], min(found[1], 0.0)
            elif head == "*" and operands[0] == operands[1] and found is not None:
                found = max(found[0], 0.0), found[1]
            if head == "max":
                greater.update(dict.fromkeys(operands, place))
            known[place] = found
    return known


def _is_finite(found: Bounds) -> bool:
    return found is not None and -inf < found[0] and found[1] < inf


def _greatest(greater: dict[int, int], place: int) -> int:
    """Where the chain of greater values ends; it is cut short for whoever asks next."""
    end = place
    while end in greater:
        end = greater[end]
    while place != end:
        greater[place], place = end, greater[place]
    return end


def _sum(a: Interval, b: Interval) -> Bounds:
    if (a[0] == -inf and b[1] == inf) or (a[1] == inf and b[0] == -inf):
        return None
    return a[0] + b[0], a[1] + b[1]


def _negative(a: Interval) -> Interval:
    return -a[1], -a[0]


def _product(a: Interval, b: Interval) -> Bounds:
    for one, other in ((a, b), (b, a)):
        if one[0] <= 0 <= one[1] and inf in (-other[0], other[1]):
            return None
    corners = a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]
    return min(corners), max(corners)


def _quotient(a: Interval, b: Interval) -> Bounds:
    if inf in (-a[0], a[1]) and inf in (-b[0], b[1]):
        return None
    if b[0] <= 0 <= b[1]:
        # To divide by 0 raises an error.
        return -inf, inf
    corners = a[0] / b[0], a[0] / b[1], a[1] / b[0], a[1] / b[1]
    return min(corners), max(corners)


def _size(a: Interval) -> Interval:
    largest = max(-a[0], a[1])
    return (0.0 if a[0] <= 0 <= a[1] else min(abs(a[0]), abs(a[1]))), largest


def _exponential(a: Interval) -> Interval:
    return _powers_of_e(a[0]) * LESS, _powers_of_e(a[1])


def _powers_of_e(u: float) -> float:
    try:
        return min(math.exp(u) * MORE, inf if u == inf else LARGEST)
    except OverflowError:
        return LARGEST


def _logarithm(a: Interval) -> Interval:
    # Smaller than the least positive number none has a logarithm.
    least, largest = (math.log(max(end, 5e-324)) for end in a)
    return least - 1e-9, largest + 1e-9


def _logarithm_of_more(a: Interval) -> Interval:
    least, largest = (math.log1p(max(end, -LESS)) for end in a)
    return (least - 40.0 if a[0] < -LESS else least - 1e-9), largest + 1e-9


def _root(a: Interval) -> Interval:
    return math.sqrt(max(a[0], 0.0)), math.sqrt(max(a[1], 0.0))


def _length(*sides: Interval) -> Interval:
    sizes = [_size(side) for side in sides]
    return max(least for least, _ in sizes) * LESS, sum(largest for _, largest in sizes) * MORE


def _larger(a: Interval, b: Interval) -> Interval:
    return max(a[0], b[0]), max(a[1], b[1])


def _smaller(a: Interval, b: Interval) -> Interval:
    return min(a[0], b[0]), min(a[1], b[1])


def _either(_: Interval, yes: Interval, no: Interval) -> Interval:
    return min(yes[0], no[0]), max(yes[1], no[1])


def _within(least: float, largest: float) -> Callable[..., Bounds]:
    return lambda *_: (least, largest)


_RULES: Final[Mapping[str, Callable[..., Bounds]]] = {
    "+": _sum,
    "-": lambda a, b: _sum(a, _negative(b)),
    "*": _product,
    "/": _quotient,
    "neg": _negative,
    "Abs": _size,
    "exp": _exponential,
    "log": _logarithm,
    "log1p": _logarithm_of_more,
    "sqrt": _root,
    "hypot": _length,
    "max": _larger,
    "min": _smaller,
    "select": _either,
    "where_defined": lambda _, value: value,
    # A sum of parts of which one is 1 and none is below 0, less 1.
    "rest": lambda total, *_: (0.0, total[1]),
    **dict.fromkeys(("tanh", "sin", "cos", "erf"), _within(-1.0, 1.0)),
    **dict.fromkeys(("sign", "slope"), _within(-1.0, 1.0)),
    "tanh_slope": _within(0.0, MORE),
    "erfc": _within(0.0, 2.0),
    **dict.fromkeys(("atan", "asin"), _within(-1.6, 1.6)),
    **dict.fromkeys((*RELATIONS, "and", "or", "not"), _within(*TRUTH)),
}
