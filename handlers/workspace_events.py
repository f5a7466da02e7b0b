"""What happens in the workspace: accounts that are deactivated or move, channels that are shared, archived or
joined.
"""

from typing import Any

import structlog

from handlers.gateway import ChannelInfo, SlackGateway
from handlers.parsing.times import as_timezone
from handlers.services import Services
from tiercore.access import SlackUser
from tiercore.notifications.types import Subscription
from tiercore.people.types import InvalidChange

Body = dict[str, Any]
_CHANNELS = (
    *("channel_shared", "channel_unshared", "channel_archive", "channel_unarchive"),
    *("group_archive", "group_unarchive", "member_joined_channel"),
)
WORKSPACE_EVENTS = ("user_change", *_CHANNELS)
log = structlog.get_logger()


def _team_of(user: Body, team_id: str) -> str:
    """The workspace by which the user of an event in `team_id` is known: that one for its members, and for people of
    other workspaces and organizations, whose changes are announced, too, their own.
    """
    of_enterprise = user.get("enterprise_user")
    teams = of_enterprise.get("teams") if isinstance(of_enterprise, dict) else None
    return team_id if team_id in (teams or ()) else str(user.get("team_id") or team_id)


class Workspace:
    """Keeps subscriptions in step with the workspace's people and channels."""

    def __init__(self, services: Services, gateway: SlackGateway) -> None:
        self._services, self.gateway = services, gateway

    async def on_event(self, event: Body, team_id: str) -> None:
        """One of WORKSPACE_EVENTS."""
        if event.get("type") == "user_change":
            await self._on_user(event.get("user"), team_id)
            return
        channel = event.get("channel")
        await self.channel_changed(str(channel.get("id") if isinstance(channel, dict) else channel))

    async def channel_changed(self, channel_id: str) -> None:
        """What waits for the channel is tried at once."""
        self.gateway.forget(channel_id)
        await self._services.outbox.try_now(channel_id)

    async def channel(self, channel_id: str) -> ChannelInfo | None:
        """The channel as it is now; None where the bot can't see it, or Slack can't be asked."""
        try:
            return await self.gateway.channel(channel_id, fresh=True)
        except Exception as error:
            log.info("channel_not_read", channel=channel_id, error=type(error).__name__, reason=str(error)[:200])
            return None

    async def _on_user(self, user: object, team_id: str) -> None:
        if not isinstance(user, dict) or not user.get("id"):
            return
        found = SlackUser(_team_of(user, team_id), str(user["id"]))
        self.gateway.forget(found.user_id)
        if found.team_id != team_id and await self._services.workspaces.installation_for(found.team_id, None):
            return  # their own workspace tells
        if user.get("deleted"):
            await self.leave(found)
        elif zone := as_timezone(str(user.get("tz") or "")):
            await self._services.notifications.follow_profile(found, zone)

    async def leave(self, user: SlackUser) -> None:
        """A deactivated account: its subscriptions end, and it is no longer anybody's."""
        ended = await self._services.notifications.end_all_of(user)
        try:
            await self._services.people.unlink(user, by_slack=True)
        except InvalidChange:
            if not ended:
                return  # it was nobody's
        log.info("account_deactivated", team=user.team_id, user=user.user_id, subscriptions=ended)

    async def is_here(self, user: SlackUser, known: Subscription | None = None) -> bool:
        """Whether the account is not deactivated, as far as the bot can see. One that is leaves now.

        Subscriptions follow the profile's time zone; with one of the user's that is `known`, only where it has to move.
        """
        try:
            profile = await self.gateway.profile(user.user_id)
        except Exception as error:
            log.info("profile_not_read", user=user.user_id, error=type(error).__name__)
            return True
        if profile is not None and profile.is_deactivated:
            await self.leave(user)
            return False
        zone = as_timezone(profile.timezone or "") if profile is not None else None
        if zone and (known is None or (known.follows_profile and known.schedule.timezone != zone)):
            await self._services.notifications.follow_profile(user, zone)
        return True
