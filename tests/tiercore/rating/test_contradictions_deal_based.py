"""What contradicts itself where an upsell states its line's whole new MRR (data#contradictions)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.entries import book, level, sale
from tiercore.facts.entries import Client, DealType, Sale, SubscriptionLevel
from tiercore.program import Program, load_program
from tiercore.rating.contradicting_entries import contradictions_of
from tiercore.rating.contradictions import Contradiction, Multiple, Oversold, SameDeal, StatesDifference
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of, lines_of

DAY = date(2026, 3, 2)
A_SOLD, A_PAID = sale(date(2025, 9, 1), 800, partner="A"), level(date(2025, 9, 1), 800)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "own.toml"
    table.write_text("[deal_based.applies]\n2026-01-15 = { value = true }\n", encoding="utf-8")
    return load_program(table)


def upsell(dollars: int, day: date = DAY, *, partner: str = "B", sale_id: str = "S2") -> Sale:
    return sale(day, dollars, sale_id=sale_id, partner=partner, deal=DealType.UPSELL)


def of_book(program: Program, made: ClientBook, partner: str | None = None) -> list[Contradiction]:
    """What the import finds or, of one partner's sales, what that partner's view of the client shows."""
    credits = credits_of(made, program)
    if partner:
        made = replace(made, sales=[each for each in made.sales if each.partner_id == partner])
        credits = [each for each in credits if each.partner_id == partner]
    return list(contradictions_of(made, lines_of(made, program.catalogue), credits))


def found(program: Program, *entries: Sale | SubscriptionLevel, partner: str | None = None) -> list[Contradiction]:
    return of_book(program, book(*entries), partner)


@pytest.mark.parametrize("partner", [None, "B"])
@pytest.mark.parametrize("days", [-20, 0, 1, 60])
def test_an_upsell_that_states_the_difference_is_found(program: Program, days: int, partner: str | None):
    """A row that still states what it adds: 800, then 2,000, and an upsell of 1,200."""
    rises = level(DAY + timedelta(days), 2000)
    [states] = found(program, A_SOLD, upsell(1200), A_PAID, rises, partner=partner)
    assert isinstance(states, StatesDifference)
    assert (states.sale.sale_id, states.pays.minor, states.since) == ("S2", 200_000, rises.effective_on)


def test_a_restated_level_hides_no_difference(program: Program):
    months = level(date(2026, 3, 1), 2000), level(date(2026, 4, 1), 2000)
    [states] = found(program, A_SOLD, upsell(1200), A_PAID, level(date(2026, 2, 25), 2000), *months)
    assert isinstance(states, StatesDifference)


def test_an_upsell_that_states_what_the_line_paid_before_as_its_rise_is_found(program: Program):
    [states] = found(program, A_SOLD, upsell(800), A_PAID, level(DAY, 1600))
    assert isinstance(states, StatesDifference)


def test_under_the_shipped_rules_an_upsell_states_what_it_adds():
    assert found(load_program(), A_SOLD, upsell(1200), A_PAID, level(DAY, 2000)) == []


@pytest.mark.parametrize("partner", [None, "B"])
@pytest.mark.parametrize("days", [-20, 0, 1, 60, 92])
@pytest.mark.parametrize("dollars", [900, 1600, 2000, 2400, 4800, 9600])
def test_an_upsell_to_what_its_line_pays_is_in_order(program: Program, days: int, dollars: int, partner: str | None):
    entries = A_SOLD, upsell(dollars), A_PAID, level(DAY + timedelta(days), dollars)
    assert found(program, *entries, partner=partner) == []


def test_an_upsell_that_its_own_level_shows_is_not_the_difference_of_the_next_rise(program: Program):
    entries = A_PAID, level(date(2026, 3, 3), 1200), level(date(2026, 4, 1), 2400)
    assert (
        found(program, A_SOLD, upsell(1200), upsell(2400, date(2026, 4, 1), partner="C", sale_id="S3"), *entries) == []
    )


def test_an_upsell_is_compared_with_its_line_and_not_with_the_rise(program: Program):
    """1,200 is twelve times the rise of 100, and no year's amount of anything."""
    assert found(program, A_SOLD, A_PAID, level(date(2026, 1, 20), 1150), upsell(1200), level(DAY, 1250)) == []


def test_an_upsell_to_three_times_the_line_is_no_quarter_of_the_level_before_it(program: Program):
    [oversold] = found(program, A_SOLD, A_PAID, upsell(2400))
    assert isinstance(oversold, Oversold)
    assert (oversold.sold.minor, oversold.pays.minor) == (240_000, 80_000)


@pytest.mark.parametrize("days", [-5, 0, 20])
def test_an_upsell_that_states_a_year_of_its_line_is_found(program: Program, days: int):
    [multiple] = found(program, A_SOLD, A_PAID, level(DAY + timedelta(days), 2000), upsell(24_000))
    assert isinstance(multiple, Multiple)
    assert (multiple.times, multiple.mrr.minor, multiple.is_rise) == (12, 200_000, False)


def test_an_upsell_that_adds_an_unknown_amount_is_not_added_to_what_the_line_is_sold_for(program: Program):
    more = sale(date(2026, 2, 1), 500, sale_id="S1b", deal=DealType.INCREASE)
    assert found(program, more, upsell(2000), level(DAY, 2000)) == []


def test_one_upsell_under_two_ids_counts_once_and_is_still_found(program: Program):
    again = upsell(2000, DAY + timedelta(1), sale_id="S2-copy")
    [same] = found(program, A_SOLD, upsell(2000), again, A_PAID, level(DAY, 2000))
    assert isinstance(same, SameDeal)
    assert same.points == same.if_one


@st.composite
def lines(draw: st.DrawFn) -> ClientBook:
    """A line whose levels rise to each of its upsells, weeks late at most and restated, and fall in between."""
    made = ClientBook(Client("C1", "Acme", "US"), [A_SOLD], [A_PAID])
    day, pays = date(2026, 1, 20), 800
    for number in range(draw(st.integers(1, 6))):
        day += timedelta(draw(st.integers(100, 200)))
        made.levels.append(level(day, pays))
        day += timedelta(draw(st.integers(1, 60)))
        if draw(st.booleans()):
            pays -= draw(st.integers(0, pays - 1))
            made.levels.append(level(day, pays))
        else:
            pays += draw(st.integers(1, 3000))
            made.sales.append(upsell(pays, day, partner=draw(st.sampled_from("ABC")), sale_id=f"U{number}"))
            day += timedelta(draw(st.integers(0, 60)))
            made.levels.append(level(day, pays))
    return made


@given(lines(), st.sampled_from([None, "A", "B"]))
def test_upsells_that_go_with_their_levels_give_no_warning(program: Program, made: ClientBook, partner: str | None):
    assert of_book(program, made, partner) == []
