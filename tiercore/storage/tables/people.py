"""Tables of what people change: link requests and codes, channels, preferences, holds, feedback, the audit log."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Index
from sqlmodel import Field, SQLModel


def _moment() -> "Column[datetime]":
    return Column(DateTime(timezone=True), nullable=False)


class PreferenceRow(SQLModel, table=True):
    """Which dashboard a person sees first, dollars or points. It doesn't affect the tier."""

    __tablename__: ClassVar[str] = "preference"
    email: str = Field(primary_key=True)
    model: str


class ChannelRow(SQLModel, table=True):
    """The partner that a channel is about. It grants nobody access to the partner."""

    __tablename__: ClassVar[str] = "channel"
    team_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    partner_id: str


class LinkRequestRow(SQLModel, table=True):
    """A Slack user's request to be linked to a person, pending until `decided` (approved or declined)."""

    __tablename__: ClassVar[str] = "link_request"
    request_id: str = Field(primary_key=True)
    team_id: str = Field(index=True)
    user_id: str
    email: str
    asked_at: datetime = Field(sa_column=_moment())
    decided: str | None = None
    decided_by: str | None = None


class LinkCodeRow(SQLModel, table=True):
    """A one-time code that links the user who enters it. Only its digest is stored.

    `access` is what the person might see when the code was made, one `role partner` per line.
    """

    __tablename__: ClassVar[str] = "link_code"
    digest: str = Field(primary_key=True)
    email: str
    expires_at: datetime = Field(sa_column=_moment())
    access: str = Field(default="", sa_column_kwargs={"server_default": ""})


class HoldRow(SQLModel, table=True):
    """A figure under correction, of one partner or, with an empty partner_id, of all."""

    __tablename__: ClassVar[str] = "hold"
    figure: str = Field(primary_key=True)
    partner_id: str = Field(primary_key=True)
    reason: str
    since: date


class FeedbackRow(SQLModel, table=True):
    """A feedback message to the bot's operators."""

    __tablename__: ClassVar[str] = "feedback"
    feedback_id: int | None = Field(default=None, primary_key=True)
    team_id: str
    user_id: str
    email: str
    text: str
    sent_at: datetime = Field(sa_column=_moment())


class AuditRow(SQLModel, table=True):
    """The audit log: who (`actor`) changed what (`deed`), and whom or what it concerned. Rows are only ever added."""

    __tablename__: ClassVar[str] = "audit"
    audit_id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=_moment())
    actor: str
    deed: str
    subject: str
    detail: str


class ReadRow(SQLModel, table=True):
    """The log of reads: who asked which question (`word`) about which partner, and with what outcome. No figures.

    `at` is in milliseconds since 1970, UTC.
    """

    __tablename__: ClassVar[str] = "read_log"
    __table_args__ = (Index("ix_read_log_at", "at"), Index("ix_read_log_partner_at", "partner_id", "at"))
    read_id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    team_id: str
    user_id: str
    word: str
    partner_id: str | None = None
    outcome: str


class AnsweredRequestRow(SQLModel, table=True):
    """The signature of a request that was answered, so that its replay is refused by every replica."""

    __tablename__: ClassVar[str] = "answered_request"
    __table_args__ = (Index("ix_answered_request_at", "at"),)
    signature: str = Field(primary_key=True)
    at: int = Field(sa_column=Column(BigInteger, nullable=False))


class EnterpriseTeamRow(SQLModel, table=True):
    """A workspace, and the Enterprise Grid organization that Slack has said it belongs to. An organization's own ID has
    a row, too, because a link may name it instead of a workspace.
    """

    __tablename__: ClassVar[str] = "enterprise_team"
    team_id: str = Field(primary_key=True)
    enterprise_id: str = Field(index=True)


class HomeViewRow(SQLModel, table=True):
    """When a user last opened their Home tab and what it showed, so that it can be refreshed when the data changes."""

    __tablename__: ClassVar[str] = "seen"
    team_id: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    seen_at: datetime = Field(sa_column=_moment())
    shown: str
