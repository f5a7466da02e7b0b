"""The nine files and their columns (data#files). Each file's columns stand in the order of its entry's fields."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    Partner,
    Person,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)


class Kind(Enum):
    """What a column's cells hold."""

    ID = auto()
    LABEL = auto()
    NAME = auto()
    EMAIL = auto()
    COUNTRY = auto()
    CURRENCY = auto()
    AMOUNT = auto()
    DATE = auto()
    MONTH = auto()
    COUNT = auto()
    DEAL_TYPE = auto()
    MOTION = auto()
    ROLE = auto()
    TIER = auto()


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One file: the entry that a row becomes, its columns, and the columns that make its key."""

    entry: type[Any]
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from words such as "ends_on:date?", where ? marks an optional one."""
    words = ([*word.rstrip("?").split(":"), word[-1]] for word in text.split())
    return tuple(Column(name, Kind[kind.upper()], last == "?") for name, kind, last in words)


FORMS: dict[str, Form] = {
    "partners.csv": Form(
        Partner,
        _columns(
            "partner_id:id name:name country:country currency:currency joined_on:date elite_invited_on:date?"
            " membership_until:date?"
        ),
        key=("partner_id",),
    ),
    "clients.csv": Form(Client, _columns("client_id:id name:name country:country"), key=("client_id",)),
    "sales.csv": Form(
        Sale,
        _columns(
            "sale_id:id partner_id:id client_id:id product_line:label deal_type:deal_type motion:motion"
            " mrr:amount currency:currency sold_on:date"
        ),
        key=("sale_id",),
    ),
    "subscriptions.csv": Form(
        SubscriptionLevel,
        _columns(
            "client_id:id product_line:label mrr:amount currency:currency effective_on:date renews_on:date?",
        ),
        key=("client_id", "product_line", "effective_on"),
    ),
    "agreements.csv": Form(
        Agreement,
        _columns("agreement_id:id partner_id:id client_id:id starts_on:date ends_on:date?"),
        key=("agreement_id",),
    ),
    "usage.csv": Form(ToolUsage, _columns("client_id:id month:month tools_used:count"), key=("client_id", "month")),
    "certifications.csv": Form(
        Certification,
        _columns("partner_id:id certification:label valid_from:date valid_until:date"),
        key=("partner_id", "certification", "valid_from"),
    ),
    "tiers.csv": Form(
        TierCredited, _columns("partner_id:id tier:tier credited_on:date"), key=("partner_id", "credited_on")
    ),
    "people.csv": Form(Person, _columns("email:email name:name role:role partner_id:id?"), key=("email", "partner_id")),
}

# Parents first: what a file refers to stands before it.
FILES: dict[str, type[Any]] = {name: form.entry for name, form in FORMS.items()}
