"""deals that aren't closed yet, and what people said of them (pipeline#rules)"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_TABLES = ("pipeline_deal", "pipeline_answer")
_WITH_CLIENTS = ("sale", "agreement")
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


def _text(name: str, *, empty: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=empty)


def upgrade() -> None:
    op.create_table(
        "pipeline_deal",
        *(_text(name) for name in ("deal_id", "partner_id")),
        *(_text(name, empty=True) for name in ("client_id", "client_name", "country")),
        *(_text(name) for name in ("product_line", "motion")),
        sa.Column("mrr_minor", sa.BigInteger(), nullable=False),
        _text("currency"),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=True),
        _text("owner", empty=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.partner_id"]),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"]),
        sa.PrimaryKeyConstraint("deal_id"),
    )
    for column in ("partner_id", "client_id"):
        op.create_index(f"ix_pipeline_deal_{column}", "pipeline_deal", [column])
    op.create_table(
        "pipeline_answer",
        *(_text(name) for name in ("deal_id", "partner_id")),
        sa.Column("said_of", sa.Date(), nullable=False),
        _text("outcome"),
        sa.Column("moved_to", sa.Date(), nullable=True),
        _text("won_as"),
        _text("said_by"),
        sa.Column("said_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_for", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("deal_id"),
    )
    op.create_index("ix_pipeline_answer_partner_id", "pipeline_answer", ["partner_id"])
    if op.get_bind().dialect.name == "postgresql":
        _secure()


def _secure() -> None:
    """Row-level security, as of the other tables with partner data, and what the reader's role may read."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_{table} ON {table} USING ({_MINE})")
    _let_see_clients(*_WITH_CLIENTS, "pipeline_deal")
    op.execute(_LET_READ)


def _let_see_clients(*tables: str) -> None:
    """A client is seen by those who see a row of it in one of the tables."""
    of_client = " OR ".join(f"EXISTS (SELECT FROM {each} WHERE {each}.client_id = client.client_id)" for each in tables)
    op.execute(f"ALTER POLICY tierbot_client ON client USING ({_ALL} OR {of_client})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _let_see_clients(*_WITH_CLIENTS)
    for name in reversed(_TABLES):
        op.drop_table(name)
