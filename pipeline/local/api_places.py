"""Where the platform tells the API that the releases and the records are: an output of Terraform."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pipeline.aws.state_bucket import bucket_name
from pipeline.core.settings import LOCAL

_STATE = "platform.tfstate"


@dataclass(frozen=True)
class Places:
    """Bucket and prefix of the releases, and the records' table; all empty if the API may not read them."""

    bucket: str = ""
    prefix: str = ""
    table: str = ""


class ApiPlaces:
    """Reads the places from Terraform's state of the platform, again whenever the state changes."""

    def __init__(self, name: str, account: str) -> None:
        self._bucket = bucket_name(name, LOCAL, account)
        self._state: object = None
        self._places = Places()

    def read(self, s3: Any) -> Places:  # noqa: ANN401 - moto's backend
        """The places now."""
        state = s3.get_object(self._bucket, _STATE) if self._bucket in s3.buckets else None
        if state is not self._state:
            # A new state is a new object.
            self._places = _places(state.value) if state else Places()
            self._state = state
        return self._places


def _places(state: bytes) -> Places:
    try:
        variables = json.loads(state)["outputs"]["api_environment"]["value"]
    except (ValueError, KeyError):
        return Places()  # not applied yet, or destroyed
    url = urlsplit(variables.get("TANDEM_RELEASES", ""))
    return Places(url.netloc, url.path.lstrip("/"), variables.get("TANDEM_RECORDS", ""))
