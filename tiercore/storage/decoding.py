"""From the reader's plain tuples to the core's facts, credits and entries."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from tiercore.facts.entries import Agreement, Certification, Client, Partner, Sale, SubscriptionLevel
from tiercore.facts.holds import Holds
from tiercore.facts.points import Source
from tiercore.facts.typed import TypedMark
from tiercore.facts.unknown import Unknown
from tiercore.questions.clients import ClientLine
from tiercore.questions.credited import credited_on
from tiercore.questions.expiry import Lapse
from tiercore.questions.pipeline import OpenDeal
from tiercore.rating.credits import Cause, ClientBook, Credit
from tiercore.rating.install_base import Stay
from tiercore.rating.timeline import Balance
from tiercore.storage import rows
from tiercore.storage.moments import from_ms
from tiercore.storage.reader import as_date

Row = tuple[Any, ...]
Rows = Sequence[Row]
SALE = (
    *("sale_id", "partner_id", "client_id", "product_line", "deal_type", "motion", "mrr_minor", "currency", "sold_on"),
    "account",
)
LEVEL = ("client_id", "product_line", "mrr_minor", "currency", "effective_on", "renews_on", "account")
AGREEMENT = ("agreement_id", "partner_id", "client_id", "starts_on", "ends_on")
DEAL = (
    *("deal_id", "partner_id", "client_id", "client_name", "country", "product_line", "motion", "mrr_minor"),
    *("currency", "expected_on", "probability", "owner"),
)
CREDIT = (
    *("partner_id", "client_id", "product_line", "source", "micropoints", "program_cents", "mrr_minor", "currency"),
    *("rate", "shared_by", "starts_on", "lapses_on", "opened_by", "closed_by", "entry_id", "rated_on", "lapsing"),
    *("doubt", "assumed", "edition", "account", "origin"),
)


class ReachRow(NamedTuple):
    """A row of reach_statements.REACH_OF_…: the person, one of their partners (if any), and their settings."""

    email: str
    name: str
    role: str
    partner_id: str | None
    partner: str | None
    own_version: int | None
    version: int | None
    all_changed_at: int | None
    model: Any
    here: str | None


class ClientRow(NamedTuple):
    """A row of client_statements.CLIENTS: a client's micropoints, what expires next, and how many clients there are."""

    client_id: str
    client: str
    sold: int | None
    managed: int | None
    unrated: int
    lapses_on: int | None
    lapsing: int | None
    doubt: str | None
    clients: int


class CreditBehind(NamedTuple):
    """A row of client_statements.CREDITS_BEHIND: a credit, its client's name and country, and how many there are."""

    credit: Credit
    client: str
    country: str
    total: int


def credit_behind(row: Row) -> CreditBehind:
    """A credit with its client, from the columns of client_statements.CREDITS_BEHIND."""
    *columns, client, country, count = row
    return CreditBehind(credit_of(tuple(columns)), client, country, count)


def partner_and_balance(row: Row, as_of: date) -> tuple[Partner, Balance]:
    """The partner and its balance (empty before its first credit), from statements.PARTNER_AND_BALANCE."""
    size = len(Balance._fields)
    partner, balance = row[:-size], row[-size:]
    has_balance = balance[0] is not None
    return partner_of(partner), Balance._make(balance) if has_balance else Balance(as_of.toordinal())


def credit_of(row: Row) -> Credit:
    """A credit from its columns in the order of CREDIT."""
    return rows.credit(dict(zip(CREDIT, row, strict=True)))


def sale_of(row: Row) -> Sale:
    """A sale from its columns in the order of SALE."""
    named = dict(zip(SALE, row, strict=True))
    return rows.sale({**named, "sold_on": a_date(named["sold_on"])})


def level_of(row: Row) -> SubscriptionLevel:
    """A subscription level from its columns in the order of LEVEL."""
    named = dict(zip(LEVEL, row, strict=True))
    days = {"effective_on": a_date(named["effective_on"]), "renews_on": as_date(named["renews_on"])}
    return rows.subscription_level({**named, **days})


def stay_of(row: Row) -> tuple[str, Stay]:
    """A client's name and when it contributes credit, from the columns of client_statements.STAYS_OF_CHANGED."""
    name, client_id, starts_on, lapses_on = row
    until = None if lapses_on is None else date.fromordinal(lapses_on)
    return name, Stay(client_id, date.fromordinal(starts_on), until)


def agreement_of(row: Row) -> Agreement:
    """An agreement from its columns in the order of AGREEMENT."""
    agreement_id, partner_id, client_id, starts_on, ends_on = row
    return Agreement(agreement_id, partner_id, client_id, a_date(starts_on), as_date(ends_on))


def credited(tiers: Rows, as_of: date) -> tuple[str | None, date | None, str | None]:
    """The tier credited on the day, since when without a break, and the tier before it; `tiers` ascending by day."""
    return credited_on([(tier, a_date(day)) for tier, day in tiers], as_of)


def holds_of(holds: Rows) -> Holds:
    """The figures under correction, each Unknown with its reason, from statements.HOLDS; a partner's own holds win."""
    return {row[0]: Unknown(f"under correction since {as_date(row[2])}: {row[1]}") for row in holds}


def partner_of(row: Row) -> Partner:
    """A partner from its columns, in the table's order."""
    partner_id, name, country, currency, *days = row
    joined_on, invited_on, membership_until = map(as_date, days)
    assert joined_on is not None
    return Partner(partner_id, name, country, currency, joined_on, invited_on, membership_until)


def certification_of(row: Row) -> Certification:
    """A certification from its columns, in the table's order."""
    partner_id, name, valid_from, valid_until = row
    return Certification(partner_id, name, a_date(valid_from), a_date(valid_until))


def lapse_of(row: Row) -> Lapse:
    """A lapse from the columns of statements.LAPSES."""
    client_id, client, line, source, lapsing, lapses_on, cause, assumed, edition, account = row
    day = date.fromordinal(lapses_on)
    return Lapse(client_id, client, line, Source(source), lapsing, day, Cause(cause), bool(assumed), edition, account)


def books_of_rows(clients: Rows, sales: Rows, levels: Rows, agreements: Rows) -> dict[str, ClientBook]:
    """The clients' books by ID, from the rows of pipeline_statements.BOOKS."""
    books = {row[0]: ClientBook(Client(*row)) for row in clients}
    for sale in map(sale_of, sales):
        books[sale.client_id].sales.append(sale)
    for level in map(level_of, levels):
        books[level.client_id].levels.append(level)
    for agreement in map(agreement_of, agreements):
        books[agreement.client_id].agreements.append(agreement)
    return books


def open_deal_of(row: Row) -> OpenDeal:
    """An open deal from the columns of pipeline_statements.PIPELINE: expected on the day that people said last."""
    *columns, client, said_of, outcome, moved_to = row
    deal = rows.pipeline_deal({**dict(zip(DEAL, columns, strict=True)), "expected_on": a_date(columns[9])})
    holds = as_date(said_of) == deal.expected_on
    expected_on = as_date(moved_to) if holds and outcome == "moved" else None
    name = client or deal.client_name or ""
    return OpenDeal(deal, name, expected_on or deal.expected_on, deal.client_id is None, holds and outcome == "later")


def a_date(value: Any) -> date:
    """The value of a date column that is never null."""
    day = as_date(value)
    assert day is not None
    return day


def typed_by_entry(rows: Rows) -> dict[str, TypedMark]:
    """Who typed each entry, by the first part of its key: of a sale or an agreement, its ID."""
    return {json.loads(row[0])[0]: _typed_mark(row) for row in rows}


def typed_by_client(rows: Rows) -> dict[str, TypedMark]:
    """Who last typed something about each client, by the client's ID."""
    return {row[1]: _typed_mark(row) for row in sorted(rows, key=lambda row: row[3]) if row[1]}


def _typed_mark(row: Sequence[Any]) -> TypedMark:
    return TypedMark(row[2], from_ms(row[3]).date())


def client_line_of(row: ClientRow, held: Unknown | None) -> ClientLine:
    """A line of the list of clients; days of expiry and doubts give way to a figure on hold."""
    sold, managed = row.sold or 0, row.managed or 0
    if held:
        return ClientLine(row.client_id, row.client, sold, managed, row.unrated, None, 0, held.reason)
    day = date.fromordinal(row.lapses_on) if row.lapses_on else None
    return ClientLine(row.client_id, row.client, sold, managed, row.unrated, day, row.lapsing or 0, row.doubt)
