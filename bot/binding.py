"""Which person a Slack user is."""

import re

from sqlalchemy import Engine, delete, insert, select

from tiercore.storage.derive import table
from tiercore.storage.tables import BindingRow, PersonRow

_TEAM, _USER = re.compile(r"[TE][A-Z0-9]{1,30}"), re.compile(r"[UW][A-Z0-9]{1,30}")


class BadBinding(ValueError):
    """The ids or the e-mail can't be bound; the message says what would be right."""


def bind_user(engine: Engine, team: str, user: str, email: str) -> str:
    """Tie the Slack user to the person with that e-mail, instead of whoever it was tied to; says what was done."""
    email = email.strip().lower()
    if not _TEAM.fullmatch(team):
        raise BadBinding(f"{team!r} is no Slack team id. It looks like T024BE7LD.")
    if not _USER.fullmatch(user):
        raise BadBinding(f"{user!r} is no Slack user id. It looks like U012A3CDE: profile → Copy member ID.")
    binding, person = table(BindingRow), table(PersonRow)
    with engine.begin() as connection:
        name = connection.scalar(select(person.c.name).where(person.c.email == email).limit(1))
        if name is None:
            raise BadBinding(f"no {email} in people.csv. Import it first, or check the address.")
        same = (binding.c.team_id == team) & (binding.c.user_id == user)
        before = connection.scalar(select(binding.c.email).where(same))
        connection.execute(delete(binding).where(same))
        connection.execute(insert(binding), [{"team_id": team, "user_id": user, "email": email}])
    moved = f" (was {before})" if before not in (None, email) else ""
    return f"{user} of {team} is now {name} <{email}>{moved}."
