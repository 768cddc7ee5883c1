"""The project's checkov checks refuse an image that is named by a tag; run by `make audit`."""

import json
import subprocess
import sys
import unittest
from collections import defaultdict
from pathlib import Path

from pipeline.core.paths import TERRAFORM

HERE = Path(__file__).parent
CHECKS = TERRAFORM / "checks"
Results = dict[tuple[str, str], set[str]]


def results() -> Results:
    """The resources that pass and fail each check, by check and outcome."""
    program = str(Path(sys.executable).with_name("checkov"))
    argv = [program, "-d", ".", "--external-checks-dir", str(CHECKS), "--check", "CKV_TANDEM_1,CKV_TANDEM_2"]
    argv += ["--framework", "terraform", "dockerfile", "-o", "json", "--skip-download"]
    # In another folder than the project's settings, which omit passed checks.
    done = subprocess.run(argv, cwd=HERE / "images_by_tag", capture_output=True, text=True, check=False)
    resources: Results = defaultdict(set)
    for report in json.loads(done.stdout):
        for outcome in ("passed", "failed"):
            for entry in report["results"][f"{outcome}_checks"]:
                resources[entry["check_id"], outcome].add(entry["resource"])
    return resources


class Checks(unittest.TestCase):
    resources: Results

    @classmethod
    def setUpClass(cls) -> None:
        cls.resources = results()

    def test_functions_and_tasks_are_named_by_digest(self) -> None:
        task, function = "aws_ecs_task_definition", "aws_lambda_function"
        refused = {f"{function}.by_tag", f"{task}.by_tag", f"{task}.text_by_tag"}
        assert self.resources["CKV_TANDEM_1", "failed"] == refused
        assert self.resources["CKV_TANDEM_1", "passed"] == {f"{function}.by_digest", f"{task}.by_digest"}

    def test_bases_are_named_by_digest_or_passed_by_the_pipeline(self) -> None:
        assert self.resources["CKV_TANDEM_2", "failed"] == {"/tag/Dockerfile.FROM"}
        assert self.resources["CKV_TANDEM_2", "passed"] == {"/digest/Dockerfile.", "/argument/Dockerfile."}


if __name__ == "__main__":
    unittest.main()
