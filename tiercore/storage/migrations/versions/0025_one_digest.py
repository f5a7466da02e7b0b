"""one digest in place of progress and expiry at the same time, its rhythm, and silence without news
(digests-and-alerts#subscriptions)
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
_MERGE = """
    UPDATE subscription SET topic = 'digest'
    WHERE topic = 'progress' AND NOT ended AND EXISTS (
        SELECT 1 FROM subscription AS expiry
        WHERE expiry.team_id = subscription.team_id AND expiry.place = subscription.place
        AND expiry.topic = 'expiry' AND NOT expiry.ended AND expiry.paused = subscription.paused
        AND expiry.weekday = subscription.weekday AND expiry.minute = subscription.minute
        AND expiry.timezone = subscription.timezone
    )"""
_END_MERGED = """
    UPDATE subscription SET ended = true, next_at = NULL
    WHERE topic = 'expiry' AND EXISTS (
        SELECT 1 FROM subscription AS other
        WHERE other.team_id = subscription.team_id AND other.place = subscription.place AND other.topic = 'digest'
    )"""
_DELETE_OLDER = """
    DELETE FROM subscription
    WHERE topic IN ('progress', 'expiry') AND EXISTS (
        SELECT 1 FROM subscription AS other
        WHERE other.team_id = subscription.team_id AND other.place = subscription.place AND other.topic = 'digest'
    )"""
_SPLIT = """
    INSERT INTO subscription (
        subscription_id, topic, team_id, place, weekday, minute, timezone, paused, quiet_from, quiet_until, kinds,
        made_by, made_at, next_at, ended, follows_profile, shared_confirmed
    )
    SELECT subscription_id || '-expiry', 'expiry', team_id, place, weekday, minute, timezone, paused, quiet_from,
        quiet_until, kinds, made_by, made_at, next_at, ended, follows_profile, shared_confirmed
    FROM subscription WHERE topic = 'digest'"""


def upgrade() -> None:
    op.add_column("subscription", sa.Column("rhythm", sa.String(), nullable=False, server_default="weekly"))
    op.add_column("subscription", sa.Column("day_of_month", sa.Integer(), nullable=True))
    op.add_column("subscription", sa.Column("only_news", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("ALTER TABLE run RENAME COLUMN week TO period")
    op.execute(_MERGE)
    op.execute(_END_MERGED)


def downgrade() -> None:
    """A digest becomes progress and expiry again, weekly, in place of those that it had replaced."""
    op.execute("DELETE FROM subscription WHERE topic = 'digest' AND ended")
    op.execute(_DELETE_OLDER)
    op.execute(_SPLIT)
    op.execute("UPDATE subscription SET topic = 'progress' WHERE topic = 'digest'")
    op.execute("DELETE FROM run WHERE period NOT LIKE '%-W%'")
    op.execute("ALTER TABLE run RENAME COLUMN period TO week")
    with op.batch_alter_table("subscription") as changed:
        for name in ("only_news", "day_of_month", "rhythm"):
            changed.drop_column(name)
