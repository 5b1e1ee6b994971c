"""Curvature by rules: the table of atoms, sums, multiples, and one rule for putting functions together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, cast

from sympy import Abs, Add, Expr, Max, Min, Mul, Pow, S, Symbol, log, preorder_traversal

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_definition import choices, with_place
from symopt.derivation.checks_pieces import KINKS
from symopt.derivation.checks_region import KINDS, gradient_if_constant, kinds_of, slopes_if_constant
from symopt.derivation.claims import Context, Curved, RegionConvex, Step
from symopt.derivation.curvature_atoms import CURVATURE_ATOMS, WEIGHTS
from symopt.derivation.strictness import bends_everywhere, covers
from symopt.domain import natural_domain
from symopt.exact.dependence import free_symbols, is_polynomial, slopes_of_form, split
from symopt.exact.normal import TooLarge, Unsupported, as_polynomial
from symopt.reasoning.affine_change import simplifying_change
from symopt.reasoning.alike_terms import FEWEST, alike_terms
from symopt.reasoning.atoms import Match, determinants, matches, with_beta_functions
from symopt.reasoning.pieces import without_dominated
from symopt.reasoning.proposing import accepted, facts_for
from symopt.reasoning.second_order import centred_powers
from symopt.relation import Relation

MOST_TERMS: Final = 6  # of a factor that is multiplied out
MANY: Final = 8  # variables, beyond which no normal form of a whole objective is made
Fallback = Callable[[Expr], Step | None]


class Composition:
    """The composition rules over one cell: each subexpression is looked at once.

    `region` proves that the cell's region is convex, where that is not the whole space; `fallback` is asked for terms
    that no rule covers, `by_pieces` for functions with kinks, and `elsewhere` for functions of other variables.
    """

    def __init__(
        self,
        cell: Cell,
        variables: tuple[Symbol, ...],
        region: Step | None,
        fallback: Fallback,
        by_pieces: Fallback = lambda _: None,
        elsewhere: Callable[[Cell], Step | None] = lambda _: None,
    ) -> None:
        self.cell, self.variables, self.region, self.fallback = cell, variables, region, fallback
        self.by_pieces, self.elsewhere = by_pieces, elsewhere
        self.context, self._own = cell.context, frozenset(variables)
        self._places = {v: k for k, v in enumerate(variables)}
        self._known: dict[Expr, Step | None] = {}

    def curvature(self, expression: Expr) -> Step | None:
        """A proof that the expression is affine, convex or concave; None when no rule gives one."""
        if expression not in self._known:
            self._known[expression] = None
            self._known[expression] = self._curvature(expression)
        return self._known[expression]

    def _curvature(self, expression: Expr) -> Step | None:
        slopes = slopes_if_constant(expression, self._own)
        if slopes is not None:
            rest = expression.xreplace(dict.fromkeys(self.variables, S.Zero))
            coefficients = (*(slopes.get(v, S.Zero) for v in self.variables), rest)
            return self._step(expression, "affine", "affine", coefficients=coefficients)
        # A function at the top is hardly ever affine in disguise, and a long sum takes long to multiply out.
        is_long = len(expression.args) >= FEWEST
        early = _may_be_affine(expression, self._own) and not is_long
        affine = self.affine(expression) if early else None
        if affine is not None:
            return affine
        self.cell.budget.check()
        is_multiple = expression.is_Mul and bool(split(expression, self._own)[0].free_symbols)
        step = self._sum(expression) if is_multiple else None  # without cases of the powers of a product
        if step is not None:
            return step
        is_product, later = isinstance(expression, Mul), []
        for match in matches(expression, self.variables):
            if is_product and match.atom == "exp":  # its logarithm may be long
                later.append(match)
                continue
            step = self._atom(expression, match)
            if step is not None:
                return step
        step = self._distributed(expression) if is_product else None
        if step is not None:
            return step
        for match in later:
            step = self._atom(expression, match)
            if step is not None:
                return step
        positive = self._positive_forms() if self.context.region and not is_long else ()
        for match in determinants(expression, self.variables, positive) if positive else ():
            step = self._atom(expression, match)
            if step is not None:
                return step
        if not is_multiple and (expression.is_Add or split(expression, self._own)[0] != 1):
            step = self._sum(expression)
            if step is not None:
                return step
        if isinstance(expression, (log, Pow)):
            step = (
                self._without_content(expression)
                if isinstance(expression, log)
                else self._root_of_form(expression)
            )
            if step is not None:
                return step
        affine = None if early else self.affine(expression)
        if affine is not None:
            return affine
        if is_product and is_polynomial(expression, self._own):
            return self.fallback(expression)
        if not expression.has(*KINKS):
            return None
        whole = RegionConvex(self.variables)
        region = self.region or accepted(self.context, whole, "region_convex", order=())
        if region is None:
            return None
        step = without_dominated(expression, self.variables, self.cell, region, self.curvature)
        return step or self._greatest(expression) or self.by_pieces(expression)

    def _distributed(self, product: Mul) -> Step | None:
        """(a + b) c as a c + b c, each of one kind: (x^4 + y^4)/(x + y)^2."""
        sums = [factor for factor in product.args if isinstance(factor, Add)]
        if len(sums) != 1 or len(sums[0].args) > MOST_TERMS or is_polynomial(product, self._own):
            return None
        rest = Mul(*(factor for factor in product.args if factor is not sums[0]))
        steps: list[Step] = []
        for term in sums[0].args:
            step = self.curvature(term * rest)
            if step is None:
                return None
            steps.append(step)
        kinds = {cast(Curved, step.claim).kind for step in steps} - {"affine"}
        ones = tuple(S.One for _ in steps)
        return (
            self._step(product, kinds.pop(), "curvature_sum", steps, multiples=ones)
            if len(kinds) == 1
            else None
        )

    def _greatest(self, expression: Expr) -> Step | None:
        """a + c |u|, where u is not affine, as the greater of a + c u and a - c u; so too with a maximum."""
        nodes = (n for n in preorder_traversal(expression) if isinstance(n, (Abs, Max, Min)))
        node = next((n for n in nodes if any(not slopes_of_form(u) for u in n.args)), None)
        if node is None or not isinstance(expression, Add):
            return None
        place, _, slope = with_place(expression, node)
        try:
            if slope.free_symbols and slope.free_symbols.isdisjoint((*self._own, place)):
                self.cell.sign(slope)
            _, among = choices(expression, node, self.context.relations)
        except Rejected:
            return None
        steps = []
        for part in among:
            steps.append(self.curvature(part) or self.fallback(part))
            if steps[-1] is None:
                return None
        kinds = {cast(Curved, step.claim).kind for step in cast(list[Step], steps)} - {"affine"}
        kind = kinds.pop() if len(kinds) == 1 else ""
        return self._step(expression, kind, "greatest", cast(list[Step], steps), among=node) if kind else None

    def _without_content(self, logarithm: Expr) -> Step | None:
        """log(c u) as log(u) + log(c), with a rational number c."""
        content, rest = logarithm.args[0].primitive()
        inner = self.curvature(log(rest)) if content != 1 else None
        if inner is None:
            return None
        constant = self.affine(log(content))
        terms = () if constant is None else (inner, constant)
        kind = cast(Curved, inner.claim).kind
        return self._step(logarithm, kind, "curvature_sum", terms, multiples=(S.One, S.One))

    def _root_of_form(self, power: Pow) -> Step | None:
        """F^e for a convex form F of even degree d, where it may stand beside a number, and e >= 1/d."""
        base, exponent = power.base, power.exp
        if (
            not exponent.is_Rational
            or exponent.is_Integer
            or exponent < 0
            or not base.is_polynomial(*self._own)
        ):
            return None
        centred = centred_powers(base, self.variables)
        if centred is None or centred[0] * exponent < 1:
            return None
        bare = replace(self.cell, objective=base, context=Context((), self.context.condition))
        if simplifying_change(bare, self.variables) is not None:
            return None  # asked again in plainer variables
        inner = self.elsewhere(bare)
        premises = () if inner is None else (inner,)
        for strict in (True, False) if premises else ():
            claim = Curved(power, self.variables, "convex", strict)
            known = premises if self.region is None else (*premises, self.region)
            step = accepted(self.context, claim, "root_of_form", known, centre=centred[1])
            if step is not None:
                return step
        return None

    def _positive_forms(self) -> tuple[Expr, ...]:
        """The affine forms that the region says are positive, t of t > sqrt(w) among them."""
        turned = [r.expression if r.op == ">" else -r.expression for r in self.context.region if r.op in "<>"]
        whole = [Add(*(t for t in Add.make_args(e) if not _is_minus_root(t))) for e in turned]
        return tuple(dict.fromkeys(e for e in whole if slopes_if_constant(e, self._own)))

    def affine(self, expression: Expr) -> Step | None:
        """The affine form, as it stands or after simplifying."""
        slopes = gradient_if_constant(expression, self.variables)
        if slopes is not None:
            rest = expression.xreplace(dict.fromkeys(self.variables, S.Zero))
            return self._step(expression, "affine", "affine", coefficients=(*slopes, rest))
        if len(self.variables) > MANY and not is_polynomial(expression, self._own):
            return None
        try:
            poly = as_polynomial(expression, self.variables)
        except (TooLarge, Unsupported):
            return None
        if poly is None or poly.total_degree() > 1:
            return None
        rest = poly.coeff_monomial(1)
        slopes = tuple(poly.coeff_monomial(v) for v in self.variables)
        return self._step(expression, "affine", "affine", coefficients=(*slopes, rest))

    def _atom(self, expression: Expr, match: Match) -> Step | None:
        atom = CURVATURE_ATOMS[match.atom]
        exponents = match.constants[-2:] if atom.constants == WEIGHTS else match.constants
        for constant in dict.fromkeys((*match.weights, *match.constants)):
            if constant.free_symbols:
                self.cell.sign(constant)
                is_exponent = constant in exponents and not atom.name.startswith(("shifted", "trace"))
                if is_exponent and not atom.parity:
                    self.cell.sign(constant - 1)
        premises = []
        for position, argument in enumerate(match.arguments):
            if slopes_if_constant(argument, self._own) is None:
                inner = self.curvature(argument)
                wanted = atom.slope(position, len(match.arguments)) * atom.sign
                if inner is None:
                    return None
                claim = cast(Curved, inner.claim)
                if claim.kind != "affine" and wanted not in kinds_of(claim):
                    return None
                premises.append(inner)
        others = (argument for argument in match.arguments if slopes_of_form(argument) is None)
        needed = [r for argument in others for r in natural_domain(argument)]
        facts = facts_for((*needed, *atom.where(*match.arguments, *match.constants)), self.context)
        if facts is None:
            return None
        data = {"atom": match.atom, "arguments": match.arguments, "constants": match.constants}
        return self._step(
            expression, atom.curvature, "composition" if premises else "atom", (*premises, *facts), **data
        )

    def _sum(self, expression: Expr) -> Step | None:
        """Multiples of terms; those that share variables are taken together where one has no curvature."""
        alike, others = (
            alike_terms(expression, self.variables, self.cell, self.region, self.elsewhere)
            if len(Add.make_args(expression)) >= FEWEST
            else ((), ())
        )
        if len(alike) == 1 and not others:
            return alike[0]
        known = {cast(Curved, step.claim).objective: step for step in alike}
        rest = self._terms(Add(*others)) if others else []
        terms = [*((S.One, group) for group in known), *rest] if alike else []
        steps: list[Step | None] = [known.get(term) or self._of_term(term) for _, term in terms]
        single = terms if not alike else []
        if not alike or None in steps:
            terms = single = self._terms(expression)
            steps = [self._of_term(term) for _, term in terms]
        ways = (self._polynomials, self._groups, *((self._smooth,) if expression.has(*KINKS) else ()))
        for together in ways:
            if None in steps:
                terms = together(single)
                steps = [self.curvature(term) if term != expression else None for _, term in terms]
                steps = [step or self.fallback(term) for step, (_, term) in zip(steps, terms, strict=True)]
        kinds = self._kinds(steps, terms)
        if kinds is not None and len(kinds) > 1 and expression != self.cell.objective and single:
            groups = self._groups(single)  # log x - log sin x inside another function
            if all(len(free_symbols(group) & self._own) == 1 for _, group in groups):
                terms, steps = groups, [self.fallback(group) for _, group in groups]
                kinds = self._kinds(steps, terms)
        if kinds is None or len(kinds) > 1 or not steps:
            return None
        kind_name = {1: "convex", -1: "concave", 0: "affine"}[next(iter(kinds), 0)]
        multiples = tuple(multiple for multiple, _ in terms)
        if multiples == (S.One,) and terms[0][1] == expression:
            return steps[0]
        signs = facts_for(
            (
                Relation(m, op)
                for m in multiples
                if m.free_symbols
                for op in [{1: ">", -1: "<", 0: "=="}[self.cell.sign(m)]]
            ),
            self.context,
        )
        rule = "curvature_negation" if multiples == (S.NegativeOne,) else "curvature_sum"
        return self._step(
            expression, kind_name, rule, (*cast(list[Step], steps), *(signs or ())), multiples=multiples
        )

    def _kinds(self, steps: list[Step | None], terms: list[tuple[Expr, Expr]]) -> set[int] | None:
        """The directions in which multiples of the terms bend; None where that of one is not known."""
        kinds: set[int] = set()
        for step, (multiple, _) in zip(steps, terms, strict=True):
            if step is None:
                return None
            kind = KINDS[cast(Curved, step.claim).kind]
            kinds |= {self.cell.sign(multiple) * kind} - {0} if kind else set()
        return kinds

    def _of_term(self, term: Expr) -> Step | None:
        """The curvature of a term; of few among many variables in its own, so that no step names them all."""
        if len(self.variables) <= MANY or self.context.region:
            return self.curvature(term)
        used = free_symbols(term) & self._own
        if 2 * len(used) > len(self.variables):
            return self.curvature(term)
        own = tuple(sorted(used, key=self._places.__getitem__))
        inner = replace(self.cell, objective=term, variables=own)
        return Composition(inner, own, None, self.fallback, self.by_pieces, self.elsewhere).curvature(term)

    def _terms(self, expression: Expr) -> list[tuple[Expr, Expr]]:
        """The terms with their constant factors; affine ones together."""
        if not expression.is_Add:
            return [split(expression, self._own)]
        affine, others = [], []
        for term in Add.make_args(expression):
            if slopes_if_constant(term, self._own) is not None:
                affine.append(term)
            else:
                others.append(split(term, self._own))
        return with_beta_functions(others) + ([(S.One, Add(*affine))] if affine else [])

    def _polynomials(self, terms: list[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
        """The polynomial terms added up beside the others: x^2 + 2 x y + y^2 beside a norm."""
        whole = [factor * term for factor, term in terms if is_polynomial(term, self._own)]
        others = [pair for pair in terms if not is_polynomial(pair[1], self._own)]
        return [*others, (S.One, Add(*whole))] if others and len(whole) > 1 else self._groups(terms)

    def _smooth(self, terms: list[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
        """The terms without kinks added up beside those that have some: |x - y| + (x^4 + 6 x^2 y^2 + y^4)."""
        bent = [(factor, term) for factor, term in terms if term.has(*KINKS)]
        smooth = [factor * term for factor, term in terms if not term.has(*KINKS)]
        return [*bent, (S.One, Add(*smooth))] if bent and smooth else terms

    def _groups(self, terms: list[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
        """The terms added up so that no two groups share a variable."""
        groups: dict[int, tuple[set[Symbol], list[Expr]]] = {}
        place: dict[Symbol, int] = {}  # of the group that holds a variable
        for k, (factor, term) in enumerate(terms):
            own, parts = set(free_symbols(term) & self._own), [factor * term]
            for other in sorted({place[v] for v in own if v in place}):
                symbols, before = groups.pop(other)
                own, parts = own | symbols, [*before, *parts]
            groups[k] = own, parts
            place.update(dict.fromkeys(own, k))
        return [(S.One, Add(*parts)) for _, parts in groups.values()]

    def _step(
        self, expression: Expr, kind: str, rule: str, premises: Iterable[Step] = (), **data: object
    ) -> Step | None:
        """The step, strictly so where its directions of strict curvature span the space.

        What it is put together from is defined already; only where it is written differently f has to be looked at.
        """
        claim = Curved(expression, self.variables, kind)
        certificate = tuple(sorted(data.items()))
        known = (*premises,) if self.region is None else (*premises, self.region)
        lean = Step(self.context, claim, rule, tuple(dict.fromkeys(known)), certificate)
        strict = replace(lean, claim=replace(claim, strict=True))
        if kind != "affine" and self._is_strict(lean) and follows(strict):
            return strict
        if follows(lean):
            return lean
        step = accepted(self.context, claim, rule, lean.premises, **data)
        if step is None or kind == "affine":
            return step
        return accepted(self.context, replace(claim, strict=True), rule, step.premises, **data) or step

    def _is_strict(self, step: Step) -> bool:
        if step.rule == "greatest":
            return all(p.claim.strict for p in step.premises if isinstance(p.claim, Curved))
        return covers(step) or bends_everywhere(step, self.variables)


def _may_be_affine(expression: Expr, own: frozenset[Symbol]) -> bool:
    """Whether a sum, or a product of several moving factors, stands there, which may multiply out to an affine one."""
    if isinstance(expression, Mul):
        rest = split(expression, own)[1]
        return isinstance(rest, (Add, Mul))
    return isinstance(expression, Add)


def _is_minus_root(term: Expr) -> bool:
    factor, power = term.as_coeff_Mul()
    return bool(isinstance(power, Pow) and power.exp == S.Half and factor < 0)


__all__ = ["Composition"]
