"""Verifying stored figures: recount from the entries, and compare (running#verify)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from sqlalchemy import Connection

from tiercore.program import Program
from tiercore.verification.balances import BALANCE, DailyChanges
from tiercore.verification.comparison import Differences, Row, Table
from tiercore.verification.credits import credits_of
from tiercore.verification.entries import ClientEntries, Credit, clients_of, entries_of, rows, stored_credits
from tiercore.verification.retention import RETENTION, MonthlyChanges, first_day
from tiercore.verification.rulebook import Held, LineKey, Rulebook

Progress = Callable[[str, int, int], None]
_PARTNERS, _CLIENTS = 50, 500  # that are in memory together


@dataclass(slots=True)
class Verified:
    """How much was compared, and what differs; of the credits some may not have been recounted, but taken as stored."""

    partners: int = 0
    credits: int = 0
    balances: int = 0
    months: int = 0
    not_recounted: int = 0
    differences: Differences = field(default_factory=Differences)

    def add(self, other: "Verified") -> None:
        """Take in what was found for other partners."""
        self.partners += other.partners
        self.credits += other.credits
        self.balances += other.balances
        self.months += other.months
        self.not_recounted += other.not_recounted
        self.differences.add(other.differences)


def partner_ids(connection: Connection) -> list[str]:
    """Every partner that there is, ascending."""
    return sorted(partner_id for (partner_id,) in rows(connection, "SELECT partner_id FROM partner"))


def sample_of(partners: Sequence[str], number: int, day: date) -> list[str]:
    """So many of the partners, picked at random: the same ones all day, others the next."""
    return sorted(Random(day.toordinal()).sample(partners, min(number, len(partners))))  # noqa: S311


def verify(
    connection: Connection,
    program: Program,
    partners: Sequence[str] | None = None,
    *,
    on: date | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Recount the partners' figures and compare them with those stored: of all partners if `partners` is None, and of
    one day only, its balances and the credits in force, if `on` is given.

    All of it has to be read in one transaction that sees one state of the data.
    """
    run = _Run(connection, Rulebook(program), on.toordinal() if on else None)
    chosen = partner_ids(connection) if partners is None else list(partners)
    for at in range(0, len(chosen), _PARTNERS):
        some = chosen[at : at + _PARTNERS]
        for share in run.partners(some):
            if progress:
                progress("verifying", at + int(share * len(some)), len(chosen))
    if partners is None:
        run.strays()
    return run.found


def strays(connection: Connection, program: Program) -> Verified:
    """The stored rows of partners that don't exist."""
    run = _Run(connection, Rulebook(program), None)
    run.strays()
    return run.found


class _Run:
    def __init__(self, connection: Connection, rules: Rulebook, on: int | None) -> None:
        self._connection, self._rules, self._on, self.found = connection, rules, on, Verified()
        self._credit = Table("credit", Credit._fields, 4, lambda row: date.fromordinal(row[10]), _entry_of_credit)
        self._balance = Table("balance", BALANCE, 2, lambda row: date.fromordinal(row[1]), self._entries_of_day)
        self._retention = Table("retention", RETENTION, 3, lambda row: first_day(row[1]), self._levels_of_month)

    def partners(self, partners: Sequence[str]) -> Iterator[float]:
        """Recount and compare some partners, client by client, then each of their balances and months.

        Yields which share of it is done.
        """
        days = {each: DailyChanges() for each in partners}
        months = {each: MonthlyChanges(self._rules) for each in partners}
        clients = clients_of(self._connection, partners)
        for at in range(0, len(clients), _CLIENTS):
            yield at / len(clients)
            self._clients(clients[at : at + _CLIENTS], days, months)
        balances, retention = (
            self._stored("timeline", BALANCE, partners),
            self._stored("retention", RETENTION, partners),
        )
        for each in partners:
            recounted = self._of_day(days[each].balances(each))
            self.found.balances += len(recounted)
            self.found.differences.compare(self._balance, self._of_day(balances[each]), recounted)
            if self._on is None:
                in_months = list(months[each].months(each))
                self.found.months += len({row[1] for row in in_months})
                self.found.differences.compare(self._retention, retention[each], in_months)
        self.found.partners += len(partners)
        yield 1.0

    def _clients(
        self, clients: Sequence[str], days: Mapping[str, DailyChanges], months: Mapping[str, MonthlyChanges]
    ) -> None:
        all_stored, all_entries = stored_credits(self._connection, clients), entries_of(self._connection, clients)
        for client_id in clients:
            entries, by_partner = all_entries[client_id], defaultdict[str, list[Credit]](list)
            stored = [each for each in all_stored[client_id] if each.partner_id in days]
            held = self._rules.held(entries.levels)
            recounted = self._recounted(client_id, entries, held, stored)
            for credit in recounted:
                if credit.partner_id in days:
                    by_partner[credit.partner_id].append(credit)
            for partner_id, credits in by_partner.items():
                days[partner_id].add_client(credits, entries.usage)
                months[partner_id].add_client(credits, held)
            in_force = self._in_force(each for credits in by_partner.values() for each in credits)
            self.found.credits += len(in_force)
            self.found.differences.compare(self._credit, self._in_force(stored), in_force)

    def _recounted(
        self, client_id: str, entries: ClientEntries, held: Mapping[LineKey, list[Held]], stored: Sequence[Credit]
    ) -> list[Credit]:
        """The client's credits. Where deal-based credit may decide on what it bought, its sold ones are as stored."""
        recounted = credits_of(client_id, entries, held, self._rules)
        days = [each.day for each in entries.sales] + [each.day for each in entries.levels]
        if not self._rules.is_deal_based(entries.country, days):
            return recounted
        as_stored = [each for each in stored if each.source != "managed"]
        self.found.not_recounted += len(as_stored)
        return [*as_stored, *(each for each in recounted if each.source == "managed")]

    def _in_force(self, credits: Iterable[Credit]) -> list[Credit]:
        """The credits that count on the day asked about, or all."""
        on = self._on
        return [
            each
            for each in credits
            if on is None or (each.starts_on <= on and (each.lapses_on is None or on < each.lapses_on))
        ]

    def _of_day(self, balances: Iterable[Row]) -> list[Row]:
        """The balance of the day asked about, or all; ascending by day."""
        if self._on is None:
            return list(balances)
        return [row for row in balances if row[1] <= self._on][-1:]

    def strays(self) -> None:
        """Rows of partners that don't exist."""
        for table, source in ((self._credit, "credit"), (self._balance, "timeline"), (self._retention, "retention")):
            columns = ", ".join(table.columns)
            sql = f"SELECT {columns} FROM {source} WHERE partner_id NOT IN (SELECT partner_id FROM partner)"  # noqa: S608
            self.found.differences.compare(table, rows(self._connection, sql), ())

    def _stored(self, source: str, columns: Sequence[str], partners: Sequence[str]) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        sql = f"SELECT {', '.join(columns)} FROM {source} WHERE partner_id IN :partners ORDER BY {columns[1]}"  # noqa: S608
        for row in rows(self._connection, sql, partners=partners):
            found[row[0]].append(row)
        return found

    def _entries_of_day(self, balance: Row) -> str:
        """The first entries whose credits begin or end on a balance's day."""
        found = rows(self._connection, _ENTRIES_OF_DAY, partner=balance[0], day=balance[1])
        return ", ".join(_entry(source, entry_id) for source, entry_id in found)

    def _levels_of_month(self, month: Row) -> str:
        """The first levels that change within a month."""
        first, end = (first_day(each).toordinal() for each in (month[1], month[1] + 1))
        found = rows(self._connection, _LEVELS_OF_MONTH, partner=month[0], first=first, end=end)
        return ", ".join(f"level of {client_id}, {product_line}" for client_id, product_line in found)


_ENTRIES_OF_DAY = """
SELECT source, entry_id FROM credit WHERE partner_id = :partner AND (starts_on = :day OR lapses_on = :day)
ORDER BY credit_id LIMIT 3"""
_LEVELS_OF_MONTH = """
SELECT client_id, product_line FROM subscription_level
WHERE [effective_on] > :first AND [effective_on] <= :end
AND client_id IN (SELECT client_id FROM credit WHERE partner_id = :partner) ORDER BY 1, 2 LIMIT 3"""


def _entry_of_credit(row: Row) -> str:
    return _entry(row[3], row[14])


def _entry(source: str, entry_id: str) -> str:
    return f"{'agreement' if source == 'managed' else 'sale'} {entry_id}"
