"""Why a stationary point or a kink is what it is, by the data of the step that labels it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Add, Expr, S, Symbol

from symopt.derivation.checking import facts
from symopt.derivation.checks_across import formulas_near
from symopt.derivation.checks_kinks import one_sided, slope_beside
from symopt.derivation.claims import Branch, Context, Definite, Holds, Label, Number, Stationary, Step, Vector
from symopt.exact.asymptotics import Dominant
from symopt.exact.gates import operations
from symopt.exact.signs import signs_of_tree
from symopt.relation import Relation
from symopt.writing.claims import Subject, claim_pieces, condition_pieces, kind_phrase, the_point, worded
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Objective, Place, Prime, Tokens
from symopt.writing.places import branch_pieces, listed, rounded, value_pieces
from symopt.writing.presenting import by_equations
from symopt.writing.wording import (
    MOST_SHOWN,
    definite_premise,
    kinks_above_lines,
    phrase,
    relations_of,
    written_as,
)

MOST_PIECES: Final = 4  # that are named one by one
LONGEST_PLACE: Final = 14  # operations of a place that f'' may be shown at

GOES: Final[Mapping[tuple[int, int], str]] = {
    (-1, 1): "increases on both sides",
    (1, -1): "decreases on both sides",
    (1, 1): "decreases to its left and increases to its right",
    (-1, -1): "increases to its left and decreases to its right",
    (0, 0): "is constant on both sides",
    (0, 1): "is constant to its left and increases to its right",
    (1, 0): "decreases to its left and is constant to its right",
    (0, -1): "is constant to its left and decreases to its right",
    (-1, 0): "increases to its left and is constant to its right",
}

BESIDE: Final[Mapping[int, str]] = {1: "larger than there", -1: "smaller than there", 0: "the same as there"}


def clause_pieces(step: Step, subject: Subject) -> Pieces:
    """The claim as a clause; a kink is called a kink, and an inflection only where the slope is 0."""
    if step.rule == "kink":
        label = cast(Label, step.claim)
        kink = is_kink(step)
        if label.kind == "inflection" and kink:
            return (*the_point(label.branch), f" is a {kink_or_jump(step)}, no extremum")
        named = f"a {kink_or_jump(step)} and " if kink else ""
        return (*the_point(label.branch), *worded(f" is {named}{kind_phrase(label.kind, label.strict)}"))
    if is_kink_without_extremum(step):
        return (*the_point(cast(Label, step.claim).branch), " is a kink, no extremum")
    if step.rule == "constant_function":
        each = the_point(cast(Label, step.claim).branch)
        return (*worded("f is constant near "), *each)
    return claim_pieces(step.claim, subject, step.context)


def place_of(variable: Symbol, branch: Branch) -> Tokens | None:
    """`f''(0)`-like argument: the place itself where it is short, the variable for a family or a long place."""
    value = branch.values[variable]
    plain = not branch.free and not branch.numbers and operations(value) <= LONGEST_PLACE
    return (value,) if plain else None


def derivative_there(order: int, label: Label, value: Expr, op: str) -> Pieces:
    """`f''(0) = 2 > 0`, or `there f''(x) = 2 > 0`; a value known by auxiliary numbers alone to some digits."""
    (x,) = label.variables
    place = place_of(x, label.branch)
    head = Prime(order, x if place is None else cast(Expr, place[0]))
    lead: Pieces = ("there ",) if place is None else ()
    if any(value.has(number.symbol) for number in label.branch.numbers):
        decimals = rounded((value,), label.branch.numbers)
        shown: Tokens = () if decimals is None else ("approx", decimals[0])
        return (*lead, Math((head, *shown, op, S.Zero)))
    return (*lead, Math((head, "==", value, op, S.Zero)))


def _second_order(step: Step, subject: Subject) -> Pieces | None:
    premise = definite_premise(step)
    if premise is None:
        return None
    definite = cast(Definite, premise.claim)
    if len(definite.matrix) > 1:
        return None
    return (", because ", *derivative_there(2, cast(Label, step.claim), definite.matrix[0][0], definite.op))


def _saddle(step: Step, subject: Subject) -> Pieces | None:
    up, down = step.data("up"), step.data("down")
    relations = relations_of(step.premises)
    signs = {r.op: r.expression for r in relations}
    if (
        not isinstance(up, tuple)
        or not isinstance(down, tuple)
        or len(relations) != 2
        or set(signs) != {">", "<"}
    ):
        return None
    numbers = cast(Label, step.claim).branch.numbers
    parts: list[Pieces] = [
        (*signed(signs[op], op, numbers), " in the direction ", Math((Place(direction),)))
        for direction, op in ((up, ">"), (down, "<"))
    ]
    return (", because the quadratic form of the Hessian there is ", *listed(parts))


def _by_determinant(step: Step, subject: Subject) -> Pieces | None:
    """The product of the eigenvalues."""
    relations = relations_of(step.premises)
    if len(relations) != 1 or relations[0].op != "<":
        return None
    numbers = cast(Label, step.claim).branch.numbers
    shown = signed(relations[0].expression, "<", numbers)
    return (", because the determinant of the Hessian there is ", *shown)


def signed(value: Expr, op: str, numbers: tuple[Number, ...]) -> Pieces:
    """`2 a > 0`; a value known by auxiliary numbers by its decimals, `≈ 7.2 > 0`."""
    if not any(value.has(number.symbol) for number in numbers):
        return (Math((value, op, S.Zero)),)
    decimals = rounded((value,), numbers)
    if decimals is None:
        return ("positive" if op == ">" else "negative",)
    return (Math(("approx", decimals[0], op, S.Zero)),)


def _higher_derivative(step: Step, subject: Subject) -> Pieces | None:
    order, label = step.data("order"), cast(Label, step.claim)
    relations = relations_of(step.premises)
    if not isinstance(order, int) or not relations:
        return None
    (x,) = label.variables
    place = place_of(x, label.branch)
    there = x if place is None else cast(Expr, place[0])
    lead: Pieces = ("there ",) if place is None else ()
    zeros = tuple(token for k in range(1, order) for token in (Prime(k, there), "=="))
    value = relations[-1].expression
    signs = signs_of_tree(value, step.context.condition + label.branch.relations)
    op = ">" if signs == {1} else "<" if signs == {-1} else relations[-1].op
    return (
        ", because ",
        *lead,
        Math((*zeros, S.Zero)),
        " and ",
        *derivative_there(order, label, value, op)[len(lead) :],
        *((", of odd order",) if order % 2 else ()),
    )


def _constant(step: Step, subject: Subject) -> Pieces:
    if subject.variable is not None:
        return (", because ", Math((Prime(1, subject.variable), "==", S.Zero)), " everywhere")
    return (", because ", Math((Objective(order=1), "==", S.Zero)), " everywhere")


def _bound(step: Step, subject: Subject) -> Pieces | None:
    premise = next((p for p in step.premises if isinstance(p.claim, Holds)), None)
    value = step.data("value")
    if premise is None or not isinstance(value, Expr):
        return None
    relation = cast(Holds, premise.claim).relation
    shown = written_as(premise)
    if operations(shown) > MOST_SHOWN:
        return None
    left: Tokens = (Objective(), "==") if value == 0 else (Objective(), *minus(value), "==")
    only = ", with equality nowhere else" if cast(Label, step.claim).strict else ""
    near = cast(tuple[Relation, ...], step.data("near") or ())
    where: Pieces = (" everywhere in the region",) if step.context.region else (" everywhere",)
    if near:
        where = (" where ", *condition_pieces(Context((), near)))
    why = kinks_above_lines(premise)
    return (", because ", Math((*left, shown, relation.op, S.Zero)), *where, *((only,) if only else ()), *why)


def minus(value: Expr) -> tuple[str | Expr, ...]:
    """`- value`, each term of it with the sign that is turned round."""
    if isinstance(value, Add):
        return tuple(token for term in value.as_ordered_terms() for token in minus(term))
    return ("-", value) if not value.could_extract_minus_sign() else ("+", -value)


def _curves(step: Step, subject: Subject) -> Pieces | None:
    s, curves, label = step.data("symbol"), step.data("curves"), cast(Label, step.claim)
    if not isinstance(s, Symbol) or not isinstance(curves, tuple):
        return None
    parts: list[Pieces] = []
    for curve in curves:
        along = along_pieces(label, s, curve, step.context.condition)
        if along is None:
            return None
        parts.append(along)
    joint: Pieces = ()
    for place_in_list, part in enumerate(parts):
        joint += ((", and ",) if place_in_list else ()) + part
    return (": ", *joint)


def along_pieces(label: Label, s: Symbol, curve: Vector, condition: tuple[Relation, ...]) -> Pieces | None:
    """`along (x, y) = (s, 2 s^2), f = -s^4 < 0 for small s != 0`; None where f is no polynomial there."""
    letter = free_letter(s, label)
    here = label.objective.xreplace(label.branch.values)
    table = dict(zip(label.variables, curve, strict=True))
    along = (label.objective.xreplace(table) - here).expand()
    poly = along.as_poly(s)
    if poly is None:
        return None
    known = condition + label.branch.relations
    here, terms = by_equations(here, known), {m: by_equations(c, known) for (m,), c in poly.terms()}
    along = Add(*(c * s**m for m, c in terms.items()))  # without what the case makes 0
    poly = along.as_poly(s)
    if poly is None or poly.is_zero:
        return None
    (degree,), coefficient = min(poly.terms())
    lowest = coefficient * letter**degree
    shown = along.xreplace({s: letter}) if operations(along) <= MOST_SHOWN // 2 else lowest
    left: Tokens = (Objective(),) if here == 0 else (Objective(), *minus(here))
    place = Place(tuple(e.xreplace({s: letter}) for e in curve))
    sign = signs_of_tree(coefficient, known)
    if degree % 2:
        ends: Pieces = (Math((*left, "==", shown)), " changes its sign at ", Math((letter, "==", S.Zero)))
    else:
        op = ">" if sign == {1} else "<"
        ends = (Math((*left, "==", shown, op, S.Zero)), " for small ", Math((letter, "!=", S.Zero)))
    return ("along ", Math((Place(label.variables), "==", place)), ", ", *ends)


def free_letter(s: Symbol, label: Label) -> Symbol:
    """The symbol of a curve as it is shown: `s`, or its own name where that letter is taken."""
    used = {str(v) for v in (*label.variables, *label.objective.free_symbols)}
    plain = s.name.rstrip("_")
    return s if plain in used else Symbol(plain, real=True)


def sides_of(step: Step) -> tuple[Dominant, Dominant] | None:
    """How f - f* behaves left and right of the point: what the check of the rule compares; None at auxiliary numbers."""
    label = cast(Label, step.claim)
    ((variable, place),) = label.branch.at
    if label.branch.numbers:
        return None
    sign = _sign_at(step)
    left, right = (one_sided(label.objective, variable, place, d, sign) for d in (-1, 1))
    return None if left is None or right is None else (left, right)


def _sign_at(step: Step) -> Callable[[Expr], int | None]:
    """The sign of a quantity at the point that a step labels."""
    known = facts(step, Context((), step.context.condition + cast(Label, step.claim).branch.relations))

    def sign(quantity: Expr) -> int | None:
        signs = signs_of_tree(quantity, known)
        return next(iter(signs)) if len(signs) == 1 else None

    return sign


def slopes_of(step: Step) -> tuple[Expr, Expr] | None:
    """The slopes of f left and right of the point; None where one of them is infinite."""
    label = cast(Label, step.claim)
    if label.branch.numbers:
        ((variable, place),) = label.branch.at
        sign = _sign_at(step)
        left, right = (slope_beside(label.objective, variable, place, d, sign) for d in (-1, 1))
        return None if left is None or right is None else (left, right)
    sides = sides_of(step)
    if sides is None:
        return None
    slopes = []
    for side, direction in zip(sides, (-1, 1), strict=True):
        growth = side.growth
        if side.coefficient == 0 or (growth.exponent and side.direction < 0):
            slopes.append(S.Zero)
            continue
        power = growth.power
        if growth.exponent or power.free_symbols or (power == -1 and growth.log_power != 0) or power > -1:
            return None
        slopes.append(direction * side.coefficient if power == -1 else S.Zero)
    return slopes[0], slopes[1]


def kink_or_jump(step: Step) -> str:
    """`jump` where f does not tend to its value there from one of the sides, in one variable."""
    sides = sides_of(step) if step.rule == "kink" else None
    return "jump" if sides is not None and _jumps(sides) else "kink"


def _jumps(sides: tuple[Dominant, Dominant]) -> bool:
    return any(side.coefficient != 0 and side.direction >= 0 for side in sides)


def first_part(step: Step) -> Step:
    """The step that labels the first part of a family which was cut and put together again."""
    while step.rule == "label_parts":
        step = step.premises[0]
    return step


def is_kink_without_extremum(step: Step) -> bool:
    """Whether the label is no extremum, by rays from a point where f has no gradient."""
    first = first_part(step)
    return first.rule == "kink_directions" and not is_across(first)


def is_across(step: Step) -> bool:
    """Whether the label is that of a stationary point where pieces of f meet."""
    return isinstance(step.claim, Label) and any(p.rule == "stationary_across" for p in step.premises)


def across_sentences(step: Step) -> tuple[Pieces, ...]:
    """`the pieces of f that meet at (0, 0) are x^2 + y^2 and y^2, and the gradient of each is 0 there`."""
    premise = next((p for p in step.premises if p.rule == "stationary_across"), None)
    if premise is None:
        return ()
    claim = cast(Stationary, premise.claim)
    (branch,) = claim.branches
    known = Context((), premise.context.condition + branch.relations)
    formulas = formulas_near(claim.objective, branch.values, facts(premise, known))
    if len(formulas) > MOST_PIECES or any(operations(formula) > MOST_SHOWN for formula in formulas):
        there = branch_pieces(branch, short=True)
        return (
            (
                "the gradient of every piece of ",
                Math((Objective(),)),
                " that meets at ",
                *there,
                " is 0 there",
            ),
        )
    pieces = listed([(Math((formula,)),) for formula in formulas])
    if len(formulas) == 1:
        near = ("near ", *branch_pieces(branch, short=True), " ", Math((Objective(),)), " is ", *pieces)
        return ((*near, ", whose gradient is 0 there"),)
    head = ("the pieces of ", Math((Objective(),)), " that meet at ", *branch_pieces(branch, short=True))
    return ((*head, " are ", *pieces, ", and the gradient of each is 0 there"),)


def _directions(step: Step, subject: Subject) -> Pieces | None:
    """The two rays where the point is stationary; of kinks, which are told together, that there are two."""
    rays = step.data("directions")
    if not is_across(step) or not isinstance(rays, tuple):
        return None
    rising, falling = (Math((Place(ray),)) for ray in rays)
    return (
        ", because ",
        Math((Objective(),)),
        " rises from there in direction ",
        rising,
        " and falls in direction ",
        falling,
    )


def _parts(step: Step, subject: Subject) -> Pieces | None:
    first = first_part(step)
    teller = REASONS.get(first.rule)
    told = teller(first, subject) if teller else None
    return told or worded(", " + phrase(first.rule))


def is_kink(step: Step) -> bool:
    """Whether f has no derivative at the point: its one-sided slopes are not both 0."""
    return slopes_of(step) != (0, 0)


def _kink(step: Step, subject: Subject) -> Pieces | None:
    sides, slopes, numbers = sides_of(step), slopes_of(step), cast(Label, step.claim).branch.numbers
    if sides is not None:
        changes = [side.coefficient for side in sides]
    elif slopes is not None:
        changes = [-slopes[0], slopes[1]]
    else:
        return None
    sign = _sign_at(step)
    left, right = (sign(change) for change in changes)
    if left is None or right is None:
        return None
    if sides is not None and _jumps(sides):
        beside = BESIDE[left], BESIDE[right]
        where = (
            f"{beside[0]} on both sides"
            if left == right
            else "{} on the left and {} on the right".format(*beside)
        )
        return (": near it ", *worded(f"f is {where}"))
    shown: Pieces = ()
    if slopes is not None:
        values = [value_pieces(slope, numbers) if numbers else (Math((slope,)),) for slope in slopes]
        shown = (" (one-sided slopes ", *listed(values), ")")
    return (": ", *worded(f"f {GOES[left, right]}"), *shown)


REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces | None]]] = {
    "second_order_minimum": _second_order,
    "second_order_maximum": _second_order,
    "second_order_saddle": _saddle,
    "determinant_saddle": _by_determinant,
    "higher_derivative": _higher_derivative,
    "constant_function": _constant,
    "bound_minimum": _bound,
    "bound_maximum": _bound,
    "kink_bound": _bound,
    "kink_directions": _directions,
    "curves_saddle": _curves,
    "kink": _kink,
    "label_parts": _parts,
}
