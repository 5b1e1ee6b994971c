"""K-means from the loss (2.9) of the notes: the two half steps derived, a run of them, and what depends on the start."""

# %% [markdown]
# # K-means
#
# The loss is easy in two blocks: the assignments with the centres fixed, and the centres with the assignments fixed.
# Both half steps are derived from the loss as written, then they take turns.

# %%
from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from shared.handout import Handout
from sympy import IndexedBase, Sum, symbols

from symopt import Problem

N, M, K = symbols("N M K", integer=True, positive=True)
n, k, j = symbols("n k j", integer=True)
r, x, mu = IndexedBase("r"), IndexedBase("x"), IndexedBase("mu")
distance = Sum((x[n, j] - mu[k, j]) ** 2, (j, 1, M))
J = Problem(Sum(r[n, k] * distance, (n, 1, N), (k, 1, K)), [r, mu])

handout = Handout("k_means", "K-means")
handout.say(
    r"""The loss (2.9) of the notes for observations $x_1, \dots, x_N$ in $\mathbb{R}^M$, centres $\mu_1,
    \dots, \mu_K$ and assignments $r_{nk}$, of which each observation has one that is $1$ and else $0$, is"""
)
handout.say(r"$$J = \sum_{n=1}^N \sum_{k=1}^K r_{nk} \lVert x_n - \mu_k \rVert^2.$$")
handout.say(
    r"""It is linear in $r$ and quadratic in $\mu$, but not convex in both together. In each block alone the
    best value has a closed form:"""
)
handout.show(J.half_steps([r, mu]).explain())

# %% [markdown]
# ## A run
#
# Four clouds of forty points, drawn with a seed. The start has its centres on four points of the same cloud.

# %%
rng = np.random.default_rng(1)
places = np.array([[0.0, 0.0], [5.0, 0.5], [1.0, 5.0], [6.0, 6.0]])
data = np.concatenate([place + rng.normal(size=(40, 2)) for place in places]).round(2)
clusters = J.with_data({x: data, K: 4})
run = clusters.run({mu: data[:4]}, blocks=[r, mu])
assert run.success
assert (np.diff(run.values) < 0).all()

handout.section("A run of half steps")
handout.say(
    rf"""Four clouds of forty points, and four points of the first cloud as centres to start from.
    {run.message} The values of $J$, one for each half step, fall from ${run.values[0]:.2f}$ to
    ${run.values[-1]:.2f}$."""
)
COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red")


def draw(ax, point, title):
    """The points in the colour of their cluster, with the centres."""
    parts = clusters.split(point)
    owner = parts["r"].argmax(axis=1)
    for cluster, colour in enumerate(COLOURS):
        ax.plot(*data[owner == cluster].T, "o", color=colour, markersize=3, alpha=0.7)
    ax.plot(*parts["mu"].T, "*", color="black", markersize=11, markeredgecolor="white")
    ax.set_title(title, fontsize="medium")
    ax.set_aspect("equal")


shown = [0, 1, 2, 5, len(run.path) - 1]
figure = Figure(figsize=(9.0, 6.0), layout="constrained")
axes = figure.subplots(2, 3).ravel()
for ax, step in zip(axes, shown, strict=False):
    draw(ax, run.path[step], f"after {step} half steps: $J$ = {run.values[step]:.1f}")
odd = run.iterations % 2 == 1
axes[5].plot(run.iterations, run.values, color="grey", linewidth=1)
axes[5].plot(run.iterations[odd], run.values[odd], "*", color="black", label="centres moved")
axes[5].plot(run.iterations[~odd], run.values[~odd], "o", color="tab:blue", label="points assigned")
axes[5].set_xlabel("half step")
axes[5].set_ylabel("$J$")
axes[5].legend(frameon=False)
handout.draw(figure, "steps", "The assignment and the centres on the way, and the value of the loss.")

# %% [markdown]
# ## Several starts

# %%
starts = clusters.run("k-means++", blocks=[r, mu], n_init=10, rng=0)
best = starts.best
poor = clusters.run({mu: data[[0, 40, 41, 80]]}, blocks=[r, mu])
handout.section("Several starts")
handout.say(
    rf"""The end of a run is a pair of blocks each of which is the best for the other, and that need not be the
    least value of $J$. From one centre in the first cloud, two in the second and one in the third the run
    ends at ${poor.fun:.2f}$: two centres share one cloud, and one lies between two. Of ten starts by
    k-means++ (each further centre is a point that is drawn with a probability in proportion to its
    squared distance from the centres so far) the best ends at ${best.fun:.2f}$, with the centres"""
)
centres = clusters.split(best.x)["mu"]
order = np.lexsort(centres.T)
handout.table(
    ("centre found", "centre of the cloud"),
    [
        (
            f"$({centres[i][0]:.3f}, {centres[i][1]:.3f})$",
            "$({:g}, {:g})$".format(*places[((places - centres[i]) ** 2).sum(axis=1).argmin()]),
        )
        for i in order
    ],
)
values, counts = np.unique(starts.fun.round(2), return_counts=True)
ends = ", ".join(f"${value:.2f}$ ({count} times)" for value, count in zip(values, counts, strict=True))
handout.say(f"The ten starts end at {ends}.")
figure = Figure(figsize=(7.0, 3.4), layout="constrained")
for ax, one, name in zip(
    figure.subplots(1, 2), (poor, best), ("a poor start", "the best of ten"), strict=True
):
    draw(ax, one.x, f"{name}: $J$ = {one.fun:.1f}")
handout.draw(figure, "starts", "Two ends at which no half step changes anything.", 0.85)

handout.write()
