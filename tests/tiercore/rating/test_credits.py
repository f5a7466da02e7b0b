"""Credits: every published example under its own sentence (how-tiers-work#rates, how-tiers-work#sold-points)."""

import itertools
import random
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from tests.support.entries import FIRST, agreement, book, books, level, sale
from tiercore.facts.entries import DealType, Motion
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source
from tiercore.program import load_program
from tiercore.rating.credits import Cause, ClientBook, Credit, is_active
from tiercore.rating.lots import expires_on
from tiercore.rating.rating import credits_of

PROGRAM = load_program()


def active_points(credits: list[Credit], day: date, source: Source | None = None) -> float:
    return (
        sum(
            credit.micropoints or 0
            for credit in credits
            if is_active(credit, as_of=day) and source in (None, credit.source)
        )
        / MICRO
    )


def rate(*entries, country: str = "US") -> list[Credit]:
    return credits_of(book(*entries, country=country), PROGRAM)


def test_a_sale_of_october_2021_of_1000_dollars_earns_30_points():
    assert active_points(rate(sale(date(2021, 10, 5), 1000)), date(2021, 10, 5)) == 30


def test_a_sourced_cross_sell_to_the_same_client_in_march_2024_earns_50_points():
    credits = rate(
        sale(date(2021, 10, 5), 1000),
        sale(date(2024, 3, 4), 1000, sale_id="S2", deal=DealType.CROSS_SELL, line="Sales Hub Professional"),
    )
    assert active_points(credits, date(2024, 3, 4)) == 50


def test_an_assisted_sale_in_march_2024_still_earns_30_points():
    assert active_points(rate(sale(date(2024, 3, 4), 1000, motion=Motion.ASSISTED)), date(2024, 3, 4)) == 30


def test_a_managed_client_of_1000_dollars_a_month_earns_10_managed_points():
    credits = rate(level(date(2022, 1, 1), 1000), agreement(date(2022, 1, 1)))
    assert active_points(credits, date(2022, 9, 5), Source.MANAGED) == 10


def test_an_upsell_on_a_line_first_sold_before_the_change_earns_three_points():
    credits = rate(sale(date(2023, 6, 1), 1000), sale(date(2024, 6, 1), 1000, sale_id="S2", deal=DealType.UPSELL))
    assert active_points(credits, date(2024, 6, 1)) == 30


def test_an_upsell_on_a_line_first_sold_after_the_change_earns_five_points():
    credits = rate(sale(date(2024, 2, 27), 1000), sale(date(2024, 6, 1), 1000, sale_id="S2", deal=DealType.UPSELL))
    assert active_points(credits, date(2024, 6, 1)) == 100


def test_an_upsell_without_an_origin_uses_its_own_date():
    assert active_points(rate(sale(date(2024, 6, 1), 1000, deal=DealType.UPSELL)), date(2024, 6, 1)) == 50


def test_the_origin_of_an_upsell_is_the_latest_sale_of_its_own_line():
    credits = rate(
        sale(date(2022, 6, 1), 100),
        sale(date(2024, 3, 1), 100, sale_id="S2", deal=DealType.CROSS_SELL),
        sale(date(2024, 6, 1), 1000, sale_id="S3", deal=DealType.UPSELL),
    )
    [upsell] = [credit for credit in credits if credit.entry_id == "S3"]
    assert upsell.micropoints == 50 * MICRO


def test_clients_in_growth_markets_earn_double_points():
    credits = rate(
        sale(date(2022, 9, 1), 1000), level(date(2022, 9, 1), 1000), agreement(date(2022, 9, 1)), country="IN"
    )
    assert active_points(credits, date(2022, 9, 5), Source.SOURCED) == 60
    assert active_points(credits, date(2022, 9, 5), Source.MANAGED) == 20


def test_a_sale_of_20_july_2021_counts_up_to_and_including_19_july_2022():
    credits = rate(sale(date(2021, 7, 20), 1000))
    assert active_points(credits, date(2022, 7, 19)) == 30
    assert active_points(credits, date(2022, 7, 20)) == 0


def test_a_sale_of_29_february_expires_on_28_february():
    [credit] = rate(sale(date(2024, 2, 29), 1000))
    assert credit.lapses_on == date(2025, 2, 28)
    assert credit.closed_by is Cause.SALE_EXPIRED


@given(sold_on=st.dates(date(2016, 1, 1), date(2040, 1, 1)), months=st.integers(0, 36))
def test_a_sale_expires_so_many_calendar_months_later_clipped_to_the_months_end(sold_on: date, months: int):
    assert expires_on(sold_on, months) == sold_on + relativedelta(months=months)


def test_a_plain_renewal_earns_nothing():
    assert rate(sale(date(2022, 3, 1), 1000, deal=DealType.RENEWAL)) == []


def test_a_downgrade_consumes_the_newest_lot_first_and_splits_it():
    credits = rate(
        sale(date(2022, 1, 10), 1000),
        sale(date(2022, 3, 1), 500, sale_id="S2", deal=DealType.UPSELL),
        level(date(2022, 1, 10), 1000),
        level(date(2022, 3, 1), 1500),
        level(date(2022, 6, 1), 1200),
    )
    assert [(c.entry_id, c.micropoints, c.lapses_on, c.closed_by) for c in credits] == [
        ("S1", 30 * MICRO, date(2023, 1, 10), Cause.SALE_EXPIRED),
        ("S2", 9 * MICRO, date(2022, 6, 1), Cause.DOWNGRADE),
        ("S2", 6 * MICRO, date(2023, 3, 1), Cause.SALE_EXPIRED),
    ]


def test_mrr_below_that_of_12_months_ago_leaves_no_points():
    credits = rate(
        sale(date(2022, 1, 10), 300),
        level(date(2021, 1, 1), 1000),
        level(date(2022, 1, 10), 1300),
        level(date(2022, 6, 1), 700),
    )
    assert active_points(credits, date(2022, 5, 31)) == 9
    assert active_points(credits, date(2022, 6, 1)) == 0


def test_the_first_level_is_never_a_downgrade():
    assert active_points(rate(sale(date(2022, 1, 1), 1000), level(date(2022, 2, 1), 100)), date(2022, 3, 1)) == 30


def test_sales_on_the_same_day_are_consumed_by_higher_id_first():
    credits = rate(
        sale(date(2022, 1, 1), 100, sale_id="A"),
        sale(date(2022, 1, 1), 100, sale_id="B", partner="P2"),
        level(date(2022, 1, 1), 200),
        level(date(2022, 2, 1), 100),
    )
    assert {credit.entry_id: credit.closed_by for credit in credits} == {
        "A": Cause.SALE_EXPIRED,
        "B": Cause.DOWNGRADE,
    }


def test_a_cancellation_closes_every_open_lot_of_every_partner():
    credits = rate(
        sale(date(2022, 1, 1), 100, sale_id="A"),
        sale(date(2022, 2, 1), 100, sale_id="B", partner="P2", deal=DealType.UPSELL),
        level(date(2022, 1, 1), 200),
        level(date(2022, 3, 1), 0),
    )
    assert {credit.closed_by for credit in credits} == {Cause.CANCELLATION}


def test_an_expired_lot_is_not_consumed_by_a_later_downgrade():
    credits = rate(
        sale(date(2021, 1, 1), 500),
        level(date(2021, 1, 1), 500),
        level(date(2022, 1, 1), 100),
        level(date(2022, 6, 1), 0),
    )
    assert [credit.closed_by for credit in credits] == [Cause.SALE_EXPIRED]


def test_a_sale_without_levels_counts_in_full_and_says_so():
    [credit] = rate(sale(date(2022, 1, 1), 100))
    assert credit.assumed
    assert credit.doubt is None


def test_a_level_in_another_currency_makes_the_expiry_unknown_and_keeps_the_points():
    credits = rate(sale(date(2022, 1, 1), 100), level(date(2022, 1, 1), 90, currency="EUR"))
    [credit] = [credit for credit in credits if credit.source is not Source.MANAGED]
    assert credit.doubt == "the subscription and the sale are in different currencies"
    assert credit.micropoints == 3 * MICRO
    assert credit.lapsing is None


def test_a_currency_without_a_table_is_not_rated_and_never_zero():
    [credit] = rate(sale(date(2022, 1, 1), 100, currency="BRL"))
    assert credit.micropoints is None
    assert "currencies.BRL" in (credit.doubt or "")


@pytest.mark.parametrize(("currency", "minor"), [("EUR", 75_00), ("GBP", 62_50), ("JPY", 12_000), ("COP", 300_300_00)])
def test_the_local_amount_equal_to_100_dollars_earns_three_points(currency, minor):
    entry = sale(date(2022, 1, 1), 0, currency=currency)
    entry = type(entry)(*(getattr(entry, n) if n != "mrr" else Money(minor, currency) for n in entry.__slots__))
    [credit] = rate(entry)
    assert credit.micropoints == 3 * MICRO
    assert credit.program_cents == 100_00


def test_servicing_partners_share_the_managed_credit_evenly():
    credits = rate(
        level(date(2022, 1, 1), 1000),
        agreement(date(2022, 1, 1)),
        agreement(date(2022, 3, 1), date(2022, 5, 31), partner="P2", agreement_id="A2"),
    )
    worth = [(c.partner_id, c.starts_on, c.micropoints, c.opened_by, c.closed_by) for c in credits]
    assert worth == [
        ("P1", date(2022, 1, 1), 10 * MICRO, Cause.AGREEMENT_STARTED, Cause.SHARE_CHANGED),
        ("P1", date(2022, 3, 1), 5 * MICRO, Cause.SHARE_CHANGED, Cause.SHARE_CHANGED),
        ("P1", date(2022, 6, 1), 10 * MICRO, Cause.SHARE_CHANGED, None),
        ("P2", date(2022, 3, 1), 5 * MICRO, Cause.AGREEMENT_STARTED, Cause.AGREEMENT_ENDED),
    ]


def openings(*entries) -> list[tuple[date, Cause]]:
    return [(credit.starts_on, credit.opened_by) for credit in rate(*entries)]


def test_a_line_added_under_an_older_agreement_is_a_subscription_that_started():
    added = date(2022, 11, 5)
    assert openings(level(added, 300), agreement(date(2022, 2, 1))) == [(added, Cause.SUBSCRIPTION_STARTED)]
    renewed = agreement(date(2022, 2, 1), date(2022, 11, 4)), agreement(added, agreement_id="A2")
    assert openings(level(added, 300), *renewed) == [(added, Cause.SUBSCRIPTION_STARTED)]


@pytest.mark.parametrize("starts_on", [date(2022, 11, 5), date(2022, 11, 6), date(2023, 3, 1)])
def test_an_agreement_that_starts_with_its_line_or_later_is_an_agreement_that_started(starts_on: date):
    assert openings(level(date(2022, 11, 5), 300), agreement(starts_on)) == [(starts_on, Cause.AGREEMENT_STARTED)]


def test_an_agreement_that_ended_before_a_line_did_not_bring_it():
    earlier = agreement(date(2022, 1, 1), date(2022, 6, 30))
    now = agreement(date(2022, 11, 5), agreement_id="A2")
    assert openings(level(date(2022, 11, 5), 300), earlier, now) == [(date(2022, 11, 5), Cause.AGREEMENT_STARTED)]


def test_a_line_that_pays_again_after_paying_nothing_is_a_subscription_that_started():
    levels = level(date(2022, 1, 1), 1000), level(date(2022, 3, 1), 0), level(date(2022, 6, 1), 400)
    assert openings(*levels, agreement(date(2021, 1, 1))) == [
        (date(2022, 1, 1), Cause.SUBSCRIPTION_STARTED),
        (date(2022, 6, 1), Cause.SUBSCRIPTION_STARTED),
    ]


def test_an_expired_agreement_earns_no_managed_points():
    credits = rate(level(date(2021, 1, 1), 1000), agreement(date(2021, 1, 1), date(2022, 8, 31)))
    assert active_points(credits, date(2022, 8, 31)) == 10
    assert active_points(credits, date(2022, 9, 1)) == 0


def test_a_client_without_subscription_levels_earns_no_managed_points():
    assert rate(agreement(date(2021, 1, 1))) == []


def test_two_agreements_of_one_partner_count_once():
    credits = rate(
        level(date(2022, 1, 1), 1000),
        agreement(date(2022, 1, 1), date(2022, 6, 30)),
        agreement(date(2022, 6, 1), None, agreement_id="A2"),
    )
    assert active_points(credits, date(2022, 6, 15)) == 10
    assert [credit.lapses_on for credit in credits] == [None]


def test_a_change_of_the_currency_table_closes_a_managed_credit_and_opens_the_next():
    credits = rate(level(date(2025, 1, 1), 7500, currency="EUR"), agreement(date(2025, 1, 1)))
    assert [(c.starts_on, c.closed_by) for c in credits] == [
        (date(2025, 1, 1), Cause.RULE_CHANGED),
        (date(2025, 7, 15), None),
    ]
    assert credits[0].lapsing == credits[0].micropoints - credits[1].micropoints


def test_a_managed_credit_at_a_lower_level_loses_only_the_difference():
    credits = rate(level(date(2022, 1, 1), 1000), level(date(2022, 6, 1), 600), agreement(date(2022, 1, 1)))
    assert credits[0].closed_by is Cause.DOWNGRADE
    assert credits[0].lapsing == 4 * MICRO


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(client_book: ClientBook, shuffler: random.Random):
    expected = credits_of(client_book, PROGRAM)
    for entries in (client_book.sales, client_book.levels, client_book.agreements):
        shuffler.shuffle(entries)
    assert credits_of(client_book, PROGRAM) == expected


@given(books())
def test_the_parts_of_a_lot_add_up_to_the_sale(client_book: ClientBook):
    credits = [credit for credit in credits_of(client_book, PROGRAM) if credit.source is not Source.MANAGED]
    for entry in client_book.sales:
        parts = [credit for credit in credits if credit.entry_id == entry.sale_id]
        if parts and parts[0].micropoints is not None:
            per_100 = PROGRAM.on(entry.sold_on).per_100_usd(entry.mrr.currency)
            rated_at_once = round(entry.mrr.minor * parts[0].rate * MICRO / per_100.minor)
            assert abs(sum(part.micropoints or 0 for part in parts) - rated_at_once) <= 1
            assert sum(part.mrr.minor for part in parts) == entry.mrr.minor


def fold_of_sold_minor(client_book: ClientBook, line: str, day: date) -> int:
    """A second way to compute it: the line replayed day by day (how-tiers-work#decreases), without lots."""
    from dateutil.relativedelta import relativedelta

    remaining = {s.sale_id: s.mrr.minor for s in client_book.sales}
    sales = sorted(
        (s for s in client_book.sales if s.product_line == line and s.deal_type is not DealType.RENEWAL),
        key=lambda s: (s.sold_on, s.sale_id),
    )
    levels = sorted((lv for lv in client_book.levels if lv.product_line == line), key=lambda lv: lv.effective_on)
    for before, after in itertools.pairwise(levels):
        fall = before.mrr.minor - after.mrr.minor
        if after.effective_on > day:
            break
        for s in reversed(sales):
            if fall > 0 and s.sold_on <= after.effective_on < s.sold_on + relativedelta(months=12):
                taken = min(fall, remaining[s.sale_id])
                remaining[s.sale_id] -= taken
                fall -= taken
    return sum(remaining[s.sale_id] for s in sales if s.sold_on <= day < s.sold_on + relativedelta(months=12))


@given(books(), st.integers(0, 7 * 365))
def test_open_lots_on_any_day_match_a_plain_replay_of_the_entries(client_book: ClientBook, offset: int):
    day = FIRST + timedelta(offset)
    if len({e.mrr.currency for e in [*client_book.sales, *client_book.levels]}) > 1:
        return
    credits = [c for c in credits_of(client_book, PROGRAM) if c.source is not Source.MANAGED]
    for line in {s.product_line for s in client_book.sales}:
        found = sum(c.mrr.minor for c in credits if f"{c.product_line} {c.edition}" == line and is_active(c, as_of=day))
        assert found == fold_of_sold_minor(client_book, line, day)


@given(books())
def test_credits_are_intervals_that_start_before_they_end(client_book: ClientBook):
    for credit in credits_of(client_book, PROGRAM):
        assert credit.lapses_on is None or credit.starts_on <= credit.lapses_on
        assert (credit.lapses_on is None) == (credit.closed_by is None)
