"""Tables of the entries, one per kind: they store readable dates."""

from datetime import date
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from tiercore.storage.tables.columns import big


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
    mrr_minor: int = Field(sa_column=big())
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
    mrr_minor: int = Field(sa_column=big())
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
    mrr_minor: int = Field(sa_column=big())
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
