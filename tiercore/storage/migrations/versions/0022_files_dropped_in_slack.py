"""files that people drop in Slack, until they are imported or discarded (data#dropped-files)"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


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


def downgrade() -> None:
    op.drop_table("uploaded_file")
    op.drop_table("upload")
