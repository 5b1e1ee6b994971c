"""Curvature from the definition: w f(p) + (1 - w) f(q) - f(w p + (1 - w) q), written so that its sign shows.

Quadratics by completed squares, norms by the triangle inequality, maxima and sums by their parts, and other rational
functions by the factors of the difference. Exponentials and logarithms have no proof of this kind here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Add, Dummy, Expr, Max, Min, Mul, S, Symbol, sqrt

from symopt.cases import Cell
from symopt.derivation.checks_definition import OPS, difference
from symopt.derivation.checks_region import KINDS
from symopt.derivation.claims import Context, Curved, Step, Vector
from symopt.derivation.rules import RULES
from symopt.exact.gates import operations
from symopt.exact.normal import TooLarge, Unsupported, as_polynomial
from symopt.reasoning.composition import Composition
from symopt.reasoning.proposing import accepted, facts_for, holds_by_tree
from symopt.reasoning.quadratic import as_sum_of_squares, signature
from symopt.reasoning.second_order import factored
from symopt.reasoning.sign import prove_relation
from symopt.relation import Relation

POINTS: Final = (("p", "q"), ("u", "v"), ("a", "b"), ("r", "s"))
WEIGHTS: Final = ("w", "t", "h", "m")
MAX_OPERATIONS: Final = 60  # of a term whose difference is factored


class Definition:
    """The proofs from the definition over one cell, whose region is convex; affine parts are seen by the rules."""

    def __init__(self, cell: Cell, variables: tuple[Symbol, ...], region: Step, rules: Composition) -> None:
        self.cell, self.variables, self.region, self.rules = cell, variables, region, rules

    def curvature(self, expression: Expr) -> Step | None:
        """A proof that the expression is affine, convex or concave; None when there is none of this kind."""
        self.cell.budget.check()
        affine = self.rules.affine(expression)
        if affine is not None:
            return affine
        multiple = expression.as_independent(*self.variables, as_Add=False)[0]
        step = self._quadratic(expression)
        if step is None and not expression.is_Add and multiple.is_Rational:
            step = self._rational(expression)
        return step or self._sum(expression) or self._term(expression)

    def _term(self, expression: Expr) -> Step | None:
        return self._norm(expression) or self._greatest(expression) or self._rational(expression)

    def _quadratic(self, expression: Expr) -> Step | None:
        """A = L D L^T: the difference is w (1 - w) times the sum of d (a.(p - q))^2."""
        try:
            poly = as_polynomial(expression, self.variables)
        except (TooLarge, Unsupported):
            return None
        if poly is None or poly.total_degree() != 2:
            return None
        n = len(self.variables)
        matrix = [[S.Zero] * n for _ in range(n)]
        for monomial, coefficient in poly.terms():
            places = [i for i, power in enumerate(monomial) for _ in range(power)]
            if len(places) == 2:
                i, j = places
                matrix[i][j] += coefficient / 2
                matrix[j][i] += coefficient / 2
        found = signature(tuple(map(tuple, matrix)), self.cell.sign)
        if found.lower is None or found.diagonal is None or (found.up is None) == (found.down is None):
            return None
        squares = tuple(
            (d, tuple(found.lower[j][k] for j in range(n)))
            for k, d in enumerate(found.diagonal)
            if self.cell.sign(d) != 0
        )
        kind = "convex" if found.down is None else "concave"
        facts = facts_for((Relation(d, OPS[kind][0]) for d, _ in squares), self._everywhere) or ()
        return self._step(expression, kind, "definition", facts, **self._points(expression), squares=squares)

    @property
    def _everywhere(self) -> Context:
        return Context((), self.cell.context.condition)

    def _sum(self, expression: Expr) -> Step | None:
        """Multiples of terms, those of degree at most 2 together."""
        plain, terms = [], []
        for term in Add.make_args(expression):
            try:
                poly = as_polynomial(term, self.variables)
            except (TooLarge, Unsupported):
                poly = None
            if poly is not None and poly.total_degree() <= 2:
                plain.append(term)
            else:
                terms.append(term.as_independent(*self.variables, as_Add=False))
        if plain:
            terms.append((S.One, Add(*plain)))
        if len(terms) == 1 and terms[0][0] == 1:
            return None
        steps = [self.curvature(term) for _, term in terms]
        kinds = set()
        for step, (multiple, _) in zip(steps, terms, strict=True):
            if step is None:
                return None
            kind = KINDS[cast(Curved, step.claim).kind]
            kinds |= {self.cell.sign(multiple) * kind} - {0} if kind else set()
        if len(kinds) > 1:
            return None
        kind_name = {1: "convex", -1: "concave", 0: "affine"}[next(iter(kinds), 0)]
        ops = {1: ">", -1: "<", 0: "=="}
        signs = facts_for(
            (Relation(m, ops[self.cell.sign(m)]) for m, _ in terms if m.free_symbols), self.cell.context
        )
        multiples = tuple(multiple for multiple, _ in terms)
        rule = "curvature_negation" if multiples == (S.NegativeOne,) else "curvature_sum"
        premises = (*cast(list[Step], steps), *(signs or ()))
        return self._step(expression, kind_name, rule, premises, multiples=multiples)

    def _norm(self, expression: Expr) -> Step | None:
        """|u|, or the root of a sum of squares of affine functions and of a constant."""
        if isinstance(expression, Abs):
            return self._step(expression, "convex", "triangle_inequality", arguments=expression.args)
        if expression.is_Pow and expression.exp == S.Half:
            squares = as_sum_of_squares(expression.base, self.variables)
            if squares is not None:
                forms, rest = squares
                forms = (*forms, *((sqrt(rest),) if rest != 0 else ()))
                return self._step(expression, "convex", "triangle_inequality", arguments=forms)
        return None

    def _greatest(self, expression: Expr) -> Step | None:
        if not isinstance(expression, (Max, Min)):
            return None
        steps = [self.curvature(argument) for argument in expression.args]
        if None in steps:
            return None
        kind = "convex" if isinstance(expression, Max) else "concave"
        return self._step(expression, kind, "greatest", cast(list[Step], steps))

    def _rational(self, expression: Expr) -> Step | None:
        """The difference as a product of factors whose signs are seen; only what a reader can follow."""
        if not expression.is_rational_function(*self.variables) or operations(expression) > MAX_OPERATIONS:
            return None
        data = self._points(expression)
        p, q, w = cast(Vector, data["p"]), cast(Vector, data["q"]), cast(Symbol, data["weight"])
        try:
            gap = factored(difference(expression, self.variables, p, q, w))
        except (TooLarge, Unsupported):
            return None
        inside = tuple(
            relation.at(dict(zip(self.variables, point, strict=True)))
            for point in (p, q)
            for relation in self.cell.context.region
        )
        between = Context((*inside, Relation(w, ">"), Relation(1 - w, ">")), self.cell.context.condition)
        apart = between.with_region(Relation(p[0] - q[0], "!="))
        for kind, (strictly, weakly) in OPS.items():
            tried = ((True, strictly, apart),) if len(p) == 1 else ()
            for strict, op, context in (*tried, (False, weakly, between)):
                sign = self._by_squares(gap, p, q, w, op, context) or prove_relation(
                    Relation(gap, op), context
                )
                if sign is None or not all(RULES[s.rule].readable for s in sign.walk()):
                    continue
                claim = Curved(expression, self.variables, kind, strict)
                premises = (sign, self.region)
                step = accepted(self.cell.context, claim, "definition", premises, **data, difference=gap)
                if step is not None:
                    return step
        return None

    def _by_squares(
        self, gap: Expr, p: Vector, q: Vector, w: Symbol, op: str, context: Context
    ) -> Step | None:
        """A fourth power: the difference as w (1 - w) d^2 (a (r + b d + c)^2 + e d^2), with d = p - q and r between."""
        if len(p) != 1:
            return None
        r, d = Dummy("r", real=True), Dummy("d", real=True)
        moved = gap.xreplace({p[0]: r + (1 - w) * d, q[0]: r - w * d})
        try:
            poly = as_polynomial(moved / (w * (1 - w) * d**2), (r, d))
        except (TooLarge, Unsupported):
            return None
        if poly is None or poly.total_degree() != 2:
            return None
        a, b = poly.coeff_monomial(r**2), poly.coeff_monomial(r * d)
        shift = b * d + poly.coeff_monomial(r)
        if not a.is_Rational or a == 0:
            return None
        rest = (poly.as_expr() - a * (r + shift / (2 * a)) ** 2).expand()
        e = factored(rest.coeff(d, 2))
        if (rest - e * d**2).expand() != 0:
            return None
        back = {r: w * p[0] + (1 - w) * q[0], d: p[0] - q[0]}
        inside = a * (r + factored(shift / (2 * a))) ** 2 + e * d**2
        tree = Mul(w, 1 - w, (d**2).xreplace(back), inside.xreplace(back), evaluate=False)
        facts = facts_for((Relation(e, op),), context)
        return None if facts is None else holds_by_tree(Relation(gap, op), context, tree, facts)

    def _points(self, expression: Expr) -> dict[str, object]:
        """Letters for the two points and the weight that are not in use."""
        used = {s.name for s in expression.free_symbols.union(self.variables)}
        used |= {s.name for r in self.cell.context.relations for s in r.symbols}
        n = len(self.variables)
        first, second = next(
            (pair for pair in POINTS if not any(name.rstrip("0123456789_") in pair for name in used)),
            ("p_", "q_"),
        )
        weight = next((name for name in WEIGHTS if name not in used), "w_")
        ends = [""] if n == 1 else [str(k) for k in range(1, n + 1)]
        p, q = (tuple(Symbol(f"{letter}{end}", real=True) for end in ends) for letter in (first, second))
        return {"p": p, "q": q, "weight": Symbol(weight, real=True)}

    def _step(
        self,
        expression: Expr,
        kind: str,
        rule: str,
        premises: tuple[Step, ...] | list[Step] = (),
        **data: object,
    ) -> Step | None:
        """The step, strictly so when the check lets it."""
        claim = Curved(expression, self.variables, kind)
        step = accepted(self.cell.context, claim, rule, (*premises, self.region), **data)
        if step is None or kind == "affine":
            return step
        strict = replace(claim, strict=True)
        return accepted(self.cell.context, strict, rule, step.premises, **data) or step
