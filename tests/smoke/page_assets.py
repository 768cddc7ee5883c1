"""The files that a browser loads with a page, as far as the site itself serves them."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_LOADED = {"script": "src", "img": "src", "source": "src", "video": "src", "audio": "src", "link": "href"}
"""By element: the attribute that names a file to load. A link to another page is none."""
_RELATIONS = frozenset({"stylesheet", "icon", "preload", "modulepreload", "manifest"})


class _Files(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get(_LOADED.get(tag, ""), "")
        if name and (tag != "link" or _RELATIONS & set(values.get("rel", "").lower().split())):
            self.names.append(name)


def assets(page: str, url: str) -> Iterator[str]:
    """The paths of the files that `page`, at `url`, loads from its own site, in the page's order."""
    files = _Files()
    files.feed(page)
    for name in files.names:
        target = urlsplit(urljoin(url, name))
        if target[:2] == urlsplit(url)[:2]:
            yield target.path
