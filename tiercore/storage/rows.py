"""Conversion of entries, credits and balances to rows and back."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from enum import Enum
from operator import attrgetter
from typing import Any

from sqlmodel import SQLModel

from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Entry,
    Motion,
    Partner,
    Person,
    PipelineDeal,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.rating.credits import Cause, Credit, Origin
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.timeline import Balance
from tiercore.storage.tables import ledger

Row = dict[str, Any]
_AS_THEY_ARE = frozenset({str, int, bool, date, type(None)})
# An enumeration's members by their values: looked up for every row, and a call of the enumeration takes ten times that.
_DEAL_TYPES = {each.value: each for each in DealType}
_MOTIONS = {each.value: each for each in Motion}
_SOURCES = {each.value: each for each in Source}
_CAUSES = {each.value: each for each in Cause}
_ORIGINS = {each.value: each for each in Origin}

TABLE_OF: Mapping[type[Any], type[SQLModel]] = {
    Partner: ledger.PartnerRow,
    Client: ledger.ClientRow,
    Sale: ledger.SaleRow,
    SubscriptionLevel: ledger.SubscriptionLevelRow,
    Agreement: ledger.AgreementRow,
    ToolUsage: ledger.ToolUsageRow,
    Certification: ledger.CertificationRow,
    TierCredited: ledger.TierCreditedRow,
    PipelineDeal: ledger.PipelineDealRow,
    Person: ledger.PersonRow,
}


def entry_row(entry: Entry) -> Row:
    """The entry as a row of its table."""
    row = _flat(entry)
    if isinstance(entry, Person):
        row["partner_id"] = entry.partner_id or ""
    if isinstance(entry, SubscriptionLevel):
        row["account"] = entry.account or ""
    return row


def credit_row(credit: Credit) -> Row:
    """The credit as a row, its days as ordinals."""
    row: Row = {}
    for name, item in credit._asdict().items():
        _add(row, name, item)
    row["starts_on"] = credit.starts_on.toordinal()
    row["lapses_on"] = credit.lapses_on.toordinal() if credit.lapses_on else None
    row["rated_on"] = credit.rated_on.toordinal()
    return row


def balance_row(partner_id: str, balance: Balance) -> Row:
    """A day of a partner's timeline as a row."""
    return {"partner_id": partner_id, **balance._asdict()}


def retention_row(partner_id: str, month: RetentionMonth) -> Row:
    """A month of a partner's retention as a row."""
    return {"partner_id": partner_id, **month._asdict()}


_FieldsOf = tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]
_FIELDS: dict[type[Any], _FieldsOf] = {}


def _fields_of(dataclass: type[Any]) -> _FieldsOf:
    """A dataclass's fields by name, and what reads them all at once."""
    found = _FIELDS.get(dataclass)
    if found is None:
        names = tuple(field.name for field in fields(dataclass))
        found = _FIELDS[dataclass] = names, attrgetter(*names)
    return found


def _flat(value: Any) -> Row:
    """A dataclass as a row: money becomes two columns, an enumeration its value."""
    names, values_of = _fields_of(type(value))
    row: Row = {}
    for name, item in zip(names, values_of(value), strict=True):
        _add(row, name, item)
    return row


def _add(row: Row, name: str, item: Any) -> None:
    if type(item) in _AS_THEY_ARE:
        row[name] = item
    elif isinstance(item, Money):
        row["mrr_minor"], row["currency"] = item.minor, item.currency
    else:
        row[name] = item.value if isinstance(item, Enum) else item


def _constructor(entry: type[Any]) -> Callable[[Mapping[Any, Any]], Any]:
    return lambda row: entry(**row)


def sale(row: Mapping[Any, Any]) -> Sale:
    """The sale of a row, by column name."""
    return Sale(
        sale_id=row["sale_id"],
        partner_id=row["partner_id"],
        client_id=row["client_id"],
        product_line=row["product_line"],
        deal_type=_DEAL_TYPES[row["deal_type"]],
        motion=_MOTIONS[row["motion"]],
        mrr=Money(row["mrr_minor"], row["currency"]),
        sold_on=row["sold_on"],
        account=row["account"],
    )


def subscription_level(row: Mapping[Any, Any]) -> SubscriptionLevel:
    """The subscription level of a row, by column name."""
    return SubscriptionLevel(
        client_id=row["client_id"],
        product_line=row["product_line"],
        mrr=Money(row["mrr_minor"], row["currency"]),
        effective_on=row["effective_on"],
        renews_on=row["renews_on"],
        account=row["account"] or None,
    )


def pipeline_deal(row: Mapping[Any, Any]) -> PipelineDeal:
    """The deal of a row, by column name."""
    return PipelineDeal(
        deal_id=row["deal_id"],
        partner_id=row["partner_id"],
        client_id=row["client_id"],
        client_name=row["client_name"],
        country=row["country"],
        product_line=row["product_line"],
        motion=_MOTIONS[row["motion"]],
        mrr=Money(row["mrr_minor"], row["currency"]),
        expected_on=row["expected_on"],
        probability=row["probability"],
        owner=row["owner"],
    )


client = _constructor(Client)
agreement = _constructor(Agreement)
tool_usage = _constructor(ToolUsage)


def credit(row: Mapping[Any, Any]) -> Credit:
    """The credit of a row, by column name."""
    lapses_on = row["lapses_on"]
    return Credit(
        partner_id=row["partner_id"],
        client_id=row["client_id"],
        product_line=row["product_line"],
        source=_SOURCES[row["source"]],
        micropoints=row["micropoints"],
        program_cents=row["program_cents"],
        mrr=Money(row["mrr_minor"], row["currency"]),
        rate=row["rate"],
        shared_by=row["shared_by"],
        starts_on=date.fromordinal(row["starts_on"]),
        lapses_on=date.fromordinal(lapses_on) if lapses_on else None,
        opened_by=_CAUSES[row["opened_by"]],
        closed_by=_CAUSES[row["closed_by"]] if row["closed_by"] else None,
        entry_id=row["entry_id"],
        rated_on=date.fromordinal(row["rated_on"]),
        lapsing=row["lapsing"],
        doubt=row["doubt"],
        assumed=bool(row["assumed"]),
        edition=row["edition"],
        account=row["account"],
        origin=_ORIGINS[row["origin"]] if row["origin"] else None,
    )
