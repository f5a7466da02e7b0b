"""A partner's books with a scenario's entries: its timeline and retention as an import would leave them.

Credits of one client depend on that client's entries alone, and everything in a balance adds but the median of tools
used. So the clients that the entries touch are rated with and without them, and the difference is added to what is
stored. Where that isn't exact (a client with known tool usage begins or stops to contribute; a currency without a table
may be gone from the install base), the partner's other clients are needed, too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from tiercore.facts.entries import Certification, Client, Entry, ToolUsage
from tiercore.program import Program
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.rating import credits_of
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_months import retention_months
from tiercore.rating.timeline import Balance, balance_on, timeline_of
from tiercore.scenarios.books import NeedsOthers, PartnerBooks
from tiercore.scenarios.entries import merged, rows_of, touched
from tiercore.scenarios.steps import Step

_ADDING = tuple(name for name in Balance._fields if name not in ("day", "tools_median_twice"))
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
    if books.others is not None:
        return _rated_whole(found, program)
    own_before, own_after = (_own_credits(books, each, program) for each in (before, after))
    usage = {client_id: books.usage.get(client_id, ()) for client_id in before}
    return replace(
        found,
        timeline=_timeline(books, own_before, own_after, usage),
        retention=_retention(books, (before, own_before), (after, own_after), program),
    )


def _certified(known: Sequence[Certification], entries: Sequence[Entry]) -> tuple[Certification, ...]:
    new = {(each.certification, each.valid_from): each for each in entries if isinstance(each, Certification)}
    kept = (each for each in known if (each.certification, each.valid_from) not in new)
    return (*kept, *new.values())


def _own_credits(books: PartnerBooks, clients: Mapping[str, ClientBook], program: Program) -> list[Credit]:
    found = (credit for book in clients.values() for credit in credits_of(book, program))
    return [each for each in found if each.partner_id == books.partner.partner_id]


def _rated_whole(books: PartnerBooks, program: Program) -> PartnerBooks:
    """The books from all of the partner's clients."""
    assert books.others is not None
    own = _own_credits(books, books.clients, program)
    credits, usage = [*books.others.credits, *own], {**books.others.usage, **books.usage}
    owned = {each.client_id for each in own}
    levels = [each for client_id in sorted(owned) for each in books.clients[client_id].levels]
    timeline = timeline_of(credits, usage)
    before = balance_on(timeline, books.since)
    kept = [each for each in timeline if each.day > books.since.toordinal()]
    first = [before._replace(day=books.since.toordinal())]
    months = retention_months(credits, [*books.others.levels, *levels], program)
    return replace(books, timeline=(*first, *kept), retention=tuple(months))


def _timeline(
    books: PartnerBooks,
    before: Sequence[Credit],
    after: Sequence[Credit],
    usage: Mapping[str, Sequence[ToolUsage]],
) -> tuple[Balance, ...]:
    """The stored timeline, and on each day the difference that the touched clients make."""
    if _contributes(before, usage) != _contributes(after, usage):
        raise NeedsOthers
    less, more = timeline_of(before, usage), timeline_of(after, usage)
    stored = books.timeline
    first = books.since.toordinal()
    days = {first, *(each.day for each in (*stored, *less, *more) if each.day > first)}
    return tuple(_balance(date.fromordinal(day), stored, less, more) for day in sorted(days))


def _balance(day: date, stored: Sequence[Balance], less: Sequence[Balance], more: Sequence[Balance]) -> Balance:
    known, minus, plus = (balance_on(each, day) for each in (stored, less, more))
    sums = {name: getattr(known, name) + getattr(plus, name) - getattr(minus, name) for name in _ADDING}
    return known._replace(day=day.toordinal(), **sums)


def _contributes(
    credits: Iterable[Credit], usage: Mapping[str, Sequence[ToolUsage]]
) -> dict[str, list[tuple[date, date | None]]]:
    """The days on which each client with known tool usage contributes credit, as runs without a gap."""
    spans: dict[str, set[tuple[date, date]]] = defaultdict(set)
    for each in credits:
        until = each.lapses_on or date.max
        if usage.get(each.client_id) and each.starts_on < until:
            spans[each.client_id].add((each.starts_on, until))
    return {client_id: _joined(sorted(each)) for client_id, each in spans.items()}


def _joined(spans: Sequence[tuple[date, date]]) -> list[tuple[date, date | None]]:
    found: list[tuple[date, date]] = []
    for start, until in spans:
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((start, until))
    return list(found)


_Clients = tuple[Mapping[str, ClientBook], Sequence[Credit]]


def _retention(books: PartnerBooks, before: _Clients, after: _Clients, program: Program) -> tuple[RetentionMonth, ...]:
    """The stored months, and in each the difference that the touched clients make."""
    less, more = (
        retention_months(credits, [level for book in clients.values() for level in book.levels], program)
        for clients, credits in (before, after)
    )
    last = max((rows[-1].month for rows in (books.retention, less, more) if rows), default=0)
    stored, minus, plus = (_by_month(each, last) for each in (books.retention, less, more))
    if any(not row.per_100_usd and key not in plus for key, row in minus.items()):
        raise NeedsOthers  # another client may still pay in that currency
    found = [_month(stored.get(key), minus.get(key), plus.get(key)) for key in stored.keys() | plus.keys()]
    kept = {(each.month, each.currency): each for each in found if each.started or each.net or not each.per_100_usd}
    first = min((month for month, _ in kept), default=last + 1)
    empty = set(range(first, last + 1)) - {month for month, _ in kept}
    return tuple(sorted([*kept.values(), *(RetentionMonth(month, "", 0, 0, 0, 0, 0) for month in empty)]))


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


def new_clients(books: PartnerBooks) -> list[Client]:
    """The clients that only the scenario knows."""
    return [each for each in books.added if isinstance(each, Client)]
