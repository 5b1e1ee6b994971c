"""Checks of the rules about curvature."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symopt.derivation.claims import Step

CHECKS: Mapping[str, Callable[[Step], None]] = {}
