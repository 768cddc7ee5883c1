"""One block of the matrix: its account is taken from row to row, then emptied."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from pipeline.core.errors import TandemError
from pipeline.terraform import roots
from tests.modules import matrix
from tests.modules.account import Account, empty_account
from tests.modules.pairwise import MatrixRow
from tests.modules.switches import PLATFORM, RELEASE, ExistingResources

NAMES = ("app", "static", "api", "monolith", "site")
_REPOSITORIES = "module.registry.aws_ecr"


def create_existing_resources() -> ExistingResources:
    """Create what the switches refer to: certificate, zone, key, network, a database's security group."""
    domain = "www.example.org"
    vpc, network = _network()
    group = client("ec2").create_security_group(GroupName="db", Description="a proxy", VpcId=vpc)
    client("rds").create_db_instance(
        DBInstanceIdentifier="shop", DBInstanceClass="db.t4g.micro", Engine="mysql", AllocatedStorage=20
    )
    zone = client("route53").create_hosted_zone(Name="example.org", CallerReference="1")
    return ExistingResources(
        certificate=client("acm").request_certificate(DomainName=domain)["CertificateArn"],
        zone=zone["HostedZone"]["Id"].rpartition("/")[2],
        key=client("kms").create_key()["KeyMetadata"]["Arn"],
        database=group["GroupId"],
        boundary=_boundary(),
        network=network,
    )


def _boundary() -> str:
    """A policy that bounds nothing."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    created = client("iam").create_policy(PolicyName="bound", PolicyDocument=document)
    return str(created["Policy"]["Arn"])


def _network() -> tuple[str, Mapping[str, Any]]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.9.{at}.0/24", AvailabilityZone=f"eu-central-1{'ab'[at % 2]}"
        )
        for at in range(4)
    ]
    ids = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    return vpc, {
        "vpc_id": vpc,
        "public_subnet_ids": ids[:2],
        "private_subnet_ids": ids[2:],
        "private_route_table_ids": [table],
    }


def client(service: str) -> Any:
    return boto3.Session().client(service)


class Block:
    """An account between two rows."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.existing = create_existing_resources()
        self.before = _existing()
        self._shared = False
        self._number = 0
        self._platform: dict[str, Any] = {}
        self._release: dict[str, Any] = {}

    def apply(self, row: MatrixRow) -> None:
        """Apply both roots with the row's variables; the release under its own role.

        Raises:
            AssertionError: A plan after an apply has changes.

        """
        before, self._platform = self._platform, matrix.variables(PLATFORM, self.existing, row)
        if "zones" in before and "zones" not in self._platform:
            self._leave_a_zone(before)
        self._share_repositories(shared=row["repositories"] == "shared")
        if "kms_key_arn" in before and "kms_key_arn" not in self._platform:
            _give_secrets_the_default_key()
        apply_and_settle(self.account.platform(**self._platform))
        self._release = matrix.variables(RELEASE, self.existing, row)
        stable = None
        if row["canary"] != "none":
            stable = self._stable()
        apply_and_settle(self._released(stable))

    def _leave_a_zone(self, before: Mapping[str, Any]) -> None:
        """As the variable `used_zones` says: tasks and function leave a zone before its subnets go."""
        self.account.platform(**{**before, "used_zones": 2}).apply()
        self._released().apply()

    def _released(self, stable: str | None = None) -> roots.TerraformRoot:
        self._number += 1
        role = replace(self.account, credentials=self.account.release_credentials())
        variables = {**self._release, "release": self._manifest(stable)}
        return role.release(self._number, "0123456789abcdef"[self._number % 16], **variables)

    def _manifest(self, stable: str | None) -> dict[str, Any]:
        release = self._release.get("release", {})
        if stable is None:
            api = {key: value for key, value in release.get("api", {}).items() if key != "weights"}
            return {**release, "api": api}
        return matrix.deep(release, {"api": {"weights": {"stable_version": stable}}})

    def _stable(self) -> str:
        """The version that has the traffic; without a function, a release is applied first."""
        alias = {"FunctionName": "tandem-local-api", "Name": "live"}
        try:
            return str(client("lambda").get_alias(**alias)["FunctionVersion"])
        except ClientError:
            self._released().apply()
        return str(client("lambda").get_alias(**alias)["FunctionVersion"])

    def _share_repositories(self, *, shared: bool) -> None:
        """Pass the repositories to another environment, or take them back: names are unique in an account."""
        ecr, root = client("ecr"), self.account.platform()
        if shared and not self._shared:
            runner = root._runner()
            root.init()
            addresses = [address for address in runner.addresses() if address.startswith(_REPOSITORIES)]
            for address in addresses:
                runner._run([runner.terraform_bin_path, "state", "rm", address])
            existing = {item["repositoryName"] for item in ecr.describe_repositories()["repositories"]}
            for name in NAMES:
                if f"tandem/local/{name}" in existing:
                    ecr.delete_repository(repositoryName=f"tandem/local/{name}", force=True)
                if f"tandem/{name}" not in existing:
                    ecr.create_repository(repositoryName=f"tandem/{name}")
        if self._shared and not shared:
            for name in NAMES:
                ecr.delete_repository(repositoryName=f"tandem/{name}", force=True)
        self._shared = shared

    def destroy(self) -> dict[str, Any]:
        """Destroy both roots and return the resources that remain."""
        self._released().destroy()
        unprotected = {**self._platform, "deletion_protection": False}
        if self._platform.get("deletion_protection"):
            self.account.platform(**unprotected).apply()
        self.account.platform(**unprotected).destroy()
        self._share_repositories(shared=False)
        after = _existing()
        return {kind: after[kind] - self.before[kind] for kind in after if after[kind] - self.before[kind]}


def _give_secrets_the_default_key() -> None:
    """As docs/reference/terraform.md says: the provider does not ask AWS to take a key away."""
    secrets = client("secretsmanager")
    for secret in secrets.list_secrets()["SecretList"]:
        secrets.update_secret(SecretId=secret["ARN"], KmsKeyId="alias/aws/secretsmanager")


def apply_and_settle(root: roots.TerraformRoot) -> None:
    """Apply the root, and assert that its plan then has no changes."""
    root.apply()
    after = root.plan()
    assert not after.changes, f"{root.folder.name} drifts: {after.text.partition('will perform')[2]}"


def _existing() -> dict[str, set[str]]:
    asked = {
        "vpc": ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
        "address": ("ec2", "describe_addresses", "Addresses", "AllocationId"),
        "endpoint": ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
        "group": ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
        "balancer": ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
        "target group": ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
        "function": ("lambda", "list_functions", "Functions", "FunctionArn"),
        "role": ("iam", "list_roles", "Roles", "Arn"),
        "log group": ("logs", "describe_log_groups", "logGroups", "arn"),
        "repository": ("ecr", "describe_repositories", "repositories", "repositoryArn"),
        "alarm": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmArn"),
        "dashboard": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
        "topic": ("sns", "list_topics", "Topics", "TopicArn"),
        "rule": ("events", "list_rules", "Rules", "Arn"),
        "bucket": ("s3", "list_buckets", "Buckets", "Name"),
        "proxy": ("rds", "describe_db_proxies", "DBProxies", "DBProxyArn"),
        "target": ("application-autoscaling", "describe_scalable_targets", "ScalableTargets", "ResourceId"),
    }
    more = {"application-autoscaling": {"ServiceNamespace": "ecs"}}
    resources = {
        kind: {
            item[key]
            for item in getattr(client(service), call)(**more.get(service, {}))[answer]
            if item.get("State") != "deleted"  # AWS lists deleted endpoints for a while
        }
        for kind, (service, call, answer, key) in asked.items()
    }
    resources["table"] = set(client("dynamodb").list_tables()["TableNames"])
    clusters = client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])
    # AWS lists deleted clusters for a while too.
    resources["cluster"] = {one["clusterArn"] for one in clusters["clusters"] if one["status"] == "ACTIVE"}
    resources["acl"] = {item["ARN"] for item in client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]}
    return resources


def main(network: str, folder: str) -> None:
    """Apply the block's rows one after another; print one line of JSON for the result of each."""
    with empty_account(Path(folder)) as account:
        block = Block(account)
        for row in matrix.blocks()[network]:
            _print_result(_problem(lambda row=row: block.apply(row)))
        remaining: dict[str, Any] = {}
        problem = _problem(lambda: remaining.update(block.destroy()))
        _print_result(problem or (f"left: {remaining}" if remaining else ""))


def _problem(act: Callable[[], None]) -> str:
    """The error in words, empty for none; the next rows are tried even if one fails."""
    try:
        act()
    except (AssertionError, TandemError, ClientError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _print_result(problem: str) -> None:
    print(json.dumps(problem), flush=True)
    # The log shows the result at once; pytest shows it when all rows are finished.
    print(f"=== {problem or 'ok'}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
