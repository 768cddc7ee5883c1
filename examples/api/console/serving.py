"""What serves now: the targets' health by the load balancer, and the shares of the function's versions.

Only AWS knows both. If it refuses or does not answer, a part is unknown, and the answer says why.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from console.objects import UnreadableError, errors, new_client
from console.observe import logger

LOAD_BALANCER, FUNCTION = "TANDEM_LOAD_BALANCER", "TANDEM_FUNCTION"
_ALIAS = "live"
_KEPT_SECONDS, _UNKNOWN_SECONDS = 5.0, 60.0
"""An unknown part is asked for less often: a function without a way to AWS would wait each time."""
_UNTOLD = "This API is not told what to ask AWS for."

Part = Callable[[], list[dict[str, Any]]]


class Serving:
    """Asks AWS, at most every five seconds."""

    def __init__(self, load_balancer: str, function: str) -> None:
        self._load_balancer, self._function = load_balancer, function
        self._answer: dict[str, Any] = {}
        self._until = 0.0

    @classmethod
    def connect(cls) -> "Serving":
        """What TANDEM_LOAD_BALANCER (an ARN) and TANDEM_FUNCTION (a name) name."""
        return cls(os.environ.get(LOAD_BALANCER, ""), os.environ.get(FUNCTION, ""))

    def read(self) -> dict[str, Any]:
        """`targets` of each group and `versions` of the function, null if unknown; and `unknown`, why."""
        if time.monotonic() > self._until:
            self._answer = self._ask()
            seconds = _UNKNOWN_SECONDS if self._answer["unknown"] else _KEPT_SECONDS
            self._until = time.monotonic() + seconds
        return self._answer

    def _ask(self) -> dict[str, Any]:
        if not self._load_balancer:
            return {"targets": None, "versions": None, "unknown": _UNTOLD}
        parts = {"targets": self._targets, "versions": self._versions}
        with ThreadPoolExecutor(len(parts)) as pool:
            answers = dict(zip(parts, pool.map(_attempt, parts.values()), strict=True))
        reasons = dict.fromkeys(why for _, why in answers.values() if why)
        return {**{name: rows for name, (rows, _) in answers.items()}, "unknown": " ".join(reasons)}

    def _targets(self) -> list[dict[str, Any]]:
        client = _client("elbv2")
        groups = client.describe_target_groups(LoadBalancerArn=self._load_balancer)["TargetGroups"]
        rows = []
        for group in groups:
            answer = client.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
            rows.append(targets(self._key(group["TargetGroupName"]), answer))
        return sorted(rows, key=lambda row: str(row["group"]))

    def _key(self, name: str) -> str:
        """The group's key, such as `app`, of a name such as `shop-prod-app-1a2b`."""
        own = name.removeprefix(self._function.removesuffix("api"))
        return own.rpartition("-")[0] or own

    def _versions(self) -> list[dict[str, Any]]:
        client = _client("lambda")
        try:
            return versions(client.get_alias(FunctionName=self._function, Name=_ALIAS))
        except client.exceptions.ResourceNotFoundException:
            return []  # the API runs as tasks, or there is none yet


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    # Without a way to AWS, as in a VPC without one, an answer must come before the function's own timeout.
    return new_client(service, is_quick=True)


def _attempt(part: Part) -> tuple[list[dict[str, Any]] | None, str]:
    try:
        return part(), ""
    except (*errors(), UnreadableError) as error:
        logger.warning("AWS does not tell what serves: %s", error)
        answer = getattr(error, "response", None) or {}  # None if AWS was too slow
        code = answer.get("Error", {}).get("Code")
        return None, f"AWS refuses it: {code}." if code else "AWS does not answer."


def targets(key: str, health: Mapping[str, Any]) -> dict[str, Any]:
    """How many targets of a group are in which state; `unavailable` is one whose health is not checked."""
    states = Counter(each["TargetHealth"]["State"] for each in health["TargetHealthDescriptions"])
    return {"group": key, "states": dict(states)}


def versions(alias: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The versions behind an alias with their shares of the requests, in percent; the largest first."""
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    shares = {alias["FunctionVersion"]: 1 - sum(weights.values()), **weights}
    rows = [{"version": version, "percent": round(100 * share, 2)} for version, share in shares.items()]
    return sorted((row for row in rows if row["percent"]), key=lambda row: -row["percent"])
