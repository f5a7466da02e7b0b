"""A sale on a line that keeps an earlier rate than a new line has (how-tiers-work#origin-of-a-line)."""

from dataclasses import dataclass
from datetime import date

from tiercore.facts.entries import Sale
from tiercore.program import Program
from tiercore.rating.rating import credits_of
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.steps import Sell


@dataclass(frozen=True, slots=True)
class KeptRate:
    """The points per US$100 of a sale by the day `since` which its line dates, and those that a new line earns."""

    rate: int
    new_line: int
    since: date


def kept_rate(step: Sell, after: PartnerBooks, program: Program) -> KeptRate | None:
    """The rate of the sale where its line keeps another than a new one has (how-tiers-work#origin-of-a-line)."""
    sale = next((each for each in reversed(after.added) if isinstance(each, Sale)), None)
    if sale is None or sale.client_id not in after.clients:
        return None
    book, rules = after.clients[sale.client_id], program.on(step.sold_on)
    new_line = rules.rate(step.motion.source, growth_market=rules.is_growth_market(book.client.country))
    credit = next((each for each in credits_of(book, program) if each.entry_id == sale.sale_id and each.rate), None)
    return KeptRate(credit.rate, new_line, credit.rated_on) if credit and credit.rate != new_line else None
