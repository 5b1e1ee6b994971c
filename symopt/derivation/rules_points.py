"""The rules by which equations are solved, stationary points are collected, and each of them is labelled."""

from __future__ import annotations

from typing import Final

from symopt.derivation.rule import Rule

POINTS: Final = (
    Rule("cover_free", "every equation is 0 = 0: the unknowns are free", "because no equation is left"),
    Rule(
        "cover_none",
        "an equation that is never 0 has no solution",
        "because one of the equations is never fulfilled",
    ),
    Rule(
        "cover_factors",
        "a product is 0 exactly when a factor is",
        "because a product vanishes exactly when one of its factors does",
    ),
    Rule(
        "cover_sum",
        "a sum of terms of one sign is 0 exactly when every term is",
        "a sum of terms of one sign vanishes only when every term does",
    ),
    Rule("cover_linear", "a x + b = 0 with a != 0 gives x = -b/a", "solving for one unknown"),
    Rule(
        "cover_roots",
        "a polynomial in one unknown with rational coefficients; its real roots are counted",
        "isolating the real roots",
    ),
    Rule(
        "cover_counted",
        "a polynomial without multiple roots; the signs of its subdiscriminants count the real ones",
        "counting the real roots by the discriminant",
    ),
    Rule("cover_given", "e = e' by given equations between parameters", "using the given equations"),
    Rule(
        "cover_inverse",
        "g(u) = c with g strictly monotone gives u = g^(-1)(c)",
        "inverting a monotone function",
    ),
    Rule(
        "cover_ideal",
        "x_i = h_i(u) for the real roots u of r, in the algebra of the system (Groebner basis)",
        "eliminating unknowns",
        False,
        "recomputed",
    ),
    Rule("cover_kernel", "a polynomial in a kernel t = g(x)", "substituting"),
    Rule(
        "cover_variation",
        "on each interval the function is monotone or has no zero",
        "the table of variation",
    ),
    Rule(
        "cover_level",
        "g(x) = c for a g that is monotone between its turning points: its limits tell where it takes the value",
        "the variation between the turning points",
    ),
    Rule("cover_values", "x is one of the solutions of an equation in x alone", "putting in each solution"),
    Rule(
        "cover_convex",
        "the gradient of a strictly convex f vanishes at one point at most",
        "strict convexity, which leaves one stationary point at most",
    ),
    Rule(
        "cover_boxes",
        "K(X) inside X: one zero in the box X (Krawczyk); none in the other cells, nor far out",
        "interval arithmetic in boxes",
        False,
    ),
    Rule(
        "cover_periodic",
        "g(u) = g(v) for a sine, cosine or tangent: u is v or its mirror image, up to whole turns",
        "because a wave takes equal values only at such angles",
    ),
    Rule(
        "cover_turns",
        "x = T n + v with an integer n and -T/2 < v < T/2, or x = T n + T/2; a middle part of the line by itself",
        "writing the unknown as whole periods and a rest",
    ),
    Rule(
        "cover_quadric",
        "sum (u_i / r_i)^2 = 1 gives u = r cos t, r sin t (cosh and sinh for a hyperbola)",
        "describing the curve by a parameter",
    ),
    Rule("cover_wider", "each branch lies on one of these", "because the solutions lie on these"),
    Rule(
        "cover_binomial",
        "x^p = k^p y^q with odd p gives y = t^p, x = k t^q",
        "describing the curve by a parameter",
    ),
    Rule(
        "cover_lines",
        "e(s x) = s^d e(x): u = 0, or x = u y with y_u = 1",
        "because with a point all its multiples are solutions",
    ),
    Rule(
        "cover_sides",
        "q(t) < 0, q(t) = 0 or q(t) > 0",
        "cutting the family where its points change their kind",
    ),
    Rule("cover_pieces", "t < v, t = v or t > v", "cutting the family where its points change their kind"),
    Rule("cover_beyond", "sin u and cos u never go beyond 1", "because a wave never goes beyond 1"),
    Rule("cover_multiplied", "e_i = 0 gives sum m_i e_i = 0", "combining the equations"),
    Rule(
        "cover_positive_part", "max(0, u) = 0 exactly where u <= 0", "because a positive part is 0 there only"
    ),
    Rule("cover_tangent", "a function meets its tangent at one point only", "because they meet there only"),
    Rule("cover_power", "u^n = r^n gives u = r, and u = -r too for even n", "taking roots"),
    Rule(
        "cover_real_power",
        "b^p = c with b, c > 0 gives b = c^(1/p), or p = log c / log b",
        "because such a power takes a value only once",
    ),
    Rule(
        "cover_residues", "every integer is q n + j with 0 <= j < q", "because every integer has such a form"
    ),
    Rule("cover_integers", "an integer between two bounds", "because the region leaves only these integers"),
    Rule(
        "cover_by_cases",
        "the equation is solved where q < 0, q = 0 and q > 0",
        "treating the cases separately",
    ),
    Rule(
        "cover_outside",
        "a solution outside the region, or with which an equation does not hold, is dropped",
        "because the others lie outside the region or solve only a consequence",
    ),
    Rule("cover_rewritten", "equations with the same zeros in the region", "simplifying"),
    Rule("stationary_points", "grad f = 0 exactly at the points listed", "solving grad f = 0"),
    Rule(
        "stationary_across", "every piece of f that meets there has gradient 0", "the gradients of the pieces"
    ),
    Rule(
        "enclosed_minimum",
        "the leading minors of H at the point lie in intervals of positive numbers",
        "enclosing the leading minors of the Hessian there",
    ),
    Rule(
        "enclosed_maximum",
        "the leading minors of -H at the point lie in intervals of positive numbers",
        "enclosing the leading minors of the Hessian there",
    ),
    Rule(
        "enclosed_saddle",
        "u^T H u and w^T H w at the point lie in intervals of positive and of negative numbers",
        "enclosing the quadratic form of the Hessian there",
    ),
    Rule("positive_definite", "M = L D L^T with the signs of D", "completing squares"),
    Rule("minors", "the leading principal minors are positive", "Sylvester's criterion"),
    Rule(
        "diagonal_dominance",
        "h_ii >= sum of |h_ij| over j != i in every row",
        "because each diagonal entry dominates its row",
    ),
    Rule("form_of_squares", "v^T M v = sum w_k (q_k . v)^2 with w_k >= 0", "a sum of squares"),
    Rule("principal_minors", "all principal minors are nonnegative", "the principal minors"),
    Rule(
        "second_order_minimum",
        "grad f = 0 and H > 0: a strict minimum",
        "because the Hessian is positive definite there",
    ),
    Rule(
        "second_order_maximum",
        "grad f = 0 and H < 0: a strict maximum",
        "because the Hessian is negative definite there",
    ),
    Rule("second_order_saddle", "u^T H u > 0 > w^T H w: a saddle", "because the Hessian is indefinite there"),
    Rule(
        "determinant_saddle",
        "two variables and det H < 0: a saddle",
        "because the determinant of the Hessian is negative there",
    ),
    Rule(
        "higher_derivative",
        "the first non-vanishing derivative of order k >= 2",
        "the first non-vanishing derivative",
    ),
    Rule(
        "constant_function",
        "all first derivatives vanish identically: f is locally constant",
        "because all first derivatives vanish everywhere",
    ),
    Rule("bound_minimum", "f >= f* on the region: a minimum", "because f is nowhere smaller"),
    Rule("bound_maximum", "f <= f* on the region: a maximum", "because f is nowhere larger"),
    Rule(
        "curves_saddle",
        "f < f* along one curve into the point and f > f* along another",
        "two curves through the point, one going up and one going down",
    ),
    Rule(
        "factor_minimum",
        "f - f* = p q with p >= 0 and q > 0 at the point: a minimum",
        "the sign of the factors of f - f*",
    ),
    Rule(
        "factor_maximum",
        "f - f* = p q with p >= 0 and q < 0 at the point: a maximum",
        "the sign of the factors of f - f*",
    ),
    Rule(
        "family_minimum",
        "a family of stationary points along which the Hessian is positive across it",
        "because the Hessian is positive definite across the family",
    ),
    Rule(
        "family_maximum",
        "a family of stationary points along which the Hessian is negative across it",
        "because the Hessian is negative definite across the family",
    ),
    Rule(
        "splitting",
        "f along the curve of least (greatest) values over the kernel of H is f* + c s^k + ...",
        "the lowest term along the valley over the kernel of the Hessian",
    ),
    Rule(
        "lowest_form_minimum",
        "f - f* = p_k + higher terms with p_k > 0: a minimum",
        "because the terms of lowest order are positive",
    ),
    Rule(
        "lowest_form_maximum",
        "f - f* = p_k + higher terms with p_k < 0: a maximum",
        "because the terms of lowest order are negative",
    ),
    Rule("kink", "one-sided slopes at a point where f is not differentiable", "the one-sided slopes"),
    Rule("kink_bound", "f - f* keeps one sign on the region", "because of a bound on f"),
    Rule(
        "kink_directions",
        "f - f* has different signs on two rays from the point",
        "because f rises along one ray from there and falls along another",
    ),
    Rule("label_parts", "the parts of a family have one label", "because its parts are"),
    Rule(
        "label_across",
        "the pieces of f that meet there have one label",
        "because each piece of f that meets there has one",
    ),
    Rule("convex_minimum", "f convex: a stationary point is a global minimum", "because f is convex"),
    Rule("concave_maximum", "f concave: a stationary point is a global maximum", "because f is concave"),
)
