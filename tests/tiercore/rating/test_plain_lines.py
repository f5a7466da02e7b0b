"""Plain product lines, rated straight from rows, earn the credits that rating finds (architecture#rebuilds)."""

import pickle
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.entries import FIRST, HUB, agreement, book, books, level, sale
from tests.support.histories import history
from tiercore.facts.entries import Agreement, Client, DealType, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.program import Program, load_program
from tiercore.rating.client_batches import ClientBatch, Row, credit_row, rate_clients
from tiercore.rating.credits import ClientBook
from tiercore.rating.plain_lines import plain_rows
from tiercore.rating.plain_rules import PlainRules
from tiercore.rating.rating import credits_of

_AMOUNTS = (0, 1, 99_99, 300_00, 333_33, 850_05, 1_000_00)


@pytest.fixture(
    scope="module", params=["", "[deal_based.applies]\n2022-01-15 = { value = true }\n"], ids=["usual", "deals"]
)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The shipped rules, and the same with deal-based credit from a day on."""
    table = tmp_path_factory.mktemp("rules") / "own.toml"
    table.write_text(request.param, encoding="utf-8")
    return load_program(table)


def rows_of(book: ClientBook, *, as_text: bool) -> tuple[list[Row], list[Row], list[Row]]:
    """The book's rows as PostgreSQL's driver gives them, or with days as the text that SQLite stores."""

    def day(value: date | None) -> object:
        return value.isoformat() if as_text and value else value

    sales = [
        (
            *(each.sale_id, each.partner_id, each.client_id, each.product_line, each.deal_type.value),
            *(each.motion.value, each.mrr.minor, each.mrr.currency, day(each.sold_on), each.account),
        )
        for each in book.sales
    ]
    levels = [
        (
            *(each.client_id, each.product_line, each.mrr.minor, each.mrr.currency, day(each.effective_on)),
            *(day(each.renews_on), each.account or ""),
        )
        for each in book.levels
    ]
    agreements = [
        (each.agreement_id, each.partner_id, each.client_id, day(each.starts_on), day(each.ends_on))
        for each in book.agreements
    ]
    return sales, levels, agreements


def expected(book: ClientBook, program: Program) -> list[Row]:
    """The rows of the credits that rating finds."""
    return [credit_row(each) for each in credits_of(book, program)]


def plain(book: ClientBook, rules: PlainRules, *, as_text: bool = True) -> list[Row] | None:
    """The rows that the book earns if all of its lines are plain."""
    return plain_rows(book.client.country, *rows_of(book, as_text=as_text), rules)


def grown(chance: Random) -> ClientBook:
    """A client whose lines grow by sales, sometimes fall, and are managed by a few partners."""
    found, first = ClientBook(Client("C1", "Acme", chance.choice(("US", "DE", "IN", "BR")))), date(2021, 7, 1)
    currency, partners = chance.choice(("USD", "EUR", "JPY")), ("P1", "P2", "P3")[: chance.choice((1, 1, 2, 3))]
    for line in chance.sample(
        (HUB, "Sales Hub Professional", "CMS Hub", "A line of its own"), chance.choice((1, 2, 3))
    ):
        day, paid = first + timedelta(chance.randrange(900)), 0
        for number in range(chance.randrange(9)):
            deal = DealType.NET_NEW if not number else chance.choice(list(DealType))
            mrr, who, motion = chance.choice(_AMOUNTS), chance.choice(partners), chance.choice(list(Motion))
            sale_id = f"S{line}{number}"
            found.sales.append(Sale(sale_id, who, "C1", line, deal, motion, Money(mrr, currency), day))
            paid = chance.choice((paid + mrr, paid + mrr, paid + mrr, paid // 2, 0))
            found.levels.append(SubscriptionLevel("C1", line, Money(paid, currency), day))
            day += timedelta(chance.choice((1, 20, 90, 366)))
    for number in range(chance.choice((0, 1, 1, 2, 4))):
        starts = first + timedelta(chance.randrange(1_000))
        ends = chance.choice((None, starts + timedelta(chance.randrange(900))))
        found.agreements.append(Agreement(f"A{number}", chance.choice(partners), "C1", starts, ends))
    for entries in (found.sales, found.levels, found.agreements):
        chance.shuffle(entries)
    return found


def rated(clients: Sequence[ClientBook], program: bytes, *, as_text: bool) -> Sequence[Row]:
    """The rows that the clients earn in one batch."""
    rows = [rows_of(each, as_text=as_text) for each in clients]
    sales, levels, agreements = ([row for of in rows for row in of[at]] for at in range(3))
    own = [(each.client.client_id, each.client.name, each.client.country) for each in clients]
    return rate_clients(program, ClientBatch(own, sales, levels, agreements, (), ())).added


@pytest.mark.parametrize("as_text", [True, False])
def test_a_line_that_grows_and_falls_is_plain_and_earns_what_rating_finds(share_of, program: Program, as_text: bool):
    books, rules = [grown(Random(seed)) for seed in range(share_of(4_000))], PlainRules(program)
    found = [(plain(each, rules, as_text=as_text), each) for each in books]
    assert all(rows == expected(each, program) for rows, each in found if rows is not None)
    assert program.deal_based or all(rows is not None for rows, _ in found)


@settings(max_examples=100)
@given(own=books(), as_text=st.booleans())
def test_whatever_the_entries_are_a_batch_earns_what_rating_finds(own: ClientBook, as_text: bool, program: Program):
    assert rated([own], pickle.dumps(program), as_text=as_text) == expected(own, program)


def test_random_histories_earn_in_batches_what_rating_finds(share_of, program: Program):
    pickled = pickle.dumps(program)
    for seed in range(share_of(3_000)):
        one = history(Random(seed))
        own = {each.client_id: ClientBook(each) for each in one.clients}
        for sale_ in one.sales:
            own[sale_.client_id].sales.append(sale_)
        for level_ in one.levels:
            own[level_.client_id].levels.append(level_)
        for agreement_ in one.agreements:
            own[agreement_.client_id].agreements.append(agreement_)
        found = rated(list(own.values()), pickled, as_text=True)
        assert found == [row for each in own.values() for row in expected(each, program)]


UNPLAIN: Sequence[tuple[str, ClientBook]] = (
    (
        "levels of two editions",
        book(sale(FIRST, 100), level(FIRST, 100, line="Marketing Hub Starter"), level(FIRST + timedelta(9), 200)),
    ),
    ("two currencies", book(sale(FIRST, 100), level(FIRST, 100, currency="EUR"))),
    ("a currency without a table", book(sale(FIRST, 100, currency="NZD"), level(FIRST, 100, currency="NZD"))),
    (
        "a line that was there before its first sale",
        book(sale(date(2024, 3, 1), 100, deal=DealType.UPSELL), level(FIRST, 300)),
    ),
    ("a sale on a day with deal-based credit", book(sale(date(2026, 3, 1), 100))),
    ("a level on a day with deal-based credit", book(level(date(2026, 3, 1), 100), agreement(FIRST))),
)


@pytest.mark.parametrize(("why", "own"), UNPLAIN, ids=[why for why, _ in UNPLAIN])
@pytest.mark.parametrize("program", ["[deal_based.applies]\n2025-10-01 = { value = true }\n"], indirect=True)
def test_a_line_is_left_to_rating_if_it_isnt_plain(why: str, own: ClientBook, program: Program):
    assert plain(own, PlainRules(program)) is None, why


def test_two_accounts_of_a_client_are_two_lines():
    program = load_program()
    own = book(sale(FIRST, 100), level(FIRST, 100), level(FIRST, 700), agreement(FIRST))
    own.levels[1] = replace(own.levels[1], account="East")
    own.sales.append(replace(own.sales[0], sale_id="S2", account="East"))
    assert plain(own, PlainRules(program)) == expected(own, program)
    assert {row[20] for row in expected(own, program)} == {None, "East"}
