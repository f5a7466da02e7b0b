"""What a partner's figures reach on several days, as seen on one of them; each day is judged once."""

from collections.abc import Sequence
from datetime import date

from tiercore.program import Program
from tiercore.questions.judging import JudgedTiers
from tiercore.questions.requirements import Facts
from tiercore.rating.timeline import Balance, balance_on


class JudgedDays:
    """The judged tiers of each day asked for, past or ahead, as seen on that of `today`.

    `timeline` covers the days; every one uses its own rules and retention, for which the retention of today's facts
    reaches far enough back and ahead.
    """

    def __init__(self, program: Program, today: JudgedTiers, timeline: Sequence[Balance]) -> None:
        self.program, self.today, self.facts = program, today, today.facts
        self._timeline = timeline
        self._known = {today.day: today}

    def on(self, day: date) -> JudgedTiers:
        """What the day's figures reach, by its own rules."""
        found = self._known.get(day)
        if found is None:
            balance = balance_on(self._timeline, day)
            found = JudgedTiers(day, self.program.on(day), self.facts, balance, own_retention=True)
            self._known[day] = found
        return found


def facts_on(day: date, facts: Facts) -> Facts:
    """The facts with the retention of another day, as far as it is known."""
    if facts.retention.as_of == day:
        return facts
    return Facts(
        facts.partner,
        facts.certifications,
        facts.credited_tier,
        facts.credited_on,
        facts.retention.on(day),
        facts.holds,
        facts.credited_before,
    )
