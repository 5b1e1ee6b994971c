"""Answers in the user's own symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from sympy import Expr, Symbol

from symopt.results.evidence import Evidence


def renamed(value: Any, table: Mapping[Symbol, Symbol]) -> Any:
    """Frozen data with symbols replaced everywhere but in its evidence, which stays in symopt's own symbols."""
    if isinstance(value, Expr):
        return value.xreplace(table)
    if isinstance(value, tuple):
        return tuple(renamed(entry, table) for entry in value)
    if isinstance(value, Evidence) or not is_dataclass(value) or isinstance(value, type):
        return value
    parts = {f.name: renamed(getattr(value, f.name), table) for f in fields(value) if f.init and f.compare}
    kept = {f.name: getattr(value, f.name) for f in fields(value) if f.init and not f.compare}
    return type(value)(**parts, **kept)
