"""A partner's line in a portfolio, and what a portfolio may be asked for (digests-and-alerts#several-partners)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tiercore.access import PartnerName
from tiercore.program import Rules
from tiercore.questions.advice import Advice
from tiercore.questions.doubts import Doubt
from tiercore.questions.portfolio import SOON
from tiercore.questions.verdict import Verdict, VerdictKind

NO_TIER = "none"  # the filter of partners without a tier
__all__ = ["NO_TIER", "SOON", "By", "Filter", "PartnerState", "Show", "StatesPage"]


class Show(StrEnum):
    """Which partners are shown; each is counted on every page."""

    ALL = "all"
    AT_RISK = "at risk"
    CLOSE = "close"
    RED_SOON = "red in 30 days"
    EXPIRING = "expiring"
    MOVERS = "movers"
    UNJUDGED = "unjudged"


class By(StrEnum):
    """The order of a portfolio, what matters most first."""

    RISK = "risk"  # points at stake for each day left; those not at risk last, by name
    POINTS = "points"  # combined points
    DAYS = "days"  # days left; those not at risk last, by name


@dataclass(frozen=True, slots=True)
class Filter:
    """The partners asked for: those `show`n, of a credited tier ("none": without one), of a CAM by name."""

    show: Show = Show.ALL
    tier: str | None = None
    cam: str | None = None


@dataclass(frozen=True, slots=True)
class PartnerState:
    """Where a partner stands on a day and what matters most of it; points in micropoints.

    `performing_tier` is what the figures reach, as far as it `is_decided`. `missing` are the points to the next tier
    (None: unknown, in dollars, or none above); it `is_close` as the digest says, if that `is_close_known`. `kind` is
    the verdict's; `verdict` is the whole of it, None where the line was made by whole numbers alone. `tier` and `day`
    are what the verdict is about. With the verdict goes the one thing to do (`act`, None for nothing), and the `rules`
    and the `currency` by which its figures are said.

    It `is_at_risk` if the credited tier misses a requirement, will within SOON days, or may be lost at the
    recalibration: then so much is `at_stake` for `days_left`. `red_on` is the first day within SOON days on which
    something required for the credited tier turns `red`, by the requirements' names. `expiring` are the points that
    expire within SOON days (None: under correction), `moved` those gained or lost within the week before. `doubts` say
    why it can't be judged.
    """

    partner: PartnerName
    credited_tier: str | None
    performing_tier: str | None
    is_decided: bool
    combined: int
    next_tier: str | None
    missing: int | None
    is_close: bool
    kind: VerdictKind
    tier: str | None
    day: date
    is_at_risk: bool = False
    at_stake: int = 0
    days_left: int | None = None
    red_on: date | None = None
    red: tuple[str, ...] = ()
    expiring: int | None = 0
    moved: int = 0
    doubts: tuple[Doubt, ...] = ()
    cams: tuple[str, ...] = ()
    verdict: Verdict | None = None
    act: Advice | None = None
    rules: Rules | None = field(default=None, repr=False)
    currency: str = ""
    is_close_known: bool = True

    @property
    def is_unjudged(self) -> bool:
        """Whether no risk is known, but one can't be ruled out."""
        return not self.is_at_risk and bool(self.doubts)


@dataclass(frozen=True, slots=True)
class StatesPage:
    """A page of a portfolio: its `rows` from the number `first` on, of `total` that pass the filter, among `partners`.

    `counts` has how many of the filter's tier and CAM each `Show` would show, and `mix` how many of those shown hold
    each tier, the highest first and None for no tier. `notes` hold for every partner, such as the label of the rules.
    `version` is that of the data.
    """

    as_of: date
    of: Filter
    by: By
    first: int
    rows: tuple[PartnerState, ...]
    total: int
    partners: int
    counts: Mapping[Show, int] = field(default_factory=dict)
    mix: tuple[tuple[str | None, int], ...] = ()
    notes: tuple[str, ...] = ()
    version: int = 0
