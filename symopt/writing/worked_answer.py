"""A worked answer: a problem's statement and solution, written in any format or saved to a file."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from symopt.errors import InputError, MissingDependencyError
from symopt.reading.keeping import KeepsForm
from symopt.writing.document import Block, Document, Heading
from symopt.writing.latex import latex
from symopt.writing.markdown import markdown
from symopt.writing.notation import Notation
from symopt.writing.text import text

Figure = Callable[[Path], None]
ENDINGS: Final = (".txt", ".md", ".tex", ".pdf", ".png")
_COMPILE_SECONDS: Final = 120


@dataclass(frozen=True)
class WorkedAnswer(KeepsForm):
    """The statement of a problem and its solution as blocks, with the letters they are written in.

    `figure` draws the problem's picture into a file; it takes no part in comparisons.
    """

    statement: tuple[Block, ...]
    solution: tuple[Block, ...]
    notation: Notation
    figure: Figure | None = field(default=None, compare=False, repr=False)

    def text(self, *, solution: bool = True) -> str:
        """Plain text for a terminal."""
        return text(self._document(solution))

    def markdown(self, *, solution: bool = True) -> str:
        """Markdown with formulas between dollar signs."""
        return markdown(self._document(solution))

    def latex(self, standalone: bool = False, solution: bool = True) -> str:
        """LaTeX: a fragment that needs amsmath only, or with `standalone` a complete document.

        With `solution=False` the statement alone.
        """
        return latex(self._document(solution), standalone=standalone)

    def save(self, path: str | Path) -> Path:
        """Write the answer to a file, in the format of its ending: .txt, .md, .tex, .pdf or .png.

        A .png is the figure when there is one, else the first page. Without pdflatex a .pdf becomes a .tex
        beside it, and MissingDependencyError names the command that makes the rest.
        """
        target = Path(path)
        writers: dict[str, Callable[[], object]] = {
            ".txt": lambda: target.write_text(self.text(), encoding="utf-8"),
            ".md": lambda: target.write_text(self.markdown(), encoding="utf-8"),
            ".tex": lambda: target.write_text(self.latex(standalone=True), encoding="utf-8"),
            ".pdf": lambda: self._save_pdf(target),
            ".png": lambda: self._save_png(target),
        }
        writer = writers.get(target.suffix.lower())
        if writer is None:
            raise InputError(
                f"{target.name} has an ending that is not known: use one of {', '.join(ENDINGS)}"
            )
        try:
            writer()
        except FileNotFoundError as error:
            raise InputError(
                f"{target} cannot be written: the folder {target.parent} does not exist"
            ) from error
        return target

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        parts = [block.text for block in self.statement + self.solution if isinstance(block, Heading)]
        return f"<WorkedAnswer: {', '.join(parts) or 'one part'}>"

    def _repr_latex_(self) -> str | None:
        try:
            return self.latex()
        except Exception:  # a notebook then shows the next form instead of a traceback
            return None

    def _repr_markdown_(self) -> str | None:
        try:
            return self.markdown()
        except Exception:  # see above
            return None

    def _document(self, solution: bool) -> Document:
        return Document(self.statement + (self.solution if solution else ()), self.notation)

    def _save_pdf(self, target: Path) -> None:
        source = self.latex(standalone=True)
        program = shutil.which("pdflatex")
        if program is None:
            beside = target.with_suffix(".tex")
            beside.write_text(source, encoding="utf-8")
            raise MissingDependencyError(
                f"pdflatex is not installed: {beside} was written instead; "
                f"after installing a TeX distribution run pdflatex {beside.name}"
            )
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(compiled(source, program, Path(folder)), target)

    def _save_png(self, target: Path) -> None:
        if self.figure is not None:
            self.figure(target)
            return
        latex_program, png_program = shutil.which("pdflatex"), shutil.which("pdftoppm")
        if latex_program is None or png_program is None:
            raise MissingDependencyError(
                "a page as .png needs pdflatex and pdftoppm: "
                "install the packages texlive-latex-recommended and poppler-utils"
            )
        with tempfile.TemporaryDirectory() as folder:
            page = compiled(self.latex(standalone=True), latex_program, Path(folder))
            command = [
                png_program,
                "-png",
                "-r",
                "150",
                "-singlefile",
                str(page),
                str(target.with_suffix("")),
            ]
            subprocess.run(command, check=True, capture_output=True, timeout=_COMPILE_SECONDS)


def compiled(source: str, program: str, folder: Path) -> Path:
    """The PDF that pdflatex makes of a complete document in the folder."""
    (folder / "answer.tex").write_text(source, encoding="utf-8")
    command = [program, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "answer.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_COMPILE_SECONDS, check=False)
    if done.returncode != 0:
        message = next(
            (line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith("!")), ""
        )
        raise InputError(f"pdflatex did not accept the document: {message or 'see its log'}")
    return folder / "answer.pdf"
