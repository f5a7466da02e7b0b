"""Installing the app by a click, being somebody in a partner's workspace, and removing the app again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.playground.local_slack.server import Slack
from tests.support.installed_app import PARTNERS, PUBLIC_URL, InstalledApp
from tests.support.served_bot import link_user, text_of
from tests.support.waiting import TIMEOUT, wait_until
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.workspaces import WorkspaceTokenRow
from tiercore.workspaces.types import WorkspaceRole

FOREIGN = ("Partner A", "Geheim", "Evil", "98,765", "Acme")


@pytest.fixture
async def zweite(app: InstalledApp) -> Slack:
    """Partner PB's own workspace, tied to it, where Bea is linked, and Carla, who is a CAM in the program's."""
    other = await app.beside(PARTNERS, "PB")
    for user, email in (("U0BEA2", "bea@example.com"), ("U0CARLA2", "carla@example.com")):
        link_user(app.core.engine, "T02ZWEITE", user, email)
    return other


async def test_each_workspace_gets_the_answers_of_its_own_people(app: InstalledApp, zweite: Slack):
    ours, theirs = await app.slack.command("ana", "/tier"), await zweite.command("bea", "/tier")
    assert "Partner A" in text_of(ours)
    assert "Zweite GmbH" in text_of(theirs)
    assert not any(each in text_of(theirs) for each in FOREIGN)


async def test_a_cam_is_none_in_a_partners_workspace(app: InstalledApp, zweite: Slack):
    there = await zweite.command("carla", "/portfolio")
    assert not any(each in str(there.blocks) + there.text for each in (*FOREIGN, "Zweite"))
    here = await app.slack.command("carla", "/portfolio")
    assert "Partner A" in str(here.blocks)


async def test_clicks_modals_and_home_go_to_the_workspace_that_they_came_from(app: InstalledApp, zweite: Slack):
    answer = await zweite.command("bea", "/tier")
    clicked = await zweite.click("bea", answer.message, "Gap")
    assert "Zweite GmbH" in text_of(clicked)
    await zweite.open_home("bea")
    await wait_until(lambda: zweite.home("bea") is not None, "Home is shown there")
    assert app.slack.home("ana") is None
    calls = {each.method for each in app.slack.journal.received}
    assert "views.publish" not in calls, "nothing of it went to the program's workspace"


async def test_tokens_are_stored_sealed(app: InstalledApp, zweite: Slack):
    with reading(app.core.engine) as connection:
        rows = connection.execute(select(table(WorkspaceTokenRow))).all()
    stored = str([tuple(row) for row in rows])
    assert len(rows) == 2
    assert zweite.state.bot_token not in stored
    assert "xox" not in stored


async def test_after_the_app_was_removed_nothing_is_answered_or_sent(app: InstalledApp, zweite: Slack):
    await zweite.uninstall("bea")
    async with asyncio.timeout(TIMEOUT):
        while not any(each.is_removed for each in await app.workspaces.all()):
            await asyncio.sleep(0.02)
    before = len(zweite.journal.received)
    answer = await zweite.command("bea", "/tier")
    assert "isn't installed in this workspace any more" in answer.text
    assert len(zweite.journal.received) == before
    assert "Partner A" in text_of(await app.slack.command("ana", "/tier"))


async def test_what_the_operator_changes_is_followed_within_a_minute(app: InstalledApp, zweite: Slack):
    assert "Zweite GmbH" in text_of(await zweite.command("bea", "/tier"))
    await app.workspaces.tie("T02ZWEITE", "PC")
    await app.workspaces.untie("T02ZWEITE", "PB")
    assert "Zweite GmbH" not in text_of(await zweite.command("bea", "/tier")), "what people see, at once"
    await app.workspaces.remove("T02ZWEITE")
    app.clock.jump(app.clock() + timedelta(seconds=60))
    assert "isn't installed in this workspace any more" in (await zweite.command("bea", "/tier")).text


async def test_an_installation_needs_its_own_browser_and_its_own_state(app: InstalledApp):
    other = app.slack.beside(PARTNERS)
    page = await app.get("/slack/install")
    back = other.allow(page.add_to_slack, "U0BEA2")
    assert (await app.get(back)).status == 400, "without the cookie"
    forged = back.replace("state=", "state=x")
    assert (await app.get(forged, page.cookie.replace("=", "=x", 1))).status == 401
    assert (await app.get(back, page.cookie)).status == 200
    again = await app.get(back, page.cookie)
    assert again.status == 401, "a state works once"
    assert [each.team_id for each in await app.workspaces.all()] == ["T01LOCAL", "T02ZWEITE"]


async def test_denied_consent_is_said_and_nothing_is_stored(app: InstalledApp):
    page = await app.get("/slack/install")
    end = await app.get(app.slack.app.deny(page.add_to_slack), page.cookie)
    assert "cancelled" in end.text
    assert [each.team_id for each in await app.workspaces.all()] == ["T01LOCAL"]


async def test_a_used_invitation_says_so_before_and_after_slack(app: InstalledApp):
    other = app.slack.beside(PARTNERS)
    code = await app.workspaces.invite(None, WorkspaceRole.PARTNER, ["PB"])
    slow = await app.get(f"/slack/install?invite={code}")
    back = other.allow(slow.add_to_slack, "U0BEA2")
    third = app.slack.beside(replace(PARTNERS, team_id="T03", name="Third"))
    assert (await app.install(third, "U0BEA2", code)).status == 200
    late = await app.get(back, slow.cookie)
    assert (late.status, "was used" in late.text) == (410, True)
    assert (await app.get(f"/slack/install?invite={code}")).status == 410
    assert {each.team_id for each in await app.workspaces.all()} == {"T01LOCAL", "T03"}


async def test_scopes_that_were_not_granted_are_named_with_what_does_not_work(app: InstalledApp):
    app.slack.app.refuses = frozenset({"channels:read", "users:read"})
    other = app.slack.beside(PARTNERS)
    page = await app.install(other, "U0BEA2", None)
    assert page.status == 200
    assert "channels:read" in page.text
    assert "users:read" in page.text
    link_user(app.core.engine, "T02ZWEITE", "U0BEA2", "bea@example.com")
    assert "Zweite GmbH" in text_of(await other.command("bea", "/tier"))


async def test_the_install_page_can_be_read_and_sends_nobody_elsewhere(app: InstalledApp):
    page = await app.get("/slack/install?team=T999&redirect_uri=https://evil.example")
    assert "Add to Slack" in page.text
    assert "evil.example" not in page.text
    assert "T999" not in page.add_to_slack
    assert f"redirect_uri={PUBLIC_URL}/slack/oauth_redirect" in page.add_to_slack


async def test_a_token_is_renewed_before_it_ends(app: InstalledApp, zweite: Slack):
    first = zweite.state.bot_token
    app.clock.jump(app.clock() + timedelta(hours=11))
    await zweite.command("bea", "/tier")
    await zweite.open_home("bea")
    assert zweite.state.bot_token != first


async def test_homes_are_made_again_where_somebody_opened_one(app: InstalledApp, zweite: Slack):
    await zweite.open_home("bea")
    await wait_until(lambda: zweite.home("bea") is not None, "Home is shown")
    published = [len(each.journal.received) for each in (app.slack, zweite)]
    await app.bot.workspaces.refresh_homes()
    assert [len(each.journal.received) for each in (app.slack, zweite)] == [published[0], published[1] + 1]
    assert "Zweite GmbH" in text_of(zweite.home("bea"))
