"""Bulk content is the same everywhere and mixed as a site's content is."""

import hashlib
import zlib

import pytest

from pipeline.local.examples import bulk_content


def _is_text(file):
    return file.path.rpartition(".")[2] in bulk_content._TEXT


def test_bytes_are_these_on_every_machine():
    digest = hashlib.sha256()
    for file in bulk_content.files(3_000_000):
        digest.update(file.path.encode() + b"\0" + file.data)
    assert digest.hexdigest() == "4963faf69627c81b5d52cc98079c90899e8af7aea2f50d4cf7588590968edd20"


@pytest.mark.parametrize("total", [0, 1, 63, 1000, 5000, 100_000, 999_999, 150_000_000, 2_250_000_000])
def test_sizes_sum_up_to_the_total(total):
    files = list(bulk_content.files(total))
    assert sum(file.size for file in files) == total
    assert all(file.size > 0 for file in files)
    assert len({file.path for file in files}) == len(files)


def test_mix_is_as_promised():
    files = list(bulk_content.files(150_000_000))
    text = sum(file.size for file in files if _is_text(file))
    assert 0.28 < text / 150_000_000 < 0.31
    assert 15 < len(files) / 150 < 17
    assert max(file.size for file in files) >= 4_000_000


def test_text_compresses_and_the_rest_does_not():
    text = bulk_content.BulkFile("a.js", 200_000).data
    rest = bulk_content.BulkFile("a.png", 200_000).data
    assert len(text) == len(rest) == 200_000
    assert 2 < len(text) / len(zlib.compress(text)) < 5
    assert len(zlib.compress(rest)) > 199_000
