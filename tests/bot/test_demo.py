"""The demo answers the questions through signed HTTP, then obeys what is typed."""

from datetime import date
from pathlib import Path

from rich.console import Console

from bot.demo import SHOWN_FIRST, opened, prepare


async def test_the_demo_shows_the_roadmaps_partner_and_lets_one_be_anyone_on_any_day(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    core, people = prepare(tmp_path, out)
    async with opened(core, people, out, date(2022, 9, 5)) as desk:
        for email, line in SHOWN_FIRST:
            desk.email = email
            await desk.type(line)
        for line in ("as carla", "/tier", "choose Partner A", "click Gap", "on 2026-11-23", '/tier "Partner A"', "who"):
            assert await desk.obey(line)
        assert await desk.obey("as nobody")
        assert await desk.obey("on someday")
        assert not await desk.obey("quit")
        assert not desk.slack.journal.errors
    out.file.close()
    shown = (tmp_path / "out").read_text()
    assert shown.count("Partner A: 225.00 points to Platinum") >= 4
    assert "Then 225.00 points of any kind" in shown
    assert "Platinum's sold minimum turns red on 21 Sep 2022: 232.50 of 270.00." in shown
    assert "Which partner?" in shown
    assert "rules of 2026b" in shown
    assert "SAMPLE thresholds, invented for the demo" in shown
    core.engine.dispose()


async def test_every_person_of_the_sample_gets_an_answer_that_slack_would_show(tmp_path: Path):
    out = Console(file=(tmp_path / "out").open("w"), width=100)
    core, people = prepare(tmp_path, out)
    async with opened(core, people, out, date(2022, 9, 5)) as desk:
        admin = "admin.example.com"
        for partner in [f"P{number:03d}" for number in range(1, 41)]:
            for word in ("/tier", "/gap", "/expiring", "/progress"):
                for day in (date(2022, 9, 5), date(2018, 6, 1), date(2021, 6, 1), date(2024, 5, 1), date(2026, 11, 23)):
                    desk.day = day
                    answer = await desk.slack.command(admin, word, f'"{partner}"', wait=0)
                    assert answer.sent.error is None, (partner, word, day, answer.sent.problems)
        assert not desk.slack.journal.errors
    out.file.close()
    core.engine.dispose()
