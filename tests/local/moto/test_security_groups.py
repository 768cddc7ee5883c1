"""A security group's rule follows a change of what it refers to."""

import boto3
import pytest

from pipeline.local.moto import start_control_plane

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ec2():
    plane = start_control_plane()
    yield boto3.client(
        "ec2",
        endpoint_url=plane.url,
        region_name="eu-central-1",
        aws_access_key_id=plane.keys.access_key,
        aws_secret_access_key=plane.keys.secret_key,
    )
    plane.stop()


def test_the_group_that_a_rule_refers_to_can_be_changed(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    api, old, new = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("api", "old", "new")
    )
    port = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    (rule,) = ec2.authorize_security_group_egress(
        GroupId=api, IpPermissions=[{**port, "UserIdGroupPairs": [{"GroupId": old}]}]
    )["SecurityGroupRules"]
    new_rule = {**port, "ReferencedGroupId": new, "Description": "The database"}
    ec2.modify_security_group_rules(
        GroupId=api,
        SecurityGroupRules=[
            {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": new_rule}
        ],
    )
    (seen,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])[
        "SecurityGroupRules"
    ]
    assert (seen["ReferencedGroupInfo"]["GroupId"], seen["Description"]) == (new, "The database")
