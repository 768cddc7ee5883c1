"""A secret's version is known, its value never read."""

import pytest

from pipeline.aws import secrets
from pipeline.core.errors import TandemError
from tests.support.aws_access import aws

pytestmark = pytest.mark.usefixtures("cloud")
NOBODY = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:nobody-AbCdEf"


def test_a_changed_secret_has_another_version() -> None:
    manager = aws().client("secretsmanager")
    arn = manager.create_secret(Name="token", SecretString="one")["ARN"]
    first = secrets.versions(aws(), {"TOKEN": f"{arn}:key::"})
    assert first == secrets.versions(aws(), {"TOKEN": arn})
    manager.put_secret_value(SecretId=arn, SecretString="two")
    assert secrets.versions(aws(), {"TOKEN": arn}) != first


@pytest.mark.parametrize("name", ["token", "/shop/token"])
def test_a_changed_parameter_has_another_version(name: str) -> None:
    manager = aws().client("ssm")
    arn = f"arn:aws:ssm:eu-central-1:123456789012:parameter/{name.removeprefix('/')}"
    manager.put_parameter(Name=name, Value="one", Type="SecureString")
    assert secrets.version(aws(), arn) == "1"
    manager.put_parameter(Name=name, Value="two", Type="SecureString", Overwrite=True)
    assert secrets.version(aws(), arn) == "2"


@pytest.mark.parametrize("arn", [NOBODY, "arn:aws:ssm:eu-central-1:123456789012:parameter/nobody"])
def test_a_secret_that_is_not_there_is_named(arn: str) -> None:
    with pytest.raises(TandemError, match="nobody"):
        secrets.version(aws(), arn)
