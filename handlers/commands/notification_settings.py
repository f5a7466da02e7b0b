"""The notifications of a person or a channel: what is usual, the window that sets them, and their status."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handlers.context import Context
from handlers.parsing.times import as_quiet, as_timezone
from handlers.views import subscription_form as form_view
from handlers.views import subscriptions as view
from handlers.views.parts.blocks import Message
from tiercore.access import Reach, SlackUser
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import ALL_KINDS, DIGESTS, HALVES, NIGHT, NO_QUIET, Subscription, Topic
from tiercore.people.types import InvalidChange
from tiercore.questions.signals import Kind

NINE_AM = 9 * 60


def usual_topics(reach: Reach, *, channel: bool) -> tuple[Topic, ...]:
    """The topic to subscribe to by default: the portfolio for someone with several partners, else the digest."""
    return (Topic.PORTFOLIO,) if len(reach.partners) > 1 and not channel else (Topic.DIGEST,)


async def current(context: Context, viewer: SlackUser, *, channel: bool = False) -> list[Subscription]:
    """The subscriptions of the viewer, or of the channel they ask in. Raises NotAllowed."""
    return await context.services.notifications.current(viewer, channel=channel)


async def usual_schedule(
    context: Context, viewer: SlackUser, subscriptions: Sequence[Subscription]
) -> tuple[Schedule, bool]:
    """The schedule by default, and whether its zone follows the profile: that of the subscriptions, else
    Mondays at 9:00 in the profile's time zone.
    """
    if subscriptions:
        usual = next((each for each in subscriptions if each.topic in DIGESTS), subscriptions[0])
        return usual.schedule, usual.follows_profile
    zone = as_timezone(await context.gateway.timezone_of(viewer.user_id) or "")
    return Schedule(0, NINE_AM, zone or "UTC"), zone is not None


async def require_reachable(context: Context, viewer: SlackUser, *, channel: bool) -> bool:
    """Whether the channel is shared with other organizations, as far as Slack says. Raises InvalidChange where the bot
    can't post in it, which is said before anything is promised.
    """
    if not channel:
        return False
    info = await context.workspace.channel(str(viewer.channel_id))
    if info is not None and info.is_archived:
        raise InvalidChange("This channel is archived, so nothing can be sent here. Unarchive it, then try again.")
    if info is not None and not info.is_member:
        how = "Type /invite @tierbot, then the same command again."
        raise InvalidChange(f"I'm not in this channel, so I can't send anything here. {how}")
    return info is not None and info.is_shared


async def status_reply(context: Context, viewer: SlackUser, *, channel: bool) -> Message:
    """The current subscriptions, when each is due next, and how its last run ended."""
    known = await current(context, viewer, channel=channel)
    runs = await context.services.notifications.last_runs(known)
    return view.status(list(zip(known, runs, strict=True)), channel=channel)


async def notifications_form(context: Context, viewer: SlackUser, *, channel: bool = False) -> dict[str, Any]:
    """The modal in which the viewer chooses their notifications, or those of the channel they clicked in. Raises
    NotLinked, NotAllowed, InvalidChange.
    """
    reach = await context.answers.reach(viewer)
    known = await current(context, viewer, channel=channel)
    await require_reachable(context, viewer, channel=channel)
    topics = [each.topic for each in known] or [*usual_topics(reach, channel=channel), Topic.ALERTS]
    alerts = next((each for each in known if each.topic is Topic.ALERTS), None)
    kinds, quiet = (alerts.kinds, alerts.quiet) if alerts else (ALL_KINDS, NIGHT)
    usual = {*usual_topics(reach, channel=channel)}
    offered = {*usual, *(HALVES if Topic.DIGEST in usual else ()), Topic.ALERTS}
    schedule, _ = await usual_schedule(context, viewer, known)
    chosen = form_view.Chosen(
        frozenset(topics), schedule, kinds, quiet, only_news=any(each.only_news for each in known)
    )
    return form_view.form({*offered, *topics}, chosen, viewer.channel_id if channel else None)


async def submit_form(
    context: Context, viewer: SlackUser, form: form_view.SubscriptionForm
) -> Message | dict[str, str]:
    """Save the submitted form: the new status, or an error for each wrong field. Raises NotAllowed, InvalidChange."""
    channel = form.channel_id is not None
    if channel:
        viewer = replace(viewer, channel_id=form.channel_id)
    zone, quiet = as_timezone(form.timezone), as_quiet(form.quiet) if form.quiet.strip() else NO_QUIET
    kinds = frozenset(kind for kind in Kind if kind.value in form.kinds)
    errors = {}
    if Topic.ALERTS.value in form.topics and not kinds:
        errors[form_view.KINDS] = "Choose at least one, or turn alerts off above."
    topics = [topic for topic in Topic if topic.value in form.topics]
    if Topic.DIGEST in topics and HALVES & set(topics):
        errors[form_view.TOPICS] = "The digest says both progress and expiry: choose it, or one of them."
    if zone is None:
        errors[form_view.ZONE] = "Choose a time zone from the list."
    if quiet is None:
        errors[form_view.QUIET] = "Type two times, like 22:00-7:00, or leave it empty."
    if errors or zone is None:
        return errors
    schedule = Schedule(form.weekday, form.minute, zone, form.rhythm, form.day_of_month)
    shared = await require_reachable(context, viewer, channel=channel)
    usual, follows = await usual_schedule(context, viewer, await current(context, viewer, channel=channel))
    await context.services.notifications.subscribe(
        viewer,
        topics,
        schedule,
        quiet,
        kinds=kinds or ALL_KINDS,
        channel=channel,
        follows_profile=follows and usual.timezone == zone,
        shared=shared,
        only=True,
        only_news=form.only_news,
    )
    return await status_reply(context, viewer, channel=channel)
