"""The proof of an answer in words: its steps in brief or in full, or why it is undecided.

The steps of a merged case hold for different parts of it, and those of a function with kinks for different parts of the
region. What is the same for all parts is told once; the rest is told part by part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.derivation.claims import Claim, Context, Hessian, Label, NotCurved, Optimal, Stationary, Step
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, is_identical
from symopt.relation import Relation
from symopt.results.evidence import Evidence, trust_of
from symopt.writing.claims import Subject, worded
from symopt.writing.document import (
    Block,
    Display,
    Items,
    Math,
    Paragraph,
    Pieces,
    Table,
    flat,
    mapped_block,
    ungrouped,
)
from symopt.writing.mathematics import Bounds, Grid, Objective, Place, Token, mapped
from symopt.writing.notation import Notation
from symopt.writing.places import listed
from symopt.writing.proof import brief_all, full
from symopt.writing.reasons_bounds import DOMINANT
from symopt.writing.solving import lowered

STOPPED: Final = {
    "effort": "the search was ended by its limit of effort",
    "clock": "the search was ended by the clock",
    "not_covered": "the methods do not cover this",
    "internal_error": "an internal error ended the search",
}
TRUSTED: Final = "This rests on the word of a decision procedure, which was not checked."
MOST_TOGETHER: Final = 800  # characters of a paragraph that several parts of the region share
MOST_PARTS: Final = 2  # parts of a case told one by one when they say the same of other points

Region = tuple[Relation, ...]
Values = tuple[tuple[Symbol, Expr], ...]


def subject_of(steps: Sequence[Step], notation: Notation) -> Subject:
    """What the steps speak about: their objective, and its Hessian where they have it."""
    objective = next(
        (vars(step.claim)["objective"] for step in steps if "objective" in vars(step.claim)), S.Zero
    )
    hessian = None
    for step in (below for top in steps for below in top.walk()):
        if isinstance(step.claim, Hessian) and step.claim.objective == objective:
            hessian = step.claim.entries
    return Subject(objective, variables_of(steps) or notation.variables, notation, hessian)


def variables_of(steps: Sequence[Step]) -> tuple[Symbol, ...]:
    """The variables that the steps speak about."""
    named = (vars(step.claim).get("variables") for step in steps)
    return next((variables for variables in named if variables), ())


@dataclass(frozen=True)
class _Part:
    """Steps of one context about one function: where they hold, and how they are told."""

    region: Region
    condition: Region
    subject: Subject
    steps: tuple[Step, ...]
    blocks: tuple[Block, ...] = ()
    conditions: tuple[Pieces, ...] = ()  # the conditions for which the same is told
    values: int = 1  # how many values of the parameters give this function


def proof_blocks(steps: Sequence[Step], detail: str, notation: Notation) -> tuple[Block, ...]:
    """The steps in words, and a word about trust where one is due."""
    if any(step.rule == "parameters" for step in steps):
        return _in_combinations(steps, detail, notation)
    if any(map(is_changed, steps)):
        return _in_other_variables(steps, detail, notation)
    parts = _parts(steps, notation)
    if detail == "full":
        blocks = _in_full(parts)
    else:
        regions = list(dict.fromkeys(part.region for part in parts))
        shared = set(regions[0]).intersection(*map(set, regions)) if regions else set()
        blocks = ()
        for region in regions:
            own = [part for part in parts if part.region == region]
            lead = tuple(r for r in region if r not in shared)
            blocks += _told_on(own, lead)
    if steps and trust_of(tuple(steps)) == "trusted":
        blocks += (Paragraph((TRUSTED,)),)
    return in_paragraphs(blocks)


def in_paragraphs(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with their paragraphs made one where that is no longer than a reader takes in at once."""
    length = sum(len_of(block.pieces) for block in blocks if isinstance(block, Paragraph))
    return blocks if length > MOST_TOGETHER else merged(blocks)


def in_combinations(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps as they are proved, where that is in combinations of the parameters or in other variables."""
    steps = tuple(step.premises[0] if step.rule == "parameters" else step for step in steps)
    return tuple(step.premises[0] if is_changed(step) else step for step in steps)


def is_changed(step: Step) -> bool:
    """Whether a step says of points of f what is proved in other variables."""
    return step.rule == "affine_change" and isinstance(step.claim, (Stationary, Label, Optimal))


def _in_other_variables(steps: Sequence[Step], detail: str, notation: Notation) -> tuple[Block, ...]:
    """The steps in the variables in which they are proved: `With u = x + y and v = x - y, f(x, y) = u^4 + v^4.`"""
    groups: dict[object, list[Step]] = {}
    for step in steps:
        groups.setdefault(step.data("forms") if is_changed(step) else None, []).append(step)
    blocks: tuple[Block, ...] = ()
    for forms, own in groups.items():
        if not isinstance(forms, tuple):
            blocks += proof_blocks(own, detail, notation)
            continue
        inner = [step.premises[0] for step in own]
        new, old = variables_of(inner), variables_of(own)
        subject = subject_of(inner, Notation(new))
        named = listed([(Math((symbol, "==", form)),) for symbol, form in zip(new, forms, strict=True)])
        shown = Math((Objective(old), "==", subject.objective))
        lead = ("With ", *named, ", ", shown, ". In these variables: ")
        blocks += with_lead(lead, proof_blocks(inner, detail, Notation(new)))
    return blocks


def _in_combinations(steps: Sequence[Step], detail: str, notation: Notation) -> tuple[Block, ...]:
    """The steps in the combinations of parameters in which they are proved: `With A = a + b, f(x) = A*x^2.`"""
    inner = tuple(step.premises[0] if step.rule == "parameters" else step for step in steps)
    values = {pair for step in steps for pair in cast(Values, step.data("values") or ())}
    subject = subject_of(inner, notation)
    spoken = subject.objective.free_symbols.union(
        *(r.symbols for step in inner for r in step.context.relations)
    )
    used = sorted((pair for pair in values if pair[0] in spoken), key=lambda pair: pair[0].name)
    blocks = proof_blocks(inner, detail, notation)
    if not used:
        return blocks
    named = listed([(Math((symbol, "==", combination)),) for symbol, combination in used])
    shown = Math((Objective(subject.variables), "==", subject.objective))
    return with_lead(("With ", *named, ", ", shown, ". "), blocks)


def told_apart(steps: Sequence[Step]) -> bool:
    """Whether the steps speak about different parts of a case or of the region."""
    return len({(step.context, vars(step.claim).get("objective", S.Zero)) for step in steps}) > 1


def _parts(steps: Sequence[Step], notation: Notation) -> list[_Part]:
    groups: dict[tuple[Region, Region, Expr], dict[Claim, list[Step]]] = {}
    for step in steps:
        objective = vars(step.claim).get("objective", S.Zero)
        claims = groups.setdefault((step.context.region, step.context.condition, objective), {})
        claims.setdefault(step.claim, []).append(step)
    return [
        # Values of the parameters that give one function give one claim, of which one proof is told.
        _Part(
            region,
            condition,
            subject_of([same[0] for same in claims.values()], notation),
            tuple(same[0] for same in claims.values()),
            values=max(len(same) for same in claims.values()),
        )
        for (region, condition, _), claims in groups.items()
    ]


def _in_full(parts: list[_Part]) -> tuple[Block, ...]:
    """The steps of all parts under one numbering, each part named by its own conditions."""
    names: dict[Context, Pieces] = {}
    for part in parts if len(parts) > 1 else ():
        region: Pieces = (Math((Bounds(part.region),)),) if part.region else ()
        named = listed([piece for piece in (region, *_conditions(part, parts)) if piece])
        if named:
            names[Context(part.region, part.condition)] = named
    return full([(step, part.subject) for part in parts for step in part.steps], names)


def _told_on(parts: list[_Part], region: Region) -> tuple[Block, ...]:
    """What is told of one part of the region, for each condition on the parameters."""
    told = [
        replace(
            part,
            blocks=merged(brief_all(part.steps, part.subject)),
            conditions=_conditions(part, parts),
        )
        for part in parts
    ]
    found = _merged_parts(told, parts)
    lead: Pieces = ()
    if region:
        lead = ("For ", Math((Bounds(region),)), ": ")
        if len(found) == 1:
            subject = found[0].subject
            shown = Math((Objective(subject.variables), "==", subject.objective))
            lead = ("For ", Math((Bounds(region),)), ", where ", shown, ": ")
    if len(found) == 1:
        return with_lead(lead, found[0].blocks) if lead else found[0].blocks
    shown_parts = found
    rest: tuple[Block, ...] = ()
    if len(found) > MOST_PARTS and all(_is_refutation(part) for part in found):
        first = min(found, key=_weight)
        shortest = sorted(first.conditions, key=len_of)[:1]
        shown_parts = [replace(first, conditions=tuple(shortest))]
        rest = (
            Paragraph(("The other values of this case are treated alike, at these points or at others.",)),
        )
    blocks: tuple[Block, ...] = ()
    for part in shown_parts:
        own: Pieces = listed([("for ", *condition) for condition in part.conditions])
        if own:
            own = (*(lead[:2] if lead else ()), *((", ",) if lead else ()), *own, ": ")
            own = own if lead else (str(own[0]).capitalize(), *own[1:])
        blocks += with_lead(own or lead, part.blocks)
    return blocks + rest


def len_of(pieces: Pieces) -> int:
    """About how many characters the pieces are."""
    return sum(len(piece) if isinstance(piece, str) else len(str(piece.tokens)) for piece in flat(pieces))


def _is_refutation(part: _Part) -> bool:
    return all(isinstance(step.claim, NotCurved) for step in part.steps)


def _weight(part: _Part) -> tuple[bool, int]:
    """How ready a part is to stand for others: parameters left free, then a short condition."""
    return not part.condition, sum(operations(r.expression) + 1 for r in part.condition)


def _merged_parts(told: list[_Part], parts: list[_Part]) -> list[_Part]:
    """The parts with those that say the same, or the same with a number for a parameter, made one."""
    found: list[_Part] = []
    for part in sorted(told, key=lambda p: p.condition == () and len(told) > 1):
        for place, other in enumerate(found):
            if other.blocks == part.blocks or _is_instance(part, other, parts):
                found[place] = replace(other, conditions=other.conditions + part.conditions)
                break
        else:
            found.append(part)
    order = {id(part): place for place, part in enumerate(told)}
    return sorted(found, key=lambda p: next((order[id(t)] for t in told if t.blocks is p.blocks), 0))


def _is_instance(part: _Part, other: _Part, parts: list[_Part]) -> bool:
    """Whether what is told of `other`, with the values that `part` fixes, is what is told of `part`."""
    values = _values(part, other, parts)
    if not values:
        return False
    moved = tuple(
        mapped_block(b, lambda tokens: mapped(tokens, lambda e: e.xreplace(values))) for b in other.blocks
    )
    return _alike(moved, part.blocks)


def _values(part: _Part, other: _Part, parts: Iterable[_Part]) -> dict[Symbol, Expr]:
    """The first values for parameters that turn the other part's function into this one's; none where there are none."""
    return next(_all_values(part, other, parts), {})


def _all_values(part: _Part, other: _Part, parts: Iterable[_Part]) -> Iterator[dict[Symbol, Expr]]:
    """Values for parameters that turn the other part's function into this one's: borders of their conditions."""
    missing = sorted(_parameters(other) - _parameters(part), key=str)
    if not missing:
        return
    borders: dict[Symbol, list[Expr]] = {symbol: [] for symbol in missing}
    for relation in (r for p in parts for r in p.condition):
        for symbol in missing:
            poly = relation.expression.as_poly(symbol)
            if poly is None:
                continue
            if poly.degree() == 1 and poly.LC().is_number:
                borders[symbol].append(-poly.TC() / poly.LC())
            elif poly.degree() == 2 and relation.symbols == {symbol}:
                a, b, c = poly.all_coeffs()
                root = (b**2 - 4 * a * c) ** S.Half
                borders[symbol] += [(-b + sign * root) / (2 * a) for sign in (-1, 1)]
    for chosen in product(*(dict.fromkeys(borders[symbol]) for symbol in missing)):
        values = dict(zip(missing, chosen, strict=True))
        if _equal(other.subject.objective.xreplace(values), part.subject.objective):
            yield values


def _parameters(part: _Part) -> set[Symbol]:
    return set(part.subject.objective.free_symbols) - set(part.subject.variables)


def _conditions(part: _Part, parts: list[_Part]) -> tuple[Pieces, ...]:
    """For which parameters a part holds: its condition, the values it fixes, or else what the function is there."""
    shared = set(part.condition).intersection(*(p.condition for p in parts)) if len(parts) > 1 else set()
    relations = tuple(r for r in part.condition if r not in shared)
    for other in parts:
        fixed = list(islice(_all_values(part, other, parts), part.values)) if other is not part else []
        if fixed:
            bounds = [(*(Relation(s - v, "==") for s, v in values.items()), *relations) for values in fixed]
            return tuple((Math((Bounds(b),)),) for b in bounds)
    if any(_parameters(p) > _parameters(part) for p in parts):
        shown = Math((Objective(part.subject.variables), "==", part.subject.objective))
        return (("the values with ", shown),)
    return ((Math((Bounds(relations),)),),) if relations else ()


def _equal(a: Expr, b: Expr) -> bool:
    try:
        return bool(a == b or is_identical(a, b))
    except NotExact:
        return False


def _alike(one: Sequence[Block], other: Sequence[Block]) -> bool:
    """Whether blocks have the same words and equal formulas; a monomial does not name its dominant term."""
    a, b = _without_dominant(list(_content(one))), _without_dominant(list(_content(other)))
    return (
        a is not None
        and b is not None
        and len(a) == len(b)
        and all(
            _equal(x, y) if isinstance(x, Expr) and isinstance(y, Expr) else x == y
            for x, y in zip(a, b, strict=True)
        )
    )


def _without_dominant(content: list[object]) -> list[object] | None:
    """The content without the words about a dominant term; None where that term has become 0."""
    if DOMINANT not in content:
        return content
    place = content.index(DOMINANT)
    return None if content[place + 1] == 0 else content[:place] + content[place + 3 :]


def _content(blocks: Iterable[Block]) -> Iterable[object]:
    """Words and formulas of the blocks, one after another."""
    for block in ungrouped(blocks):
        if isinstance(block, Paragraph):
            yield from _content_of(block.pieces)
        elif isinstance(block, Display):
            for line in block.lines:
                for token in line:
                    yield from _token_content(token)
        elif isinstance(block, Items):
            for item in block.items:
                yield from _content(item)
        elif isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    yield from _content_of(cell)
        else:
            yield block


def _content_of(pieces: Pieces) -> Iterable[object]:
    for piece in flat(pieces):
        if isinstance(piece, Math):
            for token in piece.tokens:
                yield from _token_content(token)
        else:
            yield piece


def _token_content(token: Token) -> Iterable[object]:
    if isinstance(token, Place):
        yield from token.entries
    elif isinstance(token, Grid):
        yield from (entry for row in token.rows for entry in row)
    else:
        yield token


def with_lead(lead: Pieces, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with words in front of the first."""
    blocks = ungrouped(blocks)
    if not lead:
        return blocks
    if blocks and isinstance(blocks[0], Paragraph) and not blocks[0].label:
        first = blocks[0].pieces
        ends_in_colon = isinstance(lead[-1], str) and lead[-1].endswith(": ")
        return (Paragraph((*lead, *(lowered(first) if ends_in_colon else first))), *blocks[1:])
    return (Paragraph(lead), *blocks)


def merged(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Paragraphs that follow each other as one, except for numbered steps."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(block, Paragraph) and isinstance(last, Paragraph) and not (block.label or last.label):
            found[-1] = Paragraph((*last.pieces, " ", *block.pieces))
        else:
            found.append(block)
    return tuple(found)


def undecided_pieces(evidence: Evidence) -> Pieces:
    """Why nothing was decided."""
    reason = evidence.reason or STOPPED.get(evidence.stopped_by or "", "no method decided it")
    if evidence.equation is None:
        return worded(f"undecided: {reason}")
    words = reason.removesuffix(f"{evidence.equation} = 0")
    return (*worded(f"undecided: {words}"), Math((evidence.equation, "==", S.Zero)))
