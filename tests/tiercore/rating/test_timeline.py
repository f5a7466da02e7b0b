"""The timeline: earned = active + expired on every day, and it matches a replay of the entries."""

import random
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support.entries import FIRST, agreement, book, books, level, sale
from tiercore.facts.entries import ToolUsage
from tiercore.facts.points import MICRO, Source, divide_half_even
from tiercore.facts.unknown import Unknown
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook, Credit, is_active
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import Balance, balance_on, timeline_of

PROGRAM = load_program()
PARTNERS = ("P1", "P2", "P3")


def of_partner(client_book: ClientBook, partner: str) -> list[Credit]:
    return [credit for credit in credits_of(client_book, PROGRAM) if credit.partner_id == partner]


def summed(credits: list[Credit], day: date) -> Balance:
    """The balance of a day by adding up every credit, the slow way."""
    active = [c for c in credits if is_active(c, as_of=day)]
    rated = [c for c in active if c.micropoints is not None]

    def of(source: Source) -> int:
        return sum(c.micropoints or 0 for c in rated if c.source is source)

    ended = [c for c in credits if c.lapses_on is not None and c.lapses_on <= day]
    return Balance(
        day=day.toordinal(),
        sourced=of(Source.SOURCED),
        assisted=of(Source.ASSISTED),
        managed=of(Source.MANAGED),
        sold_cents=sum(c.program_cents or 0 for c in rated if c.source is not Source.MANAGED),
        managed_cents=sum(c.program_cents or 0 for c in rated if c.source is Source.MANAGED),
        unrated_sold=sum(c.micropoints is None for c in active if c.source is not Source.MANAGED),
        unrated_managed=sum(c.micropoints is None for c in active if c.source is Source.MANAGED),
        assumed=sum(c.assumed for c in rated),
        doubtful=sum(c.doubt is not None for c in rated),
        portals=len({c.client_id for c in active}),
        lapsed=sum(c.lapsing or 0 for c in ended),
        lapses=sum(bool(c.lapsing) for c in ended),
    )


@given(books(), st.integers(-10, 8 * 365))
def test_the_timeline_equals_the_sum_of_credits_on_any_day(client_book: ClientBook, offset: int):
    day = FIRST + timedelta(offset)
    for partner in PARTNERS:
        credits = of_partner(client_book, partner)
        found = balance_on(timeline_of(credits), day)
        expected = summed(credits, day)
        for name in Balance._fields:
            if name != "day":
                assert getattr(found, name) == getattr(expected, name), name


@given(books())
def test_earned_equals_active_plus_expired_on_every_day(client_book: ClientBook):
    for partner in PARTNERS:
        credits = of_partner(client_book, partner)
        for balance in timeline_of(credits):
            day = date.fromordinal(balance.day)
            started = [c for c in credits if c.starts_on <= day]
            earned = sum(c.micropoints or 0 for c in started)
            lapsed = sum(c.micropoints or 0 for c in started if c.lapses_on is not None and c.lapses_on <= day)
            assert earned == balance.combined + lapsed


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_credits_does_not_matter(client_book: ClientBook, shuffler: random.Random):
    credits = of_partner(client_book, "P1")
    expected = timeline_of(credits)
    shuffler.shuffle(credits)
    assert timeline_of(credits) == expected


@given(books())
def test_balances_are_never_negative_and_only_open_credits_remain_in_the_end(client_book: ClientBook):
    for partner in PARTNERS:
        credits = of_partner(client_book, partner)
        timeline = timeline_of(credits)
        assert all(min(b.sourced, b.assisted, b.managed, b.sold_cents, b.managed_cents) >= 0 for b in timeline)
        open_ended = sum(c.micropoints or 0 for c in credits if c.lapses_on is None)
        assert (timeline[-1].combined if timeline else 0) == open_ended


def test_the_balance_is_empty_before_the_first_entry():
    credits = credits_of(book(sale(date(2022, 1, 1), 100)), PROGRAM)
    assert balance_on(timeline_of(credits), date(2021, 12, 31)) == Balance(date(2021, 12, 31).toordinal())


def usage(client: str, month: date, tools: int) -> ToolUsage:
    return ToolUsage(client, month, tools)


def test_the_median_tool_usage_covers_portals_that_contribute_credit():
    client_book = book(level(date(2022, 1, 1), 100), agreement(date(2022, 1, 1), date(2022, 6, 30)))
    credits = [*credits_of(client_book, PROGRAM)]
    other = sale(date(2022, 2, 1), 100, client="C2")
    credits += credits_of(ClientBook(client_book.client, [other], [], []), PROGRAM)
    months = {"C1": [usage("C1", date(2022, 1, 1), 2)], "C2": [usage("C2", date(2022, 3, 1), 5)], "C3": []}
    timeline = timeline_of(credits, months)
    assert balance_on(timeline, date(2022, 2, 15)).tools_median_twice == 4
    assert balance_on(timeline, date(2022, 2, 15)).portals_with_usage == 1
    assert balance_on(timeline, date(2022, 3, 15)).tools_median_twice == 7
    assert balance_on(timeline, date(2022, 7, 1)).tools_median_twice == 10
    assert balance_on(timeline, date(2023, 2, 1)).tools_median_twice is None


def test_the_timeline_includes_the_known_future():
    client_book = book(level(date(2022, 1, 1), 1000), agreement(date(2022, 1, 1), date(2030, 6, 30)))
    timeline = timeline_of(credits_of(client_book, PROGRAM))
    assert balance_on(timeline, date(2030, 6, 30)).managed == 10 * MICRO
    assert balance_on(timeline, date(2030, 7, 1)).managed == 0


def managed_by_replay(client_book: ClientBook, partner: str, day: date) -> int:
    """A second way to a day's managed points, straight from how-tiers-work#managed-points, without intervals."""
    holders = {
        a.partner_id for a in client_book.agreements if a.starts_on <= day and (a.ends_on is None or day <= a.ends_on)
    }
    if partner not in holders:
        return 0
    rules, total = PROGRAM.on(day), 0
    for line in {entry.product_line for entry in client_book.levels}:
        known = [entry for entry in client_book.levels if entry.product_line == line and entry.effective_on <= day]
        if known:
            mrr = max(known, key=lambda entry: entry.effective_on).mrr
            per_100 = rules.per_100_usd(mrr.currency)
            if not isinstance(per_100, Unknown):
                rate = rules.rate(Source.MANAGED, growth_market=rules.is_growth_market(client_book.client.country))
                total += divide_half_even(mrr.minor * rate * MICRO, per_100.minor * len(holders))
    return total


@given(books(), st.integers(-10, 8 * 365))
def test_managed_points_on_any_day_match_a_replay_of_the_entries(client_book: ClientBook, offset: int):
    day = FIRST + timedelta(offset)
    for partner in PARTNERS:
        found = balance_on(timeline_of(of_partner(client_book, partner)), day)
        assert found.managed == managed_by_replay(client_book, partner, day)
