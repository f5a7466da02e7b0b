"""What explains a figure that the dashboard shows otherwise (how-tiers-work#doesnt-match)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.planted import ME, planted
from tiercore.cases.types import as_json, from_json
from tiercore.explaining.claims import WEIGHTS, Claim, Explained, Figure, Kind, Measure
from tiercore.explaining.explaining import explain
from tiercore.facts.entries import Agreement, Client, DealType, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO
from tiercore.program import Entered, Entry, load_program, with_entered
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of

PROGRAM = load_program()
DAY = date(2025, 3, 1)
ACME = Client("C1", "Acme", "US")
SALE = Sale("S1", ME, "C1", "Marketing Hub", DealType.NET_NEW, Motion.SOURCED, Money(1_000_00, "USD"), date(2024, 9, 5))


def explained(shown: float, *books: ClientBook, figure: Figure = Figure.COMBINED, **options) -> Explained:
    """What explains that the dashboard shows so many points."""
    credits = [each for book in books for each in credits_of(book, PROGRAM) if each.partner_id == ME]
    claim = Claim.shown(figure, DAY, round(shown * MICRO), MICRO // 100)
    return explain(ME, books, credits, PROGRAM, claim, **options)


def kinds(found: Explained) -> list[Kind]:
    return [reading.kind for each in found.explanations for reading in each.readings]


def test_a_figure_that_matches_needs_no_explanation():
    found = explained(50, ClientBook(ACME, [SALE]))
    assert found.matches
    assert found.explanations == ()


def test_a_whole_number_matches_what_is_rounded_to_it():
    book = ClientBook(ACME, [replace(SALE, mrr=Money(1_009_00, "USD"))])  # 50.45 points
    claim = Claim.shown(Figure.SOLD, DAY, 50 * MICRO, MICRO)
    assert explain(ME, [book], credits_of(book, PROGRAM), PROGRAM, claim).matches


def test_a_sale_that_the_dashboard_does_not_have_is_named_with_its_row():
    other = replace(SALE, sale_id="S2", product_line="Sales Hub", mrr=Money(300_00, "USD"))
    found = explained(50, ClientBook(ACME, [SALE, other]))
    assert found.explanations[0].reading.kind is Kind.SALE_MISSING_THERE
    [row] = found.explanations[0].reading.rows
    assert (row.entry_id, row.client, row.mrr) == ("S2", "Acme", Money(300_00, "USD"))
    assert found.explanations[0].reading.becomes == 50 * MICRO


def test_two_identical_sales_are_one_explanation():
    other = replace(SALE, sale_id="S2", sold_on=SALE.sold_on + timedelta(60))
    third = replace(SALE, sale_id="S3", product_line="Sales Hub")
    found = explained(100, ClientBook(ACME, [SALE, other, third]))
    assert [row.entry_id for row in found.explanations[0].reading.rows] == ["S1", "S2", "S3"]


def test_one_deal_under_two_ids_is_a_sale_that_is_here_twice():
    again = replace(SALE, sale_id="S2", sold_on=SALE.sold_on + timedelta(3))
    assert Kind.SALE_TWICE_HERE in kinds(explained(50, ClientBook(ACME, [SALE, again])))


def test_a_rise_of_a_subscription_without_a_sale_is_a_sale_that_is_missing_here():
    levels = [
        SubscriptionLevel("C1", "Marketing Hub", Money(minor, "USD"), day)
        for minor, day in ((1_000_00, date(2024, 9, 5)), (1_800_00, date(2025, 1, 10)))
    ]
    found = explained(90, ClientBook(ACME, [SALE], levels))
    assert found.explanations[0].reading.kind is Kind.SALE_MISSING_HERE
    assert {row.day for row in found.explanations[0].reading.rows} == {date(2025, 1, 10)}


def test_without_a_trace_the_missing_sale_is_named_by_the_amount_that_each_rate_implies():
    found = explained(80, ClientBook(ACME, [SALE]), figure=Figure.SOURCED)
    rows = [row for each in found.explanations for row in each.reading.rows if row.entry_id is None]
    assert Money(600_00, "USD") in [row.mrr for row in rows], "30 points at 5 for each US$100"
    assert Money(1_000_00, "USD") in [row.mrr for row in rows], "and at 3"


@pytest.mark.parametrize(
    ("figure", "shown", "kind"),
    [
        (Figure.SOURCED, 0, Kind.MOTION),
        (Figure.COMBINED, 30, Kind.ORIGIN),
        (Figure.COMBINED, 0, Kind.DEAL_TYPE),
        (Figure.COMBINED, 600, Kind.AMOUNT),
        (Figure.COMBINED, 100, Kind.COUNTRY),
        (Figure.COMBINED, 100, Kind.SALE_TWICE_THERE),
        (Figure.MANAGED, 50, Kind.OTHER_FIGURE),
    ],
)
def test_each_kind_of_cause_is_found(figure: Figure, shown: int, kind: Kind):
    assert kind in kinds(explained(shown, ClientBook(ACME, [SALE]), figure=figure))


def test_a_sale_at_its_boundary_may_be_of_another_day_there():
    expired = replace(SALE, sold_on=date(2024, 3, 1))
    found = explained(50, ClientBook(ACME, [expired]))
    assert {Kind.AS_OF, Kind.SALE_DAY} <= set(kinds(found))


def managed(*partners: str, ends_on: date | None = None) -> ClientBook:
    level = SubscriptionLevel("C1", "Marketing Hub", Money(1_000_00, "USD"), date(2024, 1, 1))
    agreements = [Agreement(f"A-{each}", each, "C1", date(2024, 1, 1), ends_on) for each in partners]
    return ClientBook(ACME, [], [level], agreements)


def test_an_agreement_may_be_missing_ended_or_shared_otherwise():
    assert Kind.AGREEMENT_MISSING_THERE in kinds(explained(0, managed(ME)))
    assert Kind.AGREEMENT_MISSING_HERE in kinds(explained(10, managed("P2")))[
        :2
    ] or Kind.AGREEMENT_MISSING_HERE in kinds(explained(5, managed("P2")))
    assert Kind.AGREEMENT_DAY in kinds(explained(10, managed(ME, ends_on=date(2025, 2, 28))))
    assert Kind.SHARE in kinds(explained(5, managed(ME)))
    assert Kind.SHARE in kinds(explained(10, managed(ME, "P2")))


def test_nothing_that_is_found_names_another_partner():
    for shown in (0, 10, 20):
        assert "SECRET" not in repr(explained(shown, managed(ME, "SECRET")))


def test_a_currency_may_be_converted_by_another_dated_table():
    book = ClientBook(ACME, [replace(SALE, mrr=Money(880_00, "EUR"))])  # 75 and 88 € stand for US$100
    found = explained(50, book)
    assert Kind.CURRENCY_TABLE in kinds(found)


def test_where_nothing_explains_it_the_nearest_causes_are_named():
    other = replace(SALE, sale_id="S2", mrr=Money(160_00, "USD"), sold_on=SALE.sold_on - timedelta(40))
    found = explained(9, ClientBook(ACME, [SALE, other]))
    assert found.explanations == ()
    assert Kind.SALE_MISSING_THERE in {each.reading.kind for each in found.nearest}
    assert len(found.nearest) <= 3


def test_causes_that_leave_more_than_a_tenth_unexplained_are_not_named():
    found = explained(7, ClientBook(ACME, [SALE]))
    assert found.explanations == found.nearest == ()


@pytest.mark.parametrize("shown", [99_999, 12_345_678])
def test_no_sale_is_supposed_that_is_larger_than_is_plausible(shown: float):
    assert explained(shown, ClientBook(ACME, [SALE])).explanations == ()


def test_a_sale_that_may_be_missing_here_makes_the_figure_the_one_that_the_dashboard_shows():
    reading = explained(80, ClientBook(ACME, [SALE])).explanations[0].reading
    assert (reading.kind, reading.becomes) == (Kind.SALE_MISSING_HERE, 80 * MICRO)


def test_rates_are_only_those_that_the_program_had_had_by_the_day():
    day = date(2022, 9, 5)
    sale = replace(SALE, sold_on=date(2022, 8, 1))
    book, rates = ClientBook(ACME, [sale]), set[str]()
    for shown in (20, 40, 50, 60, 100):
        claim = Claim.shown(Figure.SOLD, day, shown * MICRO, MICRO)
        found = explain(ME, [book], credits_of(book, PROGRAM), PROGRAM, claim)
        readings = [reading for each in found.explanations for reading in each.readings]
        rates |= {
            str(row.there).split(", ")[-1]
            for each in readings
            if each.kind in (Kind.ORIGIN, Kind.RATE, Kind.SALE_MISSING_HERE)
            for row in each.rows
        }
    assert rates
    assert not rates & {"5"}


def test_mrr_is_compared_in_us_dollars():
    book = ClientBook(ACME, [SALE, replace(SALE, sale_id="S2", mrr=Money(500_00, "USD"))])
    claim = Claim.shown(Figure.SOLD, DAY, 1_000_00, 1_00, Measure.MRR)
    found = explain(ME, [book], credits_of(book, PROGRAM), PROGRAM, claim)
    assert found.explanations[0].reading.rows[0].entry_id == "S2"


def test_what_could_not_be_tried_is_said():
    sales = [replace(SALE, sale_id=f"S{n}", sold_on=DAY - timedelta(n)) for n in range(1, 60)]
    levels = [
        SubscriptionLevel("C1", "Marketing Hub", Money(9_000_00 - n, "USD"), DAY - timedelta(60 - n)) for n in (1, 2)
    ]
    assert not explained(7_777, ClientBook(ACME, sales, levels), most_work=100).complete


@pytest.mark.parametrize("shown", [30, 90])
def test_what_is_not_rated_is_counted_and_never_taken_for_zero(shown: float):
    unrated = replace(SALE, sale_id="S2", mrr=Money(100_00, "XYZ"))
    found = explained(shown, ClientBook(ACME, [SALE, unrated]))
    assert found.unrated == 1
    assert from_json(as_json(found), {"figure": "sold", "measure": "points", "day": DAY, "client": None}).unrated == 1


def test_thresholds_that_were_entered_change_no_figure_and_no_explanation():
    now = datetime(2025, 3, 1, tzinfo=UTC)
    entry = Entry("a@example.com", now, "b@example.com", now)
    entered = Entered("gold", "combined", "17", date(2024, 1, 1), None, "the dashboard", entry)
    book = ClientBook(ACME, [SALE, replace(SALE, sale_id="S2", mrr=Money(500_00, "USD"))])
    claim = Claim.shown(Figure.SOLD, DAY, 30_000_000, 1_000_000)
    before, after = (
        explain(ME, [book], credits_of(book, each), each, claim) for each in (PROGRAM, with_entered(PROGRAM, [entered]))
    )
    assert with_entered(PROGRAM, [entered]).on(DAY) != PROGRAM.on(DAY)
    assert before == after


def test_every_kind_has_a_weight():
    assert set(WEIGHTS) == set(Kind)


@pytest.mark.slow
def test_the_true_cause_is_among_the_three_in_95_of_100_random_ledgers(share_of: Callable[[int], int]):
    found, ledgers = 0, share_of(400)
    for seed in range(ledgers):
        case = planted(seed, PROGRAM)
        credits = case.ours.credits(PROGRAM)
        found += case.is_among(explain(ME, case.ours.books.values(), credits, PROGRAM, case.claim))
    assert found >= ledgers * 95 // 100
