"""how far a rebuild has come, so that one that is stopped goes on from there (architecture#rebuilds)"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"


def upgrade() -> None:
    op.create_table(
        "rating_step",
        sa.Column("step", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("rules", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("version", "clients")),
        sa.Column("differing", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("step"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE rating_step ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE rating_step FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_rating_step ON rating_step USING ({_ALL})")


def downgrade() -> None:
    op.drop_table("rating_step")
