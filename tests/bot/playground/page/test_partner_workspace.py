"""A partner's own workspace on the page: adding tierbot there, being somebody of the partner, removing it again."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.playground.demo import running_world
from bot.playground.demo_setup import DemoSetup
from bot.playground.page.actions import REFUSED
from bot.playground.page.server import PageServer
from bot.playground.world.partner_workspace import PARTNERS_TEAM, PartnerWorkspace
from bot.playground.world.world import World
from bot.serving import CannotServe
from tests.support.page import ANA, BEA, Tab, post_action, serve_page
from tests.support.waiting import TIMEOUT
from tiercore.access import SlackUser
from tiercore.people.linking import link
from tiercore.storage.transactions import Transactions

ANA_THERE = f"{PARTNERS_TEAM}/{ANA}"


@pytest.fixture
async def both(scene: DemoSetup, tmp_path: Path) -> AsyncIterator[tuple[PageServer, World, PartnerWorkspace]]:
    """The page with the workspace of Ana's company."""
    async with serve_page(scene, tmp_path, with_partner=True) as (server, world):
        assert world.partner is not None
        yield server, world, world.partner


async def add_to_slack(server: PageServer, who: str = ANA_THERE, answer: str = "allow") -> str:
    """The last page that a browser sees after Add to Slack."""
    invited = await post_action(server, **{"as": who, "do": "invite"})
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin="http://" + urlsplit(invited["link"]).netloc)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(invited["link"]) as offered:
            text = await offered.text()
        found = re.search(r'<a class="button" href="([^"]+)"', text)
        assert found, text
        consent = html.unescape(found[1])
        async with browser.get(consent) as asked:
            page = await asked.text()
        chosen = re.search(r'value="([^"]+)" selected', page)
        assert chosen, "whoever pressed Add to Slack is chosen"
        origin = {"Origin": "http://" + urlsplit(consent).netloc}
        form = {"who": chosen[1], "answer": answer}
        async with browser.post(consent, data=form, headers=origin) as done:
            return await done.text()


async def ask(world: World, key: str, line: str) -> str:
    """The text that somebody sees last, after typing a command in their messages with tierbot."""
    who = world.account(key)
    assert who is not None
    slack = world.slack_of(who)
    channel = slack.directory.direct_message(who.user_id).channel_id
    await world.type(who, line, channel, TIMEOUT)
    return str(slack.messages(channel, who.user_id)[-1].blocks)


async def test_someone_of_a_partner_adds_tierbot_is_linked_asks_and_removes_it(
    both: tuple[PageServer, World, PartnerWorkspace],
):
    server, world, partner = both
    typed = {"as": ANA_THERE, "do": "command", "channel": "C02GENERAL", "text": "/tier"}
    refused = "tierbot isn't installed in the Slack of"
    assert refused in (await post_action(server, **typed))["error"]
    assert "tierbot is installed" in await add_to_slack(server)
    assert partner.slack.is_installed
    [ours, theirs] = sorted(await partner.workspaces.all(), key=lambda each: each.role, reverse=True)
    assert (ours.team_id, theirs.partners) == ("T01DEMO", (partner.partner_id,))
    assert "Partner A" not in await ask(world, ANA_THERE, "/tier"), "not linked yet"
    account = partner.people[ANA_THERE]
    user = SlackUser(PARTNERS_TEAM, account.user_id)
    Transactions(world.core.engine).write_now(lambda db, now: link(db, user, ANA, now))
    assert "Partner A" in await ask(world, ANA_THERE, "/tier")
    assert "Partner A" in await ask(world, ANA, "/tier"), "in the program's workspace as before"
    posted = lambda: any(each.method == "chat.postMessage" for each in partner.slack.journal.received)  # noqa: E731
    assert await partner.slack.until(posted, TIMEOUT), "the installer is told what is next"
    before = len(partner.slack.journal.received)
    assert await post_action(server, **{"as": ANA_THERE, "do": "remove"}) == {}
    async with asyncio.timeout(TIMEOUT):
        while not any(each.is_removed for each in await partner.workspaces.all()):
            await asyncio.sleep(0.02)
    assert refused in (await post_action(server, **typed))["error"]
    assert len(partner.slack.journal.received) == before
    assert "tierbot is installed" in await add_to_slack(server), "and added again"


async def test_cancelling_stores_nothing_and_the_invitation_stays_good(
    both: tuple[PageServer, World, PartnerWorkspace],
):
    server, _, partner = both
    assert "cancelled" in await add_to_slack(server, answer="cancel")
    assert not partner.slack.is_installed
    assert [each.team_id for each in await partner.workspaces.all()] == ["T01DEMO"]


async def test_consent_can_only_be_given_on_slacks_own_page(both: tuple[PageServer, World, PartnerWorkspace]):
    server, world, partner = both
    asked = f"{world.slack.url}oauth/v2/authorize?client_id={world.slack.app.client_id}&scope=commands&state=1"
    who = f"{PARTNERS_TEAM}/{partner.people[ANA_THERE].user_id}"
    async with aiohttp.ClientSession() as browser:
        form = {"who": who, "answer": "allow"}
        complete = f"{asked}&redirect_uri={server.url}"
        elsewhere = {"Origin": "https://evil.example"}
        async with browser.post(complete, data=form, headers=elsewhere, allow_redirects=False) as answer:
            assert answer.status == 403
        own = {"Origin": world.slack.url.rstrip("/")}
        async with browser.post(complete, data={**form, "who": "T99/U99"}, headers=own) as answer:
            assert (answer.status, "choose who you are" in await answer.text()) == (400, True)
        for wrong in (asked, complete.replace("client_id=1000", "client_id=2000")):
            async with browser.get(wrong) as answer:
                assert (answer.status, "Something went wrong" in await answer.text()) == (400, True)


async def test_nobody_adds_or_removes_tierbot_from_the_programs_workspace(
    both: tuple[PageServer, World, PartnerWorkspace],
):
    server, world, _ = both
    for action in ("invite", "remove"):
        answer = await post_action(server, **{"as": ANA, "do": action})
        assert answer == {"error": "choose the partner's workspace first"}
    assert world.slack.is_installed


async def test_a_tab_sees_its_own_workspace_and_its_changes(both: tuple[PageServer, World, PartnerWorkspace]):
    server, _, partner = both
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}live?as={ANA_THERE}") as socket,
    ):
        tab = Tab()
        await tab.until(socket, "noa@example.net")
        shown = tab.state["world"]
        assert (shown["me"], shown["installed"], shown["workspace"]) == (ANA_THERE, False, PARTNERS_TEAM)
        assert {each["key"] for each in shown["people"]} == set(partner.people)
        assert BEA not in tab.raw
        await add_to_slack(server)
        await tab.until(socket, '"installed": true')


async def test_going_back_in_time_keeps_the_installation(both: tuple[PageServer, World, PartnerWorkspace]):
    server, world, partner = both
    await add_to_slack(server)
    account = partner.people[ANA_THERE]
    user = SlackUser(PARTNERS_TEAM, account.user_id)
    Transactions(world.core.engine).write_now(lambda db, now: link(db, user, ANA, now))
    day = world.day
    await post_action(server, **{"as": ANA_THERE, "do": "clock", "to": "week"})
    await ask(world, ANA_THERE, "/tier")
    await post_action(server, **{"as": ANA_THERE, "do": "clock", "to": day.isoformat()})
    channel = partner.slack.directory.direct_message(account.user_id).channel_id
    assert partner.slack.messages(channel, account.user_id) == []
    assert "Partner A" in await ask(world, ANA_THERE, "/tier")


async def test_a_file_for_tierbot_is_refused_where_it_is_not_installed(
    both: tuple[PageServer, World, PartnerWorkspace],
):
    server, _, partner = both
    form = aiohttp.FormData({"text": "here"})
    form.add_field("file", b"client_id\n", filename="clients.csv", content_type="text/csv")
    headers = {"Origin": server.url.rstrip("/")}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}share?as={ANA_THERE}", data=form, headers=headers) as answer,
    ):
        assert "tierbot isn't installed in the Slack of" in (await answer.json())["error"]
    assert not partner.slack.journal.entries


async def test_faults_and_refused_blocks_are_those_of_the_workspace(both: tuple[PageServer, World, PartnerWorkspace]):
    server, world, partner = both
    await add_to_slack(server)
    assert await post_action(server, **{"as": ANA_THERE, "do": "fault", "name": REFUSED}) == {}
    assert partner.slack.unsupported_types
    assert not world.slack.unsupported_types
    assert await post_action(server, **{"as": ANA_THERE, "do": "fault", "name": "none"}) == {}
    assert not partner.slack.unsupported_types


async def test_data_without_anybody_of_a_partner_has_no_workspace_of_one(scene: DemoSetup):
    alone = replace(scene, people=[each for each in scene.people if each.role != "partner"])
    with pytest.raises(CannotServe, match="leave out --workspaces"):
        async with running_world(alone, with_partner=True):
            pass


@pytest.mark.parametrize("other", ["--empty", "--no-page"])
def test_a_second_workspace_needs_a_partner_and_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["demo", "--workspaces", other])
    assert result.exit_code == 2
    assert f"leave out {other}" in " ".join(result.output.replace("│", " ").split())
    assert not (tmp_path / ".demo").exists()
