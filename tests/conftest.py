"""What every test shares: properties that draw the same examples on every run, and no hidden internal errors."""

import os
import sys
from collections import Counter

import pytest
from hypothesis import settings

from symopt.clock import OutOfTime

settings.register_profile("symopt", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("symopt")

# In use an unexpected exception becomes "undecided: an internal error"; in tests it is raised.
os.environ["SYMOPT_RAISE_INTERNAL_ERRORS"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """An interruption that a destructor loses is no failure: it is sent again (`test_clock.py` shows that it is rare)."""
    report = sys.unraisablehook

    def unless_interrupted(lost: "sys.UnraisableHookArgs") -> None:
        if not issubclass(lost.exc_type, OutOfTime):
            report(lost)

    sys.unraisablehook = unless_interrupted


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tracer of coverage follows one case in four of each table, and no slow test: it triples their time."""
    seen: Counter[str] = Counter()
    for item in items:
        table = item.nodeid.partition("[")[0]
        if item.get_closest_marker("slow") or seen[table] % 4:
            item.add_marker("no_cover")
        seen[table] += 1
