"""accounts tell two subscriptions of a client apart; credits know edition and origin: needs tierbot rebuild"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_LEVEL = ("client_id", "product_line", "effective_on", "mrr_minor", "currency", "renews_on")
_OF_A_CREDIT = ("edition", "account", "origin")


def upgrade() -> None:
    op.add_column("sale", sa.Column("account", sa.String(), nullable=True))
    for name in _OF_A_CREDIT:
        op.add_column("credit", sa.Column(name, sa.String(), nullable=True))
    _remake_levels(with_account=True)
    # Product lines have other names in the derived tables now: the bot asks for a rebuild before it answers.
    op.execute("UPDATE derived SET rating_fingerprint = ''")


def downgrade() -> None:
    # Without accounts a key may come twice: the account that comes first stays.
    op.execute(
        "DELETE FROM subscription_level WHERE account > (SELECT MIN(other.account) FROM subscription_level AS other"
        " WHERE other.client_id = subscription_level.client_id"
        " AND other.product_line = subscription_level.product_line"
        " AND other.effective_on = subscription_level.effective_on)"
    )
    _remake_levels(with_account=False)
    with op.batch_alter_table("credit") as changed:
        for name in _OF_A_CREDIT:
            changed.drop_column(name)
    with op.batch_alter_table("sale") as changed:
        changed.drop_column("account")


def _remake_levels(*, with_account: bool) -> None:
    """A table of the new key, filled from the old one: SQLite can't change a primary key."""
    account = [sa.Column("account", sa.String(), server_default="", nullable=False)] if with_account else []
    key = ["client_id", "product_line", "effective_on", *(["account"] if with_account else [])]
    op.create_table(
        "subscription_level_made",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("product_line", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        *account,
        sa.Column("mrr_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"]),
        sa.PrimaryKeyConstraint(*key),
    )
    columns = ", ".join(_LEVEL)
    op.execute(f"INSERT INTO subscription_level_made ({columns}) SELECT {columns} FROM subscription_level")  # noqa: S608
    op.drop_table("subscription_level")
    op.rename_table("subscription_level_made", "subscription_level")
