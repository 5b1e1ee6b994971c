"""Methods of descent on compiled functions: direction x step size x stopping, in one driver loop.

Nothing here sees SymPy: a function is any object with the interface `Objective`.
"""

from __future__ import annotations

from symopt.numeric.driver import minimise
from symopt.numeric.iterate import Iterate, Status, Stop
from symopt.numeric.methods import (
    BFGS,
    LBFGS,
    METHODS,
    Adagrad,
    Adam,
    AlternatingMinimisation,
    DampedNewton,
    GlobalisedNewton,
    GradientDescent,
    Method,
    Momentum,
    Nesterov,
    Newton,
    RMSProp,
    SciPyMethod,
)
from symopt.numeric.objective import Objective
from symopt.numeric.run import Run
from symopt.numeric.runs import Runs
from symopt.numeric.step_sizes import (
    Backtracking,
    Constant,
    Cosine,
    ExactLineSearch,
    InverseTime,
    Listed,
    Schedule,
    StepSize,
    Wolfe,
)
from symopt.numeric.stopping import Criterion, Divergence, GradientNorm, MaxIterations, SmallStep

__all__ = [
    "BFGS",
    "LBFGS",
    "METHODS",
    "Adagrad",
    "Adam",
    "AlternatingMinimisation",
    "Backtracking",
    "Constant",
    "Cosine",
    "Criterion",
    "DampedNewton",
    "Divergence",
    "ExactLineSearch",
    "GlobalisedNewton",
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
    "RMSProp",
    "Run",
    "Runs",
    "Schedule",
    "SciPyMethod",
    "SmallStep",
    "Status",
    "StepSize",
    "Stop",
    "Wolfe",
    "minimise",
]
