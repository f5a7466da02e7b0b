"""What a rebuild has rated before it writes, kept so that one that is stopped goes on from there
(architecture#rebuilds).
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata

import orjson
from sqlalchemy import Connection, Engine, delete, func, insert, select

from tiercore.program import Program
from tiercore.rating.client_batches import RatedClients
from tiercore.storage.bulk import chunks, table
from tiercore.storage.engine import snapshot, writing
from tiercore.storage.raw import large_cache
from tiercore.storage.rerating import Progress, Rerating
from tiercore.storage.tables.derived import DerivedRow
from tiercore.storage.tables.ledger import ClientRow
from tiercore.storage.tables.rating import RatingStepRow
from tiercore.storage.workers import HERE, Workers

CLIENTS = 5_000  # in a step
_step = table(RatingStepRow)


@dataclass(frozen=True, slots=True)
class State:
    """What the steps of a rebuild are valid for: the rules and the release that rate, and a version of the data."""

    rules: str
    version: int

    @classmethod
    def stored(cls, connection: Connection, program: Program) -> "State":
        """The state that the data is in."""
        version = connection.scalar(select(table(DerivedRow).c.version)) or 0
        return cls(f"{program.rating_fingerprint} {metadata.version('tierbot')}", int(version))


def rate_ahead(
    engine: Engine,
    program: Program,
    *,
    workers: Workers = HERE,
    progress: Progress | None = None,
    clients: int = CLIENTS,
) -> None:
    """Rate the clients, `clients` in a step, from one state of the data, and keep how their credits differ.

    Nothing that an answer reads is written, and other writers wait for a step's rows at most. Steps that are stored
    for the same state aren't rated again. Workers that read for themselves may see a later state: then the data's
    version is another by the end, and no step is used.
    """
    with snapshot(engine) as connection, large_cache(connection):
        state, client_ids = State.stored(connection, program), clients_in_order(connection)
        done = _begin(engine, state)
        rerating = Rerating(connection, program, workers=workers, is_committed=True)
        for part in chunks(client_ids[done:], clients):
            rated = _joined(list(rerating.rated_clients(part)))
            done += len(part)
            with writing(engine) as writer:
                _store(writer, state, len(part), rated)
            if progress:
                progress("rating clients", done, len(client_ids))


def clients_in_order(connection: Connection) -> list[str]:
    """Every client, in the order in which steps go through them."""
    return list(connection.scalars(select(table(ClientRow).c.client_id).order_by("client_id")))


def stored_steps(connection: Connection, state: State) -> Iterator[tuple[int, RatedClients]]:
    """How many clients each step has rated in this state, and how their credits differ; in the clients' order."""
    valid = (_step.c.rules == state.rules) & (_step.c.version == state.version)
    for step in list(connection.scalars(select(_step.c.step).where(valid).order_by(_step.c.step))):
        found = select(_step.c.clients, _step.c.differing).where(_step.c.step == step)
        clients, differing = connection.execute(found).one()
        removed, added, owners = orjson.loads(zlib.decompress(differing))
        yield clients, RatedClients([*map(tuple, removed)], [*map(tuple, added)], frozenset(map(tuple, owners)), ())


def forget_steps(connection: Connection) -> None:
    """Delete all steps: they are written, or they are of another state."""
    connection.execute(delete(_step))


def _begin(engine: Engine, state: State) -> int:
    """Delete the steps of any other state. Returns how many clients those of this one have rated."""
    with writing(engine) as connection:
        connection.execute(delete(_step).where((_step.c.rules != state.rules) | (_step.c.version != state.version)))
        return connection.scalar(select(func.coalesce(func.sum(_step.c.clients), 0))) or 0


def _store(connection: Connection, state: State, clients: int, rated: RatedClients) -> None:
    number = (connection.scalar(select(func.max(_step.c.step))) or 0) + 1
    differing = zlib.compress(orjson.dumps((rated.removed, rated.added, [*rated.owners])), level=1)
    row = {"step": number, "rules": state.rules, "version": state.version, "clients": clients, "differing": differing}
    connection.execute(insert(_step), [row])


def _joined(rated: Sequence[RatedClients]) -> RatedClients:
    return RatedClients(
        [each for one in rated for each in one.removed],
        [each for one in rated for each in one.added],
        frozenset().union(*(one.owners for one in rated)),
        (),
    )
