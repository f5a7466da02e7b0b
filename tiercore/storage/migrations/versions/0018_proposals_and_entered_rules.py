"""what people propose and others decide, and the rules that were entered that way (running#tier-table)"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
READER = "tierbot_reader"
# Where this user could make no role for the reader, there is none to let read.
_LET_READ = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
        GRANT SELECT ON rule_value TO {READER};
    END IF;
END $$
"""


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=nullable)


def _big(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "proposal",
        *(_text(name) for name in ("proposal_id", "kind", "payload")),
        _text("partner_id", nullable=True),
        *(_text(name) for name in ("proposed_by", "team_id", "user_id")),
        _big("proposed_at"),
        _text("state"),
        *(_text(name, nullable=True) for name in ("decided_by", "decided_user")),
        _big("decided_at", nullable=True),
        _text("note"),
        _big("alone_at", nullable=True),
        sa.PrimaryKeyConstraint("proposal_id"),
    )
    op.create_index("ix_proposal_state", "proposal", ["state"])
    op.create_table(
        "rule_value",
        sa.Column("value_id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("tier", "figure", "value")),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        *(_text(name) for name in ("source", "entered_by")),
        _big("entered_at"),
        _text("approved_by"),
        _big("approved_at"),
        _text("proposal_id", nullable=True),
        sa.PrimaryKeyConstraint("value_id"),
    )
    op.create_index("ix_rule_value_tier_figure", "rule_value", ["tier", "figure"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_LET_READ)
        op.execute("ALTER TABLE proposal ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE proposal FORCE ROW LEVEL SECURITY")
        everything = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
        op.execute(f"CREATE POLICY tierbot_proposal ON proposal USING ({everything})")


def downgrade() -> None:
    op.drop_table("rule_value")
    op.drop_table("proposal")
