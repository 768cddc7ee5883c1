"""AWS in this process, for the tests of this room."""

from tests.support.local_aws import control, release, stage  # noqa: F401 - fixtures
