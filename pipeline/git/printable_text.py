"""Make text that comes from commits safe to print: subjects, paths and the targets of links."""

_JOINERS = frozenset("\u200c\u200d")
"""Parts of words and emoji, although Unicode calls them format characters."""
_MOST_CHARACTERS = 300


def printable(text: str, most: int = _MOST_CHARACTERS) -> str:
    """`text` on one line, without control characters, cut to `most` characters.

    A terminal obeys control characters: a commit's subject could set its title or fill its clipboard.
    """
    line = "".join(map(_printable, text[:most]))
    return f"{line}…" if len(text) > most else line


def _printable(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else "?"
