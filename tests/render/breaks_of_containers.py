"""Each of Fargate's rules for a container, broken once."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from tests.render.breaks import APP, STATIC, Break

RULES: dict[str, tuple[Break, str, str]] = {
    "container name": (lambda t, a, s: a.update(name="ä"), f"{APP}.name", "is not a valid name"),
    "same name": (lambda t, a, s: s.update(name="app"), f"{STATIC}.name", "more than once"),
    "no image": (lambda t, a, s: a.pop("image"), f"{APP}.image", "is required"),
    "digest": (lambda t, a, s: a.update(image="repo/app@sha256:abc"), f"{APP}.image", "is not a digest"),
    "image": (lambda t, a, s: a.update(image="Repo/App:1"), f"{APP}.image", "is not an image name"),
    "long image": (lambda t, a, s: a.update(image="a" * 256), f"{APP}.image", "256 characters"),
    "hard and soft memory": (
        lambda t, a, s: a.update(memory=128, memoryReservation=129),
        f"{APP}.memory",
        "below memoryReservation",
    ),
    "unknown dependency": (
        lambda t, a, s: a["dependsOn"][0].update(containerName="nobody"),
        f"{APP}.dependsOn[0].containerName",
        "no container 'nobody'",
    ),
    "own dependency": (
        lambda t, a, s: a["dependsOn"][0].update(containerName="app", condition="START"),
        f"{APP}.dependsOn[0].containerName",
        "wait for itself",
    ),
    "cycle": (
        lambda t, a, s: s.update(dependsOn=[{"containerName": "app", "condition": "START"}]),
        f"{APP}.dependsOn",
        "app -> static -> app",
    ),
    "success of an essential one": (
        lambda t, a, s: s.pop("essential"),
        f"{APP}.dependsOn[0].condition",
        "stops the task",
    ),
    "healthy without check": (
        lambda t, a, s: a["dependsOn"][0].update(condition="HEALTHY"),
        f"{APP}.dependsOn[0].condition",
        "no healthCheck",
    ),
    "condition": (
        lambda t, a, s: a["dependsOn"][0].update(condition="success"),
        f"{APP}.dependsOn[0].condition",
        "is not a condition",
    ),
    "stopTimeout": (lambda t, a, s: a.update(stopTimeout=121), f"{APP}.stopTimeout", "2 to 120"),
    "startTimeout": (lambda t, a, s: s.update(startTimeout=600), f"{STATIC}.startTimeout", "2 to 120"),
    "undeclared volume": (
        lambda t, a, s: t.update(volumes=[{"name": "tmp"}]),
        f"{STATIC}.mountPoints[0].sourceVolume",
        "no volume 'content'",
    ),
    "unknown source": (
        lambda t, a, s: a["volumesFrom"][0].update(sourceContainer="x"),
        f"{APP}.volumesFrom[0].sourceContainer",
        "no container 'x'",
    ),
    "host port": (
        lambda t, a, s: a["portMappings"][0].update(hostPort=80),
        f"{APP}.portMappings[0].hostPort",
        "differs",
    ),
    "port twice": (
        lambda t, a, s: s.update(portMappings=[{"containerPort": 8080}]),
        f"{STATIC}.portMappings[0].containerPort",
        "used twice",
    ),
    "port name": (
        lambda t, a, s: a["portMappings"][0].update(name="-http"),
        f"{APP}.portMappings[0].name",
        "not a port name",
    ),
    "log driver": (
        lambda t, a, s: a["logConfiguration"].update(logDriver="json-file"),
        f"{APP}.logConfiguration.logDriver",
        "not on Fargate",
    ),
    "stream prefix": (
        lambda t, a, s: a["logConfiguration"]["options"].pop("awslogs-stream-prefix"),
        f"{APP}.logConfiguration.options.awslogs-stream-prefix",
        "needs it",
    ),
    "health command": (
        lambda t, a, s: a["healthCheck"].update(command=["CMD-SHELL"]),
        f"{APP}.healthCheck.command",
        "names no command",
    ),
    "health interval": (
        lambda t, a, s: a["healthCheck"].update(interval=1),
        f"{APP}.healthCheck.interval",
        "5 to 300",
    ),
    "health timeout": (
        lambda t, a, s: a["healthCheck"].update(timeout=61),
        f"{APP}.healthCheck.timeout",
        "2 to 60",
    ),
    "health retries": (
        lambda t, a, s: a["healthCheck"].update(retries=0),
        f"{APP}.healthCheck.retries",
        "1 to 10",
    ),
    "health start": (
        lambda t, a, s: a["healthCheck"].update(startPeriod=301),
        f"{APP}.healthCheck.startPeriod",
        "0 to 300",
    ),
    "restart period": (
        lambda t, a, s: a.update(restartPolicy={"enabled": True, "restartAttemptPeriod": 10}),
        f"{APP}.restartPolicy.restartAttemptPeriod",
        "60 to 1800",
    ),
    "ignored codes": (
        lambda t, a, s: a.update(restartPolicy={"enabled": True, "ignoredExitCodes": list(range(51))}),
        f"{APP}.restartPolicy.ignoredExitCodes",
        "51 codes",
    ),
    "restarted dependency": (
        lambda t, a, s: s.update(restartPolicy={"enabled": True}),
        f"{STATIC}.restartPolicy",
        "never reach",
    ),
    "hostname": (lambda t, a, s: a.update(hostname="web"), f"{APP}.hostname", "awsvpc"),
    "gpu": (
        lambda t, a, s: a.update(resourceRequirements=[{"type": "GPU", "value": "1"}]),
        f"{APP}.resourceRequirements[0].type",
        "not on Fargate",
    ),
    "capability": (
        lambda t, a, s: a["linuxParameters"]["capabilities"].update(add=["SYS_PTRACE", "NET_ADMIN"]),
        f"{APP}.linuxParameters.capabilities.add",
        "NET_ADMIN",
    ),
    "env file": (
        lambda t, a, s: a.update(environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::b/a.txt"}]),
        f"{APP}.environmentFiles[0].value",
        ".env",
    ),
    "11 env files": (
        lambda t, a, s: a.update(environmentFiles=[{"type": "s3", "value": "a.env"}] * 11),
        f"{APP}.environmentFiles",
        "11 files",
    ),
    "secret name": (
        lambda t, a, s: a["secrets"][0].update(
            valueFrom="arn:aws:secretsmanager:eu-central-1:1:secret:token"
        ),
        f"{APP}.secrets[0].valueFrom",
        "'1' is not an account",
    ),
    "secret and variable": (
        lambda t, a, s: a["environment"].append({"name": "TOKEN", "value": "x"}),
        f"{APP}.secrets[0].name",
        "plain variable",
    ),
    "type": (lambda t, a, s: a.update(essential="true"), f"{APP}.essential", "true or false"),
    "item type": (lambda t, a, s: a.update(dependsOn=["static"]), f"{APP}.dependsOn[0]", "an object"),
}
for _key in (
    *("disableNetworking", "dnsServers", "dnsSearchDomains", "dockerSecurityOptions"),
    *("extraHosts", "links", "privileged"),
):
    RULES[_key] = (lambda t, a, s, k=_key: a.update({k: True}), f"{APP}.{_key}", "not on Fargate")
for _key in ("devices", "sharedMemorySize", "maxSwap", "swappiness"):
    RULES[_key] = (
        lambda t, a, s, k=_key: a["linuxParameters"].update({k: 0}),
        f"{APP}.linuxParameters.{_key}",
        "not on Fargate",
    )
