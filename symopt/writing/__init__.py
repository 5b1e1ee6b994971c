"""Worked answers as documents: formulas, proofs in words, a walker each for text, Markdown, LaTeX."""
