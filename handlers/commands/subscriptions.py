"""`/digest monday 9:00`, `pause`, `now` …: notifications, for a person or (with `here`) for a channel."""

from collections.abc import Sequence

from handlers.commands.notification_settings import (
    current,
    require_reachable,
    status_reply,
    usual_schedule,
    usual_topics,
)
from handlers.context import Context, Subcommand
from handlers.parsing.sentences import without_politeness
from handlers.parsing.times import as_minute, as_quiet, as_schedule, as_weekday, names_a_zone
from handlers.parsing.words import words_of
from handlers.question import InvalidInput
from handlers.views import subscriptions as view
from handlers.views.parts.blocks import Message
from tiercore.access import SlackUser, plain
from tiercore.notifications.types import ALL_KINDS, DIGESTS, NO_QUIET, Topic
from tiercore.questions.signals import Kind

_HERE, _SCHEDULE = "here", "on"
_SYNONYMS = {"unsubscribe": "off", "stop": "off", "subscribe": "on", "start": "resume", "settings": "status"}
_FREQUENCIES = frozenset("daily every monthly weekdays weekly workdays".split())
QUIET_HOURS_HOW = "For hours without alerts: /digest alerts quiet 22:00-7:00."
ALERTS_HOW = (
    "Type /digest alerts on or off; choose minimums, tier, requirements or all; or /digest alerts quiet 22:00-7:00."
)


def as_digest_subcommand(text: str) -> tuple[str, str] | None:
    """The subcommand that the text after `/digest` asks for, and its own text; None for a question."""
    words = without_politeness(words_of(text))
    first = plain(words[0].text) if words and not words[0].quoted else ""
    rest = " ".join(word.text for word in words)
    if plain(rest) == _HERE:
        return "status", rest
    name = _SYNONYMS.get(first, first)
    if name in DIGEST_SUBCOMMANDS:
        return name, rest[len(words[0].text) :].strip()
    has_time = any(not word.quoted and _is_time(word.text.strip(",.;")) for word in words)
    return (_SCHEDULE, rest) if has_time or first in _FREQUENCIES else None


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


async def _known_or_linked(context: Context, viewer: SlackUser, *, channel: bool) -> None:
    """Someone with subscriptions may change them even when no longer linked. Raises NotLinked for other strangers."""
    if not await current(context, viewer, channel=channel):
        await context.answers.reach(viewer)


async def _subscribe(context: Context, viewer: SlackUser, text: str) -> Message:
    """`on progress`, `monthly 9:00 Europe/Berlin here`: subscribe, or change the time."""
    words, channel = _split(text)
    reach = await context.answers.reach(viewer)
    known = await current(context, viewer, channel=channel)
    shared = await require_reachable(context, viewer, channel=channel)
    named, rest = _topics(words)
    usual, follows = await usual_schedule(context, viewer, known)
    schedule = as_schedule(rest, usual)
    digests = [each for each in known if each.topic in DIGESTS]
    topics = tuple(each for each in named if each in DIGESTS) or tuple(each.topic for each in digests)
    topics = topics or usual_topics(reach, channel=channel)
    quiet = known[0].quiet if known else None
    follows = follows and schedule.timezone == usual.timezone and not names_a_zone(rest)
    await context.services.notifications.subscribe(
        viewer,
        topics,
        schedule,
        quiet,
        channel=channel,
        follows_profile=follows,
        shared=shared,
        only_news=any(each.only_news for each in digests),
    )
    return await status_reply(context, viewer, channel=channel)


async def _quiet(context: Context, viewer: SlackUser, text: str) -> Message:
    """`quiet on` or `off`: nothing, or one line, where nothing moved and there is nothing to do."""
    words, channel = _split(text)
    chosen = " ".join(words).casefold() or "on"
    if chosen not in ("on", "off"):
        raise InvalidInput(f"Type /digest quiet on or off. {QUIET_HOURS_HOW}")
    await _known_or_linked(context, viewer, channel=channel)
    known = await context.services.notifications.set_only_news(viewer, only_news=chosen == "on", channel=channel)
    if not any(each.topic in DIGESTS for each in known):
        return view.no_digest()
    return await status_reply(context, viewer, channel=channel)


async def _alerts(context: Context, viewer: SlackUser, text: str) -> Message:
    """`alerts on`, `alerts off`, `alerts minimums tier`, `alerts quiet 22:00-7:00`: the rest stays as it is."""
    words, channel = _split(text)
    settings = " ".join(words).casefold()
    await context.answers.reach(viewer)
    if not settings:
        return await status_reply(context, viewer, channel=channel)
    if settings in ("off", "none"):
        await context.services.notifications.unsubscribe(viewer, [Topic.ALERTS], channel=channel)
        return await status_reply(context, viewer, channel=channel)
    known = await current(context, viewer, channel=channel)
    before = next((each for each in known if each.topic is Topic.ALERTS), None)
    kinds, quiet = as_alert_settings(settings, before.kinds if before else ALL_KINDS, before.quiet if before else None)
    shared = await require_reachable(context, viewer, channel=channel)
    schedule, follows = await usual_schedule(context, viewer, known)
    await context.services.notifications.subscribe(
        viewer,
        [Topic.ALERTS],
        schedule,
        quiet,
        channel=channel,
        kinds=kinds,
        follows_profile=follows,
        shared=shared,
    )
    return await status_reply(context, viewer, channel=channel)


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
        await context.services.notifications.confirm_shared(viewer)
    pause_or_resume = context.services.notifications.pause if paused else context.services.notifications.resume
    await pause_or_resume(viewer, channel=channel)
    if channel and not paused:
        await context.workspace.channel_changed(str(viewer.channel_id))
    return await status_reply(context, viewer, channel=channel)


async def _resume(context: Context, viewer: SlackUser, text: str) -> Message:
    return await _pause(context, viewer, text, paused=False)


async def _off(context: Context, viewer: SlackUser, text: str) -> Message:
    words, channel = _split(text)
    topics, rest = _topics(words)
    if rest:
        raise InvalidInput(f"“{rest[0][:60]}” isn't one of {', '.join(Topic)}. /digest off stops all of them.")
    await _known_or_linked(context, viewer, channel=channel)
    await context.services.notifications.unsubscribe(viewer, topics or tuple(Topic), channel=channel)
    return await status_reply(context, viewer, channel=channel)


async def _now(context: Context, viewer: SlackUser, text: str) -> Message:
    _, channel = _split(text)
    known = await current(context, viewer, channel=channel)
    await context.answers.reach(viewer)
    sent = await context.services.notifications.send_now(known)
    return view.sent_now(sent, [each for each in known if each.topic in DIGESTS])


async def _status(context: Context, viewer: SlackUser, text: str) -> Message:
    _, channel = _split(text)
    await _known_or_linked(context, viewer, channel=channel)
    return await status_reply(context, viewer, channel=channel)


DIGEST_SUBCOMMANDS: dict[str, Subcommand] = {
    each.word: each
    for each in (
        Subcommand(
            _SCHEDULE,
            "monday 9:00, weekdays 9:00 or monthly 15th 9:00 [time zone] [here]",
            "get a digest by itself; here: in this channel (CAMs)",
            _subscribe,
            for_partners="get a digest by itself",
        ),
        Subcommand("quiet", "quiet on or off [here]", "get no digest when nothing moved and nothing is to do", _quiet),
        Subcommand(
            "alerts",
            "alerts on, off, minimums, tier, requirements or quiet 22:00-7:00 [here]",
            "get a message when a minimum turns red, a tier is reached or at risk, and on the day that decides",
            _alerts,
        ),
        Subcommand("now", "now", "get the digest now", _now),
        Subcommand("pause", "pause [here]", "pause digests and alerts", _pause),
        Subcommand("resume", "resume [here]", "start them again", _resume),
        Subcommand("off", "off [expiry or another topic] [here]", "stop all of them, or just one topic", _off),
        Subcommand("status", "status [here]", "see what you get, when, and what was sent", _status),
    )
}
