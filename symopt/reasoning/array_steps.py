"""Derivations about losses over data: the graph of tensors as a program of which the checker reads curvature off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, TypeAlias, final

from sympy import Expr, Symbol

from symopt.arrays.graph import Number, Tensors, Term, children
from symopt.arrays.statement import ENTRY, ArrayStatement, leaf_of
from symopt.cases import Cell, Split
from symopt.clock import Budget, OutOfTime
from symopt.derivation.array_programs import ArrayProgram, Line, entry_symbol
from symopt.derivation.checker import is_accepted
from symopt.derivation.checking import Rejected, domain_of
from symopt.derivation.checks_arrays import strictly_curved_maps
from symopt.derivation.claims import ArrayCurved, ArrayStrict, Context, Curved, Step
from symopt.errors import SymoptError
from symopt.exact.normal import NotExact
from symopt.reasoning.curvature import convexity
from symopt.relation import Relation
from symopt.statement import own_relations

Facts: TypeAlias = tuple[tuple[Line, ...], tuple[Number, int], tuple[object, ...], frozenset[object]]

SECONDS: Final = 2.0
"""How long the curvature of a function of one number may take."""


@final
class ArraySteps:
    """Makes the steps of one loss; `curves` are the parts of it that are functions of one number, with their proofs."""

    def __init__(self, statement: ArrayStatement, graph: Tensors, value: Term) -> None:
        self.statement, self.graph, self.value = statement, graph, value
        self.curves: dict[int, tuple[int, Step]] = {}
        self._proved: dict[Any, Step | None] = {}

    @cached_property
    def context(self) -> Context:
        """What is assumed of parameters and of the entries of arrays."""
        return Context((), facts_of(self.statement))

    def curve(self, place: int, base: int) -> Step | None:
        """The curvature of an entry of a node as a function of the entry of an affine one, proved on the whole line."""
        lines, table = program_of(self.graph, [place])
        u = unused_symbol(self.graph)
        try:
            program = ArrayProgram(
                lines, tuple(map(leaf_of, self.statement.variables)), self.context.relations
            )
            function, weights = program.function_of_entries(table[place], table[base], u)
        except Rejected:
            return None
        if not all(times % 2 == 0 or program.has_sign(line, ">=") for line, times in weights.items()):
            return None
        if not isinstance(function, Expr):  # a condition
            return None
        if function not in self._proved:
            self._proved[function] = self._curvature(function, u)
        step = self._proved[function]
        if step is not None:
            self.curves[place] = base, step
        return step

    def _curvature(self, function: Any, u: Symbol) -> Step | None:
        known = tuple(r for r in self.context.condition if r.symbols <= function.free_symbols)
        domain = domain_of(function, known)
        if domain is None or any(r.symbols != {u} for r in domain):
            return None
        cell = Cell(function, (u,), Context(domain, known), Budget.seconds(SECONDS))
        try:
            found = convexity(function, (u,), cell, refute=False)
        except (Split, OutOfTime, NotExact, SymoptError):
            return None
        for step in found.evidence.steps:
            if isinstance(step.claim, Curved) and step.claim.kind == found.kind and is_accepted(step):
                return step
        return None

    def curved(self, kind: str) -> Step | None:
        """f is convex, concave or affine."""
        step = self._step("array_composition", (), lambda table, facts: ArrayCurved(*facts, kind))
        return step if is_accepted(step) else None

    def strict(self, kind: str, blocks: Sequence[Sequence[Term]]) -> Step | None:
        """f is strictly so, exactly when the matrix of the blocks has full column rank."""

        def claim(table: Mapping[int, int], facts: Facts) -> ArrayStrict:
            named = tuple(tuple((number, table[place]) for number, place in row) for row in blocks)
            return ArrayStrict(*facts, kind, named)

        step = self._step("array_strictness", [place for row in blocks for _, place in row], claim)
        return step if is_accepted(step) else None

    def maps(self, kind: str) -> list[int]:
        """Affine nodes of which f is a strictly convex (or concave) function, being affine else; none where it is not."""
        step = self._step("array_strictness", (), lambda table, facts: ArrayStrict(*facts, kind, ()))
        _, table = program_of(self.graph, [self.value[1]])
        places = {line: place for place, line in table.items()}
        return [places[line] for line in strictly_curved_maps(step)]

    def _step(
        self,
        rule: str,
        more: Iterable[int],
        claim: Callable[[Mapping[int, int], Facts], ArrayCurved | ArrayStrict],
    ) -> Step:
        """A step about a program that holds `more` nodes too."""
        lines, table = program_of(self.graph, [self.value[1], *more])
        held = {place: self.curves[place] for place in self._outermost()}
        premises = tuple(dict.fromkeys(step for _, step in held.values()))
        functions = tuple((table[p], (table[base], premises.index(step))) for p, (base, step) in held.items())
        value = self.value[0], table[self.value[1]]
        variables = tuple(map(leaf_of, self.statement.variables))
        said = claim(table, (lines, value, variables, self.statement.definite))
        return Step(self.context, said, rule, premises, (("functions", functions),))

    def _outermost(self) -> list[int]:
        """The parts that are functions of one number and lie in no other such part."""
        waiting, seen, found = [self.value[1]], set[int](), []
        while waiting:
            place = waiting.pop()
            if place in self.curves:
                found.append(place)
                continue
            fresh = [inner for inner in children(self.graph.nodes[place]) if inner not in seen]
            seen.update(fresh)
            waiting += fresh
        return list(dict.fromkeys(found))


def program_of(graph: Tensors, roots: Sequence[int]) -> tuple[tuple[Line, ...], Mapping[int, int]]:
    """The nodes that roots are made of as the lines of a program, and the line of each."""
    table = {place: line for line, place in enumerate(graph.reachable(roots))}
    return tuple((_moved(graph.nodes[place], table), graph.dims[place]) for place in table), table


def _moved(node: Any, table: Mapping[int, int]) -> tuple[Any, ...]:
    head = node[0]
    if head in ("product", "sum"):
        return head, tuple((table[place], rest) for place, rest in node[1])
    if head == "function":
        return head, node[1], *(table[place] for place in node[2:])
    return tuple(node) if head in ("leaf", "delta") else (head, table[node[1]], *node[2:])


def facts_of(statement: ArrayStatement) -> tuple[Relation, ...]:
    """What is assumed of parameters, of sizes and of every entry of an array, each under its plain symbol."""
    numbers = (*statement.parameters, *statement.sizes)
    own = {symbol: entry_symbol(symbol) for symbol in numbers}
    found = [Relation(own[s], r.op) for s in numbers for r in own_relations(s)]
    found += [Relation(own[size], ">") for size in statement.sizes]
    found += [r.at(own) for r in statement.assumptions]
    for array in statement.data:
        at = {**own, ENTRY: entry_symbol(leaf_of(array))}
        found += [r.at(at) for r in statement.ranges_of(leaf_of(array))]
    return tuple(dict.fromkeys(found))


def unused_symbol(graph: Tensors) -> Symbol:
    """A letter that no array has."""
    taken = {str(node[1]) for node in graph.nodes if node[0] == "leaf"}
    return Symbol(
        next(name for name in ("u", "z", *(f"u_{k}" for k in range(999))) if name not in taken), real=True
    )
