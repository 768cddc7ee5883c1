"""Put foreign text into HAProxy's configuration: quoted, or checked where HAProxy takes no quotes."""

import ipaddress
import re

from pipeline.core.errors import TandemError

_ESCAPES = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LONGEST = 1 << 31


def word(text: str) -> str:
    """Quote one argument, so that HAProxy reads `text` literally.

    Raises:
        TandemError: it holds a NUL, which ends HAProxy's texts, or is not Unicode.
    """
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _refused("text", text)
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else "".join(f"\\x{byte:02x}" for byte in character.encode())


def plain(text: str) -> str:
    """Escape text for a log-format string, in which `%` begins an expression."""
    return text.replace("%", "%%")


def call(function: str, name: str) -> str:
    """A call of one of HAProxy's functions, such as `req.hdr`, with the name of a header or cookie."""
    return word(f'{function}("{token(name)}")')


def token(text: str) -> str:
    """The name of a header or cookie, unquoted.

    Raises:
        TandemError: it is not a token of HTTP (RFC 9110), the only form that a name may have.
    """
    if not _TOKEN.fullmatch(text):
        raise _refused("name", text)
    return text


def whole_number(text: object) -> int:
    """A number of the configuration, which is written without quotes.

    Raises:
        TandemError: it is not a whole number that HAProxy can hold.
    """
    digits = str(text)
    if not re.fullmatch(r"[0-9]{1,10}", digits) or int(digits) >= _LONGEST:
        raise _refused("number", digits)
    return int(digits)


def server_address(host: str) -> str:
    """A server's IP address, in the form that HAProxy's configuration and commands take.

    Raises:
        TandemError: the host is not an IP address.
    """
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        raise _refused("target", host) from None
    if "%" in host:
        raise _refused("target", host)
    return f"[{ip}]" if ip.version == 6 else str(ip)  # noqa: PLR2004 - IPv6


def _refused(kind: str, text: str) -> TandemError:
    excerpt = repr(text[:100]).encode("ascii", "backslashreplace").decode()
    return TandemError(f"the local load balancer takes no {kind} such as {excerpt}")
