"""AWS in this process, for the tests of this room."""

from tests.support.fake_session import session  # noqa: F401 - a fixture
from tests.support.local_aws import cloud, control, mocked_aws, stage  # noqa: F401 - fixtures
