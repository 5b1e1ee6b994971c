"""A run written up: sentences, the facts of its end and a table of iterates, as Markdown and as LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

GREEK: Final = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
PREAMBLE: Final = r"""\documentclass[11pt]{article}
\usepackage[a4paper, margin=30mm]{geometry}
\usepackage{amsmath}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\setlength{\emergencystretch}{3em}
\begin{document}
"""
CLOSING: Final = "\\end{document}\n"
_SPECIAL: Final = {
    **{sign: f"\\{sign}" for sign in "{}_&%#$"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": r"$\vert$",
}
_NUMBER: Final = re.compile(r"(-?[\d.]+)(?:e([+-]?\d+))?")


@dataclass(frozen=True)
class Report:
    """What a run says, before it is known in which format: numbers and names are texts still.

    Each of the `rows` has the number of an iterate, its coordinates under `names`, and what `header` names.
    """

    title: str
    sentences: tuple[str, ...]
    names: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Markdown with formulas between dollar signs."""
        lines = [f"**{_plain(self.title)}.** {_plain(' '.join(self.sentences))}", ""]
        if self.rows:
            cells = [_dollars(self._head()), ["---"] * len(self._head())]
            cells += [_dollars([number(entry) for entry in row]) for row in self.rows]
            lines += [f"| {' | '.join(row)} |" for row in cells]
        return "\n".join(lines).rstrip() + "\n"

    def latex(self, *, standalone: bool = False) -> str:
        """LaTeX that needs amsmath only: a fragment, or with `standalone` a complete document."""
        body = rf"\textbf{{{escaped(self.title)}.}} {escaped(' '.join(self.sentences))}" + "\n"
        if self.rows:
            lines = [" & ".join(_dollars([number(entry) for entry in row])) for row in self.rows]
            table = " & ".join(_dollars(self._head())) + " \\\\ \\hline\n  " + " \\\\\n  ".join(lines)
            columns = "r" * len(self._head())
            tabular = f"\\begin{{tabular}}{{{columns}}}\n  {table}\n\\end{{tabular}}"
            body += f"\n\\begin{{center}}\n{tabular}\n\\end{{center}}\n"
        return PREAMBLE + body + CLOSING if standalone else body

    def _head(self) -> list[str]:
        return ["t", *map(letter, self.names), *self.header]


def letter(name: str) -> str:
    r"""A name as a formula.

    >>> letter("x"), letter("theta_1"), letter("x2"), letter("rate")
    ('x', '\\theta_{1}', 'x_{2}', '\\mathit{rate}')
    """
    stem = name.rstrip("0123456789")
    base = "".join(map(_latin, stem.rstrip("_")))
    shown = (
        rf"\{base}" if GREEK.fullmatch(base) else base if len(base) == 1 else rf"\mathit{{{escaped(base)}}}"
    )
    index = name[len(stem) :]
    return f"{shown}_{{{index}}}" if index else shown


def _latin(sign: str) -> str:
    """The name of a Greek letter; LaTeX may have no other letters than those of ASCII."""
    name = unicodedata.name(sign, "").replace("LAMDA", "LAMBDA")
    size, _, name = name.removeprefix("GREEK ").partition(" LETTER ")
    return sign if sign.isascii() else (name.lower() if size == "SMALL" else name.capitalize()) or "?"


def number(text: str) -> str:
    r"""A number as a formula.

    >>> number("0.25"), number("-1.5e-09"), number("nan")
    ('0.25', '-1.5 \\cdot 10^{-9}', '\\mathrm{nan}')
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text if text.startswith("\\") or not text else rf"\mathrm{{{text}}}"
    return rf"{found[1]} \cdot 10^{{{int(found[2])}}}" if found[2] else text


def escaped(text: str) -> str:
    """Prose with LaTeX's special characters written out."""
    return "".join(_SPECIAL.get(sign) or _latin(sign) for sign in text)


def _plain(text: str) -> str:
    return re.sub(r"([*_|<>$\\])", r"\\\1", text)


def _dollars(formulas: Sequence[str]) -> list[str]:
    return [f"${formula}$" if formula else "" for formula in formulas]
