"""The ways to keep the held tier at the next recalibration (how-tiers-work#plans)."""

from dataclasses import replace
from datetime import date

from tiercore.planning.aims import Aim, aim_of
from tiercore.planning.problem import Needs
from tiercore.program import Program
from tiercore.questions.recalibration import Recalibration, recalibration_on
from tiercore.questions.requirements import State
from tiercore.rating.timeline import balance_on
from tiercore.scenarios.books import PartnerBooks, facts_on


def aims_to_keep(tier_name: str | None, as_of: date, program: Program, books: PartnerBooks) -> list[Aim]:
    """The aims of which each keeps the held tier: to reach it on one of the sampling days to come, and where one that
    is over was enough, to renew what the recalibration needs.

    None where another tier is named, or none is named and the held one is in no danger.
    """
    facts, balance = facts_on(books, as_of), balance_on(books.timeline, as_of)
    found = recalibration_on(as_of, program, facts, balance, books.timeline)
    if found.credited_tier is None or tier_name not in (None, found.credited_tier):
        return []
    if tier_name is None and not found.is_in_danger:
        return []
    days = [each.day for each in found.samples if each.day > as_of or each.day == found.day]
    aims = [aim_of(found.credited_tier, day, as_of, program, books) for day in days]
    enough = [each.day for each in found.samples if each.enough and not each.projected]
    return [*aims, _renewing(aims[-1], enough[-1], found, program)] if aims and enough else aims


def _renewing(aim: Aim, enough_on: date, found: Recalibration, program: Program) -> Aim:
    """The aim where no points are needed any more."""
    return replace(
        aim,
        by=found.day,
        rules=program.on(found.day),
        recalibration=found.day,
        requirements=found.conditions,
        needs=Needs(),
        renewals=tuple(each for each in found.conditions if each.state is not State.GREEN),
        blocked=(),
        unset=(),
        enough_on=enough_on,
    )
