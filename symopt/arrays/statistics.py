"""A loss of sums over data in numbers alone: its sums that hold no variable become symbols, the statistics.

By linearity sum_i (a(v) s(x_i) + b(v) t(x_i)) = a(v) S + b(v) T, with S = sum_i s(x_i) and T = sum_i t(x_i). So a
log-likelihood is a function of its variables and of sufficient statistics, whose ranges follow from those of the data:
0 <= x_i <= 1 gives 0 <= S <= n, and Cauchy and Schwarz give S^2 <= n Q for Q = sum_i x_i^2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, final

import sympy
from sympy import Add, Dummy, Expr, Mul, Pow, S, Sum, Symbol
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Indexed

from symopt.arrays.indices import IndexNotation
from symopt.arrays.statement import ENTRY, ArrayStatement, name_of, read_arrays
from symopt.domain import always_holds, natural_domain
from symopt.errors import InputError
from symopt.exact.normal import NotExact, is_identical
from symopt.relation import Relation
from symopt.results.statistics import Range, Statistics
from symopt.statement import Statement, own_relations, own_symbol, state
from symopt.writing.document import Math
from symopt.writing.mathematics import Arrays

LARGEST_POWER: Final = 8  # of a sum that is opened
MOST_OPERATIONS: Final = 400  # of a summand
_LETTERS: Final = "TUVWZ"


class NotReduced(InputError):
    """The loss is no function of finitely many sums of its data; the sentence says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"this question is for numbers, or for losses that are functions of sums over data: {reason}"
        )


@dataclass(frozen=True)
class Reduction:
    """The loss as a problem of numbers, and what its new symbols are."""

    statement: Statement
    statistics: Statistics


def reduction(statement: ArrayStatement) -> Reduction:
    """The loss in its statistics; NotReduced where a sum mixes data and variables.

    >>> from sympy import IndexedBase, log, symbols
    >>> from symopt.arrays.statement import state_arrays
    >>> n, i = symbols("n i", integer=True, positive=True)
    >>> p, x = symbols("p", real=True), IndexedBase("x")
    >>> loss = Sum(x[i]*log(p) + (1 - x[i])*log(1 - p), (i, 1, n))
    >>> reduction(state_arrays(loss, [p], assuming=[x[i] >= 0, x[i] <= 1])).statement.objective
    S*log(p) + (-S + n)*log(1 - p)
    """
    mixed = [v for v in statement.variables if not isinstance(v, Symbol)]
    if mixed:
        raise NotReduced(f"{name_of(mixed[0])} is no number")
    return _Reducer(statement).answer()


@final
class _Reducer:
    """All work is on symopt's own symbols, so that the assumptions of the user's decide nothing unseen."""

    def __init__(self, statement: ArrayStatement) -> None:
        self.given = statement
        users = (*statement.variables, *statement.parameters, *statement.sizes)
        self.own = {symbol: own_symbol(symbol) for symbol in users}
        self.users = {own: symbol for symbol, own in self.own.items()}
        self.variables = {self.own[v] for v in statement.variables}
        numbers = [relation for symbol in users for relation in own_relations(symbol)]
        numbers += [Relation(self.own[size], ">") for size in statement.sizes]
        numbers += [r.at(self.own) for r in (*statement.constraints, *statement.assumptions)]
        self.known: list[Relation] = list(dict.fromkeys(numbers))
        self.entries: dict[Any, Symbol] = {}  # the entries x[i] of the data, as symbols
        self.arrays: dict[Symbol, Any] = {}
        self.demanded: list[Relation] = []
        self.named: dict[Any, tuple[Symbol, Sum]] = {}
        self.taken = {name_of(x) for x in (*users, *statement.data)}

    def answer(self) -> Reduction:
        """The loss with its sums named."""
        graph, reader, value, _ = read_arrays(self.given)
        written = IndexNotation(graph, reader.indices, reader.starts).term(value)
        if not written.has(Sum):
            raise NotReduced("it holds no sum over data")
        indices = {s for total in written.atoms(Sum) for s in total.variables}
        loss = written.xreplace({s: own for s, own in self.own.items() if s not in indices})
        self._learn(loss)
        reduced = self._reduced(loss)
        letters = self._letters()
        objective = _collected(reduced.xreplace(letters), self.variables)
        ranges = [
            replace(found, relation=found.relation.at({**letters, **self.users})) for found in self._ranges()
        ]
        totals = tuple((letters[symbol], total.xreplace(self.users)) for symbol, total in self.named.values())
        sizes = tuple(Relation(size, ">") for size in self.given.sizes)
        stated = state(
            objective.xreplace(self.users),
            list(self.given.variables),
            subject_to=self.given.constraints,
            assuming=(*self.given.assumptions, *sizes, *(found.relation for found in ranges)),
            sense=self.given.sense,
        )
        domain = [r for r in self.demanded if r not in stated.domain and r not in stated.assumptions]
        of_variables = tuple(r for r in domain if r.symbols & self.variables)
        stated = replace(
            stated,
            domain=(*stated.domain, *of_variables),
            assumptions=(*stated.assumptions, *(r for r in domain if r not in of_variables)),
        )
        return Reduction(stated, Statistics(totals, tuple(ranges), stated.objective, stated.variables))

    # where the loss has a value

    def _learn(self, loss: Any) -> None:
        """What the summands ask of the variables, the parameters and the data to have a value."""
        for total in sorted(loss.atoms(Sum), key=sympy.default_sort_key):
            demands = natural_domain(self._numbers(total.function), tuple(self.known))
            for relation in sorted(demands, key=self._is_mixed):
                self._demand(relation)

    def _is_mixed(self, relation: Relation) -> bool:
        """Whether it speaks of data and of variables."""
        return not (relation.symbols.isdisjoint(self.arrays) or relation.symbols.isdisjoint(self.variables))

    def _demand(self, relation: Relation) -> None:
        if not self._is_mixed(relation):
            if relation.symbols.isdisjoint(self.arrays):
                self.demanded.append(relation)
            self.known.append(relation)
            return
        parts = self._of_positive_factors(relation)
        if parts is None or any(map(self._is_mixed, parts)):
            raise NotReduced(f"where it has a value depends on the data: it needs {self._shown(relation)}")
        for part in parts:
            self._demand(part)

    def _of_positive_factors(self, relation: Relation) -> list[Relation] | None:
        """What u^a v > 0 asks where v > 0: that u > 0, if u is not negative or the only such factor."""
        if relation.op != ">":
            return None
        left = [f for f in Mul.make_args(relation.expression) if not self._is_positive(f)]
        powers = [factor.as_base_exp() for factor in left]
        if len(left) == 1 and powers[0][1] == 1:
            return [Relation(left[0], ">")]
        if all(self._holds(Relation(u, ">=")) and self._holds(Relation(a, ">")) for u, a in powers):
            return [Relation(base, ">") for base, _ in powers]
        return None

    def _numbers(self, body: Any) -> Any:
        """A summand with a symbol in the place of each entry; a sum within it is a number of its own."""
        if isinstance(body, (Indexed, MatrixElement)):
            return self._entry(body)
        if isinstance(body, Sum):
            return self.entries.setdefault(body, Dummy("sum", real=True))
        return body.func(*map(self._numbers, body.args)) if body.args else body

    def _entry(self, entry: Any) -> Symbol:
        if entry not in self.entries:
            base = entry.base.label if isinstance(entry, Indexed) else entry.args[0]
            indices = entry.indices if isinstance(entry, Indexed) else entry.args[1:]
            symbol = Dummy("".join(map(str, (name_of(base), "_", *indices))), real=True)
            self.entries[entry] = symbol
            self.arrays[symbol] = base
            self.known += [r.at(self.own).at({ENTRY: symbol}) for r in self.given.ranges_of(base)]
        return self.entries[entry]

    def _back(self, expression: Any) -> Any:
        """The expression in the user's symbols and entries."""
        return expression.xreplace({symbol: entry for entry, symbol in self.entries.items()} | self.users)

    def _shown(self, relation: Relation) -> str:
        return str(Relation(self._back(relation.expression), relation.op))

    # sums taken apart

    def _reduced(self, expression: Any) -> Any:
        if isinstance(expression, Sum):
            return self._sum(expression)
        if not expression.has(Sum):
            return expression
        return expression.func(*map(self._reduced, expression.args))

    def _sum(self, total: Sum) -> Any:
        body = self._opened(total.function)
        if sympy.count_ops(body) > MOST_OPERATIONS or any(
            power.exp.is_Integer and power.exp > LARGEST_POWER for power in body.atoms(Pow)
        ):
            raise NotReduced("a summand is too long to be opened")
        terms = Add.make_args(sympy.expand(body, log=False, power_base=False, func=False, trig=False))
        self._verify(body, terms)
        indices = set(total.variables)
        return Add(*(self._term(term, total, indices) for term in terms))

    def _verify(self, body: Any, terms: Sequence[Any]) -> None:
        """The terms add up to the summand, by exact arithmetic."""
        try:
            same = is_identical(self._numbers(body), Add(*map(self._numbers, terms)))
        except NotExact as error:
            raise NotReduced(f"exact arithmetic ended at a summand: {error}") from None
        if not same:
            raise NotReduced("a summand could not be opened")

    def _term(self, term: Any, total: Sum, indices: set[Symbol]) -> Any:
        """One term of a summand: what holds no entry, times a statistic."""
        outside: list[Any] = []
        inside: list[Any] = []
        for factor in Mul.make_args(term):
            (inside if factor.free_symbols & indices else outside).append(factor)
        rest = Mul(*inside)
        if rest.free_symbols & self.variables:
            raise NotReduced(
                f"the sum of {_short(rest.xreplace(self.users))} over the data holds data and variables "
                "that cannot be told apart"
            )
        times = [last - first + 1 for index, first, last in total.limits if index not in rest.free_symbols]
        for part in _connected(inside, indices):
            used = [limit for limit in total.limits if limit[0] in part.free_symbols]
            times.append(self._statistic(part, used))
        return Mul(*outside, *times)

    def _statistic(self, rest: Any, limits: Sequence[Any]) -> Symbol:
        plain = {limit[0]: Symbol(f"_{place}", integer=True) for place, limit in enumerate(limits)}
        key = rest.xreplace(plain), tuple(limit[1:] for limit in limits)
        if key not in self.named:
            self._numbers(rest)
            self.named[key] = Dummy("S", real=True), Sum(rest, *limits)
        return self.named[key][0]

    def _opened(self, body: Any) -> Any:
        """log(u v) = log u + log v where u and v are positive and hold both data and variables."""
        if not body.args or not body.has(sympy.log):
            return body
        body = body.func(*map(self._opened, body.args))
        if isinstance(body, sympy.log):
            found = self._logarithm(body.args[0])
            return body if found is None else found
        return body

    def _logarithm(self, argument: Any) -> Any | None:
        numbers = self._numbers(argument)
        if not (numbers.free_symbols & set(self.arrays) and numbers.free_symbols & self.variables):
            return None
        if isinstance(argument, sympy.exp):
            return argument.args[0]
        if isinstance(argument, Pow):
            base, exponent = argument.args
            return exponent * self._log(base) if self._is_positive(base) else None
        if not isinstance(argument, Mul) or not all(map(self._is_positive, argument.args)):
            return None
        constants = Mul(*(factor for factor in argument.args if factor.is_number))
        data = [f for f in argument.args if not f.is_number and not f.free_symbols & self.variables]
        others = [self._log(f) for f in argument.args if not f.is_number and f not in data]
        return Add(_log_of_number(constants), sympy.log(Mul(*data)) if data else S.Zero, *others)

    def _log(self, positive: Any) -> Any:
        """The logarithm of a positive factor; e^u and powers of positive bases are opened, whatever they hold."""
        if isinstance(positive, sympy.exp):
            return positive.args[0]
        if isinstance(positive, Pow) and self._is_positive(positive.base):
            return positive.exp * self._log(positive.base)
        found = self._logarithm(positive)
        return sympy.log(positive) if found is None else found

    def _is_positive(self, expression: Any) -> bool:
        numbers = self._numbers(expression)
        if isinstance(numbers, Mul):
            return all(map(self._is_positive, numbers.args))
        base = numbers.base if isinstance(numbers, Pow) else numbers
        if isinstance(numbers, Pow) and numbers.exp.is_Integer and numbers.exp % 2 == 0:
            return self._holds(Relation(base, "!="))
        argument = base.args[0] if isinstance(base, sympy.gamma) else base
        return self._holds(Relation(argument, ">"))

    # names and ranges

    def _letters(self) -> dict[Symbol, Symbol]:
        """S = sum x_i and Q = sum x_i^2 where there is one array of data, else S_x, S_xx, S_xy; letters for the rest."""
        arrays = {x for _, total in self.named.values() for x in self._arrays_in(total)}
        found: dict[Symbol, Symbol] = {}
        spare = iter([*_LETTERS, *(f"T_{place}" for place in range(1, len(self.named) + 1))])
        order = sorted(
            self.named.values(), key=lambda pair: (len(str(pair[1])), sympy.default_sort_key(pair[1]))
        )
        for symbol, total in order:
            wanted = self._names_of(total, len(arrays) == 1)
            name = next((name for name in wanted if name not in self.taken), None)
            while name is None or name in self.taken:
                name = next(spare)
            self.taken.add(name)
            found[symbol] = Symbol(name, real=True)
        return found

    def _arrays_in(self, total: Any) -> set[Any]:
        return {self.arrays[self._entry(e)] for e in total.atoms(Indexed, MatrixElement)}

    def _names_of(self, total: Sum, alone: bool) -> list[str]:
        powers = total.function.as_powers_dict()
        letters = ""
        for base, exponent in sorted(powers.items(), key=lambda pair: str(pair[0])):
            if not isinstance(base, (Indexed, MatrixElement)) or not exponent.is_Integer or exponent < 0:
                return []
            letters += name_of(self.arrays[self._entry(base)]) * int(exponent)
        plain = {1: ["S"], 2: ["Q"]}.get(len(letters), []) if alone and len(set(letters)) == 1 else []
        return [*plain, f"S_{letters}"]

    def _ranges(self) -> Iterator[Range]:
        """What is known of the statistics, each with its reason."""
        sums = [
            (symbol, self._numbers(total.function), total.limits) for symbol, total in self.named.values()
        ]
        joint: list[Range] = []
        for limits in dict.fromkeys(limits for _, _, limits in sums):
            alike = [(symbol, rest) for symbol, rest, others in sums if others == limits]
            joint += self._by_cauchy_schwarz([*alike, (_count(limits), S.One)])
        given = {symbol for found in joint for symbol, _, _ in sums if _is_square_beside(symbol, found)}
        for symbol, total in self.named.values():
            own = self._own_range(symbol, total)
            # S^2 <= n Q gives Q >= 0.
            yield from (r for r in own if symbol not in given or r.relation != Relation(symbol, ">="))
        yield from joint

    def _own_range(self, symbol: Symbol, total: Sum) -> Iterator[Range]:
        """s >= c for every entry gives S >= n c."""
        rest = self._numbers(total.function)
        count = _count(total.limits)
        seen: set[str] = set()
        for bound in self._bounds(rest):
            for op in (">", ">=", "<", "<="):
                relation = Relation(rest - bound, op)
                if op[0] in seen or not self._holds(relation):
                    continue
                seen.add(op[0])
                left, sign, right = Relation(self._back(relation.expression), op).as_sides()
                reason = ("because every ", Math((Arrays(left), sign, Arrays(right))))
                yield Range(Relation(symbol - bound * count, op), reason)

    def _bounds(self, rest: Expr) -> list[Any]:
        """Numbers that may bound the entry: those that its own range gives, the others 0."""
        own = [
            r.expression.xreplace({rest: S.Zero}) for r in self.known if rest.is_Symbol and rest in r.symbols
        ]
        slopes = [sympy.diff(r.expression, rest) for r in self.known if rest.is_Symbol and rest in r.symbols]
        ends = [-end / slope for end, slope in zip(own, slopes, strict=True) if slope.is_Rational and slope]
        free = [end for end in ends if not end.free_symbols & self.variables]
        return list(dict.fromkeys((*free, S.Zero)))

    def _holds(self, relation: Relation) -> bool:
        return bool(always_holds(relation, tuple(self.known)))

    def _by_cauchy_schwarz(self, sums: Sequence[tuple[Any, Any]]) -> Iterator[Range]:
        """(sum u v)^2 <= (sum u^2) (sum v^2) for u^2 and v^2 among the summands that are not negative."""
        for place, (first, one) in enumerate(sums):
            for second, other in sums[place + 1 :]:
                for mixed, product in sums:
                    if mixed in (first, second) or sympy.expand(product**2 - one * other) != 0:
                        continue
                    if self._holds(Relation(one, ">=")) and self._holds(Relation(other, ">=")):
                        all_equal = Math((Arrays(self._back(product)),))
                        equal = (", with equality exactly when all ", all_equal, " are equal")
                        reason = (_SCHWARZ, *(equal if S.One in (one, other) else ()))
                        yield Range(Relation(first * second - mixed**2, ">="), reason)


_SCHWARZ: Final = "by the inequality of Cauchy and Schwarz"


def _collected(objective: Any, variables: set[Symbol]) -> Any:
    """The sum with like functions of the variables together: S log(p) + (n - S) log(1 - p)."""
    found: dict[Any, Any] = {}
    for term in Add.make_args(sympy.expand_mul(objective, deep=False)):
        free, bound = term.as_independent(*variables, as_Add=False)
        found[bound] = found.get(bound, S.Zero) + free
    return Add(*(sympy.expand_mul(free) * bound for bound, free in found.items()))


def _is_square_beside(symbol: Symbol, found: Range) -> bool:
    """Whether the relation is S^2 <= n Q for the symbol Q and a number n of summands."""
    others = found.relation.expression.coeff(symbol)
    return bool(others != 0 and not any(s.is_Dummy for s in others.free_symbols))


def _connected(factors: Sequence[Any], indices: set[Symbol]) -> list[Any]:
    """The products of the factors that share indices: sum_ij x_i x_j is (sum_i x_i)^2."""
    groups: list[tuple[set[Symbol], list[Any]]] = []
    for factor in factors:
        own = factor.free_symbols & indices
        joined = [group for group in groups if group[0] & own]
        groups = [group for group in groups if group not in joined]
        members = [member for _, known in joined for member in known]
        groups.append((own.union(*(known for known, _ in joined)), [*members, factor]))
    return [Mul(*members) for _, members in groups]


def _count(limits: Any) -> Any:
    """How many summands there are."""
    return Mul(*(last - first + 1 for _, first, last in limits))


def _log_of_number(number: Any) -> Any:
    """log of 1/sqrt(2 pi) as -log(2 pi)/2."""
    square = number**2
    if square.has(Pow) and (1 / square).is_Mul and not (1 / square).atoms(Pow):
        return -sympy.log(1 / square) / 2
    return sympy.log(number)


def _short(expression: Any) -> str:
    text = str(expression)
    return text if len(text) <= 60 else f"{text[:57]}..."
