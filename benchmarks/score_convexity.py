"""Convexity against a file of known answers, judged outside symopt.

    python benchmarks/score_convexity.py [benchmarks/cases/convexity.json] [--only KIND_OR_ID] [--respell affine]

Every question is asked in a process of its own, which is killed when it overruns. The answer is read as its JSON: where
it depends on parameters, it is compared with the file's at sample values, the ends of the file's cases among them. A
witness is evaluated with mpmath.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import sympy
from sympy import Rational, S, Symbol

TIMEOUT = 10.0  # seconds on the clock
GRACE = 30.0  # beyond it, before the process of a question is killed
MAX_SAMPLES = 40
GRID = [
    Rational(n, d)
    for n, d in (
        (0, 1),
        (1, 1),
        (-1, 1),
        (2, 1),
        (-2, 1),
        (1, 2),
        (-1, 2),
        (3, 1),
        (-3, 1),
        (1, 9),
        (7, 1),
        (-7, 1),
    )
]
CURVED = {"convex": ("convex",), "concave": ("concave",)}
Case = dict[str, Any]
Values = dict[str, sympy.Expr]


# -- the question ---------------------------------------------------------------------------------------


class Question:
    """A case as SymPy objects, for respelling, and as the arguments of `Problem`."""

    def __init__(self, case: Case, as_symbols: bool = False, timeout: float = TIMEOUT) -> None:
        self.case, self.timeout = case, timeout
        self.variables = [Symbol(name, real=True) for name in case["variables"]]
        self.parameters = {
            name: Symbol(name, **assumptions(kind)) for name, kind in case["parameters"].items()
        }
        self.names = {v.name: v for v in self.variables} | self.parameters
        whole = any(kind in ("integer", "even", "odd") for kind in case["parameters"].values())
        self.as_text = not (as_symbols or whole)
        self.objective: Any = self.read(case["expr"])
        self.domain: list[Any] = [self.read(text) for text in case["domain"]]
        self.conditions = [self.read(text) for text in case["parameter_conditions"]]

    def read(self, text: str) -> Any:
        return sympy.sympify(text, locals=self.names | {"E": Symbol("E")})

    def ask(self, refute: bool) -> Any:
        from symopt import Problem

        if self.as_text:
            objective, domain = self.case["expr"], list(self.case["domain"])
            assuming = list(self.case["parameter_conditions"]) + list(self._as_conditions())
            problem = Problem(objective, self.case["variables"], subject_to=domain, assuming=assuming)
        else:
            domain = [r for r in self.domain if r != True]  # noqa: E712
            conditions = [c for c in self.conditions if c != True]  # noqa: E712
            problem = Problem(self.objective, self.variables, subject_to=domain, assuming=conditions)
        return problem.convexity(timeout=self.timeout, refute=refute)

    def _as_conditions(self) -> Iterator[str]:
        ops = {
            "positive": "> 0",
            "negative": "< 0",
            "nonnegative": ">= 0",
            "nonpositive": "<= 0",
            "nonzero": "!= 0",
        }
        for name, kind in self.case["parameters"].items():
            if kind in ops:
                yield f"Ne({name}, 0)" if kind == "nonzero" else f"{name} {ops[kind]}"


def assumptions(kind: str) -> dict[str, bool]:
    return {"real": True} | ({} if kind == "real" else {kind: True})


def respelled(question: Question, how: str) -> Question:
    """The same question, written differently: it must get the same verdict."""
    rng = random.Random(question.case["id"] + how)
    variables = question.variables
    question.as_text = False
    if how == "expanded":
        question.objective = question.objective.expand()
    elif how == "scaled":
        question.objective = Rational(rng.choice([2, 3, 7]), rng.choice([5, 4, 1])) * question.objective
    elif how == "shifted":
        question.objective = question.objective + sum(rng.choice([-2, 1, 3]) * v for v in variables) - 5
    elif how == "renamed":
        fresh = [Symbol(f"{name}1", real=True) for name in "qhkrgm"[: len(variables)]]
        _substitute(question, dict(zip(variables, fresh, strict=True)))
        question.variables = fresh[::-1]
    elif how == "affine":
        _substitute(question, _affine_change(variables, rng))
    return question


def _affine_change(variables: list[Symbol], rng: random.Random) -> dict[Symbol, sympy.Expr]:
    n = len(variables)
    while True:
        matrix = sympy.Matrix(
            n, n, lambda i, j: rng.choice([-1, 0, 1, 2] if n > 1 else [2, -1, -3, Rational(1, 2)])
        )
        if matrix.det() != 0 and (n == 1 or not matrix.is_diagonal()):
            break
    image = matrix * sympy.Matrix(variables)
    return {v: image[i] + rng.choice([0, 1, -2]) for i, v in enumerate(variables)}


def _substitute(question: Question, table: dict[Symbol, sympy.Expr]) -> None:
    question.objective = question.objective.subs(table, simultaneous=True)
    question.domain = [r.subs(table, simultaneous=True) for r in question.domain]


def _answer(question: Question, refute: bool, connection: Any) -> None:
    started = time.perf_counter(), time.process_time()

    def seconds() -> tuple[float, float]:
        return time.perf_counter() - started[0], time.process_time() - started[1]

    try:
        found = question.ask(refute).to_dict()
        connection.send(("answered", found, seconds()))
    except Exception as error:  # a defect, reported as such
        connection.send(("failed", f"{type(error).__name__}: {error}", seconds()))


def answer(question: Question, refute: bool) -> tuple[str, Any, tuple[float, float]]:
    """The answer from a process of its own, or "failed" with the reason."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_answer, args=(question, refute, theirs))
    process.start()
    theirs.close()
    try:
        limit = question.timeout + GRACE
        if ours.poll(limit):
            result: tuple[str, Any, tuple[float, float]] = ours.recv()
            process.join(5)
            return result
        return "failed", f"no answer after {limit:.0f} s", (limit, limit)
    except EOFError:
        return "failed", "the process died", (0.0, 0.0)
    finally:
        process.kill()


# -- judging --------------------------------------------------------------------------------------------


def holds(condition: Any, values: Values, question: Question) -> bool:
    read = question.read(condition) if isinstance(condition, str) else condition
    if read in (S.true, S.false, True, False):
        return bool(read)
    return bool(read.subs({question.parameters[n]: v for n, v in values.items()}))


def boundaries(question: Question, texts: list[str]) -> dict[str, list[sympy.Expr]]:
    """Where a condition in a single parameter changes."""
    found: dict[str, list[sympy.Expr]] = defaultdict(list)
    for text in texts:
        for relation in question.read(text).atoms(sympy.core.relational.Relational) if text != "True" else ():
            difference = relation.lhs - relation.rhs
            if len(difference.free_symbols) == 1 and difference.is_polynomial():
                (symbol,) = difference.free_symbols
                with suppress(NotImplementedError):  # coefficients such as e
                    found[symbol.name] += sympy.real_roots(difference.as_poly(symbol))
    return found


def samples(question: Question, texts: list[str]) -> list[Values]:
    """Values of the parameters: a grid, the ends of cases, and values close to them."""
    if not question.parameters:
        return [{}]
    ends = boundaries(question, texts)
    axes = []
    for name, symbol in question.parameters.items():
        near = [
            e + d
            for e in ends[name]
            for d in (0, Rational(1, 1000), -Rational(1, 1000))
            if e.is_rational or d
        ]
        values = dict.fromkeys([*near, *GRID] if len(question.parameters) < 3 else [*near, *GRID[:7]])
        axes.append([(name, sympy.nsimplify(v) if v.is_rational else Rational(float(v))) for v in values])
        axes[-1] = [(n, v) for n, v in axes[-1] if symbol.subs(symbol, v) == v and fits(symbol, v)]
    points = [dict(pairs) for pairs in itertools.product(*axes)]
    random.Random(0).shuffle(points) if len(points) > 10 * MAX_SAMPLES else None
    inside = (p for p in points if all(holds(c, p, question) for c in question.conditions))
    return list(itertools.islice(inside, MAX_SAMPLES))


def fits(symbol: Symbol, value: sympy.Expr) -> bool:
    return all(
        getattr(value, f"is_{name}") is not False
        for name, wanted in symbol.assumptions0.items()
        if wanted and hasattr(value, f"is_{name}")
    )


def truth_at(question: Question, values: Values) -> str | None:
    case = question.case
    if case["truth"] != "depends":
        return str(case["truth"])
    return next((t for condition, t in case["truth_cases"] if holds(condition, values, question)), None)


def verdict(kind: str, truth: str | None, parametric: bool) -> str:
    """right, undecided or wrong; "convex" is true of an affine function, but not all there is to say."""
    if kind == "undecided" or truth is None or (truth == "affine" and kind in CURVED):
        return "undecided"
    if kind == truth or (kind == "affine" and truth in CURVED and parametric):
        return "right"
    return "wrong"


def judge(question: Question, found: Case) -> dict[str, Any]:
    """The worst verdict over the sample values, and that of the strict flag."""
    cases = found["cases"]
    texts = [c["condition"] for c in cases] + [c for c, _ in question.case.get("truth_cases", ())]
    rows, flags, why = [], [], ""
    for values in samples(question, texts):
        here = [c for c in cases if holds(c["condition"], values, question)]
        if len(here) != 1:
            rows.append("wrong")
            why = why or f"{len(here)} cases at {values}"
            continue
        result = verdict(here[0]["kind"], truth_at(question, values), bool(question.parameters))
        rows.append(result)
        if result != "right":
            truth = truth_at(question, values)
            why = why or f"{here[0]['kind']} instead of {truth} at {values}: {here[0]['evidence']['reason']}"
        if question.case["strict"] is not None and here[0]["kind"] != "undecided":
            flags.append({None: "unknown", question.case["strict"]: "right"}.get(here[0]["strict"], "wrong"))
    worst = next(v for v in ("wrong", "undecided", "right") if v in rows or v == "right")
    flag = next((v for v in ("wrong", "unknown", "right") if v in flags), None)
    return {"verdict": worst, "strict": flag, "why": why, "witness": judge_witnesses(question, cases)}


def judge_witnesses(question: Question, cases: list[Case]) -> str:
    """missing, false or right: two exact points and a weight for every "not convex" and "not concave"."""
    results = []
    for case in (c for c in cases if c["kind"] == "neither"):
        witness = case["evidence"]["witness"] or {}
        points = samples(question, [case["condition"]])
        inside = next((p for p in points if holds(case["condition"], p, question)), {})
        for name, sign in (("not_convex", -1), ("not_concave", 1)):
            results.append(_chord(question, witness[name], sign, inside) if name in witness else "missing")
    return next((v for v in ("false", "missing", "right") if v in results), "")


def _chord(question: Question, witness: Case, sign: int, inside: Values) -> str:
    """Whether the chord shows it: at the parameters that the witness names, else at a sample of its case."""
    names = {v.name: v for v in question.variables} | question.parameters
    named = {n: sympy.sympify(v, locals=names) for n, v in witness["parameters"].items()}
    given = {names[n]: v for n, v in (inside | named).items()}
    p, q = ({names[n]: sympy.sympify(v, locals=names) for n, v in witness[end].items()} for end in "pq")
    w = sympy.sympify(witness["weight"])
    middle = {v: w * p[v] + (1 - w) * q[v] for v in question.variables}
    at = []
    for point in (p, q, middle):
        numbers = given | {v: sympy.sympify(c).subs(given) for v, c in point.items()}
        at.append(question.objective.subs(numbers, simultaneous=True))
    gap = sympy.N(w * at[0] + (1 - w) * at[1] - at[2], 30, maxn=3000)
    return "right" if gap.is_number and gap.is_real and gap * sign > 0 else "false"


def row_of(question: Question, refute: bool) -> dict[str, Any]:
    status, found, seconds = answer(question, refute)
    row: dict[str, Any] = {
        "id": question.case["id"],
        "kind": question.case.get("kind", "sample"),
        "s": seconds[0],
        "cpu_s": seconds[1],
    }
    if status == "failed":
        return row | {
            "verdict": "failed",
            "strict": None,
            "why": found,
            "trust": None,
            "readable": None,
            "witness": "",
        }
    evidence = [c["evidence"] for c in found["cases"]]
    trusts = [t for t in ("trusted", "recomputed", "checked") if any(e["trust"] == t for e in evidence)]
    row |= {"trust": trusts[0] if trusts else None, "readable": all(e["readable"] for e in evidence)}
    row["rules"] = sorted({e["rule"] for e in evidence if e["rule"]})
    row["answer"] = [(c["condition"], c["kind"], c["strict"]) for c in found["cases"]]
    return row | judge(question, found)


# -- the figures ----------------------------------------------------------------------------------------


def report(rows: list[dict[str, Any]]) -> None:
    for kind in sorted({row["kind"] for row in rows}):
        print(f"{kind:22}", dict(Counter(row["verdict"] for row in rows if row["kind"] == kind)))
    print("all", dict(Counter(row["verdict"] for row in rows)))
    asked = [row for row in rows if row.get("strict")]
    print("strict flag", dict(Counter(row["strict"] for row in asked)))
    decided = [row for row in rows if row["verdict"] in ("right", "wrong")]
    print("trust of the decided", dict(Counter(row["trust"] for row in decided)))
    print(
        "readable and checked",
        sum(bool(r["readable"]) and r["trust"] == "checked" for r in decided),
        "of",
        len(decided),
    )
    print("witnesses of 'neither'", dict(Counter(row["witness"] for row in rows if row["witness"])))
    for name, field in (("seconds", "s"), ("seconds of this processor", "cpu_s")):
        times = sorted(row[field] for row in rows)
        late = times[int(0.95 * (len(times) - 1))]
        print(f"{name}: median {median(times):.3f}, 95 % {late:.2f}, worst {times[-1]:.2f}")


def line(row: dict[str, Any], case: Case) -> str:
    about = f"{case['expr'][:64]} {case['domain'] or ''} {case['parameter_conditions'] or ''}"
    flag = f" strict {row['strict']}" if row["strict"] not in (None, "right") else ""
    witness = f" witness {row['witness']}" if row["witness"] in ("false", "missing") else ""
    return f"{row['id']} {row['s']:6.2f}s {row['verdict']}{flag}{witness} {row['trust']} | {about} | {row['why'][:150]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", default=str(Path(__file__).parent / "cases" / "convexity.json"))
    parser.add_argument(
        "--only", default="", help="kinds or beginnings of ids, with commas between, or first:last"
    )
    parser.add_argument("--every", type=int, default=1, help="take every n-th case")
    parser.add_argument("--respell", default="", help="expanded, scaled, shifted, renamed or affine")
    parser.add_argument("--symbols", action="store_true", help="ask with SymPy expressions instead of text")
    parser.add_argument(
        "--no-refute", action="store_true", help="the provers alone: is any claim of theirs wrong?"
    )
    parser.add_argument(
        "--slow", type=float, default=1.5, help="cases above these seconds are printed as well"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT,
        help="seconds on the clock; on a machine that others use, allow more and read the processor's time",
    )
    parser.add_argument("--save", default="", help="write the rows to a JSON file")
    arguments = parser.parse_args()
    cases = json.loads(Path(arguments.file).read_text())["cases"]
    wanted = tuple(filter(None, arguments.only.split(",")))
    cases = [c for c in cases if not wanted or c.get("kind") in wanted or c["id"].startswith(wanted)]
    if ":" in arguments.only:
        first, last = arguments.only.split(":")
        cases = [c for c in json.loads(Path(arguments.file).read_text())["cases"] if first <= c["id"] <= last]

    from symopt import Problem

    for warm in ("x^4 + exp(x)", "abs(x) + x^2 - x^4"):  # what is imported at the first question
        Problem(warm, "x").convexity()
    rows = []
    for case in cases[:: arguments.every]:
        question = Question(case, arguments.symbols, arguments.timeout)
        row = row_of(
            respelled(question, arguments.respell) if arguments.respell else question, not arguments.no_refute
        )
        rows.append(row)
        odd = (
            row["verdict"] != "right"
            or row["strict"] in ("wrong", "unknown")
            or row["witness"] in ("false", "missing")
        )
        if odd or row["s"] > arguments.slow or row["trust"] == "trusted" or len(wanted) == len(cases):
            print(line(row, case), flush=True)
    report(rows)
    if arguments.save:
        Path(arguments.save).write_text(json.dumps(rows, indent=1, default=str))


if __name__ == "__main__":
    main()
