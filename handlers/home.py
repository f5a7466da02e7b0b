"""The Home tab: published when someone opens it or chooses something on it, and when the data has changed."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import structlog

from handlers.conversation import QUESTIONS, TypedCommand
from handlers.first_hour import FirstHour
from handlers.gateway import SlackRefused
from handlers.presenter import Presenter
from handlers.views.case import in_words, reminder
from handlers.views.home import TABS, HomeState, as_view, choose_first, home, outbox, read_state, synced, verified
from handlers.views.parts.blocks import Message
from handlers.views.replies import not_linked
from tiercore.access import NotLinked, Reach, SlackUser
from tiercore.facts.entries import Role

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.cases.service import Cases
    from tiercore.ingest.staging.status import Syncs
    from tiercore.nightly import Verifications
    from tiercore.notifications.delivery import Outbox
    from tiercore.people.service import People


class Reply(Protocol):
    """Answers a question as the commands do; it is no read of the viewer's unless they `asked`."""

    def __call__(self, command: TypedCommand, viewer: SlackUser, *, asked: bool) -> Awaitable[Message]: ...


RECORDED_WITHIN = 0.5  # seconds
BETWEEN_PAGES = 0.6  # seconds: views.publish is a Tier 4 method, 100 a minute
log = structlog.get_logger()


class Home:
    """Composes and publishes the Home tab of the workspace `team_id`; `reply` answers a question as the commands do."""

    def __init__(
        self,
        answers: "Answers",
        people: "People",
        outbox: "Outbox",
        verifications: "Verifications",
        syncs: "Syncs",
        cases: "Cases",
        presenter: Presenter,
        reply: Reply,
        team_id: str,
        first_hour: FirstHour,
    ) -> None:
        self._answers, self._people, self._outbox, self._verifications = answers, people, outbox, verifications
        self._syncs, self._cases = syncs, cases
        self._presenter, self._reply, self._team_id = presenter, reply, team_id
        self._first_hour = first_hour

    async def open(self, viewer: SlackUser, state: HomeState) -> None:
        """Publish the tab, and remember that the viewer opened it. Raises SlackRefused."""
        recording = asyncio.ensure_future(self._people.record_home_view(viewer, state.as_text()))
        recorded, _ = await asyncio.wait((recording,), timeout=RECORDED_WITHIN)
        await self.publish(viewer, state, first=bool(recorded) and recording.result())
        await recording  # an import may hold it up, but not the page

    async def publish(self, viewer: SlackUser, state: HomeState, *, first: bool = False, asked: bool = True) -> None:
        """Publish the tab with today's data; `asked` unless tierbot does so by itself. Raises SlackRefused."""
        page = await self._page(viewer, state, first=first, asked=asked)
        await self._presenter.publish(viewer.user_id, page, lambda blocks: as_view(blocks, state))

    async def refresh_for(self, viewer: SlackUser) -> None:
        """Publish again after a change made elsewhere, if the viewer opened the tab lately. Raises SlackRefused."""
        state = await self._people.recent_home_view_of(viewer)
        if state is not None:
            await self.publish(viewer, read_state(state), asked=False)

    async def refresh(self) -> None:
        """Publish again for everyone who opened the tab lately, because the data has changed."""
        for viewer, state in await self._people.recent_home_views(self._team_id):
            try:
                await self.publish(viewer, read_state(state), asked=False)
            except SlackRefused as error:
                log.warning("home_not_published", user=viewer.user_id, error=error.word)
            await asyncio.sleep(BETWEEN_PAGES)

    async def _page(self, viewer: SlackUser, state: HomeState, *, first: bool, asked: bool) -> Message:
        try:
            reach = await self._answers.reach(viewer)
        except NotLinked:
            if instead := await self._first_hour.instead_of_a_link(viewer):
                return instead
            return not_linked(viewer, await self._people.pending_link_emails(viewer))
        of_partner = reach.roles <= {Role.PARTNER}
        steps = await self._first_hour.checklist() if Role.ADMIN in reach.roles else None
        answers = [steps] if steps else []
        state = replace(state, partner_id=_partner(reach, state))
        if state.partner_id is None:
            if reach.partners:
                answers += [
                    choose_first(reach.partners),
                    await self._reply(TypedCommand("digest"), viewer, asked=asked),
                ]
            if Role.ADMIN in reach.roles:
                answers.append(await self._outbox_report())
                if last := await self._verifications.last():
                    answers.append(verified(last, self._verifications.now()))
                if status := await self._syncs.status():
                    answers.append(synced(status))
            answers = [*await self._waiting(viewer, reach), *answers]
            return home(state, reach.partners, answers, first=first, of_partner=of_partner)
        words = [word for word in TABS[state.tab][1] if word in QUESTIONS]
        answers += [
            await self._reply(TypedCommand(word, state.text_for(word), state.partner_id), viewer, asked=asked)
            for word in words
        ]
        answers = [*await self._waiting(viewer, reach), *answers]
        return home(state, reach.partners, answers, first=first, of_partner=of_partner)

    async def _waiting(self, viewer: SlackUser, reach: Reach) -> list[Message]:
        """For those who answer cases: the ones that wait."""
        if reach.roles <= {Role.PARTNER}:
            return []
        waiting = await self._cases.waiting(viewer.team_id, [each.partner_id for each in reach.partners])
        found = reminder(waiting, self._cases.now())
        return [Message(in_words(found), found)] if found else []

    async def _outbox_report(self) -> Message:
        """For admins: whether this week's digests are complete, and what could not be sent."""
        week, counts = await self._outbox.this_week(), await self._outbox.counts()
        return outbox(week, counts, await self._outbox.faults())


def _partner(reach: Reach, state: HomeState) -> str | None:
    """The partner to show: the chosen one if the viewer may see it, their only one, or None until they choose."""
    ids = [partner.partner_id for partner in reach.partners]
    if state.partner_id in ids:
        return state.partner_id
    return ids[0] if len(ids) == 1 else None
