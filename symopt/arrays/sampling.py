"""The gradient on a mini-batch: that its mean is the gradient of the loss, and how far it lies from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sympy import Expr, Symbol

from symopt.arrays.derivative import derivatives
from symopt.arrays.notation import Notation
from symopt.arrays.splitting import split_rows
from symopt.arrays.statement import ArrayStatement, leaf_of, name_of
from symopt.arrays.tidying import Tidier
from symopt.results.result import Result
from symopt.writing.document import Block, Display, Heading, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Arrays, Fixed, Objective, Tokens
from symopt.writing.notation import Notation as Letters

_ROW: Final = Symbol("f_i", real=True)
_REST: Final = Symbol("r", real=True)


@dataclass(frozen=True, repr=False)
class MiniBatches(Result):
    """f = sum over i of f_i + r, and the gradient G on m rows: its mean is grad f, and its variance is known.

    `row` is f_i, in which X_i is row i of X as a column and y_i entry i of y; `rest` is r, which has no rows, and
    `size` the symbol N of their number. `row_gradient` holds the derivatives of f_i by the variables.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symopt import Problem, norm
    >>> N, M = symbols("N M", integer=True, positive=True)
    >>> X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
    >>> print(Problem(norm(y - X*w)**2 / N + norm(w)**2, [w]).mini_batches())
      f(w) = sum over i = 1..N of f_i(w) + r(w)
    f_i(w) = (y_i - w^T X_i)^2/N
      r(w) = ||w||^2
    """

    statement: ArrayStatement
    size: Symbol
    row: Any
    rest: Any
    row_gradient: tuple[Any, ...]

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return frozenset(self.statement.parameters)

    def replaced(self, values: dict[Symbol, Expr]) -> MiniBatches:
        return mini_batches(self.statement.at(values), self.size)

    at = Result.substituted

    @property
    def notation(self) -> Letters:
        return Letters(self.statement.variables)

    @property
    def has_rest(self) -> bool:
        """Whether f has a term without rows."""
        return bool(self.rest != 0)

    def table(self) -> Table:
        header: tuple[Pieces, ...] = (("part",),)
        return Table(header, tuple(((Math(line),),) for line in self._lines()))

    def blocks(self) -> tuple[Block, ...]:
        return (Display(self._lines()),)

    def to_dict(self) -> dict[str, object]:
        return {
            "rows": str(self.size),
            "row": str(self.row),
            "rest": str(self.rest),
            "row_gradient": [str(slope) for slope in self.row_gradient],
        }

    @property
    def _arguments(self) -> tuple[Any, ...]:
        return tuple(map(leaf_of, self.statement.variables))

    def _lines(self) -> tuple[Tokens, ...]:
        arguments, n = self._arguments, self.size
        over = Fixed(f"sum over i = 1..{n} of", rf"\sum_{{i=1}}^{{{n}}}")
        total: Tokens = (Objective(arguments), "==", over, Objective(arguments, letter=_ROW))
        if not self.has_rest:
            return total, self._part(_ROW, self.row)
        whole = (*total, "+", Objective(arguments, letter=_REST))
        return whole, self._part(_ROW, self.row), self._part(_REST, self.rest)

    def _part(self, letter: Symbol, value: Any) -> Tokens:
        return Objective(self._arguments, letter=letter), "==", Arrays(value)

    def _slopes(self) -> tuple[Tokens, ...]:
        pairs = zip(self.statement.variables, self.row_gradient, strict=True)
        return tuple((_partial(name_of(variable)), "==", Arrays(slope)) for variable, slope in pairs)

    def proof(self, detail: str, notation: Letters) -> tuple[Block, ...]:
        """The split, the mean with and without replacement, and the variance."""
        return (
            Heading("The loss as a sum over rows"),
            *self.blocks(),
            Paragraph(self._sentence()),
            Display(self._slopes()),
            *_mean(str(self.size), self.has_rest),
            *_variance(str(self.size)),
        )

    def _sentence(self) -> Pieces:
        names = [name_of(array) for array in self.statement.data if self.size in self.statement.shape(array)]
        n = str(self.size)
        rows: list[Any] = []
        for name in names:
            rows += [
                ", " if rows else "",
                _math(f"{name}_i", rf"{name}_i"),
                " is row i of ",
                _math(name, name),
            ]
        return (
            "One index runs over all ",
            _math(n, n),
            " rows, and the term for row i holds the data of row i alone: ",
            *rows,
            ", as a column where it has several entries. The derivatives of a row's term are",
        )


def mini_batches(statement: ArrayStatement, rows: Any = None) -> MiniBatches:
    """The split of a loss by rows with the gradient of a row; InputError where the loss is no sum over rows."""
    split = split_rows(statement, rows)
    notation, tidier = Notation(split.graph), Tidier(split.graph)
    slopes = derivatives(split.graph, split.row, split.variables)
    gradient = tuple(notation.term(tidier.tidy(slope)) for slope in slopes)
    return MiniBatches(statement, split.size, notation.term(split.row), notation.term(split.rest), gradient)


def _math(text: str, latex: str) -> Math:
    return Math((Fixed(text, latex),))


def _partial(name: str) -> Fixed:
    return Fixed(f"∂f_i/∂{name}", rf"\frac{{\partial f_i}}{{\partial {name}}}")


def _line(*pairs: tuple[str, str]) -> Tokens:
    return tuple(part for pair in pairs for part in (Fixed(*pair), "=="))[:-1]


def _mean(n: str, has_rest: bool) -> tuple[Block, ...]:
    rest, rest_latex = (" + ∇r", r" + \nabla r") if has_rest else ("", "")
    estimate = (
        f"({n}/m) (sum over i in B of ∇f_i){rest}",
        rf"\frac{{{n}}}{{m}} \sum_{{i \in B}} \nabla f_i{rest_latex}",
    )
    total = (f"(sum over i of ∇f_i){rest}", rf"\sum_{{i=1}}^{{{n}}} \nabla f_i{rest_latex}")
    gradient = ("∇f", r"\nabla f")
    mean = ("E[G]", r"\operatorname{E}[G]")
    inner = (
        f"({n}/m) (sum over i of (m/{n}) ∇f_i){rest}",
        rf"\frac{{{n}}}{{m}} \sum_{{i=1}}^{{{n}}} \frac{{m}}{{{n}}} \nabla f_i{rest_latex}",
    )
    drawn = (
        f"({n}/m) m (1/{n}) (sum over i of ∇f_i){rest}",
        rf"\frac{{{n}}}{{m}} \cdot m \cdot \frac{{1}}{{{n}}} \sum_{{i=1}}^{{{n}}} \nabla f_i{rest_latex}",
    )
    weighting: tuple[Block, ...] = (
        (
            Paragraph(
                (
                    "Only the sum is weighted: the term ",
                    _math("r", "r"),
                    " has no rows and enters every step as it is.",
                )
            ),
        )
        if has_rest
        else ()
    )
    return (
        Heading("The mean of the gradient on a mini-batch"),
        Paragraph(
            (
                "Let B be a batch of ",
                _math("m", "m"),
                " rows, at a fixed point, and",
            )
        ),
        Display((_line(("G", "G"), estimate),)),
        *weighting,
        Paragraph(
            (
                "Without replacement, B is any set of ",
                _math("m", "m"),
                " rows with equal probability. Of the ",
                _math(f"C({n}, m)", rf"\binom{{{n}}}{{m}}"),
                " sets, ",
                _math(f"C({n} - 1, m - 1)", rf"\binom{{{n} - 1}}{{m - 1}}"),
                " hold row i, so row i is in B with probability ",
                _math(f"m/{n}", rf"\tfrac{{m}}{{{n}}}"),
                ", and as the mean of a sum is the sum of the means",
            )
        ),
        Display((_line(mean, inner, total, gradient),)),
        Paragraph(
            (
                "With replacement, B is a list of ",
                _math("m", "m"),
                " rows, each drawn on its own from all ",
                _math(n, n),
                " rows. A drawn row's gradient has the mean ",
                _math(f"(1/{n}) (sum over i of ∇f_i)", rf"\tfrac{{1}}{{{n}}} \sum_i \nabla f_i"),
                ", so",
            )
        ),
        Display((_line(mean, drawn, total, gradient),)),
        Paragraph(
            ("In both cases the gradient on a mini-batch is an unbiased estimate of the gradient of f.",)
        ),
    )


def _variance(n: str) -> tuple[Block, ...]:
    spread = ("s^2", "s^2")
    deviation = ("h_i", "h_i")
    own = (f"∇f_i - (1/{n}) (sum over j of ∇f_j)", rf"\nabla f_i - \tfrac{{1}}{{{n}}} \sum_j \nabla f_j")
    squares = (f"(1/{n}) (sum over i of ||h_i||^2)", rf"\tfrac{{1}}{{{n}}} \sum_i \lVert h_i \rVert^2")
    variance = ("E ||G - ∇f||^2", r"\operatorname{E} \lVert G - \nabla f \rVert^2")
    with_one = (f"({n}^2/m) s^2", rf"\frac{{{n}^2}}{{m}}\, s^2")
    without = (
        f"({n}^2/m) s^2 ({n} - m)/({n} - 1)",
        rf"\frac{{{n}^2}}{{m}}\, s^2\, \frac{{{n} - m}}{{{n} - 1}}",
    )
    counted = (
        f"({n}^2/m^2) Var Z_1 (1 + 1/({n} - 1)) {n} s^2",
        rf"\frac{{{n}^2}}{{m^2}} \operatorname{{Var}} Z_1 \left(1 + \tfrac{{1}}{{{n} - 1}}\right) {n} s^2",
    )
    share = rf"\tfrac{{m}}{{{n}}}"
    return (
        Heading("How far it lies from the gradient"),
        Paragraph(("Let",)),
        Display((_line(deviation, own), _line(spread, squares))),
        Paragraph(
            (
                "The deviations ",
                _math("h_i", "h_i"),
                " sum to 0.",
            )
        ),
        Paragraph(
            (
                "With replacement, ",
                _math("G - ∇f", r"G - \nabla f"),
                " is ",
                _math(f"{n}/m", rf"\tfrac{{{n}}}{{m}}"),
                " times the sum of ",
                _math("m", "m"),
                " independent deviations with mean 0 and mean square ",
                _math("s^2", "s^2"),
                ", so",
            )
        ),
        Display((_line(variance, with_one),)),
        Paragraph(
            (
                "Without replacement, let ",
                _math("Z_i", "Z_i"),
                " be 1 when row i is in B, else 0. Then ",
                _math(
                    f"G - ∇f = ({n}/m) (sum over i of (Z_i - m/{n}) h_i)",
                    rf"G - \nabla f = \tfrac{{{n}}}{{m}} \sum_i (Z_i - {share}) h_i",
                ),
                ", with ",
                _math(
                    f"Var Z_i = (m/{n})(1 - m/{n})",
                    rf"\operatorname{{Var}} Z_i = {share} \left(1 - {share}\right)",
                ),
                ". All pairs of rows are alike and the ",
                _math("Z_i", "Z_i"),
                " sum to the constant ",
                _math("m", "m"),
                ", so for i ≠ j ",
                _math(
                    f"Cov(Z_i, Z_j) = -Var Z_i/({n} - 1)",
                    rf"\operatorname{{Cov}}(Z_i, Z_j) = -\tfrac{{1}}{{{n} - 1}} \operatorname{{Var}} Z_i",
                ),
                ". Since the deviations sum to 0, ",
                _math(
                    f"sum over i ≠ j of h_i^T h_j = -{n} s^2",
                    rf"\sum_{{i \neq j}} h_i^{{\top}} h_j = -{n} s^2",
                ),
                ", and so",
            )
        ),
        Display((_line(variance, counted, without),)),
        Paragraph(
            (
                "The factor ",
                _math(f"({n} - m)/({n} - 1)", rf"\tfrac{{{n} - m}}{{{n} - 1}}"),
                " is that of a finite population: it is 1 for single rows, and 0 when the batch is all of them. "
                "Here ",
                _math(f"{n} > 1", f"{n} > 1"),
                ".",
            )
        ),
    )
