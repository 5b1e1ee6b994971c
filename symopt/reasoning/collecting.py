"""Signs of sums that are collected first: by bounded functions, by kernels, or by the squares of a symbol."""

from __future__ import annotations

from typing import Final

from sympy import Add, Expr, Mul, Pow, S, default_sort_key, erfc, exp, log

from symopt.derivation.checker import follows
from symopt.derivation.claims import Context, Step
from symopt.exact.signs import BOUNDED
from symopt.reasoning.polynomial_sign import Prove, step_for
from symopt.relation import Relation

MAX_KERNELS: Final = 3


def prove_by_bounds(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """u + c sin v >= u - |c|: each sine or cosine, or other bounded function, is as large or small as it can be.

    >>> from sympy import cos, exp, symbols
    >>> from symopt.reasoning.sign import prove_relation
    >>> x, y = symbols("x y", real=True)
    >>> prove_relation(Relation(2 - (1 + exp(y)) * cos(x) + y * exp(y), ">="), Context()).claim.relation
    Relation(expression=y*exp(y) - (exp(y) + 1)*cos(x) + 2, op='>=')
    """
    if relation.op not in (">", ">=", "<", "<=") or not relation.expression.has(*BOUNDED):
        return None
    turn = 1 if relation.op[0] == ">" else -1
    least, coefficients = S.Zero, dict[Expr, Expr]()
    for term in Add.make_args(turn * relation.expression.expand(trig=False)):
        waves = [f for f in Mul.make_args(term) if isinstance(f, tuple(BOUNDED)) and not isinstance(f, erfc)]
        rest = term / waves[0] if len(waves) == 1 else term
        if rest.has(*BOUNDED):
            return None
        if waves:
            coefficients[waves[0]] = coefficients.get(waves[0], S.Zero) + rest
        else:
            least += rest
    parts, premises = [], []
    for wave, coefficient in coefficients.items():
        size = abs(coefficient)
        if not coefficient.is_Rational:
            signs = ((s, prove(Relation(s * coefficient, ">="), context)) for s in (1, -1))
            side, sign = next(((s, step) for s, step in signs if step is not None), (0, None))
            if sign is None:
                return None
            premises.append(sign)
            size = side * coefficient
        bound = BOUNDED[type(wave)]
        least -= size * bound
        part = wave if size == coefficient else -wave
        parts.append(Mul(size, Add(bound, part, evaluate=False), evaluate=False))
    start = prove(Relation(least, relation.op.replace("<", ">")), context) if parts else None
    if start is None:
        return None
    tree = Mul(turn, Add(least, *parts, evaluate=False), evaluate=False)
    step = step_for(relation, context, "signs", (start, *premises), tree=tree)
    return step if follows(step) else None


def prove_by_collecting(relation: Relation, context: Context, prove: Prove) -> Step | None:
    """A polynomial in exponentials and logarithms, or in the square of a symbol: the signs of its coefficients."""
    kernels = sorted(relation.expression.atoms(exp, log), key=default_sort_key)
    if prove.depth > 1:
        return None
    if 1 <= len(kernels) <= MAX_KERNELS:
        found = _by_coefficients(relation, context, prove, tuple(kernels))
        if found is not None:
            return found
    if len(relation.symbols) < 2 or not relation.expression.has(*BOUNDED):
        return None
    symbols = sorted(relation.symbols, key=str)
    return next(
        (s for v in symbols if (s := _by_coefficients(relation, context, prove, (v,))) is not None), None
    )


def _by_coefficients(
    relation: Relation, context: Context, prove: Prove, kernels: tuple[Expr, ...]
) -> Step | None:
    poly = relation.expression.as_poly(*kernels)
    if poly is None or len(poly.terms()) < 2:
        return None
    # A symbol, unlike an exponential, has no sign of its own: its even powers have.
    if kernels[0].is_Symbol and any(power % 2 for (power,), _ in poly.terms()):
        return None
    parts, premises = [], []
    for monomial, coefficient in poly.terms():
        if not coefficient.is_number:
            step = next((s for op in ("<=", ">=") if (s := prove(Relation(coefficient, op), context))), None)
            if step is None:
                return None
            premises.append(step)
        powers = (Pow(kernel, k) for kernel, k in zip(kernels, monomial, strict=True) if k)
        parts.append(Mul(coefficient, *powers, evaluate=False))
    tree = Add(*parts, evaluate=False)
    step = step_for(relation, context, "signs", tuple(dict.fromkeys(premises)), tree=tree)
    return step if follows(step) else None
