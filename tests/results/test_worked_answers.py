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
