"""`import symopt` brings in SymPy and nothing else that is slow; `--help` not even that."""

from __future__ import annotations

import subprocess
import sys

SLOW = {"flint", "matplotlib", "numba", "numpy", "scipy", "z3"}


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `code`."""
    script = f"import sys\n{code}\nprint('\\n'.join({{name.split('.')[0] for name in sys.modules}}))"
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return set(run.stdout.split())


def test_importing_symopt_loads_no_more_slow_packages_than_importing_sympy() -> None:
    assert modules_after("from symopt import Problem") & SLOW <= modules_after("import sympy") & SLOW


def test_help_does_not_wait_for_sympy() -> None:
    loaded = modules_after(
        "import symopt.cli\ntry:\n    symopt.cli.main(['--help'])\nexcept SystemExit:\n    pass"
    )
    assert "sympy" not in loaded
