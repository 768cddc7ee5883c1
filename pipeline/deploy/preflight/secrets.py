"""Check that secrets and parameters exist, and that a secret has the JSON key that its ARN names."""

from collections.abc import Iterator, Mapping

from pipeline.aws import secrets
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError, DeniedError, explain_errors
from pipeline.core.errors import TandemError
from pipeline.core.json_text import parse_json
from render.finding import Finding

_KEY = 7  # the index of the JSON key among the parts of an ARN


def check(aws: Aws, arns: Mapping[str, str]) -> Iterator[Finding]:
    """Findings for secrets and parameters; `arns` maps variable names to ARNs."""
    for name, arn in sorted(arns.items()):
        try:
            secrets.version(aws, arn)
        except TandemError as error:
            yield Finding(f"secret {name}", error.message, error.hint or "create it, or correct tandem.toml")
            continue
        key = (arn.split(":") + [""] * 3)[_KEY] if ":secretsmanager:" in arn else ""
        if key:
            yield from _check_key(aws, name, arn, key)


def _check_key(aws: Aws, name: str, arn: str, key: str) -> Iterator[Finding]:
    """Read the names of the keys; without permission to read the value nothing is checked."""
    try:
        with explain_errors(f"read the keys of secret {name}"):
            value = aws.client("secretsmanager").get_secret_value(SecretId=secrets.bare(arn))
        keys = set(dict(parse_json(value.get("SecretString", ""))))
    except DeniedError:
        return  # the release role has no permission; ECS does not start a task whose key is missing
    except (ClientError, ValueError, TypeError):
        yield Finding(f"secret {name}", f"is no JSON object, so it has no key {key!r}", "store it as JSON")
        return
    if key not in keys:
        yield Finding(f"secret {name}", f"has no key {key!r}", f"it has {', '.join(sorted(keys)) or 'none'}")
