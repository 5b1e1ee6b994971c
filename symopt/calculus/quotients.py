"""Sums over a common denominator, where terms then cancel exactly.

1/(1 + u) - u/(1 + u)^2 is 1/(1 + u)^2, 1 - u^2/(u^2 + v^2) is v^2/(u^2 + v^2), and 1/h - u^2/h^3 is v^2/h^3 where h^2 =
u^2 + v^2: what a derivative of a quotient is made of. A sum is left as it is where nothing cancels by that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from typing import Final, TypeAlias, cast, final

from symopt.calculus.differences import PASSES
from symopt.calculus.graph import LEAVES, ONE, Graph, Node, Number, Term, children, simplest
from symopt.calculus.program import TOTAL
from symopt.calculus.sums import kind_of_power, linear, rewritten

# Nodes with their exponents; a monomial has them sorted.
Powers: TypeAlias = Mapping[int, Number]
Monomial: TypeAlias = tuple[tuple[int, Number], ...]
Polynomial: TypeAlias = dict[Monomial, Number]
# Factors with their least and their highest exponents in the monomials of a polynomial.
Spans: TypeAlias = Mapping[int, tuple[Number, Number]]
# A factor, the terms of a sum, and whether their product is to be differentiated rather than the sum as it was.
Quotient: TypeAlias = tuple[Term, list[Term], bool]
# Terms with their factors.
Group: TypeAlias = list[tuple[Term, Powers]]

# Sums of more terms, and numerators of more monomials, are left as they are.
MOST_TERMS: Final = 12
MOST_MONOMIALS: Final = 40
HIGHEST: Final = 6
MOST_FACTORS: Final = 30
MOST_NUMBERS: Final = 20
# A product or a power of one of these may be a share of something, whose rest is known.
SHARES: Final = frozenset({"direction", "sigmoid", "softmax", "others"})
PARTLY: Final = SHARES | {"hypot", "others"}
TRANSPARENT: Final = frozenset({"sum", "hypot", "softmax", "others"})
# Kinds of terms that a rule for sums is about.
RULED: Final = frozenset(name for rules in PASSES for name in rules)
SAFE: Final = (TOTAL | LEAVES | SHARES | {"sum", "product", "softplus", "log_sum_exp"}) - {"undefined"}


def divides(graph: Graph, place: int) -> bool:
    """Whether a quotient or a share of something is among the first factors of a node."""
    nodes = graph.nodes
    known: dict[int, bool] = graph.known.setdefault("divides", {})
    stack = [place]
    found = False
    for _ in range(MOST_FACTORS):
        if not stack or found:
            break
        part = stack.pop()
        node = nodes[part]
        head = node[0]
        if part in known:
            found = known[part]
        elif head == "product":
            stack += node[1:]
        elif head in SHARES or (head == "power" and node[2] < 0):
            found = True
        elif head in ("stable", "power"):
            stack.append(node[1])
    known[place] = found
    return found


def quotients(
    graph: Graph, terms: Sequence[Term], derivatives: bool
) -> Iterator[tuple[list[Term], Quotient]]:
    """Terms of a sum with the quotient that they are best written as: those that cancel with each other.

    Of `derivatives` poles may be lost: they have no value where f has none, and elsewhere the limit is theirs.
    """
    if len(terms) < 2 or not any(divides(graph, place) for _, place in terms):
        return
    factored: Group = []
    for term in terms:
        powers = factors(graph, term[1], derivatives)
        if powers is None:
            return
        factored.append((term, powers))
    any_found = False
    for group in _alike(graph, factored) if _may_meet(graph, factored) else ():
        found = _over_common_denominator(graph, group, derivatives)
        if found is not None:
            any_found = True
            yield [term for term, _ in group], found
    left = None if any_found or len(terms) > MOST_TERMS else _without_common_factor(graph, factored)
    if left is not None:
        yield list(terms), left


def _may_meet(graph: Graph, factored: Group) -> bool:
    """Whether terms are over different denominators, or alike as they stand: otherwise none cancel exactly."""
    all_powers = [powers for _, powers in factored]
    if any(e < 0 or graph.nodes[base][0] == "others" for powers in all_powers for base, e in powers.items()):
        return True
    return len({frozenset(powers.items()) for powers in all_powers}) < len(factored)


def _alike(graph: Graph, factored: Group) -> Iterator[Group]:
    """The terms that may cancel with each other: what no sum has in it is the same in both."""
    if len(factored) == 2 and not _are_alike(graph, *[powers for _, powers in factored]):
        return
    nodes = graph.nodes
    bases = {base for _, powers in factored for base in powers}
    inside = _inside(graph, bases)
    opaque = {base for base in bases - inside if nodes[base][0] not in TRANSPARENT}
    found: dict[Monomial, Group] = {}
    for term, powers in factored:
        key = tuple(sorted((base, exponent) for base, exponent in powers.items() if base in opaque))
        found.setdefault(key, []).append((term, powers))
    yield from (group for group in found.values() if 1 < len(group) <= MOST_TERMS)


def _are_alike(graph: Graph, one: Powers, other: Powers) -> bool:
    nodes = graph.nodes
    different = {base for base, _ in one.items() ^ other.items() if nodes[base][0] not in TRANSPARENT}
    return not different or different <= _inside(graph, {*one, *other})


def _inside(graph: Graph, bases: Iterable[int]) -> set[int]:
    """The factors of the terms of sums, and of the sides of norms."""
    found: set[int] = set()
    known: dict[int, frozenset[int]] = graph.known.setdefault("inside", {})
    for base in bases:
        node = graph.nodes[base]
        if node[0] in ("sum", "hypot"):
            if base not in known:
                parts = (factors(graph, child, False) or () for child in children(node))
                known[base] = frozenset().union(*parts)
            found |= known[base]
    return found


def _without_common_factor(graph: Graph, group: Group) -> Quotient | None:
    """p q - p r = p (q - r) where a rule knows how to write q - r."""
    if len(group) == 2:
        (_, one), (_, other) = group
        if len(one.keys() - other.keys()) > 1 and len(other.keys() - one.keys()) > 1:
            return None
    common = _common([powers for _, powers in group])
    if not common:
        return None
    left = [(number, _over(powers, common)) for (number, _), powers in group]
    if not any(_has_rule(graph, powers) for _, powers in left):
        return None
    inner = [_monomial(graph, number, powers) for number, powers in left]
    return None if rewritten(graph, inner, PASSES) is None else (_monomial(graph, 1, common), inner, True)


def _has_rule(graph: Graph, powers: Powers) -> bool:
    """Whether a rule for sums is about the product of the powers."""
    own = [(base, exponent) for base, exponent in powers.items() if exponent]
    if len(own) == 1:
        return kind_of_power(graph, *own[0]) in RULED
    return any(graph.nodes[base][0] == "log" for base, _ in own)


def _over_common_denominator(graph: Graph, group: Group, derivatives: bool) -> Quotient | None:
    """The sum of a group as one quotient: terms cancel exactly, or a rule of `PASSES` finds what cancels."""
    nodes = graph.nodes
    if len({frozenset(powers.items()) for _, powers in group}) < len(group):
        alike = _collected((tuple(sorted(powers.items())), coefficient) for (coefficient, _), powers in group)
        if all(alike.values()):
            return ONE, [_monomial(graph, number, dict(monomial)) for monomial, number in alike.items()], True
    below = _denominator(powers for _, powers in group)
    if below is None:
        return None
    bases = {base for _, powers in group for base in powers}
    others = any(nodes[base][0] == "others" for base in bases)
    uneven = [base for base, most in below.items() if any(p.get(base, 0) != -most for _, p in group)]
    if not others and not uneven:
        return None
    # Quotients, and derivatives of one quotient, are looked at closely; a quotient beside something else is not.
    simple = derivatives and not others and not _are_quotients(uneven, group)
    if simple and len(uneven) > 1:
        return None
    shared = {
        base: exponent for base, exponent in _common([powers for _, powers in group]).items() if exponent > 0
    }
    if shared:
        group = [(term, {b: e for b, e in _over(powers, shared).items() if e}) for term, powers in group]
        bases = {base for _, powers in group for base in powers}
    sums = {base for base in bases if nodes[base][0] == "sum"}
    signs = {coefficient > 0 for (coefficient, _), _ in group}
    # Where everything is added nothing cancels.
    mixed = others or len(signs) > 1
    if not mixed and all((coefficient > 0) in signs for base in sums for _, coefficient in nodes[base][1]):
        return None
    for all_sums in (True, False) if not simple and (others or not below.keys() >= sums) else (False,):
        found = _expanded(graph, group, below, all_sums, derivatives)
        if found is not None:
            factor, inner, better = found
            return graph.multiply(factor, _monomial(graph, 1, shared)), inner, better
    return None


def _are_quotients(uneven: Sequence[int], group: Group) -> bool:
    """Whether terms are over different powers of one base, or all of them over one of the bases."""
    if all(any(powers.get(base, 0) < 0 for base in uneven) for _, powers in group):
        return True
    return any(len({powers[base] for _, powers in group if powers.get(base, 0) < 0}) > 1 for base in uneven)


def _denominator(group: Iterable[Powers]) -> dict[int, Number] | None:
    """What all the powers are over; None where it is too high a power."""
    below: dict[int, Number] = {}
    for powers in group:
        for base, exponent in powers.items():
            if exponent < 0:
                if exponent < -HIGHEST:
                    return None
                below[base] = max(below.get(base, 0), -exponent)
    return below


def _expanded(
    graph: Graph, factored: Group, below: Powers, all_sums: bool, derivatives: bool
) -> Quotient | None:
    """The sum over a common denominator, its numerator multiplied out: of all sums, or of those that are below."""
    heads = {graph.nodes[base][0] for _, powers in factored for base in powers}
    expanding = _Expanding(graph, below, all_sums, heads)
    above: list[tuple[Number, Polynomial]] = []
    products = [
        (coefficient, {base: powers.get(base, 0) + below.get(base, 0) for base in {*powers, *below}})
        for (coefficient, _), powers in factored
    ]
    if not expanding.may_vanish(products):
        return None
    for coefficient, powers in products:
        polynomial = expanding.product(powers)
        if polynomial is None:
            return None
        above.append((coefficient, polynomial))
    numerator, cancelled = _total(above, expanding.partly)
    if not numerator or len(numerator) > len(factored):
        return None
    common = _common([dict(monomial) for monomial in numerator])
    if not derivatives:
        poles_stay = all(common.get(base, 0) < most for base, most in below.items())
        if not poles_stay or not _keeps_domain(graph, above, numerator, below):
            return None
    if cancelled:
        one_sign = len({number > 0 for number in numerator.values()}) == 1
        if all_sums and not one_sign and not _is_plain(graph, numerator):
            return None
    inner = [_monomial(graph, number, _over(dict(m), common)) for m, number in numerator.items()]
    if not cancelled and (all_sums or rewritten(graph, inner, PASSES) is None):
        return None
    return _monomial(graph, 1, _over(common, below)), inner, cancelled


def _is_plain(graph: Graph, numerator: Polynomial) -> bool:
    """Whether it is the difference of two monomials in the variables: no more is lost than they have lost themselves."""
    size = len(graph.variables)
    return len(numerator) == 2 and all(base <= size for monomial in numerator for base, _ in monomial)


def _keeps_domain(
    graph: Graph, above: Sequence[tuple[Number, Polynomial]], numerator: Polynomial, below: Powers
) -> bool:
    """Whether nothing is lost that may have no value."""
    before = {base for _, polynomial in above for monomial in polynomial for base, _ in monomial}
    lost = before - {base for monomial in numerator for base, _ in monomial} - below.keys()
    doubtful = (
        {place for place in graph.reachable(lost) if not _is_total(graph.nodes[place])} if lost else set()
    )
    return not doubtful or doubtful <= set(graph.reachable(below))


def _is_total(node: Node) -> bool:
    """Whether a node has a value wherever what it is made of has one."""
    if node[0] == "power":
        return type(node[2]) is int and node[2] > 0
    return node[0] in SAFE


def factors(graph: Graph, place: int, derivatives: bool) -> Powers | None:
    """The factors of a node with their exponents; None where a pole would be lost, or of too many."""
    nodes = graph.nodes
    known: dict[int, Powers | None] = graph.known.setdefault(("factors", derivatives), {0: {}})
    stack = [place]
    while stack:
        part = stack[-1]
        if part in known:
            stack.pop()
            continue
        node = nodes[part]
        head = node[0]
        if head == "product":
            parts, times = node[1:], 1
        elif head == "power" and type(node[2]) is int:
            parts, times = node[1:2], node[2]
        elif head == "stable":
            parts, times = node[1:2], 1
        else:
            stack.pop()
            known[part] = _factors(nodes, part, derivatives)
            continue
        missing = [child for child in parts if child not in known]
        if missing:
            stack += missing
            continue
        stack.pop()
        first = known[parts[0]]
        if first is None:
            known[part] = None
        elif head == "product":
            known[part] = _joined(first, known[parts[1]], derivatives)
        else:
            known[part] = first if times == 1 else {base: simplest(e * times) for base, e in first.items()}
    return known[place]


def _factors(nodes: Sequence[Node], place: int, derivatives: bool) -> Powers:
    """Those of a node that is no product."""
    node = nodes[place]
    if node[0] == "power" and (derivatives or nodes[node[1]][0] == "hypot"):
        return {node[1]: node[2]}
    return {node[1]: -1, node[2]: 1} if node[0] == "direction" else {place: 1}


def _joined(left: Powers, right: Powers | None, derivatives: bool) -> Powers | None:
    """The factors of a product, from those of its two parts."""
    if right is None:
        return None
    found = dict(left)
    for base, exponent in right.items():
        before = found.get(base, 0)
        if before * exponent < 0 and not derivatives:
            return None
        found[base] = simplest(before + exponent)
        if not found[base]:
            del found[base]
    return found if len(found) <= MOST_FACTORS else None


@final
class _Expanding:
    """Products multiplied out; the square of a norm below is a sum of squares, the rest of a share the other shares."""

    def __init__(self, graph: Graph, below: Powers, all_sums: bool, heads: Set[str]) -> None:
        self._graph, self._below, self._all_sums = graph, below, all_sums
        # Differences of shares, and what a norm is below, cancel with more later.
        self.partly = not PARTLY.isdisjoint(heads)

    def may_vanish(self, products: Sequence[tuple[Number, Powers]]) -> bool:
        """Whether terms of the products may cancel: where none do, multiplying out only makes them longer."""
        sizes = sorted([self._size(powers) for _, powers in products])
        if sizes[-1] - sum(sizes[:-1]) > len(products):
            return False
        spans = [self._spans(powers) for _, powers in products]
        if any(_overlap(one, other) for index, one in enumerate(spans) for other in spans[:index]):
            return len(products) > 2 or self.partly or self._numbers_meet(products)
        # What is left is 1 - cos u, for which there is a rule.
        return not self._all_sums and self._has_rule(spans) and self._numbers_meet(products)

    def _has_rule(self, spans: Sequence[Spans]) -> bool:
        """Whether a rule for sums is about a factor that is not in all products alike."""
        for leaf in {leaf for span in spans for leaf in span}:
            own = {span.get(leaf, (0, 0)) for span in spans}
            kinds = {kind_of_power(self._graph, leaf, high - low) for low, _ in own for _, high in own}
            if len(own) > 1 and not RULED.isdisjoint(kinds):
                return True
        return False

    def _size(self, powers: Powers) -> int:
        """How many monomials a product is multiplied out to."""
        size = 1
        for base, exponent in powers.items():
            factor, times = self._times_of(base, exponent)
            if times:
                size *= len(self._raised(base, factor, times))
        return size

    def _spans(self, powers: Powers) -> Spans:
        found: dict[int, tuple[Number, Number]] = {}
        for base, exponent in powers.items():
            factor, times = self._times_of(base, exponent)
            left = exponent
            if times:
                left = left - times * (2 if self._graph.nodes[base][0] == "hypot" else 1)
                for leaf, (least, most) in self._spans_of(base, factor).items():
                    low, high = found.get(leaf, (0, 0))
                    found[leaf] = low + times * least, high + times * most
            if left:
                low, high = found.get(base, (0, 0))
                found[base] = low + left, high + left
        return found

    def _spans_of(self, base: int, factor: Polynomial) -> Spans:
        known: dict[int, Spans] = self._graph.known.setdefault("spans", {})
        if base not in known:
            monomials = [dict(monomial) for monomial in factor]
            leaves = {leaf for monomial in monomials for leaf in monomial}
            exponents = {leaf: [monomial.get(leaf, 0) for monomial in monomials] for leaf in leaves}
            known[base] = {leaf: (min(own), max(own)) for leaf, own in exponents.items()}
        return known[base]

    def _numbers_meet(self, products: Sequence[tuple[Number, Powers]]) -> bool:
        """Whether a number and its opposite are in two products."""
        met: set[Number] = set()
        for coefficient, powers in products:
            own = {coefficient}
            for base, exponent in powers.items():
                factor, times = self._times_of(base, exponent)
                if not times:
                    continue
                if self._graph.nodes[base][0] == "others":
                    return True
                own = {
                    number * other
                    for number in own
                    for other in set(self._raised(base, factor, times).values())
                }
                if len(own) > MOST_NUMBERS:
                    return True
            if any(-number in met for number in own):
                return True
            met |= own
        return False

    def product(self, powers: Powers) -> Polynomial | None:
        """The polynomial; None where it is too long."""
        result: Polynomial = {(): 1}
        plain: list[tuple[int, Number]] = []
        for base, exponent in sorted(powers.items()):
            factor, times = self._times_of(base, exponent)
            if times:
                result = _times(result, self._raised(base, factor, times))
                if len(result) > MOST_MONOMIALS:
                    return None
            left = simplest(exponent - times * (2 if self._graph.nodes[base][0] == "hypot" else 1))
            if left:
                plain.append((base, left))
        return _times(result, {tuple(plain): 1}) if plain else result

    def _times_of(self, base: int, exponent: Number) -> tuple[Polynomial, int]:
        """What a factor is multiplied out to, and how many times it stands in the power."""
        factor, degree = self._multiplied_out(base) if exponent > 0 else ({}, 1)
        return factor, int(exponent // degree) if factor else 0

    def _raised(self, base: int, factor: Polynomial, times: int) -> Polynomial:
        if times == 1:
            return factor
        key = ("raised", base, times)
        if key not in self._graph.known:
            self._graph.known[key] = _times(self._raised(base, factor, times - 1), factor)
        return cast(Polynomial, self._graph.known[key])

    def _multiplied_out(self, base: int) -> tuple[Polynomial, int]:
        """The power of a factor that is a sum of several terms, and which power; nothing for one that is none."""
        graph, node = self._graph, self._graph.nodes[base]
        if node[0] == "hypot" and base in self._below:
            return self._collected(base, lambda: [graph.power(graph.term(side), 2) for side in node[1:]]), 2
        if node[0] == "sum" and (self._all_sums or base in self._below or len(node[1]) == 1):
            return self._collected(base, lambda: linear(graph, (1, base))), 1
        if node[0] == "others" and self._all_sums:
            sides = [side for side in graph.nodes[node[1]][1:] if side != node[2]]
            shares = (graph.intern(("softmax", node[1], side)) for side in sides)
            return self._collected(base, lambda: [(1, share) for share in shares]), 1
        return {}, 1

    def _collected(self, base: int, parts: Callable[[], list[Term]]) -> Polynomial:
        key = ("multiplied out", base)
        if key not in self._graph.known:
            self._graph.known[key] = _collected(map(self._monomial, parts()))
        return cast(Polynomial, self._graph.known[key])

    def _monomial(self, term: Term) -> tuple[Monomial, Number]:
        number, place = term
        powers: dict[int, Number] = {}
        for base, exponent in (factors(self._graph, place, False) or {place: 1}).items() if place else ():
            scale, inner = self._graph.term(base)
            if scale != 1 and type(exponent) is int:
                number, base = number * Fraction(scale) ** exponent, inner
            powers[base] = powers.get(base, 0) + exponent
        return tuple(sorted(powers.items())), simplest(number)


def _overlap(one: Spans, other: Spans) -> bool:
    nothing = 0, 0
    for leaf in one.keys() | other.keys():
        (low, high), (least, most) = one.get(leaf, nothing), other.get(leaf, nothing)
        if low > most or least > high:
            return False
    return True


def _collected(parts: Iterable[tuple[Monomial, Number]]) -> Polynomial:
    found: Polynomial = {}
    for monomial, number in parts:
        found[monomial] = found.get(monomial, 0) + number
    return found


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for one, number in left.items():
        for other, factor in right.items():
            exponents = dict(one)
            for base, exponent in other:
                exponents[base] = exponents.get(base, 0) + exponent
            key = tuple(
                sorted((base, simplest(exponent)) for base, exponent in exponents.items() if exponent)
            )
            result[key] = result.get(key, 0) + number * factor
    return result


def _total(above: Sequence[tuple[Number, Polynomial]], partly: bool) -> tuple[Polynomial, bool]:
    """The sum, and whether a monomial has gone from it: where none has, its terms cancel at some points alone.

    With `partly` it is enough that numbers of opposite signs have met: 2 v^2 - (u^2 + v^2) cancels with more later.
    """
    total: Polynomial = {}
    met = False
    for coefficient, polynomial in above:
        for monomial, number in polynomial.items():
            known, more = total.get(monomial, 0), coefficient * number
            met = met or known * more < 0
            total[monomial] = known + more
    left = {monomial: simplest(number) for monomial, number in total.items() if number}
    return left, met if partly else len(left) < len(total)


def _common(powers: Sequence[Powers]) -> Powers:
    """The factor that all have, above or below."""
    first, *others = powers
    found: dict[int, Number] = {}
    for base, exponent in first.items():
        exponents = [exponent, *(more.get(base, 0) for more in others)]
        least, most = min(exponents), max(exponents)
        if least > 0 or most < 0:
            found[base] = least if least > 0 else most
    return found


def _over(powers: Powers, common: Powers) -> Powers:
    return {base: simplest(powers.get(base, 0) - common.get(base, 0)) for base in {*powers, *common}}


def _monomial(graph: Graph, number: Number, powers: Powers) -> Term:
    result: Term = number, 0
    for base, exponent in sorted(powers.items()):
        if exponent:
            result = graph.multiply(result, graph.power(graph.term(base), exponent))
    return result
