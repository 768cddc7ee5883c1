"""List the tags of a repository, page by page."""

import re

from pipeline.core.errors import TandemError
from pipeline.registry.documents import parse_object
from pipeline.registry.responses import NOT_FOUND, OK, expect, following
from pipeline.registry.transport import Transport

_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_TAGS_BYTES = 16 << 20
"""Bytes of one answer: some registries list all tags at once."""
_MOST_TAGS, _BARREN = 1_000_000, 3
"""Where the list ends: that many tags, or pages in a row without a new one."""


def list_tags(http: Transport, path: str) -> tuple[str, ...]:
    """All tags of a repository; empty if it does not exist.

    Raises:
        TandemError: the registry refused, did not answer, or its list has no end.
    """
    url, tags, barren = f"/v2/{path}/tags/list?n=1000", dict[str, None](), 0
    while url:
        response = http.request("GET", url, limit=_TAGS_BYTES)
        if response.status == NOT_FOUND:
            return ()
        expect(response, OK, f"cannot list {http.host}/{path}")
        before = len(tags)
        tags |= dict.fromkeys(_tags(response.data, f"the list of tags of {http.host}/{path}"))
        barren = barren + 1 if len(tags) == before else 0
        url = following(response)
        if url and (barren >= _BARREN or len(tags) > _MOST_TAGS):
            raise TandemError(
                f"cannot list {http.host}/{path}: the list of its tags has no end",
                hint="check the registry, and the proxy before it",
            )
    return tuple(tags)


def _tags(content: bytes, what: str) -> list[str]:
    tags = parse_object(content, what).get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise TandemError(f"{what} has something else than tags")
    return [tag for tag in tags if _TAG.fullmatch(tag)]
