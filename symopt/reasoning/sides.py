"""Signs case by case: where a quantity is negative and where it is not, and kinks whose side is known."""

from __future__ import annotations

from typing import Final

from sympy import Abs, Pow, S, default_sort_key

from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Step
from symopt.exact.normal import canonical
from symopt.exact.signs import SIGNS_OF, signs_given, signs_of_constant, without_known_kinks
from symopt.reasoning.polynomial_sign import Prove, step_for
from symopt.relation import Relation

MAX_KINKS: Final = 3


def prove_by_side(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """q != 0 from q > 0 or from q < 0."""
    for op in (">", "<") if relation.op == "!=" else ():
        side = prove.ask(Relation(relation.expression, op), context, prove.depth)
        if side is not None:
            return step_for(relation, context, "signs", (side,), tree=relation.expression)
    return None


def prove_by_resolving(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """|u| is u or -u where the sign of u is known; it may come from a root, as in sqrt(1 + b^2/a^2)."""
    whole = relation.expression
    if not whole.has(Abs) and any(e.exp == S.Half for e in whole.atoms(Pow)):
        whole = canonical(whole)
    resolved = without_known_kinks(whole, context.relations)
    if resolved == whole:
        return None
    short = canonical(resolved)
    if not short.free_symbols:
        if not signs_of_constant(short) <= SIGNS_OF[relation.op]:
            return None
        step = step_for(relation, context, "signs", (), tree=short)
        return step if follows(step) else None
    found = prove(Relation(short, relation.op), context)
    if found is None:
        return None
    step = step_for(relation, context, "signs", (found,), tree=short)
    return step if follows(step) else None


def prove_by_sides_of_kink(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """With |u|: where u < 0, and where u >= 0; with |v| beside it, each of these where v < 0 and where v >= 0."""
    inside = (node.args[0] for node in relation.expression.atoms(Abs))
    ordered = sorted(inside, key=lambda u: (u.has(Abs), default_sort_key(u)))
    kinks = [u for u in ordered if {1, -1} <= signs_given(u, context.relations)]
    if not 0 < len(kinks) <= MAX_KINKS or relation.op in ("==", "!="):
        return None
    sides = []
    for op in ("<", ">="):
        there = Context((*context.region, Relation(kinks[0], op)), context.condition)
        side = prove(relation, there) or prove_by_sides_of_kink(relation, there, prove)
        if side is None:
            return None
        sides.append(side)
    step = step_for(relation, context, "by_cases", tuple(sides), quantity=kinks[0], ops=("<", ">="))
    return step if follows(step) else None


def prove_beside_excluded(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """In one symbol, with u != 0: where u < 0, and where u > 0."""
    excluded = [r for r in context.region if r.op == "!=" and r.symbols == relation.symbols]
    if len(relation.symbols) != 1 or not excluded or relation.op not in (">", "<", "!="):
        return None
    quantity, sides = excluded[0].expression, []
    for op in ("<", ">"):
        kept = tuple(r for r in context.region if r != excluded[0])
        side = prove(relation, Context((*kept, Relation(quantity, op)), context.condition))
        if side is None:
            return None
        sides.append(side)
    step = step_for(relation, context, "by_cases", tuple(sides), quantity=quantity, ops=("<", ">"))
    return step if follows(step) else None
