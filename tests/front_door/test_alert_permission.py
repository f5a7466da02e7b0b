"""An alert is composed for whoever may see the partner at that moment, and in a channel only while it is about it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from bot.composing import Composer
from bot.wiring import Core, Services, create_services, open_conversation
from handlers.presenter import Presenter
from scheduler.delivery import NoLongerWanted
from tests.support.served_bot import TODAY
from tiercore.access import SlackUser
from tiercore.answers import Answers
from tiercore.facts.holds import EXPIRY
from tiercore.notifications.alert_messages import content_of
from tiercore.notifications.timetable import Weekly
from tiercore.notifications.types import AlertRef, ClaimedMessage, Posted, Topic
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
    """No message is sent while one is composed."""


@dataclass
class Desk:
    """What composes messages, over the sample data."""

    core: Core
    services: Services
    answers: Answers
    composer: Composer

    async def subscribed(self, user: SlackUser, *, channel: bool = False) -> str:
        """The id of a new subscription to alerts."""
        await self.services.notifications.subscribe(user, [Topic.ALERTS], Weekly(0, 540, "UTC"), None, channel=channel)
        [held] = await self.services.notifications.current(user, channel=channel)
        return held.subscription_id

    async def about(self, channel: SlackUser, partner: str | None) -> None:
        """Make the channel about a partner."""
        reach = await self.answers.reach(channel)
        await self.services.people.set_channel_partner(channel, reach.grant_of(partner) if partner else None)

    async def composed(self, user: SlackUser, content: dict) -> str:
        """The text of a claimed message with this content."""
        target = user.channel_id or user.user_id
        message = ClaimedMessage(
            1, "k", user.team_id, target, content, 0, None, NOON, NOON + timedelta(minutes=1), Posted("D1", "1.0")
        )
        return str((await self.composer.compose(message)).body["text"])


@pytest.fixture
async def desk(core: Core) -> AsyncIterator[Desk]:
    services = create_services(core, lambda: NOON)
    async with open_conversation(core, lambda: TODAY) as (conversation, _):
        presenter = Presenter(Unreachable())
        composer = Composer(conversation.answers, services.notifications, presenter, lambda: TODAY)
        yield Desk(core, services, conversation.answers, composer)


def alert(subscription: str, partner: str = "PA", said_as: str = "root") -> dict:
    return {**content_of(AlertRef(subscription, partner, WATCHED, 1), TODAY), "level": 2, "as": said_as}


def asked(partner: str) -> dict:
    return {"kind": "asked", "partner": partner, "signal": WATCHED, "by": "U0ANA"}


def lose_partner(core: Core, email: str, partner: str) -> None:
    with writing(core.engine) as connection:
        person = table(PersonRow)
        connection.execute(delete(person).where(person.c.email == email, person.c.partner_id == partner))


@pytest.mark.parametrize("said_as", ["root", "reply", "change"])
async def test_an_alert_is_dropped_when_its_reader_can_no_longer_see_the_partner(desk: Desk, said_as: str):
    """Between the crossing and the sending, Carla stops being Partner A's CAM; she still has Partner B."""
    content = alert(await desk.subscribed(CARLA), said_as=said_as)
    assert "Partner A" in await desk.composed(CARLA, content)
    lose_partner(desk.core, "carla@example.com", "PA")
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await desk.composed(CARLA, content)


@pytest.mark.parametrize("said_as", ["root", "reply", "change"])
async def test_an_alert_about_a_partner_that_its_reader_never_could_see_is_dropped(desk: Desk, said_as: str):
    content = alert(await desk.subscribed(ANA), "PC", said_as)
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await desk.composed(ANA, content)


async def test_an_alert_is_dropped_when_its_reader_was_unlinked(desk: Desk):
    content = alert(await desk.subscribed(ANA))
    Transactions(desk.core.engine).write_now(lambda db, _: unlink_user(db, ANA))
    with pytest.raises(NoLongerWanted, match="no longer linked"):
        await desk.composed(ANA, content)


async def test_a_cam_who_lost_the_partner_is_not_asked_to_look_at_its_alert(desk: Desk):
    assert "Partner A" in await desk.composed(CARLA, asked("PA"))
    lose_partner(desk.core, "carla@example.com", "PA")
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await desk.composed(CARLA, asked("PA"))


@pytest.mark.parametrize("said_as", ["root", "reply", "change"])
@pytest.mark.parametrize("now_about", ["PB", None])
async def test_an_alert_is_dropped_when_its_channel_is_no_longer_about_the_partner(
    desk: Desk, now_about: str | None, said_as: str
):
    """Carla, who subscribed the channel, may see both partners; the others in the channel may not."""
    await desk.about(CHANNEL, "PA")
    content = alert(await desk.subscribed(CHANNEL, channel=True), said_as=said_as)
    assert "Partner A" in await desk.composed(CHANNEL, content)
    await desk.about(CHANNEL, now_about)
    with pytest.raises(NoLongerWanted, match="about another partner now"):
        await desk.composed(CHANNEL, content)


async def test_an_alert_about_points_that_may_expire_is_dropped_while_expiry_is_held(desk: Desk):
    """The same crossing without the hold is sent; with it, nothing is said of what expires."""
    reach = await desk.answers.reach(ANA)
    soon = [
        each
        for each in (await desk.answers.reports.signals(reach.grant_of("PA"), TODAY)).items
        if each.level is Level.SOON and each.name.endswith(("minimum", "threshold"))
    ]
    assert soon, "the sample has a minimum that is about to turn red"
    subscription = await desk.subscribed(ANA)
    for each in soon:
        content = {**alert(subscription), "signal": each.name}
        assert "Partner A" in await desk.composed(ANA, content)
    await desk.services.people.hold(EXPIRY, "PA", "downgrades of May are being corrected")
    for each in soon:
        with pytest.raises(NoLongerWanted, match="it is over"):
            await desk.composed(ANA, {**alert(subscription), "signal": each.name})
