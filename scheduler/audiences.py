"""Who gets alerts about which partner, by what each subscription's reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiercore.access import Grant, NoSuchPartner, NotLinked, Reach
from tiercore.facts.entries import Role
from tiercore.notifications.types import Subscription

if TYPE_CHECKING:
    from tiercore.answers import Answers
    from tiercore.notifications.service import Notifications


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
    """The audiences of the alert subscriptions, which both monitors ask for: found once for each state of the
    subscriptions, the permissions, and the people and partners of the data.
    """

    def __init__(self, answers: "Answers", notifications: "Notifications") -> None:
        self._answers, self._notifications = answers, notifications
        self._state: object = None
        self._seen: object = None  # what decided who sees what as the audiences were found
        self._found: list[Audience] = []

    async def of(self, version: int, subscriptions: Sequence[Subscription], permissions: int) -> list[Audience]:
        """The partners that the subscriptions may read, each with its audience; a channel is about one partner.

        `permissions` changes whenever permissions do. What is read is at least as new as the `version`.
        """
        state = (version, subscriptions, permissions)
        if state != self._state:
            now = await self._notifications.visibility()
            seen = (subscriptions, permissions, now.people)
            if now.version != version or seen != self._seen:
                self._found = await self._find(subscriptions)
                self._seen = seen if now.version == version == await self._answers.version() else None
            else:
                for each in self._found:
                    each.grant = each.grant.at(now.of(each.partner_id))
            self._state = state
        return self._found

    async def _find(self, subscriptions: Sequence[Subscription]) -> list[Audience]:
        found: dict[str, Audience] = {}
        for subscription in subscriptions:
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
