"""files that people drop in Slack, until they are imported or discarded (data#dropped-files)"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "upload",
        *(_text(name) for name in ("upload_id", "team_id", "user_id", "state", "text", "counts")),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("upload_id"),
    )
    op.create_index("ix_upload_received_at", "upload", ["received_at"])
    op.create_table(
        "uploaded_file",
        _text("upload_id"),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        _text("name"),
        _text("digest"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.upload_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("upload_id", "position"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _secure()


def _secure() -> None:
    """Row-level security: no answer reads what people drop, which has rows of any partner."""
    for table in ("upload", "uploaded_file"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_{table} ON {table} USING ({_ALL})")


def downgrade() -> None:
    op.drop_table("uploaded_file")
    op.drop_table("upload")
