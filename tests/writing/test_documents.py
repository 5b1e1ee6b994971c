"""One document, three writers: nothing is lost, nothing breaks the format."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from sympy import Expr, Integer, Rational, S, Symbol, expand, sqrt, symbols

from symopt.derivation.claims import Branch, Number
from symopt.relation import Relation
from symopt.writing.decimals import decimal_text
from symopt.writing.document import (
    Display,
    Document,
    Heading,
    Items,
    Math,
    Paragraph,
    Strong,
    Table,
    Verbatim,
)
from symopt.writing.latex import CLOSING, PREAMBLE, latex
from symopt.writing.markdown import markdown
from symopt.writing.mathematics import Bounds, Grid, Objective, Partial, Place, Tokens, written
from symopt.writing.notation import Notation
from symopt.writing.places import branch_pieces, number_pieces, quantifier, value_pieces
from symopt.writing.styles import LATEX, TEXT
from symopt.writing.syntax import condition_text, expression_text
from symopt.writing.text import COLUMNS, pieces_text, text
from symopt.writing.width import width

x, y, p, t, r = symbols("x y p t r", real=True)
NOTATION = Notation((x, y))
LONG = expand((x + 2 * y + p) ** 5)


def relations(*pairs: tuple[Expr, str]) -> Bounds:
    return Bounds(tuple(Relation(expression, op) for expression, op in pairs))


ABOVE = relations((p - 1, ">"))
DOCUMENT = Document(
    (
        Heading("100% of f_1 & {more}", 2),
        Paragraph((Strong(("Case ", Math((ABOVE,)), ".")), " The value ", Math((LONG,)), ".")),
        Display(
            (
                (Objective(order=1), "==", Grid(((2 * (p - 1) * x,), (2 * (p + 1) * y,)))),
                (Partial((x,)), "==", LONG, "<=", LONG**2),
                (LONG, "==", S.Zero),
            )
        ),
        Items(((Paragraph(("first",)),), (Paragraph(("second",)), Display(((x, "==", y),)))), numbered=True),
        Table((("case",), ("kind",)), (((Math((relations((p, "==")),)),), ("a|b_c",)),)),
        Verbatim(("x**2_{a} & 100% \\ ~ ^ $ #",)),
    ),
    NOTATION,
)  # fmt: skip


@pytest.mark.parametrize(
    ("tokens", "plain", "tex"),
    [
        ((relations((p - 1, "<"), (p + 1, ">")),), "-1 < p < 1", "-1 < p < 1"),
        ((relations((p - 1, "<"), (p + 1, "<")),), "p < -1", "p < -1"),
        ((relations((p - 1, ">="), (x, "!=")),), "p ≥ 1 and x ≠ 0", r"p \ge 1,\; x \neq 0"),
        ((Objective((x, y)), "==", x), "f(x, y) = x", "f(x, y) = x"),
        ((Objective(order=2),), "∇²f", r"\nabla^2 f"),
        ((Partial((x, x), alone=True),), "d²f/dx²", r"\frac{d^2 f}{d x^2}"),
        ((Partial((x, y)),), "∂²f/∂x∂y", r"\frac{\partial^2 f}{\partial x \partial y}"),
        ((Place((Integer(0), Rational(1, 2))),), "(0, 1/2)", r"\left(0, \frac{1}{2}\right)"),
        ((Grid(((x,), (y,))),), "(x, y)", r"\begin{bmatrix} x \\ y \end{bmatrix}"),
        ((x, "->", S.Infinity), "x → ∞", r"x \to \infty"),
    ],
)
def test_formulas_of_several_parts(tokens: Tokens, plain: str, tex: str) -> None:
    assert written(tokens, TEXT, NOTATION) == plain
    assert written(tokens, LATEX, NOTATION) == tex


def test_the_objective_and_the_variables_take_one_s_own_letters() -> None:
    notation = Notation.of((x,), {"f": "L", "x": r"\theta_1"})
    assert written((Objective((x,)),), LATEX, notation) == r"L(\theta_1)"
    assert written((Objective((x,), 0),), TEXT, notation) == "L(theta_1)"


def test_text_fits_a_terminal() -> None:
    lines = text(DOCUMENT).splitlines()
    assert max(map(len, lines)) <= COLUMNS
    assert "  1. first" in lines
    assert not any(line.endswith((" +", " -", " =")) for line in lines)


def test_markdown_escapes_what_is_not_a_formula() -> None:
    shown = markdown(DOCUMENT)
    assert "**Case $p > 1$.**" in shown
    assert r"a\|b\_c" in shown
    assert shown.count("$$") == 2 * 2
    assert "```text\nx**2_{a} & 100% \\ ~ ^ $ #\n```" in shown


def test_latex_escapes_what_is_not_a_formula() -> None:
    shown = latex(DOCUMENT)
    assert r"\subsection*{100\% of f\_1 \& \{more\}}" in shown
    assert r"\textbf{Case $p > 1$.}" in shown
    assert shown.count(r"\begin{") == shown.count(r"\end{")


def test_a_part_of_an_unknown_kind_is_shown_as_its_own_text() -> None:
    @dataclass(frozen=True)
    class Strange:
        name: str = "strange"

    document = Document((Strange(),), NOTATION)  # type: ignore[arg-type]
    for writer in (text, markdown, latex):
        assert "strange" in writer(document)


def test_a_table_too_wide_for_latex_becomes_a_list() -> None:
    cell = (Math((expand((x + y) ** 4),)),)
    shown = latex(Document((Table((("case",), ("f",), ("g",)), ((cell, cell, cell),)),), NOTATION))
    assert "tabular" not in shown
    assert r"\begin{itemize}" in shown


def test_a_row_of_the_list_names_its_case() -> None:
    wide = (Math((expand((x + y) ** 4),)),)
    case = (Math((ABOVE,)),)
    shown = latex(
        Document((Table((("case",), ("f",), ("g",)), ((case, wide, wide), ((), wide, wide))),), NOTATION)
    )
    assert shown.count(r"\item $p > 1$: ") == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], "True"),
        ([Relation(p - 1, ">")], "p > 1"),
        ([Relation(p - 1, "==")], "Eq(p, 1)"),
        ([Relation(p - 1, "<"), Relation(p + 1, ">")], "(p > -1) & (p < 1)"),
        ([Relation(p - 1, "!="), Relation(x, ">=")], "Ne(p, 1) & (x >= 0)"),
    ],
)
def test_conditions_in_sympy_s_syntax(given: list[Relation], expected: str) -> None:
    assert condition_text(given) == expected


def test_euler_s_number_is_never_a_name() -> None:
    assert expression_text(sqrt(2) * S.Exp1 * Symbol("E", real=True)) == "sqrt(2)*exp(1)*E"


def test_points_and_numbers_in_words() -> None:
    root = Number(r, r**5 - r + 1, 0, (Integer(-2), Integer(-1)))
    branch = Branch(((x, r), (y, r**2)), (root,))
    assert pieces_text(branch_pieces(branch), NOTATION) == "(r, r^2) ≈ (-1.1673, 1.3626)"
    assert pieces_text(branch_pieces(branch, short=True), NOTATION) == "≈ (-1.1673, 1.3626)"
    assert pieces_text(number_pieces([root]), NOTATION) == "r ≈ -1.1673 is a real root of r^5 - r + 1"
    assert pieces_text(value_pieces(r + 2, [root]), NOTATION) == "≈ 0.8327"
    family = Branch(((x, t), (y, S.Zero)), (), ((t, "real"),), (Relation(t, ">"),))
    assert pieces_text(branch_pieces(family), NOTATION) == "(t, 0) with t > 0"
    n = Symbol("n", integer=True)
    free = ((t, "real"), (n, "integer"), (r, "real"))
    turned = Branch(((x, 2 * n * t), (y, r)), (), free, (Relation(2 * t**4, "!="), Relation(n - 1, ">=")))
    assert pieces_text(quantifier(turned), NOTATION) == " with r real, t ≠ 0 and an integer n ≥ 1"
    assert pieces_text(branch_pieces(Branch(((x, sqrt(2)),))), NOTATION) == "x = sqrt(2) ≈ 1.4142"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Rational(1, 3), "0.333333333333333333333333333333"),
        (Rational(-5, 2), "-2.5"),
        (Integer(0), "0"),
        (Integer(120), "120"),
        (sqrt(2), "1.41421356237309504880168872421"),
        (S.Exp1 - S.Pi, "-0.423310825130748003102355911927"),
    ],
)
def test_decimals_to_thirty_digits(value: Expr, expected: str) -> None:
    assert decimal_text(value) == expected


def test_no_decimal_where_it_is_not_settled() -> None:
    assert decimal_text(x) is None
    double = Number(r, (r - 1) ** 2, 0, (Integer(0), Integer(2)))
    assert decimal_text(r, [double]) is None


pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def compiled(source: str, folder: Path) -> str:
    """What pdflatex says about a document."""
    (folder / "test.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "test.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    return log


@pdflatex
def test_the_document_compiles_without_an_overfull_box(tmp_path: Path) -> None:
    fragment = (
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n" + latex(DOCUMENT) + CLOSING
    )
    for source in (latex(DOCUMENT, standalone=True), fragment):
        assert "Overfull" not in compiled(source, tmp_path)


@pdflatex
def test_no_estimate_of_a_width_is_much_too_small(tmp_path: Path) -> None:
    formulas = [
        r"(p - 1) x^2 + (p + 1) y^2",
        r"\frac{x (x - y)}{x^2 + y^2}",
        r"-2 x e^{-x^2/2}",
        r"\begin{bmatrix} 2 (p - 1) & 0 \\ 0 & 2 (p + 1) \end{bmatrix}",
        r"\sqrt{x^2 + 1} \log(x) + \theta_{1} \cos(y)",
        r"32 y^5 - 208 y^3 - 168 y^2 + 1 = 0",
        r"-1 < p < 1,\; q \neq 0 \text{ and so on}",
        r"\lvert x - y\rvert \operatorname{erf}(z)",
        r"m^2 w^3 M_{12}",
    ]  # fmt: skip
    lines = "".join(
        rf"\setbox0=\hbox{{$\displaystyle {f}$}}\typeout{{WIDTH \the\wd0}}" + "\n" for f in formulas
    )
    log = compiled(PREAMBLE + lines + "x" + CLOSING, tmp_path)
    measured = [float(line.split()[1][:-2]) / 10.95 for line in log.splitlines() if line.startswith("WIDTH")]
    assert len(measured) == len(formulas)
    for formula, actual in zip(formulas, measured, strict=True):
        assert 0.95 * actual <= width(formula) <= 1.6 * actual + 1.0, (formula, actual, width(formula))
