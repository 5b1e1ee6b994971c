"""The checks of what is said of losses over data: curvature by composition, and when it is strict.

Everything is read off the program of the loss as it stands, for arrays of any sizes and with any entries that the
context allows: the curvature of each line, and the affine maps of which the loss is a strictly convex function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final, cast, final

from sympy import Symbol

from symopt.derivation.array_programs import IDENTITY, ArrayProgram, Monomial
from symopt.derivation.checking import Rejected, domain_of, identical, require
from symopt.derivation.claims import ArrayCurved, ArrayStrict, Curved, Step

CONSTANT, AFFINE, CONVEX, CONCAVE = "constant", "affine", "convex", "concave"
_TURNED: Final = {CONVEX: CONCAVE, CONCAVE: CONVEX}
# Convex functions of one number, defined everywhere: whether they increase, and whether they are strictly convex.
_CONVEX: Final[Mapping[str, tuple[bool, bool]]] = {
    "exp": (True, True),
    "softplus": (True, True),
    "Abs": (False, False),
    "cosh": (False, True),
}


@final
class _Curvature:
    """The curvature of the lines of a program; `functions` gives the curves of one number that premises prove."""

    def __init__(self, step: Step, program: ArrayProgram) -> None:
        self.step, self.program = step, program
        self.functions = dict(cast(tuple[tuple[int, tuple[int, int]], ...], step.data("functions") or ()))
        self._known: dict[int, str] = {}

    def of(self, place: int) -> str:
        """The kind of every entry of a line; Rejected where no rule tells."""
        if place not in self._known:
            self._known[place] = self._by_rules(place)
        return self._known[place]

    def _by_rules(self, place: int) -> str:
        program = self.program
        if not program.varies(place):
            return CONSTANT
        if place in self.functions:
            _, claim, weights = self.curve(place)
            signed = all(times % 2 == 0 or program.has_sign(p, ">=") for p, times in weights.items())
            require(signed, "a weight that may be negative")
            return claim.kind
        node = program.node(place)
        match node[0]:
            case "leaf":
                return AFFINE
            case "sum":
                return self._sum([self._scaled(self.of(inner), number) for inner, number in node[1]])
            case "product":
                return self._product(place)
            case "power":
                return self._power(node[1], node[2])
            case "log_sum_exp":
                require(self.of(node[1]) in (AFFINE, CONVEX), "log-sum-exp of what is not convex")
                return CONVEX
            case "function":
                return self._function(node)
        raise Rejected(f"no rule for {node[0]}")

    def _scaled(self, kind: str, number: Any) -> str:
        require(number != 0, "a multiple by 0")
        return kind if number > 0 else _TURNED.get(kind, kind)

    def _sum(self, kinds: list[str]) -> str:
        bent = {kind for kind in kinds if kind in _TURNED}
        require(len(bent) <= 1, "a sum of a convex and a concave function")
        return bent.pop() if bent else AFFINE

    def _product(self, place: int) -> str:
        weights, moving = self.parted(place)
        if len(moving) == 1:
            (inner, _), times = moving[0]
            kind = self.of(inner)
            if times == 1 and kind == AFFINE:
                return AFFINE
            if times == 1:
                positive = all(self.program.has_sign(p, ">=") for p in weights)
                require(positive, "a weight that may be negative")
                return kind
        self.square(place)
        return CONVEX

    def parted(self, place: int) -> tuple[list[int], list[tuple[Any, int]]]:
        """The factors of a product without variables that count (squares do not), and those with, how often."""
        counted = Counter(self.program.node(place)[1])
        weights = [p for (p, _), times in counted.items() if not self.program.varies(p) and times % 2]
        return weights, [(factor, t) for factor, t in counted.items() if self.program.varies(factor[0])]

    def square(self, place: int) -> int:
        """The affine line u of a product sum w u^2 with w >= 0, or of sum u_a P_ab u_b with P positive definite."""
        program = self.program
        weights, moving = self.parted(place)
        if len(moving) == 1 and moving[0][1] == 2:
            (inner, labels), _ = moving[0]
            require(len(set(labels)) == len(labels), "a diagonal")
            require(all(program.has_sign(p, ">=") for p in weights), "a weight that may be negative")
            require(self.of(inner) == AFFINE, "the square of what is not affine")
            return inner
        require(len(moving) == 2 and all(t == 1 for _, t in moving), "a product of two functions")
        ((one, left), (other, right)) = (factor for factor, _ in moving)
        ends = [(a, b) for a, b in zip(left, right, strict=False) if a != b]
        require(one == other and len(left) == len(right) and len(ends) == 1, "no square")
        require(len(set(left)) == len(left) and len(set(right)) == len(right), "a diagonal")
        ((a, b),) = ends
        node = program.node(place)[1]
        forms = [p for p, own in node if set(own) == {a, b} and p in self._definite]
        others = [p for p, own in node if p not in (one, *forms)]
        require(len(forms) == 1 and len(others) == len(node) - 3, "no positive definite matrix between")
        require(
            not any({a, b} & set(own) for p, own in node if p in others),
            "no positive definite matrix between",
        )
        require(all(program.has_sign(p, ">=") for p in others), "a weight that may be negative")
        require(min(a, b) >= program.rank(place), "a matrix of squares")
        require(self.of(one) == AFFINE, "the square of what is not affine")
        return one

    @property
    def _definite(self) -> set[int]:
        """The lines that are positive definite: matrices that are assumed to be, their inverses and identities."""
        program = self.program
        claim = cast(ArrayCurved | ArrayStrict, self.step.claim)
        own = {
            p for p, (node, _) in enumerate(program.lines) if node[0] == "leaf" and node[1] in claim.definite
        }
        inverses = {p for p, (node, _) in enumerate(program.lines) if node[0] == "inverse" and node[1] in own}
        return own | inverses

    def _power(self, base: int, exponent: Any) -> str:
        if type(exponent) is int and exponent > 0 and exponent % 2 == 0:
            require(self.of(base) == AFFINE, "an even power of what is not affine")
            return CONVEX
        require(exponent >= Fraction(1, 2) and not self.program.rank(base), "no rule for this power")
        node = self.program.node(base)
        for inner, number in node[1] if node[0] == "sum" else ((base, 1),):
            require(number > 0, "no sum of squares")
            if self.program.varies(inner):
                self.square(inner)
            else:
                require(self.program.has_sign(inner, ">="), "a constant that may be negative under the root")
        return CONVEX

    def _function(self, node: Any) -> str:
        name, kinds = node[1], [self.of(inner) for inner in node[2:]]
        if name in _CONVEX:
            require(
                kinds[0] == AFFINE or (kinds[0] == CONVEX and _CONVEX[name][0]), f"{name} of such a function"
            )
            return CONVEX
        if name == "log":
            require(kinds[0] in (AFFINE, CONCAVE), "the logarithm of such a function")
            return CONCAVE
        require(name in ("max", "min"), f"no rule for {name}")
        wanted = CONVEX if name == "max" else CONCAVE
        require(all(kind in (CONSTANT, AFFINE, wanted) for kind in kinds), f"{name} of such functions")
        return wanted

    def curve(self, place: int) -> tuple[int, Curved, dict[int, int]]:
        """The affine line of whose entries a line is a function, what a premise says of that, and weights of a sum."""
        base, number = self.functions[place]
        premise = self.step.premises[number]
        claim = premise.claim
        require(isinstance(claim, Curved) and len(claim.variables) == 1, "no function of one number")
        claim = cast(Curved, claim)
        domain = domain_of(claim.objective, premise.context.condition)
        require(domain is not None and set(premise.context.region) <= set(domain), "a smaller region")
        require(set(premise.context.condition) <= set(self.step.context.condition), "a condition more")
        (symbol,) = claim.variables
        require(symbol not in _symbols(self.step, self.program), "a symbol that is in use")
        require(self.of(base) == AFFINE, "a function of what is not affine")
        found, weights = self.program.function_of_entries(place, base, symbol)
        require(identical(found, claim.objective), "another function")
        return base, claim, weights

    # strictness

    def maps(self, place: int, sign: int, every: bool) -> list[int]:
        """Affine lines u_k such that f is strictly convex along every direction in which one of them moves.

        With `every`, f is affine along all others; without, other parts of f are only convex (sign 1) or concave (-1).
        """
        kind = self.of(place)
        if kind in (CONSTANT, AFFINE):
            return []
        require(kind == (CONVEX if sign > 0 else CONCAVE), "another curvature")
        try:
            return self._strict_parts(place, sign, every)
        except Rejected:
            if every:
                raise
            return []

    def _strict_parts(self, place: int, sign: int, every: bool) -> list[int]:
        program = self.program
        node = program.node(place)
        if place in self.functions:
            base, claim, weights = self.curve(place)
            require(claim.strict, "a curve that is not strict")
            require(all(program.has_sign(p, ">") for p in weights), "a weight that may be 0")
            return [base]
        if node[0] == "sum":
            signs = [sign if number > 0 else -sign for _, number in node[1]]
            return [
                u
                for (inner, _), own in zip(node[1], signs, strict=True)
                for u in self.maps(inner, own, every)
            ]
        if node[0] == "product":
            _, moving = self.parted(place)
            counted = Counter(node[1])
            fixed = [p for (p, _), _ in counted.items() if not program.varies(p)]
            if len(moving) == 2:
                fixed = [p for p in fixed if p not in self._definite]
            require(
                all(program.has_sign(p, ">") for p in fixed),
                "a weight that may be 0",
            )
            if len(moving) == 1 and moving[0][1] == 1:
                (inner, labels), _ = moving[0]
                require(len(set(labels)) == len(labels), "a diagonal")
                return self.maps(inner, sign, every)
            return [self.square(place)]
        if node[0] == "power":
            require(type(node[2]) is int and self.of(node[1]) == AFFINE, "a power that is not strict")
            return [node[1]]
        is_strict = node[0] == "function" and (node[1] == "log" or _CONVEX.get(node[1], (False, False))[1])
        require(is_strict, "a function that is not strict")
        require(self.of(node[2]) == AFFINE, "a function of what is not affine")
        return [node[2]]


def _symbols(step: Step, program: ArrayProgram) -> set[Symbol]:
    used = {symbol for relation in step.context.relations for symbol in relation.symbols}
    return used | {Symbol(str(node[1]), real=True) for node, _ in program.lines if node[0] == "leaf"}


def _read(step: Step) -> tuple[ArrayProgram, _Curvature]:
    claim = cast(ArrayCurved | ArrayStrict, step.claim)
    require(not step.context.region, "the whole space is the region")
    program = ArrayProgram(claim.lines, claim.variables, step.context.relations)
    require(program.rank(len(claim.lines) - 1) >= 0 and not program.rank(claim.value[1]), "f is no number")
    return program, _Curvature(step, program)


def _composition(step: Step) -> None:
    """f is a sum, with weights of known signs, of known functions of affine maps."""
    claim = cast(ArrayCurved, step.claim)
    require(isinstance(claim, ArrayCurved), "a claim about the curvature of a loss over data")
    _, curvature = _read(step)
    number, place = claim.value
    kind = curvature._scaled(curvature.of(place), number)
    require(claim.kind == (AFFINE if kind == CONSTANT else kind), "another curvature: {}", kind)


def _strictness(step: Step) -> None:
    """f is strictly convex exactly along the directions that move one of the affine maps u_k.

    Every direction moves one exactly when the matrix of `blocks` has full column rank.
    """
    claim = cast(ArrayStrict, step.claim)
    require(isinstance(claim, ArrayStrict) and claim.kind in _TURNED, "a claim about strictness")
    program, curvature = _read(step)
    number, place = claim.value
    require(number != 0, "0 is not strictly convex")
    sign = 1 if (claim.kind == CONVEX) == (Fraction(number) > 0) else -1
    maps = dict.fromkeys(curvature.maps(place, sign, bool(claim.blocks)))
    rows = [(program.rank(u), program.linear_part(u)) for u in maps]
    left = list(claim.variables)
    axes: dict[Any, int] = {node[1]: len(dims) for node, dims in claim.lines if node[0] == "leaf"}
    while True:
        gone = next(
            (
                alone[0]
                for rank, row in rows
                for alone in [[v for v in left if v in row]]
                if len(alone) == 1 and _is_injective(row[alone[0]], rank, axes[alone[0]], program)
            ),
            None,
        )
        if gone is None:
            break
        left.remove(gone)
    kept = [(rank, row) for rank, row in rows if any(v in row for v in left)]
    require(len(claim.blocks) == len(kept), "a row for each map")
    require(bool(kept) or not left, "a variable on which f does not depend")
    scales: dict[tuple[int, int], Any] = {}
    for i, (blocks, (_, row)) in enumerate(zip(claim.blocks, kept, strict=True)):
        require(len(blocks) == len(left), "a block for each variable")
        for j, (block, variable) in enumerate(zip(blocks, left, strict=True)):
            if block[0] or variable in row:
                scales[i, j] = _scale(block, row.get(variable, ()), program)
    require(_is_of_rank_one(scales), "rows and columns are not multiplied by one number each")


def strictly_curved_maps(step: Step) -> tuple[int, ...]:
    """The affine lines that the check of strictness would find; none where f is no such function of affine maps."""
    claim = cast(ArrayStrict, step.claim)
    try:
        _, curvature = _read(step)
        number, place = claim.value
        sign = 1 if (claim.kind == CONVEX) == (Fraction(number) > 0) else -1
        return tuple(dict.fromkeys(curvature.maps(place, sign, True)))
    except Rejected:
        return ()


def _scale(block: Any, wanted: tuple[Monomial, ...], program: ArrayProgram) -> Any:
    """The number that turns a block into the one wanted."""
    number, place = block
    found = program.constant_part(place)
    require(
        bool(found) and tuple(key for key, _ in found) == tuple(key for key, _ in wanted), "another block"
    )
    require(number != 0, "a block that is 0")
    ratios = {Fraction(w) / (number * c) for (_, c), (_, w) in zip(found, wanted, strict=True)}
    require(len(ratios) == 1, "another block")
    return ratios.pop()


def _is_of_rank_one(scales: Mapping[tuple[int, int], Any]) -> bool:
    """Whether numbers are r_i t_j where they are given: a row and a column multiplied by numbers keep their rank."""
    rows: dict[int, Any] = {}
    columns: dict[int, Any] = {}
    for start, _ in scales:
        rows.setdefault(start, Fraction(1))
        for _ in scales:
            for (i, j), number in scales.items():
                if i in rows:
                    columns.setdefault(j, number / rows[i])
                elif j in columns:
                    rows[i] = number / columns[j]
    return all(number == rows[i] * columns[j] for (i, j), number in scales.items())


def _is_injective(block: tuple[Monomial, ...], rank: int, axes: int, program: ArrayProgram) -> bool:
    """Whether a block is a multiple of the identity, or, for a variable that is a number, never 0."""
    if len(block) != 1:
        return False
    ((factors, _),) = block
    links = [own for p, own in factors if p == IDENTITY]
    others = [(p, own) for p, own in factors if p != IDENTITY]
    if not all(program.has_sign(p, ">") or program.has_sign(p, "<") for p, _ in others):
        return False
    if any(label >= rank for _, own in others for label in own):
        return False
    ends = sorted(max(own) for own in links)
    return (
        ends == list(range(rank, rank + axes)) and len({min(own) for own in links if min(own) < rank}) == axes
    )


CHECKS: Final[Mapping[str, Callable[[Step], None]]] = {
    "array_composition": _composition,
    "array_strictness": _strictness,
}
