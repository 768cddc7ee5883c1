"""One block of the matrix: an account of its own that is taken from row to row, then emptied."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from pipeline.core.errors import TandemError
from pipeline.terraform import roots as infra
from tests.modules import matrix
from tests.modules.account import Account, empty
from tests.modules.pairwise import Row

NAMES = ("app", "static", "api", "monolith", "site")
_REPOSITORIES = "module.registry.aws_ecr"


def world() -> matrix.World:
    """Make what the switches name: a certificate, a zone, a key, a network, a database's security group."""
    domain = "www.example.org"
    vpc, network = _network()
    group = client("ec2").create_security_group(GroupName="db", Description="a proxy", VpcId=vpc)
    zone = client("route53").create_hosted_zone(Name="example.org", CallerReference="1")
    return matrix.World(
        certificate=client("acm").request_certificate(DomainName=domain)["CertificateArn"],
        zone=zone["HostedZone"]["Id"].rpartition("/")[2],
        key=client("kms").create_key()["KeyMetadata"]["Arn"],
        database=group["GroupId"],
        network=network,
    )


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
    return boto3.client(service)


class Block:
    """An account between two rows."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.world = world()
        self.before = _everything()
        self._shared = False
        self._number = 0
        self._platform: dict[str, Any] = {}
        self._release: dict[str, Any] = {}

    def apply(self, row: Row) -> None:
        """Both roots as the row says; the release under its own role. AssertionError where a plan is left."""
        self._share(wanted=row["repositories"] == "shared")
        self._platform = matrix.variables(matrix.PLATFORM, self.world, row)
        settle(self.account.platform(**self._platform))
        self._release = matrix.variables(matrix.RELEASE, self.world, row)
        stable = None
        if row["canary"] != "none":
            stable = self._stable()
        settle(self._released(stable))

    def _released(self, stable: str | None = None) -> infra.TerraformRoot:
        self._number += 1
        role = replace(self.account, credentials=self.account.release_credentials())
        given = {**self._release, "release": self._manifest(stable)}
        return role.release(self._number, "0123456789abcdef"[self._number % 16], **given)

    def _manifest(self, stable: str | None) -> dict[str, Any]:
        given = self._release.get("release", {})
        if stable is None:
            api = {key: value for key, value in given.get("api", {}).items() if key != "weights"}
            return {**given, "api": api}
        return matrix.deep(given, {"api": {"weights": {"stable_version": stable}}})

    def _stable(self) -> str:
        """The version that has the traffic; where there is no function yet, one is released first."""
        try:
            found = client("lambda").get_alias(FunctionName="tandem-local-api", Name="live")
        except ClientError:
            self._released().apply()
            return self._stable()
        return str(found["FunctionVersion"])

    def _share(self, *, wanted: bool) -> None:
        """Repositories pass to another environment, or come from it: names are unique in an account."""
        ecr, root = client("ecr"), self.account.platform()
        if wanted and not self._shared:
            runner = root._runner()
            root.init()
            held = [address for address in runner.addresses() if address.startswith(_REPOSITORIES)]
            for address in held:
                runner._run([runner.terraform_bin_path, "state", "rm", address])
            for name in NAMES if not held else ():
                ecr.create_repository(repositoryName=f"tandem/{name}")
        if self._shared and not wanted:
            for name in NAMES:
                ecr.delete_repository(repositoryName=f"tandem/{name}", force=True)
        self._shared = wanted

    def destroy(self) -> dict[str, Any]:
        """Remove all; gives what is left that was not there before."""
        self._released().destroy()
        unprotected = {**self._platform, "deletion_protection": False}
        if self._platform.get("deletion_protection"):
            self.account.platform(**unprotected).apply()
        self.account.platform(**unprotected).destroy()
        self._share(wanted=False)
        found = _everything()
        return {kind: found[kind] - self.before[kind] for kind in found if found[kind] - self.before[kind]}


def settle(root: infra.TerraformRoot) -> None:
    """Apply, and see that nothing is left to do."""
    root.apply()
    after = root.plan()
    assert not after.changes, f"{root.folder.name} drifts: {after.text.partition('will perform')[2]}"


def _everything() -> dict[str, set[str]]:
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
        "target": ("application-autoscaling", "describe_scalable_targets", "ScalableTargets", "ResourceId"),
    }
    more = {"application-autoscaling": {"ServiceNamespace": "ecs"}}
    found = {
        kind: {
            item[key]
            for item in getattr(client(service), call)(**more.get(service, {}))[answer]
            if item.get("State") != "deleted"  # endpoints are told of for a while
        }
        for kind, (service, call, answer, key) in asked.items()
    }
    found["table"] = set(client("dynamodb").list_tables()["TableNames"])
    clusters = client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])
    # As endpoints are.
    found["cluster"] = {one["clusterArn"] for one in clusters["clusters"] if one["status"] == "ACTIVE"}
    found["acl"] = {item["ARN"] for item in client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]}
    return found


def main(network: str, folder: str) -> None:
    """Apply the block's rows one after another; a line of JSON on stdout tells how each ended."""
    with empty(Path(folder)) as account:
        block = Block(account)
        for row in matrix.blocks()[network]:
            _tell(_problem(lambda row=row: block.apply(row)))
        left: dict[str, Any] = {}
        problem = _problem(lambda: left.update(block.destroy()))
        _tell(problem or (f"left: {left}" if left else ""))


def _problem(act: Callable[[], None]) -> str:
    """What went wrong, in words; a row that failed does not keep the next ones from being tried."""
    try:
        act()
    except (AssertionError, TandemError, ClientError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _tell(problem: str) -> None:
    print(json.dumps(problem), flush=True)
    # The log says it at once; pytest only when all rows are through.
    print(f"=== {problem or 'well'}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
