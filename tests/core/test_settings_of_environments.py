"""Settings name environments: no two would have the same names in AWS."""

import pytest

from pipeline.core.errors import TandemError


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-northwest-1", "us-isob-east-1", "eusc-de-east-1"])
def test_a_region_of_any_partition_is_taken(read, region):
    settings = read(f'name = "internals"\n[environments.prod]\nregion = "{region}"\n')
    assert settings.environments["prod"].region == region


def _two(first: str, second: str, accounts: tuple[str, str]) -> str:
    tables = zip((first, second), accounts, strict=True)
    return "".join(
        f'[environments.{name}]\nregion = "eu-central-1"\n'
        + (f'account_id = "{account}"\n' if account else "")
        for name, account in tables
    )


@pytest.mark.parametrize("suffix", ["api", "run"])
@pytest.mark.parametrize("accounts", [("1" * 12, "1" * 12), ("", ""), ("1" * 12, ""), ("", "1" * 12)])
def test_environments_of_one_account_with_the_same_names_are_refused(read, suffix, accounts):
    """Both would have a role NAME-prod-api-task, or a family NAME-prod-run."""
    for first, second in (("prod", f"prod-{suffix}"), (f"prod-{suffix}", "prod")):
        with pytest.raises(TandemError, match=f"environments: .*prod-{suffix} would have names that prod"):
            read(_two(first, second, accounts))


@pytest.mark.parametrize(
    ("first", "second", "accounts"),
    [
        ("prod", "prod-api", ("1" * 12, "2" * 12)),
        ("prod", "prod-eu", ("", "")),
        ("api", "run", ("", "")),
        ("staging", "prod-api", ("", "")),
    ],
)
def test_environments_with_names_of_their_own_are_taken(read, first, second, accounts):
    assert set(read(_two(first, second, accounts)).environments) == {first, second}
