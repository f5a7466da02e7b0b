"""The tier that a partner was credited with, from its history (how-tiers-work#tiers)."""

from collections.abc import Iterable
from datetime import date

from tiercore.program import UNTIERED


def credited_on(tiers: Iterable[tuple[str, date]], day: date) -> tuple[str | None, date | None, str | None]:
    """The tier credited on the day, since when without a break, and the tier before it.

    `tiers` are the tiers credited, each with its day, ascending by day.
    """
    latest: tuple[str | None, date | None, str | None] = (None, None, None)
    for tier, credited in tiers:
        name = None if tier == UNTIERED else tier
        if credited <= day and (latest[1] is None or name != latest[0]):
            latest = (name, credited, latest[0])
    return latest
