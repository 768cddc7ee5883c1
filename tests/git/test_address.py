"""The address of a repository is shown without its password, or refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import TandemError
from pipeline.core.plain_text import without_credentials
from pipeline.core.values import Source
from pipeline.git import sources
from pipeline.git.address import is_url, parse_address, printable_address
from tests.git.password_server import QUOTED, SECRET
from tests.support.effort import examples
from tests.support.repositories import project_of


@pytest.mark.parametrize(
    ("repository", "url", "user", "password"),
    [
        ("https://example.com/x.git", "https://example.com/x.git", "", None),
        ("https://me:hunter2@example.com/x.git", "https://example.com/x.git", "me", "hunter2"),
        ("https://me:p@ss@example.com:8443/x", "https://example.com:8443/x", "me", "p@ss"),
        (f"http://me:{QUOTED}@example.com/x", "http://example.com/x", "me", SECRET),
        ("https://ghp_token@example.com/x", "https://example.com/x", "ghp_token", None),
        ("https://ghp_token:@example.com/x", "https://example.com/x", "ghp_token", ""),
        ("HTTPS://me:hunter2@Example.com/x", "https://Example.com/x", "me", "hunter2"),
        ("https://me:hunter2@[::1]:80/x", "https://[::1]:80/x", "me", "hunter2"),
        ("https://example.com/@scope/x.git", "https://example.com/@scope/x.git", "", None),
        ("ssh://git@example.com:22/x.git", "ssh://git@example.com:22/x.git", "", None),
        ("git@example.com:you/x.git", "git@example.com:you/x.git", "", None),
        ("file:///srv/x.git", "file:///srv/x.git", "", None),
        ("git://example.com/x", "git://example.com/x", "", None),
        ("/srv/a b/x.git", "/srv/a b/x.git", "", None),
    ],
)
def test_password_is_apart_from_the_url(repository, url, user, password):
    address = parse_address(repository)
    assert (address.url, address.user, address.password) == (url, user, password)
    assert printable_address(repository) == url


@pytest.mark.parametrize(
    "repository",
    [
        *(
            "ssh://git:hunter2@example.com/x",
            "git:hunter2@example.com:x.git",
            "git://me:hunter2@example.com/x",
        ),
        *(
            "https://me:hunter2/3@example.com/x",
            "https://example.com/x.git?token=hunter2",
            "ext::sh -c hunter2",
        ),
        *("https://example.com/x#hunter2", "https://me:hunter2%0Ahost=x@example.com/x", "Ext::hunter2"),
    ],
)
def test_address_that_git_cannot_keep_secret_is_refused(tmp_path, repository):
    assert is_url(repository)
    with pytest.raises(TandemError, match="git cannot be given this repository") as error:
        sources.head(project_of(tmp_path, repository=repository), Source.APP)
    assert "hunter2" not in error.value.message + error.value.hint


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("fatal: https://me:hun@ter2@x/y: no", "fatal: https://x/y: no"),
        ("'ssh://git:hunter2@x/y' and git@x:y", "'ssh://git@x/y' and git@x:y"),
        ("https://x/y.git?token=hunter2&a=b failed", "https://x/y.git?… failed"),
        ("https://one@x https://two@y", "https://x https://y"),
        ("git+ssh://git:hunter2@x ssh+git://git:hunter2@y", "git+ssh://git@x ssh+git://git@y"),
        ("'https://x#hunter2' https://x/?a=://b?hunter2", "'https://x?…' https://x/?…"),
        *((text, text) for text in ("a." * 200_000, "a://" * 100_000, "a" * 200_000, "://a" * 100_000)),
    ],
)
def test_text_of_git_loses_what_is_secret_in_urls(text, result):
    assert without_credentials(text) == result


FORMS = st.sampled_from(["{}", "http://a:{}@h/x", "http://{}@h/x", "ssh://u:{}@h/x"])


@given(st.text(min_size=4, max_size=12), FORMS)
@settings(max_examples=examples(300), deadline=None, derandomize=True)
def test_no_address_shows_a_password_or_fails_unexpectedly(word, form):
    secret = f"Zq{word.replace('/', '')}qZ"
    assert form == "{}" or secret not in outcome(form.format(secret))


def outcome(repository):
    """What people are shown: the address, or why it is refused."""
    try:
        return printable_address(repository)
    except TandemError as error:
        return error.message + error.hint
