"""tandem bootstrap: the bucket for Terraform's state."""

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_session
from pipeline.core import console


def bootstrap(env: EnvOption, project: ProjectOption = HERE) -> None:
    """Create the S3 bucket for Terraform's state.

    The bucket is versioned, encrypted and private. Safe to run again.
    """
    from pipeline.aws import state_bucket

    session = open_session(project, env)
    console.out(state_bucket.bootstrap(session.aws, session.project, env).bucket)
    console.info(f"next: tandem plan --env {env}")
