"""The reserved concurrency fits into what the account has, by Lambda's own rule."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from pipeline.deploy.preflight.function import concurrency
from tests.support.example_releases import PLATFORM, make_release

if TYPE_CHECKING:
    from pipeline.aws.access import Aws


class NotFoundError(Exception):
    """There is no such function."""


@dataclass
class Account:
    """Lambda's answers in an account with `limit`, of which `unreserved` is left; the function has `own`."""

    limit: int
    unreserved: int
    own: int | None = None

    class exceptions:  # noqa: N801 - boto3's name
        ResourceNotFoundException = NotFoundError

    def client(self, _service: str) -> "Account":
        return self

    def get_account_settings(self) -> dict[str, Any]:
        limits = {"ConcurrentExecutions": self.limit, "UnreservedConcurrentExecutions": self.unreserved}
        return {"AccountLimit": limits}

    def get_function_concurrency(self, FunctionName: str) -> dict[str, int]:  # noqa: ARG002, N803 - boto3's
        if self.own is None:
            raise NotFoundError
        return {"ReservedConcurrentExecutions": self.own} if self.own else {}


def findings(account: Account, reserved: int) -> list[str]:
    release = make_release()
    release = replace(release, api=replace(release.api, reserved_concurrency=reserved))
    return [str(finding) for finding in concurrency(cast("Aws", account), PLATFORM, release)]


@pytest.mark.parametrize(
    ("account", "reserved"),
    [
        (Account(10, 10), 0),
        (Account(1000, 1000), 900),
        (Account(1000, 100, own=900), 900),
        (Account(1000, 100, own=0), 0),
    ],
)
def test_a_reservation_that_leaves_enough_passes(account: Account, reserved: int) -> None:
    assert findings(account, reserved) == []


def test_a_new_account_can_reserve_nothing() -> None:
    (finding,) = findings(Account(10, 10), 1)
    assert "leaves 9 of the account's 10; Lambda keeps 10 without a reservation" in finding
    assert "set it to 0 (none is reserved), or raise the quota" in finding
    assert "--service-code lambda --quota-code L-B99A9384 --desired-value 101" in finding


def test_a_hundred_stay_without_a_reservation() -> None:
    (finding,) = findings(Account(1000, 1000), 901)
    assert "leaves 99 of the account's 1000; Lambda keeps 100" in finding
    assert "set it to 900 or less" in finding


def test_what_the_function_has_already_is_not_counted_twice() -> None:
    (finding,) = findings(Account(1000, 100, own=50), 51)
    assert "leaves 99" in finding
    assert "set it to 50 or less" in finding
