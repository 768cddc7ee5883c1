"""The matrix covers every allowed pair of values, and every variable that switches something."""

import re
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.paths import ROOT, TERRAFORM
from pipeline.terraform import module_docs
from tests.modules import matrix, pairwise
from tests.modules.matrix import RULES
from tests.modules.switches import PLATFORM, RELEASE, SWITCHES, ExistingResources
from tests.support.effort import examples

ROWS = [row for rows in matrix.blocks().values() for row in rows]
DOCS = ROOT / "docs" / "reference" / "terraform.md"
NETWORK = {"vpc_id": "vpc-1", "public_subnet_ids": ["subnet-1", "subnet-2"]}


def test_every_pair_of_values_that_is_allowed_meets_in_a_row() -> None:
    met = {pair for row in ROWS for pair in pairwise.covered_pairs(row)}
    assert set(pairwise.pairs(SWITCHES, RULES)) - met == set()


def test_no_row_breaks_a_rule_or_lacks_a_switch() -> None:
    assert [row for row in ROWS if not pairwise.allowed(row, RULES) or row.keys() != SWITCHES.keys()] == []


def test_a_pair_is_left_out_only_where_no_row_can_hold_it() -> None:
    """No rule of the matrix forbids more than the pair that it names."""
    every = {
        frozenset({(one, first), (other, second)})
        for one, other in combinations(SWITCHES, 2)
        for first, second in product(SWITCHES[one], SWITCHES[other])
    }
    forbidden = {frozenset(rule.items()) for rule in RULES}
    assert every - set(pairwise.pairs(SWITCHES, RULES)) == forbidden


def test_the_matrix_has_few_rows() -> None:
    assert len(ROWS) < 30


switches = st.dictionaries(
    st.sampled_from("abcdef"), st.sampled_from([("x", "y"), ("x", "y", "z"), ("x",)]), min_size=2
)
rules = st.lists(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("xyz"), min_size=2, max_size=3))


@settings(max_examples=examples(50), deadline=None)
@given(switches, rules)
def test_rows_cover_what_brute_force_finds(
    switches: dict[str, tuple[str, ...]], rules: list[dict[str, str]]
) -> None:
    every = [dict(zip(switches, values, strict=True)) for values in product(*switches.values())]
    whole = [row for row in every if pairwise.allowed(row, rules)]
    rows = pairwise.rows(switches, rules)
    assert [row for row in rows if row not in whole] == []
    assert {pair for row in rows for pair in pairwise.covered_pairs(row)} == {
        pair for row in whole for pair in pairwise.covered_pairs(row)
    }


def test_rows_are_the_same_each_time() -> None:
    few = {name: SWITCHES[name] for name in list(SWITCHES)[:8]}
    rules = [rule for rule in RULES if rule.keys() <= few.keys()]
    assert rules
    assert pairwise.rows(few, rules) == pairwise.rows(few, rules)


def test_the_cheapest_step_comes_next() -> None:
    rows = [{"a": value} for value in ("0", "9", "1", "5")]
    ordered = pairwise.cheapest_order(rows, lambda one, other: abs(int(one["a"]) - int(other["a"])))
    assert [row["a"] for row in ordered] == ["0", "1", "5", "9"]


def not_applied() -> set[str]:
    """The variables that docs/reference/terraform.md lists as not applied."""
    table = DOCS.read_text().partition("Not applied at all")[2].partition("Applied, kept")[0]
    return set(re.findall(r"^\| `(\w+)` +\|", table, re.MULTILINE))


@pytest.mark.parametrize("root", ["platform", "release"])
def test_every_variable_is_in_the_matrix_or_has_its_reason(root: str) -> None:
    declared = {
        entry.name for entry in module_docs.module_values(TERRAFORM / root) if entry.kind == "variable"
    }
    table = PLATFORM if root == "platform" else RELEASE
    switched = {
        name for row in ROWS for name in matrix.variables(table, ExistingResources(network=NETWORK), row)
    }
    others = matrix.VALUES[root] | (not_applied() & declared)
    assert declared - switched - others == set()
    assert others & switched == set()


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_value_of_a_switch_sets_other_variables(switch: str) -> None:
    table = {**PLATFORM, **RELEASE}[switch]
    row = {"zones": "2"}
    results = [value(ExistingResources(network=NETWORK), row) for value in table.values()]
    assert all(one != other for one, other in combinations(results, 2))


def test_no_row_takes_the_traffic_from_a_function_that_is_off() -> None:
    """The block of such a row would look for the function's version for ever."""
    assert [matrix.name(row) for row in ROWS if row["api"] == "off" and row["canary"] != "none"] == []
