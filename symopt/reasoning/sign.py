"""Proofs of sign: does `expression op 0` hold at every point of a context?

The provers are tried from the most readable to the strongest; each returns a step that the checker accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Final, cast

from sympy import (
    Abs,
    Add,
    Expr,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    default_sort_key,
    exp,
    log,
    sin,
)

from symopt.derivation.checker import follows
from symopt.derivation.checking import Rejected, is_defined
from symopt.derivation.claims import Context, Holds, Infeasible, Step
from symopt.domain import natural_domain
from symopt.errors import InputError
from symopt.exact.enclosure import enclose
from symopt.exact.normal import NotExact, canonical, factors
from symopt.exact.relations import rational_bounds
from symopt.exact.signs import (
    SIGNS_OF,
    Signs,
    signs_given,
    signs_of_constant,
    signs_of_tree,
    without_known_kinks,
)
from symopt.reasoning.beside_bounds import prove_beside_bound, prove_beside_number
from symopt.reasoning.cofactors import prove_by_cofactor
from symopt.reasoning.collecting import prove_by_bounds, prove_by_collecting
from symopt.reasoning.compounds import prove_by_compound, prove_by_exponential, prove_by_square
from symopt.reasoning.conjugates import by_conjugate
from symopt.reasoning.damping import prove_by_damping
from symopt.reasoning.intervals import prove_arc, prove_by_boxes, prove_by_gamma_bound
from symopt.reasoning.laplace import prove_by_transform
from symopt.reasoning.logarithms import prove_by_joining
from symopt.reasoning.polynomial_sign import (
    Prove,
    fails_on_line,
    prove_polynomial,
    prove_with_constants,
    step_for,
)
from symopt.reasoning.pythagoras import prove_by_amplitude, prove_by_pythagoras
from symopt.reasoning.ratios import prove_by_ratio
from symopt.reasoning.samples import changes_sign, fails_at_a_sample
from symopt.reasoning.sides import (
    prove_beside_excluded,
    prove_by_resolving,
    prove_by_side,
    prove_by_sides_of_kink,
)
from symopt.reasoning.stand_ins import prove_by_stand_ins
from symopt.reasoning.variation import prove_by_variation
from symopt.reasoning.z3_backend import find_point
from symopt.relation import Relation

SIGNS: Final = ((">", 1), ("<", -1), ("==", 0))
STRONGEST_FIRST: Final = (">", "<", "==", ">=", "<=", "!=")
Prover = Callable[[Relation, Context, Prove], Step | None]
MAX_DEPTH: Final = 6
MAX_TERMS: Final = 20
DECISION_DEPTH: Final = 1
MAX_PARTS: Final = 6
FUNCTIONS: Final = (sin, cos, log, Symbol)


@lru_cache(maxsize=8192)
def prove_relation(relation: Relation, context: Context, depth: int = 0) -> Step | None:
    """A proof that the relation holds at every point of the context, or None when none was found.

    >>> from sympy import symbols
    >>> x, p = symbols("x p", real=True)
    >>> prove_relation(Relation(x**2 + 1, ">"), Context()).rule
    'signs'
    >>> prove_relation(Relation(x, ">"), Context()) is None
    True
    """
    if depth > MAX_DEPTH:
        return None
    smaller = _without_implied(context.about(relation.symbols))
    if smaller != context:
        return prove_relation(relation, smaller, depth)
    if relation not in context.relations and (
        fails_at_a_sample(relation, context) or fails_on_line(relation, context)
    ):
        return None
    whole = any(s.is_integer for s in relation.symbols)
    if relation.op == "!=" and not whole and changes_sign(relation.expression, context):
        return None

    prove = Prove(prove_relation, depth)
    provers: tuple[Prover, ...] = (
        *(
            _by_reading,
            prove_by_resolving,
            prove_arc,
            prove_by_transform,
            prove_by_gamma_bound,
            _by_factors,
            _by_fewer_symbols,
            _by_given_root,
            _by_multiple_of_given,
            prove_by_cofactor,
            by_conjugate,
            prove_by_bounds,
            prove_by_pythagoras,
            _by_one_logarithm,
            prove_by_joining,
            prove_beside_number,
            prove_beside_bound,
            _by_completed_square,
            prove_by_collecting,
            _by_parts,
        ),
        *(prove_polynomial, prove_with_constants, prove_by_square, prove_by_exponential),
        *(prove_beside_excluded, prove_by_variation, prove_by_side),
    )
    if len(relation.symbols) == 1 and any(r.op == "==" for r in context.relations):
        # a number: by its root, or its bounds
        provers = (
            _by_reading,
            prove_arc,
            prove_beside_bound,
            prove_polynomial,
            _by_factors,
            prove_by_variation,
        )
        if not all(r.expression.is_polynomial(*r.symbols) for r in (relation, *context.relations)):
            provers = (_by_reading, _by_enclosure, *provers[1:])
    if any(r.op == "==" and len(r.symbols) > 1 for r in context.relations) and _box_of(relation, context):
        provers = (_by_reading, _by_enclosure, _by_factors)  # numbers known together: by their box
    if relation.op == "==":
        provers = (_by_reading, _by_identity, prove_polynomial, *provers)
    elif relation.op in (">=", "<=") and relation.expression.has(cos, sin):
        provers = (_by_reading, _by_identity, *provers)
    for prover in (
        provers
        if depth > DECISION_DEPTH
        else (
            *provers,
            prove_by_sides_of_kink,
            prove_by_ratio,
            prove_by_boxes,
            prove_by_compound,
            prove_by_damping,
            prove_by_stand_ins,
            prove_by_amplitude,
            _by_decision,
        )
    ):
        try:
            step = prover(relation, context, prove)
        except (Rejected, NotExact):
            continue
        if step is not None:
            return step
    return None


@lru_cache(maxsize=1024)
def _without_implied(context: Context) -> Context:
    """The context without relations that others give: what is proved there holds here.

    These are q != 0 (x > 0 gives x != 0), and what bounds of a single symbol give (x > 0 gives e^x != 1): the
    provers for intervals want nothing but the bounds.
    """

    def kept(relations: tuple[Relation, ...]) -> tuple[Relation, ...]:
        return tuple(
            r
            for r in relations
            if r.op != "!="
            or 0 in signs_given(r.expression, [o for o in context.relations if o.op != "!="], rewriting=False)
        )

    left = Context(kept(context.region), kept(context.condition))
    for relation in left.region:
        if len(relation.symbols) == 1 and not _is_bound(relation):
            bounds = Context(tuple(r for r in left.region if r.symbols == relation.symbols and _is_bound(r)))
            if bounds.region and prove_relation(relation, bounds, DECISION_DEPTH) is not None:
                left = Context(tuple(r for r in left.region if r != relation), left.condition)
    return left


def _is_bound(relation: Relation) -> bool:
    """Whether the relation bounds its one symbol by a number."""
    slope = relation.expression.diff(*relation.symbols) if relation.op not in ("==", "!=") else S.Zero
    return bool(slope.is_number and slope != 0)


def prove_sign(expression: Expr, context: Context) -> tuple[int, Step] | None:
    """The sign of an expression, the same at every point of the context, with its proof; None when not found."""
    known = signs_given(expression, context.relations)
    for op, sign in _likely_first(expression, context):
        if sign not in known:
            continue
        step = prove_relation(Relation(expression, op), context)
        if step is not None:
            return sign, step
    return None


def _likely_first(expression: Expr, context: Context) -> tuple[tuple[str, int], ...]:
    """The signs in the order of trial: where intervals of auxiliary numbers leave one, that one alone.

    Where known signs of what stands in kinks make it 0, 0 is tried first: |t| - t for t > 0.
    """
    if expression.has(Abs, Max, Min) and _vanishes_beside(expression, context):
        return SIGNS[::-1]
    box = _box_of(Relation(expression, "=="), context)
    bounds = enclose(expression, box) if box else None
    if bounds is not None and bounds[0] > 0:
        return SIGNS[:1]
    return SIGNS[1:2] if bounds is not None and bounds[1] < 0 else SIGNS


def _vanishes_beside(expression: Expr, context: Context) -> bool:
    plain = without_known_kinks(expression, context.relations)
    with suppress(NotExact):
        return plain != expression and canonical(plain) == 0
    return False


def _box_of(relation: Relation, context: Context) -> dict[Symbol, tuple[Rational, Rational]] | None:
    """The rational intervals that the context leaves to the symbols; None where one is not bounded."""
    box = {}
    for symbol in relation.expression.free_symbols:
        low, high = rational_bounds(cast(Symbol, symbol), context.relations)
        if low is None or high is None:
            return None
        box[cast(Symbol, symbol)] = (low[0], high[0])
    return box


def _by_enclosure(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """Interval arithmetic over the intervals of the symbols."""
    step = step_for(relation, context, "enclosure")
    return step if _box_of(relation, context) and follows(step) else None


def _by_reading(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """Read the sign off the expression as it stands."""
    expression = relation.expression
    if not expression.free_symbols:
        holds = signs_of_constant(expression) <= SIGNS_OF[relation.op]
        return step_for(relation, context, "constant_sign") if holds else None
    if not signs_of_tree(expression, context.relations) <= SIGNS_OF[relation.op]:
        return None
    defined = _defined(expression, context, prove)
    return None if defined is None else step_for(relation, context, "signs", defined, tree=expression)


def _by_fewer_symbols(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A sum as it stands: squares and other terms of the right sign, and a rest in fewer symbols."""
    terms = Add.make_args(relation.expression)
    sides = SIGNS_OF[relation.op[0] + "="] if relation.op in (">", ">=", "<", "<=") else None
    if sides is None or not 2 < len(terms) <= MAX_TERMS:
        return None
    plain = [t for t in terms if t.free_symbols and signs_of_tree(t, context.relations) <= sides]
    rest = Add(*(t for t in terms if t not in plain))
    for kept, aside in _rests(rest, plain):
        beyond = any(signs_of_tree(t, context.relations) <= SIGNS_OF["!="] for t in aside)
        op = relation.op[0] + "=" if beyond else relation.op
        step = prove(Relation(kept, op), context) if kept.free_symbols < relation.symbols else None
        if step is None or not aside:
            continue
        others = Add(*aside)
        defined = _defined(others, context, prove)
        if defined is not None:
            tree = Add(kept, others, evaluate=False)
            return step_for(relation, context, "signs", (step, *defined), tree=tree)
    return None


def _rests(rest: Expr, plain: list[Expr]) -> list[tuple[Expr, list[Expr]]]:
    """What is to be proved and what is set aside: terms of several symbols, those in others than the rest, or all."""
    several = [t for t in plain if len(t.free_symbols) > 1]
    few = [t for t in plain if t not in several]
    others = [t for t in plain if not t.free_symbols <= rest.free_symbols]
    same = [t for t in plain if t not in others]
    return [(Add(rest, *few), several), (Add(rest, *same), others), (rest, plain)]


def _by_given_root(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """From a given t - sqrt(w) > 0: t = (t - sqrt(w)) + sqrt(w) > 0, and t^2 - w, times t + sqrt(w)."""
    for given in context.relations:
        if given.op not in (">", "<") or relation.op == "==" or not given.symbols & relation.symbols:
            continue
        known = given.expression if given.op == ">" else -given.expression
        for root in Add.make_args(known):
            factor, power = root.as_coeff_Mul()
            if not (isinstance(power, Pow) and power.exp == S.Half and factor < 0):
                continue
            alone = Add(known, -root, evaluate=False)
            conjugate = Mul(known, Add(known, -2 * root, evaluate=False), evaluate=False)
            for tree in (alone, conjugate):
                ratio = canonical(relation.expression / tree.doit().expand())
                if ratio.is_Rational and ratio != 0:
                    step = step_for(relation, context, "signs", (), tree=Mul(ratio, tree, evaluate=False))
                    if follows(step):
                        return step
    return None


def _by_multiple_of_given(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """e^u times what is given to be positive, multiplied out."""
    if relation.op not in (">", "<") or not relation.expression.has(exp, S.Exp1):
        return None
    for given in context.relations:
        if given.op not in (">", "<") or given.symbols != relation.symbols or not given.expression.is_Add:
            continue
        ratio = canonical(relation.expression / given.expression)
        if len(signs_of_tree(ratio, context.relations)) == 1:
            tree = Mul(ratio, given.expression, evaluate=False)
            step = step_for(relation, context, "signs", (), tree=tree)
            if follows(step):
                return step
    return None


def _by_identity(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """The expression is 0 identically."""
    if canonical(relation.expression) != 0:
        return None
    defined = _defined(relation.expression, context, prove)
    return None if defined is None else step_for(relation, context, "signs", defined, tree=S.Zero)


def _by_factors(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """Prove the signs of the factors, one by one."""
    constant, parts = factors(relation.expression)
    if not parts:
        return None
    tree = Mul(constant, *(Pow(base, power) for base, power in parts), evaluate=False)
    alone = len(parts) == 1 and parts[0][1] == 1 and parts[0][0] == relation.expression
    premises = []
    if not signs_of_tree(tree, context.relations) <= SIGNS_OF[relation.op]:
        if alone and not isinstance(relation.expression, Pow):
            return None
        for base, power in parts:
            if signs_of_tree(base**power, context.relations) in (SIGNS_OF[">"], SIGNS_OF["<"]):
                continue
            found = _base_of_root(base, context, prove)
            found = found or (None if alone else _strongest(base, context, prove))
            if found is not None:
                premises.append(found)
            elif power % 2:
                return None
    known = context.relations + tuple(p.claim.relation for p in premises if isinstance(p.claim, Holds))
    if not signs_of_tree(tree, known) <= SIGNS_OF[relation.op]:
        return None
    for expression in (relation.expression, tree):
        defined = _defined(expression, context, prove, known)
        if defined is None:
            return None
        premises += defined
    return step_for(relation, context, "signs", tuple(dict.fromkeys(premises)), tree=tree)


def _by_parts(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """Read the sign off the expression once the signs of its symbols and functions are proved."""
    expression, known = relation.expression, context.relations
    if relation.op in ("==", "!=") or prove.depth > DECISION_DEPTH or not expression.has(*FUNCTIONS):
        return None
    premises: list[Step] = []
    for part in sorted(expression.atoms(*FUNCTIONS), key=default_sort_key)[:MAX_PARTS]:
        if part.free_symbols and signs_of_tree(part, known) not in (SIGNS_OF[">"], SIGNS_OF["<"]):
            premises += (s for op in (">", "<") if (s := prove(Relation(part, op), context)) is not None)
    facts = known + tuple(cast(Holds, p.claim).relation for p in premises)
    if not premises or not signs_of_tree(expression, facts) <= SIGNS_OF[relation.op]:
        return None
    defined = _defined(expression, context, prove, facts)
    if defined is None:
        return None
    step = step_for(relation, context, "signs", tuple(dict.fromkeys((*premises, *defined))), tree=expression)
    return step if follows(step) else None


def _by_one_logarithm(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """a log(u) + b is a log(u e^(b/a)), with a number a: u e^(b/a) is compared with 1; b may vary beside an e^v in u."""
    terms = Add.make_args(relation.expression)
    with_log = [t for t in terms if t.free_symbols and t.has(log)]
    factor, logarithm = with_log[0].as_coeff_Mul() if len(with_log) == 1 < len(terms) else (S.One, S.One)
    if isinstance(relation.expression, log) and relation.op in (">", "<", ">=", "<="):
        beside = prove(Relation(relation.expression.args[0] - 1, relation.op), context)
        defined = None if beside is None else _defined(relation.expression, context, prove)
        given = None if beside is None or defined is None else (beside, *defined)
        step = (
            None if given is None else step_for(relation, context, "signs", given, tree=relation.expression)
        )
        return step if step is not None and follows(step) else None
    if not isinstance(logarithm, log):
        return None
    (inner,), rest = logarithm.args, Add(*(t for t in terms if t not in with_log))
    if rest.free_symbols and not (inner.has(exp) and rest.is_polynomial(*rest.free_symbols)):
        return None
    tree = factor * log((inner * exp(rest / factor)).expand(), evaluate=False)
    defined = _defined(relation.expression, context, prove)
    if defined is None or not signs_of_tree(tree, context.relations) <= SIGNS_OF[relation.op]:
        return None
    step = step_for(relation, context, "signs", defined, tree=tree)
    return step if follows(step) else None


def _by_completed_square(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """a x^2 + b x + c with numbers a, b and c that may be roots: a (x + b/(2 a))^2 + c - b^2/(4 a)."""
    if len(relation.symbols) != 1 or relation.op in ("==", "!="):
        return None
    (x,) = relation.symbols
    poly = relation.expression.as_poly(x)
    if poly is None or poly.degree() != 2 or all(c.is_Rational for c in poly.all_coeffs()):
        return None
    a, b, c = poly.all_coeffs()
    tree = Add(Mul(a, Pow(x + b / (2 * a), 2), evaluate=False), canonical(c - b**2 / (4 * a)), evaluate=False)
    step = step_for(relation, context, "signs", (), tree=tree)
    return step if follows(step) else None


def _base_of_root(expression: Expr, context: Context, prove: Prove) -> Step | None:
    """u > 0 for a root u^(p/q) or a power u^a, which is then positive too."""
    if not isinstance(expression, Pow) or expression.exp.is_Integer or not expression.base.free_symbols:
        return None
    return prove(Relation(expression.base, ">"), context)


def _defined(
    expression: Expr, context: Context, prove: Prove, known: tuple[Relation, ...] = ()
) -> tuple[Step, ...] | None:
    """Proofs of what the expression needs to be defined and is not given; None where one is missing."""
    if is_defined(expression, known or context.relations):
        return ()
    try:
        needed = natural_domain(expression)
    except InputError:
        return None
    steps = []
    for relation in needed:
        if not signs_of_tree(relation.expression, known or context.relations) <= SIGNS_OF[relation.op]:
            step = prove(relation, context)
            if step is None:
                return None
            steps.append(step)
    return tuple(steps)


def _strongest(expression: Expr, context: Context, prove: Prove) -> Step | None:
    for op in STRONGEST_FIRST:
        step = prove(Relation(expression, op), context)
        if step is not None:
            return step
    return None


def _by_decision(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """z3's word that the negation has no solution."""
    if len(relation.symbols) < 2 or not is_defined(relation.expression, context.relations):
        return None
    usable = tuple(r for r in context.relations if all(r.expression.is_polynomial(s) for s in r.symbols))
    if find_point((*usable, relation.negated())) is False:
        return step_for(relation, context, "decision_procedure")
    return None


def prove_infeasible(context: Context) -> Step | None:
    """A proof that no point satisfies the context: one relation of the region fails wherever the others hold.

    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> prove_infeasible(Context((Relation(x - 1, ">"), Relation(x + 1, "<")))).rule
    'contradiction'
    """
    for relation in context.region:
        others = Context(tuple(r for r in context.region if r != relation), context.condition)
        step = prove_relation(relation.negated(), others)
        if step is not None:
            return Step(context, Infeasible(), "contradiction", (step,), (("quantity", relation.expression),))
    return None


def sign_set(expression: Expr, context: Context) -> Signs:
    """The signs that the provers leave possible; cheap questions first."""
    step = _strongest(expression, context, Prove(prove_relation, -1))
    return (
        SIGNS_OF[step.claim.relation.op]
        if step is not None and isinstance(step.claim, Holds)
        else SIGNS_OF["!="] | {0}
    )


def simplified(expression: Expr) -> Expr:
    """The canonical form, or the expression itself when it is too large for one."""
    try:
        return canonical(expression)
    except NotExact:
        return expression
