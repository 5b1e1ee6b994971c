"""Words and small formulas that reasons of every kind are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sympy import Abs, Add, Expr, Max, Min, S, factor_terms

from symopt.derivation.claims import Definite, Holds, Step
from symopt.derivation.rules import RULES
from symopt.derivation.trees import unfolded
from symopt.exact.gates import operations
from symopt.relation import Relation
from symopt.writing.document import Math, Pieces
from symopt.writing.places import listed
from symopt.writing.presenting import squares

MOST_SHOWN: Final = 40  # operations of an expression that a sentence may hold
_CONJUNCTIONS: Final = ("because ", "since ", "as ", "along ")


def phrase(rule: str) -> str:
    """The rule's reason with the word that joins it to a claim; opaque ones say who did the work."""
    entry = RULES[rule]
    text = entry.phrase if entry.phrase.startswith(_CONJUNCTIONS) else f"by {entry.phrase}"
    return text if entry.readable else f"{text} (computer algebra)"


def sign_pieces(value: Expr, op: str) -> Pieces:
    """`2 (p - 1) > 0`, or a number alone, whose sign is plain."""
    return (Math((value,)),) if value.is_number else (Math((value, op, S.Zero)),)


def relations_of(premises: Iterable[Step]) -> tuple[Relation, ...]:
    """The signs that premises prove."""
    return tuple(p.claim.relation for p in premises if isinstance(p.claim, Holds))


def definite_premise(step: Step) -> Step | None:
    """The premise about a Hessian that is definite."""
    return next((p for p in step.premises if isinstance(p.claim, Definite)), None)


def written_as(premise: Step) -> Expr:
    """What a proved sign is said of: the tree that shows it, where that is short, else the expression."""
    assert isinstance(premise.claim, Holds)
    for tree in (unfolded(premise), premise.data("tree")):
        if isinstance(tree, Expr) and operations(tree) <= MOST_SHOWN:
            return squares(tree)
    return premise.claim.relation.expression


def kinks_above_lines(premise: Step) -> Pieces:
    """`, as |x| ≥ x/2`: of each term of the tree that shows a sign which is a kink less a mean of its two sides."""
    tree = premise.data("tree")
    found: list[Pieces] = []
    for term in Add.make_args(tree) if isinstance(tree, Expr) and tree.is_Add else ():
        kinked = [part for part in Add.make_args(term) if part.has(Abs, Max, Min)]
        if len(kinked) == 1 and term.is_Add:
            factor, node = kinked[0].as_coeff_Mul()
            line = factor_terms((kinked[0] - term).expand() / factor)
            op = "<=" if isinstance(node, Min) else ">="
            found += [(Math((node, op, line)),)] if isinstance(node, (Abs, Max, Min)) else []
    return (", as ", *listed(found)) if found else ()
