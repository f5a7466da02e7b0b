"""`/digest monday 9:00`, `pause`, `now` …: notifications, for a person or (with `here`) for a channel."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handlers.context import Context, Subcommand
from handlers.parsing.times import as_minute, as_quiet, as_timezone, as_weekday, as_weekly, names_a_zone
from handlers.parsing.words import words_of
from handlers.question import InvalidInput
from handlers.views import subscriptions as view
from handlers.views.parts.blocks import Message
from tiercore.access import Reach, SlackUser, plain
from tiercore.notifications.timetable import Weekly
from tiercore.notifications.types import ALL_KINDS, NIGHT, NO_QUIET, WEEKLY, Subscription, Topic
from tiercore.people.types import InvalidChange
from tiercore.questions.signals import Kind

_HERE = "here"
_SYNONYMS = {"unsubscribe": "off", "stop": "off", "start": "resume", "settings": "status"}
_FREQUENCIES = frozenset({"daily", "weekly", "every", "monthly"})
ALERTS_HOW = (
    "Type /digest alerts on or off; choose minimums, tier, requirements or all; or /digest alerts quiet 22:00-7:00."
)
NINE_AM = 9 * 60


def as_digest_subcommand(text: str) -> tuple[str, str] | None:
    """The subcommand that the text after `/digest` asks for, and its own text; None for a question."""
    words = words_of(text)
    first = plain(words[0].text) if words and not words[0].quoted else ""
    rest = " ".join(word.text for word in words)
    if plain(rest) == _HERE:
        return "status", rest
    name = _SYNONYMS.get(first, first)
    if name in DIGEST_SUBCOMMANDS:
        return name, rest[len(words[0].text) :].strip()
    has_time = any(not word.quoted and _is_time(word.text) for word in words)
    return ("weekly", rest) if has_time or first in _FREQUENCIES else None


def _is_time(word: str) -> bool:
    """Whether the word can only be a weekday or a time of day."""
    return as_weekday(word) is not None or (as_minute(word) is not None and not word.isdecimal()) or ":" in word


def _split(text: str) -> tuple[list[str], bool]:
    """The words without `here`, and whether it was among them: the subcommand is about the channel."""
    words = text.split()
    return [word for word in words if word.casefold() != _HERE], any(word.casefold() == _HERE for word in words)


def _topics(words: Sequence[str]) -> tuple[tuple[Topic, ...], list[str]]:
    """The topics that the words name, and the other words."""
    named = {word.casefold() for word in words}
    return tuple(each for each in Topic if each.value in named), [
        each for each in words if each.casefold() not in set(Topic)
    ]


def usual_topics(reach: Reach, *, channel: bool) -> tuple[Topic, ...]:
    """The topics to subscribe to by default: the portfolio for someone with several partners."""
    return (Topic.PORTFOLIO,) if len(reach.partners) > 1 and not channel else (Topic.PROGRESS, Topic.EXPIRY)


async def current(context: Context, viewer: SlackUser, *, channel: bool = False) -> list[Subscription]:
    """The subscriptions of the viewer, or of the channel they ask in. Raises NotAllowed."""
    return await context.notifications.current(viewer, channel=channel)


async def _known_or_linked(context: Context, viewer: SlackUser, *, channel: bool) -> None:
    """Someone with subscriptions may change them even when no longer linked. Raises NotLinked for other strangers."""
    if not await current(context, viewer, channel=channel):
        await context.answers.reach(viewer)


async def usual_weekly(
    context: Context, viewer: SlackUser, subscriptions: Sequence[Subscription]
) -> tuple[Weekly, bool]:
    """The time of the week by default, and whether its zone follows the profile: that of the subscriptions, else
    Mondays at 9:00 in the profile's time zone.
    """
    if subscriptions:
        usual = next((each for each in subscriptions if each.topic in WEEKLY), subscriptions[0])
        return usual.weekly, usual.follows_profile
    zone = as_timezone(await context.gateway.timezone_of(viewer.user_id) or "")
    return Weekly(0, NINE_AM, zone or "UTC"), zone is not None


async def require_reachable(context: Context, viewer: SlackUser, *, channel: bool) -> bool:
    """Whether the channel is shared with other organizations, as far as Slack says. Raises InvalidChange where the bot
    can't post in it, which is said before anything is promised.
    """
    if not channel:
        return False
    info = await context.gateway.channel(str(viewer.channel_id), fresh=True)
    if info is not None and info.is_archived:
        raise InvalidChange("This channel is archived, so nothing can be sent here. Unarchive it, then try again.")
    if info is not None and not info.is_member:
        how = "Type /invite @tierbot, then the same command again."
        raise InvalidChange(f"I'm not in this channel, so I can't send anything here. {how}")
    return info is not None and info.is_shared


async def _weekly(context: Context, viewer: SlackUser, text: str) -> Message:
    """`monday 9:00 Europe/Berlin here`: subscribe, or change the time."""
    words, channel = _split(text)
    reach = await context.answers.reach(viewer)
    known = await current(context, viewer, channel=channel)
    shared = await require_reachable(context, viewer, channel=channel)
    named, rest = _topics(words)
    usual, follows = await usual_weekly(context, viewer, known)
    weekly = as_weekly(rest, usual)
    weekly_topics = tuple(each.topic for each in known if each.topic in WEEKLY)
    topics = tuple(each for each in named if each in WEEKLY) or weekly_topics or usual_topics(reach, channel=channel)
    quiet = known[0].quiet if known else None
    follows = follows and weekly.timezone == usual.timezone and not names_a_zone(rest)
    await context.notifications.subscribe(
        viewer, topics, weekly, quiet, channel=channel, follows_profile=follows, shared=shared
    )
    return await _status_reply(context, viewer, channel=channel)


async def _alerts(context: Context, viewer: SlackUser, text: str) -> Message:
    """`alerts on`, `alerts off`, `alerts minimums tier`, `alerts quiet 22:00-7:00`: the rest stays as it is."""
    words, channel = _split(text)
    settings = " ".join(words).casefold()
    await context.answers.reach(viewer)
    if not settings:
        return await _status_reply(context, viewer, channel=channel)
    if settings in ("off", "none"):
        await context.notifications.unsubscribe(viewer, [Topic.ALERTS], channel=channel)
        return await _status_reply(context, viewer, channel=channel)
    known = await current(context, viewer, channel=channel)
    before = next((each for each in known if each.topic is Topic.ALERTS), None)
    kinds, quiet = as_alert_settings(settings, before.kinds if before else ALL_KINDS, before.quiet if before else None)
    shared = await require_reachable(context, viewer, channel=channel)
    weekly, follows = await usual_weekly(context, viewer, known)
    await context.notifications.subscribe(
        viewer,
        [Topic.ALERTS],
        weekly,
        quiet,
        channel=channel,
        kinds=kinds,
        follows_profile=follows,
        shared=shared,
    )
    return await _status_reply(context, viewer, channel=channel)


def as_alert_settings(
    text: str, kinds: frozenset[Kind], quiet: tuple[int, int] | None
) -> tuple[frozenset[Kind], tuple[int, int] | None]:
    """The kinds of alerts and the quiet hours that the text asks for, else the given ones. Raises InvalidInput."""
    named, has_quiet, hours = text.partition("quiet")
    words = [word for word in named.replace(",", " ").split() if word not in ("on", "and")]
    known = {kind.value for kind in Kind}
    unknown = [word for word in words if word not in known | {"all"}]
    hours = hours.strip()
    quiet_hours = NO_QUIET if hours in ("off", "none") else as_quiet(hours)
    if unknown or (has_quiet and quiet_hours is None):
        raise InvalidInput(
            f"“{(unknown or [hours])[0][:60]}” isn't something I know here. {ALERTS_HOW}"
            if unknown or hours
            else f"From when to when should it be quiet? {ALERTS_HOW}"
        )
    chosen = ALL_KINDS if "all" in words else frozenset(Kind(word) for word in words)
    return chosen or kinds, quiet_hours if has_quiet else quiet


async def _pause(context: Context, viewer: SlackUser, text: str, *, paused: bool = True) -> Message:
    words, channel = _split(text)
    if words and words != ["me"]:
        raise InvalidInput("A pause takes no day or topic. Type /digest pause; it lasts until /digest resume.")
    await _known_or_linked(context, viewer, channel=channel)
    if channel and not paused and await require_reachable(context, viewer, channel=channel):
        await context.notifications.confirm_shared(viewer)
    pause_or_resume = context.notifications.pause if paused else context.notifications.resume
    await pause_or_resume(viewer, channel=channel)
    return await _status_reply(context, viewer, channel=channel)


async def _resume(context: Context, viewer: SlackUser, text: str) -> Message:
    return await _pause(context, viewer, text, paused=False)


async def _off(context: Context, viewer: SlackUser, text: str) -> Message:
    words, channel = _split(text)
    topics, rest = _topics(words)
    if rest:
        raise InvalidInput(f"“{rest[0][:60]}” isn't one of {', '.join(Topic)}. /digest off stops all of them.")
    await _known_or_linked(context, viewer, channel=channel)
    await context.notifications.unsubscribe(viewer, topics or tuple(Topic), channel=channel)
    return await _status_reply(context, viewer, channel=channel)


async def _now(context: Context, viewer: SlackUser, text: str) -> Message:
    _, channel = _split(text)
    known = await current(context, viewer, channel=channel)
    await context.answers.reach(viewer)
    sent = await context.notifications.send_now(known)
    return view.sent_now(sent, [each for each in known if each.topic in WEEKLY])


async def _status(context: Context, viewer: SlackUser, text: str) -> Message:
    _, channel = _split(text)
    await _known_or_linked(context, viewer, channel=channel)
    return await _status_reply(context, viewer, channel=channel)


async def _status_reply(context: Context, viewer: SlackUser, *, channel: bool) -> Message:
    """The current subscriptions, when each is due next, and how its last run ended."""
    known = await current(context, viewer, channel=channel)
    runs = await context.notifications.last_runs(known)
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
    offered = [*usual_topics(reach, channel=channel), Topic.ALERTS]
    weekly, _ = await usual_weekly(context, viewer, known)
    return view.form({*offered, *topics}, topics, weekly, kinds, quiet, viewer.channel_id if channel else None)


async def submit_form(context: Context, viewer: SlackUser, form: view.SubscriptionForm) -> Message | dict[str, str]:
    """Save the submitted form: the new status, or an error for each wrong field. Raises NotAllowed, InvalidChange."""
    channel = form.channel_id is not None
    if channel:
        viewer = replace(viewer, channel_id=form.channel_id)
    zone, quiet = as_timezone(form.timezone), as_quiet(form.quiet) if form.quiet.strip() else NO_QUIET
    kinds = frozenset(kind for kind in Kind if kind.value in form.kinds)
    errors = {}
    if Topic.ALERTS.value in form.topics and not kinds:
        errors[view.KINDS] = "Choose at least one, or turn alerts off above."
    if zone is None:
        errors[view.ZONE] = "Choose a time zone from the list."
    if quiet is None:
        errors[view.QUIET] = "Type two times, like 22:00-7:00, or leave it empty."
    if errors or zone is None:
        return errors
    topics = [topic for topic in Topic if topic.value in form.topics]
    weekly = Weekly(form.weekday, form.minute, zone)
    shared = await require_reachable(context, viewer, channel=channel)
    usual, follows = await usual_weekly(context, viewer, await current(context, viewer, channel=channel))
    await context.notifications.replace(
        viewer,
        topics,
        weekly,
        quiet,
        kinds or ALL_KINDS,
        channel=channel,
        follows_profile=follows and usual.timezone == zone,
        shared=shared,
    )
    return await _status_reply(context, viewer, channel=channel)


DIGEST_SUBCOMMANDS: dict[str, Subcommand] = {
    each.word: each
    for each in (
        Subcommand(
            "weekly", "monday 9:00 [time zone] [here]", "get a weekly digest; here: in this channel (CAMs)", _weekly
        ),
        Subcommand(
            "alerts",
            "alerts on, off, minimums, tier, requirements or quiet 22:00-7:00 [here]",
            "get a message when a minimum turns red, or a tier is reached or at risk",
            _alerts,
        ),
        Subcommand("now", "now", "get this week's digest now", _now),
        Subcommand("pause", "pause [here]", "pause digests and alerts", _pause),
        Subcommand("resume", "resume [here]", "start them again", _resume),
        Subcommand("off", "off [expiry or another topic] [here]", "stop all of them, or just one topic", _off),
        Subcommand("status", "status [here]", "see what you get, when, and what was sent", _status),
    )
}
