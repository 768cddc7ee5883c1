"""ELBv2 refuses what AWS refuses: nothing else reaches HAProxy's configuration."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from pipeline.local.moto import prepare_moto
from pipeline.local.moto.elbv2_validation import find_problem, target_problem
from pipeline.local.target_health import TargetHealth

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
ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


@pytest.fixture(scope="module")
def elb() -> Iterator[Any]:
    prepare_moto(TargetHealth())
    with mock_aws():
        yield boto3.Session("a", "b", region_name="eu-central-1").client("elbv2")


@pytest.fixture(scope="module")
def network(elb: Any) -> tuple[str, list[str]]:  # noqa: ARG001 - the mock
    ec2 = boto3.Session("a", "b", region_name="eu-central-1").client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{at}.0/24")["Subnet"]["SubnetId"] for at in range(2)
    ]
    return vpc, subnets


@pytest.fixture(scope="module")
def balancer(elb: Any, network: tuple[str, list[str]]) -> str:
    return str(elb.create_load_balancer(Name="lb", Subnets=network[1])["LoadBalancers"][0]["LoadBalancerArn"])


@pytest.fixture(scope="module")
def listener(elb: Any, balancer: str) -> str:
    made = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[ANSWER])
    return str(made["Listeners"][0]["ListenerArn"])


@pytest.fixture(scope="module")
def group(elb: Any, network: tuple[str, list[str]]) -> str:
    made = elb.create_target_group(Name="g", Protocol="HTTP", Port=80, VpcId=network[0], TargetType="ip")
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def refused(call: Any, **arguments: Any) -> bool:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return bool(error.value.response["Error"]["Code"] == "ValidationError")


@pytest.mark.parametrize("name", [*HOSTILE, "a" * 41, "a:b", "a/b"])
def test_a_header_of_a_condition_has_a_name_that_http_allows(elb: Any, listener: str, name: str) -> None:
    config = {"HttpHeaderName": name, "Values": ["x"]}
    condition = {"Field": "http-header", "HttpHeaderConfig": config}
    given = {"ListenerArn": listener, "Priority": 1, "Actions": [ANSWER]}
    assert refused(elb.create_rule, Conditions=[condition], **given)


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
    given = {"ListenerArn": listener, "Priority": 1, "Actions": [ANSWER]}
    assert refused(elb.create_rule, Conditions=[condition], **given)


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


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("x\nglobal", "1"),
        ("routing.http.response.#x.header_value", "1"),
        ("routing.http.response.x_frame_options.header_value", "a\nb"),
        ("routing.http.response.x_frame_options.header_value", "a\0b"),
        ("routing.http.response.server.enabled", "maybe"),
    ],
)
def test_a_listeners_attributes_are_known_ones(elb: Any, listener: str, key: str, value: str) -> None:
    attribute = {"Key": key, "Value": value}
    assert refused(elb.modify_listener_attributes, ListenerArn=listener, Attributes=[attribute])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("stickiness.app_cookie.cookie_name", "a) -m found\nx"),
        ("stickiness.app_cookie.cookie_name", "a b"),
        ("stickiness.app_cookie.cookie_name", "AWSALB"),
        ("stickiness.app_cookie.duration_seconds", "0"),
        ("stickiness.lb_cookie.duration_seconds", "60s\nx"),
        ("deregistration_delay.timeout_seconds", "3601"),
        ("load_balancing.algorithm.type", "x\nserver"),
        ("made.up", "1"),
    ],
)
def test_a_target_groups_attributes_are_known_ones(elb: Any, group: str, key: str, value: str) -> None:
    attribute = {"Key": key, "Value": value}
    assert refused(elb.modify_target_group_attributes, TargetGroupArn=group, Attributes=[attribute])


@pytest.mark.parametrize("value", ["0", "4001", "60s", "60\nx", ""])
def test_an_idle_timeout_is_a_number(elb: Any, balancer: str, value: str) -> None:
    attribute = {"Key": "idle_timeout.timeout_seconds", "Value": value}
    assert refused(elb.modify_load_balancer_attributes, LoadBalancerArn=balancer, Attributes=[attribute])


@pytest.mark.parametrize("path", ["/ü", "healthz", "/a b", "/a\nb", "/\x7f", "/" + "a" * 1024])
def test_a_health_checks_path_is_printable_and_absolute(
    elb: Any, group: str, network: tuple[str, list[str]], path: str
) -> None:
    assert refused(elb.modify_target_group, TargetGroupArn=group, HealthCheckPath=path)
    given = {"Name": "n", "Protocol": "HTTP", "Port": 80, "VpcId": network[0], "HealthCheckPath": path}
    assert refused(elb.create_target_group, **given)


@pytest.mark.parametrize(
    "codes", ["2xx", "", "200-", "-200", "299-200", "199", "500", "200,", "200-600", "200 "]
)
def test_a_matcher_has_codes_from_200_to_499(
    elb: Any, group: str, network: tuple[str, list[str]], codes: str
) -> None:
    assert refused(elb.modify_target_group, TargetGroupArn=group, Matcher={"HttpCode": codes})
    given = {"Name": "n", "Protocol": "HTTP", "Port": 80, "VpcId": network[0]}
    assert refused(elb.create_target_group, Matcher={"HttpCode": codes}, **given)


@pytest.mark.parametrize(
    "more",
    [
        {"HealthCheckPort": "x"},
        {"HealthCheckPort": "0"},
        {"HealthCheckIntervalSeconds": 301},
        {"HealthCheckTimeoutSeconds": 121},
        {"UnhealthyThresholdCount": 11},
    ],
)
def test_a_health_checks_numbers_are_in_range(elb: Any, group: str, more: dict[str, Any]) -> None:
    assert refused(elb.modify_target_group, TargetGroupArn=group, **more)


@pytest.mark.parametrize("path", ["/", "/healthz?a=b&c=%20", "/~!$'()*+,;:@" + "a" * 1000])
@pytest.mark.parametrize("codes", ["200", "200-299", "200,202", "200-399,404"])
def test_what_aws_takes_is_taken(elb: Any, group: str, path: str, codes: str) -> None:
    elb.modify_target_group(TargetGroupArn=group, HealthCheckPath=path, Matcher={"HttpCode": codes})
    (found,) = elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert (found["HealthCheckPath"], found["Matcher"]["HttpCode"]) == (path, codes)


@pytest.mark.parametrize("name", ["a\nb", "-a", "a-", "a_b", "a" * 33, "a/b", "ü"])
def test_names_have_letters_digits_and_hyphens(elb: Any, network: tuple[str, list[str]], name: str) -> None:
    assert refused(elb.create_load_balancer, Name=name, Subnets=network[1])
    given = {"Protocol": "HTTP", "Port": 80, "VpcId": network[0], "TargetType": "ip"}
    assert refused(elb.create_target_group, Name=name, **given)


@pytest.mark.parametrize(
    "target", ["x", "10.0.0.1 state ready\nset", "10.0.0.1;quit", "i-12345678", "fe80::1%x"]
)
def test_a_target_is_an_address(elb: Any, group: str, target: str) -> None:
    assert refused(elb.register_targets, TargetGroupArn=group, Targets=[{"Id": target, "Port": 80}])
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.1", "Port": 80}, {"Id": "fe80::1"}])


def test_a_function_is_a_target_by_its_arn() -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:shop-api:live"
    assert target_problem("lambda", arn) == ""
    assert target_problem("lambda", f"{arn}\nx")


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
