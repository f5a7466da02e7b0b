"""the log of reads, and the signatures of requests that were answered"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
_TABLES = ("read_log", "answered_request")


def upgrade() -> None:
    op.create_table(
        "read_log",
        sa.Column("read_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("read_id"),
    )
    op.create_index("ix_read_log_at", "read_log", ["at"])
    op.create_index("ix_read_log_partner_at", "read_log", ["partner_id", "at"])
    op.create_table(
        "answered_request",
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signature"),
    )
    op.create_index("ix_answered_request_at", "answered_request", ["at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE read_log ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE read_log FORCE ROW LEVEL SECURITY")
        everything = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
        op.execute(f"CREATE POLICY tierbot_read_log ON read_log USING ({everything})")


def downgrade() -> None:
    for each in _TABLES:
        op.drop_table(each)
