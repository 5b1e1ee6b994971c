"""Logistic regression on two Gaussian clouds, and why equation (2.7) of the notes is not the cross entropy (2.6)."""

# %% [markdown]
# # Logistic regression
#
# The notes write the cross entropy twice, as (2.6) and as (2.7). The two are set side by side first; then the right
# one is derived, shown to be convex and minimised on two clouds of points.

# %%
from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from shared.handout import Handout
from sympy import HadamardProduct, MatrixSymbol, exp, latex, log, simplify, symbols

from symopt import Problem, ones, softplus, total
from symopt.plotting import plot_values

u, label = symbols("u c", real=True)
N, M = symbols("N M", integer=True, positive=True)
X, c, theta = MatrixSymbol("X", N, M), MatrixSymbol("c", N, 1), MatrixSymbol("theta", M, 1)
b = symbols("b", real=True)

# %% [markdown]
# ## Equations (2.6) and (2.7)
#
# For one observation, with u = theta^T x - b, so that f(x) = 1/(1 + e^-u).

# %%
handout = Handout("logistic_regression", "Logistic regression")
handout.section("Equations (2.6) and (2.7) of the notes")
handout.say(
    r"""The model is $f(x) = 1/(1 + e^{-\theta^\top x + b})$, equation (2.4). Write $u = \theta^\top x - b$,
    so that $f(x) = 1/(1 + e^{-u})$. The terms for one observation with label $c$ are"""
)
model = 1 / (1 + exp(-u))
cross_entropy = -(label * log(model) + (1 - label) * log(1 - model))
printed = log(1 + exp(-u)) - label * (-u)
right = log(1 + exp(-u)) + (1 - label) * u
handout.table(
    ("equation", "as printed, for one observation"),
    [
        ("(2.6)", r"$-\left(c \log f(x) + (1 - c) \log(1 - f(x))\right)$"),
        ("(2.7)", r"$\log(1 + e^{-\theta^\top x + b}) - c\,(-\theta^\top x + b) = \log(1 + e^{-u}) + c u$"),
    ],
)
handout.say(
    r"""(The notes write $y_i$ for $c_i$ and $x$ for $x_i$ in (2.7).) They are not the same. Take one
    observation with $c = 1$ and $u = 1$, for instance $\theta = 1$, $x = 1$, $b = 0$:"""
)
place = {u: 1, label: 1}
rows = []
for name, formula in (("(2.6)", cross_entropy), ("(2.7) as printed", printed), ("the right formula", right)):
    value = Problem(formula.subs(label, 1), [u]).compile()([1.0])
    rows.append((name, f"${latex(simplify(formula.subs(place)))}$", f"${float(value):.6f}$"))
handout.table(("formula", "value at $c = 1$, $u = 1$", "decimal"), rows)
handout.say(
    r"""The printed formula punishes the right answer: it grows with $u$, that is, the surer the model is of
    the true label $1$. The sign of $u$ and the label do not fit: since $\log f(x) = -\log(1 + e^{-u})$
    and $\log(1 - f(x)) = -u - \log(1 + e^{-u})$,"""
)
handout.say(
    r"""$$-\left(c \log f(x) + (1 - c) \log(1 - f(x))\right) = \log(1 + e^{-u}) + (1 - c)\, u
    = \log(1 + e^{u}) - c\, u.$$"""
)
handout.say(
    r"""So in place of (2.7) stands $J = \frac{1}{N} \sum_i \left(\log(1 + e^{-\theta^\top x_i + b}) - (1 -
    c_i)(-\theta^\top x_i + b)\right)$; as printed it is the cross entropy of the swapped labels $1 -
    c_i$. symopt checks the identity: the difference of both sides, for any $c$, is a function of $u$ with
    the derivative"""
)
difference = Problem(cross_entropy - right, [u])
(slope,) = difference.gradient
assert slope == 0
assert (cross_entropy - right).subs(u, 0).expand() == 0
handout.say(f"${latex(slope)}$, and at $u = 0$ both sides are $\\log 2$: they are equal everywhere.")

# %% [markdown]
# ## The loss in arrays

# %%
scores = X * theta - b * ones(N)
J = Problem(total(softplus(scores) - HadamardProduct(c, scores)) / N, [theta, b])
handout.section("The loss, its derivatives and its convexity")
handout.say(
    r"""With the observations as rows of $X$ and $\operatorname{softplus}(u) = \log(1 + e^u)$ entry by entry,
    the loss is the mean of $\log(1 + e^{u_i}) - c_i u_i$:"""
)
handout.say(f"$${J.latex()}$$")
handout.show(J.derivatives().explain())
handout.show(J.convexity().explain())

# %% [markdown]
# ## Two clouds
#
# Sixty points from each of two Gaussian distributions, drawn with a seed and rounded to two decimals. The clouds
# overlap: for clouds that a line separates the loss has no minimum, as larger and larger theta fit better and better.

# %%
rng = np.random.default_rng(7)
clouds = [rng.normal(centre, 1.1, size=(60, 2)).round(2) for centre in ([0, 0], [2, 1.5])]
points, labels = np.concatenate(clouds), np.repeat([0.0, 1.0], 60)
fit = J.with_data({X: points, c: labels})
newton = fit.run({theta: [0, 0], b: 0}, method="newton")
descent = fit.run({theta: [0, 0], b: 0}, step_size=1, max_iterations=2000, tolerance="1/1000000")
assert newton.success
weights = fit.split(newton.x)

handout.section("Two Gaussian clouds")
handout.say(
    rf"""Sixty points each from Gaussian clouds around $(0, 0)$, with $c = 0$, and $(2, 1.5)$, with $c = 1$.
    Newton's method takes {newton.nit} steps from $0$ to $\theta = ({weights["theta"][0]:.4f},
    {weights["theta"][1]:.4f})$ and $b = {weights["b"]:.4f}$, where $J = {newton.fun:.6f}$; gradient
    descent with step size $1$ takes {descent.nit}. The Hessian is positive definite there and $J$ is
    convex, so this is the only minimum."""
)
figure = Figure(figsize=(8.6, 3.8), layout="constrained")
left, right_axes = figure.subplots(1, 2)
grid = np.stack(np.meshgrid(np.linspace(-3.5, 5.5, 181), np.linspace(-3.5, 5, 171)), axis=-1)
probability = 1 / (1 + np.exp(-(grid @ weights["theta"] - weights["b"])))
shading = left.contourf(
    grid[..., 0], grid[..., 1], probability, levels=np.linspace(0, 1, 11), cmap="coolwarm", alpha=0.6
)
left.contour(grid[..., 0], grid[..., 1], probability, levels=[0.5], colors="black", linewidths=1.4)
for cloud, colour, marker in zip(clouds, ("tab:blue", "tab:red"), ("o", "s"), strict=True):
    left.plot(*cloud.T, marker, color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.5)
figure.colorbar(shading, ax=left, label="$f(x)$")
left.set_xlabel("$x_1$")
left.set_ylabel("$x_2$")
plot_values([newton, descent], ax=right_axes, optimum=newton.fun)
handout.draw(
    figure,
    "clouds",
    "The probability of label 1, one half on the line; and how fast the runs arrive.",
)

# %% [markdown]
# ## What the printed formula would fit

# %%
swapped = Problem(total(softplus(-scores) + HadamardProduct(c, scores)) / N, [theta, b]).with_data(
    {X: points, c: labels}
)
wrong = swapped.run({theta: [0, 0], b: 0}, method="newton")
assert np.allclose(wrong.x, -newton.x, atol=1e-6)
right_share = np.mean((points @ weights["theta"] - weights["b"] > 0) == (labels > 0))
wrong_share = np.mean((points @ wrong.x[:2] - wrong.x[2] > 0) == (labels > 0))
handout.say(
    rf"""Minimising (2.7) as printed on the same points gives $\theta = ({wrong.x[0]:.4f}, {wrong.x[1]:.4f})$
    and $b = {wrong.x[2]:.4f}$: the opposite of the right answer, which takes each cloud for the other. It
    gets {wrong_share:.0%} of the labels right instead of {right_share:.0%}.""".replace("%", r"\%")
)

handout.write()
