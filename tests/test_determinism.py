"""The same question gets the same answer, to the byte, whatever order Python's sets happen to have."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def solve_as_json(hash_seed: str) -> str:
    question = ["(p-1)*x^2+(p+1)*y^2", "--variables", "x,y", "--format", "json"]
    answer = subprocess.run(
        [sys.executable, "-m", "symopt", "solve", *question],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_hash_seed_does_not_reach_the_answer() -> None:
    first, *others = (solve_as_json(seed) for seed in ("0", "1", "2026"))
    assert json.loads(first)
    assert others == [first, first]
