"""AWS in this process, for the tests of this room."""

from hypothesis import settings

from tests.support.local_aws import cloud, control, mocked_aws, release, stage  # noqa: F401 - fixtures
from tests.support.stage_session import session  # noqa: F401 - a fixture

# Machines that run this are shared: a slow example is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
