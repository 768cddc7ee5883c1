import random

from pipeline.images.static.path_groups import GROUPS, GroupBoundaries, choose_boundaries

FILES = [(f"d{n // 64:03}/f{n:05}", 1 + n * 7919 % 200_000) for n in range(12_000)]


def sizes(boundaries, files):
    totals = dict.fromkeys(boundaries.names, 0)
    for path, size in files:
        totals[boundaries.group(path)] += size
    return totals


def test_groups_are_few_and_even():
    boundaries = choose_boundaries(FILES)
    totals = sizes(boundaries, FILES)
    assert 8 <= len(totals) <= 24
    assert max(totals.values()) < 1.5 * sum(totals.values()) / GROUPS


def test_edits_hardly_ever_move_a_border():
    rng = random.Random(1)  # noqa: S311
    edited = [(path, size if rng.random() > 0.01 else rng.randrange(200_000)) for path, size in FILES]
    assert len(set(choose_boundaries(FILES).starts) & set(choose_boundaries(edited).starts)) >= 0.8 * len(
        choose_boundaries(FILES).starts
    )


def test_a_file_as_large_as_a_group_is_alone():
    boundaries = choose_boundaries(sorted([*FILES, ("d050/film.mp4", 900_000_000)]))
    assert boundaries.alone == ("d050/film.mp4",)
    assert boundaries.group("d050/film.mp4") == "=d050/film.mp4"


def test_a_small_tree_is_one_group():
    assert choose_boundaries([("a", 1), ("b", 2)]) == GroupBoundaries(("",))
    assert choose_boundaries([]) == GroupBoundaries(("",))


def test_cuts_are_read_back_from_their_names():
    boundaries = choose_boundaries(sorted([*FILES, ("d050/film.mp4", 900_000_000)]))
    assert boundaries == GroupBoundaries.from_names(boundaries.names)


def test_a_folder_touches_every_group_that_it_reaches_into():
    boundaries = GroupBoundaries(("", "b/5", "c"), ("b/7",))
    assert boundaries.touched("b") == {">", ">b/5", "=b/7"}
    assert boundaries.touched("b/6") == {">b/5"}
    assert boundaries.touched("a") == {">"}
