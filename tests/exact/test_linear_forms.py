"""Linear forms in which a polynomial is shorter: what an affine change hides is found again."""

from __future__ import annotations

import pytest
from sympy import Expr, expand, symbols

from symopt.exact.linear_forms import shorter_forms

x, y, z, a = symbols("x y z a", real=True)
PLANE = {x: 2 * x - y + 1, y: x + 2 * y - 2}
SPACE = {x: 2 * x - y + z + 1, y: x + 2 * y - 2, z: x - z}

HIDDEN = [
    (x**4 + a * x**2 * y**2 + y**4, 3),
    (x**2 * y + y**4, 2),
    (x**3 + y**3 - 3 * a * x * y, 3),
    (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y, 6),
    (x**6 / 3 - 2 * x**4 + 4 * x**2 + x * y + 4 * y**4 - 4 * y**2, 6),
    (100 * (y - x**2) ** 2 + (1 - x) ** 2, 4),
    (x**2 * y**2, 1),
    (x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1, 3),
    (x**4 + y**4 + z**4 - x * y * z, 4),
    (x**3 + y**3 + z**3 - 3 * a * x * y * z, 4),
]


@pytest.mark.parametrize(("function", "terms"), HIDDEN)
def test_the_forms_are_found_and_give_the_polynomial(function: Expr, terms: int) -> None:
    variables = (x, y, z) if function.has(z) else (x, y)
    hidden = expand(function.subs(PLANE if len(variables) == 2 else SPACE, simultaneous=True))
    found = shorter_forms(hidden, variables)
    assert found is not None
    assert found.terms <= terms
    forms = {
        v: sum(c * w for c, w in zip(row, variables, strict=True)) + b
        for v, row, b in zip(variables, found.slopes, found.constants, strict=True)
    }
    assert expand(found.function.subs(forms, simultaneous=True) - hidden) == 0


@pytest.mark.parametrize(
    "function",
    [x**4 + y**4, x**2 + x * y + 5 * y**2 - x, x**3 * y - y**3 + x * y + x**4 + y**5, x**9 + (x + y) ** 9],
)
def test_what_is_plain_or_out_of_reach_is_left_alone(function: Expr) -> None:
    assert shorter_forms(expand(function), (x, y)) is None
