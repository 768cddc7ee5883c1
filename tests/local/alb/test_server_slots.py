"""Facts about who serves, and in which slot."""

from pipeline.local.alb.load_balancer_config import Forward, Front, Rule, Share, TargetGroup
from pipeline.local.alb.server_slots import Slots, commands, fill, members, serving
from pipeline.local.target_health import TargetHealthState, TargetState

ONE, TWO, THREE = ("10.0.0.1", 80), ("10.0.0.2", 80), ("10.0.0.3", 80)
GROUP = TargetGroup("arn:group/app/1", targets=(ONE, TWO))
FRONT = Front((Rule(Forward((Share(GROUP.arn, 1),))),), (GROUP,))


def states(**named):
    return {
        {"one": ONE, "two": TWO, "three": THREE}[name]: TargetState(TargetHealthState(word))
        for name, word in named.items()
    }


def test_only_healthy_targets_serve():
    assert serving(GROUP, states(one="healthy", two="unhealthy")) == {ONE}


def test_all_serve_when_all_are_unhealthy():
    assert serving(GROUP, states(one="unhealthy", two="unhealthy")) == {ONE, TWO}


def test_a_target_serves_nothing_before_its_first_check():
    assert serving(GROUP, states(one="initial")) == frozenset()


def test_a_target_without_checks_serves():
    assert serving(GROUP, states(one="unavailable", two="unhealthy")) == {ONE}


def test_members_keep_their_slots():
    before = fill(None, [ONE, TWO])
    after = fill(before, [TWO, THREE])
    assert after.given.index(TWO) == before.given.index(TWO)
    assert after.members == {TWO, THREE}


def test_a_newcomer_takes_a_slot_that_nobody_just_left():
    before = fill(None, [ONE])
    after = fill(before, [TWO])
    assert after.given.index(TWO) != before.given.index(ONE)


def test_slots_double_when_they_run_out():
    many = [("10.0.1.1", port) for port in range(9)]
    assert len(fill(fill(None, [ONE]), many).given) == 16


def test_who_comes_is_let_in_before_the_others_go():
    before = members(FRONT, {}, {GROUP.arn: states(one="healthy")})
    after = members(FRONT, before, {GROUP.arn: states(one="draining", two="healthy")})
    assert commands(FRONT, before, after) == [
        "set server tg_app_1/t2 addr 10.0.0.2 port 80",
        "set server tg_app_1/t2 state ready",
        "set server tg_app_1/t1 state maint",
    ]


def test_the_first_and_the_last_member_need_a_reload():
    none = members(FRONT, {}, {})
    one = members(FRONT, none, {GROUP.arn: states(one="healthy")})
    assert commands(FRONT, none, one) is None
    assert commands(FRONT, one, none) is None


def test_more_slots_need_a_reload():
    assert commands(FRONT, {GROUP.arn: Slots((ONE,))}, {GROUP.arn: Slots((ONE, TWO))}) is None
