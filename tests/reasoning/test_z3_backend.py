"""The tests of symopt.reasoning.z3_backend: what z3 says, and that a stop does not reach its objects."""

import itertools
import sys
import time

import pytest
from sympy import Integer, Rational, symbols

from symopt.clock import Budget
from symopt.reasoning.z3_backend import _answer, find_point, nonnegative_combination
from symopt.relation import Relation

z3 = pytest.importorskip("z3")
x, y = symbols("x y", real=True)


def test_multipliers_reproduce_the_target():
    # x^2 - y^2 and 2 y^2 give 3 x^2 - y^2 = 3 (x^2 - y^2) + 1 (2 y^2).
    columns = ({(2, 0): Integer(1), (0, 2): Integer(-1)}, {(0, 2): Integer(2)})
    assert nonnegative_combination(columns, {(2, 0): Integer(3), (0, 2): Integer(-1)}) == (3, 1)
    assert nonnegative_combination(columns, {(2, 0): Integer(-1)}) is None
    assert nonnegative_combination(columns, {}, strict=(False, False)) is None


def test_a_point_satisfies_the_relations():
    relations = (Relation(x**2 + y**2 - Rational(1, 2), "<"), Relation(x - y, "=="), Relation(x, ">"))
    point = find_point(relations)
    assert isinstance(point, dict)
    assert point[x] == point[y] > 0
    assert 2 * point[x] ** 2 < Rational(1, 2)
    assert find_point((Relation(x**2 + y**2, "<"),)) is False
    assert find_point((Relation(x**30 - 2, "=="),)) is None  # above the degree that is tried


def test_an_irrational_point_is_proposed_as_a_rational_number():
    point = find_point((Relation(x**2 - 2, "=="), Relation(x, ">")))
    assert isinstance(point, dict)
    assert abs(float(point[x]) - 2**0.5) < 1e-9


def test_a_stop_waits_for_z3(monkeypatch):
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)

    def hard(context):
        """Work in many small objects of z3, on and on after the clock has struck."""
        late = time.monotonic() + 0.8
        while time.monotonic() < late:
            numbers = [z3.Real(f"a{i}", context) for i in range(40)]
            solver = z3.Solver(ctx=context)
            solver.set("timeout", 50)
            solver.add(*(z3.And(a * a * a > b * b, a < b) for a, b in itertools.pairwise(numbers)))
            solver.check()
        ended.append(True)

    def asked():
        _answer(z3, hard)
        while True:
            asked_again.append(True)

    ended, asked_again = [], []
    for turn in range(3):
        begun = time.monotonic()
        assert Budget.seconds(0.1).within(asked, lambda: "late") == "late"
        assert time.monotonic() - begun < 3  # 0.8 on a quiet machine
        assert len(ended) == turn + 1  # z3 came to its end, and the clock struck right behind it
    assert lost == []
    assert find_point((Relation(x**2 - 2, "<"),)) not in (None, False)  # and z3 still answers


def test_what_z3_refuses_is_no_answer():
    def refused(context):
        raise z3.Z3Exception("canceled")

    assert _answer(z3, refused) is None
