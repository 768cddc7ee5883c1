"""The stack under test with its sources: commit, release, break, read the records."""

import itertools
import json
import re
import shlex
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import httpx

from pipeline.core.fault_points import VARIABLE
from pipeline.core.paths import ROOT
from pipeline.deploy.store import Store
from pipeline.git.command import git_text, run_git
from tests.e2e.stack import PATIENCE, LocalStack
from tests.faults import load
from tests.registry import faulty
from tests.support.signing import signer
from tests.support.waiting import until

_TAG = re.compile(r"<!-- (\d+) -->")


@dataclass
class Site:
    """One stack; each change of a source is a small commit that visitors can see."""

    local: LocalStack
    folder: Path
    _count: itertools.count = field(default_factory=lambda: itertools.count(time.time_ns()))

    @property
    def store(self):
        return Store.in_folder(self.local.project.state / "local" / "releases", "local")

    @property
    def current(self):
        return self.store.state().current

    def get(self, path="/"):
        """Request `path`, with the visitors' timeout."""
        return httpx.get(f"{self.local.url}{path}", timeout=load.PATIENCE)

    def number(self):
        """A number that no earlier call returned."""
        return next(self._count)

    def clone(self, source):
        clone = self.folder / source
        if not clone.exists():
            self.local.clone(source, clone)
        return clone

    def commit(self, source, path, text):
        """Commit one file without running the hook, so that nothing is released yet; the commit's id."""
        clone = self.clone(source)
        commit = self.local.commit(clone, path, text, f"Change {path}")
        self.push_without_hook(source)
        return commit

    def push_without_hook(self, source):
        branch = self.local.project.settings.sources.app.branch
        run_git(
            "-C",
            str(self.local.repository(source)),
            "fetch",
            "--quiet",
            str(self.clone(source)),
            f"+HEAD:refs/heads/{branch}",
        )

    def change(self, *sources):
        """Commit a harmless change of each source, without a release."""
        number = self.number()
        for source in sources:
            getattr(self, f"_change_{source}")(number)

    def _change_app(self, number):
        page = self.clone("app") / "html/index.html"
        self.commit(
            "app", "html/index.html", _TAG.sub("", page.read_text()).rstrip() + f"\n<!-- {number} -->\n"
        )

    def _change_static(self, number):
        self.commit("static", "faults.txt", f"{number}\n")

    def _change_api(self, number):
        self.commit("api", "catalogue/faults.py", f'"""Changed {number} times."""\n')

    def release(self, *, fault="", verb="release"):
        """Run `tandem release`, with a fault point if given; the finished process."""
        return self.local.tandem(verb, "--env", "local", check=False, environ={VARIABLE: fault})

    def finish(self):
        """Run the same command again: it must succeed, and the sources' heads must run."""
        if self.store.state().holds:  # a rollback stays until somebody says otherwise
            self.local.tandem("resume", "--env", "local")
        done = self.release()
        assert done.returncode == 0, done.stderr
        self.assert_heads_run()
        return done

    def assert_heads_run(self):
        """The sources' heads run, or change nothing that a build reads; visitors get the head's page."""
        release, same = self.store.current(), self.store.state().same
        heads = {source: self.head(source) for source in ("app", "static", "api")}
        running = {source: commit.id for source, commit in release.commits.items()}
        assert heads == {source.value: commit for source, commit in {**running, **same}.items()}
        page = (self.clone("app") / "html/index.html").read_text()
        assert self.get().text == page
        assert self.store.interrupted() is None

    def head(self, source):
        return git_text("-C", str(self.local.repository(source)), "rev-parse", "HEAD")

    def trail(self):
        return [(entry.release, entry.outcome.value) for entry in self.store.trail()]

    def terraform_processes(self):
        """Ids and command lines of the terraform processes of this stack's release root."""
        data = str(self.local.project.state / "local/terraform/release").encode()
        processes = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
                if command[0].endswith(b"terraform") and data in (folder / "environ").read_bytes():
                    processes.append((int(folder.name), command))
            except OSError:
                continue
        return processes

    def client(self, name):
        """A boto3 client of the stack's AWS."""
        environ = self.local.stack.environ()
        return boto3.client(
            name,
            endpoint_url=environ["AWS_ENDPOINT_URL"],
            region_name=environ["AWS_REGION"],
            aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        )

    def has_terraform_lock(self):
        s3 = self.client("s3")
        return any(
            s3.list_objects_v2(Bucket=bucket["Name"], Prefix="release.tfstate.tflock")["KeyCount"]
            for bucket in s3.list_buckets()["Buckets"]
        )

    def service(self):
        """The name of service and cluster, and the service's task definition."""
        name = f"{self.local.project.settings.name}-local"
        (service,) = self.client("ecs").describe_services(cluster=name, services=[name])["services"]
        return name, service["taskDefinition"]

    def await_steady(self, revision):
        name, _ = self.service()
        ecs = self.client("ecs")

        def steady():
            (service,) = ecs.describe_services(cluster=name, services=[name])["services"]
            states = [(each["taskDefinition"], each["rolloutState"]) for each in service["deployments"]]
            return states == [(revision, "COMPLETED")]

        until(steady, PATIENCE)

    @contextmanager
    def faulty_control_plane(self):
        """The control plane behind a proxy, which signs the requests again; yields (host, faults)."""
        keys = self.local.stack.credentials.read()
        with faulty.proxy(f"127.0.0.1:{self.local.stack.lock.holder().port}") as (host, faults):
            faults.sign = signer(keys)
            yield host, faults

    @contextmanager
    def control_plane_at(self, host):
        """Commands take `host` for the control plane while the block runs."""
        file = self.local.stack.lock.file
        before = file.read_text()
        file.write_text(json.dumps({**json.loads(before), "port": int(host.rpartition(":")[2])}))
        try:
            yield
        finally:
            file.write_text(before)


def assert_one_error(done, *, words=()):
    """The command failed with one error and a hint, without a traceback; the error's line."""
    assert done.returncode not in {0, None}
    # A function's own traceback may be quoted; the lines of quotes are indented.
    assert "\nTraceback" not in f"\n{done.stderr}", done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert "\nhint:  " in done.stderr, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    return errors[0]


def run_the_hint(site, refused):
    """Run the command that a refused release shows to unlock Terraform's state."""
    command = " ".join(refused.stderr.partition("if there is none: ")[2].split())
    cleared = subprocess.run(
        ["sh", "-c", command],
        input="yes\n",
        env=site.local.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert cleared.returncode == 0, f"{shlex.quote(command)}\n{cleared.stderr}"


def start(site, *arguments, fault=""):
    """Start a command in the background."""
    return subprocess.Popen(
        site.local.command(*arguments),
        cwd=ROOT,
        env={**site.local.environ(), VARIABLE: fault},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process, timeout=PATIENCE):
    """Wait for the process; its exit code, output and errors."""
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err
