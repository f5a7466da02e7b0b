"""An app that is installed once for a whole Enterprise Grid organization: one token, many workspaces."""

import inspect
from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select

from bot.playground.local_slack.server import Slack
from bot.playground.local_slack.state.workspace import Channel, Person, Workspace
from tests.support.delivered import MONDAY, audit_entries, messages_to, rows
from tests.support.installed_app import InstalledApp
from tests.support.served_bot import ServedBot, link_user, text_of
from tests.support.waiting import wait_until
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.ledger import LinkRow
from tiercore.storage.tables.notifications import OutboxRow, SubscriptionRow
from tiercore.storage.tables.people import EnterpriseTeamRow
from tiercore.workspaces.types import WorkspaceRole

ORGANIZATION, NORTH, SOUTH = "E02ZWEITE", "T02NORTH", "T02SOUTH"
BEA = Person("W0BEA", "bea", "Bea", "bea@example.com", team_id=SOUTH, enterprise_id=ORGANIZATION)
NEW = Person("W0NEW", "new", "New", "new@example.com", team_id=NORTH, enterprise_id=ORGANIZATION)
GROUP = Workspace(
    people=(BEA, NEW),
    channels=(Channel("C02TEAM", "team"),),
    team_id=NORTH,
    domain="zweite",
    name="Zweite Group",
    enterprise_id=ORGANIZATION,
    is_org_wide=True,
    bot_user_id="W02TIERBOT",
)
FOREIGN = ("Partner A", "Geheim", "Evil", "98,765", "Acme")


@pytest.fixture
async def group(app: InstalledApp) -> Slack:
    """Partner PB's organization, where Bea is linked by the organization's ID."""
    other = await app.beside(GROUP, "PB")
    link_user(app.core.engine, ORGANIZATION, "W0BEA", "bea@example.com")
    return other


def seen_in(app: InstalledApp, slack: Slack) -> ServedBot:
    return ServedBot(slack, app.bot, app.core, app.clock)


def ended(app: InstalledApp) -> dict[str, set[bool]]:
    """Whether the subscriptions of each workspace have ended."""
    found: dict[str, set[bool]] = {}
    with reading(app.core.engine) as connection:
        for row in connection.execute(select(table(SubscriptionRow))):
            found.setdefault(row.team_id, set()).add(row.ended)
    return found


async def test_one_installation_by_one_click_serves_every_workspace(app: InstalledApp, group: Slack):
    [program, organization] = await app.workspaces.all()
    assert (organization.team_id, organization.is_org_wide, organization.partners) == (ORGANIZATION, True, ("PB",))
    for team in (NORTH, SOUTH, "T02WEST"):
        answer = await group.command("bea", "/tier", team_id=team)
        assert answer.sent.payload["is_enterprise_install"] == "true"
        assert "Zweite GmbH" in text_of(answer)
        assert not any(each in text_of(answer) for each in FOREIGN)
    with reading(app.core.engine) as connection:
        recorded = dict(connection.execute(select(table(EnterpriseTeamRow))).all())
    assert recorded == dict.fromkeys((ORGANIZATION, NORTH, SOUTH, "T02WEST"), ORGANIZATION)
    assert program.team_id not in recorded


async def test_the_last_page_says_that_workspaces_are_to_be_chosen(app: InstalledApp):
    code = await app.workspaces.invite(None, WorkspaceRole.PARTNER, ["PB"])
    page = await app.install(app.slack.beside(GROUP), "W0BEA", code)
    assert "Now choose its workspaces" in page.text
    assert f"team={ORGANIZATION}" in page.text


async def test_clicks_windows_and_home_name_no_team_and_are_the_persons(app: InstalledApp, group: Slack):
    answer = await group.command("bea", "/tier", team_id=NORTH)
    clicked = await group.click("bea", answer.message, "Gap")
    assert clicked.sent.payload["team"] is None
    assert "Zweite GmbH" in text_of(clicked)
    home = (await group.open_home("bea")).view
    assert "Zweite GmbH" in text_of(home)
    opened = await group.click("bea", home, "Points breakdown")
    assert opened.sent.payload["view"]["app_installed_team_id"] == ORGANIZATION
    form = (await group.click("bea", opened.view, "Notifications")).view
    await group.submit_view("bea", form, {"weekday": "4"})
    assert "Friday" in text_of(await group.command("bea", "/digest", "status", team_id=NORTH))
    assert app.slack.home("ana") is None
    assert group.journal.errors == []


async def test_who_is_linked_in_one_workspace_is_in_all_and_a_stranger_is_in_none(app: InstalledApp, group: Slack):
    link_user(app.core.engine, NORTH, "W0NEW", "bea@example.com")
    assert "don't know who you are yet" in text_of(await group.command("new", "/tier", team_id=SOUTH)), "not met yet"
    assert "Zweite GmbH" in text_of(await group.command("new", "/tier", team_id=NORTH))
    assert "Zweite GmbH" in text_of(await group.command("new", "/tier", team_id=SOUTH))
    stranger = Person("W0BEA", "bea", "Bea", team_id="T77", enterprise_id="E77OTHER")
    answer = await group.command("bea", "/tier", team_id=SOUTH)
    group.directory.change(stranger)
    assert "don't know who you are yet" in text_of(await group.click("W0BEA", answer.message, "Gap"))


async def test_digests_of_any_workspace_go_out_by_the_organizations_token(app: InstalledApp, group: Slack):
    await group.command("bea", "/digest", "monday 9:00", team_id=SOUTH)
    assert set(ended(app)) == {SOUTH}
    app.bot.workspaces.forget(ORGANIZATION)  # as after a start: no request has told where the workspace is of
    app.clock.jump(MONDAY)
    bea = seen_in(app, group)
    await wait_until(lambda: len(messages_to(bea, "W0BEA")) > 1, "the digest came, after what the installer is told")
    assert "Zweite GmbH" in messages_to(bea, "W0BEA")[-1]
    await wait_until(lambda: {row.state for row in rows(bea, OutboxRow)} == {"sent"}, "it is sent")


async def test_a_workspace_that_is_taken_away_gets_nothing_more_and_the_others_do(app: InstalledApp, group: Slack):
    await group.command("bea", "/digest", "monday 9:00", team_id=SOUTH)
    link_user(app.core.engine, NORTH, "W0NEW", "bea@example.com")
    await group.command("new", "/digest", "monday 9:00", team_id=NORTH)
    await group.event("bea", {"type": "team_access_revoked", "team_ids": [SOUTH, "T99"]}, team_id=NORTH)
    assert ended(app) == {SOUTH: {True}, NORTH: {False}}
    await group.event("bea", {"type": "team_access_granted", "team_ids": [SOUTH]}, team_id=NORTH)
    await group.command("bea", "/digest", "monday 9:00", team_id=SOUTH)
    assert ended(app) == {SOUTH: {False}, NORTH: {False}}
    changes = [entry[1:3] for entry in audit_entries(seen_in(app, group))]
    assert ("removed the app from", SOUTH) in changes


async def test_a_workspaces_own_installation_is_told_nothing_by_its_organizations_events(app: InstalledApp):
    alone = replace(GROUP, is_org_wide=False)
    other = await app.beside(alone, "PB")
    link_user(app.core.engine, NORTH, "W0BEA", "bea@example.com")
    await other.command("bea", "/digest", "monday 9:00", team_id=NORTH)
    await other.event("bea", {"type": "team_access_revoked", "team_ids": [NORTH]})
    assert ended(app) == {NORTH: {False}}


async def test_removed_from_the_organization_nothing_goes_to_any_workspace(app: InstalledApp, group: Slack):
    await group.command("bea", "/digest", "monday 9:00", team_id=SOUTH)
    await group.uninstall("bea")
    await wait_until(lambda: ended(app) == {SOUTH: {True}}, "its subscriptions end")
    before = len(group.journal.received)
    for team in (NORTH, SOUTH):
        assert "isn't installed" in (await group.command("bea", "/tier", team_id=team)).text
    assert len(group.journal.received) == before
    app.clock.jump(MONDAY + timedelta(days=40))
    await app.workspaces.purge_due()
    with reading(app.core.engine) as connection:
        assert set(connection.scalars(select(table(LinkRow).c.team_id))) == {"T01LOCAL"}
        assert connection.execute(select(table(SubscriptionRow))).all() == []
        assert connection.execute(select(table(EnterpriseTeamRow))).all() == []
    assert [each.team_id for each in await app.workspaces.all()] == ["T01LOCAL"]


async def test_an_organizations_installation_serves_also_a_workspace_that_had_its_own(app: InstalledApp):
    alone = replace(GROUP, is_org_wide=False)
    north = await app.beside(alone, "PB")
    link_user(app.core.engine, NORTH, "W0BEA", "bea@example.com")
    assert "Zweite GmbH" in text_of(await north.command("bea", "/tier", team_id=NORTH))
    south = await app.beside(replace(GROUP, team_id=SOUTH), "PB")
    assert "Zweite GmbH" in text_of(await south.command("bea", "/tier", team_id=SOUTH))
    assert {each.team_id for each in await app.workspaces.all()} == {"T01LOCAL", ORGANIZATION, NORTH}
    await north.uninstall("bea")
    app.clock.jump(app.clock() + timedelta(days=40))
    await app.workspaces.purge_due()
    assert {each.team_id for each in await app.workspaces.all()} == {"T01LOCAL", ORGANIZATION}
    answer = await south.command("bea", "/tier", team_id=NORTH)
    assert "Zweite GmbH" in text_of(answer), "what the organization's installation serves isn't purged"


def test_no_method_that_tierbot_calls_wants_a_team_with_an_organizations_token():
    """Slack lists those that do: they have a `team_id` argument."""
    called = (
        "auth_test chat_postMessage chat_update chat_delete views_open views_push views_update views_publish".split()
    )
    called += "files_getUploadURLExternal files_completeUploadExternal files_info users_info".split()
    called += [f"conversations_{each}" for each in ("info", "members", "open", "history", "replies")]
    arguments = {each: inspect.signature(getattr(AsyncWebClient, each)).parameters for each in called}
    assert [each for each in called if "team_id" in arguments[each]] == []
    assert "team_id" in inspect.signature(AsyncWebClient.conversations_list).parameters
