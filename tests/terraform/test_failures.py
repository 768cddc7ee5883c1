"""A failure of Terraform becomes an error with a hint that helps."""

from pathlib import Path

import pytest

from pipeline.terraform.failures import describe_failure


@pytest.mark.parametrize("name", ["RepositoryAlreadyExistsException", "RepositoryNotEmptyException"])
def test_repositories_in_the_way_are_named_with_the_variable(name: str) -> None:
    text = f"╷\n│ Error: creating ECR Repository (tandem/app): {name}: the repository\n╵"
    error = describe_failure("apply", Path("platform"), {}, text)
    assert "image repositories are in the way: creating ECR Repository (tandem/app)" in error.message
    assert "repositories_per_environment = true in terraform/envs/" in error.hint
