"""Find few rows that together hold every pair of values of two switches; pure and deterministic."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from random import Random

MatrixRow = dict[str, str]
Switches = Mapping[str, Iterable[str]]
"""The values of each switch."""
Rules = Sequence[Mapping[str, str]]
"""Combinations of values that no row may hold."""
Choice = tuple[str, str]
Pair = frozenset[Choice]

_TRIED = 15  # candidates for each row


def allowed(row: Mapping[str, str], rules: Rules) -> bool:
    """Whether a complete or partial row breaks no rule."""
    return not any(rule.items() <= row.items() for rule in rules)


def completable(switches: Switches, rules: Rules) -> Callable[[Mapping[str, str]], bool]:
    """A function that says whether some complete row holds a partial one; it computes each answer once."""
    # Only switches that a rule names can conflict.
    named = dict.fromkeys(name for rule in rules for name in rule if name in switches)

    @cache
    def is_completable(partial: Pair) -> bool:
        row = dict(partial)
        if not allowed(row, rules):
            return False
        missing = next((name for name in named if name not in row), None)
        return missing is None or any(
            is_completable(partial | {(missing, value)}) for value in switches[missing]
        )

    return lambda row: is_completable(frozenset((name, row[name]) for name in named if name in row))


def pairs(switches: Switches, rules: Rules) -> list[Pair]:
    """Every pair of values that some allowed row holds."""
    can_complete = completable(switches, rules)
    return [
        frozenset(pair)
        for one, other in combinations(switches, 2)
        for pair in product(_choices(one, switches), _choices(other, switches))
        if can_complete(dict(pair))
    ]


def covered_pairs(row: Mapping[str, str]) -> set[Pair]:
    """The pairs that a row covers."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def rows(switches: Switches, rules: Rules = ()) -> list[MatrixRow]:
    """Rows that cover every allowed pair. Each is the best of several random candidates.

    https://doi.org/10.1109/32.605761 (AETG). The same switches give the same rows.
    """
    uncovered = dict.fromkeys(pairs(switches, rules))
    can_complete = completable(switches, rules)
    random = Random(0)  # noqa: S311 - not for secrets
    chosen = []
    while uncovered:
        partial, partners = dict(next(iter(uncovered))), _partners(uncovered)
        candidates = [_complete_row(partial, switches, can_complete, partners, random) for _ in range(_TRIED)]
        best = max(candidates, key=lambda row: len(covered_pairs(row) & uncovered.keys()))
        chosen.append(best)
        for pair in covered_pairs(best):
            uncovered.pop(pair, None)
    return chosen


def _partners(uncovered: Iterable[Pair]) -> dict[Choice, set[Choice]]:
    """For each choice, the choices that it has not met yet."""
    partners: dict[Choice, set[Choice]] = {}
    for one, other in uncovered:
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    return partners


def _complete_row(
    partial: MatrixRow,
    switches: Switches,
    can_complete: Callable[[Mapping[str, str]], bool],
    partners: Mapping[Choice, set[Choice]],
    random: Random,
) -> MatrixRow:
    """A complete row: each switch, in random order, gets the value that covers the most uncovered pairs."""
    row = dict(partial)
    missing = [name for name in switches if name not in row]
    for name in random.sample(missing, len(missing)):
        choices = [choice for choice in _choices(name, switches) if can_complete({**row, name: choice[1]})]
        gains = [len(partners.get(choice, set()) & row.items()) for choice in choices]
        best = [choice for choice, gain in zip(choices, gains, strict=True) if gain == max(gains)]
        row[name] = random.choice(best)[1]
    return {name: row[name] for name in switches}


def _choices(name: str, switches: Switches) -> list[Choice]:
    return [(name, value) for value in switches[name]]


def cheapest_order(
    rows: Sequence[MatrixRow], cost: Callable[[MatrixRow, MatrixRow], float]
) -> list[MatrixRow]:
    """The rows, ordered so that each is the cheapest step from the one before; the first stays first."""
    ordered, waiting = list(rows[:1]), list(rows[1:])
    while waiting:
        nearest = min(waiting, key=lambda row: cost(ordered[-1], row))
        waiting.remove(nearest)
        ordered.append(nearest)
    return ordered
