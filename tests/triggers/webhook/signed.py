"""The documented deliveries of each service, signed as it signs them."""

import copy
import hashlib
import hmac
import json
from pathlib import Path

from pipeline.core.paths import ROOT
from pipeline.core.settings import Project, load
from pipeline.triggers.webhook.services import read_delivery

SECRET = b"0123456789abcdef-webhook"
BEFORE, AFTER = "28e1879d029cb852e4844d9c718537df08844e03", "bffeb74224043ba2feb48d137756c8a9331c449a"
URLS = {
    "GitHub": "git@github.com:you/site.git",
    "GitLab": "https://token:x@gitlab.example/you/site.git",
    "Gitea": "ssh://git@gitea.example:2222/you/site.git",
    "Bitbucket": "https://bitbucket.org/you/site",
    "BitbucketServer": "ssh://git@bitbucket.example:7999/you/site.git",
}
"""How a project could name the repository."""
_FOLDER = Path(__file__).parent / "deliveries"
_SIGNATURES = {
    "GitHub": ("x-hub-signature-256", "sha256={}"),
    "Gitea": ("x-gitea-signature", "{}"),
    "Bitbucket": ("x-hub-signature", "sha256={}"),
    "BitbucketServer": ("x-hub-signature", "sha256={}"),
}


def delivery(service, change=lambda _: None, **headers):
    """Headers and body of the service's documented push event, after `change` of its values."""
    recorded = json.loads((_FOLDER / f"{service}.json").read_text())
    body = copy.deepcopy(recorded["body"])
    change(body)
    return sign(service, {**recorded["headers"], **headers}, json.dumps(body).encode())


def sign(service, headers, body, secret=SECRET):
    """The same headers with the signature of `body`."""
    if service == "GitLab":
        return {**headers, "x-gitlab-token": secret.decode()}, body
    name, form = _SIGNATURES[service]
    return {**headers, name: form.format(hmac.new(secret, body, hashlib.sha256).hexdigest())}, body


def read(service, change=lambda _: None, **headers):
    """What the program reads of this delivery."""
    return read_delivery(*delivery(service, change, **headers), [SECRET])


def project_with(folder, **repositories):
    """A project in `folder` with these URLs as its sources' repositories."""
    text = (ROOT / "tandem.toml").read_text()
    for source, url in repositories.items():
        text = text.replace(f'"examples/{source}"', f'"{url}"')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tandem.toml").write_text(text)
    project: Project = load(folder)
    return project
