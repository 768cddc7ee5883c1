"""The module roles keeps within IAM's quotas with the largest input that it takes."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.paths import TERRAFORM
from pipeline.terraform import program
from tests.modules.account import Account, administrator

pytestmark = [pytest.mark.terraform, pytest.mark.applied]

ACCOUNT, REGION = "123456789012", "ap-northeast-1"
NAME = f"{'n' * 20}-{'e' * 16}"
"""The longest prefix: name and environment have at most so many letters."""
SCOPE = f"{REGION}:{ACCOUNT}"
_PARTITION = len("arn:aws-us-gov:") - len("arn:aws:")


def secret(at: int, length: int) -> str:
    return f"arn:aws:secretsmanager:{SCOPE}:secret:{at:0{length}d}-AbCdEf"


LARGEST: Mapping[str, Any] = {
    "name": NAME,
    "account_id": ACCOUNT,
    "path": f"/{'p' * 98}/",
    "repository_arns": [
        f"arn:aws:ecr:{SCOPE}:repository/{NAME.replace('-', '/', 1)}/{image}"
        for image in ("app", "static", "api", "monolith", "site")
    ],
    "app_log_group_arn": f"arn:aws:logs:{SCOPE}:log-group:/{NAME.replace('-', '/', 1)}/app",
    "api_log_group_arn": f"arn:aws:logs:{SCOPE}:log-group:/{NAME.replace('-', '/', 1)}/api",
    "function_log_group_arn": f"arn:aws:logs:{SCOPE}:log-group:/aws/lambda/{NAME}-api",
    # 19,900 characters together; names of secrets have up to 512, those of parameters 1,011.
    "task_secret_arns": [secret(at, 505) for at in range(33)],
    "function_secret_arns": [
        *(secret(at, 505) for at in range(33)),
        f"arn:aws:ssm:{SCOPE}:parameter/{0:0958d}",
    ],
    "secret_kms_key_arns": [f"arn:aws:kms:{SCOPE}:key/mrk-{at:032d}" for at in range(50)],
    "function_in_vpc": True,
    "database_user_arn": f"arn:aws:rds-db:{SCOPE}:dbuser:prx-{'0' * 17}/{'u' * 63}",
    "file_system_arn": f"arn:aws:elasticfilesystem:{SCOPE}:file-system/fs-{0:017d}",
    "environment_files": [f"arn:aws:s3:::{'b' * 63}/{at:0910d}.env" for at in range(4)],
    "kms_key_arn": f"arn:aws:kms:{SCOPE}:key/mrk-{0:032d}",
    "release_oidc": {
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com": {
            "subjects": [f"repo:you/site:ref:refs/heads/branch-{at:013d}" for at in range(25)]
        }
    },
    "release": {
        "trusted": [f"arn:aws:iam::{ACCOUNT}:root"],
        "state_bucket": f"{NAME}-state-{ACCOUNT}",
        "region": REGION,
        "cluster_name": NAME,
        "service_names": [NAME, f"{NAME}-api"],
        "families": [NAME, f"{NAME}-api"],
        "run_family": f"{NAME}-run",
        "function_name": f"{NAME}-api",
        "target_group_arns": [
            f"arn:aws:elasticloadbalancing:{SCOPE}:targetgroup/{'t' * 32}/0123456789abcdef"
        ],
        "releases_bucket_arn": f"arn:aws:s3:::{NAME}-releases-{ACCOUNT}",
        "records_table_arn": f"arn:aws:dynamodb:{SCOPE}:table/{NAME}-records",
        "dashboard_name": NAME,
        "https": True,
        "certificate_arns": [f"arn:aws:acm:{SCOPE}:certificate/11111111-2222-3333-4444-555555555555"],
    },
}


def apply_roles(account: Account, folder: Path) -> subprocess.CompletedProcess[str]:
    """Apply the module with the largest input, with a state in `folder`."""
    copied = shutil.copytree(TERRAFORM / "modules" / "roles", folder / "roles")
    shutil.rmtree(copied / "tests")
    call = {"module": {"roles": {"source": "./roles", **LARGEST}}}
    (folder / "main.tf.json").write_text(json.dumps(call))
    env = {**account.platform().env, **program.environ(folder / "data")}
    quiet = {"cwd": folder, "env": env, "text": True, "capture_output": True}
    subprocess.run(["terraform", "init", "-no-color"], check=True, **quiet)
    return subprocess.run(["terraform", "apply", "-auto-approve", "-no-color"], check=False, **quiet)


def size(document: Any) -> int:
    """The characters of a policy in the partition with the longest name, as IAM counts them."""
    text = json.dumps(document, separators=(",", ":"))
    return len(text) + text.count("arn:aws:") * _PARTITION


def test_the_largest_input_fits_into_ten_policies_of_each_role(account: Account, tmp_path: Path) -> None:
    done = apply_roles(account, tmp_path)
    assert done.returncode == 0, done.stderr[-500:]
    iam = administrator().client("iam")
    sizes = {}
    for kind in ("execution", "function", "task", "release"):
        role = f"{NAME}-{kind}"
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert len(attached) <= 10, role
        for policy in attached:
            version = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId="v1")
            sizes[policy["PolicyName"].removeprefix(NAME)] = size(version["PolicyVersion"]["Document"])
        inline = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents = (iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in inline)
        assert sum(map(size, documents)) <= 10_240, role
        assert size(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]) <= 2_048, role
    assert len(sizes) > 10
    assert {name: used for name, used in sizes.items() if used > 6_144} == {}
