"""Expressions of vectors and matrices as formulas: products by juxtaposition, transposes, norms, ones and traces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sympy
from sympy import Expr, Integer, MatrixSymbol, Rational, S, Symbol
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import (
    Determinant,
    HadamardPower,
    HadamardProduct,
    Identity,
    Inverse,
    KroneckerProduct,
    MatAdd,
    MatMul,
    MatPow,
    MatrixExpr,
    OneMatrix,
    Trace,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Indexed, IndexedBase

from symopt.vocabulary import (
    Commutation,
    Elementwise,
    LogDet,
    LogSumExp,
    LogSumExpAlong,
    Norm,
    PseudoInverse,
    Scalar,
    Softmax,
    Total,
    Vec,
    WithIndices,
    sigmoid,
    softplus,
)
from symopt.writing.formulas import ATOM, POWER, PRODUCT, SUM, Writer, Written
from symopt.writing.notation import Notation
from symopt.writing.styles import Style

_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "ones": ("1", r"\mathbf{1}"),
    "hadamard": (" ∘ ", r" \circ "),
    "kronecker": (" ⊗ ", r" \otimes "),
    "transposed": ("T", r"\top"),
    "inverse": ("(-1)", "-1"),
    "pseudo_inverse": ("+", "+"),
    "inverse_transposed": ("(-T)", r"-\top"),
    "sigmoid": ("sigmoid", r"\sigma"),
    "softplus": ("softplus", r"\operatorname{softplus}"),
    "softmax": ("softmax", r"\operatorname{softmax}"),
    "log_sum_exp": ("log_sum_exp", r"\operatorname{logsumexp}"),
    "log_det": ("log det", r"\log\det"),
    "det": ("det", r"\det"),
    "trace": ("tr", r"\operatorname{tr}"),
    "diag": ("diag", r"\operatorname{diag}"),
    "diagonal": ("diagonal", r"\operatorname{diagonal}"),
    "vec": ("vec", r"\operatorname{vec}"),
    "rows": ("_rows", r"_{\text{rows}}"),
    "columns": ("_columns", r"_{\text{columns}}"),
}
_LETTERS: Final = "abcdefghklmn"


def holds_arrays(expression: Any) -> bool:
    """Whether the expression is one of arrays, or holds one."""
    kinds = (MatrixExpr, Scalar, sympy.Sum, Indexed, Trace, Determinant, MatrixBase)
    return isinstance(expression, kinds) or (
        isinstance(expression, sympy.Basic) and expression.has(*kinds[:-1])
    )


@dataclass(frozen=True)
class ArrayWriter:
    """Writes an expression of arrays in a style.

    >>> from symopt.writing.styles import TEXT
    >>> X, y, w = MatrixSymbol("X", 3, 2), MatrixSymbol("y", 3, 1), MatrixSymbol("w", 2, 1)
    >>> ArrayWriter(TEXT, Notation()).expression(-2 * X.T * (y - X * w))
    '-2 X^T (y - X w)'
    """

    style: Style
    notation: Notation
    arguments: tuple[tuple[Symbol, Written], ...] = ()

    def expression(self, expression: Any) -> str:
        """The whole expression as one formula."""
        return self.written(expression).text

    def written(self, expression: Any) -> Written:
        """The expression with how tightly it binds."""
        known = dict(self.arguments).get(expression)
        if known is not None:
            return known
        for kind in type(expression).__mro__:
            if kind in _WRITERS:
                return _WRITERS[kind](self, expression)
        if expression.args and (self.arguments or holds_arrays(expression)):
            name = type(expression).__name__
            return self._call(name, [self.expression(argument) for argument in expression.args])
        return self._scalar(expression)

    def sign(self, name: str) -> str:
        return _SIGNS[name][self.style.is_latex]

    def _scalar(self, expression: Any) -> Written:
        return Writer(self.style, self.notation).written(expression)

    def _call(self, head: str, arguments: Sequence[str]) -> Written:
        return Written(self.style.call(head, arguments), POWER)

    def _named(self, sign: str, *arguments: Any) -> Written:
        inside = ", ".join(map(self.expression, arguments))
        return Written(self.sign(sign) + self.style.brackets(inside), POWER)

    def bracketed(self, expression: Any, least: int) -> str:
        written = self.written(expression)
        return written.text if written.level >= least else self.style.brackets(written.text)

    def symbol(self, expression: Any) -> Written:
        return Written(self.style.symbol(expression, self.notation))

    def sum(self, expression: Any) -> Written:
        """Positive terms first, numbers times ones last."""
        return Written(" ".join(self.terms(expression)), SUM)

    def terms(self, expression: Any) -> list[str]:
        """The terms of a sum, each with its sign."""
        found: list[str] = []
        for term in sorted(expression.args, key=_order):
            negative = _is_negative(term)
            # In a sum ones are written 1, whatever their shape.
            plain = OneMatrix(2, 1) if isinstance(term, OneMatrix) else _opposite(term) if negative else term
            body = self.bracketed(plain, PRODUCT)
            found.append(f"{'-' if negative else '+'} {body}" if found else f"-{body}" if negative else body)
        return found

    def product(self, expression: Any) -> Written:
        """Numbers, then matrices in their order; numbers below a line where they have negative powers."""
        if _is_negative(expression):
            positive = self.written(_opposite(expression))
            text = positive.text if positive.level >= PRODUCT else self.style.brackets(positive.text)
            return Written(f"-{text}", SUM)
        above, below, matrices = _parted(expression)
        if self.arguments:
            matrices = [factor for factor in above if factor.free_symbols & set(dict(self.arguments))]
            above = [factor for factor in above if factor not in matrices]
        arrays = [self.bracketed(matrix, PRODUCT if len(matrices) < 2 else POWER) for matrix in matrices]
        body = (self.sign("hadamard") if self.arguments else " ").join(arrays)
        if below:
            top = [self.bracketed(factor, POWER) for factor in above]
            bottom = [self.bracketed(factor, POWER) for factor in below]
            if not self.style.slashed:
                top, bottom = (
                    [self.expression(part[0])] if len(part) == 1 else written
                    for part, written in ((above, top), (below, bottom))
                )
            numerator = " ".join(top) or "1"
            if self.style.slashed:
                under = bottom[0] if len(bottom) == 1 else self.style.brackets(" ".join(bottom))
                if body and len(top) == 0:
                    return Written(f"{body}/{under}", PRODUCT)
                fraction = f"{numerator}/{under}"
            else:
                fraction = self.style.fraction(numerator, " ".join(bottom))
            return Written(f"{fraction} {body}" if body else fraction, PRODUCT)
        last = above[-1] if above and not body else None
        parts = [self.bracketed(factor, POWER if factor is not last else PRODUCT) for factor in above]
        return Written(" ".join([*parts, body] if body else parts), PRODUCT)

    def power(self, expression: Any) -> Written:
        base, exponent = expression.args
        if exponent.is_Rational and exponent < 0:
            return self.product(expression)
        if exponent == S.Half:
            return Written(self.style.root(self.expression(base)))
        raised = self.expression(exponent)
        entrywise = bool(self.arguments) and not base.is_Symbol and not isinstance(base, sympy.Function)
        mark = "∘" if not self.style.is_latex else r"\circ "
        if self.arguments and (entrywise or base.is_Symbol):
            raised = f"{mark}{raised}"
            text = f"{self.bracketed(base, ATOM)}^({raised})" if not self.style.is_latex else None
            return Written(text or self.style.power(self.bracketed(base, ATOM), raised), POWER)
        return Written(self.style.power(self.bracketed(base, ATOM), raised), POWER)

    def matrix_power(self, expression: Any) -> Written:
        return Written(
            self.style.power(self.bracketed(expression.args[0], ATOM), self.expression(expression.args[1])),
            POWER,
        )

    def transpose(self, expression: Any) -> Written:
        inner = expression.args[0]
        if isinstance(inner, Inverse):
            return self._raised(inner.args[0], "inverse_transposed")
        return self._raised(inner, "transposed")

    def inverse(self, expression: Any) -> Written:
        return self._raised(expression.args[0], "inverse")

    def _raised(self, base: Any, sign: str) -> Written:
        mark = self.sign(sign)
        body = self.bracketed(base, ATOM)
        return Written(
            f"{body}^{{{mark}}}" if self.style.is_latex and len(mark) > 1 else f"{body}^{mark}", POWER
        )

    def ones(self, expression: Any) -> Written:
        if expression.shape[0] == 1 and expression.shape[1] != 1:
            return self._raised(OneMatrix(*reversed(expression.shape)), "transposed")
        if 1 not in expression.shape:
            rows, columns = (OneMatrix(size, 1) for size in expression.shape)
            return self.product(MatMul(rows, columns.T, evaluate=False))
        return Written(self.sign("ones"))

    def hadamard(self, expression: Any) -> Written:
        return self._joined("hadamard", expression.args)

    def kronecker(self, expression: Any) -> Written:
        return self._joined("kronecker", expression.args)

    def _joined(self, sign: str, parts: Sequence[Any]) -> Written:
        return Written(self.sign(sign).join(self.bracketed(part, POWER) for part in parts), PRODUCT)

    def hadamard_power(self, expression: Any) -> Written:
        return self._at_arguments(ARGUMENT ** expression.args[1], [(ARGUMENT, expression.args[0])])

    def elementwise(self, expression: Any) -> Written:
        """The function with the arrays in the place of its arguments."""
        if isinstance(expression, ElementwiseApplyFunction):
            function, arrays = expression.function, [expression.expr]
        else:
            function, *arrays = expression.args
        for name, of in (("sigmoid", sigmoid), ("softplus", softplus)):
            if len(arrays) == 1 and function.expr == of(function.signature[0]):
                return self._named(name, arrays[0])
        return self._at_arguments(function.expr, list(zip(function.signature, arrays, strict=True)))

    def _at_arguments(self, formula: Any, arrays: list[tuple[Symbol, Any]]) -> Written:
        inside = tuple((symbol, replace(self, arguments=()).written(array)) for symbol, array in arrays)
        return replace(self, arguments=inside).written(formula)

    def function(self, expression: Any) -> Written:
        if not self.arguments and not holds_arrays(expression):
            return self._scalar(expression)
        inner = _one_plus_exp(expression.args[0]) if isinstance(expression, sympy.log) else None
        if inner is not None:
            return self._named("softplus", inner)
        if expression.func == _SIGMOID:
            return self._named("sigmoid", expression.args[0])
        if isinstance(expression, sympy.exp):
            return self._call("exp", [self.expression(expression.args[0])])
        if isinstance(expression, sympy.Abs):
            return Written(self.style.absolute(self.expression(expression.args[0])))
        name = expression.func.__name__
        return self._call(name, [self.expression(argument) for argument in expression.args])

    def relation(self, expression: Any) -> Written:
        sign = self.style.signs[expression.rel_op]
        return Written(f"{self.expression(expression.lhs)} {sign} {self.expression(expression.rhs)}", SUM)

    def piecewise(self, expression: Any) -> Written:
        rows = [
            (self.expression(value), "" if when == sympy.true else self.expression(when))
            for value, when in expression.args
        ]
        return Written(self.style.cases(rows))

    def norm(self, expression: Any) -> Written:
        inside = self.expression(expression.args[0])
        if not self.style.is_latex:
            return Written(f"||{inside}||")
        left, right = (r"\left\lVert ", r"\right\rVert") if r"\frac" in inside else (r"\lVert ", r" \rVert")
        return Written(f"{left}{inside}{right}")

    def total(self, expression: Any) -> Written:
        """1^T v, 1^T A 1, and of a product that is a number the product itself."""
        inner = expression.args[0]
        rows, columns = inner.shape
        if rows == columns == 1:
            return self.written(inner)
        parts: list[Any] = [OneMatrix(1, rows)] if rows != 1 else []
        whole = inner.args if isinstance(inner, MatMul) and holds_arrays(inner.args[0]) else [inner]
        factors = [*parts, *whole, *([OneMatrix(columns, 1)] if columns != 1 else [])]
        return Written(" ".join(self.bracketed(factor, POWER) for factor in factors), PRODUCT)

    def log_det(self, expression: Any) -> Written:
        return self._named("log_det" if isinstance(expression, LogDet) else "det", expression.args[0])

    def along(self, expression: Any) -> Written:
        """softmax and log_sum_exp, over all entries, of rows or of columns."""
        name = "softmax" if isinstance(expression, Softmax) else "log_sum_exp"
        axis = int(expression.args[1]) if len(expression.args) > 1 else -1
        columns = expression.args[0].shape[1]
        mark = "" if axis < 0 or columns == 1 else self.sign("rows" if axis == 1 else "columns")
        return Written(
            self.sign(name) + mark + self.style.brackets(self.expression(expression.args[0])), POWER
        )

    def commutation(self, expression: Any) -> Written:
        sizes = ", ".join(map(self.expression, expression.args))
        return Written(f"K_{{{sizes}}}" if self.style.is_latex else f"K({sizes})")

    def with_indices(self, expression: Any) -> Written:
        """The entry of a block: the sum of products of entries, with letters for indices."""
        factors, sizes, rows = expression.args
        labels = sorted({int(label) for _, where in factors for label in where} | set(range(len(sizes))))
        letters = dict(zip(labels, _LETTERS, strict=False))
        parts = []
        for array, where in factors:
            marks = "".join(letters[int(label)] for label in where)
            body = self.bracketed(array, ATOM)
            parts.append(f"{body}_{{{marks}}}" if self.style.is_latex else f"{body}[{','.join(marks)}]")
        summed = "".join(letters[label] for label in labels if label >= len(sizes))
        if summed:
            parts.insert(0, rf"\sum_{{{summed}}}" if self.style.is_latex else f"sum_{summed}")
        row = "".join(letters[label] for label in range(int(rows)))
        column = "".join(letters[label] for label in range(int(rows), len(sizes)))
        inside = " ".join(parts)
        if self.style.is_latex:
            return Written(rf"\left[{inside}\right]_{{{row},{column}}}")
        return Written(f"[{inside}]_({row},{column})")

    def indexed_sum(self, expression: Any) -> Written:
        body, *limits = expression.args
        heads = []
        for index, first, last in reversed(limits):
            low, high = self.expression(first), self.expression(last)
            if self.style.is_latex:
                heads.append(rf"\sum_{{{self.expression(index)}={low}}}^{{{high}}}")
            else:
                heads.append(f"sum_({self.expression(index)}={low}..{high})")
        return Written(" ".join([*heads, self.bracketed(body, PRODUCT)]), PRODUCT)

    def indexed(self, expression: Any) -> Written:
        if isinstance(expression, Indexed):
            base, indices = expression.base.label, expression.indices
        else:
            base, indices = expression.args[0], expression.args[1:]
            indices = [index for index, size in zip(indices, base.shape, strict=True) if size != 1]
        body = self.bracketed(base, ATOM)
        if self.style.is_latex:
            return Written(f"{body}_{{{' '.join(map(self.expression, indices))}}}")
        return Written(f"{body}[{', '.join(map(self.expression, indices))}]")

    def numbers(self, expression: Any) -> Written:
        return Written(
            self.style.matrix([[self.expression(entry) for entry in row] for row in expression.tolist()])
        )


_SIGMOID: Final = sympy.Function("sigmoid")
ARGUMENT: Final = Symbol("_1", real=True)


def _order(term: Any) -> tuple[bool, bool, int, Any]:
    """Positive terms first, numbers times ones last, terms of more arrays before others."""
    arrays = len(term.atoms(MatrixSymbol, IndexedBase))
    return _is_negative(term), _is_constant(term), -arrays, sympy.default_sort_key(term)


def _is_constant(term: Any) -> bool:
    if isinstance(term, (MatrixExpr, MatrixBase)):
        return isinstance(term, (OneMatrix, Identity)) or (
            isinstance(term, MatMul)
            and isinstance(term.args[-1], (OneMatrix, Identity))
            and len(term.args) == 2
        )
    return not holds_arrays(term)


def _is_negative(term: Any) -> bool:
    if isinstance(term, Rational):
        return bool(term < 0)
    if isinstance(term, MatMul):
        return _is_negative(term.as_coeff_matrices()[0])
    return isinstance(term, sympy.Mul) and isinstance(term.args[0], Rational) and bool(term.args[0] < 0)


def _opposite(term: Any) -> Any:
    """The term without its minus; products keep their form."""
    if isinstance(term, MatMul):
        number, matrices = term.as_coeff_matrices()
        scalar = -number
        factors = matrices if scalar == 1 else [scalar, *matrices]
        return factors[0] if len(factors) == 1 else MatMul(*factors, evaluate=False)
    return -term


def _parted(expression: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """The factors above and below the line that are numbers, and the matrices."""
    matrices: list[Any] = []
    scalar = expression
    if isinstance(expression, MatMul):
        scalar, matrices = expression.as_coeff_matrices()
    above: list[Any] = []
    below: list[Any] = []
    factors = scalar.args if isinstance(scalar, sympy.Mul) else () if scalar == 1 else (scalar,)
    for factor in factors:
        if isinstance(factor, Rational) and not factor.is_Integer:
            above += [Integer(factor.p)] * (factor.p != 1)
            below.append(Integer(factor.q))
        elif isinstance(factor, sympy.Pow) and _one_plus_exp(factor.base) is not None and factor.exp == -1:
            above.append(_SIGMOID(-_one_plus_exp(factor.base)))
        elif isinstance(factor, sympy.Pow) and factor.exp.is_Rational and factor.exp < 0:
            below.append(factor.base if factor.exp == -1 else factor.base**-factor.exp)
        else:
            above.append(factor)
    return sorted(above, key=_scalar_order), sorted(below, key=_scalar_order), list(matrices)


def _one_plus_exp(expression: Any) -> Any:
    """u where the expression is 1 + e^u."""
    if isinstance(expression, sympy.Add) and len(expression.args) == 2 and expression.args[0] == 1:
        second = expression.args[1]
        return second.args[0] if isinstance(second, sympy.exp) else None
    return None


def _scalar_order(factor: Any) -> tuple[Any, ...]:
    kind = isinstance(factor, (sympy.Sum, Scalar)), isinstance(factor, (sympy.Add, sympy.Function))
    return (not factor.is_Rational, *kind, holds_arrays(factor), sympy.default_sort_key(factor))


_WRITERS: Final[dict[type, Callable[[ArrayWriter, Any], Written]]] = {
    MatrixSymbol: ArrayWriter.symbol,
    MatAdd: ArrayWriter.sum,
    MatMul: ArrayWriter.product,
    MatPow: ArrayWriter.matrix_power,
    sympy.Add: ArrayWriter.sum,
    sympy.Mul: ArrayWriter.product,
    sympy.Pow: ArrayWriter.power,
    Transpose: ArrayWriter.transpose,
    Inverse: ArrayWriter.inverse,
    PseudoInverse: lambda writer, e: writer._raised(e.args[0], "pseudo_inverse"),
    OneMatrix: ArrayWriter.ones,
    Identity: lambda writer, e: Written("I"),
    ZeroMatrix: lambda writer, e: Written("0"),
    HadamardProduct: ArrayWriter.hadamard,
    HadamardPower: ArrayWriter.hadamard_power,
    KroneckerProduct: ArrayWriter.kronecker,
    Elementwise: ArrayWriter.elementwise,
    ElementwiseApplyFunction: ArrayWriter.elementwise,
    sympy.Function: ArrayWriter.function,
    sympy.Max: ArrayWriter.function,
    sympy.Min: ArrayWriter.function,
    sympy.Piecewise: ArrayWriter.piecewise,
    sympy.core.relational.Relational: ArrayWriter.relation,
    Norm: ArrayWriter.norm,
    Total: ArrayWriter.total,
    LogDet: ArrayWriter.log_det,
    Determinant: ArrayWriter.log_det,
    Trace: lambda writer, e: writer._named("trace", e.args[0]),
    DiagMatrix: lambda writer, e: writer._named("diag", e.args[0]),
    DiagonalMatrix: lambda writer, e: writer._named("diag", DiagonalOf(e.args[0])),
    DiagonalOf: lambda writer, e: writer._named("diagonal", e.args[0]),
    Vec: lambda writer, e: writer._named("vec", e.args[0]),
    LogSumExp: ArrayWriter.along,
    LogSumExpAlong: ArrayWriter.along,
    Softmax: ArrayWriter.along,
    Commutation: ArrayWriter.commutation,
    WithIndices: ArrayWriter.with_indices,
    sympy.Sum: ArrayWriter.indexed_sum,
    Indexed: ArrayWriter.indexed,
    MatrixElement: ArrayWriter.indexed,
    MatrixBase: ArrayWriter.numbers,
}


def array_text(expression: Expr, style: Style, notation: Notation) -> str:
    """An expression of arrays, or of numbers alone, in a style."""
    return ArrayWriter(style, notation).expression(expression)


def array_terms(expression: Expr, style: Style, notation: Notation) -> list[str]:
    """The same in pieces, between which a line may break."""
    writer = ArrayWriter(style, notation)
    if isinstance(expression, (MatAdd, sympy.Add)):
        return writer.terms(expression)
    return [writer.expression(expression)]
