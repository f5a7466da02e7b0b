"""The demo answers questions through signed HTTP, then follows the typed commands."""

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bot.playground.demo import SHOWN_FIRST, prepare, running_world
from bot.playground.terminal import TerminalSession
from handlers.conversation import QUESTIONS
from handlers.views.home import TABS, HomeState

pytestmark = pytest.mark.slow


async def test_the_demo_opens_with_partner_a_and_can_switch_person_and_day(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare(tmp_path, out, date(2022, 9, 5))
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        for email, line in SHOWN_FIRST:
            visit.email = email
            await visit.type(line)
        for line in (
            "as carla",
            "/tier",
            "choose Partner A",
            "click Gap",
            "on 2026-11-23",
            '/tier "Partner A"',
            "who",
            "advance 2 days",
        ):
            assert await visit.run(line)
        assert await visit.run("as nobody")
        assert world.day == date(2026, 11, 25)
        assert await visit.run("on someday")
        assert not await visit.run("quit")
        assert not visit.slack.journal.errors
    out.file.close()
    shown = (tmp_path / "out").read_text()
    assert shown.count("Partner A: 225 points to Platinum") >= 4
    assert "225 points of any kind" in shown
    assert "Platinum's sold minimum turns red on 21 Sep 2022, in 16 days: 232.5 of 270." in shown
    assert "Which partner?" in shown
    assert "2026b rules" in shown
    assert "SAMPLE thresholds, invented for the demo" in shown
    scene.core.engine.dispose()


async def test_files_are_dropped_and_messages_read_in_the_terminal(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare(tmp_path / "demo", out, date(2022, 9, 5))
    clients = tmp_path / "clients (1).csv"
    clients.write_text("client_id,name,country\nCNEW,Neu & Co,DE\n")
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        for line in ("as astrid", "messages", f"drop {tmp_path}/nowhere.csv", f"drop {clients}", "click Import"):
            assert await visit.run(line)
        await visit.run("messages")
    out.file.close()
    scene.core.engine.dispose()
    shown = (tmp_path / "out").read_text()
    assert "There are no messages from tierbot yet." in shown
    words = " ".join(shown.split())
    assert "nowhere.csv can't be read: No such file or directory" in words
    assert "isn't named like one of the files: it was read as clients.csv" in words
    assert shown.count("Imported clients (1).csv: 1 new row.") >= 1


async def test_a_week_in_the_demo_delivers_the_digests(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare(tmp_path, out, date(2022, 9, 9))
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        await visit.run("as ana")
        await visit.run("advance 3 days")
        await visit.run("as carla")
        await visit.run("advance a week")
        # a day can pass in under a second, the time between two posts: then Slack rate limits one
        assert {each.error for each in visit.slack.journal.errors} <= {"ratelimited"}
    out.file.close()
    shown = (tmp_path / "out").read_text()
    assert shown.count("Partner A: 420 points, no change this week") == 1
    assert shown.count("Partner A: 52.5 points expire in 30 days") == 1
    assert shown.count("🎉 Rheinbogen Digital: Platinum reached") == 1
    assert shown.count("14 partners: 5 need attention") == 1
    scene.core.engine.dispose()


async def test_the_terminal_switches_to_someone_else_if_its_person_is_gone(tmp_path: Path):
    """Someone imported other people on the page."""
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare(tmp_path / "demo", out, date(2022, 9, 5))
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        (tmp_path / "new").mkdir()
        people = "email,name,role,partner_id\nzoe@new.example,Zoe,partner,P001\n"
        (tmp_path / "new" / "people.csv").write_text(people)
        await world.import_files(tmp_path / "new", replace=True)
        await visit.run("/tier")
    out.file.close()
    output = (tmp_path / "out").read_text()
    assert "ana@example.com isn't in this data any more. You are now zoe@new.example." in output
    assert "Partner A: 225 points to Platinum" in output
    scene.core.engine.dispose()


DAYS = (date(2022, 9, 5), date(2019, 6, 1), date(2021, 6, 1), date(2024, 5, 1), date(2026, 11, 23))
ADMIN = "admin.example.com"


async def test_every_partner_of_the_sample_gets_answers_that_slack_accepts(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare(tmp_path, out, date(2022, 9, 5))
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        for number in sorted(range(1, 41), key=lambda each: each % len(DAYS)):
            await world.jump_to(DAYS[number % len(DAYS)])
            for word in QUESTIONS:
                text = f'225 points "P{number:03d}"' if word == "convert" else f'"P{number:03d}"'
                answer = await visit.slack.command(ADMIN, f"/{word}", text, wait=5)
                assert answer.sent.error is None, (number, word, world.day, answer.sent.problems)
                assert answer.blocks
        assert not visit.slack.journal.errors
    out.file.close()
    scene.core.engine.dispose()


async def test_the_home_tab_of_every_partner_is_within_slacks_limits(tmp_path: Path):
    """At most 100 blocks and 250 KB: the local Slack refuses more."""
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare(tmp_path, out, date(2022, 9, 5))
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        for number in range(1, 41):
            for tab in TABS:
                shown = HomeState(tab, f"P{number:03d}").as_text()
                event = {"type": "app_home_opened", "tab": "home", "view": {"private_metadata": shown}}
                home = (await visit.slack.event(ADMIN, event, wait=5)).view
                assert len(home.blocks) <= 100
        assert not visit.slack.journal.errors
    out.file.close()
    scene.core.engine.dispose()
