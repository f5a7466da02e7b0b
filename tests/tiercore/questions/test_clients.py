"""One client in detail: earned, active, expired, lost; MRR then and now; why it earns no managed points."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers_from_entries import client_of, detail
from tests.support.entries import CLIENT, agreement, book, books, level, sale, usd
from tests.support.partner_a import facts
from tiercore.facts.entries import DealType
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import MICRO, Source
from tiercore.facts.unknown import Unknown
from tiercore.program import load_program
from tiercore.questions.client import total_mrr
from tiercore.questions.requirements import Facts
from tiercore.rating.credits import Cause, is_active
from tiercore.rating.rating import credits_of

PROGRAM = load_program()


def test_a_downgrade_reduces_a_sale_and_the_rest_expires_after_twelve_months():
    entries = [sale(date(2021, 9, 21), 1600), level(date(2021, 9, 21), 1600), level(date(2022, 5, 10), 1250)]
    [before] = client_of(*entries, on=date(2022, 9, 20)).sales
    assert (before.earned, before.active, before.lapsed, before.lost) == (
        48 * MICRO,
        37_500_000,
        0,
        10_500_000,
    )
    assert before.lapses_on == date(2022, 9, 21)
    assert [(each.cause, each.day) for each in before.losses] == [(Cause.DOWNGRADE, date(2022, 5, 10))]
    [after] = client_of(*entries, on=date(2022, 9, 21)).sales
    assert (after.active, after.lapsed, after.lost) == (0, 37_500_000, 10_500_000)


def test_mrr_below_that_of_twelve_months_ago_shows_no_points_already_lost():
    client = client_of(
        sale(date(2022, 1, 10), 1000),
        level(date(2022, 1, 10), 1000),
        level(date(2022, 6, 1), 0),
        on=date(2022, 9, 5),
    )
    [history] = client.sales
    assert history.active == 0
    assert history.lapses_on is None
    assert history.losses[0].cause is Cause.CANCELLATION


def test_mrr_today_and_twelve_months_ago_is_shown_by_product_line():
    levels = level(date(2021, 1, 1), 1000), level(date(2022, 3, 1), 1500)
    client = client_of(agreement(date(2021, 1, 1), date(2021, 2, 1)), *levels, on=date(2022, 9, 5))
    [line] = client.lines
    assert (line.mrr, line.mrr_before) == (usd(1500), usd(1000))
    assert total_mrr([usd(1500), usd(100)]) == usd(1600)


def test_a_first_level_of_zero_is_no_first_subscription():
    sold, zero = sale(date(2022, 1, 10), 1000), level(date(2022, 6, 10), 0)
    assert client_of(sold, zero, on=date(2022, 9, 5)).first_level is None
    assert client_of(sold, level(date(2022, 6, 10), 900), on=date(2022, 9, 5)).first_level == date(2022, 6, 10)


def test_a_client_in_us_dollars_has_no_note_on_currencies_and_one_in_several_names_each():
    dollars = sale(date(2022, 1, 10), 1000), level(date(2022, 1, 10), 1000)
    assert client_of(*dollars, on=date(2022, 9, 5)).notes == ()
    euros, pounds = (sale(date(2022, 2, 1), 100, sale_id=each, currency=each) for each in ("EUR", "GBP"))
    [note] = client_of(*dollars, euros, pounds, on=date(2022, 9, 5)).notes
    assert note == "amounts in EUR and GBP are approximate (the program's fixed table)"


def test_a_partner_sees_only_the_mrr_of_lines_they_sold():
    client = client_of(sale(date(2022, 1, 10), 1000), level(date(2022, 1, 10), 1000), on=date(2022, 9, 5))
    assert [(line.product_line, line.edition) for line in client.lines] == [("Marketing Hub", "Professional")]
    other = book(
        sale(date(2022, 1, 10), 1000),
        level(date(2022, 1, 10), 1000),
        level(date(2022, 1, 10), 9000, line="Service Hub"),
        agreement(date(2021, 1, 1), partner="P2", agreement_id="A2"),
    )
    assert [line.product_line for line in detail(other, date(2022, 9, 5)).lines] == ["Marketing Hub"]
    assert len(detail(other, date(2022, 9, 5), "P2").lines) == 2


def test_amounts_in_several_currencies_have_no_sum():
    assert isinstance(total_mrr([]), Unknown)
    mixed = total_mrr([usd(1), level(date(2021, 1, 1), 1, currency="EUR").mrr])
    assert mixed == Unknown("in several currencies: EUR, USD")


@pytest.mark.parametrize(
    ("levels", "why"),
    [
        ([], "no subscription data is on file"),
        ([level(date(2021, 1, 1), 0)], "its subscriptions are cancelled"),
        ([level(date(2021, 1, 1), 100)], None),
    ],
)
def test_an_agreement_that_earns_nothing_gives_the_reason(levels, why):
    assert client_of(agreement(date(2021, 1, 1)), *levels, on=date(2022, 9, 5)).unpaid == why


def test_without_an_agreement_there_is_no_reason_to_give():
    ended = agreement(date(2021, 1, 1), date(2022, 9, 4))
    assert client_of(ended, on=date(2022, 9, 5)).unpaid is None


def test_a_renewal_is_listed_and_earns_nothing():
    [history] = client_of(sale(date(2022, 1, 10), 1000, deal=DealType.RENEWAL), on=date(2022, 9, 5)).sales
    assert (history.earned, history.doubt) == (0, None)


def test_a_credit_shared_by_partners_says_how_many():
    client_book = book(
        level(date(2021, 1, 1), 1000),
        agreement(date(2021, 1, 1)),
        agreement(date(2021, 1, 1), partner="P2", agreement_id="A2"),
    )
    [credit] = detail(client_book, date(2022, 9, 5)).credits
    assert (credit.shared_by, credit.micropoints) == (2, 5 * MICRO)


def test_an_expiry_under_correction_is_blank_with_the_reason():
    under_correction = Facts(facts().partner, (), None, None, holds={EXPIRY: Unknown("under correction")})
    [history] = detail(book(sale(date(2022, 1, 10), 1000)), date(2022, 9, 5), facts=under_correction).sales
    assert (history.active, history.lapses_on, history.doubt) == (30 * MICRO, None, "under correction")


@given(books(), st.sampled_from(["P1", "P2", "P3"]), st.integers(0, 8 * 365))
def test_earned_is_active_plus_expired_plus_lost_and_adds_up_to_the_balance(client_book, partner, offset):
    on = date(2021, 1, 1) + timedelta(offset)
    client = detail(client_book, on, partner)
    active = [
        each for each in credits_of(client_book, PROGRAM) if each.partner_id == partner and is_active(each, as_of=on)
    ]
    sold = sum(each.micropoints or 0 for each in active if each.source is not Source.MANAGED)
    for history in client.sales:
        if history.earned is not None:
            assert history.earned == (history.active or 0) + (history.lapsed or 0) + (history.lost or 0)
            assert history.lost == sum(each.micropoints for each in history.losses)
    assert sum(history.active or 0 for history in client.sales) == client.sold == sold
    assert sum(line.sold for line in client.lines) == client.sold
    assert sum(line.managed for line in client.lines) == client.managed


def test_the_detail_is_about_the_given_client():
    assert client_of(sale(date(2022, 1, 10), 1000), on=date(2022, 9, 5)).client == CLIENT
