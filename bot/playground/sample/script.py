"""Written histories: the clients whose figures must come out exactly, told line by line.

A client's line is `Name | country | currency`; below it, indented, what happened, day by day:

    2021-10-05 upsell sourced 800 Marketing Hub Professional      a sale that raises the level
    2018-06-01 had 2400 Marketing Hub Enterprise                  a level that no sale of the sample stands for
    2022-03-15 falls to 1800 Marketing Hub Professional           a downgrade, or with 0 a cancellation
    2019-04-01 managed until 2022-10-31                           an agreement, open without an end
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bot.playground.sample.book import Book, Line
from tiercore.facts.entries import Client, DealType, Motion
from tiercore.facts.money import minor_digits


@dataclass(slots=True)
class HistoryWriter:
    """Tells one partner's history into the book; `lines` are the product lines it sold or found."""

    book: Book
    partner_id: str
    lines: list[Line] = field(default_factory=list)

    def tell(self, history: str) -> list[Client]:
        """Tell the whole history; its clients, in its order."""
        clients: list[Client] = []
        currency = ""
        for told in filter(str.strip, history.splitlines()):
            if told.startswith(" "):
                self._event(clients[-1], currency, told.split())
            else:
                name, country, currency = (part.strip() for part in told.rsplit("|", 2))
                clients.append(self.book.client(name, country))
        return clients

    def _event(self, client: Client, currency: str, words: list[str]) -> None:
        day = date.fromisoformat(words[0])
        match words[1:]:
            case ["managed"]:
                self.book.agree(self.partner_id, client, day)
            case ["managed", "until", last]:
                self.book.agree(self.partner_id, client, day, date.fromisoformat(last))
            case ["had", amount, *product] | ["falls", "to", amount, *product]:
                self._line(client, currency, product).step(day, _minor(amount, currency))
            case [deal, motion, amount, *product]:
                line, minor = self._line(client, currency, product), _minor(amount, currency)
                self.book.sell(self.partner_id, line, day, DealType(deal), Motion(motion), minor)
            case _:
                raise ValueError(f"not a line of a history: {' '.join(words)}")

    def _line(self, client: Client, currency: str, product: list[str]) -> Line:
        line = self.book.line(client, " ".join(product), currency)
        if line not in self.lines:
            self.lines.append(line)
        return line


def _minor(amount: str, currency: str) -> int:
    return int(Decimal(amount) * 10 ** minor_digits(currency))
