"""Text -> SymPy by a closed grammar, and a check of the SymPy expressions that users hand over."""

from __future__ import annotations

from symopt.reading.building import replace_symbols
from symopt.reading.checking import check_expression
from symopt.reading.texts import Reading, is_free_name, read_expression, read_names, read_relation
from symopt.reading.tokens import point_at

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
