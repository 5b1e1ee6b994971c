"""The check of what holds for all values of some parameters, said for expressions in other parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, cast

from sympy import Expr, Symbol

from symopt.derivation.checking import Rejected, facts, require, require_defined, runs_over
from symopt.derivation.claims import Branch, Step
from symopt.exact.signs import SIGNS_OF, signs_of_tree


def put_in(value: Any, values: Mapping[Symbol, Expr]) -> Any:
    """A claim, a relation or an expression with expressions in the place of symbols, everywhere."""
    if isinstance(value, Expr):
        return value.xreplace(values)
    if isinstance(value, tuple):
        return tuple(put_in(part, values) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(
            **{f.name: put_in(getattr(value, f.name), values) for f in fields(value) if f.init}
        )
    return value


def _symbols(value: Any) -> set[Symbol]:
    """Every symbol that occurs, whether it is bound or not."""
    if isinstance(value, Expr):
        return value.atoms(Symbol)
    if isinstance(value, tuple):
        return set[Symbol]().union(*map(_symbols, value))
    if is_dataclass(value):
        return set[Symbol]().union(*(_symbols(getattr(value, f.name)) for f in fields(value)))
    return set()


def _parameters(step: Step) -> None:
    """The premise holds for all values of the symbols under its relations, which the expressions fulfil.

    They mix with nothing that the premise speaks of.
    """
    if not step.premises:
        raise Rejected("no premise")
    general = step.premises[0]
    values = dict(cast(tuple[tuple[Symbol, Expr], ...], step.data("values")))
    known = facts(step)
    spoken = _symbols(general.claim) | _symbols(general.context)
    variables = set(cast(tuple[Symbol, ...], getattr(general.claim, "variables", ())))
    require(bool(variables), "a claim about no variables")
    require(all(runs_over("real", s) for s in values), "a symbol that does not run over the reals")
    bound = _bound(general.claim)
    require(not (variables | bound) & set(values), "a variable, or a symbol that is bound, as a parameter")
    for expression in values.values():
        require(not expression.atoms(Symbol) & spoken, "a symbol that is spoken of already")
        require_defined(expression, known)
    require(put_in(general.claim, values) == step.claim, "another claim")
    region = {relation.at(values) for relation in general.context.region}
    require(region == set(step.context.region), "another region")
    for relation in general.context.condition:
        put = relation.at(values)
        given = put in step.context.relations or signs_of_tree(put.expression, known) <= SIGNS_OF[put.op]
        require(given, "{} may fail", put)


def _bound(claim: Any) -> set[Symbol]:
    """The symbols bound in a claim: in its branches, along its curves and for its limits."""
    found = set[Symbol]()
    for f in fields(claim):
        value = getattr(claim, f.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Branch):
                found |= set(part.own_symbols) | {symbol for symbol, _ in part.at}
    for name in ("symbol", "curve_symbol", "step_size", "memory", "unknowns"):
        value = getattr(claim, name, None)
        found |= {s for s in (value if isinstance(value, tuple) else (value,)) if isinstance(s, Symbol)}
    return found


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {"parameters": _parameters}
