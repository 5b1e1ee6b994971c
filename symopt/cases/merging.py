"""Leaves made one where they answer alike, and in the order in which they are read."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from sympy import Abs, Expr, Max, Min, Symbol

from symopt.cases.cell import Leaf, T, Values
from symopt.derivation.claims import UNBOUNDED, Branch, Context, Number
from symopt.exact.normal import NotExact, canonical
from symopt.exact.signs import without_known_kinks
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation
from symopt.results.answers import Extremum, Point, StationarySet

Relations = tuple[Relation, ...]


def merged(
    parts: dict[str, tuple[Leaf[T], ...]], path: tuple[Relation, ...], quantity: Expr
) -> tuple[Leaf[T], ...]:
    """The leaves of a split, neighbours with equal answers made one: q >= 0, q <= 0, q != 0 or no split at all."""
    single = {op: leaves[0] for op, leaves in parts.items() if len(leaves) == 1}
    if len(parts) == 1:
        (only,) = parts.values()
        if len(only) == 1 and not only[0].fixed[len(path) :] and "==" not in parts:
            return (replace(only[0], condition=path),)
        return only
    border: tuple[Leaf[T], ...] = parts.get("==", ())
    sides: tuple[Leaf[T], ...] = tuple(single[op] for op in (">", "<") if op in single)
    alone = bool(sides) and len(sides) == len(parts) - ("==" in parts)
    if alone and all(agree(sides[0], leaf) for leaf in sides + border):
        return (joined(sides[0], sides + border, path),)
    for op, joined_op in ((">", ">="), ("<", "<=")):
        if op in single and border and all(agree(single[op], leaf) for leaf in border):
            own: tuple[Leaf[T], ...] = (single[op],)
            condition = (*path, Relation(quantity, joined_op))
            together: tuple[Leaf[T], ...] = (joined(single[op], own + border, condition),)
            rest: tuple[Leaf[T], ...] = parts.get("<" if op == ">" else ">", ())
            return together + rest if op == ">" else rest + together
    if ">" in single and "<" in single and "==" in parts and agree(single[">"], single["<"]):
        apart = joined(single[">"], (single[">"], single["<"]), (*path, Relation(quantity, "!=")))
        return (apart, *parts["=="])  # type: ignore[arg-type]
    return tuple(leaf for op in (">", "==", "<") for leaf in parts.get(op, ()))


def agree(reference: Leaf[T], other: Leaf[T]) -> bool:
    """Whether the reference's answer, with the other's values put in, is the other's answer."""
    values, given = _values_of(other, reference), other.condition
    try:
        there = reference.answer.replaced(values) if values else reference.answer
        return bool(_comparable(there, given) == _comparable(other.answer, given))
    except (NotExact, ZeroDivisionError):
        return False


def _values_of(leaf: Leaf[T], reference: Leaf[T]) -> dict[Symbol, Expr]:
    """The values that are fixed on the leaf and not on the reference."""
    return {symbol: value for symbol, value in leaf.fixed if (symbol, value) not in reference.fixed}


def joined(reference: Leaf[T], leaves: tuple[Leaf[T], ...], condition: tuple[Relation, ...]) -> Leaf[T]:
    """One leaf that holds on all of them, its evidence theirs together."""
    answer = reference.answer
    for leaf in leaves:
        if leaf is not reference:
            answer = _with_evidence(answer, leaf.answer, _values_of(leaf, reference))
    return Leaf(condition, answer, reference.fixed)


def _comparable(answer: T, given: Relations) -> T:
    """The answer as it is compared where the relations hold: canonical, |a| resolved, without the inertia.

    The inertia may differ where the label does not.
    """
    if isinstance(answer, StationarySet):
        points = tuple(_comparable_point(p, given) for p in answer.points)
        return replace(
            answer,
            points=tuple(sorted(points, key=str)),
            kinks=tuple(_comparable_point(p, given) for p in answer.kinks),
        )
    if isinstance(answer, Extremum):
        value = None if answer.value is None else _canonical(answer.value, given)
        at = sorted((_comparable_branch(branch, given) for branch in answer.at), key=str)
        return replace(answer, value=value, at=tuple(at))
    return answer


def _comparable_point(point: Point, given: Relations) -> Point:
    value = None if point.value is None else _canonical(point.value, given)
    branch = _comparable_branch(point.branch, given)
    return replace(point, branch=branch, value=value, inertia=None, eigenvalues=None)


def _canonical(value: Expr, given: Relations) -> Expr:
    try:
        plain = canonical(value)
        return canonical(without_known_kinks(plain, given)) if plain.has(Abs, Max, Min) else plain
    except NotExact:
        return value


def _comparable_branch(branch: Branch, given: Relations = ()) -> Branch:
    at = tuple((symbol, _canonical(value, given)) for symbol, value in branch.at)
    return replace(branch, at=at, numbers=tuple(map(_without_interval, branch.numbers)))


def _without_interval(number: Number) -> Number:
    """A number that its index tells, without what else is known of it: r < 0 where b > 0, r > 0 where b < 0."""
    return replace(number, interval=UNBOUNDED) if number.varies and number.index is not None else number


def _without_intervals_apart(branch: Branch, others: tuple[Branch, ...]) -> Branch:
    """The branch with the intervals of its numbers where they are those of its counterparts too."""
    met = {number for other in others for number in other.numbers}
    numbers = tuple(n if n in met or not others else _without_interval(n) for n in branch.numbers)
    return replace(branch, numbers=numbers)


def _with_evidence(answer: T, other: T, values: dict[Symbol, Expr]) -> T:
    """The answer with the evidence of both; what differs between their points is left out."""
    evidence = replace(answer.evidence, steps=answer.evidence.steps + other.evidence.steps)
    if isinstance(answer, StationarySet) and isinstance(other, StationarySet):
        points = tuple(_joined_point(p, _counterparts(p, other.points, values)) for p in answer.points)
        return replace(answer, evidence=evidence, points=points)
    if isinstance(answer, Extremum) and isinstance(other, Extremum):
        return replace(
            answer, evidence=evidence, at=tuple(_without_intervals_apart(b, other.at) for b in answer.at)
        )
    return replace(answer, evidence=evidence)


def _counterparts(point: Point, others: tuple[Point, ...], values: dict[Symbol, Expr]) -> tuple[Point, ...]:
    """The same point on another leaf, with its values put in; where that cannot be seen, every one of its kind."""
    alike = tuple(q for q in others if (q.kind, q.strict) == (point.kind, point.strict))
    with suppress(NotExact, ZeroDivisionError):
        here = _comparable_branch(point.replaced(values).branch if values else point.branch)
        return tuple(q for q in alike if _comparable_branch(q.branch) == here) or alike
    return alike


def _joined_point(point: Point, others: tuple[Point, ...]) -> Point:
    """The point with the proofs of its counterparts, without the inertia where it differs."""
    if point.evidence is not None:
        steps = tuple(step for q in others if q.evidence is not None for step in q.evidence.steps)
        point = replace(point, evidence=replace(point.evidence, steps=point.evidence.steps + steps))
    point = replace(point, branch=_without_intervals_apart(point.branch, tuple(q.branch for q in others)))
    same = all(q.inertia == point.inertia for q in others)
    return point if same else replace(point, inertia=None, eigenvalues=None)


def tidied(leaf: Leaf[T], assumptions: tuple[Relation, ...]) -> Leaf[T]:
    """The leaf's condition without the relations that the others and the assumptions give."""
    kept = list(dict.fromkeys(leaf.condition))
    for relation in tuple(kept):
        others = tuple(r for r in kept if r != relation)
        if relation.op == "==":
            if _follows_from_values(relation, leaf.fixed, others):
                kept.remove(relation)
        elif prove_relation(relation, Context((), assumptions + others)) is not None:
            kept.remove(relation)
    return replace(leaf, condition=tuple(kept))


def _follows_from_values(relation: Relation, values: Values, others: tuple[Relation, ...]) -> bool:
    """Whether an equation is 0 = 0 once values are put in that the others tell: a c = b^2 where c = b^2/a."""
    expression = relation.expression
    for symbol, value in values:
        if Relation(symbol - value, "==") in others:
            expression = expression.xreplace({symbol: value})
    return expression != relation.expression and _canonical(expression, ()) == 0
