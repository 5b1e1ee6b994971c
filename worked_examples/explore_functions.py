"""Four functions with all that can be said of them."""

# %% [markdown]
# # Exploring some functions
#
# The notes ask to choose some functions, compute gradient and Hessian and analyse them. Four that behave
# differently: one whose Hessian says nothing, one with a narrow valley, one with an exponential and a
# parameter, one with a kink and a parameter.

# %%
from __future__ import annotations

from matplotlib.figure import Figure
from shared.handout import Handout

from symopt import Problem
from symopt.plotting import plot_contours, plot_function

handout = Handout("explore_functions", "Exploring some functions")

# %% [markdown]
# ## The monkey saddle
#
# Three valleys and three ridges meet at the origin, where the Hessian is zero: what the point is shows
# along curves.

# %%
monkey = Problem("x^3 - 3*x*y^2", "x y")
handout.section("The monkey saddle")
handout.show(monkey.worked_answer())
handout.draw(
    plot_contours(monkey, region=[(-2, 2), (-2, 2)]), "monkey", "Level lines of $x^3 - 3 x y^2$.", 0.62
)

# %% [markdown]
# ## Rosenbrock's function
#
# One minimum at the bottom of a curved valley, found exactly, on which gradient descent creeps and
# Newton's method does not.

# %%
rosenbrock = Problem("(1 - x)^2 + 100*(y - x^2)^2", "x y")
descent = rosenbrock.run([-1, 1], method="gd", step_size="1/1000", max_iterations=2000)
newton = rosenbrock.run([-1, 1], method="newton")
handout.section("Rosenbrock's function")
handout.show(rosenbrock.worked_answer())
handout.draw(
    plot_contours(rosenbrock, [descent, newton], region=[(-1.6, 1.6), (-3.4, 2.2)]),
    "rosenbrock",
    rf"{descent.nit} steps of gradient descent and {newton.nit} steps of Newton's method from $(-1, 1)$.",
    0.62,
)

# %% [markdown]
# ## An exponential with a parameter
#
# Whether there is a minimum depends on a; where there is one it moves with a, as log a.

# %%
exponential = Problem("exp(x) - a*x", "x")
handout.section("An exponential with a parameter")
handout.show(exponential.worked_answer())
figure = Figure(figsize=(9.0, 3.4), layout="constrained")
for ax, value in zip(figure.subplots(1, 3), (2, 0, -1), strict=True):
    plot_function(exponential.at(a=value), ax=ax, region=[(-3, 3)])
    ax.set_title(f"$a = {value}$")
handout.draw(figure, "exponential", "$e^x - a x$ with a minimum, a limit and neither.")

# %% [markdown]
# ## A kink and a parameter
#
# A parabola around p and a penalty 2|x|: the minimiser is p moved towards 0 by one, and 0 itself when |p|
# is at most 1. This is how an l1 penalty makes parameters of a model exactly zero.

# %%
kink = Problem("(x - p)^2 + 2*abs(x)", "x")
handout.section("A kink and a parameter")
handout.show(kink.worked_answer(parts=["statement", "derivatives", "stationary", "convexity"]))
handout.say(
    """The function is strictly convex, so its local minimum is the only one and global: at $p - 1$ for $p
    > 1$, at the kink $0$ for $-1 \\leq p \\leq 1$, and at $p + 1$ for $p < -1$. At the kink there is no
    derivative to set to zero; what counts is that the slope changes sign there."""
)
figure = Figure(figsize=(9.0, 3.4), layout="constrained")
for ax, value in zip(figure.subplots(1, 3), (2, "1/2", -2), strict=True):
    plot_function(kink.at(p=value), ax=ax, region=[(-3, 3)])
    ax.set_title(f"$p = {value}$")
handout.draw(figure, "kink", "The minimum of $(x - p)^2 + 2 |x|$ stays at the kink while $|p| \\leq 1$.")

# %%
handout.write()
