"""The Home tab: published when it is opened, when something on it is chosen, and when the data has changed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from handlers.conversation import QUESTIONS, TypedCommand
from handlers.gateway import SlackRefused
from handlers.presenter import Presenter
from handlers.views.home import TABS, HomeState, as_view, choose_first, home, outbox, read_state
from handlers.views.parts.blocks import Message
from handlers.views.replies import not_bound
from tiercore.access import NotLinked, Reach, SlackUser
from tiercore.facts.entries import Role

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.delivery import Outbox
    from tiercore.people.service import People

Reply = Callable[[TypedCommand, SlackUser], Awaitable[Message]]
BETWEEN_PAGES = 0.6  # seconds: views.publish is a Tier 4 method, 100 a minute
log = structlog.get_logger()


class Home:
    """Makes and publishes the page; `reply` answers a question as the commands do."""

    def __init__(
        self, answers: "Answers", people: "People", outbox: "Outbox", presenter: Presenter, reply: Reply
    ) -> None:
        self._answers, self._people, self._outbox = answers, people, outbox
        self._presenter, self._reply = presenter, reply

    async def open(self, viewer: SlackUser, state: HomeState) -> None:
        """Show the page, and remember that it was seen. Raises SlackRefused."""
        first = await self._people.record_home_view(viewer, state.as_text())
        await self.publish(viewer, state, first=first)

    async def publish(self, viewer: SlackUser, state: HomeState, *, first: bool = False) -> None:
        """Show the page as it is now. Raises SlackRefused."""
        page = await self._page(viewer, state, first=first)
        await self._presenter.publish(viewer.user_id, page, lambda found: as_view(found, state))

    async def follow(self, viewer: SlackUser) -> None:
        """Publish anew for someone who did something elsewhere, if they opened it lately. Raises SlackRefused."""
        for seen_by, shown in await self._people.recent_home_views():
            if (seen_by.team_id, seen_by.user_id) == (viewer.team_id, viewer.user_id):
                await self.publish(viewer, read_state(shown))

    async def refresh(self) -> None:
        """Publish anew for everyone who opened it lately: the data has changed."""
        for viewer, shown in await self._people.recent_home_views():
            try:
                await self.publish(viewer, read_state(shown))
            except SlackRefused as error:
                log.warning("home_not_published", user=viewer.user_id, error=error.word)
            await asyncio.sleep(BETWEEN_PAGES)

    async def _page(self, viewer: SlackUser, state: HomeState, *, first: bool) -> Message:
        try:
            reach = await self._answers.reach(viewer)
        except NotLinked:
            return not_bound(viewer, await self._people.pending_link_emails(viewer))
        state = replace(state, partner_id=_partner(reach, state))
        if state.partner_id is None:
            every = [choose_first(reach.partners), await self._reply(TypedCommand("digest"), viewer)]
            if Role.ADMIN in reach.roles:
                every.append(await self._sent())
            return home(state, reach.partners, every, first=first)
        words = [word for word in TABS[state.tab][1] if word in QUESTIONS]
        answers = [await self._reply(TypedCommand(word, state.asks(word), state.partner_id), viewer) for word in words]
        return home(state, reach.partners, answers, first=first)

    async def _sent(self) -> Message:
        """To admins: whether this week's digests are complete, and what could not be sent."""
        week, counts = await self._outbox.this_week(), await self._outbox.counts()
        return outbox(week, counts)


def _partner(reach: Reach, state: HomeState) -> str | None:
    """The partner to show: the one chosen if it may be seen, the only one, or none yet."""
    ids = [partner.partner_id for partner in reach.partners]
    if state.partner_id in ids:
        return state.partner_id
    return ids[0] if len(ids) == 1 else None
