"""ELBv2 refuses what AWS refuses: nothing else reaches HAProxy's configuration."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto.elbv2_validation import find_problem

ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
HOSTILE = [
    "x) -m found\nhttp-request deny #",
    "a\0b",
    "a\rb",
    "\nglobal",
    "a b",
    "",
    'a"b',
    "a\\b",
    "ü",
    "x(y)",
]


def refused(call: Any, **arguments: Any) -> bool:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return bool(error.value.response["Error"]["Code"] == "ValidationError")


@pytest.mark.parametrize("name", [*HOSTILE, "a" * 41, "a:b", "a/b"])
def test_a_header_of_a_condition_has_a_name_that_http_allows(elb: Any, listener: str, name: str) -> None:
    config = {"HttpHeaderName": name, "Values": ["x"]}
    condition = {"Field": "http-header", "HttpHeaderConfig": config}
    arguments = {"ListenerArn": listener, "Priority": 1, "Actions": [ANSWER]}
    assert refused(elb.create_rule, Conditions=[condition], **arguments)


@pytest.mark.parametrize(
    ("field", "config", "value"),
    [
        *(("path-pattern", "PathPatternConfig", value) for value in ("a\nb", "/ü", "/ ", "/" * 129)),
        *(("host-header", "HostHeaderConfig", value) for value in ("a\nb", "a b", "a_b", "a:1", "ü.org")),
        *(
            ("http-request-method", "HttpRequestMethodConfig", value)
            for value in ("get", "GET\nx", "G T", "G)")
        ),
        *(("http-header", "HttpHeaderConfig", value) for value in ("a\nb", "a\0", "ü")),
        *(
            ("source-ip", "SourceIpConfig", value)
            for value in ("1.2.3.4", "x/8", "1.2.3.4/33", "1.2.3.4/8\n")
        ),
        *(("query-string", "QueryStringConfig", value) for value in ("a\nb", "\x7f", "ü")),
    ],
)
def test_the_values_of_a_condition_have_the_characters_that_aws_allows(
    elb: Any, listener: str, field: str, config: str, value: str
) -> None:
    content: dict[str, Any] = {"Values": [{"Value": value}] if field == "query-string" else [value]}
    if field == "http-header":
        content["HttpHeaderName"] = "x-a"
    condition = {"Field": field, config: content}
    arguments = {"ListenerArn": listener, "Priority": 1, "Actions": [ANSWER]}
    assert refused(elb.create_rule, Conditions=[condition], **arguments)


@pytest.mark.parametrize(
    "config",
    [
        *({"Host": value} for value in ("a\nb", "a b", "a/b", "ü")),
        *({"Path": value} for value in ("a", "/a\nb", "/ü", "/" + "a" * 128)),
        *({"Query": value} for value in ("a\nb", "a b", "a" * 129)),
        *({"Port": value} for value in ("0", "65536", "8080\n", "x")),
        {"Protocol": "FTP"},
    ],
)
def test_a_redirect_has_the_form_that_aws_allows(elb: Any, listener: str, config: dict[str, str]) -> None:
    action = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", **config}}
    assert refused(elb.modify_listener, ListenerArn=listener, DefaultActions=[action])


@pytest.mark.parametrize(
    "config",
    [
        {"StatusCode": "300"},
        {"StatusCode": "200 if TRUE"},
        {"ContentType": "text/x\nhttp-request deny"},
        {"MessageBody": "a\0b"},
        {"MessageBody": "a" * 1025},
    ],
)
def test_a_fixed_response_has_the_form_that_aws_allows(
    elb: Any, listener: str, config: dict[str, str]
) -> None:
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", **config}}
    assert refused(elb.modify_listener, ListenerArn=listener, DefaultActions=[action])


def test_rules_that_aws_takes_are_taken() -> None:
    conditions = [
        {"Field": "path-pattern", "Values": ["/a.b-c_$/~\"'@:+&*?"]},
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.Example.com"]}},
        {
            "Field": "http-header",
            "HttpHeaderConfig": {"HttpHeaderName": "x-!#$%&'*+.^_`|~", "Values": ["*a b?"]},
        },
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "M-SEARCH"]}},
        {
            "Field": "query-string",
            "QueryStringConfig": {"Values": [{"Key": "a", "Value": "*"}, {"Value": "b"}]},
        },
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8", "2001:db8::/32"]}},
    ]
    redirect = {
        "Host": "#{host}",
        "Path": "/#{path}",
        "Port": "#{port}",
        "Query": "#{query}&a=b",
        "Protocol": "HTTPS",
    }
    actions = [{"Type": "redirect", "Order": 1, "RedirectConfig": {"StatusCode": "HTTP_302", **redirect}}]
    assert find_problem({"Conditions": conditions, "Actions": actions, "Priority": "5"}) == ""
