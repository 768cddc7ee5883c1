"""Secrets, variables and the order of containers: what Fargate refuses and takes, and likely mistakes."""

# ruff: noqa: ARG005 - each change takes the task, app and static, and needs one of them

from tests.render.breaks import APP, STATIC, Break
from tests.render.breaks_of_options import SECRET, secrets

_PLACE = "eu-central-1:123456789012"
_PARAMETER = f"arn:aws:ssm:{_PLACE}:parameter"
_FROM = f"{APP}.secrets[0].valueFrom"
_CREDENTIALS = f"{APP}.repositoryCredentials.credentialsParameter"
_REGIONS = {
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
    "aws-eusc": "eusc-de-east-1",
}


def credentials(value: object) -> Break:
    return lambda t, a, s: a.update(repositoryCredentials={"credentialsParameter": value})


def secret_of(partition: str, region: str) -> str:
    return SECRET.replace("arn:aws:", f"arn:{partition}:").replace("eu-central-1", region)


RULES: dict[str, tuple[Break, str, str]] = {
    f"the secret {value!r}": (secrets(value), _FROM, "neither an ARN nor the name of a parameter")
    for value in (
        *("https://secretsmanager.eu-central-1.amazonaws.com/x", "a b", "/a\n", " /a", "//a", "/a/", "a//b"),
        *("/".join("abcdefghijklmnop"), f" {SECRET}", SECRET.replace("arn", "ARN"), "secret:x", "ä", ":1"),
    )
}
RULES |= {
    f"the placeholder {value!r}": (secrets(value), _FROM, "is a placeholder")
    for value in ("${SECRET}", "<SECRET_ARN>", "{{resolve:ssm:x}}", "$SECRET", "%SECRET%", "__SECRET__")
}
RULES |= {
    f"the parameter {name!r}": (secrets(f"{_PARAMETER}{name}"), _FROM, "not a parameter")
    for name in ("", "/", "//shop/db", "/a b", "shop", "/a//b", "/a:1:2")
}
RULES |= {
    f"a secret of {partition} in Frankfurt": (
        secrets(secret_of(partition, "eu-central-1")),
        _FROM,
        "of the partition aws, not",
    )
    for partition in _REGIONS
}
RULES |= {
    f"a secret of aws in {region}": (
        secrets(secret_of("aws", region)),
        _FROM,
        f"partition {partition}, not aws",
    )
    for partition, region in _REGIONS.items()
}
RULES |= {
    "a secret of no partition": (secrets(secret_of("amazon", "eu-central-1")), _FROM, "not a partition"),
    "a secret's type": (
        lambda t, a, s: a.update(secrets=[{"name": "A", "valueFrom": 5}]),
        _FROM,
        'write "5"',
    ),
    "credentials in a parameter": (credentials(f"{_PARAMETER}/hub"), _CREDENTIALS, "ARN of a whole secret"),
    "credentials in a part of a secret": (
        credentials(f"{SECRET}:user::"),
        _CREDENTIALS,
        "ARN of a whole secret",
    ),
    "credentials of nobody": (credentials(SECRET.replace("123456789012", "1")), _CREDENTIALS, "12 digits"),
    "credentials by URL": (credentials("https://hub"), _CREDENTIALS, "neither an ARN nor a name"),
    "credentials by placeholder": (credentials("${HUB}"), _CREDENTIALS, "a placeholder"),
    "HEALTHY of no check": (
        lambda t, a, s: (
            s.update(healthCheck={"command": ["NONE"]}),
            a["dependsOn"][0].update(condition="HEALTHY"),
        ),
        f"{APP}.dependsOn[0].condition",
        "no healthCheck",
    ),
    "volumes of each other": (
        lambda t, a, s: (a.pop("dependsOn"), s.update(volumesFrom=[{"sourceContainer": "app"}])),
        f"{APP}.volumesFrom",
        "app -> static -> app",
    ),
    "volumes of a container that waits": (
        lambda t, a, s: (
            a.pop("dependsOn"),
            s.update(dependsOn=[{"containerName": "app", "condition": "START"}]),
        ),
        f"{APP}.volumesFrom",
        "a cycle",
    ),
    "no condition": (
        lambda t, a, s: a["dependsOn"][0].pop("condition"),
        f"{APP}.dependsOn[0].condition",
        "not a condition",
    ),
}

WARNINGS: dict[str, tuple[Break, str, str]] = {
    "a variable twice": (
        lambda t, a, s: s.update(environment=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
        f"{STATIC}.environment[1].name",
        "twice",
    ),
}

ACCEPTED: dict[str, Break] = {
    f"a secret of {partition}": secrets(
        secret_of(partition, region), f"arn:{partition}:ssm:{region}:123456789012:parameter/a"
    )
    for partition, region in _REGIONS.items()
}
ACCEPTED |= {
    "a secret of a partition to come": secrets(secret_of("aws-iso-x", "xx-isox-east-1")),
    "a version of a secret": secrets(
        f"{SECRET}::AWSPREVIOUS:", f"{SECRET}:user::9d4cb84b", f"{SECRET}:a:b:c"
    ),
    "a version of a parameter": secrets(
        "shop:3", "/shop/db:prod", f"{_PARAMETER}/shop:3", "/".join("abcdefghijklmno")
    ),
    "credentials": credentials(f"{SECRET}-AbC1eF"),
    "credentials by name": credentials("shop/hub"),
    "one variable in two containers": lambda t, a, s: s.update(environment=a["environment"]),
}
