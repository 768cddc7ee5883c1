"""Without the secret every delivery is refused, whatever scheme, header or spelling is tried."""

import base64
import hmac

import pytest

from pipeline.triggers.webhook.services import RefusedError, read_delivery
from tests.triggers.webhook.signed import SECRET, URLS, delivery, read, sign


@pytest.mark.parametrize("service", URLS)
def test_a_second_secret_may_be_the_one_before(service):
    assert read_delivery(*delivery(service), [b"another-secret-of-today", SECRET]).push.moves


@pytest.mark.parametrize("service", URLS)
def test_a_wrong_missing_or_misplaced_signature_is_refused(service):
    headers, body = delivery(service)
    (name,) = [name for name in headers if "signature" in name or name == "x-gitlab-token"]
    wrong = [
        {**headers, name: headers[name][:-1] + "0"},
        {**headers, name: headers[name].upper()},
        {**headers, name: ""},
        {**headers, name: "sha256="},
        {**headers, name: "é"},
        {key: value for key, value in headers.items() if key != name},
        sign(service, headers, body, b"a secret of somebody else")[0],
        sign(service, headers, body, b"")[0],
    ]
    for each in wrong:
        with pytest.raises(RefusedError, match="signature is missing or wrong") as caught:
            read_delivery(each, body, [SECRET])
        assert caught.value.status == 401
    if service != "GitLab":  # its token covers no body
        with pytest.raises(RefusedError):
            read_delivery(headers, body + b" ", [SECRET])


def test_a_secret_of_any_letters_signs_for_every_service():
    """A header's bytes are compared, not what an alphabet makes of them: GitLab sends the secret itself."""
    secret = "пароль-ключ-für-😀".encode()
    for service in URLS:
        headers, body = sign(service, *delivery(service), secret)
        if service == "GitLab":
            headers["x-gitlab-token"] = secret.decode("latin-1")  # as every server hands over these bytes
        assert read_delivery(headers, body, [secret]).push.moves


@pytest.mark.parametrize("service", URLS)
def test_signatures_of_other_schemes_are_refused(service):
    headers, body = delivery(service)
    (name,) = [name for name in headers if "signature" in name or name == "x-gitlab-token"]
    bare = {key: value for key, value in headers.items() if key != name}
    sha1 = hmac.new(SECRET, body, "sha1").hexdigest()
    signed = hmac.new(SECRET, body, "sha256").hexdigest()
    others = [
        {**bare, "x-hub-signature": f"sha1={sha1}"},
        {**bare, name: f"sha1={sha1}"},
        {**bare, name: f"SHA256={signed}"},
        {**bare, name: f"sha256=sha256={signed}"},
        {**bare, name: f"sha256={signed}, sha256={signed}"},
        {**bare, name: base64.b64encode(bytes.fromhex(signed)).decode()},
        {**bare, name: f"v1,{signed}"},
        {**bare, "authorization": f"Bearer {SECRET.decode()}"},
        {**bare, "webhook-signature": f"v1,{signed}"},
        {**bare, "x-slack-signature": f"v0={signed}"},
    ]
    if service != "GitLab":
        others.append({**bare, "x-gitlab-token": SECRET.decode()})
        others.append({**bare, name: SECRET.decode()})
    for each in others:
        with pytest.raises(RefusedError, match=f"{service.removesuffix('Server')} signature") as caught:
            read_delivery(each, body, [SECRET])
        assert caught.value.status == 401


def test_without_any_secret_nothing_is_accepted():
    for service in URLS:
        with pytest.raises(RefusedError, match="signature"):
            read_delivery(*delivery(service), [])


def test_a_signature_counts_only_in_the_header_of_its_service():
    """A token in GitLab's header must not open GitHub's door, and Gitea is not read as GitHub."""
    headers, body = delivery("GitHub")
    del headers["x-hub-signature-256"]
    with pytest.raises(RefusedError, match="GitHub signature"):
        read_delivery({**headers, "x-gitlab-token": SECRET.decode()}, body, [SECRET])
    assert read("Gitea").service == "Gitea"


@pytest.mark.parametrize("service", URLS)
def test_signatures_are_compared_in_constant_time(service, monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, two: compared.append(1) or real(one, two))
    read_delivery(*delivery(service), [SECRET, b"another secret, never reached?"])
    assert len(compared) == 2, "each secret is compared, also after one that is equal"
