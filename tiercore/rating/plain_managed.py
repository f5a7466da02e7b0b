"""The managed credits of plain lines, straight from rows to rows (architecture#rebuilds); see plain_sold.py."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tiercore.facts.points import MICRO, Source, divide_half_even
from tiercore.program import ProductLine
from tiercore.rating.credits import US_100_IN_CENTS, Cause
from tiercore.rating.plain_rules import PlainRules

Row = tuple[Any, ...]
_MANAGED = Source.MANAGED.value
_NOBODY: Mapping[str, str] = {}
_OPEN = 1 << 62
# By value: a member's own attribute takes ten times as long.
_BY_AGREEMENT, _BY_SUBSCRIPTION = Cause.AGREEMENT_STARTED.value, Cause.SUBSCRIPTION_STARTED.value
_ENDED, _CANCELLED, _FELL = Cause.AGREEMENT_ENDED.value, Cause.CANCELLATION.value, Cause.DOWNGRADE.value
_ROSE, _SHARED, _RULED = Cause.SUBSCRIPTION_ROSE.value, Cause.SHARE_CHANGED.value, Cause.RULE_CHANGED.value


class Managing:
    """Who manages a client, from the rows of its agreements in any order: as `managed.Managers`, days as ordinals."""

    def __init__(self, agreements: Sequence[Row], rules: PlainRules) -> None:
        days = rules.days
        terms = sorted(
            (days[row[4]][0] + 1 if row[4] else _OPEN, row[0], row[1], days[row[3]][0]) for row in agreements
        )
        self.partners = sorted({term[2] for term in terms})
        ends = {term[0] for term in terms}
        ends.discard(_OPEN)
        self.days = sorted({term[3] for term in terms} | ends)
        self._in_force = [{who: name for until, name, who, since in terms if since <= day < until} for day in self.days]

    def on(self, day: int) -> Mapping[str, str]:
        """The agreements in force on the day, by partner."""
        index = bisect_right(self.days, day)
        return self._in_force[index - 1] if index else _NOBODY


# What the share of each manager depends on: the minor units, the number of managers, the rate, what stands for US$100.
_Worth = tuple[int, int, int, int]
# A run of days without a change: its first day, who manages, and of one manager's share the worth, points and cents.
_Period = tuple[int, Mapping[str, str], _Worth, int, int]


def managed_rows(country: str, levels: Sequence[Row], managing: Managing, rules: PlainRules) -> list[Row] | None:
    """The rows of a line's managed credits for every partner; None if a day has no table for its currency.

    `levels` ascend by day and are of one line, edition and currency.
    """
    periods = _periods(country, levels, managing, rules)
    if periods is None:
        return None
    already = managing.on(periods[0][0] - 1)
    line = rules.lines[levels[0][1]]
    found: list[Row] = []
    for partner_id in managing.partners:
        begins = _BY_SUBSCRIPTION if partner_id in already else _BY_AGREEMENT
        found += _rows_of(partner_id, levels[0], line, periods, begins)
    return found


def _periods(country: str, levels: Sequence[Row], managing: Managing, rules: PlainRules) -> list[_Period] | None:
    days, per_100, growing = rules.days, rules.per_100_usd(levels[0][3]), rules.growing(country)
    paid = {days[row[4]][0]: row[2] for row in levels}
    first, minor = min(paid), 0
    found: list[_Period] = []
    for day in sorted({*paid, *managing.days, *rules.rating_changes}):
        if day < first:
            continue
        minor, number, managers = paid.get(day, minor), bisect_right(rules.changes, day), managing.on(day)
        rate, per, share = rules.rates[number][growing[number]][_MANAGED], per_100[number], len(managers)
        if not per:
            return None
        points, cents = _value(minor, rate, per * share) if share else (0, 0)
        found.append((day, managers, (minor, share, rate, per), points, cents))
    return found


def _value(minor: int, rate: int, divisor: int) -> tuple[int, int]:
    """Micropoints and cents; most divisions leave no rest to round."""
    points, rest = divmod(minor * rate * MICRO, divisor)
    if rest:
        points = divide_half_even(minor * rate * MICRO, divisor)
    cents, rest = divmod(minor * US_100_IN_CENTS, divisor)
    if rest:
        cents = divide_half_even(minor * US_100_IN_CENTS, divisor)
    return points, cents


def _rows_of(partner_id: str, level: Row, line: ProductLine, periods: Sequence[_Period], begins: str) -> Iterator[Row]:
    """Consecutive periods that are worth the same to the partner, as rows of credits."""
    first: _Period | None = None
    last = before = first
    opened = begins
    for period in periods:
        _, managers, worth, points, _ = period
        managed = partner_id in managers
        if last is not None and first is not None and (not managed or last[2] != worth):
            closed = _change(last[2], worth) if managed else _ENDED
            after = period[0]
            yield _row(partner_id, level, line, first, last, opened, after, closed, points if managed else 0)
            before, last = last, None
        if managed and worth[0]:
            if last is None:
                if before is not None:
                    opened = _change(before[2], worth) if partner_id in before[1] else _BY_AGREEMENT
                first = period
            last = period
        else:
            before = period
    if last is not None and first is not None:
        yield _row(partner_id, level, line, first, last, opened, None, None, 0)


def _row(
    partner_id: str,
    level: Row,
    line: ProductLine,
    first: _Period,
    last: _Period,
    opened: str,
    after: int | None,
    closed: str | None,
    continued: int,
) -> Row:
    starts_on, _, (minor, managers, rate, _), points, cents = first
    return (
        partner_id,
        level[0],
        line.hub,
        _MANAGED,
        points,
        cents,
        minor,
        level[3],
        rate,
        managers,
        starts_on,
        after,
        opened,
        closed,
        last[1][partner_id],
        starts_on,
        max(0, points - continued) if after else 0,
        None,
        False,
        line.edition,
        level[6] or None,
        None,
    )


def _change(before: _Worth, after: _Worth) -> str:
    """Why a share's value differs from the day before; a change by the client takes precedence."""
    if before[0] != after[0]:
        if not after[0]:
            return _CANCELLED
        if not before[0]:
            return _BY_SUBSCRIPTION
        return _FELL if after[0] < before[0] else _ROSE
    return _SHARED if before[1] != after[1] else _RULED
