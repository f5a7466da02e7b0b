"""when each partner's answers changed last, and indexes by partner (architecture#hot-path)"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_PARTNERS = "(SELECT current_setting('tierbot.partners', true))"
_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
_MINE = f"{_ALL} OR partner_id = ANY ((SELECT string_to_array({_PARTNERS}, E'\\x1f'))::text[])"
# Where this user could make no role for the reader, there is none to let read.
_LET_READ = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tierbot_reader') THEN
        GRANT SELECT ON partner_version TO tierbot_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "partner_version",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id"),
        sqlite_with_rowid=False,
    )
    op.add_column("derived", sa.Column("all_changed_at", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_agreement_partner_client", "agreement", ["partner_id", "client_id"])
    op.create_index("ix_person_partner_id", "person", ["partner_id"])
    op.create_index("ix_binding_user_id", "binding", ["user_id"])
    op.create_index("ix_pipeline_answer_won_as", "pipeline_answer", ["won_as"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE partner_version ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE partner_version FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_partner_version ON partner_version USING ({_MINE})")
        op.execute(_LET_READ)


def downgrade() -> None:
    op.drop_index("ix_pipeline_answer_won_as", "pipeline_answer")
    op.drop_index("ix_binding_user_id", "binding")
    op.drop_index("ix_person_partner_id", "person")
    op.drop_index("ix_agreement_partner_client", "agreement")
    with op.batch_alter_table("derived") as changed:
        changed.drop_column("all_changed_at")
    op.drop_table("partner_version")
