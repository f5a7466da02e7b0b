"""`/digest monday 9:00`, `pause`, `now` …: being told by itself, for a person or (with `here`) for a channel."""

from collections.abc import Sequence
from typing import Any

from handlers.commands.account import Context, Subcommand
from handlers.parsing.times import HOW, as_minute, as_quiet, as_timezone, as_weekday, as_weekly
from handlers.parsing.words import words_of
from handlers.question import InvalidInput
from handlers.views import subscriptions as view
from handlers.views.parts.blocks import Message
from tiercore.access import Reach, SlackUser, plain
from tiercore.notifications.timetable import Weekly
from tiercore.notifications.types import ALL_KINDS, WEEKLY, Subscription, Topic
from tiercore.questions.signals import Kind

_HERE = "here"
_SAME = {"unsubscribe": "off", "stop": "off", "start": "resume", "settings": "status"}
_OFTEN = frozenset({"daily", "weekly", "every", "monthly"})
ALERTS_HOW = (
    "Type /digest alerts on or off; choose minimums, tier, requirements or all; or /digest alerts quiet 22:00-7:00."
)
NINE = 9 * 60


def as_digest_subcommand(text: str) -> tuple[str, str] | None:
    """The deed that the words after `/digest` ask for, and its words; None for a question."""
    words = words_of(text)
    first = plain(words[0].text) if words and not words[0].quoted else ""
    rest = " ".join(word.text for word in words)
    if plain(rest) == _HERE:
        return "status", rest
    deed = _SAME.get(first, first)
    if deed in DIGEST_SUBCOMMANDS:
        return deed, rest[len(words[0].text) :].strip()
    timely = any(not word.quoted and _is_timely(word.text) for word in words)
    return ("weekly", rest) if timely or first in _OFTEN else None


def _is_timely(word: str) -> bool:
    """Whether a word can only be a weekday or a time of the day."""
    return as_weekday(word) is not None or (as_minute(word) is not None and not word.isdecimal()) or ":" in word


def _split(text: str) -> tuple[list[str], bool]:
    """The words, and whether they are about the channel."""
    words = text.split()
    return [word for word in words if word.casefold() != _HERE], any(word.casefold() == _HERE for word in words)


def _topics(words: Sequence[str]) -> tuple[tuple[Topic, ...], list[str]]:
    """The topics that are named, and the other words."""
    named = {word.casefold() for word in words}
    return tuple(each for each in Topic if each.value in named), [
        each for each in words if each.casefold() not in set(Topic)
    ]


def usual_topics(reach: Reach, *, channel: bool) -> tuple[Topic, ...]:
    """What one is told unless one says otherwise: a portfolio where there are several partners."""
    return (Topic.PORTFOLIO,) if len(reach.partners) > 1 and not channel else (Topic.PROGRESS, Topic.EXPIRY)


async def held(context: Context, viewer: SlackUser, *, channel: bool = False) -> list[Subscription]:
    """What the viewer, or the channel they ask in, is subscribed to. Raises NotAllowed."""
    return await context.notifications.current(viewer, channel=channel)


async def usual_weekly(context: Context, viewer: SlackUser, now: Sequence[Subscription]) -> Weekly:
    """When one is told unless one says otherwise: as before, or on Mondays at nine by the clock of one's profile."""
    if now:
        return next((each.weekly for each in now if each.topic in WEEKLY), now[0].weekly)
    zone = as_timezone(await context.gateway.timezone_of(viewer.user_id) or "UTC")
    return Weekly(0, NINE, zone or "UTC")


async def _weekly(context: Context, viewer: SlackUser, text: str) -> Message:
    """`monday 9:00 Europe/Berlin here`: subscribe, or be told at another time."""
    words, channel = _split(text)
    reach = await context.answers.reach(viewer)
    known = await held(context, viewer, channel=channel)
    named, rest = _topics(words)
    weekly = as_weekly(rest, await usual_weekly(context, viewer, known))
    held_now = tuple(each.topic for each in known if each.topic in WEEKLY)
    topics = tuple(each for each in named if each in WEEKLY) or held_now or usual_topics(reach, channel=channel)
    quiet = known[0].quiet if known else None
    await context.notifications.subscribe(viewer, topics, weekly, quiet, channel=channel)
    return await _told(context, viewer, channel=channel)


async def _alerts(context: Context, viewer: SlackUser, text: str) -> Message:
    """`alerts on`, `alerts off`, `alerts minimums tier`, `alerts quiet 22:00-7:00`: what isn't said stays as it was."""
    words, channel = _split(text)
    said = " ".join(words).casefold()
    await context.answers.reach(viewer)
    if not said:
        return await _told(context, viewer, channel=channel)
    if said in ("off", "none"):
        await context.notifications.unsubscribe(viewer, [Topic.ALERTS], channel=channel)
        return await _told(context, viewer, channel=channel)
    known = await held(context, viewer, channel=channel)
    before = next((each for each in known if each.topic is Topic.ALERTS), None)
    kinds, quiet = as_wanted(said, before.kinds if before else ALL_KINDS, before.quiet if before else None)
    weekly = await usual_weekly(context, viewer, known)
    await context.notifications.subscribe(viewer, [Topic.ALERTS], weekly, quiet, channel=channel, kinds=kinds)
    return await _told(context, viewer, channel=channel)


def as_wanted(
    said: str, kinds: frozenset[Kind], quiet: tuple[int, int] | None
) -> tuple[frozenset[Kind], tuple[int, int] | None]:
    """The kinds of alerts and the quiet hours that the words ask for, else as they are. Raises InvalidInput."""
    what, quietly, hours = said.partition("quiet")
    words = [word for word in what.replace(",", " ").split() if word not in ("on", "and")]
    known = {kind.value for kind in Kind}
    unknown = [word for word in words if word not in known | {"all"}]
    hours = hours.strip()
    until = None if hours in ("off", "none") else as_quiet(hours)
    if unknown or (quietly and until is None and hours not in ("off", "none")):
        raise InvalidInput(
            f"“{(unknown or [hours])[0][:60]}” isn't something I know here. {ALERTS_HOW}"
            if unknown or hours
            else f"From when to when should it be quiet? {ALERTS_HOW}"
        )
    chosen = ALL_KINDS if "all" in words else frozenset(Kind(word) for word in words)
    return chosen or kinds, until if quietly else quiet


async def _pause(context: Context, viewer: SlackUser, text: str, *, paused: bool = True) -> Message:
    words, channel = _split(text)
    if words and words != ["me"]:
        raise InvalidInput("A pause takes no day or topic. Type /digest pause; it lasts until /digest resume.")
    change = context.notifications.pause if paused else context.notifications.resume
    await change(viewer, channel=channel)
    return await _told(context, viewer, channel=channel)


async def _resume(context: Context, viewer: SlackUser, text: str) -> Message:
    return await _pause(context, viewer, text, paused=False)


async def _off(context: Context, viewer: SlackUser, text: str) -> Message:
    words, channel = _split(text)
    topics, rest = _topics(words)
    if rest:
        raise InvalidInput(f"“{rest[0][:60]}” isn't one of {', '.join(Topic)}. /digest off stops all of them.")
    await context.notifications.unsubscribe(viewer, topics or tuple(Topic), channel=channel)
    return await _told(context, viewer, channel=channel)


async def _now(context: Context, viewer: SlackUser, text: str) -> Message:
    _, channel = _split(text)
    known = await held(context, viewer, channel=channel)
    await context.answers.reach(viewer)
    sent = await context.notifications.send_now(known)
    return view.sent_now(sent, [each for each in known if each.topic in WEEKLY])


async def _status(context: Context, viewer: SlackUser, text: str) -> Message:
    return await _told(context, viewer, channel=_split(text)[1])


async def _told(context: Context, viewer: SlackUser, *, channel: bool) -> Message:
    """What one is subscribed to now, when it comes next, and what came of the last turn."""
    known = await held(context, viewer, channel=channel)
    runs = await context.notifications.last_runs(known)
    return view.status(list(zip(known, runs, strict=True)), channel=channel)


async def window(context: Context, viewer: SlackUser) -> dict[str, Any]:
    """The window in which one says what one wants to be told, and when."""
    reach = await context.answers.reach(viewer)
    known = await held(context, viewer)
    topics = [each.topic for each in known] or [*usual_topics(reach, channel=False), Topic.ALERTS]
    alerts = next((each for each in known if each.topic is Topic.ALERTS), None)
    kinds, quiet = (alerts.kinds, alerts.quiet) if alerts else (ALL_KINDS, None)
    offered = [*usual_topics(reach, channel=False), Topic.ALERTS]
    return view.form(
        {*offered, *topics},
        topics,
        await usual_weekly(context, viewer, known),
        kinds,
        quiet,
    )


async def submitted(context: Context, viewer: SlackUser, values: view.SubscriptionForm) -> Message | dict[str, str]:
    """What came of the window: the new state, or what is wrong with which field."""
    zone, quiet = as_timezone(values.timezone), as_quiet(values.quiet) if values.quiet.strip() else None
    kinds = frozenset(kind for kind in Kind if kind.value in values.kinds)
    wrong = {}
    if Topic.ALERTS.value in values.topics and not kinds:
        wrong[view.KINDS] = "Choose at least one, or turn alerts off above."
    if zone is None:
        wrong[view.ZONE] = "Choose a time zone from the list."
    if values.quiet.strip() and quiet is None:
        wrong[view.QUIET] = "Type two times, like 22:00-7:00, or leave it empty."
    if wrong or zone is None:
        return wrong
    wanted = [topic for topic in Topic if topic.value in values.topics]
    weekly = Weekly(values.weekday, values.minute, zone)
    await context.notifications.replace(viewer, wanted, weekly, quiet, kinds or ALL_KINDS)
    return await _told(context, viewer, channel=False)


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
__all__ = ["DIGEST_SUBCOMMANDS", "HOW", "as_digest_subcommand", "submitted", "window"]
