"""Another writer, such as an import, that holds the lock of the ledger for a while."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from tests.support.waiting import TIMEOUT
from tiercore.storage.engine import FACTS_LOCK, writing


@contextmanager
def importing(engine: Engine) -> Iterator[threading.Event]:
    """Hold the lock in a thread, until the event is set or the block is left."""
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(engine, FACTS_LOCK):
            holds.set()
            done.wait(TIMEOUT * 6)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(TIMEOUT)
    try:
        yield done
    finally:
        done.set()
        thread.join()
