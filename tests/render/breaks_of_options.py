"""Rules for options that our own templates do not use, each broken once."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from typing import Any

from tests.render.breaks import APP, STATIC, Break

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db"
_FILES = "$.volumes[1].efsVolumeConfiguration"


def windows(
    family: str = "WINDOWS_SERVER_2022_CORE",
    architecture: str = "X86_64",
    cpu: str = "1024",
    memory: str = "2048",
) -> Break:
    """A task of Windows, without what only Linux has."""
    platform = {"operatingSystemFamily": family, "cpuArchitecture": architecture}

    def change(t: dict[str, Any], a: dict[str, Any], s: dict[str, Any]) -> None:
        t.update(runtimePlatform=platform, cpu=cpu, memory=memory)
        t.pop("ephemeralStorage", None)
        for container in (a, s):
            for key in ("linuxParameters", "readonlyRootFilesystem", "user", "ulimits", "systemControls"):
                container.pop(key, None)

    return change


def port_mappings(*mappings: dict[str, object]) -> Break:
    return lambda t, a, s: a.update(portMappings=list(mappings))


def efs(**settings: object) -> Break:
    return lambda t, a, s: t["volumes"][1].update(efsVolumeConfiguration=settings)


def secrets(*references: str) -> Break:
    return lambda t, a, s: a.update(
        secrets=[{"name": f"S{n}", "valueFrom": value} for n, value in enumerate(references)]
    )


RULES: dict[str, tuple[Break, str, str]] = {
    "32 vCPU": (lambda t, a, s: t.update(cpu="32 vCPU", memory="64 GB"), "$.memory", "61440, 122880, 249856"),
    "a size as it is written": (lambda t, a, s: t.update(cpu="0.3 vCPU"), "$.cpu", "'0.3 vCPU'"),
    "a size without digits": (lambda t, a, s: t.update(cpu="."), "$.cpu", "not a size"),
    "half a Windows": (windows(cpu="512"), "$.cpu", "for Windows"),
    "8 vCPU of Windows": (windows(cpu="8192", memory="16384"), "$.cpu", "for Windows"),
    "Windows on ARM": (windows(architecture="ARM64"), "$.runtimePlatform.cpuArchitecture", "ARM64"),
    "an old Windows": (
        windows("WINDOWS_SERVER_2004_CORE"),
        "$.runtimePlatform.operatingSystemFamily",
        "not on Fargate",
    ),
    "environment files of Windows": (
        lambda t, a, s: (
            windows()(t, a, s),
            a.update(environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::b/a.env"}]),
        ),
        f"{APP}.environmentFiles",
        "Windows",
    ),
    "an environment file by URL": (
        lambda t, a, s: a.update(environmentFiles=[{"type": "s3", "value": "https://b.s3/a.env"}]),
        f"{APP}.environmentFiles[0].value",
        "ARN of an S3 object",
    ),
    "64 KiB": (
        lambda t, a, s: a.update(environment=[{"name": "A", "value": "ä" * 32_768}]),
        "$",
        "at most 65536",
    ),
    "no tags": (lambda t, a, s: t.update(tags=[]), "$.tags", "must not be empty"),
    "an ARN that is no role's": (
        lambda t, a, s: t.update(taskRoleArn="arn:aws:iam::ACCOUNT:role/x"),
        "$.taskRoleArn",
        "not a role's ARN",
    ),
    "registry without role": (
        lambda t, a, s: (
            t.pop("executionRoleArn"),
            a.update(repositoryCredentials={"credentialsParameter": f"{SECRET}-AbC1eF"}),
        ),
        "$.executionRoleArn",
        "the credentials of its registry",
    ),
    "registry without credentials": (
        lambda t, a, s: a.update(repositoryCredentials={"credentialsParameter": ""}),
        f"{APP}.repositoryCredentials.credentialsParameter",
        "is required",
    ),
    "a placeholder": (lambda t, a, s: a.update(image="${IMAGE}:1"), f"{APP}.image", "is a placeholder"),
    "secret twice": (
        lambda t, a, s: a.update(secrets=[{"name": "A", "valueFrom": SECRET}] * 2),
        f"{APP}.secrets[1].name",
        "more than once",
    ),
    "secret without name": (
        lambda t, a, s: a.update(secrets=[{"valueFrom": SECRET}]),
        f"{APP}.secrets[0].name",
        "is required",
    ),
    "a JSON key alone": (secrets(f"{SECRET}-AbC1eF:user"), f"{APP}.secrets[0].valueFrom", "all three"),
    "a JSON key and a stage": (
        secrets(f"{SECRET}-AbC1eF:user:"),
        f"{APP}.secrets[0].valueFrom",
        "all three",
    ),
    "a secret of nobody": (
        secrets(SECRET.replace("123456789012", "${ACCOUNT}")),
        f"{APP}.secrets[0].valueFrom",
        "'${ACCOUNT}' is not an account",
    ),
    "a secret of nowhere": (
        secrets(SECRET.replace("eu-central-1", "REGION")),
        f"{APP}.secrets[0].valueFrom",
        "'REGION' is not a region",
    ),
    "a secret of S3": (
        secrets("arn:aws:s3:eu-central-1:123456789012:x"),
        f"{APP}.secrets[0].valueFrom",
        "'s3' is neither",
    ),
    "a secret's name with a space": (secrets(f"{SECRET} x"), f"{APP}.secrets[0].valueFrom", "not a secret"),
    "no parameter": (
        secrets("arn:aws:ssm:eu-central-1:123456789012:document/x"),
        f"{APP}.secrets[0].valueFrom",
        "not a parameter",
    ),
    "a variable's type": (
        lambda t, a, s: a.update(environment=[{"name": "A", "value": 1}]),
        f"{APP}.environment[0].value",
        "must be a string",
    ),
    "a port's type": (
        lambda t, a, s: a["portMappings"][0].update(containerPort="80"),
        f"{APP}.portMappings[0].containerPort",
        "must be a whole number",
    ),
    "a superscript": (lambda t, a, s: a.update(memory="³"), f"{APP}.memory", "must be a whole number"),
    "soft over hard": (
        lambda t, a, s: a.update(ulimits=[{"name": "nofile", "softLimit": 2, "hardLimit": 1}]),
        f"{APP}.ulimits[0].softLimit",
        "exceeds",
    ),
    "tmpfs without a size": (
        lambda t, a, s: a["linuxParameters"].update(tmpfs=[{"containerPath": "/cache", "size": 0}]),
        f"{APP}.linuxParameters.tmpfs[0].size",
        "is not a size",
    ),
    "tmpfs at a relative path": (
        lambda t, a, s: a["linuxParameters"].update(tmpfs=[{"containerPath": "tmp", "size": 64}]),
        f"{APP}.linuxParameters.tmpfs[0].containerPath",
        "is not an absolute path",
    ),
    "an option of tmpfs": (
        lambda t, a, s: a["linuxParameters"].update(
            tmpfs=[{"containerPath": "/t", "size": 64, "mountOptions": ["rw", "size=1g"]}]
        ),
        f"{APP}.linuxParameters.tmpfs[0].mountOptions",
        "'size=1g' is not a mount option",
    ),
    "a kernel's parameter": (
        lambda t, a, s: a.update(systemControls=[{"namespace": "kernel.pid_max", "value": "1"}]),
        f"{APP}.systemControls[0].namespace",
        "cannot be set",
    ),
    "port and range": (
        port_mappings({"containerPort": 80, "containerPortRange": "80-81"}),
        f"{APP}.portMappings[0]",
        "a port and a range",
    ),
    "host port and range": (
        port_mappings({"hostPort": 80, "containerPortRange": "80-81"}),
        f"{APP}.portMappings[0]",
        "a port and a range",
    ),
    "a range backwards": (
        port_mappings({"containerPortRange": "81-80"}),
        f"{APP}.portMappings[0].containerPortRange",
        "not a range",
    ),
    "port in a range": (
        port_mappings({"containerPortRange": "80-90"}, {"containerPort": 90}),
        f"{APP}.portMappings[1].containerPort",
        "90/tcp is used twice",
    ),
    "range over a port": (
        port_mappings({"containerPort": 90}, {"containerPortRange": "80-90"}),
        f"{APP}.portMappings[1].containerPortRange",
        "80-90/tcp is used twice",
    ),
    "application protocol": (
        port_mappings({"containerPort": 80, "appProtocol": "tcp"}),
        f"{APP}.portMappings[0].appProtocol",
        "not an application protocol",
    ),
    "EFS without file system": (efs(rootDirectory="/"), f"{_FILES}.fileSystemId", "is required"),
    "EFS by IAM, in clear": (
        efs(fileSystemId="fs-1", transitEncryption="DISABLED", authorizationConfig={"iam": "ENABLED"}),
        f"{_FILES}.transitEncryption",
        "needs encryption",
    ),
    "EFS by access point, in clear": (
        efs(fileSystemId="fs-1", authorizationConfig={"accessPointId": "fsap-1"}),
        f"{_FILES}.transitEncryption",
        "needs encryption",
    ),
    "EFS by port, in clear": (
        efs(fileSystemId="fs-1", transitEncryptionPort=2049),
        f"{_FILES}.transitEncryptionPort",
        "needs encryption",
    ),
    "EFS with two roots": (
        efs(
            fileSystemId="fs-1",
            transitEncryption="ENABLED",
            rootDirectory="/a",
            authorizationConfig={"accessPointId": "fsap-1"},
        ),
        f"{_FILES}.rootDirectory",
        "access point",
    ),
    "a volume of the launch": (
        lambda t, a, s: t["volumes"].append({"name": "disk", "configuredAtLaunch": True}),
        "$.volumes[2].name",
        "no container mounts it",
    ),
    "restart after other codes": (
        lambda t, a, s: s.update(restartPolicy={"enabled": True, "ignoredExitCodes": [1]}),
        f"{STATIC}.restartPolicy",
        "add 0 to ignoredExitCodes",
    ),
    "capability by its long name": (
        lambda t, a, s: a["linuxParameters"]["capabilities"].update(add=["CAP_SYS_PTRACE"]),
        f"{APP}.linuxParameters.capabilities.add",
        "write SYS_PTRACE",
    ),
}
