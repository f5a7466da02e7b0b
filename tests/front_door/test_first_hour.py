"""From an empty database to a right /tier, with nothing but docs/getting-your-data.md."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from bot.cli.main import app
from bot.playground.local_slack.answer import Answer
from bot.playground.local_slack.screen import Shown
from bot.playground.local_slack.server import Slack
from bot.settings import Settings
from bot.wiring import create_core
from tests.support.served_bot import TODAY, WORKSPACE, Clock, ServedBot, connected_bot, text_of
from tests.support.waiting import TIMEOUT, wait_until

RUN = CliRunner()
PAGE = (Path(__file__).parents[2] / "docs" / "getting-your-data.md").read_text()


def sample(name: str) -> str:
    """The page's sample rows of a file: the first CSV block under a line that names it."""
    found = re.search(rf"`{re.escape(name)}`[^\n]*\n\n```csv\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


def spreadsheet(text: str) -> bytes:
    """Rows of text as an .xlsx file."""
    book = Workbook()
    for row in text.splitlines():
        book.active.append(row.split(","))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def doctor() -> list[str]:
    """The lines of `tierbot doctor` about the first steps."""
    done = await asyncio.to_thread(RUN.invoke, app, ["doctor"], env={"COLUMNS": "400"})
    lines = done.stdout.splitlines()
    return [each for each in lines if "first steps" in each]


async def window(tierbot: ServedBot, doing: Awaitable[Answer], says: str) -> Shown:
    """The admin's window once it says this. Home may be shown again before, because the data has changed."""
    await doing

    def is_there() -> bool:
        shown = tierbot.slack.modal("admin")
        return shown is not None and says in f"{shown.text} {text_of(shown)}"

    await wait_until(is_there, f"a window that says {says!r}")
    found = tierbot.slack.modal("admin")
    assert found
    return found


@pytest.fixture
async def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServedBot]:
    """The bot over an empty database. Its command line uses the same one."""
    url = f"sqlite:///{tmp_path}/tierbot.db"
    monkeypatch.setenv("TIERBOT_DATABASE_URL", url)
    monkeypatch.setenv("TIERBOT_TODAY", TODAY.isoformat())
    core = create_core(Settings(database_url=url, today=TODAY, port=0), may_create=True)
    async with Slack(workspace=WORKSPACE, patience=TIMEOUT, ack_seconds=TIMEOUT) as slack:
        clock = Clock(datetime(2022, 9, 5, 12, tzinfo=UTC))
        bot = connected_bot(core, slack, clock)
        await bot.start()
        slack.bot_url = f"http://127.0.0.1:{bot.port}/slack/events"
        yield ServedBot(slack, bot, core, clock)
        await bot.stop()
    core.engine.dispose()


async def become_admin(tierbot: ServedBot) -> None:
    """Run the command that /tier says, with an e-mail of one's own."""
    said = text_of(await tierbot.slack.command("admin", "/tier"))
    command = re.search(r"tierbot (link .* --admin)", said)
    assert command, said
    arguments = command[1].replace("YOUR-E-MAIL", "admin@example.com").split()
    assert (await asyncio.to_thread(RUN.invoke, app, arguments)).exit_code == 0


async def dropped(tierbot: ServedBot, files: dict[str, bytes], text: str = "") -> str:
    """Drop files as the admin and press Import; what the card says then."""
    card = await tierbot.slack.share("admin", files, text)
    assert "Nothing is stored yet." in text_of(card), text_of(card)
    return text_of(await tierbot.slack.click("admin", card.message, "Import"))


async def test_the_first_admin_is_led_from_step_to_step(empty: ServedBot):
    assert "1 Connect people: nobody is listed yet (next)" in (await doctor())[0]
    await become_admin(empty)
    said = text_of(await empty.slack.command("admin", "/tier"))
    assert "Set up tierbot. Next: bring your data." in said
    assert "✅ 1 Connect people: 1 of 1 person linked" in said
    assert "2 Bring your data: 0 partners" in said
    assert "3 Set the tier table: " in said
    assert "thresholds not set" in said
    home = (await empty.slack.open_home("admin")).view
    assert "Next: bring your data." in text_of(home)
    assert "You have 0 partners" not in text_of(home)
    ways = await window(empty, empty.slack.click("admin", home, "Bring data"), "Three ways")
    assert "drop a CSV or Excel file in the messages with me" in text_of(ways)
    await empty.slack.close_view("admin", ways)
    table = await window(empty, empty.slack.click("admin", home, "Set the table"), "Tier table")
    assert table.text == "Tier table"
    assert [each.split(":")[1].strip()[:1] for each in await doctor()] == ["2", "3", "4"]


async def test_a_stranger_gets_no_command_once_somebody_is_linked(empty: ServedBot):
    await become_admin(empty)
    said = text_of(await empty.slack.command("eve", "/tier"))
    assert "I don't know who you are yet." in said
    assert "tierbot link" not in said


async def test_an_invitation_is_one_click_and_a_partner_gets_in_by_it(empty: ServedBot):
    await become_admin(empty)
    await dropped(empty, {"partners.csv": sample("partners.csv").encode()})
    await dropped(empty, {"people.csv": sample("people.csv").encode()})
    home = (await empty.slack.open_home("admin")).view
    form = await window(empty, empty.slack.click("admin", home, "Invite someone"), "Invite")
    code = text_of(
        await window(empty, empty.slack.submit_view("admin", form, {"field": "ana@example.com"}), "links whoever")
    )
    code = re.search(r"(\S+) links whoever types it", code)[1]
    assert "Welcome, Ana" in text_of(await empty.slack.command("ana", "/tier", f"link {code}"))


async def test_a_spreadsheet_with_foreign_headers_leads_to_a_right_tier(empty: ServedBot):
    await become_admin(empty)
    ours = {name: sample(name).encode() for name in ("partners.csv", "tiers.csv", "people.csv")}
    assert "Imported" in await dropped(empty, ours)
    card = await empty.slack.share("admin", {"Verkäufe.xlsx": spreadsheet(sample("Verkäufe.xlsx"))})
    assert "it doesn't say everything" in text_of(card)
    assert "partner_id=P001 motion=sourced currency=EUR" in text_of(card)
    done = await dropped(
        empty, {"Verkäufe.xlsx": spreadsheet(sample("Verkäufe.xlsx"))}, "partner_id=P001 currency=USD motion=sourced"
    )
    assert "Imported Verkäufe.xlsx" in done
    said = text_of(await empty.slack.command("admin", "/tier"))
    assert "Sold 225 (sourced 225, assisted 0)" in said  # US$7,500 at 3 points per US$100
    assert said.count("ot set") == 1, "one line on what is not set"


async def test_the_commands_of_the_page_import_the_same_on_the_server(empty: ServedBot, tmp_path: Path):
    folder = tmp_path / "FOLDER"
    folder.mkdir()
    for name in ("partners.csv", "tiers.csv", "people.csv"):
        (folder / name).write_text(sample(name))
    (tmp_path / "Verkäufe.xlsx").write_bytes(spreadsheet(sample("Verkäufe.xlsx")))
    commands = re.findall(r"^tierbot (import (?:FOLDER|Verkäufe\.xlsx).*)$", PAGE, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        found = command.replace("FOLDER", str(folder)).replace("Verkäufe.xlsx", str(tmp_path / "Verkäufe.xlsx"))
        done = await asyncio.to_thread(RUN.invoke, app, found.split())
        assert done.exit_code == 0, done.output
    await become_admin(empty)
    assert "Sold 225 (sourced 225, assisted 0)" in text_of(await empty.slack.command("admin", "/tier"))


async def typed(tierbot: ServedBot, what: str, values: dict[str, str], client: str = "") -> str:
    """Type an entry as the admin in the window that /tier add opens, and save it; what the window says before."""
    slack = tierbot.slack
    form = await window(tierbot, slack.command("admin", "/tier", f"add {what}"), f"Add a {what}")
    if client:
        [found] = (await slack.options("admin", form, "client_id", client)).options
        values = {**values, "client_id": found["value"]}
    checked = await window(tierbot, slack.submit_view("admin", form, values), "Check")
    saved = await window(tierbot, slack.submit_view("admin", checked), "Saved")
    await slack.close_view("admin", saved)
    return text_of(checked)


async def test_entries_typed_in_slack_lead_to_a_right_tier(empty: ServedBot):
    await become_admin(empty)
    home = (await empty.slack.open_home("admin")).view
    ways = await window(empty, empty.slack.click("admin", home, "Bring data"), "Three ways")
    form = await window(empty, empty.slack.click("admin", ways, "Add a partner"), "Add a partner")
    await empty.slack.close_view("admin", form)
    partner = {"name": "Partner A", "country": "US", "currency": "USD", "joined_on": "2019-01-01"}
    await typed(empty, "partner", partner)
    await typed(empty, "client", {"name": "Acme", "country": "US"})
    deal = {"product_line": "Marketing Hub", "deal_type": "net_new", "motion": "sourced"}
    sale = {**deal, "mrr": "7500", "currency": "USD", "sold_on": "2022-03-01"}
    assert "It will earn 225 sourced points, until 1 Mar 2023." in await typed(empty, "sale", sale, client="Acme")
    said = text_of(await empty.slack.command("admin", "/tier"))
    assert "Sold 225 (sourced 225, assisted 0)" in said
