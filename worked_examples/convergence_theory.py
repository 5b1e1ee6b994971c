"""For which step sizes gradient descent, momentum and Newton's method converge, and the rules of thumb of the notes."""

# %% [markdown]
# # Which step sizes converge
#
# The notes give three rules about steps: an update (2.37), a bound 1/||grad f|| for the step size, and a condition for
# a direction of descent. Each is set against what can be proved. Nothing is typed in: the intervals, the best step
# sizes and the factors are asked of symopt, and runs are laid beside them.

# %%
from __future__ import annotations

from shared.handout import Handout
from sympy import Expr, Rational, latex, symbols

from symopt import Problem
from symopt.numeric import Run
from symopt.plotting import plot_run_panel, plot_values
from symopt.writing.mathematics import Bounds, written
from symopt.writing.notation import Notation
from symopt.writing.styles import LATEX

x, y, p = symbols("x y p", real=True)
eta = symbols("eta", real=True)
bowl = Problem((x**2 + 9 * y**2) / 2, [x, y])
theory = bowl.step_size_theory()
handout = Handout("convergence_theory", "Which step sizes converge")

# %% [markdown]
# ## A bowl
#
# One function with a small and a large curvature shows everything.

# %%
handout.section("A bowl with two curvatures")
handout.show(bowl.worked_answer(parts=["statement", "derivatives"]))
handout.say(
    rf"""The Hessian has the eigenvalues $\mu = {theory.mu}$ and $L = {theory.L}$, and so the condition number
    $\kappa = L/\mu = {theory.condition_number}$. The error of each method obeys a linear recursion along each
    eigenvector, and that decides everything:"""
)
handout.show(theory.explain())

# %% [markdown]
# ## Theory beside practice
#
# The same runs, with the factor that the theory predicts and the one that the run shows.


# %%
def compare(runs: dict[str, Run]) -> None:
    """A row for each run: how it ended, and the factor of its error in a step."""
    rows = []
    for name, run in runs.items():
        ended = {0: "converged", 1: "still under way", 2: "diverged"}[run.status]
        rows.append(
            (name, f"${run.nit}$", ended, f"${run.predicted_rate:.4f}$", f"${run.measured_rate:.4f}$")
        )
    handout.table(("run", "steps", "end", "predicted factor", "measured"), rows)


descent, ball, nesterov = (theory.method(name) for name in ("gd", "momentum", "nesterov"))
limit = descent.step_sizes[1]
runs = {
    rf"half of the best step, $\eta = {descent.step_size / 2}$": bowl.run(
        [9, 1], step_size=str(descent.step_size / 2)
    ),
    rf"the best step, $\eta = {descent.step_size}$": bowl.run([9, 1], step_size=str(descent.step_size)),
    rf"just below ${limit}$": bowl.run([9, 1], step_size=str(limit * Rational(99, 100))),
    rf"just above ${limit}$": bowl.run([9, 1], step_size=str(limit * Rational(103, 100))),
    rf"heavy ball, $\eta = {ball.step_size}$, $\beta = {ball.memory}$": bowl.run(
        [9, 1], "momentum", step_size=str(ball.step_size), beta=str(ball.memory)
    ),
    rf"Nesterov, $\eta = {nesterov.step_size}$, $\beta = {nesterov.memory}$": bowl.run(
        [9, 1], "nesterov", step_size=str(nesterov.step_size), beta=str(nesterov.memory)
    ),
}
handout.section("Theory beside practice")
handout.say(
    rf"""Gradient descent converges exactly for $0 < \eta < 2/L = {limit}$. Its best constant step size is
    $2/(L + \mu) = {descent.step_size}$ with the factor $(\kappa - 1)/(\kappa + 1) = {descent.rate}$; the heavy ball does
    better with $(\sqrt{{\kappa}} - 1)/(\sqrt{{\kappa}} + 1) = {ball.rate}$. Runs from $(9, 1)$, each with its prediction
    beside what it shows:"""
)
compare(runs)
handout.say(
    r"""The best pair of the heavy ball is a double root: the error falls like $t \rho^t$, so that what is measured is a
    little above $\rho$. The run that diverges names its direction:"""
)
handout.say(list(runs.values())[3].message.replace("_", r"\_"))
shown = list(runs.values())
handout.draw(
    plot_values([shown[0], shown[1], shown[2], shown[4]], optimum=0),
    "values",
    "Distance from the minimum and gradient norm; dotted, the slope that the theory predicts.",
    0.8,
)
figure, _ = plot_run_panel(
    bowl,
    [
        bowl.run([9, 1], step_size=str(limit * share), max_iterations=40)
        for share in (Rational(1, 4), Rational(9, 10), Rational(103, 100))
    ],
    region=[(-10, 10), (-5, 5)],
)
handout.draw(figure, "paths", "A short step creeps, a long one swings, one that is too long leaves.")

# %% [markdown]
# ## Every value of a parameter
#
# The function of the exercises, for every p.

# %%
lecture = Problem((p - 1) * x**2 + (p + 1) * y**2, [x, y])
cases = lecture.step_size_theory()
handout.section("Every value of a parameter")
rows = []
for case in cases:
    method, condition = (
        case.result.method("gd"),
        written((Bounds(case.condition.relations),), LATEX, Notation()),
    )
    low, high = method.step_sizes
    fits = f"${latex(low)} < \\eta < {latex(high)}$"
    if method.effect != "converges":
        fits = r"none: every $\eta > 0$ is driven away"
    rows.append(
        (f"${condition}$", fits, f"${latex(method.step_size)}$" if method.step_size is not None else "")
    )
handout.say(r"For $f(x, y) = (p - 1) x^2 + (p + 1) y^2$, gradient descent converges for these step sizes:")
handout.table(("case", "step sizes", "best"), rows)

# %% [markdown]
# ## The rules of the notes
#
# Each rule against a function for which it fails.

# %%
handout.section("The rules of the notes")
parabola = Problem(x**2, [x])
uphill = [Rational(1)]
for _ in range(3):
    uphill.append(uphill[-1] + Rational(1, 10) * 2 * uphill[-1])
handout.say(
    rf"""(2.37): as printed, $x_{{t+1}} = x_t + \eta \nabla f(x_t)$ goes uphill: on $x^2$ with $\eta = 1/10$ it
    leads from $1$ to ${latex(uphill[1])}$, ${latex(uphill[2])}$, ${latex(uphill[3])}$. With $-\eta \nabla f$ each step
    multiplies the error by $1 - 2 \eta = 4/5$. The text around it speaks of going downhill, so that the sign is a slip of
    the pen."""
)


def slope(problem: Problem, point: Expr) -> Expr:
    """|f'| at a point."""
    return abs(problem.gradient[0].subs(x, point))


steep = Problem(50 * x**2, [x])
far, near = Rational(1), Rational(1, 1000)
steep_limit = steep.step_size_theory().method("gd").step_sizes[1]
handout.say(
    rf"""$\eta < \|\nabla f\|^{{-1}}$: the bound depends on where the iterate happens to be, and convergence does not.
    On $50 x^2$ every step size below $2/L = {latex(steep_limit)}$ converges and no other one. At $x = 1$ the rule asks
    for $\eta < {latex(1 / slope(steep, far))}$, which is safe; at $x = 1/1000$ it allows
    $\eta < {latex(1 / slope(steep, near))}$, ${latex(1 / slope(steep, near) / steep_limit)}$ times the
    bound. Near a minimum the gradient tends to $0$ and the rule allows every step; and a step with
    $\eta = \|\nabla f\|^{{-1}}$ has the length $1$ wherever it starts. What bounds the step is the curvature:
    $\eta < 2/L$."""
)
allowed = 1 / slope(steep, near) * Rational(9, 10)
run = steep.run([float(near)], step_size=str(allowed))
handout.say(
    rf"""A run from $x = 1/1000$ with $\eta = {latex(allowed)}$, as the rule allows there, has multiplied its error by
    ${run.predicted_rate:.0f}$ in each step, and diverged after ${run.nit}$ steps."""
)
handout.say(
    r"""$d^\top \nabla f \leq 0$: with equality $d$ need not lead downhill. On $x^2 + y^2$ at $(1, 0)$ the direction
    $d = (0, 1)$ has $d^\top \nabla f = 0$, and $f(1, s) = 1 + s^2$ grows along it for every step. A strict sign,
    $d^\top \nabla f < 0$, is enough for all steps that are small enough, and for those alone: along
    $d = -\nabla f$ from $(1, 0)$ the value is $(1 - 2 \eta)^2$, smaller than $1$ exactly for $0 < \eta < 1$. So
    (2.36) holds for $d^\top \nabla f < 0$ and $\eta_t$ small enough, and Armijo's backtracking finds such an $\eta_t$."""
)
double_well = Problem(x**4 / 4 - x**2 / 2, [x])
handout.section("Where the function is not quadratic")
handout.say(
    r"""At a stationary point the linearised iteration decides. For $x^4/4 - x^2/2$ gradient descent is attracted to
    the minima $\pm 1$, where $f'' = 2$, and driven away from the maximum $0$; Newton's method is drawn to all three."""
)
rows = []
for place in double_well.step_size_theory().points:
    descent, newton = place.method("gd"), place.method("newton")
    word = {"attracted": "attracted for", "repelled": "driven away for"}[descent.effect]
    low, high = descent.step_sizes
    fits = rf"$\eta > {latex(low)}$" if descent.effect == "repelled" else rf"$0 < \eta < {latex(high)}$"
    (at,) = place.branch.values.values()
    bound = latex(newton.step_sizes[1])
    rows.append(
        (f"${latex(at)}$", f"${latex(place.mu)}$", f"{word} {fits}", rf"attracted for $0 < \eta < {bound}$")
    )
handout.table(("point", "$f''$", "gradient descent", "Newton's method"), rows)
handout.write()
