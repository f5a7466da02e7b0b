"""What happens by itself: subscriptions, their runs, the outbox, the colours that alerts compare with.

Moments are whole milliseconds since 1970, UTC; days are ordinals, as in the derived tables.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


def _moment(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger(), nullable=nullable)


class SubscriptionRow(SQLModel, table=True):
    """A person's or a channel's wish to be told something; `place` is the Slack user or channel.

    `next_at` is the next digest's moment, None for alerts. `made_by` is the Slack user whose leave counts for a
    channel. `kinds` are the words of the alerts that are wanted, None for all of them.
    """

    __tablename__: ClassVar[str] = "subscription"
    __table_args__ = (
        UniqueConstraint("team_id", "place", "topic"),
        Index("ix_subscription_next_at", "next_at"),
    )
    subscription_id: str = Field(primary_key=True)
    team_id: str
    place: str
    topic: str
    weekday: int
    minute: int
    timezone: str
    paused: bool
    quiet_from: int | None = None
    quiet_until: int | None = None
    kinds: str | None = None
    made_by: str
    made_at: int = Field(sa_column=_moment())
    next_at: int | None = Field(default=None, sa_column=_moment(nullable=True))


class RunRow(SQLModel, table=True):
    """A subscription's turn in an ISO week: there is one, whoever plans it."""

    __tablename__: ClassVar[str] = "run"
    subscription_id: str = Field(primary_key=True)
    week: str = Field(primary_key=True)
    due_at: int = Field(sa_column=_moment())
    outcome: str


class OutboxRow(SQLModel, table=True):
    """A message to be sent once; `what` says as JSON what it tells, and is made into blocks when it is sent.

    `sweep_at` is when one that was in doubt is looked for once more, None where there was none.
    """

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_outbox_state_due", "state", "due_at"),
        Index("ix_outbox_sweep_at", "sweep_at"),
    )
    outbox_id: int | None = Field(default=None, primary_key=True)
    key: str
    team_id: str
    place: str
    what: str
    root_key: str | None = None
    state: str
    due_at: int = Field(sa_column=_moment())
    stale_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    made_at: int = Field(sa_column=_moment())
    attempts: int = 0
    doubts: int = 0
    owner: str | None = None
    leased_until: int | None = Field(default=None, sa_column=_moment(nullable=True))
    tried_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    channel: str | None = None
    ts: str | None = None
    done_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    reason: str | None = None
    sweep_at: int | None = Field(default=None, sa_column=_moment(nullable=True))


class RateLimitRow(SQLModel, table=True):
    """When the next post to a channel, or of a workspace, is allowed; shared by all replicas."""

    __tablename__: ClassVar[str] = "pace"
    name: str = Field(primary_key=True)
    free_at: int = Field(sa_column=_moment())


class SignalRow(SQLModel, table=True):
    """The colour of one thing that is watched of a partner, as it was last told.

    `episode` counts the crossings, `step` the messages of the current one. `seen_day` and `seen_version` are the day
    and the data's version of the look that wrote it: an older look changes nothing.
    """

    __tablename__: ClassVar[str] = "signal"
    partner_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    level: int
    episode: int
    step: int
    green_since: int | None = None
    seen_day: int
    seen_version: int


class MarkRow(SQLModel, table=True):
    """Someone's answer to an alert: acknowledged, or snoozed until a day (none: until it changes)."""

    __tablename__: ClassVar[str] = "mark"
    subscription_id: str = Field(primary_key=True)
    partner_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    episode: int
    until_day: int | None = None
    user_id: str
