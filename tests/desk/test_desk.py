"""The desk's server: for this machine's browser and this page alone; nobody's tab gets what they may not see."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from rich.console import Console
from sample_folder import TABLE, write_folder
from typer.testing import CliRunner

from bot.cli import app
from bot.demo import BadData, alone, opened, prepare_own
from bot.desk.building import NotBuilt, built_page
from bot.desk.drop import LARGEST_DROP
from bot.desk.site import Desk
from bot.everybody import TEAM
from bot.playground import faults
from bot.world import World
from tiercore.access import SlackUser
from tiercore.deeds.linking import link
from tiercore.deeds.writer import Writer

ANA, BEA = "ana@example.com", "bea@example.com"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[tuple[Desk, World]]:
    """A desk over one's own small folder; its page is a stand-in, because a browser isn't needed here."""
    (tmp_path / "built" / "assets").mkdir(parents=True)
    (tmp_path / "built" / "index.html").write_text("<!doctype html>")
    program = tmp_path / "program.toml"
    program.write_text(TABLE)
    said = Console(file=(tmp_path / "out").open("w"))
    scene = prepare_own(tmp_path / "demo", write_folder(tmp_path / "data"), program, said, date(2022, 9, 5))
    async with opened(scene) as world:
        made = Desk(world, tmp_path / "built")
        await made.start(port=0)
        yield made, world
        await made.stop()
    scene.core.engine.dispose()


async def do(desk: Desk, **asked: object) -> dict:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{desk.url}do", json=asked, headers={"Origin": desk.url.rstrip("/")}) as answer,
    ):
        return await answer.json()


class Tab:
    """What a tab was sent, its parts put together."""

    def __init__(self) -> None:
        self.seen: dict = {}
        self.raw = ""

    async def until(self, socket: aiohttp.ClientWebSocketResponse, words: str) -> None:
        async with asyncio.timeout(10):
            while words not in json.dumps(self.seen, ensure_ascii=False):
                got = await socket.receive_str()
                self.raw += got
                self.seen |= json.loads(got)


async def drop(desk: Desk, *files: tuple[str, str]) -> dict:
    form = aiohttp.FormData({"replace": "no"}, quote_fields=False)
    for name, text in files:
        form.add_field("file", text.encode(), filename=name, content_type="text/csv")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{desk.url}import", data=form, headers={"Origin": desk.url.rstrip("/")}) as answer,
    ):
        return await answer.json()


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
async def test_no_other_site_may_speak_to_it(desk: tuple[Desk, World], headers: dict[str, str]):
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


async def test_a_tab_is_sent_what_its_person_sees_and_no_more(desk: tuple[Desk, World]):
    made, world = desk
    async with aiohttp.ClientSession() as session:
        ana, bea = Tab(), Tab()
        async with (
            session.ws_connect(f"{made.url}live?as={ANA}") as first,
            session.ws_connect(f"{made.url}live?as={BEA}") as second,
        ):
            channel = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
            await do(made, **{"as": ANA, "do": "command", "channel": channel, "text": "/tier"})
            await ana.until(first, "Partner A: 225.00 points")
            await do(made, **{"as": BEA, "do": "command", "channel": "C01GENERAL", "text": "/tier"})
            await bea.until(second, "Zweite GmbH:")
            assert "225.00" not in bea.raw
            assert channel not in json.dumps(bea.seen["places"])
        message = next(each for each in ana.seen[f"messages:{channel}"] if each.get("blocks"))
        button = next(
            each for block in message["blocks"] for each in block.get("elements", ()) if each.get("action_id")
        )
        where = {"where": "message", "channel": channel, "ts": message["ts"], "element": button}
        assert "isn't there" in (await do(made, **{"as": BEA, "do": "click", **where}))["error"]
        forged = {**where, "element": [button]}
        assert "what was clicked" in (await do(made, **{"as": ANA, "do": "click", **forged}))["error"]
        asked = {"as": BEA, "do": "command", "channel": channel, "text": "/tier"}
        assert "isn't yours" in (await do(made, **asked))["error"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"do": "nothing"}, "no such gesture"),
        ({"do": "command", "channel": "C01GENERAL", "text": "hello"}, "begin with /, as in /tier"),
        (
            {"do": "command", "channel": "C01GENERAL", "text": "/teir"},
            "/teir is no command of tierbot: did you mean /tier?",
        ),
        ({"do": "command", "channel": "C9", "text": "/tier"}, "isn't there any more"),
        ({"do": "clock", "to": "someday"}, "name a day"),
        ({"do": "clock", "to": "1999-01-01"}, "days go from"),
        ({"do": "fault", "name": "flood"}, "no such fault"),
        ({"do": "click", "where": "home", "element": {}}, "isn't there any more"),
        ({"do": "submit", "where": "modal", "view": "V1", "values": []}, "isn't there any more"),
    ],
)
async def test_what_makes_no_sense_is_said(desk: tuple[Desk, World], asked: dict, why: str):
    made, _ = desk
    assert why in (await do(made, **{"as": ANA, **asked}))["error"]


PARTNERS = "partner_id,name,country,currency,joined_on\nPX,Neu & Co,DE,EUR,2020-12-01\n"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("readme.txt", "hello")], "no CSV file"),
        ([(".csv", "hello")], "no CSV file"),
        ([("partners.csv", PARTNERS), ("partners.csv", PARTNERS)], "two of the files are called partners.csv"),
        ([("partners.csv", PARTNERS + "x" * (LARGEST_DROP + 1))], "partners.csv is larger than 64 MiB"),
    ],
    ids=["none", "hidden", "twice", "large"],
)
async def test_what_cannot_be_imported_is_said(desk: tuple[Desk, World], files: list[tuple[str, str]], why: str):
    made, _ = desk
    assert why in (await drop(made, *files))["error"]


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "multipart/form-data; boundary=other"])
async def test_what_is_no_drop_of_files_is_said(desk: tuple[Desk, World], kind: str):
    made, _ = desk
    headers = {"Origin": made.url.rstrip("/"), "Content-Type": kind}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{made.url}import", data=b"partner_id", headers=headers) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["error"]


@pytest.mark.parametrize("name", ["Partners.CSV", "../../partner.csv"])
async def test_a_file_by_another_name_is_named(desk: tuple[Desk, World], name: str):
    made, _ = desk
    [problem] = (await drop(made, (name, PARTNERS)))["problems"]
    assert problem["file"] == Path(name).name
    assert "did you mean partners.csv" in problem["next"]


async def test_files_of_ones_own_are_stored_beside_what_is_there(desk: tuple[Desk, World]):
    made, _ = desk
    brought = await drop(made, ("partners.csv", PARTNERS))
    assert brought["stored"]
    assert brought["files"]["partners.csv"]["added"] == 1


async def test_where_no_charts_are_taken_the_bot_finds_out_by_itself(desk: tuple[Desk, World]):
    made, world = desk
    dm = world.slack.directory.direct_message(world.people[ANA].user_id).channel_id
    progress = {"as": ANA, "do": "command", "channel": dm, "text": "/progress"}

    async def shown() -> set[str]:
        before = len(world.slack.messages(dm, world.people[ANA].user_id))
        assert await do(made, **progress) == {}

        def arrived() -> bool:
            return len(world.slack.messages(dm, world.people[ANA].user_id)) > before

        assert await world.slack.until(arrived, 10)
        return {each["type"] for each in world.slack.messages(dm, world.people[ANA].user_id)[-1].blocks}

    assert "data_visualization" in await shown()
    await do(made, **{"as": ANA, "do": "fault", "name": "charts and tables refused"})
    refused = await shown()
    assert "image" in refused
    assert "data_visualization" not in refused
    await do(made, **{"as": ANA, "do": "fault", "name": "none"})
    assert "data_visualization" in await shown()


async def test_time_passes_to_the_recalibration_and_can_be_stopped(desk: tuple[Desk, World]):
    made, world = desk
    going = asyncio.create_task(do(made, **{"as": ANA, "do": "clock", "to": "recalibration"}))
    assert await world.slack.until(world.busy.locked, 10)
    assert "one thing at a time" in (await do(made, **{"as": ANA, "do": "clock", "to": "day"}))["error"]
    assert "one thing at a time" in (await drop(made, ("partners.csv", PARTNERS)))["error"]
    await do(made, **{"as": ANA, "do": "clock", "to": "stop"})
    await going
    assert date(2022, 9, 5) < world.day < date(2023, 1, 15)
    await do(made, **{"as": ANA, "do": "clock", "to": "2023-01-14"})
    await do(made, **{"as": ANA, "do": "clock", "to": "recalibration"})
    assert world.day == date(2023, 1, 15)


async def test_today_is_a_jump_to_the_day_on_this_desk(desk: tuple[Desk, World]):
    """Four years of digests would be a nuisance: what was due on the way isn't sent."""
    made, world = desk
    assert await do(made, **{"as": ANA, "do": "clock", "to": "today"}) == {}
    assert world.day == date.today()  # noqa: DTZ011
    await world.told()
    mine = world.slack.messages(world.slack.directory.direct_message(world.people[ANA].user_id).channel_id)
    assert not [each for each in mine if "this week" in each.text]


async def test_no_weekly_digest_is_left_out_however_far_one_goes(desk: tuple[Desk, World]):
    made, world = desk
    ana = world.people[ANA].user_id
    place = world.slack.directory.direct_message(ana).channel_id
    await do(made, **{"as": ANA, "do": "command", "channel": place, "text": "/digest friday 8:00 UTC"})
    assert await world.slack.until(lambda: len(world.slack.messages(place, ana)) == 1, 10)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-15"})
    sent = [each.ts for each in world.slack.messages(place, ana) if not each.ephemeral]
    came = {datetime.fromtimestamp(float(ts), UTC).date() for ts in sent}
    assert came == {date(2022, 9, 9) + timedelta(7 * week) for week in range(6)}


def told(world: World) -> list[str]:
    """What stands in Ana's messages with the bot, besides what only she sees."""
    place = world.slack.directory.direct_message(world.people[ANA].user_id)
    return [each.text for each in world.slack.messages(place.channel_id) if not each.ephemeral]


async def ask(made: Desk, world: World, text: str) -> None:
    """Ana types something to the bot that it does, and is told what came of it."""
    place, told_before = world.slack.directory.direct_message(world.people[ANA].user_id), done(world)
    await do(made, **{"as": ANA, "do": "command", "channel": place.channel_id, "text": text})
    assert await world.slack.until(lambda: done(world) > told_before, 10)


def done(world: World) -> int:
    """How many deeds the bot has answered."""
    return len(world.slack.journal.calls("response_url"))


async def test_on_the_way_back_what_happened_since_is_forgotten_and_then_happens_anew(desk: tuple[Desk, World]):
    made, world = desk
    await world.go_to(date(2022, 9, 28))
    await ask(made, world, "/digest monday 8:00 UTC")
    await ask(made, world, "/digest alerts on")
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-03"})
    before = told(world)
    assert len(before) > 4
    assert any("turns red on 1 Nov" in each for each in before)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-09-28"})
    assert told(world) == []
    assert world.moment().date() == date(2022, 9, 28)
    assert world.typed[world.people[ANA].user_id] == []
    await ask(made, world, "/digest now")
    assert await world.slack.until(lambda: len(told(world)) == 2, 10)
    await do(made, **{"as": ANA, "do": "clock", "to": "2022-10-03"})
    assert sorted(told(world)[2:]) == sorted(before)


@pytest.mark.parametrize("day", [date(2022, 9, 7), date(2027, 3, 3)], ids=["of the past", "of the future"])
async def test_what_is_in_doubt_arrives_once_on_a_day(desk: tuple[Desk, World], day: date):
    """Slack took it and its answer was lost: it is looked for when its time has come, and found."""
    made, world = desk
    await ask(made, world, "/digest monday 8:00 UTC")
    await world.go_to(day)
    world.slack.faults.add("chat.postMessage", faults.LOST_ANSWER)
    await ask(made, world, "/digest now")
    for _ in range(2):  # one until it is in doubt, one until it is looked for
        await do(made, **{"as": ANA, "do": "clock", "to": "day"})
    assert world.slack.journal.calls("conversations.history")
    assert len(told(world)) == len(set(told(world))) == 2


async def test_a_day_begins_in_the_morning_and_where_it_is_over_the_next_one_does(
    desk: tuple[Desk, World], monkeypatch: pytest.MonkeyPatch
):
    _, world = desk
    assert world.moment().isoformat(timespec="minutes") == "2022-09-05T08:30+00:00"
    await world.end_the_day()
    assert world.day == date(2022, 9, 5)
    late = SimpleNamespace(monotonic=lambda: time.monotonic() + 16 * 3_600)
    monkeypatch.setattr("bot.world.time", late)
    assert world.moment().date() == date(2022, 9, 6)
    await world.end_the_day()
    assert world.day == date(2022, 9, 6)
    assert world.moment().isoformat(timespec="minutes") == "2022-09-06T08:30+00:00"


async def test_nothing_of_it_is_guessed_or_reached_from_elsewhere(
    monkeypatch: pytest.MonkeyPatch, desk: tuple[Desk, World], tmp_path: Path
):
    """One's own data is behind the bot and the local Slack: each run has secrets of its own, and listens here alone."""
    _, world = desk
    monkeypatch.setenv("TIERBOT_HOST", "0.0.0.0")
    program = tmp_path / "program.toml"
    said = Console(file=(tmp_path / "more").open("w"))
    scene = prepare_own(tmp_path / "second", write_folder(tmp_path / "data2"), program, said, date(2022, 9, 5))
    async with opened(scene) as other:
        assert other.slack.signing_secret != world.slack.signing_secret
        assert other.slack.bot_token != world.slack.bot_token
        assert other.bot is not None
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", other.bot.port)
    scene.core.engine.dispose()


async def test_whoever_is_gone_since_other_files_came_does_nothing_any_more(desk: tuple[Desk, World]):
    made, world = desk
    asked = {"as": "nobody@example.com", "do": "command", "channel": "C01GENERAL", "text": "/tier"}
    assert "nobody@example.com isn't in this data" in (await do(made, **asked))["error"]
    assert not world.slack.journal.entries[1:], "the first call is the bot's own, as it starts"


async def test_a_stranger_is_called_what_they_were_linked_to(desk: tuple[Desk, World]):
    made, world = desk
    eve = world.people["eve@example.com"]
    Writer(world.core.engine).now(lambda connection, now: link(connection, SlackUser(TEAM, eve.user_id), BEA, now))
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{made.url}live?as=eve@example.com") as socket:
        tab = Tab()
        await tab.until(socket, f"partner of Zweite GmbH, linked as {BEA}")


async def test_what_fails_on_our_side_is_said_and_the_desk_goes_on(
    desk: tuple[Desk, World], monkeypatch: pytest.MonkeyPatch
):
    made, world = desk

    def full(_day: date) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(world, "_learn", full)
    said = await do(made, **{"as": ANA, "do": "clock", "to": "day"})
    assert said == {"error": "the demo failed at this: OSError: no space left on device"}
    assert not world.busy.locked()
    assert "can't be kept" in (await drop(made, (f"{'x' * 300}.csv", "a")))["error"]


async def test_windows_do_not_outlive_the_page(desk: tuple[Desk, World]):
    made, world = desk
    ana = world.people[ANA].user_id
    await do(made, **{"as": ANA, "do": "home"})
    assert await world.slack.until(lambda: world.slack.home(ana) is not None, 10)
    home = world.slack.home(ana)
    assert home is not None
    buttons = [each for block in home.blocks for each in block.get("elements", ()) if each["type"] == "button"]
    feedback = next(each for each in buttons if each["text"]["text"] == "Send feedback")
    await do(made, **{"as": ANA, "do": "click", "where": "home", "element": feedback})
    assert await world.slack.until(lambda: world.slack.modal(ana) is not None, 10)
    await do(made, **{"as": ANA, "do": "arrive"})
    assert world.slack.modal(ana) is None


async def test_where_the_port_is_taken_another_one_is(desk: tuple[Desk, World], tmp_path: Path):
    made, world = desk
    second = Desk(world, tmp_path / "built")
    await second.start(port=int(made.url.rstrip("/").rpartition(":")[2]))
    assert second.taken
    assert not made.taken
    assert second.url != made.url
    await second.stop()


def test_what_ones_own_data_lacks_is_said(tmp_path: Path):
    data = write_folder(tmp_path / "data")
    (data / "people.csv").unlink()
    with (tmp_path / "out").open("w") as out:
        scene = prepare_own(tmp_path / "demo", data, None, Console(file=out, width=200), date(2022, 9, 5))
    scene.core.engine.dispose()
    told = (tmp_path / "out").read_text()
    assert "thresholds that aren't public are not configured" in told
    assert "people.csv names nobody" in told
    assert "None" not in told


def test_bad_files_of_ones_own_are_named_and_nothing_begins(tmp_path: Path):
    data = write_folder(tmp_path / "data", clients="client_id,name,country\nC1,Acme,Atlantis\n")
    with pytest.raises(BadData, match="Atlantis"):
        prepare_own(tmp_path / "demo", data, None, Console(file=(tmp_path / "out").open("w")), date(2022, 9, 5))


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "TIERBOT_SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"])
def test_where_real_tokens_are_set_it_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, "xoxb-real-one")
    result = CliRunner().invoke(app, ["demo", "--no-page"], input="quit\n")
    assert result.exit_code == 1
    assert "the demo is not for a real workspace" in result.output
    assert not (tmp_path / ".demo").exists()


def test_a_second_demo_in_the_same_folder_leaves_the_first_one_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with alone(Path(".demo")):
        (tmp_path / ".demo" / "tierbot.db").write_text("the first one's")
        result = CliRunner().invoke(app, ["demo", "--no-page"], input="quit\n")
        assert result.exit_code == 1
        assert "another demo is at work in .demo" in result.output
        assert (tmp_path / ".demo" / "tierbot.db").read_text() == "the first one's"


def test_why_the_page_could_not_be_built_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, does in {"node": "echo v22.1.0", "npm": "echo npm error network unreachable >&2; exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("bot.desk.building.is_current", lambda: False)
    with pytest.raises(NotBuilt, match=r"(?s)npm ci failed in .*network unreachable"):
        built_page()


def test_without_node_the_terminals_version_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.demo.set_up_logging", lambda _: None)
    monkeypatch.setattr("bot.desk.building.is_current", lambda: False)
    monkeypatch.setattr("bot.desk.building.shutil.which", lambda _: None)
    result = CliRunner().invoke(app, ["demo"], input="/tier\nquit\n")
    assert result.exit_code == 0, result.output
    assert "Node isn't installed. Install Node 20 for it. Here is the terminal's version." in result.output
    assert "Partner A: 225.00 points to Platinum" in result.output
