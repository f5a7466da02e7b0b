"""The messages when a workspace arrives: to whoever installed the app what is left to do, to the partner's CAMs and to
whoever invited it that it is there, and that somebody there is linked; and a colleague's invitation (inviting#arrival).

Each goes to a person once for an installation, however often the app is installed before it is removed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from tiercore.access import SlackUser
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.people.people import linked_staff
from tiercore.people.types import PROGRAM_STAFF
from tiercore.storage.bulk import table
from tiercore.storage.enterprise import in_same_enterprise
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.workspaces import counts_in
from tiercore.workspaces.types import Installed, News, Workspace, WorkspaceRole

INSTALLED, NEWS, COLLEAGUE = "installed", "workspace_news", "colleague"
_person, _link, _outbox = table(PersonRow), table(LinkRow), table(OutboxRow)


def tell_of_installation(connection: Connection, installed: Installed, now: datetime) -> None:
    """Queue the first steps for whoever installed the app, and the news for the program's people."""
    workspace = installed.workspace
    installer = SlackUser(workspace.team_id, workspace.installed_by)
    _put(connection, workspace, INSTALLED, [installer], {"kind": INSTALLED}, now)
    if workspace.role is WorkspaceRole.PARTNER:
        team_id, _, user_id = (installed.invited_by or "").partition("/")
        inviter = [SlackUser(team_id, user_id)] if user_id else []
        _tell(connection, workspace, News.INSTALLED, [*inviter, *_cams(connection, workspace, workspace.partners)], now)


def tell_of_tie(connection: Connection, workspace: Workspace, partner_id: str, now: datetime) -> None:
    """Queue the news for the CAMs and CCs of a partner that the workspace was tied to later."""
    _tell(connection, workspace, News.INSTALLED, _cams(connection, workspace, [partner_id]), now)


def tell_of_link(connection: Connection, user: SlackUser, workspace: Workspace, now: datetime) -> None:
    """Queue the news that somebody in a partner's workspace is linked, if the user is the first one there."""
    if [*linked_in(connection, user.team_id)] != [user.user_id]:
        return
    told = select(_outbox.c.team_id, _outbox.c.place).where(_begins(f"{_news_key(News.INSTALLED, workspace)}:"))
    users = [SlackUser(*row) for row in connection.execute(told)]
    readers = [*users, *_cams(connection, workspace, workspace.partners)]
    _tell(connection, workspace, News.LINKED, readers, now, user=user.user_id)


def ask_colleagues(
    connection: Connection, by: SlackUser, workspace: Workspace, user_ids: Sequence[str], now: datetime
) -> int:
    """Queue an invitation to each of the colleagues, once in an installation. Returns for how many it is the first."""
    users = [SlackUser(by.team_id, each) for each in user_ids]
    return _put(connection, workspace, COLLEAGUE, users, {"kind": COLLEAGUE, "by": by.user_id}, now)


def has_asked_colleagues(connection: Connection, workspace: Workspace) -> bool:
    """Whether a colleague was invited since the app was installed."""
    asked = select(_outbox.c.key).where(_begins(f"{_key(COLLEAGUE, workspace)}:")).limit(1)
    return connection.scalar(asked) is not None


def linked_in(connection: Connection, team_id: str) -> dict[str, str]:
    """Who is linked in the team, or its enterprise, to somebody who counts there: names, by the Slack user's ID."""
    counts = in_same_enterprise(_link.c.team_id, team_id) & counts_in(_person, team_id)
    rows = select(_link.c.user_id, func.min(_person.c.name)).join(_person, _person.c.email == _link.c.email)
    found = connection.execute(rows.where(counts).group_by(_link.c.user_id).order_by(_link.c.user_id))
    return {row.user_id: row[1] for row in found}


def _cams(connection: Connection, workspace: Workspace, partners: Sequence[str]) -> list[SlackUser]:
    """The partners' CAMs and CCs, as they are linked in the program's workspaces."""
    staff = _person.c.role.in_([role.value for role in PROGRAM_STAFF]) & _person.c.partner_id.in_(partners)
    emails = list(connection.scalars(select(_person.c.email).where(staff).distinct()))
    return linked_staff(connection, emails, workspace.team_id)


def _tell(
    connection: Connection, workspace: Workspace, news: News, users: Iterable[SlackUser], now: datetime, **more: str
) -> None:
    content = {"kind": NEWS, "news": news.value, "workspace": workspace.team_id, **more}
    _put(connection, workspace, f"{NEWS}:{news.value}", users, content, now)


def _put(
    connection: Connection,
    workspace: Workspace,
    kind: str,
    users: Iterable[SlackUser],
    content: dict[str, str],
    now: datetime,
) -> int:
    key = _key(kind, workspace)
    messages = {
        each.user_id: OutboxMessage(f"{key}:{each.user_id}", each.team_id, each.user_id, content, now) for each in users
    }
    return put(connection, messages.values(), now)


def _news_key(news: News, workspace: Workspace) -> str:
    return _key(f"{NEWS}:{news.value}", workspace)


def _key(kind: str, workspace: Workspace) -> str:
    """What the outbox keys of this installation's messages of a kind begin with."""
    return f"{kind}:{workspace.team_id}:{as_ms(workspace.installed_at)}"


def _begins(prefix: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = _outbox.c.key.startswith(prefix, autoescape=True)
    return found
