"""No text of ELBv2's API adds, removes or changes a directive of HAProxy's configuration."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.local.alb import haproxy_config
from pipeline.local.alb.haproxy_quoting import word
from pipeline.local.alb.load_balancer_config import (
    ConditionField,
    FixedResponse,
    Forward,
    LoadBalancerConfig,
    Redirect,
    Rule,
    RuleCondition,
    Stickiness,
    TargetGroup,
    WeightedTargetGroup,
)
from pipeline.local.alb.server_slots import assign_slots, slot_commands
from pipeline.local.target_health import TargetState
from tests.fuzz.effort import effort
from tests.support.effort import examples

PIECE = re.compile(
    r"""(?P<quoted>'[^']*'|"(?:\\.|[^"\\$])*")|(?P<escaped>\\.)|(?P<space>[ \t\r]+)|(?P<comment>#.*)"""
    r"""|(?P<plain>[^ \t\r\x0b\x0c\0'"\\#$]+)""",
    re.DOTALL,
)
HASH = re.compile(r"\b[0-9a-f]{32}\b")
# What HAProxy's configuration gives a meaning, and whole directives.
SNIPPETS = st.sampled_from(
    [
        *("\n", "\r", "\0", "'", '"', "\\", "#", "$", "${PATH}", "%", "%[src]", "{", "}", "(", ")", ",", ";"),
        *(
            " ",
            "\t",
            "\\n",
            "\\x0a",
            "\x85",
            "\u2028",
            "\ud800",
            "ü",
            "http-request deny",
            "\nglobal\n daemon\n",
        ),
        *(
            "x) -m found\nhttp-request deny #",
            "\n    server x 1.2.3.4:5",
            "' if TRUE\n",
            '" if TRUE\n',
            "%[var(x)]",
        ),
    ]
)
HOSTILE = st.lists(SNIPPETS | st.text(max_size=4), min_size=1, max_size=5).map("".join).filter(bool)
FIELDS = (
    "header",
    "value",
    "path",
    "host",
    "query",
    "method",
    "source",
    "location",
    "port",
    "protocol",
    "body",
)
FIELDS += (
    "type",
    "attribute",
    "attribute value",
    "cookie",
    "timeout",
    "algorithm",
    "arn",
    "target",
    "search",
)
PLAIN = dict.fromkeys(FIELDS, "a") | {"timeout": "60", "target": "10.0.0.1", "arn": "a/b/c"}


def config(texts):
    """A load balancer that uses all of these texts."""
    arn = texts["arn"]
    conditions = (
        RuleCondition(ConditionField.HEADER, (texts["value"],), header=texts["header"]),
        RuleCondition(ConditionField.PATH, (texts["path"],)),
        RuleCondition(ConditionField.HOST, (texts["host"],)),
        RuleCondition(ConditionField.QUERY, pairs=((texts["query"], texts["query"]), (None, texts["query"]))),
        RuleCondition(ConditionField.METHOD, (texts["method"],)),
        RuleCondition(ConditionField.SOURCE, (texts["source"],)),
    )
    redirect = Redirect(
        301, texts["protocol"], texts["location"], texts["port"], texts["path"], texts["search"]
    )
    actions = (redirect, FixedResponse(200, texts["type"], texts["body"]))
    shares = (WeightedTargetGroup(arn, 1), WeightedTargetGroup(f"{arn}/function", 1))
    groups = (
        TargetGroup(
            arn,
            targets=((texts["target"], 80),),
            algorithm=texts["algorithm"],
            stickiness=Stickiness(60, texts["cookie"]),
        ),
        TargetGroup(f"{arn}/function", is_lambda=True, targets=(("function", 0),)),
    )
    return LoadBalancerConfig(
        (*(Rule(action, conditions) for action in actions), Rule(Forward(shares, 60))),
        groups,
        {f"routing.http.response.{texts['attribute']}.header_value": f"v{texts['attribute value']}"},
        {
            "idle_timeout.timeout_seconds": texts["timeout"],
            "routing.http.xff_header_processing.mode": texts["value"],
        },
    )


def written(load_balancer):
    slots = assign_slots(load_balancer, {}, states(load_balancer))
    return haproxy_config.text(load_balancer, slots, 8080)


def states(load_balancer):
    return {
        group.arn: {target: TargetState("healthy") for target in group.targets}
        for group in load_balancer.groups
    }


def words(line):
    """The words of one line as HAProxy's parser splits it; a word with a quoted part is only `quoted`."""
    out, current, at = [], None, 0
    while at < len(line):
        piece = PIECE.match(line, at)
        assert piece, f"HAProxy would read this differently: {line[at:]!r}"
        at = piece.end()
        if piece.lastgroup in {"space", "comment"}:
            out += [current] if current is not None else []
            current = None
        elif piece.lastgroup == "quoted" or current == "quoted":
            current = "quoted"
        else:
            current = (current or "") + piece[0].removeprefix("\\")
    return out + ([current] if current is not None else [])


def shape(text):
    """All directives, without what is quoted and without hashes."""
    lines = [words(HASH.sub("hash", line)) for line in text.encode().decode().split("\n")]
    return [line for line in lines if line]


EXPECTED = shape(written(config(PLAIN)))


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
@effort(0.2, fixed=examples(60))
@given(hostile=HOSTILE)
def test_a_hostile_text_is_refused_or_stays_within_its_quotes(field, hostile):
    plain = PLAIN | ({"arn": f"a/{hostile}/c"} if field == "arn" else {field: hostile})
    try:
        text = written(config(plain))
    except TandemError:
        return
    directives = shape(text)
    if field == "arn":  # its name is part of words without quotes
        name = config(plain).groups[0].name
        directives = [[word.replace(name, "tg_b_c") for word in line] for line in directives]
    if field == "algorithm":
        assert "balance roundrobin" in text
    assert directives == EXPECTED


@effort(fixed=examples(200))
@given(
    texts=st.fixed_dictionaries(dict.fromkeys(("value", "path", "host", "query", "body", "type"), HOSTILE))
)
def test_many_hostile_texts_at_once_change_no_directive(texts):
    try:
        text = written(config(PLAIN | texts))
    except TandemError:
        return
    assert shape(text) == EXPECTED


@effort(fixed=examples(200))
@given(hostile=HOSTILE)
def test_a_hostile_target_gives_haproxy_no_command(hostile):
    before = config(PLAIN | {"target": "10.0.0.1"})
    after = config(PLAIN | {"target": hostile})
    slots = assign_slots(before, {}, states(before))
    with pytest.raises(TandemError, match="takes no target such as"):
        slot_commands(after, slots, assign_slots(after, slots, states(after)))


def test_the_reader_of_lines_sees_what_haproxy_would():
    assert words('acl a \'x y\' "b\\"c" d\\ e # f') == ["acl", "a", "quoted", "quoted", "d e"]
    unsafe = replace(config(PLAIN).rules[0].conditions[0], header="x")
    assert words(f"acl r req.fhdr({unsafe.header} y) -m found") == [
        "acl",
        "r",
        "req.fhdr(x",
        "y)",
        "-m",
        "found",
    ]


def test_a_refusal_is_short_and_plain():
    with pytest.raises(TandemError) as refused:
        written(config(PLAIN | {"header": "\x1b]52;\n" * 10_000}))
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a b", "'a b'"),
        ("it's", '"it\'s"'),
        ("' deny #", '"\' deny #"'),
        ('"$x', "'\"$x'"),
        ("'\"$\n", '"\'\\"\\$\\n"'),
    ],
)
def test_text_stays_within_its_quotes(text, quoted):
    assert word(text) == quoted
