"""indexes on a partner's credits by first day and by client, and on its sales by client"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_credit_partner_starts", "credit", ["partner_id", "starts_on"])
    op.create_index("ix_credit_partner_client", "credit", ["partner_id", "client_id"])
    op.create_index("ix_sale_partner_client", "sale", ["partner_id", "client_id"])


def downgrade() -> None:
    op.drop_index("ix_sale_partner_client", "sale")
    op.drop_index("ix_credit_partner_client", "credit")
    op.drop_index("ix_credit_partner_starts", "credit")
