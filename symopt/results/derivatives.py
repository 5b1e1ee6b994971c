"""The gradient and the Hessian of an objective, with the steps that derive them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sympy import Expr, Symbol

from symopt.derivation.claims import Matrix, Step, Vector
from symopt.results.branches import symbols_of
from symopt.results.result import Result
from symopt.writing.syntax import expression_text


@dataclass(frozen=True)
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

    def to_dict(self) -> dict[str, object]:
        return {
            "gradient": [expression_text(entry) for entry in self.gradient],
            "hessian": [[expression_text(entry) for entry in row] for row in self.hessian],
        }
