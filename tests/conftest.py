"""What every test shares: properties that draw the same examples on every run, and no hidden internal errors."""

import os
import sys
from collections import Counter
from collections.abc import Generator

import pytest
from hypothesis import settings

from symopt.clock import OutOfTime

TRACED = pytest.StashKey[bool]()

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """The tracer of coverage follows one case in eight of each table, and no slow test: it triples their time."""
    tracer = sys.gettrace()
    if tracer is None or item.stash.get(TRACED, False):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen: Counter[str] = Counter()
    for item in items:
        table = item.nodeid.partition("[")[0]
        item.stash[TRACED] = not item.get_closest_marker("slow") and seen[table] % 8 == 0
        seen[table] += 1
