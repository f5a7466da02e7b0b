"""What a served bot has sent unprompted, and its tables."""

from datetime import UTC, datetime

from sqlalchemy import select

from bot.playground.local_slack.screen import Shown
from tests.support.served_bot import ServedBot, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.people.audit import latest
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.notifications import OutboxRow

MONDAY = datetime(2022, 9, 12, 7, 0, 1, tzinfo=UTC)  # 9:00 in Berlin


def messages_to(tierbot: ServedBot, user: str) -> list[str]:
    """The messages that the bot sent to someone unprompted."""
    channel = tierbot.slack.state.directory.direct_message(user).channel_id
    return [text_of(each) for each in tierbot.slack.state.screen.in_channel(channel)]


async def wait_for_messages(tierbot: ServedBot, user: str, number: int) -> list[str]:
    assert await tierbot.slack.state.screen.until(lambda: len(messages_to(tierbot, user)) >= number, TIMEOUT)
    return messages_to(tierbot, user)


def rows(tierbot: ServedBot, model) -> list:
    with reading(tierbot.core.engine) as connection:
        return connection.execute(select(table(model))).all()


async def all_delivered(tierbot: ServedBot, state: str) -> None:
    """Wait until every message is sent or dropped and some are in the given state."""
    await wait_until(
        lambda: {state} <= {row.state for row in rows(tierbot, OutboxRow)} <= {"sent", "dropped"},
        f"everything is sent or dropped, something {state}",
    )


def direct_messages(tierbot: ServedBot, user: str) -> list[Shown]:
    """The same as they are shown, with their buttons."""
    channel = tierbot.slack.state.directory.direct_message(user).channel_id
    return tierbot.slack.state.screen.in_channel(channel)


def audit_entries(tierbot: ServedBot) -> list[tuple[str, str, str, str]]:
    """The latest entries of the audit log, newest first."""
    with reading(tierbot.core.engine) as connection:
        return [(each.actor, each.change, each.subject, each.detail) for each in latest(connection, 20)]
