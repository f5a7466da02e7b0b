"""retention by currency, with what each measure counts: a filled database makes it again: tierbot rebuild"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.drop_table("retention")
    op.create_table(
        "retention",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("per_100_usd", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("not_churned", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "month", "currency"),
        sqlite_with_rowid=False,
    )
    # Nothing fills the table but a rebuild: by no rules' fingerprint, the bot asks for one before it answers.
    op.execute("UPDATE derived SET rating_fingerprint = ''")


def downgrade() -> None:
    op.drop_table("retention")
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
    op.execute("UPDATE derived SET rating_fingerprint = ''")
