"""Straight-line program -> Python source, in the dialect of `math` scalars or of NumPy rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final, TypeAlias

from symopt.calculus.bounds import watched
from symopt.calculus.program import MUCH, Program

# How tightly a piece of source binds: conditions, sums, products, atoms.
LOOSE, SUM, PRODUCT, TIGHT = range(4)
# Deeper nesting is cut by a variable: Python's own parser is recursive.
DEEPEST: Final = 25
# Fewer zeros than this are returned one by one, like the other entries.
MANY_ZEROS: Final = 30
# Each reference to a number counts in it, one after the other; references to different ones do not wait.
DIFFERENT_ZEROS: Final = 8

Template: TypeAlias = tuple[str, int, tuple[int, ...]]

_ARITHMETIC: Final[dict[str, Template]] = {
    "+": ("{} + {}", SUM, (SUM, PRODUCT)),
    "-": ("{} - {}", SUM, (SUM, PRODUCT)),
    "*": ("{} * {}", PRODUCT, (PRODUCT, TIGHT)),
    "/": ("{} / {}", PRODUCT, (PRODUCT, TIGHT)),
    "neg": ("-{}", PRODUCT, (TIGHT,)),
    **{
        relation: (f"{{}} {relation} {{}}", LOOSE, (SUM, SUM))
        for relation in ("<", "<=", ">", ">=", "==", "!=")
    },
}


@dataclass(frozen=True)
class Dialect:
    """How operations are written where they are not calls of a function of their own name.

    A template has its text, how tightly that binds, and how tightly its operands must; the last of these stands for all
    the operands that are left, between commas.
    `named` lists the operations whose operands are written more than once, and so need names.
    """

    templates: Mapping[str, Template] = field(default_factory=dict)
    named: frozenset[str] = frozenset()


SCALARS: Final = Dialect(
    {
        **_ARITHMETIC,
        "Abs": ("abs({})", TIGHT, (LOOSE,)),
        "max": ("{0} if {0} >= {1} else {1}", LOOSE, (TIGHT, TIGHT)),
        "min": ("{0} if {0} <= {1} else {1}", LOOSE, (TIGHT, TIGHT)),
        "select": ("{1} if {0} else {2}", LOOSE, (SUM, SUM, SUM)),
        "where_defined": ("{1} if {0} == {0} else nan", LOOSE, (TIGHT, SUM)),
        "rest": (f"{{0}} - 1.0 if {{0}} > {MUCH!r} else fsum((-1.0, {{1}}))", LOOSE, (TIGHT, LOOSE)),
        "slope": ("1.0 if {0} >= 0.0 else -1.0", LOOSE, (SUM,)),
        "and": ("{} and {}", LOOSE, (SUM, SUM)),
        "or": ("{} or {}", LOOSE, (SUM, SUM)),
        "not": ("not {}", LOOSE, (SUM,)),
    },
    frozenset({"max", "min", "where_defined", "rest"}),
)
ROWS: Final = Dialect(_ARITHMETIC)
# Division by zero is outside the domain, and so is a call: `divide` and the functions see to it.
GUARDED_ROWS: Final = Dialect({name: template for name, template in _ARITHMETIC.items() if name != "/"})
_CALLS: Final = {"/": "divide", "and": "logical_and", "or": "logical_or", "not": "logical_not"}


def emit(program: Program, results: Iterable[int], dialect: Dialect) -> tuple[list[str], dict[int, str]]:
    """The assignments that compute the results, and the source of each value by its place.

    The variables of the program are called x0, x1, ...; a value used once is written where it is used.
    """
    results = list(results)
    order = program.needed(results)
    uses = _uses(program, order, results, dialect)
    lines: list[str] = []
    texts: dict[int, str] = {}
    levels: dict[int, int] = {}
    depths: dict[int, int] = {}
    instructions, templates = program.instructions, dialect.templates
    for place in order:
        instruction = instructions[place]
        head, depth = instruction[0], 0
        if head == "input":
            text, level = f"x{instruction[1]}", TIGHT
        elif head == "constant":
            text, level = repr(instruction[1]), TIGHT if instruction[1] >= 0 else PRODUCT
        else:
            template = templates.get(head)
            if template is None:
                parts = [texts[operand] for operand in instruction[1:]]
                text, level = f"{_CALLS.get(head, head)}({', '.join(parts)})", TIGHT
                depth = 1 + max([depths[operand] for operand in instruction[1:]])
            else:
                pattern, level, needed = template
                parts = []
                for operand, least in zip_longest(instruction[1:], needed, fillvalue=needed[-1]):
                    part = texts[operand]
                    parts.append(part if levels[operand] >= least else f"({part})")
                    if depths[operand] > depth:
                        depth = depths[operand]
                depth += 1
                text = pattern.format(*parts[: len(needed) - 1], ", ".join(parts[len(needed) - 1 :]))
            if uses[place] > 1 or depth > DEEPEST:
                lines.append(f"t{place} = {text}")
                text, level, depth = f"t{place}", TIGHT, 0
        texts[place], levels[place], depths[place] = text, level, depth
    return lines, texts


def _uses(program: Program, order: Iterable[int], results: Iterable[int], dialect: Dialect) -> list[int]:
    """How often the source of each instruction is written."""
    uses = [0] * len(program.instructions)
    for place in results:
        uses[place] += 1
    named = dialect.named
    for place in order:
        instruction = program.instructions[place]
        if instruction[0] not in ("input", "constant"):
            times = 2 if instruction[0] in named else 1
            for operand in instruction[1:]:
                uses[operand] += times
    return uses


def function_source(name: str, program: Program, layout: Sequence[int | None], dialect: Dialect) -> str:
    """A function of x0, x1, ... that returns the results of a layout as one flat tuple; None stands for 0.

    The scalar dialect asks `outside` where Python's arithmetic raises, and `beyond` where the first result
    is nan (where f has no value, its derivatives have none) or infinite, or a denominator or a quotient infinite.
    """
    results = [place for place in layout if place is not None]
    below = watched(program, results) if dialect is SCALARS else ()
    lines, sources = emit(program, [results[0], *results, *below], dialect)
    count = sum(instruction[0] == "input" for instruction in program.instructions)
    parameters = ", ".join(f"x{index}" for index in range(count))
    head, before, answer = _answer(layout, sources)
    head.append(f"def {name}({parameters}):")
    if dialect is not SCALARS:
        return "\n".join([*head, *(f"    {line}" for line in [*lines, *before, answer]), ""])
    first = sources[results[0]]
    return "\n".join(
        [
            *head,
            "    try:",
            *(f"        {line}" for line in lines),
            f"        if {_infinite(first, [sources[place] for place in below])}:",
            f"            return beyond({parameters})",
            *(f"        {line}" for line in [*before, answer]),
            "    except (ValueError, OverflowError, ZeroDivisionError):",
            f"        return outside({parameters})",
            "",
        ]
    )


def _infinite(first: str, others: Sequence[str]) -> str:
    """The condition that one of the values is infinite or nan."""
    if not others:
        return f"{first} - {first} != 0.0"
    parts = list(dict.fromkeys([first, *others]))
    while len(parts) > DEEPEST:
        parts = [f"({' + '.join(parts[i : i + DEEPEST])})" for i in range(0, len(parts), DEEPEST)]
    return f"({' + '.join(parts)}) * 0.0 != 0.0"


def _answer(layout: Sequence[int | None], sources: Mapping[int, str]) -> tuple[list[str], list[str], str]:
    """What stands above the function, what it does before it returns, and the return of its entries.

    Where most of them are 0, the others are put into a copy of a list of zeros: one entry after the other takes longer.
    """
    size, given = len(layout), [(index, place) for index, place in enumerate(layout) if place is not None]
    if size - len(given) < max(MANY_ZEROS, len(given)):
        entries = ", ".join("0.0" if place is None else sources[place] for place in layout)
        return [], [], f"return ({entries},)"
    times = -(-size // DIFFERENT_ZEROS)
    zeros = f"zeros = [float('0') for _ in range({DIFFERENT_ZEROS})] * {times}"
    stores = [f"entries[{index}] = {sources[place]}" for index, place in given]
    return [zeros, f"del zeros[{size}:]"], ["entries = zeros.copy()", *stores], "return tuple(entries)"
