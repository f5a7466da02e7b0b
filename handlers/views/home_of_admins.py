"""What Home tells admins: whether messages were sent, figures are verified and HubSpot is in step."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.formats import count, day, listed, name, spoken
from handlers.views.parts.formats import week as week_of
from tiercore.notifications.fault import FaultCount
from tiercore.notifications.outbox_types import State, StateCount
from tiercore.notifications.types import WeekReport

if TYPE_CHECKING:
    from tiercore.ingest.staging.runs import SyncRun
    from tiercore.ingest.staging.status import SyncStatus
    from tiercore.nightly import LastVerified

_UNSENT = {State.DEAD: "not delivered", State.HELD: "held back", State.UNKNOWN: "unconfirmed"}
_MOST_FAULTS = 5
_MENDED_BY = {
    True: "The operator sees what to do with tierbot doctor; it is sent after that.",
    False: "Whoever subscribed the channel has been told.",
}


def outbox(week: WeekReport, counts: Sequence[StateCount], faults: Sequence[FaultCount] = ()) -> Message:
    """For admins: this week's digests, the messages that could not be sent, and what has to be mended."""
    number = week.outcomes.get(State.SENT.value, 0)
    complete = "🟢 complete" if week.is_complete else "🔴 not complete"
    sent = f"{number} of {week.runs} sent, {complete}" if week.runs else "none due yet"
    said = f"Digests, {week_of(week.week)}: {sent}."
    unsent = {each.state: each.messages for each in counts if each.state in _UNSENT}
    lines = [blocks.line(blocks.bold("Messages sent")), blocks.line(blocks.span(said))]
    if unsent:
        words = listed([f"{messages} {_UNSENT[state]}" for state, messages in unsent.items()])
        said = f"{said} 🔴 {words}. The operator sees why with tierbot outbox."
        lines.append(blocks.line(blocks.span(f"🔴 {words}. The operator sees why with tierbot outbox.")))
    for each in faults[:_MOST_FAULTS]:
        to = f" to {each.team_id}" if each.team_id else ""
        why = f"🔴 Slack refuses what is sent{to}: {each.fault.word}. {_MENDED_BY[each.fault.is_operators]}"
        said = f"{said} {why}"
        lines.append(blocks.line(blocks.span(why)))
    if (more := len(faults) - _MOST_FAULTS) > 0:
        said = f"{said} And {more} more: tierbot doctor."
        lines.append(blocks.line(blocks.span(f"And {more} more: tierbot doctor.")))
    return Message(said, [blocks.rich(*lines)])


def verified(last: "LastVerified", now: datetime) -> Message:
    """For admins: whether the stored figures were equal to what the entries give, when that was last looked at."""
    said = " ".join(_verdict(last, now))
    return Message(said, [blocks.rich(blocks.line(blocks.bold("Figures")), blocks.line(blocks.span(said)))])


def _verdict(last: "LastVerified", now: datetime) -> Iterator[str]:
    """What was found, and what is unknown: a result says nothing about figures that it is too old for."""
    why = f" The last night was left out: {last.left_out}." if last.left_out else ""
    if last.at is None:
        yield f"⚪ Not verified yet.{why}"
        return
    of = f"Verified on {day(last.at)} for {count(last.partners, 'partner')}"
    sold = f" {count(last.not_recounted, 'sold credit')} with deal-based credit not recounted."
    apart = sold if last.not_recounted else ""
    if last.differences:
        yield f"{of}: 🔴 {count(last.differences, 'figure differs', 'figures differ')}.{apart}"
        yield "The operator sees which with tierbot verify."
    elif last.is_current(now):
        yield f"{of}: 🟢 {'all others equal' if apart else 'all equal'}.{apart}"
    if not last.is_current(now):
        yield f"⚪ Not verified since {day(last.at)}.{why}"


def synced(status: "SyncStatus") -> Message:
    """For admins: as of when the figures have what HubSpot has, what went wrong last, and when the next sync is due."""
    sentences = list(_sync_state(status))
    said = blocks.line(blocks.span(" ".join(sentences)))
    return Message(spoken(*sentences), [blocks.rich(blocks.line(blocks.bold("HubSpot")), said)])


def _sync_state(status: "SyncStatus") -> Iterator[str]:
    if status.is_running:
        yield "A sync is running."
    if status.complete is None:
        yield "⚪ No sync was complete yet."
    else:
        mark = "🔴" if status.error or status.is_late else "🟢"
        yield f"{mark} In step with HubSpot as of {_moment(status.complete.started_at)}."
    if status.error:
        yield f"The last sync isn't complete: {name(status.error, 300)}"
    elif status.complete is not None:
        yield _read_by(status.complete)
    if status.next_at is not None:
        yield f"Next sync: {_moment(status.next_at)}."


def _read_by(sync: "SyncRun") -> str:
    calls = count(sync.calls, "call")
    return (
        f"That sync read {count(sync.records, 'record')} in {calls}."
        if sync.records
        else f"Nothing had changed ({calls})."
    )


def _moment(when: datetime) -> str:
    return f"{day(when)}, {when:%H:%M} UTC"
