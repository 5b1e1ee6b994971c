"""The worked answer of a whole problem: statement, derivatives, stationary points, convexity, extrema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sympy import Expr, S, Symbol

from symopt.errors import InputError
from symopt.relation import Relation
from symopt.results.cases import Cases, condition_cell
from symopt.results.convexity import Convexity
from symopt.results.derivatives import Derivatives
from symopt.results.extremum import Extremum
from symopt.results.stationary_set import StationarySet
from symopt.results.telling import is_changed
from symopt.statement import Statement
from symopt.writing.claims import worded
from symopt.writing.derivatives import differentiable_where, opened, with_condition
from symopt.writing.document import Block, Display, Document, Heading, Items, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Bounds, ByCases, Objective, Prime, Tokens, Typed
from symopt.writing.notation import Notation
from symopt.writing.places import listed
from symopt.writing.proof import given, given_pieces
from symopt.writing.syntax import tightest
from symopt.writing.worked_answer import Figure, WorkedAnswer

Answers = Cases[StationarySet] | Cases[Convexity] | Cases[Extremum]
PARTS: Final = ("statement", "derivatives", "stationary", "convexity", "minimum", "maximum")
DETAILS: Final = ("answer", "brief", "full")

_TASKS: Final[Mapping[str, str]] = {
    "derivatives": "the gradient and the Hessian",  # in one variable: f' and f''
    "stationary": "all stationary points, and what each of them is",
    "convexity": "whether the function is convex or concave",
    "minimum": "its global minimum",
    "maximum": "its global maximum",
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
    facts = statement.assumptions
    sections: Mapping[str, tuple[Block, ...]] = {
        "derivatives": ()
        if derivatives is None
        else given(derivatives_section(derivatives, detail, notation), facts),
        "stationary": ()
        if stationary is None
        else stationary_section(statement, stationary, derivatives, detail, notation),
        "convexity": () if convexity is None else section("Convexity", convexity, detail, notation, facts),
        "minimum": () if minimum is None else section("Global minimum", minimum, detail, notation, facts),
        "maximum": () if maximum is None else section("Global maximum", maximum, detail, notation, facts),
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
    blocks.append(Paragraph((*_given(statement), ".")))
    asked = [_task(task, statement) for task in tasks if task in _TASKS]
    every = ", for every value of the parameter" + "s" * (len(statement.parameters) > 1)
    every = every if statement.parameters else ""
    if len(asked) == 1:
        blocks.append(Paragraph(("Find ", *asked[0], f"{every}.")))
    elif asked:
        ends = [","] * (len(asked) - 1) + ["."]
        items = ((Paragraph((*task, end)),) for task, end in zip(asked, ends, strict=True))
        blocks += [Paragraph((f"Find{every}:",)), Items(tuple(items), numbered=True)]
    blocks += [Paragraph((_sentence(note),)) for note in statement.notes]
    return tuple(blocks)


def one_sentence(statement: Statement, formula: Tokens, notation: Notation) -> Document:
    """`Maximise f(x) = .. for real x, with ..`, and the notes on how it was read."""
    blocks = statement_blocks(statement, ())
    place = next(place for place, block in enumerate(blocks) if isinstance(block, Display))
    stated, *notes = blocks[place + 1 :]
    assert isinstance(stated, Paragraph), "the sentence goes on behind the formula"
    asked = ("Maximise ",) if statement.sense == "max" else ()
    return Document((Paragraph((*asked, Math(formula), " ", *stated.pieces)), *notes), notation)


def _given(statement: Statement) -> Pieces:
    """`for real x > 0, with a real parameter a > 1`: variables, parameters and what is given of them, each once."""
    own, joint = _bounds_of(statement.variables, tightest((*statement.domain, *statement.constraints)))
    constraints = tuple(r for r in joint if r in statement.constraints)
    domain = tuple(r for r in joint if r not in constraints)
    given: Pieces = ("for real ", *own)
    if domain:
        given += (" with ", Math((Bounds(domain),)))
    if statement.parameters:
        one = len(statement.parameters) == 1
        named, joint = _bounds_of(statement.parameters, tightest(statement.assumptions))
        given += (f", with {'a ' if one else ''}real parameter{'' if one else 's'} ", *named)
        if joint:
            given += (", where ", Math((Bounds(joint),)))
    if constraints:
        given += (", subject to ", Math((Bounds(constraints),)))
    return given


def _bounds_of(
    symbols: tuple[Symbol, ...], relations: tuple[Relation, ...]
) -> tuple[Pieces, tuple[Relation, ...]]:
    """The symbols, each with its bounds where these are plain (`x > 0`, `-1 < x < 1`), and the relations left."""
    plain = {s: tuple(r for r in relations if r.as_sides()[0] == s and r.symbols == {s}) for s in symbols}
    named: list[Pieces] = []
    used: set[Relation] = set()
    for symbol in symbols:
        own = plain[symbol]
        readable = len(own) == 1 or (len(own) == 2 and {r.as_sides()[1][0] for r in own} == {"<", ">"})
        named.append((Math((Bounds(own),)),) if own and readable else (Math((symbol,)),))
        used |= set(own) if readable else set()
    return listed(named), tuple(r for r in relations if r not in used)


def _task(task: str, statement: Statement) -> Pieces:
    if task == "derivatives" and len(statement.variables) == 1:
        (x,) = statement.variables
        return ("the derivatives ", Math((Prime(1, x),)), " and ", Math((Prime(2, x),)))
    return (_TASKS[task],)


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
        entries = list(dict.fromkeys(hessian[i][i] for i in range(n)))
        if len(entries) == 1:
            told: Pieces = ("The Hessian is diagonal, so its only eigenvalue is ", Math((entries[0],)), ".")
        else:
            shown = listed([(Math((entry,)),) for entry in entries])
            told = ("The Hessian is diagonal, so its eigenvalues are ", *shown, ".")
        blocks += (Paragraph(told),)
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
        variables, gradient = derivatives.variables, derivatives.gradient
        vanishes: Tokens = (Objective(order=1), "==", S.Zero)
        if len(variables) == 1:
            vanishes = (Prime(1, variables[0]), "==", S.Zero)
        where = differentiable_where(variables, gradient)
        lines = tuple(line for entry in gradient for line in _equations(entry, where))
        head: Pieces = ("A stationary point is a solution of ", Math(vanishes), ", that is")
        if where:
            head = (*worded("Where f has a derivative, a stationary point is a solution of "), *head[1:])
        told: tuple[Block, ...] = (Paragraph(head), Display(lines))
        if not any(gradient):
            told = (Paragraph(("Here ", Math(vanishes), " everywhere.")),)
        blocks += given(told, statement.assumptions)
    return blocks + _body(stationary, detail, notation, statement.assumptions)


def _equations(entry: Expr, where: tuple[Relation, ...]) -> tuple[Tokens, ...]:
    """`entry = 0`, case by case where the entry is given by cases."""
    (shown,) = opened(entry)
    if isinstance(shown, ByCases):
        return tuple(with_condition((value, "==", S.Zero), condition) for value, condition in shown.rows)
    return (with_condition((entry, "==", S.Zero), where),)


def section(
    title: str,
    cases: Answers,
    detail: str,
    notation: Notation,
    facts: tuple[Relation, ...] = (),
) -> tuple[Block, ...]:
    """The proof, case by case, and the result last."""
    return (Heading(title), *_body(cases, detail, notation, facts))


def _body(cases: Answers, detail: str, notation: Notation, facts: tuple[Relation, ...]) -> tuple[Block, ...]:
    proof = () if detail == "answer" else given(cases.proof(detail, notation), facts)
    if not proof:
        return result_blocks(cases, facts)
    if len(cases) == 1 and not cases.decided:
        return proof
    if len(cases) == 1 and isinstance(cases[0].result, Convexity):
        return (*proof, Paragraph(("In short, ", *_is_curved(cases[0].result), ".")))
    in_others = any(step.rule == "parameters" or is_changed(step) for step in cases[0].result.evidence.steps)
    if len(cases) == 1 and isinstance(cases[0].result, Extremum) and not in_others:
        return proof  # it ends in the result
    return (*proof, Paragraph(("In short:",)), *result_blocks(cases, facts))


def result_blocks(cases: Answers, facts: tuple[Relation, ...] = ()) -> tuple[Block, ...]:
    """The answer as a table, kinks apart from stationary points; a single word as a sentence.

    `facts` are what is given of the parameters, to which each row adds its case.
    """
    if len(cases) == 1 and isinstance(cases[0].result, Convexity):
        (first, *rest) = _is_curved(cases[0].result)
        lead = ("The function ", first) if isinstance(first, Math) else (str(first).capitalize(),)
        return (Paragraph((*lead, *rest, ".")),)
    results = [case.result for case in cases]
    if any(isinstance(result, StationarySet) and result.kinks for result in results):
        found = [r for r in results if isinstance(r, StationarySet)]
        tables = (
            [result.stationary_table() for result in found],
            [result.kink_table() for result in found],
        )
        return tuple(_joined(cases, own, facts) for own in tables)
    return (_joined(cases, [result.table() for result in results], facts),)


def _joined(cases: Answers, tables: list[Table], facts: tuple[Relation, ...]) -> Table:
    """One table of all cases, the case in front of its first row."""
    alone = len(cases) == 1 and not cases[0].condition.relations
    rows: list[tuple[Pieces, ...]] = []
    for condition, table in zip((case.condition for case in cases), tables, strict=True):
        known = (*facts, *condition.relations)
        for place, row in enumerate(table.rows):
            head = () if alone else ((condition_cell(condition) if place == 0 else ()),)
            rows.append((*head, *(given_pieces(cell, known) for cell in row)))
    columns = zip(*(table.header for table in tables), strict=True)
    header = tuple(listed(list(dict.fromkeys(column)), "or") for column in columns)
    return Table((*(() if alone else (("case",),)), *header), tuple(rows))


def _is_curved(convexity: Convexity) -> Pieces:
    """`f is strictly convex`."""
    if convexity.kind == "region_not_convex":
        return ("convexity is ", *convexity.label())
    return (Math((Objective(),)), " is ", *convexity.label())
