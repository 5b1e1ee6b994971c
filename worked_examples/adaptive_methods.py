"""Adagrad, RMSProp and Adam on 0.1 x^2 + y^2, beside gradient descent: what dividing by the size of the gradient does."""

# %% [markdown]
# # Adagrad, RMSProp and Adam
#
# One valley that is ten times as steep in y as in x. Gradient descent has one step size for both; the adaptive
# methods have one for each variable.

# %%
from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from shared.handout import Handout
from sympy import Rational, symbols

from symopt import Problem
from symopt.numeric.report import number
from symopt.plotting import plot_run_panel, plot_values

x, y = symbols("x y", real=True)
f = Problem(Rational(1, 10) * x**2 + y**2, [x, y])

handout = Handout("adaptive_methods", "Adagrad, RMSProp and Adam")
handout.show(f.worked_answer(parts=["statement", "derivatives", "stationary", "convexity", "minimum"]))

# %% [markdown]
# ## One step size for both variables
#
# What gradient descent can do at best is derived: the two eigenvalues are 1/5 and 2.

# %%
handout.section("Gradient descent")
theory = f.step_size_theory()
descent = theory.method("gd")
handout.say(
    rf"""Gradient descent converges for $0 < \eta < {descent.step_sizes[1]}$, and best with $\eta =
    {descent.step_size}$: then an error shrinks by the factor ${descent.rate}$ a step, however the start
    is chosen, and no constant step size does better. The slow variable is $x$."""
)

# %% [markdown]
# ## A step size for each variable
#
# With g the gradient, entry by entry:
#
# - Adagrad divides by the root of the sum of all squares so far,
# - RMSProp by the root of a running mean of the squares,
# - Adam does the same with a running mean of the gradient in place of g.

# %%
handout.section("The adaptive methods")
handout.say(
    r"""Let $g_t$ be the gradient at the point before step $t$. All operations are entry by entry. Adagrad:
    $s_t = s_{t-1} + g_t^2$ and a step of $-\eta\, g_t/(\sqrt{s_t} + \epsilon)$. RMSProp: the same with
    $s_t = \rho s_{t-1} + (1 - \rho) g_t^2$. Adam: $m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t$ and $v_t =
    \beta_2 v_{t-1} + (1 - \beta_2) g_t^2$, and a step of $-\eta\,
    \frac{m_t/(1 - \beta_1^t)}{\sqrt{v_t/(1 - \beta_2^t)} + \epsilon}$."""
)
handout.say(
    r"""The first step of each has the length $\eta$ (of RMSProp $\eta/\sqrt{1 - \rho}$) in every variable,
    whatever the slopes are, up to $\epsilon$: for Adagrad $g_1/\sqrt{g_1^2}$ is $1$ or $-1$. So $x$ and
    $y$ move equally fast, though the slopes at $(4, 4)$ are $\frac{4}{5}$ and $8$:"""
)
settings = {
    "gd": {"step_size": str(descent.step_size)},
    "adagrad": {"step_size": "1/2"},
    "rmsprop": {"step_size": "1/10"},
    "adam": {"step_size": "1/10"},
}
names = {"gd": "gradient descent", "adagrad": "Adagrad", "rmsprop": "RMSProp", "adam": "Adam"}
runs = {
    name: f.run([4, 4], method=name, max_iterations=200, tolerance="1/100000", **given)
    for name, given in settings.items()
}
rows = []
for name, run in runs.items():
    first = run.path[1] - run.path[0]
    near = np.flatnonzero(run.values < 1e-3)
    reached = f"${run.iterations[near[0]]}$" if len(near) else "not in 200"
    rows.append(
        (names[name], f"${settings[name]['step_size']}$", f"$({first[0]:.3f}, {first[1]:.3f})$", reached)
    )
handout.table(("method", r"$\eta$", "first step", "steps until $f < 1/1000$"), rows)

# %% [markdown]
# ## The figures

# %%
handout.section("Paths and values")
figure, _ = plot_run_panel(f, list(runs.values()), region=[(-5, 5), (-5, 5)])
handout.draw(
    figure,
    "paths",
    "From the start (4, 4): gradient descent turns into the valley, the adaptive methods go along the diagonal first.",
)
handout.draw(
    plot_values(list(runs.values()), optimum=0),
    "values",
    "The value of f (solid) and the length of the gradient (dashed).",
    0.75,
)

# %% [markdown]
# ## Scale does not matter, and steps do not shrink by themselves

# %%
handout.section("What the scale of the gradient does")
scaled = Problem(Rational(1, 10) * x**2 + 1000 * y**2, [x, y])
short = {"max_iterations": 50, "tolerance": 0}
apart = [
    np.abs(
        f.run([4, 4], method=name, **short, **settings[name]).path
        - scaled.run([4, 4], method=name, **short, **settings[name]).path
    ).max()
    for name in ("adagrad", "rmsprop", "adam")
]
handout.say(
    rf"""Each of the three divides a slope by a length that grows with the slope, so that a factor in front of
    $y^2$ cancels, up to $\epsilon$: on $0.1 x^2 + 1000 y^2$, where gradient descent needs a step size a
    thousand times smaller, all three take the same 50 steps to within ${number(f"{max(apart):.0e}")}$."""
)
handout.say(
    r"""The other side of it: steps do not shrink because the gradient does. Adagrad's shrink because its sum
    of squares grows. RMSProp's mean forgets, and a swing from $y$ to $-y$ and back keeps $g_t^2$
    constant, so that each step is $\eta$ long: that is a swing when $2 \lvert y \rvert = \eta$. The run
    below does not stop at the minimum, leaves it again once the mean has faded, and ends in that swing."""
)
long = f.run([4, 4], method="rmsprop", max_iterations=400, tolerance=0, **settings["rmsprop"])
figure = Figure(figsize=(5.6, 3.2), layout="constrained")
ax = figure.subplots()
ax.plot(long.iterations, np.abs(long.path[:, 1]), color="tab:purple", label="RMSProp")
ax.axhline(0.05, color="black", linestyle=":", label=r"$\eta/2$")
ax.set_yscale("log")
ax.set_ylim(1e-9, 10)
ax.set_xlabel("iteration")
ax.set_ylabel(r"$|y|$")
ax.legend(frameon=False)
handout.draw(figure, "swing", "RMSProp with a constant step size, run on after it has arrived.", 0.75)
handout.say(
    rf"At the end $\lvert y \rvert = {abs(long.x[1]):.6f}$. For more digits the step size has to shrink."
)

handout.write()
