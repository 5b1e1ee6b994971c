"""`import symopt` costs at most 1.1 times `import sympy`: medians of paired runs, the best of three tries."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

LIMIT = 1.1
PAIRS = 7
TRIES = 3


def seconds(statement: str) -> float:
    """The time a fresh interpreter takes over one import statement."""
    script = f"from time import perf_counter as now; start = now(); {statement}; print(now() - start)"
    return float(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout)


def ratio() -> float:
    """How many times longer symopt takes than SymPy; the runs alternate, so that both meet the same load."""
    pairs = [(seconds("from symopt import Problem"), seconds("import sympy")) for _ in range(PAIRS)]
    ours, sympys = zip(*pairs, strict=True)
    return median(ours) / median(sympys)


def main() -> int:
    """0 when one try stays within the limit: noise only ever makes the ratio of a quick import worse."""
    for _ in range(TRIES):
        measured = ratio()
        print(f"{measured:.3f} times import sympy")
        if measured <= LIMIT:
            return 0
    print(f"more than {LIMIT}: something slow is imported at the top of a module", file=sys.stderr)
    return 1


if __name__ == "__main__":
    seconds("from symopt import Problem")  # compile the bytecode before the clock counts
    sys.exit(main())
