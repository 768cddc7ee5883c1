"""The local AWS deletes no target group, certificate, policy or cluster that something uses."""

import json

import pytest

from tests.local.moto.network_users import (
    ACCOUNT,
    Client,
    Network,
    network,
    refused,
    service,
)

pytestmark = pytest.mark.slow

__all__ = ["network"]  # a fixture


def test_a_target_group_that_a_listener_or_a_rule_names_stays(network: Network) -> None:
    elb = network.client("elbv2")
    made = elb.create_load_balancer(Name="in-use", Subnets=network.subnets)["LoadBalancers"][0]
    default, named = (
        elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=network.vpc)["TargetGroups"][0][
            "TargetGroupArn"
        ]
        for name in ("default", "named")
    )
    listener = elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": default}],
    )["Listeners"][0]["ListenerArn"]
    weights = [{"TargetGroupArn": default, "Weight": 1}, {"TargetGroupArn": named, "Weight": 0}]
    elb.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/a"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )
    for arn in (default, named):
        refused(
            "ResourceInUse",
            f"Target group '{arn}' is currently in use by a listener or a rule",
            elb.delete_target_group,
            TargetGroupArn=arn,
        )
    elb.delete_listener(ListenerArn=listener)
    for arn in (default, named):
        elb.delete_target_group(TargetGroupArn=arn)


def test_a_certificate_that_a_listener_serves_stays(network: Network) -> None:
    acm, elb = network.client("acm"), network.client("elbv2")
    arn = acm.request_certificate(DomainName="www.example.org")["CertificateArn"]
    made = elb.create_load_balancer(Name="tls", Subnets=network.subnets)["LoadBalancers"][0]
    listener = elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    message = f"Certificate {arn} in account {ACCOUNT} is in use."
    refused("ResourceInUseException", message, acm.delete_certificate, CertificateArn=arn)
    elb.delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)


def test_a_policy_that_a_role_has_or_is_bound_by_stays(client: Client) -> None:
    iam = client("iam")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    message = "Cannot delete a policy attached to entities."
    iam.create_role(RoleName="has", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(RoleName="has", PolicyArn=arn)
    refused("DeleteConflict", message, iam.delete_policy, PolicyArn=arn)
    iam.detach_role_policy(RoleName="has", PolicyArn=arn)
    iam.create_role(RoleName="bound", AssumeRolePolicyDocument="{}", PermissionsBoundary=arn)
    refused("DeleteConflict", message, iam.delete_policy, PolicyArn=arn)
    iam.delete_role(RoleName="bound")
    iam.delete_policy(PolicyArn=arn)


def test_a_cluster_with_services_or_tasks_stays(network: Network) -> None:
    delete = service(network)
    ecs = network.client("ecs")
    refused(
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
        ecs.delete_cluster,
        cluster="c",
    )
    ecs.delete_service(cluster="c", service="s", force=True)
    refused(
        "ClusterContainsTasksException",
        "The Cluster cannot be deleted while Tasks are active.",
        ecs.delete_cluster,
        cluster="c",
    )
    ecs.create_cluster(clusterName="c")
    delete()
