"""Push events of each service are read from their documented payloads."""

from urllib.parse import urlencode

import pytest

from pipeline.core.values import Source
from pipeline.triggers.webhook.services import RefusedError, moved_sources, read_delivery
from tests.triggers.webhook.signed import AFTER, BEFORE, SECRET, URLS, delivery, project_with, read, sign


@pytest.mark.parametrize("service", URLS)
def test_a_documented_push_names_who_moved_what(service, tmp_path):
    push = read(service).push
    assert push.by == "alice"
    project = project_with(tmp_path, app=URLS[service])
    assert moved_sources(project, push) == {Source.APP: (BEFORE, AFTER)}


@pytest.mark.parametrize("kind", ["text/plain", "", "application/jsonp", "multipart/form-data; boundary=x"])
def test_another_content_type_is_refused(kind):
    with pytest.raises(RefusedError, match="content type") as caught:
        read("GitHub", **{"content-type": kind})
    assert caught.value.status == 415


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "x"])
@pytest.mark.parametrize("service", URLS)
def test_a_compressed_body_is_refused_as_such(service, coding):
    headers, body = delivery(service, **{"content-encoding": coding})
    with pytest.raises(RefusedError, match="its body is compressed") as caught:
        read_delivery(headers, body, [SECRET])
    assert caught.value.status == 415
    assert read(service, **{"content-encoding": "Identity"}) == read(service, **{"content-encoding": ""})


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_body_of_another_encoding_is_no_push_event(charset):
    headers, body = delivery("GitHub", **{"content-type": f"application/json; charset={charset}"})
    with pytest.raises(RefusedError, match="it is no push event") as caught:
        read_delivery(*sign("GitHub", headers, body.decode().encode(charset)), [SECRET])
    assert caught.value.status == 400


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


@pytest.mark.parametrize("service", set(URLS) - {"Bitbucket"})
@pytest.mark.parametrize(
    "ref",
    [
        *("refs/heads/refs/heads/main", "refs/heads//main", "refs/heads/main/", "refs/heads/main\n"),
        *("refs/heads/MAIN", "refs/heads/ main", "refs/heads/", "heads/main", "main", ""),
        *("refs/remotes/origin/main", "refs/pull/1/merge", "refs/notes/heads/main", "Refs/heads/main"),
    ],
)
def test_only_the_whole_name_of_the_branch_counts(service, ref, tmp_path):
    push = read(service, _retarget(service, ref)).push
    with pytest.raises(RefusedError, match=r"is no branch|is not the one") as caught:
        moved_sources(project_with(tmp_path, app=URLS[service]), push)
    assert caught.value.status == 200


@pytest.mark.parametrize("service", URLS)
def test_a_branch_may_have_slashes_and_any_letters(service, tmp_path):
    named = f'{URLS[service]}"\nbranch = "release/für/2026'
    project = project_with(tmp_path, app=named)
    push = read(service, _retarget(service, "refs/heads/release/für/2026")).push
    assert moved_sources(project, push) == {Source.APP: (BEFORE, AFTER)}


@pytest.mark.parametrize("service", URLS)
def test_a_new_branch_and_a_forced_push_move_it(service, tmp_path):
    project = project_with(tmp_path, app=URLS[service])
    new = read(service, _retarget(service, "refs/heads/main", before="0" * 40)).push
    assert moved_sources(project, new) == {Source.APP: ("", AFTER)}


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


@pytest.mark.parametrize("service", URLS)
def test_another_push_under_a_known_id_is_another_delivery(service):
    """GitLab's older id is shared by events that webhooks cause: the second push must not be lost."""
    other = read(service, _retarget(service, "refs/heads/main", before=AFTER, after=BEFORE))
    assert read(service).id == read(service).id != other.id


def test_without_an_id_the_body_is_the_id():
    headers = {"idempotency-key": "", "x-gitlab-event-uuid": ""}
    first = read("GitLab", **headers)
    assert first.id == read("GitLab", **headers).id
    assert first.id != read("GitLab", lambda body: body.update(after=BEFORE), **headers).id
