"""Linear regression, from the loss to the line through Forbes's measurements of 1857, exactly and by descent."""

# %% [markdown]
# # Linear regression
#
# The notes' first example: the sum of squared differences between observations and the predictions of an affine
# function. The loss is written as on the blackboard, with N and M symbolic; then numbers are put in.

# %%
from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from shared.handout import Handout
from sympy import MatrixSymbol, Rational, latex, symbols

from symopt import Problem, norm, ones
from symopt.plotting import plot_contours, plot_values

N, M = symbols("N M", integer=True, positive=True)
X, y, a = MatrixSymbol("X", N, M), MatrixSymbol("y", N, 1), MatrixSymbol("a", M, 1)
b, slope, height = symbols("b slope height", real=True)
J = Problem(norm(y - X * a - b * ones(N)) ** 2, [a, b])

handout = Handout("linear_regression", "Linear regression")
handout.section("The loss and its derivatives")
handout.say(
    r"""With the observations $x_i$ as the rows of a matrix $X$ and the targets in a vector $y$, the loss
    (2.3) of the notes, $\sum_i (y_i - a^\top x_i - b)^2$, is"""
)
handout.say(f"$${J.latex()}$$")
handout.show(J.derivatives().explain())
handout.section("The normal equations and their solution")
handout.show(J.stationary_points().explain())

# %% [markdown]
# ## The data
#
# James D. Forbes measured at 17 places in the Alps and in Scotland at which temperature water boils and how high
# the barometer stands (Transactions of the Royal Society of Edinburgh 21, 1857, pages 135 to 143): degrees
# Fahrenheit, and inches of mercury. The publication is in the public domain.

# %%
FORBES = """
194.5 20.79   194.3 20.79   197.9 22.40   198.4 22.67   199.4 23.15   199.9 23.35
200.9 23.89   201.1 23.99   201.4 24.02   201.3 24.01   203.6 25.14   204.6 26.57
209.5 28.49   208.6 27.76   210.7 29.04   211.9 29.88   212.2 30.06
"""
numbers = [Rational(text) for text in FORBES.split()]
exact = list(zip(numbers[::2], numbers[1::2], strict=True))
boiling, pressure = (np.array(column, dtype=float) for column in zip(*exact, strict=True))

handout.section("Forbes's measurements")
handout.say(
    r"""James D. Forbes measured at 17 places in the Alps and in Scotland at which temperature water boils, in
    degrees Fahrenheit, and how high the barometer stands, in inches of mercury (Trans. R. Soc. Edinburgh
    21, 1857, pp. 135--143). A barometer is hard to carry up a mountain; a line would let a thermometer
    stand for it. With the decimals as printed the loss is a function of two numbers, whose minimum is
    exact:"""
)
written = Problem(sum((p - slope * t - height) ** 2 for t, p in exact), [slope, height])
names = {"slope": "a", "height": "b"}
handout.show(written.worked_answer(parts=["derivatives", "minimum"], detail="answer", names=names))
(point,) = written.stationary_points().points
line = {symbol: float(point.branch.values[symbol]) for symbol in (slope, height)}
handout.say(
    rf"""In decimals the line is ${line[slope]:.5f} x {line[height]:+.5f}$: half an inch of mercury for a
    degree. The same loss in arrays, with the measurements put in for $X$ and $y$, is minimised by
    Newton's method, in one step but for rounding, as it is quadratic:"""
)
fit = J.with_data({X: boiling[:, None], y: pressure})
newton = fit.run({a: [0], b: 0}, method="newton")
handout.table(
    ("", "slope", "height at 0"),
    [
        ("exact", f"${line[slope]:.10f}$", f"${line[height]:.8f}$"),
        ("Newton's method", f"${newton.x[0]:.10f}$", f"${newton.x[1]:.8f}$"),
    ],
)

figure = Figure(figsize=(5.6, 3.6), layout="constrained")
ax = figure.subplots()
predicted = line[slope] * boiling + line[height]
ax.vlines(boiling, predicted, pressure, color="tab:red", linewidth=1.2, label="differences")
ax.plot(boiling, predicted, color="tab:blue", linewidth=1.5, label="the line of least squares")
ax.plot(boiling, pressure, "o", color="black", markersize=4, label="Forbes, 1857")
ax.set_xlabel("water boils at (degrees Fahrenheit)")
ax.set_ylabel("barometer (inches of mercury)")
ax.legend(frameon=False)
handout.draw(figure, "line", "The line that makes the sum of the squared differences least.", 0.75)

# %% [markdown]
# ## Why the temperatures are centred before descending
#
# Gradient descent needs many steps where the eigenvalues of the Hessian lie far apart, and they do as long as all
# temperatures lie near 200. Measured from their mean they do not.

# %%
middle = sum((t for t, _ in exact), Rational(0)) / len(exact)
centred = Problem(sum((p - slope * (t - middle) - height) ** 2 for t, p in exact), [slope, height])
handout.section("Descent, and why to centre first")
handout.say(
    rf"""Gradient descent shrinks the error by $(L - \mu)/(L + \mu)$ a step at best, where $\mu$ and $L$ are
    the smallest and the largest eigenvalue of the Hessian. Measured from their mean ${latex(middle)}$,
    the temperatures give a Hessian without mixed entries:"""
)
handout.show(centred.worked_answer(parts=["derivatives"], detail="answer", names=names))
rows = []
for name, problem in (("as measured", written), ("from their mean", centred)):
    eigenvalues = np.linalg.eigvalsh(np.array(problem.hessian, dtype=float))
    low, high = float(eigenvalues[0]), float(eigenvalues[1])
    rate = (high - low) / (high + low)
    steps = np.log(1e-6) / np.log(rate)
    rows.append((name, f"${low:.4g}$", f"${high:.4g}$", f"${rate:.10f}$", f"${steps:.3g}$"))
handout.table(
    ("temperatures", r"$\mu$", "$L$", "factor a step", r"steps for a factor of $10^{-6}$"),
    rows,
)
size = 2 / float(sum(np.linalg.eigvalsh(np.array(centred.hessian, dtype=float))))
run = centred.run([0, 20], step_size=size, max_iterations=400)
handout.say(f"With the best constant step size for the centred loss: {run.message} {run.rates.capitalize()}.")
figure = Figure(figsize=(8.6, 3.6), layout="constrained")
left, right = figure.subplots(1, 2)
plot_contours(centred, run, ax=left, region=[(-0.2, 1.3), (18, 32)], colourbar=False, legend=False)
plot_values(run, ax=right, optimum=float(centred.minimum().value), legend=False)
handout.draw(
    figure,
    "descent",
    "Gradient descent in centred temperatures: its path, and how fast it arrives.",
)

handout.write()
