"""A cached message is reused only for the version of the data it was made from."""

from handlers.cache import Kept
from handlers.views.parts.blocks import Message

ONE, TWO = Message("one", []), Message("two", [])


def test_a_message_is_cached_only_for_its_version_of_the_data():
    cache = Kept()
    cache.keep("a", 1, ONE)
    assert cache.get("a", 1) is ONE
    assert cache.get("a", 2) is None
    assert cache.get("b", 1) is None
    cache.keep("a", 2, TWO)
    assert cache.get("a", 2) is TWO
    assert cache.get("a", 1) is None


def test_the_oldest_entries_are_evicted():
    cache = Kept(most=2)
    for name in ("a", "b", "c"):
        cache.keep(name, 1, ONE)
    assert [cache.get(name, 1) for name in ("a", "b", "c")] == [None, ONE, ONE]


def test_nothing_is_cached_with_a_limit_of_zero():
    cache = Kept(most=0)
    cache.keep("a", 1, ONE)
    assert cache.get("a", 1) is None
