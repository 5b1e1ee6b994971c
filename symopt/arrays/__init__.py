"""Losses over data: objectives of vectors and matrices, differentiated as such and compiled to array code.

The parts, from left to right:

    graph        the expressions as tensors: sums of products of arrays with named indices, each kept once
    functions    functions of every entry, with their derivatives
    reading      SymPy's matrices, `symopt.vocabulary` and indexed sums -> graph; what is not known is refused by name
    derivative   gradient and Hessian by reverse accumulation over the graph
    tidying      expanding and factoring, to what a person writes
    contracting  a product of arrays with indices as matrix products, for the writers and for the compiler
    notation     graph -> SymPy's matrices
    statement    the problem as frozen data: objective, variables, data and parameters with their shapes
    entries      an array at one index: x_i of x
    splitting, sampling  a loss as a sum over rows; the gradient on a mini-batch, its mean and its variance
    half_steps   the best value of one block of variables with the others fixed
    answers      gradient and Hessian blocks as a result that can be shown
    emitter, compiler    graph -> NumPy source; `Compiled` with data, a point being the variables flattened in order
    batches, blocks      the loss on some of its rows, and half steps, on numbers

A matrix is flattened row by row, as NumPy's ravel() does. An index runs over a size, which may be a symbol.
"""
