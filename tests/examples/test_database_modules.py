"""The example of an API with a database fetches secrets once, and has one pool for each process."""

import importlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from pipeline.core.paths import ROOT

EXAMPLE = ROOT / "examples" / "api-database"


@pytest.fixture(scope="module")
def modules():
    names = ("credentials", "database")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLE)
        for name in names:
            patch.delitem(sys.modules, name, raising=False)
        yield importlib.import_module
        for name in names:
            sys.modules.pop(name, None)


def test_an_instance_of_a_function_needs_one_connection(modules, monkeypatch):
    assert modules("database").most_connections() == 10
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "api")
    assert modules("database").most_connections() == 1
    monkeypatch.setenv("DATABASE_CONNECTIONS", "3")
    assert modules("database").most_connections() == 3


def test_the_first_requests_at_once_share_one_pool(modules, monkeypatch):
    database, made = modules("database"), []

    class SlowPool:
        def __init__(self, **_):
            time.sleep(0.05)
            made.append(self)

        check_connection = None

        @contextmanager
        def connection(self):
            yield self

    monkeypatch.setattr(database, "ConnectionPool", SlowPool)
    database._pool.cache_clear()

    def request(_):
        with database.connection() as used:
            return used

    with ThreadPoolExecutor(8) as pool:
        used = set(pool.map(request, range(8)))
    database._pool.cache_clear()
    assert used == set(made)
    assert len(made) == 1


class Secrets:
    """Secrets Manager with one secret."""

    def __init__(self):
        self.asked, self.value = 0, "first"

    def get_secret_value(self, SecretId):  # noqa: N803 - AWS's name
        assert SecretId == "arn:secret"
        self.asked += 1
        time.sleep(0.01)
        if self.value is None:
            raise OSError("no answer")
        return {"SecretString": self.value}


@pytest.fixture
def secrets(modules, monkeypatch):
    credentials, made = modules("credentials"), Secrets()
    credentials._cached_secret.cache_clear()
    monkeypatch.setattr(credentials, "_client", lambda _: made)
    monkeypatch.setenv("DATABASE_PASSWORD_ARN", "arn:secret")
    return made


def test_many_requests_fetch_a_secret_once(modules, secrets):
    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(lambda _: modules("credentials").password(), range(8)))
    assert (values, secrets.asked) == ({"first"}, 1)


def test_a_rotated_secret_is_read_after_a_while(modules, secrets, monkeypatch):
    password, began = modules("credentials").password, time.monotonic()
    assert password() == "first"
    secrets.value = "second"
    assert password() == "first"
    monkeypatch.setattr(time, "monotonic", lambda: began + 400)
    assert password() == "second"


def test_a_value_stays_while_the_secret_cannot_be_read(modules, secrets, monkeypatch):
    password, began = modules("credentials").password, time.monotonic()
    assert password() == "first"
    secrets.value = None
    monkeypatch.setattr(time, "monotonic", lambda: began + 400)
    assert (password(), password(), secrets.asked) == ("first", "first", 2)


def test_a_secret_that_was_never_read_is_an_error(modules, secrets):
    secrets.value = None
    with pytest.raises(OSError, match="no answer"):
        modules("credentials").password()


def test_without_a_password_the_database_proxy_gets_a_token(modules, monkeypatch):
    more = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    for name, value in {
        "DATABASE_HOST": "db",
        "DATABASE_PORT": "5432",
        "DATABASE_USER": "api",
        **more,
    }.items():
        monkeypatch.setenv(name, value)
    modules("credentials")._client.cache_clear()
    token = modules("credentials").password()
    assert token.startswith("db:5432/?Action=connect&DBUser=api&")
    assert "X-Amz-Expires=900" in token
