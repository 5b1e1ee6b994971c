"""How many operations the compiled derivatives take: counts, so that they do not depend on the machine.

f + gradient at most 3 times f, and f + gradient + Hessian at most 1.05 times what CasADi 3.8.2 takes after its own
search for common subexpressions (the figures below; `benchmarks/speed.py operations` counts them again).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import families

from symopt.calculus.compiler import compile_objective

CASADI = {
    ("rosenbrock", 12): 230,
    ("quadratic", 12): 373,
    ("log_sum_exp", 12): 204,
    ("logistic", 12): 11913,
    ("tanh_chain", 12): 3722,
    ("styblinski_tang", 12): 203,
    ("random_expression", 12): 411,
}
GRADIENT, HESSIAN = 3.0, 1.05


def main() -> int:
    """0 when every count stays within its limit."""
    good = True
    for (name, n), theirs in CASADI.items():
        f, gradient, hessian = compile_objective(*getattr(families, name)(n)).operations.values()
        within = gradient <= GRADIENT * f and hessian <= HESSIAN * theirs
        good = good and within
        ratios = f"f + gradient {gradient / f:.2f} f, with Hessian {hessian / theirs:.2f} CasADi's"
        print(f"{name} {n}: {ratios}{'' if within else '  TOO MANY'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
