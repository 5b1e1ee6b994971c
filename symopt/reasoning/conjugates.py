"""Signs of a + b sqrt(d): from those of a, of b, and of a^2 - b^2 d = (a + b sqrt d)(a - b sqrt d)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from sympy import Add, Expr, Mul, Pow, S, default_sort_key

from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Holds, Step
from symopt.domain import natural_domain
from symopt.exact.normal import NotExact, canonical, factors
from symopt.exact.signs import SIGNS_OF, signs_of_tree
from symopt.reasoning.polynomial_sign import Prove
from symopt.relation import Relation

MAX_ROOTS: Final = 2


@dataclass(frozen=True)
class Conjugate:
    """a + b root, with a root of something that varies and does not occur in a and b."""

    a: Expr
    b: Expr
    root: Expr

    @property
    def norm(self) -> Expr:
        """a^2 - b^2 d, as a product."""
        constant, parts = factors(self.a**2 - self.b**2 * self.root**2)
        return Mul(constant, *(Pow(base, power) for base, power in parts), evaluate=False)

    @property
    def quantities(self) -> tuple[Expr, ...]:
        """What the sign rests on."""
        return self.a, self.b, self.norm

    @property
    def trees(self) -> tuple[Expr, ...]:
        """The sum s = a + b root, norm/(a - b root), (s^2 - norm)/(2 b root) and (s^2 + norm)/(2 a)."""
        part = Mul(self.b, self.root, evaluate=False)
        whole, norm = Add(self.a, part, evaluate=False), self.norm
        square = Pow(whole, 2, evaluate=False)
        return (
            whole,
            Mul(norm, Pow(Add(self.a, Mul(-1, self.b, self.root), evaluate=False), -1)),
            Mul(
                Add(square, Mul(-1, norm), evaluate=False),
                Pow(Mul(2, part, evaluate=False), -1, evaluate=False),
            ),
            Mul(Add(square, norm, evaluate=False), Pow(Mul(2, self.a, evaluate=False), -1, evaluate=False)),
        )


def conjugate(expression: Expr) -> Conjugate | None:
    """The expression in this form, or None.

    >>> from sympy import Symbol, sqrt
    >>> p = Symbol("p", real=True)
    >>> conjugate(p - 2*sqrt(p**2 + 1)).quantities
    (p, -2, -(3*p**2 + 4))
    """
    roots = sorted(
        (n for n in expression.atoms(Pow) if n.exp == S.Half and n.free_symbols), key=default_sort_key
    )
    forms = [found for root in roots[:MAX_ROOTS] if (found := _linear_in(root, expression)) is not None]
    if len(roots) == 1:
        return forms[0] if forms else None
    return next((form for form in forms if not _has_root(form.norm)), None)  # as of a + b sqrt(c) sqrt(d)


def _linear_in(root: Pow, expression: Expr) -> Conjugate | None:
    poly = expression.as_poly(root)
    if poly is None or poly.degree() != 1 or any(c.has(root) for c in poly.all_coeffs()):
        return None
    b, a = poly.all_coeffs()
    return Conjugate(a, b, root)


def _has_root(expression: Expr) -> bool:
    return any(power.exp == S.Half and power.free_symbols for power in expression.atoms(Pow))


def by_conjugate(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """One of the trees that say how the sign is that of a, of b, or of the norm, with the signs of its parts."""
    if not relation.expression.has(Pow):
        return None
    try:
        found = conjugate(canonical(relation.expression))
    except NotExact:
        return None
    if found is None:
        return None
    premises: list[Step] = []
    for quantity in found.quantities:
        for base in (quantity, *Mul.make_args(quantity)):
            if base.free_symbols and len(signs_of_tree(base, context.relations)) > 1:
                step = _sign(base, context, prove)
                if step is not None:
                    premises.append(step)
                    if base == quantity:
                        break
        known = context.relations + tuple(cast(Holds, p.claim).relation for p in premises)
        for tree in (*found.trees, relation.expression):
            if signs_of_tree(tree, known) <= SIGNS_OF[relation.op]:
                defined = (prove(r, context) for r in natural_domain(tree))
                support = (*premises, *(p for p in defined if p is not None))
                step = Step(
                    context, Holds(relation), "signs", tuple(dict.fromkeys(support)), (("tree", tree),)
                )
                if follows(step):
                    return step
    return None


def _sign(quantity: Expr, context: Context, prove: Prove) -> Step | None:
    steps = (prove(Relation(quantity, op), context) for op in (">", "<", "==", ">=", "<="))
    return next((step for step in steps if step is not None), None)
