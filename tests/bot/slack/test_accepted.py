"""Each request is accepted once, and what is remembered of it is forgotten in time."""

from collections.abc import Sequence
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.accepted import AcceptedRequests

SECONDS = 600
NOW = 1_662_364_800


def signature(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=60))
def test_a_request_is_accepted_once_whatever_was_accepted_before(requests: Sequence[tuple[int, int]]):
    accepted, seen = AcceptedRequests(SECONDS), set[int]()
    for number, seconds in requests:
        new = accepted.is_new(signature(number), NOW + number % 3, NOW + seconds)
        assert new == (number not in seen)
        seen.add(number)
    assert len(accepted) == len(seen)


def test_a_signature_is_forgotten_when_its_time_has_long_passed():
    accepted = AcceptedRequests(SECONDS)
    assert accepted.is_new(signature(1), NOW - 300, NOW)
    assert accepted.is_new(signature(2), NOW + 300, NOW)
    assert not accepted.is_new(signature(2), NOW + 300, NOW + 300 + SECONDS)
    assert len(accepted) == 1


def test_what_an_earlier_process_accepted_is_refused_until_it_would_be_stale():
    accepted = AcceptedRequests(SECONDS)
    accepted.remember([(signature(1).hex(), NOW - 10), (signature(2).hex(), NOW - 5)])
    assert not accepted.is_new(signature(1), NOW - 11, NOW)
    assert not accepted.is_new(signature(2), NOW + 200, NOW - 5 + SECONDS)
    assert accepted.is_new(signature(3), NOW + SECONDS, NOW + SECONDS)
    assert len(accepted) == 1


def test_beyond_the_limit_the_earliest_second_is_forgotten_first():
    accepted = AcceptedRequests(SECONDS, most=4)
    for number in range(4):
        assert accepted.is_new(signature(number), NOW + number // 2, NOW)
    assert accepted.is_new(signature(4), NOW + 2, NOW)
    assert len(accepted) == 3
    assert not accepted.is_new(signature(2), NOW + 1, NOW)
