"""What a plan is wished to keep to, in people's words (how-tiers-work#plans)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parsing.plan_wishes import Wishes, wishes_in
from handlers.parsing.words import words_of
from handlers.question import InvalidInput

WORDS = (
    "growth",
    "assisted",
    "no",
    "managed",
    "at",
    "most",
    "up",
    "to",
    "5,000",
    "5k",
    "€",
    "EUR",
    "mrr",
    "a",
    "month",
)
WORDS += ("max", "platinum", "by", "15", "jan", '"growth"', "points", "Acme", "0.5", "1e9", "-3", "/month", "only")
AMOUNT = Wishes(most_a_month=5_000_00)


def wished(text: str) -> tuple[Wishes | InvalidInput, str]:
    found, rest = wishes_in(words_of(text))
    return found, " ".join(each.text for each in rest)


@pytest.mark.parametrize(
    ("text", "wishes", "rest"),
    [
        ("", Wishes(), ""),
        ("platinum by 15 jan", Wishes(), "platinum by 15 jan"),
        ("growth", Wishes(growth=True), ""),
        ("platinum growth markets only", Wishes(growth=True), "platinum"),
        ("assisted deals Acme", Wishes(assisted=True), "Acme"),
        ("no managed points", Wishes(managed=False), ""),
        ("without managing clients platinum", Wishes(managed=False), "platinum"),
        ("no Acme", Wishes(), "no Acme"),
        ("at most 5,000 MRR a month", AMOUNT, ""),
        ("max 5k monthly platinum", AMOUNT, "platinum"),
        ("up to 5000/month", AMOUNT, ""),
        ("up platinum", Wishes(), "up platinum"),
        ("at most $5,000 per month", AMOUNT, ""),
        ("at most US$5,000 per month", Wishes(most_a_month=5_000_00, currency="USD"), ""),
        ("at most 5,000 EUR a month", Wishes(most_a_month=5_000_00, currency="EUR"), ""),
        ("at most EUR 5,000.50", Wishes(most_a_month=5_000_50, currency="EUR"), ""),
        ("growth no managed at most 5000 gold", Wishes(True, managed=False, most_a_month=5_000_00), "gold"),
        ('"growth"', Wishes(), "growth"),
    ],
)
def test_wishes_are_found_among_the_other_words(text: str, wishes: Wishes, rest: str):
    assert wished(text) == (wishes, rest)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("at most", "like at most 5,000 MRR a month"),
        ("max platinum", "like at most 5,000 MRR a month"),
        ('at most "5,000"', "like at most 5,000 MRR a month"),
        ("at most 200 points a month", "like at most 5,000 MRR a month"),
        ("at most 5,000.50 JPY a month", "JPY has no cents"),
    ],
)
def test_a_limit_that_is_no_amount_is_refused_with_an_example(text: str, says: str):
    found, _ = wished(text)
    assert isinstance(found, InvalidInput)
    assert says in str(found)


currencies = st.none() | st.sampled_from(["EUR", "GBP"])
limits = st.none() | st.integers(1, 10**9)


@given(st.booleans(), st.booleans(), st.booleans(), limits, currencies)
def test_wishes_written_out_are_read_as_the_same_wishes(
    growth: bool, assisted: bool, managed: bool, most: int | None, currency: str | None
):
    wishes = Wishes(growth, assisted, managed, most, currency if most is not None else None)
    assert wished(f"platinum {wishes} Acme") == (wishes, "platinum Acme")


@given(st.lists(st.sampled_from(WORDS), max_size=8))
def test_any_words_are_wishes_other_words_or_an_error_and_no_word_is_taken_twice(words: list[str]):
    found, rest = wishes_in(words_of(" ".join(words)))
    assert isinstance(found, Wishes | InvalidInput)
    assert len(rest) <= len(words)
    if found == Wishes():
        assert [each.text for each in rest] == [each.strip('"') for each in words]
