"""ARNs and host names are those of the region's partition: China and GovCloud have their own."""

from pathlib import Path

import pytest

from pipeline.aws.endpoints import dns_suffix, is_of_aws, partition
from pipeline.aws.exec_session import ExecTarget, plugin_command
from pipeline.core.paths import ROOT

_EXAMPLES = ("error_message =", "description =", "# ", '"""')
EXCEPTIONS = {
    "pipeline/core/setting_types.py": "an example in a message",
    "render/rules/containers.py": "an example in a hint",
    "render/rules/secrets.py": "an example in a hint",
    "render/rules/task.py": "an example in a hint",
    "render/rules/volumes.py": "an example in a hint",
    "pipeline/local/ecs/api/moto_ecs.py": "the local stack is in eu-central-1 only",
    "pipeline/local/measured_task.py": "a task of the local stack",
    "pipeline/compare/start/trial.py": "a task of the local stack",
    "terraform/modules/cdn/variables.tf": "CloudFront takes certificates of us-east-1 only",
}


def _files() -> list[Path]:
    folders = [(ROOT / "pipeline", "*.py"), (ROOT / "render", "*.py"), (ROOT / "terraform", "*.tf")]
    return sorted(
        file for folder, pattern in folders for file in folder.rglob(pattern) if "tests" not in file.parts
    )


def _with_a_partition(file: Path) -> list[str]:
    """The lines that write an ARN of one partition, beside texts for people."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "arn:aws:" in line and not line.strip().startswith(_EXAMPLES)]


def test_no_arn_is_written_with_one_partition() -> None:
    assert {str(file.relative_to(ROOT)) for file in _files() if _with_a_partition(file)} == set(EXCEPTIONS)


def test_no_host_name_is_written_with_one_partition() -> None:
    """A name with a region ends with the partition's suffix; a service principal has no region."""
    lines = [
        (file.name, line.strip())
        for file in _files()
        for line in file.read_text(encoding="utf-8").splitlines()
        if "egion}.amazonaws.com" in line or ".*.amazonaws.com" in line
    ]
    assert lines == []


@pytest.mark.parametrize(
    ("region", "name", "suffix"),
    [
        ("eu-central-1", "aws", "amazonaws.com"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ("xx-unheard-9", "aws", "amazonaws.com"),
    ],
)
def test_a_session_is_opened_at_the_partitions_own_host(region: str, name: str, suffix: str) -> None:
    *_, endpoint = plugin_command(region, ExecTarget("c", "t", "app", "r"), {"sessionId": "s"})
    assert endpoint == f"https://ssm.{region}.{suffix}"
    assert (partition(region), dns_suffix(region)) == (name, suffix)
    assert is_of_aws(endpoint)
