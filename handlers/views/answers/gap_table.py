"""A tier's requirements as a table: what there is today, what expires and starts, and what is missing on the day."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import day, points, signed
from handlers.views.parts.not_set import shown
from handlers.views.parts.requirement import MARKS, bound_of, figure, how_much, in_words, label, needed
from tiercore.facts.points import Source
from tiercore.questions.gap import sources_of
from tiercore.questions.gap_on import GapOn
from tiercore.questions.requirements import FIGURES, Requirement, State, Unit
from tiercore.rating.netting import Change

_NONE = "–"
TOTAL = "combined_threshold"


def requirement_table(gap: GapOn) -> list[Block]:
    """A row per requirement: minimums, their total, then the others; nothing where only what isn't set is left."""
    requirements = _ordered(shown(gap.then.requirements))
    if not requirements:
        return []
    changes = [each for each in _changes(gap) if each[1]]
    figures = ["Today", *(title for title, _ in changes)] if gap.is_ahead else []
    head = ["Requirement", *figures, day(gap.by) if gap.is_ahead else "Today", "Required", "State"]
    rows = [_row(each, gap, [found for _, found in changes]) for each in requirements]
    return [blocks.table(head, rows, right=range(1, len(head) - 1))]


def _ordered(requirements: Sequence[Requirement]) -> list[Requirement]:
    """The minimums, the total that they are a part of, then what isn't about points."""
    return sorted(requirements, key=lambda each: (each.name not in FIGURES, each.name == TOTAL))


def _changes(gap: GapOn) -> list[tuple[str, Sequence[Change]]]:
    """The columns of what changes until the day; none in the dollar models, whose figures aren't points."""
    is_shown = gap.is_ahead and gap.rules.model == "points"
    return [("Expires", gap.expiring), ("Starts", gap.starting)] if is_shown else []


def _row(requirement: Requirement, gap: GapOn, changes: Iterable[Sequence[Change]]) -> list[dict[str, Any]]:
    cell = blocks.bold_cell if requirement.name == TOTAL else blocks.text_cell
    before = [_today(requirement, gap), *(_moved(requirement, each) for each in changes)] if gap.is_ahead else []
    have, need = _have(requirement), _need(requirement)
    return [cell(each) for each in (label(requirement.name), *before, have, need, _state(requirement, gap.as_of))]


def _today(requirement: Requirement, gap: GapOn) -> str:
    value = FIGURES.get(requirement.name)
    return figure(value(gap.balance), requirement.unit) if value else _NONE


def _have(requirement: Requirement) -> str:
    if isinstance(requirement.have, date):
        invited = requirement.name.endswith("_invitation")
        return f"{'from' if invited else 'until'} {day(requirement.have)}"
    return figure(requirement.have, requirement.unit)


def _need(requirement: Requirement) -> str:
    if requirement.unit is Unit.DAY:
        return _NONE
    return needed(requirement) if isinstance(requirement.need, int) else _NONE


def _moved(requirement: Requirement, changes: Iterable[Change]) -> str:
    """What the changes add to the figure, or take from it."""
    if requirement.unit is not Unit.POINTS:
        return _NONE
    counted = sources_of(requirement.name) or tuple(Source)
    moved = sum(each.micropoints for each in changes if each.source in counted)
    return signed(moved) if moved else _NONE


def _state(requirement: Requirement, as_of: date) -> str:
    """The state in colour and word, with what is missing or why it can't be judged."""
    mark = MARKS[requirement.state]
    match requirement.state:
        case State.GREEN:
            return f"{mark} met"
        case State.NOT_CONFIGURED:
            return f"{mark} no {bound_of(requirement.name)} set"
        case State.RED if requirement.short:
            return f"{mark} {_short(requirement)} short"
        case State.UNKNOWN if requirement.name in FIGURES:
            return f"{mark} unknown: at most {_short(requirement)} short, some credits could not be rated"
        case State.RED if isinstance(requirement.have, date) and as_of <= requirement.have:
            return f"{mark} expired by then"
    return f"{mark} {in_words(requirement, as_of)}"


def _short(requirement: Requirement) -> str:
    return points(requirement.short or 0) if requirement.unit is Unit.POINTS else how_much(requirement)
