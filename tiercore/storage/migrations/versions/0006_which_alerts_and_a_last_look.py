"""the kinds of alerts a subscription gets; when a message is checked for duplicates"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("subscription", sa.Column("kinds", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("sweep_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_outbox_sweep_at", "outbox", ["sweep_at"])


def downgrade() -> None:
    op.drop_index("ix_outbox_sweep_at", "outbox")
    with op.batch_alter_table("outbox") as changed:
        changed.drop_column("sweep_at")
    with op.batch_alter_table("subscription") as changed:
        changed.drop_column("kinds")
