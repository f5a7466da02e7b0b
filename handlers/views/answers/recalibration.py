"""The next recalibration as a message, and as JSON."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.choices import tabs
from handlers.views.parts.footer import common_record, footing
from handlers.views.parts.formats import count, day, name, quiet, tier
from handlers.views.parts.requirement import MARKS, label, missed
from tiercore.facts.unknown import Unknown
from tiercore.questions.recalibration import Recalibration, Sample, Verdict
from tiercore.questions.requirements import Requirement, State

_MARKS = {True: "🟢", False: "🔴", None: "⚪"}


def message(answer: Recalibration) -> Message:
    """One screen: what comes out, the samples, then what else decides."""
    said = headline(answer)
    title = blocks.line(blocks.bold(f"The window: {day(answer.begins)} to {day(answer.day)}, one good month is enough"))
    said_too = (*_why(answer), *_also(answer), *missed(answer.amiss, answer.credited_tier))
    lines = [blocks.line(blocks.span(each)) for each in said_too]
    return Message(
        text=f"{quiet(answer.partner.name)}: {said}.",
        blocks=[
            blocks.header(f"{name(answer.partner.name)}: {said}"),
            blocks.rich(*lines, title, blocks.bullets(_sample(each) for each in answer.samples)),
            footing(answer.as_of, answer.rules, answer.notes, "▸ projected: if nothing is added"),
            tabs("recalibration", answer.partner.partner_id),
        ],
    )


def headline(answer: Recalibration) -> str:
    """What would come out, and when."""
    left = (answer.day - answer.as_of).days
    when = f"on {day(answer.day)}, " + (f"in {count(left, 'day')}" if left else "today")
    held = tier(answer.credited_tier)
    match answer.verdict:
        case Verdict.KEEPS | Verdict.PROTECTED:
            return f"{held} is kept {when}"
        case Verdict.FALLS:
            return f"{held} falls to {tier(answer.outcome)} {when}"
        case Verdict.AT_RISK:
            return f"{held} is at risk {when}"
        case Verdict.UNTIERED:
            return f"no tier to lose {when}"
        case _:
            return f"can't say whether {held} is kept {when}"


def _why(answer: Recalibration) -> Iterator[str]:
    """The reason for the verdict, in a line."""
    held = tier(answer.credited_tier)
    since = f" since {day(answer.credited_on)}" if answer.credited_on else ""
    if answer.credited_tier:
        yield f"Credited {held}{since}."
    match answer.verdict:
        case Verdict.KEEPS:
            good = [sample for sample in answer.samples if sample.enough]
            yield f"🟢 Kept: {held} or more on {day(good[0].day)}{_more(len(good) - 1)}."
        case Verdict.PROTECTED:
            assert answer.protected_until
            until = day(answer.protected_until)
            yield f"🟢 Protected: no tier is lost within six months of gaining it, here until {until}."
        case Verdict.FALLS:
            yield f"🔴 Falls: {held} on no sampling day; the best in the window is {tier(answer.outcome)}."
        case Verdict.AT_RISK:
            yield f"🔴 At risk: {_missing(answer.conditions)} on that day, so {held} is subject to down-tiering."
        case Verdict.UNKNOWN:
            yield f"⚪ Can't be said: {_open(answer)}."


def _more(others: int) -> str:
    return f" and {count(others, 'more day')}" if others else ""


def _missing(conditions: tuple[Requirement, ...]) -> str:
    return " and ".join(f"no valid {label(each.name).lower()}" for each in conditions if each.state is State.RED)


def _open(answer: Recalibration) -> str:
    if answer.undecided:
        least = f"; at least {tier(answer.outcome)}" if answer.outcome else ""
        return f"what {_listed(answer.undecided)} asks for is unknown or not configured{least}"
    return "a sampling day can't be judged"


def _listed(tiers: tuple[str, ...]) -> str:
    """Gold, Platinum or Diamond."""
    *others, last = (tier(each) for each in tiers)
    return f"{', '.join(others)} or {last}" if others else last


def _also(answer: Recalibration) -> Iterator[str]:
    """Protection that ends before the day, conditions on the day, and moving up."""
    if answer.uptier:
        yield _up(answer)
    for each in answer.conditions:
        yield f"{MARKS[each.state]} {label(each.name)}: {_condition(each, answer.day)}"
    if answer.protected_until and answer.verdict is not Verdict.PROTECTED and answer.protected_until > answer.as_of:
        yield f"The six months' protection ends on {day(answer.protected_until)}, before the recalibration."


def _up(answer: Recalibration) -> str:
    assert answer.uptier
    up, when = tier(answer.uptier.tier), day(answer.uptier.day)
    if answer.uptier.holds:
        return f"🟢 Moves up to {up} on {when}: still reached then, if nothing is lost that isn't known today."
    if answer.uptier.holds is None:
        return f"⚪ Performing {up}; whether it is still reached on {when}, the next day to move up, can't be said."
    return f"🔴 Performing {up}, but no longer on {when}, the next day to move up."


def _condition(requirement: Requirement, when: date) -> str:
    if isinstance(requirement.have, Unknown):
        return f"unknown on {day(when)}: {requirement.have.reason}"
    assert isinstance(requirement.have, date)
    if requirement.state is State.GREEN:
        return f"valid on {day(when)} (until {day(requirement.have)})"
    return f"missing on {day(when)}: valid until {day(requirement.have)} only"


def _sample(sample: Sample) -> Block:
    projected = "  ▸ projected" if sample.projected else ""
    if isinstance(sample.reached, Unknown):
        return blocks.line(blocks.bold(f"⚪ {day(sample.day)}"), blocks.span(f"  {sample.reached.reason}{projected}"))
    reached = tier(sample.reached.tier)
    if sample.reached.undecided:
        unsaid = f"{_listed(sample.reached.undecided)} can't be said"
        reached = f"{reached} at least; {unsaid}" if sample.reached.tier else unsaid
    enough = "" if sample.enough is None else f" – {'enough' if sample.enough else 'not enough'}"
    return blocks.line(
        blocks.span(f"{_MARKS[sample.enough]} "),
        blocks.bold(day(sample.day)),
        blocks.span(f"  {reached}{enough}{projected}"),
    )


def record(answer: Recalibration) -> dict[str, Any]:
    """The recalibration as JSON."""
    return {
        **common_record("recalibration", answer.partner, answer.as_of, answer.rules, answer.notes),
        "credited_tier": answer.credited_tier,
        "credited_on": answer.credited_on.isoformat() if answer.credited_on else None,
        "recalibration": answer.day.isoformat(),
        "window_begins": answer.begins.isoformat(),
        "verdict": answer.verdict.value,
        "outcome": answer.outcome,
        "undecided": list(answer.undecided),
        "protected_until": answer.protected_until.isoformat() if answer.protected_until else None,
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
