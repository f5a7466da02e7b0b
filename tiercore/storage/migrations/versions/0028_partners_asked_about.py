"""the reader's role sees clients through the partner that is asked about, and credits may outnumber 32 bits

(running#partitions)
"""

from alembic import op

revision = "0028"
down_revision = "0027"

_WITH_CLIENTS = {
    "client": ("sale", "agreement", "pipeline_deal"),
    "subscription_level": ("sale", "agreement"),
    "tool_usage": ("sale", "agreement"),
}
_EVERYTHING, _ASKED = (f"(SELECT current_setting('tierbot.{each}', true))" for each in ("everything", "partner"))
_OF_CLIENT = "EXISTS (SELECT FROM {0} WHERE {0}.client_id = {1}.client_id)"
_OF_PARTNER = "EXISTS (SELECT FROM {0} WHERE {0}.partner_id = {2} AND {0}.client_id = {1}.client_id)"
_SAME_TEAM = (
    "(team_id = team OR team_id IN (SELECT other.team_id FROM enterprise_team given"
    " JOIN enterprise_team other ON other.enterprise_id = given.enterprise_id WHERE given.team_id = team))"
)


def _either(condition: str, table: str) -> str:
    return " OR ".join(condition.format(each, table, _ASKED) for each in _WITH_CLIENTS[table])


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE credit ALTER COLUMN credit_id TYPE bigint")
    op.execute("ALTER SEQUENCE credit_credit_id_seq AS bigint")
    op.execute("DROP FUNCTION tierbot_see(text, text, text)")
    op.execute(_see("team text, who text, mail text, partner text", ", set_config('tierbot.partner', partner, true)"))
    for table in _WITH_CLIENTS:
        asked, any_partner = _either(_OF_PARTNER, table), _either(_OF_CLIENT, table)
        mine = f"CASE WHEN {_ASKED} <> '' THEN {asked} ELSE {any_partner} END"
        op.execute(f"ALTER POLICY tierbot_{table} ON {table} USING ({_EVERYTHING} = 'on' OR {mine})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _WITH_CLIENTS:
        op.execute(
            f"ALTER POLICY tierbot_{table} ON {table} USING ({_EVERYTHING} = 'on' OR {_either(_OF_CLIENT, table)})"
        )
    op.execute("DROP FUNCTION tierbot_see(text, text, text, text)")
    op.execute(_see("team text, who text, mail text", ""))
    op.execute("ALTER SEQUENCE credit_credit_id_seq AS integer")
    op.execute("ALTER TABLE credit ALTER COLUMN credit_id TYPE integer")


def _see(arguments: str, more: str) -> str:
    """The function that says for a transaction who asks; `more` is what else it sets."""
    return f"""
CREATE FUNCTION tierbot_see({arguments}) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('tierbot.everything', 'off', true), set_config('tierbot.partners', '', true),
        set_config('tierbot.team', team, true), set_config('tierbot.user', who, true){more};
    IF mail = '' THEN
        SELECT min(email) INTO mail FROM binding WHERE {_SAME_TEAM} AND user_id = who;
    END IF;
    PERFORM set_config('tierbot.email', coalesce(mail, ''), true);
    PERFORM set_config('tierbot.partners', coalesce(string_agg(partner_id, E'\\x1f'), ''), true),
        set_config('tierbot.everything', CASE WHEN bool_or(role = 'admin') THEN 'on' ELSE 'off' END, true)
        FROM person WHERE email = mail;
END $$
"""  # noqa: S608
