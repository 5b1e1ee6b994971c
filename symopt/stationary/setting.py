"""What every label of one function rests on: the function, where it is asked about, and the steps already proved."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from sympy import Expr, Function, Pow, Symbol, default_sort_key

from symopt.cases import Cell
from symopt.derivation.checker import follows
from symopt.derivation.claims import Branch, Context, Gradient, Hessian, Label, Matrix, Step, Vector
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, canonical
from symopt.exact.relations import reduced
from symopt.exact.residues import residue
from symopt.exact.signs import without_known_kinks
from symopt.reasoning.sign import prove_relation, prove_sign
from symopt.relation import Relation


@dataclass(frozen=True)
class Setting:
    """The function, its region, and the steps already proved; `open_signs` collects what stopped a label."""

    objective: Expr
    variables: tuple[Symbol, ...]
    context: Context
    cell: Cell
    stationary: Step
    gradient: Step
    hessian: Step
    smooth: Step | None
    curved: Step | None
    open_signs: list[Expr] = field(default_factory=list, compare=False)

    @property
    def matrix(self) -> Matrix:
        return cast(Hessian, self.hessian.claim).entries

    @property
    def slopes(self) -> Vector:
        """The entries of the gradient."""
        return cast(Gradient, self.gradient.claim).entries

    def place(self, branch: Branch) -> Context:
        """Where the branch's own symbols live: the condition on the parameters with what is known of them."""
        return Context((), self.context.condition + branch.relations)

    def hessian_at(self, branch: Branch) -> Matrix | None:
        """The Hessian on a branch, in normal form; None where it is too large for one."""
        place = self.place(branch)
        try:
            return tuple(tuple(value_on(e, branch, place) for e in row) for row in self.matrix)
        except NotExact:
            return None

    def value_at(self, branch: Branch) -> Expr | None:
        """f on a branch; None where it varies along a family."""
        value = value_on(self.objective, branch, self.place(branch))
        value = by_numbers(value, branch) if branch.numbers else value
        varying = {symbol for symbol, _ in branch.free} | {n.symbol for n in branch.moving}
        return None if value.free_symbols & varying else value

    def sign(self, quantity: Expr, branch: Branch) -> tuple[int, Step] | None:
        """The sign of a quantity on a branch with its proof; splits the cell on parameters, and notes what stays open."""
        place = self.place(branch)
        found = prove_sign(quantity, place)
        if found is None and quantity.free_symbols and quantity.free_symbols <= self.cell.parameters:
            self.cell.sign(quantity)
            found = prove_sign(quantity, place)
        if found is None:
            self.open_signs.append(quantity)
        return found

    def label(
        self,
        branch: Branch,
        kind: str,
        strict: bool | None,
        rule: str,
        premises: tuple[Step, ...],
        **data: object,
    ) -> Step | None:
        """The label as a step, when the checker's rule takes it."""
        claim = Label(self.objective, self.variables, branch, kind, strict)
        support = (self.stationary, *premises, *self._roots_of(branch))
        step = Step(self.context, claim, rule, support, tuple(sorted(data.items())))
        return step if follows(step) else None

    def _roots_of(self, branch: Branch) -> tuple[Step, ...]:
        """Proofs that what stands under roots is positive, or not negative."""
        roots = {p.base for _, value in branch.at for p in value.atoms(Pow) if not p.exp.is_Integer}
        place = self.place(branch)
        found = (
            prove_relation(Relation(base, ">"), place) or prove_relation(Relation(base, ">="), place)
            for base in sorted(roots, key=default_sort_key)
            if base.free_symbols
        )
        return tuple(step for step in found if step is not None)


def value_on(expression: Expr, branch: Branch, place: Context) -> Expr:
    """The expression on a branch, in canonical form; without expanding it where the numbers are algebraic."""
    found = residue(expression, branch.values, place.relations)
    return at_place(expression.xreplace(branch.values), place) if found is None else found


def at_place(expression: Expr, place: Context) -> Expr:
    """The canonical form, with the equations of auxiliary numbers divided out, and signs that are known made use of."""
    plain = without_known_kinks(expression, place.relations)
    return reduced(canonical(plain), place.relations)


def by_numbers(value: Expr, branch: Branch) -> Expr:
    """A value with the equations of the numbers divided out, or with what these give for a function of a number.

    Where 4 r + log(r) = 1, the value (1 - log(r))/2 - r is r; where atan(r) = 1, the value (atan(r) - 1)^2 is 0.
    """
    value = reduced(value, branch.relations)
    for number in branch.numbers:
        for kernel in sorted(value.atoms(Function) & number.equation.atoms(Function), key=default_sort_key):
            linear = number.equation.as_poly(kernel)
            if linear is None or linear.degree() != 1 or linear.LC().has(number.symbol):
                continue
            with suppress(NotExact):
                other = canonical(value.xreplace({kernel: -linear.TC() / linear.LC()}))
                value = min(value, other, key=operations)
    return value
