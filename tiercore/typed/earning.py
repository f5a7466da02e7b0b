"""What an entry that someone types will earn, by the product's own rating (how-tiers-work#rates)."""

from datetime import date

from sqlalchemy import Connection

from tiercore.facts.entries import Agreement, Entry, Sale
from tiercore.facts.holds import EXPIRY
from tiercore.facts.unknown import Unknown
from tiercore.people.holds import holds
from tiercore.program import Program
from tiercore.questions.client import why_unpaid
from tiercore.questions.sale_history import histories
from tiercore.rating.credits import ClientBook, Credit, is_active
from tiercore.rating.rating import credits_of
from tiercore.storage.books import books_of
from tiercore.typed.types import Earning


def earning(connection: Connection, program: Program, entry: Entry, today: date) -> Earning | None:
    """What the entry earns beside all that is stored of its client; None for one that earns nothing by itself."""
    if not isinstance(entry, Sale | Agreement):
        return None
    book = next(iter(books_of(connection, [entry.client_id])), None)
    if book is None:
        return None
    held = _held(connection, entry.partner_id)
    if isinstance(entry, Sale):
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
    all_own = [
        credit for credit in credits if credit.entry_id == entry.agreement_id and credit.partner_id == entry.partner_id
    ]
    own = [credit for credit in all_own if is_active(credit, as_of=day)]
    if any(credit.micropoints is None for credit in own):
        return Earning(None, reason=next(each.doubt for each in own if each.doubt) or "", source="managed")
    if not own:
        reason = why_unpaid([entry], book.levels, day) or "another agreement of this partner counts"
        return Earning(0, reason=reason, source="managed")
    points, ends = sum(credit.micropoints or 0 for credit in own), [credit.lapses_on for credit in all_own]
    until = None if None in ends else max(each for each in ends if each)
    return Earning(points, until, "" if until else "as long as the subscription lasts", "managed")


def _held(connection: Connection, partner_id: str) -> Unknown | None:
    of_partner = (each for each in holds(connection) if each.figure == EXPIRY and each.partner_id in ("", partner_id))
    found = next(of_partner, None)
    return Unknown(found.reason) if found else None
