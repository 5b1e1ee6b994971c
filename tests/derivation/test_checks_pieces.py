"""The rule of pieces: what it accepts, and false claims that look like it."""

from __future__ import annotations

import pytest
from sympy import Abs, Eq, Expr, Integer, Max, Min, Piecewise, Rational, S, exp, log, sqrt, symbols

from symopt import Problem
from symopt.derivation.checker import is_accepted
from symopt.derivation.checking import Rejected
from symopt.derivation.checks_pieces import read_on
from symopt.derivation.claims import Context, Curved, NotCurved, RegionConvex, Step
from symopt.relation import Relation

x, y, d, a, t = symbols("x y d a t", real=True)
NEGATIVE = (Relation(a, "<"),)


@pytest.mark.parametrize(
    ("expression", "given", "expected"),
    [
        (Abs(x), [Relation(x, ">=")], x),
        (Abs(x - 1), [Relation(x, "<=")], 1 - x),
        (Max(x, 2 * x), [Relation(x, "<=")], x),
        (Min(x, 2 * x, 3 * x), [Relation(x, "<=")], 3 * x),
        (exp(Abs(x)) + Max(0, x), [Relation(x, ">=")], exp(x) + x),
        (Piecewise((x, x < 1), (2 * x, True)), [Relation(x - 1, ">=")], 2 * x),
        (Piecewise((x, (x > 0) & (x < 1)), (S.Zero, True)), [Relation(x - 2, ">")], S.Zero),
    ],
)
def test_the_branch_that_counts_is_read_off_signs(
    expression: Expr, given: list[Relation], expected: Expr
) -> None:
    assert read_on(expression, tuple(given)) == expected


@pytest.mark.parametrize(
    "expression",
    [Abs(x), Max(x, 1), Piecewise((x, x < 1), (S.Zero, True)), Piecewise((x, Eq(x, 0)), (S.One, True))],
)
def test_an_open_branch_is_not_read(expression: Expr) -> None:
    with pytest.raises(Rejected):
        read_on(expression, (Relation(x + 1, ">"),))


def step_of(
    objective: Expr,
    cuts: tuple[Expr, ...],
    pieces: tuple[Expr, ...],
    kind: str = "convex",
    strict: bool = False,
) -> Step:
    """A step by pieces whose premises are real proofs of what each piece is between its cuts."""
    steps = [Step(Context(), RegionConvex((x,)), "region_convex", (), (("order", ()),))]
    ends = (None, *cuts, None)
    for piece, low, high in zip(pieces, ends, ends[1:], strict=False):
        region = [] if low is None else [Relation(x - low, ">=")]
        region += [] if high is None else [Relation(x - high, "<=")]
        problem = Problem(piece, [x], subject_to=[r.as_sympy() for r in region])
        found = problem.convexity(refute=False).evidence.steps[:1]  # none on a region without a point
        steps += [_moved(step, Context(tuple(region))) for step in found]
    certificate = tuple(sorted({"form": x, "cuts": cuts, "pieces": pieces}.items()))
    return Step(Context(), Curved(objective, (x,), kind, strict), "pieces", tuple(steps), certificate)


def _moved(step: Step, context: Context) -> Step:
    """The proof with its relations written as the rule writes them."""
    premises = tuple(_moved(premise, context) for premise in step.premises)
    certificate = tuple((k, context.region if k == "order" else v) for k, v in step.certificate)
    return Step(context, step.claim, step.rule, premises, certificate)


def test_a_parabola_that_goes_on_as_a_line() -> None:
    objective = Piecewise((x**2, x < 1), (2 * x - 1, True))
    assert is_accepted(step_of(objective, (S.One,), (x**2, 2 * x - 1)))


@pytest.mark.parametrize(
    ("objective", "cuts", "pieces", "kind", "strict"),
    [
        # the slope falls at the cut
        (Piecewise((x**2, x < 1), (x, True)), (S.One,), (x**2, x), "convex", False),
        (-Abs(x), (S.Zero,), (x, -x), "convex", False),
        (Abs(x), (S.Zero,), (-x, x), "concave", False),
        # a root has a slope up to its border above the first power only: the slope falls from oo to -oo
        (-sqrt(Abs(x)), (S.Zero,), (-sqrt(-x), -sqrt(x)), "concave", False),
        (
            Abs(x) ** Rational(3, 2) - Abs(x) / 100,
            (S.Zero,),
            ((-x) ** Rational(3, 2) + x / 100, x ** Rational(3, 2) - x / 100),
            "convex",
            False,
        ),
        # a jump at the cut, on either side, and of a single point
        (Piecewise((x**2, x < 1), (2 * x - 2, True)), (S.One,), (x**2, 2 * x - 2), "convex", False),
        (Piecewise((x**2, x < 1), (2 * x, True)), (S.One,), (x**2, 2 * x), "convex", False),
        (Piecewise((S(7), Eq(x, 0)), (Abs(x), True)), (S.Zero,), (-x, x), "convex", False),
        # not strict, not affine
        (Abs(x), (S.Zero,), (-x, x), "convex", True),
        (Abs(x), (S.Zero,), (-x, x), "affine", False),
        # the pieces of another function, in the wrong order, or cut elsewhere
        (Abs(x), (S.Zero,), (x, -x), "convex", False),
        (Abs(x), (S.One,), (-x, x), "convex", False),
        (Abs(x) + Abs(x - 1), (S.One, S.Zero), (1 - 2 * x, S.One, 2 * x - 1), "convex", False),
        # a piece that is not curved so
        (Piecewise((-(x**2), x < 0), (x, True)), (S.Zero,), (-(x**2), x), "convex", False),
        # one piece less than there are places where f changes
        (Abs(x) - Abs(x - 1) / 1000, (S.Zero,), (-x, x), "convex", False),
    ],
)
def test_false_claims_are_rejected(
    objective: Expr, cuts: tuple[Expr, ...], pieces: tuple[Expr, ...], kind: str, strict: bool
) -> None:
    assert not is_accepted(step_of(objective, cuts, pieces, kind, strict))


@pytest.mark.parametrize(
    ("objective", "region", "kind", "strict"),
    [
        (Piecewise((x**2, Abs(x) <= 1), (2 * Abs(x) - 1, True)), [], "convex", False),
        (Piecewise((x**2, x <= 1), (x**3, True)), [], "convex", True),
        (Piecewise((S.One, x <= 0), (x, True)), [x >= 0], "convex", False),
        (Piecewise((-S.One, x <= 0), (x, True)), [x >= 0], "concave", False),
        # the value at the end is the limit, lies above it, or below it
        (Piecewise((x * log(x), x > 0), (S.Zero, True)), [x >= 0], "convex", True),
        (Piecewise((S.One, Eq(x, 0)), (x * log(x), True)), [x >= 0], "convex", True),
        (Piecewise((-Rational(1, 10**9), Eq(x, 0)), (x * log(x), True)), [x >= 0], "neither", None),
        (Piecewise((S.Zero, Eq(x, 0)), (exp(-1 / x), True)), [x >= 0, x <= S.Half], "convex", True),
        (Abs(x) * (1 + Abs(x)), [], "convex", True),
        (Max(x, 0) * Min(x, 0), [], "affine", False),
        (Max(x, y) + Min(x, y), [], "affine", False),
        (Max(x**2, y**2, x * y), [], "convex", False),
        (Max(x, x**2), [x >= 1], "convex", True),
        (Piecewise((x**2 + y**2, x + y < 1), (x**2 + y**2 + x + y - 1, True)), [], "convex", True),
        (Piecewise((x**2 + y**2, x + y < 1), (x**2 + y**2 - x - y + 1, True)), [], "neither", None),
        (Piecewise((x**2, x < 1), (x**2 - Rational(1, 10**9), True)), [], "neither", None),
        (Piecewise((x**2, x <= 0), (x**2 - x / 10**9, True)), [], "neither", None),
        (Piecewise((x**2, x < 0), (-x, True)), [], "neither", None),
    ],
)
def test_functions_with_branches(objective: Expr, region: list[Expr], kind: str, strict: bool | None) -> None:
    found = Problem(objective, sorted(objective.free_symbols, key=str), subject_to=region).convexity()
    assert (found.kind, found.strict, found.evidence.trust) == (kind, strict, "checked")


def at_a_kink(
    objective: Expr,
    pieces: tuple[Expr, Expr],
    kind: str = "convex",
    at: Expr = S.Zero,
    ends: tuple[Expr, Expr] = (-S.One, S.One),
    region: tuple[Relation, ...] = (),
    along: Expr = t,
) -> Step:
    """That the slope at x = `at` changes the wrong way, where a < 0; t runs from there."""
    claim = NotCurved(objective, (x,), kind, False, (at,), (at + 1,), S.One)
    data = {"along": along, "pieces": pieces, "ends": ends}
    return Step(Context(region, NEGATIVE), claim, "slope_at_a_kink", (), tuple(sorted(data.items())))


@pytest.mark.parametrize(
    "step",
    [
        at_a_kink(a * Abs(x) + exp(x), (-a * t + exp(t), a * t + exp(t))),
        at_a_kink(Abs(x), (-t, t), "concave"),
        at_a_kink(Min(x, 2 - x), (1 + t, 1 - t), at=S.One),
        at_a_kink(-Abs(x) + Abs(x - 1), (S.One, 1 - 2 * t), ends=(-S.One, S.Half)),
    ],
)
def test_a_slope_that_changes_the_wrong_way(step: Step) -> None:
    assert is_accepted(step)


@pytest.mark.parametrize(
    "step",
    [
        at_a_kink(Abs(x), (-t, t)),  # the slope rises
        at_a_kink(a * Abs(x) + exp(x), (-a * t + exp(t), a * t + exp(t)), "concave"),  # falls
        at_a_kink(x**2, (t**2, t**2)),  # no kink
        at_a_kink(-Abs(x), (t, -t), at=S.One),  # the pieces at another place
        at_a_kink(Min(x, 1), (t, S.One)),  # a piece from further away
        at_a_kink(Min(x, 1), (t, S.One), ends=(-S.One, Integer(2))),
        at_a_kink(
            -Abs(x) + Abs(x - 1), (S.One, 1 - 2 * t), ends=(-S.One, Integer(2))
        ),  # beyond the next kink
        at_a_kink(-Abs(x), (t, -t), ends=(S.One, -S.One)),  # the wrong sides
        at_a_kink(-Abs(x), (t, -t), ends=(S.Zero, S.One)),  # nothing on the left
        at_a_kink(-Abs(x), (t, -t), region=(Relation(x, ">="),)),  # the end of the region
        at_a_kink(-Abs(x), (t, -t), region=(Relation(x, ">"),)),
        at_a_kink(Piecewise((S.One, x < 0), (-x, True)), (S.One, -t)),  # a jump
        at_a_kink(Piecewise((x, x < 0), (Integer(5), Eq(x, 0)), (-x, True)), (t, -t)),  # a single value
        at_a_kink(-sqrt(Abs(x)), (-sqrt(-t), -sqrt(t))),  # no slope
        at_a_kink(-Abs(x), (x, -x), along=x),  # the variable as the symbol of the line
        at_a_kink(-a * Abs(x), (-t * t, t * t), along=a),
    ],
)
def test_slopes_that_do_not_show_it(step: Step) -> None:
    assert not is_accepted(step)


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [  # the jump of the slope at the kink: 2 l, a - 2, a - 1, 2 a along (1, 1), and 2 b at 0
        ("l*abs(w) + (w - 1)^2 + (2*w - 3)^2", "w", {-1: "neither", 0: "convex"}),
        ("Piecewise((x^2, x < 1), (a*x + 1 - a, True))", "x", {1: "neither", 2: "convex"}),
        ("Piecewise((exp(x), x < 0), (a*x + 1, True))", "x", {0: "neither", 1: "convex"}),
        ("exp(x) + y^2 + a*abs(x + y - 1)", "x y", {-1: "neither", 0: "convex"}),
        ("b*abs(x) + abs(x - 2)", "x", {-1: "neither", -2: "neither", 1: "convex"}),
    ],
)
def test_kinks_whose_slopes_depend_on_a_parameter(
    text: str, variables: str, expected: dict[int, str]
) -> None:
    found = Problem(text, variables).convexity(timeout=60)
    (name,) = found.parameters
    assert {value: found.at({name: value}).kind for value in expected} == expected
    assert all(case.result.evidence.trust == "checked" for case in found)


def test_the_huber_loss_for_every_threshold() -> None:
    threshold = symbols("d", positive=True)
    huber = Piecewise((x**2 / 2, Abs(x) <= threshold), (threshold * Abs(x) - threshold**2 / 2, True))
    found = Problem(huber, [x]).convexity()
    assert (found.kind, found.evidence.trust) == ("convex", "checked")


@pytest.mark.parametrize(
    "objective", [sqrt(Abs(x)), log(1 + Abs(x)), Abs(x) / (1 + Abs(x)), sqrt(x**2 + 1) - Abs(x)]
)
def test_the_provers_claim_nothing_false_at_kinks(objective: Expr) -> None:
    assert Problem(objective, [x]).convexity(refute=False).kind == "undecided"
