"""subscriptions keep their number when they end, may follow a profile's time zone, and are confirmed for shared
channels
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
_ADDED = ("ended", "follows_profile", "shared_confirmed")


def upgrade() -> None:
    for name in _ADDED:
        op.add_column("subscription", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.execute("DELETE FROM subscription WHERE ended")
    with op.batch_alter_table("subscription") as changed:
        for name in reversed(_ADDED):
            changed.drop_column(name)
