import random

import pytest

from pipeline.images.static.delta_layer import MOST_LAYERS
from pipeline.images.static.layers.merge import PER_TIER, tier, to_merge


def grow(sizes, room):
    """Layers and bytes sent for one commit after another; a merged layer is as large as its parts."""
    layers, bytes_sent = [], 0
    for size in sizes:
        layers.append(size)
        count = to_merge(layers, room)
        if count > 1:
            layers = [*layers[:-count], sum(layers[-count:])]
        bytes_sent += layers[-1]
        yield len(layers), bytes_sent


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_layers_stay_few_after_thousands_of_commits(seed):
    rng = random.Random(seed)  # noqa: S311
    sizes = [int(rng.lognormvariate(13, 2)) for _ in range(5000)]
    room = MOST_LAYERS - 20
    counts, bytes_sent = zip(*grow(sizes, room), strict=True)
    assert max(counts) <= room
    assert bytes_sent[-1] < 8 * sum(sizes)


def test_equal_commits_merge_once_a_tier_is_full():
    counts = [count for count, _ in grow([50_000] * PER_TIER, 40)]
    assert counts == [*range(1, PER_TIER), 1]


def test_one_large_commit_is_not_merged_into_small_ones():
    assert to_merge([10**9, 1000, 1000], 40) == 1


def test_small_layers_join_a_large_commit():
    assert to_merge([10**9, 1000, 1000, 10**6], 40) == 3


def test_a_tier_holds_what_the_one_below_adds_up_to():
    assert tier(1) == tier(64 << 10) == 0
    assert tier(PER_TIER * (64 << 10)) == 1
