"""the first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "binding",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id"),
    )
    op.create_index("ix_binding_email", "binding", ["email"])

    op.create_table(
        "client",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("client_id"),
    )
    op.create_table(
        "credit",
        sa.Column("credit_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("product_line", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("micropoints", sa.BigInteger(), nullable=True),
        sa.Column("program_cents", sa.BigInteger(), nullable=True),
        sa.Column("mrr_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("shared_by", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Integer(), nullable=False),
        sa.Column("lapses_on", sa.Integer(), nullable=True),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("lapsing", sa.BigInteger(), nullable=True),
        sa.Column("doubt", sa.String(), nullable=True),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("credit_id"),
    )
    op.create_index("ix_credit_client_id", "credit", ["client_id"])
    op.create_index(
        "ix_credit_partner_doubt",
        "credit",
        ["partner_id", "doubt"],
        sqlite_where=sa.text("doubt IS NOT NULL"),
        postgresql_where=sa.text("doubt IS NOT NULL"),
    )
    op.create_index("ix_credit_partner_lapses", "credit", ["partner_id", "lapses_on"])

    op.create_table(
        "derived",
        sa.Column("derived_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rating_fingerprint", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("derived_id"),
    )
    op.create_table(
        "partner",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("elite_invited_on", sa.Date(), nullable=True),
        sa.Column("membership_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("partner_id"),
    )
    op.create_table(
        "person",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("email", "partner_id"),
    )
    op.create_table(
        "timeline",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sourced", sa.BigInteger(), nullable=False),
        sa.Column("assisted", sa.BigInteger(), nullable=False),
        sa.Column("managed", sa.BigInteger(), nullable=False),
        sa.Column("sold_cents", sa.BigInteger(), nullable=False),
        sa.Column("managed_cents", sa.BigInteger(), nullable=False),
        sa.Column("unrated_sold", sa.Integer(), nullable=False),
        sa.Column("unrated_managed", sa.Integer(), nullable=False),
        sa.Column("assumed", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Integer(), nullable=False),
        sa.Column("portals", sa.Integer(), nullable=False),
        sa.Column("portals_with_usage", sa.Integer(), nullable=False),
        sa.Column("tools_median_twice", sa.Integer(), nullable=True),
        sa.Column("lapsed", sa.BigInteger(), nullable=False),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "agreement",
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.client_id"],
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partner.partner_id"],
        ),
        sa.PrimaryKeyConstraint("agreement_id"),
    )
    op.create_index("ix_agreement_client_id", "agreement", ["client_id"])

    op.create_table(
        "certification",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("certification", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partner.partner_id"],
        ),
        sa.PrimaryKeyConstraint("partner_id", "certification", "valid_from"),
    )
    op.create_table(
        "sale",
        sa.Column("sale_id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("product_line", sa.String(), nullable=False),
        sa.Column("deal_type", sa.String(), nullable=False),
        sa.Column("motion", sa.String(), nullable=False),
        sa.Column("mrr_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.client_id"],
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partner.partner_id"],
        ),
        sa.PrimaryKeyConstraint("sale_id"),
    )
    op.create_index("ix_sale_client_id", "sale", ["client_id"])

    op.create_table(
        "subscription_level",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("product_line", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("mrr_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.client_id"],
        ),
        sa.PrimaryKeyConstraint("client_id", "product_line", "effective_on"),
    )
    op.create_table(
        "tier_credited",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partner.partner_id"],
        ),
        sa.PrimaryKeyConstraint("partner_id", "credited_on"),
    )
    op.create_table(
        "tool_usage",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("tools_used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.client_id"],
        ),
        sa.PrimaryKeyConstraint("client_id", "month"),
    )


def downgrade() -> None:
    op.drop_table("tool_usage")
    op.drop_table("tier_credited")
    op.drop_table("subscription_level")

    op.drop_table("sale")
    op.drop_table("certification")

    op.drop_table("agreement")
    op.drop_table("timeline")
    op.drop_table("person")
    op.drop_table("partner")
    op.drop_table("derived")

    op.drop_table("credit")
    op.drop_table("client")

    op.drop_table("binding")
