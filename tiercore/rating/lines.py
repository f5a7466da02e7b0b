"""A client's entries by product line: which edition it held from which day on, by the catalogue of names.

Of one client, hub and account one edition is held at a time (how-tiers-work#product-lines): a level of another edition
takes the place of the former from its day on, a level under another name of the same line goes on with it, and a zero
ends only what was held under its own name.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from tiercore.facts.entries import Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.program import Catalogue, ProductLine


class LineKey(NamedTuple):
    """One line of a client: the hub by its latest name, and the account ("" where none is named)."""

    hub: str
    account: str


class HeldLevel(NamedTuple):
    """What a line pays from `effective_on` on, whatever name it came under; `edition` None where none was named."""

    client_id: str
    product_line: str
    account: str | None
    edition: str | None
    mrr: Money
    effective_on: date
    entry: SubscriptionLevel


_Named = tuple[ProductLine, SubscriptionLevel]


def key_of(entry: Sale | SubscriptionLevel, catalogue: Catalogue) -> LineKey:
    """The line that a sale or level belongs to."""
    return LineKey(catalogue.line_of(entry.product_line).hub, entry.account or "")


def sales_by_line(sales: Iterable[Sale], catalogue: Catalogue) -> dict[LineKey, list[Sale]]:
    """One client's sales of each line, in the order in which they come."""
    found: dict[LineKey, list[Sale]] = defaultdict(list)
    for sale in sales:
        found[key_of(sale, catalogue)].append(sale)
    return found


def levels_by_line(levels: Iterable[SubscriptionLevel], catalogue: Catalogue) -> dict[LineKey, list[HeldLevel]]:
    """What each line of one client pays, ascending by day, one level a day; `levels` in any order."""
    named: dict[LineKey, list[_Named]] = defaultdict(list)
    for level in levels:
        line = catalogue.line_of(level.product_line)
        named[LineKey(line.hub, level.account or "")].append((line, level))
    return {key: list(_held(each)) for key, each in named.items()}


def held_levels(levels: Iterable[SubscriptionLevel], catalogue: Catalogue) -> Iterator[HeldLevel]:
    """The levels of any number of clients as their lines held them, line by line."""
    by_client: dict[str, list[SubscriptionLevel]] = defaultdict(list)
    for level in levels:
        by_client[level.client_id].append(level)
    for each in by_client.values():
        for held in levels_by_line(each, catalogue).values():
            yield from held


def latest_levels(levels: Iterable[SubscriptionLevel], catalogue: Catalogue) -> Iterator[HeldLevel]:
    """The last level of each line of any number of clients."""
    last = {(level.client_id, level.product_line, level.account): level for level in held_levels(levels, catalogue)}
    yield from last.values()


def highest(levels: Sequence[_Named]) -> _Named:
    """Of the paying levels of one line and day the one that counts: the highest edition, then the later name."""
    return max(levels, key=lambda each: (each[0].rank, each[1].mrr.minor, each[1].product_line))


def _held(named: list[_Named]) -> Iterator[HeldLevel]:
    """One line's levels: of each day the one that counts, with the edition going on where a level names none."""
    named.sort(key=_day_and_name)
    line = named[0][0]
    days = {level.effective_on for _, level in named}
    if len(days) == len(named) and all(each is line for each, _ in named):  # nearly always: every level counts
        for _, level in named:
            yield HeldLevel(
                level.client_id, line.hub, level.account, line.edition, level.mrr, level.effective_on, level
            )
        return
    yield from _held_under_several_names(named)


def _day_and_name(named: _Named) -> tuple[date, str]:
    return named[1].effective_on, named[1].product_line


def _held_under_several_names(named: list[_Named]) -> Iterator[HeldLevel]:
    """The same where names or days repeat; `named` ascending."""
    holding: ProductLine | None = None
    edition: str | None = None
    met: set[tuple[str, str | None]] = set()
    for _, same_day in groupby(named, key=lambda each: each[1].effective_on):
        today = list(same_day)
        paying = [each for each in today if each[1].mrr.minor]
        if paying:
            holding, level = highest(paying)
            edition = holding.edition or edition
            yield _level(level, holding, edition)
            met.update((line.name, line.edition) for line, _ in paying)
        elif ending := next((each for each in today if holding is None or _ends(each[0], holding, met)), None):
            yield _level(ending[1], ending[0], ending[0].edition or edition)
            holding, edition = None, None


def _ends(line: ProductLine, holding: ProductLine, met: set[tuple[str, str | None]]) -> bool:
    """Whether a zero under this name ends what is held, and not only what another edition or name has replaced."""
    if (line.name, line.edition) == (holding.name, holding.edition):
        return True
    one_edition = line.edition is None or holding.edition is None or line.edition == holding.edition
    return one_edition and (line.name, line.edition) not in met


def _level(level: SubscriptionLevel, line: ProductLine, edition: str | None) -> HeldLevel:
    return HeldLevel(level.client_id, line.hub, level.account, edition, level.mrr, level.effective_on, level)


def level_on(levels: Sequence[HeldLevel], day: date) -> HeldLevel | None:
    """What a line pays on the day, None before its first level; `levels` ascending by day."""
    index = bisect_right(levels, day, key=lambda level: level.effective_on)
    return levels[index - 1] if index else None
