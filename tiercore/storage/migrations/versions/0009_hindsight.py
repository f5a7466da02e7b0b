"""what each import changes in the past, and which state of the data a digest has told"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0016"

_TABLES = ("import_log", "first_import", "correction", "correction_row")
_BY_PARTNER = ("first_import", "correction", "correction_row")
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


def _whole(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False if key else "auto")


def _big(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "import_log",
        _whole("import_id", key=True),
        _big("imported_at"),
        *(_whole(name) for name in ("day", "known_until")),
        *(_text(name) for name in ("cause", "counts")),
        sa.PrimaryKeyConstraint("import_id"),
    )
    op.create_table(
        "first_import",
        _text("partner_id"),
        *(_whole(name) for name in ("import_id", "day")),
        sa.PrimaryKeyConstraint("partner_id"),
    )
    op.create_table(
        "correction",
        _text("partner_id"),
        *(_whole(name, key=True) for name in ("import_id", "day")),
        *(_big(name) for name in ("sourced", "assisted", "managed", "sold_cents", "managed_cents")),
        *(_whole(name) for name in ("unrated_sold", "unrated_managed")),
        sa.PrimaryKeyConstraint("partner_id", "import_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_correction_import", "correction", ["import_id"])
    op.create_table(
        "correction_row",
        _text("partner_id"),
        *(_whole(name, key=True) for name in ("import_id", "number")),
        *(_text(name) for name in ("client_id", "file", "entry_key", "change")),
        _whole("day"),
        _text("columns"),
        _whole("total"),
        sa.PrimaryKeyConstraint("partner_id", "import_id", "number"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("known_day", sa.Integer(), nullable=True))
        outbox.add_column(sa.Column("known_version", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        _secure()


def _secure() -> None:
    """Row-level security, as of the other tables with partner data, and what the reader's role may read."""
    for table in _BY_PARTNER:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_{table} ON {table} USING ({_MINE})")
    op.execute(_LET_READ)


def downgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("known_version")
        outbox.drop_column("known_day")
    for name in reversed(_TABLES):
        op.drop_table(name)
