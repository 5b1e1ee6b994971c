"""Every worked example runs, says what is true, and makes LaTeX that compiles cleanly.

`expected/NAME.md` holds lines that a person has derived; the Markdown of NAME.py has to contain them in that
order.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "worked_examples"
EXPECTED = Path(__file__).parent / "expected"
NAMES = sorted(path.stem for path in SCRIPTS.glob("*.py"))

Output = Callable[[str], Path]


def run_script(name: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPTS / f"{name}.py"), str(folder)]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        command,
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Output:
    """The folder that a script has written to; each script runs once."""
    done: dict[str, Path] = {}

    def run(name: str) -> Path:
        if name not in done:
            folder = tmp_path_factory.mktemp(name) / "out"
            process = run_script(name, folder)
            assert process.returncode == 0, process.stderr
            done[name] = folder
        return done[name]

    return run


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """The name of a script: of module scope, so that the tests of one script follow each other in one process."""
    return str(request.param)


def test_every_script_has_expected_lines() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("*.md")) == NAMES


@pytest.mark.slow
def test_the_markdown_says_what_is_expected(output: Output, name: str) -> None:
    text = (output(name) / f"{name}.md").read_text(encoding="utf-8")
    lines = (EXPECTED / f"{name}.md").read_text(encoding="utf-8").splitlines()
    place = 0
    for line in filter(None, lines):
        found = text.find(line, place)
        assert found >= 0, f"missing, or not in this place: {line}"
        place = found + len(line)
    assert "ndecided" not in text


@pytest.mark.slow
def test_every_figure_is_there(output: Output, name: str) -> None:
    folder = output(name)
    in_markdown = re.findall(r"!\[.*?\]\((.*?)\)", (folder / f"{name}.md").read_text(encoding="utf-8"))
    in_latex = re.findall(
        r"\\includegraphics.*?\{(.*?)\}", (folder / f"{name}.tex").read_text(encoding="utf-8")
    )
    assert in_markdown
    assert [Path(figure).stem for figure in in_markdown] == [Path(figure).stem for figure in in_latex]
    for figure in in_markdown + in_latex:
        assert (folder / figure).stat().st_size > 5000


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_the_latex_compiles_without_an_overfull_box(output: Output, name: str, tmp_path: Path) -> None:
    folder = output(name)
    assert (folder / f"{name}.pdf").stat().st_size > 20_000
    assert {path.suffix for path in folder.iterdir()} == {
        ".md",
        ".tex",
        ".pdf",
        ".png",
    }  # and no .aux, no .log
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", f"-output-directory={tmp_path}"]
    subprocess.run([*command, f"{name}.tex"], cwd=folder, check=True, capture_output=True, timeout=120)
    log = (tmp_path / f"{name}.log").read_text(encoding="latin-1")
    assert not [line for line in log.splitlines() if line.startswith("!") or "Overfull" in line]
    for crutch in (r"\sloppy", r"\resizebox", r"\tiny", r"\scriptsize", r"\footnotesize"):
        assert crutch not in (folder / f"{name}.tex").read_text(encoding="utf-8")


@pytest.mark.slow
def test_without_pdflatex_the_source_is_left_with_a_word_about_it(tmp_path: Path) -> None:
    process = run_script("second_order_condition", tmp_path / "out", PATH="")
    assert process.returncode == 0, process.stderr
    assert "pdflatex is not installed" in process.stdout
    assert (tmp_path / "out" / "second_order_condition.tex").exists()
    assert not (tmp_path / "out" / "second_order_condition.pdf").exists()


def descent_error(eta: float) -> float:
    error = 3.0
    for _ in range(400):
        error -= eta * 2 * error
    return abs(error)


def momentum_error(eta: float) -> float:
    error, memory = 3.0, 0.0
    for _ in range(400):
        memory = memory / 4 + 2 * error
        error -= eta * memory
    return abs(error)


def newton_error(eta: float) -> float:
    error = 3.0
    for _ in range(400):
        error -= eta * (2 * error) / 2
    return abs(error)


@pytest.mark.slow
@pytest.mark.parametrize("place", range(3))
def test_the_derived_critical_steps_part_convergence_from_divergence(output: Output, place: int) -> None:
    text = (output("step_sizes") / "step_sizes.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| critical \| \$(.*?)\$", text, flags=re.MULTILINE)
    error = (descent_error, momentum_error, newton_error)[place]
    assert len(found) == 3
    critical = Fraction(found[place])
    assert error(float(critical * Fraction(99, 100))) < 0.1
    assert error(float(critical * Fraction(101, 100))) > 30
