"""tandem bootstrap: where Terraform keeps its state."""

from pipeline import talk
from pipeline.bootstrap import bootstrap as make_bucket
from pipeline.verbs.options import HERE, EnvOption, ProjectOption, open_project, session


def bootstrap(env: EnvOption, project: ProjectOption = HERE) -> None:
    """Make the bucket for Terraform's state: versioned, encrypted, private. Safe to run again."""
    print(make_bucket(session(open_project(project), env).project, env).bucket)
    talk.say(f"next: tandem plan --env {env}")
