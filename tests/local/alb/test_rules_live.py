"""HAProxy chooses the same rule as ELBv2 would, for generated rules and requests."""

import http.client
from contextlib import closing

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.local.alb import haproxy_config
from pipeline.local.alb.load_balancer_config import (
    ConditionField,
    FixedResponse,
    LoadBalancerConfig,
    Rule,
    RuleCondition,
)
from tests.local.alb import oracle
from tests.support.waiting import until

pytestmark = pytest.mark.docker

# Few letters and short words: rules and requests must meet often enough to disagree.
HOSTS = st.text("aA.", min_size=1, max_size=3)
METHODS = st.sampled_from(["GET", "PUT", "POST", "get"])
HEADERS = st.sampled_from(["X-One", "x-two"])


def condition(field, **more):
    return st.builds(RuleCondition, st.just(field), **more)


def several(values):
    return st.lists(values, min_size=1, max_size=3, unique=True).map(tuple)


CONDITIONS = st.one_of(
    condition(ConditionField.PATH, values=several(st.text("aA.*?", max_size=2).map("/{}".format))),
    condition(ConditionField.HOST, values=several(st.text("aA.*?", min_size=1, max_size=3))),
    condition(ConditionField.METHOD, values=several(METHODS)),
    condition(
        ConditionField.HEADER, header=HEADERS, values=several(st.text("aA,*?'\"$%{", min_size=1, max_size=2))
    ),
    condition(
        ConditionField.SOURCE, values=several(st.sampled_from(["0.0.0.0/1", "128.0.0.0/1", "203.0.113.7/32"]))
    ),
    condition(
        ConditionField.QUERY,
        pairs=several(
            st.tuples(st.none() | st.text("aA*?", min_size=1, max_size=2), st.text("aA*?", max_size=2))
        ),
    ),
)
RULES = st.lists(st.lists(CONDITIONS, min_size=1, max_size=2).map(tuple), min_size=3, max_size=15)
REQUESTS = st.lists(
    st.builds(
        oracle.Asked,
        METHODS,
        st.text("aA.", max_size=2).map("/{}".format),
        st.text("aA=&", max_size=4),
        HOSTS,
        st.lists(st.tuples(HEADERS, st.text("aA,'\"$%{", max_size=2)), max_size=2).map(tuple),
        st.just(""),
    ),
    min_size=60,
    max_size=60,
)


def numbered(conditions):
    """Rules that answer with their number; the last one has no condition."""
    every = [*conditions, ()]
    return tuple(Rule(FixedResponse(200, "text/plain", str(at)), rule) for at, rule in enumerate(every))


def ask(rig, asked):
    with closing(http.client.HTTPConnection("127.0.0.1", rig.port, timeout=10)) as connection:
        target = asked.path + (f"?{asked.query}" if asked.query else "")
        connection.putrequest(asked.method, target, skip_host=True)
        for name, value in (("Host", asked.host), *asked.headers):
            connection.putheader(name, value)
        connection.endheaders()
        return int(connection.getresponse().read())


@pytest.fixture(scope="module")
def proxy(rig):
    """The rig's HAProxy, which only this test configures."""
    until(rig.answers)
    rig.load_balancer.close()
    return rig.load_balancer._haproxy


# Each example reloads HAProxy: a failure is shown as found, not minutes later and smaller.
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(conditions=RULES, requests=REQUESTS)
def test_haproxy_takes_the_rule_that_elbv2_would(rig, proxy, conditions, requests):
    rules = numbered(conditions)
    proxy.load(haproxy_config.text(LoadBalancerConfig(rules), {}, rig.port))
    for request in requests:
        asked = oracle.Asked(**{**vars(request), "source": rig.context.gateway})
        assert ask(rig, asked) == oracle.first(rules, asked), asked
