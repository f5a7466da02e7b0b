"""A new installation leads its admin, and a partner's workspace its people: what is done, and what comes next."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from handlers.enterprise import Installation
from handlers.services import Services
from handlers.views import arrival as arrival_view
from handlers.views.first_steps import checklist, nobody_linked
from handlers.views.parts.blocks import Message
from tiercore.access import NotLinked, Reach, SlackUser, Viewer
from tiercore.facts.entries import Role
from tiercore.first_steps import are_done, first_steps, steps_of_partner
from tiercore.program import unset_rules

if TYPE_CHECKING:
    from tiercore.answers import Answers


class FirstHour:
    """What is left to set up, in the workspace that the app is installed in; the command line has none."""

    def __init__(
        self,
        services: Services,
        answers: "Answers",
        today: Callable[[], date],
        installation: Installation | None = None,
    ) -> None:
        self._people, self._workspaces = services.people, services.workspaces
        self._answers, self._today, self._installation = answers, today, installation

    @property
    def _is_partners(self) -> bool:
        return self._installation is not None and self._installation.is_partners

    async def checklist_for(self, viewer: SlackUser, reach: Reach) -> Message | None:
        """What is left to do: in a partner's workspace of everybody there, elsewhere of admins; None for others."""
        if self._is_partners:
            return await self.steps_of(viewer)
        return await self._checklist() if Role.ADMIN in reach.roles else None

    async def _checklist(self) -> Message | None:
        """The steps with their states and a button for each that is open; None where all are done."""
        unset = sum(each.decides for each in unset_rules(self._answers.program, self._today()))
        steps = first_steps(await self._people.installation(unset))
        return None if are_done(steps) else checklist(steps)

    async def steps_of(self, viewer: SlackUser) -> Message | None:
        """The three steps in a partner's workspace, as the viewer sees them; None elsewhere, and where all are done."""
        arrival = await self._workspaces.arrival(viewer) if self._is_partners else None
        if arrival is None or are_done(steps_of_partner(arrival.found)):
            return None
        return arrival_view.steps(arrival, self._installation.lacks if self._installation else ())

    async def after_installing(self, installer: SlackUser, workspace: str) -> Message:
        """The message to whoever installed the app: what is left to do."""
        lacks = self._installation.lacks if self._installation else ()
        if arrival := await self._workspaces.arrival(installer):
            return arrival_view.installed(arrival, lacks)
        try:
            left = await self.checklist_for(installer, await self._answers.reach(installer))
        except NotLinked:
            left = await self.instead_of_a_link(installer)
        return left or arrival_view.installed_for_program(workspace, lacks)

    async def instead_of_a_link(self, viewer: Viewer) -> Message | None:
        """To someone who has no partner to see: an admin gets the checklist, and anybody the command that links the
        first admin, where nobody is linked; in a partner's workspace, the program's people are told where their role
        counts. None where they have to ask to be linked.
        """
        try:
            reach = await self._answers.reach(viewer)
        except NotLinked:
            if not isinstance(viewer, SlackUser):
                return None
            if self._is_partners:
                return await self._counts_elsewhere(viewer)
            return nobody_linked(viewer) if await self._people.nobody_is_linked() else None
        return await self._checklist() if Role.ADMIN in reach.roles else None

    async def _counts_elsewhere(self, viewer: SlackUser) -> Message | None:
        arrival = await self._workspaces.arrival(viewer)
        email = arrival.counts_elsewhere if arrival else None
        return arrival_view.counts_elsewhere(email) if email else None
