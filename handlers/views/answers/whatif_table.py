"""Without and with a scenario, side by side, as a table."""

from collections.abc import Callable, Iterator
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, points, signed, tier
from handlers.views.parts.next_tier import performing
from handlers.views.parts.not_set import shown
from handlers.views.parts.requirement import MARKS, figure, how_much, in_words, label, label_inside
from tiercore.facts.unknown import Unknown
from tiercore.questions.recalibration import Recalibration, Result
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.rating.timeline import Balance
from tiercore.scenarios.outcome import Difference
from tiercore.scenarios.ranges import Missing

_SAME = "–"
_RESULTS = {
    Result.KEEPS: ("🟢", "kept"),
    Result.PROTECTED: ("🟢", "kept"),
    Result.FALLS: ("🔴", "lost"),
    Result.AT_RISK: ("🔴", "at risk"),
    Result.UNKNOWN: ("⚪", "can't be judged"),
    Result.UNTIERED: ("⚪", "no tier to review"),
}
_POINTS: tuple[tuple[str, Callable[[Balance], int]], ...] = (
    ("Combined", lambda balance: balance.combined),
    ("Sourced", lambda balance: balance.sourced),
    ("Assisted", lambda balance: balance.assisted),
    ("Managed", lambda balance: balance.managed),
)


def comparison(found: Difference) -> Block:
    """A row for each figure, without and with the steps, and the change."""
    when = "Today" if found.day == found.as_of else day(found.day)
    return blocks.table([when, "Without", "With", "Change"], [*_rows(found)], right=(3,))


def _rows(found: Difference) -> Iterator[list[dict[str, Any]]]:
    before, after = found.before, found.after
    reached = [performing(each.standing) for each in (before, after)]
    yield _row("Performing tier", *reached, change=_SAME if reached[0] == reached[1] else reached[1])
    for title, value in _POINTS:
        was, now = value(before.standing.balance), value(after.standing.balance)
        if was or now:
            yield _row(f"{title} points", points(was), points(now), change=_moved(now - was))
    yield from _requirements(found)
    yield _review(before.recalibration, after.recalibration)
    yield _expiring(found)


def _requirements(found: Difference) -> Iterator[list[dict[str, Any]]]:
    """The figures of the tier that it is about, and what else of its requirements changes or isn't met."""
    listed = shown([was for was, _ in found.requirements])
    for was, now in found.requirements:
        if was in listed and (was.name in FIGURES or was != now or State.RED in (was.state, now.state)):
            title = label(was.name) if was.unit is Unit.DAY else f"{tier(found.tier)}: {label_inside(was.name)}"
            yield _row(title, _state(was, found), _state(now, found), change=_turned(was, now))


def _turned(was: Requirement, now: Requirement) -> str:
    if (was.state is State.GREEN) is (now.state is State.GREEN):
        return _SAME
    return "now met" if now.state is State.GREEN else "no longer met"


def _state(requirement: Requirement, found: Difference) -> str:
    mark = MARKS[requirement.state]
    if requirement.name in FIGURES and requirement.state in (State.GREEN, State.RED):
        need = figure(requirement.need, requirement.unit)
        is_points = requirement.unit is Unit.POINTS
        short = points(requirement.short or 0) if is_points else how_much(requirement)
        return f"{mark} met ({need})" if requirement.state is State.GREEN else f"{mark} {short} short of {need}"
    return f"{mark} {in_words(requirement, found.as_of)}"


def _review(before: Recalibration, after: Recalibration) -> list[dict[str, Any]]:
    """The result of the next recalibration."""
    was, now = _result(before), _result(after)
    return _row(f"Recalibration {day(before.day)}", was, now, change=_SAME if was == now else "changes")


def _result(found: Recalibration) -> str:
    mark, word = _RESULTS[found.result]
    held = tier(found.credited_tier)
    if found.result is Result.UNTIERED:
        return f"{mark} {word}"
    if found.result is Result.FALLS:
        return f"{mark} {held} lost, {tier(found.outcome)} left"
    mark = "⚪" if found.open and mark == "🟢" else mark
    return f"{mark} {held} {word}"


def _expiring(found: Difference) -> list[dict[str, Any]]:
    was, now = found.before.expiring, found.after.expiring
    if isinstance(was, Unknown) or isinstance(now, Unknown):
        return _row("Expiring in 90 days", "⚪ under correction", "⚪ under correction", change=_SAME)
    if any(each.missing is Missing.EXPIRY for each in found.ranges):
        return _row("Expiring in 90 days", points(was), f"at least {points(now)}", change="not known")
    return _row("Expiring in 90 days", points(was), points(now), change=_moved(now - was))


def _moved(micropoints: int) -> str:
    return signed(micropoints) if micropoints else _SAME


def _row(title: str, *cells: str, change: str) -> list[dict[str, Any]]:
    return [blocks.text_cell(each) for each in (title, *cells, change)]
