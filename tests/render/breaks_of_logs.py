"""Log drivers and log routers: what Fargate refuses, what it takes, and likely mistakes."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from typing import Any

from tests.render.breaks import APP, STATIC, Break

_OPTIONS = f"{STATIC}.logConfiguration.options"
_ROUTER = f"{STATIC}.firelensConfiguration"
_GOOD = {
    "awslogs-group": "/ecs/shop",
    "awslogs-region": "eu-central-1",
    "awslogs-stream-prefix": "web",
}


def awslogs(**options: object) -> Break:
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return lambda t, a, s: s.update(logConfiguration={"logDriver": "awslogs", "options": {**_GOOD, **named}})


def awslogs_without(key: str) -> Break:
    options = {name: value for name, value in _GOOD.items() if name != key}
    return lambda t, a, s: s.update(logConfiguration={"logDriver": "awslogs", "options": options})


def splunk(options: dict[str, str], *secrets: str) -> Break:
    log = {
        "logDriver": "splunk",
        "options": {"splunk-url": "https://x", **options},
        "secretOptions": [{"name": name, "valueFrom": "/splunk"} for name in secrets],
    }
    return lambda t, a, s: s.update(logConfiguration=log)


def router(**configuration: Any) -> Break:
    """The app sends its logs to the other container."""
    return lambda t, a, s: (
        a.update(
            logConfiguration={
                "logDriver": "awsfirelens",
                "options": {"Name": "stdout", "mode": "non-blocking"},
            }
        ),
        s.update(firelensConfiguration={"type": "fluentbit", **configuration}),
    )


def router_options(**options: str) -> Break:
    return router(options={name.replace("_", "-"): value for name, value in options.items()})


RULES: dict[str, tuple[Break, str, str]] = {
    f"awslogs without {key}": (awslogs_without(key), f"{_OPTIONS}.{key}", "needs it on Fargate")
    for key in _GOOD
}
RULES |= {
    f"the log option {key} = {value!r}": (
        awslogs(**{key: value}),
        f"{_OPTIONS}.{key.replace('_', '-')}",
        text,
    )
    for key, value, text in (
        ("awslogs_group", "a b", "not a log group's name"),
        ("awslogs_group", "g" * 513, "not a log group's name"),
        ("awslogs_group", "${GROUP}", "a placeholder"),
        ("awslogs_region", "Frankfurt", "not a region"),
        ("awslogs_region", "${AWS_REGION}", "a placeholder"),
        ("awslogs_stream_prefix", "a:b", "not the beginning of"),
        ("awslogs_create_group", "false", "set it to"),
        ("awslogs_create_group", "yes", "set it to"),
        ("mode", "async", "use blocking or non-blocking"),
        ("max_buffer_size", "lots", "not a size"),
        ("max_buffer_size", "25 mib x", "not a size"),
        ("tag", "web", "knows no such option"),
    )
}
RULES |= {
    "two multiline options": (
        awslogs(awslogs_datetime_format="%Y", awslogs_multiline_pattern="^x"),
        _OPTIONS,
        "exclude each other",
    ),
    "splunk without its token": (splunk({}), _OPTIONS, "splunk needs splunk-token"),
    "a log router without logs": (
        lambda t, a, s: s.update(firelensConfiguration={"type": "fluentbit"}),
        _ROUTER,
        "no container sends",
    ),
    "a log router's file in S3": (
        lambda t, a, s: (
            a.update(logConfiguration={"logDriver": "awsfirelens"}),
            s.update(firelensConfiguration={"type": "fluentd", "options": {"config-file-type": "s3"}}),
        ),
        f"{_ROUTER}.options.config-file-type",
        "no configuration from S3",
    ),
    "an option of another driver": (
        lambda t, a, s: (awslogs()(t, a, s), s["logConfiguration"]["options"].update(log_key="log")),
        f"{_OPTIONS}.log_key",
        "knows no such option",
    ),
    "a buffer of a mode that blocks": (
        awslogs(mode="blocking", max_buffer_size="25m"),
        f"{_OPTIONS}.max-buffer-size",
        "only the mode non-blocking",
    ),
    "a driver in capital letters": (
        lambda t, a, s: s["logConfiguration"].update(logDriver="AWSLOGS"),
        f"{STATIC}.logConfiguration.logDriver",
        "not on Fargate",
    ),
    "a token twice": (
        splunk({"splunk-token": "x"}, "splunk-token"),
        f"{STATIC}.logConfiguration.secretOptions[0].name",
        "more than once",
    ),
    "a secret option twice": (
        splunk({"splunk-token": "x"}, "splunk-index", "splunk-index"),
        f"{STATIC}.logConfiguration.secretOptions[1].name",
        "more than once",
    ),
    "S3 in capital letters": (
        router_options(config_file_type="S3", config_file_value="arn:aws:s3:::b/x.conf"),
        f"{_ROUTER}.options.config-file-type",
        "no configuration from S3",
    ),
    "a file of another kind": (
        router_options(config_file_type="http", config_file_value="https://x"),
        f"{_ROUTER}.options.config-file-type",
        "'http' is not on Fargate",
    ),
    "a file without path": (
        router_options(config_file_type="file"),
        f"{_ROUTER}.options.config-file-value",
        "is required",
    ),
    "metadata of yes": (
        router_options(enable_ecs_log_metadata="yes"),
        f"{_ROUTER}.options.enable-ecs-log-metadata",
        "not a flag",
    ),
    "a check of nothing": (
        lambda t, a, s: a["healthCheck"].update(command=["CMD-SHELL", " "]),
        f"{APP}.healthCheck.command",
        "names no command",
    ),
}

WARNINGS: dict[str, tuple[Break, str, str]] = {
    "a path without kind": (
        router_options(config_file_value="/x.conf"),
        f"{_ROUTER}.options.config-file-type",
        "missing beside",
    ),
    "another option of the router": (router_options(foo="x"), f"{_ROUTER}.options.foo", "no such option"),
    "two routers": (
        lambda t, a, s: (
            router()(t, a, s),
            t["containerDefinitions"].append({**s, "name": "second", "mountPoints": []}),
        ),
        "$.containerDefinitions[2].firelensConfiguration",
        "'static' is the task's log router",
    ),
    "a router of itself": (
        lambda t, a, s: (router()(t, a, s), s.update(logConfiguration={"logDriver": "awsfirelens"})),
        f"{STATIC}.logConfiguration.logDriver",
        "to itself",
    ),
    "an option of awslogs to come": (awslogs(awslogs_new="x"), f"{_OPTIONS}.awslogs-new", "learned it since"),
}

ACCEPTED: dict[str, Break] = {
    "all options of awslogs": awslogs(
        awslogs_create_group="true",
        awslogs_datetime_format="%Y-%m-%d",
        mode="non-blocking",
        max_buffer_size="25m",
    ),
    "a group to create, in capital letters": awslogs(awslogs_create_group="True"),
    "a buffer of the default mode": awslogs(max_buffer_size="1.5 MiB"),
    "splunk": splunk({"splunk-token": "x", "splunk-format": "raw"}),
    "splunk by secrets": splunk({}, "splunk-token", "splunk-index"),
    "a router": router(),
    "a router's file": router_options(
        config_file_type="file", config_file_value="/x.conf", enable_ecs_log_metadata="false"
    ),
    "a router of fluentd": router(type="fluentd"),
}
