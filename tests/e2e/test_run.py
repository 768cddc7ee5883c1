"""Commands run in the released API and in running containers of the stack, and the trail says so."""

import json

import pytest

pytestmark = pytest.mark.stack

SCRIPT = "import catalogue, os; print('at', os.getcwd(), flush=True); raise SystemExit(7)"


def entries(local, outcome):
    trail = json.loads(local.tandem("history", "--env", "local", "--json").stdout)
    return [entry["reason"] for entry in trail if entry["outcome"] == outcome]


def test_a_command_runs_in_the_released_api_with_its_exit_code(local):
    done = local.tandem("run", "--env", "local", "--", "python3", "-c", SCRIPT, check=False)
    assert (done.returncode, done.stdout) == (7, "at /var/task\n"), done.stderr
    starts, ends = entries(local, "run")
    assert "starts, tandem-local-run:1" in starts
    assert "exit code 7, task " in ends


def test_a_command_that_does_not_exist_says_so(local):
    done = local.tandem("run", "--env", "local", "--", "no-such-program", check=False)
    assert done.returncode == 127, done.stderr
    assert "no-such-program" in done.stdout


def test_a_command_runs_in_a_running_container(local):
    done = local.tandem(
        "exec", "app", "--env", "local", "--", "sh", "-c", "ls /srv/static | head -1; exit 3", check=False
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout.strip()
    assert "in app of task" in entries(local, "exec")[0]
