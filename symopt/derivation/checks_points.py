"""Checks of the rules about points."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symopt.derivation.claims import Step

CHECKS: Mapping[str, Callable[[Step], None]] = {}
