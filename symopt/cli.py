"""The command line: one sub-command for each question, one sentence when it cannot be read.

SymPy is imported only after the arguments and the grammar of the formulas have been checked, so that `--help` and bad
input are answered at once. Exit status: 0 answered, 1 undecided or not converged, 2 bad input.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import symopt

if TYPE_CHECKING:
    from symopt.numeric.run import Run
    from symopt.problem import Problem
    from symopt.writing.worked_answer import WorkedAnswer

QUESTIONS: Final = {
    "solve": "everything: derivatives, stationary points, convexity, global minimum and maximum",
    "derivatives": "gradient and Hessian",
    "stationary": "all stationary points, and what each of them is",
    "convexity": "convex, concave, affine or neither",
    "minimum": "the global minimum or infimum",
    "maximum": "the global maximum or supremum",
}
FORMATS: Final = ("text", "markdown", "latex", "json")
ENDINGS: Final = {
    ".txt": "text",
    ".md": "markdown",
    ".tex": "latex",
    ".json": "json",
    ".pdf": "pdf",
    ".png": "png",
}
PICTURES: Final = ("png", "pdf")
DOTS_PER_INCH: Final = 150
ENDINGS_OF: Final = {"plot": (".png", ".pdf")}  # the other commands take all of them
MOST_CHARACTERS: Final = 1_000_000  # from standard input, which need not end; the reader takes fewer
ANSWERED, UNDECIDED, BAD_INPUT = 0, 1, 2


class _OneSentence(argparse.ArgumentParser):
    """argparse, with its complaints in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"symopt: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer the question that the arguments ask, and return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args([_not_an_option(argument) for argument in given])
    try:
        return _answer(options)
    except symopt.InputError as error:
        return _complain(error)
    except symopt.SymoptError as error:
        print(f"symopt: {error}", file=sys.stderr)
        return UNDECIDED if isinstance(error, symopt.UndecidedError) else BAD_INPUT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ANSWERED
    except OSError as error:
        print(f"symopt: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("symopt: stopped", file=sys.stderr)
        return UNDECIDED
    except Exception as error:
        print(
            f"symopt: an internal error ({type(error).__name__}) stopped the answer; please report it",
            file=sys.stderr,
        )
        return UNDECIDED


def _not_an_option(argument: str) -> str:
    """-x^2 is an objective and -1,1 a start: after a space argparse does not look for an option in them."""
    is_text = argument[:1] == "-" and argument[1:2] not in ("", "-") and argument != "-h"
    return f" {argument}" if is_text else argument


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text.strip()!r} is not a positive number of seconds")
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = _OneSentence(prog="symopt", description="Symbolic optimisation: answers that are proved.")
    parser.add_argument("--version", action="version", version=f"symopt {symopt.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what in QUESTIONS.items():
        command = commands.add_parser(name, help=what, description=what)
        _add_problem(command)
        command.add_argument(
            "--format", choices=FORMATS, default="text", help="how to print the answer (text)"
        )
        command.add_argument(
            "--detail", choices=("answer", "brief", "full"), default="brief", help="how much of the proof"
        )
    run = commands.add_parser("run", help="an iteration: gradient descent, momentum, Newton")
    _add_problem(run)
    run.add_argument("--format", choices=FORMATS, default="text", help="how to print the result (text)")
    run.add_argument(
        "--start", required=True, metavar="1,1", help="where the run starts, one number for each variable"
    )
    run.add_argument(
        "--method",
        default="gd",
        help="gd, momentum, nesterov, newton, damped_newton, globalised_newton, adagrad, rmsprop, adam, bfgs, lbfgs (gd)",
    )
    run.add_argument("--step-size", metavar="1/10", help="a constant step size, backtracking, wolfe or exact")
    run.add_argument("--beta", metavar="9/10", help="the memory of momentum")
    run.add_argument("--max-iterations", type=int, default=1000, metavar="N")
    run.add_argument(
        "--tolerance", default="1e-8", metavar="T", help="stop when the norm of the gradient is at most T"
    )
    plot = commands.add_parser("plot", help="a picture: the graph or the contours with the stationary points")
    _add_problem(plot)
    return parser


def _add_problem(command: argparse.ArgumentParser) -> None:
    command.add_argument("objective", help='such as "(p-1)*x^2 + (p+1)*y^2"; - reads it from standard input')
    command.add_argument("--variables", metavar="x,y", help="all names of the objective when left out")
    command.add_argument("--parameters", metavar="p,q", help="the only other names allowed")
    command.add_argument(
        "--subject-to", action="append", default=[], metavar="RELATION", help='such as "x + y >= 1"'
    )
    command.add_argument(
        "--assuming", action="append", default=[], metavar="RELATION", help='such as "p > 0"'
    )
    command.add_argument("--sense", choices=("min", "max"), default="min")
    command.add_argument("--set", action="append", default=[], metavar="p=2", help="a number for a parameter")
    command.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="for each question (10); solve asks five, one after the other",
    )
    command.add_argument(
        "--out",
        "--output",
        metavar="FILE",
        help="write to FILE: .txt .md .tex .pdf .json, or .png for the picture",
    )


def _answer(options: argparse.Namespace) -> int:
    target = _target(options)
    _check_texts(options)
    values = _values(options.set)
    start = _start(options.start) if options.command == "run" else []
    problem = _problem(options, values)
    if options.command == "run":
        return _run(problem, start, options, target)
    if options.command == "plot" or target == "png":
        return _picture(problem, options.out)
    answers = _answers(problem, options)
    written = target or options.format
    if written == "json":
        _put(json.dumps(_json(problem, options.command, answers), indent=2), options.out)
    else:
        document = _document(problem, options, answers)
        if options.out:
            document.save(options.out)
        else:
            shown = {"text": document.text, "markdown": document.markdown, "latex": document.latex}[written]()
            _put(shown, None)
    asked = answers.values() if options.command == "solve" else (answers[options.command],)
    return ANSWERED if all(getattr(answer, "decided", True) for answer in asked) else UNDECIDED


def _target(options: argparse.Namespace) -> str | None:
    """The format that the ending of the file asks for; InputError when it cannot be written, before any work."""
    endings = ENDINGS_OF.get(options.command, tuple(ENDINGS))
    if options.out is None:
        if options.command == "plot":
            raise symopt.InputError("a picture needs a file: --out picture.png or --out picture.pdf")
        return None
    path = Path(options.out)
    ending = path.suffix.lower()
    if ending not in endings:
        raise symopt.InputError(f"{options.out!r} should end in {' or '.join(endings)}")
    folder = path.parent
    why = (
        f"there is no folder {str(folder)!r}"
        if not folder.exists()
        else f"{str(folder)!r} is not a folder"
        if not folder.is_dir()
        else "it is a folder"
        if path.is_dir()
        else "you may not write there"
        if not os.access(path if path.exists() else folder, os.W_OK)
        else ""
    )
    if why:
        raise symopt.InputError(f"{options.out!r} cannot be written: {why}")
    return ENDINGS[ending]


def _check_texts(options: argparse.Namespace) -> None:
    """InputError for what the grammar alone can tell, before SymPy is loaded."""
    from symopt.reading.grammar import check_grammar
    from symopt.reading.names import read_names

    options.objective = _standard_input() if options.objective == "-" else options.objective.strip()
    names = {
        name for listed in (options.variables, options.parameters) if listed for name in read_names(listed)
    }
    check_grammar(options.objective, names)
    for relation in (*options.subject_to, *options.assuming):
        check_grammar(relation, names, relation=True)


def _problem(options: argparse.Namespace, values: dict[str, str]) -> Problem:
    problem = symopt.Problem(
        options.objective,
        options.variables,
        parameters=options.parameters,
        subject_to=options.subject_to,
        assuming=options.assuming,
        sense=options.sense,
    )
    return problem.at(values) if values else problem


def _values(entries: Sequence[str]) -> dict[str, str]:
    """The values that `--set` gives, by name."""
    values: dict[str, str] = {}
    for name, value in (_assignment(part) for entry in entries for part in entry.split(",")):
        if name in values:
            raise symopt.InputError(f"--set gives two values for {name}")
        values[name] = value
    return values


def _standard_input() -> str:
    try:
        return sys.stdin.read(MOST_CHARACTERS).strip()
    except UnicodeDecodeError:
        raise symopt.InputError("standard input is not text in UTF-8") from None


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise symopt.InputError(f"--set {text!r} should read like p=2")
    return name, value


def _answers(problem: Problem, options: argparse.Namespace) -> dict[str, Any]:
    """The answers to the questions of the command; each question has the whole time-out and is asked once."""
    timeout = options.timeout
    questions: dict[str, Callable[[], Any]] = {
        "derivatives": lambda: problem.derivatives(timeout=timeout),
        "stationary": lambda: problem.stationary_points(timeout=timeout),
        "convexity": lambda: problem.convexity(timeout=timeout),
        "minimum": lambda: problem.minimum(timeout=timeout),
        "maximum": lambda: problem.maximum(timeout=timeout),
    }
    needed = {"solve": tuple(questions), "stationary": ("derivatives", "stationary")}
    return {name: questions[name]() for name in needed.get(options.command, (options.command,))}


def _document(problem: Problem, options: argparse.Namespace, answers: dict[str, Any]) -> WorkedAnswer:
    from symopt.results.explain import worked_answer

    parts = None if options.command == "solve" else ("statement", options.command)
    return worked_answer(problem.statement, **answers, parts=parts, detail=options.detail)


def _json(problem: Problem, command: str, answers: dict[str, Any]) -> object:
    """One answer as its own JSON; all of them under their names."""
    if command != "solve":
        return answers[command].to_dict()
    names = {"stationary": "stationary_points"}
    statement = {
        "objective": str(problem.objective),
        "variables": [s.name for s in problem.variables],
        "parameters": [s.name for s in problem.parameters],
        "region": [str(r) for r in problem.feasible_region],
        "assumptions": [str(r) for r in problem.assumptions],
        "notes": list(problem.notes),
    }
    return {
        "problem": statement,
        **{names.get(name, name): answer.to_dict() for name, answer in answers.items()},
    }


def _run(problem: Problem, start: list[float], options: argparse.Namespace, target: str | None) -> int:
    _require_numbers(problem, "a run needs numbers")
    extra = {} if options.beta is None else {"beta": options.beta}
    run = problem.run(
        start,
        method=options.method,
        step_size=options.step_size,
        max_iterations=options.max_iterations,
        tolerance=options.tolerance,
        **extra,
    )
    if target in PICTURES:
        _picture(problem, options.out, run)
    else:
        written: dict[str, Callable[[], str]] = {
            "text": lambda: str(run),
            "markdown": run.markdown,
            "latex": lambda: run.latex(standalone=options.out is not None),
            "json": lambda: json.dumps(run.to_dict(), indent=2),
        }
        _put(written[target or options.format](), options.out)
    return ANSWERED if run.success else UNDECIDED


def _start(text: str) -> list[float]:
    """The numbers of `--start`."""
    numbers = []
    for part in text.split(","):
        try:
            numbers.append(float(Fraction(part.strip())))
        except (ValueError, ZeroDivisionError, OverflowError):
            raise symopt.InputError(f"--start holds {part.strip()!r}, which is not a number") from None
    return numbers


def _picture(problem: Problem, out: str, run: Run | None = None) -> int:
    from symopt.plotting import draw_problem

    if len(problem.parameters) > 1:
        _require_numbers(problem, "a picture shows the cases of one parameter at most")
    draw_problem(problem, run).savefig(out, bbox_inches="tight", dpi=DOTS_PER_INCH)
    return ANSWERED


def _require_numbers(problem: Problem, why: str) -> None:
    if problem.parameters:
        names = [symbol.name for symbol in problem.parameters]
        needed = " ".join(f"--set {name}=2" for name in names)
        verb = "has no value" if len(names) == 1 else "have no values"
        raise symopt.InputError(f"{', '.join(names)} {verb}, and {why}: give them, as in {needed}")


def _put(text: str, out: str | None) -> None:
    if out is not None:
        Path(out).write_text(text.rstrip("\n") + "\n", encoding="utf-8")
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    print(text.rstrip("\n"))


def _complain(error: symopt.InputError) -> int:
    """One sentence, and where the place in the text is known a line that points at it."""
    from symopt.reading.tokens import point_at

    print(f"symopt: {error}", file=sys.stderr)
    if error.text is not None and error.column is not None:
        print(point_at(error), file=sys.stderr)
    return BAD_INPUT
