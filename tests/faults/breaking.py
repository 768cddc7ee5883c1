"""Changes of the sources that break the images built from them; each is reverted afterwards."""

from contextlib import contextmanager

from pipeline.git.command import run_git
from tests.e2e.stack import WHO


@contextmanager
def changed(site, source, path, change):
    """Commit a changed `path` of `source`, and its former text when the block ends."""
    file = site.clone(source) / path
    before = file.read_text()
    after = change(before)
    assert after != before
    site.commit(source, path, after)
    try:
        yield
    finally:
        # A new commit, no reset: a release must not meet the commits of an earlier release again.
        site.commit(source, path, before)


@contextmanager
def _settings(site, changes):
    """Replace these texts of tandem.toml while the block runs."""
    file = site.local.project.root / "tandem.toml"
    before = after = file.read_text()
    for old, new in changes.items():
        assert old in after
        after = after.replace(old, new)
    file.write_text(after)
    try:
        yield
    finally:
        file.write_text(before)


def _replaced(old, new):
    return lambda text: text.replace(old, new, 1)


def refused_by_nginx(site):
    """A configuration that `nginx -t` refuses."""
    return changed(site, "app", "nginx.conf", _replaced("sendfile on;", "sendfile perhaps;"))


def refused_at_start(site):
    """A configuration that passes the build and writes to the read-only root."""
    return changed(site, "app", "nginx.conf", _replaced("pid /tmp/nginx.pid;", "pid /var/lib/nginx.pid;"))


def crash_at_start(site):
    """An app that passes its build and exits when it starts."""
    bad = "echo 'refused to start' >&2\n    exit 3\n    exec nginx"
    return changed(site, "app", "entrypoint.sh", _replaced("exec nginx", bad))


def never_healthy(site):
    return changed(site, "app", "nginx.conf", _replaced('return 200 "ok\\n";', "return 503;"))


def fails_visitors_only(site):
    """An app whose health check passes while every page is a 500."""
    bad = "return 500;\n            try_files $uri"
    return changed(site, "app", "nginx.conf", _replaced("try_files $uri", bad))


def api_that_crashes(site):
    return changed(site, "api", "main.py", lambda text: f"{text}\nraise RuntimeError('no catalogue')\n")


def api_that_hangs(site):
    sleep = "    import time\n\n    time.sleep(60)\n    return {"
    return changed(site, "api", "application.py", _replaced("    return {", sleep))


def api_that_answers_too_much(site):
    more = '"padding": "x" * 1_200_000, "version"'
    return changed(site, "api", "application.py", _replaced('"version"', more))


@contextmanager
def api_that_fails_visitors_only(site):
    """An API that answers probes and fails all other requests.

    In the second for which the stack's canary is watched, its tenth of the visitors may be nobody.
    """
    bad = (
        "_handle = Mangum(app, lifespan='off')\n\n\n"
        "def handler(event, context):\n"
        "    agent = event['multiValueHeaders'].get('user-agent', [''])[0]\n"
        "    if not agent.startswith('Tandem-Probe'):\n"
        "        raise RuntimeError('not for visitors')\n"
        "    return _handle(event, context)\n"
    )
    broken = _replaced('handler = Mangum(app, lifespan="off")\n', bad)
    with (
        _settings(site, {"canary_seconds = 1 ": "canary_seconds = 5 "}),
        changed(site, "api", "main.py", broken),
    ):
        yield


@contextmanager
def emptied(site):
    """Empty the content repository while the block runs."""
    clone = str(site.clone("static"))
    run_git("-C", clone, "rm", "-r", "--quiet", ".")
    run_git("-C", clone, *WHO, "commit", "--quiet", "-m", "Remove everything")
    site.push_without_hook("static")
    try:
        yield
    finally:
        run_git("-C", clone, *WHO, "revert", "--no-edit", "HEAD")
        site.push_without_hook("static")


_DATA = """ARG BASE
FROM ${BASE}
%s
VOLUME /srv/static
USER 101:101
CMD ["%s"]
"""


@contextmanager
def data_image(site, *, copies, command):
    """Build the static image from a Dockerfile of its source while the block runs."""
    own = {
        '# builder = "layers"': 'builder = "docker" #',
        'repository = "examples/static"': 'repository = "examples/static"\ndockerfile = "Dockerfile"',
    }
    site.commit("static", "Dockerfile", _DATA % ("COPY . /srv/static/" if copies else "", command))
    try:
        with _settings(site, own):
            yield
    finally:
        (site.clone("static") / "Dockerfile").unlink()
        site.change("static")


def without_content(site):
    return data_image(site, copies=False, command="true")


def exits_with_1(site):
    return data_image(site, copies=True, command="false")
