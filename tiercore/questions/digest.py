"""The digest of one partner: what matters most, what to do, what changed since the one before, and what lies ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from tiercore.facts.entries import Partner
from tiercore.facts.points import hundredths
from tiercore.facts.unknown import Unknown
from tiercore.questions.advice import DECISION_DAYS, Action, Advice
from tiercore.questions.changes import Changes
from tiercore.questions.doubts import Doubt
from tiercore.questions.expiry import Expiry
from tiercore.questions.goals import GoalProgress
from tiercore.questions.progress import Progress
from tiercore.questions.recalibration import Recalibration
from tiercore.questions.standing import Standing
from tiercore.questions.verdict import Verdict, VerdictKind
from tiercore.rating.hindsight import NO_SHIFT

Rows = Sequence[tuple[str, str, str, date]]
WEEK = 7
AHEAD = 90
DECISIONS_AHEAD = 120
SPANS = (30, 60, 90)


class Decision(NamedTuple):
    """An agreement that ends, or a product line's subscription that renews, on `day` unless someone decides otherwise.

    `by` is the day to decide by: DECISION_DAYS before, or today.
    """

    client_id: str
    client: str
    what: str
    is_agreement: bool
    day: date
    by: date


@dataclass(frozen=True, slots=True)
class Digest:
    """One partner's week, or the time since the digest before. `before` is the standing at its beginning as now known,
    `said` as it was known then (the same where that is unknown). `expiry` covers the AHEAD days to come, `decisions`
    DECISIONS_AHEAD days; `version` is the data's. `doubts` say why the tier can't be judged; `goal` is how it stands
    with the goal that was kept.
    """

    topic: str
    standing: Standing
    before: Standing
    changes: Changes
    progress: Progress
    expiry: Expiry
    recalibration: Recalibration
    verdict: Verdict
    advice: tuple[Advice, ...]
    decisions: tuple[Decision, ...] = ()
    said: Standing | None = None
    version: int = 0
    doubts: tuple[Doubt, ...] = ()
    goal: GoalProgress | None = None

    @property
    def change(self) -> int:
        """Micropoints gained and lost since the beginning."""
        return self.standing.balance.combined - self.before.balance.combined

    @property
    def corrected(self) -> int:
        """Micropoints corrected in hindsight at the beginning: what was known then, this and the change are today's."""
        return self.changes.hindsight.at_since.combined

    @property
    def has_moved(self) -> bool:
        """Whether points came or went, or were corrected, or that isn't known."""
        hindsight = self.changes.hindsight.at_since
        is_known = not isinstance(self.changes.known_before, Unknown)
        return bool(self.changes.clients) or hundredths(self.change) != 0 or hindsight != NO_SHIFT or not is_known

    @property
    def has_news(self) -> bool:
        """Whether there is anything to say but how far it is to the next tier: something moved, is to be done or to be
        decided soon, isn't known, endangers or changes the tier, or a goal is off track
        (digests-and-alerts#quiet-weeks).
        """
        acts = any(each.action is not Action.EARN for each in self.advice)
        decides = any((each.by - self.as_of).days <= WEEK for each in self.decisions)
        is_calm = self.verdict.kind in (VerdictKind.GAIN, VerdictKind.NOTHING)
        is_late = self.goal is not None and self.goal.is_late
        return self.has_moved or acts or decides or bool(self.doubts) or not is_calm or is_late

    @property
    def partner(self) -> Partner:
        """The partner that the digest is about."""
        return self.standing.partner

    @property
    def as_of(self) -> date:
        """The day of the digest."""
        return self.standing.as_of

    def lapsing_within(self, days: int) -> int:
        """Micropoints in `expiry` that expire within so many days."""
        until = self.as_of.toordinal() + days
        return sum(each.micropoints for each in self.expiry.items if each.lapses_on.toordinal() <= until)


def decisions_on(day: date, agreements: Rows, renewals: Rows) -> tuple[Decision, ...]:
    """The decisions to make, soonest first, from rows of client ID, client, what, and its day."""
    found = [
        Decision(client_id, client, what, is_agreement, when, max(day, when - timedelta(DECISION_DAYS)))
        for rows, is_agreement in ((agreements, True), (renewals, False))
        for client_id, client, what, when in rows
    ]
    return tuple(sorted(found, key=lambda each: (each.day, each.client, each.what)))
