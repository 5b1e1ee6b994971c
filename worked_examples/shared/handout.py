"""A handout: prose, worked answers and figures in the order in which a script gives them.

Each script of `worked_examples` makes one `Handout` and writes it as Markdown, as LaTeX and, where pdflatex is
installed, as PDF. The folder to write to is the script's only argument, by default `build` beside the scripts.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from matplotlib import rc_context

from symopt.writing.latex import LAYOUT, STRETCH
from symopt.writing.worked_answer import WorkedAnswer

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PREAMBLE: Final = (
    r"""\documentclass[11pt]{article}
\usepackage[a4paper, margin=30mm]{geometry}
\usepackage{amsmath, amssymb}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\usepackage{graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\begin{document}
"""
    + LAYOUT
)
CLOSING: Final = "\\end{document}\n"


class Handout:
    """A document under construction; prose is words and `$formulas$`, which LaTeX and Markdown read alike."""

    def __init__(self, name: str, title: str) -> None:
        self.folder = folder_wanted()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._latex = [rf"\begin{{center}}\LARGE {title}\end{{center}}"]
        self._markdown = [f"# {title}"]

    def section(self, title: str) -> None:
        """A heading above the headings of worked answers."""
        self._latex.append(rf"\section*{{{title}}}")
        self._markdown.append(f"## {title}")

    def say(self, prose: str) -> None:
        """A paragraph; its line breaks do not matter."""
        paragraph = " ".join(prose.split())
        self._latex.append(paragraph)
        self._markdown.append(paragraph)

    def show(self, answer: WorkedAnswer) -> None:
        """A worked answer, or the `.explain()` of any result."""
        self._latex.append(answer.latex().rstrip())
        self._markdown.append(answer.markdown().rstrip())

    def table(self, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        """Rows of words and formulas."""
        lines = [" & ".join(row) + r" \\" for row in (header, *rows)]
        lines[0] += r" \hline"
        opening = rf"\begin{{center}}\renewcommand{{\arraystretch}}{{{STRETCH}}}"
        opening += rf"\begin{{tabular}}{{{'l' * len(header)}}}"
        self._latex.append("\n".join([opening, *lines, r"\end{tabular}\end{center}"]))
        cells = [header, tuple("---" for _ in header), *rows]
        self._markdown.append("\n".join(f"| {' | '.join(row)} |" for row in cells))

    def draw(self, picture: Axes | Figure, name: str, caption: str, width: float = 1.0) -> None:
        """A figure, as PDF for LaTeX and as PNG for Markdown; `width` is its share of the line."""
        figure = getattr(picture, "figure", picture)
        stem = f"{self._name}_{name}"
        with rc_context({"pdf.fonttype": 42}):  # letters as outlines that can be searched
            figure.savefig(self.folder / f"{stem}.pdf", metadata={"CreationDate": None})
        figure.savefig(self.folder / f"{stem}.png", dpi=110)
        include = rf"\includegraphics[width={width}\linewidth]{{{stem}.pdf}}"
        self._latex.append(rf"\begin{{center}}{include}\\[4pt]{{\small {caption}}}\end{{center}}")
        self._markdown.append(f"![{caption}]({stem}.png)")

    def write(self) -> None:
        """The files, and their names on the terminal."""
        markdown, latex = (self.folder / f"{self._name}.{ending}" for ending in ("md", "tex"))
        markdown.write_text("\n\n".join(self._markdown) + "\n", encoding="utf-8")
        latex.write_text(PREAMBLE + "\n\n".join(self._latex) + "\n" + CLOSING, encoding="utf-8")
        print(markdown, latex, sep="\n")
        program = shutil.which("pdflatex")
        if program is None:
            print(f"pdflatex is not installed; elsewhere, run: pdflatex {latex.name}")
            return
        with tempfile.TemporaryDirectory() as beside:  # for the files that pdflatex keeps for itself
            command = [program, "-halt-on-error", "-interaction=nonstopmode", f"-output-directory={beside}"]
            subprocess.run([*command, latex.name], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
            pdf = latex.with_suffix(".pdf")
            shutil.move(Path(beside) / pdf.name, pdf)
        print(pdf)


def folder_wanted() -> Path:
    """The script's only argument; a notebook, which has other arguments, writes to the default."""
    return Path(sys.argv[1]) if len(sys.argv) == 2 else Path(__file__).resolve().parents[1] / "build"
