"""The parabola under gradient descent, momentum and Newton's method; critical step sizes are derived."""

# %% [markdown]
# # Step sizes on a parabola
#
# The notes ask for pictures of how steepest descent converges and diverges on a parabola, and of the same
# with momentum and with Newton's method. The parabola is (theta - 3)^2. The step sizes at which the
# behaviour changes are derived by asking symopt about one step of each iteration; none of them is typed
# in.

# %%
from __future__ import annotations

from matplotlib.figure import Figure
from shared.handout import Handout
from sympy import Expr, Matrix, Rational, eye, latex, symbols

from symopt import Problem
from symopt.numeric import Run
from symopt.plotting import plot_function, plot_run_panel, plot_values

theta, eta, beta, L, e, s, x, y, z = symbols("theta eta beta L e s x y z", real=True)
f = Problem((theta - 3) ** 2, [theta])
slope, curvature = f.gradient[0], f.hessian[0, 0]

handout = Handout("step_sizes", "Step sizes on a parabola")
handout.show(f.worked_answer(parts=["statement", "derivatives", "minimum"]))

# %% [markdown]
# ## What one step does
#
# A step leads from a point to another and changes f by some g. Since g is again a function with a
# parameter, the step size, symopt can be asked where it is strictly concave. A quadratic g that vanishes
# at the minimiser has its largest value there, and so is negative everywhere else, exactly where it is
# strictly concave: then every step goes down.


# %%
def change(problem: Problem, *step: Expr) -> Problem:
    """g(x) = f(x + step) - f(x), for step sizes eta > 0."""
    moved = {variable: variable + by for variable, by in zip(problem.variables, step, strict=True)}
    difference = problem.objective.subs(moved, simultaneous=True) - problem.objective
    positive = [eta > 0, *(parameter > 0 for parameter in problem.parameters)]
    return Problem(difference.factor(), problem.variables, assuming=positive)


def bounds(problem: Problem, kind: str) -> list[Expr]:
    """The ends of the step sizes at which a problem is strictly "convex" or "concave"."""
    (case,) = (case for case in problem.convexity() if case.result.kind == kind and case.result.strict)
    return sorted(relation.as_sides()[2] for relation in case.condition.relations)


def sign(quantity: Expr, kind: str) -> list[Expr]:
    """The ends of the step sizes at which a quantity is positive ("convex") or negative ("concave")."""
    return bounds(Problem(quantity * s**2, [s], assuming=[eta > 0]), kind)


def compare(method: str, steps: dict[str, Expr], **parameters: object) -> list[Run]:
    """Fifteen steps from theta = 0 with each step size: a table of how they end, and pictures."""
    runs, rows = [], []
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    for ax, (name, size) in zip(figure.subplots(2, 2).flat, steps.items(), strict=True):
        run = f.run(
            [0], method=method, step_size=str(size), max_iterations=15, tolerance="1/1000", **parameters
        )
        plot_function(f, run, ax=ax, region=[(-3, 9)], legend=False)
        ax.set_title(rf"{name}: $\eta = {size}$", fontsize="medium")
        runs.append(run)
        error = rf"${abs(run.x[0] - 3):.3g}$"
        rows.append((name, f"${size}$", f"${run.nit}$", error, "yes" if run.success else "no"))
    handout.table(
        ("step", r"$\eta$", "iterations", r"$\lvert\theta - 3\rvert$ at the end", "converged"), rows
    )
    handout.draw(figure, method, f"{runs[0].description.split(',')[0].capitalize()} on the parabola.", 0.85)
    return runs


# %% [markdown]
# ## Gradient descent

# %%
descent = change(f, -eta * slope)
(critical,) = bounds(descent, "concave")
line = Problem(f.objective.subs(theta, theta - eta * slope), [eta])
(best,) = line.stationary_points().at(theta=0).points
good = best.branch.values[eta]

handout.section("Gradient descent")
handout.say(
    r"""One step of gradient descent leads from $\theta$ to $\theta - \eta f'(\theta)$. The change of $f$
    in that step, $f(\theta - \eta f'(\theta)) - f(\theta)$, is a function of $\theta$ with the parameter
    $\eta$. If its largest value is $0$, no step goes up."""
)
handout.show(descent.worked_answer(parts=["statement", "maximum"], detail="answer", names={"f": "g"}))
handout.say(
    rf"""So every step goes down when $\eta < {critical}$; at the critical step $\eta = {critical}$ no
    step changes $f$, and beyond it every step goes up. In between lies the best step, the one that
    minimises $f(\theta - \eta f'(\theta))$ over $\eta$ from wherever it starts:"""
)
handout.show(line.worked_answer(parts=["stationary"], detail="answer"))
handout.say(
    rf"""With $\eta = {good}$ a single step is enough. In general, with the second derivative $L$ in place
    of ${curvature}$, the error $e$ becomes $(1 - \eta L) e$ in a step, and the change of $f = L e^2/2$
    is"""
)
handout.show(
    change(Problem(L * e**2 / 2, [e]), -eta * L * e).worked_answer(
        parts=["statement", "maximum"], detail="answer", names={"f": "g"}
    )
)
handout.say(
    r"""The critical step is $2/L$: two over the second derivative. Four step sizes, from $\theta = 0$ and
    for at most fifteen steps:"""
)
steps = {"small": critical / 20, "good": good, "critical": critical, "too large": critical * 21 / 20}
gradient_runs = compare("gd", steps)

# %% [markdown]
# ## Momentum
#
# A step with momentum is linear in the error e and the memory m. Both shrink to 0 exactly when the two
# roots of the characteristic polynomial q lie inside the unit circle, and for q = z^2 + b z + beta that
# is |beta| < 1, q(1) > 0, q(-1) > 0.

# %%
iteration = Matrix([[1 - eta * curvature, -eta * beta], [curvature, beta]])
q = (z * eye(2) - iteration).det().expand()
half = q.subs(beta, "1/4")
(momentum_critical,) = sign(half.subs(z, -1), "convex")
fast = sign((half.coeff(z, 1) ** 2 - 4 * half.coeff(z, 0)).expand(), "concave")

handout.section("Momentum")
handout.say(
    r"""With momentum, $m_t = \beta m_{t-1} + f'(\theta_{t-1})$ and $\theta_t = \theta_{t-1} - \eta m_t$.
    The error and the memory go to $0$ exactly when both roots of"""
)
handout.say(f"$$q(z) = z^2 + ({latex(q.coeff(z, 1))}) z + {latex(q.coeff(z, 0))}$$")
handout.say(
    rf"""lie inside the unit circle, that is, when $|\beta| < 1$, $q(1) > 0$ and $q(-1) > 0$. Here $q(1) =
    2 \eta$ is positive, so $\beta < 1$ and $q(-1) = 2(1 + \beta) - 2 \eta > 0$ are left: the critical
    step is $1 + \beta$, larger than without momentum. For $\beta = 1/4$, symopt finds the critical step
    ${momentum_critical}$ from the sign of $q(-1)$. The roots are a conjugate pair of modulus
    $\sqrt{{\beta}} = 1/2$ for $\eta$ from ${fast[0]}$ to ${fast[1]}$, where the discriminant of $q$ is
    negative; the middle of this interval is taken as the good step."""
)
steps = {
    "small": momentum_critical / 40,
    "good": sum(fast) / 2,
    "critical": momentum_critical,
    "too large": momentum_critical * 21 / 20,
}
momentum_runs = compare("momentum", steps, beta="1/4")

# %% [markdown]
# ## Newton's method
#
# The direction is divided by the second derivative, so the steps have the same bounds for every parabola.

# %%
newton = change(Problem(L * e**2 / 2, [e]), -eta * e)
(newton_critical,) = bounds(newton, "concave")
handout.section("Newton's method")
handout.say(
    r"""Newton's step is $-\eta f'/f''$: for the error $e$ it is $-\eta e$, whatever the second derivative
    $L$. The change of $f = L e^2/2$ is"""
)
handout.show(newton.worked_answer(parts=["statement", "maximum"], detail="answer", names={"f": "g"}))
handout.say(
    rf"""so the critical step is ${newton_critical}$ for every parabola, and half of it, the full Newton
    step, ends at the minimum."""
)
steps = {
    "small": newton_critical / 20,
    "good": newton_critical / 2,
    "critical": newton_critical,
    "too large": newton_critical * 21 / 20,
}
compare("newton", steps)
handout.draw(
    plot_values([gradient_runs[0], gradient_runs[3], momentum_runs[1]], optimum=0),
    "values",
    r"The error along three of the runs: a straight line on the logarithmic scale is a constant factor.",
    0.7,
)

# %% [markdown]
# ## Level sets in two variables
#
# With two curvatures, the larger one sets the critical step and the smaller one the speed.

# %%
bowl = Problem((x**2 + 10 * y**2) / 2, [x, y])
bowl_change = change(bowl, *(-eta * bowl.gradient))
(bowl_critical,) = bounds(bowl_change, "concave")
handout.section("Level sets in two variables")
handout.say(
    r"""For $f(x, y) = (x^2 + 10 y^2)/2$, whose Hessian has the eigenvalues $1$ and $10$, the change in a
    step of gradient descent is strictly concave, and $f$ goes down from everywhere, in the last of these
    cases:"""
)
handout.show(bowl_change.worked_answer(parts=["convexity"], detail="answer", names={"f": "g"}))
handout.say(
    rf"""The critical step is ${bowl_critical}$, two over the larger eigenvalue. Near it $y$ swings from
    side to side; far below it $x$ creeps. Momentum damps the swing; Newton's method, which divides each
    direction by its own curvature, goes straight."""
)
bowl_runs = [
    bowl.run([8, 4], method="gd", step_size=str(bowl_critical * share), max_iterations=40)
    for share in (Rational(1, 4), Rational(9, 10), Rational(51, 50))
]
figure, _ = plot_run_panel(bowl, bowl_runs, region=[(-10, 10), (-10, 10)])
handout.draw(figure, "level_sets", "Gradient descent with steps below, near and above the critical one.")
others = [
    bowl.run([8, 4], method="momentum", step_size=str(bowl_critical / 2), beta="1/4", max_iterations=40),
    bowl.run([8, 4], method="newton"),
]
figure, _ = plot_run_panel(bowl, others, region=[(-10, 10), (-10, 10)])
handout.draw(figure, "level_sets_others", "Momentum and Newton's method from the same start.", 0.7)

# %% [markdown]
# ## Where the notes need a second look
#
# Small slips in the section on step sizes that the pictures above bring out.

# %%
handout.section("Where the notes need a second look")
handout.say(
    r"""(2.37) has the step $+\eta \nabla f$; it is $-\eta \nabla f$ that goes down. In (2.39) the step
    size should read $\eta_t$ and not $\nabla_t$."""
)
handout.say(
    rf"""“We will usually set $\nabla < \|\nabla f\|^{{-1}}$”: the step size is meant on the left, and
    what bounds it is the curvature, $\eta < 2/L$, not the slope. At $\theta = 0$ the rule asks for $\eta
    < 1/6$, which is safe but slow; near the minimum $\|\nabla f\|^{{-1}}$ grows beyond every bound, and
    it lets through steps beyond ${critical}$, which diverge."""
)
handout.say(
    r"""“If it is too small, it may not converge at all”: on the parabola every $\eta$ between $0$ and the
    critical step converges, with the factor $1 - 2 \eta$ per step, so a small step is slow but sure. Only
    a schedule whose steps have a finite sum can stop short of the minimum."""
)
handout.say(
    r"""The memory $\beta$ is said to lie in $[0, 1]$. For $\beta = 1$ the product of the two roots of $q$
    is $1$: they cannot both lie inside the unit circle, and the iteration does not converge. It has to be
    $\beta < 1$."""
)
handout.say(
    rf"""And $d^\top \nabla f \leq 0$ does not make $d$ a descent direction: with equality $f$ may grow,
    and with $d^\top \nabla f < 0$ it goes down for small enough steps only, as the steps beyond
    ${critical}$ show."""
)

# %%
handout.write()
