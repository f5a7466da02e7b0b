"""Tables of everything that is derived from the entries, and made again from them.

Every answer reads them. They store days as ordinals (`date.toordinal()`) and points as micropoints. `lapses_on` is the
day of expiry, the first day without the points.
"""

from typing import ClassVar

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from tiercore.storage.tables.columns import BIG_KEY, big


class CreditRow(SQLModel, table=True):
    """Derived: the credits (`tiercore.rating.credits.Credit`)."""

    __tablename__: ClassVar[str] = "credit"
    __table_args__ = (
        Index("ix_credit_partner_lapses", "partner_id", "lapses_on"),
        Index("ix_credit_partner_starts", "partner_id", "starts_on"),
        Index("ix_credit_partner_client", "partner_id", "client_id"),
        Index(
            "ix_credit_partner_doubt",
            "partner_id",
            "doubt",
            sqlite_where=text("doubt IS NOT NULL"),
            postgresql_where=text("doubt IS NOT NULL"),
        ),
    )
    credit_id: int | None = Field(default=None, sa_column=Column(BIG_KEY, primary_key=True))
    partner_id: str
    client_id: str = Field(index=True)
    product_line: str
    source: str
    micropoints: int | None = Field(sa_column=big(nullable=True))
    program_cents: int | None = Field(sa_column=big(nullable=True))
    mrr_minor: int = Field(sa_column=big())
    currency: str
    rate: int
    shared_by: int
    starts_on: int
    lapses_on: int | None = None
    opened_by: str
    closed_by: str | None = None
    entry_id: str
    rated_on: int = Field(sa_column_kwargs={"server_default": "0"})
    lapsing: int | None = Field(sa_column=big(nullable=True))
    doubt: str | None = None
    assumed: bool
    edition: str | None = None
    account: str | None = None
    origin: str | None = None


class BalanceRow(SQLModel, table=True):
    """Derived: the timelines (`tiercore.rating.timeline.Balance`), one row per partner and day with a change."""

    __tablename__: ClassVar[str] = "timeline"
    __table_args__: ClassVar[dict[str, object]] = {"sqlite_with_rowid": False}
    partner_id: str = Field(primary_key=True)
    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sourced: int = Field(sa_column=big())
    assisted: int = Field(sa_column=big())
    managed: int = Field(sa_column=big())
    sold_cents: int = Field(sa_column=big())
    managed_cents: int = Field(sa_column=big())
    unrated_sold: int
    unrated_managed: int
    assumed: int
    doubtful: int
    portals: int
    portals_with_usage: int
    tools_median_twice: int | None = None
    lapsed: int = Field(sa_column=big())
    lapses: int


class RetentionRow(SQLModel, table=True):
    """Derived: retention (`tiercore.rating.retention.RetentionMonth`), one row per partner, month and currency."""

    __tablename__: ClassVar[str] = "retention"
    __table_args__: ClassVar[dict[str, object]] = {"sqlite_with_rowid": False}
    partner_id: str = Field(primary_key=True)
    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    currency: str = Field(primary_key=True)
    per_100_usd: int = Field(sa_column=big())
    started: int = Field(sa_column=big())
    not_churned: int = Field(sa_column=big())
    kept: int = Field(sa_column=big())
    net: int = Field(sa_column=big())


class DerivedRow(SQLModel, table=True):
    """One row: the rules the derived tables were built with, and a version that every change of the data increases.

    `all_changed_at` is the version at which every partner's answers changed last.
    """

    __tablename__: ClassVar[str] = "derived"
    derived_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    rating_fingerprint: str
    version: int
    all_changed_at: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class PartnerVersionRow(SQLModel, table=True):
    """The version of the data at which a partner's answers changed last; where all changed later, see `DerivedRow`."""

    __tablename__: ClassVar[str] = "partner_version"
    __table_args__: ClassVar[dict[str, object]] = {"sqlite_with_rowid": False}
    partner_id: str = Field(primary_key=True)
    version: int
