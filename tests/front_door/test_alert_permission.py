"""Alerts are composed only for those who can see the partner then, and for a channel only while it is set to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from bot.composing import Composer
from bot.wiring import Core, create_services, open_conversation
from handlers.presenter import Presenter
from handlers.services import Services
from scheduler.delivery import NoLongerWanted
from tests.support.served_bot import TODAY
from tiercore.access import SlackUser
from tiercore.answers import Answers
from tiercore.facts.holds import EXPIRY
from tiercore.notifications.alert_messages import content_of
from tiercore.notifications.outbox_types import ClaimedMessage, Posted
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import AlertRef, Topic
from tiercore.people.people import unlink_user
from tiercore.questions.signals import Level
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.transactions import Transactions

ANA, CARLA = SlackUser("T01LOCAL", "U0ANA"), SlackUser("T01LOCAL", "U0CARLA")
CHANNEL = SlackUser("T01LOCAL", "U0CARLA", "C01SALES")
NOON = datetime(2022, 9, 5, 12, tzinfo=UTC)
WATCHED = "platinum.sold_minimum"


class Unreachable:
    """Fails on any call: composing a message sends nothing."""


@dataclass
class AlertComposer:
    """The composer of messages, with the sample data."""

    core: Core
    services: Services
    answers: Answers
    composer: Composer

    async def subscribe(self, user: SlackUser, *, channel: bool = False) -> str:
        """Subscribe to alerts; answers the subscription's id."""
        await self.services.notifications.subscribe(
            user, [Topic.ALERTS], Schedule(0, 540, "UTC"), None, channel=channel
        )
        [subscription] = await self.services.notifications.current(user, channel=channel)
        return subscription.subscription_id

    async def set_channel(self, channel: SlackUser, partner: str | None) -> None:
        """Set the channel to a partner."""
        reach = await self.answers.reach(channel)
        await self.services.people.set_channel_partner(channel, reach.grant_of(partner) if partner else None)

    async def compose_text(self, user: SlackUser, content: dict) -> str:
        """Compose a claimed message with this content; answers its text."""
        target = user.channel_id or user.user_id
        message = ClaimedMessage(
            1, "k", user.team_id, target, content, 0, None, NOON, NOON + timedelta(minutes=1), Posted("D1", "1.0")
        )
        return str((await self.composer.compose(message)).body["text"])


@pytest.fixture
async def composer(core: Core) -> AsyncIterator[AlertComposer]:
    services = create_services(core, lambda: NOON)
    async with open_conversation(core, lambda: TODAY) as (conversation, _):
        presenter = Presenter(Unreachable())
        composer = Composer(conversation.answers, services, presenter, lambda: TODAY)
        yield AlertComposer(core, services, conversation.answers, composer)


def alert(subscription: str, partner: str = "PA", said_as: str = "root") -> dict:
    return {**content_of(AlertRef(subscription, partner, WATCHED, 1), TODAY), "level": 2, "as": said_as}


def asked(partner: str) -> dict:
    return {"kind": "asked", "partner": partner, "signal": WATCHED, "by": "U0ANA"}


def lose_partner(core: Core, email: str, partner: str) -> None:
    with writing(core.engine) as connection:
        person = table(PersonRow)
        connection.execute(delete(person).where(person.c.email == email, person.c.partner_id == partner))


@pytest.mark.parametrize("said_as", ["root", "reply", "change"])
async def test_an_alert_is_dropped_when_its_recipient_lost_access_to_the_partner(composer: AlertComposer, said_as: str):
    """Between the crossing and the sending, Carla stops being Partner A's CAM; she still has Partner B."""
    content = alert(await composer.subscribe(CARLA), said_as=said_as)
    assert "Partner A" in await composer.compose_text(CARLA, content)
    lose_partner(composer.core, "carla@example.com", "PA")
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await composer.compose_text(CARLA, content)


@pytest.mark.parametrize("said_as", ["root", "reply", "change"])
async def test_an_alert_about_a_partner_its_recipient_could_never_see_is_dropped(composer: AlertComposer, said_as: str):
    content = alert(await composer.subscribe(ANA), "PC", said_as)
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await composer.compose_text(ANA, content)


async def test_an_alert_is_dropped_when_its_recipient_was_unlinked(composer: AlertComposer):
    content = alert(await composer.subscribe(ANA))
    Transactions(composer.core.engine).write_now(lambda db, _: unlink_user(db, ANA))
    with pytest.raises(NoLongerWanted, match="no longer linked"):
        await composer.compose_text(ANA, content)


async def test_a_cam_who_lost_the_partner_gets_no_request_about_its_alert(composer: AlertComposer):
    assert "Partner A" in await composer.compose_text(CARLA, asked("PA"))
    lose_partner(composer.core, "carla@example.com", "PA")
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await composer.compose_text(CARLA, asked("PA"))


@pytest.mark.parametrize("said_as", ["root", "reply", "change"])
@pytest.mark.parametrize("now_about", ["PB", None])
async def test_an_alert_is_dropped_when_its_channel_was_set_to_another_partner(
    composer: AlertComposer, now_about: str | None, said_as: str
):
    """Carla, who subscribed the channel, may see both partners; the others in the channel may not."""
    await composer.set_channel(CHANNEL, "PA")
    content = alert(await composer.subscribe(CHANNEL, channel=True), said_as=said_as)
    assert "Partner A" in await composer.compose_text(CHANNEL, content)
    await composer.set_channel(CHANNEL, now_about)
    with pytest.raises(NoLongerWanted, match="about another partner now"):
        await composer.compose_text(CHANNEL, content)


async def test_an_alert_about_expiring_points_is_dropped_while_expiry_is_held(composer: AlertComposer):
    """Without the hold the same crossing is sent; with it, nothing is said about expiring points."""
    reach = await composer.answers.reach(ANA)
    soon = [
        each
        for each in (await composer.answers.reports.signals(reach.grant_of("PA"), TODAY)).items
        if each.level is Level.SOON and each.name.endswith(("minimum", "threshold"))
    ]
    assert soon, "the sample has a minimum that is about to turn red"
    subscription = await composer.subscribe(ANA)
    for each in soon:
        content = {**alert(subscription), "signal": each.name}
        assert "Partner A" in await composer.compose_text(ANA, content)
    await composer.services.people.hold(EXPIRY, "PA", "downgrades of May are being corrected")
    for each in soon:
        with pytest.raises(NoLongerWanted, match="it is over"):
            await composer.compose_text(ANA, {**alert(subscription), "signal": each.name})
