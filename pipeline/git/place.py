"""Host and path of a repository: the same for each of its addresses."""

import re

_PLACE = re.compile(r"(?:[a-z+]+://)?(?:[^@/]*@)?(\[[^\]]*\]|[^/:]+)(?::\d+(?=/))?[:/]+(.*)", re.IGNORECASE)


def split_place(url: str) -> tuple[str, str]:
    """Host, in lower case, and path of a URL or scp-like address; both empty if it is neither."""
    match = _PLACE.fullmatch(url.strip())
    return (match[1].lower(), match[2].strip("/").removesuffix(".git")) if match else ("", "")


def place_of(url: str) -> str:
    """Both together in lower case, to compare: the same for https, ssh and the web page."""
    host, path = split_place(url)
    return f"{host}/{path}".lower() if host else ""
