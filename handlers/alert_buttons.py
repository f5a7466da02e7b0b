"""The buttons under an alert: acknowledge, snooze, tell my CAM. Whoever clicks is looked up anew."""

from datetime import datetime, timedelta
from typing import Any

from handlers.commands.account import Context
from handlers.views import alert as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import day, quiet
from handlers.views.replies import plain_reply
from tiercore.access import Grant, SlackUser
from tiercore.notifications import alerts, subscriptions
from tiercore.notifications.alert_messages import SNOOZED, AlertRef
from tiercore.notifications.subscriptions import Topic
from tiercore.people.people import InvalidChange


async def _meant(context: Context, viewer: SlackUser, value: str) -> tuple[AlertRef, Grant, int]:
    """The alert that a button means, leave to see its partner, and the days it carries; the alert must have been told
    to the viewer, or in the channel about that partner where they click. Raises InvalidChange.
    """
    carried = view.read_value(value)
    reach = await context.answers.reach(viewer)

    def told(connection: Any, _: datetime) -> AlertRef | None:
        if carried is None:
            return None
        held = subscriptions.by_id(connection, carried.subscription_id)
        if held is None or held.team_id != viewer.team_id or held.topic is not Topic.ALERTS:
            return None
        if held.place != (viewer.channel_id if held.is_channel else viewer.user_id):
            return None
        return alerts.find(connection, carried.subscription_id, carried.episode, carried.digest)

    about = await context.writer.do(told)
    if carried is None or about is None:
        raise InvalidChange("This alert isn't yours, or you no longer get it.")
    return about, reach.grant_of(about.partner_id), carried.days


async def acknowledge(context: Context, viewer: SlackUser, value: str) -> Message:
    """Say that someone sees to it: the alert's message names them."""
    about, _, _ = await _meant(context, viewer, value)
    await context.writer.do(lambda connection, now: alerts.acknowledge(connection, about, viewer, now))
    return plain_reply("Acknowledged: the alert now shows your name.", "You'll hear again when it changes.")


async def snooze(context: Context, viewer: SlackUser, value: str) -> Message:
    """Tell of it no more for a day, a week, or (0 days) until it changes."""
    about, grant, days = await _meant(context, viewer, value)
    until = context.today() + timedelta(days) if days else None
    await context.writer.do(lambda connection, now: alerts.mark(connection, about, viewer, SNOOZED, until, now))
    partner = quiet(grant.partner.name)
    return plain_reply(f"Snoozed for {partner} until {day(until) if until else 'it changes'}.")


async def tell(context: Context, viewer: SlackUser, value: str) -> Message:
    """Write to the partner's CAMs that someone asks them to look at it."""
    about, grant, _ = await _meant(context, viewer, value)
    people = await context.answers.contacts(grant, viewer.team_id)
    users = [each.user_id for each in people if each.user_id and each.user_id != viewer.user_id]
    if not users:
        raise InvalidChange("Your CAM and CC aren't linked in Slack yet. Home → Contact my CAM or CC has their e-mail.")
    await context.writer.do(lambda connection, now: alerts.ask_for_help(connection, about, viewer, users, now))
    return plain_reply(f"I've told {', '.join(each.name for each in people if each.user_id in users)}.")
