"""The grammar without SymPy says the same as the reader with it; typing traps are told in notes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symopt import InputError, Problem
from symopt.reading import read_expression, read_relation
from symopt.reading.functions import CONSTANTS as VALUES
from symopt.reading.functions import FUNCTIONS
from symopt.reading.grammar import check_grammar
from symopt.reading.traps import traps
from symopt.reading.vocabulary import ARGUMENTS, CONSTANTS

PIECES = st.sampled_from(
    [
        "x",
        "y",
        "2",
        "0.5",
        "+",
        "-",
        "*",
        "/",
        "^",
        "(",
        ")",
        "|",
        ",",
        " ",
        "sin",
        "sin(",
        "max(",
        "e",
        "gamma",
        "<=",
        "and",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def refusal(read: object, *arguments: object, **options: object) -> str | None:
    """The sentence with which a text is refused, or None."""
    try:
        read(*arguments, **options)  # type: ignore[operator]
    except InputError as error:
        return str(error)
    return None


def test_every_word_of_the_vocabulary_has_a_meaning() -> None:
    assert ARGUMENTS.keys() == FUNCTIONS.keys()
    assert CONSTANTS.keys() == VALUES.keys()


@given(TEXTS)
def test_the_grammar_refuses_what_the_reader_refuses_and_in_the_same_words(text: str) -> None:
    said = refusal(check_grammar, text)
    assert (
        said is None
        or said == refusal(read_expression, text)
        or "not a real" in str(refusal(read_expression, text))
    )


@given(TEXTS)
def test_the_grammar_accepts_what_the_reader_reads(text: str) -> None:
    if refusal(read_expression, text) is None:
        check_grammar(text)
    if refusal(read_relation, text) is None:
        check_grammar(text, relation=True)


@pytest.mark.parametrize(
    "text",
    [
        "((" * 100_000,
        "-" * 100_001,
        "sin(" * 61 + "x" + ")" * 61,
        "1" * 2000,
        "9**9**9",
        "2^(2^13)",
        "1e99999",
        "x.real",
        "x[0]",
        "x if y else z",
        "lambda: 1",
    ],
    ids=[
        "brackets",
        "signs",
        "calls",
        "digits",
        "tower",
        "power",
        "exponent",
        "attribute",
        "index",
        "condition",
        "function",
    ],
)
def test_gates_without_sympy(text: str) -> None:
    start = time.process_time()
    said = refusal(check_grammar, text)
    assert time.process_time() - start < 1
    assert said is not None
    assert said == refusal(read_expression, text)
    assert len(said) < 250


def test_fractions_of_numbers_are_no_operations() -> None:
    nested = "(" * 28 + "x" + ")^(2/3)" * 28
    check_grammar(nested)
    assert read_expression(nested).symbols


def test_declared_names_are_read_as_names() -> None:
    check_grammar("sin*x", {"sin", "x"})
    with pytest.raises(InputError, match=r"write sin\(x\)"):
        check_grammar("sin*x")


@pytest.mark.parametrize(
    ("text", "variables", "note"),
    [
        ("x^2 + xy", None, "read xy as one name; for a product write x*y"),
        ("x^2 + xy", "x y", "read xy as one name; for a product write x*y"),
        ("ax^2 + bx + c", "x", "read ax as one name; for a product write a*x"),
        ("sinx", None, "read sinx as one name; for the function write sin(x)"),
        ("x^2 + logx", "x", "read logx as one name; for the function write log(x)"),
        ("theta^2 + exptheta", "theta", "read exptheta as one name; for the function write exp(theta)"),
        ("arcsinx", None, "read arcsinx as one name; for the function write arcsin(x)"),
    ],
)
def test_typing_traps_are_told(text: str, variables: str | None, note: str) -> None:
    assert note in Problem(text, variables).notes


@pytest.mark.parametrize(
    ("used", "declared"),
    [
        (["x", "xy"], ["x", "xy"]),
        (["x", "mu", "eta", "theta"], []),
        (["x", "rate", "signal", "maximum", "x_1", "x1"], []),
        (["ab", "cd"], []),
    ],
)
def test_names_that_are_meant_as_they_stand(used: list[str], declared: list[str]) -> None:
    assert traps(used, declared) == ()
