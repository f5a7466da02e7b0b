"""Parse fixed histories: clients whose figures must come out exactly, written line by line.

A client's line is `Name | country | currency`; below it, indented, come its events, day by day:

    2021-10-05 upsell sourced 800 Marketing Hub Professional      a sale that raises the MRR
    2018-06-01 had 2400 Marketing Hub Enterprise                  an MRR without a sale in the sample
    2022-03-15 falls to 1800 Marketing Hub Professional           a downgrade, or with 0 a cancellation
    2019-04-01 managed until 2022-10-31                           an agreement, open-ended without `until`
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bot.playground.sample.catalogue import line_and_edition
from bot.playground.sample.draft_ledger import DraftLedger, ProductLine
from tiercore.facts.entries import Client, DealType, Motion
from tiercore.facts.money import minor_digits


@dataclass(slots=True)
class HistoryParser:
    """Adds one partner's history to a draft; `lines` are the product lines in it."""

    draft: DraftLedger
    partner_id: str
    lines: list[ProductLine] = field(default_factory=list)

    def add(self, history: str) -> None:
        """Add a history. Raises ValueError for a line that isn't in the format."""
        client, currency = None, ""
        for line in filter(str.strip, history.splitlines()):
            if not line.startswith(" "):
                name, country, currency = (part.strip() for part in line.rsplit("|", 2))
                client = self.draft.add_client(name, country)
            elif client is not None:
                self._add_event(client, currency, line.split())

    def _add_event(self, client: Client, currency: str, words: list[str]) -> None:
        day = date.fromisoformat(words[0])
        match words[1:]:
            case ["managed"]:
                self.draft.add_agreement(self.partner_id, client, day)
            case ["managed", "until", last]:
                self.draft.add_agreement(self.partner_id, client, day, date.fromisoformat(last))
            case ["had", amount, *product] | ["falls", "to", amount, *product]:
                self._line(client, currency, product, day, amount).set_mrr(day, _minor(amount, currency))
            case [deal, motion, amount, *product]:
                line, minor = self._line(client, currency, product, day, amount), _minor(amount, currency)
                self.draft.add_sale(self.partner_id, line, day, DealType(deal), Motion(motion), minor)
            case _:
                raise ValueError(f"not a line of a history: {' '.join(words)}")

    def _line(self, client: Client, currency: str, product: list[str], day: date, amount: str) -> ProductLine:
        line = self.draft.line_of(client, " ".join(product), currency)
        line.hold(day, line_and_edition(" ".join(product))[1], _minor(amount, currency))
        if line not in self.lines:
            self.lines.append(line)
        return line


def _minor(amount: str, currency: str) -> int:
    return int(Decimal(amount) * 10 ** minor_digits(currency))
