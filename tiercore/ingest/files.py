"""The ten files and their columns (data#files), in the order of the entry's fields."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    Partner,
    Person,
    PipelineDeal,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)


class Kind(Enum):
    """The kind of value in a column's cells."""

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
    PERCENT = auto()
    DEAL_TYPE = auto()
    MOTION = auto()
    ROLE = auto()
    TIER = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file."""

    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FileFormat:
    """The format of a file: the entry that a row becomes, the columns, and the columns of the key."""

    entry: type[Any]
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from words such as "ends_on:date?", where "?" marks an optional column."""
    words = ([*word.rstrip("?").split(":"), word[-1]] for word in text.split())
    return tuple(Column(name, Kind[kind.upper()], last == "?") for name, kind, last in words)


FORMATS: dict[str, FileFormat] = {
    "partners.csv": FileFormat(
        Partner,
        _columns(
            "partner_id:id name:name country:country currency:currency joined_on:date elite_invited_on:date?"
            " membership_until:date?"
        ),
        key=("partner_id",),
    ),
    "clients.csv": FileFormat(Client, _columns("client_id:id name:name country:country"), key=("client_id",)),
    "sales.csv": FileFormat(
        Sale,
        _columns(
            "sale_id:id partner_id:id client_id:id product_line:label deal_type:deal_type motion:motion"
            " mrr:amount currency:currency sold_on:date account:label?"
        ),
        key=("sale_id",),
    ),
    "subscriptions.csv": FileFormat(
        SubscriptionLevel,
        _columns(
            "client_id:id product_line:label mrr:amount currency:currency effective_on:date renews_on:date?"
            " account:label?"
        ),
        key=("client_id", "product_line", "effective_on", "account"),
    ),
    "agreements.csv": FileFormat(
        Agreement,
        _columns("agreement_id:id partner_id:id client_id:id starts_on:date ends_on:date?"),
        key=("agreement_id",),
    ),
    "usage.csv": FileFormat(
        ToolUsage, _columns("client_id:id month:month tools_used:count"), key=("client_id", "month")
    ),
    "certifications.csv": FileFormat(
        Certification,
        _columns("partner_id:id certification:label valid_from:date valid_until:date"),
        key=("partner_id", "certification", "valid_from"),
    ),
    "tiers.csv": FileFormat(
        TierCredited, _columns("partner_id:id tier:tier credited_on:date"), key=("partner_id", "credited_on")
    ),
    "pipeline.csv": FileFormat(
        PipelineDeal,
        _columns(
            "deal_id:id partner_id:id client_id:id? client_name:name? country:country? product_line:label motion:motion"
            " mrr:amount currency:currency expected_on:date probability:percent? owner:email?"
        ),
        key=("deal_id",),
    ),
    "people.csv": FileFormat(
        Person, _columns("email:email name:name role:role partner_id:id?"), key=("email", "partner_id")
    ),
}

# Parents first: a file comes after those it refers to.
FILES: dict[str, type[Any]] = {name: file_format.entry for name, file_format in FORMATS.items()}
