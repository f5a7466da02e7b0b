"""Gains and losses: dated cases, and that they add up to the difference of the balances (how-tiers-work#changes)."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers_from_entries import changes
from tests.support.entries import FIRST, agreement, book, books, level, sale
from tiercore.facts.entries import Agreement, DealType, Motion
from tiercore.facts.points import MICRO, Source
from tiercore.program import load_program
from tiercore.questions.changes import Changes
from tiercore.rating.credits import Cause
from tiercore.rating.netting import Change

PROGRAM = load_program()
AUGUST, SEPTEMBER = date(2022, 8, 6), date(2022, 9, 5)


def items_of(found: Changes) -> list[tuple[date, str, str, float]]:
    items: Iterable[Change] = (item for client in found.clients for item in client.items)
    return sorted((i.day, i.source.value, i.cause.value, i.micropoints / MICRO) for i in items)


def test_a_sale_is_gained_on_its_day_and_lost_twelve_months_later():
    client_book = book(sale(date(2021, 9, 1), 1000))
    assert items_of(changes(client_book, date(2021, 8, 31), date(2021, 9, 1))) == [
        (date(2021, 9, 1), "sourced", "sale", 30)
    ]
    assert items_of(changes(client_book, AUGUST, SEPTEMBER)) == [(date(2022, 9, 1), "sourced", "sale_aged_out", -30)]


def test_the_first_day_is_excluded_and_the_last_included():
    client_book = book(sale(AUGUST, 1000), sale(SEPTEMBER, 100, sale_id="S2", motion=Motion.ASSISTED))
    found = changes(client_book, AUGUST, SEPTEMBER)
    assert items_of(found) == [(SEPTEMBER, "assisted", "sale", 3)]
    assert (found.sold.gained, found.sold.lost, found.managed.net) == (3 * MICRO, 0, 0)


def test_a_sale_split_by_a_downgrade_is_one_gain_and_one_loss():
    first, more = sale(date(2022, 1, 10), 1000), sale(date(2022, 8, 10), 500, sale_id="S2", deal=DealType.UPSELL)
    levels = [level(date(2022, 1, 10), 1000), level(date(2022, 8, 10), 1500), level(date(2022, 9, 1), 1200)]
    assert items_of(changes(book(first, more, *levels), AUGUST, SEPTEMBER)) == [
        (date(2022, 8, 10), "sourced", "upsell", 15),
        (date(2022, 9, 1), "sourced", "downgrade", -9),
    ]


def test_a_downgrade_over_several_sales_is_one_loss():
    sales = [sale(date(2022, 1, day), 300, sale_id=f"S{day}") for day in (10, 11, 12)]
    client_book = book(*sales, level(date(2022, 1, 12), 900), level(date(2022, 9, 1), 0))
    assert items_of(changes(client_book, AUGUST, SEPTEMBER)) == [(date(2022, 9, 1), "sourced", "cancellation", -27)]


def test_an_increased_subscription_shows_only_the_increase():
    client_book = book(agreement(date(2022, 1, 1)), level(date(2022, 1, 1), 10_000), level(date(2022, 9, 1), 11_000))
    found = changes(client_book, AUGUST, SEPTEMBER)
    assert items_of(found) == [(date(2022, 9, 1), "managed", "subscription_rose", 10)]
    assert (found.before.managed, found.after.managed) == (100 * MICRO, 110 * MICRO)


@pytest.mark.parametrize(
    ("entries", "cause", "points"),
    [
        ([agreement(date(2022, 9, 1))], "agreement_started", 10),
        ([agreement(date(2022, 1, 1), date(2022, 8, 31))], "agreement_ended", -10),
        ([agreement(date(2022, 2, 1)), level(date(2022, 9, 1), 300, line="Service Hub")], "subscription_started", 3),
        ([agreement(date(2022, 1, 1)), level(date(2022, 9, 1), 400)], "downgrade", -6),
        ([agreement(date(2022, 1, 1)), level(date(2022, 9, 1), 0)], "cancellation", -10),
        (
            [agreement(date(2022, 1, 1)), Agreement("A2", "P2", "C1", date(2022, 9, 1), None)],
            "share_changed",
            -5,
        ),
        ([agreement(date(2022, 1, 1)), level(date(2022, 9, 1), 600, currency="EUR")], "currency_changed", -2),
    ],
)
def test_each_managed_change_has_its_cause(entries, cause: str, points: int):
    client_book = book(level(date(2022, 1, 1), 1000), *entries)
    assert items_of(changes(client_book, AUGUST, SEPTEMBER)) == [(date(2022, 9, 1), "managed", cause, points)]


def test_a_client_paying_more_and_shared_differently_shows_what_moved_the_points():
    rose = [level(date(2022, 1, 1), 1000), level(date(2022, 9, 1), 1100)]
    shared = book(*rose, agreement(date(2022, 1, 1)), agreement(date(2022, 9, 1), partner="P2", agreement_id="A2"))
    assert items_of(changes(shared, AUGUST, SEPTEMBER)) == [(date(2022, 9, 1), "managed", "share_changed", -4.5)]


def test_a_rule_change_moves_managed_points():
    client_book = book(level(date(2025, 1, 1), 7500, currency="EUR"), agreement(date(2025, 1, 1)))
    [(day, _, cause, points)] = items_of(changes(client_book, date(2025, 7, 1), date(2025, 8, 1)))
    assert (day, cause) == (date(2025, 7, 15), "rule_changed")
    assert points == pytest.approx(75 / 0.88 - 100, abs=1e-6)


def test_a_credit_gained_and_lost_in_the_span_shows_both():
    client_book = book(
        level(date(2022, 1, 1), 1000),
        agreement(date(2022, 8, 10), date(2022, 8, 19)),
    )
    found = changes(client_book, AUGUST, SEPTEMBER)
    assert [each[2:] for each in items_of(found)] == [("agreement_started", 10), ("agreement_ended", -10)]
    assert (found.combined.gained, found.combined.lost, found.combined.net) == (10 * MICRO, 10 * MICRO, 0)


def test_an_unrated_credit_is_listed_and_not_summed():
    found = changes(book(sale(date(2022, 9, 1), 1000, currency="BRL")), AUGUST, SEPTEMBER)
    assert items_of(found) == []
    [unrated] = found.unrated
    assert "currencies.BRL isn't set" in unrated.reason


def test_a_span_without_changes_is_empty():
    found = changes(book(), AUGUST, SEPTEMBER)
    assert (found.combined, found.clients, found.causes, found.days) == ((0, 0), (), {}, 30)


dates = st.integers(-10, 8 * 365).map(lambda offset: FIRST + timedelta(offset))


@given(books(), dates, dates, st.randoms(use_true_random=False))
def test_gained_less_lost_is_the_difference_of_the_balances(client_book, one: date, other: date, shuffler):
    since, day = sorted((one, other))
    found = changes(client_book, since, day)
    assert found.sold.net == found.after.sold - found.before.sold
    assert found.managed.net == found.after.managed - found.before.managed
    assert found.combined.net == found.after.combined - found.before.combined
    assert sum(client.total.net for client in found.clients) == found.combined.net
    assert sum(total.net for total in found.causes.values()) == found.combined.net
    assert all(found.sources[source].net == getattr(found.after, source) - getattr(found.before, source)
               for source in found.sources)  # fmt: skip
    assert changes(client_book, since, day, shuffler=shuffler) == found


@given(books(), st.lists(dates, min_size=3, max_size=3))
def test_changes_of_consecutive_spans_add_up(client_book, days: list[date]):
    first, middle, last = sorted(days)
    spans = [changes(client_book, first, middle), changes(client_book, middle, last)]
    both = changes(client_book, first, last)
    assert both.combined.gained == sum(span.combined.gained for span in spans)
    assert both.combined.lost == sum(span.combined.lost for span in spans)
    assert sorted(items_of(both)) == sorted(each for span in spans for each in items_of(span))


@given(books(), dates, dates)
def test_every_change_is_in_the_span_with_a_size_and_a_fitting_cause(client_book, one: date, other: date):
    since, day = sorted((one, other))
    for _, source, cause, points in items_of(changes(client_book, since, day)):
        assert points
        if cause in (Cause.SALE, Cause.UPSELL, Cause.AGREEMENT_STARTED, Cause.SUBSCRIPTION_ROSE):
            assert points > 0
        if cause in (Cause.SALE_EXPIRED, Cause.DOWNGRADE, Cause.CANCELLATION, Cause.AGREEMENT_ENDED):
            assert points < 0
        assert source == Source.MANAGED or cause is not Cause.SHARE_CHANGED
