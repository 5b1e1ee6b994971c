"""The worked answer of a whole problem: statement, derivatives, stationary points, convexity, extrema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sympy import S

from symopt.errors import InputError
from symopt.results.cases import Cases
from symopt.results.convexity import Convexity
from symopt.results.derivatives import Derivatives
from symopt.results.extremum import Extremum
from symopt.results.stationary_set import StationarySet
from symopt.statement import Statement
from symopt.writing.document import Block, Display, Heading, Items, Math, Paragraph, Pieces
from symopt.writing.mathematics import Bounds, Objective, Typed
from symopt.writing.notation import Notation
from symopt.writing.places import listed
from symopt.writing.worked_answer import Figure, WorkedAnswer

PARTS: Final = ("statement", "derivatives", "stationary", "convexity", "minimum", "maximum")
DETAILS: Final = ("answer", "brief", "full")

_TASKS: Final[Mapping[str, str]] = {
    "derivatives": "the gradient and the Hessian,",
    "stationary": "all stationary points, and what each of them is,",
    "convexity": "whether the function is convex or concave,",
    "minimum": "its global minimum,",
    "maximum": "its global maximum,",
}


def worked_answer(
    statement: Statement,
    derivatives: Derivatives | None = None,
    stationary: Cases[StationarySet] | None = None,
    convexity: Cases[Convexity] | None = None,
    minimum: Cases[Extremum] | None = None,
    maximum: Cases[Extremum] | None = None,
    *,
    parts: Iterable[str] | None = None,
    detail: str = "brief",
    names: Mapping[str, str] | None = None,
    figure: Figure | None = None,
) -> WorkedAnswer:
    """The problem and its solution, ready to be handed in.

    `parts` are some of "statement", "derivatives", "stationary", "convexity", "minimum", "maximum" (None: all
    that are given); `detail` is "answer" (the results alone), "brief" or "full" (every step); `names` are
    one's own letters, such as `{"f": "L", "x": r"\\theta_1"}`. InputError names an unknown part or detail.
    """
    wanted = parts_wanted(parts)
    if detail not in DETAILS:
        raise InputError(f"detail={detail!r} is not known: use one of {', '.join(DETAILS)}")
    tables = [cases for cases in (stationary, convexity, minimum, maximum) if cases is not None]
    letters = (symbol for cases in tables for symbol in cases.notation.variables)
    notation = Notation.of(tuple(dict.fromkeys((*statement.variables, *letters))), names)
    sections: Mapping[str, tuple[Block, ...]] = {
        "derivatives": () if derivatives is None else derivatives_section(derivatives, detail, notation),
        "stationary": ()
        if stationary is None
        else stationary_section(statement, stationary, derivatives, detail, notation),
        "convexity": () if convexity is None else section("Convexity", convexity, detail, notation),
        "minimum": () if minimum is None else section("Global minimum", minimum, detail, notation),
        "maximum": () if maximum is None else section("Global maximum", maximum, detail, notation),
    }
    shown = [part for part in wanted if sections.get(part)]
    head = statement_blocks(statement, shown) if "statement" in wanted else ()
    return WorkedAnswer(head, tuple(block for part in shown for block in sections[part]), notation, figure)


def parts_wanted(parts: Iterable[str] | None) -> tuple[str, ...]:
    """The parts in their order; an unknown name is an InputError."""
    chosen = PARTS if parts is None else (parts,) if isinstance(parts, str) else tuple(parts)
    unknown = [part for part in chosen if part not in PARTS]
    if unknown:
        raise InputError(
            f"parts={unknown[0]!r} is not a part of a worked answer: use some of {', '.join(PARTS)}"
        )
    return tuple(part for part in PARTS if part in chosen)


def statement_blocks(statement: Statement, tasks: Iterable[str]) -> tuple[Block, ...]:
    """The problem as typed, what is given about it, and what is asked."""
    blocks: list[Block] = [
        Heading("Problem"),
        Paragraph(("Let",)),
        Display(((Objective(statement.variables), "==", Typed(statement.as_typed)),)),
    ]
    given: Pieces = ("for real ", *listed([(Math((v,)),) for v in statement.variables]))
    if statement.domain:
        given += (" with ", Math((Bounds(statement.domain),)))
    if statement.parameters:
        word = "parameter" if len(statement.parameters) == 1 else "parameters"
        given += (f", with the real {word} ", *listed([(Math((p,)),) for p in statement.parameters]))
    if statement.assumptions:
        given += (", where ", Math((Bounds(statement.assumptions),)))
    if statement.constraints:
        given += (", subject to ", Math((Bounds(statement.constraints),)))
    blocks.append(Paragraph((*given, ".")))
    asked = [_TASKS[task] for task in tasks if task in _TASKS]
    if asked:
        asked[-1] = asked[-1][:-1] + "."
        every = ", for every value of the parameter" + "s" * (len(statement.parameters) > 1)
        lead = f"Find{every if statement.parameters else ''}:"
        blocks += [Paragraph((lead,)), Items(tuple((Paragraph((task,)),) for task in asked), numbered=True)]
    blocks += [Paragraph((_sentence(note),)) for note in statement.notes]
    return tuple(blocks)


def _sentence(note: str) -> str:
    text = note[:1].upper() + note[1:]
    return text if text.endswith((".", "!", "?")) else text + "."


def derivatives_section(derivatives: Derivatives, detail: str, notation: Notation) -> tuple[Block, ...]:
    """Gradient and Hessian, and the eigenvalues of a diagonal one."""
    blocks: tuple[Block, ...] = (Heading("Derivatives"),)
    if detail == "full":
        blocks += derivatives.proof(detail, notation)
    else:
        lead = "Differentiating once and twice gives" if detail == "brief" else "The derivatives are"
        blocks += (Paragraph((lead,)), *derivatives.proof("brief", notation))
    hessian, n = derivatives.hessian, len(derivatives.variables)
    if n > 1 and all(hessian[i][j] == 0 for i in range(n) for j in range(n) if i != j):
        entries = listed([(Math((hessian[i][i],)),) for i in range(n)])
        blocks += (Paragraph(("The Hessian is diagonal, so its eigenvalues are ", *entries, ".")),)
    return blocks


def stationary_section(
    statement: Statement,
    stationary: Cases[StationarySet],
    derivatives: Derivatives | None,
    detail: str,
    notation: Notation,
) -> tuple[Block, ...]:
    """The equations, their solution case by case, and the table of the points."""
    blocks: tuple[Block, ...] = (Heading("Stationary points"),)
    if detail == "brief" and derivatives is not None:
        blocks += (
            Paragraph(
                (
                    "A stationary point is a solution of ",
                    Math((Objective(order=1), "==", S.Zero)),
                    ", that is",
                )
            ),
            Display(tuple((entry, "==", S.Zero) for entry in derivatives.gradient)),
        )
    return blocks + _body(stationary, detail, notation)


def section(
    title: str, cases: Cases[Convexity] | Cases[Extremum], detail: str, notation: Notation
) -> tuple[Block, ...]:
    """The proof, case by case, and the result last."""
    return (Heading(title), *_body(cases, detail, notation))


def _body(
    cases: Cases[StationarySet] | Cases[Convexity] | Cases[Extremum], detail: str, notation: Notation
) -> tuple[Block, ...]:
    proof = () if detail == "answer" else cases.proof(detail, notation)
    return (*proof, *((Paragraph(("In short:",)),) if proof else ()), cases.table())
