"""Which edition a line holds from which day on, and what follows for sold points, managed points and retention."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers_from_entries import changes, months_of
from tests.support.entries import agreement, book, level, sale
from tiercore.facts.entries import DealType, SubscriptionLevel
from tiercore.facts.points import MICRO, Source
from tiercore.program import load_program
from tiercore.rating.credits import Cause, Credit
from tiercore.rating.lines import levels_by_line
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import balance_on, timeline_of

PROGRAM = load_program()
PRO, ENTERPRISE, STARTER = (f"Marketing Hub {edition}" for edition in ("Professional", "Enterprise", "Starter"))
FIRST, CHANGE = date(2023, 1, 10), date(2024, 4, 10)


def held(*levels: SubscriptionLevel) -> list[tuple[date, str | None, int]]:
    """The levels of the only line: (day, edition, dollars)."""
    [line] = levels_by_line(levels, PROGRAM.catalogue).values()
    return [(each.effective_on, each.edition, each.mrr.minor // 100) for each in line]


def managed_of(*entries) -> list[Credit]:
    credits = credits_of(book(*entries, agreement(FIRST)), PROGRAM)
    return [credit for credit in credits if credit.source is Source.MANAGED]


@pytest.mark.parametrize("days_late", [0, 5, 400])
def test_the_end_of_the_former_edition_cancels_nothing_however_late_it_is_told(days_late: int):
    found = held(
        level(FIRST, 1000, line=PRO),
        level(CHANGE, 2000, line=ENTERPRISE),
        level(CHANGE + timedelta(days_late), 0, line=PRO),
    )
    assert found == [(FIRST, "Professional", 1000), (CHANGE, "Enterprise", 2000)]


@pytest.mark.parametrize("ended_as", [ENTERPRISE, "marketing hub - ent", "Marketing Hub"])
def test_a_zero_under_its_own_name_or_none_is_a_cancellation(ended_as: str):
    later = CHANGE + timedelta(90)
    found = held(level(FIRST, 1000, line=PRO), level(CHANGE, 2000, line=ENTERPRISE), level(later, 0, line=ended_as))
    assert found[-1] == (later, "Enterprise", 0)


def test_a_zero_of_an_edition_that_was_never_held_ends_nothing():
    assert held(level(FIRST, 1000, line=PRO), level(CHANGE, 0, line=STARTER)) == [(FIRST, "Professional", 1000)]


def test_what_begins_again_after_a_cancellation_is_held_again():
    found = held(
        level(FIRST, 1000, line=PRO), level(CHANGE, 0, line=PRO), level(CHANGE + timedelta(9), 50, line=STARTER)
    )
    assert [each[1:] for each in found] == [("Professional", 1000), ("Professional", 0), ("Starter", 50)]


def test_of_two_editions_on_one_day_the_higher_counts_in_whatever_order_they_come():
    levels = [level(FIRST, 3000, line=PRO), level(FIRST, 2000, line=ENTERPRISE)]
    assert held(*levels) == held(*reversed(levels)) == [(FIRST, "Enterprise", 2000)]


def test_a_level_without_an_edition_goes_on_with_the_one_that_is_held():
    found = held(level(FIRST, 1000, line=PRO), level(CHANGE, 1200, line="Marketing Hub"))
    assert found[-1] == (CHANGE, "Professional", 1200)


def test_accounts_are_lines_of_their_own():
    paris, lyon = level(FIRST, 1000, line=PRO), level(CHANGE, 2000, line=ENTERPRISE)
    levels = [replace(paris, account="Paris"), replace(lyon, account="Lyon")]
    found = levels_by_line(levels, PROGRAM.catalogue)
    assert sorted(found) == [("Marketing Hub", "Lyon"), ("Marketing Hub", "Paris")]
    credits = managed_of(*levels)
    assert balance_on(timeline_of(credits), CHANGE).managed == 30 * MICRO
    assert {credit.account for credit in credits} == {"Paris", "Lyon"}


def test_a_downgrade_to_a_lower_edition_consumes_the_sale_of_the_higher_one():
    made = book(
        sale(FIRST, 2000, line=ENTERPRISE),
        level(FIRST, 2000, line=ENTERPRISE),
        level(date(2023, 6, 1), 500, line=STARTER),
    )
    lost, left = credits_of(made, PROGRAM)
    assert (lost.mrr.minor, lost.closed_by) == (1500_00, Cause.DOWNGRADE)
    assert (left.mrr.minor, left.closed_by) == (500_00, Cause.SALE_EXPIRED)


def test_an_edition_change_at_the_same_price_is_told_as_such_and_moves_no_points():
    before, after = managed_of(level(FIRST, 1000, line=PRO), level(CHANGE, 1000, line=ENTERPRISE))[:2]
    assert (before.closed_by, after.opened_by) == (Cause.EDITION_CHANGED, Cause.EDITION_CHANGED)
    assert (before.edition, after.edition, before.lapsing) == ("Professional", "Enterprise", 0)
    made = book(level(FIRST, 1000, line=PRO), level(CHANGE, 1000, line=ENTERPRISE), agreement(FIRST))
    assert changes(made, FIRST, CHANGE).clients == ()


def test_an_edition_change_at_another_price_is_one_change_of_the_subscription():
    made = book(level(FIRST, 1000, line=PRO), level(CHANGE, 2000, line=ENTERPRISE), agreement(FIRST))
    [client] = changes(made, FIRST, CHANGE).clients
    assert [(each.cause, each.edition, each.micropoints) for each in client.items] == [
        (Cause.SUBSCRIPTION_ROSE, "Enterprise", 10 * MICRO)
    ]


@pytest.mark.parametrize("spelled", ["Content Hub Professional", "content hub pro"])
def test_a_rename_is_no_change_of_any_credit(spelled: str):
    renamed = [level(FIRST, 1000, line="CMS Hub Professional"), level(CHANGE, 1000, line=spelled)]
    [one_name] = {tuple(managed_of(*each)) for each in (renamed, renamed[:1])}
    assert all(credit.edition == "Professional" for credit in one_name)


def test_retention_sees_an_upgrade_as_kept_and_a_downgrade_as_what_is_left():
    up = months_of(book(level(FIRST, 1000, line=PRO), level(CHANGE, 2000, line=ENTERPRISE), agreement(FIRST)))
    assert all(month.kept == month.started for month in up)
    down = months_of(book(level(FIRST, 2000, line=ENTERPRISE), level(CHANGE, 500, line=STARTER), agreement(FIRST)))
    assert [(each.started, each.kept) for each in down if each.kept < each.started] == [(2000_00, 500_00)]


NAMES = ("CMS Hub Professional", "Content Hub Professional", "content-hub pro", "Content Professional")


@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 3), st.integers(0, 3)), max_size=8, unique_by=lambda e: e[0]
    ),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 900), st.sampled_from(list(DealType))), max_size=4),
)
def test_whatever_names_of_one_edition_its_levels_and_sales_come_under_the_points_are_the_same(levels, sales):
    """Zeros apart, which end what their own name held: they come under one name here."""

    def points(names) -> list[tuple]:
        made = book(
            *(level(FIRST + timedelta(day), mrr * 100, line=names[name if mrr else 0]) for day, mrr, name in levels),
            *(
                sale(FIRST + timedelta(day), mrr, deal=deal, line=names[day % 4], sale_id=f"S{at}")
                for at, (day, mrr, deal) in enumerate(sales)
            ),
            agreement(FIRST),
        )
        return [each._replace(edition=None) for each in credits_of(made, PROGRAM)]

    if any(not mrr for _, mrr, _ in levels):
        levels = [(day, mrr, 0) for day, mrr, _ in levels]
    assert points(NAMES) == points((NAMES[1],) * 4)
