"""A step is the very entries that an import would bring."""

from dataclasses import replace
from datetime import date

from tests.support.entries import agreement, book, level, sale, usd
from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Entry,
    Motion,
    Partner,
    Sale,
    SubscriptionLevel,
)
from tiercore.facts.money import Money
from tiercore.program import load_program
from tiercore.rating.credits import ClientBook
from tiercore.scenarios.applying import with_steps
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.entries import rows_of
from tiercore.scenarios.kept_rate import KeptRate, kept_rate
from tiercore.scenarios.ranges import Missing, ranges_of
from tiercore.scenarios.steps import (
    NEW_CLIENT,
    Downgrade,
    EndAgreement,
    ExtendAgreement,
    Lose,
    NewClient,
    RenewCertification,
    Sell,
    Step,
)

PROGRAM = load_program()
PARTNER = Partner("P1", "Partner A", "US", "USD", date(2019, 1, 1))
HUB = "Marketing Hub Professional"
DAY, LATER = date(2022, 9, 20), date(2022, 12, 1)


def books_with(client_book: ClientBook) -> PartnerBooks:
    return PartnerBooks(PARTNER, (), (), {}, date(2021, 1, 1), (), (), {"C1": client_book})


def rows(step: Step, *entries: Entry) -> list[Entry]:
    return rows_of(step, books_with(book(*entries)), PROGRAM)


def sell(dollars: int, line: str = HUB, client: str = "C1", **more: object) -> Sell:
    return replace(Sell(client, line, Motion.SOURCED, usd(dollars), DAY), **more)


def levels(found: list[Entry]) -> list[tuple[str, int, date]]:
    known = [each for each in found if isinstance(each, SubscriptionLevel)]
    return [(each.product_line, each.mrr.minor // 100, each.effective_on) for each in known]


def test_a_sale_raises_its_line_and_the_later_levels_until_the_line_is_cancelled():
    known = [level(date(2021, 1, 1), 800), level(LATER, 900), level(date(2023, 1, 1), 0), level(date(2023, 6, 1), 100)]
    sold, *raised = rows(sell(500), *known)
    assert isinstance(sold, Sale)
    assert sold.deal_type is DealType.UPSELL
    assert levels(raised) == [(HUB, 1_300, DAY), (HUB, 1_400, LATER)]


def test_a_sale_to_a_client_without_levels_is_the_sale_alone():
    [sold] = rows(sell(500), sale(date(2022, 1, 1), 800))
    assert isinstance(sold, Sale)


def test_a_line_that_pays_in_another_currency_is_not_raised():
    [sold] = rows(sell(500), level(date(2021, 1, 1), 800, currency="EUR"))
    assert isinstance(sold, Sale)


def test_a_sale_of_a_higher_edition_takes_the_lines_place_and_a_lower_one_does_not():
    known = level(date(2021, 1, 1), 800)
    assert levels(rows(sell(500, "Marketing Hub Enterprise"), known)) == [("Marketing Hub Enterprise", 1_300, DAY)]
    assert levels(rows(sell(500, "Marketing Hub Starter"), known)) == [(HUB, 1_300, DAY)]


def test_a_sale_to_a_new_client_brings_the_client_and_its_first_level():
    client, sold, paid = rows(sell(500, client=NEW_CLIENT))
    assert client == Client("what-if-1", "A new client", "US")
    assert (sold.client_id, sold.deal_type, paid.mrr) == ("what-if-1", DealType.NET_NEW, usd(500))


def test_a_second_sale_to_a_new_client_of_the_same_name_is_to_the_same_client():
    new = replace(sell(500, client=NEW_CLIENT), new_client=NewClient("Newco", "IN"))
    after = with_steps(books_with(book()), [new, new], PROGRAM)
    [client] = [each for each in after.added if isinstance(each, Client)]
    assert (client.name, client.country) == ("Newco", "IN")
    assert levels(list(after.added)) == [(HUB, 500, DAY), (HUB, 1000, DAY)]


def test_a_sale_on_a_line_from_before_the_higher_rate_keeps_its_rate_and_one_on_a_new_line_does_not():
    known = books_with(book(level(date(2023, 1, 1), 800), sale(date(2023, 1, 1), 800)))
    later = {"sold_on": date(2024, 3, 1)}
    old, new = sell(500, **later), sell(500, "Sales Hub", **later)
    kept = kept_rate(old, with_steps(known, [old], PROGRAM), PROGRAM)
    assert kept == KeptRate(3, 5, date(2023, 1, 1))
    assert kept_rate(new, with_steps(known, [new], PROGRAM), PROGRAM) is None


def test_a_renewal_leaves_the_level_as_it_is():
    assert levels(rows(sell(500, deal_type=DealType.RENEWAL), level(date(2021, 1, 1), 800))) == []


def test_a_lost_client_pays_nothing_from_the_day_on_whatever_is_on_file_for_later():
    known = [level(date(2021, 1, 1), 800), level(LATER, 900), level(date(2021, 5, 1), 300, line="Sales Hub")]
    assert sorted(levels(rows(Lose("C1", DAY), *known))) == [(HUB, 0, DAY), (HUB, 0, LATER), ("Sales Hub", 0, DAY)]


def test_a_downgraded_line_pays_the_amount_at_most():
    known = [level(date(2021, 1, 1), 800), level(LATER, 900), level(date(2023, 1, 1), 200)]
    found = rows(Downgrade("C1", "Marketing Hub", usd(500), DAY), *known)
    assert sorted(levels(found)) == [(HUB, 500, DAY), (HUB, 500, LATER)]


def test_a_downgrade_to_another_edition_names_it():
    found = rows(Downgrade("C1", "Marketing Hub Starter", usd(50), DAY), level(date(2021, 1, 1), 800))
    assert levels(found) == [("Marketing Hub Starter", 50, DAY)]


def test_only_the_partners_own_agreement_ends():
    own, other = agreement(date(2021, 1, 1)), agreement(date(2021, 1, 1), partner="P2", agreement_id="A2")
    assert rows(EndAgreement("C1", DAY), own, other) == [replace(own, ends_on=DAY)]


def test_an_agreement_in_force_is_extended_and_another_begins_where_none_is():
    running, over = agreement(date(2021, 1, 1), LATER), agreement(date(2021, 1, 1), date(2022, 1, 1))
    assert rows(ExtendAgreement("C1", None, DAY), running) == [replace(running, ends_on=None)]
    assert rows(ExtendAgreement("C1", LATER, DAY), over) == [Agreement("what-if-1", "P1", "C1", DAY, LATER)]
    assert rows(ExtendAgreement("C1", None, DAY), agreement(date(2021, 1, 1))) == []


def test_a_renewed_certification_is_one_more():
    found = rows(RenewCertification("Solutions Partner Certification", DAY, LATER))
    assert found == [Certification("P1", "Solutions Partner Certification", DAY, LATER)]


def test_each_step_comes_on_top_of_those_before_it():
    steps = [sell(500), Downgrade("C1", "Marketing Hub", usd(1_000), LATER), sell(200, client=NEW_CLIENT)]
    found = with_steps(books_with(book(level(date(2021, 1, 1), 800))), steps, PROGRAM)
    assert levels(list(found.added))[:2] == [(HUB, 1_300, DAY), (HUB, 1_000, LATER)]
    ids = [each.sale_id for each in found.added if isinstance(each, Sale)]
    assert len(ids) == len(set(ids)) == 2


def test_a_managed_client_without_levels_leaves_the_sales_managed_points_open_from_none_to_all():
    shared = [agreement(date(2021, 1, 1)), agreement(date(2021, 1, 1), partner="P2", agreement_id="A2")]
    [found] = ranges_of(sell(1_000), books_with(book(*shared)), PROGRAM)
    assert (found.missing, found.most) == (Missing.MANAGED, 5_000_000)
    assert ranges_of(sell(1_000), books_with(book(*shared, level(date(2021, 1, 1), 1))), PROGRAM) == []
    assert ranges_of(sell(1_000), books_with(book()), PROGRAM) == []


def test_a_lost_line_without_levels_may_take_none_to_all_of_its_sold_points():
    sold = sale(date(2022, 3, 1), 1_000)
    [found] = ranges_of(Lose("C1", DAY), books_with(book(sold)), PROGRAM)
    assert (found.missing, found.product_line, found.most) == (Missing.LOST, "Marketing Hub", 30_000_000)
    other_line = Downgrade("C1", "Sales Hub", Money(0, "USD"), DAY)
    assert ranges_of(other_line, books_with(book(sold)), PROGRAM) == []
    assert ranges_of(Lose("C1", DAY), books_with(book(sold, level(date(2022, 3, 1), 1_000))), PROGRAM) == []
