"""Derivatives and numbers: expression graph, gradient, sparse Hessian, compiled functions."""
