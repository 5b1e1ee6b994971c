"""Functions whose minima have a closed form."""

# %% [markdown]
# # Minima in closed form
#
# Two functions of the notes' first list of things to do ("show a few parametric functions and indicate
# their closed-form minima"): one with a single minimum, one with four.

# %%
from __future__ import annotations

from shared.handout import Handout

from symopt import Problem
from symopt.plotting import plot_contours

handout = Handout("closed_form_minima", "Minima in closed form")
bowl = Problem("(x - 1)^2 + (y + 2)^2", "x y")
wells = Problem("(x^2 - 1)^2 + (y^2 - 1)^2", "x y")

# %% [markdown]
# ## One minimum
#
# The function is strictly convex, so its stationary point is the only minimum there is.

# %%
handout.section("One minimum")
handout.show(bowl.worked_answer())
handout.draw(plot_contours(bowl), "bowl", "Level lines of $(x - 1)^2 + (y + 2)^2$.", 0.62)

# %% [markdown]
# ## Four minima
#
# Nine stationary points: four minima of equal value, four saddles between them and a maximum in the
# middle. The maximum is local: the function has no global one.

# %%
handout.section("Four minima")
handout.show(wells.worked_answer())
handout.draw(plot_contours(wells), "wells", "Level lines of $(x^2 - 1)^2 + (y^2 - 1)^2$.", 0.62)
handout.say(
    r"""With four minimisers, $x_\star = \arg\min f$ in the notes' (2.12) cannot be an equation between
    points: $\arg\min f$ is a set, and $x_\star \in \arg\min f$ is meant, as (2.16) writes it. And in the
    definition (2.14) of a local optimum the number $\lambda$ is introduced but not used; it is the radius
    of the neighbourhood in which $x_\star$ is compared: $f(x_\star) \leq f(x)$ for all $x$ with $\|x -
    x_\star\| < \lambda$, as (2.18) has it."""
)

# %% [markdown]
# ## A parametric function
#
# The parabola with three parameters. Dividing by 2a makes a case of a = 0, and what is left there one of
# b.

# %%
parabola = Problem("a*x^2 + b*x + c", "x")
handout.section("A parametric function")
handout.show(parabola.worked_answer(parts=["statement", "derivatives", "stationary", "minimum"]))

# %%
handout.write()
