"""Proofs of sign for polynomials: Sturm counts, given equations, completed squares, combinations of what is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Final, cast

from sympy import Add, Dummy, Expr, Mul, Poly, Pow, Rational, S, Symbol, expand, floor

from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Holds, Step
from symopt.exact.line import signs_where
from symopt.exact.multiplied import polynomial_or_none
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import is_rational
from symopt.exact.roots import real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.sum_of_squares import sum_of_squares, tree_of
from symopt.reasoning.z3_backend import nonnegative_combination
from symopt.relation import Relation


@dataclass(frozen=True)
class Prove:
    """What a prover asks its own questions of; `depth` says how many questions deep it is."""

    ask: Callable[[Relation, Context, int], Step | None]
    depth: int

    def __call__(self, relation: Relation, context: Context) -> Step | None:
        """A proof of the relation, one question deeper."""
        return self.ask(relation, context, self.depth + 1)


def step_for(
    relation: Relation, context: Context, rule: str, premises: tuple[Step, ...] = (), **data: object
) -> Step:
    """A step that proves a sign."""
    return Step(context, Holds(relation), rule, premises, tuple(sorted(data.items())))


MAX_FACTS: Final = 8
MAX_DEGREE: Final = 40
MAX_LINEAR: Final = 6
MAX_MULTIPLIERS: Final = 3
SMALLEST: Final = Rational(1, 1000)  # a number beyond it is left alone
MAX_NUMBERS: Final = 3  # such as pi in a combination
MAX_DEGREE_OF_SQUARES: Final = 12
MAX_SYMBOLS_OF_SQUARES: Final = 4
MAX_DEPTH_OF_SQUARES: Final = 2


def accepted(
    relation: Relation, context: Context, rule: str, premises: tuple[Step, ...] = (), **data: object
) -> Step | None:
    """The step if the checker's rule takes it: propose freely, let the check decide."""
    step = Step(context, Holds(relation), rule, premises, tuple(sorted(data.items())))
    return step if follows(step) else None


def prove_polynomial(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """The polynomial provers in turn, the most readable first."""
    symbols = sorted(relation.symbols, key=lambda symbol: symbol.name)
    poly = polynomial_or_none(relation.expression, *symbols) if symbols else None
    if poly is None or not (poly.domain.is_QQ or poly.domain.is_ZZ) or poly.total_degree() > MAX_DEGREE:
        return None
    if len(symbols) == 1:
        if _is_decided_by_roots(symbols[0], context):
            return _by_roots(relation, context, symbols[0])
        on_parts = accepted(relation, context, "sturm_parts", symbol=symbols[0])
        if on_parts is not None:
            return on_parts
    provers = (
        _by_linear_factors,
        _by_cofactor,
        _by_equations,
        _by_expansion,
        _by_completing_squares,
        _by_combination,
    )
    for prover in (*provers, _by_balanced_squares, _by_squares):
        step = prover(relation, context, prove)
        if step is not None:
            return step
    return None


def fails_on_line(relation: Relation, context: Context) -> bool:
    """Whether it is decided that the relation, a polynomial in one symbol, fails somewhere in the context.

    All that the context says of the symbol is such a polynomial too.
    """
    if len(relation.symbols) != 1:
        return False
    (symbol,) = relation.symbols
    touching = (relation, *(r for r in context.relations if symbol in r.symbols))
    polys = [polynomial_or_none(r.expression, symbol) if r.symbols == {symbol} else None for r in touching]
    if not all(poly is not None and is_rational(poly) for poly in polys):
        return False
    own, *given = (cast(Poly, poly) for poly in polys)
    try:
        signs = signs_where(own, [(p, SIGNS_OF[r.op]) for p, r in zip(given, touching[1:], strict=True)])
    except NotExact:
        return False
    return not signs <= SIGNS_OF[relation.op]


def _is_decided_by_roots(symbol: Symbol, context: Context) -> bool:
    """Whether rational bounds, or one equation, say all there is to say about the symbol: then roots decide."""
    touching = [r for r in context.relations if symbol in r.symbols]
    polys = [polynomial_or_none(r.expression, symbol) if r.symbols == {symbol} else None for r in touching]
    return all(
        poly is not None
        and is_rational(poly)
        and (relation.op == "==" or (poly.degree() == 1 and relation.op != "!="))
        for poly, relation in zip(polys, touching, strict=True)
    )


def _by_roots(relation: Relation, context: Context, symbol: Symbol) -> Step | None:
    """Sturm's count on the interval, or the sign at the root that an equation isolates."""
    for given in context.relations:
        if given.op == "==" and given.symbols == {symbol}:
            return accepted(relation, context, "root_sign", equation=given.expression)
    return accepted(relation, context, "sturm", symbol=symbol)


def _by_linear_factors(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """a (x - r_1) ... (x - r_n), where bounds of x that are no rational numbers tell the signs of the factors."""
    if len(relation.symbols) != 1:
        return None
    (symbol,) = relation.symbols
    bounds = [r.expression for r in context.relations if _is_linear_in(r.expression, symbol)]
    poly = cast(Poly, relation.expression.as_poly(symbol))
    if all(b.xreplace({symbol: S.Zero}).is_Rational for b in bounds) or poly.degree() > MAX_LINEAR:
        return None
    roots = [root.as_radical() for root in real_roots(poly, symbol)]
    if None in roots or len(roots) != poly.degree():
        return None
    parts = [_beyond(symbol, cast(Expr, root), bounds, context) for root in roots]
    return accepted(relation, context, "signs", tree=Mul(poly.LC(), *parts, evaluate=False))


def _beyond(symbol: Symbol, root: Expr, bounds: list[Expr], context: Context) -> Expr:
    """x - r written as (x - b) + (b - r), with a bound b that tells its sign."""
    for bound in bounds:
        slope = bound.coeff(symbol)
        shift = canonical(-bound.xreplace({symbol: S.Zero}) / slope - root)
        part = Add(Mul(1 / slope, bound, evaluate=False), shift, evaluate=False)
        if signs_of_tree(part, context.relations, rewriting=False) in (SIGNS_OF[">"], SIGNS_OF["<"]):
            return part
    return symbol - root


def _is_linear_in(expression: Expr, symbol: Symbol) -> bool:
    slope, rest = expression.coeff(symbol), expression.xreplace({symbol: S.Zero})
    one = expression.free_symbols == {symbol} and slope.is_Rational and slope != 0
    return bool(one and expression == slope * symbol + rest)


def _by_equations(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """Reduce modulo a given equation, in a symbol in which it is monic up to a number."""
    for given in context.relations:
        if given.op != "==" or not given.symbols & relation.symbols:
            continue
        for symbol in sorted(given.symbols & relation.symbols, key=str):
            divisor, dividend = (
                polynomial_or_none(given.expression, symbol),
                polynomial_or_none(relation.expression, symbol),
            )
            if (
                divisor is None
                or dividend is None
                or not divisor.LC().is_Rational
                or divisor.degree() > dividend.degree()
            ):
                continue
            quotient, remainder = dividend.div(divisor)
            if quotient.is_zero:
                continue
            premise = prove(Relation(expand(remainder.as_expr()), relation.op), context)
            if premise is not None:
                multiples = ((quotient.as_expr(), given.expression),)
                return accepted(relation, context, "given_equalities", (premise,), multiples=multiples)
    return None


def _by_cofactor(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """e = -s/c from a given c e + s = 0, where the signs of c and s are seen: r^2 - a from 4 r (r^2 - a) + b = 0."""
    for given in context.relations:
        shared = given.symbols & relation.symbols if given.op == "==" else frozenset()
        for symbol in sorted(shared, key=str):
            whole = polynomial_or_none(given.expression, symbol)
            part = polynomial_or_none(relation.expression, symbol)
            if whole is None or part is None or not 0 < part.degree() < whole.degree():
                continue
            if not part.LC().is_Rational:
                continue
            cofactor, rest = (p.as_expr() for p in whole.div(part))
            tree = Mul(-1, rest, Pow(cofactor, -1), evaluate=False)
            if not signs_of_tree(tree, context.relations) <= SIGNS_OF[relation.op]:
                continue
            premise = accepted(Relation(tree, relation.op), context, "signs", tree=tree)
            if premise is not None:
                multiples = ((1 / cofactor, given.expression),)
                return accepted(relation, context, "given_equalities", (premise,), multiples=multiples)
    return None


def _by_expansion(relation: Relation, context: Context, prove: Prove) -> Step | None:
    return accepted(relation, context, "signs", tree=expand(relation.expression))


def _by_completing_squares(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """a x^2 + b x + c = ((a x + b/2)^2 + a c - b^2/4)/a, in a symbol or an even power of one; without halves."""
    if relation.op == "==":
        return None
    for symbol in sorted(relation.symbols, key=str):
        poly = polynomial_or_none(relation.expression, symbol)
        if poly is None or poly.degree() % 2 or poly.degree() == 0:
            continue
        half = poly.degree() // 2
        powers = {monomial[0] for monomial in poly.monoms()}
        if not powers <= {0, half, 2 * half}:
            continue
        a, b, c = (poly.coeff_monomial(symbol**k) for k in (2 * half, half, 0))
        scale = 1 if all(k.is_Integer and k % 2 == 0 for k in b.as_coefficients_dict().values()) else 2
        wanted = relation.op[0] if relation.op != "!=" else None
        for side in (wanted,) if wanted else (">", "<"):
            lead = prove(Relation(a, cast(str, side)), context)
            if lead is None:
                continue
            rest = expand(scale**2 * (a * c - b**2 / 4))
            op = ">=" if relation.op.endswith("=") and relation.op != "!=" else ">"
            remainder = prove(Relation(rest, op), context)
            if remainder is None:
                continue
            square = Pow(scale * (a * symbol**half + b / 2), 2, evaluate=False)
            tree = Mul(Pow(scale**2 * a, -1), Add(square, rest, evaluate=False), evaluate=False)
            step = accepted(relation, context, "signs", (lead, remainder), tree=tree)
            if step is not None:
                return step
    return None


def _by_balanced_squares(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """a u^2 + b u w + k^2 a w^2 = a (u - k w)^2 + (b + 2 k a) u w with u w a square, as x^4 + c x^2 y^2 + y^4."""
    if relation.op not in (">=", "<="):
        return None
    turn = 1 if relation.op == ">=" else -1
    for s, t in combinations(sorted(relation.symbols, key=str), 2):
        poly = polynomial_or_none(turn * relation.expression, s, t)
        terms = sorted(poly.terms()) if poly is not None else []
        if len(terms) != 3 or any(power % 2 for monomial, _ in terms for power in monomial):
            continue
        (low, d), (middle, b), (high, a) = terms
        if any(2 * m != p + q for m, p, q in zip(middle, low, high, strict=True)):
            continue
        ratio = canonical(d / a)
        k = Pow(ratio, S.Half) if ratio.is_Rational and ratio > 0 else None
        if k is None or not k.is_Rational:
            continue
        u, w = (s ** (m[0] // 2) * t ** (m[1] // 2) for m in (high, low))
        both = expand(b + 2 * k * a)
        facts = tuple(prove(Relation(q, ">="), context) for q in (a, both) if q.free_symbols)
        if None in facts:
            continue
        square = Mul(a, Pow(u - k * w, 2, evaluate=False), evaluate=False)
        rest = Mul(
            both, Pow(s ** (middle[0] // 2) * t ** (middle[1] // 2), 2, evaluate=False), evaluate=False
        )
        tree = Mul(turn, Add(square, rest, evaluate=False), evaluate=False)
        step = accepted(relation, context, "signs", cast(tuple[Step, ...], facts), tree=tree)
        if step is not None:
            return step
    return None


def _by_squares(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """e = c + sum w_k g_k q_k^2 with w_k > 0 and given g_k >= 0, and c > 0 for a strict sign."""
    symbols = tuple(sorted(relation.symbols, key=str))
    if relation.op not in (">", ">=", "<", "<=") or prove.depth > MAX_DEPTH_OF_SQUARES:
        return None
    sign = 1 if relation.op[0] == ">" else -1
    target = expand(sign * relation.expression)
    poly = cast(Poly, target.as_poly(*symbols))
    if not 2 <= poly.total_degree() <= MAX_DEGREE_OF_SQUARES or len(symbols) > MAX_SYMBOLS_OF_SQUARES:
        return None
    turned = (
        (r.expression if r.op[0] == ">" else -r.expression) for r in context.relations if r.op[0] in "<>"
    )
    given = tuple(g for g in turned if g.is_polynomial() and g.free_symbols <= set(symbols))[:4]
    constant = poly.coeff_monomial(1)
    strict = relation.op in (">", "<")
    if strict and constant <= 0:
        return None
    for known in dict.fromkeys(((), given)):
        squares = sum_of_squares(target, symbols, known)
        if squares is None:
            continue
        for rest in (constant / 4, constant / 256) if strict else (S.Zero,):
            less = sum_of_squares(target - rest, symbols, known)
            if less is not None:
                terms = (*less, (rest, S.One, S.One)) if rest else less
                return accepted(relation, context, "signs", tree=tree_of(terms, sign))
    return None


def _by_combination(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """e = c_0 + sum c_k m_k with c_k >= 0 and m_k products of given quantities (Handelman, Krivine)."""
    if relation.op not in (">", ">=", "<", "<="):
        return None
    sign = 1 if relation.op[0] == ">" else -1
    symbols = tuple(sorted({s for r in context.relations for s in r.symbols} | relation.symbols, key=str))
    if len(symbols) > 8:
        return None
    given = []
    for r in context.relations:
        poly = polynomial_or_none(r.expression, *symbols)
        if poly is None or not (poly.domain.is_QQ or poly.domain.is_ZZ) or r.op == "!=":
            continue
        if r.op in (">", ">=", "=="):
            given.append(r.expression)
        if r.op in ("<", "<=", "=="):
            given.append(-r.expression)
    given = given[:MAX_FACTS]
    squares = [s**2 for s in symbols]
    degree = max(2, relation.expression.as_poly(*symbols).total_degree())
    pairs = [Mul(a, b, evaluate=a != b) for a, b in combinations_with_replacement(given, 2)]
    candidates = [S.One, *given, *squares, *pairs]
    if degree == 2 and relation.expression.is_Add:
        candidates.append(relation.expression**2)  # u - v > 0 from u > 0 and u^2 > v^2
    if degree > 2:
        candidates += [Mul(a, b) for a in given for b in squares] + [s**4 for s in symbols]
    columns = []
    for candidate in candidates:
        poly = Poly(candidate, *symbols)
        columns.append({m: Rational(c) for m, c in poly.terms() if c != 0})
    strict = None
    if relation.op in (">", "<"):
        positive = SIGNS_OF[">"]
        strict = [signs_of_tree(cast(Expr, c), context.relations) <= positive for c in candidates]
    for multiplier in (S.One, *_positive_forms(context)):
        whole = Poly(relation.expression * multiplier, *symbols)
        target = {m: Rational(sign * c) for m, c in whole.terms() if c != 0}
        weights = nonnegative_combination(columns, target, strict)
        if weights is not None:
            terms = [
                Mul(sign * w, c, evaluate=False) for w, c in zip(weights, candidates, strict=True) if w != 0
            ]
            tree = Add(*terms, evaluate=False) if len(terms) != 1 else terms[0]
            tree = tree if multiplier == 1 else Mul(tree, Pow(multiplier, -1), evaluate=False)
            return accepted(relation, context, "signs", tree=tree)
    return None


def _positive_forms(context: Context) -> list[Expr]:
    """Given positive forms of degree 1, by which to multiply: x z > y^2 and x > 0 give z > 0."""
    turned = [r.expression if r.op == ">" else -r.expression for r in context.relations if r.op in "<>"]
    polys = {e: polynomial_or_none(e, *e.free_symbols) for e in turned if e.free_symbols}
    forms = [e for e, p in polys.items() if p is not None and is_rational(p) and p.total_degree() == 1]
    return forms[:MAX_MULTIPLIERS] if len(forms) < len(context.relations) else []


def prove_with_constants(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """An affine e = sum w_k m_k with w_k >= 0, of given affine quantities and of numbers such as pi, between bounds."""
    numbers = _irrational(relation.expression)
    for r in context.relations if relation.op in (">", ">=", "<", "<=") else ():
        numbers += [n for n in _irrational(r.expression) if n not in numbers]
    if not 1 <= len(numbers) <= MAX_NUMBERS:
        return None
    names = {n: Dummy(real=True) for n in numbers}
    symbols = sorted({s for r in context.relations for s in r.symbols} | relation.symbols, key=str)
    unknowns = (*symbols, *names.values())

    def columns_of(expression: Expr) -> dict[tuple[int, ...], Rational] | None:
        poly = polynomial_or_none(expression.xreplace(names), *unknowns)
        if poly is None or poly.total_degree() > 1 or not (poly.domain.is_QQ or poly.domain.is_ZZ):
            return None
        return {m: Rational(c) for m, c in poly.terms() if c != 0}

    sign = 1 if relation.op[0] == ">" else -1
    target = columns_of((sign * relation.expression).expand())
    given = [r.expression if r.op[0] == ">" else -r.expression for r in context.relations if r.op[0] in "<>"]
    candidates = [S.One]
    for number in numbers:
        low = Rational(floor(8 * number), 8)
        candidates += [number - low, low + Rational(1, 8) - number]
    pairs = [(c, columns_of(c.expand())) for c in (*candidates, *given[:MAX_FACTS])]
    kept = [(candidate, column) for candidate, column in pairs if column is not None]
    if target is None or len(kept) == len(candidates):
        return None
    strict = None
    if relation.op in (">", "<"):
        strict = [signs_of_tree(c, context.relations) <= SIGNS_OF[">"] for c, _ in kept]
    weights = nonnegative_combination([column for _, column in kept], target, strict)
    if weights is None:
        return None
    terms = [Mul(sign * w, c, evaluate=False) for w, (c, _) in zip(weights, kept, strict=True) if w != 0]
    tree = Add(*terms, evaluate=False) if len(terms) != 1 else terms[0]
    return accepted(relation, context, "signs", tree=tree)


def _irrational(expression: Expr) -> list[Expr]:
    """The numbers of a sum that are not rational, such as pi or sqrt(2), each without its rational factor."""
    terms = (term.as_coeff_Mul()[1] for term in Add.make_args(expression.expand()))
    numbers = dict.fromkeys(t for t in terms if not t.is_Rational and not t.free_symbols and t.is_real)
    return [number for number in numbers if SMALLEST < abs(number.evalf(15)) < 1 / SMALLEST]
