"""when a call began, how far a message was searched for, what holds it, and for how long a place is taken"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
_OUTBOX = ("begun_at", "last_tried_at", "wait", "searched_to", "fault", "unverified")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("begun_at", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("last_tried_at", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("wait", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("searched_to", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("fault", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("unverified", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_outbox_fault", "outbox", ["fault"])
    op.add_column("pace", sa.Column("gap", sa.BigInteger(), nullable=False, server_default="0"))
    # What is under way while the bot is updated may have been posted, as it was until now.
    op.execute("UPDATE outbox SET begun_at = tried_at, last_tried_at = tried_at WHERE state IN ('sending', 'unknown')")


def downgrade() -> None:
    with op.batch_alter_table("pace") as changed:
        changed.drop_column("gap")
    op.drop_index("ix_outbox_fault", "outbox")
    with op.batch_alter_table("outbox") as changed:
        for name in reversed(_OUTBOX):
            changed.drop_column(name)
