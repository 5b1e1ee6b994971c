"""The notes' convex and non-convex sets, epigraphs and curvature, in pictures with their proofs."""

# %% [markdown]
# # Convex sets and epigraphs
#
# The notes define a convex set (2.1) and a convex function by its epigraph (2.3), and leave the figures open. Here
# symopt decides of each set whether it is convex. Where it is not, two points and a point between them show it.

# %%
from __future__ import annotations

from matplotlib.figure import Figure
from shared.handout import Handout

from symopt import Problem
from symopt.plotting import plot_curvature, plot_set

handout = Handout("convex_sets", "Convex sets and epigraphs")
handout.say(
    r"""A set is convex when the segment between any two of its points lies in it. Half planes and discs are
    convex, and so is whatever several convex sets have in common. One segment that leaves a set shows that it is
    not convex."""
)

# %% [markdown]
# ## Sets
#
# A problem whose objective does not matter carries the set as its constraints. The region is shaded; borders that
# belong to it are solid, others dashed.

# %%
sets = (
    ("half plane", "$x + y > 1/2$", ["x + y > 1/2"]),
    ("disc", r"$x^2 + y^2 \leq 1$", ["x^2 + y^2 <= 1"]),
    ("lens", r"$x^2 + y^2 \leq 1,\; (x - 1)^2 + y^2 < 1$", ["x^2 + y^2 <= 1", "(x - 1)^2 + y^2 < 1"]),
    ("ring", r"$1 \leq x^2 + y^2 \leq 4$", ["x^2 + y^2 <= 4", "x^2 + y^2 >= 1"]),
    ("beyond a hyperbola", r"$x y \geq 1/4,\; x > 0$", ["x*y >= 1/4", "x > 0"]),
    ("both sides of it", r"$x y \geq 1/4$", ["x*y >= 1/4"]),
)
figure = Figure(figsize=(9.0, 6.2), layout="constrained")
rows = []
for ax, (name, conditions, constraints) in zip(figure.subplots(2, 3).flat, sets, strict=True):
    f = Problem("x + y", "x y", subject_to=constraints)
    plot_set(f, ax=ax, legend=False)
    ax.set_title(name)
    found = f.convexity()
    if found.kind == "region_not_convex":
        ends = [found.evidence.witness["region"][end] for end in "pq"]
        points = " and ".join(f"$({end['x']}, {end['y']})$" for end in ends)
        rows.append((name, conditions, "no", points))
    else:
        rows.append((name, conditions, "yes", ""))
handout.section("Sets")
handout.draw(
    figure, "sets", "Convex sets hold every segment between two of their points; of the others one leaves."
)
handout.table(("set", "conditions", "convex", "leaves it between"), rows)

# %% [markdown]
# ## Epigraphs
#
# The epigraph of f is the set of the points (x, t) with t >= f(x). It is convex exactly when f is.

# %%
functions = (
    ("x^2", "x^2"),
    ("abs(x)", "|x|"),
    ("exp(x) - 2", "e^x - 2"),
    ("x^4 - 2*x^2", "x^4 - 2 x^2"),
    ("sin(2*x)", r"\sin(2 x)"),
    ("sqrt(abs(x))", r"\sqrt{|x|}"),
)
figure = Figure(figsize=(9.0, 6.2), layout="constrained")
handout.section("Epigraphs")
handout.say(
    r"""The epigraph $\{(x, t) \mid t \geq f(x)\}$ is a set of the plane, and the same question is asked of it.
    It is convex exactly when $f$ is convex, and symopt finds both or neither of each of these functions:"""
)
for ax, (formula, shown) in zip(figure.subplots(2, 3).flat, functions, strict=True):
    epigraph = Problem("t", "x t", subject_to=[f"t >= {formula}"])
    plot_set(epigraph, ax=ax, region=[(-2, 2), (-2, 2)], legend=False)
    ax.set_title(rf"$t \geq {shown}$")
    is_convex = epigraph.convexity().kind != "region_not_convex"
    assert is_convex == bool(Problem(formula, "x").is_convex())
handout.draw(figure, "epigraphs", "Epigraphs of three convex functions, above, and of three that are not.")
handout.say("In words, for the fourth of them:")
handout.show(Problem("t", "x t", subject_to=["t >= x^4 - 2*x^2"]).convexity().explain())

# %% [markdown]
# ## Curvature
#
# Where the second derivative is positive the graph bends upwards, where it is negative downwards. In two variables the
# signs of the eigenvalues of the Hessian say in how many directions.

# %%
figure = Figure(figsize=(9.0, 7.0), layout="constrained")
pictures = (("x^4 - 2*x^2", "x"), ("exp(-x^2)", "x"), ("x^3 - 3*x + y^2", "x y"), ("exp(-x^2 - y^2)", "x y"))
for ax, (formula, variables) in zip(figure.subplots(2, 2).flat, pictures, strict=True):
    f = Problem(formula, variables)
    plot_curvature(f, ax=ax)
    ax.set_title(f"${f.latex()}$")
handout.section("Curvature")
handout.draw(
    figure, "curvature", "Where functions bend upwards and downwards, with a chord that refutes convexity."
)

# %%
handout.write()
