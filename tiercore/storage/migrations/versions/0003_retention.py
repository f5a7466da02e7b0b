"""retention, a derived table; an existing database needs `tierbot rebuild`"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "retention",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_cents", sa.BigInteger(), nullable=False),
        sa.Column("kept_cents", sa.BigInteger(), nullable=False),
        sa.Column("expanded_cents", sa.BigInteger(), nullable=False),
        sa.Column("no_table", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("partner_id", "month"),
        sqlite_with_rowid=False,
    )
    # Only a rebuild fills the table: without a fingerprint, the bot asks for one before it answers.
    op.execute("UPDATE derived SET rating_fingerprint = ''")


def downgrade() -> None:
    op.drop_table("retention")
