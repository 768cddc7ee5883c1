"""Registries that answer otherwise than the specification's examples are still used."""

import time

import pytest

from pipeline.registry import connect, copy_blobs
from tests.registry.memory import Answer, store_of
from tests.registry.test_client import image, push
from tests.support.effort import every_value

pytestmark = pytest.mark.slow


def changed(registry, when, answer):
    """Let `answer` decide the requests that `when` selects."""
    usual = registry.answer
    registry.answer = lambda request: answer(request) if when(request) else usual(request)


def works(registry, name="some/image", size=10_000):
    """Push, tag, find, read, copy and remove an image with a layer of `size` bytes."""
    client = connect(registry.host)
    config, layer, manifest = image(size=size)
    ref = push(client, name, (config, layer, manifest), "v1")
    assert client.exists(ref)
    assert client.resolve(name, "v1") == ref
    assert client.manifest(ref) == manifest
    assert client.config(ref)["os"] == "linux"
    assert b"".join(client.stream_blob(name, layer.descriptor.digest)) == layer.content
    assert not client.push_blob(name, layer), "it is not sent again"
    copy_blobs(ref, manifest.layers, f"{registry.host}/{name}-copy")
    assert client.has_blob(f"{name}-copy", layer.descriptor.digest)
    assert not client.exists(type(ref)(ref.repository, layer.descriptor.digest))
    assert client.tag(ref, "v2") == ref
    client.delete(ref)
    assert not client.exists(ref)


def test_the_registry_in_memory_is_one(registry):
    works(registry)


@pytest.mark.parametrize(
    ("status", "part"), every_value([200, 201, 202, 204], ["/manifests/", "/blobs/uploads/"])
)
def test_what_was_taken_counts_whatever_the_answer(registry, status, part):
    usual = registry.serve

    def answer(request):
        response = usual(request)
        return Answer(status) if request.method == "PUT" and response.status == 201 else response

    changed(registry, lambda request: part in request.path, answer)
    works(registry)


@pytest.mark.parametrize(("status", "part"), every_value([400, 403, 405, 501], ["/manifests/", "/blobs/"]))
def test_get_answers_where_head_does_not(registry, status, part):
    changed(registry, lambda r: r.method == "HEAD" and part in r.path, lambda _: Answer(status))
    works(registry)


@pytest.mark.parametrize("header", [None, "", "sha256:short", "sha512:" + "0" * 128])
def test_a_tag_is_resolved_without_the_digest_header(registry, header):
    usual = registry.serve

    def answer(request):
        response = usual(request)
        response.headers.pop("Docker-Content-Digest", None)
        response.headers |= {} if header is None else {"Docker-Content-Digest": header}
        return response

    registry.answer = answer
    works(registry)


@pytest.mark.parametrize(
    ("status", "hops", "methods"), every_value([301, 302, 303, 307, 308], [1, 2, 3], ["GET", "GET HEAD"])
)
def test_downloads_are_redirected(registry, status, hops, methods):
    with store_of(registry) as store:
        usual = store.answer

        def onward(request):
            hop = int(request.query.pop("hop", 1))
            if hop >= hops:
                return usual(request)
            return Answer(status, {"Location": f"http://{store.host}{request.path}?hop={hop + 1}"})

        store.answer = onward
        changed(
            registry,
            lambda r: r.method in methods.split() and "/blobs/sha256" in r.path,
            lambda r: Answer(status, {"Location": f"//{store.host}{r.path}?hop=1"}),
        )
        works(registry)


@pytest.mark.parametrize("status", [307, 308])
def test_uploads_begin_at_another_host(registry, status):
    """The address that it answers is relative to itself."""
    with store_of(registry) as store:
        changed(
            registry,
            lambda r: r.method == "POST",
            lambda r: Answer(status, {"Location": f"http://{store.host}{r.url}"}),
        )
        works(registry)
        assert [r for r in store.requests if r.method == "PUT"]


@pytest.mark.parametrize("form", ["{id}?state=a", "./{id}", "//{host}/v2/{name}/blobs/uploads/{id}?a=b"])
def test_an_upload_goes_where_its_location_leads(registry, form):
    usual = registry.serve

    def answer(request):
        response = usual(request)
        if "Location" in response.headers and request.method == "POST":
            name, upload = request.path.split("/blobs/")[0][4:], response.headers["Location"].split("/")[-1]
            response.headers["Location"] = form.format(id=upload, host=registry.host, name=name)
        return response

    registry.answer = answer
    works(registry)


@pytest.mark.parametrize(("answer", "end"), every_value([None, 500, 404, 405, 202], [204, 500, None]))
def test_mounting_is_a_courtesy(registry, answer, end):
    changed(registry, lambda r: "mount" in r.query, lambda _: None if answer is None else Answer(answer))
    changed(
        registry,
        lambda r: r.method == "DELETE" and "uploads" in r.path,
        lambda _: Answer(end) if end else None,
    )
    began = time.monotonic()
    works(registry)
    assert time.monotonic() - began < 5


def test_a_mount_that_began_an_upload_ends_it(registry):
    changed(
        registry,
        lambda r: "mount" in r.query,
        lambda r: Answer(202, {"Location": f"/v2/{r.path.split('/')[2]}/blobs/uploads/unused"}),
    )
    works(registry, "one")
    assert [r.path for r in registry.requests if r.method == "DELETE" and "uploads" in r.path]


@pytest.mark.parametrize("status", [405, 411, 413, 501])
def test_a_blob_goes_in_pieces_where_it_cannot_go_whole(registry, status, monkeypatch):
    monkeypatch.setattr("pipeline.registry.upload._PIECE", 1 << 20)
    changed(
        registry,
        lambda r: r.method == "PUT" and "uploads" in r.path and len(r.body) > 2 << 20,
        lambda _: Answer(status),
    )
    works(registry, size=3_000_000)
    ranges = [r.headers["Content-Range"] for r in registry.requests if r.method == "PATCH"]
    assert ranges[:3] == ["0-1048575", "1048576-2097151", "2097152-2999999"]


def test_a_registry_asks_for_larger_pieces(registry, monkeypatch):
    monkeypatch.setattr("pipeline.registry.upload._PIECE", 1 << 20)
    changed(registry, lambda r: r.method == "PUT" and "uploads" in r.path and r.body, lambda _: Answer(413))
    usual = registry.answer

    def answer(request):
        response = usual(request)
        return Answer(
            response.status, {**response.headers, "OCI-Chunk-Min-Length": str(2 << 20)}, response.body
        )

    registry.answer = answer
    works(registry, size=3_000_000)
    sizes = [len(r.body) for r in registry.requests if r.method == "PATCH" and len(r.body) > 100]
    assert sizes[:2] == [
        2 << 20,
        3_000_000 - (2 << 20),
    ]


@pytest.mark.parametrize(
    "link",
    [
        '</v2/some/tags/list?last=1>; rel="next"',
        "</v2/some/tags/list?last=1>; rel=next",
        '<list?last=1>;rel="next"',
        '<?last=1>; title="a, b"; REL=Next',
        '<https://elsewhere.example/v2/some/tags/list?last=1>; rel="prev next"',
        '</v2/some/tags/list?last=9>; rel="prev", </v2/some/tags/list?last=1>; rel="next"',
    ],
)
def test_the_next_page_of_tags_is_found(registry, link):
    pages = {None: (b'{"tags": ["a"]}', {"Link": link}), "1": (b'{"tags": ["b"]}', {})}

    def answer(request):
        body, headers = pages[request.query.get("last")]
        return Answer(200, headers, body)

    registry.answer = answer
    assert connect(registry.host).tags("some") == ("a", "b")


def test_a_link_that_is_not_to_the_next_page_ends_the_list(registry):
    registry.answer = lambda _: Answer(200, {"Link": '</v2/some/tags/list>; rel="prev"'}, b'{"tags": null}')
    assert connect(registry.host).tags("some") == ()


@pytest.mark.parametrize("gone", [None, 502])
def test_a_registry_may_be_gone_for_some_seconds(registry, gone):
    """It restarts in the middle of an upload."""
    went = []
    usual = registry.answer

    def answer(request):
        if request.method == "PUT" and not went:
            went.append(time.monotonic())
        if went and time.monotonic() - went[0] < 3.5:
            return Answer(gone) if gone else None
        return usual(request)

    registry.answer = answer
    works(registry)


@pytest.mark.parametrize("wait", ["0", "1", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "²", "-1", ""])
def test_a_busy_registry_is_asked_again(registry, wait):
    busy = [1]
    changed(
        registry,
        lambda r: r.method == "HEAD" and busy and busy.pop(),
        lambda _: Answer(503, {"Retry-After": wait}),
    )
    works(registry)
