"""Closed forms of quadratic losses over data: normal equations, their solutions with the condition of rank, and why.

A convex quadratic function lies above its value at a stationary point v*: f(v) = f(v*) + q(v - v*), where q is half its
second derivative, a sum of squares. It has one where it is bounded below. A z = d has, if any, the solutions
A^+ d + (I - A^+ A) t, with the pseudo-inverse A^+ (Penrose 1955).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

import sympy
from sympy import Add, MatMul, MatrixSymbol, Piecewise, S, Sum, Symbol
from sympy.matrices.exceptions import NonInvertibleMatrixError
from sympy.matrices.expressions import Identity, KroneckerProduct, MatAdd, MatrixExpr, Transpose
from sympy.tensor.indexed import Indexed, IndexedBase

from symopt.arrays.closed_forms import ArrayCase, ArrayPoint, ClosedForm, listed
from symopt.arrays.convexity import ArrayConvexity
from symopt.arrays.graph import Term
from symopt.arrays.indices import IndexNotation
from symopt.arrays.notation import Notation
from symopt.arrays.statement import ArrayStatement, is_indexed, leaf_of, name_of
from symopt.errors import InputError
from symopt.exact.normal import NotExact, canonical
from symopt.reasoning.array_curvature import array_convexity
from symopt.statement import own_relations
from symopt.stationary.array_quadratic import Block as Pivot
from symopt.stationary.array_quadratic import Elimination, NotQuadratic, Solved, solve_quadratic
from symopt.vocabulary import PseudoInverse
from symopt.writing.document import Block, Display, Math, Paragraph, Pieces
from symopt.writing.mathematics import Arrays, Objective, Space, Stacked, Tokens

KINDS: Final = {1: "minimum", -1: "maximum"}
SENSES: Final = {1: "min", -1: "max"}
LONGEST_VALUE: Final = 90
_NO_SOLUTION: Final = "it is not shown that the normal equations have a solution for all data"


def closed_form(question: str, statement: ArrayStatement) -> ClosedForm:
    """The stationary points (`question` "stationary") or the global extremum ("min", "max") of a quadratic loss."""
    convexity = array_convexity(statement)
    if statement.constraints or any(map(_is_restricted, map(leaf_of, statement.variables))):
        return _undecided(question, statement, "the variables of a loss over data are restricted")
    sign = {"convex": 1, "concave": -1}.get(convexity.kind)
    if convexity.kind == "affine":
        return _undecided(question, statement, "it is affine in the variables, and no quadratic function")
    if sign is None:
        return _undecided(question, statement, "it is not shown to be convex or concave for all data")
    try:
        solved = solve_quadratic(statement, sign)
        return _Teller(question, statement, convexity, solved).answer()
    except NotQuadratic as reason:
        return _undecided(question, statement, f"no closed form is known, as {reason}")
    except NonInvertibleMatrixError:
        return _undecided(question, statement, "a matrix of numbers in it is singular")


def _undecided(question: str, statement: ArrayStatement, reason: str) -> ClosedForm:
    case = ArrayCase((), "True", "undecided", None, None, None, None)
    told = Paragraph((f"The answer is undecided: {reason}.",))
    return ClosedForm(statement, question, (case,), reason, (told,))


def _is_restricted(variable: Any) -> bool:
    """Whether the assumptions of a symbol leave out some numbers."""
    return isinstance(variable, Symbol) and bool(own_relations(variable) or variable.is_integer)


@dataclass(frozen=True)
class _Condition:
    """When the blocks that are not always invertible are."""

    holds: Pieces
    fails: Pieces
    text: str
    negated: str


@final
class _Teller:
    def __init__(
        self, question: str, statement: ArrayStatement, convexity: ArrayConvexity, solved: Solved
    ) -> None:
        self.question, self.statement, self.convexity, self.solved = question, statement, convexity, solved
        derived = solved.derived
        self.graph = derived.graph
        self.matrices = Notation(self.graph)
        self.indices = IndexNotation(self.graph, derived.reader.indices, derived.reader.starts)
        self.indexed = is_indexed(statement) and self._has_indices()
        self.leaves = tuple(map(leaf_of, statement.variables))
        self.open_steps = tuple(step for step in solved.steps if not step.always)
        self.letters = self._abbreviations()

    # writing

    def _has_indices(self) -> bool:
        """Whether all of the solution can be written with sums over indices."""
        solved = self.solved
        terms = [*solved.left, *solved.right, *solved.values, *solved.given_later]
        places = [*zip(terms, [*range(len(solved.left))] * 4, strict=True), (solved.least, None)]
        try:
            for term, place in places:
                self.indices.at(term, () if place is None else self._letters(place))
        except InputError:
            return False
        return True

    def _write(self, term: Term, variable: int | None) -> Any:
        """A term with the axes of a variable, or a number where that is None."""
        if not self.indexed:
            return self.matrices.term(term)
        where = () if variable is None else self._letters(variable)
        return _quotient(self.indices.at(term, where))

    def _letters(self, variable: int) -> tuple[Symbol, ...]:
        return self.indices.indices_of(self.solved.derived.variables[variable][1])

    def _named(self, variable: int) -> Any:
        """A variable as it is written: w, or mu[k]."""
        leaf = self.leaves[variable]
        letters = self._letters(variable) if self.indexed else ()
        if letters:
            return IndexedBase(leaf)[letters]
        return self.matrices.term(self.solved.derived.variables[variable])

    def _math(self, *parts: Any) -> Math:
        return Math(tuple(part if isinstance(part, str) else Arrays(part) for part in parts))

    def _line(self, variable: Any, *parts: Any) -> Tokens:
        """`v = a + b`, with letters for what is long."""
        tokens: list[Any] = [Arrays(variable), "=="]
        for place, part in enumerate(parts):
            tokens += ["+"] * bool(place) + [Arrays(part.xreplace(self.letters))]
        return tuple(tokens)

    def _abbreviations(self) -> dict[Any, Any]:
        """Letters for projections such as I - 1 1^T/N that are written several times."""
        solved = self.solved
        values = [] if self.indexed else [self.matrices.term(term) for term in solved.given_later]
        counts = Counter(part for value in values for part in _sums_with_identity(value))
        often = [part for part, count in counts.items() if count > 1]
        often = [part for part in often if not any(part != other and part.has(other) for other in often)]
        taken = {str(symbol) for value in values for symbol in value.free_symbols}
        letters = (letter for letter in "CPRGL" if letter not in taken)
        return {part: MatrixSymbol(letter, *part.shape) for part, letter in zip(often, letters, strict=False)}

    def _equation(self, place: int) -> tuple[Any, ...]:
        """One of the normal equations, without a common number in front."""
        left, right = self.solved.left[place], self.solved.right[place]
        number = Fraction(1) / left[0]
        return (
            Arrays(self._write(self.graph.scaled(number, left), place)),
            "==",
            Arrays(self._write(self.graph.scaled(number, right), place)),
        )

    # cases

    def answer(self) -> ClosedForm:
        """The cases, told in the order of the derivation."""
        sense = SENSES[self.solved.sign]
        if self.question not in ("stationary", sense):
            return self._other_sense()
        condition = self._condition()
        unique = self._unique(condition)
        cases = (unique,) if condition is None else (unique, self._otherwise(condition))
        return self._made(cases, _NO_SOLUTION, self._told(condition, cases))

    def _made(self, cases: tuple[ArrayCase, ...], reason: str, told: tuple[Block, ...]) -> ClosedForm:
        shown = any(case.points for case in cases)
        letters = tuple((letter, of) for of, letter in self.letters.items()) if shown else ()
        method = f"a {self.convexity.kind} quadratic function and its normal equations"
        return ClosedForm(self.statement, self.question, cases, reason, told, method, letters)

    def _unique(self, condition: _Condition | None) -> ArrayCase:
        order = range(len(self.leaves))
        explicit = tuple((self._named(k), self._write(self.solved.values[k], k)) for k in order)
        shown = tuple(self._line(self._named(k), self._write(self.solved.given_later[k], k)) for k in order)
        point = ArrayPoint(explicit, shown)
        value = self._write(self.solved.least, None)
        short = self._short(value)
        holds, text = ((), "True") if condition is None else (condition.holds, condition.text)
        return ArrayCase(holds, text, KINDS[self.solved.sign], True, value, True, (point,), short)

    def _short(self, value: Any) -> Any | None:
        """The loss itself where its value is long: it is to be read at the points."""
        long = value is None or len(self.leaves) > 1 or len(str(value)) > LONGEST_VALUE
        return self.statement.objective if long else None

    def _otherwise(self, condition: _Condition) -> ArrayCase:
        kind = KINDS[self.solved.sign]
        if not (self.solved.bounded or self.solved.orthogonal):
            return ArrayCase(condition.fails, condition.negated, "undecided", None, None, None, None)
        family = self._family()
        value = self._value_at(family) if family is not None and not self.indexed else None
        points = None if family is None else (family,)
        short = self._short(value)
        return ArrayCase(condition.fails, condition.negated, kind, False, value, True, points, short)

    def _value_at(self, family: ArrayPoint) -> Any:
        """f at the member of the family with t = 0, where it is a number made of matrices."""
        zeros = {symbol: sympy.ZeroMatrix(*symbol.shape) for symbol, _ in family.free if symbol.is_Matrix}
        if len(zeros) < len(family.free) or len(family.at) > 1:
            return None
        ((variable, value),) = family.at
        return _flat(self.statement.objective.xreplace({variable: value.args[0]}))

    def _condition(self) -> _Condition | None:
        """When the solution is the only one: None where it always is."""
        if self.convexity.strict or not self.open_steps:
            return None
        rows = _without_common_identity(self.convexity.strict_when)
        if rows:
            shown = self._math(rows[0][0]) if len(rows) == len(rows[0]) == 1 else Math((Stacked(rows),))
            text = "; ".join(", ".join(map(str, row)) for row in rows)
            return _Condition(
                (shown, " has full column rank"),
                (shown, " does not have full column rank"),
                f"full_column_rank([{text}])",
                f"~full_column_rank([{text}])",
            )
        if len(self.open_steps) > 1:
            hessian = "the Hessian"
            return _Condition(
                (f"{hessian} is invertible",),
                (f"{hessian} is singular",),
                "invertible(hessian)",
                "~invertible(hessian)",
            )
        (step,) = self.open_steps
        body = self._body(step)
        if step.block.is_matrix:
            shown = self._math(body)
            return _Condition(
                (shown, " is invertible"),
                (shown, " is singular"),
                f"invertible({body})",
                f"~invertible({body})",
            )
        sign = ">" if self.solved.sign * step.block.body[0] > 0 else "<"
        every = self._for_every(step)
        return _Condition(
            (self._math(body, sign, S.Zero), *every),
            (self._math(body, "==", S.Zero), *((" for some ", *every[1:]) if every else ())),
            f"{body} {sign} 0",
            f"Eq({body}, 0)",
        )

    def _for_every(self, step: Elimination) -> Pieces:
        if not step.block.axes:
            return ()
        if not self.indexed:
            return (" in every entry",)
        letters = self._letters(step.place)
        return (" for every ", *listed([self._math(letters[axis]) for axis in step.block.axes]))

    def _body(self, step: Elimination) -> Any:
        """The block that is to be inverted, without the number in front."""
        block: Pivot = step.block
        body = (1, block.body[1])
        if self.indexed:
            letters = self._letters(step.place)
            return _quotient(self.indices.at(body, tuple(letters[axis] for axis in block.axes)))
        return self.matrices.term(body)

    def _family(self) -> ArrayPoint | None:
        """All solutions where the last block is singular; None where several are, or where no formula is at hand."""
        if len(self.open_steps) > 1 or self.solved.steps[-1].always:
            return None
        step = self.solved.steps[-1]
        free_dims = self.graph.dims[self.solved.derived.variables[step.place][1]]
        variable = self._named(step.place)
        free = self._free(step.place)
        solution: tuple[Any, ...]
        if step.block.is_matrix:
            solution = self._with_pseudo_inverse(step, free)
        elif not step.block.axes:
            solution = (free,)  # 0 z = 0
        elif self.indexed:
            body = self._body(step)
            relation = body > 0 if self.solved.sign * step.block.body[0] > 0 else body < 0
            solution = (
                Piecewise((self._write(self.solved.values[step.place], step.place), relation), (free, True)),
            )
        else:
            return None
        order = range(len(self.leaves))
        shown = {k: self._write(self.solved.given_later[k], k) for k in order if k != step.place}
        whole = (
            Add(*solution)
            if len(solution) == 1 or not isinstance(variable, MatrixExpr)
            else MatAdd(*solution)
        )
        at = tuple(
            (self._named(k), shown[k].xreplace({variable: whole}) if k in shown else whole) for k in order
        )
        lines = tuple(self._line(self._named(k), *((shown[k],) if k in shown else solution)) for k in order)
        free = free.base.label if isinstance(free, Indexed) else free
        return ArrayPoint(at, lines, ((free, free_dims),))

    def _free(self, place: int) -> Any:
        """A letter for what may be chosen, in the shape of a variable."""
        statement = self.statement
        symbols = (*statement.variables, *statement.data, *statement.parameters, *statement.sizes)
        taken = set(map(name_of, symbols))
        name = next(name for name in ("t", "z", "u", "t_1", "t_2", "t_3") if name not in taken)
        variable = self._named(place)
        if isinstance(variable, MatrixExpr):
            return MatrixSymbol(name, *variable.shape)
        if isinstance(variable, Indexed):
            return IndexedBase(name)[variable.indices]
        return Symbol(name, real=True)

    def _with_pseudo_inverse(self, step: Elimination, free: Any) -> tuple[Any, Any]:
        """A^+ d and (I - A^+ A) t, or their transposes where the matrix acts on the columns."""
        coefficient, place = step.block.body
        matrix = self.matrices.term((1, place))
        below: list[Any] = [(self.graph.power((1, number), -1), ()) for number in step.block.numbers]
        dims = self.graph.dims[step.constant[1]]
        constant: list[Any] = [(step.constant, range(len(dims))), *below]
        right = self.matrices.term(self.graph.contract(dims, constant, Fraction(1) / coefficient))
        size = Identity(matrix.shape[0])
        if step.block.axes == (0,):
            inner = MatAdd(size, MatMul(S.NegativeOne, _times(PseudoInverse(matrix), matrix)))
            return _times(PseudoInverse(matrix), right), MatMul(inner, free)
        inner = MatAdd(size, MatMul(S.NegativeOne, matrix, PseudoInverse(matrix)))
        return _flat(MatMul(right, PseudoInverse(matrix))), MatMul(free, _flat(inner))

    def _other_sense(self) -> ClosedForm:
        """A convex quadratic function is unbounded above, unless it is constant."""
        infinite = S.Infinity if self.solved.sign > 0 else S.NegativeInfinity
        condition = self._condition()
        kind = KINDS[-self.solved.sign]
        holds, text = ((), "True") if condition is None else (condition.holds, condition.text)
        cases = [ArrayCase(holds, text, kind, None, infinite, False, ())]
        if condition is not None:
            cases.append(ArrayCase(condition.fails, condition.negated, "undecided", None, None, None, None))
        word = "above" if self.solved.sign > 0 else "below"
        told = (
            *(Paragraph(pieces) for pieces in self.convexity.reasons),
            Paragraph(
                (
                    "Along every line on which ",
                    Math((Objective(),)),
                    f" is strictly {self.convexity.kind} it is quadratic, so it is unbounded {word}.",
                )
            ),
        )
        return self._made(tuple(cases), "where it is not strict it may be constant", told)

    # the derivation

    def _told(self, condition: _Condition | None, cases: tuple[ArrayCase, ...]) -> tuple[Block, ...]:
        f = Math((Objective(),))
        word = KINDS[self.solved.sign]
        equations = tuple(self._equation(k) for k in range(len(self.leaves)))
        one = len(equations) == 1
        blocks: list[Block] = [
            Paragraph(("The gradient vanishes exactly where the normal equation" + ("" if one else "s"),)),
            Display(equations),
            Paragraph(("holds." if one else "hold.",)),
            *(Paragraph(pieces) for pieces in self.convexity.reasons),
            *self._completed_square(),
            *self._solution(condition),
        ]
        if condition is not None and cases[1].kind != "undecided":
            blocks += self._when_singular(condition, cases[1])
        elif condition is not None:
            blocks.append(
                Paragraph(
                    (
                        "Where ",
                        *condition.fails,
                        ", it is undecided: the normal equations may have no solution.",
                    )
                )
            )
        ending: list[Any] = ["So the ", f"global {word} of ", f]
        if cases[0].short is not None:
            ending += [" is its value there"]
        else:
            ending += [" is ", self._math(cases[0].value)]
            ending += [] if condition is None else [" where ", *condition.holds]
        blocks.append(Paragraph((*ending, ".")))
        return tuple(blocks)

    def _completed_square(self) -> list[Block]:
        """f(v) = f(v*) + q(v - v*)."""
        word = KINDS[self.solved.sign]
        stars, differences = [], {}
        for k, direction in enumerate(self.solved.directions):
            variable = self.matrices.term(self.solved.derived.variables[k])
            letter = self.matrices.term(direction)
            star = (
                MatrixSymbol(f"{variable}*", *variable.shape)
                if isinstance(variable, MatrixExpr)
                else Symbol(f"{variable}*", real=True)
            )
            stars.append(star)
            differences[letter] = variable - star
        square = self.matrices.term(self.graph.scaled(self.solved.sign, self.solved.square))
        square = square.xreplace(differences)
        line = (
            Objective(self.leaves),
            "==",
            Objective(tuple(stars)),
            "+" if self.solved.sign > 0 else "-",
            Arrays(square),
        )
        only = len(stars) == 1
        named: Pieces = (Math((Arrays(stars[0]),)),) if only else listed([Math((Arrays(s),)) for s in stars])
        more = "not less" if self.solved.sign > 0 else "not greater"
        return [
            Paragraph(
                (
                    "If ",
                    *named,
                    f" solve{'s' if only else ''} ",
                    "it" if only else "them",
                    ", completing the square gives",
                )
            ),
            Display((line,)),
            Paragraph(
                (
                    f"which is {more} than the value there. So ",
                    Math((Objective(),)),
                    f" has its global {word} exactly at the solutions, and these are the only stationary points.",
                )
            ),
        ]

    def _solution(self, condition: _Condition | None) -> list[Block]:
        blocks: list[Block] = []
        for step in self.solved.steps[:-1]:
            named = Math((Arrays(self._named(step.place)),))
            value = self._write(self.solved.given_later[step.place], step.place)
            blocks += [
                Paragraph(("The equation of ", named, " gives")),
                Display((self._line(self._named(step.place), value),)),
            ]
        last = self.solved.steps[-1]
        value = self._write(self.solved.values[last.place], last.place)
        letters = [self._math(letter, "==", of) for of, letter in self.letters.items()]
        lead: list[Any] = ["With ", *listed(letters), ", what"] if letters else ["What"]
        lead = [*lead, " is left has one solution"] if blocks else ["It has one solution"]
        if condition is not None:
            lead = [*lead, " exactly where ", *condition.holds]
        else:
            lead = [*lead, ", as ", Math((Objective(),)), f" is strictly {self.convexity.kind}"]
        return [
            *blocks,
            Paragraph((*lead, ":")),
            Display((self._line(self._named(last.place), value),)),
        ]

    def _when_singular(self, condition: _Condition, case: ArrayCase) -> list[Block]:
        bounded = "below" if self.solved.sign > 0 else "above"
        squares = "a sum of squares" if self.solved.sign > 0 else "minus a sum of squares"
        why: Pieces = (
            Math((Objective(),)),
            f" is {squares} and a constant: a {self.convexity.kind} quadratic function that is bounded {bounded} "
            "attains its bound",
        )
        if not self.solved.bounded:
            why = ("along the lines on which the second derivative is 0 the first one is 0 too",)
        lead: Pieces = ("Where ", *condition.fails, ", there are still solutions, because ", *why, ".")
        blocks: list[Block] = [Paragraph(lead)]
        if case.points is not None:
            family = case.points[0]
            ((free, dims),) = family.free
            last = self.solved.steps[-1]
            by = ", by the pseudo-inverse," if last.block.is_matrix else ""
            blocks += [
                Paragraph((f"They are{by}",)),
                Display((family.shown[last.place],)),
                Paragraph(("for every ", Math((Arrays(free), "in", Space(dims))), ".")),
            ]
        return blocks


def _flat(expression: Any) -> Any:
    """The expression with products within products opened."""
    if not expression.args or isinstance(expression, MatrixSymbol):
        return expression
    parts = [_flat(part) for part in expression.args]
    if isinstance(expression, MatMul):
        parts = [inner for part in parts for inner in (part.args if isinstance(part, MatMul) else (part,))]
    return expression.func(*parts)


def _sums_with_identity(expression: Any) -> Iterator[Any]:
    """The sums such as I - 1 1^T/N in an expression, as often as they are written."""
    if isinstance(expression, MatAdd) and any(isinstance(part, Identity) for part in expression.args):
        yield expression
    if not isinstance(expression, MatrixSymbol):
        for part in expression.args:
            yield from _sums_with_identity(part)


def _without_common_identity(rows: Any) -> Any:
    """[A ⊗ I  B ⊗ I] has full column rank exactly when [A  B] has."""
    blocks = [block for row in rows for block in row]
    for side in (0, 1):
        if blocks and all(
            isinstance(block, KroneckerProduct)
            and len(block.args) == 2
            and isinstance(block.args[side], Identity)
            for block in blocks
        ):
            return tuple(tuple(block.args[1 - side] for block in row) for row in rows)
    return rows


def _times(pseudo_inverse: Any, right: Any) -> Any:
    """(X^T X)^+ X^T as X^+."""
    (matrix,) = pseudo_inverse.args
    if isinstance(matrix, MatMul) and len(matrix.args) == 2 and matrix.args[0] == Transpose(matrix.args[1]):
        factors = right.args if isinstance(right, MatMul) else (right,)
        if factors[0] == matrix.args[0] and len(factors) > 1:
            return MatMul(PseudoInverse(matrix.args[1]), *factors[1:])
    return MatMul(pseudo_inverse, *(right.args if isinstance(right, MatMul) else (right,)))


def _quotient(value: Any) -> Any:
    """A number made of sums over data as a quotient of polynomials of the sums."""
    sums = {
        total: sympy.Dummy(f"s{place}", real=True)
        for place, total in enumerate(sorted(value.atoms(Sum), key=str))
    }
    outer = {
        total: letter for total, letter in sums.items() if not any(total != o and o.has(total) for o in sums)
    }
    if not outer:
        return value
    try:
        form = canonical(value.xreplace(outer))
    except (NotExact, InputError):
        return value
    form = sympy.factor_terms(form)
    return form.xreplace({letter: total for total, letter in outer.items()})
