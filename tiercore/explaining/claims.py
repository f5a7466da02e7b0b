"""What the official dashboard shows, and what may explain that it isn't ours (how-tiers-work#doesnt-match)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.money import Money
from tiercore.facts.points import HUNDREDTH, Source


class Figure(StrEnum):
    """The figures that the dashboard shows."""

    COMBINED = "combined"
    SOLD = "sold"
    SOURCED = "sourced"
    ASSISTED = "assisted"
    MANAGED = "managed"

    @property
    def sources(self) -> frozenset[Source]:
        """The sources that the figure adds up."""
        return _SOURCES[self]


_SOURCES = {
    Figure.COMBINED: frozenset(Source),
    Figure.SOLD: frozenset({Source.SOURCED, Source.ASSISTED}),
    Figure.SOURCED: frozenset({Source.SOURCED}),
    Figure.ASSISTED: frozenset({Source.ASSISTED}),
    Figure.MANAGED: frozenset({Source.MANAGED}),
}


class Measure(StrEnum):
    """What a figure is counted in: micropoints, or US cents of MRR by the program's table."""

    POINTS = "points"
    MRR = "mrr"


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure as the dashboard shows it on a day, of the partner or of one client.

    `low` and `high` are the smallest and the largest value that are shown like that, in the unit of `measure`: a
    dashboard that shows whole points rounds them.
    """

    figure: Figure
    day: date
    low: int
    high: int
    measure: Measure = Measure.POINTS
    client_id: str | None = None

    @classmethod
    def shown(
        cls,
        figure: Figure,
        day: date,
        value: int,
        unit: int,
        measure: Measure = Measure.POINTS,
        client_id: str | None = None,
    ) -> "Claim":
        """What a dashboard shows that rounds to whole units, of a figure that may have been rounded to hundredths."""
        slack = unit // 2 + (HUNDREDTH // 2 if measure is Measure.POINTS else 0)
        return cls(figure, day, value - slack, value + slack, measure, client_id)

    @property
    def value(self) -> int:
        """The value as it was typed."""
        return (self.low + self.high) // 2

    def distance(self, value: int) -> int:
        """How far the value is above (or, negative, below) what the dashboard shows; 0 if it is shown like that."""
        return max(0, value - self.high) or min(0, value - self.low)


class Kind(StrEnum):
    """What may be otherwise on the dashboard than here. Each hypothesis is one fact of one kind."""

    SALE_MISSING_THERE = "sale_missing_there"
    SALE_TWICE_THERE = "sale_twice_there"
    SALE_TWICE_HERE = "sale_twice_here"
    SALE_MISSING_HERE = "sale_missing_here"
    DEAL_TYPE = "deal_type"
    MOTION = "motion"
    ORIGIN = "origin"
    RATE = "rate"
    SALE_DAY = "sale_day"
    AMOUNT = "amount"
    CURRENCY_TABLE = "currency_table"
    LEVEL_MISSING_THERE = "level_missing_there"
    CANCELLED_THERE = "cancelled_there"
    DECREASE_ORDER = "decrease_order"
    AGREEMENT_MISSING_THERE = "agreement_missing_there"
    AGREEMENT_MISSING_HERE = "agreement_missing_here"
    AGREEMENT_DAY = "agreement_day"
    SHARE = "share"
    COUNTRY = "country"
    AS_OF = "as_of"
    OTHER_FIGURE = "other_figure"


# Of 100 differences that people notice, how many we expect of each kind: chosen, to be counted from resolved cases.
WEIGHTS: Mapping[Kind, int] = {
    Kind.SALE_MISSING_THERE: 12,
    Kind.SALE_MISSING_HERE: 12,
    Kind.AS_OF: 10,
    Kind.MOTION: 8,
    Kind.DEAL_TYPE: 8,
    Kind.AGREEMENT_MISSING_THERE: 7,
    Kind.AGREEMENT_MISSING_HERE: 7,
    Kind.ORIGIN: 6,
    Kind.SALE_TWICE_HERE: 5,
    Kind.SALE_DAY: 5,
    Kind.AMOUNT: 4,
    Kind.CURRENCY_TABLE: 4,
    Kind.LEVEL_MISSING_THERE: 4,
    Kind.CANCELLED_THERE: 3,
    Kind.SALE_TWICE_THERE: 3,
    Kind.SHARE: 3,
    Kind.AGREEMENT_DAY: 3,
    Kind.COUNTRY: 3,
    Kind.DECREASE_ORDER: 2,
    Kind.OTHER_FIGURE: 2,
    Kind.RATE: 1,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of ours that a hypothesis is about, or one that it supposes.

    `entry` is "sale", "agreement", "subscription", "client", "currency", "day" or "figure"; `entry_id` its ID, None for
    a row that isn't on file. `there` is what the dashboard has in its place, as text: a deal type, a motion, a rate, a
    day, an amount. It names no other partner.
    """

    entry: str
    entry_id: str | None = None
    client_id: str | None = None
    client: str | None = None
    product_line: str | None = None
    day: date | None = None
    mrr: Money | None = None
    there: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One kind of cause: its rows, any one of which explains the difference alone, and what the figure becomes.

    Where rows give values that differ and are shown alike, `becomes` is what the dashboard shows.
    """

    kind: Kind
    rows: tuple[Row, ...]
    becomes: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The likeliest reading first, then others of the same rows that give the same figure."""

    readings: tuple[Reading, ...]

    @property
    def reading(self) -> Reading:
        """The likeliest one."""
        return self.readings[0]


@dataclass(frozen=True, slots=True)
class Explained:
    """What was found. `ours` is the figure here; `explanations` are exact, at most three, the likeliest first.

    Where nothing explains it alone, `nearest` are the single causes that leave at most a tenth of the difference.
    `complete` is False where not
    every hypothesis could be tried. `unrated` credits are active but not rated, so they aren't in `ours`.
    """

    claim: Claim
    ours: int
    explanations: tuple[Explanation, ...]
    nearest: tuple[Explanation, ...] = ()
    complete: bool = True
    unrated: int = 0

    @property
    def matches(self) -> bool:
        """Whether the dashboard shows what we have."""
        return self.claim.distance(self.ours) == 0
