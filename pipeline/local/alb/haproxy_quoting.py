"""Write words of HAProxy's configuration so that nothing in them is taken for syntax."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def word(text: str) -> str:
    """One argument, as it stands."""
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else "".join(f"\\x{byte:02x}" for byte in character.encode())


def plain(text: str) -> str:
    """Text for a log-format string, in which `%` begins an expression."""
    return text.replace("%", "%%")
