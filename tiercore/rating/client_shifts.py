"""Rating the clients that an import touches, and how that moves their partners (architecture#rebuilds)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tiercore.program import Program
from tiercore.rating.client_batches import ClientBatch, Compared, RatedClients, Row, compare_clients, program_of
from tiercore.rating.garbage import uncollected
from tiercore.rating.install_base import PaidLines
from tiercore.rating.partner_batches import lines_by_client, usage_by_client
from tiercore.rating.shifts import Given, PartnerShift, Usage
from tiercore.rating.timeline import TermRow

_Terms = dict[tuple[str, str], list[TermRow]]  # by partner and client


class TouchedClients(NamedTuple):
    """A batch of clients as they are now, with their tool usage, and the rows of both kinds that have changed.

    `former_levels` are all levels that the clients `levels_of` had before, `former_usage` all usage of those
    `usage_of`. Usage has the columns of USAGE.
    """

    batch: ClientBatch
    usage: Sequence[Row]
    levels_of: Collection[str]
    former_levels: Sequence[Row]
    usage_of: Collection[str]
    former_usage: Sequence[Row]


@uncollected()
def shift_clients(pickled: bytes, touched: TouchedClients) -> tuple[RatedClients, dict[str, PartnerShift]]:
    """Rate the clients by a pickled program; how their credits differ, and by partner how that moves it."""
    program, compared = program_of(pickled), compare_clients(pickled, touched.batch)
    shifts = _credits(compared)
    others = {*_with_other_stays(compared), *touched.levels_of, *touched.usage_of}
    gave, gives = _known(touched, others, program)
    former = _terms(row[1:] for row in touched.batch.stored if row[2] in others)
    current = _terms(row for row in compared.found if row[1] in others)
    for key in former.keys() | current.keys():
        partner_id, client_id = key
        before, after = gave.to(client_id, former.get(key, [])), gives.to(client_id, current.get(key, []))
        shifts[partner_id].take_client(before, after, program)
    return compared.rated(touched.batch), dict(shifts)


def _credits(compared: Compared) -> defaultdict[str, PartnerShift]:
    """What the credits alone move, by partner."""
    shifts = defaultdict[str, PartnerShift](PartnerShift)
    removed, added = _terms(row[1:] for row in compared.removed), _terms(compared.added)
    for key in removed.keys() | added.keys():
        shifts[key[0]].take_credits(removed.get(key, ()), added.get(key, ()))
    return shifts


def _with_other_stays(compared: Compared) -> set[str]:
    """The clients that contribute credit on other days than before."""
    before = {(row[1], row[2], row[11], row[12]) for row in compared.removed}
    after = {(row[0], row[1], row[10], row[11]) for row in compared.added}
    return {client_id for _, client_id, *_ in before ^ after}


class _Known(NamedTuple):
    """Clients' lines and tool usage."""

    lines: PaidLines
    usage: Mapping[str, Usage]

    def to(self, client_id: str, terms: Sequence[TermRow]) -> Given:
        """What the client gives to a partner for whom it has these credits."""
        return Given(terms, self.lines.get(client_id, {}), self.usage.get(client_id, ()))


def _known(touched: TouchedClients, client_ids: Collection[str], program: Program) -> tuple[_Known, _Known]:
    """Of these clients, as it was and as it is; what hasn't changed is the same object."""
    lines = lines_by_client((row for row in touched.batch.levels if row[0] in client_ids), program.catalogue)
    usage = _usage(row for row in touched.usage if row[0] in client_ids)
    had = {client_id: own for client_id, own in lines.items() if client_id not in touched.levels_of}
    used = {client_id: own for client_id, own in usage.items() if client_id not in touched.usage_of}
    had |= lines_by_client(touched.former_levels, program.catalogue)
    used |= _usage(touched.former_usage)
    return _Known(had, used), _Known(lines, usage)


def _terms(rows: Iterable[Row]) -> _Terms:
    """What timelines need of the credits, from rows with the columns of CREDIT."""
    found: _Terms = {}
    for row in rows:
        term = (row[1], row[3], row[4], row[5], row[10], row[11], row[16], row[17] is not None, row[18])
        found.setdefault((row[0], row[1]), []).append(term)
    return found


def _usage(rows: Iterable[Row]) -> dict[str, Usage]:
    """Each client's months ascending."""
    return {client_id: sorted(own) for client_id, own in usage_by_client(rows).items()}
