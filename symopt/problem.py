"""Problem: the thin face over everything that symopt can say of an objective, long by its examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from sympy import Expr, ImmutableMatrix, Symbol

from symopt.arrays.answers import ArrayDerivatives, array_derivatives, formula_of, statement_document
from symopt.arrays.closed_forms import ClosedForm
from symopt.arrays.convexity import ArrayConvexity, ArrayVerdict
from symopt.arrays.half_steps import HalfSteps, half_steps
from symopt.arrays.sampling import MiniBatches, mini_batches
from symopt.arrays.statement import ArrayStatement, speaks_of_arrays, state_arrays
from symopt.arrays.statistics import Reduction, reduction
from symopt.asking import Answered, asked, convexity_unknown, refuse_contradictions
from symopt.calculus.loading import Formula
from symopt.calculus.steps import derive
from symopt.cases import Cell
from symopt.clock import Budget
from symopt.derivation.claims import Curved, Step
from symopt.disciplined.program import declared_signs, program
from symopt.disciplined.reports import CvxpyForm, RulesOfCvxpy, report
from symopt.disciplined.rules import Rules
from symopt.disciplined.typed import as_typed
from symopt.errors import InputError, UndecidedError
from symopt.reasoning.curvature import convexity
from symopt.relation import Relation
from symopt.results.answers import Convexity, Derivatives, Extremum, StationarySet, StepSizeTheory
from symopt.results.cases import Cases
from symopt.results.display import Notebook
from symopt.results.evidence import undecided
from symopt.results.explain import one_sentence, parts_wanted, worked_answer
from symopt.results.renaming import renamed
from symopt.results.result import values_for
from symopt.results.verdict import Verdict
from symopt.statement import Names, Statement, state
from symopt.stationary.array_answers import (
    answered_as,
    convexity_of_arrays,
    with_typed_statement,
    worked_arrays,
)
from symopt.stationary.changing import in_other_variables
from symopt.stationary.extremum import global_extremum
from symopt.stationary.iterations import bounds_of, letters_for, step_size_theory
from symopt.stationary.iterations import give_up as give_up_step_sizes
from symopt.stationary.points import give_up, stationary_set
from symopt.training import ProblemWithData, read_data
from symopt.writing.document import Document
from symopt.writing.mathematics import Objective, Tokens, Typed, written
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX
from symopt.writing.worked_answer import WorkedAnswer

if TYPE_CHECKING:
    from symopt.calculus.compiler import Compiled

TIMEOUT: Final = 10.0
DOTS_PER_INCH: Final = 150  # of a picture in a file
STYLES: Final = ("rules", "hessian", "definition")
Made = TypeVar("Made")


class Problem(Notebook):
    """min (or max) f(x) over a region, for every value of the parameters.

    `objective` is a SymPy expression or text; `variables` its variables (all free symbols when None), every other
    symbol is a parameter; `subject_to` relations in the variables, `assuming` relations in the parameters. Immutable,
    hashable and picklable. InputError says in one sentence what cannot be read.

    >>> f = Problem("(p-1)*x^2 + (p+1)*y^2", "x y")
    >>> f.variables, f.parameters
    ((x, y), (p,))
    >>> f.gradient
    Matrix([
    [2*x*(p - 1)],
    [2*y*(p + 1)]])
    """

    __slots__ = ("_answers", "_given")
    _given: Statement | ArrayStatement | Formula
    _answers: dict[object, Any]

    def __init__(
        self,
        objective: Any,
        variables: Any = None,
        *,
        parameters: Names | None = None,
        subject_to: Iterable[Any] = (),
        assuming: Iterable[Any] = (),
        sense: str = "min",
    ) -> None:
        read = state_arrays if speaks_of_arrays(objective, variables) else state
        statement = read(
            objective, variables, parameters=parameters, subject_to=subject_to, assuming=assuming, sense=sense
        )
        if isinstance(statement, Statement):
            refuse_contradictions(statement)
        object.__setattr__(self, "_given", statement)
        object.__setattr__(self, "_answers", {})

    @classmethod
    def _of(cls, statement: Statement | ArrayStatement | Formula) -> Problem:
        problem = cls.__new__(cls)
        object.__setattr__(problem, "_given", statement)
        object.__setattr__(problem, "_answers", {})
        return problem

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Problem cannot be changed: make a new one, or use .at(p=2)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Problem cannot be changed")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and self._stated == other._stated

    def __hash__(self) -> int:
        return hash(self._stated)

    def __reduce__(self) -> tuple[Callable[[Any], Problem], tuple[Any]]:
        return Problem._of, (self._stated,)

    def __repr__(self) -> str:
        statement = self._stated
        assumed: tuple[Any, ...] = statement.assumptions
        if isinstance(statement, ArrayStatement):
            assumed += statement.entry_ranges + statement.matrix_assumptions
        named = (("subject_to", statement.constraints), ("assuming", assumed))
        parts = [str(self.objective), f"[{_listed(statement.variables)}]"]
        parts += [f"{name}=[{_listed(relations)}]" for name, relations in named if relations]
        parts += [f"sense={statement.sense!r}"] * (statement.sense != "min")
        return f"Problem({', '.join(parts)})"

    def document(self) -> Document:
        """f with its variables, parameters and restrictions, and how the text was read.

        >>> print(Problem("p*x^2", "x", assuming="p > 0", sense="max"))
        Maximise f(x) = p*x^2 for real x, with ... p > 0.
        """
        if isinstance(self._stated, ArrayStatement):
            return statement_document(self._stated)
        return one_sentence(self._statement, self._formula, self._notation)

    def latex(self) -> str:
        """f as a formula for one's own document (amsmath).

        >>> print(Problem("p*x^2", "x").latex())
        f(x) = p x^2
        """
        return written(self._formula, LATEX, self._notation)

    @property
    def _formula(self) -> Tokens:
        if isinstance(self._stated, ArrayStatement):
            return formula_of(self._stated)
        return Objective(self._statement.variables), "==", Typed(self._statement.as_typed)

    @property
    def _notation(self) -> Notation:
        return Notation(self._stated.variables)

    @property
    def statement(self) -> Statement:
        """The problem as frozen data, in symopt's own symbols; a loss over data in its sufficient statistics."""
        return self._statement

    @property
    def _stated(self) -> Statement | ArrayStatement:
        given = self._given
        return self._remembered("stated", given.statement) if isinstance(given, Formula) else given

    @property
    def _statement(self) -> Statement:
        return self._stated if isinstance(self._stated, Statement) else self._reduction.statement

    @property
    def _reduction(self) -> Reduction:
        return self._remembered("reduction", lambda: reduction(self._of_arrays))

    def _answer(self, question: str, ask: Callable[[], Any]) -> Any:
        closed = self._closed(question)
        return self._in_user_symbols(ask()) if closed is None else closed

    def _closed(self, question: str) -> ClosedForm | None:
        """The answer for vectors and matrices; None where the problem is one of numbers."""
        if isinstance(self._stated, Statement):
            return None
        answer = self._remembered(("closed", question), lambda: answered_as(question, self._of_arrays))
        return answer if isinstance(answer, ClosedForm) else None

    @property
    def _of_arrays(self) -> ArrayStatement:
        if not isinstance(self._stated, ArrayStatement):
            asked = "with_data is for losses over arrays, as mini_batches and half_steps are"
            raise InputError(f"{asked}: this problem has none, so use .at(...)")
        return self._stated

    @property
    def objective(self) -> Expr:
        """f, in the user's own symbols."""
        return self._users(self._stated.objective)

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """The variables, in the user's order."""
        return tuple(self._users(s) for s in self._stated.variables)

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """Every other symbol; of a loss over data its arrays too."""
        data = self._stated.data if isinstance(self._stated, ArrayStatement) else ()
        return tuple(self._users(s) for s in (*data, *self._stated.parameters))

    @property
    def domain(self) -> tuple[Relation, ...]:
        """The natural domain: where f is real and finite, as typed."""
        return self._statement.domain

    @property
    def feasible_region(self) -> tuple[Relation, ...]:
        """The natural domain and the constraints together."""
        return self._statement.region

    @property
    def assumptions(self) -> tuple[Relation, ...]:
        """What is assumed of the parameters."""
        return self._statement.assumptions

    @property
    def sufficient_statistics(self) -> dict[Symbol, Expr]:
        """The sums over data in which a loss such as a log-likelihood is written, by their symbols.

        >>> from sympy import IndexedBase, Sum, symbols
        >>> n, i, m, x = *symbols("n i", integer=True, positive=True), symbols("m"), IndexedBase("x")
        >>> Problem(Sum(m**2 - m*x[i], (i, 1, n)), [m]).sufficient_statistics
        {S: Sum(x[i], (i, 1, n))}
        """
        return dict(self._reduction.statistics.named) if isinstance(self._stated, ArrayStatement) else {}

    @property
    def sense(self) -> str:
        """The headline question, "min" or "max"."""
        return self._given.sense

    @property
    def notes(self) -> tuple[str, ...]:
        """How the input was read, where a convention mattered."""
        return self._statement.notes

    def at(self, values: Mapping[Any, Any] | None = None, /, **named: Any) -> Problem:
        """The problem with numbers for parameters: `f.at(p=2)` or `f.at({p: 2})`.

        >>> Problem("p*x^2", "x").at(p="1/2").objective
        x**2/2
        """
        if isinstance(self._stated, ArrayStatement):
            numbers = (*self._stated.parameters, *self._stated.sizes)
            return Problem._of(self._stated.at(values_for(frozenset(numbers), values, named)))
        known = {symbol.name for symbol in self._statement.parameters}
        for name in map(str, {**(values or {}), **named}):
            if name not in known:
                raise InputError(
                    f"{name} is not a parameter of this problem (its parameters: {_listed(sorted(known)) or 'none'})"
                )
        statement = self._statement.at(values_for(frozenset(self._statement.parameters), values, named))
        refuse_contradictions(statement)
        return Problem._of(statement)

    @property
    def gradient(self) -> Any:
        """grad f, an n x 1 matrix, factored as a person would write it; of arrays one expression for each variable."""
        if isinstance(self._stated, ArrayStatement):
            return self._array_derivatives().gradient
        return ImmutableMatrix([[entry] for entry in self.derivatives().gradient])

    @property
    def hessian(self) -> Any:
        """The n x n matrix of second derivatives; of arrays a tuple of rows of blocks."""
        if isinstance(self._stated, ArrayStatement):
            return self._array_derivatives().hessian
        return ImmutableMatrix([list(row) for row in self.derivatives().hessian])

    def derivatives(self, *, timeout: float | None = TIMEOUT) -> Any:
        """Gradient and Hessian with the steps that derive them; UndecidedError when the time is used up.

        Of a loss over data they are expressions of arrays and blocks.

        >>> Problem("x^3 - 3*x", "x").derivatives().gradient
        (3*(x - 1)*(x + 1),)
        """
        if isinstance(self._stated, ArrayStatement):
            return self._array_derivatives()
        return self._in_user_symbols(self._derivatives(timeout))

    def stationary_points(self, *, timeout: float | None = TIMEOUT) -> Any:
        """All stationary points for every value of the parameters, each labelled.

        Of a quadratic loss over data they are the solutions of its normal equations, for all data.

        >>> f = Problem("x^3 - 3*x", "x")
        >>> [(point.branch.values, point.kind) for point in f.stationary_points().points]
        [({x: -1}, 'maximum'), ({x: 1}, 'minimum')]
        """
        return self._answer("stationary", lambda: self._stationary(timeout))

    def convexity(
        self, by: str | None = None, refute: bool = True, *, timeout: float | None = TIMEOUT
    ) -> Any:
        """Affine, convex, concave or neither, strictly or not, for every value of the parameters.

        Of a loss over data it holds for all data, and is strict under a condition on ranks.

        `by` asks for one style of proof ("rules", "hessian" or "definition"); `refute=False` asks the provers alone.

        >>> Problem("x*log(x)", "x").convexity().kind
        'convex'
        """
        if by is not None and by not in STYLES:
            raise InputError(
                f"by={by!r} is not a style of proof: use one of {', '.join(STYLES)}, or None for any"
            )
        found = self._remembered("convexity of arrays", lambda: convexity_of_arrays(self._stated))
        return self._in_user_symbols(self._convexity(by, refute, timeout)) if found is None else found

    def is_convex(self, *, timeout: float | None = TIMEOUT) -> Verdict | ArrayVerdict:
        """Whether f is convex for all values of the parameters.

        >>> bool(Problem("x^2 + exp(y)", "x y").is_convex())
        True
        """
        return self._verdict("convex", timeout)

    def is_concave(self, *, timeout: float | None = TIMEOUT) -> Verdict | ArrayVerdict:
        """Whether f is concave for all values of the parameters.

        >>> bool(Problem("log(x)", "x").is_concave())
        True
        """
        return self._verdict("concave", timeout)

    def _verdict(self, word: str, timeout: float | None) -> Verdict | ArrayVerdict:
        found = self.convexity(timeout=timeout)
        return ArrayVerdict(word, found) if isinstance(found, ArrayConvexity) else Verdict(word, found)

    def why_not_dcp(self) -> RulesOfCvxpy:
        """The innermost part of f as typed at which the rules of CVXPY stop, and why.

        Variables and parameters have the signs that constraints and assumptions such as x > 0 give them.

        >>> print(Problem("x*log(x)", "x").why_not_dcp())
        CVXPY's rules stop at x*log(x): it is a product of parts that vary, and the
        rules know no such product.
        """
        statement = self._statement
        rules = Rules(statement.variables, declared_signs(statement))
        found = report(as_typed(statement.as_typed, statement.variables), statement.objective, rules)
        return self._in_user_symbols(found)

    def to_cvxpy(self, *, timeout: float | None = TIMEOUT) -> CvxpyForm:
        """A program for CVXPY whose objective its rules accept, written from the derivation of convexity.

        The result is false, and names a reason, where the derivation yields none.

        >>> Problem("x*log(x)", "x").to_cvxpy().expression
        '-cp.entr(x)'
        >>> Problem("sqrt(1 + x^2)", "x").to_cvxpy().expression
        'cp.norm(cp.hstack([1, x]))'
        """

        def prove(statement: Statement, style: str | None) -> tuple[Step, ...]:
            asked = self if statement == self._statement else Problem._of(statement)
            cases = asked._convexity(style, False, timeout)
            steps = [step for case in cases for step in case.result.evidence.steps]
            return tuple(step for step in steps if len(cases) == 1 and isinstance(step.claim, Curved))

        return program(self._statement, prove)

    def minimum(self, *, timeout: float | None = TIMEOUT) -> Any:
        """The global minimum or infimum, exactly, for every value of the parameters.

        >>> Problem("(x - 1)^2 + 2", "x").minimum().value
        2
        """
        return self._answer("min", lambda: self._extremum("min", timeout))

    def maximum(self, *, timeout: float | None = TIMEOUT) -> Any:
        """The global maximum or supremum, exactly, for every value of the parameters.

        >>> Problem("1/(1 + x^2)", "x").maximum().value
        1
        """
        return self._answer("max", lambda: self._extremum("max", timeout))

    def step_size_theory(
        self, region: Iterable[tuple[Any, Any]] | None = None, *, timeout: float | None = TIMEOUT
    ) -> Cases[StepSizeTheory]:
        """For which constant step sizes the methods converge, and how fast, for every value of the parameters.

        Gradient descent, the heavy ball, Nesterov's and Newton's method: on a quadratic function from every start, at the
        stationary points of any other one from near by. `region` gives bounds (low, high) for each variable; then it is
        gradient descent in a ball within them, by the range of the Hessian.

        >>> theory = Problem("x^2 + 5*y^2", "x y").step_size_theory()
        >>> theory.mu, theory.L, theory.condition_number
        (2, 10, 5)
        >>> descent = theory.method("gd")
        >>> descent.step_sizes, descent.step_size, descent.rate
        ((0, 1/5), 1/6, 2/3)
        """
        return self._in_user_symbols(self._step_sizes(None if region is None else tuple(region), timeout))

    def with_data(self, data: Mapping[Any, Any] | None = None, /, **named: Any) -> ProblemWithData:
        """The loss with arrays for its data and numbers for its parameters: `.compile()` and `.run(x0)` on array code.

        Arrays are NumPy's, lists, columns of pandas, or iterators over chunks of rows. A point is one vector: all
        variables in their order, each flattened row by row.

        >>> from sympy import MatrixSymbol, symbols
        >>> from symopt import norm
        >>> N = symbols("N", integer=True, positive=True)
        >>> X, y, w = MatrixSymbol("X", N, 2), MatrixSymbol("y", N, 1), MatrixSymbol("w", 2, 1)
        >>> fit = Problem(norm(y - X*w)**2, [w]).with_data({X: [[1, 0], [0, 1], [1, 1]], y: [1, 2, 3]})
        >>> fit.compile().gradient([0, 0])
        array([ -8., -10.])
        """
        return ProblemWithData(self._of_arrays, read_data(data, named), Problem._of)

    def mini_batches(self, rows: Any = None) -> MiniBatches:
        """A loss over data as a sum over its rows: why a mini-batch gives grad f on average, and its variance.

        `rows` names the size that counts the rows where there is more than one. InputError says why it is no such sum.
        """
        return mini_batches(self._of_arrays, rows)

    def half_steps(self, blocks: Sequence[Any]) -> HalfSteps:
        """The best value of each block of the variables with the others fixed, derived: alternating minimisation.

        A matrix in which f is linear is an assignment, with one 1 in each row; a block in which f is quadratic solves
        linear equations; any other is an InputError.
        """
        return half_steps(self._of_arrays, blocks)

    def compile(self) -> Compiled:
        """f with gradient and Hessian as one compiled function; every parameter must have a value.

        >>> float(Problem("x^2", "x").compile()([3]))
        9.0
        """
        if isinstance(self._given, ArrayStatement):
            return cast("Compiled", self.with_data().compile())
        from symopt.calculus.compiler import compile_objective

        given = self._given if isinstance(self._given, Formula) else self._statement
        objective = given if isinstance(given, Formula) else given.objective
        return self._remembered("compiled", lambda: compile_objective(objective, given.variables))

    def run(self, x0: Any, method: Any = "gd", **options: Any) -> Any:
        """A `Run` from x0, or `Runs` from the m rows of an x0 of shape (m, n).

        `method` is a method object or one of "gd", "momentum", "nesterov", "newton", "damped_newton",
        "globalised_newton", "adagrad", "rmsprop", "adam", and with SciPy "bfgs", "lbfgs". Options: `step_size` (a number,
        "1/10", "backtracking", "wolfe", "exact", a list, a schedule), `max_iterations`, `tolerance`, `stopping`,
        `record`, `rng`, `callback`, and the method's own, such as `beta`.

        >>> run = Problem("(x - 3)^2", "x").run([0], method="newton")
        >>> run.success, float(run.x[0])
        (True, 3.0)
        """
        if isinstance(self._given, ArrayStatement):
            return self.with_data().run(x0, method, **options)
        from symopt.numeric.driver import minimise

        return minimise(self.compile(), x0, method, sense=self.sense, **options)

    def worked_answer(
        self,
        parts: Iterable[str] | None = None,
        detail: str = "brief",
        names: Mapping[str, str] | None = None,
        *,
        timeout: float | None = TIMEOUT,
    ) -> WorkedAnswer:
        """The whole problem written up as an answer that can be handed in: `.text()`, `.latex()`, `.save("answer.pdf")`.

        >>> answer = Problem("x^2", "x").worked_answer(parts=["convexity"], detail="answer")
        >>> "strictly convex" in answer.text()
        True
        """
        wanted = parts_wanted(parts)
        Budget.seconds(timeout)  # wrong even where no part needs it
        if self._closed("stationary") is not None:
            asked = (self.derivatives, self.stationary_points, self.convexity, self.minimum, self.maximum)
            return worked_arrays(self._of_arrays, asked, wanted, detail, names)
        answer = worked_answer(
            self._statement,
            self._derivatives(timeout) if {"derivatives", "stationary"} & set(wanted) else None,
            self._stationary(timeout) if "stationary" in wanted else None,
            self._convexity(None, True, timeout) if "convexity" in wanted else None,
            self._extremum("min", timeout) if "minimum" in wanted else None,
            self._extremum("max", timeout) if "maximum" in wanted else None,
            parts=wanted,
            detail=detail,
            names=names,
            figure=None if isinstance(self._stated, ArrayStatement) else self._draw,
        )
        if isinstance(self._stated, Statement):
            return answer
        return with_typed_statement(answer, self._stated, self._reduction.statistics)

    def _draw(self, path: Path) -> None:
        from symopt.plotting import draw_problem

        draw_problem(self).savefig(path, dpi=DOTS_PER_INCH)

    def _array_derivatives(self) -> ArrayDerivatives:
        return self._remembered("derivatives", lambda: array_derivatives(self._of_arrays))

    def _derivatives(self, timeout: float | None) -> Derivatives:
        budget = Budget.seconds(timeout)

        def late() -> Derivatives:
            raise UndecidedError(
                f"the derivatives took longer than {timeout:g} seconds: allow more with timeout="
            )

        return self._remembered("derivatives", lambda: budget.within(lambda: derive(self._statement), late))

    def _stationary(self, timeout: float | None) -> Cases[StationarySet]:
        question = partial(in_other_variables, stationary_set)
        return self._ask("stationary", question, give_up, timeout, combine=True)

    def _convexity(self, by: str | None, refute: bool, timeout: float | None) -> Cases[Convexity]:
        def question(cell: Cell) -> Convexity:
            return convexity(cell.objective, cell.variables, cell, refute=refute, by=by)

        return self._ask(("convexity", by, refute), question, convexity_unknown, timeout)

    def _extremum(self, sense: str, timeout: float | None) -> Cases[Extremum]:
        def unknown(reason: str, stopped_by: str) -> Extremum:
            return Extremum(sense, None, None, (), undecided(reason, stopped_by))

        question = partial(in_other_variables, partial(global_extremum, sense))
        return self._ask(sense, question, unknown, timeout, combine=True)

    def _step_sizes(
        self, region: tuple[tuple[Any, Any], ...] | None, timeout: float | None
    ) -> Cases[StepSizeTheory]:
        statement = self._statement
        objective = statement.objective if self.sense == "min" else -statement.objective
        letters = letters_for(str(s) for s in (*statement.variables, *objective.free_symbols))
        box = () if region is None else bounds_of(region, statement.variables)
        question = partial(step_size_theory, letters=letters, box=bool(box))
        unknown = partial(give_up_step_sizes, letters)
        return self._ask(("step sizes", box), question, unknown, timeout, objective, box)

    def _ask(
        self,
        name: object,
        question: Callable[[Cell], Answered],
        give_up: Callable[[str, str], Answered],
        timeout: float | None,
        objective: Expr | None = None,
        box: tuple[Relation, ...] = (),
        combine: bool = False,
    ) -> Cases[Answered]:
        ask = asked(self._statement, question, give_up, timeout, objective, box, combine)
        return self._remembered(name, ask)

    def _remembered(self, name: object, make: Callable[[], Made]) -> Made:
        """The answer given before; one cut by the clock is not kept."""
        if name in self._answers:
            return cast(Made, self._answers[name])
        made = make()
        if not (isinstance(made, Cases) and any(c.result.evidence.stopped_by == "clock" for c in made)):
            self._answers[name] = made
        return made

    def _users(self, expression: Any) -> Any:
        if isinstance(self._stated, ArrayStatement):
            return expression
        return expression.xreplace(dict(self._statement.user_symbols))

    def _in_user_symbols(self, value: Made) -> Made:
        if isinstance(value, Cases) and isinstance(self._stated, ArrayStatement):
            value = cast(Made, replace(value, statistics=self._reduction.statistics))
        if not self._statement.has_user_symbols:
            return value
        return cast(Made, renamed(value, dict(self._statement.user_symbols)))


def _listed(entries: Iterable[object]) -> str:
    return ", ".join(map(str, entries))
