"""The Home tab: published when someone opens it or chooses something on it, and when the data has changed."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from handlers.enterprise import Enterprise
from handlers.gateway import SlackRefused
from handlers.payload import Body
from handlers.presenter import Presenter, failures_logged
from handlers.responder import Responder
from handlers.services import Services
from handlers.typed_command import QUESTIONS, TypedCommand
from handlers.views.case import in_words, reminder
from handlers.views.home import (
    PORTFOLIO,
    TABS,
    HomeState,
    as_view,
    choose_first,
    home,
    read_state,
)
from handlers.views.home_of_admins import outbox, synced, verified
from handlers.views.parts import goal as goal_view
from handlers.views.parts.blocks import Message
from handlers.views.replies import not_linked
from tiercore.access import NotLinked, Reach, SlackUser
from tiercore.facts.entries import Role

if TYPE_CHECKING:
    from tiercore.answers import Answers

RECORDED_WITHIN = 0.5  # seconds
BETWEEN_PAGES = 0.6  # seconds: views.publish is a Tier 4 method, 100 a minute
log = structlog.get_logger()


class Home:
    """Composes and publishes the Home tab of the workspace that the app is installed in."""

    def __init__(
        self,
        answers: "Answers",
        services: Services,
        presenter: Presenter,
        responder: Responder,
        enterprise: Enterprise,
        public_url: str = "",
    ) -> None:
        self._answers, self._services, self._presenter = answers, services, presenter
        self._today, self._public_url = responder.today, public_url
        self._reply, self._first_hour, self._enterprise = responder.reply, responder.first_hour, enterprise
        self._choices = Counter[str]()  # how often each user has opened the tab, or chosen something on it

    async def show(self, viewer: SlackUser, state: HomeState, body: Body) -> None:
        """Open the tab for the viewer, unless another workspace's was opened or clicked in; a failure is logged."""
        if self._enterprise.is_own_home(body):
            with failures_logged():
                await self.open(viewer, state)

    async def open(self, viewer: SlackUser, state: HomeState) -> None:
        """Publish the tab, and remember that the viewer opened it. Raises SlackRefused."""
        self._choices[viewer.user_id] += 1
        choice = self._choices[viewer.user_id]
        recording = asyncio.ensure_future(self._services.people.record_home_view(viewer, state.as_text()))
        recorded, _ = await asyncio.wait((recording,), timeout=RECORDED_WITHIN)
        page = await self._page(viewer, state, first=bool(recorded) and recording.result(), asked=True)
        await self._publish(viewer, state, page, choice)
        await recording  # an import may hold it up, but not the page

    async def _publish(self, viewer: SlackUser, state: HomeState, page: Message, choice: int) -> None:
        """Publish the page that was made for a choice, unless the viewer has made another one by now: a page may take
        seconds, and must not take the place of a later one. Raises SlackRefused.
        """
        if self._choices[viewer.user_id] == choice:
            await self._presenter.publish(viewer.user_id, page, lambda blocks: as_view(blocks, state))

    async def _publish_again(self, viewer: SlackUser, shown: str, choice: int) -> None:
        """Publish what the tab shows with today's data, unless it shows something else by then. Raises SlackRefused."""
        state = read_state(shown)
        page = await self._page(viewer, state, first=False, asked=False)
        if await self._services.people.recent_home_view_of(viewer) == shown:  # chosen at another replica, too
            await self._publish(viewer, state, page, choice)

    async def refresh_for(self, viewer: SlackUser) -> None:
        """Publish again after a change made elsewhere, if the viewer opened the tab lately; a failure is logged."""
        with failures_logged():
            choice = self._choices[viewer.user_id]
            shown = await self._services.people.recent_home_view_of(viewer)
            if shown is not None:
                await self._publish_again(viewer, shown, choice)

    async def refresh(self) -> None:
        """Publish again for everyone who opened the tab lately, because the data has changed."""
        choices = self._choices.copy()
        for viewer, shown in await self._services.people.recent_home_views(self._enterprise.installation.team_id):
            try:
                await self._publish_again(viewer, shown, choices[viewer.user_id])
            except SlackRefused as error:
                log.warning("home_not_published", user=viewer.user_id, error=error.word)
            await asyncio.sleep(BETWEEN_PAGES)

    async def _page(self, viewer: SlackUser, state: HomeState, *, first: bool, asked: bool) -> Message:
        try:
            reach = await self._answers.reach(viewer)
        except NotLinked:
            if instead := await self._first_hour.instead_of_a_link(viewer):
                return instead
            if steps := await self._first_hour.steps_of(viewer):
                return steps
            return not_linked(viewer, await self._services.people.pending_link_emails(viewer))
        of_partner = reach.roles <= {Role.PARTNER}
        steps = await self._first_hour.checklist_for(viewer, reach)
        answers = [steps] if steps else []
        state = replace(state, partner_id=_partner(reach, state))
        if state.partner_id is None:
            if reach.partners:
                answers.append(choose_first(reach.partners))
            if reach.partners and not self._enterprise.installation.is_partners:
                question = TypedCommand(PORTFOLIO, state.text_for(PORTFOLIO))
                answers.append(await self._reply(question, viewer, asked=asked))
            if Role.ADMIN in reach.roles:
                answers.append(await self._outbox_report())
                if last := await self._services.verifications.last():
                    answers.append(verified(last, self._services.verifications.now()))
                if status := await self._services.syncs.status():
                    answers.append(synced(status))
            answers = [*await self._waiting(viewer, reach), *answers]
            return home(state, reach.partners, answers, first=first, of_partner=of_partner)
        grant = reach.grant_of(state.partner_id)
        words = [word for word in TABS[state.tab][1] if word in QUESTIONS]
        answers += [
            await self._reply(TypedCommand(word, state.text_for(word), state.partner_id), viewer, asked=asked)
            for word in words
        ]
        if goal := await self._answers.goal(grant, self._today()):
            answers.append(goal_view.message(goal))
        answers += await self._waiting(viewer, reach)
        invites = grant.partner.partner_id if await self._invites(reach, grant.partner.partner_id) else None
        return home(state, reach.partners, answers, first=first, of_partner=of_partner, invites=invites)

    async def _invites(self, reach: Reach, partner_id: str) -> bool:
        """Whether the viewer may invite the partner to install the app, and it hasn't yet."""
        if self._enterprise.installation.is_partners or not self._public_url or reach.roles <= {Role.PARTNER}:
            return False
        return not await self._services.workspaces.has_workspace(partner_id)

    async def _waiting(self, viewer: SlackUser, reach: Reach) -> list[Message]:
        """For those who answer cases: the ones that wait."""
        if reach.roles <= {Role.PARTNER}:
            return []
        waiting = await self._services.cases.waiting(viewer.team_id, reach.limited_to)
        found = reminder(waiting, self._services.cases.now())
        return [Message(in_words(found), found)] if found else []

    async def _outbox_report(self) -> Message:
        """For admins: whether this week's digests are complete, and what could not be sent."""
        week, counts = await self._services.outbox.this_week(), await self._services.outbox.counts()
        return outbox(week, counts, await self._services.outbox.faults())


def _partner(reach: Reach, state: HomeState) -> str | None:
    """The partner to show: the chosen one if the viewer may see it, their only one, or None until they choose."""
    if reach.shows(state.partner_id):
        return state.partner_id
    return reach.partners[0].partner_id if len(reach.partners) == 1 else None
