"""Facts about the targets that take requests, and their server slots."""

from pipeline.local.alb.load_balancer_config import (
    Forward,
    LoadBalancerConfig,
    Rule,
    TargetGroup,
    WeightedTargetGroup,
)
from pipeline.local.alb.server_slots import (
    ServerSlots,
    assign_slots,
    drained_targets,
    fill_slots,
    serving_targets,
    slot_commands,
)
from pipeline.local.target_health import TargetHealthState, TargetState

ONE, TWO, THREE = ("10.0.0.1", 80), ("10.0.0.2", 80), ("10.0.0.3", 80)
GROUP = TargetGroup("arn:group/app/1", targets=(ONE, TWO))
CONFIG = LoadBalancerConfig((Rule(Forward((WeightedTargetGroup(GROUP.arn, 1),))),), (GROUP,))


def states(**named):
    return {
        {"one": ONE, "two": TWO, "three": THREE}[name]: TargetState(TargetHealthState(word))
        for name, word in named.items()
    }


def test_only_healthy_targets_serve():
    assert serving_targets(GROUP, states(one="healthy", two="unhealthy")) == {ONE}


def test_all_serve_when_all_are_unhealthy():
    assert serving_targets(GROUP, states(one="unhealthy", two="unhealthy")) == {ONE, TWO}


def test_a_target_serves_nothing_before_its_first_check():
    assert serving_targets(GROUP, states(one="initial")) == frozenset()


def test_a_target_without_checks_serves():
    assert serving_targets(GROUP, states(one="unavailable", two="unhealthy")) == {ONE}


def test_servers_keep_their_slots():
    before = fill_slots(None, [ONE, TWO])
    after = fill_slots(before, [TWO, THREE])
    assert after.addresses.index(TWO) == before.addresses.index(TWO)
    assert after.servers == {TWO, THREE}


def test_a_new_server_takes_a_slot_that_was_never_used():
    before = fill_slots(None, [ONE])
    after = fill_slots(before, [TWO])
    assert after.addresses.index(TWO) != before.addresses.index(ONE)


def test_slots_double_when_they_run_out():
    many = [("10.0.1.1", port) for port in range(9)]
    assert len(fill_slots(fill_slots(None, [ONE]), many).addresses) == 16


def test_servers_are_added_before_others_are_removed():
    before = assign_slots(CONFIG, {}, {GROUP.arn: states(one="healthy")})
    after = assign_slots(CONFIG, before, {GROUP.arn: states(one="draining", two="healthy")})
    assert slot_commands(CONFIG, before, after) == [
        "set server tg_app_1/t2 addr 10.0.0.2 port 80",
        "set server tg_app_1/t2 state ready",
        "set server tg_app_1/t1 state maint",
    ]


def test_the_first_and_the_last_server_need_a_reload():
    none = assign_slots(CONFIG, {}, {})
    one = assign_slots(CONFIG, none, {GROUP.arn: states(one="healthy")})
    assert slot_commands(CONFIG, none, one) is None
    assert slot_commands(CONFIG, one, none) is None


def test_more_slots_need_a_reload():
    assert (
        slot_commands(CONFIG, {GROUP.arn: ServerSlots((ONE,))}, {GROUP.arn: ServerSlots((ONE, TWO))}) is None
    )


SLOTS = {GROUP.arn: ServerSlots((ONE, TWO), frozenset({1}))}
"""ONE has left its slot, TWO takes requests."""


def drained(requests, *addresses, slots=SLOTS, config=CONFIG):
    draining = [(GROUP.arn, address) for address in addresses]
    return {address for _, address in drained_targets(config, slots, draining, requests)}


def test_a_target_is_drained_when_its_slot_has_no_request():
    assert drained({}, ONE) == {ONE}
    assert drained({("tg_app_1", "t1"): 0, ("tg_app_1", "t2"): 3, ("tg_app_2", "t1"): 3}, ONE) == {ONE}
    assert drained({("tg_app_1", "t1"): 1}, ONE) == set()


def test_a_target_whose_slot_still_takes_requests_is_not_drained():
    """HAProxy has not got the new slots yet."""
    assert drained({}, TWO) == set()


def test_a_target_whose_slot_has_another_by_now_is_not_drained_before_its_delay_is_over():
    assert drained({}, THREE) == set()


def test_the_target_of_a_group_that_is_gone_is_not_drained_before_its_delay_is_over():
    assert drained({}, ONE, slots={}) == set()
    assert drained({}, ONE, config=LoadBalancerConfig()) == set()
