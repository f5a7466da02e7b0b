"""the outbox is read workspace by workspace, and every limit of sending is one workspace's

(digests-and-alerts#fairness)
"""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_index("ix_outbox_state_team_due", "outbox", ["state", "team_id", "due_at"])
    op.drop_index("ix_outbox_state_due", "outbox")
    op.execute("DELETE FROM pace")


def downgrade() -> None:
    op.create_index("ix_outbox_state_due", "outbox", ["state", "due_at"])
    op.drop_index("ix_outbox_state_team_due", "outbox")
    op.execute("DELETE FROM pace")
