"""A second workspace of the demo, a partner's own, in which the app can be installed by a click."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Workspace
from bot.playground.world.people import TEAM, Account, newcomer
from bot.serving import CannotServe
from bot.slack.token_keys import TokenKeys
from bot.wiring import Core
from tiercore.access import SlackUser
from tiercore.facts.entries import Role
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.ledger import PartnerRow, PersonRow
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.service import Workspaces
from tiercore.workspaces.types import InstalledBy, InstalledToken, WorkspaceRole

PARTNERS_TEAM = "T02PARTNER"
_COLLEAGUE = ("noa@example.net", "Noa Weiss")  # isn't in any data


@dataclass(slots=True)
class PartnerWorkspace:
    """The workspace, its people by key, and whose it is. `invited_by` is the partner's CAM, None for the operator."""

    slack: Slack
    people: dict[str, Account]
    partner_id: str
    invited_by: SlackUser | None
    workspaces: Workspaces
    public_url: str

    async def invitation(self, who: Account) -> str:
        """The link with which the app can be installed once, opened by somebody there."""
        self.slack.app.signed_in = (who.team_id, who.user_id)
        code = await self.workspaces.invite(self.invited_by, WorkspaceRole.PARTNER, [self.partner_id])
        return f"{self.public_url}/slack/install?invite={code}"


def add_workspace(
    slack: Slack, core: Core, everybody: Iterable[Account], public_url: str, clock: Callable[[], datetime]
) -> PartnerWorkspace:
    """A workspace of the first partner that has somebody in the data, beside the program's. Raises CannotServe."""
    person, partner = table(PersonRow), table(PartnerRow)
    first = next((each for each in everybody if each.role == Role.PARTNER.value), None)
    if first is None:
        raise CannotServe(
            "no partner has anybody in people.csv, so there's no workspace of one to show. Add somebody with the role "
            "partner, or leave out --workspaces"
        )
    with reading(core.engine) as connection:
        of_partners = person.join(partner, partner.c.partner_id == person.c.partner_id)
        query = select(
            person.c.email, person.c.name, person.c.role, partner.c.partner_id, partner.c.name.label("company")
        )
        rows = connection.execute(query.select_from(of_partners).order_by(person.c.email)).all()
    own = next(each for each in rows if each.email == first.email and each.role == Role.PARTNER.value)
    of_partner = [each for each in rows if each.partner_id == own.partner_id]
    staff = [newcomer(each.email, each.name, PARTNERS_TEAM) for each in of_partner if each.role == Role.PARTNER.value]
    people = [*staff, newcomer(*_COLLEAGUE, PARTNERS_TEAM)]
    cam = next((each.email for each in of_partner if each.role == Role.CAM.value), None)
    invited_by = next((SlackUser(TEAM, each.user_id) for each in everybody if each.email == cam), None)
    other = slack.beside(
        Workspace(
            people=tuple(each.as_person() for each in people),
            channels=(Channel("C02GENERAL", "general"),),
            team_id=PARTNERS_TEAM,
            domain="partner",
            name=own.company,
            bot_user_id="U02TIERBOT",
        )
    )
    workspaces = Workspaces(Transactions(core.engine, clock))
    return PartnerWorkspace(
        other, {each.key: each for each in people}, own.partner_id, invited_by, workspaces, public_url
    )


async def install_programs(slack: Slack, core: Core, keys: TokenKeys, clock: Callable[[], datetime]) -> None:
    """Install the app in the program's workspace with the token that it has, before the bot starts."""
    workspaces, ours = Workspaces(Transactions(core.engine, clock)), slack.state.workspace
    token = InstalledToken(
        ours.app_id, ours.bot_id, ours.bot_user_id, frozenset(ours.scopes), keys.seal(slack.state.bot_token)
    )
    await workspaces.install(InstalledBy(ours.team_id, None, ours.name, False, ours.bot_user_id), token, None)
    await workspaces.set_role(ours.team_id, WorkspaceRole.PROGRAM)
