"""A whole problem written up: what it says, in every format, in one's own letters, compiled and saved."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from symopt.errors import InputError, MissingDependencyError
from symopt.problem import Problem
from symopt.results.explain import worked_answer
from symopt.writing.document import Paragraph
from symopt.writing.latex import CLOSING
from symopt.writing.notation import Notation
from symopt.writing.worked_answer import WorkedAnswer

PROBLEMS = {
    "quadratic": ("(p-1)*x^2 + (p+1)*y^2", "x y"),
    "entropy": ("x*log(x)", "x"),
    "two minima": ("x^4 - 4*x*y + y^4", "x y"),
    "exponential": ("exp(x) + x^2", "x"),
    "kink": ("abs(x) + x^2", "x"),
    "flat": ("x^2 - 2*x*y + y^2", "x y"),
}
HEADINGS = ["Problem", "Derivatives", "Stationary points", "Convexity", "Global minimum", "Global maximum"]


@cache
def answer(name: str, detail: str = "brief") -> WorkedAnswer:
    return Problem(*PROBLEMS[name]).worked_answer(detail=detail)


def test_the_p_quadratic_as_a_lecturer_writes_it() -> None:
    shown = " ".join(answer("quadratic").text().split())
    for sentence in (
        "f(x, y) = (p - 1)*x^2 + (p + 1)*y^2 for real x and y, with a real parameter p.",
        "The Hessian is diagonal, so its eigenvalues are 2*(p - 1) and 2*(p + 1).",
        "The equation 2*(p - 1)*x = 0 gives x = 0, since p - 1 ≠ 0.",
        "Case p = 1. Here f(x, y) = 2*y^2.",
        "Each of the points (t, 0) with t real is a non-strict local minimum, because f = 2*y^2 ≥ 0",
        "-1 < p < 1 (0, 0) saddle point 0",
        "-1 < p < 1 neither convex nor concave",
        "Case -1 ≤ p < 1. Along (x, y) = (s, 0), f = (p - 1)*s^2 → -∞ as s → ∞. So the function f is unbounded below.",
    ):
        assert sentence in shown, sentence
    assert [shown.find(heading) for heading in HEADINGS] == sorted(
        shown.find(heading) for heading in HEADINGS
    )


def test_parts_and_detail_are_chosen() -> None:
    problem = Problem(*PROBLEMS["quadratic"])
    convexity = problem.worked_answer(parts=["convexity"]).text()
    assert "Convexity" in convexity
    assert "Stationary" not in convexity
    assert "Problem" not in convexity
    short = problem.worked_answer(parts=["convexity"], detail="answer").text()
    assert "strictly convex" in short
    assert "because" not in short
    full = answer("quadratic", "full").text()
    assert "(1) " in full
    assert len(full) > len(answer("quadratic").text()) > len(answer("quadratic", "answer").text())


@pytest.mark.parametrize("wrong", [{"parts": ["convex"]}, {"detail": "long"}])
def test_an_unknown_part_or_detail_is_named(wrong: dict[str, object]) -> None:
    problem = Problem("x^2", "x")
    with pytest.raises(InputError, match=r"convex|long"):
        worked_answer(problem.statement, problem.derivatives(), **wrong)  # type: ignore[arg-type]


def test_the_statement_alone() -> None:
    whole = answer("quadratic")
    assert "whether the function is convex" in whole.latex(solution=False)
    assert "saddle" not in whole.latex(solution=False)
    assert whole.text(solution=False) == whole.text()[: len(whole.text(solution=False)) - 1] + "\n"


@pytest.mark.parametrize("detail", ["answer", "brief", "full"])
def test_one_s_own_letters_everywhere(detail: str) -> None:
    names = {"f": "L", "x": r"\theta_1", "y": r"\theta_2", "p": r"\eta", "s": r"\sigma", "t": r"\tau"}
    latex = Problem(*PROBLEMS["quadratic"]).worked_answer(names=names, detail=detail).latex()
    assert r"L(\theta_1, \theta_2) = (\eta - 1) \theta_1^2 + (\eta + 1) \theta_2^2" in latex
    assert r"\nabla^2 L" in latex
    words = re.sub(r"\\[A-Za-z]+(\{[a-z]+\})?", " ", latex)
    assert not re.findall(r"(?<![A-Za-z])[fxypst](?![A-Za-z'])", words)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("detail", ["answer", "brief", "full"])
def test_every_format_is_complete(name: str, detail: str) -> None:
    whole = answer(name, detail)
    text, markdown, latex = whole.text(), whole.markdown(), whole.latex()
    for heading in HEADINGS:
        assert heading in text
        assert f"### {heading}" in markdown
        assert rf"\subsection*{{{heading}}}" in latex
    assert max(map(len, text.splitlines())) <= 100
    assert latex.count(r"\begin{") == latex.count(r"\end{")
    assert markdown.count("$$") % 2 == 0
    assert latex.isascii()
    assert (whole._repr_markdown_(), whole._repr_latex_(), str(whole)) == (markdown, latex, text)


pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


@pdflatex
@pytest.mark.parametrize("detail", ["answer", "brief", "full"])
def test_fragments_compile_with_amsmath_alone_and_no_overfull_box(detail: str, tmp_path: Path) -> None:
    body = "\n".join(answer(name, detail).latex() for name in PROBLEMS)
    source = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n" + body + CLOSING
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    assert "Overfull" not in log
    for forbidden in (r"\sloppy", r"\resizebox", r"\tiny", r"\scriptsize"):
        assert forbidden not in source


@pdflatex
def test_a_pdf_and_the_page_as_a_picture(tmp_path: Path) -> None:
    page = WorkedAnswer((Paragraph(("x^2 & 100%",)),), (), Notation())
    assert page.save(tmp_path / "answer.pdf").read_bytes().startswith(b"%PDF")
    if shutil.which("pdftoppm"):
        assert page.save(tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_the_ending_says_the_format(tmp_path: Path) -> None:
    whole = answer("entropy")
    assert whole.save(tmp_path / "a.txt").read_text(encoding="utf-8") == whole.text()
    assert whole.save(tmp_path / "a.md").read_text(encoding="utf-8") == whole.markdown()
    assert whole.save(str(tmp_path / "a.TEX")).read_text(encoding="utf-8") == whole.latex(standalone=True)
    with pytest.raises(InputError, match=r"\.docx has an ending"):
        whole.save(tmp_path / "a.docx")
    with pytest.raises(InputError, match="does not exist"):
        whole.save(tmp_path / "nowhere" / "a.txt")


def test_a_figure_is_drawn_by_the_caller(tmp_path: Path) -> None:
    page = WorkedAnswer((), (), Notation(), figure=lambda path: path.write_bytes(b"drawn"))
    assert page.save(tmp_path / "f.png").read_bytes() == b"drawn"


def test_without_pdflatex_the_source_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    whole = answer("entropy")
    with pytest.raises(MissingDependencyError, match=r"run pdflatex answer\.tex"):
        whole.save(tmp_path / "answer.pdf")
    assert (tmp_path / "answer.tex").read_text(encoding="utf-8") == whole.latex(standalone=True)


@pytest.mark.parametrize("name", ["quadratic", "two minima"])
def test_every_result_explains_itself(name: str) -> None:
    problem = Problem(*PROBLEMS[name])
    for result in (
        problem.stationary_points(),
        problem.convexity(),
        problem.minimum(),
        problem.derivatives(),
    ):
        for detail in ("brief", "full"):
            told = result.explain(detail)
            assert told.text().strip()
            assert told.latex()


SCRIPT = """
import json
from symopt.problem import Problem
f = Problem("(p-1)*x^2 + (p+1)*y^2", "x y")
w = f.worked_answer(detail="full")
print(json.dumps([f.stationary_points().to_dict(), f.convexity().to_dict(), f.minimum().to_dict()]))
print(w.text(), w.latex(), w.markdown())
"""


@pytest.mark.slow
def test_the_same_bytes_under_every_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            timeout=120,
            check=True,
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


@cache
def told(objective: str, variables: str, *parts: str, detail: str = "brief", **given: tuple[str, ...]) -> str:
    answer = Problem(objective, variables, **given).worked_answer(parts=parts, detail=detail)
    return " ".join(answer.text().split())


def test_a_kink_is_no_point_of_inflection_and_is_listed_apart() -> None:
    shown = told("Max(0,1-x)+x^2", "x", "stationary")
    assert (
        "The point x = 1 is a kink, no extremum: f increases on both sides (one-sided slopes 1 and 2)."
        in shown
    )
    assert "inflection" not in shown
    assert "kink kind value ----- ----------- ----- x = 1 no extremum 1" in shown
    points = Problem("Max(0,1-x)+x^2", "x").stationary_points()
    assert [kink.to_dict()["kind"] for kink in points[0].result.kinks] == ["inflection"]


def test_derivatives_are_given_where_there_are_any() -> None:
    assert "f'(x) = 2*x + sign(x), for x ≠ 0" in told("abs(x)+x^2", "x", "derivatives")
    shown = told("Max(0,1-x)+x^2", "x", "derivatives")
    assert "2*x for x > 1 2*x - 1 for x < 1" in shown
    latex = Problem("Max(0,1-x)+x^2", "x").worked_answer(parts=["derivatives"]).latex()
    assert r"\begin{cases} 2 x & \text{for } x > 1 \\ 2 x - 1 & \text{for } x < 1 \end{cases}" in latex


def test_a_function_given_by_cases_is_written_line_by_line() -> None:
    answer = Problem("Piecewise((x^2, abs(x) <= 1), (2*abs(x) - 1, True))", "x").worked_answer(
        parts=["statement"]
    )
    assert "  f(x) = x^2         for |x| ≤ 1\n         2*|x| - 1   otherwise\n" in answer.text()
    assert r"\begin{cases} x^2 & \text{for } \lvert x\rvert \le 1 \\" in answer.latex()


def test_one_variable_has_primes_and_no_gradient() -> None:
    for detail in ("brief", "full"):
        shown = told("x^3-3*x", "x", "statement", "derivatives", "stationary", detail=detail)
        assert "f'(x) = 3*(x - 1)*(x + 1)" in shown
        assert "f''(x) = 6*x" in shown
        assert not re.search(r"∇|gradient|Hessian|matrix", shown)


@pytest.mark.parametrize(
    ("problem", "part", "expected"),
    [
        (("x^4-x^2", "x"), "minimum",
         "f(x) → ∞ as x → -∞ and as x → ∞. The values to compare are -1/4 at x = -sqrt(2)/2"),
        (("x^4-4*x*y+y^4", "x y"), "minimum",
         "f ≥ x^4 + y^4 - 2*x^2 - 2*y^2, because the difference is 2*(x - y)^2 ≥ 0."),
        (("(y-x^2)*(y-3*x^2)", "x y"), "stationary",
         "along (x, y) = (s, 2*s^2), f = -s^4 < 0 for small s ≠ 0"),
        (("x^4", "x"), "stationary", "because f'(0) = f''(0) = f'''(0) = 0 and f^(4)(0) = 24 > 0"),
        (("x^3/3-a*x", "x"), "convexity", "f''(-1) = -2 < 0, so the function f is not convex."),
        (("x^2*exp(-x)", "x"), "stationary", "because f''(0) = 2 > 0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("detail", ["brief", "full"])
def test_every_reason_has_its_data(problem: tuple[str, str], part: str, expected: str, detail: str) -> None:
    shown = told(*problem, part, detail=detail)
    if detail == "brief":
        assert expected in shown
    else:  # what brief shows, full shows too
        for formula in re.findall(r"f'*\([^)]*\) = [^,.]*|\(s, 2\*s\^2\)|[0-9/-]+ at x = [^,. ]+", expected):
            assert formula.strip() in shown, formula


def test_full_keeps_what_brief_shows_of_chords_rays_and_curves() -> None:
    shown = told("x^4-x^2", "x", "convexity", "maximum", detail="full")
    assert "at x = 1/4, midway between 0 and 1/2, its value -15/256 is above the value -3/32" in shown
    assert "f(x) → ∞ as x → -∞" in shown
    assert "the whole space is convex" not in shown.lower()


def test_what_merged_cases_share_is_said_once() -> None:
    shown = told("x^2+2*a*x*y+y^2+z^2", "x y z", "maximum")
    assert shown.count("s^2 → ∞") == 1
    assert shown.endswith("So the function f is unbounded above.")
    shown = told("x^3/3-a*x", "x", "minimum")
    assert shown.count("f(x) → -∞") == 1
    assert "as its dominant term x^3/3 does" in shown
    sentences = re.split(r"(?<=[.:]) ", told("x^4+a*x^2", "x", "convexity"))
    assert len(sentences) == len(set(sentences))


def test_a_part_of_a_case_is_named_by_its_parameter() -> None:
    shown = told("x^4+a*x^2", "x", "stationary")
    assert "For a = 0: the equation 4*x^3 = 0 gives x = 0." in shown
    assert "Where f(x)" not in shown


def test_a_dominant_term_that_vanishes_is_not_named_for_all() -> None:
    shown = told("a*x^2+abs(b)*x", "x", "minimum", assuming=("b>0",))
    assert "For a < 0: f(x) → -∞ as x → -∞, as its dominant term a*x^2 does." in shown
    assert "For a = 0: f(x) → -∞ as x → -∞. So" in shown


def test_what_the_case_gives_is_used() -> None:
    assert "|b|" not in told("a*x^2+abs(b)*x", "x", "stationary", "minimum", assuming=("b>0",))
    shown = told("x - a*sin(x)", "x", "stationary")
    assert "acos(1/a)" in shown
    assert "|a|" not in shown


def test_statements_say_each_thing_once() -> None:
    shown = told("x^a", "x", "statement", subject_to=("x>0",), assuming=("a>1",))
    assert "for real x > 0, with a real parameter a > 1." in shown
    shown = told("x^2+y^2", "x y", "statement", subject_to=("x+y>=1",))
    assert "for real x and y, subject to x + y ≥ 1." in shown


def test_a_single_answer_is_a_sentence() -> None:
    assert told("x^2", "x", "convexity").endswith("In short, f is strictly convex.")
    assert told("x^2", "x", "convexity", detail="answer").endswith("The function f is strictly convex.")
    shown = told("x^2/(x-2)", "x", "convexity")
    assert shown.endswith("In short, convexity is not considered, as the region is not convex.")


def test_lattices_and_continua_are_told_as_a_lecturer_does() -> None:
    shown = told("sin(x)+sin(y)", "x y", "stationary")
    assert (
        "The equation cos(y) = 0 holds exactly for y = 2*pi*m + pi/2 or y = 2*pi*m - pi/2 with an integer m."
        in shown
    )
    assert shown.count("holds exactly for y") == 1
    assert "(2*pi*n - pi/2, 2*pi*m - pi/2), strict local minimum -2 n and m integers" in shown
    shown = told("(x^2+y^2-1)^2", "x y", "stationary")
    assert "The equation x^2 + y^2 = 1 describes the circle (cos(t), sin(t)) with t real." in shown
    shown = told("x - a*sin(x)", "x", "stationary")
    assert "because 1 - a*cos(x) > 0, since |cos(x)| ≤ 1" in shown
    table = Problem("x - a*sin(x)", "x").worked_answer(parts=["stationary"]).markdown()
    assert r"| $a = 1$ | $x = 2 \pi n$, $n$ an integer | point of inflection | $2 \pi n$ |" in table


def test_points_with_the_same_reason_are_told_together() -> None:
    shown = told("(x^2-1)^2+(y^2-1)^2", "x y", "stationary")
    assert shown.count("is positive definite") == 1
    assert "So these points are strict local minima." in shown


@pdflatex
def test_fonts_are_outlines_and_announcements_stay_with_their_lists(tmp_path: Path) -> None:
    answer = Problem("x^4+a*x^2", "x").worked_answer(parts=["statement", "stationary"])
    source = answer.latex(standalone=True)
    assert r"\usepackage{lmodern}" in source
    assert r"\csname @beginparpenalty\endcsname=10000" in source
    assert r"\renewcommand{\arraystretch}" in source
    inline = re.findall(r"\$([^$]+)\$", source)
    assert not [formula for formula in inline if r"\frac" in formula]
    if shutil.which("pdffonts"):
        fonts = subprocess.run(
            ["pdffonts", str(answer.save(tmp_path / "a.pdf"))], capture_output=True, text=True, check=True
        ).stdout
        assert "Type 3" not in fonts


def test_no_line_for_equals_zero_alone() -> None:
    answer = Problem("(x^2+y^2-2*x)^2+x/4", "x y").worked_answer(parts=["stationary"])
    for shown in (answer.text(), answer.latex(), answer.markdown()):
        assert not [line for line in shown.splitlines() if line.strip().strip("\\& ") == "= 0"]
