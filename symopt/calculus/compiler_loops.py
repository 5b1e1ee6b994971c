"""Iterations with a constant step size as generated functions: the steps are inside, the iterates local floats.

There are two functions for a method. `careful` makes every test of a run at every iterate; `fast` only looks for a
small gradient, so that what it has passed over is to be looked at again. Both return the state they have reached,
and both stop at the last iterate at which everything is finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, final

from symopt.calculus.compiler_functions import ROW_FUNCTIONS, SCALAR_FUNCTIONS
from symopt.calculus.emitter import ROWS, SCALARS, emit
from symopt.calculus.factorisation import newton_step
from symopt.calculus.program import TOTAL, Program

Function: TypeAlias = Callable[..., tuple[Any, ...]]
METHODS: Final = ("gd", "momentum", "newton")
# Python takes about 10 us to compile an operation: beyond this a loop is not worth it.
MOST_OPERATIONS: Final = 50_000
MOST_ELIMINATION: Final = 20_000
# A pivot of LDL^T this small beside the entry it comes from has lost its digits; larger multipliers lose them too.
SMALLEST_PIVOT: Final = 1e-10
LARGEST_MULTIPLIER: Final = 1e3


@final
@dataclass(frozen=True)
class Loop:
    """The generated functions of one method; `fast` is None where it would gain nothing.

    `fast(most, tolerance, step_size, beta, *x, *m)` returns `(steps, *x, *m)`: it stops after `most` steps, or
    at an x with |df/dx_i| <= tolerance for all i.

    `careful(nit, most, every, rows, uphill, tolerance, bound, step_size, beta, sign, *q, *p, *x, *m)` returns `(nit,
    stopped, *q, *p, *x, *m)` from iterate number `nit`, where q, p, x are the last three iterates. It stops where
    ||grad f|| <= tolerance (`stopped` is "small"), where q = p = x, where ||x|| > bound, and where Newton's step cannot
    be trusted ("other"); at number `most` it ends without having stopped (""). Of an iterate that is not finite it only
    tells the number of the one before, as `(nit,)`. Every `every`-th iterate (none for 0) is appended to `rows` as
    `(nit, f, ||grad f||, *x)`, and `uphill` gets the numbers of those from which the step is not one of descent of
    sign * f.

    `rows(most, step_size, beta, *x, *m)` takes `most` steps from many points at once, with an array for each variable,
    and returns `(least, *x, *m)`: the least max |df/dx_i| that each has met, nan where f was not defined.
    """

    careful: Function
    fast: Function | None
    rows: Function | None
    source: str


def loop(method: str, program: Program, size: int, hessian: Mapping[tuple[int, int], int]) -> Loop | None:
    """The loop of "gd", "momentum" or "newton" on a program whose results are f, its gradient and its Hessian.

    None where it would be too long.
    """
    value, gradient = program.results[0], program.results[1 : size + 1]
    if program.operations(program.results[: size + 1]) > MOST_OPERATIONS:
        return None
    if method != "newton":
        writer = _Writer(program, value, gradient, method == "momentum")
        sources = [writer.careful(), writer.fast()]
    else:
        if program.operations(program.results) > MOST_OPERATIONS:
            return None
        step = newton_step(program, gradient, hessian, MOST_ELIMINATION)
        if step is None:
            return None
        trust = [place for pair in step.pivots for place in pair] + list(step.multipliers)
        writer = _Writer(step.program, value, gradient, False, step.solution, trust)
        sources = [writer.careful(len(step.pivots))]
    source = "\n".join(sources)
    namespace = dict(SCALAR_FUNCTIONS)
    exec(compile(source, "<symopt>", "exec"), namespace)
    rows: Function | None = None
    if method != "newton":
        by_row = dict(ROW_FUNCTIONS)
        exec(compile(writer.rows(), "<symopt>", "exec"), by_row)
        rows = by_row["rows"]
    return Loop(namespace["careful"], namespace.get("fast"), rows, source)


@final
class _Writer:
    """Writes the functions of one method; `solution` is Newton's step, and `trust` what to test before it is taken."""

    def __init__(
        self,
        program: Program,
        value: int,
        gradient: Sequence[int],
        momentum: bool,
        solution: Sequence[int] = (),
        trust: Sequence[int] = (),
    ) -> None:
        self._program = program
        self._value = value
        self._gradient = tuple(gradient)
        self._momentum = momentum
        self._solution = tuple(solution)
        self._trust = tuple(trust)
        self._indices = range(len(gradient))

    def careful(self, pivots: int = 0) -> str:
        """The source of the function that tests everything."""
        # Every result is asked for twice, so that each has a name or is a number or a variable.
        results = (self._value, *self._gradient, *self._solution, *self._trust)
        lines, texts = emit(self._program, results * 2, SCALARS)
        value, gradient = texts[self._value], [texts[place] for place in self._gradient]
        along = [texts[place] for place in self._solution]
        move = gradient
        x, p, q = (self._names(letter) for letter in "xpq")
        m = self._memory()
        if self._momentum:
            move, along = m, m
        updates = [f"m{i} = beta * m{i} + {gradient[i]}" for i in self._indices] if self._momentum else []
        if self._solution:
            positive, sound = _pivot_tests([texts[place] for place in self._trust], pivots)
            # -f has the same Newton's step as f; H^-1 with H positive definite leads downhill.
            slope = [*_dot("slope", along, gradient), "if not sign * slope > 0.0: uphill.append(nit)"]
            updates += [f"if {positive}:", "    if sign < 0.0: uphill.append(nit)", f"elif {sound}:"]
            updates += [*(f"    {line}" for line in slope), "else:", _HAND_OVER]
            move = along
        elif self._momentum:
            updates += [*_dot("slope", along, gradient), "if not slope > 0.0: uphill.append(nit)"]
        updates += [f"{_listed(q)} = {_listed(p)}", f"{_listed(p)} = {_listed(x)}"]
        updates.append(
            f"{_listed(x)} = {_listed(f'{a} - step_size * {b}' for a, b in zip(p, move, strict=True))}"
        )
        same = " and ".join(f"{a} == {b} == {c}" for a, b, c in zip(x, p, q, strict=True))
        state = _listed([*q, *p, *x, *m])
        body = [
            *lines,
            f"norm = hypot({_listed(gradient)})",
            f"if not {value} - {value} == norm - norm == 0.0:",
            "    return (nit - 1,)",
            "if every and not nit % every and nit > start:",
            f"    rows.append((nit, {value}, norm, {_listed(x)}))",
            f"if norm <= tolerance: return nit, 'small', {state}",
            f"if not hypot({_listed(x)}) <= bound or {same}: return nit, 'other', {state}",
            f"if nit == most: return nit, '', {state}",
            *updates,
            "nit += 1",
        ]
        return _function(
            f"careful(nit, most, every, rows, uphill, tolerance, bound, step_size, beta, sign, {state})",
            ["start = nit"],
            "while True:",
            [line if line != _HAND_OVER else f"    return nit, 'other', {state}" for line in body],
            "return (nit - 1,)",
        )

    def fast(self) -> str:
        """The source of the function that goes ahead."""
        partial = self._is_partial()
        results = (self._value, *self._gradient) if partial else self._gradient
        lines, texts = emit(self._program, results * 2, SCALARS)
        x, m = self._names("x"), self._memory()
        gradient = [texts[place] for place in self._gradient]
        state = _listed([*x, *m])
        body = list(lines)
        if partial:
            body += [f"if {texts[self._value]} != {texts[self._value]}:", f"    return nit, {state}"]
        # f = x y has the variables themselves in its gradient: they must outlive their change.
        for i, text in enumerate(gradient):
            if text in x:
                body.append(f"g{i} = {text}")
                gradient[i] = f"g{i}"
        small = " and ".join(f"low <= {text} <= tolerance" for text in gradient)
        body += [f"if {small}:", f"    return nit, {state}"]
        for i, text in enumerate(gradient):
            if self._momentum:
                body.append(f"m{i} = beta * m{i} + {text}")
                body.append(f"x{i} -= step_size * m{i}")
            else:
                body.append(f"x{i} -= step_size * {text}")
        return _function(
            f"fast(most, tolerance, step_size, beta, {state})",
            ["low = -tolerance", "nit = 0"],
            "for nit in range(most):",
            body,
            f"return nit, {state}",
            f"return most, {state}",
        )

    def rows(self) -> str:
        """The source of the function for many points at once."""
        partial = self._is_partial()
        results = (self._value, *self._gradient) if partial else self._gradient
        lines, texts = emit(self._program, results * 2, ROWS)
        x, m = self._names("x"), self._memory()
        gradient = [texts[place] for place in self._gradient]
        body = [*lines, f"large = Abs({gradient[0]})"]
        body += [f"large = max(large, Abs({text}))" for text in gradient[1:]]
        body.append("least = min(least, large)")
        if partial:
            body.append(f"least = where_defined({texts[self._value]}, least)")
        move = m or gradient
        body += [f"m{i} = beta * m{i} + {text}" for i, text in enumerate(gradient)] if m else []
        body.append(
            f"{_listed(x)}, = {_listed(f'{a} - step_size * {b}' for a, b in zip(x, move, strict=True))},"
        )
        state = _listed([*x, *m])
        head = [
            f"def rows(most, step_size, beta, {state}):",
            "    least = inf",
            "    for nit in range(most):",
        ]
        return "\n".join([*head, *(f"        {line}" for line in body), f"    return least, {state}", ""])

    def _is_partial(self) -> bool:
        """Whether f may have no value."""
        instructions = [self._program.instructions[place] for place in self._program.needed([self._value])]
        return any(
            instruction[1] != instruction[1] if instruction[0] == "constant" else instruction[0] not in TOTAL
            for instruction in instructions
        )

    def _names(self, letter: str) -> list[str]:
        return [f"{letter}{i}" for i in self._indices]

    def _memory(self) -> list[str]:
        return self._names("m") if self._momentum else []


_HAND_OVER: Final = "hand over"


def _pivot_tests(texts: Sequence[str], pivots: int) -> tuple[str, str]:
    """H is positive definite; and failing that, no pivot and no multiplier is extreme."""
    pairs = [(texts[2 * k], texts[2 * k + 1]) for k in range(pivots)]
    multipliers = texts[2 * pivots :]
    positive = [f"{d} > {SMALLEST_PIVOT!r} * {h}" if d != h else f"{d} > 0.0" for d, h in pairs]
    positive += [f"{d} > 0.0" for d, h in pairs if d != h]
    sound = [f"abs({d}) > {SMALLEST_PIVOT!r} * abs({h})" for d, h in pairs]
    sound += [f"-{LARGEST_MULTIPLIER!r} < {text} < {LARGEST_MULTIPLIER!r}" for text in multipliers]
    return " and ".join(positive), " and ".join(sound)


def _dot(name: str, left: Sequence[str], right: Sequence[str]) -> list[str]:
    """The scalar product in lines that Python's recursive parser can take."""
    products = [f"{a} * {b}" for a, b in zip(left, right, strict=True)]
    rows = [" + ".join(products[start : start + 20]) for start in range(0, len(products), 20)]
    return [f"{name} = {rows[0]}", *(f"{name} += {row}" for row in rows[1:])]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _function(
    signature: str, before: Sequence[str], loop_head: str, body: Sequence[str], raised: str, after: str = ""
) -> str:
    """A function whose loop ends where Python's arithmetic raises: the state is that of the iterate it was at."""
    lines = [f"def {signature}:", *(f"    {line}" for line in before), "    try:", f"        {loop_head}"]
    lines += [f"            {line}" for line in body]
    lines += ["    except (ValueError, OverflowError, ZeroDivisionError):", f"        {raised}"]
    return "\n".join([*lines, f"    {after}" if after else "", ""])
