"""ELBv2's wildcards as regular expressions that both Python and HAProxy understand."""

_SPECIAL = frozenset(r".^$*+?{}[]\|()")


def _literal(character: str) -> str:
    return "\\" + character if character in _SPECIAL else character


def wildcard(pattern: str, one: str = ".", *, escapes: bool = False) -> str:
    """`*` is any characters, `?` exactly one, all else itself.

    `one` is the expression for one character; with `escapes` a backslash makes `*` and `?` plain.
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


def whole(pattern: str) -> str:
    """The expression for a whole path or header value."""
    return f"^{wildcard(pattern)}$"


def host(pattern: str) -> str:
    """The expression for a Host header; the port is no part of the host."""
    return f"^{wildcard(pattern)}(:[0-9]+)?$"


def parameter(key: str | None, value: str) -> str:
    """The expression for a query string that has this parameter (any, without `key`)."""
    name = "[^=&]*" if key is None else wildcard(key, "[^=&]", escapes=True)
    wanted = wildcard(value, "[^&]", escapes=True)
    # A parameter without `=` has the empty value.
    empty = "" if value.strip("*") else "?"
    content = f"(={wanted}){empty}" if empty else f"={wanted}"
    return f"(^|&){name}{content}(&|$)"
