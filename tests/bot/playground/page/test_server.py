"""The page's server: it serves only this machine's browser, and no tab receives what its person may not see."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import aiohttp
import pytest

from bot.playground.demo_setup import DemoSetup
from bot.playground.page.file_drop import MAX_DROP_BYTES
from bot.playground.page.server import PageServer
from bot.playground.world.people import TEAM
from bot.playground.world.world import World
from tests.support.page import ANA, BEA, PARTNERS, Tab, post_action, serve_page, upload
from tests.support.waiting import TIMEOUT
from tiercore.access import SlackUser
from tiercore.people.linking import link
from tiercore.storage.transactions import Transactions

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8750"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
    ],
)
async def test_requests_from_other_sites_are_refused(page: tuple[PageServer, World], headers: dict[str, str]):
    server, _ = page
    async with aiohttp.ClientSession() as session:
        for path in ("", "live", "journal/0"):
            async with session.get(f"{server.url}{path}", headers=headers) as answer:
                assert answer.status == 403
        action = {"as": ANA, "do": "clock", "to": "day"}
        async with session.post(f"{server.url}do", json=action, headers=headers) as answer:
            assert answer.status == 403
        async with session.post(f"{server.url}do", json=action) as answer:
            assert answer.status == 403, "a post without an origin isn't from a browser"


async def test_a_tab_receives_only_what_its_person_may_see(page: tuple[PageServer, World]):
    server, world = page
    async with aiohttp.ClientSession() as session:
        ana, bea = Tab(), Tab()
        async with (
            session.ws_connect(f"{server.url}live?as={ANA}") as first,
            session.ws_connect(f"{server.url}live?as={BEA}") as second,
        ):
            channel = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
            await post_action(server, **{"as": ANA, "do": "command", "channel": channel, "text": "/tier"})
            await ana.until(first, "225 points")
            await post_action(server, **{"as": BEA, "do": "command", "channel": "C01GENERAL", "text": "/tier"})
            await bea.until(second, "Zweite GmbH:")
            assert "225 points" not in bea.raw
            assert channel not in json.dumps(bea.state["places"])
        message = next(each for each in ana.state[f"messages:{channel}"] if each.get("blocks"))
        button = next(
            each for block in message["blocks"] for each in block.get("elements", ()) if each.get("action_id")
        )
        where = {"where": "message", "channel": channel, "ts": message["ts"], "element": button}
        assert "no longer there" in (await post_action(server, **{"as": BEA, "do": "click", **where}))["error"]
        forged = {**where, "element": [button]}
        assert "what was clicked" in (await post_action(server, **{"as": ANA, "do": "click", **forged}))["error"]
        action = {"as": BEA, "do": "command", "channel": channel, "text": "/tier"}
        assert "isn't yours" in (await post_action(server, **action))["error"]


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ({"do": "nothing"}, "something unknown"),
        ({"do": "command", "channel": "C01GENERAL", "text": "hello"}, "Type a command, such as /tier"),
        (
            {"do": "command", "channel": "C01GENERAL", "text": "/teir"},
            "/teir isn't a tierbot command. Did you mean /tier?",
        ),
        (
            {"do": "command", "channel": "C01GENERAL", "text": "/help"},
            "/help isn't a tierbot command; in Slack, an app answers only its own. Type /tier help",
        ),
        ({"do": "command", "channel": "C01GENERAL", "text": "help"}, "or help after any command, like /gap help"),
        ({"do": "command", "channel": "C9", "text": "/tier"}, "that's no longer there"),
        ({"do": "clock", "to": "someday"}, "type a day"),
        ({"do": "clock", "to": "1999-01-01"}, "choose a day from"),
        ({"do": "fault", "name": "flood"}, "choose a fault"),
        ({"do": "click", "where": "home", "element": {}}, "that's no longer there"),
        ({"do": "submit", "where": "modal", "view": "V1", "values": []}, "that's no longer there"),
    ],
)
async def test_invalid_input_is_explained(page: tuple[PageServer, World], action: dict, why: str):
    server, _ = page
    assert why in (await post_action(server, **{"as": ANA, **action}))["error"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("readme.txt", "hello")], "no CSV or .xlsx file"),
        ([(".csv", "hello")], "no CSV or .xlsx file"),
        ([("partners.csv", PARTNERS), ("partners.csv", PARTNERS)], "two files are called partners.csv"),
        ([("partners.csv", PARTNERS + "x" * (MAX_DROP_BYTES + 1))], "partners.csv is larger than 64 MiB"),
    ],
    ids=["none", "hidden", "twice", "large"],
)
async def test_a_failed_import_is_explained(page: tuple[PageServer, World], files: list[tuple[str, str]], why: str):
    server, _ = page
    assert why in (await upload(server, *files))["error"]


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "multipart/form-data; boundary=other"])
async def test_an_invalid_upload_is_explained(page: tuple[PageServer, World], kind: str):
    server, _ = page
    headers = {"Origin": server.url.rstrip("/"), "Content-Type": kind}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}import", data=b"partner_id", headers=headers) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["error"]


@pytest.mark.parametrize("name", ["Partner.CSV", "../../partner.csv"])
async def test_a_file_with_an_unknown_name_is_reported(page: tuple[PageServer, World], name: str):
    server, _ = page
    [problem] = (await upload(server, (name, "id\nP1\n")))["problems"]
    assert problem["file"] == Path(name).name
    assert "Did you mean partners.csv" in problem["next"]


async def test_uploaded_files_are_added_to_the_existing_data(page: tuple[PageServer, World]):
    server, _ = page
    imported = await upload(server, ("partners.csv", PARTNERS))
    assert imported["stored"]
    assert imported["files"]["partners.csv"]["added"] == 1


async def test_the_bot_notices_when_charts_are_refused(page: tuple[PageServer, World]):
    server, world = page
    dm = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
    progress = {"as": ANA, "do": "command", "channel": dm, "text": "/progress"}

    async def block_types() -> set[str]:
        before = len(world.slack.messages(dm, world.people[ANA].user_id))
        assert await post_action(server, **progress) == {}

        def arrived() -> bool:
            return len(world.slack.messages(dm, world.people[ANA].user_id)) > before

        assert await world.slack.until(arrived, TIMEOUT)
        return {each["type"] for each in world.slack.messages(dm, world.people[ANA].user_id)[-1].blocks}

    assert "data_visualization" in await block_types()
    await post_action(server, **{"as": ANA, "do": "fault", "name": "charts and tables refused"})
    refused = await block_types()
    assert "image" in refused
    assert "data_visualization" not in refused
    await post_action(server, **{"as": ANA, "do": "fault", "name": "none"})
    assert "data_visualization" in await block_types()


async def test_a_person_missing_from_new_files_can_do_nothing(page: tuple[PageServer, World]):
    server, world = page
    action = {"as": "nobody@example.com", "do": "command", "channel": "C01GENERAL", "text": "/tier"}
    assert "nobody@example.com isn't in this data" in (await post_action(server, **action))["error"]
    assert not world.slack.journal.entries[1:], "the first call is the bot's at startup"


async def test_a_linked_stranger_is_shown_with_their_role(page: tuple[PageServer, World]):
    server, world = page
    eve = world.people["eve@example.com"]
    Transactions(world.core.engine).write_now(
        lambda connection, now: link(connection, SlackUser(TEAM, eve.user_id), BEA, now)
    )
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.url}live?as=eve@example.com") as socket:
        tab = Tab()
        await tab.until(socket, f"partner of Zweite GmbH, linked as {BEA}")


async def test_words_go_to_the_bot_with_the_files_that_they_were_written_with(page: tuple[PageServer, World]):
    server, world = page
    form = aiohttp.FormData({"text": "dates=day-first"}, quote_fields=False)
    form.add_field("file", b"client_id,name,country\n", filename="clients.csv", content_type="text/csv")
    headers = {"Origin": server.url.rstrip("/")}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}share?as={ANA}", data=form, headers=headers) as answer,
    ):
        assert await answer.json() == {}
    channel = world.slack.directory.direct_message(world.people[ANA].user_id)
    written = next(each for each in world.slack.messages(channel.channel_id) if each.author)
    assert (written.text, len(written.files)) == ("dates=day-first", 1)


async def test_an_internal_error_is_reported_and_the_page_keeps_working(scene: DemoSetup, tmp_path: Path):
    def full(_day: date) -> None:
        raise OSError("no space left on device")

    async with serve_page(replace(scene, load_day=full), tmp_path) as (server, world):
        response = await post_action(server, **{"as": ANA, "do": "clock", "to": "day"})
        assert response == {"error": "the demo failed: OSError: no space left on device"}
        assert not world.busy.locked()
        assert "can't be stored" in (await upload(server, (f"{'x' * 300}.csv", "a")))["error"]
