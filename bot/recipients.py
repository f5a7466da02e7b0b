"""Whether the recipient of an automatic message is there, and wants it now, just before it is sent."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from handlers.gateway import SlackGateway, SlackRefused
from handlers.workspace_events import Workspace
from scheduler.delivery import NoLongerWanted
from scheduler.poster import Faulty, RetryLater
from tiercore.access import SlackUser
from tiercore.notifications.fault import Fault, Stops
from tiercore.notifications.outbox_types import ClaimedMessage
from tiercore.notifications.timetable import quiet_until
from tiercore.notifications.types import NIGHT, Subscription

if TYPE_CHECKING:
    from tiercore.workspaces.service import Workspaces

SHARED, SHARED_WITH_OTHERS = "shared_unconfirmed", "shared_with_others"
_ASKED_FOR = timedelta(minutes=30)  # until so long after its time a message comes when it was asked for
_LATER_SECONDS = 30.0


class Recipients:
    """Looks people and channels up in Slack, as far as the bot may."""

    def __init__(self, gateway: SlackGateway, workspace: Workspace, workspaces: "Workspaces | None" = None) -> None:
        self._gateway, self._workspace, self._workspaces = gateway, workspace, workspaces

    async def require(self, subscription: Subscription, about: str | None) -> None:
        """Raises NoLongerWanted for a deactivated person, Faulty for a channel that has become shared with another
        organization and isn't confirmed for it, or with one that is of other partners than it is `about`, RetryLater
        where Slack can't be asked now.
        """
        if not await self._workspace.is_here(SlackUser(subscription.team_id, subscription.created_by), subscription):
            raise NoLongerWanted("the account was deactivated")
        if not subscription.is_channel or (subscription.shared_confirmed and self._workspaces is None):
            return
        try:
            info = await self._gateway.channel(subscription.target)
        except SlackRefused as error:
            raise RetryLater(f"the channel can't be looked up: {error.word}", error.after or _LATER_SECONDS) from error
        except (OSError, TimeoutError) as error:
            why = f"the channel can't be looked up: {type(error).__name__}"
            raise RetryLater(why, _LATER_SECONDS) from error
        if info is None or not info.is_shared:
            return
        if not subscription.shared_confirmed:
            raise Faulty(Fault(Stops.TARGET, SHARED))
        if self._workspaces and about and await self._workspaces.are_of_others(info.teams, [about]):
            raise Faulty(Fault(Stops.TARGET, SHARED_WITH_OTHERS))


def require_its_time(queued: ClaimedMessage, subscription: Subscription, now: datetime) -> None:
    """Raises RetryLater at the reader's night, until it ends, unless the digest was asked for at this time."""
    asked_for = queued.content.get("asked_for")
    if not isinstance(asked_for, int) or now - datetime.fromtimestamp(asked_for / 1_000, UTC) <= _ASKED_FOR:
        return
    seconds = (quiet_until(now, *NIGHT, subscription.schedule.timezone) - now).total_seconds()
    if seconds > 0:
        raise RetryLater("it is night where the reader is", seconds)
