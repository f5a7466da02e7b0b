"""What is known of channels and users, asked of Slack once in a while: it limits how often."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot.slack.slack_time import since_boot
from handlers.gateway import ChannelInfo, Profile, SlackRefused

_CHANNEL_SECONDS, _USER_SECONDS = 300.0, 3_600.0
_MAX_KNOWN = 10_000
MEMBERS_A_PAGE = 200
_UNSEEN = frozenset({"missing_scope", "no_permission", "method_not_supported_for_channel_type", "access_denied"})
Known = TypeVar("Known")
Ask = Callable[[str], Awaitable[dict[str, Any]]]


class Lookups:
    """Channels and users by id, asked for with conversations.info and users.info. `steady` gives seconds that only go
    forward.
    """

    def __init__(self, ask_channel: Ask, ask_user: Ask, steady: Callable[[], float] = since_boot) -> None:
        self._ask_channel, self._ask_user, self._steady = ask_channel, ask_user, steady
        self._known: dict[str, tuple[float, Any]] = {}
        self._users_from = 0.0

    async def channel(self, channel_id: str, *, fresh: bool = False) -> ChannelInfo | None:
        """See handlers.gateway. Raises SlackRefused where Slack wants to be asked later."""
        if not fresh and self._is_current(channel_id):
            known: ChannelInfo | None = self._known[channel_id][1]
            return known
        found: ChannelInfo | None
        try:
            found = _as_channel(await self._ask_channel(channel_id))
        except SlackRefused as error:
            if error.after is not None:
                raise
            found = None if error.word in _UNSEEN else ChannelInfo(False, is_archived=False, is_shared=False)
        return self._keep(channel_id, found, _CHANNEL_SECONDS)

    async def profile(self, user_id: str) -> Profile | None:
        """See handlers.gateway. After a pause that Slack asks for, nobody is looked up until it is over."""
        if self._is_current(user_id):
            known: Profile = self._known[user_id][1]
            return known
        if self._steady() < self._users_from:
            return None
        try:
            user = await self._ask_user(user_id)
        except SlackRefused as error:
            self._users_from = self._steady() + (error.after or 0.0)
            return None
        found = Profile(bool(user.get("deleted")), user.get("tz"))
        return self._keep(user_id, found, _USER_SECONDS)

    def forget(self, id_: str) -> None:
        """See handlers.gateway."""
        self._known.pop(id_, None)

    def _is_current(self, id_: str) -> bool:
        return id_ in self._known and self._steady() < self._known[id_][0]

    def _keep(self, id_: str, found: Known, seconds: float) -> Known:
        self._known.pop(id_, None)
        self._known[id_] = (self._steady() + seconds, found)
        while len(self._known) > _MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return found


async def all_members(ask: Callable[[dict[str, str]], Awaitable[Any]], limit: int) -> list[str] | None:
    """The users on all pages, asked for from one `cursor` to the next; None where there are more than the limit."""
    found, more = list[str](), dict[str, str]()
    while len(found) <= limit:
        answer = await ask(more)
        found += [str(each) for each in answer["members"]]
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return found if len(found) <= limit else None
        more = {"cursor": cursor}
    return None


def _as_channel(found: dict[str, Any]) -> ChannelInfo:
    """A direct message has no members to be one of: the bot is in it."""
    is_shared = any(found.get(name) for name in ("is_ext_shared", "is_pending_ext_shared"))
    is_member = bool(found.get("is_member") or found.get("is_im") or found.get("is_mpim"))
    named = ("connected_team_ids", "pending_connected_team_ids", "shared_team_ids")
    teams = frozenset(str(each) for name in named for each in found.get(name) or ()) - {found.get("context_team_id")}
    is_archived, is_private = bool(found.get("is_archived")), bool(found.get("is_private"))
    return ChannelInfo(is_member, is_archived, is_shared, is_private, teams if is_shared else frozenset())
