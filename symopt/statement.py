"""The problem as frozen data: what is to be studied, in which variables, where, and for which parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, Final, TypeAlias

from sympy import Abs, Add, Expr, Max, Min, Pow, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue

from symopt.domain import always_holds, natural_domain
from symopt.errors import InputError
from symopt.exact.enclosure import sign_of_constant
from symopt.exact.gates import MAX_EXPONENT
from symopt.reading.building import evaluated_with, replace_symbols
from symopt.reading.checking import check_expression
from symopt.reading.keeping import KeepsForm
from symopt.reading.names import read_names
from symopt.reading.texts import read_expression, read_relation
from symopt.relation import Relation, relation_from_sympy

Names: TypeAlias = str | Symbol | Sequence[Symbol | str]
SENSES: Final = ("min", "max")
ALLOWED_SIGNS: Final = {">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (-1, 1)}
MAX_PARTS: Final = 16
ASSUMED: Final = (
    ("is_positive", ">"),
    ("is_negative", "<"),
    ("is_nonnegative", ">="),
    ("is_nonpositive", "<="),
    ("is_nonzero", "!="),
)


@dataclass(frozen=True)
class Statement(KeepsForm):
    """An objective with its variables, parameters, region, assumptions and sense; all symbols are real.

    `objective` is in symopt's own symbols (real, without further assumptions); `user_symbols` leads back to the
    symbols the user wrote. `as_typed` keeps the user's form for display and for the natural domain.
    """

    objective: Expr
    as_typed: Expr
    variables: tuple[Symbol, ...]
    parameters: tuple[Symbol, ...]
    domain: tuple[Relation, ...] = ()
    constraints: tuple[Relation, ...] = ()
    assumptions: tuple[Relation, ...] = ()
    sense: str = "min"
    notes: tuple[str, ...] = ()
    user_symbols: tuple[tuple[Symbol, Symbol], ...] = ()

    @property
    def on_parameters(self) -> tuple[Relation, ...]:
        """What must hold of the parameters: what is assumed, and the part of the region without variables."""
        own = set(self.parameters)
        return (*self.assumptions, *(r for r in self.region if r.symbols and r.symbols <= own))

    @property
    def region(self) -> tuple[Relation, ...]:
        """The natural domain, without what constraints that are defined everywhere give, and the constraints."""
        plain = tuple(r for r in self.constraints if r.expression.is_polynomial(*r.symbols))
        needed = tuple(r for r in self.domain if not always_holds(r, plain)) if plain else self.domain
        return tuple(dict.fromkeys(needed + self.constraints))

    @property
    def has_user_symbols(self) -> bool:
        """Whether a symbol of the user's differs from symopt's own."""
        return any(own != users for own, users in self.user_symbols)

    def at(self, values: Mapping[Symbol, Expr]) -> Statement:
        """The statement with values for parameters; InputError when an assumption or the domain forbids them."""
        table = dict(values)
        new = frozenset[Symbol]().union(*(value.free_symbols for value in table.values()))
        left = tuple(p for p in self.parameters if p not in table)
        added = sorted(new - set(left), key=lambda symbol: symbol.name)
        if new & set(self.variables):
            raise InputError("the value of a parameter cannot hold a variable")
        objective = self.objective.xreplace(table)
        _check_powers(objective)
        return replace(
            self,
            objective=objective,
            as_typed=replace_symbols(self.as_typed, table),
            parameters=(*left, *added),
            domain=_remaining(self.domain, table, "the objective is nowhere defined: it needs"),
            constraints=_remaining(self.constraints, table, "no point is feasible: the problem needs"),
            assumptions=_remaining(self.assumptions, table, "the values given contradict the assumption"),
        )


def state(
    objective: Expr | str | float,
    variables: Names | None = None,
    *,
    parameters: Names | None = None,
    subject_to: Iterable[Any] = (),
    assuming: Iterable[Any] = (),
    sense: str = "min",
) -> Statement:
    """Read a problem; InputError says in one sentence what cannot be read.

    >>> statement = state("(p-1)*x^2 + (p+1)*y^2", "x y")
    >>> statement.variables, statement.parameters
    ((x, y), (p,))
    """
    if sense not in SENSES:
        raise InputError(f"sense is {sense!r}; it must be 'min' or 'max'")
    named = {**_named(variables), **_named(parameters)}
    typed, value, notes = _read_objective(objective, named)
    _check_powers(value)
    relations = {
        "constraint": read_relations(subject_to, named),
        "assumption": read_relations(assuming, named),
    }
    present = _by_name(
        value, typed, *(r.expression for group in relations.values() for r in group), known=named
    )
    users = {**named, **present}
    own = {symbol: own_symbol(symbol) for symbol in users.values()}
    order = _variables(variables, typed, users)
    if not order:
        raise InputError("there is no variable: the objective is a constant, so name the variables")
    whole = [s.name for s in order if s.is_integer]
    if whole:
        raise InputError(
            f"{whole[0]} is an integer, and variables are real: leave that assumption out, or make it a parameter"
        )
    asked = set(order)
    rest = [users[n] for n in sorted(users) if users[n] not in asked and n in present]
    if parameters is not None:
        allowed = [users[name] for name in _named(parameters)]
        strange = [s.name for s in rest if s not in allowed]
        if strange:
            raise InputError(
                f"{strange[0]} is neither a variable nor a parameter: a typing error, or name it"
            )
        both = [s.name for s in allowed if s in order]
        if both:
            raise InputError(f"{both[0]} is named both as a variable and as a parameter")
        rest = [*allowed, *(s for s in rest if s not in allowed)]
    if variables is None:
        notes = (*notes, f"variables taken as {', '.join(s.name for s in order)}")
    inside = tuple(own[s] for s in order)
    assumed = tuple(r for s in users.values() for r in own_relations(s))
    given = tuple(r.at(own) for r in relations["assumption"])
    for relation in given:
        if relation.symbols & set(inside):
            raise InputError(f"{relation} restricts a variable: pass it in subject_to, not in assuming")
    on_parameters = _remaining(
        (*(r for r in assumed if not r.symbols & set(inside)), *given), {}, "it is false that"
    )
    on_parameters = (*on_parameters, *_demands(on_parameters, ()))
    constraints = _remaining(
        tuple(part for r in relations["constraint"] for part in _parted(r.at(own))),
        {},
        "no point is feasible: it needs",
    )
    on_variables = tuple(r for r in assumed if r.symbols & set(inside))
    renamed = any(symbol != new for symbol, new in own.items())
    as_typed = replace_symbols(typed, own) if renamed else typed  # xreplace would evaluate x/x
    known = (*on_parameters, *on_variables)
    needed = (*natural_domain(as_typed, known, constraints), *_demands(constraints, known))
    return Statement(
        objective=evaluated_with(value, own) if renamed or not isinstance(objective, str) else value,
        as_typed=as_typed,
        variables=inside,
        parameters=tuple(own[s] for s in rest),
        domain=tuple(dict.fromkeys((*on_variables, *(r for r in needed if r.symbols & set(inside))))),
        constraints=constraints,
        assumptions=tuple(
            dict.fromkeys((*on_parameters, *(r for r in needed if not r.symbols & set(inside))))
        ),
        sense=sense,
        notes=notes,
        user_symbols=tuple((own[s], s) for s in users.values()),
    )


def _check_powers(objective: Expr) -> None:
    """InputError for a power of the variables whose degree exact algebra does not take on."""
    for power in objective.atoms(Pow):
        if power.exp.is_Rational and power.base.free_symbols and abs(power.exp) > MAX_EXPONENT:
            raise InputError(
                f"the exponent {power.exp} is too large: symopt takes powers up to {MAX_EXPONENT}"
            )


def _parted(relation: Relation) -> tuple[Relation, ...]:
    """|u| < c as u < c and -u < c, max(u, v) <= c as u <= c and v <= c, and so for sums; else the relation itself."""
    turn = {"<": 1, "<=": 1, ">": -1, ">=": -1}.get(relation.op, 0)
    choices: list[tuple[Expr, ...]] = []
    for term in Add.make_args((turn * relation.expression).expand(deep=False)):
        factor, rest = term.as_coeff_Mul()
        largest = Max if factor > 0 else Min
        if isinstance(rest, Abs) and factor > 0:
            choices.append((factor * rest.args[0], -factor * rest.args[0]))
        elif isinstance(rest, largest):
            choices.append(tuple(factor * part for part in rest.args))
        else:
            choices.append((term,))
    if not turn or not 1 < prod(map(len, choices)) <= MAX_PARTS:
        return (relation,)
    sums = (Add(*chosen) for chosen in product(*choices))
    return tuple(Relation(turn * part, relation.op) for part in dict.fromkeys(sums))


def _demands(relations: tuple[Relation, ...], known: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """Where relations have a meaning: sqrt(x) < 1 asks for x >= 0."""
    found = (q for r in relations for q in natural_domain(r.expression, known))
    return tuple(q for q in dict.fromkeys(found) if q not in relations)


def own_symbol(symbol: Symbol) -> Symbol:
    """symopt's own symbol: real, and an integer, even or odd, where the user said so; the rest become relations."""
    if not symbol.is_integer:
        own = Symbol(symbol.name, real=True)
        return symbol if symbol == own else own
    parity = {"even": True} if symbol.is_even else {"odd": True} if symbol.is_odd else {"integer": True}
    return Symbol(symbol.name, **parity)


def own_relations(symbol: Symbol) -> tuple[Relation, ...]:
    """What the assumptions of a user's symbol say of symopt's own.

    >>> [str(relation) for relation in own_relations(Symbol("p", positive=True))]
    ['p > 0']
    """
    own = own_symbol(symbol)
    for attribute, op in ASSUMED:
        if getattr(symbol, attribute) and not getattr(own, attribute):
            return (Relation(own, op),)
    return ()


def _named(names: Names | None) -> dict[str, Symbol]:
    """The symbols that a list of names or symbols gives."""
    if names is None:
        return {}
    if isinstance(names, str):
        return {name: Symbol(name, real=True) for name in read_names(names)}
    found: dict[str, Symbol] = {}
    for entry in (names,) if isinstance(names, Symbol) else tuple(names):
        if not isinstance(entry, (Symbol, str)):
            raise InputError(f"{entry!r} is not a symbol or a name")
        new = {entry.name: entry} if isinstance(entry, Symbol) else _named(entry)
        for name, symbol in new.items():
            if name in found:
                raise InputError(f"the name {name} is given twice")
            found[name] = symbol
    for symbol in found.values():
        check_expression(symbol)
    return found


def _read_objective(objective: Any, named: Mapping[str, Symbol]) -> tuple[Expr, Expr, tuple[str, ...]]:
    if isinstance(objective, str):
        reading = read_expression(objective, named)
        return reading.as_typed, reading.expression, reading.notes
    if isinstance(objective, (int, float)) and not isinstance(objective, bool):
        return _read_objective(repr(objective), named)
    if not isinstance(objective, Expr):
        raise InputError(
            f"the objective is a {type(objective).__name__}; it must be a SymPy expression or text"
        )
    expression, notes = check_expression(objective)
    return expression, expression, notes


def read_relations(relations: Any, named: Mapping[str, Symbol]) -> tuple[Relation, ...]:
    """Relations from SymPy's, from texts or from several of them joined by "and"."""
    entries = (relations,) if isinstance(relations, (str, Relational, And, bool)) else tuple(relations)
    return tuple(dict.fromkeys(r for entry in entries for r in _read_one(entry, named)))


def _read_one(entry: Any, named: Mapping[str, Symbol]) -> tuple[Relation, ...]:
    if isinstance(entry, str):
        return read_relation(entry, named)
    if entry is True or isinstance(entry, BooleanTrue):
        return ()
    if entry is False or isinstance(entry, BooleanFalse):
        raise InputError("a condition is False: Python compares with ==, so use Eq(x + y, 1) for an equation")
    if isinstance(entry, And):
        return tuple(r for part in entry.args for r in _read_one(part, named))
    if isinstance(entry, Relation):
        return (entry,)
    if isinstance(entry, Relational):
        relation = relation_from_sympy(entry)
        return (Relation(check_expression(relation.expression)[0], relation.op),)
    raise InputError(
        f"{entry!r} is not a relation: write x + y >= 1, Eq(x, y), or a text such as 'x + y >= 1'"
    )


def _by_name(*expressions: Expr, known: Mapping[str, Symbol]) -> dict[str, Symbol]:
    """The free symbols by name; two different symbols of one name are an error."""
    found: dict[str, Symbol] = {}
    for expression in expressions:
        for symbol in sorted(expression.free_symbols, key=lambda s: s.sort_key()):
            other = found.setdefault(symbol.name, known.get(symbol.name, symbol))
            if other != symbol:
                raise InputError(
                    f"two different symbols are called {symbol.name} (their assumptions differ): use one of them"
                )
    return found


def _variables(variables: Names | None, typed: Expr, users: Mapping[str, Symbol]) -> tuple[Symbol, ...]:
    if variables is None:
        return tuple(sorted(typed.free_symbols, key=lambda symbol: symbol.name))
    return tuple(users[name] for name in _named(variables))


def _remaining(
    relations: tuple[Relation, ...], table: dict[Symbol, Expr], complaint: str
) -> tuple[Relation, ...]:
    """The relations with values put in, without those between numbers that hold; InputError for one that fails."""
    left = []
    for relation in relations:
        new = relation.at(table)
        if new.symbols:
            left.append(new)
        elif sign_of_constant(new.expression) not in ALLOWED_SIGNS[new.op]:
            raise InputError(f"{complaint} {relation}")
    return tuple(left)
