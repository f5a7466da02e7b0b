"""what was typed in Slack, and rows from elsewhere that may be the same (data#typed)"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_TABLES = ("typed_entry", "typed_match")
_PARTNERS = "(SELECT current_setting('tierbot.partners', true))"
_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
_MINE = f"{_ALL} OR partner_id = ANY ((SELECT string_to_array({_PARTNERS}, E'\\x1f'))::text[])"
# Where this user could make no role for the reader, there is none to let read.
_LET_READ = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tierbot_reader') THEN
        GRANT SELECT ON {", ".join(_TABLES)} TO tierbot_reader;
    END IF;
END $$
"""


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "typed_entry",
        *(_text(name) for name in ("entry_id", "file", "entry_key", "partner_id", "client_id", "cells", "before")),
        *(_text(name) for name in ("entered_by", "entered_name")),
        _moment("entered_at"),
        _text("approved_by"),
        *(_moment(name, nullable=True) for name in ("approved_at", "ended_at")),
        *(_text(name) for name in ("ended_by", "outcome", "reason", "replaced_by")),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("ix_typed_entry_file", "typed_entry", ["file", "ended_at"])
    op.create_index("ix_typed_entry_partner", "typed_entry", ["partner_id"])
    op.create_table(
        "typed_match",
        *(_text(name) for name in ("match_id", "entry_id", "partner_id", "file", "row_key", "cells", "source")),
        _moment("found_at"),
        _moment("told_at", nullable=True),
        *(_text(name) for name in ("decision", "decided_by")),
        _moment("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("match_id"),
    )
    op.create_index("ix_typed_match_told", "typed_match", ["told_at"])
    op.create_index("ix_typed_match_entry", "typed_match", ["entry_id"])
    if op.get_bind().dialect.name == "postgresql":
        _secure()


def _secure() -> None:
    """Row-level security, as of the other tables with partner data, and what the reader's role may read."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_{table} ON {table} USING ({_MINE})")
    op.execute(_LET_READ)


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
