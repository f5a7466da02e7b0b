"""A cached message is returned only for the version of the data it was made from."""

from handlers.cache import AnswerCache
from handlers.views.parts.blocks import Message

ONE, TWO = Message("one", []), Message("two", [])


def test_a_message_is_cached_for_its_own_version_of_the_data():
    cache = AnswerCache()
    cache.put("a", 1, ONE)
    assert cache.get("a", 1) is ONE
    assert cache.get("a", 2) is None
    assert cache.get("b", 1) is None
    cache.put("a", 2, TWO)
    assert cache.get("a", 2) is TWO
    assert cache.get("a", 1) is None


def test_the_oldest_messages_are_dropped_beyond_the_limit():
    cache = AnswerCache(limit=2)
    for name in ("a", "b", "c"):
        cache.put(name, 1, ONE)
    assert [cache.get(name, 1) for name in ("a", "b", "c")] == [None, ONE, ONE]


def test_a_limit_of_zero_caches_nothing():
    cache = AnswerCache(limit=0)
    cache.put("a", 1, ONE)
    assert cache.get("a", 1) is None
