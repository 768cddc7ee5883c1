"""What only a first apply makes known has a stand-in of its kind, which nobody is shown."""

from typing import Any

import pytest

from pipeline.deploy.stand_ins import hide, stand_ins, unbuilt

KNOWN = {"name": "t-dev", "region": "eu-central-1", "account_id": "123456789012", "cluster_name": "t-dev"}
UNKNOWN = ("cluster_arn", "execution_role_arn", "task_role_arn", "app_log_group")


def planned(**outputs: Any) -> dict[str, Any]:
    """A plan in JSON with these outputs: each a value, and the places in it that are unknown."""
    known = {name: {"after": value, "after_unknown": False} for name, value in KNOWN.items()}
    unknown = {name: {"after_unknown": True} for name in UNKNOWN}
    overrides = {name: {"after": after, "after_unknown": places} for name, (after, places) in outputs.items()}
    service = {"service_name": {"after": "t-dev", "after_unknown": False}}
    return {"output_changes": {**known, **unknown, **service, **overrides}}


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_an_unknown_arn_is_one_of_its_kind_in_the_regions_partition(region: str, partition: str) -> None:
    platform = stand_ins(planned(), region)
    assert platform.cluster_arn == f"arn:{partition}:ecs:{region}:123456789012:cluster/known-after-apply"
    assert platform.task_role_arn == f"arn:{partition}:iam::123456789012:role/known-after-apply"


def test_a_known_part_of_an_output_stays() -> None:
    outputs = planned(
        service_subnet_ids=(["subnet-1", None], [False, True]),
        repository_urls=({"app": "host/app"}, {"app": False, "api": True}),
        target_group_arn_suffixes=({}, {"app": True}),
        database=({"port": 5432, "user": "app"}, {"host": True}),
        run_family=("t-dev-run", False),
    )
    platform = stand_ins(outputs, "eu-central-1")
    assert platform.service_subnet_ids == ("subnet-1", "subnet-known-after-apply")
    assert platform.repository_urls["app"] == "host/app"
    assert platform.target_group_arn_suffixes == {"app": "targetgroup/known-after-apply"}
    assert platform.database is not None
    assert (platform.database.host, platform.database.port) == ("known-after-apply", 5432)
    assert platform.run_family == "t-dev-run"


@pytest.mark.parametrize("unknown", [True, [True, True]])
def test_a_list_has_as_many_stand_ins_as_it_will_have_values(unknown: Any) -> None:
    """Where Terraform does not know how many, there is one."""
    platform = stand_ins(planned(service_subnet_ids=(None, unknown)), "eu-central-1")
    assert platform.service_subnet_ids == ("subnet-known-after-apply",) * (2 if unknown is not True else 1)


def test_an_image_that_was_not_built_has_no_digest_that_is_shown() -> None:
    image = str(unbuilt({"app": "host/app"})["app"])
    assert hide(f'    + image = "{image}"') == '    + image = "host/app@(known after the build)"'


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('+ role_arn = "arn:aws:iam::1:role/known-after-apply"', ""),
        (
            '+ "taskRoleArn": "arn:aws:iam::1:role/known-after-apply",',
            '+ "taskRoleArn": (known after apply),',
        ),
        (
            r'+ body = "{\"a\":\"subnet-known-after-apply\",\"b\":1}"',
            r'+ body = "{\"a\":(known after apply),\"b\":1}"',
        ),
        ('~ tags = { "a" = "b" }', '~ tags = { "a" = "b" }'),
    ],
)
def test_stand_ins_are_not_shown(line: str, shown: str) -> None:
    assert hide(line) == shown
