"""The buttons under an alert: acknowledge, snooze, ask my CAM. Whoever clicks is looked up again."""

from datetime import timedelta

from handlers.commands.account import Context
from handlers.views import alert as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import day, quiet
from handlers.views.replies import plain_reply
from tiercore.access import Grant, SlackUser
from tiercore.notifications.types import AlertRef
from tiercore.people.types import InvalidChange


async def _named(context: Context, viewer: SlackUser, value: str) -> tuple[AlertRef, Grant, int]:
    """The alert that a button names, permission to see its partner, and the days it carries.

    The alert must have been sent to the viewer, or in the channel where they click. Raises InvalidChange.
    """
    carried = view.read_value(value)
    reach = await context.answers.reach(viewer)
    alert = None
    if carried is not None:
        alert = await context.notifications.find_alert(viewer, carried.subscription_id, carried.episode, carried.digest)
    if carried is None or alert is None:
        raise InvalidChange("This alert isn't yours, or you no longer get it.")
    return alert, reach.grant_of(alert.partner_id), carried.days


async def acknowledge(context: Context, viewer: SlackUser, value: str) -> Message:
    """Say that somebody takes care of it: the alert's message names them."""
    alert, _, _ = await _named(context, viewer, value)
    await context.notifications.acknowledge(alert, viewer)
    return plain_reply("Acknowledged: the alert now shows your name.", "You'll hear again when it changes.")


async def snooze(context: Context, viewer: SlackUser, value: str) -> Message:
    """Send nothing more about it for a day, a week, or (0 days) until it changes."""
    alert, grant, days = await _named(context, viewer, value)
    until = context.today() + timedelta(days) if days else None
    await context.notifications.snooze(alert, viewer, until)
    partner = quiet(grant.partner.name)
    return plain_reply(f"Snoozed for {partner} until {day(until) if until else 'it changes'}.")


async def tell(context: Context, viewer: SlackUser, value: str) -> Message:
    """Ask the partner's CAMs to look at it."""
    alert, grant, _ = await _named(context, viewer, value)
    people = await context.answers.contacts(grant, viewer.team_id)
    users = [each.user_id for each in people if each.user_id and each.user_id != viewer.user_id]
    if not users:
        raise InvalidChange("Your CAM and CC aren't linked in Slack yet. Home → Contact my CAM or CC has their e-mail.")
    await context.notifications.ask_for_help(alert, viewer, users)
    return plain_reply(f"I've told {', '.join(each.name for each in people if each.user_id in users)}.")
