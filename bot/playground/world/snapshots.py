"""Going back in time, in the demo: how each day began is kept, for Slack and the bot alike.

What was imported stays, and so does who is linked to whom.
"""

import pickle
import zlib
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
_KEPT = [
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
    """What there was: rows by table, packed; messages as they read then; what people had typed."""

    rows: bytes
    messages: dict[tuple[str, str], Message]
    typed: dict[str, list[Json]]


class Snapshots:
    """How the days began that the world has been to."""

    def __init__(self, core: Core, slack: Slack) -> None:
        self._core, self._slack = core, slack
        self._of: dict[date, Snapshot] = {}

    def keep(self, day: date, typed: dict[str, list[Json]]) -> None:
        """The day begins with what there is now."""
        with reading(self._core.engine) as connection:
            rows = {each.name: [tuple(row) for row in connection.execute(select(each))] for each in _KEPT}
        said = {user: list(each) for user, each in typed.items()}
        self._of[day] = Snapshot(zlib.compress(pickle.dumps(rows), 1), self._copied(), said)

    def _copied(self) -> dict[tuple[str, str], Message]:
        return {key: replace(each) for key, each in self._slack.state.screen.messages.items()}

    def back_to(self, day: date) -> dict[str, list[Json]]:
        """Let there be what there was as the day began, or as the next one did that the world has been to.

        What people had typed by then.
        """
        morning = self._of[min(each for each in self._of if each >= day)]
        self._of = {each: kept for each, kept in self._of.items() if each < day}
        self._of[day] = morning
        rows = pickle.loads(zlib.decompress(morning.rows))  # noqa: S301  (packed above)

        def restored(connection: Any, _now: object) -> None:
            for each in _KEPT:
                connection.execute(delete(each))
                names = each.columns.keys()
                if found := [dict(zip(names, row, strict=True)) for row in rows[each.name]]:
                    connection.execute(insert(each), found)

        Transactions(self._core.engine).write_now(restored)
        state = self._slack.state
        state.screen.messages = {key: replace(each) for key, each in morning.messages.items()}
        state.last_post.clear()
        for user in list(state.views.stacks):
            state.views.close_all(user)
        return {user: list(each) for user, each in morning.typed.items()}
