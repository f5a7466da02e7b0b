"""Messages about credit days are composed only for those who can see the partner then, in words of their own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.composing import Composer
from bot.wiring import Core, create_services, open_conversation
from handlers.presenter import Presenter
from handlers.services import Services
from scheduler.delivery import NoLongerWanted
from tests.support.sample_folder import FOLDER, write_folder
from tiercore.access import SlackUser
from tiercore.answers import Answers
from tiercore.ingest.importing import import_folder
from tiercore.notifications.alert_messages import content_of
from tiercore.notifications.outbox_types import ClaimedMessage, Posted
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import ALL_KINDS, AlertRef, Topic
from tiercore.people.people import unlink_user
from tiercore.questions.signals import Kind
from tiercore.storage.transactions import Transactions

ANA, BEA, CARLA = (SlackUser("T01LOCAL", f"U0{name}") for name in ("ANA", "BEA", "CARLA"))
CHANNEL = SlackUser("T01LOCAL", "U0CARLA", "C01SALES")
NOON = datetime(2023, 1, 15, 12, tzinfo=UTC)
DAY = NOON.date()


class Unreachable:
    """Fails on any call: composing a message sends nothing."""


@dataclass
class CreditDayComposer:
    """The composer of messages on a recalibration's day, with the sample data."""

    core: Core
    services: Services
    answers: Answers
    composer: Composer

    async def text(
        self,
        user: SlackUser,
        *,
        partner: str = "PA",
        day: date = DAY,
        kinds: frozenset[Kind] = ALL_KINDS,
        **content: str,
    ) -> str:
        """The text of a message of this content to a new subscriber."""
        channel = user.channel_id is not None
        schedule = Schedule(0, 540, "UTC")
        await self.services.notifications.subscribe(user, [Topic.ALERTS], schedule, None, channel=channel, kinds=kinds)
        [subscription] = await self.services.notifications.current(user, channel=channel)
        about = {"kind": "credit_day", "as": "root", "partner": partner, "day": day.isoformat(), **content}
        about["subscription"] = subscription.subscription_id
        target, until = user.channel_id or user.user_id, NOON + timedelta(minutes=1)
        message = ClaimedMessage(1, "k", user.team_id, target, about, 0, None, NOON, until, Posted("D1", "1.0"))
        return str((await self.composer.compose(message)).body["text"])


@pytest.fixture
async def composer(core: Core) -> AsyncIterator[CreditDayComposer]:
    services = create_services(core, lambda: NOON)
    async with open_conversation(core, lambda: DAY) as (conversation, _):
        composer = Composer(conversation.answers, services, Presenter(Unreachable()), lambda: DAY)
        yield CreditDayComposer(core, services, conversation.answers, composer)


async def test_a_partner_reads_of_your_numbers_and_a_cam_of_its(composer: CreditDayComposer):
    ana, carla = await composer.text(ANA), await composer.text(CARLA)
    assert ana.startswith("🟢 Partner A: Gold kept at the recalibration on 15 Jan 2023, by your numbers.")
    assert carla.startswith("🟢 Partner A: Gold kept at the recalibration on 15 Jan 2023, by its numbers.")


@pytest.mark.parametrize("kind", ["credit_day", "recalibration_ahead"])
async def test_nobody_is_told_of_a_partner_they_may_not_see(composer: CreditDayComposer, kind: str):
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await composer.text(BEA, kind=kind)
    with pytest.raises(NoLongerWanted, match="can no longer see this partner"):
        await composer.text(BEA, kind=kind, partner="nobody")


async def test_whose_link_has_ended_isnt_told(composer: CreditDayComposer):
    assert await composer.text(ANA)
    Transactions(composer.core.engine).write_now(lambda db, _: unlink_user(db, ANA))
    [subscription, *_] = await composer.services.notifications.current(ANA)
    content = {"kind": "not_judged", "day": DAY.isoformat(), "subscription": subscription.subscription_id}
    message = ClaimedMessage(1, "k", "T01LOCAL", "U0ANA", content, 0, None, NOON, NOON)
    with pytest.raises(NoLongerWanted, match="no longer linked"):
        await composer.composer.compose(message)


async def test_a_channel_is_told_of_the_partner_that_it_is_about(composer: CreditDayComposer):
    reach = await composer.answers.reach(CHANNEL)
    await composer.services.people.set_channel_partner(CHANNEL, reach.grant_of("PA"))
    assert "by its numbers" in await composer.text(CHANNEL)
    with pytest.raises(NoLongerWanted, match="another partner"):
        await composer.text(CHANNEL, partner="PB")


async def test_a_danger_that_has_passed_is_not_told(composer: CreditDayComposer):
    with pytest.raises(NoLongerWanted, match="out of danger"):
        await composer.text(ANA, kind="recalibration_ahead")


async def test_a_day_without_an_outcome_is_not_told(composer: CreditDayComposer):
    with pytest.raises(NoLongerWanted, match="nothing to tell"):
        await composer.text(ANA, day=date(2022, 12, 15))
    with pytest.raises(NoLongerWanted, match="can be judged"):
        await composer.text(CARLA, kind="not_judged")


async def test_who_looks_after_partners_no_more_is_not_told_whom_nobody_can_judge(composer: CreditDayComposer):
    with pytest.raises(NoLongerWanted, match="no longer works for the program"):
        await composer.text(ANA, kind="not_judged")


@pytest.mark.parametrize("kind", ["credit_day", "recalibration_ahead", "not_judged"])
async def test_who_has_switched_off_alerts_about_tiers_is_not_told(composer: CreditDayComposer, kind: str):
    with pytest.raises(NoLongerWanted, match="switched off"):
        await composer.text(CARLA, kind=kind, kinds=frozenset({Kind.MINIMUMS}))


async def test_a_tier_reached_on_its_credit_day_is_told_by_one_message(core: Core, tmp_path: Path):
    day, user = date(2022, 9, 15), ANA
    row = "S9,PA,C1,Service Hub,cross_sell,sourced,8000.00,USD,2022-09-14"
    folder = write_folder(tmp_path, sales=f"{FOLDER['sales.csv'].splitlines()[0]}\n{row}\n")
    assert not import_folder(core.engine, core.program, folder, today=day).problems
    services = create_services(core, lambda: datetime(2022, 9, 15, 12, tzinfo=UTC))
    async with open_conversation(core, lambda: day) as (conversation, _):
        composer = Composer(conversation.answers, services, Presenter(Unreachable()), lambda: day)
        told = CreditDayComposer(core, services, conversation.answers, composer)
        assert (await told.text(user, day=day)).startswith("🎉 Partner A: Platinum credited on 15 Sep 2022, by your")
        [subscription] = await services.notifications.current(user)
        about = content_of(AlertRef(subscription.subscription_id, "PA", "reached.platinum", 1), day)
        message = ClaimedMessage(1, "k", "T01LOCAL", "U0ANA", {**about, "as": "root"}, 0, None, NOON, NOON)
        with pytest.raises(NoLongerWanted, match="the message about the credit day"):
            await composer.compose(message)
