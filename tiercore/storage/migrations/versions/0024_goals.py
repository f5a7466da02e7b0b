"""plans that were kept as goals (how-tiers-work#goals)"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_PARTNERS = "(SELECT current_setting('tierbot.partners', true))"
_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
_MINE = f"{_ALL} OR partner_id = ANY ((SELECT string_to_array({_PARTNERS}, E'\\x1f'))::text[])"
_LET_READ = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tierbot_reader') THEN
        GRANT SELECT ON goal TO tierbot_reader;
    END IF;
END $$
"""


def _text(name: str, *, empty: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=empty)


def _whole(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _big(name: str, *, empty: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=empty)


def upgrade() -> None:
    op.create_table(
        "goal",
        *(_text(name) for name in ("goal_id", "partner_id", "tier")),
        *(_whole(name) for name in ("day", "kept_on")),
        _big("missing"),
        *(_text(name) for name in ("steps", "team_id", "created_by")),
        _big("created_at"),
        _text("withdrawn_by", empty=True),
        _big("withdrawn_at", empty=True),
        sa.PrimaryKeyConstraint("goal_id"),
    )
    op.create_index("ix_goal_partner", "goal", ["partner_id", "withdrawn_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE goal ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE goal FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_goal ON goal USING ({_MINE})")
        op.execute(_LET_READ)


def downgrade() -> None:
    op.drop_table("goal")
