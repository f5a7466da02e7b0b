"""Tables of subscriptions, their runs, the outbox, and the signals behind alerts.

Moments (`…_at`) are whole milliseconds since 1970, UTC; days are ordinals, as in the derived tables.
"""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


def _moment(*, nullable: bool = False) -> "Column[int]":
    return Column(BigInteger(), nullable=nullable)


class SubscriptionRow(SQLModel, table=True):
    """A subscription of a Slack user or channel (`place`) to a topic.

    `next_at` is when the next digest is due, None for alerts and while paused. `made_by` is the Slack user who
    subscribed; for a channel, their permissions apply. `kinds` are the kinds of alerts, space-separated, None for all.

    One that has `ended` stays, with its runs, so that subscribing again brings no second digest in a week. It
    `follows_profile` where its time zone is the one of the subscriber's profile. `shared_confirmed` is for a channel
    that people of other organizations are in.

    `rhythm` says how often; `day_of_month` is for a monthly one, None for the first `weekday`. With `only_news`, a
    digest with nothing to say is skipped.
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
    ended: bool = False
    follows_profile: bool = False
    shared_confirmed: bool = False
    rhythm: str = "weekly"
    day_of_month: int | None = None
    only_news: bool = False


class RunRow(SQLModel, table=True):
    """A subscription's run in a period: an ISO week, a day or a month. The key makes it unique, however many processes
    plan it.
    """

    __tablename__: ClassVar[str] = "run"
    subscription_id: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    due_at: int = Field(sa_column=_moment())
    outcome: str


class OutboxRow(SQLModel, table=True):
    """A message to send once to a Slack user or channel (`place`). `what` is its content as JSON; the text is composed
    when it is sent.

    A digest says what the data's version `known_version` said of `known_day`, None before it is composed.
    It expires at `stale_at`. `doubts` counts the attempts that left it in doubt. `sweep_at` is when it is checked for
    duplicates next, None if it doesn't need it. `wait` is how many milliseconds before `due_at` that was set, None
    where `due_at` was given. `fault` is what somebody has to mend before it can be sent. An `unverified` one may be a
    repeat.

    In Slack's time: `tried_at` and `last_tried_at`, when the first and the last call that posts it began; `begun_at`,
    the same for the call that is under way, None before it. The conversation has been searched as far as `searched_to`,
    a timestamp of Slack's.
    """

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_outbox_state_team_due", "state", "team_id", "due_at"),
        Index("ix_outbox_sweep_at", "sweep_at"),
        Index("ix_outbox_fault", "fault"),
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
    last_tried_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    begun_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    wait: int | None = Field(default=None, sa_column=_moment(nullable=True))
    reason: str | None = None
    fault: str | None = None
    unverified: bool = False
    searched_to: str | None = None
    sweep_at: int | None = Field(default=None, sa_column=_moment(nullable=True))
    known_day: int | None = None
    known_version: int | None = None


class RateLimitRow(SQLModel, table=True):
    """When the next call of a kind may be made: a message to a target, one in a workspace; shared by all replicas.
    Names begin with the ID of the workspace.

    `gap` is how many milliseconds before `free_at` that was set: a clock that was set back can't make it longer.
    """

    __tablename__: ClassVar[str] = "pace"
    name: str = Field(primary_key=True)
    free_at: int = Field(sa_column=_moment())
    gap: int = Field(default=0, sa_column=_moment())


class SignalRow(SQLModel, table=True):
    """The level of one signal watched for a partner, as of the last scan.

    `episode` counts its episodes, `step` the messages of the current one. `seen_day` and `seen_version` are the day and
    the data's version of the scan that wrote it: an older scan changes nothing.
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


class AlertResponseRow(SQLModel, table=True):
    """Someone's response to an alert: acknowledged, or snoozed through a day (None: until it changes)."""

    __tablename__: ClassVar[str] = "mark"
    subscription_id: str = Field(primary_key=True)
    partner_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    episode: int
    until_day: int | None = None
    user_id: str
