"""All solutions of a system of equations in a region, as a derivation: every solution lies on a listed branch.

The solver works top down. Each move (factor, solve for one unknown, count roots, invert, eliminate) is one rule of the
checker; moves that need the sign of a quantity in the parameters ask the cell, which splits where the sign is open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Final, cast

from sympy import Add, Expr, Mul, Pow, Rational, S, Symbol, default_sort_key, sqrt

from symopt.cases import Cell
from symopt.derivation.claims import Branch, Context, Cover, Number, Step
from symopt.exact.elimination import zero_set_basis
from symopt.exact.normal import NotExact, canonical, factors
from symopt.exact.roots import RealRoot, real_roots
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation
from symopt.stationary.equations import (
    geometric,
    has_number_slope,
    separating_forms,
    slope_in,
)
from symopt.stationary.kernels import by_inverse, by_kernel
from symopt.stationary.steps import contradicted, cover_step, vanishes, with_equations
from symopt.stationary.zeros import isolate_zeros

MAX_BRANCHES: Final = 64
MAX_MOVES: Final = 400
MAX_SUM: Final = 8
FAMILY_NAMES: Final = ("t", "s", "u", "v", "w")


class Unsolved(Exception):
    """The equations could not be solved; the message says where it ended."""


@dataclass
class Solver:
    """One question's solver: the cell that answers signs, and names not yet used."""

    cell: Cell
    used: set[str]
    moves: int = 0
    _numbers: count[int] = field(default_factory=lambda: count(0))

    def solve(self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context) -> Step:
        """A step whose claim is `Cover(equations, unknowns, branches)`; Unsolved where the moves end."""
        self.cell.budget.check()
        self.moves += 1
        if self.moves > MAX_MOVES:
            raise Unsolved("too many moves")
        contradiction = contradicted(context)
        if contradiction is not None:
            return cover_step(context, (), unknowns, (), "cover_none", (contradiction,))
        open_equations = tuple(e for e in dict.fromkeys(equations) if not vanishes(e))
        if not open_equations:
            return self._free(unknowns, context)
        for move in (
            self._never_zero,
            self._sum,
            self._factors,
            self._linear,
            self._univariate,
            self._elimination,
            self._split,
        ):
            step = move(open_equations, unknowns, context)
            if step is not None:
                return step
        raise Unsolved(f"no method for {open_equations[0]} = 0")

    def fresh(self, names: tuple[str, ...]) -> Symbol:
        """A real symbol whose name is not in use."""
        for name in (*names, *(f"{names[0]}{k}" for k in range(1, 1000))):
            if name not in self.used:
                self.used.add(name)
                return Symbol(name, real=True)
        raise Unsolved("no name is left")

    def nonzero(self, quantity: Expr, context: Context, unknowns: tuple[Symbol, ...]) -> Step | bool | None:
        """A proof that the quantity is not zero, False when it is zero, None when open; splits the cell on parameters."""
        step = prove_relation(Relation(quantity, "!="), context)
        if step is not None:
            return step
        if prove_relation(Relation(quantity, "=="), context) is not None:
            return False
        if quantity.free_symbols <= self.cell.parameters and not self.cell.is_nonzero(quantity):
            return False
        return prove_relation(Relation(quantity, "!="), context)

    def sign(self, quantity: Expr, context: Context) -> tuple[int, Step]:
        """The sign of a quantity in the context, splitting the cell when it is a matter of the parameters."""
        found = prove_sign(quantity, context)
        if found is None and quantity.free_symbols <= self.cell.parameters:
            self.cell.sign(quantity)
            found = prove_sign(quantity, context)
        if found is None:
            raise Unsolved(f"the sign of {quantity} is not known")
        return found

    def _free(self, unknowns: tuple[Symbol, ...], context: Context) -> Step:
        if not unknowns:
            return cover_step(context, (), (), (Branch(()),), "cover_free")
        symbols = tuple(self.fresh(FAMILY_NAMES) for _ in unknowns)
        names = dict(zip(unknowns, symbols, strict=True))
        where = tuple(
            r.at(cast("dict[Symbol, Expr]", names)) for r in context.region if r.symbols & set(unknowns)
        )
        branch = Branch(tuple(names.items()), (), tuple((s, "real") for s in symbols), where)
        return cover_step(context, (), unknowns, (branch,), "cover_free")

    def _never_zero(
        self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context
    ) -> Step | None:
        for equation in equations:
            if not equation.free_symbols & set(unknowns):
                known = self.nonzero(equation, context, unknowns)
                if isinstance(known, Step):
                    return cover_step(context, equations, unknowns, (), "cover_none", (known,))
                if known is False:
                    rest = tuple(e for e in equations if e != equation)
                    return self.solve(rest, unknowns, context)
            else:
                step = (
                    prove_relation(Relation(equation, "!="), context) if equation.count_ops() < 60 else None
                )
                if step is not None:
                    return cover_step(context, equations, unknowns, (), "cover_none", (step,))
        return None

    def _factors(
        self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context
    ) -> Step | None:
        """Split on the factors of an equation, dropping those that are never zero."""
        for index, equation in enumerate(equations):
            try:
                constant, parts = factors(equation)
            except NotExact:
                continue
            live, premises, rest = [], [], [constant]
            for base, power in parts:
                step = self._factor_nonzero(base, context, unknowns)
                if step is not None:
                    premises.append(step)
                    rest.append(Pow(base, power))
                elif power > 0:
                    live.append((base, power))
                else:
                    raise Unsolved(f"the denominator {base} may vanish")
            if live == [(equation, 1)] and not premises:
                continue
            if not live:
                continue
            branches: list[Branch] = []
            covers = []
            for base, _ in sorted(live, key=lambda part: (part[0].count_ops(), default_sort_key(part[0]))):
                step = self.solve((*equations[:index], base, *equations[index + 1 :]), unknowns, context)
                covers.append(step)
                branches += cast(Cover, step.claim).branches
            return cover_step(
                context,
                equations,
                unknowns,
                tuple(dict.fromkeys(branches)),
                "cover_factors",
                (*premises, *covers),
                index=index,
                factors=tuple(live),
                rest=Mul(*rest),
            )
        return None

    def _sum(
        self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context
    ) -> Step | None:
        """A sum of terms of one sign: every term vanishes."""
        for index, equation in enumerate(equations):
            terms = Add.make_args(equation)
            if len(terms) < 2 or len(terms) > MAX_SUM:
                continue
            signs = [signs_of_tree(term, context.relations) for term in terms]
            if not (all(s <= SIGNS_OF[">="] for s in signs) or all(s <= SIGNS_OF["<="] for s in signs)):
                continue
            replaced = (*equations[:index], *terms, *equations[index + 1 :])
            step = with_equations(self.solve(replaced, unknowns, context), replaced)
            branches = cast(Cover, step.claim).branches
            return cover_step(
                context, equations, unknowns, branches, "cover_sum", (step,), index=index, terms=terms
            )
        return None

    def _factor_nonzero(self, base: Expr, context: Context, unknowns: tuple[Symbol, ...]) -> Step | None:
        if base.free_symbols & set(unknowns):
            return prove_relation(Relation(base, "!="), context)
        known = self.nonzero(base, context, unknowns)
        return known if isinstance(known, Step) else None

    def _linear(
        self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context
    ) -> Step | None:
        """Solve an equation for an unknown in which it is linear with a coefficient that is not zero."""
        candidates = []
        for index, equation in enumerate(equations):
            for symbol in unknowns:
                slope = slope_in(equation, symbol)
                if slope is not None and not slope.is_zero:
                    weight = (
                        len(equation.free_symbols & set(unknowns)),
                        slope.count_ops(),
                        equation.count_ops(),
                    )
                    candidates.append((not slope.is_number, weight, index, unknowns.index(symbol), slope))
        for _, _, index, place, slope in sorted(candidates, key=lambda c: (c[0], c[1], c[2], c[3])):
            symbol = unknowns[place]
            if slope.free_symbols & set(unknowns):
                known: Step | bool | None = prove_relation(Relation(slope, "!="), context)
            else:
                known = self.nonzero(slope, context, unknowns)
            if isinstance(known, Step):
                offset = canonical(equations[index].xreplace({symbol: S.Zero}))
                value = canonical(-offset / slope)
                return self._follow(
                    equations,
                    unknowns,
                    context,
                    index,
                    symbol,
                    ((value, ()),),
                    "cover_linear",
                    (known,),
                    rest=slope,
                )
            if known is False:
                reduced = canonical(equations[index] - slope * symbol)
                replaced = (*equations[:index], reduced, *equations[index + 1 :])
                return self.solve(replaced, unknowns, context)
        return None

    def _univariate(
        self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context
    ) -> Step | None:
        """Solve an equation in one unknown alone."""
        for index, equation in enumerate(equations):
            inside = [u for u in unknowns if equation.has(u)]
            if len(inside) != 1:
                continue
            symbol = inside[0]
            for method in (
                self._roots,
                self._quadratic,
                self._power,
                self._by_kernels,
                self._variation,
            ):
                step = method(equations, unknowns, context, index, symbol)
                if step is not None:
                    return step
        return None

    def _roots(
        self,
        equations: tuple[Expr, ...],
        unknowns: tuple[Symbol, ...],
        context: Context,
        index: int,
        symbol: Symbol,
    ) -> Step | None:
        if equations[index].free_symbols != {symbol}:
            return None
        poly = equations[index].as_poly(symbol)
        if poly is None or not (poly.domain.is_QQ or poly.domain.is_ZZ):
            return None
        values = tuple(self._value_of(root) for root in real_roots(poly, symbol))
        return self._follow(equations, unknowns, context, index, symbol, values, "cover_roots")

    def _value_of(self, root: RealRoot) -> tuple[Expr, tuple[Number, ...]]:
        radical = root.as_radical()
        if radical is not None:
            return radical, ()
        name = self.fresh(tuple("rqzw"))
        refined = root.refined(Rational(1, 1024))
        number = Number(name, root.polynomial.xreplace({root.symbol: name}), root.index, refined.interval)
        return name, (number,)

    def _quadratic(
        self,
        equations: tuple[Expr, ...],
        unknowns: tuple[Symbol, ...],
        context: Context,
        index: int,
        symbol: Symbol,
    ) -> Step | None:
        poly = equations[index].as_poly(symbol)
        if poly is None or poly.degree() != 2 or any(c.has(*unknowns) for c in poly.all_coeffs()):
            return None
        a, b, c = poly.all_coeffs()
        lead = self.nonzero(a, context, unknowns)
        if not isinstance(lead, Step):
            return None
        discriminant = canonical(b**2 - 4 * a * c)
        sign, step = self.sign(discriminant, context)
        premises = (lead, step)
        if sign < 0:
            never = prove_relation(Relation(equations[index], "!="), context)
            return (
                None
                if never is None
                else cover_step(context, equations, unknowns, (), "cover_none", (never,))
            )
        if sign == 0:
            value = canonical(-b / (2 * a))
            values: tuple[Expr, ...] = (value, value)
        else:
            reduced = canonical(discriminant / (4 * a**2))
            root = sqrt(reduced)
            centre = canonical(-b / (2 * a))
            values = (centre - root, centre + root)
        return self._follow(
            equations,
            unknowns,
            context,
            index,
            symbol,
            tuple((v, ()) for v in values),
            "cover_linear",
            premises,
            rest=a,
        )

    def _power(
        self,
        equations: tuple[Expr, ...],
        unknowns: tuple[Symbol, ...],
        context: Context,
        index: int,
        symbol: Symbol,
    ) -> Step | None:
        """a x^n + c = 0: one real root for odd n, none or two for even n."""
        poly = equations[index].as_poly(symbol)
        if poly is None or poly.degree() < 3 or {m[0] for m in poly.monoms()} - {0, poly.degree()}:
            return None
        if any(c.has(*unknowns) for c in poly.all_coeffs()):
            return None
        n, a = poly.degree(), poly.LC()
        lead = self.nonzero(a, context, unknowns)
        if not isinstance(lead, Step):
            return None
        level = canonical(-poly.TC() / a)
        sign, step = self.sign(level, context)
        if n % 2 == 0 and sign < 0:
            never = prove_relation(Relation(equations[index], "!="), context)
            return (
                None
                if never is None
                else cover_step(context, equations, unknowns, (), "cover_none", (never,))
            )
        if sign == 0:
            return None
        size = (level if sign > 0 else -level) ** Rational(1, n)
        values = (-size, size) if n % 2 == 0 else (sign * size,)
        rest = canonical(a * sum(geometric(symbol, v, n) for v in values[-1:]))
        if n % 2 == 0:
            rest = canonical(
                a * sum((symbol ** (n - 2 - 2 * k) * size ** (2 * k) for k in range(n // 2)), S.Zero)
            )
        definite = prove_relation(Relation(rest, "!="), context)
        if definite is None:
            return None
        return self._follow(
            equations,
            unknowns,
            context,
            index,
            symbol,
            tuple((v, ()) for v in values),
            "cover_linear",
            (lead, step, definite),
            rest=rest,
        )

    def _by_kernels(
        self,
        equations: tuple[Expr, ...],
        unknowns: tuple[Symbol, ...],
        context: Context,
        index: int,
        symbol: Symbol,
    ) -> Step | None:
        """Invert a monotone function, or solve for a kernel first."""
        inverse = by_inverse(self, equations, unknowns, context, index, symbol)
        return inverse or by_kernel(self, equations, unknowns, context, index, symbol)

    def within(self, cover: Step, context: Context, relations: tuple[Relation, ...]) -> Step:
        """The cover without the branches that break one of the relations (all are relations of the context)."""
        claim = cast(Cover, cover.claim)
        kept, premises = [], []
        for branch in claim.branches:
            place = Context((), context.condition + branch.relations)
            for relation in relations:
                at_branch = relation.at(branch.values)
                if prove_relation(at_branch, place) is not None:
                    continue
                broken = prove_relation(at_branch.negated(), place)
                if broken is None and at_branch.symbols <= self.cell.parameters and at_branch.symbols:
                    self.cell.sign(at_branch.expression)
                    broken = prove_relation(at_branch.negated(), place)
                if broken is not None:
                    premises.append(broken)
                    break
            else:
                kept.append(branch)
        if len(kept) == len(claim.branches):
            return cover
        return cover_step(
            context, claim.equations, claim.unknowns, tuple(kept), "cover_outside", (cover, *premises)
        )

    def _variation(
        self,
        equations: tuple[Expr, ...],
        unknowns: tuple[Symbol, ...],
        context: Context,
        index: int,
        symbol: Symbol,
    ) -> Step | None:
        """The zeros of a function of one variable that no formula gives, isolated between monotone pieces."""
        if equations[index].free_symbols != {symbol}:
            return None
        found = isolate_zeros(equations[index], symbol, context, self.fresh)
        if found is None:
            return None
        pieces, premises = found
        values = tuple((number.symbol, (number,)) for _, _, number in pieces if number is not None)
        return self._follow(
            equations, unknowns, context, index, symbol, values, "cover_variation", premises, pieces=pieces
        )

    def _elimination(
        self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context
    ) -> Step | None:
        """A polynomial system over Q with finitely many zeros: all unknowns as polynomials in one algebraic number."""
        if len(equations) < len(unknowns) or any(e.free_symbols - set(unknowns) for e in equations):
            return None
        helper = self.fresh(("h",))
        for form in separating_forms(unknowns):
            separating = (helper, form)
            try:
                basis = zero_set_basis(equations, unknowns, separating)
            except NotExact:
                return None
            shape = [e for e in basis if e.free_symbols == {helper}]
            solved = {
                u: e
                for u in unknowns
                for e in basis
                if has_number_slope(e, u) and not (e.free_symbols - {u, helper})
            }
            if basis == (1,):
                picked: tuple[Expr, ...] = (S.One,)
            elif len(shape) != 1 or len(solved) != len(unknowns):
                continue
            else:
                picked = (*solved.values(), shape[0])
            order = (*unknowns, helper)
            step = self.solve(picked, order, context)
            branches = tuple(
                Branch(tuple((u, v) for u, v in b.at if u != helper), b.numbers, b.free, b.where)
                for b in cast(Cover, step.claim).branches
            )
            return cover_step(
                context, equations, unknowns, branches, "cover_ideal", (step,), separating=separating
            )
        return None

    def _split(
        self, equations: tuple[Expr, ...], unknowns: tuple[Symbol, ...], context: Context
    ) -> Step | None:
        """An equation linear in an unknown whose coefficient may vanish: solve where it does and where it does not."""
        for equation in equations:
            for symbol in unknowns:
                slope = slope_in(equation, symbol)
                if slope is None or slope.is_zero or not slope.free_symbols & set(unknowns):
                    continue
                zero = self.solve((*equations, slope), unknowns, context)
                nonzero = context.with_region(Relation(slope, "!="))
                other = self.solve(equations, unknowns, nonzero)
                branches = tuple(
                    dict.fromkeys(cast(Cover, zero.claim).branches + cast(Cover, other.claim).branches)
                )
                return cover_step(
                    context, equations, unknowns, branches, "cover_by_cases", (zero, other), quantity=slope
                )
        return None

    def _follow(
        self,
        equations: tuple[Expr, ...],
        unknowns: tuple[Symbol, ...],
        context: Context,
        index: int,
        symbol: Symbol,
        values: tuple[tuple[Expr, tuple[Number, ...]], ...],
        rule: str,
        premises: tuple[Step, ...] = (),
        **data: object,
    ) -> Step:
        """Put each value into the other equations and solve on."""
        rest = tuple(e for i, e in enumerate(equations) if i != index)
        remaining = tuple(u for u in unknowns if u != symbol)
        if len(values) > MAX_BRANCHES:
            raise Unsolved("too many solutions")
        branches: list[Branch] = []
        covers = []
        for value, numbers in dict.fromkeys(values):
            table = {symbol: value}
            inner = context.at(table).with_condition(*(r for n in numbers for r in n.relations))
            step = self.solve(tuple(e.xreplace(table) for e in rest), remaining, inner)
            covers.append(step)
            for b in cast(Cover, step.claim).branches:
                full = {**b.values, symbol: value.xreplace(b.values)}
                branches.append(
                    Branch(tuple((u, full[u]) for u in unknowns), numbers + b.numbers, b.free, b.where)
                )
        if len(branches) > MAX_BRANCHES:
            raise Unsolved("too many solutions")
        return cover_step(
            context,
            equations,
            unknowns,
            tuple(dict.fromkeys(branches)),
            rule,
            (*premises, *covers),
            index=index,
            symbol=symbol,
            values=values,
            **data,
        )
