"""The nine files: their columns, keys, and how a row becomes an entry (data.md)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tiercore.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Entry,
    Motion,
    Partner,
    Person,
    Role,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)
from tiercore.ingest import cells
from tiercore.ingest.cells import Parser, Wrong

UNTIERED = "untiered"
Cells = dict[str, Any]

FILES: Mapping[str, type[Any]] = {
    "partners.csv": Partner,
    "clients.csv": Client,
    "sales.csv": Sale,
    "subscriptions.csv": SubscriptionLevel,
    "agreements.csv": Agreement,
    "usage.csv": ToolUsage,
    "certifications.csv": Certification,
    "tiers.csv": TierCredited,
    "people.csv": Person,
}


@dataclass(frozen=True, slots=True)
class Form:
    """What a file holds: parsers by column, the optional columns, the key, and the entry of a row.

    `build` may raise Wrong; `blame` is the column that it is then about.
    """

    columns: Mapping[str, Parser]
    key: tuple[str, ...]
    build: Callable[[Cells], Entry]
    optional: frozenset[str] = frozenset()
    blame: str = ""

    @property
    def required(self) -> frozenset[str]:
        """The columns that the file must have."""
        return frozenset(self.columns) - self.optional


def forms(tiers: Collection[str], last_day: date) -> dict[type[Any], Form]:
    """The form of every kind of file; dates up to `last_day` and the program's `tiers` are accepted."""
    day, month = cells.day_within(last_day), cells.month_within(last_day)
    tier = cells.word_of({*tiers, UNTIERED}, "tier")
    ident, name = cells.identifier, cells.name
    partner, client = {"partner_id": ident}, {"client_id": ident}
    mrr = {"mrr": cells.amount, "currency": cells.currency}
    return {
        Partner: Form(
            {
                **partner,
                "name": name,
                "country": cells.country,
                "currency": cells.currency,
                "joined_on": day,
                "elite_invited_on": day,
                "membership_until": day,
            },
            ("partner_id",),
            lambda row: Partner(**row),
            frozenset({"elite_invited_on", "membership_until"}),
        ),
        Client: Form({**client, "name": name, "country": cells.country}, ("client_id",), lambda row: Client(**row)),
        Sale: Form(
            {
                "sale_id": ident,
                **partner,
                **client,
                "product_line": name,
                "deal_type": cells.word_of(DealType, "deal type"),
                "motion": cells.word_of(Motion, "motion"),
                **mrr,
                "sold_on": day,
            },
            ("sale_id",),
            _with_money(Sale),
            blame="mrr",
        ),
        SubscriptionLevel: Form(
            {**client, "product_line": name, **mrr, "effective_on": day, "renews_on": day},
            ("client_id", "product_line", "effective_on"),
            _with_money(SubscriptionLevel),
            frozenset({"renews_on"}),
            blame="mrr",
        ),
        Agreement: Form(
            {"agreement_id": ident, **partner, **client, "starts_on": day, "ends_on": day},
            ("agreement_id",),
            _in_order(Agreement, "starts_on", "ends_on"),
            frozenset({"ends_on"}),
            blame="ends_on",
        ),
        ToolUsage: Form(
            {**client, "month": month, "tools_used": cells.tools},
            ("client_id", "month"),
            lambda row: ToolUsage(**row),
        ),
        Certification: Form(
            {**partner, "certification": name, "valid_from": day, "valid_until": day},
            ("partner_id", "certification", "valid_from"),
            _in_order(Certification, "valid_from", "valid_until"),
            blame="valid_until",
        ),
        TierCredited: Form(
            {**partner, "tier": tier, "credited_on": day},
            ("partner_id", "credited_on"),
            lambda row: TierCredited(**row),
        ),
        Person: Form(
            {"email": cells.email, "name": name, "role": cells.word_of(Role, "role"), "partner_id": ident},
            ("email", "partner_id"),
            _person,
            frozenset({"partner_id"}),
            blame="partner_id",
        ),
    }


def _with_money(kind: type[Any]) -> Callable[[Cells], Entry]:
    def build(row: Cells) -> Entry:
        row["mrr"] = cells.money(row["mrr"], row.pop("currency"))
        return kind(**row)  # type: ignore[no-any-return]

    return build


def _in_order(kind: type[Any], first: str, last: str) -> Callable[[Cells], Entry]:
    def build(row: Cells) -> Entry:
        if row[last] is not None and row[last] < row[first]:
            raise Wrong("ends before it starts", f"is before {first} {row[first]}", f"use {row[first]} or later")
        return kind(**row)  # type: ignore[no-any-return]

    return build


def _person(row: Cells) -> Entry:
    if row["partner_id"] is None and row["role"] is not Role.ADMIN:
        raise Wrong("missing value", f"is empty for the role {row['role']}", "name the partner; only an admin has none")
    return Person(**row)
