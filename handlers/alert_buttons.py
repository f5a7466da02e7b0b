"""The buttons under an alert: acknowledge, snooze, tell my CAM. Each click is authorized again."""

from datetime import timedelta

from handlers.context import Context
from handlers.views import alert as view
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import day, escaped
from handlers.views.replies import plain_reply
from tiercore.access import Grant, SlackUser
from tiercore.notifications.timetable import days_moved
from tiercore.notifications.types import AlertRef
from tiercore.people.types import InvalidChange


async def _find_alert(context: Context, viewer: SlackUser, value: str) -> tuple[AlertRef, Grant, int]:
    """The alert that a button's value names, a grant for its partner, and the value's number of days.

    Raises InvalidChange unless the alert was sent to the viewer, or to the channel in which they clicked.
    """
    button = view.read_value(value)
    reach = await context.answers.reach(viewer)
    alert = None
    if button is not None:
        alert = await context.services.notifications.find_alert(
            viewer, button.subscription_id, button.episode, button.digest
        )
    if button is None or alert is None:
        raise InvalidChange("This alert isn't yours, or you no longer get it.")
    return alert, reach.grant_of(alert.partner_id), button.days


async def acknowledge(context: Context, viewer: SlackUser, value: str) -> Message:
    """Take the alert on: its message then shows the viewer's name."""
    alert, _, _ = await _find_alert(context, viewer, value)
    await context.services.notifications.acknowledge(alert, viewer)
    return plain_reply("Acknowledged: the alert now shows your name.", "You'll hear again when it changes.")


async def snooze(context: Context, viewer: SlackUser, value: str) -> Message:
    """Send nothing more about the alert for a day, for a week, or (0 days) until it changes."""
    alert, grant, days = await _find_alert(context, viewer, value)
    until = context.today() + timedelta(days) if days else None
    moved = days_moved(context.today(), context.services.notifications.now())
    await context.services.notifications.snooze(alert, viewer, until - moved if until else None)
    partner = escaped(grant.partner.name)
    return plain_reply(f"Snoozed for {partner} until {day(until) if until else 'it changes'}.")


async def ask_contacts(context: Context, viewer: SlackUser, value: str) -> Message:
    """Ask the partner's CAM and CC to look at the alert. Raises InvalidChange where neither is linked."""
    alert, grant, _ = await _find_alert(context, viewer, value)
    contacts = await context.answers.contacts(grant, viewer.team_id)
    by_email = await context.services.people.linked_staff([each.email for each in contacts], viewer)
    users = {email: user for email, user in by_email.items() if user.user_id != viewer.user_id}
    if not users:
        raise InvalidChange("Your CAM and CC aren't linked in Slack yet. Home → Contact my CAM or CC has their e-mail.")
    await context.services.notifications.ask_for_help(alert, viewer, [*users.values()])
    return plain_reply(f"I've told {', '.join(dict.fromkeys(each.name for each in contacts if each.email in users))}.")
