"""Rating stored entries again, batch by batch: only credits, timelines and months that differ are rewritten
(architecture#rebuilds).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from sqlalchemy import Connection

from tiercore.facts.entries import Client
from tiercore.program import Program
from tiercore.rating import client_batches as clients_
from tiercore.rating import partner_batches as partners_
from tiercore.rating.client_batches import RatedClients, Row, program_of, rate_clients
from tiercore.rating.client_shifts import shift_clients
from tiercore.rating.contradictions import Contradiction
from tiercore.rating.partner_batches import RatedPartners, rate_partners
from tiercore.rating.shifts import PartnerShift, add_to
from tiercore.rating.timeline import Balance
from tiercore.storage.batches import (
    StoredClients,
    StoredPartners,
    client_batch,
    partner_batch,
    rate_stored_clients,
    rate_stored_partners,
    terms_of,
    url_for_workers,
)
from tiercore.storage.bulk import chunks
from tiercore.storage.raw import RawRows
from tiercore.storage.shifting import Former, Shifting
from tiercore.storage.watching import Watcher
from tiercore.storage.workers import HERE, Workers

Progress = Callable[[str, int, int], None]
OnContradiction = Callable[[Client, Contradiction], None]
_CLIENTS = 500  # in a batch
_CREDITS = 10_000  # of the partners in a batch, if there is more than one partner


class Rerating:
    """Rates entries again in the connection's transaction, with the workers' help.

    With `is_committed`, the transaction has written no entry and nobody else writes any, so workers of this machine
    read what they rate.
    """

    def __init__(
        self,
        connection: Connection,
        program: Program,
        *,
        workers: Workers = HERE,
        progress: Progress | None = None,
        watcher: Watcher | None = None,
        is_committed: bool = False,
    ) -> None:
        self._rows, self._program = RawRows(connection), program.pickled
        self._workers, self._progress = workers, progress
        self._url = ""
        if is_committed and workers.can_read:
            self._url = url_for_workers(connection.engine.url)
        self._rewritten, self._moved = set[str](), set[str]()
        self._watcher = watcher if watcher and watcher.is_watching else None

    @property
    def differing(self) -> set[str]:
        """The partners whose credits, timelines or retention were rewritten so far, because they differ."""
        return self._rewritten | self._moved

    def clients(
        self,
        client_ids: Sequence[str],
        doubted: Collection[str] = (),
        on_contradiction: OnContradiction | None = None,
    ) -> set[str]:
        """Rewrite the credits of these clients that differ. Returns the partners that had or have credits from them.

        `on_contradiction` is called with each contradiction in the entries of the `doubted` clients.
        """
        rated = self.rated_clients(client_ids, doubted if on_contradiction else ())
        return self._take_all(rated, on_contradiction, len(client_ids))

    def touched_clients(
        self,
        client_ids: Sequence[str],
        former: Former,
        doubted: Collection[str] = (),
        on_contradiction: OnContradiction | None = None,
    ) -> set[str]:
        """The same, and move the timelines and retention of their partners by what differs. Returns the partners who
        have to be made anew.
        """
        shifts: dict[str, PartnerShift] = {}

        def rated() -> Iterator[RatedClients]:
            parts = chunks(client_ids, _CLIENTS)
            batches = (former.touched(self._rows, part, doubted if on_contradiction else ()) for part in parts)
            for differing, found in self._workers.each(shift_clients, self._program, batches):
                add_to(shifts, found)
                yield differing

        self._take_all(rated(), on_contradiction, len(client_ids))
        anew = Shifting(self._rows, program_of(self._program), self._watcher).partners(shifts)
        self._report("timelines", len(shifts) - len(anew), len(shifts))
        return anew

    def _take_all(
        self, rated: Iterable[RatedClients], on_contradiction: OnContradiction | None, total: int
    ) -> set[str]:
        partners, done = set[str](), 0
        for each in rated:
            partners |= self.take(each)
            for client, contradiction in each.contradictions:
                if on_contradiction:
                    on_contradiction(client, contradiction)
            done = min(done + _CLIENTS, total)
            self._report("rating clients", done, total)
        return partners

    def rated_clients(self, client_ids: Sequence[str], doubted: Collection[str] = ()) -> Iterator[RatedClients]:
        """How the credits of these clients differ from the stored ones, batch by batch in their order."""
        parts = chunks(client_ids, _CLIENTS)
        if self._url and not doubted:
            stored = (StoredClients(self._url, part) for part in parts)
            return self._workers.each(rate_stored_clients, self._program, stored)
        batches = (client_batch(self._rows, part, doubted) for part in parts)
        return self._workers.each(rate_clients, self._program, batches)

    def take(self, rated: RatedClients) -> set[str]:
        """Rewrite the credits that differ. Returns the partners that had or have credits from the clients rated."""
        self._rows.delete("credit", ("credit_id", "partner_id"), rated.removed)
        self._rows.insert("credit", clients_.CREDIT, rated.added)
        self.rewrote({partner_id for _, partner_id in rated.removed} | {row[0] for row in rated.added})
        if self._watcher:
            self._watcher.owned(rated.owners)
        return {partner_id for _, partner_id in rated.owners}

    def rewrote(self, partner_ids: Collection[str]) -> None:
        """Remember that the transaction has changed credits of these partners."""
        self._rewritten.update(partner_ids)

    def partners(self, partner_ids: Sequence[str]) -> None:
        """Rewrite the days of these partners' timelines and the months of their retention that differ."""
        done = 0
        parts = list(self._partner_parts(partner_ids))
        for part, rated in zip(parts, self._rated_partners(parts), strict=True):
            self._replace_partners(rated)
            done += len(part)
            self._report("timelines", done, len(partner_ids))

    def owners_of(self, client_ids: Sequence[str]) -> set[str]:
        """The partners that have credits from these clients."""
        found = (self._rows.where("credit", ("partner_id",), "client_id", part) for part in chunks(client_ids))
        return {partner_id for rows in found for (partner_id,) in rows}

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._progress:
            self._progress(stage, done, total)

    def _partner_parts(self, partner_ids: Sequence[str]) -> Iterator[list[str]]:
        """The partners in batches of about as many credits."""
        part, credits = list[str](), 0
        for chunk in chunks(partner_ids):
            among, parameter = self._rows.among(chunk)
            counted = f"SELECT partner_id, count(*) FROM credit WHERE partner_id {among} GROUP BY partner_id"  # noqa: S608
            counts: dict[str, int] = dict(self._rows.all(counted, parameter))
            for partner_id in chunk:
                if part and (credits + counts.get(partner_id, 0) > _CREDITS):
                    yield part
                    part, credits = [], 0
                part.append(partner_id)
                credits += counts.get(partner_id, 0)
        if part:
            yield part

    def _rated_partners(self, parts: Sequence[Sequence[str]]) -> Iterator[RatedPartners]:
        """How the timelines and the retention of each part's partners differ from the stored ones."""
        if self._url:
            stored = (StoredPartners(self._url, part, self._uncommitted(part)) for part in parts)
            return self._workers.each(rate_stored_partners, self._program, stored)
        batches = (partner_batch(self._rows, part, terms_of(self._rows, part)) for part in parts)
        return self._workers.each(rate_partners, self._program, batches)

    def _uncommitted(self, partner_ids: Sequence[str]) -> list[Row] | None:
        """What timelines need of these partners' credits, None if this transaction has changed none of them."""
        return None if self._rewritten.isdisjoint(partner_ids) else terms_of(self._rows, partner_ids)

    def _replace_partners(self, rated: RatedPartners) -> None:
        if self._watcher:
            for partner_id, former, current in rated.corrected:
                self._watcher.compare(partner_id, _balances(former), _balances(current))
        days, months = rated.timelines, rated.months
        self._moved.update(row[0] for rows in (*days, *months) for row in rows)
        self._rows.delete("timeline", partners_.BALANCE[:2], [row[:2] for row in days.removed])
        self._rows.insert("timeline", partners_.BALANCE, days.added)
        self._rows.delete("retention", partners_.MONTH[:3], [row[:3] for row in months.removed])
        self._rows.insert("retention", partners_.MONTH, months.added)


def _balances(rows: Iterable[Row]) -> list[Balance]:
    return [Balance._make(row[1:]) for row in rows]
