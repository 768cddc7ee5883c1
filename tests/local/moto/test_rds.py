"""A proxy of RDS takes new settings and keeps the others."""

from typing import Any

import boto3
import pytest

ROLE = "arn:aws:iam::123456789012:role/proxy"


def secret(name: str) -> dict[str, str]:
    arn = f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}"
    return {"AuthScheme": "SECRETS", "SecretArn": arn, "IAMAuth": "REQUIRED"}


@pytest.fixture
def rds(network: tuple[str, list[str]]) -> Any:
    client = boto3.Session("a", "b", region_name="eu-central-1").client("rds")
    client.create_db_proxy(
        DBProxyName="p",
        EngineFamily="MYSQL",
        Auth=[secret("old")],
        RoleArn=ROLE,
        VpcSubnetIds=network[1],
        RequireTLS=True,
    )
    return client


def test_a_proxy_takes_new_settings_and_keeps_the_others(rds: Any) -> None:
    (before,) = rds.describe_db_proxies(DBProxyName="p")["DBProxies"]
    rds.modify_db_proxy(
        DBProxyName="p", Auth=[secret("new")], IdleClientTimeout=60, SecurityGroups=["sg-1", "sg-2"]
    )
    (after,) = rds.describe_db_proxies(DBProxyName="p")["DBProxies"]
    assert (after["Auth"][0]["SecretArn"][-3:], after["IdleClientTimeout"]) == ("new", 60)
    assert after["VpcSecurityGroupIds"] == ["sg-1", "sg-2"]
    assert (after["RequireTLS"], after["RoleArn"], after["Endpoint"]) == (True, ROLE, before["Endpoint"])
    with pytest.raises(rds.exceptions.DBProxyNotFoundFault):
        rds.modify_db_proxy(DBProxyName="gone", RequireTLS=False)
