"""The trees by which signs are shown, put together: what one step shows of a part of another's tree is put in there."""

from __future__ import annotations

from typing import cast

from sympy import Add, Expr

from symopt.derivation.claims import Holds, Step


def unfolded(step: Step) -> Expr:
    """The tree of a proved sign with what other steps show in it as the trees of these: c as (x - y)^2 in a^2 + c.

    >>> from sympy import symbols
    >>> from symopt.derivation.claims import Context
    >>> from symopt.relation import Relation
    >>> x = symbols("x", real=True)
    >>> square = Step(Context(), Holds(Relation(x**2 - 2*x + 1, ">=")), "signs", (), (("tree", (x - 1)**2),))
    >>> sum_of_both = Holds(Relation(x**4 + x**2 - 2*x + 1, ">="))
    >>> tree = Add(x**4, x**2 - 2*x + 1, evaluate=False)
    >>> unfolded(Step(Context(), sum_of_both, "signs", (square,), (("tree", tree),)))
    x**4 + (x - 1)**2
    """
    expression = cast(Holds, step.claim).relation.expression
    tree = step.data("tree")
    if not isinstance(tree, Expr):
        return expression
    below = (p for p in step.premises if isinstance(p.claim, Holds))
    return tree.xreplace({cast(Holds, p.claim).relation.expression: unfolded(p) for p in below})


def terms_of(tree: Expr) -> tuple[Expr, ...]:
    """The terms of a sum, with a number in front of it taken into each."""
    factor, rest = tree.as_coeff_Mul()
    return tuple(factor * term for term in rest.args) if rest.is_Add and factor != 1 else Add.make_args(tree)
