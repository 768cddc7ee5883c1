"""Read Lambda's versions and aliases out of the control plane, and write their states back."""

import random
from typing import Any

from moto.backends import get_backend

from pipeline.core.errors import TandemError
from pipeline.local.awslambda.invocation import LATEST, Version

# Without a reserved concurrency AWS lets a function have 1000; a laptop does not.
UNRESERVED = 10


class Lambdas:
    """The functions of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self._where = account, region

    @property
    def _storage(self) -> Any:  # noqa: ANN401 - moto has no types
        account, region = self._where
        return get_backend("lambda")[account][region]._lambdas  # noqa: SLF001 - it lists no versions otherwise

    def versions(self) -> dict[tuple[str, str], Version]:
        """Every version made of an image, by name and number; `$LATEST` too."""
        found = {}
        for entry in list(self._storage._functions.values()):  # noqa: SLF001
            latest = [(LATEST, entry["latest"])] if entry["latest"] else []
            for number, function in [*latest, *((str(one.version), one) for one in list(entry["versions"]))]:
                if function.code.get("ImageUri"):
                    found[function.function_name, number] = _version(function, number)
        return found

    def aliased(self) -> set[tuple[str, str]]:
        """The versions that some alias leads to."""
        aliases = [alias for group in list(self._storage._aliases.values()) for alias in list(group.values())]  # noqa: SLF001
        return {
            (alias.arn.split(":")[6], number)
            for alias in aliases
            for number, weight in _shares(alias)
            if weight
        }

    def choose(self, name: str, qualifier: str) -> str:
        """The number of the version that serves this invocation; an alias draws by its weights."""
        if name not in self._storage._functions:  # noqa: SLF001
            raise TandemError(f"there is no function {name}")
        alias = self._alias(name, qualifier)
        if alias is None:
            return qualifier or LATEST
        numbers, weights = zip(*_shares(alias), strict=True)
        return str(random.choices(numbers, weights)[0])  # noqa: S311 - a draw, no secret

    def concurrency(self, name: str) -> int:
        """How many invocations the function may have at once, over all its versions."""
        entry = self._storage._functions.get(name)  # noqa: SLF001
        reserved = entry["latest"].reserved_concurrency if entry and entry["latest"] else None
        return UNRESERVED if reserved is None else int(reserved)

    def mark(self, version: Version, state: str, reason: str = "", code: str = "") -> None:
        """Set the version's state: `Pending`, `Active` or `Failed`."""
        entry = self._storage._functions.get(version.name)  # noqa: SLF001
        for function in list(entry["versions"]) if entry else []:
            if str(function.version) == version.number:
                function.state = state
                given = {"StateReason": reason, "StateReasonCode": code}
                function.kept = {**getattr(function, "kept", {}), **given}

    def _alias(self, name: str, qualifier: str) -> Any:  # noqa: ANN401 - moto has no types
        arn = self._storage._functions[name]["latest"].function_arn  # noqa: SLF001
        return self._storage._aliases[arn].get(qualifier)  # noqa: SLF001


def _shares(alias: Any) -> list[tuple[str, float]]:  # noqa: ANN401 - moto has no types
    """(version, weight) of all that an alias leads to; the weights' sum is 1."""
    extra = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    shares = [(str(number), float(weight)) for number, weight in extra.items()]
    return [(str(alias.function_version), 1 - sum(weight for _, weight in shares)), *shares]


def _version(function: Any, number: str) -> Version:  # noqa: ANN401 - moto has no types
    logging = getattr(function, "kept", {}).get("LoggingConfig") or {}
    return Version(
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
    )
