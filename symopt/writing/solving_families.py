"""How equations with infinitely many solutions were solved: lattices of angles, circles, spheres, hyperbolas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Add, Expr, Integer, S, Symbol, cos, pi

from symopt.derivation.checks_turns import Turns
from symopt.derivation.checks_waves import EQUAL_WAVES
from symopt.derivation.claims import Branch, Infeasible, Step
from symopt.exact.gates import operations
from symopt.writing.claims import equation, solutions
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Bounds, Typed
from symopt.writing.places import branch_pieces, listed
from symopt.writing.solving_steps import Tell, Told, claim_of, covers_of, equation_of, then
from symopt.writing.wording import MOST_SHOWN


def _periodic(step: Step, tell: Tell) -> Told:
    """`cos(x) = 0 exactly for x = 2 pi n + pi/2 or x = 2 pi n - pi/2 with an integer n`."""
    function, inner, other = step.data("function"), step.data("inner"), step.data("other")
    turn = step.data("turn")
    known = isinstance(inner, Expr) and isinstance(other, Expr) and isinstance(turn, Symbol)
    if not known or function not in EQUAL_WAVES:
        return _covered(step)
    inner, other, turn = cast(Expr, inner), cast(Expr, other), cast(Symbol, turn)
    wave = cast(Callable[[Expr], Expr], function)
    angles = _distinct(list(dict.fromkeys(EQUAL_WAVES[cast(type, function)](other, turn))))
    unknowns = claim_of(step).unknowns
    whole = equation_of(step)
    own = Math((wave(inner), "==", wave(other)))
    lead: Pieces = ("the equation ", own)
    if whole not in (wave(inner) - wave(other), wave(other) - wave(inner)):
        lead = ("the equation ", Math((whole, "==", S.Zero)), ", that is ", own, ",")
    alternatives = listed([(_solved(inner, angle, unknowns),) for angle in angles], "or")
    sentence = (*lead, " holds exactly for ", *alternatives, " with an integer ", Math((turn,)))
    parts: list[tuple[Pieces, Step]] = []
    for angle in angles:
        wanted = inner - angle
        cover = next((c for c in covers_of(step) if wanted in claim_of(c).equations), None)
        if cover is not None:
            parts.append((("for ", _solved(inner, angle, unknowns)), cover))
    return then(sentence, parts, tell)


def _solved(inner: Expr, angle: Expr, unknowns: tuple[Symbol, ...]) -> Math:
    """`x = 2 pi n + pi/2`; between several unknowns these on the left, `2 x + y = 2 pi n + pi`."""
    if not angle.free_symbols & set(unknowns):
        return Math((inner, "==", angle))
    left, right = (inner - angle).expand().as_independent(*unknowns, as_Add=True)
    sought, rest = right, -left
    if sought.could_extract_minus_sign():
        sought, rest = -sought, -rest
    return Math((sought, "==", rest))


def _distinct(angles: list[Expr]) -> list[Expr]:
    """The angles without those that differ from another one by whole turns."""
    kept: list[Expr] = []
    for angle in angles:
        turns = [((angle - other) / (2 * pi)).expand() for other in kept]
        if not any(isinstance(turn, Integer) for turn in turns):
            kept.append(angle)
    return kept


def _beyond(step: Step, tell: Tell) -> Told:
    """`cos(x) = 2 has no solution, because a cosine lies between -1 and 1`."""
    wave, level = step.data("wave"), step.data("level")
    if not isinstance(wave, Expr) or not isinstance(level, Expr):
        return _covered(step)
    name = "cosine" if isinstance(wave, cos) else "sine"
    own = Math((wave, "==", level))
    lead: Pieces = ("the equation ", Math((equation_of(step), "==", S.Zero)), ", that is ", own, ",")
    if equation_of(step) == wave - level:
        lead = ("the equation ", own)
    beyond: Pieces = () if level.is_number else (", but ", Math((abs(level), ">", S.One)))
    return ((*lead, f" has no solution, because a {name} lies between ", Math((S.NegativeOne,)), " and ",
             Math((S.One,)), *beyond),), []  # fmt: skip


def _multiplied(step: Step, tell: Tell) -> Told:
    """The equation written as one wave, multiplied so that the sine drops out, or combined with the others."""
    factor, product = step.data("factor"), step.data("product")
    if not isinstance(product, Expr):
        return _covered(step)
    whole, following = equation_of(step), [((), cover) for cover in covers_of(step)[:1]]
    if operations(product) > MOST_SHOWN:
        return then(None, following, tell)
    multiples = cast("tuple[Expr, ...]", step.data("multiples") or ())
    used = [(e, m) for e, m in zip(claim_of(step).equations, multiples, strict=False) if m != 0]
    if len(used) == 1 and operations(used[0][1]) <= MOST_SHOWN:
        ((whole, factor),) = used
    if not isinstance(factor, Expr):
        unknowns = claim_of(step).unknowns
        return then(("combining the equations gives ", equation(product, unknowns)), following, tell)
    if factor == 1:
        return then((Math((whole, "==", product)),), following, tell)
    sentence: Pieces = (
        "multiplying ", Math((whole, "==", S.Zero)), " by ", Math((factor,)), " gives ",
        Math((product, "==", S.Zero)),
    )  # fmt: skip
    return then(sentence, following, tell)


def _turns(step: Step, tell: Tell) -> Told:
    """`write x = 2 pi n + v with an integer n and -pi < v <= pi, but for -pi < x < pi`; then turn by turn."""
    turns = step.data("turns")
    if not isinstance(turns, Turns):
        return _covered(step)
    low, high = turns.ends
    x, n, v, half = turns.unknown, turns.turn, turns.rest, turns.period / 2
    whole = Typed(Add(turns.period * n, v, evaluate=False))
    parts: list[tuple[Pieces, Step]] = []
    for cover in covers_of(step):
        side = next((s for s in (1, -1) if turns.tail(s) in cover.context.condition), 0)
        if any(isinstance(premise.claim, Infeasible) for premise in cover.premises):
            continue
        lead: Pieces = ("for ", Math((low, "<", x, "<", high)))
        if side:
            where = whole if claim_of(cover).unknowns == (v,) else turns.border(side)[x]
            lead = ("for ", Math((x, "==", where)), " with ", Math((Bounds((turns.tail(side),)),)))
        parts.append((lead, cover))
    sentence: Pieces = (
        "beyond ", Math((low, "<", x, "<", high)), ", write ", Math((x, "==", whole)), " with an integer ",
        Math((n,)), " and ", Math((-half, "<", v, "<=", half)),
    )  # fmt: skip
    return then(sentence, parts, tell)


def _residues(step: Step, tell: Tell) -> Told:
    """Every integer is q n + j: only another way to write the families."""
    return then(None, [((), cover) for cover in covers_of(step)[:1]], tell)


def _integers(step: Step, tell: Tell) -> Told:
    """Of a lattice, the members that the region leaves."""
    family, turn = step.data("family"), step.data("turn")
    low, high = step.data("low"), step.data("high")
    sentences, alternatives = tell(covers_of(step)[0])
    if not isinstance(family, Branch) or not isinstance(turn, Symbol):
        return sentences, alternatives
    region: Pieces = (Math((Bounds(step.context.region),)),) if step.context.region else ("the region",)
    of = branch_pieces(family, short=True)
    if low is None or high is None:
        half = Math((turn, "<=", high)) if low is None else Math((turn, ">=", low))
        return (*sentences, ("of ", *of, ", ", *region, " leaves ", half)), alternatives
    low, high = cast(Integer, low), cast(Integer, high)
    left: Pieces = (Math((turn, "==", low)),) if low == high else (Math((low, "<=", turn, "<=", high)),)
    if low > high:
        return (*sentences, ("of ", *of, ", none lies in ", *region)), alternatives
    return (*sentences, ("of ", *of, ", ", *region, " leaves ", *left)), alternatives


def _pieces(step: Step, tell: Tell) -> Told:
    """A family cut where its points change their kind."""
    whole = [cover for cover in covers_of(step) if claim_of(cover).unknowns == claim_of(step).unknowns]
    return then(None, [((), cover) for cover in whole[:1]], tell)


QUADRICS: Final[Mapping[str, str]] = {
    "ellipse": "ellipse",
    "ellipsoid": "ellipsoid",
    "hyperbola": "hyperbola",
}


def _quadric(step: Step, tell: Tell) -> Told:
    """`x^2 + y^2 = 1 describes the circle (cos t, sin t) with t real`."""
    kind, parts = step.data("kind"), step.data("parts")
    if not isinstance(parts, tuple) or kind not in QUADRICS:
        return _covered(step)
    sizes = {size for _, size in parts}
    plain = all(form.coeff(u) in (0, 1) and len(form.free_symbols & set(claim_of(step).unknowns)) == 1
                for form, _ in parts for u in claim_of(step).unknowns)  # fmt: skip
    round_names = {"ellipse": "circle", "ellipsoid": "sphere"}
    name = round_names.get(cast(str, kind), QUADRICS[cast(str, kind)]) if len(sizes) == 1 and plain else kind
    unknowns = claim_of(step).unknowns
    others = [e for e in claim_of(step).equations if e not in (0, equation_of(step))]
    lead: Pieces = ("the equation ", equation(equation_of(step), unknowns), f" describes the {name} ")
    if not others:
        points = solutions(claim_of(step).branches)
        return ((*lead, *(points[1:] if points[:1] == ("the points ",) else points)),), []
    described = listed([(Math((form, "==", size)),) for form, size in parts])
    return then(
        (*lead[:-1], f" describes a {name} with ", *described), [((), c) for c in covers_of(step)], tell
    )


def _covered(step: Step) -> Told:
    """What was found, where the data of the step is not as expected."""
    claim = claim_of(step)
    if not claim.branches:
        return (("there is no solution",),), []
    return (("this gives ", *solutions(claim.branches, "or")),), []


FAMILIES: Final[Mapping[str, Callable[[Step, Tell], Told]]] = {
    "cover_periodic": _periodic,
    "cover_turns": _turns,
    "cover_beyond": _beyond,
    "cover_multiplied": _multiplied,
    "cover_residues": _residues,
    "cover_integers": _integers,
    "cover_pieces": _pieces,
    "cover_sides": _pieces,
    "cover_quadric": _quadric,
}
