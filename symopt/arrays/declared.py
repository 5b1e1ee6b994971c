"""Whether data are what was declared of them: ranges of entries, whole numbers, symmetric and definite matrices.

What is derived under an assumption says nothing about data that contradict it, so these are refused where they come in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sympy import IndexedBase, Rational, Symbol

from symopt.arrays.statement import ENTRY, ArrayStatement, leaf_of, name_of
from symopt.calculus.compiler import compile_objective
from symopt.errors import InputError
from symopt.relation import REVERSED, Relation

ROUNDING: Final = 1e-8
"""Entries of a symmetric matrix may differ by so much of the largest entry, as those of a computed one do."""

_COMPARED: Final[Mapping[str, Any]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def refuse_undeclared(
    statement: ArrayStatement, values: Mapping[str, Any], before: int = 0, chunk: int | None = None
) -> None:
    """InputError for the first entry of the data that contradicts what is assumed of it.

    A range with a parameter is looked at where the parameter has a value. Rows are counted from 0, as NumPy does;
    `before` is how many came in earlier chunks, and `chunk` the number of this one.
    """
    numbers = {s: Rational(str(values[s.name])) for s in statement.parameters if _is_number(values, s)}
    for array in statement.data:
        name = name_of(array)
        if name not in values:
            continue
        given = np.asarray(values[name], dtype=float)
        for relation in statement.ranges_of(leaf_of(array)):
            _refuse_first(name, given, ~_holds(relation.at(numbers), given), relation, before, chunk)
        if isinstance(array, Symbol) and array.is_integer:
            _refuse_first(name, given, given != np.floor(given), "is a whole number", before, chunk)
        if array in statement.symmetric:
            _refuse_other_matrix(name, given, array in statement.definite)


def _is_number(values: Mapping[str, Any], symbol: Symbol) -> bool:
    return symbol.name in values and np.ndim(values[symbol.name]) == 0


def _holds(relation: Relation, given: NDArray[np.float64]) -> Any:
    """Where the relation holds; a comparison with a number is exact."""
    expression = relation.expression
    if expression.free_symbols != {ENTRY}:
        return np.ones(given.shape, dtype=bool)
    slope = expression.diff(ENTRY)
    if slope.is_Rational and slope != 0:
        end = -expression.xreplace({ENTRY: Rational(0)}) / slope
        op = relation.op if slope > 0 else REVERSED[relation.op]
        return _COMPARED[op](given, float(end))
    found = compile_objective(expression, (ENTRY,))(given.reshape(-1, 1)).reshape(given.shape)
    return _COMPARED[relation.op](found, 0.0)


def _refuse_first(
    name: str, given: NDArray[np.float64], bad: Any, wanted: Relation | str, before: int, chunk: int | None
) -> None:
    if not bad.any():
        return
    first = tuple(int(place) for place in np.argwhere(bad)[0])
    row = "" if not first else f" in row {first[0] + before}"
    column = "" if len(first) < 2 else f", column {', '.join(map(str, first[1:]))}"
    counted = " (counted from 0)" if first else ""
    among = "" if chunk is None else f" of chunk {chunk}"
    if isinstance(wanted, Relation):
        entry = IndexedBase(name)[tuple(Symbol(letter) for letter in "ijk"[: max(len(first), 1)])]
        wanted = f"that {Relation(wanted.expression.xreplace({ENTRY: entry}), wanted.op)}"
    else:
        wanted = f"that every entry {wanted}"
    raise InputError(f"{name}{among} has {given[first]:g}{row}{column}{counted}, and it is assumed {wanted}")


def _refuse_other_matrix(name: str, given: NDArray[np.float64], definite: bool) -> None:
    if given.ndim != 2 or given.shape[0] != given.shape[1]:
        return  # a wrong shape is refused as such
    bad = np.abs(given - given.T) > ROUNDING * np.abs(given).max(initial=0.0)
    if bad.any():
        i, j = np.argwhere(bad)[0]
        raise InputError(
            f"{name} is assumed symmetric, and has {given[i, j]:g} at [{i}, {j}] but {given[j, i]:g} at [{j}, {i}]"
        )
    if definite and given.size:
        least = float(np.linalg.eigvalsh((given + given.T) / 2)[0])
        if not least > 0:
            raise InputError(f"{name} is assumed positive definite, and has the eigenvalue {least:g}")
