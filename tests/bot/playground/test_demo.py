"""The demo answers questions through signed HTTP, then follows the typed commands."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bot.playground.demo import SHOWN_FIRST, running_world
from bot.playground.demo_setup import BadData, prepare, prepare_empty, prepare_own
from bot.playground.terminal import TerminalSession
from bot.playground.world.people import with_links
from handlers.typed_command import QUESTIONS
from handlers.views.home import TABS, HomeState
from tests.support.prepared_demo import prepared_demo
from tests.support.sample_folder import FOLDER, write_folder
from tests.support.served_bot import text_of

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
    assert shown.count("225 points to Platinum") >= 4
    assert "225 points of any kind" in shown
    assert "Platinum's sold minimum turns red on 21 Sep 2022, in 16 days: 232.5 of 270." in shown
    assert "Which partner?" in shown
    assert "2026b rules" in shown
    assert "SAMPLE thresholds, invented for the demo" in shown
    scene.core.engine.dispose()


async def test_everything_new_can_be_done_by_typing(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepared_demo(tmp_path / "demo")
    share = ("/tier", "click Share", "fill in Or one person=carla | Comment=Look", "fill in", "as carla", "messages")
    overview = ("/digest", "choose Quiet (3)", "/digest", "click Open in Merlion Demand")
    gap = ("/gap platinum Partner A", "choose 15 Jan 2023: recalibration", "choose Plan")
    plan = ("/plan platinum by 15 jan Partner A", "click Keep as goal", "/whatif lose Alder for Partner A")
    sale = ("/whatif sell 8,000 sourced Dune 20 Sep for Partner A", "click Change it", "fill in MRR=9,000")
    deal = ("click Keep as pipeline", "fill in Probability in percent=70", "fill in", "/pipeline Partner A")
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        for line in (*share, *overview, *gap, *plan, *sale, *deal, "click Open in 20 Sep", "as ana", "home"):
            assert await visit.run(line)
        assert not visit.slack.journal.errors
    out.file.close()
    scene.core.engine.dispose()
    words = " ".join((tmp_path / "out").read_text().split())
    assert "That didn't work" not in words, words[words.find("That didn't work") :][:300]
    said = (
        "Only @Carla Conti will see this",
        "Shared by @Ana Arden",
        "Quiet: 3 partners",
        "Merlion Demand: Diamond kept",
    )
    said += ("Partner A: 349.5 points to Platinum by 15 Jan 2023", "The cheapest way", "is now the goal of Partner A")
    said += ("82.5 points above", "Saved: deal with Dune", "[ Withdraw goal ]")
    for each in said:
        assert each in words.replace("\xa0", " ")


async def test_files_are_dropped_and_messages_read_in_the_terminal(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepared_demo(tmp_path / "demo")
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
    assert shown.count("🔴 Partner A: Gold at risk on 15 Jan 2023, in 125 days") == 1, "one digest on a Monday"
    assert shown.count("420 points, no change this week") == 1
    assert "points expire in 30 days" not in shown
    assert shown.count("🎉 Rheinbogen Digital: Platinum credited on 15 Sep 2022, by its numbers") == 1
    assert shown.count("5 of 14 partners need attention") == 1
    scene.core.engine.dispose()


async def test_the_terminal_switches_to_someone_else_if_its_person_is_gone(tmp_path: Path):
    """Someone imported other people on the page."""
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepared_demo(tmp_path / "demo")
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
    assert "225 points to Platinum" in output
    scene.core.engine.dispose()


DAYS = (date(2022, 9, 5), date(2019, 6, 1), date(2021, 6, 1), date(2024, 5, 1), date(2026, 11, 23))
ADMIN = "admin.example.com"


async def test_every_partner_of_the_sample_gets_answers_that_slack_accepts(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepared_demo(tmp_path / "demo")
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
    scene = prepared_demo(tmp_path / "demo")
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


async def test_an_empty_demo_has_an_admin_and_others_who_link_themselves(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare_empty(tmp_path / "demo", None, out, date(2022, 9, 5))
    async with running_world(scene) as world:
        slack, who = world.slack, {email.partition("@")[0]: each.user_id for email, each in world.people.items()}
        assert list(who) == ["admin", "carla", "ana"]
        assert "Next: bring your data." in text_of(await slack.command(who["admin"], "/tier"))
        assert "I don't know who you are yet." in text_of(await slack.command(who["ana"], "/tier"))
        people = "email,name,role,partner_id\nana@example.com,Ana Arden,partner,P1\n"
        files = {"partners.csv": "partner_id,name,country,currency,joined_on\nP1,Neu & Co,US,USD,2019-01-01\n"}
        card = await slack.share(
            who["admin"], {name: text.encode() for name, text in (files | {"people.csv": people}).items()}
        )
        await slack.click(who["admin"], card.message, "Import")
        said = text_of(await slack.command(who["admin"], "/tier", "invite ana@example.com"))
        code = re.search(r"(\S+) links whoever types it", said)[1]
        assert "Welcome, Ana" in text_of(await slack.command(who["ana"], "/tier", f"link {code}"))
        roles = {each.email: each.role for each in with_links(world.core, world.people.values())}
        assert roles == {"admin@example.com": "admin", "carla@example.com": "stranger", "ana@example.com": "partner"}
    out.file.close()
    scene.core.engine.dispose()


async def test_words_after_a_file_go_with_it_in_the_terminal(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare_empty(tmp_path / "demo", None, out, date(2022, 9, 5))
    (tmp_path / "my list.csv").write_text("client_id,name,country\nC1,Acme,US\n")
    async with running_world(scene) as world:
        visit = TerminalSession(world, out)
        for written in (f'drop "{tmp_path}/my list.csv" dates=day-first', f"drop {tmp_path}/my list.csv"):
            await visit.run(written)
        channel = world.slack.directory.direct_message(world.people["admin@example.com"].user_id)
        sent = [(each.text, len(each.files)) for each in world.slack.messages(channel.channel_id) if each.author]
        assert sent == [("dates=day-first", 1), ("", 1)]
    out.file.close()
    scene.core.engine.dispose()


async def test_files_dropped_on_the_page_link_the_newcomers_that_they_list(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    scene = prepare_empty(tmp_path / "demo", None, out, date(2022, 9, 5))
    async with running_world(scene) as world:
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "people.csv").write_text("email,name,role,partner_id\nana@example.com,Ana,admin,\n")
        await world.import_files(tmp_path / "new", replace=False)
        ana = world.people["ana@example.com"]
        assert ana.role == "admin"
        assert "Set up tierbot." in text_of(await world.slack.command(ana.user_id, "/tier"))
        assert world.people["carla@example.com"].role == "stranger"
    out.file.close()
    scene.core.engine.dispose()


@pytest.mark.parametrize("left_out", sorted(FOLDER.keys() - {"partners.csv", "clients.csv"}))
def test_a_demo_of_your_own_files_starts_without_any_that_no_other_refers_to(left_out: str, tmp_path: Path):
    data, out = write_folder(tmp_path / "data"), Console(file=(tmp_path / "out").open("w"), width=100)
    (data / left_out).unlink()
    scene = prepare_own(tmp_path / "demo", data, None, out, date(2022, 9, 5))
    out.file.close()
    scene.core.engine.dispose()
    assert f"{0 if left_out == 'sales.csv' else 6} sales of" in (tmp_path / "out").read_text()


def test_a_demo_starts_with_people_alone(tmp_path: Path):
    data, out = tmp_path / "data", Console(file=(tmp_path / "out").open("w"), width=100)
    data.mkdir()
    (data / "people.csv").write_text("email,name,role,partner_id\nadmin@example.com,Admin,admin,\n")
    scene = prepare_own(tmp_path / "demo", data, None, out, date(2022, 9, 5))
    out.file.close()
    scene.core.engine.dispose()
    assert [each.email for each in scene.people] == ["admin@example.com", "eve@example.com"]
    assert "0 sales of 0 partners" in (tmp_path / "out").read_text()


@pytest.mark.parametrize("only", ["sales.csv", "agreements.csv"])
def test_a_demo_of_files_whose_partners_are_missing_names_the_cells(only: str, tmp_path: Path):
    data, out = tmp_path / "data", Console(file=(tmp_path / "out").open("w"), width=100)
    data.mkdir()
    shutil.copy(write_folder(tmp_path / "all") / only, data)
    with pytest.raises(BadData, match="partner"):
        prepare_own(tmp_path / "demo", data, None, out, date(2022, 9, 5))
    out.file.close()
