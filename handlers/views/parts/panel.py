"""The requirements as panels, two in a row: colour with its word, points, and what they are worth in money."""

from collections.abc import Iterator, Sequence
from datetime import date

from handlers.views.parts import blocks
from handlers.views.parts.blocks import Block
from handlers.views.parts.formats import bar, count, day, money, points
from handlers.views.parts.requirement import (
    MARKS,
    bound_of,
    equals_sign,
    figure,
    how_much,
    in_money,
    in_words,
    known_of,
    label,
    ways_of,
)
from tiercore.program import Rules
from tiercore.questions.convert import way_to_earn
from tiercore.questions.gap import sources_of
from tiercore.questions.requirements import FIGURES, Requirement, State
from tiercore.questions.standing import Standing, is_managed

_IN_A_ROW = 2
_SQUARES = 5  # half a row is narrow on a phone
_SOON = "🟠"  # met today, but not at the recalibration
_WORDS = {
    State.GREEN: "met",
    State.RED: "not met",
    State.UNKNOWN: "unknown",
    State.NOT_CONFIGURED: "not set",
}


def panels(requirements: Sequence[Requirement], standing: Standing) -> list[Block]:
    """A panel per requirement, two in a row."""
    fields = [blocks.plain("\n".join(_lines(each, standing)), 2_000) for each in requirements]
    return [{"type": "section", "fields": fields[at : at + _IN_A_ROW]} for at in range(0, len(fields), _IN_A_ROW)]


def _lines(requirement: Requirement, standing: Standing) -> Iterator[str]:
    rules, currency = standing.rules, standing.partner.currency
    is_set = requirement.state is not State.NOT_CONFIGURED
    words = _WORDS[requirement.state] if is_set else f"no {bound_of(requirement.name)} set"
    is_lost = any(each.name == requirement.name and each.state is State.RED for each in standing.lasting)
    mark = _SOON if is_lost and requirement.state is State.GREEN else MARKS[requirement.state]
    yield f"{mark} {label(requirement.name)}: {words}"
    if requirement.name in FIGURES and isinstance(requirement.need, int) and isinstance(requirement.have, int):
        drawn = bar(requirement.have, requirement.need, met=not requirement.short, squares=_SQUARES)
        yield f"{drawn} {_against(requirement)}"
        yield from _in_currency(requirement, rules, currency)
        yield from filter(None, [without_levels(requirement, standing)])
    elif requirement.state is State.NOT_CONFIGURED:
        yield from filter(None, [known_of(requirement)])
    else:
        yield _after_state(in_words(requirement)) + _how_far(requirement, standing.as_of)
    for later in standing.lasting:
        if later.name == requirement.name and requirement.state is State.GREEN:
            yield _at_recalibration(requirement, later, day(standing.next_recalibration))


def without_levels(requirement: Requirement, standing: Standing) -> str:
    """What may be missing from a managed figure that isn't met: "" where nothing is."""
    is_short = is_managed(requirement) and bool(requirement.short)
    clients = count(standing.without_levels, "client")
    return f"no subscription data for {clients} with an agreement" if is_short and standing.without_levels else ""


def _against(requirement: Requirement) -> str:
    short = f" ({how_much(requirement)} short)" if requirement.short else ""
    return f"{figure(requirement.have, requirement.unit)} of {figure(requirement.need, requirement.unit)}{short}"


def _after_state(words: str) -> str:
    """The text without the state, which the panel's first line shows."""
    for state in ("met, ", "missing: ", "unknown: ", "unknown "):
        words = words.removeprefix(state)
    return words


def _how_far(requirement: Requirement, as_of: date) -> str:
    """How long a valid requirement lasts: " (84 days left)"; "" where that doesn't apply."""
    if requirement.state is not State.GREEN or requirement.name.endswith("_invitation"):
        return ""
    days = (requirement.have - as_of).days if isinstance(requirement.have, date) else 0
    return f" ({count(days, 'day')} left)" if days else ""


def _in_currency(requirement: Requirement, rules: Rules, currency: str) -> Iterator[str]:
    """What the minimum is worth in MRR, and the MRR that would earn what is missing."""
    equals = equals_sign(rules, currency)
    sources = sources_of(requirement.name)
    if sources and isinstance(requirement.need, int):
        worth = way_to_earn(requirement.need, sources[0], rules, currency)
        yield f"{points(requirement.need)} points {equals} {money(worth.mrr)} of MRR"
    if requirement.short and (ways := ways_of(requirement, rules, currency)):
        yield f"still to earn: {'≈ ' if equals == '≈' else ''}{in_money(ways)}"


def _at_recalibration(current: Requirement, later: Requirement, when: str) -> str:
    if later.state is not State.GREEN:
        return f"⚠ expires before the recalibration on {when}"
    renewed = (
        f"renewed until {day(later.have)}: " if isinstance(later.have, date) and later.have != current.have else ""
    )
    return f"{renewed}valid at the recalibration on {when}"
