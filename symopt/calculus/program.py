"""Graph -> straight-line program: binary operations on floats, each computed once.

This is the last symbolic step and the first numeric one: exact numbers become correctly rounded constants,
sums are grouped by coefficient (2 a + 2 b is 2 (a + b)), integer powers are products, a reciprocal that is
used once is a division. The emitter writes any part of a program as Python source in one of several dialects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias, cast, final

from symopt.calculus.expressions import as_expressions
from symopt.calculus.graph import Graph, Number, Term, children

Instruction: TypeAlias = tuple[Any, ...]
LARGEST_PRODUCT: Final = 64
# A sum of exponentials, the largest of them 1, keeps its digits when 1 is taken away from so much.
MUCH: Final = 1.1
# An operation outside this set has a value for all finite arguments, be it infinite.
TOTAL: Final = frozenset(
    {
        *("input", "+", "-", "*", "neg", "<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "select"),
        *("max", "min", "rest", "Abs", "sign", "slope", "Heaviside", "exp", "expm1"),
        *("exp_rest", "sin_rest", "cos_rest", "sinh_rest", "cosh_rest", "tanh_rest"),
        *("exp_third_rest", "atan_rest", "asinh_rest", "tanh_slope"),
        *("log_cosh", "log_cosh_rest", "over_expm1_slope", "over_expm1_bend"),
        *("hypot", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf", "erfc"),
    }
)
# What these make of a number that is infinite or nan is infinite or nan.
SPREADING: Final = frozenset({"+", "-", "*", "neg", "sqrt", "root"})
RELATIONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!="})


@dataclass(frozen=True)
class Program:
    """Instructions `(operation, operand, ...)` in order, and the places of its results.

    ("input", k) and ("constant", float) are the leaves.
    """

    instructions: tuple[Instruction, ...]
    results: tuple[int, ...]

    def needed(self, results: Iterable[int]) -> list[int]:
        """The places of the instructions that the results rest on, in order."""
        instructions, found = self.instructions, []
        wanted = bytearray(len(instructions))
        for place in results:
            wanted[place] = 1
        place = wanted.rfind(1)
        while place >= 0:
            found.append(place)
            instruction = instructions[place]
            if len(instruction) == 3:
                wanted[instruction[1]] = wanted[instruction[2]] = 1
            elif instruction[0] not in ("input", "constant"):
                for operand in instruction[1:]:
                    wanted[operand] = 1
            place = wanted.rfind(1, 0, place)
        found.reverse()
        return found

    def growing_denominators(self, order: Iterable[int]) -> tuple[int, ...]:
        """Denominators with products in them: these may silently become infinite, which makes a quotient 0.

        Those of the instructions at the places of an order are looked at. One that others are products or sums of is left
        out, since they are infinite or nan where it is.
        """
        instructions = (self.instructions[place] for place in order)
        denominators = dict.fromkeys(
            [instruction[2] for instruction in instructions if instruction[0] == "/"]
        )
        grows: set[int] = set()
        below = self.needed(denominators)
        for place in below:
            head, *operands = self.instructions[place]
            if head == "*":
                steady = any(self.instructions[operand][0] == "constant" for operand in operands)
                if not steady or not grows.isdisjoint(operands):
                    grows.add(place)
            elif head in SPREADING and not grows.isdisjoint(operands):
                grows.add(place)
        told: set[int] = set()
        for place in reversed(below):
            head, *operands = self.instructions[place]
            if head in SPREADING and (place in told or (place in denominators and place in grows)):
                told.update(operands)
        return tuple([place for place in denominators if place in grows and place not in told])

    def doubtful(self, results: Sequence[int]) -> tuple[int, ...]:
        """What is looked at before the results are believed: growing denominators, and results of divisions."""
        order = self.needed(results)
        below = self.growing_denominators(order)
        divided: set[int] = set()
        for place in order:
            head, *operands = self.instructions[place]
            if head == "/" or (head != "input" and head != "constant" and not divided.isdisjoint(operands)):
                divided.add(place)
        return tuple(dict.fromkeys([*below, *(place for place in results if place in divided)]))

    def operations(self, results: Iterable[int]) -> int:
        """How many arithmetic operations and function calls the results take."""
        return sum(_cost(self.instructions[place]) for place in self.needed(results))


def _cost(instruction: Instruction) -> int:
    return 0 if instruction[0] in ("input", "constant") else 1


def lower(graph: Graph, terms: Sequence[Term]) -> Program:
    """The program that computes the terms from the variables of the graph."""
    lowering = _Lowering(graph, terms)
    results = tuple(lowering.scaled(coefficient, place) for coefficient, place in terms)
    return Program(tuple(lowering.instructions), results)


@final
class _Lowering:
    def __init__(self, graph: Graph, terms: Sequence[Term]) -> None:
        self.graph = graph
        self.instructions: list[Instruction] = []
        self._index: dict[Instruction, int] = {}
        self._total: list[
            bool
        ] = []  # whether the value of each instruction is defined for all finite arguments
        self._values: dict[int, int] = {}
        self._multiples: set[tuple[float, int]] = set()  # multiples of nodes that are asked for
        self._shares: dict[int, tuple[int, int, dict[int, int]]] = {}  # of each log_sum_exp, for its softmax
        for index, _ in enumerate(graph.variables):
            self._values[index + 1] = self._emit("input", index)
        order = graph.reachable(place for _, place in terms)
        self._uses = [0] * len(graph.nodes)
        self._closed = bytearray(len(graph.nodes))
        deferred = self._count_uses(order, terms)
        for place in order:
            if not self._closed[place] and place not in self._values and place not in deferred:
                self._values[place] = self._node(graph.nodes[place])

    def _count_uses(self, order: Sequence[int], terms: Sequence[Term]) -> set[int]:
        """Count the uses of each node; the products and powers to be lowered with their one coefficient."""
        nodes, uses, closed = self.graph.nodes, self._uses, self._closed
        scaled: set[int] = set()
        for coefficient, place in set(terms):
            uses[place] += 1
            if coefficient != 1:
                scaled.add(place)
                self._multiples.add((_rounded(coefficient), place))
        for place in order:
            node = nodes[place]
            head = node[0]
            if head == "symbol":
                continue
            constant = True
            if head == "sum":
                for child, coefficient in node[1]:
                    uses[child] += 1
                    constant = constant and closed[child] == 1
                    # A fraction that is an integer is an int by now.
                    if type(coefficient) is not int or not -1 <= coefficient <= 1:
                        scaled.add(child)
                        self._multiples.add((abs(_rounded(coefficient)), child))
            else:
                for child in children(node):
                    uses[child] += 1
                    constant = constant and closed[child] == 1
            closed[place] = constant
        return {place for place in scaled if uses[place] == 1 and nodes[place][0] in ("product", "power")}

    def _emit(self, *instruction: Any) -> int:
        instructions = self.instructions
        place = self._index.setdefault(instruction, len(instructions))
        if place == len(instructions):
            instructions.append(instruction)
        return place

    def _is_total(self, place: int) -> bool:
        """Whether a value is defined for all finite arguments: its operation and all below it are."""
        known, instructions = self._total, self.instructions
        for head, *operands in instructions[len(known) : place + 1]:
            leaf = head in ("input", "constant")
            known.append(leaf or (head in TOTAL and all(known[operand] for operand in operands)))
        return known[place]

    def _constant(self, number: Number | float) -> int:
        return self._emit("constant", _rounded(number))

    def _value(self, place: int) -> int:
        value = self._values.get(place)
        if value is None:
            if self._closed[place]:
                value = self._constant(_evaluated(self.graph, place))
            else:
                value = self._node(self.graph.nodes[place])
            self._values[place] = value
        return value

    def _node(self, node: tuple[Any, ...]) -> int:
        head = node[0]
        if head == "sum":
            return self._sum(node[1])
        if head == "product":
            return self._product(node[1], node[2])
        if head == "power":
            return self._power(node[1], node[2])
        if head in ("softplus", "sigmoid"):
            return self._logistic(head, node[1])
        if head == "log_sum_exp":
            return self._log_sum_exp(node)
        if head == "hypot_less":
            return self._hypot_less(node)
        if head == "tanh_slope":
            return self._tanh_slope(node[1])
        if head == "log_abs":
            return self._emit("log", self._emit("Abs", self._value(node[1])))
        if head == "log_hypot":
            return self._log_hypot(node)
        if head == "select":
            return self._select(node)
        if head == "direction":
            return self._emit("/", self._value(node[2]), self._value(node[1]))
        if head == "stable":
            return self._value(node[1])
        if head == "softmax":
            _, inverse, parts = self._shares[self._value(node[1])]
            return parts[node[2]] if len(parts) == 2 else self._times(parts[node[2]], inverse)
        if head == "others":
            rest, inverse, parts = self._shares[self._value(node[1])]
            # 1 - p without cancellation: rest/total and 1/total are 1 together, and p is 1/total at the largest u.
            own = self._emit("-", inverse, self._times(parts[node[2]], inverse))
            return self._emit("+", self._times(rest, inverse), own)
        return self._emit(head, *[self._value(child) for child in node[1:]])

    def scaled(self, coefficient: Number, place: int) -> int:
        """The value of a coefficient times a node."""
        if coefficient == 1:
            return self._value(place)
        if place == 0 or not coefficient:
            return self._constant(coefficient)
        node = self.graph.nodes[place]
        if self._closed[place]:
            return self._constant(_evaluated(self.graph, self.graph.node((coefficient, place))))
        if self._uses[place] == 1:
            if node[0] == "power" and _is_reciprocal(node[2]):
                return self._emit("/", self._constant(coefficient), self._power(node[1], -node[2]))
            if node[0] == "product":
                return self._product(node[1], node[2], coefficient)
            if node[0] == "sum" and coefficient == -1:
                return self._sum(tuple((child, -inner) for child, inner in node[1]))
        if coefficient == -1:
            return self._emit("neg", self._value(place))
        return self._times(self._constant(coefficient), self._value(place))

    def _times(self, left: int, right: int) -> int:
        if self.instructions[left] == ("constant", 1.0):
            return right
        return self._emit("*", left, right)

    def _product(self, left: int, right: int, coefficient: Number = 1) -> int:
        nodes = self.graph.nodes
        if nodes[left][0] == "power" or nodes[right][0] == "power":
            for factor, other in ((right, left), (left, right)):
                node = nodes[factor]
                if node[0] == "power" and _is_reciprocal(node[2]) and self._uses[factor] == 1:
                    return self._emit("/", self.scaled(coefficient, other), self._power(node[1], -node[2]))
        if coefficient == 1:
            return self._emit("*", self._value(left), self._value(right))
        if (_rounded(coefficient), right) in self._multiples:
            left, right = right, left
        return self._times(self.scaled(coefficient, left), self._value(right))

    def _power(self, base: int, exponent: Number) -> int:
        value = self._value(base)
        if _is_reciprocal(exponent):
            return self._emit("/", self._constant(1), self._power(base, -exponent))
        if exponent.denominator == 1:
            return self._whole_power(value, int(exponent))
        if exponent.denominator == 2 and exponent.numerator < LARGEST_PRODUCT:
            root = self._emit("sqrt", value)
            whole = exponent.numerator // 2
            return self._times(self._whole_power(value, whole), root) if whole else root
        return self._emit("root", value, self._constant(exponent))

    def _whole_power(self, value: int, exponent: int) -> int:
        if exponent == 1:
            return value
        if exponent > LARGEST_PRODUCT:
            return self._emit("root", value, self._constant(exponent))
        if exponent % 2:
            return self._times(self._whole_power(value, exponent - 1), value)
        half = self._whole_power(value, exponent // 2)
        return self._times(half, half)

    def _factored(self, pairs: Sequence[tuple[int, Number]]) -> int | None:
        """a p q + b p r = p (a q + b r) for a sum of two terms, and maybe a number, whose products are used once."""
        terms = [(place, number) for place, number in pairs if place]
        if len(terms) != 2:
            return None
        (first, a), (second, b) = [(self._factors(place), number) for place, number in terms]
        for factor in first:
            if factor in second:
                break
        else:
            return None
        inner = []
        for factors, coefficient in ((first, a), (second, b)):
            rest = factors[factor]
            size = abs(_rounded(coefficient))
            value = self._constant(size) if rest is None else self._value(rest[0])
            if rest is not None and rest[1] > 1:
                value = self._whole_power(value, rest[1])
            if rest is not None and size != 1:
                value = self._times(self._constant(size), value)
            inner.append((value, coefficient > 0))
        plus, minus = [v for v, positive in inner if positive], [v for v, positive in inner if not positive]
        negative = not plus
        total = self._times(self._value(factor), self._signed(*((minus, []) if negative else (plus, minus))))
        number = sum((number for place, number in pairs if place == 0), start=0)
        signed = ([], [total]) if negative else ([total], [])
        signed[number < 0].extend([self._constant(max(number, -number))] if number else [])
        return self._signed(*signed)

    def _factors(self, place: int) -> dict[int, tuple[int, int] | None]:
        """The factors of a node, each with the node and its power that are left without it; None is 1."""
        node = self.graph.nodes[place]
        if self._uses[place] == 1 and not self._closed[place]:
            if node[0] == "product":
                return {node[1]: (node[2], 1), node[2]: (node[1], 1)}
            if node[0] == "power" and type(node[2]) is int and 1 < node[2] <= LARGEST_PRODUCT:
                return {node[1]: (node[1], node[2] - 1)}
        return {place: None}

    def _sum(self, pairs: Sequence[tuple[int, Number]]) -> int:
        if len(pairs) < 4:
            factored = self._factored(pairs)
            if factored is not None:
                return factored
        groups: dict[float, tuple[Number, list[int], list[int]]] = {}
        constant: Number = 0
        plus: list[int] = []
        minus: list[int] = []
        for place, coefficient in pairs:
            if place == 0:
                constant = coefficient
            elif type(coefficient) is int and -1 <= coefficient <= 1:
                (plus if coefficient > 0 else minus).append(self._value(place))
            else:
                # Fractions are slow to hash and to compare; those that round alike are alike.
                value = _rounded(coefficient)
                size = abs(value)
                if size not in groups:
                    groups[size] = coefficient, [], []
                _, positive, negative = groups[size]
                (positive if value > 0 else negative).append(place)
        for size, (exact, positive, negative) in groups.items():
            if len(positive) + len(negative) == 1:
                if positive:
                    plus.append(self.scaled(exact, positive[0]))
                else:
                    minus.append(self.scaled(-exact, negative[0]))
            else:
                first = [self._value(place) for place in positive or negative]
                second = [self._value(place) for place in negative if positive]
                inner = self._times(self._emit("constant", size), self._signed(first, second))
                (plus if positive else minus).append(inner)
        if constant > 0 or (constant and not plus):
            plus.append(self._constant(constant))
        elif constant:
            minus.append(self._constant(-constant))
        return self._signed(plus, minus)

    def _signed(self, plus: list[int], minus: list[int]) -> int:
        if not plus:
            return self._emit("neg", self._signed(minus, []))
        total = plus[0]
        for value in plus[1:]:
            total = self._emit("+", total, value)
        for value in minus:
            total = self._emit("-", total, value)
        return total

    def _logistic(self, head: str, argument: int) -> int:
        """softplus and sigmoid of u and of -u from the one number e^-|u|, which never overflows."""
        coefficient, place = self.graph.term(argument)
        u = self.scaled(cast("int | Fraction", abs(coefficient)), place)
        size = self._emit("exp", self._emit("neg", self._emit("Abs", u)))
        zero = self._constant(0)
        if head == "softplus":
            signed = u if coefficient > 0 else self._emit("neg", u)
            return self._emit("+", self._emit("max", signed, zero), self._emit("log1p", size))
        high, low = self._two_shares(size)
        return self._emit(
            "select", self._emit(">=", u, zero), *((high, low) if coefficient > 0 else (low, high))
        )

    def _two_shares(self, rest: int) -> tuple[int, int]:
        """1/(1 + r) and r/(1 + r)."""
        one = self._constant(1)
        high = self._emit("/", one, self._emit("+", rest, one))
        return high, self._times(rest, high)

    def _tanh_slope(self, argument: int) -> int:
        """1 - tanh(u)^2, by exponentials where it would cancel."""
        u = self._value(argument)
        tangent = self._emit("tanh", u)
        square = self._times(tangent, tangent)
        near = self._emit("-", self._constant(1), square)
        small = self._emit("<", square, self._constant(Fraction(999, 1000)))
        return self._emit("select", small, near, self._emit("tanh_slope", u))

    def _select(self, node: tuple[Any, ...]) -> int:
        """Where a relation has no truth value, as log(x) < 1 at x = -1, neither branch is the value."""
        condition, yes, no = (self._value(child) for child in node[1:])
        value = self._emit("select", condition, yes, no)
        head, *sides = self.instructions[condition]
        for side in sides if head in RELATIONS else ():
            if not self._is_total(side):
                value = self._emit("where_defined", side, value)
        return value

    def _hypot_less(self, node: tuple[Any, ...]) -> int:
        """With h = sqrt(a^2 + b^2 + ...): h - |a| = b (b/(h + |a|)) + ..., which neither cancels nor overflows."""
        first, *sides = [self._value(argument) for argument in node[1:]]
        norm = self._emit("hypot", first, *sides)
        size = first if self.instructions[first][0] == "constant" else self._emit("Abs", first)
        total = self._emit("+", norm, size)
        less = self._signed([self._times(side, self._emit("/", side, total)) for side in sides], [])
        if size == first:
            return less
        zero = self._constant(0)
        safe = self._emit("and", self._emit(">=", first, zero), self._emit(">", total, zero))
        return self._emit("select", safe, less, total)

    def _log_hypot(self, node: tuple[Any, ...]) -> int:
        """log h, or log(1 + u^2 + ...)/2 where one side is 1 and the squares of the others are small."""
        values = [self._value(argument) for argument in node[1:]]
        far = self._emit("log", self._emit("hypot", *values))
        one = self._constant(1)
        if one not in values:
            return far
        rest = self._signed([self._times(value, value) for value in values if value != one], [])
        near = self._times(self._constant(0.5), self._emit("log1p", rest))
        return self._emit("select", self._emit("<=", rest, one), near, far)

    def _log_sum_exp(self, node: tuple[Any, ...]) -> int:
        """max u + log(1 + rest), where sum e^(u_i - max u) = 1 + rest without cancellation."""
        values = [self._value(argument) for argument in node[1:]]
        if len(values) == 2:
            first, second = values
            rest = self._emit("exp", self._emit("neg", self._emit("Abs", self._emit("-", first, second))))
            leads = self._emit(">=", first, second)
            peak = self._emit("select", leads, first, second)
            high, low = self._two_shares(rest)
            parts = [self._emit("select", leads, *pair) for pair in ((high, low), (low, high))]
        else:
            peak = values[0]
            for value in values[1:]:
                peak = self._emit("max", value, peak)
            parts = [self._emit("exp", self._emit("-", value, peak)) for value in values]
            rest = self._emit("rest", self._signed(parts, []), *parts)
        result = self._emit("+", peak, self._emit("log1p", rest))
        inverse = self._emit("/", self._constant(1), self._emit("+", rest, self._constant(1)))
        self._shares[result] = rest, inverse, dict(zip(node[1:], parts, strict=True))
        return result


def _is_reciprocal(exponent: Number) -> bool:
    return exponent < 0


def _rounded(number: Number | float) -> float:
    try:
        return number.numerator / number.denominator if type(number) is Fraction else float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def _evaluated(graph: Graph, place: int) -> float:
    """The value of a node without symbols, correctly rounded; nan when it is not a real number."""
    (expression,) = as_expressions(graph, [(1, place)])
    if expression.is_Rational:
        return _rounded(Fraction(expression.p, expression.q))
    value = expression.evalf(40, maxn=2000)
    return float(value) if value.is_Float or value.is_Integer else float("nan")
