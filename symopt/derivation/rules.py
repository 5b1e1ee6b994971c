"""The closed table of rules; what their columns mean stands in `symopt.derivation.rule`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from symopt.derivation.rule import Rule
from symopt.derivation.rules_points import POINTS

_SIGNS = (
    Rule("signs", "e = t identically; the sign of the tree t is read off its parts", "reading off the signs"),
    Rule("constant_sign", "the sign of a number", "evaluating the number"),
    Rule("sturm", "a polynomial in one symbol has no root in the interval", "counting real roots (Sturm)"),
    Rule(
        "sturm_parts",
        "a polynomial in one symbol keeps its sign on every part of the line that the conditions leave",
        "counting the real roots on what the conditions leave (Sturm)",
    ),
    Rule(
        "enclosure",
        "the values over the box lie in an interval of one sign",
        "interval arithmetic",
        readable=False,
    ),
    Rule("arc", "sin u > 0 for 0 < u < pi, and so on", "the sign of a wave on this arc"),
    Rule(
        "tangent",
        "e^w is above its tangents, log w below them, cos w >= 1 - w^2/2, cosh w >= 1 + w^2/2, and so on",
        "as a function that stays on one side of its tangent, or of its parabola",
    ),
    Rule(
        "gamma_bound",
        "the partial sums of Stirling's series lie on alternating sides: polygamma(1, u) > 1/u + 1/(2 u^2) for u > 0",
        "by a bound from Stirling's series",
    ),
    Rule(
        "laplace",
        "psi_n(a u + b) and 1/(a u + b)^k are integrals of e^(-u t) k(t) over t > 0",
        "as an integral of e^(-u t) against a function of t > 0 of this sign (the integral of psi_n, by parts)",
    ),
    Rule(
        "boxes",
        "the values over each part of the interval lie in an interval of one sign",
        "interval arithmetic on parts of the interval",
        readable=False,
    ),
    Rule("root_sign", "the sign of a polynomial at an isolated root of another", "evaluating at the root"),
    Rule("monotone", "e(a) >= 0 and e' >= 0 beyond a give e >= 0 there", "monotonicity"),
    Rule("by_cases", "the claim holds for q < 0, q = 0 and q > 0", "treating the cases separately"),
    Rule("given_equalities", "e = t + sum c_i q_i with q_i = 0", "using the given equations"),
    Rule("instance", "P(t) >= 0 for all t of a region, and g(x) lies in it: P(g(x)) >= 0", "substituting"),
    Rule(
        "contradiction",
        "the conditions contradict each other",
        "because the conditions contradict each other",
    ),
    Rule("decision_procedure", "the negation has no real solution", "a decision procedure", False, "trusted"),
)

_DERIVATIVES = (
    Rule("constant_rule", "d c/dx = 0", "the derivative of a constant"),
    Rule("identity_rule", "d x/dx = 1", "the derivative of the variable"),
    Rule("sum_rule", "(u + v)' = u' + v'", "the sum rule"),
    Rule("constant_multiple_rule", "(c u)' = c u'", "the constant multiple rule"),
    Rule("product_rule", "(u v)' = u' v + u v'", "the product rule"),
    Rule("quotient_rule", "(u/v)' = (u' v - u v')/v^2", "the quotient rule"),
    Rule("power_rule", "(x^n)' = n x^(n-1)", "the power rule"),
    Rule("chain_rule", "(g(u))' = g'(u) u'", "the chain rule"),
    Rule("table_rule", "the derivative of an elementary function", "the table of derivatives"),
    Rule("rearranged", "the same expression written differently", "rearranging"),
    Rule("gradient", "grad f = (df/dx_1, ..., df/dx_n)", "differentiating"),
    Rule("hessian", "H_ij = d(grad f)_i/dx_j", "differentiating again"),
    Rule(
        "smooth_by_table",
        "sums, products and compositions of analytic functions are analytic where defined",
        "because it is composed of smooth functions",
    ),
    Rule(
        "continuous_by_table",
        "sums, products and compositions of continuous functions are continuous",
        "because it is composed of continuous functions",
    ),
)

_CURVATURE = (
    Rule(
        "region_convex",
        "affine inequalities and level sets of convex functions are convex",
        "because its conditions are convex",
    ),
    Rule(
        "region_not_convex",
        "a point between two points of the region lies outside",
        "a segment that leaves it",
    ),
    Rule("affine", "f = a.x + b", "because it is of degree at most 1 in the variables"),
    Rule(
        "second_order",
        "f is convex where its Hessian is positive semidefinite, affine where it is 0",
        "the second-order condition",
    ),
    Rule(
        "second_order_far_out",
        "v^T H(x(s)) v < 0 for all large s, along a curve x(s) in the region: f is not convex",
        "the second derivative along a curve",
    ),
    Rule(
        "isolated_zeros",
        "f'' >= 0, analytic and not identically 0: strictly convex",
        "because f'' vanishes at isolated points only",
    ),
    Rule(
        "singular_lines",
        "H >= 0, and singular on lines only, along which v^T H v is not always 0: strictly convex",
        "because the Hessian is singular on lines only, along which f is strictly curved",
    ),
    Rule("atom", "a function of the table of atoms", "as is known of this function"),
    Rule(
        "curvature_sum",
        "nonnegative combinations of convex functions are convex",
        "as a sum of such functions with nonnegative weights",
    ),
    Rule(
        "alike_terms",
        "f(x) = sum c_i g(A_i x + b_i) with c_i >= 0, and g is convex: f is convex",
        "as a sum of nonnegative multiples of one function, each of an affine function",
    ),
    Rule("curvature_negation", "f is concave exactly when -f is convex", "changing the sign"),
    Rule(
        "composition",
        "g(h) with g convex and monotone in the direction that the curvature of h asks for",
        "the composition rule",
    ),
    Rule(
        "root_of_form",
        "(F + r)^e is convex for a convex form F of even degree d, r >= 0 and e >= 1/d",
        "as a root (or a power) of a convex form of even degree",
    ),
    Rule(
        "on_subspace",
        "on A x = b, solved for some variables, f is a function g of the others; what is said of g is said of f",
        "as on this set it is a function of fewer variables",
    ),
    Rule(
        "affine_change",
        "f(x) = g(A x + b): f is convex where g is, and its points are those that g has at A x + b",
        "an affine change of the variables",
    ),
    Rule("curvature_rewritten", "the same function written differently", "rearranging"),
    Rule(
        "curvature_closure",
        "convex on the interior and continuous on the region",
        "continuity up to the border",
    ),
    Rule(
        "pieces",
        "curved pieces that meet, with slopes that rise (fall) across every cut",
        "its pieces, which meet with slopes that change in the right direction",
    ),
    Rule(
        "slope_at_a_kink",
        "no slope of a convex function falls: not convex where the slope along a line falls at a kink",
        "its slope, which changes in the wrong direction at a kink",
    ),
    Rule(
        "parameters",
        "what holds for all A with q(A) > 0 holds for A = h(a, b) where q(h(a, b)) > 0",
        "because the parameters enter in these combinations only",
    ),
    Rule(
        "array_composition",
        "sums, with weights of known signs, of known functions of affine maps of the variables",
        "the rules of composition with affine maps",
    ),
    Rule(
        "array_strictness",
        "f is strictly convex where the affine maps move, and affine where they do not",
        "because it is a strictly convex function of affine maps",
    ),
    Rule(
        "border_values",
        "the branch that counts, and values at the ends of the interval that only jump outwards",
        "the branch that counts there",
    ),
    Rule(
        "dominated",
        "max(u, d) = max(u) where d is at most a mean of the u_i",
        "leaving out what never counts",
    ),
    Rule(
        "definition",
        "f(w p + (1 - w) q) <= w f(p) + (1 - w) f(q)",
        "the definition",
    ),
    Rule(
        "triangle_inequality",
        "|w u(p) + (1 - w) u(q)| <= w |u(p)| + (1 - w) |u(q)| for affine u",
        "the triangle inequality",
    ),
    Rule(
        "greatest",
        "the greatest of convex functions is convex, the least of concave ones concave; a + c |u| is one of two",
        "because it is the greatest of convex functions, or the least of concave ones",
    ),
    Rule("chord", "a point of the graph lies on the wrong side of a chord", "a chord that shows it"),
    Rule("chord_equality", "f is affine along a segment", "a segment along which f is affine"),
)

_EXTREMA = (
    Rule("limit_dominant", "the dominant term as s -> oo", "the dominant term"),
    Rule("limit_through_integers", "sin(2 pi n + u) = sin u for whole n", "because the periods drop out"),
    Rule(
        "extremum_bound",
        "f >= m on the region and f = m at a point of it",
        "because f nowhere goes beyond this value and reaches it",
    ),
    Rule(
        "extremum_medians",
        "f - m = sum of w |u| - s u with |s| <= w: no term is negative, and all are 0 where f = m",
        "because the slopes of the absolute values cancel there",
    ),
    Rule(
        "extremum_convex",
        "f convex: the stationary points and the local minima are exactly the global minima",
        "because every stationary point of a convex function is a global minimum",
    ),
    Rule(
        "extremum_geometric",
        "f(e^u) convex in u: the stationary points with x = e^u > 0 are exactly the global minima",
        "because with x = e^u f is convex, and every stationary point is a global minimum",
    ),
    Rule(
        "extremum_interval",
        "in one variable: compare the stationary values with the values or limits at the ends",
        "comparing the stationary values with the ends",
    ),
    Rule(
        "extremum_only_point",
        "f' has one zero in an open interval, and f a strict local extremum there: it is the global one",
        "because f has no other stationary point in the interval, and so is strictly monotone on either side of this one",
    ),
    Rule(
        "extremum_larger_region",
        "the minimum over a larger region, at points of this one: it is the minimum here, at those that lie here",
        "as the extremum over the larger region is reached inside this one",
    ),
    Rule(
        "extremum_open_region",
        "the minimum over a larger region, outside this one, and f -> it along a curve in this one: the infimum here",
        "as f comes arbitrarily near the extremum over the larger region, but reaches it only outside this one",
    ),
    Rule("extremum_compact", "a continuous function on a compact set attains its extrema", "compactness"),
    Rule(
        "extremum_written_out",
        "max(a, b) = (a + b + |a - b|)/2, min(a, b) = (a + b - |a - b|)/2: f has the extremum of what it equals",
        "writing the maximum with an absolute value",
    ),
    Rule(
        "extremum_partial",
        "f = g + w (x - h)^2 with w > 0: the minimum of f is that of g, on x = h",
        "minimising over one variable first",
    ),
    Rule(
        "extremum_separate",
        "f = g(x) + h(y), each on a region of its own: the extrema add up",
        "minimising over each group of variables by itself",
    ),
    Rule(
        "extremum_cases",
        "f = g_k where C_k: the infimum of f is the least of the infima of the g_k there",
        "comparing the cases",
    ),
    Rule(
        "extremum_monotone",
        "f = h(u) with h strictly monotone: f is least where u is least, or greatest where h falls",
        "because a monotone function is extreme where its argument is",
    ),
    Rule(
        "extremum_coercive",
        "f -> oo at infinity: the minimum is at a stationary point",
        "because f grows beyond every bound in all directions",
    ),
    Rule(
        "extremum_borders",
        "an attained extremum is where grad f and the gradients of the equalities that hold are dependent",
        "comparing the values inside and on the border",
    ),
    Rule(
        "extremum_eliminated",
        "an equation of the region gives x = h: the extremum is that of f on x = h",
        "putting in an equation of the region",
    ),
    Rule(
        "extremum_decaying",
        "f = p exp(-q) -> 0 at infinity, and f < 0 somewhere: the minimum is at a stationary point",
        "because f tends to 0 at infinity and goes beyond it",
    ),
    Rule("extremum_unbounded", "f -> -oo along a curve in the region", "along a curve in the region"),
    Rule(
        "extremum_limit",
        "f > m on the region and f -> m along a curve",
        "because f comes arbitrarily near this value but nowhere reaches it",
    ),
    Rule("extremum_constant", "f is constant", "because f has one value everywhere"),
)

_ITERATIONS = (
    Rule(
        "eigenvectors",
        "M v_i = l_i v_i for a basis v_1, ..., v_n: these are all eigenvalues",
        "a basis of eigenvectors",
    ),
    Rule(
        "eigenvalue_bounds",
        "M - a I >= 0 and b I - M >= 0: the eigenvalues lie in [a, b]",
        "the signs of what is left when a multiple of the identity is taken away",
    ),
    Rule(
        "eigenvalues_of_two",
        "the eigenvalues of ((p, q), (q, r)) are (p + r)/2 -+ sqrt((p - r)^2/4 + q^2)",
        "solving the characteristic equation",
    ),
    Rule(
        "signs_of_two",
        "the eigenvalues of a symmetric 2 x 2 matrix have the determinant as their product and p + r as their sum",
        "the determinant is their product",
    ),
    Rule(
        "iteration_converges",
        "f quadratic: the error along an eigenvector obeys a linear recursion, whose roots lie inside the unit circle",
        "because the error along each eigenvector obeys a linear recursion",
    ),
    Rule(
        "iteration_attracted",
        "the linearised iteration has a spectral radius below 1 (Ostrowski)",
        "because every eigenvalue of the linearised iteration lies inside the unit circle",
    ),
    Rule(
        "iteration_repelled",
        "the linearised iteration has an eigenvalue outside the unit circle",
        "because the linearised iteration has an eigenvalue outside the unit circle",
    ),
    Rule(
        "iteration_contracts",
        "0 < m <= H <= L on a convex region: x - eta grad f(x) is a contraction for 0 < eta < 2/L",
        "the mean value of the Hessian, whose eigenvalues lie between these bounds",
    ),
    Rule(
        "rate_exact",
        "the largest modulus of the linearised iteration's eigenvalues",
        "the largest modulus of the eigenvalues of the linearised iteration",
    ),
    Rule(
        "rate_best",
        "the step size (and memory) at which the ends of the spectrum balance",
        "because there the smallest and the largest eigenvalue of the Hessian give the same factor",
    ),
    Rule(
        "rate_bound",
        "||I - eta H|| <= max(|1 - eta m|, |1 - eta L|) for m <= H <= L",
        "the bounds of the Hessian's eigenvalues",
    ),
)

RULES: Final[Mapping[str, Rule]] = {
    rule.name: rule for rule in _SIGNS + _DERIVATIVES + POINTS + _CURVATURE + _EXTREMA + _ITERATIONS
}
