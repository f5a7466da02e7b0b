"""Composes the outbox's messages about workspaces that arrive, within what their readers may see at that moment."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handlers.first_hour import FirstHour
from handlers.services import Services
from handlers.views import arrival as view
from handlers.views.parts.blocks import Message
from tiercore.access import NotLinked, SlackUser
from tiercore.facts.entries import Role
from tiercore.workspaces.types import News

if TYPE_CHECKING:
    from tiercore.answers import Answers


class Arrivals:
    """Each message as of now; None where nobody wants it any more."""

    def __init__(self, services: Services, answers: "Answers", first_hour: FirstHour) -> None:
        self._workspaces, self._answers, self._first_hour = services.workspaces, answers, first_hour

    async def installed(self, installer: SlackUser) -> Message | None:
        """To whoever installed the app: the first steps."""
        arrived = await self._workspaces.arrived(installer.team_id)
        if arrived is None:
            return None
        return await self._first_hour.after_installing(installer, arrived.workspace.name)

    async def news(self, reader: SlackUser, content: Mapping[str, Any]) -> Message | None:
        """To somebody of the program: a partner's workspace has arrived. Only to those who look after its partner, or
        admins; nobody else is told even its name.
        """
        arrived = await self._workspaces.arrived(str(content["workspace"]))
        try:
            reach = await self._answers.reach(reader)
        except NotLinked:
            return None
        if arrived is None or reach.roles <= {Role.PARTNER}:
            return None
        theirs = [reach.grant_of(each).partner for each in arrived.workspace.partners if reach.shows(each)]
        if not theirs and Role.ADMIN not in reach.roles:
            return None
        partner = theirs[0] if theirs else None
        if content["news"] == News.LINKED:
            first = arrived.linked.get(str(content["user"]))
            return view.has_linked(arrived, first, partner) if first else None
        return view.has_installed(arrived, partner)

    async def colleague(self, reader: SlackUser, by: str) -> Message | None:
        """To a colleague in a partner's workspace who is invited, unless they are linked by now."""
        arrival = await self._workspaces.arrival(reader)
        if arrival is None or arrival.found.is_linked:
            return None
        return view.colleague(by)
