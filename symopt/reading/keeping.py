"""Pickles that keep expressions in the form they have; SymPy's own evaluate them again, and 2*(x + 1) is 2*x + 2."""

from __future__ import annotations

import io
import pickle
from dataclasses import fields
from typing import Any, Final

from sympy import Basic, Indexed, IndexedBase, Lambda, Sum
from sympy.matrices.expressions import Determinant, MatrixExpr, Trace

from symopt.reading.building import unevaluated
from symopt.vocabulary import Scalar


class KeepsForm:
    """A frozen dataclass that is equal to itself after pickling, in whatever form its expressions stand.

    >>> from sympy import Add, Symbol
    >>> x = Symbol("x")
    >>> typed = unevaluated(Add, (x, x))
    >>> pickle.loads(pickle.dumps(typed)), _restored(_pickled(typed))
    (2*x, x + x)
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (_pickled(self),)


# These keep their form by themselves.
_KEPT: Final = (MatrixExpr, Scalar, Trace, Determinant, Indexed, IndexedBase, Sum, Lambda)


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, KeepsForm):  # its __reduce__ leads here
            return object.__new__, (type(value),), {f.name: getattr(value, f.name) for f in fields(value)}  # type: ignore[arg-type]
        if isinstance(value, Basic) and value.args and not isinstance(value, _KEPT):
            return unevaluated, (value.func, value.args)
        return NotImplemented


def _pickled(value: object) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream).dump(value)
    return stream.getvalue()


def _restored(data: bytes) -> Any:
    return pickle.loads(data)
