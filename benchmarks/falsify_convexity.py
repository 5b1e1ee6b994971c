"""Every curvature that symopt has claimed for a file of cases, hunted with chords at 50 digits.

    python benchmarks/score_convexity.py CASES --save rows.json
    python benchmarks/falsify_convexity.py CASES rows.json

The claims are read from the saved rows; symopt is not asked. Chords are long and short, and close to the border of the
region, to 0 and to the kinks that lie at simple numbers. A claim is refuted when a chord contradicts it by more than
the rounding of 50 digits; a strict claim also when a chord is flat.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mpmath
import sympy
from score_convexity import Question, holds, samples

DIGITS = 50
CHORDS = 150
TRIES = 1000
Point = list[Any]
Inside = Callable[[Point], bool]


def real(function: Callable[..., Any], point: Point) -> Any:
    """The value where it is a finite real number, else None."""
    try:
        value = mpmath.mpmathify(function(*point))
    except (ValueError, ZeroDivisionError, TypeError, OverflowError, mpmath.libmp.NoConvergence):
        return None
    return value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) else None


def tester(question: Question, values: dict[Any, Any], f: Callable[..., Any]) -> Inside:
    """Whether a point lies in the region, and f has a real value there."""
    relations = []
    for relation in question.domain:
        at = relation.subs(values)
        if at not in (sympy.true, True):
            relations.append((sympy.lambdify(question.variables, at.lhs - at.rhs, "mpmath"), at.rel_op))

    def inside(point: Point) -> bool:
        for difference, op in relations:
            d = real(difference, point)
            if d is None or not {"<": d < 0, "<=": d <= 0, ">": d > 0, ">=": d >= 0, "!=": d != 0}.get(
                op, d == 0
            ):
                return False
        return real(f, point) is not None

    return inside


def to_border(p: Point, direction: Point, inside: Inside, chance: random.Random) -> Point:
    """A point near the border of the region, from p in a direction; far away where there is none."""
    low, high = mpmath.mpf(0), mpmath.mpf(8)
    for _ in range(40):
        middle = (low + high) / 2
        moved = [c + middle * d for c, d in zip(p, direction, strict=True)]
        low, high = (middle, high) if inside(moved) else (low, middle)
    part = low * (1 - mpmath.mpf(10) ** -chance.randint(1, 9))
    return [c + part * d for c, d in zip(p, direction, strict=True)]


def chords(size: int, inside: Inside, chance: random.Random) -> Iterator[tuple[Point, Point]]:
    """Pairs of points of the region: at random, close together, near the border."""
    found: list[Point] = []
    simple = [
        mpmath.mpf(n) / d for n, d in ((0, 1), (1, 1), (-1, 1), (1, 2), (2, 1), (3, 1), (1, 10), (-2, 1))
    ]

    def number() -> Any:
        if chance.random() < 0.3:
            return chance.choice(simple) + chance.choice((0, 1, -1)) * mpmath.mpf(10) ** -chance.randint(1, 8)
        return mpmath.mpf(chance.uniform(-1, 1)) * chance.choice((mpmath.mpf("0.01"), 1, 3, 10, 40))

    for _ in range(TRIES):
        p = [number() for _ in range(size)]
        if not inside(p):
            continue
        found.append(p)
        direction = [mpmath.mpf(chance.uniform(-1, 1)) for _ in range(size)]
        if chance.random() < 0.3:
            direction = [c if i == 0 else 0 * c for i, c in enumerate(direction)]
        close = mpmath.mpf(10) ** -chance.randint(0, 7)
        q = [c + close * d for c, d in zip(p, direction, strict=True)]
        ends = [q, to_border(p, direction, inside, chance), chance.choice(found)]
        yield from ((p, end) for end in ends if end != p and inside(end))


def against(f: Callable[..., Any], kind: str, strict: bool, p: Point, q: Point, w: Any) -> bool:
    """Whether the chord contradicts the claim."""
    middle = [w * a + (1 - w) * b for a, b in zip(p, q, strict=True)]
    values = [real(f, point) for point in (p, q, middle)]
    if None in values:
        return False
    gap = w * values[0] + (1 - w) * values[1] - values[2]
    rounding = mpmath.mpf(10) ** (-DIGITS + 8) * (1 + max(abs(v) for v in values))
    turned = -gap if kind == "concave" else gap
    if kind == "affine":
        return bool(abs(gap) > rounding)
    apart = max(abs(a - b) for a, b in zip(p, q, strict=True))
    return bool(turned < -rounding) or (strict and apart > 0.1 and gap == 0)


def hunted(case: dict[str, Any], row: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """For each claim of the row at up to four values of the parameters: chords tried, and what was found."""
    question = Question(case)
    for condition, kind, strict in row.get("answer", ()):
        if kind not in ("convex", "concave", "affine"):
            continue
        points = [v for v in samples(question, [condition]) if holds(condition, v, question)]
        for at in points[:: max(1, len(points) // 4)][:4]:
            values = {question.parameters[n]: v for n, v in at.items()}
            f = sympy.lambdify(question.variables, question.objective.subs(values), "mpmath")
            chance, tried = random.Random(f"{case['id']} {at}"), 0
            for p, q in chords(len(question.variables), tester(question, values, f), chance):
                tried += 1
                w = chance.choice((mpmath.mpf(1) / 2, mpmath.mpf(1) / 16, mpmath.mpf(15) / 16))
                if against(f, kind, bool(strict), p, q, w):
                    names = [mpmath.nstr(c, 12) for c in (*p, *q)]
                    yield (
                        tried,
                        f"{case['id']} {kind}{' strict' if strict else ''} at {at}: {names} weight {w}",
                    )
                    break
                if tried >= CHORDS:
                    break
            yield tried, ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases")
    parser.add_argument("rows")
    arguments = parser.parse_args()
    mpmath.mp.dps = DIGITS
    cases = {c["id"]: c for c in json.loads(Path(arguments.cases).read_text())["cases"]}
    counts: Counter[str] = Counter()
    for row in json.loads(Path(arguments.rows).read_text()):
        for tried, found in hunted(cases[row["id"]], row):
            counts["claims"] += not found
            counts["chords"] += tried if not found else 0
            counts["without a chord"] += not found and not tried
            counts["contradicted"] += bool(found)
            if found:
                print(found, flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
