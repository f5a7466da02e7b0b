"""what a link code was made for, so that it gives nothing more: codes made before are void"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("DELETE FROM link_code")
    op.add_column("link_code", sa.Column("access", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("link_code", "access")
