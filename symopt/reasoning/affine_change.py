"""Undoing an affine change of the variables: f(x) = g(A x + b) with a plainer g.

The affine forms that f and its region are made of are counted; the most frequent independent ones become the new
variables where that makes the forms simpler. What is proved of g is then said of f by one step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from sympy import Add, Basic, Expr, Mul, Rational, S, Symbol
from sympy import Matrix as SymPyMatrix

from symopt.cases import Cell
from symopt.derivation.claims import (
    Context,
    Curved,
    NotCurved,
    RegionConvex,
    RegionNotConvex,
    Step,
    Vector,
)
from symopt.exact.linear import rank
from symopt.exact.relations import rational_bounds
from symopt.reasoning.proposing import accepted
from symopt.reasoning.refute import prove_not_curved
from symopt.relation import Relation

Form = tuple[Vector, Expr]  # slopes and constant
LETTERS: Final = ("u", "v", "w", "s", "t", "r", "q", "p")
MAX_VARIABLES: Final = 8
SHIFTED, MIXED, WORTHWHILE = Rational(1, 4), S.One, Rational(1, 4)  # what forms cost, and the least gain


def read_form(expression: Expr, variables: tuple[Symbol, ...]) -> Form | None:
    """The slopes and the constant of a sum of rational multiples of variables and of terms without them."""
    slopes, constant = dict.fromkeys(variables, S.Zero), []
    own = set(variables)
    for term in Add.make_args(expression):
        factor, rest = term.as_coeff_Mul()
        if rest in own and factor.is_Rational:
            slopes[rest] += factor
        elif term.free_symbols & own:
            return None
        else:
            constant.append(term)
    return tuple(slopes.values()), Add(*constant)


@dataclass(frozen=True)
class Change:
    """u = A x + b with A invertible: `forms` in the old variables, `inverse` the old variables in the new ones."""

    variables: tuple[Symbol, ...]
    new: tuple[Symbol, ...]
    forms: Vector
    inverse: SymPyMatrix
    shift: Vector
    complete: bool  # whether every form has become one in a single variable

    def back(self, point: Vector) -> Vector:
        """The point in the old variables."""
        moved = self.inverse * SymPyMatrix([a - b for a, b in zip(point, self.shift, strict=True)])
        return tuple(entry.expand() if entry.free_symbols else entry for entry in moved)

    def rewritten(self, expression: Expr) -> Expr:
        """The expression in the new variables, form by form, with nothing else multiplied out."""
        if not expression.free_symbols & set(self.variables):
            return expression
        form = read_form(expression, self.variables)
        if form is not None:
            return self._image(form)
        if expression.is_Add:
            affine = [t for t in expression.args if read_form(t, self.variables) is not None]
            others = [self.rewritten(t) for t in expression.args if t not in affine]
            return Add(self.rewritten(Add(*affine)) if affine else S.Zero, *others)
        return cast(Expr, self._parts(expression))

    def _parts(self, node: Basic) -> Basic:
        """A function, or a condition of a Piecewise, with its arguments rewritten."""
        arguments = (self.rewritten(a) if isinstance(a, Expr) else self._parts(a) for a in node.args)
        return node.func(*arguments) if node.args else node

    def _image(self, form: Form) -> Expr:
        slopes, constant = form
        row = SymPyMatrix([slopes]) * self.inverse
        back = sum((c * (u - b) for c, u, b in zip(row, self.new, self.shift, strict=True)), S.Zero)
        return (back + constant).expand()

    def cell(self, cell: Cell) -> Cell:
        """The same question in the new variables."""
        region = tuple(Relation(self.rewritten(r.expression), r.op) for r in cell.context.region)
        return replace(
            cell,
            objective=self.rewritten(cell.objective),
            variables=self.new,
            context=Context(region, cell.context.condition),
        )

    def carried(self, step: Step, cell: Cell, region: Step | None) -> Step | None:
        """What a step says of g, said of f; `region` proves that the region of f is convex."""
        claim = step.claim
        own: Curved | NotCurved | RegionConvex | RegionNotConvex
        if isinstance(claim, Curved):
            own = Curved(cell.objective, self.variables, claim.kind, claim.strict)
        elif isinstance(claim, NotCurved):
            p, q = self.back(claim.p), self.back(claim.q)
            own = NotCurved(cell.objective, self.variables, claim.kind, claim.strict, p, q, claim.weight)
            if claim.weight == S.Half:  # a chord is a chord: it needs no premise
                chord = prove_not_curved(
                    cell.objective, self.variables, cell, claim.kind, (p, q), claim.strict
                )
                if chord is not None:
                    return chord
        elif isinstance(claim, RegionNotConvex):
            own = RegionNotConvex(self.variables, self.back(claim.p), self.back(claim.q), claim.weight)
            plain = accepted(cell.context, own, "region_not_convex")
            if plain is not None:
                return plain
        elif isinstance(claim, RegionConvex):
            own = RegionConvex(self.variables)
        else:
            return None
        premises = (step,) if region is None else (step, region)
        return accepted(cell.context, own, "affine_change", premises, forms=self.forms)


def simplifying_change(cell: Cell, variables: tuple[Symbol, ...]) -> Change | None:
    """The change to the forms that occur most often, when it pays; None when the variables are the best forms.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> f = (x - y)**4 + (x + y - 1)**2*(x - y)**2
    >>> simplifying_change(Cell(f, (x, y), Context()), (x, y)).forms
    (x - y, x + y - 1)
    """
    if len(variables) > MAX_VARIABLES:
        return None
    forms = Counter(_forms(cell.objective, variables, False))
    for relation in cell.context.region if len(variables) > 1 else ():
        forms.update(_forms(relation.expression, variables, True))
    moving = [form for form in forms if any(form[0])]
    cost = sum(forms[f] * _cost(f) for f in moving)
    if cost < WORTHWHILE:
        return None
    chosen = _basis(moving, forms, variables)
    matrix = SymPyMatrix([slopes for slopes, _ in chosen])
    inverse, shift = matrix.inv(), tuple(constant for _, constant in chosen)
    images = []
    for slopes, constant in moving:
        row = SymPyMatrix([slopes]) * inverse
        offset = constant - sum((c * b for c, b in zip(row, shift, strict=True)), S.Zero)
        images.append(((tuple(row), offset.expand()), forms[slopes, constant]))
    if sum(count * _cost(form) for form, count in images) > cost - WORTHWHILE:
        return None
    complete = all(sum(c != 0 for c in form[0]) == 1 for form, _ in images)
    return change_to(chosen, cell, variables, complete)


def change_to(
    forms: Sequence[Form], cell: Cell, variables: tuple[Symbol, ...], complete: bool = False
) -> Change:
    """The change to independent forms, as many as there are variables, with letters that are not in use."""
    used = {s.name for s in cell.objective.free_symbols.union(*(r.symbols for r in cell.context.relations))}
    used |= {v.name for v in variables}
    names = [n for n in (*LETTERS, *(f"u{k}" for k in range(1, 40))) if n not in used][: len(variables)]
    new = tuple(Symbol(name, real=True) for name in names)
    written = tuple(
        Add(*(c * v for c, v in zip(slopes, variables, strict=True)), constant) for slopes, constant in forms
    )
    inverse = SymPyMatrix([slopes for slopes, _ in forms]).inv()
    return Change(variables, new, written, inverse, tuple(constant for _, constant in forms), complete)


def reflection(cell: Cell, variables: tuple[Symbol, ...]) -> Change | None:
    """-v for every variable v that is negative on the region: the tables know what holds for v > 0.

    >>> from sympy import sin, symbols
    >>> x = symbols("x", real=True)
    >>> inside = Context((Relation(x + 1, ">"), Relation(x, "<")))
    >>> reflection(Cell(x/sin(x), (x,), inside), (x,)).forms
    (-x,)
    """
    turned = []
    for v in variables:
        _, high = rational_bounds(v, cell.context.region)
        turned.append(S.NegativeOne if high is not None and high[0] <= 0 else S.One)
    if S.NegativeOne not in turned:
        return None
    rows = [
        tuple(turn if v == w else S.Zero for w in variables)
        for v, turn in zip(variables, turned, strict=True)
    ]
    return change_to([(row, S.Zero) for row in rows], cell, variables)


def _forms(expression: Basic, variables: tuple[Symbol, ...], inside: bool) -> Iterator[Form]:
    """The largest affine parts of an expression; affine terms of f itself have nothing to do with its curvature."""
    if not expression.free_symbols & set(variables):
        return
    form = read_form(expression, variables) if isinstance(expression, Expr) else None
    if form is not None:
        yield form
        return
    parts = list(expression.args)
    if isinstance(expression, Add):
        affine = [t for t in parts if read_form(t, variables) is not None]
        parts = [t for t in parts if t not in affine]
        total = read_form(Add(*affine), variables) if inside and affine else None
        if total is not None and any(total[0]):
            yield total[0], S.Zero
    for part in parts:
        yield from _forms(part, variables, inside or not isinstance(expression, (Add, Mul)))


def _cost(form: Form) -> Rational:
    """0 for a multiple of a variable, more for several variables or a constant beside them."""
    slopes, constant = form
    mixed = sum(c != 0 for c in slopes) - 1
    return mixed * MIXED + (SHIFTED if constant != 0 else 0)


def _basis(forms: list[Form], counts: Counter[Form], variables: tuple[Symbol, ...]) -> list[Form]:
    """Independent forms, the most frequent directions first, each as it occurs most often."""
    directions: dict[Vector, Counter[Form]] = {}
    for form in forms:
        directions.setdefault(_direction(form[0]), Counter())[form] += counts[form]
    ranked = sorted(directions.values(), key=lambda found: -found.total())
    chosen: list[Form] = []
    units = [tuple(S.One if v == w else S.Zero for w in variables) for v in variables]
    for best in [found.most_common(1)[0][0] for found in ranked] + [(unit, S.Zero) for unit in units]:
        if rank(tuple(slopes for slopes, _ in (*chosen, best))) > len(chosen):
            chosen.append(best)
    return chosen


def _direction(slopes: Vector) -> Vector:
    lead = next(c for c in slopes if c != 0)
    return tuple(c / lead for c in slopes)


__all__ = ["Change", "change_to", "simplifying_change"]
