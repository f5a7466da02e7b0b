"""What would be, as a message: the difference first, then without and with it side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from handlers.views.answers.whatif_table import comparison
from handlers.views.parts import blocks
from handlers.views.parts import verdict as verdict_view
from handlers.views.parts.blocks import Block, Message
from handlers.views.parts.chart import Chart, Series, native
from handlers.views.parts.choices import whatif_button
from handlers.views.parts.controls import answer_row
from handlers.views.parts.footer import footing, other_model_notes
from handlers.views.parts.formats import day, due, month, name, points, sentences, spoken, tier, upper
from handlers.views.parts.keep_deal import keep_buttons
from handlers.views.parts.reasons import BOUNDS, not_met
from handlers.views.parts.requirement import label_inside
from handlers.views.parts.scenario import (
    assumed_in_words,
    effect_in_words,
    range_in_words,
    rate_in_words,
    step_in_words,
)
from tiercore.facts.points import hundredths
from tiercore.facts.unknown import Unknown
from tiercore.questions.requirements import FIGURES, Unit
from tiercore.questions.verdict import Verdict
from tiercore.scenarios.consequence import Consequence, ConsequenceKind
from tiercore.scenarios.outcome import Difference, WhatIfAnswer

NOT_STORED = "Nothing is stored"
_MARKS = {
    ConsequenceKind.LOST: "🔴",
    ConsequenceKind.STILL_LOST: "🔴",
    ConsequenceKind.SAVED: "🟢",
    ConsequenceKind.CREDITED: "🎉",
    ConsequenceKind.NOT_CREDITED: "🔴",
    ConsequenceKind.UNKNOWN: "⚪",
    ConsequenceKind.WARNED: "🟠",
    ConsequenceKind.REACHED: "🟠",
    ConsequenceKind.CLOSER: "🎯",
    ConsequenceKind.FURTHER: "🟠",
    ConsequenceKind.SAME: "⚪",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer, and its steps as they would be typed again."""

    found: WhatIfAnswer
    words: str


def message(answered: Answered) -> Message:
    """One screen: the difference, the steps with what each does, a table without and with them, and the year ahead."""
    found, partner = answered.found.difference, answered.found.difference.partner
    chart, said = chart_of(found), f"{mark(_first(found))} {name(partner.name)}: {headline(found)}"
    standing = found.after.standing
    notes = [*other_model_notes(found.day, standing.judged_on, standing.rules), *standing.notes]
    also = [blocks.line(blocks.span(each)) for each in _also(found)]
    steps = [*also, blocks.bullets(_steps(answered.found)), *_ranges(found)]
    return Message(
        text=spoken(f"{said}.", *_also(found), *_spoken(answered.found), *sentences(notes)),
        blocks=[
            blocks.header(said),
            blocks.rich(*steps),
            comparison(found),
            *([native(chart)] if chart else []),
            _controls(answered),
            footing(found.as_of, standing.rules, notes, NOT_STORED),
        ],
        charts=(chart,) if chart else (),
    )


def _controls(answered: Answered) -> Block:
    """Change the steps, or keep a sale as a deal of the pipeline."""
    key = answered.found.difference.partner.partner_id
    change = whatif_button("Change it", answered.words, key)
    return answer_row("whatif", key, change, *keep_buttons(answered.found.difference))


def mark(consequence: Consequence) -> str:
    """Its colour: green or a cheer for good news alone."""
    return _MARKS[consequence.kind]


def headline(found: Difference) -> str:
    """The difference that the steps make: "Platinum would be credited on 15 Oct 2022: 12.5 points above"."""
    return upper(_in_words(_first(found), found))


def _first(found: Difference) -> Consequence:
    """What the steps change comes first, and a tier that is lost with and without them after it."""
    consequence = found.consequence
    if consequence.kind is not ConsequenceKind.STILL_LOST:
        return consequence
    return consequence.also or replace(consequence, kind=ConsequenceKind.SAME)


def _in_words(consequence: Consequence, found: Difference) -> str:
    goal, when = tier(consequence.tier), due(consequence.day, found.as_of)
    review = f"at the recalibration on {when}"
    lost = "lost" if consequence.verdict.is_certain else "at risk"
    match consequence.kind:
        case ConsequenceKind.LOST:
            return f"{goal} would be {lost} {review}{_cause(consequence, found)}"
        case ConsequenceKind.STILL_LOST:
            return f"{goal} is still {lost} {review}{_cause(consequence, found)}"
        case ConsequenceKind.SAVED:
            return f"{goal} would be kept {review}, which it isn't without this"
        case ConsequenceKind.CREDITED:
            return f"{goal} would be credited on {when}{_above(consequence)}"
        case ConsequenceKind.NOT_CREDITED:
            return f"{goal} would no longer be credited on {when}{_cause(consequence, found)}"
        case ConsequenceKind.UNKNOWN:
            return f"{_moved(found)}; whether that changes a tier can't be told"
        case ConsequenceKind.WARNED:
            return verdict_view.headline(_read_on(found.as_of, consequence.verdict))
        case ConsequenceKind.REACHED:
            reached = f"{goal} would be reached on {day(found.day)}"
            return f"{reached}, but not be credited on {when}{_cause(consequence, found)}"
        case ConsequenceKind.CLOSER | ConsequenceKind.FURTHER:
            return _way(consequence, found)
    return _same(found)


def _read_on(today: date, verdict: Verdict) -> Verdict:
    """A verdict of a later day, whose "today" and "in 12 days" are the reader's."""
    low_on = verdict.turns_on or (verdict.as_of if verdict.as_of > today else None)
    return replace(verdict, as_of=today, turns_on=low_on)


def _also(found: Difference) -> list[str]:
    """What it means for the held tier or the next way up, whichever the headline isn't about."""
    if found.consequence.kind is ConsequenceKind.UNKNOWN:
        unknown = verdict_view.headline(_read_on(found.as_of, found.consequence.verdict))
        return [f"{mark(found.consequence)} {upper(unknown)}."]
    stays = found.consequence.kind is ConsequenceKind.STILL_LOST
    also = found.consequence if stays else found.consequence.also
    return [f"{mark(also)} {upper(_in_words(also, found))}."] if also else []


def _cause(consequence: Consequence, found: Difference) -> str:
    short = [each for each in consequence.causes if each.name in FIGURES and each.short and each.unit is Unit.POINTS]
    others = [each for each in consequence.causes if each not in short]
    said = [f"{label_inside(each.name)} {points(each.short or 0)} short" for each in short]
    said += [not_met(others, found.as_of)] if others else []
    return f": {'; '.join(said)}" if said else ""


def _above(consequence: Consequence) -> str:
    if consequence.margin is None:
        return ""
    return f": {points(consequence.margin)} points above" if hundredths(consequence.margin) else ": met exactly"


def _way(consequence: Consequence, found: Difference) -> str:
    goal, by = tier(consequence.tier), f"by {due(consequence.day, found.as_of)}"
    moved = abs((consequence.missing_before or 0) - (consequence.missing or 0))
    bound = BOUNDS[consequence.exactness]
    if not consequence.missing:
        return f"no points would be missing for {goal} {by}"
    nearer = "closer to" if consequence.kind is ConsequenceKind.CLOSER else "further from"
    return f"{points(moved)} points {nearer} {goal}: {bound}{points(consequence.missing)} to go {by}"


def _same(found: Difference) -> str:
    if all(not each.points for each in found.effects):
        return "no points and no tier would change"
    return f"{_moved(found)}, and no tier would change"


def _moved(found: Difference) -> str:
    moved = sum(each.points for each in found.effects)
    return f"{points(abs(moved))} points {'less' if moved < 0 else 'more'}"


def _steps(answer: WhatIfAnswer) -> Iterator[Block]:
    found = answer.difference
    for effect, assumed in zip(found.effects, answer.assumed, strict=True):
        said = "; ".join(filter(None, (assumed_in_words(assumed), rate_in_words(effect))))
        yield blocks.line(
            blocks.span(f"{step_in_words(effect, found)}: "),
            blocks.bold(effect_in_words(effect)),
            *([blocks.italic(f" ({said})")] if said else []),
        )


def _ranges(found: Difference) -> Iterator[Block]:
    for each in found.ranges:
        yield blocks.line(blocks.span(f"⚪ {range_in_words(each, found.names)}"))


def _spoken(answer: WhatIfAnswer) -> Iterator[str]:
    found = answer.difference
    for effect, assumed in zip(found.effects, answer.assumed, strict=True):
        said = "; ".join(filter(None, (assumed_in_words(assumed), rate_in_words(effect))))
        yield f"{step_in_words(effect, found)}: {effect_in_words(effect)}{f' ({said})' if said else ''}."
    yield from (range_in_words(each, found.names) for each in found.ranges)
    yield f"{NOT_STORED}."


def chart_of(found: Difference) -> Chart | None:
    """Combined points over the next twelve months, without and with; None while expiry is under correction."""
    without, with_ = found.before.combined, found.after.combined
    if isinstance(without, Unknown) or isinstance(with_, Unknown):
        return None
    series = [Series("Without", _values(without)), Series("With", _values(with_))]
    total = next((was for was, _ in found.requirements if was.name == "combined_threshold"), None)
    if total is not None and isinstance(total.need, int):
        goal = name(tier(found.tier), 10)
        series.append(Series(f"{goal} threshold", (hundredths(total.need) / 100,) * len(without), threshold=True))
    first, *ends = [each for each, _ in without]
    labels = [month(each) if not at or each.month == 1 else month(each).split()[0] for at, each in enumerate(ends)]
    return Chart(
        title="Combined points, projected",
        categories=(_short(first, found), *(f"→ {each}" for each in labels)),
        series=tuple(series),
        projected_from=1 if first <= found.as_of else 0,
    )


def _short(first: date, found: Difference) -> str:
    return "Today" if first == found.as_of else day(first)


def _values(points_of_days: tuple[tuple[date, int], ...]) -> tuple[float, ...]:
    return tuple(hundredths(each) / 100 for _, each in points_of_days)
