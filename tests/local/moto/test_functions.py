"""Functions on the control plane do what Lambda's do, where plain moto's do not."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from moto.backends import get_backend

from pipeline.local.context import ACCOUNT, REGION
from pipeline.local.moto import InvokeResponse, on_invoke, throttled

pytestmark = pytest.mark.slow

IMAGE = "127.0.0.1:5000/tandem/api@sha256:"


@pytest.fixture(scope="module")
def named() -> Iterator[str]:
    numbers = iter(range(100))
    return (f"api{number}" for number in numbers)


@pytest.fixture
def function(client: Any, named: Iterator[str]) -> str:
    name = next(named)
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    image = IMAGE + "a" * 64
    client("lambda").create_function(
        FunctionName=name, Role=role, PackageType="Image", Code={"ImageUri": image}, Publish=True
    )
    return name


def test_a_published_version_keeps_its_image(client: Any, function: str) -> None:
    aws = client("lambda")
    aws.update_function_code(FunctionName=function, ImageUri=IMAGE + "b" * 64, Publish=True)
    images = [
        aws.get_function(FunctionName=function, Qualifier=version)["Code"]["ImageUri"] for version in "12"
    ]
    assert images == [IMAGE + "a" * 64, IMAGE + "b" * 64]


def test_a_copy_of_a_function_does_not_copy_all_logs(function: str) -> None:
    """A line that came meanwhile ended CreateFunction with 500, and the function was there."""
    lambdas, logs = (get_backend(service)[ACCOUNT][REGION] for service in ("lambda", "logs"))
    copied = copy.deepcopy(lambdas.get_function(function))
    assert copied.function_name == function
    assert copied.logs_backend is logs


def test_a_function_tells_only_what_replaces_its_images_command(client: Any, function: str) -> None:
    """Terraform would otherwise take the empty answer for a change."""
    aws = client("lambda")
    told = []
    for image_config in ({"Command": ["main.handler"]}, {}):
        aws.update_function_configuration(FunctionName=function, ImageConfig=image_config)
        told.append(aws.get_function_configuration(FunctionName=function).get("ImageConfigResponse"))
    assert told == [{"ImageConfig": {"Command": ["main.handler"], "EntryPoint": []}}, None]


def test_code_for_another_processor_changes_the_function(client: Any, function: str) -> None:
    aws = client("lambda")
    aws.update_function_code(
        FunctionName=function, ImageUri=IMAGE + "b" * 64, Architectures=["arm64"], Publish=True
    )
    architectures = [
        aws.get_function_configuration(FunctionName=function, Qualifier=version)["Architectures"]
        for version in ("1", "2")
    ]
    assert architectures == [["x86_64"], ["arm64"]]


def test_invoke_asks_the_attached_runner(client: Any, function: str) -> None:
    asked = []

    def run(name: str, qualifier: str, payload: bytes) -> InvokeResponse:
        asked.append((name, qualifier, json.loads(payload)))
        return InvokeResponse(b'"done"', version="1", log=b"hello")

    on_invoke(run)
    answer = client("lambda").invoke(
        FunctionName=function, Qualifier="1", Payload=b'{"a": 1}', LogType="Tail"
    )
    assert [(function, "1", {"a": 1})] == asked
    assert (answer["Payload"].read(), answer["ExecutedVersion"]) == (b'"done"', "1")


def test_invoke_by_alias_arn_names_the_alias(client: Any, function: str) -> None:
    aws = client("lambda")
    alias = aws.create_alias(FunctionName=function, Name="live", FunctionVersion="1")["AliasArn"]
    on_invoke(lambda name, qualifier, _: InvokeResponse(f"{name}:{qualifier}".encode()))
    assert f"{function}:live".encode() == aws.invoke(FunctionName=alias)["Payload"].read()


def test_a_failed_function_says_so(client: Any, function: str) -> None:
    on_invoke(lambda *_: InvokeResponse(b"{}", error="Unhandled"))
    assert client("lambda").invoke(FunctionName=function)["FunctionError"] == "Unhandled"


def test_a_throttle_is_the_error_that_clients_know(client: Any, function: str) -> None:
    on_invoke(lambda *_: throttled("2"))
    aws = client("lambda", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(aws.exceptions.TooManyRequestsException) as caught:
        aws.invoke(FunctionName=function)
    assert caught.value.response["Error"]["Message"] == "Rate Exceeded."
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_function_settings_survive(client: Any, function: str) -> None:
    aws = client("lambda")
    aws.update_function_configuration(
        FunctionName=function,
        LoggingConfig={"LogFormat": "JSON"},
        TracingConfig={"Mode": "Active"},
        ImageConfig={"Command": ["main.other"]},
    )
    configuration = aws.get_function_configuration(FunctionName=function)
    assert configuration["LoggingConfig"] == {"LogFormat": "JSON"}
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert configuration["ImageConfigResponse"]["ImageConfig"]["Command"] == ["main.other"]


def test_provisioned_concurrency_comes_and_goes(client: Any, function: str) -> None:
    aws, which = client("lambda"), {"FunctionName": function, "Qualifier": "1"}
    aws.put_provisioned_concurrency_config(**which, ProvisionedConcurrentExecutions=2)
    assert aws.get_provisioned_concurrency_config(**which)["Status"] == "READY"
    aws.delete_provisioned_concurrency_config(**which)
    with pytest.raises(aws.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        aws.get_provisioned_concurrency_config(**which)
