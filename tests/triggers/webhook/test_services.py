"""Push events of each service are read from their documented payloads, if their signature is right."""

import hmac
from urllib.parse import urlencode

import pytest

from pipeline.core.values import Source
from pipeline.git.place import place_of
from pipeline.triggers.webhook.services import RefusedError, moved_sources, read_delivery
from tests.triggers.webhook.signed import AFTER, BEFORE, SECRET, URLS, delivery, project_with, sign


def read(service, change=lambda _: None, **headers):
    return read_delivery(*delivery(service, change, **headers), [SECRET])


@pytest.mark.parametrize("service", URLS)
def test_a_documented_push_names_who_moved_what(service, tmp_path):
    push = read(service).push
    assert push.by == "alice"
    project = project_with(tmp_path, app=URLS[service])
    assert moved_sources(project, push) == {Source.APP: (BEFORE, AFTER)}


@pytest.mark.parametrize("service", URLS)
def test_a_second_secret_may_be_the_one_before(service):
    assert read_delivery(*delivery(service), [b"another-secret-of-today", SECRET]).push.moves


@pytest.mark.parametrize("service", URLS)
def test_a_wrong_missing_or_misplaced_signature_is_refused(service):
    headers, body = delivery(service)
    (name,) = [name for name in headers if "signature" in name or name == "x-gitlab-token"]
    wrong = [
        {**headers, name: headers[name][:-1] + "0"},
        {**headers, name: headers[name].upper()},
        {**headers, name: ""},
        {**headers, name: "sha256="},
        {**headers, name: "é"},
        {key: value for key, value in headers.items() if key != name},
        sign(service, headers, body, b"a secret of somebody else")[0],
        sign(service, headers, body, b"")[0],
    ]
    for each in wrong:
        with pytest.raises(RefusedError, match="signature is missing or wrong") as caught:
            read_delivery(each, body, [SECRET])
        assert caught.value.status == 401
    if service != "GitLab":  # its token covers no body
        with pytest.raises(RefusedError):
            read_delivery(headers, body + b" ", [SECRET])


def test_without_any_secret_nothing_is_accepted():
    for service in URLS:
        with pytest.raises(RefusedError, match="signature"):
            read_delivery(*delivery(service), [])


def test_a_signature_counts_only_in_the_header_of_its_service():
    """A token in GitLab's header must not open GitHub's door, and Gitea is not read as GitHub."""
    headers, body = delivery("GitHub")
    del headers["x-hub-signature-256"]
    with pytest.raises(RefusedError, match="GitHub signature"):
        read_delivery({**headers, "x-gitlab-token": SECRET.decode()}, body, [SECRET])
    assert read("Gitea").service == "Gitea"


@pytest.mark.parametrize("service", URLS)
def test_signatures_are_compared_in_constant_time(service, monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, two: compared.append(1) or real(one, two))
    read_delivery(*delivery(service), [SECRET, b"another secret, never reached?"])
    assert len(compared) == 2, "each secret is compared, also after one that is equal"


@pytest.mark.parametrize("kind", ["text/plain", "", "application/jsonp", "multipart/form-data; boundary=x"])
def test_another_content_type_is_refused(kind):
    with pytest.raises(RefusedError, match="content type") as caught:
        read("GitHub", **{"content-type": kind})
    assert caught.value.status == 415


def test_github_may_send_a_form():
    headers, body = delivery("GitHub")
    form = urlencode({"payload": body.decode()}).encode()
    signed = sign("GitHub", {**headers, "content-type": "application/x-www-form-urlencoded"}, form)
    assert read_delivery(*signed, [SECRET]).push == read("GitHub").push


def test_an_unknown_service_is_refused():
    headers, body = delivery("GitHub")
    del headers["x-github-event"]
    with pytest.raises(RefusedError, match="no header of a known service") as caught:
        read_delivery(headers, body, [SECRET])
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("service", "header", "event"),
    [
        ("GitHub", "x-github-event", "ping"),
        ("GitLab", "x-gitlab-event", "Tag Push Hook"),
        ("Gitea", "x-gitea-event", "issues"),
        ("Bitbucket", "x-event-key", "pullrequest:created"),
        ("BitbucketServer", "x-event-key", "diagnostics:ping"),
    ],
)
def test_another_event_is_ignored(service, header, event):
    with pytest.raises(RefusedError, match="is no push") as caught:
        read(service, **{header: event})
    assert caught.value.status == 200


def _retarget(service, ref, before=BEFORE, after=AFTER):
    """A change of the body: it moves `ref` instead, from `before` to `after`."""

    def change(body):
        if service == "Bitbucket":
            (moved,) = body["push"]["changes"]
            kind = "branch" if ref.startswith("refs/heads/") else "tag"
            for side, commit in (("old", before), ("new", after)):
                moved[side] = {"type": kind, "name": ref.split("/", 2)[2], "target": {"hash": commit}}
                if not commit.strip("0"):
                    moved[side] = None
        elif service == "BitbucketServer":
            (moved,) = body["changes"]
            moved["ref"]["id"], moved["fromHash"], moved["toHash"] = ref, before, after
        else:
            body |= {"ref": ref, "before": before, "after": after}

    return change


@pytest.mark.parametrize("service", URLS)
@pytest.mark.parametrize(
    ("ref", "after", "why"),
    [
        ("refs/heads/feature", AFTER, "branch feature is not the one that is released"),
        ("refs/heads/main", "0" * 40, "branch main was deleted"),
        ("refs/tags/main", AFTER, "refs/tags/main is no branch"),
        ("refs/heads/main/main", AFTER, "branch main/main is not"),
        ("refs/heads/x\x1b]52;c;eA==\x07", AFTER, r"branch x\?\]52;c;eA==\? is not"),
    ],
)
def test_other_branches_deletions_and_tags_are_ignored(service, ref, after, why, tmp_path):
    push = read(service, _retarget(service, ref, after=after)).push
    with pytest.raises(RefusedError, match=why) as caught:
        moved_sources(project_with(tmp_path, app=URLS[service]), push)
    assert caught.value.status == 200


@pytest.mark.parametrize("service", URLS)
def test_a_new_branch_and_a_forced_push_move_it(service, tmp_path):
    project = project_with(tmp_path, app=URLS[service])
    new = read(service, _retarget(service, "refs/heads/main", before="0" * 40)).push
    assert moved_sources(project, new) == {Source.APP: ("", AFTER)}


@pytest.mark.parametrize("service", URLS)
def test_an_unknown_repository_is_refused(service, tmp_path):
    project = project_with(tmp_path, app=URLS[service].replace("site", "site2"), static="/srv/git/site.git")
    with pytest.raises(RefusedError, match="no source's") as caught:
        moved_sources(project, read(service).push)
    assert caught.value.status == 404


def test_two_sources_of_one_repository_both_move(tmp_path):
    project = project_with(tmp_path, app=URLS["GitHub"], static="https://github.com/You/Site")
    assert set(moved_sources(project, read("GitHub").push)) == {Source.APP, Source.STATIC}


def test_one_push_of_bitbucket_may_move_several_branches(tmp_path):
    def more(body):
        (moved,) = body["push"]["changes"]
        other = {"type": "branch", "name": "feature", "target": {"hash": BEFORE}}
        body["push"]["changes"] = [{"old": None, "new": other}, moved, {"old": other, "new": None}]

    project = project_with(tmp_path, app=URLS["Bitbucket"])
    assert moved_sources(project, read("Bitbucket", more).push) == {Source.APP: (BEFORE, AFTER)}


@pytest.mark.parametrize("service", URLS)
def test_a_body_that_is_no_push_is_refused_in_one_short_line(service):
    headers, _ = delivery(service)
    bodies = [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"ref": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"ref": "' + b"a" * 5000 + b'"}',
    ]
    for body in bodies:
        with pytest.raises(RefusedError, match="it is no push event: ") as caught:
            read_delivery(*sign(service, headers, body), [SECRET])
        assert caught.value.status == 400
        assert len(caught.value.why) < 200
        assert "\n" not in caught.value.why


@pytest.mark.parametrize("commit", ["main", "--upload-pack=x", AFTER[:10], AFTER.upper(), AFTER + "\n"])
def test_a_commit_is_a_full_id(commit):
    with pytest.raises(RefusedError, match="no push event"):
        read("GitHub", lambda body: body.update(after=commit))


def test_a_delivery_is_known_by_the_services_id():
    """The same event delivered again has the same id; another event has another."""
    for service, header in (
        ("GitHub", "x-github-delivery"),
        ("GitLab", "idempotency-key"),
        ("Gitea", "x-gitea-delivery"),
        ("Bitbucket", "x-request-uuid"),
        ("BitbucketServer", "x-request-id"),
    ):
        first, again = read(service).id, read(service).id
        assert first == again
        assert read(service, **{header: "../../another"}).id != first
        assert "/" not in read(service, **{header: "../../another"}).id


def test_without_an_id_the_body_is_the_id():
    headers = {"idempotency-key": "", "x-gitlab-event-uuid": ""}
    first = read("GitLab", **headers)
    assert first.id == read("GitLab", **headers).id
    assert first.id != read("GitLab", lambda body: body.update(after=BEFORE), **headers).id


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/you/site.git", "github.com/you/site"),
        ("https://user:word@GitHub.com/You/Site/", "github.com/you/site"),
        ("git@github.com:you/site.git", "github.com/you/site"),
        ("ssh://git@git.example:2222/you/site.git", "git.example/you/site"),
        ("http://git.example:3000/a/b/c", "git.example/a/b/c"),
        ("ssh://git@[::1]:22/you/site", "[::1]/you/site"),
        ("", ""),
        ("site", ""),
    ],
)
def test_a_repository_has_one_place_however_it_is_named(url, place):
    assert place_of(url) == place
