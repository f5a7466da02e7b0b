"""The messages about a credit day and a recalibration: the outcome, its correction, and the reminders before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import opener, value
from handlers.views.parts.controls import control_row, share_of
from handlers.views.parts.credit_day import details, difference, headline, in_a_sentence, mark_of, table_of
from handlers.views.parts.footer import footing
from handlers.views.parts.formats import count, day, due, name, sentences, spoken, tier
from handlers.views.parts.reasons import labels
from handlers.views.parts.verdict import headline as verdict_headline
from handlers.views.parts.verdict import lines
from handlers.views.parts.verdict import mark as verdict_mark
from tiercore.facts.entries import Partner
from tiercore.questions.credit_day import CreditDay, Outcome
from tiercore.questions.recalibration import Recalibration
from tiercore.questions.requirements import FIGURES, Requirement
from tiercore.questions.verdict import verdict_of

_LISTED = 10


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it: someone `of_partner`, or the program's people; in a channel, everybody there."""

    of_partner: bool
    in_channel: bool

    @property
    def whose(self) -> str:
        """Whose numbers they are to the reader."""
        return "your" if self.of_partner and not self.in_channel else "its"

    @property
    def stop(self) -> str:
        """The note that names the command to stop these messages."""
        return f"alert: /digest alerts off{' here' if self.in_channel else ''} stops these"


def outcome(found: CreditDay, as_of: date, reader: Reader) -> Message:
    """One screen: what happened, what decided, the sampling days, and what to do."""
    title = f"{name(found.partner.name)}: {headline(found, reader.whose)}"
    said, review = list(details(found, reader.whose)), found.recalibration
    shows_days = review is not None and found.outcome is not Outcome.PROTECTED
    return Message(
        spoken(f"{mark_of(found)} {title}.", *said, *([in_a_sentence(review)] if review and shows_days else [])),
        [
            blocks.header(f"{mark_of(found)} {title}"),
            *([blocks.rich(*(blocks.line(blocks.span(each)) for each in said))] if said else []),
            *([table_of(review)] if review and shows_days else []),
            control_row(*_controls(found), share_of(_question(found))),
            footing(as_of, found.rules, found.notes, reader.stop),
        ],
    )


def _controls(found: CreditDay) -> list[dict[str, Any]]:
    partner_id, whom, review = found.partner.partner_id, name(found.partner.name, 40), found.recalibration
    first = opener(
        "Recalibration", "recalibration", "last" if review else "", partner_id, aloud=f"Recalibration: {whom}"
    )
    if found.outcome is Outcome.LOST:
        return [*_gap("Back to", found.held, review.amiss if review else (), found.partner), first]
    return [first, opener("Standing", "tier", "", partner_id, aloud=f"Standing: {whom}")]


def _question(found: CreditDay) -> str:
    """The question whose answer shows the same."""
    is_review = found.recalibration is not None
    return value("recalibration" if is_review else "tier", "last" if is_review else "", found.partner.partner_id)


def _gap(verb: str, tier_name: str | None, missing: Sequence[Requirement], partner: Partner) -> list[dict[str, Any]]:
    """The button to what is missing for a tier; none where points don't decide."""
    if tier_name is None or not any(each.name in FIGURES for each in missing):
        return []
    label = f"{verb} {tier(tier_name)}"
    aloud = f"{label}, the gap: {name(partner.name, 40)}"
    return [opener(label, "gap", tier_name, partner.partner_id, aloud=aloud)]


def differs(found: CreditDay, reader: Reader) -> Message:
    """A short message for the thread, once the program's own word is on file and another."""
    said = f"{difference(found, reader.whose) or headline(found, reader.whose)}."
    line = blocks.line(blocks.bold(said), blocks.span(" Doesn't match? can flag it for your CAM."))
    if not reader.of_partner:
        line = blocks.line(blocks.bold(said))
    return Message(spoken(f"{name(found.partner.name)}: {said}"), [blocks.rich(line)])


def reminder(answer: Recalibration, reader: Reader) -> Message:
    """Before a recalibration that would cost the tier: why, what saves it, and each sampling day."""
    verdict = verdict_of(answer)
    title, said = f"{name(answer.partner.name)}: {verdict_headline(verdict)}", lines(verdict)
    partner_id, whom = answer.partner.partner_id, name(answer.partner.name, 40)
    shown = opener("Recalibration", "recalibration", "", partner_id, aloud=f"Recalibration: {whom}")
    return Message(
        spoken(f"{verdict_mark(verdict)} {title}.", *said, in_a_sentence(answer)),
        [
            blocks.header(f"{verdict_mark(verdict)} {title}"),
            *([blocks.rich(*(blocks.line(blocks.span(each)) for each in said))] if said else []),
            table_of(answer),
            control_row(
                *_gap("Keep", answer.credited_tier, answer.causes, answer.partner),
                shown,
                share_of(value("recalibration", "", partner_id)),
            ),
            footing(answer.as_of, answer.rules, answer.notes, "▸ projected: if no points are added", reader.stop),
        ],
    )


def not_judged(found: Sequence[CreditDay], day_: date, as_of: date) -> Message:
    """For the program's people: of which partners the recalibration can't be judged, and why."""
    title = f"{count(len(found), 'partner')} can't be judged for the recalibration on {due(day_, as_of)}"
    said = [f"{name(each.partner.name)}: {_why(each)}" for each in found[:_LISTED]]
    if len(found) > _LISTED:
        said.append(f"… and {count(len(found) - _LISTED, 'more partner')}: /digest portfolio")
    what = "Once what is missing is set or imported, you get the outcome, within a week of the day."
    return Message(
        spoken(f"⚪ {title}.", *sentences(said), what),
        [
            blocks.header(f"⚪ {title}"),
            blocks.rich(
                blocks.bullets(blocks.line(blocks.span(each)) for each in said), blocks.line(blocks.span(what))
            ),
            blocks.context(f"As of {day(as_of)} · alert: /digest alerts off stops these"),
        ],
    )


def _why(found: CreditDay) -> str:
    open_ = found.recalibration.open if found.recalibration else ()
    held = tier(found.held)
    return f"{held}'s {labels(open_)} unknown or not set" if open_ else f"a sampling day of {held} can't be judged"
