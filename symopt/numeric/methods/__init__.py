"""Methods, one small file each, and the table of their names."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any, Final, TypeAlias

from symopt.errors import InputError
from symopt.numeric.methods.adagrad import Adagrad
from symopt.numeric.methods.adam import Adam
from symopt.numeric.methods.alternating import AlternatingMinimisation, BlockMinimiser
from symopt.numeric.methods.damped_newton import DampedNewton
from symopt.numeric.methods.globalised_newton import GlobalisedNewton
from symopt.numeric.methods.gradient_descent import GradientDescent
from symopt.numeric.methods.method import Method, Proposal
from symopt.numeric.methods.momentum import Momentum
from symopt.numeric.methods.nesterov import Nesterov
from symopt.numeric.methods.newton import Newton
from symopt.numeric.methods.rmsprop import RMSProp
from symopt.numeric.methods.scipy_method import BFGS, LBFGS, SciPyMethod

__all__ = [
    "BFGS",
    "LBFGS",
    "METHODS",
    "Adagrad",
    "Adam",
    "AlternatingMinimisation",
    "AnyMethod",
    "BlockMinimiser",
    "DampedNewton",
    "GlobalisedNewton",
    "GradientDescent",
    "Method",
    "Momentum",
    "Nesterov",
    "Newton",
    "Proposal",
    "RMSProp",
    "SciPyMethod",
    "read_method",
]

AnyMethod: TypeAlias = Method | SciPyMethod

METHODS: Final[dict[str, type[Method] | type[SciPyMethod]]] = {
    kind.name: kind
    for kind in (
        *(GradientDescent, Momentum, Nesterov, Newton, DampedNewton, GlobalisedNewton),
        *(Adagrad, RMSProp, Adam, BFGS, LBFGS),
    )
}


@cache
def _default(name: str) -> AnyMethod:
    """The method of a name with its usual parameters."""
    return METHODS[name]()


def read_method(method: str | AnyMethod, **parameters: Any) -> AnyMethod:
    """The method meant by a name or a method object, with its parameters replaced by those that are not None.

    >>> read_method("momentum", step_size="1/10", beta=None)
    Momentum(step_size=Constant(value=Fraction(1, 10)), beta=0.9)
    """
    if isinstance(method, str) and method in METHODS:
        base = _default(method)
    elif isinstance(method, Method | SciPyMethod):
        base = method
    else:
        raise InputError(f"unknown method {method!r}; the known ones are {', '.join(METHODS)}")
    given = {name: value for name, value in parameters.items() if value is not None}
    if not given:
        return base
    known = [field.name for field in fields(base)]  # type: ignore[arg-type]  # all methods are dataclasses
    for name in given:
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise InputError(f"{base.title} has no parameter {name!r}; {has}")
    return replace(base, **given)  # type: ignore[type-var]
