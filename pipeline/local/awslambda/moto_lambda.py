"""Read Lambda's versions and aliases out of moto, and write the versions' states back."""

import random
from typing import Any

from moto.backends import get_backend

from pipeline.core.errors import TandemError
from pipeline.local.awslambda.invocation import LATEST, FunctionVersion

# AWS allows 1000 concurrent invocations without a reserved concurrency, which is too many for one machine.
UNRESERVED = 10


class LambdaBackend:
    """The functions of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self._scope = account, region

    @property
    def _storage(self) -> Any:  # noqa: ANN401 - moto has no types
        account, region = self._scope
        return get_backend("lambda")[account][region]._lambdas  # noqa: SLF001 - no other way to all versions

    def versions(self) -> dict[tuple[str, str], FunctionVersion]:
        """Every version with a container image, `$LATEST` too, by function name and version number."""
        versions = {}
        for entry in list(self._storage._functions.values()):  # noqa: SLF001
            latest = [(LATEST, entry["latest"])] if entry["latest"] else []
            for number, function in [
                *latest,
                *((str(each.version), each) for each in list(entry["versions"])),
            ]:
                if function.code.get("ImageUri"):
                    versions[function.function_name, number] = _version(function, number)
        return versions

    def aliased(self) -> set[tuple[str, str]]:
        """The versions that an alias gives a weight, by function name and version number."""
        aliases = [alias for group in list(self._storage._aliases.values()) for alias in list(group.values())]  # noqa: SLF001
        return {
            (alias.arn.split(":")[6], number)
            for alias in aliases
            for number, weight in _shares(alias)
            if weight
        }

    def resolve_version(self, name: str, qualifier: str) -> str:
        """The version number for one invocation; an alias draws it by its weights.

        Raises:
            TandemError: there is no such function.
        """
        if name not in self._storage._functions:  # noqa: SLF001
            raise TandemError(f"there is no function {name}")
        alias = self._alias(name, qualifier)
        if alias is None:
            return qualifier or LATEST
        numbers, weights = zip(*_shares(alias), strict=True)
        return str(random.choices(numbers, weights)[0])  # noqa: S311 - a draw, no secret

    def concurrency(self, name: str) -> int:
        """The function's maximum of concurrent invocations, over all its versions."""
        entry = self._storage._functions.get(name)  # noqa: SLF001
        reserved = entry["latest"].reserved_concurrency if entry and entry["latest"] else None
        return UNRESERVED if reserved is None else int(reserved)

    def set_state(self, version: FunctionVersion, state: str, reason: str = "", code: str = "") -> None:
        """Set the version's state: `Pending`, `Active` or `Failed`."""
        entry = self._storage._functions.get(version.name)  # noqa: SLF001
        for function in list(entry["versions"]) if entry else []:
            if str(function.version) == version.number:
                function.state = state
                reasons = {"StateReason": reason, "StateReasonCode": code}
                function.kept_settings = {**getattr(function, "kept_settings", {}), **reasons}

    def _alias(self, name: str, qualifier: str) -> Any:  # noqa: ANN401 - moto has no types
        arn = self._storage._functions[name]["latest"].function_arn  # noqa: SLF001
        return self._storage._aliases[arn].get(qualifier)  # noqa: SLF001


def _shares(alias: Any) -> list[tuple[str, float]]:  # noqa: ANN401 - moto has no types
    """(version number, weight) of each version behind an alias; the weights' sum is 1."""
    extra = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    shares = [(str(number), float(weight)) for number, weight in extra.items()]
    return [(str(alias.function_version), 1 - sum(weight for _, weight in shares)), *shares]


def _version(function: Any, number: str) -> FunctionVersion:  # noqa: ANN401 - moto has no types
    logging = getattr(function, "kept_settings", {}).get("LoggingConfig") or {}
    return FunctionVersion(
        name=function.function_name,
        number=number,
        arn=function.function_arn,
        image=function.code["ImageUri"],
        memory=int(function.memory_size),
        timeout=int(function.timeout),
        storage=int(function.ephemeral_storage),
        environment=tuple(sorted((function.environment_vars or {}).items())),
        entrypoint=tuple(function.image_config.entry_point or ()),
        command=tuple(function.image_config.cmd or ()),
        folder=function.image_config.working_directory or "",
        log_group=logging.get("LogGroup") or function.logs_group_name,
        role=function.role,
    )
