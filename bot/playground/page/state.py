"""What a person sees on the page: channels, messages, Home, modals. Every tab also gets the inspector's journal of
everyone's requests: the operator's view.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.journal import ReceivedCall, SentRequest
from bot.playground.local_slack.state.views import View
from bot.playground.page.actions import FAULTS, LABELS, REFUSED
from bot.playground.world.people import Account, with_links
from bot.playground.world.world import World
from handlers.typed_command import QUESTIONS
from tiercore.ingest.files import FILES
from tiercore.questions.recalibration_days import recalibration_of

Json = dict[str, Any]
MAX_MESSAGES = 60
MAX_ENTRIES = 150
_COMMANDS = [{"command": each.command, "usage": each.usage, "does": each.summary} for each in QUESTIONS.values()]


def page_parts(world: World, who: Account) -> Iterator[tuple[str, Any]]:
    """The parts of the page for a person, by name; an unchanged part need not be sent again."""
    user, slack = who.user_id, world.slack_of(who)
    yield "world", _world(world, who)
    channels = _channels(slack, user)
    yield "places", channels
    for channel in channels:
        yield f"messages:{channel['id']}", _messages(world, slack, user, channel["id"])
    home = slack.home(user)
    yield "home", _surface(home) if home else None
    yield "windows", [_window(view) for view in slack.state.views.stacks.get(user, [])]
    yield "journal", _journal(slack, ZoneInfo(slack.directory.people[user].tz))


def _world(world: World, who: Account) -> Json:
    ends, _ = recalibration_of(world.day, world.core.program)
    slack = world.slack_of(who)
    armed = [LABELS[each] for each in slack.faults.waiting]
    return {
        "day": world.day.isoformat(),
        "today": date.today().isoformat(),  # noqa: DTZ011  (the user's local day)
        "moving": _moving(world),
        "recalibration": ends.isoformat(),
        "sample": world.follows_clock,
        "me": who.key,
        "people": [{**asdict(each), "key": each.key} for each in with_links(world.core, world.colleagues(who))],
        "workspace": who.team_id,
        "workspaces": [_workspace(world, each) for each in world.slacks],
        "installed": slack.is_installed,
        "commands": _COMMANDS,
        "faults": [*FAULTS, REFUSED],
        "waiting": [*armed, REFUSED] if slack.unsupported_types else armed,
        "label": world.core.program.label,
        "most": MAX_MESSAGES,
        "files": list(FILES),
    }


def _workspace(world: World, slack: Slack) -> Json:
    """A workspace to choose, with the key of the person to be there first."""
    people = world.partner.people if world.partner and slack is world.partner.slack else world.people
    return {"team": slack.state.workspace.team_id, "name": slack.state.workspace.name, "first": next(iter(people))}


def _moving(world: World) -> Json | None:
    """How many of the days to pass have passed, or `jump` for a jump or an import; None while nothing is changing."""
    if world.advancing is None:
        return {"jump": True} if world.busy.locked() else None
    since, to = world.advancing
    return {"days": (world.day - since).days, "of": (to - since).days}


def _channels(slack: Slack, user: str) -> list[Json]:
    """The channels that the person can read, and the direct message with the app."""
    directory = slack.directory
    own = directory.direct_message(user)
    read = [each for each in directory.channels.values() if each.dm_with is None and each.includes(user)]
    return [{"id": each.channel_id, "name": each.name, "app": False} for each in read] + [
        {"id": own.channel_id, "name": "tierbot", "app": True}
    ]


def _messages(world: World, slack: Slack, user: str, channel: str) -> list[Json]:
    shown = [{**_surface(each), **_written(slack, each)} for each in slack.messages(channel, user)]
    own = [each for each in world.typed.get(user, []) if each["channel"] == channel]
    latest = sorted(shown + own, key=lambda each: float(each["ts"]))[-MAX_MESSAGES:]
    zone = ZoneInfo(slack.directory.people[user].tz)
    return [{**each, **_when(float(each["ts"]), zone)} for each in latest]


def _when(ts: float, zone: ZoneInfo) -> Json:
    """The world's day (UTC), and the time in the person's zone."""
    moment = datetime.fromtimestamp(ts, UTC)
    return {"day": moment.date().isoformat(), "at": moment.astimezone(zone).strftime("%H:%M")}


def _surface(shown: Shown) -> Json:
    return {
        "where": shown.where,
        "channel": shown.channel,
        "ts": shown.ts,
        "view": shown.view_id,
        "text": shown.text,
        "blocks": shown.blocks,
        "alone": shown.ephemeral,
        "thread": shown.thread_ts,
    }


def _written(slack: Slack, shown: Shown) -> Json:
    """Who wrote a message, None for the bot; the names of the files that they shared, and the files that it sent."""
    author = slack.directory.people.get(shown.author or "")
    return {
        "author": author.real_name if author else None,
        "shared": [slack.files[each].name for each in shown.files],
        "sent": [] if author else [{"id": each, "name": slack.files[each].name} for each in shown.files],
    }


def _window(view: View) -> Json:
    body = view.body
    labels = {name: (body.get(name) or {}).get("text") for name in ("title", "submit", "close")}
    return {"where": "modal", "view": view.view_id, "hash": view.hash, "blocks": body["blocks"], **labels}


def _journal(slack: Slack, zone: ZoneInfo) -> list[Json]:
    """The requests between Slack and the bot, oldest first, without payloads, which are fetched by number."""
    entries = slack.journal.entries
    start = max(0, len(entries) - MAX_ENTRIES)
    return [{"n": start + at, **_entry(slack, each, zone)} for at, each in enumerate(entries[start:])]


def _entry(slack: Slack, each: SentRequest | ReceivedCall, zone: ZoneInfo) -> Json:
    at = datetime.fromtimestamp(each.at, zone).strftime("%-d %b %H:%M:%S")
    if isinstance(each, SentRequest):
        who, took = _name(slack, each.user), round(each.seconds * 1000, 1)
        about = {"to": "bot", "name": each.kind, "about": _input_of(each.payload), "who": who, "at": at}
        return {**about, "status": each.status, "ms": took, "error": each.error}
    who = _name(slack, str(each.arguments.get("channel") or each.arguments.get("user_id") or ""))
    about = {"to": "slack", "name": each.method, "about": "", "who": who, "at": at}
    return {**about, "status": each.status, "error": each.error, "fault": each.fault}


def _input_of(payload: Json) -> str:
    """The text after a command, or the label of what was clicked or chosen."""
    used = (payload.get("actions") or [{}])[0]
    labelled = used.get("selected_option") or used
    return str(payload.get("text") or (labelled.get("text") or {}).get("text") or "")


def _name(slack: Slack, channel_or_user: str) -> str:
    """A user's first name (also for their direct message with the bot), or a channel's name."""
    directory = slack.directory
    channel = directory.channels.get(channel_or_user)
    if channel is not None and channel.dm_with is None:
        return f"#{channel.name}"
    user = directory.people.get((channel.dm_with or "") if channel else channel_or_user)
    return user.real_name.partition(" ")[0] if user else ""


def journal_entry(slack: Slack, number: int) -> Json | None:
    """A request's payload and answer; None for an unknown number."""
    entries = slack.journal.entries
    if not 0 <= number < len(entries):
        return None
    each = entries[number]
    if isinstance(each, SentRequest):
        return {"to": "bot", "payload": each.payload, "answer": each.body, "problems": each.problems}
    return {"to": "slack", "payload": each.arguments, "answer": each.answer, "problems": each.problems}
