"""A rebuild of all derived tables, with what it changes in the past (how-tiers-work#hindsight)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine

from tiercore.program import Program
from tiercore.storage.derive import rebuild_all, rules_changed
from tiercore.storage.engine import writing
from tiercore.storage.history import PartnerPast, Recorder
from tiercore.storage.occasions import Occasion
from tiercore.storage.rating_steps import rate_ahead
from tiercore.storage.workers import HERE, Workers
from tiercore.stored_deals import store_deal_points


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The result of a rebuild: the clients rated again, the partners that differ, and those whose `past` it changed."""

    clients: int
    partners: int
    past: list[PartnerPast]


def rebuild_everything(
    engine: Engine,
    program: Program,
    *,
    today: date,
    at: datetime,
    progress: Callable[[str, int, int], None] | None = None,
    workers: Workers = HERE,
) -> Rebuilt:
    """Rate every entry again, with the workers' help, and record what that changes in the past.

    The clients are rated before anything is written. One that was stopped goes on where it was; what an answer reads
    changes all at once.
    """
    rate_ahead(engine, program, workers=workers, progress=progress)
    with writing(engine) as connection:
        occasion = Occasion.RULES if rules_changed(connection, program) else Occasion.REBUILD
        recorder = Recorder(connection, occasion, today, at)
        clients, partners = rebuild_all(
            connection, program, progress=progress, watcher=recorder, workers=workers, is_committed=True
        )
        store_deal_points(connection, program, today)
        return Rebuilt(clients, partners, recorder.finish({}, ()))
