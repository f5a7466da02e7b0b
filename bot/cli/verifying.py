"""Verifying in several processes at once, each with its own connection: a recount is arithmetic, and uses a core."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import cache, partial
from multiprocessing import get_context

from sqlalchemy import Connection, text

from bot.settings import Settings
from bot.wiring import Core, create_core
from tiercore.storage.engine import snapshot
from tiercore.verification.verify import Verified, verify

MOST_BY_ITSELF = 2  # processes, where none are asked for: each takes some 150 MB
_MANY_SALES = 50_000  # from which on starting a second process is worth it
_PARTNERS = 20  # a process takes on at a time


def processes_for(connection: Connection) -> int:
    """How many processes the ledger is worth on this machine."""
    sales = connection.scalar(text("SELECT count(*) FROM sale")) or 0
    return min(MOST_BY_ITSELF, os.cpu_count() or 1) if sales >= _MANY_SALES else 1


def verify_in_processes(
    partners: Sequence[str], on: date | None, processes: int, progress: Callable[[str, int, int], None]
) -> Verified:
    """Verify the partners, some at a time. Each lot of them is read in a state of the data of its own."""
    found = Verified()
    parts = [partners[at : at + _PARTNERS] for at in range(0, len(partners), _PARTNERS)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for each in pool.map(partial(_verified, on=on), parts):
            found.add(each)
            progress("verifying", found.partners, len(partners))
    return found


@cache
def _core() -> Core:
    return create_core(Settings())


def _verified(partners: Sequence[str], on: date | None) -> Verified:
    with snapshot(_core().engine) as connection:
        return verify(connection, _core().program, partners, on=on)
