"""The page in a real browser: what a newcomer does, from the first command to a week's digest."""

import asyncio
import os
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image
from slack_sdk.web.async_client import AsyncWebClient

from bot.charts.lines import COLOURS
from bot.playground.demo import running_world
from bot.playground.page.build import WEB, NotBuilt, built_page
from bot.playground.page.server import PageServer
from bot.playground.world.world import World
from tests.support.contrast import contrast
from tests.support.prepared_demo import prepared_demo

SCRIPT = Path(__file__).parent / "scenarios.mjs"
SCENARIOS = re.findall(r"^  async (\w+)\(page", SCRIPT.read_text(), re.MULTILINE)
SECONDS = 240
START_DAYS = {"a_thread": date(2022, 10, 1)}  # the day before the alert that starts the thread
WITH_PARTNER = {"a_partner_adds_tierbot_to_their_own_slack_and_removes_it"}
REPLY_SOON = date(2022, 10, 30)  # two days before the reply
PLATINUM, CLIENTS = '["gap","platinum","P001"]', '["clients","","P001"]'


def _option(label: str, value: str) -> dict:
    return {"text": {"type": "plain_text", "text": label}, "value": value}


PIE = {
    "type": "data_visualization",
    "title": "Where the points come from",
    "chart": {"type": "pie", "segments": [{"label": "Sold", "value": 270}, {"label": "Managed", "value": 150}]},
}
# Interactive elements other than plain buttons; choosing an option sends a request to the bot.
INTERACTIVE = [
    {
        "type": "section",
        "text": {"type": "plain_text", "text": "Partner A"},
        "accessory": {"type": "overflow", "action_id": "open:more", "options": [_option("Platinum", PLATINUM)]},
    },
    {
        "type": "actions",
        "elements": [
            {
                "type": "static_select",
                "action_id": "open:list",
                "placeholder": {"type": "plain_text", "text": "Look at"},
                "options": [_option("Its clients", CLIENTS), _option("Its gap", PLATINUM)],
            },
            {
                "type": "button",
                "action_id": "open:sure",
                "value": CLIENTS,
                "text": {"type": "plain_text", "text": "Everything"},
                "confirm": {
                    "title": {"type": "plain_text", "text": "All of it?"},
                    "text": {"type": "plain_text", "text": "It is much."},
                    "confirm": {"type": "plain_text", "text": "Yes"},
                    "deny": {"type": "plain_text", "text": "No"},
                },
            },
        ],
    },
]


@pytest.fixture(scope="session")
def built_page_and_browser(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The built page and a browser. Without Node or Chromium the tests are skipped, but never in CI."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    lock = tmp_path_factory.getbasetemp().parent / "building"
    try:
        if browser is None:
            raise NotBuilt("Chromium isn't installed (apt-get install chromium)")
        return _build_under_lock(lock), browser
    except NotBuilt as error:
        if os.environ.get("TIERBOT_BROWSER") == "needed":
            raise
        pytest.skip(f"no page in a browser: {error}")


def _build_under_lock(lock: Path) -> Path:
    """Build the page under a lock, so that no other test process builds it at the same time."""
    import fcntl

    with lock.open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        return built_page()


async def run_scenario(name: str, built_page_and_browser: tuple[Path, str], folder: Path) -> str:
    """The browser's problems with a scenario; empty if all went well."""
    built, browser = built_page_and_browser
    scene = prepared_demo(folder / "demo", START_DAYS.get(name))
    async with running_world(scene, with_partner=name in WITH_PARTNER) as world:
        if name == "a_thread":
            await _advance_to_the_reply(world)
        if name == "every_interactive_element":
            await _post(world, [*INTERACTIVE, PIE])
        server = PageServer(world, built)
        await server.start(port=0)
        process = await asyncio.create_subprocess_exec(
            "node",
            *(str(each) for each in (SCRIPT, name, server.url, browser, WEB, folder)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(SECONDS):
                problems, _ = await process.communicate()
        except TimeoutError:
            pytest.fail(f"the browser didn't end within {SECONDS} s: {name}", pytrace=False)
        finally:
            if process.returncode is None:
                process.kill()
            await server.stop()
    scene.core.engine.dispose()
    return problems.decode() if process.returncode else ""


async def _advance_to_the_reply(world: World) -> None:
    """Send the next day's alert and skip the month until its reply: each of those days takes a quarter of a second,
    or several seconds on a busy machine.
    """
    await world.deliver_due()  # what is red on the first day is recorded without an alert
    async for _ in world.advance(world.day + timedelta(1)):
        pass
    await world.jump_to(REPLY_SOON)
    await world.deliver_due()


async def _post(world: World, blocks: list[dict]) -> None:
    """Post to the first person as the bot."""
    ana = next(iter(world.people.values())).user_id
    client = AsyncWebClient(world.slack.bot_token, base_url=world.slack.api_url)
    dm = await client.conversations_open(users=ana)
    await client.chat_postMessage(channel=dm["channel"]["id"], text="Partner A", blocks=blocks)


@pytest.mark.slow
@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_newcomer_can_use_the_page(name: str, built_page_and_browser: tuple[Path, str], tmp_path: Path):
    if problems := await run_scenario(name, built_page_and_browser, tmp_path):
        pytest.fail(problems, pytrace=False)
    if name == "the_graph":
        light, dark = (set(_colours(tmp_path / f"{each}.png")) for each in ("chart", "chart-dark"))
        lines = {tuple(bytes.fromhex(colour[1:])) for colour in COLOURS[:4]}
        assert lines <= light, "a line for each series"
        assert lines <= dark


def _colours(picture: Path) -> list[tuple[int, int, int]]:
    """The colours of at least a hundred pixels each."""
    with Image.open(picture) as drawn:
        found = drawn.convert("RGB").getcolors(1 << 20) or []
    return [colour for count, colour in found if count >= 100 and isinstance(colour, tuple)]


def test_the_page_and_the_pictures_draw_a_series_in_the_same_colour():
    css = (WEB / "src" / "shell.css").read_text()
    assert re.findall(r"--series-\d: (#[0-9a-f]{6})", css) == list(COLOURS)


def test_every_text_has_enough_contrast_in_both_themes():
    """At least 4.5 to 1 (WCAG 2, AA)."""
    css = (WEB / "src" / "shell.css").read_text()
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css.partition('[data-theme="dark"]')[0]))
    dark = light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css.partition('[data-theme="dark"]')[2]))
    pairs = [(text, ground) for text in ("text", "quiet", "link", "danger") for ground in ("page", "soft")]
    pairs += [("side-text", "side"), ("side-quiet", "side"), ("on-text", "on"), ("go-text", "go"), ("link", "mention")]
    for theme in (light, dark):
        for text, ground in pairs:
            assert contrast(theme[text], theme[ground]) >= 4.5, (text, theme[text], ground, theme[ground])
