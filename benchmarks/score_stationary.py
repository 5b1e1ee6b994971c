"""Stationary points, labels and global extrema against a file of known answers, judged outside symopt.

    python benchmarks/score_stationary.py [benchmarks/cases/stationary.json] [--only KIND_OR_ID] [--verbose]
                                          [--respell affine]
    python benchmarks/score_stationary.py benchmarks/cases/extrema.json

Every question is asked in a process of its own, which is killed when it overruns. The answers are read as their JSON,
evaluated with mpmath and compared with the file's: a point or label that is not in the file is wrong, and so is an
answer that says it is complete and leaves a point out. Undecided labels and points left open are undecided. Only
what the file has an answer to is asked.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import random
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import mpmath
import numpy as np
import sympy
from scipy.optimize import least_squares
from sympy.printing.str import StrPrinter

HARD_LIMIT = 60.0
TIMEOUT = 10.0
NEAR = 1e-8
KINDS = {
    "strict_local_min": ("minimum", True),
    "nonstrict_local_min": ("minimum", False),
    "strict_local_max": ("maximum", True),
    "nonstrict_local_max": ("maximum", False),
    "saddle": ("saddle", None),
    "degenerate_saddle": ("saddle", None),
    "horizontal_inflection": ("inflection", None),
    "constant": ("constant", None),
}
QUESTIONS = {"points": "points", "minimum": "global_min", "maximum": "global_max"}
NO_ANSWER = "no answer in the file"
NAMES = {n: sympy.Symbol(n) for n in ("S", "N", "E1", "I1", "Q", "beta", "gamma", "zeta")}
Case = dict[str, Any]
Numbers = dict[str, float]


# -- the same in other words ----------------------------------------------------------------------------


class Printer(StrPrinter):  # type: ignore[misc]
    """Text that symopt reads: there E is a plain name."""

    def _print_Exp1(self, expr: sympy.Expr) -> str:
        return "exp(1)"


OPPOSITE = {
    f"{strict}_local_{one}": f"{strict}_local_{other}"
    for strict in ("strict", "nonstrict")
    for one, other in (("min", "max"), ("max", "min"))
}


def respelled(case: Case, how: str) -> Case:
    """The same question written differently, with its answer: the variables are matrix * (new ones) + shift."""
    rng = random.Random(case["id"] + how)
    old = [sympy.Symbol(name) for name in case["variables"]]
    n, new, factor = len(old), old, sympy.Integer(1)
    matrix, shift = sympy.eye(n), sympy.zeros(n, 1)
    if how == "scaled":
        factor = sympy.Rational(rng.choice((2, 3, 7)), rng.choice((1, 4, 5)))
    elif how == "negated":
        factor = sympy.Integer(-1)
    elif how == "shifted":
        shift = sympy.Matrix([rng.choice((-2, 1, 3)) for _ in old])
    elif how == "renamed":
        new = [sympy.Symbol(f"{name}1") for name in "qhkr"[:n]]
        matrix = sympy.Matrix(n, n, lambda i, j: int(i + j == n - 1))
    elif how == "affine":
        entries = (-1, 0, 1, 2) if n > 1 else (2, -1, -3, sympy.Rational(1, 2))
        while matrix.is_diagonal() if n > 1 else matrix == sympy.eye(1):
            drawn = sympy.Matrix(n, n, lambda i, j: rng.choice(entries))
            matrix = drawn if drawn.det() != 0 else matrix
        shift = sympy.Matrix([rng.choice((0, 1, -2)) for _ in old])
    table = dict(zip(old, matrix * sympy.Matrix(new) + shift, strict=True))
    inverse = matrix.inv()

    def written(text: str) -> str:
        value = sympy.sympify(text, locals=NAMES, rational=True).subs(table, simultaneous=True)
        return Printer().doprint(value)

    def place(at: dict[str, str]) -> dict[str, str]:
        values = sympy.Matrix([sympy.sympify(at[v.name], locals=NAMES, rational=True) for v in old])
        moved = inverse * (values - shift)
        return {v.name: Printer().doprint(value) for v, value in zip(new, moved, strict=True)}

    def answer(branch: Case) -> Case:
        moved = dict(branch)
        for name in {"points", "families"} & branch.keys():
            moved[name] = [
                entry | {"at": place(entry["at"]), "type": OPPOSITE.get(entry["type"], entry["type"])}
                if factor < 0
                else entry | {"at": place(entry["at"])}
                for entry in branch[name]
            ]
        truth = branch.get("global_min")
        moved.pop("global_min", None)
        moved.pop("global_max", None)
        if truth is not None and factor > 0:
            infimum = truth["infimum"]
            scaled = infimum if infimum in ("oo", "-oo") else f"({factor})*({infimum})"
            at = [place(p.get("at", p)) for p in truth.get("at", ())]
            families = [f | {"at": place(f["at"])} for f in truth.get("families", ())]
            moved["global_min"] = truth | {"infimum": scaled, "at": at, "families": families}
        return moved

    objective = sympy.sympify(case["expr"], locals=NAMES, rational=True)
    objective = objective.expand() if how == "expanded" else factor * objective.subs(table, simultaneous=True)
    respelling = answer(case) | {
        "expr": Printer().doprint(objective),
        "variables": [v.name for v in new],
        "domain": [written(relation) for relation in case.get("domain", ())],
    }
    return respelling | ({"cases": [answer(b) for b in case["cases"]]} if case.get("cases") else {})


def without(case: Case, left_out: tuple[str, ...]) -> Case:
    """The case without its extrema, or without its points."""
    kept = {name: part for name, part in case.items() if name not in left_out}
    inner = [without(branch, left_out) for branch in case.get("cases", ())]
    return kept | ({"cases": inner} if inner else {})


# -- asking ---------------------------------------------------------------------------------------------


def asked_of(case: Case) -> list[str]:
    """The questions that the file has an answer to."""
    branches = case.get("cases") or [case]
    return [question for question, key in QUESTIONS.items() if any(key in branch for branch in branches)]


def answers_of(case: Case, timeout: float, connection: Any) -> None:
    """Ask symopt, and send the JSON of its answers (one for each sample of the parameters) with the processor time."""
    from symopt import Problem

    started = time.process_time()
    try:
        problem = Problem(
            case["expr"],
            case["variables"],
            subject_to=case.get("domain", ()),
            assuming=case.get("assumptions", ()),
        )
        asking = {
            "points": problem.stationary_points,
            "minimum": problem.minimum,
            "maximum": problem.maximum,
        }
        samples = [s for branch in case.get("cases", ()) for s in branch["samples"]] or [{}]
        found, seconds = {}, {}
        for question in asked_of(case):
            answer = asking[question](timeout=timeout)
            seconds[question] = time.process_time() - started
            found[question] = [
                (answer.at(sample) if sample else answer).to_dict()["cases"][0] for sample in samples
            ]
            started = time.process_time()
        connection.send(("answered", found, seconds))
    except Exception as error:  # a defect, reported as such
        connection.send(("failed", f"{type(error).__name__}: {error}", {}))


def ask(case: Case, timeout: float) -> tuple[str, Any, dict[str, float]]:
    """The answers from a process of their own, or "failed" with the reason."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=answers_of, args=(case, timeout, theirs))
    process.start()
    theirs.close()
    try:
        limit = HARD_LIMIT + 6 * timeout
        if ours.poll(limit):
            result = ours.recv()
            process.join(5)
            return result
        return "failed", f"no answer after {limit:.0f} s", {}
    except EOFError:
        return "failed", "the process died", {}
    finally:
        process.kill()


# -- numbers --------------------------------------------------------------------------------------------


def expression(text: str) -> sympy.Expr:
    """Text as it stands in the files and in symopt's JSON."""
    return sympy.sympify(text, locals=NAMES)


def value(text: str, numbers: Numbers) -> float:
    """The value of an expression; nan where it has none."""
    result = expression(text).subs({sympy.Symbol(n): v for n, v in numbers.items()})
    try:
        got = complex(sympy.N(result, 30))
    except (TypeError, ValueError):
        return float("nan")
    return got.real if abs(got.imag) < 1e-12 else float("nan")


def roots(numbers: dict[str, Any], parameters: Numbers) -> Numbers:
    """The auxiliary numbers of a point; those whose equations hold several of them are found together."""
    joint = {
        n: d for n, d in numbers.items() if "zero_of" in d and len(expression(d["zero_of"]).free_symbols) > 1
    }
    found: Numbers = {}
    for name, number in numbers.items():
        if name not in joint:  # its equation may hold the numbers before it
            found[name] = root(number, parameters | found)
    if joint:
        known = {sympy.Symbol(n): sympy.Float(v, 30) for n, v in found.items()}
        equations = [expression(d["zero_of"]).subs(known) for d in joint.values()]
        f = sympy.lambdify([sympy.Symbol(n) for n in joint], equations, "mpmath")
        with mpmath.workdps(30):
            ends = [
                [mpmath.mpf(sympy.N(expression(end), 30)) for end in d["interval"]] for d in joint.values()
            ]
            zero = mpmath.findroot(f, [(low + high) / 2 for low, high in ends])
        inside = all(low <= value <= high for value, (low, high) in zip(zero, ends, strict=True))
        found |= {
            name: float(value) if inside else float("nan") for name, value in zip(joint, zero, strict=True)
        }
    return found


def root(number: dict[str, Any], parameters: Numbers) -> float:
    """An auxiliary number of a point."""
    if "zero_of" in number:
        low, high = (mpmath.mpf(sympy.N(expression(end), 30)) for end in number["interval"])
        (symbol,) = expression(number["zero_of"]).free_symbols
        f = sympy.lambdify(symbol, expression(number["zero_of"]), "mpmath")
        return (
            float(mpmath.findroot(f, (low, high), solver="anderson", tol=1e-24)) if low < high else float(low)
        )
    equation = expression(number["root_of"]).subs(
        {sympy.Symbol(n): sympy.nsimplify(v, rational=True) for n, v in parameters.items()}
    )
    (symbol,) = equation.free_symbols
    return float(sympy.Poly(equation, symbol).real_roots(multiple=True)[number["index"]])


def holds(condition: str, numbers: Numbers) -> bool:
    """Whether a relation (or a conjunction) holds at numbers, a little inside."""
    if condition in ("True", ""):
        return True
    relation = sympy.sympify(condition, locals={"S": sympy.Symbol("S")})
    return bool(relation.subs({sympy.Symbol(n): v for n, v in numbers.items()}))


class Family:
    """Points given by expressions in free symbols: an isolated point is a family without any."""

    def __init__(
        self,
        at: dict[str, str],
        free: dict[str, str],
        where: list[str],
        parameters: Numbers,
        numbers: dict[str, Any],
    ):
        self.free, self.where = free, [w for w in where if w]
        self.known = dict(parameters)
        self.known |= roots(numbers, parameters)
        table = {sympy.Symbol(n): v for n, v in self.known.items()}
        symbols = [sympy.Symbol(n) for n in free]
        exact = [expression(text).subs(table) for text in at.values()]
        self._functions = [sympy.lambdify(symbols, e, "numpy") for e in exact]
        self.exact = exact

    def at(self, values: list[float]) -> np.ndarray:
        return np.array([complex(f(*values)).real for f in self._functions], dtype=float)

    def samples(self, rng: random.Random, count: int = 6) -> list[np.ndarray]:
        if not self.free:
            return [np.array([float(sympy.N(e, 25)) for e in self.exact])]
        found: list[np.ndarray] = []
        for _ in range(200):
            values = [
                rng.randint(-2, 2) if kind == "integer" else round(rng.uniform(-2.5, 2.5), 3)
                for kind in self.free.values()
            ]
            inside = dict(zip(self.free, values, strict=True)) | self.known
            if all(holds(w, inside) for w in self.where):
                with np.errstate(all="ignore"):
                    point = self.at(values)
                if np.all(np.isfinite(point)):
                    found.append(point)
            if len(found) == count:
                break
        return found

    def holds_point(self, target: np.ndarray) -> bool:
        """Whether the target is a member, by least squares over the real symbols and a search over the integers."""
        if not self.free:
            return bool(
                np.max(np.abs(self.samples(random.Random(0))[0] - target))
                < NEAR * (1 + np.max(np.abs(target)))
            )
        integers = [n for n, k in self.free.items() if k == "integer"]
        reals = [n for n, k in self.free.items() if k != "integer"]
        names = list(self.free)
        reach = (
            range(-12, 13) if len(integers) == 1 else range(-14, 15) if len(integers) == 2 else range(-3, 4)
        )
        scale = NEAR * 10 * (1 + np.max(np.abs(target)))
        for whole in sorted(itertools.product(reach, repeat=len(integers)), key=lambda w: sum(map(abs, w))):
            fixed = dict(zip(integers, whole, strict=True))
            if not reals:
                if np.max(np.abs(self.at([fixed[n] for n in names]) - target)) < scale and self._inside(
                    fixed
                ):
                    return True
                continue
            padding = [0.5] * max(0, len(reals) - len(target))
            starts = [[value] * len(reals) for value in (0.1, 1.3, -1.3, 2.9)]
            starts += [[*target[: len(reals)], *padding], [*target[::-1][: len(reals)], *padding]]

            def distance(free: np.ndarray, fixed: dict[str, int] = fixed) -> np.ndarray:
                given = fixed | dict(zip(reals, free, strict=True))
                with np.errstate(all="ignore"):
                    gap = self.at([given[n] for n in names]) - target
                return np.where(np.isfinite(gap), gap, 1e6)

            for start in starts:
                try:
                    got = least_squares(distance, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
                except ValueError:
                    continue
                if np.max(np.abs(got.fun)) < scale and self._inside(
                    fixed | dict(zip(reals, got.x, strict=True))
                ):
                    return True
        return False

    def _inside(self, values: Numbers) -> bool:
        # A border of `where` counts as inside: least squares may end on either side of it.
        for w in self.where:
            near = (
                {n: v + shift * (n in self.free) for n, v in values.items()} for shift in (0, 1e-6, -1e-6)
            )
            if not any(holds(w, moved | self.known) for moved in near):
                return False
        return True


# -- judging --------------------------------------------------------------------------------------------


def ours(point: dict[str, Any], parameters: Numbers) -> Family:
    where = point.get("where", "True")
    conditions = [] if where == "True" else [where]
    return Family(point["at"], point.get("free") or {}, conditions, parameters, point.get("with") or {})


def truths(
    answer: Case, parameters: Numbers, group: str = ""
) -> list[tuple[Family, tuple[str, bool | None], bool]]:
    """(family, label, is it one point) of the file; isolated points first, since a label of theirs goes before."""
    found = [
        (Family(p["at"], {}, [], parameters, {}), KINDS[p["type"]], True) for p in answer.get("points", ())
    ]
    found += [(family_of(f, parameters), KINDS[f["type"]], False) for f in answer.get("families", ())]
    return found


def family_of(family: Case, parameters: Numbers) -> Family:
    where = family.get("where") or []
    conditions = [where] if isinstance(where, str) else list(where)
    free = {p["name"]: "integer" if p["set"].startswith("int") else "real" for p in family["params"]}
    return Family(family["at"], free, conditions, parameters, {})


def judge_points(found: Case, truth: Case, parameters: Numbers, rng: random.Random) -> tuple[str, str]:
    """right, undecided or wrong, with the reason."""
    case, known = found, truths(truth, parameters)
    undecided = "" if case["complete"] else f"not complete: {case['evidence']['reason'][:90]}"
    mine: list[Family] = []
    for point in case["points"]:
        family = ours(point, parameters)
        mine.append(family)
        label = (point["kind"], point["strict"])
        for member in family.samples(rng):
            here = [lab for fam, lab, _ in known if fam.holds_point(member)]
            if not here:
                return "wrong", f"{point['at']} at {member} is not a stationary point of the file"
            if label[0] == "undecided":
                undecided = undecided or f"label of {point['at']}"
            elif not any(label[0] == kind and label[1] in (None, strict) for kind, strict in here):
                return "wrong", f"{point['at']} at {member}: {label} instead of {here[0]}"
            elif label[1] is None and all(strict is not None for kind, strict in here if kind == label[0]):
                undecided = undecided or f"strictness of {point['at']}"
    for family, label, _ in known:
        for member in family.samples(rng):
            if not any(f.holds_point(member) for f in mine):
                if case["complete"]:
                    return "wrong", f"complete without {member} ({label})"
                undecided = undecided or f"{member} not found"
    return ("undecided", undecided) if undecided else ("right", "")


def judge_extremum(
    case: Case, truth: Case, branch: Case, parameters: Numbers, rng: random.Random
) -> tuple[str, str]:
    """right, undecided or wrong, with the reason; `branch` holds the families that the truth counts."""
    if case["value"] is None:
        return "undecided", case["evidence"]["reason"][:90]
    wanted = truth["infimum"] if "infimum" in truth else truth["supremum"]
    if wanted in ("-oo", "oo") or case["value"] in ("oo", "-oo"):
        same = case["value"] == wanted
    else:
        numbers: Numbers = dict(parameters)
        for point in case["at"]:
            numbers |= roots(point.get("with") or {}, parameters)
        a, b = value(case["value"], numbers), value(str(wanted), parameters)
        same = abs(a - b) < NEAR * (1 + abs(b))
    if not same:
        return "wrong", f"{case['value']} instead of {wanted}"
    if case["attained"] is None:
        return "undecided", "attained or not"
    if case["attained"] != truth["attained"]:
        return "wrong", f"attained: {case['attained']}"
    return _judge_places(case, truth, branch, parameters, rng) if truth["attained"] else ("right", "")


def _judge_places(
    case: Case, truth: Case, branch: Case, parameters: Numbers, rng: random.Random
) -> tuple[str, str]:
    """Whether these are the points at which the extremum is reached, all of them when the answer says so."""
    mine = [ours(p, parameters) for p in case["at"]]
    listed = [Family(p.get("at", p), {}, [], parameters, {}) for p in truth.get("at", ())]
    families = [fam for fam, _, one in truths(branch, parameters) if not one]
    listed += [families[i] for i in truth.get("at_families", ()) if i < len(families)]
    listed += [family_of(f, parameters) for f in truth.get("families", ())]
    for family in () if truth.get("at_kinks") or not listed else mine:
        for member in family.samples(rng, 3):
            if not any(f.holds_point(member) for f in listed):
                return "wrong", f"an extremal point {member}"
    for family in listed:
        for member in family.samples(rng, 3):
            if not any(f.holds_point(member) for f in mine):
                return "undecided" if case["complete"] is False else "wrong", f"{member} is missing"
    return "right", ""


def judge(case: Case, timeout: float) -> list[dict[str, Any]]:
    """One row for each sample of the parameters."""
    status, found, seconds = ask(case, timeout)
    rows = []
    rng = random.Random(case["id"])
    count = 0
    for branch in case.get("cases") or [case]:
        for sample in branch.get("samples") or [{}]:
            row: dict[str, Any] = {"id": case["id"], "sample": sample, "seconds": seconds}
            numbers = {name: float(sympy.N(sympy.sympify(text))) for name, text in sample.items()}
            for question, key in QUESTIONS.items():
                if key not in branch and question not in found:
                    continue
                if status == "failed":
                    row[question] = ("failed", found, None)
                elif key not in branch:
                    row[question] = (NO_ANSWER, "", None)
                else:
                    answer = found[question][count]
                    verdict = (
                        judge_points(answer, branch, numbers, rng)
                        if question == "points"
                        else judge_extremum(answer, branch[key], branch, numbers, rng)
                    )
                    row[question] = (*verdict, answer["evidence"]["trust"])
            count += 1
            rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", default=str(Path(__file__).parent / "cases" / "stationary.json"))
    parser.add_argument("--only", default="", help="a kind or the beginning of an id")
    parser.add_argument("--every", type=int, default=1, help="take every n-th case")
    parser.add_argument("--start", type=int, default=0, help="from this one on, counted from 0")
    parser.add_argument(
        "--timeout", type=float, default=TIMEOUT, help="seconds a question, more on a busy machine"
    )
    parser.add_argument(
        "--respell",
        default="",
        help="expanded, scaled, negated, shifted, renamed or affine: ask in other words",
    )
    parser.add_argument("--points", action="store_true", help="ask for the stationary points alone")
    parser.add_argument("--extrema", action="store_true", help="ask for the minima and maxima alone")
    parser.add_argument("--verbose", action="store_true", help="a line for every case")
    arguments = parser.parse_args()
    import_module("symopt.problem")  # once, for all the processes that are forked
    cases = [c for c in json.loads(Path(arguments.file).read_text())["cases"] if c["group"] in "AB"]
    only = arguments.only
    cases = [c for c in cases if not only or c.get("kind") == only or c["id"].startswith(only)]
    rows = []
    left_out = ("global_min", "global_max") if arguments.points else ("points",) if arguments.extrema else ()
    for case in cases[arguments.start :: arguments.every]:
        asked_as = respelled(case, arguments.respell) if arguments.respell else case
        for row in judge(without(asked_as, left_out), arguments.timeout):
            rows.append(row)
            judged = {question: row[question] for question in QUESTIONS if question in row}
            if arguments.verbose or any(v not in ("right", NO_ANSWER) for v, _, _ in judged.values()):
                told = [f"{q} {v} {row['seconds'].get(q, 0):.1f}s {why}" for q, (v, why, _) in judged.items()]
                print(row["id"], case["expr"][:60], row["sample"] or "", " | ".join(told), flush=True)
    for question in QUESTIONS:
        report(question, [row for row in rows if question in row])


def report(question: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    print(question, dict(Counter(row[question][0] for row in rows)), end="; ")
    print("trust", dict(Counter(str(trust) for _, _, trust in (row[question] for row in rows))), end="; ")
    times = sorted({row["id"]: row["seconds"].get(question, HARD_LIMIT) for row in rows}.values())
    most = times[int(0.95 * (len(times) - 1))]
    print(f"seconds: median {median(times):.2f}, 95 % {most:.2f}, worst {times[-1]:.2f}")


if __name__ == "__main__":
    main()
