"""Going back in time, in the demo: what happened since is forgotten, by the bot and by the local Slack alike."""

from datetime import datetime

from sqlalchemy import Connection, delete

from bot.playground.slack import Slack
from tiercore.deeds.audit import OPERATOR, note
from tiercore.deeds.subscriptions import every, turn_to
from tiercore.storage.bulk import table
from tiercore.storage.clockwork_tables import MarkRow, OutboxRow, PaceRow, RunRow, SignalRow


def begin_anew(connection: Connection, now: datetime) -> None:
    """Let the clockwork begin at this moment: wishes stay, what was done and told because of them doesn't."""
    for each in (PaceRow, RunRow, OutboxRow, SignalRow, MarkRow):
        connection.execute(delete(table(each)))
    for wish in every(connection):
        if wish.next is not None:
            turn_to(connection, wish, now)
    note(connection, now, OPERATOR, "went back in time", now.date().isoformat())  # and what was seen is looked at anew


def forget_since(slack: Slack, seconds: float) -> None:
    """Messages since a time, in seconds since 1970, are gone, and open windows closed."""
    state = slack.state
    state.screen.forget_since(seconds)
    state.last_post.clear()
    for user in list(state.views.stacks):
        state.views.close_all(user)
