"""Limits, capabilities and proxies: what Fargate refuses, what it takes, and likely mistakes."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from tests.render.breaks import APP, Break

_CAPABILITIES = f"{APP}.linuxParameters.capabilities"
_PROXY = {
    "IgnoredUID": "1337",
    "ProxyIngressPort": "15000",
    "ProxyEgressPort": "15001",
    "AppPorts": "8080",
    "EgressIgnoredIPs": "169.254.170.2",
}
_SPEC = "credentialspecdomainless:arn:aws:s3:::bucket/spec.json"


def proxy(properties: dict[str, str], name: str = "app") -> Break:
    items = [{"name": key, "value": value} for key, value in properties.items()]
    return lambda t, a, s: t.update(
        proxyConfiguration={"type": "APPMESH", "containerName": name, "properties": items}
    )


def drop(*capabilities: str) -> Break:
    return lambda t, a, s: a["linuxParameters"].update(capabilities={"drop": list(capabilities)})


def control(**settings: str) -> Break:
    return lambda t, a, s: a.update(systemControls=[settings])


def limit(soft: int, hard: int) -> Break:
    return lambda t, a, s: a.update(ulimits=[{"name": "nofile", "softLimit": soft, "hardLimit": hard}])


def specs(*values: str) -> Break:
    return lambda t, a, s: a.update(credentialSpecs=list(values))


RULES: dict[str, tuple[Break, str, str]] = {
    f"a proxy without {key}": (
        proxy({name: value for name, value in _PROXY.items() if name != key}),
        "$.proxyConfiguration.properties",
        f"lacks {key}",
    )
    for key in _PROXY
}
RULES |= {
    "a proxy of nobody": (
        proxy(_PROXY, "envoy"),
        "$.proxyConfiguration.containerName",
        "no container 'envoy'",
    ),
    "a dropped name": (drop("CAP_CHOWN"), f"{_CAPABILITIES}.drop", "write CHOWN"),
    "a dropped small name": (drop("ALL", "net_raw"), f"{_CAPABILITIES}.drop", "write NET_RAW"),
    "a dropped nothing": (drop("EVERYTHING"), f"{_CAPABILITIES}.drop", "not a capability; remove it"),
    "an added small name": (
        lambda t, a, s: a["linuxParameters"].update(capabilities={"add": ["sys_ptrace"]}),
        f"{_CAPABILITIES}.add",
        "write SYS_PTRACE",
    ),
    "a parameter without value": (
        control(namespace="net.core.somaxconn"),
        f"{APP}.systemControls[0].value",
        "is required",
    ),
    "a value without parameter": (control(value="1"), f"{APP}.systemControls[0].namespace", "is required"),
    "a domain's file": (specs("credentialspec:arn:aws:s3:::b/k"), f"{APP}.credentialSpecs[0]", "domainless:"),
    "a local file": (specs("credentialspec:file://x.json"), f"{APP}.credentialSpecs[0]", "not of the form"),
    "a bare ARN": (specs("arn:aws:s3:::b/k"), f"{APP}.credentialSpecs[0]", "not of the form"),
    "two files": (specs(_SPEC, _SPEC), f"{APP}.credentialSpecs", "at most 1"),
    "isolation": (
        lambda t, a, s: t.update(trustedExecutionConfiguration={"isolationMode": "SHARED"}),
        "$.trustedExecutionConfiguration",
        "not on Fargate",
    ),
}
RULES |= {
    f"the parameter {name!r}": (
        control(namespace=name, value="1"),
        f"{APP}.systemControls[0].namespace",
        "cannot",
    )
    for name in ("vm.max_map_count", "fs.file-max", "kernel.shmmaxx", "net", "net.", "NET.core.somaxconn")
}
RULES |= {
    f"the device {kind}": (
        lambda t, a, s, kind=kind: a.update(resourceRequirements=[{"type": kind, "value": "1"}]),
        f"{APP}.resourceRequirements[0].type",
        "not on Fargate",
    )
    for kind in ("NeuronDevice", "InferenceAccelerator", "gpu")
}

WARNINGS: dict[str, tuple[Break, str, str]] = {
    "no soft limit": (limit(-1, 1024), f"{APP}.ulimits[0].softLimit", "-1 is no limit"),
}

ACCEPTED: dict[str, Break] = {
    "a proxy": proxy(_PROXY),
    "a proxy by group": proxy({**_PROXY, "IgnoredUID": "", "IgnoredGID": "1337"}),
    "capabilities": drop("CHOWN", "NET_RAW", "SYS_PTRACE"),
    "no limits": limit(-1, -1),
    "equal limits": limit(1024, 1024),
    "a directory": specs(_SPEC),
    "a queue": control(namespace="fs.mqueue.msg_max", value="10"),
    "an IPC parameter": control(namespace="kernel.shm_rmid_forced", value="0"),
}
