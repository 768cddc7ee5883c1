"""An RDS Proxy of Tandem's own is replaced, and gives way to one that exists: one apply settles each."""

import pytest

from tests.modules.account import Account
from tests.modules.block import apply_and_settle, create_existing_resources
from tests.modules.switches import DATABASE_USER

pytestmark = [pytest.mark.terraform, pytest.mark.applied]


def test_its_target_and_the_rules_of_the_firewall_follow(account: Account) -> None:
    existing = create_existing_resources()
    group = existing.database
    own = {"engine": "mysql", "instance": "shop", "user": "app", "security_group_id": group}
    other = {"user_arn": DATABASE_USER, "security_group_id": group}
    made = {"api_vpc": True, "database_proxy": own}
    apply_and_settle(account.platform(**made, zones=2))
    # Other subnets: the proxy is replaced, and has the same name.
    apply_and_settle(account.platform(**made, zones=3))
    apply_and_settle(account.platform(api_vpc=True, database=other, zones=3))
    apply_and_settle(account.platform(**made, zones=3))
