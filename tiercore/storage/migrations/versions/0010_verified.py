"""when stored figures were last verified, how many differed, and why a night was left out"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "verified",
        sa.Column("verified_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("night", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("partners", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("not_recounted", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("verified_id"),
    )


def downgrade() -> None:
    op.drop_table("verified")
