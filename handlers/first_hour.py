"""A new installation leads its admin: which of the first steps are done, and what comes next."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from handlers.services import Services
from handlers.views.first_steps import checklist, nobody_linked
from handlers.views.parts.blocks import Message
from tiercore.access import NotLinked, SlackUser, Viewer
from tiercore.facts.entries import Role
from tiercore.first_steps import are_done, first_steps
from tiercore.program import unset_rules

if TYPE_CHECKING:
    from tiercore.answers import Answers


class FirstHour:
    """What is left to set up."""

    def __init__(self, services: Services, answers: "Answers", today: Callable[[], date]) -> None:
        self._people, self._answers, self._today = services.people, answers, today

    async def checklist(self) -> Message | None:
        """The steps with their states and a button for each that is open; None where all are done."""
        unset = sum(each.decides for each in unset_rules(self._answers.program, self._today()))
        steps = first_steps(await self._people.installation(unset))
        return None if are_done(steps) else checklist(steps)

    async def instead_of_a_link(self, viewer: Viewer) -> Message | None:
        """To someone who has no partner to see: an admin gets the checklist, and anybody the command that links the
        first admin, where nobody is linked. None where they have to ask to be linked.
        """
        try:
            reach = await self._answers.reach(viewer)
        except NotLinked:
            if not isinstance(viewer, SlackUser):
                return None
            return nobody_linked(viewer) if await self._people.nobody_is_linked() else None
        return await self.checklist() if Role.ADMIN in reach.roles else None
