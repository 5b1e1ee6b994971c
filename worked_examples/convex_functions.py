"""The notes' list of convex functions in one dimension, with proofs and pictures."""

# %% [markdown]
# # Convex functions in one dimension
#
# The notes list six convex functions without proofs or pictures. Here each of them gets both, together
# with what the list leaves open: on which set the function lives, what its parameter may be, and whether
# the convexity is strict.

# %%
from __future__ import annotations

from matplotlib.figure import Figure
from shared.handout import Handout

from symopt import Problem
from symopt.plotting import plot_chord

handout = Handout("convex_functions", "Convex functions in one dimension")
handout.say(
    r"""A function is convex when the chord between any two points of its graph lies nowhere below the
    graph, and strictly convex when the chord touches the graph at its ends only. Where the sign of the
    second derivative settles everything, it is the proof below. The notes head their list with “from
    $\mathbb{R}$ to $\mathbb{R}$”, but $-\log x$, $x^a$ and $x \log x$ are defined for $x > 0$ only (and
    $x^a$, when $a > 0$, also at $0$)."""
)

# %% [markdown]
# ## The list, with proofs
#
# Each function on its own set and for the values of a that the notes give. The proof is by the second
# derivative wherever that proves all that is true of the function, strictness and every value of a included.
# It does not for e^(ax), which is strictly convex except for a = 0, nor for |x|^a, which need not have a
# second derivative at 0; there a rule for known functions is the proof. `assuming` restricts a parameter,
# `subject_to` a variable.

# %%
notes_list = {
    "$x^2$": Problem("x^2", "x"),
    "$e^{ax}$ for every real $a$": Problem("exp(a*x)", "x"),
    r"$-\log x$": Problem("-log(x)", "x"),
    "$x^a$ with $a > 1$, $x > 0$": Problem("x^a", "x", subject_to=["x > 0"], assuming=["a > 1"]),
    "$|x|^a$ with $a > 1$": Problem("abs(x)^a", "x", assuming=["a > 1"]),
    r"$x \log x$": Problem("x*log(x)", "x"),
}


def said(convexity):
    """What an answer says: kind and strictness for each case of the parameter."""
    return [(case.condition, case.result.kind, case.result.strict) for case in convexity]


for title, f in notes_list.items():
    answer, by_second_derivative = f.convexity(), f.convexity(by="hessian")
    proved = by_second_derivative if said(by_second_derivative) == said(answer) else answer
    handout.section(title)
    handout.show(f.worked_answer(parts=["statement", "derivatives", "convexity"], detail="answer"))
    handout.say("The proof, step by step:")
    handout.show(proved.explain(detail="full"))

# %% [markdown]
# ## Pictures
#
# A chord over each graph, with the epigraph (the set above the graph) shaded.

# %%
pictures = (
    ("$x^2$", notes_list["$x^2$"], -1, 2),
    ("$e^{ax}$, $a = -1$", Problem("exp(-x)", "x"), -2, 1),
    (r"$-\log x$", notes_list[r"$-\log x$"], "1/4", 3),
    ("$x^a$, $a = 3/2$", notes_list["$x^a$ with $a > 1$, $x > 0$"].at(a="3/2"), "1/4", 3),
    ("$|x|^a$, $a = 3/2$", Problem("abs(x)^(3/2)", "x"), -1, 2),
    (r"$x \log x$", notes_list[r"$x \log x$"], "1/8", 2),
)
figure = Figure(figsize=(9.0, 5.6), layout="constrained")
for ax, (title, f, left, right) in zip(figure.subplots(2, 3).flat, pictures, strict=True):
    plot_chord(f, left, right, ax=ax, legend=False)
    ax.set_title(title)
handout.section("Pictures")
handout.draw(figure, "chords", "The chord between two points of each graph, and the epigraph.")

# %% [markdown]
# ## What the list leaves open
#
# The bounds on a are not the best ones, and one entry is beyond the notes' own theorem.

# %%
handout.section("What the list leaves open")
handout.say(
    r"""The list asks for $a > 1$ in $x^a$ and in $|x|^a$. Asked without that condition for $x > 0$,
    symopt finds every $a$ for which $x^a$ is convex:"""
)
power = Problem("x^a", "x", subject_to=["x > 0"])
handout.show(power.convexity().explain())
handout.say(
    r"""So $a > 1$ may be replaced by $a \geq 1$ or $a \leq 0$. Likewise $|x|^a$ is convex for $a = 1$,
    though not strictly:"""
)
handout.show(Problem("abs(x)", "x").convexity().explain())
handout.say(
    r"""The notes' Theorem 2.1, convex if and only if the second derivative is nowhere negative, is for
    functions that are twice differentiable on a convex set. $|x|^a$ with $1 < a < 2$ is not twice
    differentiable at $0$, so the theorem does not reach it: its convexity needs another proof. Of
    $e^{ax}$, which the notes allow for every real $a$, the case $a = 0$ is the constant $1$: convex, but
    not strictly."""
)
handout.say(
    r"""One sign in the notes' proof of that theorem is turned round: (2.34) ends in $f(z) \geq (1 - t)
    f(a) + t f(b)$, which says that the graph lies above the chord. With $f(x) = x^2$, $a = 0$, $b = 2$,
    $t = 1/2$ it would say $1 \geq 2$. The argument is right once the tangent is taken at $z$ and
    evaluated at $a$ and at $b$: $f(a) \geq f(z) + (a - z) f'(z)$ and $f(b) \geq f(z) + (b - z) f'(z)$.
    Multiplied by $1 - t$ and $t$ and added, the slopes cancel, and $(1 - t) f(a) + t f(b) \geq f(z)$ is
    left."""
)

# %%
handout.write()
