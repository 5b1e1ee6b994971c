"""x^4 against a second-order condition that says "if and only if"."""

# %% [markdown]
# # The second-order condition is not an equivalence
#
# The notes state: theta is a local minimum "if and only if" the gradient is 0 and the Hessian is positive
# definite. "If" is right, "only if" is not, and x^4 shows it.

# %%
from __future__ import annotations

from matplotlib.figure import Figure
from shared.handout import Handout

from symopt import Problem
from symopt.plotting import plot_function

handout = Handout("second_order_condition", "The second-order condition is not an equivalence")
handout.say(
    r"""The notes give as the second-order sufficient condition that $\theta_\star$ is a local minimum “if
    and only if” the gradient vanishes there and the Hessian is positive definite. A sufficient condition
    is one-sided: “if”. The other direction fails at the origin of $x^4$."""
)

# %% [markdown]
# ## A strict minimum without a positive definite Hessian

# %%
quartic = Problem("x^4", "x")
handout.section("A strict minimum without a positive definite Hessian")
handout.show(quartic.worked_answer())
handout.say(
    r"""So $0$ is a strict local minimum, even the global one, of a strictly convex function, and the
    second derivative $12 x^2$ is $0$ there: not positive. The first derivative that does not vanish at
    $0$ is the fourth; it is positive and of even order, and that decides."""
)

# %% [markdown]
# ## The necessary condition is not sufficient either
#
# x^4, x^3 and -x^4 have the same first and second derivative at 0, and are three different things there.

# %%
cubic = Problem("x^3", "x")
inverted = Problem("-x^4", "x")
handout.section("The necessary condition is not sufficient")
handout.say(
    r"""All of $x^4$, $x^3$ and $-x^4$ have $f'(0) = f''(0) = 0$, which fulfils the necessary condition (a
    positive semidefinite Hessian). They are a minimum, a point of inflection and a maximum."""
)
for f in (cubic, inverted):
    handout.show(f.worked_answer(parts=["statement", "derivatives", "stationary"]))
figure = Figure(figsize=(9.0, 3.4), layout="constrained")
for ax, (title, f) in zip(
    figure.subplots(1, 3), {"$x^4$": quartic, "$x^3$": cubic, "$-x^4$": inverted}.items(), strict=True
):
    plot_function(f, ax=ax, region=[(-1.2, 1.2)])
    ax.set_title(title)
handout.draw(figure, "three_signs", "The same gradient and the same Hessian at $0$, three kinds of point.")

# %% [markdown]
# ## What is true
#
# With a parameter the border between the two cases is seen.

# %%
handout.section("What is true")
handout.say(
    r"""If the gradient vanishes and the Hessian is positive definite, the point is a strict local
    minimum. If the point is a local minimum, the gradient vanishes and the Hessian is positive
    semidefinite. Between the two lies the Hessian that is singular, where higher derivatives or the
    function itself must be asked. In $x^4 + p x^2$ the sign of $p$ leads through all of it:"""
)
handout.show(Problem("x^4 + p*x^2", "x").worked_answer(parts=["derivatives", "stationary"], detail="answer"))

# %%
handout.write()
