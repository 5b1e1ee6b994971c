"""Methods, eigenvalues and step sizes in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from sympy import Expr, S, Symbol

from symopt.derivation.claims import Attraction, Rate, Spectrum, Step
from symopt.exact.normal import canonical
from symopt.writing.document import Math, Pieces
from symopt.writing.mathematics import Place, Tokens
from symopt.writing.places import branch_pieces, listed

VALUE: Final = Symbol("lambda", real=True)
"""What an eigenvalue is called."""

METHOD_NAMES: Final[Mapping[str, str]] = {
    "gd": "gradient descent",
    "momentum": "the heavy ball",
    "nesterov": "Nesterov's method",
    "newton": "Newton's method",
}


def spectrum_pieces(claim: Spectrum, matrix: Pieces) -> Pieces:
    """`the eigenvalues of the Hessian lie between 2 and 10, which are eigenvalues`."""
    if len(claim.matrix) == 1 and claim.attained:
        return ("the second derivative there is ", Math((claim.low,)))
    if claim.low == claim.high:
        return ("the only eigenvalue of ", *matrix, " is ", Math((claim.low,)))
    if claim.attained:
        ends: Pieces = (Math((claim.low,)), " and its largest ", Math((claim.high,)))
        return ("the smallest eigenvalue of ", *matrix, " is ", *ends)
    ends = (Math((claim.low,)), " and ", Math((claim.high,)))
    return ("all eigenvalues of ", *matrix, " lie between ", *ends)


def attraction_pieces(claim: Attraction) -> Pieces:
    """`gradient descent converges from every start exactly for 0 < eta < 1/5`."""
    method, place = METHOD_NAMES[claim.method], branch_pieces(claim.branch, short=True)
    where = for_step_sizes(claim)
    if claim.effect == "converges":
        return (f"{method} converges from every start exactly for ", *where)
    if claim.effect == "attracted":
        return (f"{method} converges to ", *place, " from every start near enough for ", *where)
    if claim.effect == "contracts":
        told = " in every ball about that point within the region, for "
        return (f"each step of {method} leads nearer to ", *place, told, *where)
    return (f"{method} is driven away from ", *place, " for ", *where)


def for_step_sizes(claim: Attraction) -> Pieces:
    """`0 < eta < 1/5`, with `and 0 <= beta < 1` where there is a memory."""
    interval = Math(interval_tokens(claim.step_size, *interval_of(claim)))
    if claim.memory is None:
        return (interval,)
    return (interval, " and ", Math((S.Zero, "<=", claim.memory, "<", S.One)))


def interval_of(claim: Attraction) -> tuple[Expr, Expr]:
    """The ends of the step sizes; oo where there is no upper one."""
    limits = [claim.step_size - r.expression for r in claim.when]
    return (limits[0], limits[1]) if len(limits) == 2 else (limits[0], S.Infinity)


def interval_tokens(eta: Expr, low: Expr, high: Expr) -> Tokens:
    """`0 < eta < 1/5`, `eta > 1/5`."""
    return (eta, ">", low) if high == S.Infinity else (low, "<", eta, "<", high)


def rate_pieces(claim: Rate) -> Pieces:
    """`the best constant step size of gradient descent is 1/6, and the factor a step is 2/3`."""
    method = METHOD_NAMES[claim.method]
    size, factor = Math((claim.step_size,)), Math((claim.factor,))
    memory: Pieces = () if claim.memory is None else (" with the memory ", Math((claim.memory,)))
    if claim.kind == "best":
        return (f"the best constant step size of {method} is ", size, *memory, ", with the factor ", factor)
    if claim.kind == "bound":
        told = f" each step of {method} multiplies the distance by at most "
        return ("with the step size ", size, told, factor)
    also: Pieces = () if not memory else (" and the memory ", memory[1])
    return (f"{method} with the step size ", size, *also, " has the factor ", factor)


def attraction_reason(step: Step, subject: object) -> Pieces:
    """What becomes of an error along an eigenvector of the Hessian."""
    claim = cast(Attraction, step.claim)
    if claim.effect == "contracts":
        return (", because the mean of the Hessian along the way has its eigenvalues between these bounds",)
    eta, beta = claim.step_size, claim.memory or S.Zero
    if claim.effect == "repelled" and claim.method == "gd":
        return _leaves(step, claim)
    if claim.method in ("gd", "newton"):
        factor = 1 - eta * VALUE if claim.method == "gd" else 1 - eta
        which = (" along an eigenvector to the eigenvalue ", Math((VALUE,))) if claim.method == "gd" else ()
        about = "a small error" if claim.effect != "converges" else "an error"
        nearly = "nearly " if claim.effect != "converges" else ""
        return (f", because {about}", *which, f" is {nearly}multiplied by ", Math((factor,)), " in a step")
    z, damped = Symbol("z", real=True), 1 - eta * VALUE
    if claim.method == "momentum":
        polynomial: Tokens = (z**2, "-", (1 + beta - eta * VALUE) * z, "+", beta)
    else:
        polynomial = (z**2, "-", (1 + beta) * damped * z, "+", beta * damped)
    inside = " lie inside the unit circle"
    where = {"converges": f"{inside} exactly then", "attracted": f" then{inside}"}
    outside = " do not both lie inside the unit circle"
    roots: Pieces = ("the roots of ", Math(polynomial), where.get(claim.effect, outside))
    how_many = "an eigenvalue " if claim.effect == "repelled" else "every eigenvalue "
    return (f", because for {how_many}", Math((VALUE,)), " ", *roots)


def _leaves(step: Step, claim: Attraction) -> Pieces:
    """The eigenvalue along which gradient descent leaves a point."""
    spectrum = next((cast(Spectrum, p.claim) for p in step.premises if isinstance(p.claim, Spectrum)), None)
    if spectrum is None or not spectrum.attained:
        return (", because the Hessian has a negative eigenvalue ", Math((VALUE,)), " there, and ",
                Math((1 - claim.step_size * VALUE, ">", S.One)))  # fmt: skip
    value = spectrum.low if interval_of(claim)[0] == 0 else spectrum.high
    factor = Math((1 - claim.step_size * value,))
    told = ", because a small error along an eigenvector to the eigenvalue "
    return (told, Math((value,)), " is nearly multiplied by ", factor, ", whose modulus is above 1")


def rate_reason(step: Step, subject: object) -> Pieces | None:
    """Which eigenvalues decide."""
    claim = cast(Rate, step.claim)
    spectrum = next((cast(Spectrum, p.claim) for p in step.premises if isinstance(p.claim, Spectrum)), None)
    if spectrum is None or spectrum.low == spectrum.high or claim.method == "newton":
        return ()
    if claim.method == "gd":
        low, high = Math((spectrum.low,)), Math((spectrum.high,))
        told: Pieces = (
            ", because an error along the eigenvectors to ",
            low,
            " and ",
            high,
            " is multiplied by ",
        )
        return (*told, Math((claim.factor,)), " and ", Math((-claim.factor,)))
    which = (
        "the smallest and the largest eigenvalue" if claim.method == "momentum" else "the smallest eigenvalue"
    )
    both = " both have" if claim.method == "momentum" else " has"
    noun = "the polynomials of " if claim.method == "momentum" else "the polynomial of "
    return (f", because then {noun}{which}{both} a double root",)


def spectrum_reason(step: Step, subject: object) -> Pieces | None:
    """The eigenvectors, or nothing for a diagonal matrix and a number."""
    vectors, matrix = step.data("vectors"), cast(Spectrum, step.claim).matrix
    if not isinstance(vectors, tuple):
        return None
    if len(matrix) == 1 or all(e == 0 for i, row in enumerate(matrix) for j, e in enumerate(row) if i != j):
        return ()
    return (", with the eigenvectors ", *listed([(Math((Place(v),)),) for v in vectors]))


def reason_of_two(step: Step, subject: object) -> Pieces:
    """The characteristic equation."""
    (p, q), (_, r) = cast(Spectrum, step.claim).matrix
    trace, product = canonical(p + r), canonical(p * r - q**2)
    if S.Zero in (cast(Spectrum, step.claim).low, cast(Spectrum, step.claim).high):
        return (
            ", because its determinant is ",
            Math((product, "=", S.Zero) if product != 0 else (S.Zero,)),
            " and its trace ",
            Math((trace,)),
        )
    equation = (VALUE**2, "-", trace * VALUE, "+", product, "=", S.Zero)
    return (", because its characteristic equation is ", Math(equation))


REASONS: Final = {
    "eigenvectors": spectrum_reason,
    "eigenvalues_of_two": reason_of_two,
    "iteration_converges": attraction_reason,
    "iteration_attracted": attraction_reason,
    "iteration_repelled": attraction_reason,
    "iteration_contracts": attraction_reason,
    "rate_exact": rate_reason,
    "rate_best": rate_reason,
}
