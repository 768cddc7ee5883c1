import base64

import pytest

from pipeline.core.errors import TandemError
from pipeline.registry.auth import Authorizer, Credentials, ecr_login, is_ecr

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


class EcrClient:
    def get_authorization_token(self):
        token = base64.b64encode(b"AWS:secret").decode()
        return {"authorizationData": [{"authorizationToken": token}]}


def test_ecr_gives_a_password(monkeypatch):
    asked = []

    def client(aws, name):
        asked.append((aws.region, name))
        return EcrClient()

    monkeypatch.setattr("pipeline.aws.client.Aws.client", client)
    assert Credentials("AWS", "secret") == ecr_login(ECR)
    assert asked == [("eu-central-1", "ecr")], "the region is the registry's, whatever the process's is"


def test_a_secret_never_shows():
    assert "secret" not in repr(Credentials("AWS", "secret"))


def test_ecr_is_told_by_its_name():
    assert is_ecr(ECR)
    assert not is_ecr(f"{ECR}.example.com")
    with pytest.raises(TandemError, match="no ECR registry"):
        ecr_login("example.com")


def test_a_basic_challenge_is_answered_once():
    authorizer = Authorizer(ECR, lambda: Credentials("AWS", "secret"))
    assert authorizer.authorize('Basic realm="x"', None)
    assert authorizer.header == {"Authorization": "Basic QVdTOnNlY3JldA=="}
    assert not authorizer.authorize('Basic realm="x"', None)


def test_a_login_never_goes_over_plain_http():
    authorizer = Authorizer("example.com", None)
    with pytest.raises(TandemError, match="not on HTTPS"):
        authorizer.authorize('Bearer realm="http://example.com/token",service="x"', None)
