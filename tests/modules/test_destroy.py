"""`destroy` deletes an environment with a release, images and records, and leaves nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.aws import state_bucket
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.deploy.api_runtime import apply_platform
from pipeline.deploy.destroy import destroy, require_destroyable, teardown
from pipeline.deploy.session import Session
from pipeline.terraform import roots
from tests.modules.account import Account, administrator, manifest_of
from tests.modules.block import _existing
from tests.modules.role_requests import MANIFEST
from tests.support.aws_access import aws
from tests.support.example_releases import make_release

pytestmark = [pytest.mark.terraform, pytest.mark.applied]


@pytest.fixture
def session(account: Account, tmp_path: Path) -> Session:  # noqa: ARG001 - the account must be there
    sources = {name: {"repository": name} for name in ("app", "static", "api")}
    environments = {"dev": {"account_id": "123456789012"}}
    settings = Settings.model_validate({"sources": sources, "environments": environments})
    made = Session(Project(tmp_path, settings), "dev", aws())
    state_bucket.bootstrap(made.aws, made.project, "dev")
    return made


def protect(session: Session, *, on: bool) -> None:
    """Set deletion_protection in the project's own tfvars, which come after this repository's."""
    file = session.project.root / "terraform" / "envs" / "dev.tfvars"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"deletion_protection = {str(on).lower()}\nmax_retries = 3\nrequire_tls = false\n")


def put_release(session: Session) -> None:
    outputs: dict[str, Any] = session.platform_root.output()
    manifest = manifest_of(outputs, 1, "a")
    roots.release(session.project, "dev", session.aws, outputs, manifest).apply()
    session.store.add(make_release())
    for image in ("app", "api"):
        administrator().client("ecr").put_image(
            repositoryName=f"tandem/{image}",
            imageManifest=json.dumps(MANIFEST),
            imageTag="release-1",
        )


def test_a_protected_environment_stays_and_an_unprotected_one_goes(session: Session) -> None:
    before = _existing()
    protect(session, on=True)
    apply_platform(session)
    with pytest.raises(TandemError, match="protected from deletion"):
        require_destroyable(session)
    protect(session, on=False)
    with pytest.raises(TandemError, match="protected from deletion"):
        require_destroyable(session)
    apply_platform(session)
    put_release(session)
    addresses = {address for _, address in teardown(session).addresses}
    assert {"module.load_balancer.aws_lb.this", "module.service.aws_ecs_service.fixed[0]"} <= addresses
    destroy(session)
    after = _existing()
    assert {kind: after[kind] - before[kind] for kind in after if after[kind] - before[kind]} == {}
    destroy(session)
    assert teardown(session).addresses == ()
