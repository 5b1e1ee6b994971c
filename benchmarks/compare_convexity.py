"""Convexity side by side: symopt by trust and by rule, SymPy's is_convex, and CVXPY's rules on what is typed.

    python benchmarks/compare_convexity.py [FILE] [--every N] [--limit SECONDS] [--save rows.json]

Every question is asked in a process of its own, which is killed after the limit. SymPy is asked whether f and whether -f
is convex; CVXPY (extra `oracles`) whether it accepts f, with the signs of variables that the case gives. A claim that is
false of the case counts as wrong, whatever else was said; no claim, or only a part of what is true, as undecided.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import sympy
from score_convexity import Case, Question, row_of
from sympy.calculus.util import is_convex

TOOLS = ("symopt", "SymPy is_convex", "CVXPY rules")
SIGNS = {">": "pos", ">=": "nonneg", "<": "neg", "<=": "nonpos"}
Row = dict[str, Any]


def in_child(ask: Callable[[Case], tuple[Any, Any]], case: Case, limit: float) -> Row:
    """The answer of a function from a process of its own, with its seconds of processor time."""
    ours, theirs = multiprocessing.Pipe()

    def work() -> None:
        started = time.process_time()
        try:
            found = ask(case)
        except Exception:  # a traceback of the tool is no answer
            found = (None, None)
        theirs.send((found, time.process_time() - started))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    theirs.close()
    try:
        if ours.poll(limit):
            (convex, concave), seconds = ours.recv()
            return {"verdict": judged(convex, concave, case), "cpu_s": seconds}
        return {"verdict": "no answer in time", "cpu_s": limit}
    except EOFError:
        return {"verdict": "failed", "cpu_s": 0.0}
    finally:
        process.kill()
        process.join()


def judged(convex: bool | None, concave: bool | None, case: Case) -> str:
    """What two claims are worth beside the truth of a case; for a case that depends on its parameters none is true.

    Whether the region is convex is asked of symopt alone: the others cannot be given a set, or say nothing of it.
    """
    truth = case["truth"]
    if truth == "region_not_convex":
        return "undecided"
    true = {"convex": truth in ("convex", "affine"), "concave": truth in ("concave", "affine")}
    claims = {"convex": convex, "concave": concave}
    if truth == "depends":
        return "undecided" if set(claims.values()) == {None} else "wrong"
    if any(said is not None and bool(said) is not true[kind] for kind, said in claims.items()):
        return "wrong"
    decided = None not in claims.values() or (truth in claims and claims[truth] is not None)
    return "right" if decided else "undecided"


def ask_sympy(case: Case) -> tuple[Any, Any]:
    """is_convex of f and of -f; the domain is an interval in one variable, and cannot be given in several."""
    question = Question(case, as_symbols=True)
    options = {}
    if len(question.variables) == 1:
        (x,) = question.variables
        domain: Any = sympy.S.Reals
        for relation in question.domain:
            domain = domain.intersect(relation.as_set())
        free = sympy.Symbol(x.name)  # SymPy's interval arithmetic does not like assumptions on its symbol
        question.objective = question.objective.subs(x, free)
        question.variables, options = [free], {"domain": domain}
    answers = [is_convex(sign * question.objective, *question.variables, **options) for sign in (1, -1)]
    return answers[0], answers[1]


def ask_cvxpy(case: Case) -> tuple[Any, Any]:
    """Whether the rules find the typed expression convex, and whether concave; what they refuse is undecided."""
    import cvxpy as cp

    names: dict[str, Any] = {
        "exp": cp.exp,
        "log": cp.log,
        "sqrt": cp.sqrt,
        "Abs": cp.abs,
        "pi": float(sympy.pi),
    }
    names |= {"Max": cp.maximum, "Min": cp.minimum}
    question = Question(case, as_symbols=True)
    for name in case["variables"]:
        symbol = question.names[name]
        bounds = [SIGNS[r.rel_op] for r in question.domain if r in _bounds(symbol)]
        names[name] = cp.Variable(name=name, **({bounds[0]: True} if bounds else {}))
    signs = {"positive": "pos", "nonnegative": "nonneg", "negative": "neg", "nonpositive": "nonpos"}
    for name, kind in case["parameters"].items():
        names[name] = cp.Parameter(name=name, **({signs[kind]: True} if kind in signs else {}))
    typed = eval(case["expr"], {"__builtins__": {}}, names)
    if not typed.is_dcp():
        return None, None
    if typed.is_affine():
        return True, True
    return (True, None) if typed.is_convex() else (None, True)


def _bounds(symbol: sympy.Symbol) -> tuple[Any, ...]:
    return (symbol > 0, symbol >= 0, symbol < 0, symbol <= 0)


def table(rows: dict[str, list[Row]]) -> list[str]:
    """The figures of the tools as a table in Markdown."""
    lines = [f"| {len(rows[TOOLS[0]])} cases | {' | '.join(rows)} |", f"| --- |{' --- |' * len(rows)}"]
    for verdict in ("right", "undecided", "wrong", "no answer in time", "failed"):
        counts = [sum(row["verdict"] == verdict for row in rows[tool]) for tool in rows]
        if any(counts):
            shares = [
                f"{n} ({100 * n / len(rows[tool]):.0f} %)" for n, tool in zip(counts, rows, strict=True)
            ]
            lines.append(f"| {verdict} | {' | '.join(shares)} |")
    times = [[row["cpu_s"] for row in rows[tool]] for tool in rows]
    lines.append(f"| median, worst (s) | {' | '.join(f'{median(t):.2f}, {max(t):.1f}' for t in times)} |")
    return lines


def by_trust_and_rule(rows: list[Row]) -> list[str]:
    """How the decided answers of symopt are proved."""
    decided = [row for row in rows if row["verdict"] in ("right", "wrong")]
    readable = sum(bool(row["readable"]) and row["trust"] == "checked" for row in decided)
    lines = [f"readable and checked: {readable} of {len(decided)} decided"]
    trusts = Counter(str(row["trust"]) for row in decided)
    lines.append("trust: " + ", ".join(f"{trust} {count}" for trust, count in trusts.most_common()))
    rules = Counter(rule for row in decided for rule in row["rules"])
    lines.append("rules of the conclusions: " + ", ".join(f"{rule} {n}" for rule, n in rules.most_common()))
    flags = Counter(row["strict"] for row in rows if row["strict"])
    lines.append("strict flag: " + ", ".join(f"{flag} {count}" for flag, count in flags.most_common()))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", default=str(Path(__file__).parent / "cases" / "convexity.json"))
    parser.add_argument("--every", type=int, default=1, help="take every n-th case")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for a question to SymPy or CVXPY")
    parser.add_argument("--save", default="", help="write the rows to a JSON file")
    arguments = parser.parse_args()
    cases = json.loads(Path(arguments.file).read_text())["cases"][:: arguments.every]

    from symopt import Problem

    for warm in ("x^4 + exp(x)", "abs(x) + x^2 - x^4"):  # what is imported at the first question
        Problem(warm, "x").convexity()
    rows: dict[str, list[Row]] = {tool: [] for tool in TOOLS}
    try:
        import cvxpy  # noqa: F401
    except ImportError:
        del rows[TOOLS[2]]
    for case in cases:
        rows[TOOLS[0]].append(row_of(Question(case), True))
        rows[TOOLS[1]].append({"id": case["id"]} | in_child(ask_sympy, case, arguments.limit))
        if TOOLS[2] in rows:
            rows[TOOLS[2]].append({"id": case["id"]} | in_child(ask_cvxpy, case, arguments.limit))
        for tool in rows:
            if rows[tool][-1]["verdict"] == "wrong":
                print(f"wrong: {tool} {case['id']} {case['expr']} {case['domain'] or ''}", flush=True)
    print("\n".join(table(rows)))
    print("\n".join(by_trust_and_rule(rows[TOOLS[0]])))
    if arguments.save:
        Path(arguments.save).write_text(json.dumps(rows, indent=1, default=str))


if __name__ == "__main__":
    main()
