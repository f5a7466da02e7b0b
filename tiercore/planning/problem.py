"""What a plan has to reach, and what it may choose from, in whole numbers (how-tiers-work#plans)."""

from dataclasses import dataclass
from typing import NamedTuple

from tiercore.facts.points import MICRO, Source

MOST_STEPS = 5
MOST_WHOLE = 12  # what is done as a whole (managing, extending, winning a deal): that many are compared, each with each


class Needs(NamedTuple):
    """The micropoints that are to be added, at the least: in all, and from the sources that have a minimum."""

    combined: int = 0
    sold: int = 0
    sourced: int = 0
    managed: int = 0

    @property
    def is_met(self) -> bool:
        """Whether nothing is to be added."""
        return max(self) <= 0


@dataclass(frozen=True, slots=True)
class SaleOption:
    """A sale of any MRR up to `most` minor units (None: no limit) at `rate` points for US$100.

    `source` is sourced or assisted. `is_named` says whether it names a client.
    """

    source: Source
    rate: int
    most: int | None
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class WholeOption:
    """Something that is done as a whole or not: its micropoints, its MRR in minor units, and what that costs."""

    source: Source
    points: int
    mrr: int
    cost: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Reach the needs at the least cost, in at most `steps` steps.

    `per_100_usd` is the amount in minor units that stands for US$100. `sourced` and `assisted` are the cost of a minor
    unit sold, in hundredths, as are the costs of the whole options. `most_sold` limits what is sold, in minor units.
    """

    needs: Needs
    per_100_usd: int
    sales: tuple[SaleOption, ...]
    wholes: tuple[WholeOption, ...] = ()
    sourced: int = 100
    assisted: int = 100
    steps: int = MOST_STEPS
    most_sold: int | None = None

    def weight(self, source: Source) -> int:
        """What a minor unit sold costs, in hundredths."""
        return self.sourced if source is Source.SOURCED else self.assisted

    def units(self, micropoints: int) -> int:
        """The micropoints as points for US$100 times minor units, rounded up.

        Rating rounds each sale to a micropoint. Where that can take something away, two micropoints more are asked for,
        which is the most that five sales can lose and still be shown as the same points.
        """
        if micropoints <= 0:
            return 0
        rounds = any(each.rate * MICRO % self.per_100_usd for each in self.sales)
        return -(-(micropoints + 2 * rounds) * self.per_100_usd // MICRO)


class Chosen(NamedTuple):
    """The cheapest choice: its cost, in hundredths of a minor unit, what is sold of each chosen sale option (by its
    place, in minor units), and which whole options are done.
    """

    cost: int
    sold: tuple[tuple[int, int], ...]
    wholes: tuple[int, ...]
