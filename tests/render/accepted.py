"""Options that Fargate takes: without a finding, or with a warning."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from tests.render.breaks import APP, Break
from tests.render.breaks_of_options import SECRET, efs, port_mappings, secrets, windows

# What Fargate takes, though it is likely a mistake.
WARNINGS: dict[str, tuple[Break, str, str]] = {
    "a role by its name": (lambda t, a, s: t.update(executionRoleArn="tasks"), "$.executionRoleArn", "ARN"),
    "a name like a whole ARN": (
        secrets(f"{SECRET}-token1"[:-6] + "master"),
        f"{APP}.secrets[0].valueFrom",
        "six",
    ),
    "a health check without CMD": (
        lambda t, a, s: a["healthCheck"].update(command=["curl -f http://localhost/ || exit 1"]),
        f"{APP}.healthCheck.command",
        "CMD-SHELL",
    ),
}

ACCEPTED: dict[str, Break] = {
    "memory equals its reservation": lambda t, a, s: a.update(memory=256, memoryReservation=256),
    "sizes without zero": lambda t, a, s: t.update(cpu=".5vCPU", memory="1. GB"),
    "32 vCPU with 60 GB": lambda t, a, s: t.update(cpu="32 vCPU", memory="60 GB"),
    "32 vCPU with 120 GB": lambda t, a, s: t.update(cpu="32768", memory="122880"),
    "32 vCPU with 244 GB": lambda t, a, s: t.update(cpu="32768", memory="249856"),
    "tmpfs": lambda t, a, s: a["linuxParameters"].update(
        tmpfs=[{"containerPath": "/cache", "size": 64, "mountOptions": ["noexec"]}]
    ),
    "partial ARNs": secrets(SECRET, f"{SECRET}:user::", f"{SECRET}-AbC1eF:user:AWSCURRENT:"),
    "a secret that RDS made": secrets(SECRET.replace("shop/db", "rds!db-0123-AbC1eF")),
    "a secret of another partition": secrets(
        SECRET.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-central-1", "us-gov-west-1")
    ),
    "parameters": secrets(
        "arn:aws:ssm:eu-central-1:123456789012:parameter/aws/reference/secretsmanager/shop/db",
        "/aws/reference/secretsmanager/shop/db",
        "plain-name",
    ),
    "no health check": lambda t, a, s: a["healthCheck"].update(command=["NONE"]),
    "SUCCESS of a container that restarts": lambda t, a, s: s.update(
        restartPolicy={"enabled": True, "ignoredExitCodes": [0, 3]}
    ),
    "SUCCESS of a container whose policy is off": lambda t, a, s: s.update(restartPolicy={"enabled": False}),
    "splunk's token as a secret": lambda t, a, s: s.update(
        logConfiguration={
            "logDriver": "splunk",
            "options": {"splunk-url": "https://x"},
            "secretOptions": [{"name": "splunk-token", "valueFrom": SECRET}],
        }
    ),
    "Windows": windows(),
    "ranges": port_mappings(
        {"containerPortRange": "80-90"}, {"containerPort": 91}, {"containerPort": 80, "protocol": "udp"}
    ),
    "limits": lambda t, a, s: a.update(
        ulimits=[{"name": "nofile", "softLimit": 9, "hardLimit": -1}],
        systemControls=[{"namespace": "net.core.somaxconn", "value": "1024"}],
    ),
    "stop after two seconds": lambda t, a, s: a.update(stopTimeout=2),
    "encrypted EFS": efs(
        fileSystemId="fs-0123456789abcdef0",
        rootDirectory="/",
        transitEncryption="ENABLED",
        transitEncryptionPort=2049,
        authorizationConfig={"iam": "ENABLED", "accessPointId": "fsap-1"},
    ),
}
