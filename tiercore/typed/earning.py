"""What an entry that someone types will earn, by the product's own rating (how-tiers-work#rates)."""

from datetime import date

from sqlalchemy import Connection

from tiercore.facts.entries import Agreement, Entry, Sale, SubscriptionLevel
from tiercore.facts.holds import EXPIRY
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.people.holds import holds
from tiercore.program import Program
from tiercore.questions.client import why_unpaid
from tiercore.questions.sale_history import histories
from tiercore.rating.credits import ClientBook, Credit, is_active
from tiercore.rating.lines import key_of, level_on, levels_by_line
from tiercore.rating.managed import in_force
from tiercore.rating.rating import credits_of
from tiercore.storage.books import books_of
from tiercore.typed.types import Earning


def earning(connection: Connection, program: Program, entry: Entry, partner_id: str, today: date) -> Earning | None:
    """What the entry earns the partner beside all that is stored of its client; None for one that earns nothing by
    itself.
    """
    if not isinstance(entry, Sale | Agreement | SubscriptionLevel):
        return None
    book = next(iter(books_of(connection, [entry.client_id])), None)
    if book is None:
        return None
    if isinstance(entry, SubscriptionLevel):
        book.levels = [*(each for each in book.levels if _key(each) != _key(entry)), entry]
        return _of_level(entry, partner_id, book, program, today)
    if isinstance(entry, Sale):
        held = _held(connection, entry.partner_id)
        book.sales = [*(each for each in book.sales if each.sale_id != entry.sale_id), entry]
        return _of_sale(entry, credits_of(book, program), program, today, held)
    others = (each for each in book.agreements if each.agreement_id != entry.agreement_id)
    book.agreements = [*others, entry]
    return _of_agreement(entry, book, credits_of(book, program), today)


def _of_sale(sale: Sale, credits: list[Credit], program: Program, today: date, held: Unknown | None) -> Earning:
    day, source = max(today, sale.sold_on), sale.motion.value
    own = [credit for credit in credits if credit.partner_id == sale.partner_id]
    found = next(
        histories([sale], [each for each in own if each.entry_id == sale.sale_id], day, program.catalogue, held)
    )
    if found.earned is None:
        return Earning(None, reason=found.doubt or "it can't be rated", source=source)
    if not found.earned:
        return Earning(0, reason=_nothing(sale, program), source=source)
    if not found.active:
        return Earning(0, reason="its points have expired or were lost by today", source=source)
    return Earning(found.active, found.lapses_on, found.doubt or "", source)


def _nothing(sale: Sale, program: Program) -> str:
    if not program.on(sale.sold_on).earns(sale.deal_type):
        return f"{sale.deal_type.value.replace('_', '-')} deals earn no points on its day"
    return "the line paid as much before, or its amount is zero"


def _of_agreement(entry: Agreement, book: ClientBook, credits: list[Credit], today: date) -> Earning:
    """Managed points as of today, or of its first day where that is to come; until the day after its last."""
    day = max(today, entry.starts_on)
    if entry.ends_on and entry.ends_on < day:
        return Earning(0, reason="it has ended by today", source="managed")
    own = [each for each in credits if each.entry_id == entry.agreement_id and each.partner_id == entry.partner_id]
    reason = why_unpaid([entry], book.levels, day) or "another agreement of this partner counts"
    return _managed(own, day, reason)


def _of_level(level: SubscriptionLevel, partner_id: str, book: ClientBook, program: Program, today: date) -> Earning:
    """Managed points of its line as of today, or of its first day where that is to come."""
    day, line = max(today, level.effective_on), key_of(level, program.catalogue)
    held = level_on(levels_by_line(book.levels, program.catalogue)[line], day)
    if held is None or not held.mrr.minor:
        return Earning(0, reason="the line is cancelled", source="managed")
    if not any(each.partner_id == partner_id for each in in_force(book.agreements, day)):
        return Earning(0, reason=f"no agreement with the client is in force on {day:%-d %b %Y}", source="managed")
    managed = (each for each in credits_of(book, program) if each.source is Source.MANAGED)
    own = [
        each for each in managed if each.partner_id == partner_id and (each.product_line, each.account or "") == line
    ]
    return _managed(own, day, "its line earns none")


def _managed(credits: list[Credit], day: date, unpaid: str) -> Earning:
    """What managed credits are worth on the day; `unpaid` says why there may be none."""
    own = [each for each in credits if is_active(each, as_of=day)]
    if any(each.micropoints is None for each in own):
        return Earning(None, reason=next(each.doubt for each in own if each.doubt) or "", source="managed")
    if not own:
        return Earning(0, reason=unpaid, source="managed")
    points, ends = sum(each.micropoints or 0 for each in own), [each.lapses_on for each in credits]
    until = None if None in ends else max(each for each in ends if each)
    return Earning(points, until, "" if until else "as long as the subscription lasts", "managed")


def _key(level: SubscriptionLevel) -> tuple[str, date, str | None]:
    return level.product_line, level.effective_on, level.account


def _held(connection: Connection, partner_id: str) -> Unknown | None:
    of_partner = (each for each in holds(connection) if each.figure == EXPIRY and each.partner_id in ("", partner_id))
    found = next(of_partner, None)
    return Unknown(found.reason) if found else None
