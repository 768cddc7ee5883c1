"""Make the environment that pip runs in: the user's package index, and nothing else of the user's."""

import ast
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pipeline.core.child_process import ChildTimeoutError, Limits, run_child

_INDEX_SETTINGS = (
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host"),
    *("cert", "client-cert", "proxy", "timeout", "default-timeout", "retries"),
)
_INHERITED = (
    *("PATH", "TMPDIR", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
)
_SECTIONS = ("global", "install", ":env:")
"""In pip's order: a later one wins."""
_LIST = Limits(total=60)


def pip_environment(home: Path) -> dict[str, str]:
    """The environment for pip with `home`, an empty folder, as the user's home.

    No AWS key, no token and no configuration file of the user gets there. What the user has set for the
    package index stays, whether in pip's configuration files or in variables; an index's own password is
    part of its URL.
    """
    names = {*_INHERITED, *map(str.lower, _INHERITED)}
    inherited_variables = {key: value for key, value in os.environ.items() if key in names}
    settings = {f"PIP_{key.upper().replace('-', '_')}": value for key, value in _settings().items()}
    fixed_variables = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_KEYRING_PROVIDER": "disabled",
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
    }
    return {**inherited_variables, **settings, **fixed_variables}


def _settings() -> Mapping[str, str]:
    """What pip is set to for the index on this machine."""
    try:
        listing = run_child(
            [sys.executable, "-m", "pip", "config", "list"],
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
            limits=_LIST,
        )
    except ChildTimeoutError:
        return {}
    settings = dict(_parse(listing.stdout.decode(errors="replace")))
    return {
        key: settings[section, key]
        for section in _SECTIONS
        for key in _INDEX_SETTINGS
        if (section, key) in settings
    }


def _parse(listing: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Section, key and value of each line of `pip config list`, which is SECTION.KEY=PYTHON_STRING."""
    for line in listing.splitlines():
        name, equals, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if equals:
            with suppress(ValueError, SyntaxError):
                yield (section, key), str(ast.literal_eval(value))
