"""Quote words of HAProxy's configuration."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def word(text: str) -> str:
    """Quote one argument, so that HAProxy reads `text` literally."""
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
