import gzip
import os

import pytest

from pipeline.images.static import Bridge, BuildRequest, build
from pipeline.images.static.image.annotations import packed_size, read_state
from pipeline.registry import connect
from tests.images.static.conftest import push_base
from tests.images.static.flatten import files, flatten
from tests.images.static.repo import F, link
from tests.registry import memory

pytestmark = pytest.mark.slow

TREE = {
    "index.html": b"<h1>hello</h1>" * 50,
    "img/logo.bin": os.urandom(20_000),
    "bin/run": F(b"#!/bin/sh\n", "100755"),
    "img/link": link("../index.html"),
}


def test_the_image_holds_the_tree(request_for, repo):
    built = build(request_for(repo.commit(TREE)))
    entries = flatten(built.image)
    assert built.how == "cold"
    assert TREE["index.html"] == entries["index.html"][2]
    assert TREE["img/logo.bin"] == entries["img/logo.bin"][2]
    assert entries["img/link"][2] == "-> ../index.html"
    assert entries["bin/run"][1] == 0o755
    assert entries["index.html"][1] == 0o644
    assert entries["img"][:2] == ("folder", 0o755)


def test_it_runs_as_nginx_ends_at_once_and_shares_its_content(request_for, repo):
    commit = repo.commit(TREE)
    ref = build(request_for(commit)).image
    config = connect(ref.host).config(ref)
    assert config["architecture"] == "amd64"
    assert config["config"]["User"] == "101:101"
    assert config["config"]["Entrypoint"] == ["/bin/busybox", "true"]
    assert config["config"]["Volumes"] == {"/srv/static": {}}
    assert commit == config["config"]["Labels"]["org.opencontainers.image.revision"]
    assert "Cmd" not in config["config"]


def test_nothing_is_done_for_the_same_commit(request_for, repo):
    commit = repo.commit(TREE)
    first = build(request_for(commit))
    again = build(request_for(commit))
    assert (again.image, again.how, again.sent) == (first.image, "nothing", 0)


def test_nothing_is_done_for_the_same_tree(request_for, repo):
    first, second = repo.commits([TREE, TREE])
    assert build(request_for(first)).image == build(request_for(second)).image


def test_one_changed_file_is_one_small_layer(request_for, repo):
    first, second = repo.commits([TREE, {**TREE, "index.html": b"<h1>goodbye</h1>"}])
    build(request_for(first))
    built = build(request_for(second))
    assert built.how == "delta"
    assert built.files == 1
    assert built.sent < 5000
    assert files(built.image)["index.html"] == b"<h1>goodbye</h1>"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": b"1", "b": b"2"}, {"a": b"1"}),
        ({"a/x": b"1", "a/y": b"2", "b": b""}, {"b": b""}),
        ({"a/x/y/z": b"1", "a/k": b"2"}, {"a/k": b"2"}),
        ({"a/x": b"1", "a/y": b"2"}, {"a": b"now a file"}),
        ({"a": b"a file"}, {"a/x": b"now a folder", "a/y/z": b""}),
        ({"a/b/c": b"1", "a/b/d": b"1"}, {"a/b": b"1"}),
        ({"a": b"1"}, {"a": link("b"), "b": b"1"}),
        ({"a": b"1"}, {"a": F(b"1", "100755")}),
        ({"a": b"1"}, {}),
        ({}, {"a": b"1"}),
    ],
)
def test_a_delta_leads_to_the_new_tree(request_for, repo, old, new):
    first, second = repo.commits([old, new])
    built = build(request_for(first)), build(request_for(second))
    cold = build(request_for(second, canonical=True))
    assert built[1].how == "delta"
    assert flatten(cold.image) == flatten(built[1].image)
    assert set(new) == set(files(built[1].image))


def test_the_time_of_a_file_comes_from_its_content(request_for, repo):
    one = flatten(build(request_for(repo.commit({"a": b"11", "b": b"11", "c": b"12"}))).image)
    assert one["a"][3] == one["b"][3]
    assert one["a"][3] != one["c"][3]
    assert 10**9 <= one["a"][3] < 1_600_000_000


def test_text_gets_a_compressed_sibling(request_for, repo):
    text = b"body { color: red }\n" * 100
    tree = {"a.css": text, "tiny.css": b"a", "own.css": text, "own.css.gz": b"theirs", "a.bin": text}
    entries = flatten(build(request_for(repo.commit(tree), precompress=("*.css",))).image)
    assert text == gzip.decompress(entries["a.css.gz"][2])
    assert entries["a.css"][3] == entries["a.css.gz"][3]
    assert entries["own.css.gz"][2] == b"theirs"
    assert "tiny.css.gz" not in entries
    assert "a.bin.gz" not in entries


def test_names_of_all_kinds_survive(request_for, repo):
    tree = {"ü/ñ.txt": b"1", "x" * 200: b"2", "d/" * 60 + "e": b"3", "with space": b"4", "raw\udcff": b"5"}
    assert tree == files(build(request_for(repo.commit(tree))).image)


def test_a_canonical_image_depends_on_the_tree_alone(request_for, repo, tmp_path):
    first, second, third = repo.commits([{"a": b"x" * 9000}, TREE, {"b": b"y"}])
    build(request_for(first))
    one = build(request_for(second, canonical=True)).image
    build(request_for(third))
    other = build(request_for(second, canonical=True, cache=tmp_path / "other")).image
    assert one.digest == other.digest


def test_the_same_tree_after_the_same_image_gives_the_same_image(request_for, repo, host):
    first, second = repo.commits([TREE, {**TREE, "new": b"1"}])
    before = build(request_for(first)).image
    one = build(request_for(second, predecessor=before)).image
    other = build(request_for(second, predecessor=before, repository=f"{host}/static/elsewhere")).image
    assert one.digest == other.digest


def test_a_new_base_image_changes_no_content_layer(request_for, repo, host):
    commit = repo.commit(TREE)
    old = build(request_for(commit)).image
    new = build(request_for(commit, runtime_image=push_base(host, b"newer"))).image
    registry = connect(host)
    layers = [registry.manifest(ref).layers for ref in (old, new)]
    assert layers[0][0] != layers[1][0]
    assert layers[0][1:] == layers[1][1:]
    assert flatten(old) == flatten(new)


def test_an_image_whose_layer_was_lost_is_made_anew(request_for, repo, host, capsys):
    first, second = repo.commits([TREE, {**TREE, "new": b"1"}])
    ref = build(request_for(first)).image
    layer = connect(host).manifest(ref).layers[-1]
    connect(host)._http.request("DELETE", f"/v2/{ref.path}/blobs/{layer.digest}")
    built = build(request_for(second))
    assert built.how == "cold"
    assert "reading the tree as a whole" in capsys.readouterr().err
    assert files(built.image)["new"] == b"1"


def test_other_patterns_make_and_drop_siblings_without_a_cold_build(request_for, repo):
    text = b"some text " * 100
    first, second = repo.commits([{"a.css": text, "a.js": text}, {"a.css": text, "a.js": text, "b": b""}])
    build(request_for(first, precompress=("*.css",)))
    built = build(request_for(second, precompress=("*.js",)))
    assert built.how == "delta"
    assert set(files(built.image)) == {"a.css", "a.js", "a.js.gz", "b"}


def test_a_commit_of_the_past_can_follow_and_keeps_what_left(request_for, repo):
    """A rollback as a build on top: pages of the newer release still find their files."""
    first, second = repo.commits([{"app-1.js": b"1"}, {"app-2.js": b"2"}])
    bridge = Bridge(1, ("**",))
    build(request_for(first, bridge=bridge))
    build(request_for(second, bridge=bridge))
    back = build(request_for(first, bridge=bridge))
    assert back.how == "delta"
    assert set(files(back.image)) == {"app-1.js", "app-2.js"}


def test_nothing_is_not_said_of_an_image_that_cannot_be_pulled(repo, tmp_path, capsys):
    """A layer, or the configuration, is gone: the same commit is built again, and so is the same tree."""
    first, same_tree = repo.commits([TREE, TREE])
    with memory.running() as registry:
        base = push_base(registry.host, b"true")

        def request(commit):
            target = f"{registry.host}/static"
            return BuildRequest(str(repo.path), commit, target, base, cache=tmp_path / "cache")

        image = build(request(first)).image
        for number, commit in enumerate((first, same_tree, first, same_tree)):
            manifest = connect(registry.host).manifest(image)
            digest = (*manifest.layers, manifest.config)[number % (len(manifest.layers) + 1)].digest
            del registry.blobs["static", str(digest)]
            again = build(request(commit))
            assert again.how == "cold"
            assert files(again.image) == files_of(TREE)
            assert str(digest) in capsys.readouterr().err
            assert build(request(commit)).how == "nothing"
            image = again.image


def files_of(tree):
    return {path: file if isinstance(file, bytes) else file.data for path, file in tree.items()} | {
        "img/link": "-> ../index.html"
    }


@pytest.mark.parametrize("room", [0, 100, 3000])
def test_kept_names_never_outgrow_the_manifest(request_for, repo, monkeypatch, capsys, room):
    """Many hashed names change at once: what does not fit is deleted with a warning, and builds go on."""
    monkeypatch.setattr("pipeline.images.static.delta_plan._MOST_NAMES", room)
    trees = [{os.urandom(32).hex() + ".js": b"%d" % n for n in range(200)} for _ in range(3)]
    trees.append({**trees[-1], "one": b"more"})
    bridge = Bridge(2, ("**",))
    for number, (tree, commit) in enumerate(zip(trees, repo.commits(trees), strict=True)):
        built = build(request_for(commit, bridge=bridge))
        assert built.how == ("delta" if number else "cold")
        state = read_state(connect(built.image.host).manifest(built.image).annotations)
        kept_paths = {path for paths in state.pending for path in paths}
        assert set(files(built.image)) == {*tree, *kept_paths}
        earlier = {path for older in trees[:number] for path in older} - tree.keys()
        assert kept_paths <= earlier
        assert packed_size(state.pending) <= max(room, len("[]"))
        assert len(kept_paths) >= 30 * bool(number) or room < 3000
    assert "files of earlier releases are not kept" in capsys.readouterr().err
