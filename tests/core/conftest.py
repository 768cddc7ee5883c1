"""AWS in this process, for the tests of this room."""

from tests.support.local_aws import mocked_aws, release, stage  # noqa: F401 - fixtures
