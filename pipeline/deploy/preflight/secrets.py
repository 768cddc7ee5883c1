"""Secrets and parameters exist; so does the JSON key that is asked of one."""

import json
from collections.abc import Iterator, Mapping

from pipeline.aws import secrets
from pipeline.aws.client import Aws
from pipeline.aws.errors import ClientError, DeniedError, explain_errors
from pipeline.core.errors import TandemError
from render.finding import Finding

_KEY = 7  # the ARN's part that may name a JSON key


def check(aws: Aws, arns: Mapping[str, str]) -> Iterator[Finding]:
    for name, arn in sorted(arns.items()):
        try:
            secrets.version(aws, arn)
        except TandemError as error:
            yield Finding(f"secret {name}", error.message, error.hint or "create it, or correct tandem.toml")
            continue
        key = (arn.split(":") + [""] * 3)[_KEY] if ":secretsmanager:" in arn else ""
        if key:
            yield from _key(aws, name, arn, key)


def _key(aws: Aws, name: str, arn: str, key: str) -> Iterator[Finding]:
    """Read the value for its keys only; an identity that may not read it checks nothing."""
    try:
        with explain_errors(f"read the keys of secret {name}"):
            value = aws.client("secretsmanager").get_secret_value(SecretId=secrets.bare(arn))
        keys = set(json.loads(value.get("SecretString", "")))
    except DeniedError:
        return  # as the release role; ECS refuses to start a task whose key is not there
    except (ClientError, ValueError, TypeError):
        yield Finding(f"secret {name}", f"is no JSON object, so it has no key {key!r}", "store it as JSON")
        return
    if key not in keys:
        yield Finding(f"secret {name}", f"has no key {key!r}", f"it has {', '.join(sorted(keys)) or 'none'}")
