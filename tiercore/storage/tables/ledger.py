"""Tables of the entries, one per kind, and of everything derived from them.

Entries store readable dates. The derived tables, which every answer reads, store days as ordinals
(`date.toordinal()`) and points as micropoints. `lapses_on` is the day of expiry, the first day without the points.
"""

from datetime import date
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, text
from sqlmodel import Field, SQLModel

# Every rebuild numbers all credits again. On SQLite a key counted by the database is an INTEGER, of 64 bits.
_BIG_KEY = BigInteger().with_variant(Integer, "sqlite")


def _big(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger, nullable=nullable)


class PartnerRow(SQLModel, table=True):
    """Entry: an agency in the program."""

    __tablename__: ClassVar[str] = "partner"
    partner_id: str = Field(primary_key=True)
    name: str
    country: str
    currency: str
    joined_on: date
    elite_invited_on: date | None = None
    membership_until: date | None = None


class ClientRow(SQLModel, table=True):
    """Entry: a client's account."""

    __tablename__: ClassVar[str] = "client"
    client_id: str = Field(primary_key=True)
    name: str
    country: str


class SaleRow(SQLModel, table=True):
    """Entry: a sale; `mrr_minor` is in minor units of `currency`."""

    __tablename__: ClassVar[str] = "sale"
    __table_args__ = (Index("ix_sale_partner_client", "partner_id", "client_id"),)
    sale_id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.partner_id")
    client_id: str = Field(foreign_key="client.client_id", index=True)
    product_line: str
    deal_type: str
    motion: str
    mrr_minor: int = Field(sa_column=_big())
    currency: str
    sold_on: date
    account: str | None = None


class SubscriptionLevelRow(SQLModel, table=True):
    """Entry: a product line's total MRR from a day on; `mrr_minor` is in minor units of `currency`.

    `account` is empty where none is named.
    """

    __tablename__: ClassVar[str] = "subscription_level"
    client_id: str = Field(primary_key=True, foreign_key="client.client_id")
    product_line: str = Field(primary_key=True)
    effective_on: date = Field(primary_key=True)
    account: str = Field(primary_key=True, sa_column_kwargs={"server_default": ""})
    mrr_minor: int = Field(sa_column=_big())
    currency: str
    renews_on: date | None = None


class AgreementRow(SQLModel, table=True):
    """Entry: a client managed relationship agreement; `ends_on` is its last day."""

    __tablename__: ClassVar[str] = "agreement"
    __table_args__ = (Index("ix_agreement_partner_client", "partner_id", "client_id"),)
    agreement_id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.partner_id")
    client_id: str = Field(foreign_key="client.client_id", index=True)
    starts_on: date
    ends_on: date | None = None


class ToolUsageRow(SQLModel, table=True):
    """Entry: how many tools a client's portal used in a month."""

    __tablename__: ClassVar[str] = "tool_usage"
    client_id: str = Field(primary_key=True, foreign_key="client.client_id")
    month: date = Field(primary_key=True)
    tools_used: int


class CertificationRow(SQLModel, table=True):
    """Entry: a partner's certification and the days it is valid."""

    __tablename__: ClassVar[str] = "certification"
    partner_id: str = Field(primary_key=True, foreign_key="partner.partner_id")
    certification: str = Field(primary_key=True)
    valid_from: date = Field(primary_key=True)
    valid_until: date


class TierCreditedRow(SQLModel, table=True):
    """Entry: a tier that the program credited a partner with on a day."""

    __tablename__: ClassVar[str] = "tier_credited"
    partner_id: str = Field(primary_key=True, foreign_key="partner.partner_id")
    credited_on: date = Field(primary_key=True)
    tier: str


class PipelineDealRow(SQLModel, table=True):
    """Entry: a deal that isn't closed yet; `mrr_minor` is in minor units of `currency`, `probability` in percent."""

    __tablename__: ClassVar[str] = "pipeline_deal"
    deal_id: str = Field(primary_key=True)
    partner_id: str = Field(foreign_key="partner.partner_id", index=True)
    client_id: str | None = Field(default=None, foreign_key="client.client_id", index=True)
    client_name: str | None = None
    country: str | None = None
    product_line: str
    motion: str
    mrr_minor: int = Field(sa_column=_big())
    currency: str
    expected_on: date
    probability: int | None = None
    owner: str | None = None


class PersonRow(SQLModel, table=True):
    """A person and one partner they belong to or look after; an admin's row has an empty partner_id."""

    __tablename__: ClassVar[str] = "person"
    email: str = Field(primary_key=True)
    partner_id: str = Field(primary_key=True, index=True)
    name: str
    role: str


class LinkRow(SQLModel, table=True):
    """The person (by e-mail) a Slack user is linked to. Users are identified by team and user ID, never by name."""

    __tablename__: ClassVar[str] = "binding"
    team_id: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True, index=True)
    email: str = Field(index=True)


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
    credit_id: int | None = Field(default=None, sa_column=Column(_BIG_KEY, primary_key=True))
    partner_id: str
    client_id: str = Field(index=True)
    product_line: str
    source: str
    micropoints: int | None = Field(sa_column=_big(nullable=True))
    program_cents: int | None = Field(sa_column=_big(nullable=True))
    mrr_minor: int = Field(sa_column=_big())
    currency: str
    rate: int
    shared_by: int
    starts_on: int
    lapses_on: int | None = None
    opened_by: str
    closed_by: str | None = None
    entry_id: str
    rated_on: int = Field(sa_column_kwargs={"server_default": "0"})
    lapsing: int | None = Field(sa_column=_big(nullable=True))
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
    sourced: int = Field(sa_column=_big())
    assisted: int = Field(sa_column=_big())
    managed: int = Field(sa_column=_big())
    sold_cents: int = Field(sa_column=_big())
    managed_cents: int = Field(sa_column=_big())
    unrated_sold: int
    unrated_managed: int
    assumed: int
    doubtful: int
    portals: int
    portals_with_usage: int
    tools_median_twice: int | None = None
    lapsed: int = Field(sa_column=_big())
    lapses: int


class RetentionRow(SQLModel, table=True):
    """Derived: retention (`tiercore.rating.retention.RetentionMonth`), one row per partner, month and currency."""

    __tablename__: ClassVar[str] = "retention"
    __table_args__: ClassVar[dict[str, object]] = {"sqlite_with_rowid": False}
    partner_id: str = Field(primary_key=True)
    month: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    currency: str = Field(primary_key=True)
    per_100_usd: int = Field(sa_column=_big())
    started: int = Field(sa_column=_big())
    not_churned: int = Field(sa_column=_big())
    kept: int = Field(sa_column=_big())
    net: int = Field(sa_column=_big())


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


ENTRY_TABLES: tuple[type[SQLModel], ...] = (
    PartnerRow,
    ClientRow,
    SaleRow,
    SubscriptionLevelRow,
    AgreementRow,
    ToolUsageRow,
    CertificationRow,
    TierCreditedRow,
    PipelineDealRow,
    PersonRow,
)
