"""Problems with known answers, each with a hand derivation in a comment: every feature is tested over all of them.

A point is written "x, y: kind" with kind one of min, max, saddle, inflection, constant; a question mark after min or max
says that it is not strict. A family gives its coordinates in t. `at` are the parameter values that the answer is for.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What is true of a problem at some values of its parameters."""

    points: tuple[str, ...]
    convexity: str = ""
    minimum: str = ""
    maximum: str = ""
    kinks: tuple[str, ...] = ()
    at: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """A problem and its answers, one for each kind of parameter value."""

    objective: str
    variables: str
    answers: tuple[Answer, ...]
    subject_to: tuple[str, ...] = ()
    assuming: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.objective + (" on " + ", ".join(self.subject_to) if self.subject_to else "")


def known(objective: str, variables: str, *answers: Answer, on: str = "", assuming: str = "") -> Known:
    return Known(
        objective,
        variables,
        answers,
        tuple(on.split(";")) if on else (),
        tuple(assuming.split(";")) if assuming else (),
    )


def at(
    values: str,
    *points: str,
    convexity: str = "",
    minimum: str = "",
    maximum: str = "",
    kinks: tuple[str, ...] = (),
) -> Answer:
    table = dict(pair.split("=") for pair in values.split(",")) if values else {}
    return Answer(points, convexity, minimum, maximum, kinks, table)


def one(
    *points: str, convexity: str = "", minimum: str = "", maximum: str = "", kinks: tuple[str, ...] = ()
) -> Answer:
    return at("", *points, convexity=convexity, minimum=minimum, maximum=maximum, kinks=kinks)


PROBLEMS = (
    # The notes' example (2.19): eigenvalues 2(p-1), 2(p+1); at |p| = 1 one of them is 0 and a whole line is stationary.
    known(
        "(p-1)*x^2+(p+1)*y^2",
        "x y",
        at("p=2", "0, 0: min", convexity="convex strict", minimum="0", maximum="oo"),
        at("p=5/4", "0, 0: min", convexity="convex strict", minimum="0", maximum="oo"),
        at("p=1", "t, 0: min?", convexity="convex", minimum="0", maximum="oo"),
        at("p=0", "0, 0: saddle", convexity="neither", minimum="-oo", maximum="oo"),
        at("p=-1", "0, t: max?", convexity="concave", minimum="-oo", maximum="0"),
        at("p=-3", "0, 0: max", convexity="concave strict", minimum="-oo", maximum="0"),
    ),
    # Completing the square: (x-1)^2 + (y+2)^2.
    known("(x-1)^2+(y+2)^2", "x y", one("1, -2: min", convexity="convex strict", minimum="0", maximum="oo")),
    # x(x^2-1) = 0 and y(y^2-1) = 0: nine points; f is a sum of squares, 0 exactly at (+-1, +-1).
    known(
        "(x^2-1)^2+(y^2-1)^2",
        "x y",
        one(
            "0, 0: max",
            "1, 0: saddle",
            "-1, 0: saddle",
            "0, 1: saddle",
            "0, -1: saddle",
            "1, 1: min",
            "1, -1: min",
            "-1, 1: min",
            "-1, -1: min",
            convexity="neither",
            minimum="0",
            maximum="oo",
        ),
    ),
    # f' = 3(x-1)(x+1), f'' = 6x.
    known("x^3-3*x", "x", one("-1: max", "1: min", convexity="neither", minimum="-oo", maximum="oo")),
    known("x^3", "x", one("0: inflection", convexity="neither", minimum="-oo", maximum="oo")),
    # The first derivative at 0 that does not vanish is the fourth, 24 > 0; f'' = 12 x^2 vanishes at 0 only.
    known("x^4", "x", one("0: min", convexity="convex strict", minimum="0", maximum="oo")),
    # f' = 5 x^2 (x^2 - 3): f''(0) = 0 and f'''(0) = -30, so 0 is an inflection.
    known(
        "x^5-5*x^3", "x", one("0: inflection", "sqrt(3): min", "-sqrt(3): max", minimum="-oo", maximum="oo")
    ),
    # Pitchfork: f' = 2x(2x^2 + a); for a < 0 minima at +-sqrt(-a/2) with the value -a^2/4.
    known(
        "x^4+a*x^2",
        "x",
        at("a=3", "0: min", convexity="convex strict", minimum="0"),
        at("a=0", "0: min", convexity="convex strict", minimum="0"),
        at("a=-2", "0: max", "1: min", "-1: min", convexity="neither", minimum="-1"),
    ),
    # Transcritical: f' = x(x + a), f''(0) = a, f''(-a) = -a.
    known(
        "x^3/3+a*x^2/2",
        "x",
        at("a=2", "0: min", "-2: max", convexity="neither"),
        at("a=-2", "0: max", "2: min", convexity="neither"),
        at("a=0", "0: inflection", convexity="neither"),
    ),
    # H = [[2, 2], [2, 2a]], det = 4(a - 1); subtracting the equations gives (2a - 2) y + c = 0.
    known(
        "x^2+a*y^2+2*x*y+c*y",
        "x y",
        at("a=2,c=2", "1, -1: min", convexity="convex strict", minimum="-1"),
        at("a=0,c=2", "-1, 1: saddle", convexity="neither", minimum="-oo"),
        at("a=1,c=2", convexity="convex", minimum="-oo"),
        at("a=1,c=0", "-t, t: min?", convexity="convex", minimum="0"),
    ),
    # f' = a - x^-2 ... for x > 0: f = n log s + S/(2 s^2), f' = (n s^2 - S)/s^3.
    known(
        "n*log(s)+S/(2*s^2)",
        "s",
        at("n=2,S=8", "2: min", minimum="2*log(2)+1"),
        at("n=1,S=0", minimum="-oo"),
        on="s>0",
        assuming="n>0;S>=0",
    ),
    # f' = log x + 1.
    known("x*log(x)", "x", one("exp(-1): min", convexity="convex strict", minimum="-exp(-1)", maximum="oo")),
    # f' = (1 - x) e^-x.
    known("x*exp(-x)", "x", one("1: max", convexity="neither", minimum="-oo", maximum="exp(-1)")),
    # Decreasing towards 0, never reached; f'' = f > 0.
    known("exp(-x)", "x", one(convexity="convex strict", minimum="0 not", maximum="oo")),
    # e^(ax): f' = a e^(ax) vanishes only when a = 0, where f is constant.
    known(
        "exp(a*x)",
        "x",
        at("a=2", convexity="convex strict", minimum="0 not", maximum="oo"),
        at("a=-1", convexity="convex strict", minimum="0 not", maximum="oo"),
        at("a=0", "t: constant", convexity="affine", minimum="1", maximum="1"),
    ),
    known("-log(x)", "x", one(convexity="convex strict", minimum="-oo", maximum="oo")),
    # x^a on x > 0: f'' = a(a - 1) x^(a-2).
    known(
        "x^a",
        "x",
        at("a=3", convexity="convex strict", minimum="0 not", maximum="oo"),
        at("a=3/2", convexity="convex strict", minimum="0 not", maximum="oo"),
        on="x>0",
        assuming="a>1",
    ),
    # |x|^a, a > 1: differentiable at 0 with derivative 0; convex as an increasing convex power of a convex function.
    known("abs(x)^a", "x", at("a=3/2", "0: min", convexity="convex strict"), assuming="a>1"),
    # A kink: slopes -1 and 1.
    known("abs(x)", "x", one(convexity="convex", minimum="0", maximum="oo", kinks=("0: min",))),
    # Slopes -3, -1, 1, 3 between the kinks: the minimum is at the median 2, with the value 1 + 0 + 2.
    known(
        "abs(x-1)+abs(x-2)+abs(x-4)",
        "x",
        one(convexity="convex", minimum="3", kinks=("1: inflection", "2: min", "4: inflection")),
    ),
    # Flat to the left of 0.
    known("max(0,x)^2", "x", one("0: min?", "t: constant", convexity="convex", minimum="0", maximum="oo")),
    # Rosenbrock: (1 - x)^2 + 100 (y - x^2)^2 is 0 only at (1, 1).
    known("100*(y-x^2)^2+(1-x)^2", "x y", one("1, 1: min", convexity="neither", minimum="0", maximum="oo")),
    # Cubic equations x^3 = y, y^3 = x: x^9 = x.
    known(
        "x^4+y^4-4*x*y+1",
        "x y",
        one("0, 0: saddle", "1, 1: min", "-1, -1: min", convexity="neither", minimum="-1", maximum="oo"),
    ),
    # The monkey saddle: t^3 along (t, 0).
    known("x^3-3*x*y^2", "x y", one("0, 0: saddle", convexity="neither", minimum="-oo", maximum="oo")),
    # Both axes: f = 0 there and f >= 0 everywhere.
    known("x^2*y^2", "x y", one("0, t: min?", "t, 0: min?", convexity="neither", minimum="0", maximum="oo")),
    known("x^4+y^4", "x y", one("0, 0: min", convexity="convex strict", minimum="0", maximum="oo")),
    known("x^2-y^4", "x y", one("0, 0: saddle", convexity="neither", minimum="-oo", maximum="oo")),
    known("x^2+y^3", "x y", one("0, 0: saddle", convexity="neither", minimum="-oo", maximum="oo")),
    # Peano: negative along y = 2 x^2 and positive along x = 0.
    known("(y-x^2)*(y-3*x^2)", "x y", one("0, 0: saddle", convexity="neither", minimum="-oo", maximum="oo")),
    # x = y z, 3 y^5 = y z^2 and 3 z^5 = y^2 z: 0, or y^2 = z^2 = 1/3. f = (x - y z)^2 + (y^6 + z^6 - y^2 z^2), and by the
    # means y^6 + z^6 + 1/27 >= y^2 z^2. No line goes below 0 at 0, but f(s^2, s, s) = -s^4 + 2 s^6.
    known(
        "x^2-2*x*y*z+y^6+z^6",
        "x y z",
        one(
            "0, 0, 0: saddle",
            "1/3, 1/sqrt(3), 1/sqrt(3): min",
            "1/3, -1/sqrt(3), -1/sqrt(3): min",
            "-1/3, 1/sqrt(3), -1/sqrt(3): min",
            "-1/3, -1/sqrt(3), 1/sqrt(3): min",
            convexity="neither",
            minimum="-1/27",
            maximum="oo",
        ),
    ),
    # (x + y)^2 + x^4 = 0 forces x = 0 and then y = 0.
    known("(x+y)^2+x^4", "x y", one("0, 0: min", convexity="convex strict", minimum="0")),
    # y - 1/x^2 = 0 and x - 1/y^2 = 0 on the open quadrant: x = y = 1; by the means, f >= 3.
    known("x*y+1/x+1/y", "x y", one("1, 1: min", minimum="3", maximum="oo"), on="x>0;y>0"),
    # exp of a concave quadratic: a maximum at (0, 2) with the value e^4; f > 0 and f -> 0 along any ray.
    known("exp(4*y-x^2-y^2)", "x y", one("0, 2: max", minimum="0 not", maximum="exp(4)")),
    # Linear systems in closed form.
    known(
        "(x+2*y-7)^2+(2*x+y-5)^2",
        "x y",
        one("1, 3: min", convexity="convex strict", minimum="0", maximum="oo"),
    ),
    # x^2 + (x y - 1)^2 > 0, and 1/s^2 along (1/s, s).
    known("x^2+(x*y-1)^2", "x y", one("0, 0: saddle", convexity="neither", minimum="0 not", maximum="oo")),
    # x f' = 2 x^2 - e^-x ... f = x^2 + e^x: f' = 2x + e^x is increasing; its zero is -W(1/2).
    known("x^2+exp(x)", "x", one("-LambertW(1/2): min", convexity="convex strict", maximum="oo")),
    # Closed interval: f' = 3(x-1)(x+1), the values at the ends are f(-3) = -18 and f(2) = 2.
    known("x^3-3*x", "x", one("-1: max", "1: min", minimum="-18", maximum="2"), on="x>=-3;x<=2"),
    # The border is not stationary: the least value of sqrt(x) is at 0.
    known("sqrt(x)", "x", one(convexity="concave strict", minimum="0", maximum="oo")),
    # Likelihood of a success probability: maximum at S/n.
    known(
        "S*log(t)+(n-S)*log(1-t)",
        "t",
        at("n=4,S=1", "1/4: max", convexity="concave strict", minimum="-oo"),
        at("n=3,S=0", convexity="concave strict", maximum="0 not"),
        assuming="n>0;S>=0;S<=n",
    ),
    # A quadratic in general position: c - b^2/(4a).
    known(
        "a*x^2+b*x+c",
        "x",
        at("a=1,b=2,c=3", "-1: min", convexity="convex strict", minimum="2", maximum="oo"),
        at("a=-2,b=4,c=0", "1: max", convexity="concave strict", minimum="-oo", maximum="2"),
        at("a=0,b=1,c=5", convexity="affine", minimum="-oo", maximum="oo"),
        at("a=0,b=0,c=5", "t: constant", convexity="affine", minimum="5", maximum="5"),
    ),
    # H = [[6x, -3a], [-3a, 6y]]; (a, a) is a minimum for a > 0 and a maximum for a < 0.
    known(
        "x^3+y^3-3*a*x*y",
        "x y",
        at("a=1", "0, 0: saddle", "1, 1: min", minimum="-oo"),
        at("a=0", "0, 0: saddle", minimum="-oo"),
        at("a=-1", "0, 0: saddle", "-1, -1: max", minimum="-oo"),
    ),
    # Waves: t counts the periods. f' = cos x; f'' = -sin x.
    known(
        "sin(x)",
        "x",
        one("2*pi*t-pi/2: min", "2*pi*t+pi/2: max", convexity="neither", minimum="-1", maximum="1"),
    ),
    # cos x = -a: no solution for |a| > 1; at a = 1, f' = 1 + cos x >= 0 touches 0 at the odd multiples of pi.
    known(
        "sin(x)+a*x",
        "x",
        at("a=2", minimum="-oo", maximum="oo"),
        at("a=1", "2*pi*t+pi: inflection", minimum="-oo", maximum="oo"),
        at("a=1/2", "2*pi*t-2*pi/3: min", "2*pi*t+2*pi/3: max", minimum="-oo", maximum="oo"),
        at("a=0", "2*pi*t-pi/2: min", "2*pi*t+pi/2: max", minimum="-1", maximum="1"),
    ),
    known(
        "a*sin(x)",
        "x",
        at("a=2", "2*pi*t-pi/2: min", "2*pi*t+pi/2: max", convexity="neither", minimum="-2", maximum="2"),
        at("a=0", "t: constant", convexity="affine", minimum="0", maximum="0"),
        at("a=-1", "2*pi*t-pi/2: max", "2*pi*t+pi/2: min", convexity="neither", minimum="-1", maximum="1"),
    ),
    # A circle of minima: f >= 0 is 0 exactly on it; f = 1 - 2|x|^2 + ... at the centre.
    known(
        "(x^2+y^2-1)^2",
        "x y",
        one("0, 0: max", "cos(t), sin(t): min?", convexity="neither", minimum="0", maximum="oo"),
    ),
    # grad f = 4(|x|^2 - r) x. For r <= 0 the square of a function that is least at 0, with the value -r >= 0.
    known(
        "(x^2+y^2-r)^2",
        "x y",
        at("r=4", "0, 0: max", "2*cos(t), 2*sin(t): min?", minimum="0"),
        at("r=0", "0, 0: min", minimum="0"),
        at("r=-3", "0, 0: min", minimum="9"),
    ),
    # The hyperbola xy = 1 of minima; at 0, f = 1 - 2xy + ...
    known(
        "(x*y-1)^2",
        "x y",
        one("0, 0: saddle", "1/t, t: min?", convexity="neither", minimum="0", maximum="oo"),
    ),
    # The graph of a cubic.
    known("(y-x^3)^2", "x y", one("t, t^3: min?", convexity="neither", minimum="0", maximum="oo")),
    # grad f = (2xy, x^2): the line x = 0; near (0, t), f has the sign of t, and near 0 both signs.
    known(
        "x^2*y",
        "x y",
        one("0, 0: saddle", "0, t: min?", "0, t: max?", convexity="neither", minimum="-oo", maximum="oo"),
    ),
    # (1 - 2x^2) = 0 and xy = 0; f -> 0 at infinity and f(-x, y) = -f(x, y).
    known(
        "x*exp(-x^2-y^2)",
        "x y",
        one(
            "1/sqrt(2), 0: max",
            "-1/sqrt(2), 0: min",
            convexity="neither",
            minimum="-exp(-1/2)/sqrt(2)",
            maximum="exp(-1/2)/sqrt(2)",
        ),
    ),
    # f' = -2x f; 0 in the limit.
    known("exp(-x^2)", "x", one("0: max", convexity="neither", minimum="0 not", maximum="1")),
    # f' = (1 - x^2)/(1 + x^2)^2; 0 in the limit.
    known("x/(1+x^2)", "x", one("1: max", "-1: min", convexity="neither", minimum="-1/2", maximum="1/2")),
    # With u = x - 1 it is (1 + u)/(1 + u^2): f' = (1 - 2u - u^2)/(1 + u^2)^2 = 0 at u = -1 +- sqrt(2).
    known(
        "x/((x-1)^2+1)",
        "x",
        one(
            "-sqrt(2): min",
            "sqrt(2): max",
            convexity="neither",
            minimum="(1-sqrt(2))/2",
            maximum="(1+sqrt(2))/2",
        ),
    ),
    # 1/f is a positive definite quadratic form and 1.
    known(
        "1/(1+(x-y)^2+x^2)",
        "x y",
        one("0, 0: max", convexity="neither", minimum="0 not", maximum="1"),
    ),
    # f' = 3ax^2 + 2bx + c with the discriminant 4(b^2 - 3ac).
    known(
        "a*x^3+b*x^2+c*x",
        "x",
        at("a=1,b=0,c=-3", "-1: max", "1: min"),
        at("a=-1,b=0,c=3", "-1: min", "1: max"),
        at("a=1,b=3,c=3", "-1: inflection"),
        at("a=1,b=0,c=1"),
        at("a=0,b=1,c=2", "-1: min"),
        at("a=0,b=-1,c=2", "1: max"),
        at("a=0,b=0,c=2"),
        at("a=0,b=0,c=0", "t: constant"),
    ),
)
