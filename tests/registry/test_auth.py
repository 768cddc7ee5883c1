import base64
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.core.errors import TandemError
from pipeline.registry.auth import Authorizer, Credentials, ecr_login, is_ecr, scope_of
from pipeline.registry.challenges import parse_challenges

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

    monkeypatch.setattr("pipeline.aws.access.Aws.client", client)
    assert Credentials("AWS", "secret") == ecr_login(ECR)
    assert asked == [("eu-central-1", "ecr")], "the region is the registry's, whatever the process's is"


def test_a_secret_never_shows():
    assert "secret" not in repr(Credentials("AWS", "secret"))


def test_ecr_is_told_by_its_name():
    assert is_ecr(ECR)
    assert not is_ecr(f"{ECR}.example.com")
    with pytest.raises(TandemError, match="no ECR registry"):
        ecr_login("example.com")


SCOPE = scope_of("GET", f"https://{ECR}/v2/some/manifests/1")


def test_a_basic_challenge_is_answered_once():
    authorizer = Authorizer(ECR, lambda: Credentials("AWS", "secret"))
    assert authorizer.authorize(SCOPE, ['Basic realm="x"'], "")
    assert authorizer.header(SCOPE) == "Basic QVdTOnNlY3JldA=="
    assert not authorizer.authorize(SCOPE, ['Basic realm="x"'], authorizer.header(SCOPE))


def test_a_login_never_goes_over_plain_http():
    authorizer = Authorizer("example.com", None)
    with pytest.raises(TandemError, match="not on HTTPS"):
        authorizer.authorize(SCOPE, ['Bearer realm="http://example.com/token",service="x"'], "")


def test_the_password_of_ecr_goes_to_no_token_service():
    authorizer = Authorizer(ECR, lambda: Credentials("AWS", "secret"))
    with pytest.raises(TandemError, match="refused to send the password"):
        authorizer.authorize(SCOPE, ['Bearer realm="https://example.com/token"'], "")


def test_one_of_many_threads_logs_in_and_all_go_on():
    logins = []

    def login():
        time.sleep(0.05)
        logins.append(1)
        return Credentials("AWS", "secret")

    authorizer = Authorizer(ECR, login)
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda _: authorizer.authorize(SCOPE, ["Basic"], ""), range(20)))
    assert done == [True] * 20
    assert len(logins) == 1


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (['Basic realm="x"'], [("basic", {"realm": "x"})]),
        (
            ['Basic realm="a, b", Bearer realm="https://t/x?y=1",scope="repository:a:pull,push"'],
            [
                ("basic", {"realm": "a, b"}),
                ("bearer", {"realm": "https://t/x?y=1", "scope": "repository:a:pull,push"}),
            ],
        ),
        (
            ["Basic", "Bearer realm=https://t/x , service=r"],
            [("basic", {}), ("bearer", {"realm": "https://t/x", "service": "r"})],
        ),
        (['BEARER Realm="a\\"b"'], [("bearer", {"realm": 'a"b'})]),
        (["Negotiate, Basic"], [("negotiate", {}), ("basic", {})]),
        (["", ", ,", "=", '"'], []),
    ],
)
def test_challenges_are_read_as_registries_write_them(headers, expected):
    assert [(each.scheme, each.parameters) for each in parse_challenges(headers)] == expected
