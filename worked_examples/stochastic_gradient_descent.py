"""Stochastic gradient descent on linear regression: the gradient on a mini-batch, its mean and variance, and the runs."""

# %% [markdown]
# # Stochastic gradient descent
#
# The loss is a mean over observations, so the mean over a few of them, drawn at random, has the right gradient on
# average. That is derived, measured, and used.

# %%
from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from shared.handout import Handout
from sympy import MatrixSymbol, symbols

from symopt import Problem, norm, ones
from symopt.numeric import InverseTime
from symopt.numeric.report import number

N, M = symbols("N M", integer=True, positive=True)
X, y, a = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("a", M, 1)
b = symbols("b", real=True)
J = Problem(norm(y - X * a - b * ones(N)) ** 2 / N, [a, b])

handout = Handout("stochastic_gradient_descent", "Stochastic gradient descent")
handout.say(r"The loss is that of linear regression, as a mean over the observations:")
handout.say(f"$${J.latex()}$$")
handout.show(J.mini_batches().explain())

# %% [markdown]
# ## The variance, predicted and measured
#
# A thousand observations in five variables, drawn with a seed. At one point the gradient on many random batches is
# compared with the formula.

# %%
rng = np.random.default_rng(3)
rows = rng.normal(size=(1000, 5))
truth = np.array([1.0, -2.0, 0.5, 3.0, -1.0])
targets = rows @ truth + 0.7 + rng.normal(size=1000)
fit = J.with_data({X: rows, y: targets})
start = np.zeros(6)
full = fit.compile().gradient(start)


def measured(size: int, replacement: bool, batches: int = 1000) -> float:
    """The mean of the squared distance to grad J over random batches, computed without symopt."""
    total = 0.0
    for _ in range(batches):
        drawn = rng.integers(1000, size=size) if replacement else rng.permutation(1000)[:size]
        residual = targets[drawn] - rows[drawn] @ start[:5] - start[5]
        gradient = np.append(-2 * rows[drawn].T @ residual, -2 * residual.sum()) / size
        total += float(((gradient - full) ** 2).sum())
    return total / batches


handout.section("The variance, predicted and measured")
handout.say(
    r"""A thousand observations of five variables, drawn with a seed from an affine function with noise of
    variance $1$. At $a = 0$, $b = 0$ the formulas above, and the mean over a thousand random batches:"""
)
lines = []
for size in (1, 10, 100, 500):
    for replacement in (True, False):
        predicted = fit.batch_variance(start, size, replacement)
        found = measured(size, replacement)
        assert abs(found / predicted - 1) < 0.25
        lines.append(
            (f"${size}$", "with" if replacement else "without", f"${predicted:.4g}$", f"${found:.4g}$")
        )
handout.table(("$m$", "replacement", r"$\operatorname{E} \lVert G - \nabla f \rVert^2$", "measured"), lines)

# %% [markdown]
# ## The loss against the number of samples
#
# A step of gradient descent looks at all N observations, a step on a mini-batch at m. So the fair comparison is by
# observations looked at.

# %%
best = fit.run(start, "newton")
runs = {
    "all 1000": (1000, fit.run(start, step_size="1/4", max_iterations=10)),
    "100 at a time": (100, fit.run(start, batch_size=100, epochs=10, rng=0, step_size="1/20", record=2)),
    "10 at a time": (10, fit.run(start, batch_size=10, epochs=10, rng=0, step_size="1/20", record=10)),
    "10, shrinking steps": (
        10,
        fit.run(start, batch_size=10, epochs=10, rng=0, step_size=InverseTime("1/20", "1/100"), record=10),
    ),
    "1 at a time": (1, fit.run(start, batch_size=1, epochs=10, rng=0, step_size="1/200", record=100)),
}
handout.section("The loss against the number of samples")
handout.say(
    rf"""The least value of the empirical loss is ${best.fun:.6f}$, at the solution of the normal equations.
    Each run below looks at ten thousand observations in all, which is ten times the data: for gradient
    descent ten steps. The gap is that between the loss over all observations and its least value."""
)
lines = []
for name, (size, run) in runs.items():
    seen = run.iterations * size
    gap = run.values - best.fun
    early = gap[np.searchsorted(seen, 1000)]
    lines.append((name, f"${run.nit}$", f"${number(f'{early:.2g}')}$", f"${number(f'{gap[-1]:.2g}')}$"))
handout.table(("in a step", "steps", "gap after 1000 observations", "gap after 10000"), lines)
figure = Figure(figsize=(6.4, 4.2), layout="constrained")
ax = figure.subplots()
for name, (size, run) in runs.items():
    ax.plot(run.iterations * size, run.values - best.fun, linewidth=1.4, label=name)
ax.set_yscale("log")
ax.set_xlabel("observations looked at")
ax.set_ylabel("empirical loss above its minimum")
ax.legend(frameon=False, title="observations in a step")
handout.draw(figure, "samples", "The empirical loss against the number of observations looked at.", 0.8)
handout.say(
    r"""After one pass through the data the small batches are near the minimum, where gradient descent has
    taken one step. Then they stay at a distance, as the noise of a constant step size does not fade. With
    the same step size, batches of 100 come closer than batches of 10 but need longer; with steps that
    shrink the distance goes on falling. Gradient descent has no noise: its error shrinks by a factor in
    each step, and in the end it is ahead of all of them."""
)

# %% [markdown]
# ## More data

# %%
handout.section("More samples, the same number of steps")
lines = []
figure = Figure(figsize=(6.0, 3.8), layout="constrained")
ax = figure.subplots()
for size in (20, 200, 1000):
    part = J.with_data({X: rows[:size], y: targets[:size]})
    run = part.run(
        start, batch_size=10, max_iterations=800, record=10, rng=1, step_size=InverseTime("1/20", "1/100")
    )
    unseen = np.mean((targets[500:] - rows[500:] @ run.x[:5] - run.x[5]) ** 2) if size < 500 else None
    least = part.run(start, "newton").fun
    lines.append(
        (f"${size}$", f"${least:.4f}$", f"${run.fun:.4f}$", "" if unseen is None else f"${unseen:.4f}$")
    )
    ax.plot(run.iterations, run.values, linewidth=1.4, label=f"{size} observations")
ax.set_yscale("log")
ax.set_xlabel("step, on 10 observations each")
ax.set_ylabel("empirical loss")
ax.legend(frameon=False)
handout.say(
    r"""A step costs the same however many observations there are. The empirical loss of few observations can
    be made smaller, as there is less to fit; the loss on five hundred observations that the run has not
    seen says what that is worth:"""
)
handout.table(("observations", "least empirical loss", "after 800 steps", "on unseen observations"), lines)
handout.draw(figure, "size", "The same 800 steps on 20, 200 and 1000 observations.", 0.7)

handout.write()
