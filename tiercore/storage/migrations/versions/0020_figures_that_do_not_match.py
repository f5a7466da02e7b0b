"""figures that the official dashboard shows otherwise (how-tiers-work#doesnt-match)"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_PARTNERS = "(SELECT current_setting('tierbot.partners', true))"
_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
_MINE = f"{_ALL} OR partner_id = ANY ((SELECT string_to_array({_PARTNERS}, E'\\x1f'))::text[])"
_LET_READ = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tierbot_reader') THEN
        GRANT SELECT ON figure_case TO tierbot_reader;
    END IF;
END $$
"""


def _text(name: str, *, empty: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=empty)


def _big(name: str, *, empty: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=empty)


def upgrade() -> None:
    op.create_table(
        "figure_case",
        *(_text(name) for name in ("case_id", "partner_id")),
        _text("client_id", empty=True),
        *(_text(name) for name in ("figure", "measure")),
        sa.Column("day", sa.Integer(), nullable=False),
        *(_text(name) for name in ("claimed", "explanations", "state", "team_id", "opened_by")),
        _text("owner", empty=True),
        _text("answer"),
        sa.Column("picked", sa.Integer(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        _big("opened_at"),
        *(_big(name, empty=True) for name in ("answered_at", "resolved_at")),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("ix_figure_case_partner_state", "figure_case", ["partner_id", "state"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE figure_case ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE figure_case FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_figure_case ON figure_case USING ({_MINE})")
        op.execute(_LET_READ)


def downgrade() -> None:
    op.drop_table("figure_case")
