"""The shape of the checker: whoever doubts a step of an answer reads the core and the check of its rule."""

from __future__ import annotations

import inspect

import pytest

from symopt.derivation.checker import CHECKS
from symopt.derivation.rules import RULES

CHECK_LINES = 60


def test_every_rule_has_its_check() -> None:
    assert CHECKS.keys() <= RULES.keys()
    assert {rule for rule in RULES if RULES[rule].trust == "checked"} <= CHECKS.keys()


@pytest.mark.parametrize("rule", CHECKS)
def test_a_check_states_its_theorem_and_fits_on_a_page(rule: str) -> None:
    assert inspect.getdoc(CHECKS[rule])
    assert len(inspect.getsource(CHECKS[rule]).splitlines()) <= CHECK_LINES
