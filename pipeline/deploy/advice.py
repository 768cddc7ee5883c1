"""What is allowed in an environment and rarely wanted there: `plan` and `apply` say it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.core.paths import TERRAFORM
from pipeline.terraform.environment_paths import environment_files
from pipeline.terraform.variable_values import variable_values

if TYPE_CHECKING:
    from pipeline.deploy.session import Session

_VARIABLES = ("certificate_arn", "zone_id", "cdn", "internal", "alarm_emails", "waf")


def advice(session: "Session") -> list[str]:
    """A sentence for each such setting of the platform; none locally.

    Raises:
        TandemError: the environment has no tfvars, or Terraform refuses them.
    """
    if session.is_local:
        return []
    files = environment_files(session.project, session.environment, "platform")
    values = variable_values(TERRAFORM / "platform", _VARIABLES, files)
    return [f"{each} (terraform/envs/{session.environment}.tfvars)" for each in _sentences(values)]


def _sentences(values: Mapping[str, Any]) -> Iterator[str]:
    has_certificate = values["certificate_arn"] or values["zone_id"]
    if not has_certificate and not values["cdn"]:
        yield "the site is served over plain HTTP: set domain and zone_id, or certificate_arn"
    if not has_certificate and values["cdn"]:
        yield "CloudFront reaches the load balancer over plain HTTP: set domain and zone_id"
    if not values["alarm_emails"]:
        yield "alarms reach nobody: set alarm_emails"
    if values["waf"] and values["waf"]["managed_rules"] == "count":
        yield 'the WAF only counts what its managed rules match: read its log, set managed_rules = "block"'
