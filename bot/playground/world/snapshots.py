"""Snapshots of the demo at the beginning of each day, of Slack and the bot alike, for going back in time.

Imported data, links and installations aren't part of them, so they survive.
"""

import pickle
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from bot.playground.local_slack.screen import Message
from bot.playground.local_slack.server import Slack
from bot.wiring import Core
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables import notifications, people
from tiercore.storage.transactions import Transactions

Json = dict[str, Any]
_TABLES = [
    table(each)
    for each in (
        notifications.RateLimitRow,
        notifications.RunRow,
        notifications.OutboxRow,
        notifications.SignalRow,
        notifications.AlertResponseRow,
        notifications.SubscriptionRow,
        people.PreferenceRow,
        people.ChannelRow,
        people.HoldRow,
    )
]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at the beginning of a day: rows by table (compressed), messages by team, and commands by user."""

    rows: bytes
    messages: dict[str, dict[tuple[str, str], Message]]
    typed: dict[str, list[Json]]


class Snapshots:
    """Snapshots of the days that the world has been to."""

    def __init__(self, core: Core, slacks: Sequence[Slack]) -> None:
        self._core, self._slacks = core, slacks
        self._by_day: dict[date, Snapshot] = {}

    def save(self, day: date, typed: dict[str, list[Json]]) -> None:
        """Save the current state as the beginning of the day."""
        with reading(self._core.engine) as connection:
            rows = {each.name: [tuple(row) for row in connection.execute(select(each))] for each in _TABLES}
        commands = {user: list(each) for user, each in typed.items()}
        self._by_day[day] = Snapshot(zlib.compress(pickle.dumps(rows), 1), self._copied_messages(), commands)

    def _copied_messages(self) -> dict[str, dict[tuple[str, str], Message]]:
        return {each.state.workspace.team_id: _copied(each.state.screen.messages) for each in self._slacks}

    def restore(self, day: date) -> dict[str, list[Json]]:
        """Restore the beginning of the day, or of the next day that the world has been to; the commands that people had
        typed by then.
        """
        snapshot = self._by_day[min(each for each in self._by_day if each >= day)]
        self._by_day = {each: earlier for each, earlier in self._by_day.items() if each < day}
        self._by_day[day] = snapshot
        rows = pickle.loads(zlib.decompress(snapshot.rows))  # noqa: S301  (pickled above)

        def restored(connection: Any, _now: object) -> None:
            for saved_table in _TABLES:
                connection.execute(delete(saved_table))
                names = saved_table.columns.keys()
                if saved := [dict(zip(names, row, strict=True)) for row in rows[saved_table.name]]:
                    connection.execute(insert(saved_table), saved)

        Transactions(self._core.engine).write_now(restored)
        for state in (each.state for each in self._slacks):
            state.screen.messages = _copied(snapshot.messages[state.workspace.team_id])
            state.last_post.clear()
            for user in list(state.views.stacks):
                state.views.close_all(user)
        return {user: list(each) for user, each in snapshot.typed.items()}


def _copied(messages: Mapping[tuple[str, str], Message]) -> dict[tuple[str, str], Message]:
    return {key: replace(each) for key, each in messages.items()}
