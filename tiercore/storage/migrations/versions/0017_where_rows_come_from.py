"""what an import's rows came from, and who brought them (data#imports)"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for name in ("source", "imported_by"):
        op.add_column("import_log", sa.Column(name, sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("imported_by", "source"):
        op.drop_column("import_log", name)
