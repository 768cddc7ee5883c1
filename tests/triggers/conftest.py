"""AWS in this process, for the tests of this room."""

from tests.support.local_aws import cloud, control, mocked_aws, release, stage  # noqa: F401 - fixtures
from tests.support.queued_pushes import queue  # noqa: F401 - a fixture
from tests.support.stage_session import session  # noqa: F401 - a fixture
