"""Every public name says what it is and shows it by an example that runs."""

from __future__ import annotations

import inspect

import pytest

import symopt


def test_every_listed_name_exists_once() -> None:
    assert "Problem" in symopt.__all__
    assert len(set(symopt.__all__)) == len(symopt.__all__)
    assert all(hasattr(symopt, name) for name in symopt.__all__)


@pytest.mark.parametrize("name", [name for name in symopt.__all__ if not name.startswith("_")])
def test_every_public_name_has_a_sentence_and_an_example(name: str) -> None:
    value = getattr(symopt, name)
    if inspect.isclass(value) and issubclass(value, Exception):
        assert value.__doc__
    elif callable(value):
        assert ">>>" in (inspect.getdoc(value) or ""), f"symopt.{name} has no example"
