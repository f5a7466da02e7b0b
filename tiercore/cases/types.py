"""Cases as plain values, independent of the database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tiercore.access import SlackUser
from tiercore.explaining.claims import Claim, Explained, Explanation, Figure, Kind, Measure, Reading, Row
from tiercore.facts.money import Money

LONGEST_ANSWER = 2_000
Json = dict[str, Any]


class CaseState(StrEnum):
    """open → answered → resolved; back to open where the answer doesn't help; withdrawn by who opened it."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be done."""
        return self in (CaseState.RESOLVED, CaseState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Case:
    """A flagged figure: what the dashboard shows and what we had, in the unit of the claim's measure.

    `claimed` is what was typed, `owner` the Slack user who takes care of it, None for nobody yet. `picked` is the
    number of the explanation that the answer chose.
    """

    case_id: str
    partner_id: str
    partner: str
    claimed: str
    explained: Explained
    state: CaseState
    opened_by: SlackUser
    opened_at: datetime
    client: str | None = None
    owner: str | None = None
    answer: str = ""
    picked: int | None = None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def claim(self) -> Claim:
        """The figure that was flagged."""
        return self.explained.claim

    def age(self, now: datetime) -> int:
        """For how many days the case has been open, or was."""
        return max(0, ((self.resolved_at or now) - self.opened_at).days)


@dataclass(frozen=True, slots=True)
class Flagged:
    """The outcome of flagging a figure. `case` is None where the dashboard shows what we have; `joined` an open one."""

    explained: Explained
    case: Case | None
    joined: bool = False
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CasesOpen:
    """How many cases of someone's partners are waiting, and the oldest of them."""

    count: int
    oldest: Case | None


def as_json(explained: Explained) -> Json:
    """What was found, to be stored; without dataclasses and dates."""
    return {
        "ours": explained.ours,
        "complete": explained.complete,
        "unrated": explained.unrated,
        "low": explained.claim.low,
        "high": explained.claim.high,
        "explanations": [_explanation(each) for each in explained.explanations],
        "nearest": [_explanation(each) for each in explained.nearest],
    }


def from_json(stored: Json, claim: Mapping[str, Any]) -> Explained:
    """What was found, from what was stored. `claim` has the figure, measure, day and client."""
    of = Claim(
        Figure(claim["figure"]), claim["day"], stored["low"], stored["high"], Measure(claim["measure"]), claim["client"]
    )
    found, nearest = (tuple(_read(each) for each in stored[name]) for name in ("explanations", "nearest"))
    return Explained(of, stored["ours"], found, nearest, stored["complete"], stored["unrated"])


def _explanation(explanation: Explanation) -> list[Json]:
    return [
        {"kind": each.kind.value, "becomes": each.becomes, "rows": [_row(row) for row in each.rows[:MOST_ROWS]]}
        for each in explanation.readings
    ]


MOST_ROWS = 20


def _row(row: Row) -> Json:
    found = {name: value for name, value in asdict(row).items() if value is not None}
    if row.day:
        found["day"] = row.day.isoformat()
    if row.mrr:
        found["mrr"] = [row.mrr.minor, row.mrr.currency]
    return found


def _read(stored: list[Json]) -> Explanation:
    return Explanation(
        tuple(Reading(Kind(each["kind"]), tuple(map(_read_row, each["rows"])), each["becomes"]) for each in stored)
    )


def _read_row(stored: Json) -> Row:
    found = dict(stored)
    if "day" in found:
        found["day"] = date.fromisoformat(found["day"])
    if "mrr" in found:
        found["mrr"] = Money(*found["mrr"])
    return Row(**found)
