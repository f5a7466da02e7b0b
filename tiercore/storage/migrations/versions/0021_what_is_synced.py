"""records of another system as they came, the rows they gave, and how far each sync is (data#hubspot)"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_TABLES = ("staged_record", "synced_row", "sync_run", "sync_lease")
_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def _whole(name: str, *, nullable: bool = False, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=nullable, autoincrement=False if key else "auto")


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "staged_record",
        *(_text(name) for name in ("object_type", "record_id", "properties", "associated")),
        _moment("updated_at"),
        *(_whole(name) for name in ("changed_in", "seen_in")),
        _whole("missing_since", nullable=True),
        sa.PrimaryKeyConstraint("object_type", "record_id"),
    )
    op.create_table(
        "synced_row",
        *(_text(name) for name in ("file", "entry_key")),
        _whole("absent_since", nullable=True),
        sa.PrimaryKeyConstraint("file", "entry_key"),
    )
    op.create_table(
        "sync_run",
        _whole("sync_id", key=True),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        _moment("since", nullable=True),
        _moment("started_at"),
        *(_moment(name, nullable=True) for name in ("read_at", "finished_at")),
        *(_text(name) for name in ("outcome", "mapping", "progress", "counts")),
        *(_whole(name) for name in ("calls", "changed")),
        _text("message"),
        sa.PrimaryKeyConstraint("sync_id"),
    )
    op.create_table(
        "sync_lease",
        _whole("lease_id", key=True),
        _text("owner"),
        _moment("leased_until"),
        *(_whole(name) for name in ("day", "calls")),
        _whole("day_limit", nullable=True),
        _moment("not_before"),
        sa.PrimaryKeyConstraint("lease_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _secure()


def _secure() -> None:
    """Row-level security: what came from another system is for the sync alone."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_{table} ON {table} USING ({_ALL})")


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
