"""Parse where a repository is: what git is told, what people are shown, and the password apart from both."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from pipeline.core.errors import TandemError
from pipeline.core.plain_text import without_credentials
from pipeline.git.printable_text import printable

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(.*)", re.DOTALL)
_SCP = re.compile(r"([^/@:\s]+)(:[^/@\s]*)?@([\w.-]+|\[[0-9A-Fa-f:]+\]):(?!//)(.*)", re.DOTALL)
_HOST = re.compile(
    r"(?P<user>git@)?(?P<host>[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,})(?P<colon>[:/])(?P<path>[\w.~-][\w./~-]*)",
    re.ASCII,
)
_HELPER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*::")
_WEB = frozenset({"http", "https"})
_SHORTEST_SECRET = 4
_HINT = "correct `repository` in tandem.toml"
# git runs it with `sh -c`: the process list shows this text, which holds names of variables only.
_CREDENTIAL_HELPER = (
    "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' "
    '"$TANDEM_GIT_USER" "$TANDEM_GIT_PASSWORD"; }; f'
)


@dataclass(frozen=True)
class Address:
    """A path or URL of a repository without its password, which `variables` hands to git."""

    url: str
    """For git's command line and files: without user or password, but for the user of an ssh address."""
    user: str = ""
    password: str | None = None
    secrets: tuple[str, ...] = ()
    """Spellings of user and password, to be removed from what git prints."""

    @property
    def is_secure(self) -> bool:
        """Whether it is an address with https, which no redirect may leave."""
        return self.url.startswith("https://")

    def redact(self, text: str) -> str:
        """`text` without the secrets of this address and of any URL in it."""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return without_credentials(text)

    def variables(self, count: int) -> dict[str, str]:
        """Environment variables that give git the password, after `count` settings that it has already.

        Only requests to the address's own host get it, and no other credential helper stores it.
        """
        scope = "/".join(self.url.split("/")[:3])
        if self.password is None:
            settings = [(f"credential.{scope}.username", self.user)] if self.user else []
            secret = {}
        else:
            settings = [(f"credential.{scope}.helper", value) for value in ("", _CREDENTIAL_HELPER)]
            secret = {"TANDEM_GIT_USER": self.user, "TANDEM_GIT_PASSWORD": self.password}
        if not settings:
            return {}
        keys = {f"GIT_CONFIG_KEY_{i}": key for i, (key, _) in enumerate(settings, count)}
        values = {f"GIT_CONFIG_VALUE_{i}": value for i, (_, value) in enumerate(settings, count)}
        return {**keys, **values, **secret, "GIT_CONFIG_COUNT": str(count + len(settings))}


def is_url(repository: str) -> bool:
    """Whether `repository` is a URL or an scp-like address rather than a path."""
    return any(form.match(repository) for form in (_URL, _SCP, _HELPER))


def likely_address(path: str) -> str:
    """The address that was probably meant by a `path` that does not exist; empty if none is likely."""
    host = _HOST.fullmatch(path)
    if host:
        by_ssh = host["user"] or host["colon"] == ":"
        return f"git@{host['host']}:{host['path']}" if by_ssh else f"https://{host['host']}/{host['path']}"
    return path.replace("\\", "/") if "\\" in path else ""


def parse_address(repository: str) -> Address:
    """Read the path or URL of a repository.

    Raises:
        TandemError: It is no address that git may be told; the message shows no password.
    """
    if match := _URL.fullmatch(repository):
        return _url(match[1].lower(), match[2], match[3], match[4])
    if match := _SCP.fullmatch(repository):
        _refuse_if(
            bool(match[2]), f"ssh address {match[1]}@{match[3]}:… has a password: ssh takes none from it"
        )
        return Address(repository)
    _refuse_if(_HELPER.match(repository) is not None, "address has ::, which runs a program")
    return Address(repository)


def printable_address(repository: str) -> str:
    """The path or URL for messages, without user (but for ssh) and password."""
    return printable(parse_address(repository).url)


def _url(scheme: str, authority: str, path: str, query: str) -> Address:
    before, at, host = authority.rpartition("@")
    name, colon, password = before.partition(":")
    _refuse_if(bool(query), f"{scheme} address of {host} has a query or fragment, which is not secret")
    _refuse_if(
        not at and "@" in path and not re.fullmatch(r"(.*:)?\d*|[^:]*|\[.*\](:\d*)?", host),
        f"{scheme} address has a password with a character that must be percent-encoded",
    )
    if scheme not in _WEB:
        _refuse_if(bool(colon), f"address of {host} has a password, which {scheme} takes from none")
        return Address(f"{scheme}://{authority}{path}")
    url, user, word = f"{scheme}://{host}{path}", unquote(name), unquote(password)
    _refuse_if(not (user + word).isprintable(), f"address {url} has a control character before its @")
    spellings = {before, name, password, user, word} if at else set[str]()
    secrets = sorted((text for text in spellings if len(text) >= _SHORTEST_SECRET), key=len, reverse=True)
    return Address(url, user, word if colon else None, tuple(secrets))


def _refuse_if(condition: bool, why: str) -> None:  # noqa: FBT001 - reads as a sentence
    if condition:
        raise TandemError(f"git cannot be given this repository: the {printable(why)}", hint=_HINT)
