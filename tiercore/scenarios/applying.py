"""A partner's books with a scenario's entries: its timeline and retention as an import would leave them.

Credits of one client depend on that client's entries alone, and everything in a balance adds but the median of tools
used. So the clients that the entries touch are rated with and without them, and the difference is added to what is
stored. Where that isn't exact, what the partner's other clients bring to it is needed, too: their tools where a client
with known usage begins or stops to contribute, their currencies where one without a table may be gone from the install
base. No other client is rated.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from tiercore.facts.entries import Certification, Entry, ToolUsage
from tiercore.program import Program
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.install_base import Stay, client_months, lines_of, months_in_base
from tiercore.rating.portals import tool_medians
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import Balance, balance_on, timeline_of
from tiercore.scenarios.books import NeedsOthers, PartnerBooks
from tiercore.scenarios.entries import merged, rows_of, touched
from tiercore.scenarios.steps import Step

_ADDING = tuple(name for name in Balance._fields if name not in ("day", "tools_median_twice"))
_Key = tuple[int, str]  # a month and a currency
_AMOUNTS = ("started", "not_churned", "kept", "net")


def with_steps(books: PartnerBooks, steps: Iterable[Step], program: Program) -> PartnerBooks:
    """The books with the steps, each applied to what those before it left. Raises NeedsOthers."""
    for step in steps:
        books = with_entries(books, rows_of(step, books, program), program)
    return books


def with_entries(books: PartnerBooks, entries: Sequence[Entry], program: Program) -> PartnerBooks:
    """The books with sales, levels, agreements, certifications and new clients, as after their import.

    Raises NeedsOthers where the other clients are needed and weren't read, KeyError where a client's book is missing.
    """
    before = touched(entries, books.clients)
    after = {client_id: merged(book, entries, program.catalogue) for client_id, book in before.items()}
    found = replace(
        books,
        certifications=_certified(books.certifications, entries),
        clients={**books.clients, **after},
        added=(*books.added, *entries),
    )
    if not after:
        return found
    less, more = (_touched(books, each, program) for each in (before, after))
    timeline = _timeline(books, less, more)
    if less.contributes != more.contributes:
        timeline = _with_medians(timeline, found, program)
    return replace(found, timeline=timeline, retention=_retention(found, less, more, program))


class _Touched(NamedTuple):
    """What the clients that the entries touch bring to the partner."""

    clients: Mapping[str, ClientBook]
    timeline: Sequence[Balance]
    contributes: Mapping[str, Sequence[tuple[date, date]]]
    months: Sequence[RetentionMonth]


def _touched(books: PartnerBooks, clients: Mapping[str, ClientBook], program: Program) -> _Touched:
    credits = _own_credits(books, clients, program)
    usage = {client_id: books.usage.get(client_id, ()) for client_id in clients}
    levels = [level for book in clients.values() for level in book.levels]
    months = retention_months(credits, levels, program)
    return _Touched(clients, timeline_of(credits, usage), _contributes(credits, usage), months)


def _certified(known: Sequence[Certification], entries: Sequence[Entry]) -> tuple[Certification, ...]:
    new = {(each.certification, each.valid_from): each for each in entries if isinstance(each, Certification)}
    kept = (each for each in known if (each.certification, each.valid_from) not in new)
    return (*kept, *new.values())


def _own_credits(books: PartnerBooks, clients: Mapping[str, ClientBook], program: Program) -> list[Credit]:
    found = (credit for book in clients.values() for credit in credits_of(book, program))
    return [each for each in found if each.partner_id == books.partner.partner_id]


def _timeline(books: PartnerBooks, less: _Touched, more: _Touched) -> tuple[Balance, ...]:
    """The books' timeline, and on each day the difference that the touched clients make; the medians stay."""
    timelines = (books.timeline, less.timeline, more.timeline)
    first = books.since.toordinal()
    days = {first, *(each.day for timeline in timelines for each in timeline if each.day > first)}
    return tuple(_balance(date.fromordinal(day), *timelines) for day in sorted(days))


def _balance(day: date, stored: Sequence[Balance], less: Sequence[Balance], more: Sequence[Balance]) -> Balance:
    known, minus, plus = (balance_on(each, day) for each in (stored, less, more))
    sums = {name: getattr(known, name) + getattr(plus, name) - getattr(minus, name) for name in _ADDING}
    return known._replace(day=day.toordinal(), **sums)


def _with_medians(timeline: Sequence[Balance], books: PartnerBooks, program: Program) -> tuple[Balance, ...]:
    """The timeline with the median of the tools that all of the partner's portals use. Raises NeedsOthers."""
    if books.others is None:
        raise NeedsOthers
    own = [stay for stay in _stays(books, books.clients, program) if books.usage.get(stay.client_id)]
    medians = tool_medians([*books.others.stays, *own], {**books.others.usage, **books.usage})
    days, found = [day.toordinal() for day, _ in medians], [None, *(median for _, median in medians)]
    return tuple(each._replace(tools_median_twice=found[bisect_right(days, each.day)]) for each in timeline)


def _stays(books: PartnerBooks, clients: Mapping[str, ClientBook], program: Program) -> list[Stay]:
    credits = _own_credits(books, clients, program)
    return [Stay(each.client_id, each.starts_on, each.lapses_on) for each in credits]


def _contributes(
    credits: Iterable[Credit], usage: Mapping[str, Sequence[ToolUsage]]
) -> dict[str, list[tuple[date, date]]]:
    """The days on which each client with known tool usage contributes credit, as runs without a gap."""
    spans: dict[str, set[tuple[date, date]]] = defaultdict(set)
    for each in credits:
        until = each.lapses_on or date.max
        if usage.get(each.client_id) and each.starts_on < until:
            spans[each.client_id].add((each.starts_on, until))
    return {client_id: _joined(sorted(each)) for client_id, each in spans.items()}


def _joined(spans: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for start, until in spans:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((start, until))
    return found


def _retention(books: PartnerBooks, less: _Touched, more: _Touched, program: Program) -> tuple[RetentionMonth, ...]:
    """The books' months, and in each the difference that the touched clients make. Raises NeedsOthers."""
    months = (books.retention, less.months, more.months)
    last = max((rows[-1].month for rows in months if rows), default=0)
    stored, minus, plus = (_by_month(each, last) for each in months)
    gone = {key for key, row in minus.items() if not row.per_100_usd and key not in plus}
    gone -= _unvalued(books, more.clients, gone, last, program)
    keys = (stored.keys() | plus.keys()) - gone
    found = [_month(stored.get(key), minus.get(key), plus.get(key)) for key in keys]
    kept = {(each.month, each.currency): each for each in found if each.started or each.net or not each.per_100_usd}
    first = min((month for month, _ in kept), default=last + 1)
    empty = set(range(first, last + 1)) - {month for month, _ in kept}
    return tuple(sorted([*kept.values(), *(RetentionMonth(month, "", 0, 0, 0, 0, 0) for month in empty)]))


def _unvalued(
    books: PartnerBooks, touched: Collection[str], wanted: Set[_Key], last: int, program: Program
) -> set[_Key]:
    """Of months and currencies without a table, those in which a client that isn't touched has a line in the base."""
    if not wanted:
        return set()
    if books.others is None:
        raise NeedsOthers
    rest = {client_id: book for client_id, book in books.clients.items() if client_id not in touched}
    levels = [*books.others.levels, *(level for book in rest.values() for level in book.levels)]
    lines = lines_of(levels, program)
    stays = (each for each in (*books.others.stays, *_stays(books, rest, program)) if each.client_id in lines)
    months = [month for month, _ in wanted]
    within, found = range(min(months), max(months) + 1), set[_Key]()
    for each in client_months(months_in_base(stays, last), lines, program, within):
        found |= wanted & {(each.month, currency) for currency in each.no_table}
        if found == wanted:
            break
    return found


def _by_month(rows: Sequence[RetentionMonth], last: int) -> dict[tuple[int, str], RetentionMonth]:
    """The rows with a currency; the last month goes on as it is, because nothing changes after it."""
    found = {(row.month, row.currency): row for row in rows if row.currency}
    newest = rows[-1].month if rows else last
    ends = [row for row in rows if row.month == newest and row.currency]
    return found | {
        (month, row.currency): row._replace(month=month) for row in ends for month in range(newest + 1, last + 1)
    }


def _month(stored: RetentionMonth | None, minus: RetentionMonth | None, plus: RetentionMonth | None) -> RetentionMonth:
    known = stored or plus
    assert known is not None
    if not known.per_100_usd:
        return known
    sums = {
        name: sum(sign * getattr(row, name) for sign, row in ((1, stored), (-1, minus), (1, plus)) if row)
        for name in _AMOUNTS
    }
    return known._replace(**sums)
