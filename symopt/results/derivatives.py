"""The gradient and the Hessian of an objective, with the steps that derive them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sympy import Expr, Symbol

from symopt.derivation.claims import Matrix, Step, Vector
from symopt.results.branches import symbols_of
from symopt.results.result import Result
from symopt.results.telling import proof_blocks
from symopt.writing.derivatives import derivative_blocks
from symopt.writing.document import Block, Math, Table
from symopt.writing.mathematics import Grid, Objective
from symopt.writing.notation import Notation
from symopt.writing.syntax import expression_text


@dataclass(frozen=True, repr=False)
class Derivatives(Result):
    """Gradient (n entries) and Hessian (n x n) of the objective, with the steps that derive them."""

    objective: Expr
    variables: tuple[Symbol, ...]
    gradient: Vector
    hessian: Matrix
    steps: tuple[Step, ...] = field(default=(), compare=False, repr=False)

    @property
    def free_symbols(self) -> frozenset[Symbol]:
        return symbols_of(self.objective) - set(self.variables)

    def replaced(self, values: dict[Symbol, Expr]) -> Derivatives:
        return replace(
            self,
            objective=self.objective.xreplace(values),
            gradient=tuple(e.xreplace(values) for e in self.gradient),
            hessian=tuple(tuple(e.xreplace(values) for e in row) for row in self.hessian),
        )

    at = Result.substituted

    @property
    def notation(self) -> Notation:
        return Notation(self.variables)

    def table(self) -> Table:
        gradient = Math((Objective(order=1), "==", Grid(tuple((entry,) for entry in self.gradient))))
        hessian = Math((Objective(order=2), "==", Grid(self.hessian)))
        return Table((("gradient",), ("Hessian",)), (((gradient,), (hessian,)),))

    def blocks(self) -> tuple[Block, ...]:
        return derivative_blocks(self.variables, self.gradient, self.hessian, self.notation)

    def proof(self, detail: str, notation: Notation) -> tuple[Block, ...]:
        blocks = derivative_blocks(self.variables, self.gradient, self.hessian, notation)
        if detail == "full":
            return proof_blocks(self.steps, detail, notation) + blocks
        return blocks

    def to_dict(self) -> dict[str, object]:
        return {
            "gradient": [expression_text(entry) for entry in self.gradient],
            "hessian": [[expression_text(entry) for entry in row] for row in self.hessian],
        }
