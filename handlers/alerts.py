"""The buttons under an alert: acknowledge, snooze, tell my CAM. Whoever clicks is looked up anew."""

from datetime import timedelta

from handlers.deeds import Deeds
from handlers.views import alert as view
from handlers.views.blocks import Message
from handlers.views.replies import plain_reply
from handlers.views.wording import day, quiet
from tiercore.access import Grant, SlackUser
from tiercore.deeds import alerts, subscriptions
from tiercore.deeds.alerts import About
from tiercore.deeds.people import BadDeed


async def _allowed(deeds: Deeds, viewer: SlackUser, about: About) -> Grant:
    """Leave to see the partner; the alert must have been told to the viewer, or where they click. Raises BadDeed."""
    grant = (await deeds.answers.reach(viewer)).grant(about.partner_id)
    held = await deeds.writer.do(lambda connection, _: subscriptions.by_id(connection, about.subscription_id))
    if held is None or held.team_id != viewer.team_id or held.place not in (viewer.user_id, viewer.channel_id):
        raise BadDeed("This alert is not yours, or you are not told of it any more.")
    return grant


def _read(value: str) -> tuple[About, int]:
    found = view.read_value(value)
    if found is None:
        raise BadDeed("There is no such alert.")
    return found


async def acknowledge(deeds: Deeds, viewer: SlackUser, value: str) -> Message:
    """Say that someone sees to it: the alert's message names them."""
    about, _ = _read(value)
    await _allowed(deeds, viewer, about)
    await deeds.writer.do(lambda connection, now: alerts.acknowledge(connection, about, viewer, now))
    return plain_reply("Acknowledged: the alert says so.", "You are told again when it changes.")


async def snooze(deeds: Deeds, viewer: SlackUser, value: str) -> Message:
    """Tell of it no more for a day, a week, or (0 days) until it changes."""
    about, days = _read(value)
    grant = await _allowed(deeds, viewer, about)
    until = deeds.writer.clock().date() + timedelta(days) if days else None
    await deeds.writer.do(lambda connection, now: alerts.mark(connection, about, viewer, alerts.SNOOZED, until, now))
    partner = quiet(grant.partner.name)
    return plain_reply(f"Snoozed for {partner} until {day(until) if until else 'it changes'}.")


async def tell(deeds: Deeds, viewer: SlackUser, value: str) -> Message:
    """Write to the partner's CAMs that someone asks them to look at it."""
    about, _ = _read(value)
    grant = await _allowed(deeds, viewer, about)
    people = await deeds.answers.contacts(grant, viewer.team_id)
    users = [each.user_id for each in people if each.user_id and each.user_id != viewer.user_id]
    if not users:
        raise BadDeed("No CAM or CC of this partner is linked in Slack yet. Home → Contact my CAM or CC.")
    await deeds.writer.do(lambda connection, now: alerts.ask_to_look(connection, about, viewer, users, now))
    return plain_reply(f"Told: {', '.join(each.name for each in people if each.user_id in users)}.")
