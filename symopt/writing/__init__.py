"""Worked answers as documents: formulas, proofs in words, and one walker each for text, Markdown and LaTeX."""
