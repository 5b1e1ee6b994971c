"""Iterations with a constant step size as generated functions: the steps are inside, the iterates local floats.

There are two functions for a method. `careful` makes every test of a run at every iterate; `fast` looks for a small
gradient and little else, so that what it has passed over is to be looked at again. Both return the state they have
reached, and both stop at the last iterate at which everything is finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias, final

from symopt.calculus.compiler_functions import ROW_FUNCTIONS, SCALAR_FUNCTIONS
from symopt.calculus.emitter import ROWS, SCALARS, emit
from symopt.calculus.factorisation import NewtonStep, newton_step
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
    """The generated functions of one method, each made when first used.

    `fast(most, tolerance, step_size, beta, *x, *m)` returns `(steps, *x, *m)`: it stops after `most` steps, or
    at an x with |df/dx_i| <= tolerance for all i. That of Newton's method is `fast(most, tolerance, bound, start, uphill,
    *x)` from iterate number `start`, takes full steps towards a minimum, and stops as well where ||x|| > bound and where
    its step cannot be trusted; `uphill` is as below.

    `careful(nit, most, every, rows, uphill, tolerance, bound, step_size, beta, sense, *q, *p, *x, *m)` returns `(nit,
    stopped, (f, *grad f), *q, *p, *x, *m)` from iterate number `nit`, where q, p, x are the last three iterates. It stops
    where ||grad f|| <= tolerance (`stopped` is "small", and "definite" where a factorisation shows that H is positive
    definite too), where q = p = x, where ||x|| > bound, and where Newton's step cannot be trusted ("other"); at number
    `most` it ends without having stopped (""). Of an iterate that is not finite it only tells the number of the one
    before, as `(nit,)`. Every `every`-th iterate (none for 0) is appended to `rows` as
    `(nit, f, ||grad f||, *x)`, and `uphill` gets the numbers of those from which the step is not one of descent of
    sense * f (`sense` is 1, or -1 where f is maximised).

    `rows(most, step_size, beta, *x, *m)` takes `most` steps from many points at once, with an array for each variable,
    and returns `(least, *x, *m)`: the least max |df/dx_i| that each has met, nan where f was not defined. Newton's
    method has none.
    """

    _writer: _Writer

    @cached_property
    def careful(self) -> Function:
        """Every test at every iterate."""
        return _generated("careful", self._writer.careful(), SCALAR_FUNCTIONS)

    @cached_property
    def fast(self) -> Function:
        """Ahead with few tests."""
        return _generated("fast", self._writer.fast(), SCALAR_FUNCTIONS)

    @cached_property
    def rows(self) -> Function | None:
        """Many points at once."""
        source = self._writer.rows()
        return None if source is None else _generated("rows", source, ROW_FUNCTIONS)


def _generated(name: str, source: str, names: Mapping[str, Any]) -> Function:
    namespace = dict(names)
    exec(compile(source, "<symopt>", "exec"), namespace)
    function: Function = namespace[name]
    return function


def loop(method: str, program: Program, size: int, hessian: Mapping[tuple[int, int], int]) -> Loop | None:
    """The loop of "gd", "momentum" or "newton" on a program whose results are f, its gradient and its Hessian.

    None where it would be too long.
    """
    value, gradient = program.results[0], program.results[1 : size + 1]
    if program.operations(program.results[: size + 1]) > MOST_OPERATIONS:
        return None
    if method != "newton":
        return Loop(_Writer(program, value, gradient, method == "momentum"))
    if program.operations(program.results) > MOST_OPERATIONS:
        return None
    step = newton_step(program, gradient, hessian, MOST_ELIMINATION)
    return None if step is None else Loop(_Writer(step.program, value, gradient, False, step))


@final
class _Writer:
    """Writes the functions of one method; `step` is Newton's."""

    def __init__(
        self,
        program: Program,
        value: int,
        gradient: Sequence[int],
        momentum: bool,
        step: NewtonStep | None = None,
    ) -> None:
        self._program = program
        self._value = value
        self._gradient = tuple(gradient)
        self._momentum = momentum
        self._step = step
        self._indices = range(len(gradient))

    def careful(self) -> str:
        """The source of the function that tests everything."""
        newton = self._step
        # Every result is asked for twice, so that each has a name or is a number or a variable.
        results = (self._value, *self._gradient, *(() if newton is None else newton.places))
        lines, texts = emit(self._program, results * 2, SCALARS)
        value, gradient = texts[self._value], [texts[place] for place in self._gradient]
        move = gradient
        x, p, q = (self._names(letter) for letter in "xpq")
        m = self._memory()
        updates = [f"m{i} = beta * m{i} + {gradient[i]}" for i in self._indices] if self._momentum else []
        small = "'small'"
        if newton is not None:
            positive, sound = _is_definite(newton, texts), _is_sound(newton, texts)
            small = f"'definite' if {positive} else 'small'"
            move = [texts[place] for place in newton.solution]
            # -f has the same Newton's step as f; H^-1 with H positive definite leads downhill.
            slope = [*_dot("slope", move, gradient), "if not sense * slope > 0.0: uphill.append(nit)"]
            updates += [f"if {positive}:", "    if sense < 0.0: uphill.append(nit)", f"elif {sound}:"]
            updates += [*(f"    {line}" for line in slope), "else:", _HAND_OVER]
        elif self._momentum:
            move = m
            updates += [*_dot("slope", m, gradient), "if not slope > 0.0: uphill.append(nit)"]
        updates += [f"{_listed(q)} = {_listed(p)}", f"{_listed(p)} = {_listed(x)}"]
        updates.append(
            f"{_listed(x)} = {_listed(f'{a} - step_size * {b}' for a, b in zip(p, move, strict=True))}"
        )
        same = " and ".join(f"{a} == {b} == {c}" for a, b, c in zip(x, p, q, strict=True))
        state = _listed([*q, *p, *x, *m])
        reached = f"({value}, {_listed(gradient)}), {state}"
        body = [
            *lines,
            f"norm = hypot({_listed(gradient)})",
            f"if not {value} - {value} == norm - norm == 0.0:",
            "    return (nit - 1,)",
            "if every and not nit % every and nit > start:",
            f"    rows.append((nit, {value}, norm, {_listed(x)}))",
            f"if norm <= tolerance: return nit, {small}, {reached}",
            f"if not hypot({_listed(x)}) <= bound or {same}: return nit, 'other', {reached}",
            f"if nit == most: return nit, '', {reached}",
            *updates,
            "nit += 1",
        ]
        return _function(
            f"careful(nit, most, every, rows, uphill, tolerance, bound, step_size, beta, sense, {state})",
            ["start = nit"],
            "while True:",
            [line if line != _HAND_OVER else f"    return nit, 'other', {reached}" for line in body],
            "return (nit - 1,)",
        )

    def fast(self) -> str:
        """The source of the function that goes ahead."""
        newton, partial = self._step, self._is_partial()
        results = (self._value, *self._gradient) if partial else self._gradient
        if newton is not None:
            results = (*results, *newton.places)
        lines, texts = emit(self._program, results * 2, SCALARS)
        x, m = self._names("x"), self._memory()
        gradient = [texts[place] for place in self._gradient]
        state = _listed([*x, *m])
        stops = [f"({_both(f'low <= {text} and {text} <= tolerance' for text in gradient)})"]
        if partial:
            stops.append(f"{texts[self._value]} != {texts[self._value]}")
        constants, factor, move = "step_size, beta", "step_size * ", m or gradient
        if newton is not None:
            stops.append(f"not hypot({_listed(x)}) <= bound")
            constants, factor, move = "bound, start, uphill", "", [texts[place] for place in newton.solution]
        body = [*lines, f"if {' or '.join(stops)}:", f"    return nit, {state}"]
        if newton is not None:
            body += [f"if not ({_is_definite(newton, texts)}):", f"    if not ({_is_sound(newton, texts)}):"]
            body += [
                f"        return nit, {state}",
                *(f"    {line}" for line in _dot("slope", move, gradient)),
            ]
            body.append("    if not slope > 0.0: uphill.append(start + nit)")
        body += [f"m{i} = beta * m{i} + {text}" for i, text in enumerate(gradient)] if m else []
        # f = x y has the variables themselves in its gradient: they must outlive their change.
        body += [f"g{i} = {text}" for i, text in enumerate(move) if text in x]
        body += [f"x{i} -= {factor}{f'g{i}' if text in x else text}" for i, text in enumerate(move)]
        return _function(
            f"fast(most, tolerance, {constants}, {state})",
            ["low = -tolerance", "nit = 0"],
            "for nit in range(most):",
            body,
            f"return nit, {state}",
            f"return most, {state}",
        )

    def rows(self) -> str | None:
        """The source of the function for many points at once."""
        if self._step is not None:
            return None
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


def _is_definite(step: NewtonStep, texts: Mapping[int, str]) -> str:
    """H is positive definite, and its pivots have not lost their digits."""
    pairs = [(texts[pivot], texts[entry]) for pivot, entry in step.pivots]
    # Where the pivots before it are positive, one is never above the entry that it comes from, which is so positive too.
    return _both(f"{d} > {SMALLEST_PIVOT!r} * {h}" if d != h else f"{d} > 0.0" for d, h in pairs)


def _is_sound(step: NewtonStep, texts: Mapping[int, str]) -> str:
    """No pivot and no multiplier is extreme."""
    pairs = [(texts[pivot], texts[entry]) for pivot, entry in step.pivots]
    tests = [f"abs({d}) > {SMALLEST_PIVOT!r} * abs({h})" for d, h in pairs]
    bound = repr(LARGEST_MULTIPLIER)
    return _both([*tests, *(f"-{bound} < {texts[place]} < {bound}" for place in step.multipliers)])


def _both(tests: Iterable[str]) -> str:
    return " and ".join(tests)


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
