"""Apply the release root, whatever ECS, autoscaling or a human left behind."""

from pipeline.aws.access import Aws
from pipeline.core.platform import AppliedRelease, Platform
from pipeline.core.steps import step
from pipeline.deploy.rollout.failed_deployments import revisions_to_replace
from pipeline.deploy.rollout.stopped_services import autoscaling_to_restart
from pipeline.terraform.root import TerraformRoot


def apply_release(aws: Aws, platform: Platform, root: TerraformRoot) -> AppliedRelease:
    """Apply `root`, and return its outputs.

    A service that a human stopped starts again, and a revision that ECS gave up is made again.

    Raises:
        LockedError: another run holds the lock of the state; nothing was changed.
        TandemError: Terraform fails.
    """
    restart = autoscaling_to_restart(aws, platform)
    if restart:
        with step("terraform apply", message="terraform apply: release, without autoscaling for now"):
            root.with_variables(**dict.fromkeys(restart)).apply()
    revisions = revisions_to_replace(aws, platform)
    with step("terraform apply", message="terraform apply: release"):
        root.apply(replace=revisions)
    return AppliedRelease.parse(root.output())
