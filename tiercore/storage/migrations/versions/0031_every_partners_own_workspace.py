"""workspaces that the app is installed in, what they are of, invitations, and what people's rows count for in them

(slack#workspaces)
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_BY_THE_BOT_ALONE = ("workspace_token", "invitation", "install_state")
_ALL = "(SELECT current_setting('tierbot.everything', true)) = 'on'"
_LET_READ = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tierbot_reader') THEN
        GRANT SELECT (team_id, role, removed_at) ON workspace TO tierbot_reader;
        GRANT SELECT ON workspace_partner TO tierbot_reader;
    END IF;
END $$
"""
_SAME_TEAM = (
    "({0} = team OR {0} IN (SELECT other.team_id FROM enterprise_team given"
    " JOIN enterprise_team other ON other.enterprise_id = given.enterprise_id WHERE given.team_id = team))"
)
_OF_WHO_ASKS = _SAME_TEAM.replace(" = team", " = (SELECT current_setting('tierbot.team', true))")
_OR = {"workspace_partner": f" OR {_OF_WHO_ASKS.format('team_id')}"}
_OF_TEAM = f"SELECT FROM workspace_partner tie WHERE {_SAME_TEAM.format('tie.team_id')}"
# What a person's row counts for in the workspace of who asks; all of them for somebody named by e-mail.
_COUNTS = f"""
by_mail OR NOT EXISTS (SELECT FROM workspace)
    OR EXISTS (SELECT FROM workspace w
        WHERE w.role = 'program' AND w.removed_at IS NULL AND {_SAME_TEAM.format("w.team_id")})
    OR (role = 'partner'
        AND (EXISTS ({_OF_TEAM} AND tie.partner_id = person.partner_id) OR NOT EXISTS ({_OF_TEAM})))
"""  # noqa: S608


def _text(*names: str, nullable: bool = False) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "workspace",
        *_text("team_id"),
        *_text("enterprise_id", nullable=True),
        *_text("name", "role"),
        sa.Column("is_org_wide", sa.Boolean(), nullable=False),
        *_text("installed_by"),
        _moment("installed_at"),
        _moment("removed_at", nullable=True),
        *_text("removed_by", nullable=True),
        _moment("purge_at", nullable=True),
        sa.PrimaryKeyConstraint("team_id"),
    )
    op.create_table(
        "workspace_token",
        *_text("team_id", "app_id", "bot_id", "bot_user_id", "scopes", "token"),
        *_text("refresh_token", nullable=True),
        _moment("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("team_id"),
    )
    op.create_table(
        "workspace_partner", *_text("team_id", "partner_id"), sa.PrimaryKeyConstraint("team_id", "partner_id")
    )
    op.create_table(
        "invitation",
        *_text("digest", "role", "partners", "made_by"),
        _moment("made_at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "install_state",
        *_text("digest"),
        *_text("invitation", nullable=True),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("digest"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for each in (*_BY_THE_BOT_ALONE, *_OR):
            op.execute(f"ALTER TABLE {each} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {each} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY tierbot_{each} ON {each} USING ({_ALL}{_OR.get(each, '')})")
        op.execute(_LET_READ)
        op.execute(_see(f"email = mail AND ({_COUNTS})"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_see("email = mail"))
    for each in ("install_state", "invitation", "workspace_partner", "workspace_token", "workspace"):
        op.drop_table(each)


def _see(condition: str) -> str:
    """The function that says for a transaction who asks, by those rows of a person that meet the condition."""
    return f"""
CREATE OR REPLACE FUNCTION tierbot_see(team text, who text, mail text, partner text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE by_mail boolean := mail <> '';
BEGIN
    PERFORM set_config('tierbot.everything', 'off', true), set_config('tierbot.partners', '', true),
        set_config('tierbot.team', team, true), set_config('tierbot.user', who, true),
        set_config('tierbot.partner', partner, true);
    IF NOT by_mail THEN
        SELECT min(email) INTO mail FROM binding WHERE {_SAME_TEAM.format("team_id")} AND user_id = who;
    END IF;
    PERFORM set_config('tierbot.email', coalesce(mail, ''), true);
    PERFORM set_config('tierbot.partners', coalesce(string_agg(partner_id, E'\\x1f'), ''), true),
        set_config('tierbot.everything', CASE WHEN bool_or(role = 'admin') THEN 'on' ELSE 'off' END, true)
        FROM person WHERE {condition};
END $$
"""  # noqa: S608
