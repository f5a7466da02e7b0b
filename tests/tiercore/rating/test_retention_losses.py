"""What a retention lacks of 100 %, line by line: whatever the measure, it adds up (how-tiers-work#retention)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tests.support.answers_from_entries import months_of
from tests.support.entries import books, level, managed
from tiercore.facts.entries import Client
from tiercore.facts.points import HUNDREDTH, MICRO, hundredths
from tiercore.facts.unknown import Unknown
from tiercore.program import RetentionCounts, load_program
from tiercore.rating.credits import ClientBook
from tiercore.rating.install_base import Stay, client_months, lines_of, month_of, months_in_base
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import Retention, retention_on
from tiercore.rating.retention_losses import Loss, losses

PROGRAM = load_program()
START = date(2021, 1, 1)
NEW_YEAR = date(2022, 1, 1)
SALES = "Sales Hub Professional"


def lost(*made: ClientBook, on: date = NEW_YEAR, counts: RetentionCounts = "gross") -> tuple[Retention, list[Loss]]:
    known = retention_on(months_of(*made), on)
    levels = [each for one in made for each in one.levels]
    credits = [each for one in made for each in credits_of(one, PROGRAM) if each.partner_id == "P1"]
    lines = lines_of(levels, PROGRAM)
    stays = {Stay(each.client_id, each.starts_on, each.lapses_on) for each in credits if each.client_id in lines}
    within = range(month_of(on) - 12, month_of(on))
    base = months_in_base(stays, within.stop - 1)
    return known, losses(known, counts, client_months(base, lines, PROGRAM, within))


def test_a_client_that_cancels_is_named_with_its_part_and_the_base_it_was_a_part_of():
    stays, leaves = (
        managed(level(START, 750)),
        managed(level(START, 250), level(date(2021, 6, 10), 0), client="C2"),
    )
    _, [loss] = lost(stays, leaves, counts="churn_only")
    assert (loss.line.client_id, loss.line.month, loss.percent) == ("C2", month_of(date(2021, 6, 1)), 25 * MICRO)
    assert loss.base_cents == 1000_00


def test_a_later_loss_counts_as_much_as_was_left_before_it():
    stays = managed(level(START, 800))
    first = managed(level(START, 200), level(date(2021, 3, 10), 100), client="C2")
    second = managed(
        level(START, 1), level(START, 99, line=SALES), level(date(2021, 9, 10), 9, line=SALES), client="C3"
    )
    known, found = lost(stays, first, second)
    assert [each.line.client_id for each in found] == ["C2", "C3"]
    assert sum(each.percent for each in found) == 100 * MICRO - hundredths(known.counting("gross")) * HUNDREDTH


def test_a_cancelled_account_is_named_with_the_edition_that_it_had():
    two = [replace(level(START, 500), account=account) for account in ("first", "second")]
    ended = replace(level(date(2021, 6, 10), 0), account="second")
    _, [loss] = lost(managed(*two, ended), counts="churn_only")
    named = (loss.line.product_line, loss.line.edition, loss.line.account, loss.percent)
    assert named == ("Marketing Hub", "Professional", "second", 50 * MICRO)


def test_another_edition_or_name_of_a_line_is_no_churn():
    steps = [level(START, 1000), level(date(2021, 6, 10), 900, line="Marketing Hub Starter")]
    renamed = [
        level(START, 1000, line="CMS Hub Professional"),
        level(date(2021, 6, 10), 1000, line="Content Hub Professional"),
    ]
    for entries in (steps, renamed):
        assert lost(managed(*entries), counts="churn_only")[1] == []


def test_what_a_client_adds_is_below_zero_when_the_measure_is_net():
    grows = managed(level(START, 1000), level(date(2021, 6, 10), 1500))
    _, [gain] = lost(grows, counts="net")
    assert gain.percent == -50 * MICRO
    assert lost(grows, counts="gross")[1] == []


def replaced(made: ClientBook, client: str) -> ClientBook:
    moved = ClientBook(Client(client, client, "US"))
    moved.sales = [replace(each, client_id=client) for each in made.sales]
    moved.levels = [replace(each, client_id=client) for each in made.levels]
    moved.agreements = [replace(each, client_id=client) for each in made.agreements]
    return moved


several = st.lists(books(), min_size=1, max_size=4).map(
    lambda made: [replaced(each, f"C{number}") for number, each in enumerate(made)]
)


@given(made=several, offset=st.integers(0, 8 * 365), counts=st.sampled_from(get_args(RetentionCounts)))
def test_whatever_the_entries_the_parts_and_the_figure_shown_are_100_percent(
    made: list[ClientBook], offset: int, counts: RetentionCounts
):
    known, found = lost(*made, on=START + timedelta(offset), counts=counts)
    figure = known.counting(counts)
    if isinstance(figure, Unknown):
        assert found == []
    else:
        assert sum(each.percent for each in found) + hundredths(figure) * HUNDREDTH == 100 * MICRO
    if counts != "net":
        assert all(each.percent >= 0 for each in found)
