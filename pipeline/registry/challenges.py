"""Read the challenges of a 401 answer (RFC 9110, 11.6.1), of which one header may have several."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"  # noqa: S105 - the grammar's word
_PARAMETER = re.compile(rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_SCHEME = re.compile(rf"({_TOKEN})(?=\s|,|$)")
_BETWEEN = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class Challenge:
    """One way to log in; scheme and names of parameters are in lower case."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_challenges(headers: Iterable[str]) -> list[Challenge]:
    """The challenges of all `WWW-Authenticate` headers, in their order; what cannot be read is left out."""
    challenges = list[Challenge]()
    for header in headers:
        position = 0
        while position < len(header):
            if match := _BETWEEN.match(header, position):
                pass
            elif match := _PARAMETER.match(header, position):
                if challenges:
                    value = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
                    challenges[-1].parameters.setdefault(match[1].lower(), value)
            elif match := _SCHEME.match(header, position):
                challenges.append(Challenge(match[1].lower()))
            position = match.end() if match else position + 1
    return challenges
