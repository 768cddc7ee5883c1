"""Changes of the sources that break what is built from them; each is taken back afterwards."""

from contextlib import contextmanager

from pipeline.git.command import run_git
from tests.e2e.stack import WHO


@contextmanager
def changed(site, source, path, change):
    """`path` of `source` as `change` makes it, while the block runs; what it was comes back."""
    file = site.clone(source) / path
    before = file.read_text()
    after = change(before)
    assert after != before
    site.commit(source, path, after)
    try:
        yield
    finally:
        # Committed, not reset: a release must not be able to meet the very commits of before.
        site.commit(source, path, before)


def _replaced(old, new):
    return lambda text: text.replace(old, new, 1)


def refused_by_nginx(site):
    """A configuration that nginx does not take."""
    return changed(site, "app", "nginx.conf", _replaced("sendfile on;", "sendfile perhaps;"))


def refused_at_start(site):
    """A configuration that passes the build, and needs to write where a task may not."""
    return changed(site, "app", "nginx.conf", _replaced("pid /tmp/nginx.pid;", "pid /var/lib/nginx.pid;"))


def crash_at_start(site):
    """An app that passes its build and ends as soon as it starts."""
    bad = "echo 'refused to start' >&2\n    exit 3\n    exec nginx"
    return changed(site, "app", "entrypoint.sh", _replaced("exec nginx", bad))


def never_healthy(site):
    return changed(site, "app", "nginx.conf", _replaced('return 200 "ok\\n";', "return 503;"))


def fails_visitors_only(site):
    """Healthy by its own check, while no page is served."""
    bad = "return 500;\n            try_files $uri"
    return changed(site, "app", "nginx.conf", _replaced("try_files $uri", bad))


def api_that_crashes(site):
    return changed(site, "api", "main.py", lambda text: f"{text}\nraise RuntimeError('no catalogue')\n")


def api_that_hangs(site):
    sleep = "    import time\n\n    time.sleep(60)\n    return {"
    return changed(site, "api", "catalogue/web.py", _replaced("    return {", sleep))


def api_that_answers_too_much(site):
    more = '"padding": "x" * 1_200_000, "version"'
    return changed(site, "api", "catalogue/web.py", _replaced('"version"', more))


def api_that_fails_visitors_only(site):
    """Well when it is probed, broken when the load balancer's visitors come."""
    bad = (
        "_handle = Mangum(app, lifespan='off')\n\n\n"
        "def handler(event, context):\n"
        "    if not event['headers'].get('user-agent', '').startswith('Tandem-Probe'):\n"
        "        raise RuntimeError('not for visitors')\n"
        "    return _handle(event, context)\n"
    )
    return changed(site, "api", "main.py", _replaced('handler = Mangum(app, lifespan="off")\n', bad))


@contextmanager
def emptied(site):
    """The content repository without a single file."""
    clone = str(site.clone("static"))
    run_git("-C", clone, "rm", "-r", "--quiet", ".")
    run_git("-C", clone, *WHO, "commit", "--quiet", "-m", "Remove everything")
    site.hand_over("static")
    try:
        yield
    finally:
        run_git("-C", clone, *WHO, "revert", "--no-edit", "HEAD")
        site.hand_over("static")


_DATA = """ARG BASE
FROM ${BASE}
%s
VOLUME /srv/static
USER 101:101
CMD ["%s"]
"""


@contextmanager
def data_image(site, *, copies, command):
    """A content repository that brings a Dockerfile of its own."""
    file = site.local.project.root / "tandem.toml"
    before = file.read_text()
    own = before.replace('# builder = "layers"', 'builder = "docker" #').replace(
        'repository = "examples/static"', 'repository = "examples/static"\ndockerfile = "Dockerfile"'
    )
    site.commit("static", "Dockerfile", _DATA % ("COPY . /srv/static/" if copies else "", command))
    file.write_text(own)
    try:
        yield
    finally:
        file.write_text(before)
        (site.clone("static") / "Dockerfile").unlink()
        site.change("static")


def without_content(site):
    return data_image(site, copies=False, command="true")


def exits_with_1(site):
    return data_image(site, copies=True, command="false")
