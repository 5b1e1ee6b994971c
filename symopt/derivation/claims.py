"""What a step of a derivation can say, and where it says it.

A step is a sequent `context |- claim`. The context is a conjunction of relations; the claim holds at every point
and for every parameter value that satisfies all of them, and every expression of the claim is defined there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, cast

from sympy import Expr, S, Symbol, ceiling, floor

from symopt.exact.signs import SIGNS_OF, signs_of_constant
from symopt.relation import Relation

Vector = tuple[Expr, ...]
Matrix = tuple[tuple[Expr, ...], ...]

UNBOUNDED: Final = (S.NegativeInfinity, S.Infinity)
KINDS_OF_POINT: Final = ("minimum", "maximum", "saddle", "inflection", "constant", "undecided")


@dataclass(frozen=True)
class Context:
    """Where a claim holds: `region` restricts the variables, `condition` the parameters (and auxiliary numbers)."""

    region: tuple[Relation, ...] = ()
    condition: tuple[Relation, ...] = ()

    @property
    def relations(self) -> tuple[Relation, ...]:
        return self.region + self.condition

    def with_condition(self, *relations: Relation) -> Context:
        """The context narrowed by relations on the parameters; none is listed twice."""
        added = tuple(r for r in dict.fromkeys(relations) if r not in self.condition)
        return Context(self.region, self.condition + added)

    def with_region(self, *relations: Relation) -> Context:
        """The context narrowed by relations on the variables; none is listed twice."""
        added = tuple(r for r in dict.fromkeys(relations) if r not in self.region)
        return Context(self.region + added, self.condition)

    def about(self, symbols: Iterable[Symbol]) -> Context:
        """The relations that have to do with the symbols, directly or through other symbols."""
        reached, waiting = set(symbols), list(self.relations)
        while True:
            touched = [r for r in waiting if not r.symbols or r.symbols & reached]
            if not touched:
                break
            reached = reached.union(*(r.symbols for r in touched))
            waiting = [r for r in waiting if r not in touched]
        if not waiting:
            return self
        left = set(waiting)
        return Context(
            tuple(r for r in self.region if r not in left), tuple(r for r in self.condition if r not in left)
        )

    def at(self, values: dict[Symbol, Expr]) -> Context:
        """The context with symbols replaced; relations that became `number op 0` stay."""
        return Context(tuple(r.at(values) for r in self.region), tuple(r.at(values) for r in self.condition))


@dataclass(frozen=True)
class Number:
    """A real number known by an equation in `symbol`.

    It is the `index`-th real root (from the left, from 0) of the polynomial `equation`, or, with index None, its only
    zero in the closed interval `interval`. Where the equations of a branch's numbers hold several of them, the numbers
    are together the only common zero of these equations in the box of their intervals.

    The coefficients may hold parameters. Then `slope` is the sign of the derivative of the equation there (0: not told),
    and the interval is open: it may have infinite ends, and ends in parameters.

    Inside a claim the number is its symbol; `relations` are what the context then holds about it.
    """

    symbol: Symbol
    equation: Expr
    index: int | None
    interval: tuple[Expr, Expr]
    slope: int = 0

    @property
    def varies(self) -> bool:
        """Whether the coefficients of its equation may hold parameters."""
        return self.slope != 0 or self.interval == UNBOUNDED

    @property
    def symbols(self) -> frozenset[Symbol]:
        """The symbols in its equation and in the ends of its interval."""
        return self.equation.free_symbols.union(*(end.free_symbols for end in self.interval))

    def with_values(self, values: Mapping[Expr, Expr]) -> Number:
        """The number with symbols replaced in its equation and in the ends of its interval."""
        table = dict(values)
        low, high = (end.xreplace(table) for end in self.interval)
        return replace(self, equation=self.equation.xreplace(table), interval=(low, high))

    @property
    def relations(self) -> tuple[Relation, ...]:
        low, high = self.interval
        known = [Relation(self.equation, "==")]
        op = ">" if self.varies else ">="
        known += [Relation(self.symbol - low, op)] if low != UNBOUNDED[0] else []
        known += [Relation(high - self.symbol, op)] if high != UNBOUNDED[1] else []
        if self.slope:
            known.append(Relation(self.equation.diff(self.symbol), ">" if self.slope > 0 else "<"))
        return tuple(known)


def _is_plain(relation: Relation) -> bool:
    """Whether a relation between numbers holds."""
    return not relation.symbols and signs_of_constant(relation.expression) <= SIGNS_OF[relation.op]


def _of_integer(relation: Relation, turn: Symbol) -> Relation:
    """The bound of an integer by a number as one by an integer: 3 n >= 1 is n >= 1."""
    linear = relation.expression.as_poly(turn) if relation.symbols == {turn} else None
    if relation.op not in (">=", "<=") or linear is None or linear.degree() != 1:
        return relation
    slope, offset = linear.all_coeffs()
    if not (slope.is_Rational and offset.is_Rational):
        return relation
    upwards = (relation.op == ">=") == bool(slope > 0)
    end = ceiling(-offset / slope) if upwards else floor(-offset / slope)
    return Relation(turn - end, ">=" if upwards else "<=")


@dataclass(frozen=True)
class Branch:
    """A point, or a family of points: `at` gives each unknown in terms of parameters, `numbers` and `free` symbols.

    `free` names the symbols of a family with "real" or "integer"; `where` restricts them.
    """

    at: tuple[tuple[Symbol, Expr], ...]
    numbers: tuple[Number, ...] = ()
    free: tuple[tuple[Symbol, str], ...] = ()
    where: tuple[Relation, ...] = ()

    @property
    def values(self) -> dict[Symbol, Expr]:
        return dict(self.at)

    def in_lattice(self, turn: Symbol, relations: tuple[Relation, ...] = ()) -> Branch:
        """The branch for every integer `turn` (that satisfies relations), where it depends on it."""
        written = (*self.values.values(), *(r.expression for r in self.where))
        if not any(e.has(turn) for e in written) and not any(turn in n.symbols for n in self.numbers):
            return self
        return Branch(self.at, self.numbers, ((turn, "integer"), *self.free), self.where + relations)

    def in_family(self, symbols: tuple[Symbol, ...]) -> Branch:
        """The branch for all real values of symbols, where it depends on them."""
        written = (*self.values.values(), *(r.expression for r in self.where))
        moving = tuple((s, "real") for s in symbols if any(e.has(s) for e in written))
        return Branch(self.at, self.numbers, (*moving, *self.free), self.where)

    def cut_at(self, symbol: Symbol, value: Expr) -> tuple[Branch, ...]:
        """The parts of a family where a real symbol is smaller than a number, equal to it, and larger."""
        below, above = (
            Branch(self.at, self.numbers, self.free, (*self.where, Relation(symbol - value, op)))
            for op in ("<", ">")
        )
        table = {symbol: value}
        there = Branch(
            tuple((u, e.xreplace(table)) for u, e in self.at),
            self.numbers,
            tuple((s, kind) for s, kind in self.free if s != symbol),
            tuple(r for r in (r.at(table) for r in self.where) if r.symbols),
        )
        return below, there, above

    def sides(self, quantity: Expr) -> tuple[Branch, Branch]:
        """The parts of a family where a quantity is negative, and where it is positive."""
        below, above = (
            Branch(self.at, self.numbers, self.free, (*self.where, Relation(quantity, op)))
            for op in ("<", ">")
        )
        return below, above

    def member(self, symbol: Symbol, place: Branch) -> Branch:
        """The members of a family at the values that a branch gives its symbol."""
        table = place.values
        at = tuple((u, e.xreplace(table)) for u, e in self.at)
        where = tuple(r for r in (r.at(table) for r in self.where) if not _is_plain(r))
        met = {s for e in (*(e for _, e in at), *(r.expression for r in where)) for s in e.free_symbols}
        free = tuple((s, kind) for s, kind in self.free if s != symbol) + tuple(
            (s, kind) for s, kind in place.free if s in met
        )
        kept = tuple(r for r in place.where if r.symbols & met)
        return Branch(at, self.numbers + place.numbers, free, where + kept)

    def at_integer(self, turn: Symbol, value: Expr) -> Branch:
        """The members of a lattice whose integer `turn` has the value, which may be one of its residue classes."""
        table = {turn: value}
        return Branch(
            tuple((u, e.xreplace(table)) for u, e in self.at),
            tuple(n.with_values(table) for n in self.numbers),
            tuple((symbol, kind) for symbol, kind in self.free if symbol != turn or value.has(turn)),
            tuple(_of_integer(r.at(table), turn) for r in self.where),
        )

    def renamed(self, names: Mapping[Expr, Expr]) -> Branch:
        """The branch with other symbols for all that are bound in it."""
        return Branch(
            tuple((u, e.xreplace(names)) for u, e in self.at),
            tuple(replace(n.with_values(names), symbol=cast(Symbol, names[n.symbol])) for n in self.numbers),
            tuple((cast(Symbol, names[s]), kind) for s, kind in self.free),
            tuple(r.at(dict(names)) for r in self.where),
        )

    @property
    def moving(self) -> tuple[Number, ...]:
        """The numbers that go with a symbol of the family."""
        free = {symbol for symbol, _ in self.free}
        return tuple(n for n in self.numbers if n.symbols & free)

    @property
    def own_symbols(self) -> frozenset[Symbol]:
        """The auxiliary symbols, which are bound in the branch."""
        return frozenset((*(n.symbol for n in self.numbers), *(symbol for symbol, _ in self.free)))

    @property
    def relations(self) -> tuple[Relation, ...]:
        """What the context holds about the branch's auxiliary symbols."""
        return tuple(r for number in self.numbers for r in number.relations) + self.where


@dataclass(frozen=True)
class Holds:
    """`relation.expression op 0` at every point of the context."""

    relation: Relation


@dataclass(frozen=True)
class Derivative:
    """d expression / d variable = result."""

    expression: Expr
    variable: Symbol
    result: Expr


@dataclass(frozen=True)
class Gradient:
    """grad f = entries."""

    objective: Expr
    variables: tuple[Symbol, ...]
    entries: Vector


@dataclass(frozen=True)
class Hessian:
    """The matrix of second derivatives of f is `entries`."""

    objective: Expr
    variables: tuple[Symbol, ...]
    entries: Matrix


@dataclass(frozen=True)
class Smooth:
    """The expression is real analytic in the variables near every point of the region."""

    expression: Expr
    variables: tuple[Symbol, ...]


@dataclass(frozen=True)
class Continuous:
    """The expression is continuous on the region."""

    expression: Expr
    variables: tuple[Symbol, ...]


@dataclass(frozen=True)
class Definite:
    """v^T M v op 0 for every v != 0 (op: >, >=, <, <=)."""

    matrix: Matrix
    op: str


@dataclass(frozen=True)
class RegionConvex:
    """The region of the context is convex in the variables."""

    variables: tuple[Symbol, ...]


@dataclass(frozen=True)
class RegionNotConvex:
    """Two points of the region have a point between them outside it: p, q, and weight p + (1 - weight) q."""

    variables: tuple[Symbol, ...]
    p: Vector
    q: Vector
    weight: Expr


@dataclass(frozen=True)
class Curved:
    """f is convex, concave or affine (`kind`) on the region, which is convex; with `strict`, strictly so."""

    objective: Expr
    variables: tuple[Symbol, ...]
    kind: str
    strict: bool = False


@dataclass(frozen=True)
class ArrayCurved:
    """A loss over data is convex, concave or affine (`kind`) in its variables, for all data that the context allows.

    `lines` are its program (array_programs.py) and `value` the number and the line that make f; matrices that are
    `definite` are positive definite. Relations of the context speak of every entry of an array by its name.
    """

    lines: tuple[tuple[tuple[object, ...], tuple[Expr, ...]], ...]
    value: tuple[int | Fraction, int]
    variables: tuple[object, ...]
    definite: frozenset[object]
    kind: str


@dataclass(frozen=True)
class ArrayStrict:
    """A loss over data of this `kind` is strictly so exactly when the matrix of blocks has full column rank.

    Each row of `blocks` has one line, with a number in front, for each variable of which that matrix speaks; without
    rows f is always strict.
    """

    lines: tuple[tuple[tuple[object, ...], tuple[Expr, ...]], ...]
    value: tuple[int | Fraction, int]
    variables: tuple[object, ...]
    definite: frozenset[object]
    kind: str
    blocks: tuple[tuple[tuple[int | Fraction, int], ...], ...]


@dataclass(frozen=True)
class NotCurved:
    """f is not convex (kind "convex") or not concave (kind "concave") on the region; with `strict`, not strictly so.

    The two points p and q and the weight show it: f(weight p + (1 - weight) q) against the chord.
    """

    objective: Expr
    variables: tuple[Symbol, ...]
    kind: str
    strict: bool
    p: Vector
    q: Vector
    weight: Expr


@dataclass(frozen=True)
class Cover:
    """Every point of the context where all `equations` vanish lies on one of the `branches`."""

    equations: tuple[Expr, ...]
    unknowns: tuple[Symbol, ...]
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Stationary:
    """The stationary points of f in the region are the `branches`; with `complete`, there are no others."""

    objective: Expr
    variables: tuple[Symbol, ...]
    branches: tuple[Branch, ...]
    complete: bool


@dataclass(frozen=True)
class Label:
    """Each point of the branch is a `kind` of f; strict is None where it is not known (or has no meaning)."""

    objective: Expr
    variables: tuple[Symbol, ...]
    branch: Branch
    kind: str
    strict: bool | None


@dataclass(frozen=True)
class Limit:
    """expression -> value as symbol -> oo (value: a real expression, oo or -oo), or through the whole numbers only."""

    expression: Expr
    symbol: Symbol
    value: Expr
    through_integers: bool = False


@dataclass(frozen=True)
class Optimal:
    """The infimum (sense "min") or supremum ("max") of f on the region is `value`.

    `attained` says whether it is reached, and then exactly at `at` when `all_of_them`; `along` is a curve in the
    symbol `curve_symbol` -> oo, perhaps `through_integers` only, on which f tends to the value when it is not attained.
    """

    objective: Expr
    variables: tuple[Symbol, ...]
    sense: str
    value: Expr
    attained: bool
    at: tuple[Branch, ...] = ()
    all_of_them: bool = False
    along: tuple[tuple[Symbol, Expr], ...] = ()
    curve_symbol: Symbol | None = None
    through_integers: bool = False


@dataclass(frozen=True)
class Spectrum:
    """Every eigenvalue of the symmetric matrix lies in [low, high]; with `attained`, both ends are eigenvalues."""

    matrix: Matrix
    low: Expr
    high: Expr
    attained: bool


@dataclass(frozen=True)
class Attraction:
    """What becomes of a method's iterates near the stationary point `branch`, for all step sizes `when`.

    The methods are those of `symopt.derivation.iterations`, with a constant `step_size` and a constant `memory` in
    [0, 1): symbols that stand for any such numbers. `effect`:
    "converges": from every start they converge to a stationary point, for these step sizes and for no others;
    "attracted": from every start near enough they converge to this point;
    "repelled": an eigenvalue of the linearised iteration has a modulus above 1, so that the point is unstable;
    "contracts": each step leads nearer to the point, from everywhere in a ball about it that lies in the region.
    """

    objective: Expr
    variables: tuple[Symbol, ...]
    branch: Branch
    method: str
    step_size: Symbol
    memory: Symbol | None
    when: tuple[Relation, ...]
    effect: str


@dataclass(frozen=True)
class Rate:
    """The spectral radius of a method's linearised iteration at the stationary point `branch` is `factor`.

    `kind`: "exact"; "best" when moreover no other constant step size (and memory in [0, 1)) has a smaller one; "bound"
    when each step multiplies the distance from the point by at most this, in a ball about it that lies in the region.
    """

    objective: Expr
    variables: tuple[Symbol, ...]
    branch: Branch
    method: str
    step_size: Expr
    memory: Expr | None
    factor: Expr
    kind: str


@dataclass(frozen=True)
class Infeasible:
    """No point satisfies the context."""


Claim = (
    Holds
    | Derivative
    | Gradient
    | Hessian
    | Smooth
    | Continuous
    | Definite
    | RegionConvex
    | RegionNotConvex
    | Curved
    | ArrayCurved
    | ArrayStrict
    | NotCurved
    | Cover
    | Stationary
    | Label
    | Limit
    | Optimal
    | Spectrum
    | Attraction
    | Rate
    | Infeasible
)


@dataclass(frozen=True, eq=False)
class Step:
    """One step: in `context`, `claim` follows by `rule` from `premises`, with the data of the `certificate`.

    Steps are shared, so a derivation is a directed acyclic graph; two steps are the same only as objects.
    """

    context: Context
    claim: Claim
    rule: str
    premises: tuple[Step, ...] = ()
    certificate: tuple[tuple[str, object], ...] = field(default=())

    def data(self, name: str) -> object:
        """The certificate's entry of that name, or None."""
        return dict(self.certificate).get(name)

    def walk(self) -> tuple[Step, ...]:
        """Every step once, premises before what rests on them."""
        order: list[Step] = []
        seen: set[int] = set()
        stack: list[tuple[Step, bool]] = [(self, False)]
        while stack:
            step, ready = stack.pop()
            if ready:
                order.append(step)
            elif id(step) not in seen:
                seen.add(id(step))
                stack.append((step, True))
                stack.extend((premise, False) for premise in reversed(step.premises))
        return tuple(order)
