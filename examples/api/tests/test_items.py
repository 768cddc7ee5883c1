"""The catalogue without HTTP."""

from catalogue import items


def test_a_dozen_of_one_item_is_cheaper():
    bell = items.find("bell")
    assert items.total([items.Line(bell, 11)]) == 11 * 1290
    assert items.total([items.Line(bell, 12)]) == 12 * 1290 * 9 // 10


def test_search_ignores_case():
    assert [item.id for item in items.search("BELL", 10)] == ["bell"]
    assert len(items.search("", 2)) == 2


def test_unknown_item_is_not_found():
    assert items.find("anchor") is None
