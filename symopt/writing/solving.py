"""How equations were solved, told as a person does it: one after another, case by case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from sympy import Expr, Mul, Poly, S, Symbol, exp, log

from symopt.derivation.checks_absolute import where_flat
from symopt.derivation.claims import Branch, Cover, Curved, Number, Step
from symopt.exact.gates import operations
from symopt.exact.normal import canonical
from symopt.exact.root_counts import mean_of_roots
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.relation import Relation
from symopt.writing.claims import Subject, equation, equations, solutions
from symopt.writing.document import Block, Items, Math, Paragraph, Pieces
from symopt.writing.mathematics import Bounds, Tokens
from symopt.writing.places import branch_pieces, listed, several_branches
from symopt.writing.reasons import never_zero
from symopt.writing.solving_families import FAMILIES
from symopt.writing.solving_levels import level
from symopt.writing.solving_steps import (
    Sentences,
    Tell,
    Told,
    claim_of,
    covers_of,
    equation_of,
    followed,
    joined,
    lowered,
    then,
    values_of,
)
from symopt.writing.wording import MOST_SHOWN, phrase

__all__ = ["Sentences", "joined", "lowered", "solving"]

MOST_ITEMS: Final = 12


def solving(step: Step, subject: Subject) -> tuple[Block, ...]:
    """The blocks that tell how the cover `step` was found; nothing where there is nothing to tell.

    Sentences that follow each other make one paragraph; alternatives are items of a list.
    """
    outside = _solved_outside(step)
    sentences, alternatives = _told(step) if outside is None else ((outside,), [])
    blocks: tuple[Block, ...] = ()
    if sentences:
        blocks += (Paragraph(joined(sentences)),)
    if alternatives:
        blocks += (Items(tuple(alternatives[:MOST_ITEMS])),)
    return blocks


def _solved_outside(step: Step) -> Pieces | None:
    """`the only solution (0, 1) lies outside the region`, where the equations say without a word what it is."""
    unknowns, place = claim_of(step).unknowns, dict[Symbol, Expr]()
    while step.rule == "cover_linear" and _says_itself(step) and covers_of(step):
        symbol, values = values_of(step)
        place[symbol] = values[0][0]
        step = covers_of(step)[0]
    if step.rule != "cover_none" or any(claim_of(step).equations) or place.keys() != set(unknowns):
        return None
    found = branch_pieces(Branch(tuple((u, place[u]) for u in unknowns)), short=True)
    return ("the only solution ", *found, " lies outside the region")


def _says_itself(step: Step) -> bool:
    """Whether the equation is `x = v`, with a value v in which nothing is looked for."""
    _, values = values_of(step)
    unknowns = set(claim_of(step).unknowns)
    return _is_solved(step) and not values[0][0].free_symbols & unknowns


def _is_solved(step: Step) -> bool:
    """Whether the equation is `x = v` as it stands, and has this solution alone."""
    symbol, values = values_of(step)
    return len(values) == 1 and not (equation_of(step) - symbol).has(symbol)


def _told(step: Step) -> Told:
    return _RULES.get(step.rule, _other)(step, _told)


def _shown(step: Step) -> Math:
    """The equation that the rule is about: `x^2 = a`, and one that is linear in what is looked for `2 x + a = 0`."""
    whole, unknowns = equation_of(step), claim_of(step).unknowns
    symbol = step.data("symbol")
    if not whole.is_Add:
        return Math((whole, "==", S.Zero))
    poly = whole.as_poly(symbol) if isinstance(symbol, Symbol) else None
    if poly is None or poly.degree() != 1:
        return equation(whole, unknowns)
    sought = whole.as_independent(*unknowns, as_Add=True)[1]
    return Math((-whole if sought.could_extract_minus_sign() else whole, "==", S.Zero))


def _factors(step: Step, tell: Tell) -> Told:
    factors = cast("tuple[tuple[Expr, int], ...]", step.data("factors") or ())
    rest = cast(Expr, step.data("rest") or S.One)
    whole = equation_of(step)
    unknowns = claim_of(step).unknowns
    found = [
        (base, next((p for p in covers_of(step) if base in claim_of(p).equations), None))
        for base, _ in factors
    ]
    multiple = len(factors) == 1 and not rest.free_symbols and factors[0][1] == 1
    if multiple and (factors[0][0] not in unknowns or abs(rest) == 1):
        return then(None, [((), cover) for _, cover in found if cover is not None], tell)  # the same equation
    parts: list[tuple[Pieces, Step]] = []
    for base, following in found:
        written = equation(base, unknowns)
        after = [] if following is None else _after(following, base, written)
        parts += [(("if ", written), cover) for cover in after]
    if not factors:
        return then((Math((whole, "!=", S.Zero)),), parts, tell)
    alternatives = listed([(equation(base, unknowns),) for base, _ in factors], "or")
    sentence = ("the equation ", Math((whole, "==", S.Zero)), " gives ", *alternatives, *_since(rest))
    return then(sentence, parts, tell)


def _after(step: Step, base: Expr, written: Math) -> list[Step]:
    """The step, or what follows it where it says of the equation, written as `x = v`, no more than this."""
    if step.rule != "cover_linear" or equation_of(step) != base:
        return [step]
    symbol, values = values_of(step)
    if len(values) != 1 or written != Math((symbol, "==", values[0][0])):
        return [step]
    if values[0][0].free_symbols & set(claim_of(step).unknowns):
        return [step]
    return [cover for _, cover in followed(step, symbol, values, covers_of(step))]


def _since(rest: Expr) -> Pieces:
    """`, since p - 1 != 0`: what was divided by; a denominator needs no word."""
    above = [f for f in _symbolic_factors(rest) if not (f.is_Pow and f.exp.is_Integer and f.exp < 0)]
    return (", since ", *listed([(Math((factor, "!=", S.Zero)),) for factor in above])) if above else ()


def _symbolic_factors(product: Expr) -> tuple[Expr, ...]:
    return tuple(
        factor.primitive()[1] if factor.is_Add else factor
        for factor in Mul.make_args(product)
        if factor.free_symbols
    )


def _linear(step: Step, tell: Tell) -> Told:
    symbol, values = values_of(step)
    whole, covers = equation_of(step), covers_of(step)
    if _says_itself(step):
        return then(None, [((), cover) for cover in covers[:1]], tell)
    left = tuple(e for e in claim_of(covers[0]).equations if e != 0) if len(values) == 1 and covers else ()
    parts = followed(step, symbol, values, covers)
    alternatives = listed([(Math((symbol, "==", value)),) for value, _ in dict.fromkeys(values)], "or")
    rest = step.data("rest")
    since = _since(rest) if isinstance(rest, Expr) else ()
    shown = Math((whole, "==", S.Zero)) if _is_solved(step) else _shown(step)
    sentence: Pieces = ("the equation ", shown, " gives ", *alternatives, *since)
    if left and values[0][0].free_symbols:
        sentence += (", and then ", *equations(left), " is left" if len(left) == 1 else " are left")
    return then(sentence, parts, tell)


def _roots(step: Step, tell: Tell) -> Told:
    symbol, values = values_of(step)
    whole = equation_of(step)
    poly = whole.as_poly(symbol)
    plain = poly is not None and poly.degree() <= 2
    reason: Pieces = () if plain else (", ", phrase(step.rule))
    if not values:
        return (("the equation ", _shown(step), " has no real solution", *reason),), []
    if _is_solved(step):
        return then(None, followed(step, symbol, values, covers_of(step)), tell)
    found = [branch_pieces(Branch(((symbol, value),), attached)) for value, attached in values]
    verb = " gives " if plain else f" has the real solution{'s' * (len(values) > 1)} "
    numbers = [n for _, attached in values for n in attached]
    reason += _beside_mean(numbers, poly, step.context.relations)
    sentence = ("the equation ", _shown(step), verb, *listed(found, "or" if plain else "and"), *reason)
    return then(sentence, followed(step, symbol, values, covers_of(step)), tell)


def _beside_mean(numbers: list[Number], poly: Poly | None, facts: tuple[Relation, ...]) -> Pieces:
    """`; here r < 0 < q, since the mean of these roots is 0`: roots of a polynomial with parameters.

    Where not all of its roots are real, or where it tells more, by the sign of the polynomial there.
    """
    below = [n.symbol for n in numbers if n.varies and n.interval[1].is_finite is not False]
    above = [n.symbol for n in numbers if n.varies and n.interval[0].is_finite is not False]
    if poly is None or not below + above:
        return ()
    mean = mean_of_roots(poly)
    told: Tokens = (*(t for s in below for t in (s, "<")), mean, *(t for s in above for t in ("<", s)))
    here: Pieces = ("; here ", Math(told), ", since ")
    all_real = 1 < len(numbers) == poly.degree()
    if all_real and len(below) == len(above) == 1:
        return (*here, "the mean of these roots is ", Math((mean,)))
    value = canonical(poly.eval(mean))
    signs = signs_of_tree(value, facts)
    side: Tokens = next(((op, S.Zero) for op in (">", "<") if signs == SIGNS_OF[op]), ())
    there = (poly.as_expr(), "==", value, *(side if value.free_symbols else ()))
    at_mean: Pieces = (Math(there), " at ", Math((poly.gen, "==", mean)))
    return (*here, *(("the mean of these roots is ", Math((mean,)), " and ") if all_real else ()), *at_mean)


def _variation(step: Step, tell: Tell) -> Told:
    """The zeros, and the intervals on which the function is monotone or has none."""
    symbol, values = values_of(step)
    pieces = cast("tuple[tuple[Expr | None, Expr | None, Number | None], ...]", step.data("pieces") or ())
    values = tuple(dict.fromkeys(values))
    found = listed([branch_pieces(Branch(((symbol, value),), attached)) for value, attached in values])
    verb = f" has exactly the solution{'s' * (len(values) != 1)} " if values else " has no solution"
    monotone = [(low, high) for low, high, number in pieces if number is not None]
    if len(pieces) == 1 and monotone:
        reason: Pieces = (", because its left side is strictly monotone and changes its sign there",)
    elif monotone:
        where = listed([_interval(symbol, low, high) for low, high in monotone])
        reason = (", because its left side is strictly monotone for ", *where, " and is not 0 elsewhere")
    else:
        reason = (", ", phrase(step.rule))
    sentence = ("the equation ", Math((equation_of(step), "==", S.Zero)), verb, *found, *reason)
    return then(sentence, followed(step, symbol, values, covers_of(step)), tell)


def _interval(symbol: Symbol, low: Expr | None, high: Expr | None) -> Pieces:
    below: Tokens = () if low is None else (low, "<=")
    above: Tokens = () if high is None else ("<=", high)
    return (Math((*below, symbol, *above)),)


def _inverse(step: Step, tell: Tell) -> Told:
    """`e^x - 1 = 0` is `e^x = 1`, that is `x = 0`."""
    function, inner, level = step.data("function"), step.data("inner"), step.data("level")
    if not callable(function) or not isinstance(inner, Expr) or not isinstance(level, Expr):
        return _other(step, tell)
    value = log(level) if function is exp else exp(level)
    whole = equation_of(step)
    own = Math((function(inner), "==", level))
    sentence: Pieces = (own, " means ", Math((inner, "==", value)))
    if whole != function(inner):
        gives = ("the equation ", Math((whole, "==", S.Zero)), " gives ", own)
        sentence = (*gives, ", that is ", Math((inner, "==", value)))
    if inner.is_Symbol and len([e for e in claim_of(step).equations if e != 0]) == 1:
        return (sentence,), []
    return then(sentence, [((), cover) for cover in covers_of(step)[:1]], tell)


def _kernel(step: Step, tell: Tell) -> Told:
    """`with k = x^2 the equation reads k^2 - 3 k + 2 = 0, which gives k = 1 or k = 2`."""
    kernel, symbol, polynomial = step.data("kernel"), step.data("symbol"), step.data("polynomial")
    covers = covers_of(step)
    if not isinstance(kernel, Expr) or not isinstance(symbol, Symbol) or not isinstance(polynomial, Expr):
        return _other(step, tell)
    first = claim_of(covers[0])
    ranges = cast("tuple[Any, ...]", step.data("range") or ())
    kept: Pieces = (" with ", Math((Bounds(ranges),))) if ranges else ()
    lead: Pieces = (
        "with ", Math((symbol, "==", kernel)), " the equation ", Math((equation_of(step), "==", S.Zero)),
        " reads ", Math((polynomial, "==", S.Zero)),
    )  # fmt: skip
    if not first.branches:
        return ((*lead, ", which has no solution", *kept),), []
    sentence = (*lead, ", which gives ", *solutions(first.branches, "or"))
    parts: list[tuple[Pieces, Step]] = []
    for branch in first.branches:
        wanted = kernel - branch.values[symbol]
        cover = next((c for c in covers[1:] if wanted in claim_of(c).equations), None)
        if cover is not None:
            parts.append((("if ", Math((kernel, "==", branch.values[symbol]))), cover))
    return then(sentence, parts, tell)


def _rewritten(step: Step, tell: Tell) -> Told:
    covers = covers_of(step)
    before = {e for e in claim_of(step).equations if e != 0}
    if not covers:
        return _other(step, tell)
    after = tuple(e for e in claim_of(covers[0]).equations if e != 0)
    if set(after) <= before:
        return tell(covers[0])
    left = listed([(equation(e, claim_of(step).unknowns),) for e in after])
    return then((phrase(step.rule), ", we are left with ", *left), [((), covers[0])], tell)


def _ideal(step: Step, tell: Tell) -> Told:
    """Elimination by computer algebra: the equations it gives, where they are short, and how these are solved."""
    covers = covers_of(step)
    after = tuple(e for e in claim_of(covers[0]).equations if e != 0) if covers else ()
    separating = step.data("separating")
    if not after or separating is not None or sum(operations(e) for e in after) > MOST_SHOWN:
        return ((phrase(step.rule), ", all real solutions are found"),), []
    left = listed([(equation(e, claim_of(step).unknowns),) for e in after])
    return then((phrase(step.rule), ", we get ", *left), [((), covers[0])], tell)


def _sum(step: Step, tell: Tell) -> Told:
    terms = cast("tuple[Expr, ...]", step.data("terms") or ())
    zeros = listed([(Math((term, "==", S.Zero)),) for term in terms])
    sentence = (Math((equation_of(step), "==", S.Zero)), " is a sum of terms of one sign, so ", *zeros)
    return then(sentence, [((), cover) for cover in covers_of(step)[:1]], tell)


def _positive_part(step: Step, tell: Tell) -> Told:
    """`the equation max(0, x - 1) = 0 holds exactly for x ≤ 1`, and what the others leave."""
    gaps, relations = where_flat(equation_of(step)) or ((), ())
    zero = equation(equation_of(step), claim_of(step).unknowns)
    where: list[Pieces] = [(equation(gap, claim_of(step).unknowns),) for gap in gaps]
    where += [(Math((Bounds(relations),)),)] if relations else []
    sentence: Pieces = ("the equation ", zero, " holds exactly for ", *listed(where))
    return then(sentence, [((), cover) for cover in covers_of(step)[:1]], tell)


def _by_cases(step: Step, tell: Tell) -> Told:
    quantity = cast(Expr, step.data("quantity"))
    zero = equation(quantity, claim_of(step).unknowns)
    nonzero = Math((zero.tokens[0], "!=", zero.tokens[2]))
    parts: list[tuple[Pieces, Step]] = [
        (("if ", zero if quantity in claim_of(cover).equations else nonzero), cover)
        for cover in covers_of(step)
    ]
    return then(("either ", zero, " or ", nonzero), parts, tell)


def _none(step: Step, tell: Tell) -> Told:
    claim = claim_of(step)
    reason = never_zero(step)
    left = tuple(e for e in claim.equations if e != 0)
    if not left:
        return (("no such point lies in the region",),), []
    constants = [e for e in left if not e.free_symbols & set(claim.unknowns)]
    if constants:
        becomes = Math((constants[0], "==", S.Zero))
        return (("the equation becomes ", becomes, ", which is impossible", *(reason or ())),), []
    none = "no solution in the region" if step.context.region else "no real solution"
    if reason is None:
        verb = "has" if len(left) == 1 else "have"
        return ((*equations(left), f" {verb} {none}, ", phrase(step.rule)),), []
    return (("the equation ", *equations(_never(step, left)), f" has {none}", *reason),), []


def _never(step: Step, left: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The equation that a premise shows to be nowhere 0."""
    proved = [vars(p.claim)["relation"].expression for p in step.premises if "relation" in vars(p.claim)]
    return tuple(e for e in left if e in proved)[:1] or left


def _outside(step: Step, tell: Tell) -> Told:
    covers = covers_of(step)
    if not covers:
        return _other(step, tell)
    sentences, alternatives = tell(covers[0])
    dropped = tuple(b for b in claim_of(covers[0]).branches if b not in claim_of(step).branches)
    if dropped:
        verb = " lies" if len(dropped) == 1 and not dropped[0].free else " lie"
        sentences += ((*several_branches(dropped, short=True), f"{verb} outside the region"),)
    return sentences, alternatives


def _convex(step: Step, tell: Tell) -> Told:
    """`the gradient vanishes at (0, 0), and a strictly convex function has at most one stationary point`."""
    head = ("the gradient vanishes at ", *several_branches(claim_of(step).branches, short=True))
    kind = next(p.claim.kind for p in step.premises if isinstance(p.claim, Curved))
    return ((*head, f", and a strictly {kind} function has at most one stationary point"),), []


def _with_given(step: Step, tell: Tell) -> Told:
    """`by the given equation 4 x^3 + 2 a x + b = (x + u)^2 (4 x + v)`, and how that is solved."""
    covers, other = covers_of(step), step.data("other")
    if not covers or not isinstance(other, Expr) or operations(other) > MOST_SHOWN:
        return _other(step, tell)
    sentence = ("by the equation between the parameters, ", Math((equation_of(step), "==", other)))
    return then(sentence, [((), covers[0])], tell)


def _wider(step: Step, tell: Tell) -> Told:
    """How the cover was found that is told in other families here: the result, which names them, comes last."""
    covers = covers_of(step)
    return tell(covers[0]) if covers else _other(step, tell)


def _silent(step: Step, tell: Tell) -> Told:
    return (), []


def _other(step: Step, tell: Tell) -> Told:
    claim: Cover = claim_of(step)
    if not claim.branches:
        return ((*equations(claim.equations), " has no solution, ", phrase(step.rule)),), []
    return (
        (*equations(claim.equations), " gives ", *solutions(claim.branches, "or"), ", ", phrase(step.rule)),
    ), []


_RULES: Final[Mapping[str, Callable[[Step, Tell], Told]]] = {
    "cover_free": _silent,
    "cover_convex": _convex,
    "cover_none": _none,
    "cover_factors": _factors,
    "cover_linear": _linear,
    "cover_roots": _roots,
    "cover_counted": _roots,
    "cover_level": level,
    "cover_variation": _variation,
    "cover_inverse": _inverse,
    "cover_kernel": _kernel,
    "cover_given": _with_given,
    "cover_ideal": _ideal,
    "cover_sum": _sum,
    "cover_positive_part": _positive_part,
    "cover_rewritten": _rewritten,
    "cover_by_cases": _by_cases,
    "cover_outside": _outside,
    "cover_wider": _wider,
    **FAMILIES,
}
