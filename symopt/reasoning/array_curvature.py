"""Convexity of losses over data, for all data: by rules of composition, and by the second derivative along lines.

Two ways to show that f is convex on the whole space. (1) Composition: a sum, with weights that are not negative, of
convex functions of affine maps. (2) Along every line v + t d the second derivative of f is a sum of terms D_k (L_k d)^2
with weights D_k >= 0: the Hessian is then a sum of matrices A^T D A. Terms that (1) does not show are left to (2).

Strictness: if all of these terms have D_k > 0, then f is affine along d where L_k d = 0 for all k, and strictly convex
along every other d. So f is strictly convex exactly when the matrix of all L_k has full column rank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, cast, final

from sympy import Integer, MatrixSymbol, Symbol

from symopt.arrays.contracting import HIGHEST
from symopt.arrays.convexity import ArrayConvexity
from symopt.arrays.derivative import along, derivatives
from symopt.arrays.graph import Factor, Term, children, simplest
from symopt.arrays.notation import Notation
from symopt.arrays.ranges import Ranges
from symopt.arrays.statement import ArrayStatement, Derived, derive_arrays, leaf_of
from symopt.arrays.tidying import Tidier
from symopt.derivation.claims import Curved, Step
from symopt.reasoning.array_squares import Square, Squares
from symopt.reasoning.array_steps import ArraySteps
from symopt.vocabulary import Commutation
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Arrays, Objective

CONSTANT, AFFINE, CONVEX, CONCAVE = "constant", "affine", "convex", "concave"
# Defined and twice differentiable on the whole line.
_SMOOTH: Final = frozenset(
    {"exp", "sigmoid", "softplus", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf"}
)
# Convex functions of one number: whether they increase everywhere, and where they live on a half-line.
_CONVEX: Final = {"exp": True, "softplus": True, "Abs": False, "cosh": False}
_CONCAVE_INCREASING: Final = frozenset({"log"})


def array_convexity(statement: ArrayStatement) -> ArrayConvexity:
    """Whether f is affine, convex or concave, strictly or not, for all data; or undecided, with what is missing."""
    return ArrayProver(statement, derive_arrays(statement)).answer()


@final
class ArrayProver:
    """Shows the curvature of one loss; also asked which parts of it vary, and which are sums of squares."""

    def __init__(self, statement: ArrayStatement, derived: Derived) -> None:
        self.statement = statement
        self.graph = derived.graph
        self.value = derived.value
        self.variables = derived.variables
        self.ranges = Ranges(self.graph, frozenset(statement.sizes), statement.known_ranges())
        self.squares = Squares(self.graph, self.ranges, statement.definite)
        self.notation = Notation(self.graph)
        self._own = {place for _, place in self.variables}
        self._known: dict[int, bool] = {}
        self._curvatures: dict[int, str | None] = {}
        self.steps = {place: self._direction(place) for _, place in self.variables}
        self._derivation = ArraySteps(statement, self.graph, self.value)
        self._blocks: tuple[tuple[Term, ...], ...] | None = None

    def answer(self) -> ArrayConvexity:
        """What is shown, with the derivation where there is one."""
        found = self._answer()
        steps = self._steps_of(found)
        return replace(found, steps=steps) if steps else found

    def _steps_of(self, found: ArrayConvexity) -> tuple[Step, ...]:
        """Steps that say all that the answer says; none where the checker has no rule for some of it."""
        curved = None if found.kind == "undecided" else self._derivation.curved(found.kind)
        if curved is None or found.kind == AFFINE:
            return () if curved is None else (curved,)
        if found.strict is None and not found.strict_when:
            return (curved,)
        if found.strict is False or self._blocks is None:
            return ()
        strict = self._derivation.strict(found.kind, self._blocks)
        return () if strict is None else (curved, strict)

    def _answer(self) -> ArrayConvexity:
        kind = self._curvature(self.graph.node(self.value))
        if kind in (CONSTANT, AFFINE):
            reason: Pieces = (self._f, " is affine in ", *self._names(), ".")
            return ArrayConvexity(self.statement, AFFINE, False, (), (reason,))
        tried: list[Pieces] = []
        for wanted, sign in ((CONVEX, 1), (CONCAVE, -1)):
            found = self._shown(wanted, sign, tried)
            if found is not None:
                return found
        return ArrayConvexity(self.statement, "undecided", None, (), tuple(tried[:1]))

    @property
    def _f(self) -> Math:
        return Math((Objective(),))

    def _names(self) -> list[Any]:
        return _listed([Math((Arrays(leaf_of(variable)),)) for variable in self.statement.variables])

    def _written(self, term: Term) -> Math:
        if any(len(self.graph.dims[place]) > HIGHEST for place in self.graph.reachable([term[1]])):
            return self._f  # no matrix
        return Math((Arrays(self.notation.term(term)),))

    def _direction(self, place: int) -> Term:
        """The letter of a direction of a variable: d_w for w."""
        node, dims = self.graph.nodes[place], self.graph.dims[place]
        name = f"d_{node[1]}"
        while any(node[0] == "leaf" and str(node[1]) == name for node in self.graph.nodes):
            name += "_"
        shape = (*dims, *[Integer(1)] * (2 - len(dims)))
        return self.graph.leaf(MatrixSymbol(name, *shape) if dims else Symbol(name), dims)

    def varies(self, place: int) -> bool:
        """Whether a node holds a variable."""
        if place not in self._known:
            for inner in self.graph.reachable([place]):
                if inner not in self._known:
                    parts = children(self.graph.nodes[inner])
                    self._known[inner] = inner in self._own or any(self._known[part] for part in parts)
        return self._known[place]

    # (1) composition

    def _curvature(self, place: int) -> str | None:
        """The curvature of every entry of a node in all variables together; None where no rule tells."""
        graph = self.graph
        for inner in graph.reachable([place]):
            if inner not in self._curvatures:
                self._curvatures[inner] = self._by_rules(inner) if self.varies(inner) else CONSTANT
                if self._curvatures[inner] is None:
                    self._curvatures[inner] = self._by_one_number(inner)
        return self._curvatures[place]

    def _by_rules(self, place: int) -> str | None:
        node = self.graph.nodes[place]
        head = node[0]
        if head == "leaf":
            return AFFINE
        if head == "sum":
            return _added(_turned(self._curvatures[child], number) for child, number in node[1])
        if head == "product":
            return self._of_product(place)
        if head == "power":
            return self._of_power(node[1], node[2])
        if head == "log_sum_exp":
            return CONVEX if self._curvatures[node[1]] in (AFFINE, CONVEX) else None
        if head == "function":
            return self._of_function(node)
        return None

    def _by_one_number(self, place: int) -> str | None:
        """The curvature of a node whose entries are one function of the entries of an affine node."""
        bases = self._bases(place)
        if bases is None or len(bases) != 1 or bases == {place}:
            return None
        (base,) = bases
        step = self._derivation.curve(place, base)
        return None if step is None else cast(Curved, step.claim).kind

    def _bases(self, place: int) -> set[int] | None:
        """The affine nodes of whose entries those of a node are functions; None where entries are mixed."""
        node = self.graph.nodes[place]
        if not self.varies(place):
            return set()
        if self._curvatures.get(place) == AFFINE:
            return {place}
        if node[0] == "product" and len({labels for p, labels in node[1] if self.varies(p)}) > 1:
            return None
        if node[0] not in ("product", "sum", "power", "function"):
            return None
        found: set[int] = set()
        for inner in children(node):
            own = self._bases(inner)
            if own is None:
                return None
            found |= own
        return found

    def _of_product(self, place: int) -> str | None:
        """Constants times one part that varies, or a sum of squares of affine parts with such weights."""
        node = self.graph.nodes[place]
        weight = 1
        parts: list[int] = []
        factors: Counter[Factor] = Counter(node[1])
        for (child, _), times in factors.items():
            if self.varies(child):
                parts += [child] * times
            elif times % 2:
                weight *= _SIGNS.get(self.ranges.of(child).sign, 0)
        if len(parts) == 1:
            kind = self._curvatures[parts[0]]
            return kind if kind == AFFINE else _turned(kind, weight)
        if not self.graph.dims[place] and self._is_sum_of_squares(place):
            return CONVEX
        return None

    def _is_sum_of_squares(self, place: int) -> bool:
        """Whether a number is sum_k w_k u_k^2 with w_k >= 0 and affine u_k."""
        squares = self._squares((1, place), self.varies)
        return squares is not None and all(
            self._curvature(self.graph.node(square.change)) == AFFINE for square in squares
        )

    def _of_power(self, base: int, exponent: Any) -> str | None:
        kind = self._curvatures[base]
        if kind == AFFINE and type(exponent) is int and exponent > 0 and exponent % 2 == 0:
            return CONVEX
        if exponent >= Fraction(1, 2) and not self.graph.dims[base] and self._is_form(base):
            return CONVEX
        return None

    def _is_form(self, base: int) -> bool:
        """Whether a number is the square of a norm of an affine map, so that its root is convex."""
        node = self.graph.nodes[base]
        pairs = node[1] if node[0] == "sum" else ((base, 1),)
        return all(number > 0 and self._is_sum_of_squares(child) for child, number in pairs)

    def _of_function(self, node: Any) -> str | None:
        _, name, *arguments = node
        kinds = [self._curvatures[argument] for argument in arguments]
        if name in _CONVEX:
            return CONVEX if kinds[0] == AFFINE or (kinds[0] == CONVEX and _CONVEX[name]) else None
        if name in _CONCAVE_INCREASING:
            return CONCAVE if kinds[0] in (AFFINE, CONCAVE) else None
        if name in ("max", "min"):
            wanted = CONVEX if name == "max" else CONCAVE
            return wanted if all(kind in (CONSTANT, AFFINE, wanted) for kind in kinds) else None
        return None

    # (2) the second derivative along lines

    def _shown(self, wanted: str, sign: int, tried: list[Pieces]) -> ArrayConvexity | None:
        """The answer when f (or, with sign -1, -f) is shown to be convex."""
        graph = self.graph
        node = graph.nodes[self.value[1]]
        pairs = node[1] if node[0] == "sum" else ((self.value[1], 1),)
        terms = [graph.scaled(number * self.value[0], (1, child)) for child, number in pairs]
        squares = self._second_order(terms, sign)
        if squares is not None:
            return self._with_strictness(wanted, sign, squares, terms)
        bent = [term for term in terms if self._kind(term) not in (CONSTANT, AFFINE, wanted)]
        rest: list[Square] | None = self._second_order(bent, sign) if bent else []
        if rest is None:
            tried.append(self._missing(bent, sign))
            return None
        shown = [term for term in terms if self._kind(term) == wanted]
        reasons = [self._by_composition(term, wanted) for term in shown]
        if bent:
            reasons.append(self._along_lines(sign))
        # Each of the terms is convex, so f is strictly convex where the second derivatives of some of them show it.
        more = [self._second_order([term], sign) for term in shown if self._is_smooth(term[1])]
        squares = [*rest, *(square for found in more for square in found or ())]
        strict = self._kernel([square for square in squares if square.strict]) == ()
        if strict or bent:
            return ArrayConvexity(self.statement, wanted, True if strict else None, (), tuple(reasons))
        return self._strict_by_maps(wanted, reasons)

    def _strict_by_maps(self, wanted: str, reasons: Sequence[Pieces]) -> ArrayConvexity:
        """Strictness where f is a strictly convex function of affine maps, and affine else."""
        maps = [Square(along(self.graph, (1, u), self.steps), True) for u in self._derivation.maps(wanted)]
        left = self._kernel(maps) if maps else None
        if left is None:
            return ArrayConvexity(self.statement, wanted, None, (), tuple(reasons))
        return ArrayConvexity(self.statement, wanted, None if left else True, left, tuple(reasons))

    def _kind(self, term: Term) -> str | None:
        return _turned(self._curvature(term[1]), term[0])

    def _is_smooth(self, place: int) -> bool:
        """Whether everything in it is defined and twice differentiable on the whole space."""
        graph = self.graph
        for inner in graph.reachable([place]):
            node = graph.nodes[inner]
            if not self.varies(inner) or node[0] in ("leaf", "sum", "product", "log_sum_exp", "softmax"):
                continue
            if node[0] == "power" and type(node[2]) is int and node[2] > 0:
                continue
            if node[0] == "function" and node[1] in _SMOOTH:
                continue
            return False
        return True

    def _second_order(self, terms: Sequence[Term], sign: int) -> list[Square] | None:
        """The second derivative of the terms along all lines as squares with weights; None when it is not shown."""
        graph = self.graph
        if not all(self._is_smooth(term[1]) for term in terms):
            return None
        bend = graph.add((), [along(graph, along(graph, term, self.steps), self.steps) for term in terms])
        bend = graph.scaled(sign, bend)
        tidier = Tidier(graph)
        for form in (bend, tidier.expanded(bend, lambda place: not self._moves(place)), tidier.tidy(bend)):
            squares = None if form is None else self._squares(form, self._moves)
            if squares is not None:
                return squares
        return None

    def _moves(self, place: int) -> bool:
        """Whether a node holds a direction."""
        directions = {direction for _, direction in self.steps.values()}
        return not directions.isdisjoint(self.graph.reachable([place]))

    def _squares(self, form: Term, moves: Callable[[int], bool]) -> list[Square] | None:
        """The number as a sum of D u^2 with D >= 0, where u are the parts that `moves`."""
        if not form[0]:
            return []
        node = self.graph.nodes[form[1]]
        pairs = node[1] if node[0] == "sum" else ((form[1], 1),)
        found: list[Square] = []
        for child, number in pairs:
            square = self.squares.square(child, moves) if form[0] * number > 0 else None
            if square is None:
                return None
            found.append(square)
        return found

    def vanishes_with_squares(self, form: Term, sign: int) -> bool:
        """Whether a linear form of the directions is 0 wherever the second derivative along them is.

        Each of its terms must hold one of the L d of the squares D (L d)^2, all with D > 0.
        """
        graph = self.graph
        node = graph.nodes[self.value[1]]
        pairs = node[1] if node[0] == "sum" else ((self.value[1], 1),)
        terms = [graph.scaled(number * self.value[0], (1, child)) for child, number in pairs]
        squares = self._second_order(terms, sign)
        if squares is None or not all(square.strict for square in squares):
            return False
        changes = {(square.core or square.change)[1] for square in squares}
        tidied = Tidier(graph).tidy(form)
        if not tidied[0]:
            return True
        node = graph.nodes[tidied[1]]
        parts = [child for child, _ in node[1]] if node[0] == "sum" else [tidied[1]]
        return all(self.squares.holds_one_of(changes, part) for part in parts)

    # strictness

    def _with_strictness(
        self, wanted: str, sign: int, squares: list[Square], terms: Sequence[Term]
    ) -> ArrayConvexity:
        reasons = [self._along_lines(sign, squares)]
        if not squares:
            return ArrayConvexity(self.statement, AFFINE, False, (), tuple(reasons))
        if any(self.varies(self.graph.node(square.change)) for square in squares):
            return self._strict_by_maps(wanted, reasons)
        left = self._kernel([square for square in squares if square.strict])
        if left == ():
            return ArrayConvexity(self.statement, wanted, True, (), tuple(reasons))
        if not all(square.strict for square in squares):
            return self._strict_by_maps(wanted, reasons)
        if left is None:
            reasons.append(
                (
                    self._f,
                    " does not depend on all variables, so it is not strict.",
                )
            )
            return ArrayConvexity(self.statement, wanted, False, (), tuple(reasons))
        return ArrayConvexity(self.statement, wanted, None, left, tuple(reasons))

    def _kernel(self, squares: Sequence[Square]) -> tuple[tuple[Any, ...], ...] | None:
        """The matrix whose full column rank makes all L_k d = 0 only at d = 0: () if always, None if never."""
        graph = self.graph
        steps = [self.steps[place] for _, place in self.variables]
        changes = list(dict.fromkeys(square.core or square.change for square in squares))
        if any(self.varies(graph.node(change)) for change in changes):
            return None
        rows = [(change, derivatives(graph, change, steps)) for change in changes]
        remaining = list(range(len(steps)))
        while True:
            gone = next(
                (
                    alone[0]
                    for change, row in rows
                    for alone in [[k for k in remaining if row[k][0]]]
                    if len(alone) == 1 and self._is_injective(row[alone[0]], graph.rank(change))
                ),
                None,
            )
            if gone is None:
                break
            remaining.remove(gone)
        if not remaining:
            self._blocks = ()
            return ()
        left = [(change, row) for change, row in rows if any(row[k][0] for k in remaining)]
        if any(all(not row[k][0] for _, row in left) for k in remaining):
            return None
        blocks = _rescaled([[row[k] for k in remaining] for _, row in left])
        self._blocks = tuple(map(tuple, blocks))
        return tuple(
            self._row(row, graph.rank(change)) for row, (change, _) in zip(blocks, left, strict=True)
        )

    def _row(self, blocks: Sequence[Term], rows: int) -> tuple[Any, ...]:
        """The blocks of one map; of the two orders of the entries of a matrix the one that needs no permutation."""
        graph = self.graph
        written = tuple(self.notation.block(block, rows) for block in blocks)
        if rows != 2 or not any(block.has(Commutation) for block in written):
            return written
        turned = []
        for coefficient, place in blocks:
            dims = graph.dims[place]
            order = (1, 0, *range(2, len(dims)))
            turned.append(graph.contract(tuple(dims[k] for k in order), [((coefficient, place), order)]))
        other = tuple(self.notation.block(block, rows) for block in turned)
        return other if not any(block.has(Commutation) for block in other) else written

    def _is_injective(self, block: Term, rows: int) -> bool:
        """Whether the linear map is injective by its form: a multiple of an identity, or of ones for a number."""
        graph = self.graph
        coefficient, place = block
        node = graph.nodes[place]
        factors = node[1] if node[0] == "product" else ((place, tuple(range(len(graph.dims[place])))),)
        numbers = [child for child, labels in factors if not labels]
        others = [child for child, labels in factors if labels]
        if not coefficient or any(self.ranges.of(child).sign not in ("<", ">") for child in numbers):
            return False
        axes = len(graph.dims[place])
        if axes == rows:  # the variable is a number
            return all(self.ranges.of(child).sign in ("<", ">") for child in others)
        crossing = [labels for child, labels in factors if graph.nodes[child][0] == "delta"]
        joins = all((one < rows) != (other < rows) for one, other in crossing)
        return len(crossing) == len(others) and len(others) * 2 == axes and joins

    # sentences

    def _along_lines(self, sign: int, squares: Sequence[Square] = ()) -> Pieces:
        word, definite = ("non-negative", "positive") if sign > 0 else ("non-positive", "negative")
        changes = list(dict.fromkeys(square.change for square in squares))
        if not changes:
            return ("Along every line the second derivative of the rest is ", f"{word}.")
        directions = [Math((Arrays(self.notation.term(step)),)) for step in self.steps.values()]
        maps = [self._written(change) for change in changes]
        return (
            "Along a line with direction ",
            *_listed(directions),
            ", the second derivative of ",
            self._f,
            f" is a sum of squares, with {word} weights, of the entries of ",
            *_listed(maps),
            f". So the Hessian is {definite} semidefinite.",
        )

    def _by_composition(self, term: Term, wanted: str) -> Pieces:
        return (self._written(term), f" is {wanted}, by the rules of composition with affine maps.")

    def _missing(self, bent: Sequence[Term], sign: int) -> Pieces:
        what = "convex" if sign > 0 else "concave"
        parts = _listed([self._written(term) for term in bent])
        return ("no rule shows that ", *parts, f" is {what} for all data and parameters")


def _turned(kind: str | None, sign: Any) -> str | None:
    """The curvature of a multiple."""
    if kind in (CONSTANT, AFFINE, None) or sign > 0:
        return kind
    return None if sign == 0 else CONCAVE if kind == CONVEX else CONVEX


def _added(kinds: Iterable[str | None]) -> str | None:
    """The curvature of a sum."""
    found = set(kinds) - {CONSTANT}
    bent = found - {AFFINE}
    if not bent:
        return AFFINE if found else CONSTANT
    return bent.pop() if len(bent) == 1 else None


def _rescaled(rows: Sequence[Sequence[Term]]) -> list[list[Term]]:
    """The blocks with rows and columns multiplied by numbers, which changes no rank: without numbers where possible."""
    scales: dict[tuple[str, int], Fraction] = {}
    places = [(i, j, row[j][0]) for i, row in enumerate(rows) for j in range(len(row)) if row[j][0]]
    for start, _, _ in places:
        scales.setdefault(("row", start), Fraction(1))
        for _ in range(len(rows) + len(rows[0])):
            for i, j, number in places:
                for one, other in ((("row", i), ("column", j)), (("column", j), ("row", i))):
                    if one in scales and other not in scales:
                        scales[other] = 1 / (scales[one] * Fraction(number))
    return [
        [
            (simplest(scales["row", i] * number * scales["column", j]) if number else number, place)
            for j, (number, place) in enumerate(row)
        ]
        for i, row in enumerate(rows)
    ]


def _listed(parts: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for place, part in enumerate(parts):
        found += [" and " if place == len(parts) - 1 else ", "] * bool(place) + [part]
    return found


_SIGNS: Final[dict[str | None, int]] = {">": 1, ">=": 1, "<": -1, "<=": -1}
