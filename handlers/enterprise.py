"""Where the app is installed, and which other workspaces are of the same Enterprise Grid organization (slack#grid)."""

import asyncio
from dataclasses import dataclass

import structlog

from handlers.gateway import SlackGateway
from handlers.payload import Body, home_team_of, viewer_of
from handlers.presenter import failures_logged
from handlers.services import Services
from tiercore.access import SlackUser
from tiercore.people.types import SLACK

ACCESS_GRANTED, ACCESS_REVOKED = "team_access_granted", "team_access_revoked"
_SECONDS = 1.5  # of the three that Slack waits for an acknowledgement
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Installation:
    """The workspace that the bot's token is of, as auth.test says, and its enterprise, None without one.

    `is_org_wide`: the token is of all the enterprise's workspaces. `bot_user_id` is the bot's own user. `is_partners`:
    the workspace is a partner's own, not the program's. `lacks` says what doesn't work there for want of a scope.
    """

    team_id: str
    enterprise_id: str | None = None
    is_org_wide: bool = False
    bot_user_id: str = ""
    is_partners: bool = False
    lacks: tuple[str, ...] = ()


class Enterprise:
    """Learns which workspaces are of the installation's enterprise, from Slack alone: auth.test, where a command was
    typed, or users.info of someone who clicks. People of all others stay strangers, whatever their user ID.
    """

    def __init__(self, installation: Installation, services: Services, gateway: SlackGateway) -> None:
        self.installation, self._people, self._gateway = installation, services.people, gateway
        self._workspaces = services.workspaces
        self._met = {installation.team_id}

    async def start(self) -> None:
        """Record the installation's own workspace, and those of its enterprise in which people were linked before."""
        team_id, enterprise_id = self.installation.team_id, self.installation.enterprise_id
        await self._people.record_team(team_id, enterprise_id)
        if enterprise_id is not None:
            for user in await self._people.users_elsewhere(team_id):
                with failures_logged():
                    await self._place(user, await self._gateway.enterprise_of(user))

    async def meet(self, body: Body) -> None:
        """Learn whether the workspace of the user who sent it is one of the enterprise, once for each workspace."""
        viewer = viewer_of(body)
        if self.installation.enterprise_id is None or viewer.team_id in self._met:
            return
        with failures_logged():
            await self._place(viewer, await asyncio.wait_for(self._enterprise_of_sender(body), _SECONDS))

    async def access_changed(self, event: Body) -> None:
        """Slack gave the organization's installation another of its workspaces, or took one away: nothing more goes
        there then.
        """
        teams, enterprise_id = event.get("team_ids"), self.installation.enterprise_id
        if not self.installation.is_org_wide or enterprise_id is None or not isinstance(teams, list):
            return
        for team_id in map(str, teams):
            await self._people.record_team(team_id, enterprise_id)
            if event.get("type") == ACCESS_REVOKED and await self._workspaces.leave_team(team_id, enterprise_id, SLACK):
                log.warning(ACCESS_REVOKED, team=team_id, enterprise=enterprise_id)

    async def _place(self, user: SlackUser, enterprise_id: str | None) -> None:
        """Record whether the user's workspace is of the installation's enterprise; None: Slack doesn't say."""
        if enterprise_id is None:
            return
        own = str(self.installation.enterprise_id)
        if enterprise_id == own:
            await self._people.record_team(user.team_id, own)
        else:
            await self._people.record_outside(user.team_id, own)
        self._met.add(user.team_id)

    async def _enterprise_of_sender(self, body: Body) -> str | None:
        """The enterprise of the sender's workspace, "" for none; None where Slack doesn't say.

        A click names the enterprise of the place that was clicked in, which may be shared with strangers, so it proves
        nothing about the user. Commands and Home are for people of the place only.
        """
        if "command" in body or "event" in body:
            return str(body.get("enterprise_id") or "")
        return await self._gateway.enterprise_of(viewer_of(body))

    def is_own_home(self, body: Body) -> bool:
        """Whether the Home tab that was opened or clicked in is this installation's. Publishing to another workspace's
        isn't possible with this token: it would replace the user's Home here.
        """
        team = home_team_of(body)
        return self.installation.is_org_wide or team in (None, self.installation.team_id)
