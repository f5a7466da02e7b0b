"""Rating the clients that an import touches, and how that moves their partners (architecture#rebuilds)."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from tiercore.rating.client_batches import ClientBatch, RatedClients, Row, compared, program_of, rated_rows
from tiercore.rating.garbage import uncollected
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
    program = program_of(pickled)
    found, contradictions = rated_rows(pickled, touched.batch)
    former, current = _terms(row[1:] for row in touched.batch.stored), _terms(found)
    lines, usage = lines_by_client(touched.batch.levels, program.catalogue), _usage(touched.usage)
    had = {client_id: own for client_id, own in lines.items() if client_id not in touched.levels_of}
    had.update(lines_by_client(touched.former_levels, program.catalogue))
    used = {client_id: own for client_id, own in usage.items() if client_id not in touched.usage_of}
    used.update(_usage(touched.former_usage))
    shifts: dict[str, PartnerShift] = {}
    for key in former.keys() | current.keys():
        (partner_id, client_id), before, after = key, former.get(key, []), current.get(key, [])
        if before != after or client_id in touched.levels_of or client_id in touched.usage_of:
            gave = Given(before, had.get(client_id, {}), used.get(client_id, ()))
            gives = Given(after, lines.get(client_id, {}), usage.get(client_id, ()))
            shifts.setdefault(partner_id, PartnerShift()).take(gave, gives, program)
    return compared(touched.batch, found, contradictions), shifts


def _terms(rows: Iterable[Row]) -> _Terms:
    """What timelines need of the credits, from rows with the columns of CREDIT."""
    found: _Terms = {}
    for row in rows:
        term = (row[1], row[3], row[4], row[5], row[10], row[11], row[16], row[17] is not None, row[18])
        found.setdefault((row[0], row[1]), []).append(term)
    return found


def _usage(rows: Sequence[Row]) -> dict[str, Usage]:
    """Each client's months ascending."""
    return {client_id: sorted(own) for client_id, own in usage_by_client(rows).items()}
