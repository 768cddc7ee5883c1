"""Host and path of a repository: the same for each of its addresses."""

import re
import unicodedata
from urllib.parse import unquote

_PLACE = re.compile(
    r"(?P<scheme>[a-z+]+://)?(?:[^@/]*@)?(?P<host>\[[^\]]*\]|[^/:]+)(?::\d+(?=/))?[:/]+(?P<path>.*)",
    re.IGNORECASE,
)
_GIT = re.compile(r"\.git/*$", re.IGNORECASE)


def split_place(url: str) -> tuple[str, str]:
    """Host, in lower case, and path of a URL or scp-like address; both empty if it is neither.

    A path of a URL is percent-encoded, one of an scp-like address is not.
    """
    match = _PLACE.fullmatch(url.strip())
    if match is None:
        return "", ""
    path = unquote(re.split("[?#]", match["path"])[0]) if match["scheme"] else match["path"]
    return match["host"].lower().removesuffix("."), _GIT.sub("", path).strip("/")


def place_of(url: str) -> str:
    """Both together in lower case, to compare: the same for https, ssh and the web page."""
    host, path = split_place(url)
    return unicodedata.normalize("NFC", f"{host}/{path}".lower()) if host else ""
