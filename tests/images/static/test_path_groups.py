import random

from pipeline.images.static.path_groups import GROUPS, Cuts, cut

FILES = [(f"d{n // 64:03}/f{n:05}", 1 + n * 7919 % 200_000) for n in range(12_000)]


def sizes(cuts, files):
    found = dict.fromkeys(cuts.names, 0)
    for path, size in files:
        found[cuts.group(path)] += size
    return found


def test_groups_are_few_and_even():
    cuts = cut(FILES)
    found = sizes(cuts, FILES)
    assert 8 <= len(found) <= 24
    assert max(found.values()) < 1.5 * sum(found.values()) / GROUPS


def test_edits_hardly_ever_move_a_border():
    drawn = random.Random(1)  # noqa: S311
    edited = [(path, size if drawn.random() > 0.01 else drawn.randrange(200_000)) for path, size in FILES]
    assert len(set(cut(FILES).starts) & set(cut(edited).starts)) >= 0.8 * len(cut(FILES).starts)


def test_a_file_as_large_as_a_group_is_alone():
    cuts = cut(sorted([*FILES, ("d050/film.mp4", 900_000_000)]))
    assert cuts.alone == ("d050/film.mp4",)
    assert cuts.group("d050/film.mp4") == "=d050/film.mp4"


def test_a_small_tree_is_one_group():
    assert cut([("a", 1), ("b", 2)]) == Cuts(("",))
    assert cut([]) == Cuts(("",))


def test_cuts_are_read_back_from_their_names():
    cuts = cut(sorted([*FILES, ("d050/film.mp4", 900_000_000)]))
    assert cuts == Cuts.named(cuts.names)


def test_a_folder_touches_every_group_that_it_reaches_into():
    cuts = Cuts(("", "b/5", "c"), ("b/7",))
    assert cuts.touched("b") == {">", ">b/5", "=b/7"}
    assert cuts.touched("b/6") == {">b/5"}
    assert cuts.touched("a") == {">"}
