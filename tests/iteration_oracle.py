"""Whether a claim about eigenvalues or about an iteration fails somewhere, judged by the matrices of the iterations.

Nothing here knows the recursions of `symopt.derivation.iterations`: a method is one step of its definition, written as a
matrix that acts on the errors of the last two iterates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, product
from typing import Any

import claim_oracle
import numpy as np
from sympy import Expr, Float, Symbol

from symopt.derivation.claims import Attraction, Context, Rate, Spectrum, Step

Point = dict[Symbol, Expr]
MEMORIES = (0.0, 0.25, 0.9)
SHARES = (-0.5, 0.05, 0.5, 0.9, 0.999, 1.001, 1.1, 1.35, 1.9, 2.1, 3.7, 4.0)
WITH_MEMORY = ("momentum", "nesterov")


def errors_after(method: str, hessian: np.ndarray, eta: float, beta: float) -> np.ndarray:
    """The matrix that leads from (e_t, e_(t-1)) to (e_(t+1), e_t) when f is quadratic."""
    one, zero = np.eye(len(hessian)), np.zeros_like(hessian)
    if method == "newton":
        return one - eta * np.linalg.solve(hessian, hessian)
    if method == "gd":
        return one - eta * hessian
    if method == "momentum":  # x - eta grad f(x) + beta (x - x_before)
        return np.block([[one - eta * hessian + beta * one, -beta * one], [one, zero]])
    ahead = one - eta * hessian  # y - eta grad f(y) with y = x + beta (x - x_before)
    return np.block([[(1 + beta) * ahead, -beta * ahead], [one, zero]])


def radius(method: str, hessian: np.ndarray, eta: float, beta: float) -> float:
    return float(np.abs(np.linalg.eigvals(errors_after(method, hessian, eta, beta))).max())


def spectrum(step: Step, original: Step) -> Iterator[bool]:
    del original
    claim = step.claim
    symbols = {
        s for e in (claim.low, claim.high, *(e for row in claim.matrix for e in row)) for s in e.free_symbols
    }
    for point in islice(claim_oracle.points(step.context, symbols), 12):
        matrix = _numbers(claim.matrix, point)
        low, high = claim_oracle.at(claim.low, point), claim_oracle.at(claim.high, point)
        if matrix is None or low is None or high is None or not np.allclose(matrix, matrix.T):
            yield True
            continue
        values, size = np.linalg.eigvalsh(matrix), 1e-9 * (1 + np.abs(matrix).max())
        yield bool(values[0] < float(low) - size or values[-1] > float(high) + size)
        if claim.attained:
            yield any(np.abs(values - float(end)).min() > size for end in (low, high))


def _numbers(matrix: Any, point: Point) -> np.ndarray | None:
    entries = [[claim_oracle.at(e, point) for e in row] for row in matrix]
    if not entries or any(len(row) != len(entries) or None in row for row in entries):
        return None
    return np.array([[float(e) for e in row] for row in entries])


def _places(step: Step) -> Iterator[tuple[Point, Point, np.ndarray | None]]:
    """Parameters, the point, and the Hessian there; None where the point is no stationary point of the region."""
    claim = step.claim
    for parameters, place in islice(
        claim_oracle.members(claim.branch, Context((), step.context.condition)), 6
    ):
        everything = parameters | place
        slopes = [claim_oracle.at(claim.objective.diff(v), everything) for v in claim.variables]
        stationary = all(s is not None and abs(s) < 1e-12 for s in slopes)
        inside = all(claim_oracle.satisfies(r, everything) for r in step.context.region)
        named = set(place) == set(claim.variables)
        hessian = None
        if stationary and inside and named:
            second = [[claim.objective.diff(u, v) for v in claim.variables] for u in claim.variables]
            hessian = _numbers(second, everything)
        yield parameters, place, hessian


def attraction(step: Step, original: Step) -> Iterator[bool]:
    del original
    claim: Attraction = step.claim
    if (claim.memory is None) == (claim.method in WITH_MEMORY):
        yield True
        return
    for parameters, place, hessian in _places(step):
        if hessian is None:
            yield True
            continue
        values = np.linalg.eigvalsh(hessian)
        moving = values[np.abs(values) > 1e-12]
        if claim.effect == "converges":
            second = {
                s
                for u in claim.variables
                for v in claim.variables
                for s in claim.objective.diff(u, v).free_symbols
            }
            yield bool(step.context.region) or bool(second & set(claim.variables)) or not len(moving)
        for share, beta in product(SHARES, MEMORIES if claim.method in WITH_MEMORY else (0.0,)):
            scale = 1.0 if claim.method == "newton" or not len(moving) else np.abs(moving).max()
            eta = share * (1 + (beta if claim.effect else 0)) / scale
            letters = {claim.step_size: Float(eta, 40)} | (
                {claim.memory: Float(beta, 40)} if claim.memory else {}
            )
            said = [claim_oracle.satisfies(r, parameters | letters) for r in claim.when]
            if None in said:
                continue
            yield from _judged(claim, parameters, place, hessian, moving, eta, beta, all(said), step)


def _judged(
    claim: Attraction,
    parameters: Point,
    place: Point,
    hessian: np.ndarray,
    moving: np.ndarray,
    eta: float,
    beta: float,
    said: bool,
    step: Step,
) -> Iterator[bool]:
    if claim.method == "newton" and len(moving) < len(hessian):
        yield True
        return
    if claim.effect == "converges":
        found = radius(claim.method, np.diag(moving), eta, beta) if len(moving) else 0.0
        if abs(found - 1) > 1e-9:
            yield said != (found < 1)
    elif claim.effect in ("attracted", "repelled") and said:
        found = radius(claim.method, hessian, eta, beta)
        if abs(found - 1) > 1e-9 or not len(moving) or len(moving) < len(hessian):
            yield not found < 1 - 1e-12 if claim.effect == "attracted" else not found > 1 + 1e-12
    elif claim.effect == "contracts" and said:
        yield from (not after < before for before, after in _distances(claim, parameters, place, eta, step))


def _distances(
    claim: Any, parameters: Point, place: Point, eta: float, step: Step
) -> Iterator[tuple[float, float]]:
    """The distance from the point before and after a step of gradient descent, from places in a ball in the region."""
    target = np.array([float(place[v]) for v in claim.variables])
    for size in (0.9, 0.3, 0.01):
        for signs in product((1, -1, 0.5), repeat=len(target)):
            start = target + size * np.array(signs) / np.sqrt(len(target))
            mirrored = 2 * target - start
            inside = (
                claim_oracle.satisfies(
                    r, parameters | dict(zip(claim.variables, map(Float, where), strict=True))
                )
                for r in step.context.region
                for where in (start, mirrored)
            )
            if not all(inside):
                continue
            at = parameters | dict(zip(claim.variables, map(Float, start), strict=True))
            slope = np.array([float(claim_oracle.at(claim.objective.diff(v), at)) for v in claim.variables])
            yield float(np.linalg.norm(start - target)), float(np.linalg.norm(start - eta * slope - target))


def rate(step: Step, original: Step) -> Iterator[bool]:
    del original
    claim: Rate = step.claim
    if (claim.memory is None) == (claim.method in WITH_MEMORY):
        yield True
        return
    shown = [e for e in (claim.step_size, claim.memory, claim.factor) if e is not None]
    free = {s for e in shown for s in e.free_symbols}
    for parameters, place, hessian in _places(step):
        for share in (0.1, 0.7, 2.3) if free - set(parameters) else (0.0,):
            known = parameters | {s: Float(share) for s in free - set(parameters)}
            numbers = [claim_oracle.at(e, known) for e in shown]
            if hessian is None or None in numbers:
                yield True
                continue
            eta, beta, factor = (
                float(numbers[0]),
                float(numbers[1]) if claim.memory else 0.0,
                float(numbers[-1]),
            )
            if claim.kind == "bound":
                distances = _distances(claim, parameters, place, eta, step)
                yield from (after > factor * before + 1e-12 for before, after in distances)
                yield claim.method != "gd"
                continue
            if claim.method == "newton" and np.abs(np.linalg.eigvalsh(hessian)).min() < 1e-12:
                yield True
                continue
            found = radius(claim.method, hessian, eta, beta)
            yield abs(found - factor) > 1e-6 or not 0 <= beta < 1
            if claim.kind == "best":
                yield from (
                    radius(claim.method, hessian, eta * a, min(max(beta + b, 0.0), 0.999)) < factor - 1e-6
                    for a, b in product((0.5, 0.9, 0.99, 1, 1.01, 1.1, 2), (-0.1, -0.01, 0, 0.01, 0.1))
                    if claim.method in WITH_MEMORY or not b
                )


JUDGES: dict[type, Callable[[Step, Step], Iterator[bool]]] = {
    Spectrum: spectrum,
    Attraction: attraction,
    Rate: rate,
}
