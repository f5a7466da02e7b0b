"""Who gets alerts about which partner, by what each subscription's reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiercore.access import Grant, NoSuchPartner, NotLinked, Reach
from tiercore.facts.entries import Role
from tiercore.notifications.types import Subscription

if TYPE_CHECKING:
    from tiercore.answers import Answers


@dataclass(frozen=True, slots=True)
class Audience:
    """The subscriptions that may read a partner, and a `grant` to it. `staff` are those of people who work for the
    program, without channels.
    """

    grant: Grant
    subscriptions: list[Subscription] = field(default_factory=list)
    staff: list[Subscription] = field(default_factory=list)

    @property
    def partner_id(self) -> str:
        """The partner that it is about."""
        return self.grant.partner.partner_id


async def audiences_of(answers: "Answers", subscriptions: Iterable[Subscription]) -> list[Audience]:
    """The partners that the subscriptions may read, each with its audience; a channel is about one partner."""
    found: dict[str, Audience] = {}
    for subscription in subscriptions:
        try:
            reach = await answers.reach(subscription.reader)
            for partner_id in _partners(subscription, reach):
                audience = found.get(partner_id)
                if audience is None:
                    audience = found[partner_id] = Audience(reach.grant_of(partner_id))
                audience.subscriptions.append(subscription)
                if not subscription.is_channel and Role.PARTNER not in reach.roles:
                    audience.staff.append(subscription)
        except (NotLinked, NoSuchPartner):
            continue
    return list(found.values())


def _partners(subscription: Subscription, reach: Reach) -> list[str]:
    if subscription.is_channel:
        return [reach.here] if reach.here else []
    return [partner.partner_id for partner in reach.partners]
