"""What importing costs, against `import sympy`: medians of paired runs, the best of three tries.

`import symopt` costs at most 1.1 times as much. `from symopt import Problem`, which loads the whole symbolic half of
the house, has the same goal and does not reach it yet (1.6 to 1.9 today): its limit only keeps it from growing.

Both packages are read from bytecode, as they are on a user's machine from the second import on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

LIMITS = {"import symopt": 1.1, "from symopt import Problem": 2.5}
PAIRS = 7
TRIES = 3
# pip compiles what it installs, but not the checkout that it links: the first import must be free to do it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(statement: str) -> float:
    """The time a fresh interpreter takes over one import statement."""
    script = f"from time import perf_counter as now; start = now(); {statement}; print(now() - start)"
    command = [sys.executable, "-c", script]
    return float(subprocess.run(command, capture_output=True, check=True, env=ENVIRONMENT).stdout)


def ratio(statement: str) -> float:
    """How many times longer a statement takes than SymPy; the runs alternate, so that both meet the same load."""
    pairs = [(seconds(statement), seconds("import sympy")) for _ in range(PAIRS)]
    ours, sympys = zip(*pairs, strict=True)
    return median(ours) / median(sympys)


def within(statement: str, limit: float) -> bool:
    """Whether one try stays within the limit: noise only ever makes the ratio of a quick import worse."""
    for _ in range(TRIES):
        measured = ratio(statement)
        print(f"{statement}: {measured:.3f} times import sympy (at most {limit})")
        if measured <= limit:
            return True
    print(f"{statement}: something slow is imported at the top of a module", file=sys.stderr)
    return False


def main() -> int:
    """0 when every statement stays within its limit."""
    return 0 if all(within(statement, limit) for statement, limit in LIMITS.items()) else 1


if __name__ == "__main__":
    seconds("from symopt import Problem")  # compile the bytecode before the clock counts
    sys.exit(main())
