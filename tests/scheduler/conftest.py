"""An outbox over a local Slack on a clock that stands still."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from sqlalchemy import Engine

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace
from tests.support.outgoing import Outgoing, Time

CHANNELS = 40


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def slack(time: Time) -> AsyncIterator[Slack]:
    channels = tuple(Channel(f"C{number:03d}", f"c{number}") for number in range(CHANNELS))
    people = tuple(Person(f"U{number:03d}", f"u{number}") for number in range(3))
    async with Slack(workspace=Workspace(people=people, channels=channels), clock=time.slack) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def outgoing(engine: Engine, slack: Slack, session: aiohttp.ClientSession, time: Time) -> Outgoing:
    """See tests.support.outgoing. It has asked Slack for the time, as the bot does when it starts."""
    made = Outgoing(slack, engine, session, time)
    await made.poster.post("C039", {"text": "hello"}, "hello", None)
    slack.state.screen.messages.clear()
    slack.journal.clear()
    return made
