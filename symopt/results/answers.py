"""The kinds of answer, one frozen dataclass each."""

from __future__ import annotations

from symopt.results.branches import branch_at
from symopt.results.convexity import Convexity
from symopt.results.derivatives import Derivatives
from symopt.results.extremum import Extremum
from symopt.results.point import Point
from symopt.results.stationary_set import StationarySet
from symopt.results.step_size_theory import MethodTheory, PointTheory, StepSizeTheory
from symopt.writing.syntax import expression_text

Answer = StationarySet | Convexity | Extremum | StepSizeTheory

__all__ = [
    "Answer",
    "Convexity",
    "Derivatives",
    "Extremum",
    "MethodTheory",
    "Point",
    "PointTheory",
    "StationarySet",
    "StepSizeTheory",
    "branch_at",
    "expression_text",
]
