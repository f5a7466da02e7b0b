"""One partner's balances, recounted: what each day changes, summed up (how-tiers-work#balance-over-time)."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tiercore.verification.entries import Credit

BALANCE = (
    "partner_id", "day", "sourced", "assisted", "managed", "sold_cents", "managed_cents", "unrated_sold",
    "unrated_managed", "assumed", "doubtful", "portals", "portals_with_usage", "tools_median_twice", "lapsed", "lapses",
)  # fmt: skip
_SUMS = tuple(each for each in BALANCE[2:] if each != "tools_median_twice")
_AT = {name: at for at, name in enumerate(_SUMS)}


class DailyChanges:
    """What changes on each day of a partner's timeline, client by client."""

    def __init__(self) -> None:
        self._days: dict[int, list[int]] = defaultdict(lambda: [0] * len(_SUMS))
        self._tools: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def add_client(self, credits: Sequence[Credit], usage: Mapping[int, int]) -> None:
        """Take in all of the partner's credits from one client, and the tools that the client uses."""
        counted: Counter[int] = Counter()
        for credit in credits:
            for day, sign in ((credit.starts_on, 1), (credit.lapses_on, -1)):
                if day is not None:
                    counted[day] += sign
                    self._add(self._days[day], credit, sign)
            if credit.lapses_on is not None and credit.lapsing:
                self._days[credit.lapses_on][_AT["lapsed"]] += credit.lapsing
                self._days[credit.lapses_on][_AT["lapses"]] += 1
        self._add_portal(counted, usage)

    def _add(self, sums: list[int], credit: Credit, sign: int) -> None:
        kind = "managed" if credit.source == "managed" else "sold"
        if credit.micropoints is None or credit.program_cents is None:
            sums[_AT[f"unrated_{kind}"]] += sign
            return
        sums[_AT[credit.source]] += sign * credit.micropoints
        sums[_AT[f"{kind}_cents"]] += sign * credit.program_cents
        sums[_AT["assumed"]] += sign * credit.assumed
        sums[_AT["doubtful"]] += sign * (credit.doubt is not None)

    def _add_portal(self, counted: Mapping[int, int], usage: Mapping[int, int]) -> None:
        """The days on which the client begins or ceases to contribute, or uses another number of tools."""
        credits, tools = 0, None
        before: tuple[bool, int | None] = (False, None)
        for day in sorted(counted.keys() | usage.keys()):
            credits, tools = credits + counted.get(day, 0), usage.get(day, tools)
            now = (credits > 0, tools if credits > 0 else None)
            self._days[day][_AT["portals"]] += now[0] - before[0]
            for known, sign in ((before[1], -1), (now[1], 1)):
                if known is not None:
                    self._days[day][_AT["portals_with_usage"]] += sign
                    self._tools[day].append((sign, known))
            before = now

    def balances(self, partner_id: str) -> Iterator[tuple[object, ...]]:
        """The rows that the timeline has to have, by day."""
        sums, tools = [0] * len(_SUMS), list[int]()
        for day in sorted(self._days):
            sums = [before + change for before, change in zip(sums, self._days[day], strict=True)]
            _change(tools, self._tools.get(day, ()))
            middle = tools[(len(tools) - 1) // 2] + tools[len(tools) // 2] if tools else None
            yield (partner_id, day, *sums[: _AT["lapsed"]], middle, *sums[_AT["lapsed"] :])


def _change(tools: list[int], changes: Iterable[tuple[int, int]]) -> None:
    """Keep the tools of all portals in order, so that the middle ones are the median (how-tiers-work#tool-usage)."""
    for sign, known in changes:
        if sign > 0:
            insort(tools, known)
        else:
            del tools[bisect_left(tools, known)]
