"""Few rows in which every two values of two switches meet, unless a rule forbids it: pure, deterministic."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from random import Random

Row = dict[str, str]
Switches = Mapping[str, Iterable[str]]
"""Each switch with its values."""
Rules = Sequence[Mapping[str, str]]
"""Combinations that no row may hold whole."""
Choice = tuple[str, str]
Pair = frozenset[Choice]

_TRIED = 15  # rows that are grown for each that is taken


def allowed(row: Mapping[str, str], rules: Rules) -> bool:
    """Whether a row, whole or begun, breaks no rule."""
    return not any(rule.items() <= row.items() for rule in rules)


def possible(switches: Switches, rules: Rules) -> Callable[[Mapping[str, str]], bool]:
    """A function that says whether some whole row holds what a row begins with; it computes each once."""
    # Only switches that a rule names can be in each other's way.
    named = dict.fromkeys(name for rule in rules for name in rule if name in switches)

    @cache
    def is_possible(begun: Pair) -> bool:
        row = dict(begun)
        if not allowed(row, rules):
            return False
        missing = next((name for name in named if name not in row), None)
        return missing is None or any(is_possible(begun | {(missing, value)}) for value in switches[missing])

    return lambda row: is_possible(frozenset((name, row[name]) for name in named if name in row))


def pairs(switches: Switches, rules: Rules) -> list[Pair]:
    """Every pair of values that some allowed row holds."""
    is_possible = possible(switches, rules)
    return [
        frozenset(pair)
        for one, other in combinations(switches, 2)
        for pair in product(_choices(one, switches), _choices(other, switches))
        if is_possible(dict(pair))
    ]


def held(row: Mapping[str, str]) -> set[Pair]:
    """The pairs that a row covers."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def rows(switches: Switches, rules: Rules = ()) -> list[Row]:
    """Rows that cover every allowed pair: the best of some that are grown at random, again and again.

    https://doi.org/10.1109/32.605761 (AETG). The same switches give the same rows.
    """
    left = dict.fromkeys(pairs(switches, rules))
    is_possible = possible(switches, rules)
    random = Random(0)  # noqa: S311 - not for secrets
    found = []
    while left:
        begun, partners = dict(next(iter(left))), _partners(left)
        grown = [_grown(begun, switches, is_possible, partners, random) for _ in range(_TRIED)]
        best = max(grown, key=lambda row: len(held(row) & left.keys()))
        found.append(best)
        for pair in held(best):
            left.pop(pair, None)
    return found


def _partners(left: Iterable[Pair]) -> dict[Choice, set[Choice]]:
    """For each choice those that it was not seen with."""
    found: dict[Choice, set[Choice]] = {}
    for one, other in left:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _grown(
    begun: Row,
    switches: Switches,
    is_possible: Callable[[Mapping[str, str]], bool],
    partners: Mapping[Choice, set[Choice]],
    random: Random,
) -> Row:
    """A whole row: switch by switch, in any order, the value that takes up the most uncovered pairs."""
    row = dict(begun)
    missing = [name for name in switches if name not in row]
    for name in random.sample(missing, len(missing)):
        choices = [choice for choice in _choices(name, switches) if is_possible({**row, name: choice[1]})]
        gains = [len(partners.get(choice, set()) & row.items()) for choice in choices]
        best = [choice for choice, gain in zip(choices, gains, strict=True) if gain == max(gains)]
        row[name] = random.choice(best)[1]
    return {name: row[name] for name in switches}


def _choices(name: str, switches: Switches) -> list[Choice]:
    return [(name, value) for value in switches[name]]


def in_order(found: Sequence[Row], cost: Callable[[Row, Row], float]) -> list[Row]:
    """The rows so that each is the cheapest step from the one before; the first stays first."""
    ordered, waiting = list(found[:1]), list(found[1:])
    while waiting:
        nearest = min(waiting, key=lambda row: cost(ordered[-1], row))
        waiting.remove(nearest)
        ordered.append(nearest)
    return ordered
