"""What the value of an extremum rests on where no other function is asked: bounds, limits at the ends, growth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, cast

from sympy import Abs, Add, Expr, S, Symbol, exp, symbols

from symopt.derivation.checking import facts
from symopt.derivation.checks_attained import leading_form
from symopt.derivation.claims import (
    Branch,
    Cover,
    Curved,
    Holds,
    Label,
    Limit,
    Optimal,
    Stationary,
    Step,
)
from symopt.exact.asymptotics import dominant_term
from symopt.exact.gates import operations
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation
from symopt.writing.claims import End, Subject, approach_pieces, end_of, equation, towards, worded
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Objective, Place, Tokens
from symopt.writing.places import listed
from symopt.writing.reasons_borders import compared, on_borders
from symopt.writing.reasons_points import minus
from symopt.writing.wording import MOST_SHOWN, kinks_above_lines, written_as

MOST_EQUATIONS: Final = 3  # in which a bound is reached, as they are told
DOMINANT: Final = ", as its dominant term "
Sentences = tuple[Pieces, ...]


def _by_curvature(step: Step, subject: Subject) -> Sentences:
    curved = next((p.claim for p in step.premises if isinstance(p.claim, Curved)), None)
    if curved is None:
        return ()
    names = cast("tuple[tuple[Symbol, Symbol], ...]", step.data("names") or ())
    put: Pieces = ()
    if names:
        put = ("with ", *listed([(Math((x, "==", exp(u))),) for x, u in names]), ", ")
    word = "minimum" if cast(Optimal, step.claim).sense == "min" else "maximum"
    article = "an" if curved.kind == "affine" else "a"
    at_kink = not names and any(isinstance(p.claim, Label) for p in step.premises)
    place = f"strict local {word}" if at_kink else "stationary point"
    theorem = (
        f"a {place} of {article} {curved.kind} function is {'its only' if at_kink else 'a'} global {word}"
    )
    if not names:
        return ((theorem,),)
    strictly = "strictly " if curved.strict else ""
    return ((*put, *subject.function(curved.objective), f" is {strictly}{curved.kind}, and {theorem}"),)


def _unbounded(step: Step, subject: Subject) -> Sentences:
    """The limit along the curve, which one variable says by where x tends to."""
    claim = cast(Optimal, step.claim)
    limit = next((p.claim for p in step.premises if isinstance(p.claim, Limit)), None)
    if limit is None or not claim.along or claim.curve_symbol is None:
        return ()
    end = end_of(claim.along[0][1], claim.curve_symbol) if len(claim.along) == 1 else None
    if end is not None:
        x = claim.along[0][0]
        tends: Pieces = (Math((Objective((x,)), "->", limit.value)), " as ", *towards(x, end))
        return ((*tends, *_dominant(step, limit, x, end)),)
    curve = (Place(tuple(s for s, _ in claim.along)), "==", Place(tuple(e for _, e in claim.along)))
    shown = next(
        (
            cast(Limit, p.claim).expression
            for q in step.premises
            for p in q.premises
            if q.claim is limit and isinstance(p.claim, Limit)
        ),
        limit.expression,
    )
    value: Tokens = (Objective(), "==", shown, "->", limit.value)
    grows: Pieces = (
        Math((limit.symbol, "->", S.Infinity)),
        " through the integers" if limit.through_integers else "",
    )
    return (("along ", Math(curve), ", ", Math(value), " as ", *grows),)


def _dominant(step: Step, limit: Limit, x: Symbol, end: End) -> Pieces:
    """`, as its dominant term x^3 does`: where that is a power, at infinity."""
    proof = next(p for p in step.premises if p.claim is limit)
    known = facts(proof)
    if not end[0].is_infinite or limit.expression.is_Mul or not limit.expression.is_Add:
        return ()

    def sign(quantity: Expr) -> int | None:
        signs = signs_of_tree(quantity, known)
        return next(iter(signs)) if len(signs) == 1 else None

    found = dominant_term(limit.expression, limit.symbol, sign)
    if found is None or found.growth.exponent or found.growth.log_power != 0:
        return ()
    power = found.growth.power
    if not power.is_Integer or power <= 0:
        return ()
    away = -x if end[0] == S.NegativeInfinity else x
    term = found.coefficient * away**power
    return (DOMINANT, Math((term,)), " does")


def _bound(step: Step, subject: Subject) -> Sentences:
    premise = _bounding(step)
    if premise is None:
        return ()
    claim = cast(Optimal, step.claim)
    shown, relation = written_as(premise), cast(Holds, premise.claim).relation
    if operations(shown) > MOST_SHOWN:
        return ()
    own = relation.expression == claim.objective - claim.value
    left: Tokens = ()
    if own and claim.value == 0:
        left = (Objective(), "==")
    elif own and operations(claim.value) <= MOST_SHOWN // 2:
        left = (Objective(), *minus(claim.value), "==")
    where = " in the region" if step.context.region else ""
    why = kinks_above_lines(premise)
    return ((Math((*left, shown, relation.op, S.Zero)), f" everywhere{where}", *why, *_equality(step)),)


def _equality(step: Step) -> Pieces:
    """`, with equality only where x*y = a and x = y`: where all terms of a sum are 0."""
    covers = (s for p in step.premises if isinstance(p.claim, Cover) for s in p.walk())
    found = next((s for s in covers if s.rule == "cover_sum"), None)
    terms = () if found is None else cast("tuple[Expr, ...]", found.data("terms") or ())
    bases = [term.as_coeff_Mul()[1] for term in terms]
    bases = [b.base if b.is_Pow and b.exp.is_Integer and b.exp > 0 else b for b in bases]
    if not bases or len(bases) > MOST_EQUATIONS or sum(map(operations, bases)) > MOST_SHOWN:
        return ()
    variables = cast(Optimal, step.claim).variables
    return (", with equality only where ", *listed([(equation(base, variables),) for base in bases]))


def _medians(step: Step, subject: Subject) -> Sentences:
    """f - m as a sum of which no term is negative."""
    claim = cast(Optimal, step.claim)
    terms = cast("tuple[tuple[Expr, Expr, Expr], ...]", step.data("terms") or ())
    turn = 1 if claim.sense == "min" else -1
    parts = [Add(turn * w * Abs(u), -turn * s * u) for w, u, s in terms]
    shown = Add(*(part for part in parts if part != 0), evaluate=False)
    if operations(shown) > MOST_SHOWN or operations(claim.value) > MOST_SHOWN // 2:
        return ()
    left: Tokens = (Objective(), "==") if claim.value == 0 else (Objective(), *minus(claim.value), "==")
    w, s, u = symbols("w s u", real=True)
    side = "negative" if turn > 0 else "positive"
    of: Pieces = (Math((turn * (w * Abs(u) - s * u),)), " with ", Math((Abs(s), "<=", w)))
    return ((Math((*left, shown)), " everywhere, a sum of terms ", *of, f", none of which is {side}"),)


def _bounding(step: Step) -> Step | None:
    """The premise that says f never goes beyond the value: the first of those about the variables."""
    claim = cast(Optimal, step.claim)
    variables = set(claim.variables)
    return next(
        (
            p
            for p in step.premises
            if isinstance(p.claim, Holds)
            and p.claim.relation.symbols & variables
            and p.claim.relation.op != "!="
        ),
        None,
    )


def _constant(step: Step, subject: Subject) -> Sentences:
    claim = cast(Optimal, step.claim)
    return ((Math((Objective(claim.variables), "==", claim.value)), " everywhere"),)


@dataclass(frozen=True)
class _Ends:
    """The ends of the intervals that a region of one variable consists of, open ones with their limits."""

    closed: tuple[Expr, ...]
    limits: tuple[tuple[End, Expr], ...]


def _limits_at_ends(step: Step, subject: Subject) -> Sentences:
    claim = cast(Optimal, step.claim)
    (x,) = claim.variables
    groups: dict[Expr, list[End]] = {}
    for end, value in _ends(step).limits:
        groups.setdefault(value, []).append(end)
    parts: list[Pieces] = []
    for value, ends in groups.items():
        places = listed([("as ", *towards(x, end)) for end in ends])
        parts.append((Math((Objective((x,)), "->", value)), " ", *places))
    return (*((listed(parts),) if parts else ()), *_values(step))


def _ends(step: Step) -> _Ends:
    """Read off the borders of the certificate and the limits among the premises, as the check does."""
    claim = cast(Optimal, step.claim)
    (x,) = claim.variables
    borders = cast("tuple[Expr, ...]", step.data("borders") or ())
    known = step.context.condition + tuple(
        p.claim.relation for p in step.premises if isinstance(p.claim, Holds)
    )
    region = step.context.region
    closed = tuple(b for b in borders if _is_inside(region, x, b, known))
    limits = [p.claim for p in step.premises if isinstance(p.claim, Limit)]
    found: list[tuple[End, Expr]] = []
    for low, high in pairwise((None, *borders, None)):
        if not _is_inside(region, x, _between(low, high), known):
            continue
        for place, side in ((low, 1), (high, -1)):
            if place is not None and place in closed:
                continue
            end: End = (
                (S.NegativeInfinity if side > 0 else S.Infinity, side) if place is None else (place, side)
            )
            for limit in limits:
                s = limit.symbol
                towards_end = -side * s if place is None else place + side / s
                if limit.expression == claim.objective.xreplace({x: towards_end}):
                    found.append((end, limit.value))
                    break
    return _Ends(closed, tuple(dict.fromkeys(found)))


def _between(low: Expr | None, high: Expr | None) -> Expr:
    if low is None:
        return S.Zero if high is None else high - 1
    return low + 1 if high is None else (low + high) / 2


def _is_inside(region: tuple[Relation, ...], x: Symbol, point: Expr, known: tuple[Relation, ...]) -> bool:
    return all(signs_of_tree(r.expression.xreplace({x: point}), known) <= SIGNS_OF[r.op] for r in region)


def _growth(step: Step, subject: Subject) -> Sentences:
    """The functions of one variable that f is above, and the periods: why f attains its extremum."""
    claim = cast(Optimal, step.claim)
    growth = cast("tuple[tuple[Symbol, Expr], ...]", step.data("growth") or ())
    periods = cast("tuple[tuple[Symbol, Expr], ...]", step.data("periods") or ())
    sentences: list[Pieces] = []
    if step.data("leading") is not None:
        form, _ = leading_form(claim.objective, claim.variables)
        op = ">" if claim.sense == "min" else "<"
        away: Pieces = (Math((form, op, S.Zero)), " away from the origin, and this is what counts far out")
        sentences += [("the terms of the highest degree are such that ", *away)]
    if growth:
        sentences += _growth_sentences(step, claim, growth)
    if periods:
        names: Pieces = listed([(Math((v,)),) for v, _ in periods])
        lengths = list(dict.fromkeys(period for _, period in periods))
        shown = listed([(Math((length,)),) for length in lengths])
        word = "period" if len(lengths) == 1 else "periods"
        sentences.append((*worded("f is periodic in "), *names, f" with the {word} ", *shown))
    name = "minimum" if claim.sense == "min" else "maximum"
    where = "at a stationary point or a kink" if any(_kinks(step, claim)) else "at a stationary point"
    sentences.append((*worded(f"so f attains its global {name}"), f", {where}"))
    return (*sentences, *_values(step))


def _decay(step: Step, subject: Subject) -> Sentences:
    """`far out x^2 + y^2 → ∞, and e^(-x^2 - y^2) outweighs x, so that f tends to 0`; somewhere f goes beyond that."""
    claim = cast(Optimal, step.claim)
    factor, exponent = cast("tuple[Expr, Expr]", (step.data("factor"), step.data("exponent")))
    far: Pieces = ("far out ", Math((exponent, "->", S.Infinity)))
    weighed = (*far, ", and ", Math((exp(-exponent),)), " outweighs ", Math((factor,)))
    word, side = ("minimum", "negative") if claim.sense == "min" else ("maximum", "positive")
    limit = (*weighed, ", so that ", *worded("f tends to 0"))
    return (
        limit,
        worded(f"f is {side} somewhere, so it attains its global {word}, at a stationary point"),
        *_values(step),
    )


def _growth_sentences(step: Step, claim: Optimal, growth: tuple[tuple[Symbol, Expr], ...]) -> list[Pieces]:
    far = S.Infinity if claim.sense == "min" else S.NegativeInfinity
    minorant = Add(*(part for _, part in growth))
    restricted = {s for r in step.context.region for s in r.symbols}
    parts: list[Pieces] = []
    for variable, part in growth:
        if variable in restricted:
            parts.append(
                (Math((part, "->", far)), " as ", Math((variable,)), " tends to an end of its interval")
            )
        else:
            parts.append((Math((part, "->", far)), " as ", Math((Abs(variable), "->", S.Infinity))))
    cleared, level = cast("tuple[Expr | None, Expr | None]", (step.data("cleared"), step.data("level")))
    bounded = claim.objective if cleared is None else cleared
    if (minorant - bounded).expand() == 0 and cleared is None:
        lead = worded("f is a sum of functions of one variable, and ") if len(growth) > 1 else ()
        return [(*lead, *listed(parts))]
    op = ">=" if claim.sense == "min" else "<="
    difference = bounded - minorant
    proof = next(
        (
            p
            for p in step.premises
            if isinstance(p.claim, Holds) and p.claim.relation.expression == difference
        ),
        None,
    )
    reason: Pieces = ()
    if proof is not None and operations(written_as(proof)) <= MOST_SHOWN and proof.data("tree") is not None:
        reason = (", because the difference is ", Math((written_as(proof), op, S.Zero)))
    if cleared is None:
        return [(Math((Objective(), op, minorant)), *reason), listed(parts)]
    opposite = "<=" if op == ">=" else ">="
    start = ("where ", Math((Objective(), opposite, level)), ", multiplying by the denominator gives ")
    growing: Pieces = () if reason == () or minorant == cleared else (Math((cleared, op, minorant)), *reason)
    return [
        (*start, Math((cleared, opposite, S.Zero))),
        *((growing,) if growing else ()),
        listed(parts),
        ("hence this set is bounded",),
    ]


def _values(step: Step) -> Sentences:
    """f at the candidates: stationary points, kinks and the ends that belong to the region."""
    claim = cast(Optimal, step.claim)
    stationary = [b for p in _of(step, Stationary) for b in cast(Stationary, p.claim).branches]
    kinks = [b for b in _kinks(step, claim) if b not in stationary]
    ends: list[Branch] = []
    if step.rule == "extremum_interval":
        ends = [Branch(((claim.variables[0], place),)) for place in _ends(step).closed]
    places = [("", b) for b in (*stationary, *kinks)] + [("the end ", b) for b in ends]
    if not places:
        return (worded("f has no stationary point" + (" in the region" if step.context.region else "")),)
    return compared(step, tuple(dict.fromkeys(places)))


def _kinks(step: Step, claim: Optimal) -> tuple[Branch, ...]:
    """The points where f may have no derivative."""
    covers = (cast(Cover, p.claim) for p in _of(step, Cover))
    return tuple(b for cover in covers if cover.unknowns == claim.variables for b in cover.branches)


def _of(step: Step, kind: type) -> Iterable[Step]:
    return (p for p in step.premises if isinstance(p.claim, kind))


def _limit(step: Step, subject: Subject) -> Sentences:
    bound, approach = _bound(step, subject), approach_pieces(cast(Optimal, step.claim))
    return (*bound, approach) if bound and approach else ()


TELLERS: Final[Mapping[str, Callable[[Step, Subject], Sentences]]] = {
    "extremum_convex": _by_curvature,
    "extremum_geometric": _by_curvature,
    "extremum_unbounded": _unbounded,
    "extremum_bound": _bound,
    "extremum_medians": _medians,
    "extremum_constant": _constant,
    "extremum_limit": _limit,
    "extremum_interval": _limits_at_ends,
    "extremum_coercive": _growth,
    "extremum_compact": _growth,
    "extremum_decaying": _decay,
    "extremum_borders": on_borders,
}
