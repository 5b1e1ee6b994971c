"""Why the best of some values is the extremum over a region with a border: it exists, and can be nowhere else."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, cast

from symopt.derivation.claims import Branch, Context, Cover, Optimal, Stationary, Step
from symopt.derivation.extremal_points import excess
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.writing.claims import Subject, equation, worded
from symopt.writing.document import Pieces
from symopt.writing.places import branch_pieces, listed, several_branches, value_pieces
from symopt.writing.presenting import by_equations

MOST_FACES: Final = 3  # parts of the border whose equations are shown
MOST_VALUES: Final = 9  # candidates whose values a sentence lists
Sentences = tuple[Pieces, ...]


def on_borders(step: Step, subject: Subject) -> Sentences:
    """The region is bounded or f grows; then where an extremum can be, and the values there."""
    claim = cast(Optimal, step.claim)
    word = "minimum" if claim.sense == "min" else "maximum"
    grows = step.data("growth") is not None and step.data("within") is None
    if not step.context.region:
        why = worded(f"f grows beyond every bound in all directions, so it attains its global {word}")
    elif grows:
        beyond = "above" if claim.sense == "min" else "below"
        why = worded(
            f"the region is closed, and f is {beyond} any bound far out in it, so it attains its {word}"
        )
    else:
        why = worded(f"the region is closed and bounded, so f attains its {word}")
    kinked = any(isinstance(p.claim, Cover) for p in step.premises) and not step.context.region
    where = worded(
        "it is at a stationary point, or at a kink, where the gradient of f is a combination of those of the kinks"
        if kinked
        else "it is at a stationary point inside, or on the border, where the gradient of f is a combination of those "
        "of the equalities that hold there"
    )
    claims = (
        cast("Cover | Stationary", p.claim) for p in step.premises if isinstance(p.claim, (Cover, Stationary))
    )
    places = dict.fromkeys(("", b) for found in claims for b in found.branches)
    told = compared(step, tuple(places))
    return (why, where, *(_faces(step) if told else ()), *told)


def _faces(step: Step) -> Sentences:
    """`the equations x^2 + y^2 = 1 and 2*a*y = 2*b*x give ..`: for each part of the border with a candidate."""
    covers = [cast(Cover, p.claim) for p in step.premises if isinstance(p.claim, Cover)]
    found = [c for c in covers if c.branches and len(c.equations) > 1 and not _is_corner(c)]
    if len(found) > MOST_FACES:
        return ()
    return tuple(
        (
            "the equations ",
            *listed([(equation(e, c.unknowns),) for e in c.equations]),
            " give ",
            *several_branches(c.branches, short=True),
        )
        for c in found
    )


def _is_corner(cover: Cover) -> bool:
    """Whether each equation gives one coordinate as it stands: x = 0 and y = 1."""
    return all(len(e.free_symbols) == 1 and (e.diff(*e.free_symbols)).is_number for e in cover.equations)


def compared(step: Step, places: tuple[tuple[str, Branch], ...]) -> Sentences:
    """The values at these places, each after a word for what it is; nothing where they are many."""
    claim = cast(Optimal, step.claim)
    parts = [_value_at(step, claim, branch, what) for what, branch in places]
    if len(parts) > MOST_VALUES or not parts:
        return ()
    if len(parts) == 1:
        return (("the only value to compare is ", *parts[0]),)
    return (("the values to compare are ", *listed(parts)),)


def _value_at(step: Step, claim: Optimal, branch: Branch, what: str) -> Pieces:
    best = any(branch.at == other.at and branch.numbers == other.numbers for other in claim.at)
    value = claim.value if best and claim.attained else excess(claim.objective, claim.value * 0, branch)
    known = Context((), step.context.condition).with_condition(*branch.relations).relations
    value = by_equations(value, known)
    with suppress(NotExact):
        value = min(value, canonical(value), key=operations)
    numbers = tuple(dict.fromkeys((*branch.numbers, *(n for other in claim.at for n in other.numbers))))
    return (*value_pieces(value, numbers, known), f" at {what}", *branch_pieces(branch, short=True))
