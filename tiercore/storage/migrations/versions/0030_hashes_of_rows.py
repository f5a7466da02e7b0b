"""hashes of stored rows, so that an import of a large file reads only those that differ (data#large-files)"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "row_hashes",
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("hashed_by", sa.String(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("gone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "part"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE row_hashes ALTER COLUMN hashes SET STORAGE EXTERNAL")  # hashes can't be compressed
        op.execute("ALTER TABLE row_hashes ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE row_hashes FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_row_hashes ON row_hashes USING ({_ALL})")


def downgrade() -> None:
    op.drop_table("row_hashes")
