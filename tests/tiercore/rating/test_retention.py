"""C$R and GRR: the share of the install base's MRR retained over a year (how-tiers-work#retention)."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import partner_a
from tests.support.answers_from_entries import months_of
from tests.support.entries import agreement, book, books, level, managed, sale
from tests.support.retained import retained
from tiercore.facts.entries import Client, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Program, load_program
from tiercore.questions.judging import performing_on
from tiercore.questions.requirements import Facts, Requirement, State, requirements_of
from tiercore.rating.credits import ClientBook, Credit, is_active
from tiercore.rating.install_base import first_day, month_of
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import Retention, retention_on
from tiercore.rating.retention_months import retention_months

PROGRAM = load_program()
SALES = "Sales Hub Professional"
START = date(2021, 1, 1)
NEW_YEAR = date(2022, 1, 1)
NO_LEVELS = "no subscription data for the clients that earned points in the last 12 months"


class Figures(NamedTuple):
    churn: int | Unknown
    gross: int | Unknown
    net: int | Unknown


KEPT_WHOLE = Figures(100 * MICRO, 100 * MICRO, 100 * MICRO)


def figures(known: Retention) -> Figures:
    return Figures(known.counting("churn_only"), known.counting("gross"), known.counting("net"))


def retention(*client_books: ClientBook, on: date = NEW_YEAR) -> Figures:
    return figures(retention_on(months_of(*client_books), on))


def percent(figure: int | Unknown) -> float:
    assert isinstance(figure, int)
    return figure / MICRO


def test_a_client_cancelling_in_june_reduces_retention_by_its_share_of_the_mrr():
    stays = managed(level(START, 750))
    cancels = managed(level(START, 250), level(date(2021, 6, 10), 0), client="C2")
    assert percent(retention(stays, cancels).gross) == 75
    assert percent(retention(stays, cancels, on=date(2021, 6, 30)).gross) == 100
    assert percent(retention(stays, cancels, on=date(2021, 7, 1)).gross) == 75


def test_a_cancellation_on_the_first_of_june_counts_for_may():
    stays = managed(level(START, 750))
    cancels = managed(level(START, 250), level(date(2021, 6, 1), 0), client="C2")
    assert percent(retention(stays, cancels, on=date(2021, 5, 31)).gross) == 100
    assert percent(retention(stays, cancels, on=date(2021, 6, 1)).gross) == 75


def test_a_loss_no_longer_counts_once_its_month_is_over_a_year_old():
    stays = managed(level(START, 750))
    cancels = managed(level(START, 250), level(date(2021, 6, 10), 0), client="C2")
    assert percent(retention(stays, cancels, on=date(2022, 6, 30)).gross) == 75
    assert percent(retention(stays, cancels, on=date(2022, 7, 1)).gross) == 100


def test_retention_is_zero_if_every_client_cancels():
    assert retention(managed(level(START, 750), level(date(2021, 6, 10), 0))).gross == 0


def test_a_downgrade_by_a_tenth_retains_nine_tenths():
    assert percent(retention(managed(level(START, 1000), level(date(2021, 6, 10), 900))).gross) == 90


def test_a_decrease_reversed_within_its_month_does_not_count():
    wavers = managed(level(START, 1000), level(date(2021, 6, 10), 0), level(date(2021, 6, 20), 1000))
    assert percent(retention(wavers).gross) == 100


def test_an_upsell_counts_only_if_expansion_does():
    grows = retention(managed(level(START, 1000), level(date(2021, 6, 10), 1500)))
    assert (percent(grows.gross), percent(grows.net)) == (100, 150)


def test_a_cross_sell_is_expansion_and_offsets_a_downgrade_only_if_expansion_counts():
    changes = managed(level(START, 1000), level(date(2021, 6, 10), 600), level(date(2021, 6, 10), 500, line=SALES))
    assert (percent(retention(changes).gross), percent(retention(changes).net)) == (60, 110)


def test_a_new_client_does_not_count_in_its_first_month():
    old = managed(level(START, 1000))
    new = managed(level(date(2021, 6, 10), 9000), client="C2", starts_on=date(2021, 6, 10))
    assert retention(old, new) == KEPT_WHOLE


def test_a_subscription_starting_after_its_agreement_is_not_expansion():
    old = managed(level(START, 1000))
    assert retention(old, managed(level(date(2021, 6, 10), 9000), client="C2")).net == 100 * MICRO


def test_a_client_that_stops_contributing_credit_is_not_a_loss():
    old = managed(level(START, 1000))
    ended_agreement = book(level(START, 500), agreement(START, date(2021, 6, 10)), level(date(2021, 8, 1), 0))
    assert percent(retention(old, replace_client(ended_agreement, "C2")).gross) == 100


def replace_client(client_book: ClientBook, client: str) -> ClientBook:
    moved = ClientBook(Client(client, client, "US"))
    moved.sales = [replace(each, client_id=client) for each in client_book.sales]
    moved.levels = [replace(each, client_id=client) for each in client_book.levels]
    moved.agreements = [replace(each, client_id=client) for each in client_book.agreements]
    return moved


def test_a_client_sold_to_but_not_managed_counts_while_its_sale_does():
    sold = book(sale(date(2021, 1, 1), 1000), level(date(2021, 1, 1), 1000), level(date(2021, 6, 10), 400))
    assert percent(retention(sold).gross) == 40


def test_twelve_months_at_99_percent_give_88_64_percent():
    mrr = Fraction(10**10)
    levels = []
    for month in range(month_of(START), month_of(NEW_YEAR) + 1):
        levels.append(level(first_day(month), int(mrr)))
        mrr = mrr * 99 / 100
    assert retention(managed(*levels)).gross == pytest.approx(0.99**12 * 100 * MICRO, abs=2)
    assert f"{percent(retention(managed(*levels)).gross):.2f}" == "88.64"


def test_months_after_the_last_known_change_retain_everything():
    falls = managed(level(START, 1000), level(date(2021, 6, 10), 900))
    assert percent(retention(falls, on=date(2099, 1, 1)).gross) == 100


def test_a_base_without_mrr_has_no_retention():
    gone = managed(level(START, 1000), level(date(2021, 6, 10), 0))
    assert retention(gone, on=date(2022, 7, 1)).gross == Unknown(NO_LEVELS)


def test_retention_is_unknown_without_levels_and_gives_the_reason():
    assert months_of(book(sale(START, 1000), agreement(START))) == []
    assert retention(book(sale(START, 1000))).gross == Unknown(NO_LEVELS)
    assert figures(retention_on([], NEW_YEAR)) == Figures(*[Unknown(NO_LEVELS)] * 3)


def test_retention_is_unknown_before_the_first_month_is_complete():
    assert retention(managed(level(START, 1000)), on=date(2021, 1, 31)).gross == Unknown(NO_LEVELS)
    assert percent(retention(managed(level(START, 1000)), on=date(2021, 2, 1)).gross) == 100


def test_a_currency_without_a_table_is_excluded():
    dollars = managed(level(START, 1000), level(date(2021, 6, 10), 900))
    reais = managed(level(START, 5000, currency="BRL"), level(date(2021, 7, 1), 0, currency="BRL"), client="C2")
    assert percent(retention(dollars, reais).gross) == 90


def test_retention_is_unknown_if_no_currency_has_a_table_and_names_it():
    unknown = retention(managed(level(START, 5000, currency="BRL"))).gross
    assert isinstance(unknown, Unknown)
    assert "currencies.BRL isn't set" in unknown.reason


def test_a_line_changing_to_a_currency_without_a_table_is_excluded_for_that_month():
    stays = level(START, 1000, line=SALES)
    odd = managed(level(START, 1000), level(date(2021, 6, 10), 5000, currency="BRL"), stays)
    assert retention(odd) == KEPT_WHOLE


def test_a_cancellation_counts_in_any_currency():
    odd = managed(level(START, 1000), level(date(2021, 6, 10), 0, currency="BRL"), level(START, 1000, line=SALES))
    assert percent(retention(odd).gross) == 50


def test_a_new_currency_table_is_not_a_downgrade():
    euros = managed(level(START, 1000, currency="EUR"))
    assert PROGRAM.on(date(2025, 7, 14)).per_100_usd("EUR") != PROGRAM.on(date(2025, 7, 15)).per_100_usd("EUR")
    assert retention(euros, on=date(2025, 12, 1)) == KEPT_WHOLE


def test_partners_sharing_a_client_each_have_its_full_mrr_in_their_base():
    shared = book(level(START, 1000), agreement(START), agreement(START, partner="P2", agreement_id="A2"))
    [mine, theirs] = [months_of(shared, partner=partner) for partner in ("P1", "P2")]
    assert mine == theirs
    assert mine[0].started == 1000_00


def test_months_run_from_the_first_base_to_the_month_after_the_last_change():
    fixed = book(level(date(2021, 3, 10), 1000), agreement(date(2021, 3, 10), date(2030, 5, 9)))
    months = [row.month for row in months_of(fixed)]
    assert months == list(range(month_of(date(2021, 4, 1)), month_of(date(2030, 6, 1)) + 1))


# How a tier uses it.


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path: Path = tmp_path_factory.mktemp("rules") / "table.toml"
    elite = partner_a.TABLE.replace("[thresholds.diamond", "[thresholds.elite").split("[thresholds.elite", 1)[1]
    path.write_text(partner_a.TABLE + "[thresholds.elite" + elite)
    return load_program(path)


def retention_requirement(program: Program, tier: str, retention: Retention) -> Requirement:
    facts = replace(partner_a.facts(), retention=retention)
    rules = program.on(partner_a.DAY)
    found = requirements_of(rules.tier(tier), rules, facts, partner_a.PARTNER_A, as_of=partner_a.DAY)
    return next(each for each in found if each.name == "customer_dollar_retention")


@pytest.mark.parametrize(
    ("micro", "state", "short"),
    [
        (84_994_999, State.RED, 20_000),
        (85_000_000, State.RED, 10_000),
        (85_004_999, State.RED, 10_000),
        (85_005_000, State.GREEN, 0),
        (100_000_000, State.GREEN, 0),
    ],
)
def test_a_figure_displayed_as_85_00_is_not_above_85(program: Program, micro: int, state: State, short: int):
    found = retention_requirement(program, "elite", retained(partner_a.DAY, micro))
    assert (found.have, found.need, found.state, found.short) == (micro, 85 * MICRO, state, short)


def test_the_figure_is_shown_even_if_no_threshold_is_configured(program: Program):
    found = retention_requirement(program, "platinum", retained(partner_a.DAY, 93_200_000, 93_000_000, 120_000_000))
    assert (found.have, found.state) == (93_200_000, State.NOT_CONFIGURED)
    assert isinstance(found.need, NotConfigured)


def test_an_unknown_figure_is_unknown_and_not_red(program: Program):
    found = retention_requirement(program, "elite", Retention())
    assert (found.have, found.state, found.short) == (Unknown(NO_LEVELS), State.UNKNOWN, None)


def test_a_client_falling_from_1000_to_900_gives_100_percent_cdr_and_90_percent_grr():
    falls = managed(level(START, 1000), level(date(2021, 6, 10), 900))
    known = retention_on(months_of(falls), NEW_YEAR)
    assert known.by(PROGRAM.on(date(2026, 1, 14))) == 100 * MICRO
    assert known.by(PROGRAM.on(date(2026, 1, 15))) == 90 * MICRO


def test_what_the_measure_counts_is_dated_and_configurable(program: Program, tmp_path: Path):
    path = tmp_path / "net.toml"
    path.write_text('[requirements.retention_counts]\n2022-01-01 = { value = "net" }\n')
    three = retained(partner_a.DAY, 95 * MICRO, 80 * MICRO, 120 * MICRO)
    assert retention_requirement(program, "elite", three).have == 95 * MICRO
    assert retention_requirement(load_program(path), "elite", three).have == 120 * MICRO
    assert three.by(load_program(path).on(date(2026, 2, 1))) == 80 * MICRO  # the shipped rule of 2026 ends it


def requirement_names(program: Program, tier: str, day: date) -> list[str]:
    rules = program.on(day)
    found = requirements_of(rules.tier(tier), rules, partner_a.facts(), partner_a.PARTNER_A, as_of=day)
    return [each.name for each in found]


def test_retention_is_required_from_the_day_the_rules_require_it(tmp_path: Path):
    assert "customer_dollar_retention" in requirement_names(PROGRAM, "elite", date(2021, 1, 1))
    assert "customer_dollar_retention" not in requirement_names(PROGRAM, "diamond", date(2020, 12, 31))
    path = tmp_path / "silver.toml"
    path.write_text("[retention.silver]\n2019-07-01 = { value = 70 }\n")
    own = load_program(path)
    assert "customer_dollar_retention" not in requirement_names(own, "silver", date(2019, 6, 30))
    assert "customer_dollar_retention" in requirement_names(own, "silver", date(2019, 7, 1))


def test_a_cancelled_line_is_churn_even_if_the_client_keeps_another():
    both = managed(level(START, 750), level(START, 250, line=SALES), level(date(2021, 6, 10), 0, line=SALES))
    assert percent(retention(both).churn) == 75


def test_a_line_that_changes_currency_is_not_churn_and_is_compared_by_the_table():
    moved = managed(level(START, 105, currency="AUD"), level(date(2021, 6, 10), 75, currency="EUR"))
    assert retention(moved) == KEPT_WHOLE  # AUD 105 and EUR 75 both stand for US$100
    fell = managed(level(START, 105, currency="AUD"), level(date(2021, 6, 10), 60, currency="EUR"))
    assert [percent(each) for each in retention(fell)] == [100, 80, 80]


def test_jpy_1900_falling_to_1615_is_exactly_85_percent_and_not_above_85(program: Program):
    yen = [replace(level(day, 0), mrr=Money(minor, "JPY")) for day, minor in ((START, 1900), (date(2021, 6, 10), 1615))]
    assert retention(managed(*yen)).gross == 85 * MICRO
    exactly = retention_requirement(program, "elite", retained(partner_a.DAY, 85 * MICRO))
    assert exactly.state is State.RED


@pytest.mark.parametrize(("micro", "tier"), [(85_000_000, "diamond"), (85_010_000, "elite"), (None, "elite")])
def test_a_red_retention_prevents_elite(program: Program, micro: int | None, tier: str):
    many = partner_a.balance(sourced=5_000, managed=5_000)
    known = Retention() if micro is None else retained(partner_a.DAY, micro)
    facts: Facts = replace(partner_a.facts(elite_invited_on=date(2021, 1, 1)), retention=known)
    facts = replace(facts, certifications=[facts.certifications[0]] * 100)
    assert performing_on(partner_a.DAY, program.on(partner_a.DAY), facts, many).tier == tier


# For any entries.


def naive(credits: list[Credit], levels: Iterable[SubscriptionLevel], day: date) -> Figures:
    """The rule as written, day by day and line by line, in fractions."""
    shares, has_base = [Fraction(1)] * 3, False
    for month in range(month_of(day) - 12, month_of(day)):
        started, *left = _month(credits, list(levels), first_day(month), first_day(month + 1))
        if started:
            has_base = True
            shares = [share * amount / started for share, amount in zip(shares, left, strict=True)]
    if not has_base:
        return Figures(*[Unknown(NO_LEVELS)] * 3)
    return Figures(*(round(share * 100 * MICRO) for share in shares))


def _month(credits: list[Credit], levels: list[SubscriptionLevel], start: date, end: date) -> list[Fraction]:
    rules, sums = PROGRAM.on(start), [Fraction(0)] * 4
    for client in {credit.client_id for credit in credits if is_active(credit, as_of=start)}:
        amounts = []
        for line in {each.product_line for each in levels if each.client_id == client}:
            pair: list[Fraction | None] = []
            for day in (start, end):
                levels_of_line = [each for each in levels if (each.client_id, each.product_line) == (client, line)]
                last = max((each for each in levels_of_line if each.effective_on <= day), key=_effective, default=None)
                if last is None or not last.mrr.minor:
                    pair.append(Fraction(0))
                    continue
                table = rules.per_100_usd(last.mrr.currency)
                pair.append(None if isinstance(table, Unknown) else Fraction(last.mrr.minor, table.minor))
            if None not in pair:
                amounts.append(pair)
        if sum(before for before, _ in amounts):
            for before, after in amounts:
                for at, amount in enumerate((before, before if after else 0, min(before, after), after)):
                    sums[at] += amount
    return sums


def _effective(level: SubscriptionLevel) -> date:
    return level.effective_on


several = st.lists(books(), min_size=1, max_size=3).map(
    lambda client_book: [replace_client(each, f"C{number}") for number, each in enumerate(client_book)]
)


@given(client_book=several, offset=st.integers(0, 8 * 365), shuffler=st.randoms(use_true_random=False))
def test_stored_months_match_the_written_rule_for_any_entries(
    client_book: list[ClientBook], offset: int, shuffler: random.Random
):
    credits = [each for one in client_book for each in credits_of(one, PROGRAM) if each.partner_id == "P1"]
    levels = [each for one in client_book for each in one.levels]
    day = START + timedelta(offset)
    rows = retention_months(credits, levels, PROGRAM)
    months = sorted({row.month for row in rows if row.month < month_of(day)})[-12:]
    actual, expected = (
        figures(retention_on([row for row in rows if row.month in months], day)),
        naive(credits, levels, day),
    )
    assert actual == figures(retention_on(rows, day)) == figures(retention_on(rows, START).on(day))
    if isinstance(expected.gross, Unknown):
        assert all(isinstance(each, Unknown) for each in actual)
    else:
        assert actual == expected
        assert actual.gross <= actual.churn <= 100 * MICRO
        assert actual.gross <= actual.net
    for each in (credits, levels):
        shuffler.shuffle(each)
    assert retention_months(credits, levels, PROGRAM) == rows
    months = sorted({row.month for row in rows})
    assert months == list(range(rows[0].month, rows[-1].month + 1)) if rows else True
