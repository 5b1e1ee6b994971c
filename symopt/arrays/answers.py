"""The gradient and the Hessian of a loss over data, as a value that can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sympy import Expr, MatrixSymbol, Symbol

from symopt.arrays.indices import IndexNotation
from symopt.arrays.notation import Notation
from symopt.arrays.statement import ArrayStatement, derive_arrays, is_indexed, leaf_of, name_of
from symopt.results.result import Result
from symopt.vocabulary import Commutation, Elementwise, Softmax, Vec, WithIndices
from symopt.writing.document import Block, Display, Document, Math, Paragraph, Pieces, Table
from symopt.writing.mathematics import Arrays, Bounds, Objective, Partial, Space, Tokens, written
from symopt.writing.notation import Notation as Letters
from symopt.writing.styles import LATEX

_SHORTHANDS: Final = ("s", "p", "q", "h", "z", "u", "v")


@dataclass(frozen=True, repr=False)
class ArrayDerivatives(Result):
    """The gradient, one expression for each variable in its shape, and the Hessian as blocks.

    The block of two variables has a row for each entry of the first and a column for each entry of the second, those of
    a matrix row by row.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symopt import Problem, norm
    >>> N, M = symbols("N M", integer=True, positive=True)
    >>> X, y, w = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("w", M, 1)
    >>> print(Problem(norm(y - X*w)**2, [w]).derivatives())
      ∂f/∂w   = -2 X^T (y - X w)
      ∂²f/∂w² = 2 X^T X
    """

    statement: ArrayStatement
    gradient: tuple[Any, ...]
    hessian: tuple[tuple[Any, ...], ...]

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return frozenset((*self.statement.parameters, *self.statement.sizes))

    def replaced(self, values: dict[Symbol, Expr]) -> ArrayDerivatives:
        return array_derivatives(self.statement.at(values))

    at = Result.substituted

    @property
    def notation(self) -> Letters:
        return Letters(self.statement.variables)

    def table(self) -> Table:
        header: tuple[Pieces, ...] = (("derivative",), ("value",))
        lines = (*self._gradient_lines(), *self._hessian_lines())
        return Table(header, tuple(((Math(line),),) for line in lines))

    def latex(self) -> str:
        """The derivatives as aligned formulas (amsmath)."""
        lines = (*self._gradient_lines(), *self._hessian_lines())
        sides = [
            (written(line[:1], LATEX, self.notation), written(line[2:], LATEX, self.notation))
            for line in lines
        ]
        body = r" \\ ".join(f"{left} &= {right}" for left, right in sides)
        return rf"\begin{{aligned}} {body} \end{{aligned}}"

    def blocks(self) -> tuple[Block, ...]:
        """The formulas, with letters for functions that occur more than once, and what K and vec mean."""
        letters = self._letters()
        lines = [_shortened(line, letters) for line in (*self._gradient_lines(), *self._hessian_lines())]
        blocks: list[Block] = [Display(tuple(lines))]
        if letters:
            names: list[Any] = []
            for of, letter in letters.items():
                names += [" and " if names else "with ", Math((Arrays(letter), "==", Arrays(of)))]
            blocks.append(Paragraph((*names, ".")))
        parts = [part for row in self.hessian for block in row for part in _parts(block)]
        if any(isinstance(part, (Commutation, Vec, WithIndices)) for part in parts) or self._has_matrices:
            blocks.append(
                Paragraph(
                    (
                        "The rows and columns of a block are the entries of its variables, matrices row by row.",
                    )
                )
            )
        if any(isinstance(part, Commutation) for part in parts):
            blocks.append(
                Paragraph(("K takes the entries of a matrix, row by row, to those of its transpose.",))
            )
        return tuple(blocks)

    def proof(self, detail: str, notation: Letters) -> tuple[Block, ...]:
        return self.blocks()

    def to_dict(self) -> dict[str, object]:
        return {
            "gradient": [str(entry) for entry in self.gradient],
            "hessian": [[str(block) for block in row] for row in self.hessian],
        }

    @property
    def _has_matrices(self) -> bool:
        return any(len(self.statement.shape(variable)) > 1 for variable in self.statement.variables)

    def _gradient_lines(self) -> tuple[Tokens, ...]:
        pairs = zip(self.statement.variables, self.gradient, strict=True)
        return tuple((Partial((leaf_of(v),)), "==", Arrays(slope)) for v, slope in pairs)

    def _hessian_lines(self) -> tuple[Tokens, ...]:
        """The blocks on and above the diagonal; the others are their transposes."""
        variables = self.statement.variables
        return tuple(
            (Partial((leaf_of(row), leaf_of(column))), "==", Arrays(self.hessian[i][j]))
            for i, row in enumerate(variables)
            for j, column in enumerate(variables)
            if i <= j
        )

    def _letters(self) -> dict[Any, Any]:
        """Letters for functions of arrays that are written more than once."""
        counts: dict[Any, int] = {}
        for whole in (*self.gradient, *(block for i, row in enumerate(self.hessian) for block in row[i:])):
            for part in _parts(whole):
                if isinstance(part, (Elementwise, Softmax)):
                    counts[part] = counts.get(part, 0) + 1
        statement = self.statement
        taken = {name_of(x) for x in (*statement.variables, *statement.data, *statement.parameters)}
        free = [letter for letter in _SHORTHANDS if letter not in taken]
        often = [part for part, count in counts.items() if count > 1 and not _is_within(part, counts)]
        return {part: MatrixSymbol(letter, *part.shape) for part, letter in zip(often, free, strict=False)}


def array_derivatives(statement: ArrayStatement) -> ArrayDerivatives:
    """The derivatives in the notation of matrices."""
    derived = derive_arrays(statement)
    numbers = all(not statement.shape(variable) for variable in statement.variables)
    if numbers and is_indexed(statement):
        indices = IndexNotation(derived.graph, derived.reader.indices, derived.reader.starts)
        slopes = tuple(map(indices.term, derived.gradient))
        return ArrayDerivatives(
            statement, slopes, tuple(tuple(map(indices.term, row)) for row in derived.hessian)
        )
    notation = Notation(derived.graph)
    ranks = [len(derived.graph.dims[place]) for _, place in derived.variables]
    gradient = tuple(map(notation.term, derived.gradient))
    hessian = tuple(
        tuple(notation.block(block, rank) for block in row)
        for row, rank in zip(derived.hessian, ranks, strict=True)
    )
    return ArrayDerivatives(statement, gradient, hessian)


def statement_document(statement: ArrayStatement) -> Document:
    """`Minimise f(w, b) = .. over w in R^M and b in R, with data X in R^(N x M).`"""
    asked = "Minimise " if statement.sense == "min" else "Maximise "
    pieces: list[Any] = [
        asked,
        Math(formula_of(statement)),
        " over ",
        *_listed(statement, statement.variables),
    ]
    if statement.data:
        pieces += [", with data ", *_listed(statement, statement.data)]
    if statement.parameters:
        pieces += [", with ", *_joined([Math((symbol,)) for symbol in statement.parameters]), " real"]
    if statement.constraints:
        pieces += [", subject to ", Math((Bounds(statement.constraints),))]
    given = [Math((Bounds(statement.assumptions),))] if statement.assumptions else []
    for relation in statement.entry_ranges:
        left, op, right = relation.as_sides()
        given.append(Math((Arrays(left), op, Arrays(right))))
    pieces += [", where ", *_joined(given)] if given else []
    for word, matrices in (
        ("symmetric", statement.symmetric - statement.definite),
        ("positive definite", statement.definite),
    ):
        if matrices:
            pieces += [", with ", *_joined([Math((Arrays(a),)) for a in sorted(matrices, key=name_of)])]
            pieces.append(f" {word}")
    return Document((Paragraph((*pieces, ".")),), Letters(statement.variables))


def formula_of(statement: ArrayStatement) -> Tokens:
    """`f(w, b) = ..`."""
    return Objective(tuple(map(leaf_of, statement.variables))), "==", Arrays(statement.objective)


def _listed(statement: ArrayStatement, arrays: tuple[Any, ...]) -> list[Any]:
    return _joined([Math((Arrays(leaf_of(array)), "in", Space(statement.shape(array)))) for array in arrays])


def _joined(parts: list[Any]) -> list[Any]:
    found: list[Any] = []
    for place, part in enumerate(parts):
        found += [" and " if place == len(parts) - 1 else ", "] * bool(place) + [part]
    return found


def _shortened(line: Tokens, letters: dict[Any, Any]) -> Tokens:
    return tuple(Arrays(t.expression.xreplace(letters)) if isinstance(t, Arrays) else t for t in line)


def _parts(expression: Any) -> Iterator[Any]:
    """Every part of an expression, as often as it is written."""
    yield expression
    if not isinstance(expression, MatrixSymbol):
        for argument in expression.args:
            yield from _parts(argument)


def _is_within(part: Any, counts: dict[Any, int]) -> bool:
    """Whether another part that gets a letter holds this one as often as it is written."""
    outer = [other for other, count in counts.items() if other != part and count > 1 and other.has(part)]
    return any(counts[other] >= counts[part] for other in outer)
