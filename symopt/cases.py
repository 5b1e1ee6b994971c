"""Cases as a decision tree that grows with the questions.

A question is asked of a cell; when it needs a sign that the cell does not fix, the cell is split into q < 0, q = 0 and
q > 0 and the question is asked again of each part.

Cover and disjointness hold by construction. Empty parts are pruned only with a proof; neighbours with equal answers
are merged; the leaves come ordered along the line when there is one parameter.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar, cast

from sympy import Add, Expr, Mod, Mul, Pow, S, Symbol, ceiling, floor, log, sqrt

from symopt.agreement import require_agreement
from symopt.clock import Budget, OutOfTime
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Branch, Context, Step
from symopt.errors import SymoptError
from symopt.exact.normal import NotExact, TooLarge, canonical, factors
from symopt.exact.relations import is_rational, rational_bounds, with_factors
from symopt.exact.roots import real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_constant, signs_of_tree
from symopt.reasoning.conjugates import conjugate
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.results.answers import Answer, Convexity, Extremum, Point, StationarySet, StepSizeTheory

UNBOUNDED: Final = Budget()
RAISE: Final = "SYMOPT_RAISE_INTERNAL_ERRORS"
MAX_LEAVES: Final = 60
MAX_DEPTH: Final = 8


class Split(Exception):
    """The answer depends on the sign of `quantity`, which the cell does not fix."""

    def __init__(self, quantity: Expr) -> None:
        super().__init__(str(quantity))
        self.quantity = quantity


@dataclass(frozen=True)
class Cell:
    """A part of the parameter space: the question's objective and region there, with its condition.

    Where the condition fixes a parameter (p = 1), `objective` and the region have its value in place of it.
    """

    objective: Expr
    variables: tuple[Symbol, ...]
    context: Context
    budget: Budget = UNBOUNDED

    def sign(self, quantity: Expr) -> int:
        """The proved sign of a quantity in the parameters; raises Split when the cell does not fix it."""
        self.budget.check()
        known = self.sign_or_none(quantity)
        if known is None:
            raise Split(quantity)
        return known

    def sign_or_none(self, quantity: Expr) -> int | None:
        """The proved sign of a quantity in the parameters, or None."""
        found = prove_sign(quantity, Context((), self.context.condition))
        return None if found is None else found[0]

    def holds(self, relation: Relation) -> bool:
        """Whether the relation is proved in the cell (region and condition); never splits."""
        self.budget.check()
        return prove_relation(relation, self.context) is not None

    def is_nonzero(self, quantity: Expr) -> bool:
        """Whether a quantity in the parameters is proved nonzero, splitting the cell when that is open."""
        if prove_relation(Relation(quantity, "!="), Context((), self.context.condition)) is not None:
            return True
        return self.sign(quantity) != 0

    @property
    def parameters(self) -> frozenset[Symbol]:
        """The symbols that are not variables."""
        used = self.objective.free_symbols.union(*(r.symbols for r in self.context.relations))
        return frozenset(cast(set[Symbol], used)) - set(self.variables)


Values = tuple[tuple[Symbol, Expr], ...]
Part = tuple[tuple[Relation, ...], Cell, Values]
T = TypeVar("T", StationarySet, Convexity, Extremum, StepSizeTheory)


@dataclass(frozen=True)
class Leaf(Generic[T]):
    """An answer and the condition (a conjunction) under which it holds; `fixed` are the values it has put in."""

    condition: tuple[Relation, ...]
    answer: T
    fixed: tuple[tuple[Symbol, Expr], ...] = ()


def explore(
    question: Callable[[Cell], T], cell: Cell, give_up: Callable[[str, str], T], max_leaves: int = MAX_LEAVES
) -> tuple[Leaf[T], ...]:
    """The answers of `question` over the whole cell, as leaves that cover it and do not overlap.

    `give_up(reason, stopped_by)` is the undecided answer where the splits, the effort or the clock end.
    """
    explorer = _Explorer(question, give_up, max_leaves)
    leaves: tuple[Leaf[T], ...] | None = None
    with suppress(OutOfTime):  # what is known by then is shown as it stands
        leaves = explorer.visit(cell, (), (), 0)
        leaves = tuple(_tidied(leaf, cell.context.condition) for leaf in leaves)
        leaves = _merged_on_line(_ordered(leaves))
    return (Leaf((), give_up("the time was used up", "clock")),) if leaves is None else leaves


@dataclass
class _Explorer(Generic[T]):
    question: Callable[[Cell], T]
    give_up: Callable[[str, str], T]
    leaves_left: int

    def visit(
        self, cell: Cell, path: tuple[Relation, ...], fixed: tuple[tuple[Symbol, Expr], ...], depth: int
    ) -> tuple[Leaf[T], ...]:
        """Ask the cell; on Split ask its parts, and merge what they answer alike."""
        try:
            cell.budget.check()
            answer = self.verified(self.question(cell), cell)
            return (Leaf(path, replace(answer, evidence=answer.evidence.naming(fixed)), fixed),)
        except OutOfTime:
            return (Leaf(path, self.give_up("the time was used up", "clock"), fixed),)
        except Split as split:
            if isinstance(split.quantity, Mod) and depth < MAX_DEPTH:
                return self.by_parity(cell, path, fixed, depth, split.quantity.args[0])
            quantity = _undetermined_factor(split.quantity, cell)
        except SymoptError:
            raise
        except NotExact as error:
            stopped_by = "effort" if isinstance(error, TooLarge) else "not_covered"
            return (Leaf(path, self.give_up(f"exact arithmetic ended: {error}", stopped_by), fixed),)
        except Exception as error:
            if os.environ.get(RAISE):
                raise
            reason = f"an internal error ({type(error).__name__}) stopped the proof"
            return (Leaf(path, self.give_up(reason, "internal_error"), fixed),)
        self.leaves_left -= 2
        if quantity is None or depth >= MAX_DEPTH or self.leaves_left < 0:
            return (Leaf(path, self.give_up("too many cases in the parameters", "effort"), fixed),)
        parts: dict[str, tuple[Leaf[T], ...]] = {}
        for op in (">", "==", "<"):
            try:
                for relations, inner, put_in in _part(cell, quantity, op) or ():
                    found = self.visit(inner, (*path, *relations), (*fixed, *put_in), depth + 1)  # type: ignore[has-type]
                    parts[op] = parts.get(op, ()) + found
            except OutOfTime:
                open_part = (*path, Relation(quantity, op))
                parts[op] = (Leaf(open_part, self.give_up("the time was used up", "clock"), fixed),)
        try:
            return _merged(parts, path, quantity)
        except OutOfTime:
            return tuple(leaf for leaves in parts.values() for leaf in leaves)

    def by_parity(
        self, cell: Cell, path: tuple[Relation, ...], fixed: Values, depth: int, number: Symbol
    ) -> tuple[Leaf[T], ...]:
        """The leaves for even and for odd values of an integer, each with a symbol that SymPy knows to be such."""
        self.leaves_left -= 2
        leaves: tuple[Leaf[T], ...] = ()
        for remainder, parity in enumerate(("even", "odd")):
            own = Symbol(number.name, **{parity: True})
            at = {number: own}
            context = cell.context.at(at)
            context = replace(context, condition=_from_first(own, remainder, context.condition))
            inner = replace(cell, objective=cell.objective.xreplace(at), context=context)
            told = Relation(Mod(number, 2) - remainder, "==")
            found: tuple[Leaf[T], ...] = self.visit(inner, (), (), depth + 1)
            leaves += tuple(_in_symbol(leaf, own, number, (*path, told), fixed) for leaf in found)
        return leaves

    def verified(self, answer: T, cell: Cell) -> T:
        """The answer when the checker accepts every derivation it rests on, and it says what they say."""
        try:
            check(*conclusions(answer))
            require_agreement(answer, cell.objective, cell.variables, cell.context)
        except Rejected as reason:
            if os.environ.get(RAISE):
                raise
            return self.give_up(f"the checker did not accept the proof ({reason})", "internal_error")
        return answer


def conclusions(answer: Answer) -> tuple[Step, ...]:
    """The conclusions of all derivations that an answer rests on."""
    steps = answer.evidence.steps
    if isinstance(answer, StationarySet):
        labels = (p.evidence for p in answer.points + answer.kinks if p.evidence is not None)
        steps += tuple(step for evidence in labels for step in evidence.steps)
    return steps


def _undetermined_factor(quantity: Expr, cell: Cell) -> Expr | None:
    """The first factor of the quantity whose sign the cell does not fix; constant leading sign made positive."""
    condition = Context((), cell.context.condition)
    try:
        _, parts = factors(quantity)
    except NotExact:
        parts = ((quantity, 1),)
    for base, _ in parts:
        if base.free_symbols and prove_sign(base, condition) is None:
            if isinstance(base, log) and base.args[0].is_Symbol:
                return cast(Expr, base.args[0] - 1)
            return _without_root(base, cell)
    return None


def _without_root(quantity: Expr, cell: Cell) -> Expr:
    """For a + b sqrt(d) the shortest of what its sign rests on that is open, so that no case is told by a root."""
    found = conjugate(quantity)
    parts = () if found is None else found.quantities
    undetermined = [q for part in parts if (q := _undetermined_factor(part, cell)) is not None]
    return min(undetermined, key=lambda q: q.count_ops(), default=quantity)


def _part(cell: Cell, quantity: Expr, op: str) -> tuple[Part, ...] | None:
    """The part of the cell where `quantity op 0`, with its value put in where that fixes a parameter; None when empty."""
    condition = Context((), cell.context.condition)
    relation = Relation(quantity, op)
    if prove_relation(relation.negated(), condition) is not None or _contradicts(relation, condition):
        return None
    whole = ((relation,), replace(cell, context=cell.context.with_condition(relation)), ())
    if op != "==":
        return (whole,)
    vanishing = _all_zero(quantity, condition)
    choices = (vanishing,) if vanishing else _solved(quantity, cell)
    if choices is None:
        return (whole,)
    found: list[Part] = []
    for values in choices:
        inner = _with_values(cell, values)
        if inner is not None:
            found += _with_consequences(_equations(values), inner, values)
    return tuple(found) or None


def _with_values(cell: Cell, values: Values) -> Cell | None:
    """The cell with values for parameters, one after the other; None when the condition forbids them."""
    inner: Cell | None = cell
    for symbol, value in values:
        inner = _substituted(inner, symbol, value) if inner is not None else None
    return inner


def _equations(values: Values) -> tuple[Relation, ...]:
    return tuple(Relation(symbol - value, "==") for symbol, value in values)


def _contradicts(relation: Relation, condition: Context) -> bool:
    """Whether an equation of the condition is seen to fail where the relation holds too."""
    known = (relation, *condition.relations)
    return _without_integer(known) or any(
        0 not in signs_of_tree(r.expression, tuple(k for k in known if k != r))
        for r in condition.relations
        if r.op == "=="
    )


def _in_symbol(
    leaf: Leaf[T], own: Symbol, number: Symbol, path: tuple[Relation, ...], fixed: Values
) -> Leaf[T]:
    """The leaf with `number` for its own symbol in what is said of its case."""
    condition: tuple[Relation, ...] = tuple(r.at({own: number}) for r in leaf.condition)
    values: Values = tuple((number if s == own else s, value) for s, value in leaf.fixed)
    return Leaf((*path, *condition), leaf.answer, (*fixed, *values))


def _from_first(symbol: Symbol, remainder: int, condition: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """The condition from the first number of that parity on: n >= 3 for an odd n > 1."""
    low, _ = rational_bounds(symbol, condition)
    if low is None:
        return condition
    first = floor(low[0]) + 1 if low[1] else ceiling(low[0])
    first += (first - remainder) % 2
    return tuple(dict.fromkeys((*condition, Relation(symbol - first, ">="))))


def _without_integer(relations: tuple[Relation, ...]) -> bool:
    """Whether the bounds of a symbol for integers leave none to it."""
    for symbol in {s for r in relations for s in r.symbols if s.is_integer}:
        low, high = rational_bounds(symbol, relations)
        if low is None or high is None:
            continue
        first = floor(low[0]) + 1 if low[1] else ceiling(low[0])
        last = ceiling(high[0]) - 1 if high[1] else floor(high[0])
        parity = 0 if symbol.is_even else 1 if symbol.is_odd else None
        if first > last or (first == last and parity not in (None, first % 2)):
            return True
    return False


def _with_consequences(relations: tuple[Relation, ...], cell: Cell, fixed: Values) -> list[Part]:
    """The part, with the values put in that its equations fix once the first one is: b = 0 for b^2 = 0."""
    for given in cell.context.condition:
        if given.op != "==":
            continue
        _, parts = factors(given.expression)
        solutions = [_solved(base, cell) for base, power in parts if power > 0]
        if None in solutions:
            continue
        found: list[Part] = []
        for values in (values for some in solutions for values in some or ()):
            inner = _with_values(cell, values)
            if inner is not None:
                more = (*relations, *_equations(values))
                found += _with_consequences(more, inner, (*fixed, *values))
        return found
    return [(relations, cell, fixed)]


def _all_zero(quantity: Expr, condition: Context) -> Values:
    """The parameters that are 0 where a sum of terms c p^k, none of them negative, is 0; () for other sums."""
    values: dict[Symbol, Expr] = {}
    for term in sorted(Add.make_args(quantity), key=str):
        _, base = term.as_coeff_Mul()
        symbol = base.base if isinstance(base, Pow) else base
        if not symbol.is_Symbol or prove_relation(Relation(term, ">="), condition) is None:
            return ()
        values[cast(Symbol, symbol)] = S.Zero
    return tuple(values.items()) if len(values) > 1 else ()


def _solved(quantity: Expr, cell: Cell) -> tuple[Values, ...] | None:
    """The parameter that quantity = 0 fixes, with its values; None when it fixes none in a simple way."""
    for symbol in sorted(quantity.free_symbols, key=str):
        poly = quantity.as_poly(symbol)
        if poly is None:
            continue
        if poly.degree() == 1:
            slope, offset = poly.all_coeffs()
            if slope.is_number or cell.sign_or_none(slope) not in (None, 0):
                value = canonical(-offset / slope)
                if not symbol.is_integer or value.is_Integer:
                    return (((cast(Symbol, symbol), value),),)
                if value.is_number:
                    return ()
        if symbol.is_integer:
            continue
        if poly.degree() == 2 and all(c.is_Rational for c in poly.all_coeffs()):
            a, b, c = poly.all_coeffs()
            root = sqrt(b**2 - 4 * a * c)
            if not root.is_real:
                return ()
            return tuple(((cast(Symbol, symbol), (-b + sign * root) / (2 * a)),) for sign in (-1, 1))
        if poly.degree() > 2 and quantity.free_symbols == {symbol} and is_rational(poly):
            roots = [root.as_radical() for root in real_roots(poly, cast(Symbol, symbol))]
            if None not in roots:
                return tuple(((cast(Symbol, symbol), cast(Expr, root)),) for root in roots)
    return None


def _substituted(cell: Cell, symbol: Symbol, value: Expr) -> Cell | None:
    """The cell with a value for a parameter; None when the condition forbids it."""
    table = {symbol: value}
    condition = []
    for relation in cell.context.condition:
        new = _as_equation(relation.at(table))
        if not new.expression.free_symbols:
            if not signs_of_constant(new.expression) <= SIGNS_OF[new.op]:
                return None
        else:
            condition.append(new)
    kept = Context((), ())
    for relation in condition:
        if (
            prove_relation(relation.negated(), Context((), tuple(r for r in condition if r != relation)))
            is not None
        ):
            return None
        kept = kept.with_condition(*with_factors((relation,)))
    region = tuple(r.at(table) for r in cell.context.region)
    constant = [
        r
        for r in region
        if not r.expression.free_symbols and signs_of_constant(r.expression) <= SIGNS_OF[r.op]
    ]
    return Cell(
        cell.objective.xreplace(table),
        cell.variables,
        Context(with_factors(tuple(r for r in region if r not in constant)), kept.condition),
        cell.budget,
    )


def _as_equation(relation: Relation) -> Relation:
    """-q^2 >= 0 as q = 0."""
    if relation.op not in (">=", "<=") or not relation.symbols:
        return relation
    constant, parts = factors(relation.expression)
    sign = 1 if relation.op == "<=" else -1
    if sign * constant > 0 and parts and all(power > 0 and power % 2 == 0 for _, power in parts):
        return Relation(Mul(*(base for base, _ in parts)), "==")
    return relation


def _merged(
    parts: dict[str, tuple[Leaf[T], ...]], path: tuple[Relation, ...], quantity: Expr
) -> tuple[Leaf[T], ...]:
    """The leaves of a split, neighbours with equal answers made one: q >= 0, q <= 0, q != 0 or no split at all."""
    single = {op: leaves[0] for op, leaves in parts.items() if len(leaves) == 1}
    if len(parts) == 1:
        (only,) = parts.values()
        if len(only) == 1 and not only[0].fixed[len(path) :] and "==" not in parts:
            return (replace(only[0], condition=path),)
        return only
    if set(single) == set(parts):
        ops = tuple(op for op in (">", "==", "<") if op in single)
        reference = single.get(">") or single.get("<")
        if reference is not None and all(_agree(reference, single[op]) for op in ops):
            return (_joined(reference, tuple(single.values()), path),)
    for op, joined_op in ((">", ">="), ("<", "<=")):
        if op in single and "==" in single and _agree(single[op], single["=="]):
            together = _joined(single[op], (single[op], single["=="]), (*path, Relation(quantity, joined_op)))
            rest: tuple[Leaf[T], ...] = parts.get("<" if op == ">" else ">", ())
            return (together, *rest) if op == ">" else (*rest, together)  # type: ignore[arg-type]
    if ">" in single and "<" in single and "==" in parts and _agree(single[">"], single["<"]):
        together = _joined(single[">"], (single[">"], single["<"]), (*path, Relation(quantity, "!=")))
        return (together, *parts["=="])  # type: ignore[arg-type]
    return tuple(leaf for op in (">", "==", "<") for leaf in parts.get(op, ()))


def _agree(reference: Leaf[T], other: Leaf[T]) -> bool:
    """Whether the reference's answer, with the other's values put in, is the other's answer."""
    values = {symbol: value for symbol, value in other.fixed if (symbol, value) not in reference.fixed}
    if not values:
        return bool(_comparable(reference.answer) == _comparable(other.answer))
    try:
        return bool(_comparable(reference.answer.replaced(values)) == _comparable(other.answer))
    except (NotExact, ZeroDivisionError):
        return False


def _joined(reference: Leaf[T], leaves: tuple[Leaf[T], ...], condition: tuple[Relation, ...]) -> Leaf[T]:
    """One leaf that holds on all of them, its evidence theirs together."""
    answer = reference.answer
    for leaf in leaves:
        if leaf is not reference:
            answer = _with_evidence(answer, leaf.answer)
    return Leaf(condition, answer, reference.fixed)


def _comparable(answer: T) -> T:
    """The answer as it is compared: canonical, without the inertia, which may differ where the label does not."""
    if isinstance(answer, StationarySet):
        points = tuple(_comparable_point(p) for p in answer.points)
        return replace(
            answer,
            points=tuple(sorted(points, key=str)),
            kinks=tuple(_comparable_point(p) for p in answer.kinks),
        )
    if isinstance(answer, Extremum):
        value = None if answer.value is None else _canonical(answer.value)
        return replace(answer, value=value, at=tuple(sorted(map(_comparable_branch, answer.at), key=str)))
    return answer


def _comparable_point(point: Point) -> Point:
    value = None if point.value is None else _canonical(point.value)
    return replace(
        point, branch=_comparable_branch(point.branch), value=value, inertia=None, eigenvalues=None
    )


def _canonical(value: Expr) -> Expr:
    try:
        return canonical(value)
    except NotExact:
        return value


def _comparable_branch(branch: Branch) -> Branch:
    return replace(branch, at=tuple((symbol, _canonical(value)) for symbol, value in branch.at))


def _with_evidence(answer: T, other: T) -> T:
    """The answer with the evidence of both; what differs between their points is left out."""
    evidence = replace(answer.evidence, steps=answer.evidence.steps + other.evidence.steps)
    if isinstance(answer, StationarySet) and isinstance(other, StationarySet):
        points = tuple(_joined_point(p, _counterparts(p, other.points)) for p in answer.points)
        return replace(answer, evidence=evidence, points=points)
    return replace(answer, evidence=evidence)


def _counterparts(point: Point, others: tuple[Point, ...]) -> tuple[Point, ...]:
    """The same point on another leaf; where its coordinates are written differently, every one of its kind."""
    alike = tuple(q for q in others if (q.kind, q.strict) == (point.kind, point.strict))
    return tuple(q for q in alike if q.branch == point.branch) or alike


def _joined_point(point: Point, others: tuple[Point, ...]) -> Point:
    """The point with the proofs of its counterparts, without the inertia where it differs."""
    if point.evidence is not None:
        steps = tuple(step for q in others if q.evidence is not None for step in q.evidence.steps)
        point = replace(point, evidence=replace(point.evidence, steps=point.evidence.steps + steps))
    same = all(q.inertia == point.inertia for q in others)
    return point if same else replace(point, inertia=None, eigenvalues=None)


def _tidied(leaf: Leaf[T], assumptions: tuple[Relation, ...]) -> Leaf[T]:
    """The leaf's condition without the relations that the others and the assumptions give."""
    kept = list(dict.fromkeys(leaf.condition))
    for relation in tuple(kept):
        others = tuple(r for r in kept if r != relation)
        if relation.op != "==" and prove_relation(relation, Context((), assumptions + others)) is not None:
            kept.remove(relation)
    return replace(leaf, condition=tuple(kept))


def _ordered(leaves: tuple[Leaf[T], ...]) -> tuple[Leaf[T], ...]:
    """Leaves from the largest values of a single parameter to the smallest; a tree's own order otherwise."""
    parameters = {s for leaf in leaves for r in leaf.condition for s in r.symbols}
    if len(parameters) != 1:
        return leaves
    (parameter,) = parameters
    keys = [_place(leaf.condition, parameter) for leaf in leaves]
    if None in keys:
        return leaves
    order = sorted(range(len(leaves)), key=lambda i: cast(tuple[float, float], keys[i]), reverse=True)
    return tuple(leaves[i] for i in order)


def _merged_on_line(leaves: tuple[Leaf[T], ...]) -> tuple[Leaf[T], ...]:
    """Neighbours on the line of one parameter made one where a boundary value answers like the interval beside it."""
    parameters = {s for leaf in leaves for r in leaf.condition for s in r.symbols}
    if len(parameters) != 1:
        return leaves
    merged: list[Leaf[T]] = []
    for leaf in leaves:
        joined = (_with_boundary(merged[-1], leaf) or _touching(merged[-1], leaf)) if merged else None
        if joined is None:
            merged.append(leaf)
        else:
            merged[-1] = joined
    return tuple(merged)


def _with_boundary(upper: Leaf[T], lower: Leaf[T]) -> Leaf[T] | None:
    """One leaf of an interval and the boundary value next to it, when the answers agree; None when they do not."""
    for interval, point in ((upper, lower), (lower, upper)):
        is_point = len(point.condition) == 1 and point.condition[0].op == "=="
        if not is_point or any(r.op == "==" for r in interval.condition) or len(point.fixed) != 1:
            continue
        values = dict(point.fixed)
        touching = [
            r
            for r in interval.condition
            if r.op in ("<", ">") and _canonical(r.expression.xreplace(values)) == 0
        ]
        if len(touching) == 1 and _agree(interval, point):
            condition = tuple(r.closure() if r in touching else r for r in interval.condition)
            return _joined(interval, (interval, point), condition)
    return None


def _touching(upper: Leaf[T], lower: Leaf[T]) -> Leaf[T] | None:
    """One leaf of two intervals that share a border, which one of them holds, when the answers agree."""
    if upper.fixed or lower.fixed or any(r.op in ("==", "!=") for r in upper.condition + lower.condition):
        return None
    shared = [r for r in upper.condition if r.negated() in lower.condition]
    if len(shared) != 1 or not _agree(upper, lower):
        return None
    border = (shared[0], shared[0].negated())
    above, below = (tuple(r for r in leaf.condition if r not in border) for leaf in (upper, lower))
    for leaf, needed in ((upper, below), (lower, above)):
        if any(prove_relation(r, Context((), leaf.condition)) is None for r in needed):
            return None
    return _joined(upper, (upper, lower), tuple(dict.fromkeys(above + below)))


def _place(condition: tuple[Relation, ...], parameter: Symbol) -> tuple[float, float] | None:
    """(lower end, upper end) of the condition on the line, for ordering only; None when it is no interval."""
    low, high = float("-inf"), float("inf")
    for relation in condition:
        poly = relation.expression.as_poly(parameter)
        if poly is None or poly.degree() != 1:
            return None
        slope, offset = poly.all_coeffs()
        end = float(-offset / slope)
        if relation.op == "==" or (relation.op[0] == ">") == (slope > 0):
            low = max(low, end)
        if relation.op == "==" or (relation.op[0] == "<") == (slope > 0):
            high = min(high, end)
    return low, high


__all__ = ["Budget", "Cell", "Leaf", "OutOfTime", "Split", "explore"]
