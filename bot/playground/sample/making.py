"""The sample put together: the told histories, the trade around them, and what follows from both."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from bot.playground.sample.agencies import AGENCIES, Agency
from bot.playground.sample.book import Book, Sample
from bot.playground.sample.catalogue import FIRST_DAY, LAST_DAY
from bot.playground.sample.crediting import Tally, credit
from bot.playground.sample.histories import (
    EXACT_MINIMUM_HISTORY,
    EXPIRED_AGREEMENT_HISTORY,
    LOWER_THAN_A_YEAR_AGO_HISTORY,
    NASTY_NAMES_HISTORY,
    PARTNER_A_HISTORY,
    UNKNOWN_DATA_HISTORY,
)
from bot.playground.sample.names import Names
from bot.playground.sample.people import people
from bot.playground.sample.script import HistoryWriter
from bot.playground.sample.stories import (
    EXACT_MINIMUM,
    EXPIRED_AGREEMENT,
    LOWER_THAN_A_YEAR_AGO,
    NASTY_NAMES,
    PARTNER_A,
    UNKNOWN_DATA,
)
from bot.playground.sample.trading import Trade
from bot.playground.sample.upkeep import certifications_of, usage_of
from tiercore.facts.entries import Agreement, Partner

# Partners whose figures of the demo's day are told and exact: they trade freely only when its 90 days are over.
_EXACT = {PARTNER_A.partner_id: PARTNER_A_HISTORY, EXACT_MINIMUM.partner_id: EXACT_MINIMUM_HISTORY}
_FREE_AGAIN = date(2022, 12, 12)
_TOLD = {
    EXPIRED_AGREEMENT.partner_id: EXPIRED_AGREEMENT_HISTORY,
    LOWER_THAN_A_YEAR_AGO.partner_id: LOWER_THAN_A_YEAR_AGO_HISTORY,
    NASTY_NAMES.partner_id: NASTY_NAMES_HISTORY,
}
_SHARED = 80
_BEGINS_TRADE = timedelta(days=20)


def make_sample(seed: int) -> Sample:
    """The sample of a seed: the same one whenever it is asked for."""
    book = Book()
    names = Names(_chance(seed, "names"))
    told = {agency.partner_id: _tell(book, names, agency, seed) for agency in AGENCIES}
    _share(book, set().union(*told.values()), _chance(seed, "shared"))
    book.sample.levels = [level for lines in book.lines.values() for line in lines for level in line.levels()]
    _number_by_day(book)
    _follow(book, seed)
    return book.sample


def _chance(seed: int, part: str) -> Random:
    """A part's own chance, so that a change to one part leaves the others as they are."""
    return Random(f"{seed}:{part}")  # noqa: S311 - a sample must be repeatable, nothing here is secret


def _tell(book: Book, names: Names, agency: Agency, seed: int) -> set[str]:
    """One partner's history and trade; the clients that no one else may touch."""
    random = _chance(seed, agency.partner_id)
    trade, history = Trade(book, names, agency, random), HistoryWriter(book, agency.partner_id)
    if agency.partner_id in _EXACT:
        history.tell(_EXACT[agency.partner_id])
        trade.lines = history.lines
        trade.run(_FREE_AGAIN)
    else:
        history.tell(_TOLD.get(agency.partner_id, ""))
        trade.run(max(FIRST_DAY, agency.joined_on + _BEGINS_TRADE))
    if agency.partner_id == UNKNOWN_DATA.partner_id:
        _tell_unknown(history)
    return {line.client.client_id for line in history.lines}


def _tell_unknown(history: HistoryWriter) -> None:
    """Two clients of which the data can't answer everything: levels in another currency, and no levels."""
    history.tell(UNKNOWN_DATA_HISTORY)
    otherwise, untold = history.lines
    otherwise.billed_in, untold.billed_in = "USD", None


def _share(book: Book, untouched: set[str], random: Random) -> None:
    """Second partners for some clients, with agreements of their own."""
    free = [agreement for agreement in book.sample.agreements if agreement.client_id not in untouched]
    others = [agency for agency in AGENCIES if agency.partner_id not in _EXACT]
    for agreement in random.sample(free, _SHARED):
        _join(book, agreement, random.choice(others), random)


def _join(book: Book, agreement: Agreement, agency: Agency, random: Random) -> None:
    starts_on = max(agreement.starts_on, agency.joined_on) + timedelta(days=random.randint(60, 300))
    if agency.partner_id == agreement.partner_id or starts_on > min(LAST_DAY, agreement.ends_on or LAST_DAY):
        return
    client = next(client for client in book.sample.clients if client.client_id == agreement.client_id)
    ends_on = random.choice((None, starts_on + timedelta(days=random.randint(300, 900))))
    book.agree(agency.partner_id, client, starts_on, ends_on)


def _number_by_day(book: Book) -> None:
    """Number the sales in the order of their days."""
    by_day = sorted(book.sample.sales, key=lambda sale: (sale.sold_on, sale.sale_id))
    book.sample.sales = [replace(sale, sale_id=f"S{number:05d}") for number, sale in enumerate(by_day, 1)]


def _follow(book: Book, seed: int) -> None:
    """Everything that hangs on the trade, or on the partners alone."""
    tally, sample = Tally(book), book.sample
    sample.usage = list(usage_of(book, lambda client_id: _chance(seed, client_id)))
    sample.people = list(people())
    for number, agency in enumerate(AGENCIES):
        sample.partners.append(_partner(number, agency))
        sample.tiers += credit(tally, agency)
        sample.certifications += certifications_of(agency, _chance(seed, f"{agency.partner_id}:certifications"))


def _partner(number: int, agency: Agency) -> Partner:
    """The partner's own row: most have paid for their membership, some no longer, of some it is not known."""
    until = (None, date(2026, 10, 31))[number % 2] if number % 10 in (7, 8) else date(2027, 7, 14)
    return Partner(
        partner_id=agency.partner_id,
        name=agency.name,
        country=agency.country,
        currency=agency.currency,
        joined_on=agency.joined_on,
        elite_invited_on=agency.invited_on,
        membership_until=until,
    )
