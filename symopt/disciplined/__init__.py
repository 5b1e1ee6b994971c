"""Disciplined convex programming: where CVXPY's rules stop at a function, and a form of it that they accept."""
