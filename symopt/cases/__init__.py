"""Cases of the parameters: cells, the questions asked of them, and their answers as leaves."""

from symopt.cases.cell import Cell, Leaf, Split
from symopt.cases.exploring import conclusions, explore

__all__ = ["Cell", "Leaf", "Split", "conclusions", "explore"]
