"""The names that can be typed, with what they take; what they mean to SymPy stands in `functions`."""

from __future__ import annotations

from typing import Final

MANY: Final = 50  # arguments

# The fewest and the most arguments of each function.
ARGUMENTS: Final[dict[str, tuple[int, int]]] = {
    **dict.fromkeys(("sin", "cos", "tan", "cot", "sec", "csc"), (1, 1)),
    **dict.fromkeys(("asin", "acos", "atan", "arcsin", "arccos", "arctan"), (1, 1)),
    **dict.fromkeys(("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh"), (1, 1)),
    **dict.fromkeys(("acot", "asec", "acsc", "acoth", "asech", "acsch"), (1, 1)),
    **dict.fromkeys(("exp", "log", "ln", "sqrt", "cbrt", "abs", "Abs", "sign", "Heaviside"), (1, 1)),
    **dict.fromkeys(
        ("erf", "erfc", "gamma", "loggamma", "digamma", "trigamma", "sigmoid", "softplus"), (1, 1)
    ),
    **dict.fromkeys(("max", "Max", "min", "Min", "log_sum_exp"), (1, MANY)),
    **dict.fromkeys(("polygamma", "root", "Rational"), (2, 2)),
    "LambertW": (1, 2),
}
PLAIN_NAMES: Final = frozenset({"gamma"})  # functions before a bracket, names elsewhere
# Names with a meaning of their own that is not a function.
RESERVED: Final = {
    **dict.fromkeys(("and", "or", "not", "if", "else"), "is a word of conditions"),
    **dict.fromkeys(("True", "False"), "is a condition"),
    **dict.fromkeys(("Eq", "Ne", "Piecewise"), "needs its arguments in round brackets"),
    **dict.fromkeys(("oo", "zoo", "nan"), "is not a real number"),
}
# Names that are numbers unless they are declared, and the note that says so.
CONSTANTS: Final[dict[str, str | None]] = {"e": "read e as Euler's number", "pi": None, "π": None}
