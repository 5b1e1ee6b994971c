"""The notes' quadratic with a parameter: every kind of stationary point, for every p."""

# %% [markdown]
# # Different stationary points
#
# The notes' example (2.19) is f(x, y) = (p - 1) x^2 + (p + 1) y^2 with a real parameter p. They name
# three cases, p > 1, -1 < p < 1 and p < -1, and leave two things to do: a figure for the cases, and a
# discussion of |p| = 1. Both are done here, and nothing below is typed in: the five cases are found.

# %%
from __future__ import annotations

from shared.handout import Handout

from symopt import Problem
from symopt.plotting import plot_parameter_panel

f = Problem("(p-1)*x^2 + (p+1)*y^2", "x y")
handout = Handout("stationary_points", "Different stationary points")

# %% [markdown]
# ## The worked answer
#
# One call gives the statement, the derivatives, all stationary points with their labels, convexity, and
# the global minimum and maximum, each for every real p.

# %%
handout.show(f.worked_answer())

# %% [markdown]
# ## Pictures
#
# The three signs of the two eigenvalues, and between them the two values of p where one eigenvalue is
# zero.

# %%
figure, _ = plot_parameter_panel(f, "p", [2, 0, -2], region=[(-2, 2), (-2, 2)])
handout.section("Pictures")
handout.draw(figure, "three_signs", "A minimum ($p = 2$), a saddle ($p = 0$) and a maximum ($p = -2$).")

figure, _ = plot_parameter_panel(f, "p", [1, -1], region=[(-2, 2), (-2, 2)])
handout.draw(
    figure, "borders", "For $p = 1$ and $p = -1$ the stationary points are a whole line (black).", 0.7
)

# %% [markdown]
# ## The case |p| = 1
#
# The notes say that the only stationary point is (0, 0). That is so for every p except the two that they
# set aside. Note that the Hessian test is silent there: it is singular, so the labels have to come from
# the function itself.

# %%
handout.section("The case $|p| = 1$")
handout.say(
    r"""The notes say that “the only stationary point is $(x, y) = (0, 0)$”. This holds whenever $|p| \neq
    1$. To solve $2(p - 1)x = 0$ for $x$ one divides by $p - 1$, and for $p = 1$ that is a division by
    zero: every $x$ is a solution. So there is a line of stationary points, and the Hessian is singular on
    it."""
)
for value in (1, -1):
    points = f.stationary_points().at(p=value)
    handout.say(f"For $p = {value}$:")
    handout.show(points.explain())
handout.say(
    r"""In both cases the second-order necessary condition holds and the sufficient one does not, so the
    Hessian alone decides nothing: $2 y^2$ and $2 y^2 - x^4$ have the same gradient and the same Hessian
    at the origin, which is a minimum of the first and a saddle point of the second. What decides is that
    $2 y^2 \geq 0$ everywhere. The minima are not strict, since a neighbour on the line has the same
    value."""
)
handout.show(Problem("2*y^2 - x^4", "x y").stationary_points().explain())

# %%
handout.write()
