"""Volumes, mounts and ports: what Fargate refuses, what it takes, and likely mistakes."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from tests.render.breaks import APP, Break
from tests.render.breaks_of_options import efs, port_mappings

_FILES = "$.volumes[1].efsVolumeConfiguration"
_S3 = "$.volumes[1].s3filesVolumeConfiguration"
_FILE_SYSTEM = "fs-0123456789abcdef0"
_ARN = f"arn:aws:s3files:eu-central-1:123456789012:file-system/{_FILE_SYSTEM}"
_MOUNT = f"{APP}.mountPoints[0].containerPath"


def volume(**settings: object) -> Break:
    return lambda t, a, s: t["volumes"][1].update(settings)


def s3_files(**settings: object) -> Break:
    return volume(s3filesVolumeConfiguration={"fileSystemArn": _ARN, **settings})


def mounts(*paths: str) -> Break:
    return lambda t, a, s: a.update(
        mountPoints=[{"sourceVolume": "content", "containerPath": path} for path in paths]
    )


def at_launch(count: int) -> Break:
    names = [f"disk{n}" for n in range(count)]
    return lambda t, a, s: (
        t.update(volumes=[*t["volumes"], *({"name": name, "configuredAtLaunch": True} for name in names)]),
        a.update(mountPoints=[{"sourceVolume": name, "containerPath": f"/{name}"} for name in names]),
    )


RULES: dict[str, tuple[Break, str, str]] = {
    "two types": (
        volume(
            efsVolumeConfiguration={"fileSystemId": _FILE_SYSTEM},
            s3filesVolumeConfiguration={"fileSystemArn": _ARN},
        ),
        "$.volumes[1]",
        "a volume has one type",
    ),
    "EFS at launch": (
        volume(efsVolumeConfiguration={"fileSystemId": _FILE_SYSTEM}, configuredAtLaunch=True),
        "$.volumes[1]",
        "efsVolumeConfiguration and configuredAtLaunch",
    ),
    "two volumes of the launch": (at_launch(2), "$.volumes[3].configuredAtLaunch", "a task has one"),
    "a port of EFS": (
        efs(fileSystemId=_FILE_SYSTEM, transitEncryption="ENABLED", transitEncryptionPort=65536),
        f"{_FILES}.transitEncryptionPort",
        "0 to 65535",
    ),
    "S3 files by ID": (s3_files(fileSystemArn=_FILE_SYSTEM), f"{_S3}.fileSystemArn", "not its ARN"),
    "S3 files of EFS": (
        s3_files(fileSystemArn=_ARN.replace("s3files", "elasticfilesystem")),
        f"{_S3}.fileSystemArn",
        "not its ARN",
    ),
    "an access point by ID": (s3_files(accessPointArn="fsap-1"), f"{_S3}.accessPointArn", "not its ARN"),
    "S3 files with two roots": (
        s3_files(accessPointArn=f"{_ARN}/access-point/fsap-1", rootDirectory="/a"),
        f"{_S3}.rootDirectory",
        "access point",
    ),
    "a port of S3 files": (
        s3_files(transitEncryptionPort=-1),
        f"{_S3}.transitEncryptionPort",
        "0 to 65535",
    ),
    "S3 files without role": (
        lambda t, a, s: (s3_files()(t, a, s), t.pop("taskRoleArn", None)),
        "$.taskRoleArn",
        "there is none",
    ),
    "a relative mount": (mounts("site"), _MOUNT, "not an absolute path"),
    "a Windows path on Linux": (mounts("C:\\site"), _MOUNT, "not an absolute path"),
    "a mount at the root": (mounts("/"), _MOUNT, "at the root"),
    "a mount at the root by detour": (mounts("/a/.."), _MOUNT, "at the root"),
    "a path twice": (mounts("/a", "/a"), f"{APP}.mountPoints[1].containerPath", "mounted twice"),
    "a path twice, with a slash": (mounts("/a", "/a/"), f"{APP}.mountPoints[1].containerPath", "twice"),
    "a path twice, by detour": (
        mounts("/a/b", "/a/./c/../b"),
        f"{APP}.mountPoints[1].containerPath",
        "twice",
    ),
    "a mapping without port": (
        port_mappings({"protocol": "tcp"}),
        f"{APP}.portMappings[0].containerPort",
        "required",
    ),
    "a host's port alone": (
        port_mappings({"hostPort": 80}),
        f"{APP}.portMappings[0].containerPort",
        "required",
    ),
    "port 0": (port_mappings({"containerPort": 0}), f"{APP}.portMappings[0].containerPort", "1 to 65535"),
    "port 65536": (
        port_mappings({"containerPort": 65536}),
        f"{APP}.portMappings[0].containerPort",
        "1 to 65535",
    ),
    "a range of one port": (
        port_mappings({"containerPortRange": "80-80"}),
        f"{APP}.portMappings[0].containerPortRange",
        "not a range",
    ),
    "a range beyond the last port": (
        port_mappings({"containerPortRange": "65000-65536"}),
        f"{APP}.portMappings[0].containerPortRange",
        "not a range",
    ),
    "101 ranges": (
        port_mappings(*({"containerPortRange": f"{n}-{n + 1}"} for n in range(2, 204, 2))),
        f"{APP}.portMappings",
        "101 ranges",
    ),
    "a port of TCP twice": (
        port_mappings({"containerPort": 80, "protocol": "tcp"}, {"containerPort": 80, "protocol": "TCP"}),
        f"{APP}.portMappings[1].containerPort",
        "80/tcp is used twice",
    ),
}

WARNINGS: dict[str, tuple[Break, str, str]] = {
    "a protocol in capital letters": (
        port_mappings({"containerPort": 80, "protocol": "UDP"}),
        f"{APP}.portMappings[0].protocol",
        "write udp",
    ),
    "another protocol": (
        port_mappings({"containerPort": 80, "protocol": "sctp"}),
        f"{APP}.portMappings[0].protocol",
        "for tcp; write tcp or udp",
    ),
    "EFS by ARN": (
        efs(fileSystemId="arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1"),
        f"{_FILES}.fileSystemId",
        "not the ID",
    ),
    "EFS by a placeholder": (efs(fileSystemId="${FILES}"), f"{_FILES}.fileSystemId", "not the ID"),
    "tmpfs over a mount": (
        lambda t, a, s: (
            mounts("/a")(t, a, s),
            a["linuxParameters"].update(tmpfs=[{"containerPath": "/a/", "size": 1}]),
        ),
        f"{APP}.linuxParameters.tmpfs[0].containerPath",
        "mounted twice",
    ),
    "EFS without role": (
        lambda t, a, s: (
            efs(
                fileSystemId=_FILE_SYSTEM, transitEncryption="ENABLED", authorizationConfig={"iam": "ENABLED"}
            )(t, a, s),
            t.pop("taskRoleArn", None),
        ),
        "$.taskRoleArn",
        "there is none",
    ),
}

ACCEPTED: dict[str, Break] = {
    "S3 files": s3_files(rootDirectory="/", transitEncryptionPort=2049),
    "S3 files by access point": s3_files(accessPointArn=f"{_ARN}/access-point/fsap-0123456789abcdef0"),
    "EFS without encryption": efs(fileSystemId="fs-01234567", authorizationConfig={"iam": "DISABLED"}),
    "a volume of the launch in use": at_launch(1),
    "a volume of no type": volume(host={}, configuredAtLaunch=False),
    "a volume at two paths": mounts("/a", "/b", "/a/b"),
    "100 ranges": port_mappings(*({"containerPortRange": f"{n}-{n + 1}"} for n in range(2, 202, 2))),
    "101 ports": port_mappings(*({"containerPort": n} for n in range(1, 102))),
    "the last port": port_mappings({"containerPort": 65535, "hostPort": 0, "protocol": "udp"}),
}
