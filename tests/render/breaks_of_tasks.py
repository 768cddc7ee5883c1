"""Each of Fargate's rules for a whole task definition, broken once."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from tests.render.breaks import Break

RULES: dict[str, tuple[Break, str, str]] = {
    "cpu": (lambda t, a, s: t.update(cpu="300"), "$.cpu", "not one of Fargate's sizes"),
    "cpu text": (lambda t, a, s: t.update(cpu="much"), "$.cpu", "not a size"),
    "memory": (lambda t, a, s: t.update(cpu="1024", memory="9216"), "$.memory", "does not fit 1024"),
    "memory 8 vCPU": (lambda t, a, s: t.update(cpu="8 vCPU", memory="17 GB"), "$.memory", "17408 MiB"),
    "family": (lambda t, a, s: t.update(family="a b"), "$.family", "is not a valid name"),
    "no family": (lambda t, a, s: t.pop("family"), "$.family", "is required"),
    "no containers": (
        lambda t, a, s: t.update(containerDefinitions=[]),
        "$.containerDefinitions",
        "is required",
    ),
    "volume name": (
        lambda t, a, s: t["volumes"].append({"name": "x/y"}),
        "$.volumes[2].name",
        "is not a valid name",
    ),
    "bridge": (lambda t, a, s: t.update(networkMode="bridge"), "$.networkMode", "awsvpc only"),
    "EC2": (
        lambda t, a, s: t.update(requiresCompatibilities=["EC2"]),
        "$.requiresCompatibilities",
        "FARGATE",
    ),
    "11 containers": (
        lambda t, a, s: t["containerDefinitions"].extend({**s, "name": f"c{n}"} for n in range(9)),
        "$.containerDefinitions",
        "11 containers",
    ),
    "none essential": (lambda t, a, s: a.update(essential=False), "$.containerDefinitions", "essential"),
    "no execution role": (
        lambda t, a, s: t.pop("executionRoleArn"),
        "$.executionRoleArn",
        "ECR repository and secrets",
    ),
    "51 tags": (
        lambda t, a, s: t.update(tags=[{"key": str(n), "value": ""} for n in range(51)]),
        "$.tags",
        "51 tags",
    ),
    "aws: tag": (
        lambda t, a, s: t.update(tags=[{"key": "AWS:x", "value": ""}]),
        "$.tags[0].key",
        "reserved",
    ),
    "cpu sum": (lambda t, a, s: (a.update(cpu=200), s.update(cpu=200)), "$.cpu", "400 of 256"),
    "memory sum": (lambda t, a, s: (a.update(memory=400), s.update(memory=400)), "$.memory", "800 of 512"),
    "host path": (
        lambda t, a, s: t["volumes"][0].update(host={"sourcePath": "/var"}),
        "$.volumes[0].host.sourcePath",
        "no host",
    ),
    "docker volume": (
        lambda t, a, s: t["volumes"][0].update(dockerVolumeConfiguration={"scope": "task"}),
        "$.volumes[0].dockerVolumeConfiguration",
        "not on Fargate",
    ),
    "ephemeral": (
        lambda t, a, s: t.update(ephemeralStorage={"sizeInGiB": 20}),
        "$.ephemeralStorage.sizeInGiB",
        "21 to 200",
    ),
    "pidMode": (lambda t, a, s: t.update(pidMode="host"), "$.pidMode", "only task"),
}
for _key in ("ipcMode", "placementConstraints"):
    RULES[_key] = (lambda t, a, s, k=_key: t.update({k: ["x"]}), f"$.{_key}", "not on Fargate")
