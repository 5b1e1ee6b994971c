"""How the parts of a formula are written: once for LaTeX, once for the terminal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from sympy import Expr, Symbol
from sympy.printing.latex import latex

from symopt.writing.notation import Notation
from symopt.writing.syntax import expression_text


class Style(ABC):
    """The writing of each kind of part; every argument is already written."""

    constants: ClassVar[Mapping[str, str]]
    signs: ClassVar[Mapping[str, str]]
    is_latex: ClassVar[bool] = False
    slashed: ClassVar[bool] = True  # fractions are written in a line
    between: ClassVar[str] = ", "  # what parts the coordinates of a point

    @abstractmethod
    def symbol(self, symbol: Symbol, notation: Notation) -> str: ...

    @abstractmethod
    def brackets(self, inside: str) -> str: ...

    @abstractmethod
    def fraction(self, numerator: str, denominator: str) -> str: ...

    @abstractmethod
    def power(self, base: str, exponent: str) -> str: ...

    @abstractmethod
    def root(self, inside: str) -> str: ...

    @abstractmethod
    def absolute(self, inside: str) -> str: ...

    @abstractmethod
    def call(self, name: str, arguments: Sequence[str], exponent: str = "") -> str: ...

    @abstractmethod
    def product(self, factors: Sequence[str]) -> str: ...

    @abstractmethod
    def matrix(self, rows: Sequence[Sequence[str]]) -> str: ...

    @abstractmethod
    def cases(self, rows: Sequence[tuple[str, str]]) -> str:
        """Values with their conditions; an empty condition is "otherwise"."""

    @abstractmethod
    def words(self, text: str) -> str: ...

    @abstractmethod
    def unknown(self, expression: Expr) -> str: ...


LATEX_FUNCTIONS: Final[Mapping[str, str]] = {
    **{
        name: f"\\{name}"
        for name in ("log", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")
    },
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "max": r"\max",
    "min": r"\min",
    "LambertW": "W",
    "loggamma": r"\log\Gamma",
    "gamma": r"\Gamma",
    "sign": r"\operatorname{sgn}",
}


class LatexStyle(Style):
    """LaTeX with amsmath."""

    is_latex: ClassVar = True
    slashed: ClassVar = False
    constants: ClassVar = {"pi": r"\pi", "e": "e", "oo": r"\infty"}
    signs: ClassVar = {
        "==": "=",
        "!=": r"\neq",
        "<": "<",
        "<=": r"\le",
        ">": ">",
        ">=": r"\ge",
        "->": r"\to",
        "in": r"\in",
        "approx": r"\approx",
        "iff": r"\iff",
    }

    def symbol(self, symbol: Symbol, notation: Notation) -> str:
        return notation.latex(symbol)

    def brackets(self, inside: str) -> str:
        return rf"\left({inside}\right)" if is_tall(inside) else f"({inside})"

    def fraction(self, numerator: str, denominator: str) -> str:
        return rf"\frac{{{numerator}}}{{{denominator}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{exponent}" if len(exponent) == 1 else f"{base}^{{{exponent}}}"

    def root(self, inside: str) -> str:
        return rf"\sqrt{{{inside}}}"

    def absolute(self, inside: str) -> str:
        return rf"\left\lvert {inside}\right\rvert" if is_tall(inside) else rf"\lvert {inside}\rvert"

    def call(self, name: str, arguments: Sequence[str], exponent: str = "") -> str:
        head = LATEX_FUNCTIONS.get(name) or rf"\operatorname{{{escaped(name)}}}"
        return (self.power(head, exponent) if exponent else head) + self.brackets(", ".join(arguments))

    def product(self, factors: Sequence[str]) -> str:
        text = factors[0]
        for factor in factors[1:]:
            text += (r" \cdot " if factor[0].isdigit() or factor.startswith(r"\frac{1}") else " ") + factor
        return text

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        apart = r" \\[3pt] " if any(r"\frac" in entry for row in rows for entry in row) else r" \\ "
        body = apart.join(" & ".join(row) for row in rows)
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"

    def cases(self, rows: Sequence[tuple[str, str]]) -> str:
        lines = (
            f"{value} & " + (rf"\text{{for }} {condition}" if condition else r"\text{otherwise}")
            for value, condition in rows
        )
        body = r" \\ ".join(lines)
        return rf"\begin{{cases}} {body} \end{{cases}}"

    def words(self, text: str) -> str:
        return rf"\text{{{escaped(text)}}}"

    def unknown(self, expression: Expr) -> str:
        return str(latex(expression))


class InlineLatexStyle(LatexStyle):
    """LaTeX within a sentence or a table, where a stacked fraction would part the lines."""

    slashed: ClassVar = True

    def fraction(self, numerator: str, denominator: str) -> str:
        return f"{numerator}/{denominator}"

    def brackets(self, inside: str) -> str:
        return super().brackets(inside) if r"\begin" in inside else f"({inside})"


class PrintedLatexStyle(InlineLatexStyle):
    """The same for TeX, which may then break a long point behind its commas, and nowhere else."""

    between: ClassVar = r",\penalty5000 "


class TextStyle(Style):
    """Plain text in the syntax that symopt reads, with a few signs that terminals show well."""

    constants: ClassVar = {"pi": "pi", "e": "e", "oo": "∞"}
    signs: ClassVar = {
        "==": "=",
        "!=": "≠",
        "<": "<",
        "<=": "≤",
        ">": ">",
        ">=": "≥",
        "->": "→",
        "in": "∈",
        "approx": "≈",
        "iff": "⇔",
    }

    def symbol(self, symbol: Symbol, notation: Notation) -> str:
        return notation.text(symbol)

    def brackets(self, inside: str) -> str:
        return f"({inside})"

    def fraction(self, numerator: str, denominator: str) -> str:
        return f"{numerator}/{denominator}"

    def power(self, base: str, exponent: str) -> str:
        plain = exponent.replace("_", "").isalnum()
        return f"{base}^{exponent}" if plain else f"{base}^({exponent})"

    def root(self, inside: str) -> str:
        return f"sqrt({inside})"

    def absolute(self, inside: str) -> str:
        return f"|{inside}|"

    def call(self, name: str, arguments: Sequence[str], exponent: str = "") -> str:
        called = f"{name}({', '.join(arguments)})"
        return self.power(called, exponent) if exponent else called

    def product(self, factors: Sequence[str]) -> str:
        return "*".join(factors)

    def matrix(self, rows: Sequence[Sequence[str]]) -> str:
        if all(len(row) == 1 for row in rows):
            return f"({', '.join(row[0] for row in rows)})"
        return "[" + ", ".join(f"[{', '.join(row)}]" for row in rows) + "]"

    def cases(self, rows: Sequence[tuple[str, str]]) -> str:
        parts = (
            f"{value} for {condition}" if condition else f"{value} otherwise" for value, condition in rows
        )
        return f"({', '.join(parts)})"

    def words(self, text: str) -> str:
        return text

    def unknown(self, expression: Expr) -> str:
        return expression_text(expression)


LATEX: Final = LatexStyle()
INLINE_LATEX: Final = InlineLatexStyle()
PRINTED_LATEX: Final = PrintedLatexStyle()
TEXT: Final = TextStyle()

_SPECIAL: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "_": r"\_",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
    }
)


_SIGNS_IN_WORDS: Final = str.maketrans(
    {
        "≤": r"$\le$",
        "≥": r"$\ge$",
        "≠": r"$\neq$",
        "≈": r"$\approx$",
        "→": r"$\to$",
        "∞": r"$\infty$",
        "∇": r"$\nabla$",
        "²": "$^2$",
        "∂": r"$\partial$",
        "–": "--",
        "…": r"\dots{}",
        "’": "'",
        "\u00a0": "~",
    }
)


def escaped(text: Any) -> str:
    """Text with LaTeX's special characters written out; letters pdflatex may lack become question marks."""
    written = str(text).translate(_SPECIAL).translate(_SIGNS_IN_WORDS)
    return "".join(letter if ord(letter) < 0x180 else "?" for letter in written)


def is_tall(formula: str) -> bool:
    """Whether brackets around the LaTeX formula should grow with it."""
    return any(mark in formula for mark in (r"\frac", r"\left", r"\begin", r"\sqrt"))
