"""Terraform's words become values and clean errors."""

from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.aws.access import Aws
from pipeline.core.errors import TandemError
from pipeline.core.timeline import recording
from pipeline.terraform.runner import ResourceChange, Runner, TerraformPlan
from tests.terraform.scripts import script

PLANNED = """
  # module.api.aws_lambda_alias.live will be updated in-place
  ~ resource "aws_lambda_alias" "live" {
  # module.service.aws_ecs_task_definition.this must be replaced
  # module.load_balancer.aws_lb_listener_rule.this["api"] will be created
  # data.aws_region.current will be read during apply
TerraformPlan: 2 to add, 1 to change, 1 to destroy.
"""
LOCKED = """
╷
│ Error: Error acquiring the state lock
│
│ Lock Info:
│   ID:        1b3f-42
│   Path:      bucket/platform.tfstate
│   Who:       root@machine
╵
"""


def run(tmp_path: Path, body: str, **env: str) -> str:
    runner = Runner(tmp_path, env)
    runner.terraform_bin_path = script(tmp_path, body)
    return runner.run("plan")


def test_a_plan_names_each_resource_and_what_happens_to_it() -> None:
    assert TerraformPlan.parse(PLANNED).resources == (
        ResourceChange("module.api.aws_lambda_alias.live", "updated in-place"),
        ResourceChange("module.service.aws_ecs_task_definition.this", "replaced"),
        ResourceChange('module.load_balancer.aws_lb_listener_rule.this["api"]', "created"),
    )


def test_a_tainted_and_a_deposed_resource_are_among_them() -> None:
    text = """
  # module.a.aws_lb.this is tainted, so it must be replaced
  # module.a.aws_lb.this (deposed object 1a2b3c4d) will be destroyed
  # aws_vpc.this[0] will be replaced, as requested
  # aws_vpc.old will no longer be managed by Terraform, but will not be destroyed
"""
    assert TerraformPlan.parse(text).resources == (
        ResourceChange("module.a.aws_lb.this", "replaced"),
        ResourceChange("module.a.aws_lb.this", "destroyed"),
        ResourceChange("aws_vpc.this[0]", "replaced"),
    )


def test_a_plan_shows_the_attributes_that_change_and_what_forces_a_replacement() -> None:
    text = """
  # aws_lb.this must be replaced
-/+ resource "aws_lb" "this" {
      ~ arn      = "arn:1" -> (known after apply)
      ~ internal = false -> true # forces replacement
        name     = "site"
      + dns      = (known after apply)
        # (3 unchanged attributes hidden)

      - access_logs {
          - bucket = "logs" -> null
        }
    }

  # aws_vpc.this will be created
  + resource "aws_vpc" "this" {
      + cidr_block = "10.0.0.0/16"
      + id         = (known after apply)
    }

Plan: 2 to add, 0 to change, 1 to destroy.
"""
    balancer, vpc = TerraformPlan.parse(text).resources
    assert balancer.attributes == (
        '  ~ arn      = "arn:1" -> (known after apply)',
        "  ~ internal = false -> true # forces replacement",
        '    name     = "site"',
        "  - access_logs {",
        '      - bucket = "logs" -> null',
        "    }",
    )
    assert vpc.attributes == ('  + cidr_block = "10.0.0.0/16"',)


def test_no_changes_is_no_changes() -> None:
    assert not TerraformPlan.parse("No changes. Your infrastructure matches the configuration.").changes


def test_changed_outputs_are_changes() -> None:
    assert TerraformPlan.parse("Changes to Outputs:\n  + url = 1").changes


@pytest.mark.slow
def test_output_comes_back_whole(tmp_path: Path) -> None:
    assert run(tmp_path, "print('one'); print('two')") == "one\ntwo\n"


@pytest.mark.slow
def test_without_a_bucket_for_its_state_the_hint_is_to_make_one(tmp_path: Path) -> None:
    text = 'Error: S3 bucket "x" does not exist. The referenced S3 bucket must have been previously created.'
    with pytest.raises(TandemError, match="no bucket for its state yet") as caught:
        run(tmp_path, f"sys.stderr.write({text!r}); sys.exit(1)")
    assert caught.value.hint.startswith("make bootstrap")


@pytest.mark.slow
def test_a_failure_gives_terraforms_reason_without_its_frame(tmp_path: Path) -> None:
    body = "sys.stderr.write('╷\\n│ Error: Unsupported argument\\n│\\n│ No \"x\" here.\\n╵\\n'); sys.exit(1)"
    with pytest.raises(TandemError, match='failed: Unsupported argument No "x" here') as refused:
        run(tmp_path, body)
    assert "│" not in refused.value.message


@pytest.mark.slow
def test_a_held_lock_names_the_command_that_frees_it(tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="locked by root@machine") as refused:
        run(tmp_path, f"sys.stderr.write({LOCKED!r}); sys.exit(1)", TF_DATA_DIR="/x y")
    assert f"TF_DATA_DIR='/x y' terraform -chdir={tmp_path} force-unlock 1b3f-42" in refused.value.hint


@pytest.mark.slow
def test_the_states_addresses_are_read(tmp_path: Path) -> None:
    runner = Runner(tmp_path, {})
    runner.terraform_bin_path = script(tmp_path, """print('module.a.b'); print('module.c.d["e f"]')""")
    assert runner.addresses() == ["module.a.b", 'module.c.d["e f"]']


@pytest.mark.slow
def test_a_state_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    runner = Runner(tmp_path, {})
    runner.terraform_bin_path = script(tmp_path, "sys.stderr.write('No state file was found!'); sys.exit(1)")
    assert runner.addresses() == []


@pytest.mark.slow
def test_a_move_that_fails_says_why(tmp_path: Path) -> None:
    runner = Runner(tmp_path, {})
    runner.terraform_bin_path = script(tmp_path, "sys.stderr.write('Error: Invalid target'); sys.exit(1)")
    with pytest.raises(TandemError, match="state mv"):
        runner.move("a.b", "c.d")


@pytest.mark.slow
def test_the_command_that_unlocks_a_local_state_shows_no_key(tmp_path: Path) -> None:
    env = Aws("r", "http://127.0.0.1:9", "KEY", "SECRET", "TOKEN", "/a b/credentials").variables()
    with pytest.raises(TandemError) as refused:
        run(tmp_path, f"sys.stderr.write({LOCKED!r}); sys.exit(1)", **env)
    assert "AWS_SHARED_CREDENTIALS_FILE='/a b/credentials'" in refused.value.hint
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:9" in refused.value.hint
    assert not [key for key in ("KEY=K", "SECRET", "TOKEN") if key in refused.value.hint]


APPLIED = "time.sleep(0.2); print('Plan: 1 to add', flush=True); time.sleep(0.2); print('Apply complete!')"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (APPLIED, ["plan", "change"]),
        (
            "print('No changes. Your infrastructure matches.', flush=True); time.sleep(0.1)",
            ["plan", "change"],
        ),
        ("sys.exit(1)", ["plan"]),
        ("print('Plan: 1 to add', flush=True); time.sleep(0.1); sys.exit(1)", ["plan", "change"]),
    ],
    ids=["changed", "no changes", "no plan", "failed midway"],
)
def test_an_apply_has_its_plan_and_its_changes_as_parts(tmp_path: Path, body: str, parts: list[str]) -> None:
    runner = Runner(tmp_path, {})
    runner.terraform_bin_path = script(tmp_path, f"import time; {body}")
    with recording() as run, suppress(TandemError):
        runner.run("apply")
    assert [part.name for part in run.spans] == parts
    if body == APPLIED:
        assert all(part.seconds > 0.1 for part in run.spans)


@pytest.mark.slow
def test_other_commands_are_one_part(tmp_path: Path) -> None:
    runner = Runner(tmp_path, {})
    runner.terraform_bin_path = script(tmp_path, "print('{}')")
    with recording() as run:
        runner.run("output")
        runner.addresses()
    assert [part.name for part in run.spans] == ["terraform output", "terraform state list"]
