"""AWS in this process, for the tests of this room."""

from tests.support.local_aws import cloud, mocked_aws, release  # noqa: F401 - fixtures
