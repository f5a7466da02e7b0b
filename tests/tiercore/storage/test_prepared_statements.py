"""A connection to SQLite keeps its statements prepared, in memory of its own: how many there are doesn't grow with how
many rows are inserted together.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.storage.answered import create_answered_requests
from tiercore.storage.engine import create_database_engine, database_url, writing
from tiercore.storage.schema import upgrade

NOW = datetime(2022, 9, 5, 9, tzinfo=UTC)
WINDOW = 600.0


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    created = create_database_engine(database_url(f"sqlite:///{tmp_path / 'tierbot.db'}"))
    upgrade(created)
    return created


@pytest.fixture
def inserts(engine: Engine) -> list[str]:
    """The texts of the statements that insert, as they are executed."""
    found: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT"):
            found.append(statement)

    return found


async def test_any_number_of_signatures_is_stored_by_one_statement(engine: Engine, inserts: list[str]):
    for number in range(1, 40):
        answered = create_answered_requests(engine, WINDOW)
        await answered.open(NOW.timestamp())
        for each in range(number):
            await answered.is_new(f"{number}.{each}", NOW.timestamp())
        await answered.close()
    assert len(inserts) == 39
    assert len(set(inserts)) == 1
    remembered = await create_answered_requests(engine, WINDOW).open(NOW.timestamp())
    assert len(remembered) == sum(range(1, 40))


def test_any_number_of_messages_is_queued_by_few_statements(engine: Engine, inserts: list[str]):
    for number in range(1, 100):
        keys = [f"{number}.{each}" for each in range(number)]
        messages = [OutboxMessage(key, "T1", "U1", {"kind": "digest"}, NOW) for key in keys]
        with writing(engine) as connection:
            assert put(connection, messages, NOW) == number
    assert len(set(inserts)) <= 32
