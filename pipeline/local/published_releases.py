"""Copy the local environment's releases, triggers and records to where the API is told to read them.

The local stack keeps them in files, since the control plane's memory does not survive it. An API with
the platform's read-only role finds them where it finds them on AWS: in the platform's bucket and table.
"""

import time
from typing import Any

from moto.backends import get_backend

from pipeline.core.settings import LOCAL
from pipeline.local.api_places import ApiPlaces
from pipeline.local.context import StackContext
from pipeline.local.published_files import PublishedFiles
from pipeline.local.published_records import PublishedRecords
from pipeline.records.build_records import FILE

_SECONDS = 0.5


class PublishedReleases:
    """A part of the stack that keeps bucket and table equal to the files."""

    def __init__(self, context: StackContext) -> None:
        state = context.project.state
        self._context = context
        self._places = ApiPlaces(context.project.settings.name, context.account)
        self._files = {
            "": PublishedFiles(state / LOCAL / "releases"),
            "queue/": PublishedFiles(state / LOCAL / "queue"),
        }
        self._records = PublishedRecords(state / FILE)
        self._next = 0.0

    def reconcile(self) -> None:
        """Copy what changed, and delete the objects whose files are gone."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _SECONDS
        s3 = self._backend("s3", "aws")
        places = self._places.read(s3)
        for folder, files in self._files.items():
            files.publish(s3, places.bucket, places.prefix + folder)
        self._records.publish(self._backend("dynamodb", self._context.region), places.table)

    def _backend(self, service: str, region: str) -> Any:  # noqa: ANN401 - moto's backends differ
        return get_backend(service)[self._context.account][region]  # type: ignore[call-overload]

    def close(self) -> None:
        """Nothing ends."""
