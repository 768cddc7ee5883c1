"""Temporary versions of a function with other amounts of memory: publish, invoke, and delete them.

No alias is touched. A temporary version only exists while `$LATEST` has its memory or another that is not the
release's: if this process is killed, Terraform's next apply sees the difference and publishes the right one.
"""

import base64
import json
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.aws import lambda_alias
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core import console
from pipeline.core.errors import TandemError

_DESCRIPTION = "temporary, to measure its memory"
_UPDATED_WITHIN = 180.0  # seconds
_SHOWN = 200
_REPORTED = {
    "duration": re.compile(r'(?:"durationMs":|\tDuration: )\s*([\d.]+)'),
    "init": re.compile(r'(?:"initDurationMs":|Init Duration: )\s*([\d.]+)'),
}
"""Milliseconds in the log's last line, as text or JSON."""


@dataclass(frozen=True)
class Invocation:
    """Milliseconds of one invocation, and of a new instance's start, else 0; no `error` if it worked."""

    milliseconds: float
    init: float = 0.0
    error: str = ""


@dataclass
class TemporaryVersions:
    """Versions of `function`, whose `$LATEST` gets back `memory` (MiB) at the end."""

    aws: Aws
    function: str
    memory: int
    pause: Callable[[float], None] = time.sleep
    published: list[str] = field(default_factory=list)
    _is_changed: bool = False
    _others: Collection[str] = ()

    @contextmanager
    def cleanup(self) -> Iterator["TemporaryVersions"]:
        """Delete at the end what was published meanwhile, and what a killed run left, however it ends."""
        descriptions = self._descriptions()
        self.published = [version for version, text in descriptions.items() if text == _DESCRIPTION]
        self._is_changed = bool(self.published)
        self._others = descriptions.keys() - self.published
        try:
            yield self
        finally:
            self._clean_up()

    def publish(self, memory: int) -> str:
        """The number of a new version with this memory, once it can be invoked.

        Raises:
            TandemError: Lambda refuses, or the version does not become active.
        """
        self._set_memory(memory)
        with explain_errors(f"publish a version of {self.function} with {memory} MB"):
            published = self.aws.client("lambda").publish_version(
                FunctionName=self.function, Description=_DESCRIPTION
            )
            version = published["Version"]
        # Lambda publishes nothing if nothing has changed: it answers with the version that there is.
        if version in self._others:
            raise TandemError(
                f"{self.function} has a version {version} with {memory} MB already, which is not temporary",
                hint="tandem tune api --sizes 128,512,1769",
            )
        self.published = [*dict.fromkeys([*self.published, version])]
        lambda_alias.wait_until_active(self.aws, self.function, version, self.pause)
        return version

    def _set_memory(self, memory: int) -> None:
        client, self._is_changed = self.aws.client("lambda"), True
        with explain_errors(f"set the memory of {self.function} to {memory} MB"):
            client.update_function_configuration(FunctionName=self.function, MemorySize=memory)
            deadline = time.monotonic() + _UPDATED_WITHIN
            while (
                client.get_function_configuration(FunctionName=self.function).get("LastUpdateStatus")
                == "InProgress"
            ):
                if time.monotonic() > deadline:
                    raise TandemError(f"{self.function} is not updated after {_UPDATED_WITHIN:.0f} s")
                self.pause(1.0)

    def _descriptions(self) -> dict[str, str]:
        """The description of each version."""
        pages = self.aws.client("lambda").get_paginator("list_versions_by_function")
        with explain_errors(f"list the versions of {self.function}"):
            return {
                each["Version"]: each.get("Description", "")
                for page in pages.paginate(FunctionName=self.function)
                for each in page["Versions"]
            }

    def _clean_up(self) -> None:
        """Versions first: while one exists, `$LATEST` must not look as Terraform left it."""
        client = self.aws.client("lambda")
        for version in self.published:
            with explain_errors(f"delete version {version} of {self.function}"):
                client.delete_function(FunctionName=self.function, Qualifier=version)
        if self._is_changed:
            self._set_memory(self.memory)
            console.info(f"   removed: {len(self.published)} temporary versions", style="dim")


def is_arm(aws: Aws, function: str) -> bool:
    """Whether the function runs on Arm, which costs less; TandemError if Lambda refuses."""
    with explain_errors(f"describe the function {function}"):
        configuration = aws.client("lambda").get_function_configuration(FunctionName=function)
    return "arm64" in configuration.get("Architectures", ())


def invoke(aws: Aws, function: str, version: str, event: bytes) -> Invocation:
    """Invoke a version once.

    Raises:
        TandemError: Lambda refuses the invocation.
    """
    began = time.monotonic()
    with explain_errors(f"invoke version {version} of {function}"):
        try:
            answer = aws.client("lambda").invoke(
                FunctionName=function, Qualifier=version, Payload=event, LogType="Tail"
            )
        except aws.client("lambda").exceptions.TooManyRequestsException as error:
            raise TandemError(
                f"{function} is throttled: other requests use all of its reserved concurrency",
                hint="raise api.reserved_concurrency in tandem.toml, or run the command at a quieter time",
            ) from error
    elapsed = (time.monotonic() - began) * 1000
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    failure = _failure(answer["Payload"].read()) if answer.get("FunctionError") else ""
    return Invocation(_reported("duration", log) or elapsed, _reported("init", log) or 0.0, failure)


def _reported(name: str, log: str) -> float | None:
    milliseconds = _REPORTED[name].findall(log)
    return float(milliseconds[-1]) if milliseconds else None


def _failure(payload: bytes) -> str:
    try:
        return str(json.loads(payload).get("errorMessage", ""))[:_SHOWN] or "it failed"
    except (ValueError, AttributeError):
        return "it failed"
