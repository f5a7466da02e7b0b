"""Compose the messages about credit days and recalibrations, from what is known as they are sent."""

import asyncio
from datetime import date

from bot.notices import body_of
from handlers.presenter import Presenter
from handlers.services import Services
from handlers.views import alert as alert_view
from handlers.views import credit_day as view
from handlers.views.credit_day import Reader
from handlers.views.parts.blocks import Message
from scheduler.delivery import Draft, NoLongerWanted
from tiercore.access import Grant, NoSuchPartner, Reach
from tiercore.answers import Answers
from tiercore.facts.entries import Role
from tiercore.notifications.credit_days import CREDIT_DAY, NOT_JUDGED, REMINDER
from tiercore.notifications.outbox_types import ClaimedMessage
from tiercore.notifications.types import Subscription
from tiercore.questions.credit_day import CreditDay, Outcome
from tiercore.questions.signals import Kind

KINDS = frozenset({CREDIT_DAY, REMINDER, NOT_JUDGED})


class CreditDays:
    """Composes them within what the subscription's reader may see at that moment."""

    def __init__(self, answers: Answers, services: Services, presenter: Presenter) -> None:
        self._answers, self._services, self._presenter = answers, services, presenter

    async def draft(self, queued: ClaimedMessage, subscription: Subscription, reach: Reach, today: date) -> Draft:
        """The message as of `today`. Raises NoLongerWanted where there is nothing to tell any more."""
        day = date.fromisoformat(str(queued.content["day"]))
        if Kind.TIER not in subscription.kinds:
            raise NoLongerWanted("alerts about tiers are switched off")
        if queued.content["kind"] == NOT_JUDGED:
            return self._drafted(await self._not_judged(reach, day, today))
        partner_id = str(queued.content["partner"])
        if subscription.is_channel and reach.here != partner_id:
            raise NoLongerWanted("the channel is about another partner now")
        try:
            grant = reach.grant_of(partner_id)
        except NoSuchPartner as error:
            raise NoLongerWanted("the reader can no longer see this partner") from error
        reader = Reader(Role.PARTNER in reach.roles, subscription.is_channel)
        if queued.content["kind"] == REMINDER:
            return self._drafted(await self._reminder(grant, day, today, reader))
        return await self._credit_day(queued, grant, day, today, reader)

    async def _credit_day(self, queued: ClaimedMessage, grant: Grant, day: date, today: date, reader: Reader) -> Draft:
        found, way = await self._answers.reports.credit_day(grant, day), queued.content.get("as")
        if not found.is_told and way == "root":
            raise NoLongerWanted("there is nothing to tell of the day any more")
        if way == "root":
            await self._services.notifications.record_said(queued.outbox_id, found)
        if way == "reply" and queued.root is not None:
            return self._drafted(view.differs(found, reader))
        return self._drafted(view.outcome(found, today, reader), changes=way == "change")

    async def _reminder(self, grant: Grant, day: date, today: date, reader: Reader) -> Message:
        """Raises NoLongerWanted where the danger has passed, or the recalibration is over."""
        ahead = await self._answers.recalibration(grant, today)
        if ahead.day != day or not ahead.is_in_danger:
            raise NoLongerWanted("the tier is out of danger")
        return view.reminder(ahead, reader)

    async def _not_judged(self, reach: Reach, day: date, today: date) -> Message:
        """Raises NoLongerWanted where all can be judged by now, or the reader doesn't work for the program any more."""
        if Role.PARTNER in reach.roles:
            raise NoLongerWanted("the reader no longer works for the program")
        found = list[CreditDay]()
        for partner in reach.partners:
            await asyncio.sleep(0)
            found.append(await self._answers.reports.credit_day(reach.grant_of(partner.partner_id), day))
        unknown = [each for each in found if each.outcome is Outcome.UNKNOWN]
        if not unknown:
            raise NoLongerWanted("everybody can be judged by now")
        return view.not_judged(unknown, day, today)

    def _drafted(self, message: Message, *, changes: bool = False) -> Draft:
        plain = {"text": message.text, "blocks": self._presenter.without_native_blocks(message)}
        again = body_of(alert_view.repeated(message))
        return Draft(body_of(message), plain=plain, changes=changes, urgent=True, again=again)
