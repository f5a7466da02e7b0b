"""The status of notifications: what somebody gets, when, and what was sent."""

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from handlers.views.account import change_button
from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import FORM
from handlers.views.parts.formats import clock, day, prose, spoken, upper
from handlers.views.parts.schedule import in_words, period
from handlers.views.replies import plain_reply
from tiercore.notifications.types import ALL_KINDS, NO_QUIET, Run, Subscription, Topic
from tiercore.questions.signals import Kind

_OUTCOMES = {
    "sent": "🟢 sent",
    "skipped_late": "🔴 missed, too late to send",
    "dead": "🔴 could not be sent",
    "dropped": "⚫ not sent",
    "held": "⚪ held back",
}


def status(subscriptions: Sequence[tuple[Subscription, Run | None]], *, channel: bool) -> Message:
    """The subscriptions, when each is due next, and how its last run ended."""
    whose = "This channel's" if channel else "Your"
    label = "Change schedule" if subscriptions else "Set up"
    schedule = blocks.button(label, f"{FORM}:digest", "digest", primary=not subscriptions)
    if not subscriptions:
        how = "Type /digest monday 9:00 here." if channel else "Press Set up, or type /digest monday 9:00."
        what = "This channel has" if channel else "You have"
        reply = plain_reply(f"{what} no notifications set up.", how)
        return reply if channel else Message(reply.text, [*reply.blocks, blocks.actions(schedule)])
    title = f"{whose} notifications"
    lines = [_line(subscription, run) for subscription, run in subscriptions]
    paused = all(each.paused for each, _ in subscriptions)
    buttons = [schedule, change_button("Resume" if paused else "Pause", "resume" if paused else "pause", "me")]
    shown = [blocks.rich(blocks.line(blocks.bold(title)), blocks.bullets(lines), *(_AUDIENCE_LINE if channel else ()))]
    sentences = [blocks.text_of(each) for each in lines]
    text = spoken(f"{title}.", *(f"{each}." for each in sentences), _AUDIENCE if channel else "")
    return Message(
        text, shown if channel else [*shown, blocks.actions(*buttons, change_button("Send now", "now", "me"))]
    )


_AUDIENCE = "Everyone in this channel sees these figures, including people who join later."
_AUDIENCE_LINE = (blocks.line(blocks.span(_AUDIENCE)),)


def _line(subscription: Subscription, run: Run | None) -> Block:
    spans = [blocks.bold(subscription.topic.value.capitalize())]
    if subscription.paused:
        spans.append(blocks.span(": paused"))
    elif subscription.topic is Topic.ALERTS:
        hours = subscription.quiet
        quiet = f", not between {clock(hours[0])} and {clock(hours[1])}" if hours and hours != NO_QUIET else ""
        which = "" if subscription.kinds == ALL_KINDS else f", {in_order(subscription.kinds)} only"
        spans.append(blocks.span(f": as they happen{which}{quiet}"))
    elif subscription.next:
        when = day(subscription.next.astimezone(ZoneInfo(subscription.schedule.timezone)).date())
        silent = "; silent if nothing moved and there's nothing to do" if subscription.only_news else ""
        spans.append(blocks.span(f": {in_words(subscription.schedule)}; next on {when}{silent}"))
    if run:
        why = f": {prose(run.reason)}" if run.reason and run.outcome != "sent" else ""
        spans.append(blocks.span(f". {upper(period(run.period))}: {_OUTCOMES.get(run.outcome, '⚪ on its way')}{why}"))
    return blocks.line(*spans)


def sent_now(number: int, digests: Sequence[Subscription]) -> Message:
    """The reply to `/digest now`: how many of these digests were put in the outbox."""
    if digests and all(each.paused for each in digests):
        return plain_reply("Your digest is paused.", "/digest resume starts it again; /digest shows this week's here.")
    if not digests:
        return no_digest()
    if not number:
        return plain_reply("It's already on its way.")
    return plain_reply("On its way: it will arrive as a separate message.")


def no_digest() -> Message:
    """The reply where a digest is needed that isn't subscribed to."""
    return plain_reply("You have no digest set up.", "/digest monday 9:00 subscribes you; /digest shows it here, now.")


def in_order(kinds: Collection[Kind]) -> str:
    """Kinds of alerts as they are typed: "minimums, tier"."""
    return ", ".join(kind.value for kind in Kind if kind in kinds)
