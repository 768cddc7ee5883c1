"""ELBv2 refuses attributes, checks, names and targets that AWS refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto.elbv2_validation import target_problem


def refused(call: Any, **arguments: Any) -> bool:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return bool(error.value.response["Error"]["Code"] == "ValidationError")


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
    arguments = {"Name": "n", "Protocol": "HTTP", "Port": 80, "VpcId": network[0], "HealthCheckPath": path}
    assert refused(elb.create_target_group, **arguments)


@pytest.mark.parametrize(
    "codes", ["2xx", "", "200-", "-200", "299-200", "199", "500", "200,", "200-600", "200 "]
)
def test_a_matcher_has_codes_from_200_to_499(
    elb: Any, group: str, network: tuple[str, list[str]], codes: str
) -> None:
    assert refused(elb.modify_target_group, TargetGroupArn=group, Matcher={"HttpCode": codes})
    arguments = {"Name": "n", "Protocol": "HTTP", "Port": 80, "VpcId": network[0]}
    assert refused(elb.create_target_group, Matcher={"HttpCode": codes}, **arguments)


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
    (target_group,) = elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert (target_group["HealthCheckPath"], target_group["Matcher"]["HttpCode"]) == (path, codes)


@pytest.mark.parametrize("name", ["a\nb", "-a", "a-", "a_b", "a" * 33, "a/b", "ü"])
def test_names_have_letters_digits_and_hyphens(elb: Any, network: tuple[str, list[str]], name: str) -> None:
    assert refused(elb.create_load_balancer, Name=name, Subnets=network[1])
    arguments = {"Protocol": "HTTP", "Port": 80, "VpcId": network[0], "TargetType": "ip"}
    assert refused(elb.create_target_group, Name=name, **arguments)


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
