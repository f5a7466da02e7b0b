"""A cached message is reused only for the version of the data it was made from."""

from handlers.cache import Kept
from handlers.views.parts.blocks import Message

ONE, TWO = Message("one", []), Message("two", [])


def test_a_message_is_cached_only_for_its_version_of_the_data():
    kept = Kept()
    kept.keep("a", 1, ONE)
    assert kept.get("a", 1) is ONE
    assert kept.get("a", 2) is None
    assert kept.get("b", 1) is None
    kept.keep("a", 2, TWO)
    assert kept.get("a", 2) is TWO
    assert kept.get("a", 1) is None


def test_the_oldest_entries_are_evicted():
    kept = Kept(most=2)
    for name in ("a", "b", "c"):
        kept.keep(name, 1, ONE)
    assert [kept.get(name, 1) for name in ("a", "b", "c")] == [None, ONE, ONE]


def test_nothing_is_cached_with_a_limit_of_zero():
    kept = Kept(most=0)
    kept.keep("a", 1, ONE)
    assert kept.get("a", 1) is None
