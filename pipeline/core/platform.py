"""The outputs of Terraform's two roots as values: the platform, and the applied release.

Both are parsed once from `terraform output`.
"""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.core.errors import TandemError

FUNCTION, TASKS = "lambda", "fargate"
"""The two runtimes of the API, as Terraform's `api_runtime` names them."""

_SHOWN = 40
"""Names that a message repeats, and characters of each."""
_TARGET_GROUPS = {FUNCTION: "api", TASKS: "api-task"}
"""The target group of each runtime, as Terraform's `target_group_arn_suffixes` names it."""


class _Outputs(BaseModel):
    """Unknown outputs are kept: the release root gets all outputs of the platform root."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @classmethod
    def parse(cls, outputs: Mapping[str, Any]) -> Self:
        """Parse a root's outputs, by name.

        Raises:
            TandemError: an output is missing or of another type than this Tandem expects.
        """
        try:
            return cls.model_validate(dict(outputs))
        except ValidationError as error:
            places = (problem["loc"] for problem in error.errors(include_input=False, include_url=False))
            names = ", ".join(
                sorted({str(place[0])[:_SHOWN] if place else "a name" for place in places})[:_SHOWN]
            )
            raise TandemError(
                f"Terraform's outputs are not those that this Tandem expects: {names}",
                hint="make apply ENV=…",
            ) from error

    def to_variables(self) -> dict[str, Any]:
        """The outputs unchanged, as variables for Terraform."""
        return self.model_dump(exclude_unset=True)


class Database(_Outputs):
    """What the API needs to connect to its database."""

    host: str
    port: int
    user: str

    @property
    def variables(self) -> dict[str, str]:
        """The variables by which the API's code gets it."""
        return {"DATABASE_HOST": self.host, "DATABASE_PORT": str(self.port), "DATABASE_USER": self.user}


class Platform(_Outputs):
    """The platform root's outputs, by Terraform's names; optional outputs have a default."""

    name: str
    region: str
    account_id: str
    cluster_name: str
    cluster_arn: str
    service_name: str
    execution_role_arn: str
    task_role_arn: str
    api_task_role_arn: str = ""
    app_log_group: str
    url: str = ""
    repository_urls: dict[str, str] = {}
    releases_bucket: str = ""
    records_table: str = ""
    service_subnet_ids: tuple[str, ...] = ()
    service_assign_public_ip: bool = False
    api_task_security_group_ids: tuple[str, ...] = ()
    exec: dict[str, bool] = {}
    """Whether ECS Exec is allowed in the tasks of app and API."""
    run_family: str = ""
    """Family of the task definition for one-off commands; empty on a platform that older code applied."""
    listener_arn: str = ""
    load_balancer_arn: str = ""
    load_balancer_arn_suffix: str = ""
    target_group_arn_suffixes: dict[str, str] = {}
    app_target_group_arn: str = ""
    api_target_group_arns: dict[str, str] | None = None
    """By runtime; None on a platform whose API can only be a function."""
    api_split: dict[str, int] | None = None
    """Planned share of the API's traffic by runtime, from the environment's tfvars."""
    api_shares: dict[str, int] | None = None
    """Current share of the API's traffic by runtime."""
    api_multi_value_headers: bool = False
    """Whether the function's events have lists of values for headers and query parameters."""
    api_log_group: str = ""
    api_port: int = 0
    function_name: str = ""
    function_role_arn: str = ""
    function_log_group: str = ""
    database: Database | None = None
    api_environment: dict[str, str] = {}
    """Where the releases are, for an API that may read them."""

    @property
    def api_variables(self) -> dict[str, str]:
        """The variables that terraform/release gives to the API's code besides the release's own."""
        return {**(self.database.variables if self.database else {}), **self.api_environment}

    @property
    def api_service_name(self) -> str:
        """The ECS service of the API's tasks."""
        return f"{self.service_name}-api"

    @property
    def runtimes(self) -> frozenset[str]:
        """The API's runtimes: those of its target groups; none without an API."""
        return frozenset({FUNCTION} if self.api_target_group_arns is None else self.api_target_group_arns)

    @property
    def is_settled(self) -> bool:
        """Whether the API's traffic is shared as planned."""
        return self.api_shares == self.api_split

    def with_planned(self) -> Self:
        """The platform with only the runtimes that have traffic or are planned to get some."""
        return self._only({*self._with_traffic(), *(self.api_split or {})})

    def with_traffic(self) -> Self:
        """The platform with only the runtimes that have traffic now; a failed release goes back to it."""
        return self._only(self._with_traffic())

    def _with_traffic(self) -> set[str]:
        return {
            runtime
            for runtime in self.runtimes
            if self.api_shares is None or self.api_shares.get(runtime, 0) > 0
        }

    def _only(self, runtimes: set[str]) -> Self:
        if self.api_target_group_arns is None:
            return self
        groups = {name: arn for name, arn in self.api_target_group_arns.items() if name in runtimes}
        removed = {_TARGET_GROUPS[name] for name in self.api_target_group_arns if name not in runtimes}
        update: dict[str, Any] = {"api_target_group_arns": groups}
        if "target_group_arn_suffixes" in self.model_fields_set:
            # The dashboard has a graph for each suffix: a removed runtime must not appear in it as a change.
            suffixes = self.target_group_arn_suffixes.items()
            update["target_group_arn_suffixes"] = {key: arn for key, arn in suffixes if key not in removed}
        return self.model_copy(update=update)


class AppliedRelease(_Outputs):
    """The release root's outputs: the release that Terraform applied last."""

    service_name: str
    task_definition_arn: str
    release_number: int | None = None
    function_name: str | None = None
    function_version: str | None = None
    api_service_name: str | None = None
    api_task_definition_arn: str | None = None

    @property
    def services(self) -> dict[str, str]:
        """The task definition ARN that each ECS service should run, by service name; the site's is first."""
        services = {self.service_name: self.task_definition_arn}
        if self.api_service_name:
            services[self.api_service_name] = str(self.api_task_definition_arn)
        return services

    @property
    def runtimes(self) -> frozenset[str]:
        """The runtimes that the API runs on."""
        names = {FUNCTION: self.function_name, TASKS: self.api_service_name}
        return frozenset(runtime for runtime, name in names.items() if name)
