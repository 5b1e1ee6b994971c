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
from typing import Final, Generic, cast

from sympy import Abs, Add, Expr, Mod, Symbol, default_sort_key, exp, expand_mul, log

from symopt.agreement import require_agreement
from symopt.cases.cell import Cell, Leaf, Split, T, Values
from symopt.cases.line import on_line
from symopt.cases.merging import merged, tidied
from symopt.cases.parts import from_first, in_symbol, part
from symopt.clock import OutOfTime
from symopt.derivation.checker import check
from symopt.derivation.checking import Rejected
from symopt.derivation.claims import Context, Step
from symopt.domain import natural_domain
from symopt.errors import InputError, SymoptError
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, TooLarge, factors
from symopt.exact.signs import without_known_kinks
from symopt.reasoning.conjugates import conjugate
from symopt.reasoning.sign import prove_sign
from symopt.relation import Relation
from symopt.results.answers import Answer, StationarySet

RAISE: Final = "SYMOPT_RAISE_INTERNAL_ERRORS"
MAX_LEAVES: Final = 60
MAX_DEPTH: Final = 8


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
        leaves = tuple(tidied(leaf, cell.context.condition) for leaf in leaves)
        leaves = on_line(leaves, cell.context.condition) or leaves
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
            cell = replace(cell, known=split.known)
            try:
                quantity = _undetermined_factor(_demanded(split.quantity, cell), cell)
            except InputError as error:
                return (Leaf(path, self.give_up(str(error), "not_covered"), fixed),)
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
                for relations, inner, put_in in part(cell, quantity, op) or ():
                    found = self.visit(inner, (*path, *relations), (*fixed, *put_in), depth + 1)  # type: ignore[has-type]
                    parts[op] = parts.get(op, ()) + found
            except OutOfTime:
                open_part = (*path, Relation(quantity, op))
                parts[op] = (Leaf(open_part, self.give_up("the time was used up", "clock"), fixed),)
        try:
            return merged(parts, path, quantity)
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
            context = replace(context, condition=from_first(own, remainder, context.condition))
            inner = replace(cell, objective=cell.objective.xreplace(at), context=context)
            told = Relation(Mod(number, 2) - remainder, "==")
            found: tuple[Leaf[T], ...] = self.visit(inner, (), (), depth + 1)
            leaves += tuple(in_symbol(leaf, own, number, (*path, told), fixed) for leaf in found)
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


def _demanded(quantity: Expr, cell: Cell) -> Expr:
    """What needs a sign for the quantity to be real, as b does for sqrt(b); the quantity where it is real.

    Raises InputError where it is nowhere real in the cell.
    """
    demands = (r.expression for r in natural_domain(quantity, cell.context.condition) if r.op != "!=")
    return next((e for e in demands if e.free_symbols and cell.sign_or_none(e) is None), quantity)


def _undetermined_factor(quantity: Expr, cell: Cell) -> Expr | None:
    """The first factor of the quantity whose sign the cell does not fix; constant leading sign made positive."""
    condition = Context((), cell.context.condition)
    try:
        _, parts = factors(quantity)
    except NotExact:
        parts = ((quantity, 1),)
    for base, _ in parts:
        if base.free_symbols and prove_sign(base, condition) is None:
            border = _without_logarithm(base)
            if border is None:
                return _without_root(base, cell)
            return _undetermined_factor(border, cell) or base
    return None


def _without_logarithm(quantity: Expr) -> Expr | None:
    """u - 1 for c log u, p - e^(-d/c) for c log p + d with a symbol p and a number d, u - v for c (log u - log v)."""
    terms = [term.as_coeff_Mul() for term in Add.make_args(quantity)]
    if len(terms) == 2 and all(isinstance(rest, log) for _, rest in terms) and terms[0][0] == -terms[1][0]:
        return cast(Expr, terms[0][1].args[0] - terms[1][1].args[0])
    number, moving = quantity.as_independent(*quantity.free_symbols, as_Add=True)
    factor, logarithm = moving.as_coeff_Mul()
    if (
        not isinstance(logarithm, log)
        or factor.free_symbols
        or not (number == 0 or logarithm.args[0].is_Symbol)
    ):
        return None
    return cast(Expr, logarithm.args[0] - exp(expand_mul(-number / factor)))


def _without_root(quantity: Expr, cell: Cell) -> Expr:
    """For a + b sqrt(d) the shortest of what its sign rests on that is open, so that no case is told by a root or |a|."""
    resolved = without_known_kinks(quantity, cell.context.condition)
    if resolved != quantity:
        return _undetermined_factor(resolved, cell) or quantity
    found = conjugate(quantity)
    parts = () if found is None else found.quantities
    parts += tuple(node.args[0] for node in sorted(quantity.atoms(Abs), key=default_sort_key))
    undetermined = [q for part in parts if (q := _undetermined_factor(part, cell)) is not None]
    return min(undetermined, key=operations, default=quantity)
