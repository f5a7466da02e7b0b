"""The next recalibration as a message, and as JSON."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Message
from handlers.views.parts.choices import next_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import count, day, due, listed, name, possessive, prose, sentences, spoken, tier
from handlers.views.parts.reasons import labels, not_met
from handlers.views.parts.requirement import MARKS, label, label_inside, missed
from handlers.views.parts.sampling_days import are_alike, reached_on, sampling_days, tiers_in_words
from tiercore.facts.unknown import Unknown
from tiercore.questions.recalibration import Recalibration, Result, Sample
from tiercore.questions.requirements import Requirement, State


def message(answer: Recalibration) -> Message:
    """One screen: the expected result and its reasons, then each sampling day."""
    verdict = f"{mark_of(answer)} {name(answer.partner.name)}: {headline(answer)}"
    window = f"{day(answer.begins)} to {day(answer.day)}"
    title = blocks.line(blocks.bold(f"Sampling window {window}: one month at the tier is enough"))
    said_too = (*_why(answer), *_also(answer), *_missed(answer))
    lines = [blocks.line(blocks.span(each)) for each in said_too]
    return Message(
        text=spoken(
            f"{verdict}.",
            *sentences(said_too),
            *(
                []
                if are_alike(answer)
                else (f"{day(each.day)}: {reached_on(each, answer)}." for each in answer.samples)
            ),
            *sentences(answer.notes),
        ),
        blocks=[
            blocks.header(verdict),
            blocks.rich(*lines, title, blocks.bullets(sampling_days(answer))),
            answer_row(
                "recalibration",
                answer.partner.partner_id,
                next_button("gap", answer.partner.partner_id),
                next_button("expiring", answer.partner.partner_id),
            ),
            footing(answer.as_of, answer.rules, answer.notes, "▸ projected: if no points are added"),
        ],
    )


def _missed(answer: Recalibration) -> list[str]:
    return missed(answer.partner.name, answer.amiss, answer.credited_tier, answer.as_of)


def headline(answer: Recalibration) -> str:
    """The expected result, and when."""
    when = f"on {due(answer.day, answer.as_of)}"
    held = tier(answer.credited_tier)
    match answer.result:
        case Result.KEEPS | Result.PROTECTED:
            return f"{held} is kept {when}{f' by the points; not known: {labels(answer.open)}' if answer.open else ''}"
        case Result.FALLS:
            return f"{held} falls to {tier(answer.outcome)} {when}{_cause(answer)}"
        case Result.AT_RISK:
            return f"{held} at risk {when}{_cause(answer)}"
        case Result.UNTIERED:
            return f"no credited tier {'' if answer.credited_on else 'on file '}to review {when}"
        case _:
            because = f": {labels(answer.open)} unknown or not set" if answer.open else ""
            return f"can't tell yet whether {held} is kept {when}{because}"


def mark_of(answer: Recalibration) -> str:
    """The verdict's colour: green only where nothing that might cost the tier is unknown."""
    match answer.result:
        case Result.FALLS | Result.AT_RISK:
            return "🔴"
        case Result.KEEPS | Result.PROTECTED if not answer.open:
            return "🟢"
    return "⚪"


def _cause(answer: Recalibration) -> str:
    return f": {said}" if (said := not_met(answer.causes, answer.as_of)) else ""


def _why(answer: Recalibration) -> Iterator[str]:
    """The reason for the verdict, in a line."""
    held = tier(answer.credited_tier)
    since = f" since {day(answer.credited_on)}" if answer.credited_on else ""
    if answer.credited_tier:
        yield f"Credited {held}{since}."
    match answer.result:
        case Result.KEEPS:
            good = [sample for sample in answer.samples if sample.enough]
            by_points = f" by the points; not known: {labels(answer.open)}" if answer.open else ""
            others = f" and on {count(len(good) - 1, 'other sampling day')}" if len(good) > 1 else ""
            reached = f"{held} or higher on {day(good[0].day)}{others}"
            yield f"{mark_of(answer)} Kept{by_points}: {reached}."
        case Result.PROTECTED:
            assert answer.protected_until
            until = day(answer.protected_until)
            yield f"🟢 Protected until {until}: a tier can't be lowered in the first six months after it's gained."
        case Result.FALLS:
            best = f"the best month in the window reaches {tier(answer.outcome)}"
            yield f"🔴 Falls: no sampling day reaches {held}; {best}."
            yield from _red_days(answer)
            if any(each.state is State.RED for each in answer.conditions):
                yield f"🔴 To keep {held}, {_remedy(answer)}, as well."
        case Result.AT_RISK:
            yield f"🔴 At risk: {_remedy(answer)}, to keep {held}."
        case Result.UNKNOWN:
            yield f"⚪ Can't tell: {_open(answer)}."


def _red_days(answer: Recalibration) -> Iterator[str]:
    """On how many sampling days each requirement is red: "Not met: sold minimum on 6 of 6 sampling days"."""
    names = dict.fromkeys(each.name for sample in answer.samples for each in sample.amiss)
    days = {one: sum(one in [each.name for each in sample.amiss] for sample in answer.samples) for one in names}
    found = [f"{label_inside(one)} on {number}" for one, number in days.items()]
    if found:
        yield f"🔴 Not met, of {count(len(answer.samples), 'sampling day')}: {listed(found)}."


def _remedy(answer: Recalibration) -> str:
    """What to renew, and by when."""
    red = [each for each in answer.conditions if each.state is State.RED]
    what = listed([label_inside(each.name) for each in red])
    by = min((each.have for each in red if isinstance(each.have, date)), default=answer.day)
    if by < answer.as_of:
        return f"renew the {what} now, before {day(answer.day)}"
    return f"renew the {what} by {due(by, answer.as_of)}"


def _open(answer: Recalibration) -> str:
    least = f"; at least {tier(answer.outcome)}" if answer.outcome else ""
    if answer.open:
        return f"{tier(answer.credited_tier)}'s {labels(answer.open)} unknown or not set{least}"
    if answer.undecided:
        return f"a requirement of {tiers_in_words(answer.undecided)} is unknown or not set{least}"
    held = next((each.reached.reason for each in answer.samples if isinstance(each.reached, Unknown)), "")
    return f"a sampling day can't be judged{f': expiry {prose(held)}' if held else ''}"


def _also(answer: Recalibration) -> Iterator[str]:
    """Further lines: the next upgrade, the conditions on the day, and a protection that ends before it."""
    if answer.uptier:
        yield _up(answer)
    for each in answer.conditions:
        yield f"{MARKS[each.state]} {label(each.name)}: {_condition(each, answer)}"
    if answer.protected_until and answer.result is not Result.PROTECTED and answer.protected_until > answer.as_of:
        yield f"The six-month protection ends on {day(answer.protected_until)}, before the recalibration."


def _up(answer: Recalibration) -> str:
    assert answer.uptier
    up, when = tier(answer.uptier.tier), due(answer.uptier.day, answer.as_of)
    if answer.uptier.holds and answer.uptier.open:
        return f"⚪ By the points, moves up to {up} on {when}; not known: {labels(answer.uptier.open)}."
    if answer.uptier.holds:
        return f"🟢 Moves up to {up} on {when}, based on what's known today."
    reach = f"{possessive(name(answer.partner.name))} numbers reach {up} today"
    if answer.uptier.holds is None:
        return f"⚪ {reach}; it can't be said yet for the next upgrade day, {when}."
    cause = f": {said}" if (said := not_met(answer.uptier.amiss, answer.as_of)) else ""
    return f"🔴 {reach}, but no longer on the next upgrade day, {when}{cause}."


def _condition(requirement: Requirement, answer: Recalibration) -> str:
    when = answer.day
    if isinstance(requirement.have, Unknown):
        return f"unknown on {day(when)}: {prose(requirement.have.reason)}"
    assert isinstance(requirement.have, date)
    if requirement.state is State.GREEN:
        return f"valid on {day(when)} (until {day(requirement.have)})"
    if requirement.have < answer.as_of:
        return f"expired on {day(requirement.have)}"
    return f"expires on {day(requirement.have)}, before the recalibration on {day(when)}"


def record(answer: Recalibration) -> dict[str, Any]:
    """The recalibration as JSON."""
    return {
        **common_record("recalibration", answer.partner, answer.as_of, answer.rules, answer.notes),
        "credited_tier": answer.credited_tier,
        "credited_on": answer.credited_on.isoformat() if answer.credited_on else None,
        "recalibration": answer.day.isoformat(),
        "window_begins": answer.begins.isoformat(),
        "verdict": answer.result.value,
        "outcome": answer.outcome,
        "undecided": list(answer.undecided),
        "protected_until": answer.protected_until.isoformat() if answer.protected_until else None,
        "causes": [each.name for each in answer.causes],
        "not_known": [each.name for each in answer.open],
        "samples": [_sample_record(each) for each in answer.samples],
        "conditions": [_condition_record(each) for each in answer.conditions],
        "uptier": _uptier_record(answer),
    }


def _sample_record(sample: Sample) -> dict[str, Any]:
    unknown = isinstance(sample.reached, Unknown)
    return {
        "day": sample.day.isoformat(),
        "projected": sample.projected,
        "reached": None if isinstance(sample.reached, Unknown) else sample.reached.tier,
        "undecided": [] if isinstance(sample.reached, Unknown) else list(sample.reached.undecided),
        "enough": sample.enough,
        "unknown": sample.reached.reason if unknown and isinstance(sample.reached, Unknown) else None,
    }


def _condition_record(requirement: Requirement) -> dict[str, Any]:
    until = requirement.have.isoformat() if isinstance(requirement.have, date) else None
    return {"name": requirement.name, "state": requirement.state.value, "valid_until": until}


def _uptier_record(answer: Recalibration) -> dict[str, Any] | None:
    if answer.uptier is None:
        return None
    return {"tier": answer.uptier.tier, "on": answer.uptier.day.isoformat(), "still_reached": answer.uptier.holds}
