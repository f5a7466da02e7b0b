"""A cached answer is returned only for the version of the data it was made from, and within its limits."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.acknowledgement import encoded
from handlers.cache import AnswerCache, CachedAnswer
from handlers.command_names import CommandNames
from handlers.views.parts.blocks import Message, header

ONE, TWO = Message("one", [header("one")], window="One"), Message("two", [])


def cache_of(**limits: int) -> AnswerCache:
    """A cache of answers as a workspace with all commands gets them."""
    return AnswerCache(lambda message: encoded(message, CommandNames("all", ())), **limits)


def message_in(found: CachedAnswer | None) -> Message | None:
    return found and found.message


def test_a_message_is_cached_for_its_own_version_of_the_data():
    cache = cache_of()
    cache.put("a", 1, ONE)
    assert message_in(cache.get("a", 1)) == ONE
    assert cache.get("a", 2) is None
    assert cache.get("b", 1) is None
    cache.put("a", 2, TWO)
    assert message_in(cache.get("a", 2)) == TWO
    assert cache.get("a", 1) is None


def test_what_is_kept_is_the_acknowledgement_itself():
    cache = cache_of()
    cache.put("a", 1, ONE)
    found = cache.get("a", 1)
    assert found is not None
    assert found.acknowledgement == encoded(ONE, CommandNames("all", ()))


def test_whoever_changes_an_answer_that_was_kept_changes_their_own():
    cache = cache_of()
    cache.put("a", 1, ONE)
    found = cache.get("a", 1)
    assert found is not None
    found.message.blocks[0]["text"]["text"] = "changed"
    assert message_in(cache.get("a", 1)) == ONE


def test_the_answers_that_nobody_asked_for_longest_are_dropped_beyond_the_limit():
    cache = cache_of(limit=2)
    cache.put("a", 1, ONE)
    cache.put("b", 1, ONE)
    assert cache.get("a", 1) is not None
    cache.put("c", 1, ONE)
    assert [cache.get(name, 1) is not None for name in ("a", "b", "c")] == [True, False, True]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20_000)), max_size=60))
def test_the_cache_never_takes_more_bytes_than_it_may(asked: list[tuple[int, int]]):
    cache, most = cache_of(most_bytes=40_000), 40_000
    for key, size in asked:
        cache.put(key, 1, Message("x" * size, []))
        held = [found.size for each in range(10) if (found := cache.get(each, 1))]
        assert cache.bytes == sum(held) <= most


def test_a_limit_of_zero_caches_nothing():
    cache = cache_of(limit=0)
    cache.put("a", 1, ONE)
    assert cache.get("a", 1) is None
    assert cache.bytes == 0
