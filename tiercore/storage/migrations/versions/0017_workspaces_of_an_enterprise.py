"""which workspaces are of one Enterprise Grid organization, in which a user's ID names one person (slack#grid)"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0013"

READER = "tierbot_reader"
TEAM, USER, EVERYTHING = (
    f"(SELECT current_setting('tierbot.{each}', true))" for each in ("team", "user", "everything")
)
ALONE = "team_id = {0}"
SAME = (
    "(team_id = {0} OR team_id IN (SELECT other.team_id FROM enterprise_team given"
    " JOIN enterprise_team other ON other.enterprise_id = given.enterprise_id WHERE given.team_id = {0}))"
)


def upgrade() -> None:
    op.create_table(
        "enterprise_team",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team_id"),
    )
    op.create_index("ix_enterprise_team_enterprise_id", "enterprise_team", ["enterprise_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_GRANT)
        _identify_by(SAME)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _identify_by(ALONE)
    op.drop_table("enterprise_team")


def _identify_by(condition: str) -> None:
    """Have the policy of the links, and the function that says who asks, find a user's link by the condition."""
    mine = f"{condition.format(TEAM)} AND user_id = {USER}"
    policy = f"{EVERYTHING} = 'on' OR ({mine}) OR email IN (SELECT email FROM person)"  # noqa: S608
    op.execute(f"ALTER POLICY tierbot_binding ON binding USING ({policy})")
    op.execute(_SEE.replace("CONDITION", condition.format("team")))


_GRANT = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
        GRANT SELECT ON enterprise_team TO {READER};
    END IF;
END $$
"""

_SEE = """
CREATE OR REPLACE FUNCTION tierbot_see(team text, who text, mail text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('tierbot.everything', 'off', true), set_config('tierbot.partners', '', true),
        set_config('tierbot.team', team, true), set_config('tierbot.user', who, true);
    IF mail = '' THEN
        SELECT min(email) INTO mail FROM binding WHERE CONDITION AND user_id = who;
    END IF;
    PERFORM set_config('tierbot.email', coalesce(mail, ''), true);
    PERFORM set_config('tierbot.partners', coalesce(string_agg(partner_id, E'\\x1f'), ''), true),
        set_config('tierbot.everything', CASE WHEN bool_or(role = 'admin') THEN 'on' ELSE 'off' END, true)
        FROM person WHERE email = mail;
END $$
"""
