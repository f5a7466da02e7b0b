"""The desk's server: for this machine's browser and this page alone; nobody's tab gets what they may not see."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import aiohttp
import pytest

from bot.playground.demo import DemoSetup
from bot.playground.page.file_drop import MAX_DROP_BYTES
from bot.playground.page.server import PageServer
from bot.playground.world.people import TEAM
from bot.playground.world.world import World
from tests.support.page import ANA, BEA, PARTNERS, Tab, desk_over, do, drop
from tests.support.waiting import ENOUGH
from tiercore.access import SlackUser
from tiercore.people.linking import link
from tiercore.storage.transactions import Transactions


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
async def test_no_other_site_may_speak_to_it(desk: tuple[PageServer, World], headers: dict[str, str]):
    made, _ = desk
    async with aiohttp.ClientSession() as session:
        for path in ("", "live", "journal/0"):
            async with session.get(f"{made.url}{path}", headers=headers) as answer:
                assert answer.status == 403
        asked = {"as": ANA, "do": "clock", "to": "day"}
        async with session.post(f"{made.url}do", json=asked, headers=headers) as answer:
            assert answer.status == 403
        async with session.post(f"{made.url}do", json=asked) as answer:
            assert answer.status == 403, "a post without an origin is no browser's"


async def test_a_tab_is_sent_what_its_person_sees_and_no_more(desk: tuple[PageServer, World]):
    made, world = desk
    async with aiohttp.ClientSession() as session:
        ana, bea = Tab(), Tab()
        async with (
            session.ws_connect(f"{made.url}live?as={ANA}") as first,
            session.ws_connect(f"{made.url}live?as={BEA}") as second,
        ):
            channel = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
            await do(made, **{"as": ANA, "do": "command", "channel": channel, "text": "/tier"})
            await ana.until(first, "Partner A: 225 points")
            await do(made, **{"as": BEA, "do": "command", "channel": "C01GENERAL", "text": "/tier"})
            await bea.until(second, "Zweite GmbH:")
            assert "225 points" not in bea.raw
            assert channel not in json.dumps(bea.seen["places"])
        message = next(each for each in ana.seen[f"messages:{channel}"] if each.get("blocks"))
        button = next(
            each for block in message["blocks"] for each in block.get("elements", ()) if each.get("action_id")
        )
        where = {"where": "message", "channel": channel, "ts": message["ts"], "element": button}
        assert "no longer there" in (await do(made, **{"as": BEA, "do": "click", **where}))["error"]
        forged = {**where, "element": [button]}
        assert "what was clicked" in (await do(made, **{"as": ANA, "do": "click", **forged}))["error"]
        asked = {"as": BEA, "do": "command", "channel": channel, "text": "/tier"}
        assert "isn't yours" in (await do(made, **asked))["error"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"do": "nothing"}, "something unknown"),
        ({"do": "command", "channel": "C01GENERAL", "text": "hello"}, "Type a command, such as /tier"),
        (
            {"do": "command", "channel": "C01GENERAL", "text": "/teir"},
            "/teir isn't a tierbot command. Did you mean /tier?",
        ),
        ({"do": "command", "channel": "C9", "text": "/tier"}, "that's no longer there"),
        ({"do": "clock", "to": "someday"}, "type a day"),
        ({"do": "clock", "to": "1999-01-01"}, "choose a day from"),
        ({"do": "fault", "name": "flood"}, "choose a fault"),
        ({"do": "click", "where": "home", "element": {}}, "that's no longer there"),
        ({"do": "submit", "where": "modal", "view": "V1", "values": []}, "that's no longer there"),
    ],
)
async def test_what_makes_no_sense_is_said(desk: tuple[PageServer, World], asked: dict, why: str):
    made, _ = desk
    assert why in (await do(made, **{"as": ANA, **asked}))["error"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("readme.txt", "hello")], "no CSV file"),
        ([(".csv", "hello")], "no CSV file"),
        ([("partners.csv", PARTNERS), ("partners.csv", PARTNERS)], "two files are called partners.csv"),
        ([("partners.csv", PARTNERS + "x" * (MAX_DROP_BYTES + 1))], "partners.csv is larger than 64 MiB"),
    ],
    ids=["none", "hidden", "twice", "large"],
)
async def test_what_cannot_be_imported_is_said(desk: tuple[PageServer, World], files: list[tuple[str, str]], why: str):
    made, _ = desk
    assert why in (await drop(made, *files))["error"]


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "multipart/form-data; boundary=other"])
async def test_what_is_no_drop_of_files_is_said(desk: tuple[PageServer, World], kind: str):
    made, _ = desk
    headers = {"Origin": made.url.rstrip("/"), "Content-Type": kind}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{made.url}import", data=b"partner_id", headers=headers) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["error"]


@pytest.mark.parametrize("name", ["Partners.CSV", "../../partner.csv"])
async def test_a_file_by_another_name_is_named(desk: tuple[PageServer, World], name: str):
    made, _ = desk
    [problem] = (await drop(made, (name, PARTNERS)))["problems"]
    assert problem["file"] == Path(name).name
    assert "Did you mean partners.csv" in problem["next"]


async def test_files_of_ones_own_are_stored_beside_what_is_there(desk: tuple[PageServer, World]):
    made, _ = desk
    brought = await drop(made, ("partners.csv", PARTNERS))
    assert brought["stored"]
    assert brought["files"]["partners.csv"]["added"] == 1


async def test_where_no_charts_are_taken_the_bot_finds_out_by_itself(desk: tuple[PageServer, World]):
    made, world = desk
    dm = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
    progress = {"as": ANA, "do": "command", "channel": dm, "text": "/progress"}

    async def shown() -> set[str]:
        before = len(world.slack.messages(dm, world.people[ANA].user_id))
        assert await do(made, **progress) == {}

        def arrived() -> bool:
            return len(world.slack.messages(dm, world.people[ANA].user_id)) > before

        assert await world.slack.until(arrived, ENOUGH)
        return {each["type"] for each in world.slack.messages(dm, world.people[ANA].user_id)[-1].blocks}

    assert "data_visualization" in await shown()
    await do(made, **{"as": ANA, "do": "fault", "name": "charts and tables refused"})
    refused = await shown()
    assert "image" in refused
    assert "data_visualization" not in refused
    await do(made, **{"as": ANA, "do": "fault", "name": "none"})
    assert "data_visualization" in await shown()


async def test_whoever_is_gone_since_other_files_came_does_nothing_any_more(desk: tuple[PageServer, World]):
    made, world = desk
    asked = {"as": "nobody@example.com", "do": "command", "channel": "C01GENERAL", "text": "/tier"}
    assert "nobody@example.com isn't in this data" in (await do(made, **asked))["error"]
    assert not world.slack.journal.entries[1:], "the first call is the bot's own, as it starts"


async def test_a_stranger_is_called_what_they_were_linked_to(desk: tuple[PageServer, World]):
    made, world = desk
    eve = world.people["eve@example.com"]
    Transactions(world.core.engine).write_now(
        lambda connection, now: link(connection, SlackUser(TEAM, eve.user_id), BEA, now)
    )
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{made.url}live?as=eve@example.com") as socket:
        tab = Tab()
        await tab.until(socket, f"partner of Zweite GmbH, linked as {BEA}")


async def test_what_fails_on_our_side_is_said_and_the_desk_goes_on(scene: DemoSetup, tmp_path: Path):
    def full(_day: date) -> None:
        raise OSError("no space left on device")

    async with desk_over(replace(scene, load_day=full), tmp_path) as (made, world):
        said = await do(made, **{"as": ANA, "do": "clock", "to": "day"})
        assert said == {"error": "the demo failed: OSError: no space left on device"}
        assert not world.busy.locked()
        assert "can't be stored" in (await drop(made, (f"{'x' * 300}.csv", "a")))["error"]
