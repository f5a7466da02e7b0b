"""A workspace of an Enterprise Grid organization: one person in all its workspaces, strangers from any other
(slack#grid).
"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace
from bot.terminal.render import render
from bot.wiring import Core
from tests.support.served_bot import PEOPLE, WORKSPACE, Clock, ServedBot, connected_bot, link_user, text_of
from tests.support.waiting import TIMEOUT
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.notifications import SubscriptionRow
from tiercore.storage.tables.people import HomeViewRow

HERE, SISTER = WORKSPACE.team_id, "T02SISTER"
ANA = replace(PEOPLE[0], team_id=SISTER, enterprise_id="E01GRID")
EVE = replace(PEOPLE[4], team_id=SISTER, enterprise_id="E01GRID")
GRID = replace(
    WORKSPACE,
    enterprise_id="E01GRID",
    people=(ANA, *PEOPLE[1:4], EVE),
    channels=(Channel("C01SALES", "sales"), Channel("C02SHARED", "shared", is_ext_shared=True)),
)
STRANGERS = {
    "another enterprise": {"team_id": "T77OTHER", "enterprise_id": "E77OTHER"},
    "a workspace without an enterprise": {"team_id": "T77OTHER", "enterprise_id": None},
}


async def serving(core: Core, workspace: Workspace) -> AsyncIterator[ServedBot]:
    async with Slack(workspace=workspace, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected_bot(core, slack, clock, link_by_email="example.com, elsewhere.example")
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield ServedBot(slack, bot, core, clock)
        await bot.stop()


@pytest.fixture
async def grid(core: Core) -> AsyncIterator[ServedBot]:
    """The bot in a workspace of an enterprise; Ana's and Eve's home is another of its workspaces."""
    async for served in serving(core, GRID):
        yield served


def become(tierbot: ServedBot, person: Person, **profile: object) -> Person:
    """The person with another profile."""
    changed = replace(person, **profile)  # type: ignore[arg-type]
    tierbot.slack.state.directory.people[person.user_id] = changed
    return changed


def shown_text(view) -> str:
    """A tab or window as one line of plain text."""
    return " ".join(render(view.blocks, colour=False, width=400).split())


def calls(tierbot: ServedBot, method: str) -> list:
    return [each for each in tierbot.slack.journal.received if each.method == method]


async def send(tierbot: ServedBot, payload: dict) -> None:
    """Send an interaction as it is."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    assert (await tierbot.slack.post(body, tierbot.slack.signed(body))).status == 200


async def test_a_command_typed_here_and_a_click_from_the_home_workspace_are_one_person(grid: ServedBot):
    answer = await grid.slack.command("ana", "/tier")
    assert answer.sent.payload["team_id"] == HERE
    assert "Partner A" in text_of(answer)
    clicked = await grid.slack.click("ana", answer.message, "Gap")
    assert clicked.sent.payload["user"]["team_id"] == SISTER
    assert "Partner A" in text_of(clicked)
    await grid.slack.click("ana", answer.message, "Gap")
    assert len(calls(grid, "users.info")) == 1, "Slack is asked once for each workspace"
    assert grid.slack.journal.errors == []


async def test_a_command_typed_in_another_workspace_of_the_enterprise_is_the_same_persons(grid: ServedBot):
    assert "Partner A" in text_of(await grid.slack.command("ana", "/tier", team_id=SISTER))
    assert not calls(grid, "users.info")


async def test_a_link_made_by_a_click_counts_for_commands(grid: ServedBot):
    assert "Welcome" not in text_of(await grid.slack.command("eve", "/tier", "link eve@elsewhere.example"))
    link_user(grid.core.engine, SISTER, "U0EVE", "bea@example.com")
    form_of = await grid.slack.command("eve", "/tier")
    assert "don't know who you are yet" in text_of(form_of), "nothing says yet that it is the same enterprise"
    await grid.slack.click("eve", form_of.message, "Link me")
    assert "Zweite GmbH" in text_of(await grid.slack.command("eve", "/tier"))


async def test_a_link_made_before_in_another_workspace_counts_from_the_start(core: Core):
    link_user(core.engine, SISTER, "U0EVE", "bea@example.com")
    link_user(core.engine, "T77OTHER", "U0EVE", "admin@example.com")
    async for grid in serving(core, GRID):
        assert "Zweite GmbH" in text_of(await grid.slack.command("eve", "/tier"))


async def test_a_link_made_by_the_operator_for_the_enterprise_counts(grid: ServedBot):
    link_user(grid.core.engine, "E01GRID", "U0EVE", "bea@example.com")
    answer = await grid.slack.command("eve", "/tier")
    assert "Zweite GmbH" in text_of(answer)
    assert "Zweite GmbH" in text_of(await grid.slack.click("eve", answer.message, "Gap"))


@pytest.mark.parametrize("profile", STRANGERS.values(), ids=STRANGERS)
async def test_a_stranger_with_a_members_user_id_is_not_that_member(grid: ServedBot, profile: dict):
    """Slack Connect: they see the channel's message and can click; the payload names the channel's enterprise."""
    answer = await grid.slack.command("ana", "/tier")
    become(grid, ANA, **profile)
    clicked = await grid.slack.click("U0ANA", answer.message, "Gap")
    assert clicked.sent.payload["enterprise"]["id"] == "E01GRID"
    assert "Partner A" not in text_of(clicked)
    assert "don't know who you are yet" in text_of(clicked)
    assert "don't know who you are yet" in text_of(await grid.slack.command("U0ANA", "/tier"))


async def test_a_click_from_a_workspace_that_the_users_profile_does_not_name_is_a_strangers(grid: ServedBot):
    answer = await grid.slack.command("ana", "/tier")
    payload = (await grid.slack.click("ana", answer.message, "Gap")).sent.payload
    shown = len(grid.slack.state.screen.stream)
    await send(grid, {**payload, "trigger_id": "1.2.3", "user": {**payload["user"], "team_id": "T77OTHER"}})
    stream = grid.slack.state.screen.stream
    assert await grid.slack.state.screen.until(lambda: len(stream) > shown, TIMEOUT)
    assert "don't know who you are yet" in shown_text(stream[-1])


async def test_without_users_read_nobody_from_another_workspace_is_known_by_a_click(core: Core):
    scopes = tuple(each for each in GRID.scopes if not each.startswith("users:read"))
    async for grid in serving(core, replace(GRID, scopes=scopes)):
        answer = await grid.slack.command("ana", "/tier")
        assert "don't know who you are yet" in text_of(await grid.slack.click("ana", answer.message, "Gap"))


async def test_a_confirmed_e_mail_links_members_of_the_enterprise_and_no_strangers(grid: ServedBot):
    become(grid, EVE, email="bea@example.com")
    assert "Welcome, Bea" in text_of(await grid.slack.command("eve", "/tier", "link"))
    stranger = become(grid, EVE, user_id="U0XAVER", name="xaver", team_id="T77OTHER", shares_email=True)
    assert "Welcome" not in text_of(await grid.slack.command(stranger, "/tier", "link"))


async def test_home_of_another_workspace_does_not_replace_the_one_here(grid: ServedBot):
    home = (await grid.slack.open_home("ana")).view
    clicked = await grid.slack.click("ana", home, "Points breakdown")
    points, payload = clicked.view, clicked.sent.payload
    await grid.slack.event("ana", {"type": "app_home_opened", "tab": "home"}, team_id=SISTER)
    there = {**payload["view"], "team_id": SISTER, "app_installed_team_id": SISTER, "private_metadata": ""}
    for action_id in ("home:performance", "ask:0", "do:prefer"):
        action = {**payload["actions"][0], "action_id": action_id, "value": '["performance","PA"]'}
        await send(grid, {**payload, "trigger_id": f"1.2.{action_id}", "actions": [action], "view": there})
    again = (await grid.slack.open_home("ana")).view
    assert shown_text(again) == shown_text(points)
    assert len(calls(grid, "views.publish")) == 3
    with reading(grid.core.engine) as connection:
        assert len(connection.execute(select(table(HomeViewRow))).all()) == 1


async def test_a_subscription_made_in_a_window_is_the_one_that_commands_show(grid: ServedBot):
    await grid.slack.command("ana", "/digest", "weekly monday 9:00")
    home = (await grid.slack.open_home("ana")).view
    form = (await grid.slack.click("ana", home, "Notifications")).view
    await grid.slack.submit_view("ana", form, {"weekday": "4"})
    with reading(grid.core.engine) as connection:
        rows = connection.execute(select(table(SubscriptionRow))).all()
    assert {each.weekday for each in rows} == {4}
    assert len({each.topic for each in rows}) == len(rows)
    assert "Friday" in text_of(await grid.slack.command("ana", "/digest", "status"))
    assert grid.slack.journal.errors == []
