"""Why a function is convex or concave, or is not: by the data of the step that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

from sympy import Add, Expr, Integer, Mul, Pow, Rational, S, Symbol, exp

from symopt.derivation.alike import numbers_of, terms_of
from symopt.derivation.checking import facts
from symopt.derivation.checks_region import gradient_if_constant
from symopt.derivation.claims import Curved, Definite, Hessian, Holds, NotCurved, Step, Vector
from symopt.derivation.curvature_atoms import CURVATURE_ATOMS, CurvatureAtom
from symopt.derivation.laplace import transform
from symopt.exact.derivatives import derivative_by_table
from symopt.exact.gates import operations
from symopt.exact.signs import SIGNS_OF, signs_of_tree, without_known_kinks
from symopt.writing.claims import DEFINITE, Subject, between, equation, worded
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Bounds, Place, Prime, Tokens
from symopt.writing.places import listed
from symopt.writing.wording import MOST_SHOWN, definite_premise, relations_of

MOST_SQUARES: Final = 60  # operations of a form that is written out

# How a function of the table is called, where its name in the table is not a phrase of its own.
NAMES: Final[Mapping[str, str]] = {
    "exp": "an exponential",
    "log": "a logarithm",
    "power": "a power with an exponent above 1",
    "root": "a power with an exponent between 0 and 1",
    "inverse power": "a power with a negative exponent",
    "even power": "an even power",
    "even power, u <= 0": "an even power",
    "odd power, u <= 0": "an odd power, for arguments that are not positive",
    "inverse even power, u < 0": "an inverse even power",
    "inverse odd power, u < 0": "an inverse odd power, for negative arguments",
    "abs": "an absolute value",
    "abs power": "a power of an absolute value, with an exponent above 1",
    "max": "a maximum of affine functions",
    "min": "a minimum of affine functions",
    "norm": "a Euclidean norm",
    "norm, u >= 0": "a Euclidean norm",
    "shifted norm": "the root of a positive number and squares",
    "log-sum-exp": "a log-sum-exp function",
    "shifted log-sum-exp": "a log-sum-exp function",
}


def _affine(step: Step, subject: Subject) -> Pieces | None:
    coefficients = step.data("coefficients")
    if not isinstance(coefficients, tuple):
        return None
    if not any(coefficients[:-1]):
        return (", because it is constant",)
    names = listed([(Math((v,)),) for v in cast(Curved, step.claim).variables])
    return (", because it is of degree at most 1 in ", *names)


def _second_order(step: Step, subject: Subject) -> Pieces | None:
    if isinstance(step.claim, NotCurved):
        found = bend(step)
        return None if found is None else (", because ", *found)
    if cast(Curved, step.claim).kind == "affine":
        several = len(cast(Curved, step.claim).variables) > 1
        return (
            ", because its second derivatives are 0" if several else ", because its second derivative is 0",
        )
    sign = hessian_sign(step)
    if sign is None:
        return None
    matrix, op, where = sign
    if len(matrix) == 1:
        told = second_derivative(step, subject, matrix[0][0], op)
        return (", because ", *told, *where, *integral(step))
    return (f", because its Hessian is {DEFINITE[op]}", *where)


def integral(step: Step) -> Pieces:
    """`, since x*polygamma(1, x) - 1 is the integral of ... over t > 0`: the transform that the sign rests on."""
    signs = [p for p in step.premises if isinstance(p.claim, Holds)]
    signs += [p for sign in signs for p in sign.premises]
    found = next((p for p in signs if p.rule == "laplace"), None)
    if found is None:
        return ()
    expression, t = cast(Holds, found.claim).relation.expression, cast(Symbol, found.data("t"))
    u = cast(Expr, found.data("form"))
    form = transform(expression, u, t)
    if form is None:
        return ()
    whole = Add(*(c * u**k for k, c in enumerate(form.polynomial)))
    before: Pieces = (Math((whole,)), " and ") if whole != 0 else ()
    kernel = form.numerator / form.denominator * exp(-u * t)
    over: Pieces = ("the integral of ", Math((kernel,)), " over ", Math((t, ">", S.Zero)))
    return (", since ", Math((expression,)), " is ", *before, *over)


def hessian_sign(step: Step) -> tuple[tuple[Vector, ...], str, Pieces] | None:
    """The Hessian, its sign by a premise, and where."""
    hessian = next((p.claim for p in step.premises if isinstance(p.claim, Hessian)), None)
    if hessian is None:
        return None
    where: Pieces = (" for ", Math((Bounds(step.context.region),))) if step.context.region else ()
    premise = definite_premise(step)
    if premise is not None:
        return hessian.entries, vars(premise.claim)["op"], where
    signs = [
        p.claim.relation.op
        for p in step.premises
        if isinstance(p.claim, Holds) and p.claim.relation.expression == hessian.entries[0][0]
    ]
    return (hessian.entries, signs[0], where) if signs else None


def second_derivative(step: Step, subject: Subject, value: Expr, op: str) -> Pieces:
    """`f''(x) = 12 x^2 >= 0`, or of another function `its second derivative 2 a > 0`."""
    claim = step.claim
    variables, objective = vars(claim)["variables"], vars(claim)["objective"]
    if objective != subject.objective:
        return ("its second derivative is ", Math((value, op, S.Zero)))
    return (Math((Prime(2, variables[0]), "==", value, op, S.Zero)),)


def _isolated_zeros(step: Step, subject: Subject) -> Pieces | None:
    sign, point = hessian_sign(step), step.data("point")
    if sign is None or not isinstance(point, Expr):
        return None
    matrix, op, where = sign
    (x,) = cast(Curved, step.claim).variables
    at_point = matrix[0][0].xreplace({x: point})
    own = cast(Curved, step.claim).objective == subject.objective
    once: Pieces = (" (it is not 0 everywhere: ", Math((Prime(2, point), "==", at_point)), ")") if own else ()
    return (
        ", because ",
        *second_derivative(step, subject, matrix[0][0], op),
        *where,
        ", and it vanishes at isolated points only",
        *once,
    )


def bend(step: Step) -> Pieces | None:
    """`f''(0) = 2 a < 0`, or the second derivative in a direction."""
    claim = cast(NotCurved, step.claim)
    hessian = next((p.claim for p in step.premises if isinstance(p.claim, Hessian)), None)
    if hessian is None:
        return None
    op = "<" if claim.kind == "convex" else ">"
    at = dict(zip(claim.variables, claim.p, strict=True))
    v = [b - a for a, b in zip(claim.p, claim.q, strict=True)]
    entries = [[entry.xreplace(at) for entry in row] for row in hessian.entries]
    if len(v) == 1:
        if step.rule == "second_order_far_out":
            return (Math((Prime(2, claim.p[0]),)), *_far_out(step, op))
        return (Math((Prime(2, claim.p[0]), "==", entries[0][0], op, S.Zero)),)
    value = sum((v[i] * v[j] * entries[i][j] for i in range(len(v)) for j in range(len(v))), S.Zero)
    direction = Math((Place(tuple(v)),))
    there = Math((Place(claim.p),))
    is_value: Pieces = (" is ", Math((value, op, S.Zero)))
    told = _far_out(step, op) if step.rule == "second_order_far_out" else is_value
    return ("at ", there, " the second derivative in the direction ", direction, *told)


def _far_out(step: Step, op: str) -> Pieces:
    """` behaves like 2 a s^3 > 0 as s -> oo`."""
    symbol, like = step.data("symbol"), step.data("behaves_like")
    if not isinstance(symbol, Symbol) or not isinstance(like, Expr):
        return ()
    return (" behaves like ", Math((like, op, S.Zero)), " as ", Math((symbol, "->", S.Infinity)))


def _chord(step: Step, subject: Subject) -> Pieces:
    claim = cast(NotCurved, step.claim)
    middle = between(claim.p, claim.q, claim.weight)
    ends = [_value(step, claim.p), _value(step, claim.q)]
    chord = claim.weight * ends[0] + (Integer(1) - claim.weight) * ends[1]
    above = {("convex", False): "above", ("concave", False): "below"}.get(
        (claim.kind, claim.strict), "equal to"
    )
    between_them = "midway between " if claim.weight == Rational(1, 2) else "between "
    name: Tokens = (subject.variable, "==") if subject.variable is not None else ()
    value = _value(step, middle)
    on_chord: Pieces = (f" is {above} the value ", Math((chord,)), " of the chord")
    if claim.strict and value != chord:  # equal, though written differently
        on_chord = (" lies on the chord",)
    return (
        ": at ",
        Math((*name, Place(middle))),
        ", ",
        between_them,
        Math((Place(claim.p),)),
        " and ",
        Math((Place(claim.q),)),
        ", its value ",
        Math((value,)),
        *on_chord,
    )


def _value(step: Step, place: tuple[Expr, ...]) -> Expr:
    """The value at the place, with u for |u| where the case says that u >= 0."""
    claim = cast(NotCurved, step.claim)
    value = claim.objective.xreplace(dict(zip(claim.variables, place, strict=True)))
    return without_known_kinks(value, step.context.condition) if value.free_symbols else value


def _atom(step: Step, subject: Subject) -> Pieces | None:
    """The function of the table by its name; for another argument than a variable the theorem about it."""
    atom = CURVATURE_ATOMS.get(str(step.data("atom")))
    arguments, constants = step.data("arguments"), step.data("constants")
    if atom is None or not isinstance(arguments, tuple) or not isinstance(constants, tuple):
        return None
    plain = all(isinstance(argument, Symbol) for argument in arguments)
    if plain and atom.name in NAMES:
        return (f", as {NAMES[atom.name]}",)
    if step.rule == "atom" and atom.name in ("max", "min"):
        return (f", as {NAMES[atom.name]}",)
    letters = _letters(len(arguments), step, constants)
    form = atom.function(*letters, *constants)
    if plain:
        return (", as is known of ", Math((form,)), *_domain(atom, letters, constants))
    strictly = "strictly " if atom.strict else ""
    monotone = _monotone(atom, step, len(arguments)) if step.rule == "composition" else ""
    theorem: Pieces = (
        Math((form,)),
        f" is {strictly}{atom.curvature}{monotone}",
        *_domain(atom, letters, constants),
    )
    inner = {p.claim.objective: p.claim for p in step.premises if isinstance(p.claim, Curved)}
    parts: list[Pieces] = []
    for letter, argument in zip(letters, arguments, strict=True):
        kind = f"{_strictly(inner[argument])}{inner[argument].kind}" if argument in inner else "affine"
        parts.append((Math((letter, "==", argument)), f" is {kind}", *_slope(argument, step)))
    return (", because ", *theorem, " and ", *listed(parts))


def _slope(argument: Expr, step: Step) -> Pieces:
    """` with a != 0`: the slope of an affine argument, where strictness rests on it."""
    claim = cast(Curved, step.claim)
    slopes = gradient_if_constant(argument, claim.variables)
    if not claim.strict or slopes is None or len(slopes) != 1 or not slopes[0].free_symbols:
        return ()
    return (" with ", Math((slopes[0], "!=", S.Zero)))


def _monotone(atom: CurvatureAtom, step: Step, count: int) -> str:
    slopes = {atom.slope(place, count) for place in range(count)}
    return " and increasing" if slopes == {1} else " and decreasing" if slopes == {-1} else ""


def _letters(count: int, step: Step, constants: Vector) -> tuple[Symbol, ...]:
    claim = cast(Curved, step.claim)
    used = {str(s) for s in (*claim.variables, *claim.objective.free_symbols)}
    free = [name for name in ("u", "v", "w", "z", *(f"u{k}" for k in range(1, 40))) if name not in used]
    return tuple(Symbol(name, real=True) for name in free[:count])


def _domain(atom: CurvatureAtom, letters: tuple[Symbol, ...], constants: Vector) -> Pieces:
    """` for u > 0`: the part of its domain on which the theorem holds."""
    where = tuple(
        r
        for r in atom.where(*letters, *constants)
        if r.expression.free_symbols & set(letters) and not r.expression.is_number
    )
    return (" for ", Math((Bounds(where),))) if where else ()


def _sum(step: Step, subject: Subject) -> Pieces | None:
    """The sum with its weights, where parameters are among them."""
    multiples = step.data("multiples")
    curved = [cast(Curved, p.claim) for p in step.premises if isinstance(p.claim, Curved)]
    if not isinstance(multiples, tuple) or len(multiples) != len(curved):
        return None
    if step.rule == "curvature_negation":
        return (", because ", Math((curved[0].objective,)), f" is {_strictly(curved[0])}{curved[0].kind}")
    if multiples == (1,):
        return (", because it is ", Math((curved[0].objective,)))
    if len(multiples) == 1:
        return (", as it is ", *_weight(multiples[0], step), " times ", Math((curved[0].objective,)))
    if all(multiple == 1 for multiple in multiples):
        return (", as the sum of these functions",)
    return (
        ", as the sum of these functions with the weights ",
        *listed([_weight(m, step) for m in multiples]),
    )


def _weight(multiple: Expr, step: Step) -> Pieces:
    signs = signs_of_tree(multiple, facts(step))
    op = next((op for op in (">", "<", ">=", "<=") if signs <= SIGNS_OF[op]), None)
    if op is None or multiple.is_number:
        return (Math((multiple,)),)
    return (Math((multiple, op, S.Zero)),)


def _strictly(claim: Curved) -> str:
    return "strictly " if claim.strict else ""


def _by_curvature(step: Step, subject: Subject) -> Pieces | None:
    curved = next((p.claim for p in step.premises if isinstance(p.claim, Curved)), None)
    if curved is None:
        return None
    return (", because ", *subject.function(curved.objective), f" is {_strictly(curved)}{curved.kind}")


def _closure(step: Step, subject: Subject) -> Pieces | None:
    interior = next((p for p in step.premises if isinstance(p.claim, Curved)), None)
    if interior is None or not interior.context.region:
        return None
    region = Math((Bounds(interior.context.region),))
    return (", because it is so for ", region, *worded(" and f is continuous up to the border"))


def _pieces(step: Step, subject: Subject) -> Pieces | None:
    """The pieces with their curvature, and the slopes on both sides of each cut."""
    form, cuts, pieces = step.data("form"), step.data("cuts"), step.data("pieces")
    if not isinstance(form, Expr) or not isinstance(cuts, tuple) or not isinstance(pieces, tuple):
        return None
    claim = cast(Curved, step.claim)
    curved = {p.claim.objective: p.claim for p in step.premises if isinstance(p.claim, Curved)}
    ends = tuple(zip((None, *cuts), (*cuts, None), strict=True))
    if len(pieces) != len(ends) or not set(pieces) <= set(curved):
        return None
    told: list[Pieces] = []
    for piece, (low, high) in zip(pieces, ends, strict=True):
        where: Tokens = (low, "<=", form, "<=", high) if low is not None and high is not None else ()
        where = where or ((form, "<=", high) if high is not None else (form, ">=", cast(Expr, low)))
        kind = f"{_strictly(curved[piece])}{curved[piece].kind}"
        told.append((Math((piece,)), f" ({kind}) for ", Math(where)))
    falls = {"convex": "does not fall", "concave": "does not rise"}.get(claim.kind, "stays the same")
    return (
        ", because it is ",
        *listed(told),
        f", and its slope {falls} at the cuts",
        *_slopes_at(claim, cuts, pieces),
    )


def _slopes_at(claim: Curved, cuts: Vector, pieces: Vector) -> Pieces:
    """`: from -2 to 0 at x = 1`, in one variable."""
    if len(claim.variables) != 1:
        return ()
    (x,) = claim.variables
    told: list[Pieces] = []
    for cut, left, right in zip(cuts, pieces[:-1], pieces[1:], strict=True):
        slopes = [derivative_by_table(piece, x).xreplace({x: cut}) for piece in (left, right)]
        told.append(("from ", Math((slopes[0],)), " to ", Math((slopes[1],)), " at ", Math((x, "==", cut))))
    return (": ", *listed(told))


def _slope_at_a_kink(step: Step, subject: Subject) -> Pieces | None:
    """`, because at x = 1 its slope falls from 2 to a`, or the slope in a direction."""
    claim, t, pieces = cast(NotCurved, step.claim), step.data("along"), step.data("pieces")
    if not isinstance(t, Symbol) or not isinstance(pieces, tuple):
        return None
    left, right = (derivative_by_table(piece, t).xreplace({t: S.Zero}) for piece in pieces)
    changes = "falls" if claim.kind == "convex" else "rises"
    direction = tuple(b - a for a, b in zip(claim.p, claim.q, strict=True))
    name: Tokens = (subject.variable, "==") if subject.variable is not None else ()
    towards: Pieces = () if len(direction) == 1 else (" in the direction ", Math((Place(direction),)))
    there = Math((*name, Place(claim.p)))
    return (
        ", because at ",
        there,
        " its slope",
        *towards,
        f" {changes} from ",
        Math((left,)),
        " to ",
        Math((right,)),
    )


def _minors(step: Step, subject: Subject) -> Pieces | None:
    """The minors with their signs, where they are short."""
    claim = cast(Definite, step.claim)
    size = len(claim.matrix)
    wanted = size if step.rule == "minors" else 2**size - 1
    signs = relations_of(step.premises)
    length = sum(operations(relation.expression) for relation in signs)
    if len(signs) != wanted or length > MOST_SHOWN * size or claim.op[0] != ">":
        return None
    shown = listed([(Math((relation.expression, relation.op, S.Zero)),) for relation in signs])
    leading = "leading " if step.rule == "minors" else ""
    return (f", because its {leading}principal minors are ", *shown)


def _singular_lines(step: Step, subject: Subject) -> Pieces | None:
    lines, curves = step.data("lines"), step.data("curves") or ()
    if not isinstance(lines, tuple) or not isinstance(curves, tuple):
        return None
    sign = "positive" if cast(Curved, step.claim).kind == "convex" else "negative"
    if not lines and not curves:
        return (f", because its Hessian is {sign} semidefinite and singular nowhere",)
    where = listed([(equation(line),) for line in (*lines, *curves)])
    why: Pieces = (", along which the second derivative is not always 0",) if lines else ()
    if curves:
        why += (", where no segment lies" if not lines else "; no segment lies in a curve",)
    return (f", because its Hessian is {sign} semidefinite and singular for ", *where, " only", *why)


def _form_of_squares(step: Step, subject: Subject) -> Pieces | None:
    claim, squares = cast(Definite, step.claim), step.data("squares")
    if not isinstance(squares, tuple):
        return None
    direction = [Symbol(f"v{i}", real=True) for i in range(1, len(claim.matrix) + 1)]
    turn = 1 if claim.op[0] == ">" else -1
    terms = [
        Mul(turn * w, Pow(sum((a * v for a, v in zip(q, direction, strict=True)), S.Zero), 2))
        for w, q in squares
    ]
    form = Add(*terms, evaluate=False) if len(terms) > 1 else Add(*terms)
    if operations(form) > MOST_SQUARES or {v.name for v in direction} & {s.name for s in _symbols(claim)}:
        return (", because the quadratic form v^T H v is a sum of ", str(len(terms)), " squares")
    return (", because the quadratic form v^T H v is ", Math((form,)))


def _symbols(claim: Definite) -> set[Symbol]:
    return {s for row in claim.matrix for entry in row for s in entry.free_symbols if isinstance(s, Symbol)}


def _affine_change(step: Step, subject: Subject) -> Pieces | None:
    """`, because it is g(u) with u = x + y, which is convex`."""
    forms = step.data("forms")
    inner = next((p.claim for p in step.premises if isinstance(p.claim, Curved)), None)
    if not isinstance(forms, tuple) or inner is None or not isinstance(step.claim, Curved):
        return None
    used = [
        (Math((new, "==", form)),)
        for new, form in zip(inner.variables, forms, strict=True)
        if new in inner.objective.free_symbols
    ]
    return (", because it is ", Math((inner.objective,)), " with ", *listed(cast(list[Pieces], used)))


def _on_subspace(step: Step, subject: Subject) -> Pieces | None:
    """`, because with x = 1 - y it is y (1 - y)`."""
    solved = cast(tuple[tuple[Symbol, Expr], ...], step.data("solved"))
    inner = next((p.claim for p in step.premises if isinstance(p.claim, Curved)), None)
    if inner is None:
        return None
    values: list[Pieces] = [(Math((v, "==", form)),) for v, form in solved]
    return (", because with ", *listed(values), " it is ", Math((inner.objective,)))


def _alike_terms(step: Step, subject: Subject) -> Pieces:
    """`, because each of its terms is a positive multiple of log(u) with an affine u`."""
    claim, inner = cast(Curved, step.claim), cast(Curved, step.premises[0].claim)
    negative = inner.kind != claim.kind
    kind = "a negative multiple of " if negative else "a positive multiple of "
    terms = terms_of(step) or ()
    plain = all(term.multiple == 1 for term in terms)
    several = len(inner.variables) > 1
    letters = listed([(Math((letter,)),) for letter in inner.variables])
    told = {s: r for r in step.premises[0].context.condition for s in r.symbols}
    numbers = listed([(Math((n, told[n].op, "0") if n in told else (n,)),) for n in numbers_of(step)])
    return (
        ", because each of its terms is ",
        "" if plain else kind,
        Math((inner.objective,)),
        " for " if several else " for an affine function ",
        *letters,
        *((" that are affine",) if several else ()),
        *((" and a number ", *numbers) if len(numbers_of(step)) == 1 else ()),
        *((" and numbers ", *numbers) if len(numbers_of(step)) > 1 else ()),
    )


def _border(step: Step, subject: Subject) -> Pieces | None:
    ends = cast(Vector, step.data("ends"))
    premise = next((p for p in step.premises if isinstance(p.claim, Curved)), None)
    if premise is None or not ends or premise.context.region == step.context.region:
        return None
    claim = cast(Curved, step.claim)
    (variable,) = claim.variables
    side = "below" if claim.kind == "convex" else "above"
    region = Math((Bounds(premise.context.region),))
    places = listed([(Math((variable, "==", end)),) for end in ends])
    ending = f"is not {side} the limit there" if len(ends) == 1 else f"are not {side} the limits there"
    values = "the value at " if len(ends) == 1 else "the values at "
    return (", because it is so for ", region, ", and ", values, *places, f" {ending}")


def _dominated(step: Step, subject: Subject) -> Pieces | None:
    dropped = step.data("dropped")
    inner = next((p.claim.objective for p in step.premises if isinstance(p.claim, Curved)), None)
    if not isinstance(dropped, Expr) or inner is None:
        return None
    return (
        ", because it is ",
        Math((inner,)),
        ", as ",
        Math((dropped,)),
        " never counts beside a mean of the others",
    )


REASONS: Final[Mapping[str, Callable[[Step, Subject], Pieces | None]]] = {
    "affine": _affine,
    "second_order": _second_order,
    "second_order_far_out": _second_order,
    "isolated_zeros": _isolated_zeros,
    "chord": _chord,
    "chord_equality": _chord,
    "atom": _atom,
    "composition": _atom,
    "curvature_sum": _sum,
    "curvature_negation": _sum,
    "curvature_closure": _closure,
    "pieces": _pieces,
    "slope_at_a_kink": _slope_at_a_kink,
    "minors": _minors,
    "principal_minors": _minors,
    "singular_lines": _singular_lines,
    "form_of_squares": _form_of_squares,
    "border_values": _border,
    "dominated": _dominated,
    "affine_change": _affine_change,
    "on_subspace": _on_subspace,
    "alike_terms": _alike_terms,
    "convex_minimum": _by_curvature,
    "concave_maximum": _by_curvature,
}
