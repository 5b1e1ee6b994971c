"""symopt: symbolic optimisation on SymPy, every statement proved or said to be undecided."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from symopt.errors import CasesError, InputError, MissingDependencyError, SymoptError, UndecidedError
    from symopt.problem import Problem
    from symopt.vocabulary import (
        elementwise,
        log_det,
        log_sum_exp,
        norm,
        ones,
        sigmoid,
        softmax,
        softplus,
        total,
    )

__version__: Final = "0.1.0"

_HOME: Final = {
    "CasesError": "symopt.errors",
    "InputError": "symopt.errors",
    "MissingDependencyError": "symopt.errors",
    "Problem": "symopt.problem",
    "SymoptError": "symopt.errors",
    "UndecidedError": "symopt.errors",
    "elementwise": "symopt.vocabulary",
    "log_det": "symopt.vocabulary",
    "log_sum_exp": "symopt.vocabulary",
    "norm": "symopt.vocabulary",
    "ones": "symopt.vocabulary",
    "sigmoid": "symopt.vocabulary",
    "softmax": "symopt.vocabulary",
    "softplus": "symopt.vocabulary",
    "total": "symopt.vocabulary",
}

__all__ = [
    "CasesError",
    "InputError",
    "MissingDependencyError",
    "Problem",
    "SymoptError",
    "UndecidedError",
    "elementwise",
    "log_det",
    "log_sum_exp",
    "norm",
    "ones",
    "sigmoid",
    "softmax",
    "softplus",
    "total",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when first asked for, so that `--help` need not wait for SymPy."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'symopt' has no attribute {name!r}")
