"""Text -> SymPy by a closed grammar, and a check of the SymPy expressions that users hand over.

`tokens`, `vocabulary`, `parsing`, `names` and `grammar` need no SymPy, so that bad input is refused before it is loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from symopt.reading.building import replace_symbols
    from symopt.reading.checking import check_expression
    from symopt.reading.names import is_free_name, read_names
    from symopt.reading.texts import Reading, read_expression, read_relation
    from symopt.reading.tokens import point_at

_HOME: Final = {
    "Reading": "texts",
    "check_expression": "checking",
    "is_free_name": "names",
    "point_at": "tokens",
    "read_expression": "texts",
    "read_names": "names",
    "read_relation": "texts",
    "replace_symbols": "building",
}

__all__ = [
    "Reading",
    "check_expression",
    "is_free_name",
    "point_at",
    "read_expression",
    "read_names",
    "read_relation",
    "replace_symbols",
]


def __getattr__(name: str) -> Any:
    """The names above are imported when first asked for."""
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
