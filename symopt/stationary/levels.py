"""A move of the solver for an equation in one unknown with parameters: g(x) = c between the turning points of g.

The equation is written as rest * (g(x) - c), where c holds parameters alone. Between the points where g turns, or is
not defined, g is strictly monotone; its limits at both ends, compared with c, tell whether it takes the value there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, cast

from sympy import Add, Expr, Mul, S, Symbol, cos, erf, exp, polygamma, sin

from symopt.derivation.checker import follows
from symopt.derivation.checks_levels import FAR, inside, open_piece, towards
from symopt.derivation.claims import UNBOUNDED, Context, Cover, Holds, Limit, Number, Step
from symopt.domain import natural_domain
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.gamma_functions import order_of
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical, factors
from symopt.exact.signs import signs_of_tree
from symopt.reasoning.eventually import Signs
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.stationary.lattices import listed
from symopt.stationary.limits import prove_limit
from symopt.stationary.solver import Solver, System, Unsolved
from symopt.stationary.steps import defined
from symopt.stationary.zeros import isolated_zero

NAMES: Final = tuple("rqzw")
CURVE: Final = ("s", "u", "v")
MAX_CUTS: Final = 6
MAX_OPERATIONS: Final = 80
Piece = tuple[Expr | None, Expr | None, Number | None]


@dataclass(frozen=True)
class _Level:
    """An equation as rest * (function - level), where the level is free of the unknown."""

    function: Expr
    level: Expr
    rest: Expr


class _Open(Exception):
    """A piece that could not be decided."""


def by_levels(solver: Solver, system: System) -> Step | None:
    """The first equation in one unknown that is solved so."""
    for index, equation in enumerate(system.equations):
        inside_it = [u for u in system.unknowns if equation.has(u)]
        step = by_level(solver, system, index, inside_it[0]) if len(inside_it) == 1 else None
        if step is not None:
            return step
    return None


def by_level(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """All zeros, where the pieces between exact turning points can be told to hold one or none."""
    equation = system.equations[index]
    others = set(system.unknowns) - {symbol}
    if equation.free_symbols & others or equation.has(sin, cos) or operations(equation) > MAX_OPERATIONS:
        return None
    if any(order_of(node) for node in equation.atoms(polygamma)):
        return None  # where it turns is told by further ones of its kind
    for found in _levels(equation, symbol, system.context.relations):
        with suppress(_Open, NotExact):
            return _Search(solver, system, index, symbol, found).step()
    return None


def by_one_piece(
    solver: Solver, system: System, index: int, symbol: Symbol, factor: Expr = S.One
) -> Step | None:
    """The one zero of a function that is monotone as a whole beside a factor, by its limits at the ends."""
    with suppress(_Open, NotExact):
        function = system.equations[index] if factor == 1 else canonical(system.equations[index] / factor)
        whole = _Level(function, S.Zero, factor)
        return _Search(solver, system, index, symbol, whole, turns=False).step()
    return None


def by_plain_turns(solver: Solver, system: System, index: int, symbol: Symbol) -> Step | None:
    """The zeros of a function with erf whose slope is a polynomial times exponentials, between its turning points."""
    equation = system.equations[index]
    if equation.free_symbols != {symbol} or not equation.has(erf):
        return None
    for factor in (S.One, *sorted(equation.atoms(exp), key=str)):  # which it may have been multiplied with
        with suppress(_Open, NotExact):
            function = canonical(equation / factor)
            if _turns_plainly(function, symbol):
                return _Search(solver, system, index, symbol, _Level(function, S.Zero, factor)).step()
    return None


def by_written_level(
    solver: Solver, system: System, index: int, symbol: Symbol, function: Expr, level: Expr, rest: Expr
) -> Step | None:
    """The zeros of an equation that is written as rest * (function - level)."""
    with suppress(_Open):
        return _Search(solver, system, index, symbol, _Level(function, level, rest)).step()
    return None


def _levels(equation: Expr, symbol: Symbol, known: tuple[Relation, ...]) -> Iterator[_Level]:
    """Ways to write the equation as A (B/A - c): with a function free of parameters if there is one.

    Else the level is a parameter, and last of all a number. What has no denominator comes first.
    """
    groups = _in_products(equation, symbol)
    parameters = sorted(equation.free_symbols - {symbol}, key=str)
    ways: list[list[tuple[Expr, Expr, Expr, Expr]]] = [[], [], []]  # (a, b, c, d) for a b + c d
    if len(groups) == 2:
        (b, a), (d, c) = groups.items()
        ways[0] = [(a, b, c, d), (c, d, a, b)]
    for parameter in parameters if not ways[0] else ():
        linear = equation.as_poly(parameter)
        if linear is not None and linear.degree() == 1:
            slope, offset = linear.all_coeffs()
            ways[1].append((slope, cast(Expr, parameter), offset, S.One))
    if not parameters or not (ways[0] or ways[1]):
        terms = Add.make_args(equation)
        ways[2] = [(term, S.One, Add(*(t for t in terms if t != term)), S.One) for term in terms]
    for way in ways:
        found = []
        for a, b, c, d in way:  # a b + c d = a d (c/a + b/d)
            is_divisor = d.is_Rational or 0 not in signs_of_tree(d, known)
            if is_divisor and (c.has(symbol) or a.has(symbol)):
                with suppress(NotExact):
                    level = canonical(-b / d)
                    sign = -1 if level.could_extract_minus_sign() else 1
                    found.append(
                        _Level(canonical(sign * c / a), canonical(sign * level), canonical(sign * a * d))
                    )
        yield from sorted(dict.fromkeys(found), key=lambda level: level.rest.has(symbol))


def _turns_plainly(function: Expr, symbol: Symbol) -> bool:
    """Whether the slope is a polynomial times exponentials, as of x e^(-x^2) + erf(x)."""
    try:
        _, parts = factors(canonical(derivative_by_table(function, symbol)))
    except NotExact:
        return False
    moving = [base for base, _ in parts if base.has(symbol) and not isinstance(base, exp)]
    return all(base.is_polynomial(symbol) for base in moving)


def _in_products(equation: Expr, symbol: Symbol) -> dict[Expr, Expr]:
    """{b_k: a_k} for the equation as the sum of a_k b_k, where b_k is free of the unknown and a_k of all else."""
    by_function: dict[Expr, Expr] = {}
    for term in Add.make_args(equation.expand()):
        constant, function = term.as_independent(symbol, as_Add=False)
        number, function = (constant, function) if function.free_symbols <= {symbol} else (None, function)
        if number is None:
            return {}
        by_function[function] = by_function.get(function, S.Zero) + number
    groups: dict[Expr, Expr] = {}
    for function, factor in by_function.items():
        number, primitive = factor.primitive() if factor.is_Add else factor.as_coeff_Mul()
        groups[primitive] = groups.get(primitive, S.Zero) + number * function
    return groups


@dataclass
class _Search:
    """The pieces of one equation written as a level, with the proofs for each."""

    solver: Solver
    system: System
    index: int
    symbol: Symbol
    level: _Level
    turns: bool = True

    def step(self) -> Step | None:
        """The cover by the zeros; _Open where a piece is not decided."""
        symbol = self.symbol
        self.s = self.solver.fresh(CURVE)
        self.slope = canonical(derivative_by_table(self.level.function, symbol))
        self.premises: list[Step] = []
        low, high = self._ends()
        cuts = self._cuts(low, high) if self.turns else []
        values: list[tuple[Expr, tuple[Number, ...]]] = []
        pieces: list[Piece] = []
        edges = [low, *cuts, high]
        for left, right in pairwise(edges):
            zero = self._zero(left, right)
            pieces.append((left, right, zero))
            values += [] if zero is None else [(zero.symbol, (zero,))]
            values += [] if right is high or not self._is_zero_at(right) else [(cast(Expr, right), ())]
        data = {"function": self.level.function, "level": self.level.level, "rest": self.level.rest}
        return self.solver.follow(
            self.system,
            self.index,
            symbol,
            tuple(values),
            "cover_level",
            tuple(dict.fromkeys(self.premises)),
            pieces=tuple(pieces),
            **data,
        )

    def _ends(self) -> tuple[Expr | None, Expr | None]:
        """The bounds that the region gives the unknown: its best ones, if they are told by linear relations."""
        ends: dict[int, Expr | None] = {1: None, -1: None}
        for relation in self.system.context.relations:
            linear = relation.expression.as_poly(self.symbol) if relation.op in (">", "<") else None
            if linear is None or linear.degree() != 1 or not linear.LC().is_Rational:
                continue
            side = 1 if (relation.op == ">") == (linear.LC() > 0) else -1
            end, before = canonical(-linear.TC() / linear.LC()), ends[side]
            if before is None or self._sign(side * (end - before)) > 0:
                ends[side] = end
        for end in (e for e in ends.values() if e is not None):
            for op in (">", "<"):
                known = prove_relation(Relation(self.symbol - end, op), self.system.context)
                self.premises += [] if known is None else [known]
        return ends[1], ends[-1]

    def _cuts(self, low: Expr | None, high: Expr | None) -> list[Expr]:
        """Where the function turns, or the equation's factor vanishes, from left to right within the ends."""
        symbol, context = self.symbol, self.system.context
        sought = [self.slope] + ([self.level.rest] if self.level.rest.has(symbol) else [])
        found: list[Expr] = []
        for relation in context.relations:
            if relation.op == "!=" and symbol in relation.symbols:
                sought.append(relation.expression)
        for expression in sought:
            above, _ = _numerator(expression)
            if not above.has(symbol):
                continue
            bare = open_piece(symbol, context, low, high)
            try:
                step = self.solver.solve((above,), (symbol,), bare)
            except Unsolved:
                continue  # perhaps the pieces are decided without them
            step = listed(step, Context(inside(symbol, low, high)))
            for branch in cast(Cover, step.claim).branches:
                if branch.free:
                    raise _Open
                if not branch.numbers:
                    found.append(branch.values[symbol])
        ordered: list[Expr] = []
        for cut in dict.fromkeys(found):
            if any(
                end is not None and self._sign(side * (cut - end)) <= 0
                for end, side in ((low, 1), (high, -1))
            ):
                continue
            signs = [self._sign(cut - other) for other in ordered]
            if 0 not in signs:
                ordered.insert(sum(sign > 0 for sign in signs), cut)
        if len(ordered) > MAX_CUTS:
            raise _Open
        for a, b in pairwise((low, *ordered, high)):
            if a is not None and b is not None:
                self._sign(b - a)
        self.premises += defined(ordered, context)
        return ordered

    def _sign(self, quantity: Expr) -> int:
        """The sign of a quantity in the parameters, with its proof among the premises; splits the cell."""
        condition = tuple(r for r in self.system.context.relations if self.symbol not in r.symbols)
        sign, step = self.solver.sign(canonical(quantity), Context((), condition))
        self.premises.append(step)
        return sign

    def _is_zero_at(self, cut: Expr | None) -> bool:
        """Whether the equation holds at a cut that may lie in the region."""
        table = {self.symbol: cast(Expr, cut)}
        for relation in self.system.context.relations:
            broken = relation.at(table).negated() if self.symbol in relation.symbols else None
            known = None if broken is None else prove_relation(broken, Context((), self._condition()))
            if known is not None:
                self.premises.append(known)
                return False
        factor, excess = (
            e.xreplace(table) for e in (self.level.rest, self.level.function - self.level.level)
        )
        place = Context((), self._condition())
        apart = (
            None if excess.has(S.ComplexInfinity, S.NaN) else prove_relation(Relation(factor, "!="), place)
        )
        if apart is None or any(prove_relation(r, place) is None for r in natural_domain(excess)):
            return self._sign(self.system.equations[self.index].xreplace(table)) == 0
        self.premises.append(apart)
        return self._sign(excess) == 0

    def _condition(self) -> tuple[Relation, ...]:
        return tuple(r for r in self.system.context.relations if self.symbol not in r.symbols)

    def _zero(self, low: Expr | None, high: Expr | None) -> Number | None:
        """The zero in the open interval; None where there is none."""
        equation, place = (
            self.system.equations[self.index],
            open_piece(self.symbol, self.system.context, low, high),
        )
        turned = _sign_on(self.level.rest, self.symbol, place)
        slope = None if turned is None or turned[0] == 0 else self._slope(place, low, high)
        if turned is None or slope is None:
            self._require_none(equation, place)
            return None
        self.premises += [turned[1], *self._known_in(place)]
        limits = [self._limit(self.level.function, end, side) for end, side in ((low, 1), (high, -1))]
        if slope * self._beside(limits[0]) >= 0 or slope * self._beside(limits[1]) <= 0:
            return None
        name = self.solver.fresh(NAMES)
        if equation.free_symbols == {self.symbol}:
            found = isolated_zero(equation, self.symbol, inside(self.symbol, low, high), name)
            if found is None:
                raise _Open
            return found
        ends = (UNBOUNDED[0] if low is None else low, UNBOUNDED[1] if high is None else high)
        return Number(name, equation.xreplace({self.symbol: name}), None, ends, slope * turned[0])

    def _require_none(self, equation: Expr, place: Context) -> None:
        """No zero on a piece where the function may turn: the equation keeps one sign there."""
        for quantity in (None, self.level.level):
            if quantity is not None:
                self._sign(quantity)
            step = prove_relation(Relation(equation, "!="), place)
            if step is not None:
                self.premises.append(step)
                return
        raise _Open

    def _known_in(self, place: Context) -> tuple[Step, ...]:
        return defined((self.level.function, self.level.rest), place)

    def _slope(self, place: Context, low: Expr | None, high: Expr | None) -> int | None:
        """The sign of the function's slope on a piece; else that of its second derivative, and the slope at an end."""
        found = _sign_on(self.slope, self.symbol, place)
        if found is not None:
            self.premises.append(found[1])
            return found[0] or None
        bend = _sign_on(canonical(derivative_by_table(self.slope, self.symbol)), self.symbol, place)
        if bend is None or bend[0] == 0:
            return None
        self.premises.append(bend[1])
        for end, side in ((low, 1), (high, -1)):
            with suppress(_Open):
                limit = self._limit(self.slope, end, side)
                sign = FAR[limit] if limit in FAR else self._sign(limit)
                if side * sign * bend[0] >= 0:
                    return side * bend[0]
        return None

    def _limit(self, function: Expr, end: Expr | None, side: int) -> Expr:
        """The limit of a function at an end; asks the cell for signs that it depends on."""
        curve = towards(end, side, self.s)
        signs = Signs(Context((), self._condition()))
        limit = prove_limit(function.xreplace({self.symbol: curve}), self.s, signs)
        if limit is None:
            for quantity in dict.fromkeys(signs.unknown):
                if quantity.free_symbols <= self.solver.cell.parameters:
                    self._sign(quantity)
            raise _Open
        self.premises.append(limit)
        return cast(Limit, limit.claim).value

    def _beside(self, limit: Expr) -> int:
        """The sign of a limit less the level."""
        return FAR[limit] if limit in FAR else self._sign(limit - self.level.level)


def _sign_on(expression: Expr, symbol: Symbol, place: Context) -> tuple[int, Step] | None:
    """The sign of an expression on a piece, where a x + b is a (x - v) with an end v of it."""
    found = prove_sign(expression, place)
    if found is not None:
        return found
    constant, parts = factors(expression)
    tree, premises = [cast(Expr, constant)], []
    for base, power in parts:
        linear = base.as_poly(symbol)
        if linear is not None and linear.degree() == 1:
            lead, offset = linear.all_coeffs()
            known = prove_sign(lead, place)
            tree.append(Mul(lead, symbol - canonical(-offset / lead), evaluate=False) ** power)
        else:
            known = prove_sign(base, place)
            tree.append(base**power)
        premises += [] if known is None else [known[1]]
    whole = Mul(*tree, evaluate=False)
    given = (*place.relations, *(cast(Holds, step.claim).relation for step in premises))
    for sign, op in ((1, ">"), (-1, "<")):
        if signs_of_tree(whole, given) == {sign}:
            step = Step(place, Holds(Relation(expression, op)), "signs", tuple(premises), (("tree", whole),))
            return (sign, step) if follows(step) else None
    return None


def _numerator(expression: Expr) -> tuple[Expr, Expr]:
    above, below = canonical(expression).as_numer_denom()
    return above, below
