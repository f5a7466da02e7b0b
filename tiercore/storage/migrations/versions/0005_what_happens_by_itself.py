"""subscriptions, runs, the outbox, rate limits, signals and responses to alerts"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = ("subscription", "run", "outbox", "pace", "signal", "mark")


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=nullable)


def _whole(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "subscription",
        *(_text(name) for name in ("subscription_id", "team_id", "place", "topic")),
        *(_whole(name) for name in ("weekday", "minute")),
        _text("timezone"),
        sa.Column("paused", sa.Boolean(), nullable=False),
        *(_whole(name, nullable=True) for name in ("quiet_from", "quiet_until")),
        _text("made_by"),
        _moment("made_at"),
        _moment("next_at", nullable=True),
        sa.PrimaryKeyConstraint("subscription_id"),
        sa.UniqueConstraint("team_id", "place", "topic"),
    )
    op.create_index("ix_subscription_next_at", "subscription", ["next_at"])
    op.create_table(
        "run",
        *(_text(name) for name in ("subscription_id", "week")),
        _moment("due_at"),
        _text("outcome"),
        sa.PrimaryKeyConstraint("subscription_id", "week"),
    )
    op.create_table(
        "outbox",
        _whole("outbox_id"),
        *(_text(name) for name in ("key", "team_id", "place", "what")),
        _text("root_key", nullable=True),
        _text("state"),
        _moment("due_at"),
        _moment("stale_at", nullable=True),
        _moment("made_at"),
        *(_whole(name) for name in ("attempts", "doubts")),
        _text("owner", nullable=True),
        *(_moment(name, nullable=True) for name in ("leased_until", "tried_at")),
        *(_text(name, nullable=True) for name in ("channel", "ts")),
        _moment("done_at", nullable=True),
        _text("reason", nullable=True),
        sa.PrimaryKeyConstraint("outbox_id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_outbox_state_due", "outbox", ["state", "due_at"])
    op.create_table("pace", _text("name"), _moment("free_at"), sa.PrimaryKeyConstraint("name"))
    op.create_table(
        "signal",
        *(_text(name) for name in ("partner_id", "name")),
        *(_whole(name) for name in ("level", "episode", "step")),
        _whole("green_since", nullable=True),
        *(_whole(name) for name in ("seen_day", "seen_version")),
        sa.PrimaryKeyConstraint("partner_id", "name"),
    )
    op.create_table(
        "mark",
        *(_text(name) for name in ("subscription_id", "partner_id", "name", "kind")),
        _whole("episode"),
        _whole("until_day", nullable=True),
        _text("user_id"),
        sa.PrimaryKeyConstraint("subscription_id", "partner_id", "name", "kind"),
    )


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
