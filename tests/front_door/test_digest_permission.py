"""A digest shows what its reader may see when it is made (digests-and-alerts#several-partners)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete

from bot.composing import Composer
from bot.wiring import Core, create_services, open_conversation
from handlers.presenter import Presenter
from handlers.services import Services
from scheduler.delivery import NoLongerWanted
from tests.support.served_bot import TODAY
from tiercore.access import SlackUser
from tiercore.notifications.outbox_types import ClaimedMessage, Outcome, Posted, SendPolicy, State
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import Topic
from tiercore.people.people import unlink_user
from tiercore.questions.hindsight import KnownAt
from tiercore.reports import Reports
from tiercore.storage.bulk import table
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.transactions import Transactions
from tiercore.storage.versions import change_everything

ANA, CARLA = SlackUser("T01LOCAL", "U0ANA"), SlackUser("T01LOCAL", "U0CARLA")
NOON, POLICY = datetime(2022, 9, 5, 12, tzinfo=UTC), SendPolicy()
Change = Callable[[Connection, datetime], object]
Read = Callable[..., Awaitable[Any]]


@dataclass
class DigestSender:
    """What plans, claims, composes and records digests; `now` is its time."""

    services: Services
    composer: Composer
    now: datetime

    async def claimed(self, user: SlackUser) -> ClaimedMessage:
        """Let the user subscribe, and their first digest be due and claimed."""
        schedule = Schedule(self.now.weekday(), self.now.hour * 60, "UTC")
        self.now -= timedelta(minutes=1)
        await self.services.notifications.subscribe(user, [Topic.DIGEST], schedule, None)
        self.now += timedelta(minutes=1)
        await self.services.notifications.plan(timedelta(hours=1))
        [message] = (await self.services.outbox.exchange("one", [], POLICY, limit=10, verify=0)).to_post
        return message


@pytest.fixture
async def sender(core: Core) -> AsyncIterator[DigestSender]:
    services = create_services(core, lambda: found.now)
    async with open_conversation(core, lambda: TODAY) as (conversation, _):
        composer = Composer(conversation.answers, services, Presenter(object()), lambda: TODAY)
        found = DigestSender(services, composer, NOON)
        yield found


@pytest.fixture
def meanwhile(core: Core, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Change], None]:
    """Lets a change be made when a digest is about to be read, after it was asked what its reader may see."""

    def change(report: str, made: Change) -> None:
        read: Read = getattr(Reports, report)

        async def read_later(reports: Reports, *about: Any) -> Any:
            await Transactions(core.engine).write(made)
            return await read(reports, *about)

        monkeypatch.setattr(Reports, report, read_later)

    return change


def lose_partner_a(connection: Connection, _now: datetime) -> None:
    person = table(PersonRow)
    connection.execute(delete(person).where(person.c.email == "carla@example.com", person.c.partner_id == "PA"))
    change_everything(connection)


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_digest_is_dropped_when_its_readers_link_ends_while_it_is_made(sender: DigestSender, meanwhile):
    message = await sender.claimed(ANA)
    assert "Partner A" in str((await sender.composer.compose(message)).body)
    meanwhile("digest", lambda db, _: unlink_user(db, ANA))
    with pytest.raises(NoLongerWanted, match="no longer linked"):
        await sender.composer.compose(message)


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_an_overview_leaves_out_the_partner_that_its_reader_loses_while_it_is_made(
    sender: DigestSender, meanwhile
):
    message = await sender.claimed(CARLA)
    assert "Partner A" in str((await sender.composer.compose(message)).body)
    meanwhile("portfolio", lose_partner_a)
    assert "Partner A" not in str((await sender.composer.compose(message)).body)


async def test_what_a_digest_tells_is_recorded_as_its_sending_begins_and_counts_once_it_is_sent(sender: DigestSender):
    message, outbox = await sender.claimed(ANA), sender.services.outbox
    draft = await sender.composer.compose(message)
    claims = await outbox.exchange("one", [], POLICY, begin={message.outbox_id: draft.known}, limit=0, verify=0)
    assert claims.begun == {message.outbox_id}
    assert await told(sender, message) is None
    await outbox.record("one", [Outcome(message.outbox_id, State.SENT, Posted("D1", "1.0"))], POLICY)
    assert await told(sender, message) == draft.known


async def told(sender: DigestSender, message: ClaimedMessage) -> KnownAt | None:
    found = await sender.services.notifications.find(message.content["subscription"])
    assert found is not None
    return found.known
