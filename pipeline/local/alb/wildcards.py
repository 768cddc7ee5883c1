"""ELBv2's wildcard patterns as regular expressions for Python and HAProxy."""

_SPECIAL = frozenset(r".^$*+?{}[]\|()")


def _literal(character: str) -> str:
    return "\\" + character if character in _SPECIAL else character


def wildcard(pattern: str, one: str = ".", *, escapes: bool = False) -> str:
    """Translate a pattern: `*` matches any characters, `?` one character.

    `one` is the expression for one character; with `escapes`, a backslash before `*` or `?` makes it literal.
    """
    out, rest = [], iter(pattern)
    for character in rest:
        if character == "\\" and escapes:
            out.append(_literal(next(rest, "\\")))
        elif character == "*":
            out.append(f"{one}*")
        elif character == "?":
            out.append(one)
        else:
            out.append(_literal(character))
    return "".join(out)


def full_value(pattern: str) -> str:
    """The expression for a whole path or header value."""
    return f"^{wildcard(pattern)}$"


def host(pattern: str) -> str:
    """The expression for a Host header, with or without a port."""
    return f"^{wildcard(pattern)}(:[0-9]+)?$"


def parameter(key: str | None, value: str) -> str:
    """The expression for a query string with this parameter; `key` None matches every key."""
    name = "[^=&]*" if key is None else wildcard(key, "[^=&]", escapes=True)
    expression = wildcard(value, "[^&]", escapes=True)
    # A parameter without `=` has an empty value.
    empty = "" if value.strip("*") else "?"
    content = f"(={expression}){empty}" if empty else f"={expression}"
    return f"(^|&){name}{content}(&|$)"
