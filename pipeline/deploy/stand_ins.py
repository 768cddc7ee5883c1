"""Stand-ins for what only a first apply makes known: the platform's outputs, and the images' digests.

With them the release root can be planned on an empty account. `hide` takes them out of what is shown.
"""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from pipeline.aws.endpoints import partition
from pipeline.core.platform import Platform
from pipeline.core.values import ImageRef

_MARK = "known-after-apply"
_UNBUILT = "sha256:" + "0" * 64
_MARKED = re.compile(rf'(\\?")[^"\\]*{_MARK}[^"\\]*\1')
_LATER = re.compile(r"^\s*\+ [^\[{(]*= \(known after apply\)$")
_BALANCING = "arn:{partition}:elasticloadbalancing:{region}:{account}"
# By a word of the output's name, the first that fits: a text of the kind that Terraform's provider takes.
_TEXTS = {
    "suffix": f"targetgroup/{_MARK}",
    "role_arn": f"arn:{{partition}}:iam::{{account}}:role/{_MARK}",
    "target_group_arn": f"{_BALANCING}:targetgroup/{_MARK}/0123456789abcdef",
    "cluster_arn": f"arn:{{partition}}:ecs:{{region}}:{{account}}:cluster/{_MARK}",
    "subnet_id": f"subnet-{_MARK}",
    "security_group_id": f"sg-{_MARK}",
    "repository_url": f"{_MARK}.invalid/image",
    "": _MARK,
}


def stand_ins(plan: Mapping[str, Any], region: str) -> Platform:
    """The outputs of a platform that is only planned (`terraform show -json`).

    Raises:
        TandemError: an output is missing that this Tandem expects.
    """
    changes: Mapping[str, Any] = plan.get("output_changes", {})
    account = str(changes.get("account_id", {}).get("after") or "0" * 12)
    return Platform.parse(
        {
            name: _filled(change.get("after"), _places(name, change), _text(name, region, account))
            for name, change in changes.items()
        }
    )


def unbuilt(repositories: Mapping[str, str]) -> dict[str, ImageRef]:
    """An image of each repository that was not built yet, by the image's name."""
    return {name: ImageRef.parse(f"{url}@{_UNBUILT}") for name, url in repositories.items()}


def hide(line: str) -> str:
    """A line of Terraform's plan without stand-ins; empty if it had nothing else to say."""
    text = _MARKED.sub("(known after apply)", line)
    text = text.replace(_UNBUILT, "(known after the build)")
    return "" if _LATER.match(text) else text


def _places(name: str, change: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """The unknown places of an output. A list of which nothing is known, not even its length, has one."""
    unknown = change.get("after_unknown")
    return [True] if unknown is True and name.endswith("_ids") else unknown


def _text(name: str, region: str, account: str) -> str:
    text = next(text for word, text in _TEXTS.items() if word in name)
    return text.format(partition=partition(region), region=region, account=account)


def _filled(after: Any, unknown: Any, text: str) -> Any:  # noqa: ANN401 - any JSON value
    """`after` with `text` in each place that `unknown` marks with true."""
    if unknown is True:
        return text
    if isinstance(unknown, dict):
        values = after if isinstance(after, dict) else {}
        return {key: _filled(values.get(key), unknown.get(key), text) for key in {**values, **unknown}}
    if isinstance(unknown, list):
        elements = after if isinstance(after, list) else []
        return [_filled(value, flag, text) for value, flag in zip_longest(elements, unknown)]
    return after
