"""For which step sizes a method converges, and how fast, for one case of the parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, cast

from sympy import Expr, Mul, Pow, S, Symbol

from symopt.derivation.claims import Branch, Spectrum
from symopt.errors import InputError
from symopt.exact.gates import operations
from symopt.exact.normal import NotExact, factors
from symopt.results.branches import branch_at, branch_to_dict, symbols_of
from symopt.results.evidence import Evidence
from symopt.results.point import Point
from symopt.results.result import Result
from symopt.results.telling import proof_blocks, subject_of, undecided_pieces, variables_of, with_lead
from symopt.writing.claims import worded
from symopt.writing.document import Block, Math, Paragraph, Pieces, Table
from symopt.writing.iterations import METHOD_NAMES, interval_tokens
from symopt.writing.notation import Notation
from symopt.writing.places import branch_pieces, listed, number_pieces
from symopt.writing.proof import given, sentence
from symopt.writing.solving import joined
from symopt.writing.syntax import expression_text

HEADER: Final[tuple[Pieces, ...]] = (
    ("stationary point",),
    ("method",),
    ("step sizes that converge",),
    ("step size",),
    ("factor a step",),
)


@dataclass(frozen=True)
class MethodTheory:
    """What is proved of one method at one stationary point.

    `effect` is "converges" (from every start, for these step sizes and no others), "attracted" (from every start near
    enough), "contracts" (in a ball within the region), "repelled" (for all these step sizes), or None; `step_sizes` are
    the ends of the open interval, for any memory in [0, 1). With `step_size` (and `memory`) the error shrinks by the
    factor `rate` a step; `kind`: "best" of all constant choices, "exact", "bound".
    """

    method: str
    effect: str | None
    step_sizes: tuple[Expr, Expr] | None = None
    step_size: Expr | None = None
    memory: Expr | None = None
    rate: Expr | None = None
    kind: str | None = None

    def expressions(self) -> tuple[Expr, ...]:
        """Every expression in it."""
        shown = (self.step_size, self.memory, self.rate)
        return (*(self.step_sizes or ()), *(e for e in shown if e is not None))

    def replaced(self, values: dict[Symbol, Expr]) -> MethodTheory:
        """The same with symbols replaced."""

        def at(expression: Expr | None) -> Expr | None:
            return None if expression is None else tidied(expression.xreplace(values))

        return replace(
            self,
            step_sizes=None
            if self.step_sizes is None
            else (tidied(self.step_sizes[0].xreplace(values)), tidied(self.step_sizes[1].xreplace(values))),
            step_size=at(self.step_size),
            memory=at(self.memory),
            rate=at(self.rate),
        )

    def to_dict(self) -> dict[str, object]:
        """The theory of the method as JSON."""
        return {
            "effect": self.effect,
            "step_sizes": None if self.step_sizes is None else [_text(end) for end in self.step_sizes],
            "step_size": _text(self.step_size),
            "memory": _text(self.memory),
            "rate": _text(self.rate),
            "kind": self.kind,
        }


@dataclass(frozen=True)
class PointTheory:
    """The methods at one stationary point, where the Hessian's eigenvalues lie in [mu, L].

    `attained` says that both are eigenvalues there; otherwise they are bounds, or None where none were proved. Of a
    family of points it is about the member `branch`.
    """

    point: Point
    branch: Branch
    mu: Expr | None
    L: Expr | None
    attained: bool
    methods: tuple[MethodTheory, ...]

    @property
    def condition_number(self) -> Expr | None:
        """L/mu, where mu > 0 is proved; otherwise None."""
        positive = any(m.method != "newton" and m.rate is not None for m in self.methods)
        return tidied(self.L / self.mu) if positive and self.L is not None and self.mu is not None else None

    def method(self, method: str) -> MethodTheory:
        """What is proved of a method: "gd", "momentum", "nesterov" or "newton"."""
        found = next((m for m in self.methods if m.method == method), None)
        if found is None:
            known = ", ".join(m.method for m in self.methods)
            raise InputError(f"{method!r} is not a method of this theory; it has {known}")
        return found

    def replaced(self, values: dict[Symbol, Expr]) -> PointTheory:
        """The same with symbols replaced."""
        return replace(
            self,
            point=self.point.replaced(values),
            branch=branch_at(self.branch, values),
            mu=None if self.mu is None else tidied(self.mu.xreplace(values)),
            L=None if self.L is None else tidied(self.L.xreplace(values)),
            methods=tuple(m.replaced(values) for m in self.methods),
        )

    def to_dict(self) -> dict[str, object]:
        """The point, the range of eigenvalues, and the methods by name."""
        return {
            "point": {**self.point.to_dict(), **branch_to_dict(self.branch)},
            "mu": _text(self.mu),
            "L": _text(self.L),
            "attained": self.attained,
            "condition_number": _text(self.condition_number),
            "methods": {m.method: m.to_dict() for m in self.methods},
        }


@dataclass(frozen=True, repr=False)
class StepSizeTheory(Result):
    """Constant step sizes at each stationary point; with a single point, `mu`, `L` and `method("gd")` are that point's.

    `letters` are the symbols of the step size and of the memory.
    """

    points: tuple[PointTheory, ...]
    letters: tuple[Symbol, Symbol]
    evidence: Evidence

    def __iter__(self) -> Iterator[PointTheory]:
        return iter(self.points)

    @property
    def only(self) -> PointTheory:
        """The one point; InputError when there are several or none."""
        if len(self.points) != 1:
            raise InputError(f"there are {len(self.points)} stationary points: choose one of .points")
        return self.points[0]

    def method(self, method: str) -> MethodTheory:
        """What is proved of a method at the one point."""
        return self.only.method(method)

    @property
    def mu(self) -> Expr | None:
        """The smallest eigenvalue of the Hessian, or a lower bound on the region."""
        return self.only.mu

    @property
    def L(self) -> Expr | None:
        """The largest eigenvalue of the Hessian, or an upper bound on the region."""
        return self.only.L

    @property
    def condition_number(self) -> Expr | None:
        """L/mu."""
        return self.only.condition_number

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        found: frozenset[Symbol] = frozenset()
        for theory in self.points:
            own = theory.branch.own_symbols | set(self.letters)
            ends = (e for e in (theory.mu, theory.L) if e is not None)
            inner = (e for m in theory.methods for e in m.expressions())
            found |= theory.point.free_symbols | (symbols_of(*ends, *inner) - own)
        return found

    def replaced(self, values: dict[Symbol, Expr]) -> StepSizeTheory:
        return replace(
            self,
            points=tuple(p.replaced(values) for p in self.points),
            evidence=self.evidence.replaced(values),
        )

    at = Result.substituted

    @property
    def notation(self) -> Notation:
        return Notation((*variables_of(self.evidence.steps), *self.letters))

    def blocks(self) -> tuple[Block, ...]:
        return (self.table(),)

    def table(self) -> Table:
        """A row for each method at each stationary point; methods of which the same is said share one."""
        if not self.points:
            why: Pieces = ("no stationary point",)
            decided = self.evidence.status != "undecided"
            return Table(HEADER, ((why if decided else undecided_pieces(self.evidence), (), (), (), ()),))
        rows = []
        for theory in self.points:
            place = branch_pieces(theory.branch, short=True)
            family = "" if theory.branch == theory.point.branch else ", one of a family"
            kind = worded(f" ({theory.point.label()}{family})")
            shown = [e for method in theory.methods for e in method.expressions()]
            where = _where(theory.branch, shown)
            alike: dict[tuple[Pieces, ...], list[Pieces]] = {}
            for method in theory.methods:
                alike.setdefault(_row(method, theory, self.letters), []).append(
                    (METHOD_NAMES[method.method],)
                )
            for number, (row, names) in enumerate(alike.items()):
                head: Pieces = (*place, *kind, *where) if number == 0 else ()
                rows.append((head, listed(names), *row))
        return Table(HEADER, tuple(rows))

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        if self.evidence.status == "undecided":
            return (Paragraph(joined((undecided_pieces(self.evidence),))),)
        steps = self.evidence.steps
        if detail == "full":
            return proof_blocks(
                tuple(s for s in steps if not isinstance(s.claim, Spectrum)) or steps, detail, notation
            )
        blocks: tuple[Block, ...] = ()
        starts = [place for place, step in enumerate(steps) if isinstance(step.claim, Spectrum)]
        for start, end in pairwise([*starts, len(steps)]):
            rest = steps[start + 1 : end]
            subject = subject_of(rest or steps, notation)
            claim = cast(Spectrum, steps[start].claim)
            branch = next((b for s in rest if (b := vars(s.claim).get("branch")) is not None), Branch(()))
            named = _where(branch, [claim.low, claim.high])
            told = (*joined(((*sentence(steps[start], subject), *named),)), " ")
            blocks += given(
                with_lead(told, proof_blocks(rest, detail, notation)), steps[start].context.relations
            )
        return blocks or proof_blocks(steps, detail, notation)

    def to_dict(self) -> dict[str, object]:
        return {
            "step_size": str(self.letters[0]),
            "memory": str(self.letters[1]),
            "points": [p.to_dict() for p in self.points],
            "evidence": self.evidence.to_dict(),
        }


def _where(branch: Branch, shown: list[Expr]) -> Pieces:
    """`, where r is the zero of ..`: the auxiliary numbers that expressions hold."""
    used = symbols_of(*shown)
    numbers = tuple(number for number in branch.numbers if number.symbol in used)
    return (", where ", *number_pieces(numbers)) if numbers else ()


def _row(theory: MethodTheory, point: PointTheory, letters: tuple[Symbol, Symbol]) -> tuple[Pieces, ...]:
    """Step sizes, the step size that is advised, and its factor, as cells."""
    eta, beta = letters
    singular = theory.method == "newton" and S.Zero in (point.mu, point.L)
    where: Pieces = ("no step: the Hessian is singular",) if singular else ("not known",)
    if theory.method != "newton" and point.point.kind == "constant":
        where = ("none needed: every point near it is stationary",)
    if theory.step_sizes is not None and theory.effect is not None:
        interval = Math(interval_tokens(eta, *theory.step_sizes))
        before = "none: repelled for " if theory.effect == "repelled" else ""
        near = ", from near by" if point.attained or theory.method == "newton" else " at least, from near by"
        after = {"attracted": near, "contracts": ", in a ball about it"}.get(theory.effect, "")
        where = (*((before,) if before else ()), interval, *((after,) if after else ()))
    advised: Pieces = ()
    if theory.step_size is not None:
        advised = (Math((eta, "==", theory.step_size)),)
        if theory.memory is not None:
            advised += (", ", Math((beta, "==", theory.memory)))
        if theory.kind == "best":
            advised += (" (best)",)
    rate: Pieces = ()
    if theory.rate is not None:
        rate = (("at most ",) if theory.kind == "bound" else ()) + (Math((theory.rate,)),)
    return where, advised, rate


def tidied(expression: Expr) -> Expr:
    """The expression in factors, where that is shorter."""
    if expression == S.Infinity or expression == 0:
        return expression
    try:
        constant, parts = factors(expression)
    except NotExact:
        return expression
    turned = next((b for b, power in parts if b.is_Add and power % 2), None) if constant < 0 else None
    sides = ((-b if b == turned else b, power) for b, power in parts)
    product = Mul(constant if turned is None else -constant, *(Pow(base, power) for base, power in sides))
    return _with_number_in_front(min(product, expression, key=operations))


def _with_number_in_front(expression: Expr) -> Expr:
    """(1 + beta)/5 for 1/5 + beta/5."""
    number, rest = expression.primitive()
    return Mul(number, rest, evaluate=False) if expression.is_Add and number != 1 else expression


def _text(expression: Expr | None) -> str | None:
    return None if expression is None else expression_text(expression)
