"""a partner's credits by the day on which they began"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_credit_partner_starts", "credit", ["partner_id", "starts_on"])


def downgrade() -> None:
    op.drop_index("ix_credit_partner_starts", "credit")
