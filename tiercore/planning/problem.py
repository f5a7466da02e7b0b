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


@dataclass(frozen=True, slots=True)
class SaleOption:
    """A sale of any MRR up to `most` minor units (None: no limit) at `rate` points for US$100.

    `managed` are the managed points for US$100 that come with it where the partner manages the client alone; they
    count only together with the whole option at the place `whole`, if there is one. `is_named` says whether it names a
    client.
    """

    rate: int
    most: int | None
    managed: int = 0
    is_named: bool = True
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class WholeOption:
    """Something that is done as a whole or not: its micropoints, its MRR in minor units, and what that costs.

    `managed` are the micropoints from managing the client that come with a deal that is won.
    """

    source: Source
    points: int
    mrr: int
    cost: int
    managed: int = 0

    @property
    def combined(self) -> int:
        """All its micropoints."""
        return self.points + self.managed


class TakenOn(NamedTuple):
    """Clients that nobody named, to be managed as far as the managed minimum asks for it: points for US$100, and the
    cost of a minor unit, in hundredths.
    """

    rate: int
    weight: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Reach the needs at the least cost, in at most `steps` steps.

    All sales are of one `source`, sourced or assisted. `per_100_usd` is the amount in minor units that stands for
    US$100, `weight` the cost of a minor unit sold, in hundredths, as are the costs of the whole options. `most_sold`
    limits what is sold, in minor units.
    """

    needs: Needs
    per_100_usd: int
    sales: tuple[SaleOption, ...]
    wholes: tuple[WholeOption, ...] = ()
    source: Source = Source.SOURCED
    weight: int = 100
    taken_on: TakenOn | None = None
    steps: int = MOST_STEPS
    most_sold: int | None = None

    @property
    def spare(self) -> int:
        """The micropoints that are asked for beyond what is needed, because rating rounds each credit to a micropoint:
        where that can take something away, more than the credits of five steps can lose.
        """
        rates = {rate for each in self.sales for rate in (each.rate, each.managed)}
        rates |= {self.taken_on.rate} if self.taken_on else set()
        return 5 * any(rate * MICRO % self.per_100_usd for rate in rates)


class Chosen(NamedTuple):
    """The cheapest choice: its cost, in hundredths of a minor unit, what is sold of each chosen sale option (by its
    place, in minor units), which whole options are done, and the MRR of clients that are taken on.
    """

    cost: int
    sold: tuple[tuple[int, int], ...]
    wholes: tuple[int, ...]
    taken_on: int = 0
