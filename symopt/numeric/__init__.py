"""Methods of descent on compiled functions: direction x step size x stopping, in one driver loop.

Nothing here sees SymPy: a function is any object with the interface `Objective`.
"""

from __future__ import annotations

from symopt.numeric.driver import minimise
from symopt.numeric.iterate import Iterate, Status, Stop
from symopt.numeric.methods import METHODS, GradientDescent, Method, Momentum, Nesterov, Newton
from symopt.numeric.objective import Objective
from symopt.numeric.run import Run
from symopt.numeric.step_sizes import Backtracking, Constant, InverseTime, Listed, Schedule, StepSize
from symopt.numeric.stopping import Criterion, Divergence, GradientNorm, MaxIterations, SmallStep

__all__ = [
    "METHODS",
    "Backtracking",
    "Constant",
    "Criterion",
    "Divergence",
    "GradientDescent",
    "GradientNorm",
    "InverseTime",
    "Iterate",
    "Listed",
    "MaxIterations",
    "Method",
    "Momentum",
    "Nesterov",
    "Newton",
    "Objective",
    "Run",
    "Schedule",
    "SmallStep",
    "Status",
    "StepSize",
    "Stop",
    "minimise",
]
