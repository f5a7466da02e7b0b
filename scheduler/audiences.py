"""Who gets alerts about which partner, by what each subscription's reader may see."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiercore.access import Grant, NoSuchPartner, NotLinked, Reach
from tiercore.facts.entries import Role
from tiercore.notifications.types import Subscription

if TYPE_CHECKING:
    from tiercore.answers import Answers


@dataclass(slots=True)
class Audience:
    """The subscriptions that may read a partner, and a `grant` to it. `staff` are those of people who work for the
    program, without channels. `grant` is that of the reader who sees most, so that many partners are read together.
    """

    grant: Grant
    sees: int
    subscriptions: list[Subscription] = field(default_factory=list)
    staff: list[Subscription] = field(default_factory=list)

    @property
    def partner_id(self) -> str:
        """The partner that it is about."""
        return self.grant.partner.partner_id


class Audiences:
    """The audiences of the alert subscriptions, which both monitors ask for: found once for each state of the data, the
    subscriptions and the permissions.
    """

    def __init__(self, answers: "Answers") -> None:
        self._answers = answers
        self._state: object = None
        self._found: list[Audience] = []

    async def of(self, version: int, subscriptions: Sequence[Subscription], permissions: int) -> list[Audience]:
        """The partners that the subscriptions may read, each with its audience; a channel is about one partner.

        `permissions` changes whenever permissions do. What is read is at least as new as the `version`.
        """
        state = (version, list(subscriptions), permissions)
        if state != self._state:
            self._found = await self._find(subscriptions)
            self._state = state
        return self._found

    async def _find(self, subscriptions: Sequence[Subscription]) -> list[Audience]:
        found: dict[str, Audience] = {}
        for subscription in subscriptions:
            await asyncio.sleep(0)  # a read of SQLite lets nothing else in
            try:
                reach = await self._answers.reach(subscription.reader)
                self._add(found, subscription, reach)
            except (NotLinked, NoSuchPartner):
                continue
        return list(found.values())

    def _add(self, found: dict[str, Audience], subscription: Subscription, reach: Reach) -> None:
        is_staff = not subscription.is_channel and Role.PARTNER not in reach.roles
        sees = len(reach.partners)
        for grant in _grants(subscription, reach):
            audience = found.get(grant.partner.partner_id)
            if audience is None:
                audience = found[grant.partner.partner_id] = Audience(grant, sees)
            elif sees > audience.sees:
                audience.grant, audience.sees = grant, sees
            audience.subscriptions.append(subscription)
            if is_staff:
                audience.staff.append(subscription)


def _grants(subscription: Subscription, reach: Reach) -> Sequence[Grant]:
    if subscription.is_channel:
        return [reach.grant_of(reach.here)] if reach.here else []
    return reach.grants
