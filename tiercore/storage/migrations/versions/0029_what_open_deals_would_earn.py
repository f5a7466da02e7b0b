"""what each partner's open deals would earn, rated with every import (architecture#the-one-idea)"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_TABLE = "open_deal_points"
_PARTNERS = "(SELECT current_setting('tierbot.partners', true))"
_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
_MINE = f"{_ALL} OR partner_id = ANY ((SELECT string_to_array({_PARTNERS}, E'\\x1f'))::text[])"
# Where this user could make no role for the reader, there is none to let read.
_LET_READ = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tierbot_reader') THEN
        GRANT SELECT ON {_TABLE} TO tierbot_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    op.create_table(
        _TABLE,
        *(sa.Column(name, sa.String(), nullable=False) for name in ("partner_id", "rules")),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("rated", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {_TABLE} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_{_TABLE} ON {_TABLE} USING ({_MINE})")
        op.execute(_LET_READ)


def downgrade() -> None:
    op.drop_table(_TABLE)
