"""tandem bootstrap: where Terraform keeps its state."""

from pipeline.aws.state_bucket import bootstrap as make_bucket
from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, session
from pipeline.core import console


def bootstrap(env: EnvOption, project: ProjectOption = HERE) -> None:
    """Make the bucket for Terraform's state: versioned, encrypted, private. Safe to run again."""
    print(make_bucket(session(open_project(project), env).project, env).bucket)
    console.info(f"next: tandem plan --env {env}")
