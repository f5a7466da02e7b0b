"""What may be otherwise about a client: levels, agreements, country (how-tiers-work#doesnt-match)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from tiercore.explaining.claims import Kind, Row
from tiercore.explaining.hypotheses import Edit, Hypothesis, amount, level_row
from tiercore.explaining.sale_hypotheses import MONTHS_IN_A_YEAR
from tiercore.facts.entries import Agreement, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.program import Rules
from tiercore.rating.credits import ClientBook

_SOMEBODY = "\0another partner"  # sorts before every partner, and is never shown
_NEAR = timedelta(3)


def about_levels(book: ClientBook, levels: Sequence[SubscriptionLevel], day: date) -> Iterator[Hypothesis]:
    """Hypotheses about what one line pays: a level that isn't there, a year's amount, a line that has ended there.

    `levels` are the line's by the day, ascending.
    """
    for level in levels:
        if level.effective_on <= day:
            yield Hypothesis(Kind.LEVEL_MISSING_THERE, level_row(level, book.client), Edit((level,)))
            for minor in _annual(level.mrr.minor):
                money = Money(minor, level.mrr.currency)
                row, other = level_row(level, book.client, amount(money)), replace(level, mrr=money)
                yield Hypothesis(Kind.AMOUNT, row, Edit((level,), (other,)))
        if abs(level.effective_on - day) <= _NEAR:
            other_day = day + timedelta(1) if level.effective_on <= day else day
            row, other = level_row(level, book.client, other_day.isoformat()), replace(level, effective_on=other_day)
            yield Hypothesis(Kind.SALE_DAY, row, Edit((level,), (other,)))


def cancelled(book: ClientBook, last: SubscriptionLevel, day: date) -> Hypothesis:
    """The line has ended on the dashboard; `last` is what it pays on the day."""
    ended = replace(last, mrr=Money(0, last.mrr.currency), effective_on=day, renews_on=None)
    replaced = (last,) if last.effective_on == day else ()
    return Hypothesis(Kind.CANCELLED_THERE, level_row(last, book.client), Edit(replaced, (ended,)))


def _annual(minor: int) -> Iterator[int]:
    if minor:
        yield minor * MONTHS_IN_A_YEAR
        if minor % MONTHS_IN_A_YEAR == 0:
            yield minor // MONTHS_IN_A_YEAR


def about_agreements(book: ClientBook, partner_id: str, day: date) -> Iterator[Hypothesis]:
    """Hypotheses about the client's agreements. Of another partner's nothing is said but that there is one."""
    mine = [each for each in book.agreements if each.partner_id == partner_id]
    current = [each for each in mine if _in_force(each, day)]
    others = {each.partner_id for each in book.agreements if each.partner_id != partner_id and _in_force(each, day)}
    for each in mine:
        yield from _moved(book, each, day)
    for each in current:
        yield Hypothesis(Kind.AGREEMENT_MISSING_THERE, _row(book, each), Edit((each,)))
    if current:
        yield from _shares(book, current[0], others, day)
    else:
        start = max((each.starts_on for each in mine if each.starts_on <= day), default=day)
        found = Agreement(f"{book.client.client_id} found", partner_id, book.client.client_id, start)
        last = max(mine, key=lambda each: each.starts_on, default=None)
        row = Row("agreement", last.agreement_id if last else None, book.client.client_id, book.client.name)
        yield Hypothesis(Kind.AGREEMENT_MISSING_HERE, row, Edit((), (found,)))


def _in_force(agreement: Agreement, day: date) -> bool:
    return agreement.starts_on <= day and (agreement.ends_on is None or day <= agreement.ends_on)


def _row(book: ClientBook, agreement: Agreement, there: str | None = None) -> Row:
    where = (book.client.client_id, book.client.name, None)
    return Row("agreement", agreement.agreement_id, *where, agreement.starts_on, None, there)


def _moved(book: ClientBook, agreement: Agreement, day: date) -> Iterator[Hypothesis]:
    """The agreement begins or ends a few days earlier or later, across the day."""
    for apart in (timedelta(days) for days in (-3, -2, -1, 1, 2, 3)):
        moved = [replace(agreement, starts_on=agreement.starts_on + apart)]
        if agreement.ends_on:
            moved.append(replace(agreement, ends_on=agreement.ends_on + apart))
        for other in moved:
            if _in_force(other, day) is not _in_force(agreement, day):
                there = other.starts_on if other.starts_on != agreement.starts_on else other.ends_on
                yield Hypothesis(Kind.AGREEMENT_DAY, _row(book, agreement, str(there)), Edit((agreement,), (other,)))
                return


def _shares(book: ClientBook, mine: Agreement, others: set[str], day: date) -> Iterator[Hypothesis]:
    """The managed credit is divided among one partner more or fewer, or not at all."""
    one_more = replace(mine, agreement_id=f"{mine.agreement_id} shared", partner_id=_SOMEBODY)
    yield Hypothesis(Kind.SHARE, _row(book, mine, str(len(others) + 2)), Edit((), (one_more,)))
    for gone in [{each} for each in sorted(others)] + ([others] if len(others) > 1 else []):
        theirs = tuple(each for each in book.agreements if each.partner_id in gone and _in_force(each, day))
        yield Hypothesis(Kind.SHARE, _row(book, mine, str(len(others) - len(gone) + 1)), Edit(theirs))


def other_country(book: ClientBook, rules: Rules) -> Hypothesis | None:
    """The client is in a growth market there and not here, or the reverse; None without growth markets."""
    is_growth = rules.is_growth_market(book.client.country)
    country = "US" if is_growth else min(rules.growth_markets, default=None)
    if country is None:
        return None
    there = "standard" if is_growth else "growth_market"
    row = Row("client", book.client.client_id, book.client.client_id, book.client.name, there=there)
    return Hypothesis(Kind.COUNTRY, row, Edit(country=country))
