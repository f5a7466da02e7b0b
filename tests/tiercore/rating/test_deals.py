"""Deal-based credit: net upsells, purchases without a deal, off until its day is set (how-tiers-work#deal-based)."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.entries import HUB, agreement, book, books, level, sale
from tiercore.facts.entries import Client, DealType, Motion
from tiercore.facts.points import MICRO, Source
from tiercore.program import Program, load_program
from tiercore.rating.credits import Cause, ClientBook, Credit, Origin, is_active
from tiercore.rating.lots import expires_on
from tiercore.rating.rating import credits_of

PRO, ENT = "Marketing Hub Professional", "Marketing Hub Enterprise"
START, UPSELL_DAY = date(2026, 1, 15), date(2026, 3, 2)
ON = "[deal_based.applies]\n2026-01-15 = { value = true }\n"


def program_of(folder: Path, text: str) -> Program:
    table = folder / "own.toml"
    table.write_text(text, encoding="utf-8")
    return load_program(table)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(tmp_path_factory.mktemp("rules"), ON)


def rate(program: Program, *entries, country: str = "US") -> list[Credit]:
    return credits_of(book(*entries, country=country), program)


def sold_by(credits: list[Credit], partner: str, day: date) -> list[tuple[int, int]]:
    """The MRR in dollars and the points of the partner's active sold credits."""
    return [
        (credit.mrr.minor // 100, (credit.micropoints or 0) // MICRO)
        for credit in credits
        if credit.partner_id == partner and credit.source is not Source.MANAGED and is_active(credit, as_of=day)
    ]


def upsell(dollars: int, day: date = UPSELL_DAY, *, partner: str = "B", sale_id: str = "S2", currency: str = "USD"):
    return sale(day, dollars, sale_id=sale_id, partner=partner, deal=DealType.UPSELL, line=ENT, currency=currency)


A_SOLD = sale(date(2025, 9, 1), 800, partner="A")
A_PAID = level(date(2025, 9, 1), 800)
B_PAID = level(UPSELL_DAY, 2000, line=ENT)


# Net upsells.


def test_a_sold_professional_at_800_b_upsells_to_enterprise_at_2000_and_b_is_credited_1200(program: Program):
    credits = rate(program, A_SOLD, upsell(2000), A_PAID, B_PAID)
    assert sold_by(credits, "B", UPSELL_DAY) == [(1200, 60)]
    assert sold_by(credits, "A", UPSELL_DAY) == [(800, 40)]
    assert [each.opened_by for each in credits if each.partner_id == "B"] == [Cause.NET_UPSELL]


def test_the_800_of_a_stay_its_credit_until_they_expire(program: Program):
    [kept] = [each for each in rate(program, A_SOLD, upsell(2000), A_PAID, B_PAID) if each.partner_id == "A"]
    assert (kept.lapses_on, kept.closed_by) == (date(2026, 9, 1), Cause.SALE_EXPIRED)


def test_a_later_decrease_takes_from_the_newest_lot_first_across_partners(program: Program):
    falls = level(date(2026, 5, 1), 500, line=ENT)
    credits = rate(program, A_SOLD, upsell(2000), A_PAID, B_PAID, falls)
    assert sold_by(credits, "B", date(2026, 5, 1)) == []
    assert sold_by(credits, "A", date(2026, 5, 1)) == [(500, 25)]


def test_the_level_before_wins_over_what_the_sales_say(program: Program):
    """A sold 800, but the line paid only 700 on the day before."""
    credits = rate(program, A_SOLD, upsell(2000), A_PAID, level(date(2026, 2, 1), 700), B_PAID)
    assert sold_by(credits, "B", UPSELL_DAY) == [(1300, 65)]


def test_deals_since_the_level_before_are_taken_off_as_well(program: Program):
    """A's upsell to 1,000 isn't in the levels yet when B sells."""
    of_a = upsell(1000, date(2026, 2, 20), partner="A", sale_id="S1b")
    credits = rate(program, A_SOLD, of_a, upsell(2000), A_PAID, B_PAID)
    assert sold_by(credits, "A", UPSELL_DAY) == [(800, 40), (200, 10)]
    assert sold_by(credits, "B", UPSELL_DAY) == [(1000, 50)]


def test_without_levels_the_sales_say_what_the_line_paid_even_if_their_points_have_expired(program: Program):
    long_ago = sale(date(2024, 6, 3), 800, partner="A")
    credits = rate(program, long_ago, upsell(2000))
    assert sold_by(credits, "B", UPSELL_DAY) == [(1200, 60)]


def test_an_upsell_on_its_own_day_takes_off_what_was_sold_earlier_on_that_day(program: Program):
    credits = rate(program, sale(UPSELL_DAY, 800, partner="A"), upsell(2000), B_PAID)
    assert sold_by(credits, "B", UPSELL_DAY) == [(1200, 60)]


@pytest.mark.parametrize(
    ("deal", "net"), [(DealType.RENEWAL, 1200), (DealType.INCREASE, 1100), (DealType.CROSS_SELL, 1100)]
)
def test_without_levels_a_renewal_adds_nothing_to_what_the_line_paid(program: Program, deal: DealType, net: int):
    more = sale(date(2025, 12, 1), 100, sale_id="S1b", partner="A", deal=deal)
    assert sold_by(rate(program, A_SOLD, more, upsell(2000)), "B", UPSELL_DAY) == [(net, net // 20)]


def test_deals_in_two_currencies_do_not_add_up_to_what_the_line_paid(program: Program):
    in_euros = sale(date(2025, 12, 1), 100, sale_id="S1b", partner="A", deal=DealType.CROSS_SELL, currency="EUR")
    [of_b] = [each for each in rate(program, A_SOLD, in_euros, upsell(2000)) if each.partner_id == "B"]
    assert of_b.micropoints is None


def test_an_upsell_of_unknown_amount_tells_what_the_line_pays_from_then_on(program: Program):
    later = upsell(2500, date(2026, 4, 1), sale_id="S3", partner="A")
    assert sold_by(rate(program, upsell(2000), later), "A", date(2026, 4, 1)) == [(500, 25)]


@pytest.mark.parametrize("dollars", [800, 500])
def test_an_upsell_that_adds_nothing_earns_nothing(program: Program, dollars: int):
    credits = rate(program, A_SOLD, upsell(dollars), A_PAID)
    [nothing] = [each for each in credits if each.partner_id == "B"]
    assert (nothing.micropoints, nothing.mrr.minor, nothing.opened_by) == (0, 0, Cause.NET_UPSELL)
    assert not is_active(nothing, as_of=UPSELL_DAY)
    assert sold_by(credits, "A", UPSELL_DAY) == [(800, 40)]


def test_an_upsell_in_another_currency_than_its_line_is_unknown_and_not_zero(program: Program):
    credits = rate(program, A_SOLD, upsell(2000, currency="EUR"), A_PAID)
    [of_b] = [each for each in credits if each.partner_id == "B"]
    assert (of_b.micropoints, of_b.program_cents) == (None, None)
    assert of_b.doubt == "the upsell and its line are in different currencies, so what it adds is unknown"


def test_an_upsell_on_a_line_of_which_nothing_is_on_file_is_unknown_and_not_the_whole_amount(program: Program):
    [of_b] = rate(program, upsell(2000), B_PAID)
    assert of_b.micropoints is None
    assert "import its subscription level of an earlier day" in str(of_b.doubt)


def test_a_decrease_after_an_upsell_of_unknown_amount_leaves_the_older_expiry_unknown(program: Program):
    credits = rate(
        program, upsell(2000, sale_id="S1"), upsell(2500, date(2026, 4, 1)), B_PAID, level(date(2026, 6, 1), 900)
    )
    [later] = [each for each in credits if each.entry_id == "S2"]
    assert later.mrr.minor == 500_00
    assert later.doubt == "what an upsell added to the line is unknown, and the line has decreased since"


def test_an_assisted_upsell_counts_net_as_well(program: Program):
    credits = rate(program, A_SOLD, replace(upsell(2000), motion=Motion.ASSISTED), A_PAID, B_PAID)
    assert sold_by(credits, "B", UPSELL_DAY) == [(1200, 36)]


def test_an_upsell_before_the_day_counts_in_full(program: Program):
    credits = rate(program, A_SOLD, upsell(1200, START - timedelta(1)), A_PAID)
    assert sold_by(credits, "B", START) == [(1200, 60)]


# The rate on a line that another partner sold before the rates changed.

OLD = sale(date(2023, 5, 2), 800, partner="A")
OLD_PAID = level(date(2023, 5, 2), 800)


def of_b(folder: Path, setting: str = "", **changes: object) -> Credit:
    made = rate(program_of(folder, ON + setting), OLD, replace(upsell(2000), **changes), OLD_PAID, B_PAID)
    [found] = [each for each in made if each.entry_id == "S2"]
    return found


def test_the_rate_of_an_upsell_on_an_older_line_of_another_partner_is_not_guessed(tmp_path: Path):
    found = of_b(tmp_path)
    assert (found.micropoints, found.doubt) == (None, "deal_based.older_line_rate isn't set")
    assert found.mrr.minor == 1200_00


@pytest.mark.parametrize(
    ("counts", "points", "rated_on", "origin"),
    [("line", 36, date(2023, 5, 2), Origin.DEAL), ("sale", 60, UPSELL_DAY, Origin.DEAL_BASED)],
)
def test_the_rate_on_an_older_line_is_configured(
    tmp_path: Path, counts: str, points: int, rated_on: date, origin: Origin
):
    found = of_b(tmp_path, f'[deal_based.older_line_rate]\n2026-01-15 = {{ value = "{counts}" }}\n')
    assert (found.micropoints, found.rated_on, found.origin) == (points * MICRO, rated_on, origin)


def test_an_upsell_on_a_partners_own_older_line_keeps_its_rate(tmp_path: Path):
    assert of_b(tmp_path, partner_id="A").micropoints == 36 * MICRO


def test_an_assisted_upsell_has_one_rate_on_lines_of_any_age(tmp_path: Path):
    assert of_b(tmp_path, motion=Motion.ASSISTED).micropoints == 36 * MICRO


# Purchases without a deal.

PURCHASE = level(date(2026, 4, 1), 1100)


def purchases(credits: list[Credit]) -> list[tuple[str, int]]:
    return [(each.partner_id, each.mrr.minor // 100) for each in credits if each.opened_by is Cause.PURCHASE]


def test_a_purchase_without_a_deal_goes_to_the_partner_of_the_latest_shared_deal(program: Program):
    credits = rate(program, A_SOLD, upsell(900), A_PAID, level(UPSELL_DAY, 900, line=ENT), PURCHASE)
    [found] = [each for each in credits if each.opened_by is Cause.PURCHASE]
    assert (found.partner_id, found.source, found.micropoints) == ("B", Source.SOURCED, 10 * MICRO)
    assert (found.starts_on, found.lapses_on) == (date(2026, 4, 1), date(2027, 4, 1))
    assert found.entry_id == f"{HUB} 2026-04-01"


def test_a_purchase_of_another_edition_is_a_purchase_of_the_same_line(program: Program):
    assert purchases(rate(program, A_SOLD, A_PAID, level(date(2026, 4, 1), 2000, line=ENT))) == [("A", 1200)]


def test_an_assisted_sale_is_no_shared_deal(program: Program):
    by_b = replace(sale(date(2025, 9, 1), 800, sale_id="S0", partner="B"), motion=Motion.ASSISTED)
    assert purchases(rate(program, by_b, A_PAID, PURCHASE)) == []


@pytest.mark.parametrize(("bought_on", "found"), [(date(2026, 8, 31), [("A", 300)]), (date(2026, 9, 1), [])])
def test_a_purchase_counts_within_12_months_of_the_lines_first_sale(program: Program, bought_on: date, found: list):
    assert purchases(rate(program, A_SOLD, A_PAID, level(bought_on, 1100))) == found


def test_a_line_that_paid_before_its_first_deal_on_file_is_as_old_as_its_levels(program: Program):
    renewed = sale(date(2026, 2, 2), 800, partner="A", deal=DealType.RENEWAL)
    assert purchases(rate(program, renewed, level(date(2019, 3, 1), 800), PURCHASE)) == []


def test_a_rise_before_the_day_is_nobodys(program: Program):
    assert purchases(rate(program, A_SOLD, A_PAID, level(START - timedelta(1), 1100))) == []


def test_a_rise_with_a_deal_since_the_level_before_is_that_deals(program: Program):
    early = upsell(2000, date(2026, 2, 10))
    assert purchases(rate(program, A_SOLD, early, A_PAID, B_PAID)) == []


def test_a_rise_that_a_later_deal_states_exactly_is_that_deals(program: Program):
    credits = rate(program, A_SOLD, upsell(2000, date(2026, 3, 9)), A_PAID, B_PAID)
    assert purchases(credits) == []
    assert sold_by(credits, "B", date(2026, 3, 9)) == [(1200, 60)]


def test_a_late_deal_that_is_no_upsell_states_what_the_line_rose_by(program: Program):
    added, falls_short = (
        sale(date(2026, 4, 9), dollars, sale_id="S1b", partner="B", deal=DealType.CROSS_SELL) for dollars in (300, 200)
    )
    assert purchases(rate(program, A_SOLD, added, A_PAID, PURCHASE)) == []
    assert purchases(rate(program, A_SOLD, falls_short, A_PAID, PURCHASE)) == [("A", 300)]


def test_a_deal_after_the_next_level_accounts_for_no_earlier_rise(program: Program):
    late = upsell(1100, date(2026, 5, 2))
    found = rate(program, A_SOLD, late, A_PAID, PURCHASE, level(date(2026, 5, 1), 1050))
    assert [(each.partner_id, each.entry_id) for each in found if each.opened_by is Cause.PURCHASE] == [
        ("A", f"{HUB} 2026-04-01")
    ] * 2


def test_the_first_level_and_a_level_in_another_currency_are_no_purchase(program: Program):
    in_euros = level(date(2026, 4, 1), 1100, currency="EUR")
    assert purchases(rate(program, A_SOLD, level(START, 800))) == []
    assert purchases(rate(program, A_SOLD, A_PAID, in_euros)) == []


def test_a_later_decrease_takes_from_a_purchase_first(program: Program):
    falls = level(date(2026, 5, 1), 900)
    credits = rate(program, A_SOLD, A_PAID, PURCHASE, falls)
    assert sold_by(credits, "A", date(2026, 5, 1)) == [(800, 40), (100, 5)]


def test_a_sale_on_file_after_its_first_level_is_not_counted_twice(program: Program):
    credits = rate(program, replace(A_SOLD, sold_on=date(2025, 9, 4)), upsell(2000), A_PAID, B_PAID)
    assert sold_by(credits, "B", UPSELL_DAY) == [(1200, 60)]


def test_a_second_upsell_to_what_the_line_pays_already_adds_nothing(program: Program):
    credits = rate(program, A_SOLD, upsell(2000), upsell(2000, date(2026, 3, 9), sale_id="S3"), A_PAID, B_PAID)
    assert sold_by(credits, "B", date(2026, 3, 9)) == [(1200, 60)]


def test_a_purchase_earns_where_increases_no_longer_do(tmp_path: Path):
    ended = program_of(tmp_path, ON + "[sold.earns.increase]\n2026-01-01 = { value = false }\n")
    assert purchases(rate(ended, A_SOLD, A_PAID, PURCHASE)) == [("A", 300)]


def test_a_line_of_another_account_is_not_the_deals(program: Program):
    other = replace(A_PAID, account="Lyon"), replace(PURCHASE, account="Lyon")
    assert purchases(rate(program, A_SOLD, A_PAID, *other)) == []


# Levels that lag behind the deals.


def test_a_level_that_is_restated_between_two_upsells_takes_nothing_from_the_first(program: Program):
    """800, B to 2,000, still 800 in the export, B to 2,500, then 2,500: 1,700 in all."""
    again = upsell(2500, date(2026, 3, 20), sale_id="S3")
    levels = A_PAID, level(date(2026, 3, 15), 800), level(date(2026, 4, 1), 2500, line=ENT)
    credits = rate(program, A_SOLD, upsell(2000), again, *levels)
    assert sold_by(credits, "B", date(2026, 4, 1)) == [(1200, 60), (500, 25)]
    assert purchases(credits) == []


def test_a_level_that_shows_only_the_first_of_two_upsells_takes_nothing_from_the_second(program: Program):
    of_c = upsell(2500, date(2026, 3, 9), partner="C", sale_id="S3")
    last = upsell(2600, date(2026, 4, 20), partner="D", sale_id="S4")
    levels = A_PAID, level(date(2026, 3, 15), 2000, line=ENT), level(date(2026, 5, 1), 2600, line=ENT)
    credits = rate(program, A_SOLD, upsell(2000), of_c, last, *levels)
    assert [sold_by(credits, each, date(2026, 5, 1)) for each in "BCD"] == [[(1200, 60)], [(500, 25)], [(100, 5)]]


def test_a_rise_that_shows_an_upsell_late_is_no_purchase(program: Program):
    levels = A_PAID, level(date(2026, 3, 15), 800), level(date(2026, 4, 1), 2000, line=ENT)
    assert purchases(rate(program, A_SOLD, upsell(2000), *levels)) == []


def test_a_first_level_that_shows_what_the_line_paid_before_an_upsell_lags_behind_it(program: Program):
    sold = replace(A_SOLD, sold_on=date(2026, 2, 20))
    levels = level(date(2026, 3, 5), 800), level(date(2026, 4, 1), 2000, line=ENT)
    credits = rate(program, sold, upsell(2000), upsell(2500, date(2026, 3, 9), sale_id="S3"), *levels)
    assert sold_by(credits, "B", date(2026, 4, 1)) == [(1200, 60), (500, 25)]
    assert purchases(credits) == []


def test_any_other_first_level_wins_over_the_deals_before_it(program: Program):
    """A sold 5,000 years ago; the files begin when the line pays 800."""
    credits = rate(program, sale(date(2021, 9, 1), 5000, partner="A"), A_PAID, upsell(2000))
    assert [each.mrr.minor for each in credits if each.partner_id == "B"] == [1200_00]


def test_a_decrease_takes_as_much_from_what_an_upsell_stated_as_from_the_level(program: Program):
    falls, rises = level(date(2026, 3, 15), 700), level(date(2026, 4, 1), 2500, line=ENT)
    credits = rate(program, A_SOLD, upsell(2000), upsell(2500, date(2026, 4, 1), sale_id="S3"), A_PAID, falls, rises)
    assert sold_by(credits, "B", date(2026, 4, 1)) == [(1100, 55), (600, 30)]


def test_after_a_cancellation_nothing_is_left_of_what_deals_stated(program: Program):
    ended, again = level(date(2026, 4, 1), 0), level(date(2026, 5, 1), 500)
    credits = rate(program, A_SOLD, upsell(2000), A_PAID, ended, again, upsell(900, date(2026, 6, 1), sale_id="S3"))
    assert [each.mrr.minor for each in credits if each.entry_id == "S3"] == [400_00]


@pytest.mark.parametrize(("sold_on", "net"), [(date(2027, 3, 1), 0), (date(2027, 3, 2), 1200)])
def test_what_no_level_shows_counts_until_the_points_of_its_deal_expire(program: Program, sold_on: date, net: int):
    credits = rate(program, A_SOLD, A_PAID, upsell(2000), upsell(2000, sold_on, partner="C", sale_id="S3"))
    assert [each.mrr.minor for each in credits if each.partner_id == "C"] == [net * 100]


def test_an_upsell_in_another_currency_leaves_its_line_unknown_however_often_the_level_is_restated(program: Program):
    in_euros = sale(date(2026, 2, 1), 100, sale_id="S1b", partner="A", deal=DealType.CROSS_SELL, currency="EUR")
    credits = rate(program, A_SOLD, A_PAID, in_euros, level(date(2026, 2, 15), 800), upsell(2000))
    assert [each.micropoints for each in credits if each.partner_id == "B"] == [None]


# Upsells that state the difference, and not the line's new MRR.


@pytest.mark.parametrize("sold_on", [UPSELL_DAY, date(2026, 2, 20)])
def test_a_rise_that_an_upsell_states_in_place_of_the_new_mrr_is_no_purchase(program: Program, sold_on: date):
    """A row that still states what it adds: 800, then 2,000, and an upsell of 1,200."""
    rises = level(date(2026, 2, 25), 2000, line=ENT)
    months = level(date(2026, 2, 24), 800), level(date(2026, 3, 1), 2000, line=ENT)
    assert purchases(rate(program, A_SOLD, A_PAID, upsell(1200, sold_on), rises)) == []
    assert purchases(rate(program, A_SOLD, A_PAID, upsell(1200, sold_on), *months, rises)) == []


def test_an_upsell_that_an_earlier_level_shows_is_not_the_difference_of_the_next_rise(program: Program):
    shown, more = level(date(2026, 3, 1), 1200, line=ENT), level(date(2026, 4, 1), 2400, line=ENT)
    months = level(date(2026, 3, 15), 1200, line=ENT)
    assert purchases(rate(program, A_SOLD, A_PAID, upsell(1200), shown, months, more)) == [("B", 1200)]


def test_an_upsell_before_the_day_states_what_it_adds_and_may_come_after_its_level(tmp_path: Path):
    off_until_march = program_of(tmp_path, ON.replace("2026-01-15", "2026-03-01"))
    added = upsell(200, date(2026, 2, 20), partner="A", sale_id="S1b")
    credits = rate(off_until_march, A_SOLD, A_PAID, level(date(2026, 2, 15), 1000), added, upsell(2000), B_PAID)
    assert sold_by(credits, "B", UPSELL_DAY) == [(1000, 50)]


# Where and since when it applies.


def test_the_clients_country_decides_where_countries_are_listed(tmp_path: Path):
    beta = program_of(tmp_path, ON + '[deal_based.countries.dach]\n2026-01-15 = { value = ["DE", "AT", "CH"] }\n')
    entries = (A_SOLD, upsell(2000), A_PAID, B_PAID)
    assert sold_by(rate(beta, *entries, country="DE"), "B", UPSELL_DAY) == [(1200, 60)]
    assert sold_by(rate(beta, *entries, country="US"), "B", UPSELL_DAY) == [(2000, 100)]


def test_it_is_off_until_its_day_is_set(program: Program):
    assert not load_program().deal_based
    assert program.deal_based
    assert program.on(START - timedelta(1)).deal_based is None
    assert program.on(START).deal_based is not None


def test_setting_its_day_asks_for_a_rebuild(program: Program):
    assert program.rating_fingerprint != load_program().rating_fingerprint
    assert START in program.rating_changes


@given(books())
def test_rules_that_never_apply_change_not_one_figure(never: Program, shipped: Program, client_book: ClientBook):
    assert credits_of(client_book, never) == credits_of(client_book, shipped)


@pytest.fixture(scope="module")
def shipped() -> Program:
    return load_program()


@pytest.fixture(scope="module")
def never(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """On for a country without clients, and for every country after the last entry."""
    folder = tmp_path_factory.mktemp("never")
    nowhere = '[deal_based.countries.none]\n2020-01-01 = { value = ["AQ"] }\n2099-01-01 = { value = "not set" }\n'
    return program_of(folder, "[deal_based.applies]\n2020-01-01 = { value = true }\n" + nowhere)


@pytest.fixture(scope="module")
def always(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(tmp_path_factory.mktemp("always"), "[deal_based.applies]\n2020-01-01 = { value = true }\n")


@given(books())
def test_points_are_never_negative_and_no_sale_counts_for_more_than_its_amount(
    always: Program, client_book: ClientBook
):
    amounts = {each.sale_id: each.mrr.minor for each in client_book.sales}
    credits = credits_of(client_book, always)
    assert all((each.micropoints or 0) >= 0 and each.mrr.minor >= 0 for each in credits)
    assert all(each.lapses_on is None or each.starts_on <= each.lapses_on for each in credits)
    for sale_id, amount in amounts.items():
        assert sum(each.mrr.minor for each in credits if each.entry_id == sale_id) <= amount


@st.composite
def lines_with_deals(draw: st.DrawFn) -> ClientBook:
    """A line whose levels are known: each rise is an upsell to the new amount or a purchase without a deal."""
    made = ClientBook(Client("C1", "Acme", "US"))
    day, pays = date(2026, 1, 20), draw(st.integers(1, 3000))
    made.sales.append(sale(day, pays, partner="A"))
    made.levels.append(level(day, pays))
    for number in range(draw(st.integers(0, 6))):
        day += timedelta(draw(st.integers(2, 120)))
        before, pays = pays, draw(st.integers(0, 3000))
        if pays > before and draw(st.booleans()):
            partner, early = draw(st.sampled_from("ABC")), draw(st.integers(0, 1))
            made.sales.append(upsell(pays, day - timedelta(early), partner=partner, sale_id=f"U{number}"))
        made.levels.append(level(day, pays))
    return made


@given(lines_with_deals(), st.integers(0, 1000))
def test_the_credited_mrr_of_a_line_never_exceeds_what_it_pays(program: Program, made: ClientBook, offset: int):
    day = date(2026, 1, 20) + timedelta(offset)
    active = [each for each in credits_of(made, program) if is_active(each, as_of=day)]
    levels = sorted(made.levels, key=lambda each: each.effective_on)
    pays = next(each.mrr.minor for each in reversed(levels) if each.effective_on <= day)
    sold_today = [each.mrr.minor for each in made.sales if each.sold_on == day]  # its level may begin tomorrow
    assert sum(each.mrr.minor for each in active) <= max([pays, *sold_today])


@st.composite
def lagging_lines(draw: st.DrawFn) -> ClientBook:
    """Upsells, each to more than the one before, and levels of any days that show some of them late, or none yet."""
    made = ClientBook(Client("C1", "Acme", "US"))
    day, pays = date(2026, 1, 20), draw(st.integers(1, 1000))
    made.sales.append(sale(day, pays, partner="A"))
    made.levels.append(level(day, pays))
    stated, shown = [pays], 0
    for number in range(draw(st.integers(1, 8))):
        day += timedelta(draw(st.integers(1, 30)))
        if draw(st.booleans()):
            stated.append(stated[-1] + draw(st.integers(1, 1000)))
            made.sales.append(upsell(stated[-1], day, partner=draw(st.sampled_from("ABC")), sale_id=f"U{number}"))
        else:
            shown = draw(st.integers(shown, len(stated) - 1))
            made.levels.append(level(day, stated[shown]))
    return made


@given(lagging_lines())
def test_each_upsell_adds_what_it_states_above_the_one_before_however_late_levels_show_it(
    program: Program, made: ClientBook
):
    credits = credits_of(made, program)
    amounts = [each.mrr.minor for each in made.sales]
    adds = {each.sale_id: each.mrr.minor - before for each, before in zip(made.sales, [0, *amounts], strict=False)}
    assert {each.entry_id: each.mrr.minor for each in credits} == adds


@given(lagging_lines(), st.sets(st.integers(1, 400), max_size=20))
def test_levels_that_are_restated_change_no_credit(program: Program, made: ClientBook, offsets: set[int]):
    months = ClientBook(made.client, made.sales, list(made.levels))
    for day in sorted(date(2026, 1, 20) + timedelta(each) for each in offsets):
        held = max((each for each in made.levels if each.effective_on <= day), key=lambda each: each.effective_on)
        if held.effective_on < day:
            months.levels.append(replace(held, effective_on=day))
    assert credits_of(months, program) == credits_of(made, program)


@st.composite
def rising_lines(draw: st.DrawFn) -> ClientBook:
    """Upsells to any amount and levels of any days that never fall, whether they go together or not."""
    made = ClientBook(Client("C1", "Acme", "US"))
    day, pays = date(2026, 1, 20), draw(st.integers(1, 1000))
    made.sales.append(sale(day, pays, partner="A"))
    made.levels.append(level(day, pays))
    amounts = st.integers(0, 3000) | st.sampled_from([1000, 2000, 3000])
    for number in range(draw(st.integers(1, 8))):
        day += timedelta(draw(st.integers(1, 200)))
        if draw(st.booleans()):
            made.sales.append(upsell(draw(amounts), day, partner=draw(st.sampled_from("ABC")), sale_id=f"U{number}"))
        else:
            pays = max(pays, draw(amounts))
            made.levels.append(level(day, pays))
    return made


@given(rising_lines(), st.integers(0, 1600))
def test_no_rise_is_credited_twice(program: Program, made: ClientBook, offset: int):
    """What counts on a day is at most what the line pays by its level or by a deal that counts itself."""
    day = date(2026, 1, 20) + timedelta(offset)
    active = [each for each in credits_of(made, program) if is_active(each, as_of=day)]
    pays = [each.mrr.minor for each in made.levels if each.effective_on <= day]
    pays += [each.mrr.minor for each in made.sales if each.sold_on <= day < expires_on(each.sold_on, 12)]
    assert all(each.mrr.minor >= 0 for each in active)
    assert sum(each.mrr.minor for each in active) <= max(pays)


@given(lines_with_deals())
def test_the_order_of_entries_does_not_matter(program: Program, made: ClientBook):
    turned = ClientBook(made.client, made.sales[::-1], made.levels[::-1])
    assert credits_of(made, program) == credits_of(turned, program)


def test_managed_credit_stays_as_it_is(program: Program):
    managed = agreement(date(2025, 9, 1), partner="A")
    on, off = (
        [each for each in rate(rules, A_SOLD, upsell(2000), A_PAID, B_PAID, managed) if each.source is Source.MANAGED]
        for rules in (program, load_program())
    )
    assert on == off
