"""What happens in one workspace and concerns another: departures, cases, requests for help, and installations that
can't be used.
"""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.signing import FORM
from bot.slack.token_keys import TokenKeys, new_key
from bot.wiring import Core
from tests.support.forged_workspaces import OTHER, OWN, PROGRAM
from tests.support.installed_app import InstalledApp
from tests.support.served_bot import text_of
from tests.support.three_workspaces import Workspaces, rows, three_workspaces
from tests.support.waiting import wait_until
from tiercore.access import SlackUser
from tiercore.notifications.service import Notifications
from tiercore.notifications.types import AlertRef
from tiercore.storage.bulk import table
from tiercore.storage.engine import writing
from tiercore.storage.tables.cases import FigureCaseRow
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.tables.workspaces import WorkspaceTokenRow
from tiercore.storage.transactions import Transactions
from tiercore.workspaces.types import WorkspaceRole


@pytest.fixture
async def workspaces(core: Core, tmp_path: Path) -> AsyncIterator[Workspaces]:
    async with three_workspaces(core, tmp_path / "more") as running:
        yield running


def links(core: Core) -> set[tuple[str, str]]:
    return {(each.team_id, each.user_id) for each in rows(core, LinkRow)}


def direct(slack: Slack, user: str) -> list[Any]:
    channel = slack.directory.direct_message(user).channel_id
    return slack.state.screen.in_channel(channel)


async def post(app: InstalledApp, body: dict[str, Any], *, is_command: bool = False) -> Any:
    fields = body if is_command else {"payload": json.dumps(body)}
    sent = urlencode(fields).encode()
    return await app.slack.post(sent, app.slack.signed(sent, FORM))


async def test_a_departure_is_followed_in_the_persons_own_workspace_alone(workspaces: Workspaces):
    app, slacks = workspaces
    ana, bea = (PROGRAM, "U0ANA"), (OWN, "U0BEA2")
    assert {ana, bea} <= links(app.core)
    left = [{"id": user, "team_id": team, "deleted": True} for team, user in (ana, bea)]
    for user in left:
        await slacks[OWN].event("bea", {"type": "user_change", "user": user})
    await wait_until(lambda: bea not in links(app.core), "Bea's link ends")
    assert ana in links(app.core)


def cases(slack: Slack, user_id: str) -> list[Shown]:
    """The messages about cases that somebody has got."""
    return [each for each in direct(slack, user_id) if "Open: " in text_of(each)]


async def flag_as_bea(slacks: dict[str, Slack], shown: str) -> str:
    answer = await slacks[OWN].command("bea", "/tier")
    window = (await slacks[OWN].click("bea", answer.message, "Doesn't match?")).view
    submitted = (await slacks[OWN].submit_view("bea", window, {"shown": shown})).view
    current = slacks[OWN].state.views.find(submitted.view_id)
    await wait_until(lambda: "Looking for" not in str(current.body), "the explanations are there")
    return str(current.body)


async def test_a_cam_answers_a_case_that_a_partner_opened_in_their_own_workspace(workspaces: Workspaces):
    _, slacks = workspaces
    assert "passed this to your CAM" in await flag_as_bea(slacks, "390")
    await wait_until(lambda: cases(slacks[PROGRAM], "U0CARLA"), "Carla has the case")
    [case] = cases(slacks[PROGRAM], "U0CARLA")
    assert "Open: Zweite GmbH" in text_of(case)
    assert "Zweite GmbH" in text_of(await slacks[PROGRAM].command("carla", "/tier", "cases"))
    form = (await slacks[PROGRAM].click("carla", case, "Answer")).view
    await slacks[PROGRAM].submit_view("carla", form, {"text": "We'll look at it."})
    await wait_until(
        lambda: any("We'll look at it." in text_of(each) for each in direct(slacks[OWN], "U0BEA2")),
        "Bea has the answer in her own workspace",
    )
    assert not direct(slacks[OWN], "U0CARLA2")


async def test_a_partners_workspace_does_not_see_cases_of_the_programs(workspaces: Workspaces):
    _, slacks = workspaces
    answer = await slacks[PROGRAM].command("bea", "/tier")
    window = (await slacks[PROGRAM].click("bea", answer.message, "Doesn't match?")).view
    await slacks[PROGRAM].submit_view("bea", window, {"shown": "391"})
    await wait_until(lambda: cases(slacks[PROGRAM], "U0CARLA"), "Carla has the case")
    assert "391" in text_of(await slacks[PROGRAM].command("carla", "/tier", "cases"))
    assert "391" not in text_of(await slacks[OWN].command("bea", "/tier", "cases"))


async def test_help_is_asked_of_the_cam_in_the_programs_workspace(workspaces: Workspaces):
    app, _ = workspaces
    notifications = Notifications(Transactions(app.core.engine, app.clock))
    alert = AlertRef("of-bea", "PB", "gold.sold_minimum", 1)
    assert await notifications.ask_for_help(alert, SlackUser(OWN, "U0BEA2")) == ["Carla"]
    [asked] = [each for each in rows(app.core, OutboxRow) if each.key.startswith("asked:")]
    assert (asked.team_id, asked.place) == (PROGRAM, "U0CARLA")


async def test_what_exists_elsewhere_and_what_does_not_exist_read_the_same(workspaces: Workspaces):
    app, slacks = workspaces
    await flag_as_bea(slacks, "390")
    for command, texts in {"/tier": ("PA", "PX"), "/why": ("KAHID PA", "KAHIX PX"), "/clients": ("PC", "PX")}.items():
        replies = set()
        for text in texts:
            said = text_of(await slacks[OWN].command("bea", command, text))
            for word in text.split():
                said = said.replace(word, "…")
            replies.add(said)
        assert len(replies) == 1, replies
    answer = await slacks[OTHER].command("petra", "/tier")
    [case] = rows(app.core, FigureCaseRow)
    refused = set()
    for case_id in (case.case_id, "no-such-case"):
        button = next(
            each
            for block in answer.message.blocks
            for each in block.get("elements", ())
            if each.get("type") == "button"
        )
        button.update(action_id="do:resolve_case", value=case_id)
        refused.add(text_of(await slacks[OTHER].click("petra", answer.message, button)))
    assert len(refused) == 1, refused


async def test_a_token_whose_key_is_gone_is_said_and_stops_nobody_else(workspaces: Workspaces):
    app, slacks = workspaces
    token = table(WorkspaceTokenRow)
    sealed = TokenKeys([new_key()]).seal("xoxb-elsewhere")
    with writing(app.core.engine) as connection:
        lost = {"token": sealed, "refresh_token": sealed, "expires_at": 1}
        connection.execute(update(token).where(token.c.team_id == OWN).values(lost))
    app.clock.jump(app.clock() + timedelta(minutes=2))
    for _ in range(2):
        assert "a key is missing" in (await slacks[OWN].command("bea", "/tier")).text
    assert "Geheim" in text_of(await slacks[OTHER].command("petra", "/tier"))
    assert "Partner A" in text_of(await slacks[PROGRAM].command("ana", "/tier"))


async def test_requests_without_a_team_or_of_an_unknown_one_are_answered_by_nobody(workspaces: Workspaces):
    app, slacks = workspaces
    button = {"type": "button", "action_id": "ask:0", "block_id": "b", "value": '["tier","","PB"]'}
    click = {"type": "block_actions", "actions": [button], "container": {"type": "message"}, "trigger_id": "1"}
    await wait_until(lambda: all(row.state == "sent" for row in rows(app.core, OutboxRow)), "who installed it is told")
    received = {team: len(slack.journal.received) for team, slack in slacks.items()}
    for team in (None, {}, {"id": None}, {"id": ""}, {"id": "T9UNKNOWN"}, {"id": 7}, {"id": ["T02ZWEITE"]}, "x", 7, []):
        for user in (
            {"id": "U0BEA2"},
            {"id": "U0BEA2", "team_id": None},
            {"id": "U0BEA2", "team_id": "T9UNKNOWN"},
            None,
        ):
            assert (await post(app, {**click, "team": team, "user": user})).status in (200, 400)
    for fields in ({}, {"team_id": ""}, {"team_id": "T9UNKNOWN"}):
        body = {"command": "/tier", "text": "", "user_id": "U0BEA2", "channel_id": "C02TEAM", **fields}
        assert "isn't installed" in (await post(app, body, is_command=True)).body
    assert {team: len(slack.journal.received) for team, slack in slacks.items()} == received


async def test_the_same_workspace_installed_by_two_people_stays_of_its_partner(workspaces: Workspaces):
    app, slacks = workspaces
    assert (await app.install(slacks[OWN], "U0NEW", None)).status == 200
    [own] = [each for each in await app.workspaces.all() if each.team_id == OWN]
    assert (own.partners, own.installed_by, own.role) == (("PB",), "U0NEW", WorkspaceRole.PARTNER)
    assert "Zweite GmbH" in text_of(await slacks[OWN].command("bea", "/tier"))


async def test_an_invitation_for_a_partner_leaves_the_programs_workspace_as_it_is(workspaces: Workspaces):
    app, slacks = workspaces
    code = await app.workspaces.invite(None, WorkspaceRole.PARTNER, ["PB"])
    page = await app.install(slacks[PROGRAM], "U0EVE", code)
    assert (page.status, "own workspace, and the invitation is" in page.text) == (410, True)
    code = await app.workspaces.invite(None, WorkspaceRole.PROGRAM, ())
    page = await app.install(slacks[OWN], "U0NEW", code)
    assert (page.status, "workspace, and the invitation is for one" in page.text) == (410, True)
    assert {each.team_id: each.role.value for each in await app.workspaces.all()} == {
        PROGRAM: "program",
        OWN: "partner",
        OTHER: "partner",
    }
    assert "Partner A" in text_of(await slacks[PROGRAM].command("ana", "/tier"))
