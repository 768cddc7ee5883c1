"""Secrets and parameters exist; so does the JSON key that is asked of one."""

import json
from collections.abc import Iterator, Mapping

from botocore.exceptions import ClientError

from pipeline.aws import client as aws
from pipeline.aws import secrets
from pipeline.core.errors import TandemError
from render.finding import Finding

_KEY = 7  # the ARN's part that may name a JSON key


def check(wanted: Mapping[str, str]) -> Iterator[Finding]:
    for name, arn in sorted(wanted.items()):
        try:
            secrets.version(arn)
        except TandemError as error:
            yield Finding(f"secret {name}", error.message, error.hint or "create it, or correct tandem.toml")
            continue
        key = (arn.split(":") + [""] * 3)[_KEY] if ":secretsmanager:" in arn else ""
        if key:
            yield from _key(name, arn, key)


def _key(name: str, arn: str, key: str) -> Iterator[Finding]:
    """The value is looked at for its keys, and goes nowhere; whoever may not read it looks at nothing."""
    try:
        with aws.asking(f"read the keys of secret {name}"):
            value = aws.client("secretsmanager").get_secret_value(SecretId=secrets.bare(arn))
        keys = set(json.loads(value.get("SecretString", "")))
    except aws.DeniedError:
        return  # as the release role; ECS refuses to start a task whose key is not there
    except (ClientError, ValueError, TypeError):
        yield Finding(f"secret {name}", f"is no JSON object, so it has no key {key!r}", "store it as JSON")
        return
    if key not in keys:
        yield Finding(f"secret {name}", f"has no key {key!r}", f"it has {', '.join(sorted(keys)) or 'none'}")
