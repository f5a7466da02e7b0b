"""row-level security on PostgreSQL: a second wall behind the permission checks (running#row-level-security)"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

READER = "tierbot_reader"
EVERYTHING, PARTNERS, TEAM, USER, EMAIL = (
    f"(SELECT current_setting('tierbot.{each}', true))" for each in ("everything", "partners", "team", "user", "email")
)
ALL = f"{EVERYTHING} = 'on'"
MINE = f"{ALL} OR partner_id = ANY ((SELECT string_to_array({PARTNERS}, E'\\x1f'))::text[])"
ME = f"team_id = {TEAM} AND user_id = {USER}"
OF_CLIENT = "EXISTS (SELECT FROM {0} WHERE {0}.client_id = {1}.client_id)"

BY_PARTNER = (
    *("partner", "sale", "agreement", "certification", "tier_credited"),
    *("credit", "timeline", "retention", "channel"),
)
BY_CLIENT = ("client", "subscription_level", "tool_usage")
READ_BY_ANSWERS = (*BY_PARTNER, *BY_CLIENT, "person", "binding", "hold", "preference", "derived")
BY_THE_BOT_ALONE = ("signal", "mark", "outbox", "subscription", "run")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    policies = dict.fromkeys(BY_PARTNER, MINE)
    policies |= dict.fromkeys(BY_THE_BOT_ALONE, ALL)
    policies |= {
        table: f"{ALL} OR {OF_CLIENT.format('sale', table)} OR {OF_CLIENT.format('agreement', table)}"
        for table in BY_CLIENT
    }
    policies["person"] = f"{MINE} OR email = {EMAIL}"
    # A partner's contacts are part of its answers, each with their Slack user.
    policies["binding"] = f"{ALL} OR ({ME}) OR email IN (SELECT email FROM person)"  # noqa: S608
    policies["hold"] = f"{MINE} OR partner_id = ''"
    for table, policy in policies.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tierbot_{table} ON {table} USING ({policy})")
    op.execute(_SEE)
    _grant()


def _grant() -> None:
    """Let the reader's role read; where this user may not create roles, FORCE alone is the wall."""
    connection = op.get_bind()
    savepoint = connection.begin_nested()
    try:
        connection.execute(sa.text(_CREATE_READER))
        connection.execute(sa.text(f"GRANT USAGE ON SCHEMA public TO {READER}"))
        connection.execute(sa.text(f"GRANT SELECT ON {', '.join(READ_BY_ANSWERS)}, alembic_version TO {READER}"))
        connection.execute(sa.text(f"GRANT {READER} TO CURRENT_USER"))
        savepoint.commit()
    except sa.exc.ProgrammingError:
        savepoint.rollback()


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP FUNCTION tierbot_see(text, text, text)")
    for table in (*BY_PARTNER, *BY_CLIENT, *BY_THE_BOT_ALONE, "binding", "person", "hold"):
        op.execute(f"DROP POLICY tierbot_{table} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


_CREATE_READER = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
        CREATE ROLE {READER} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

# Who asks, for this transaction: the policies compare with it, and with the partners of that person. An id has no
# control characters (imports refuse them), so \x1f separates ids; an admin sees everything by a setting of its own.
_SEE = """
CREATE FUNCTION tierbot_see(team text, who text, mail text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('tierbot.everything', 'off', true), set_config('tierbot.partners', '', true),
        set_config('tierbot.team', team, true), set_config('tierbot.user', who, true);
    IF mail = '' THEN
        SELECT email INTO mail FROM binding WHERE team_id = team AND user_id = who;
    END IF;
    PERFORM set_config('tierbot.email', coalesce(mail, ''), true);
    PERFORM set_config('tierbot.partners', coalesce(string_agg(partner_id, E'\\x1f'), ''), true),
        set_config('tierbot.everything', CASE WHEN bool_or(role = 'admin') THEN 'on' ELSE 'off' END, true)
        FROM person WHERE email = mail;
END $$
"""
