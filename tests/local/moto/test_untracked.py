"""What the control plane has forgotten takes no memory: a stack serves for days."""

import gc
import weakref

import pytest
from moto.backends import get_backend
from moto.logs.models import LogEvent
from moto.s3.models import s3_backends

from pipeline.local.awslambda.log_stream import LogStream
from pipeline.local.context import ACCOUNT, REGION
from pipeline.local.moto import patches

LINES, KEPT = 5_000, 2_000


@pytest.fixture(autouse=True)
def _only_new_objects():
    """Garbage is looked for among a test's own objects: this process has millions of others."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.slow
def test_old_lines_of_a_log_are_forgotten():
    patches.apply()
    stream = LogStream(ACCOUNT, REGION, "/test/untracked", "1")
    for number in range(LINES):
        stream.line(f"untracked {number}")
    gc.collect()
    living = [each for each in gc.get_objects() if type(each) is LogEvent]
    assert sum(each.message.startswith("untracked ") for each in living) == KEPT
    get_backend("logs")[ACCOUNT][REGION].delete_log_group("/test/untracked")


def test_an_object_that_is_written_again_is_forgotten():
    patches.apply()
    backend = s3_backends[ACCOUNT]["aws"]
    backend.create_bucket("untracked", REGION)
    first = weakref.ref(backend.put_object("untracked", "key", b"1"))
    backend.put_object("untracked", "key", b"2")
    gc.collect()
    assert first() is None
    backend.delete_object("untracked", "key")
    backend.delete_bucket("untracked")
