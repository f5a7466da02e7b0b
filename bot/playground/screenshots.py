"""Screenshots of every surface in a browser, for the documentation (`make pictures`).

A tool for developers. Unlike the rest of tierbot, it needs Node 20 and Chromium.
"""

import asyncio
import base64
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.logs import set_up_logging
from bot.playground.demo import running_world
from bot.playground.demo_setup import DemoSetup, prepare, prepare_own
from bot.playground.page.build import BUILT, WEB, built_page
from bot.playground.page.server import PageServer
from bot.playground.sample import DEMO_DAY
from bot.playground.terminal import TerminalSession
from bot.playground.world.people import STRANGER

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
ANA, CARLA, EVE, ADELE = "ana@example.com", "carla@example.com", STRANGER.email, "admin@example.com"
YARA, LIAM, GINA = "yara@example.com", "liam@example.com", "gina@example.com"
Surface = tuple[str, str, Sequence[str]]
PASTED = "Gold: total 320, retention 60%; Platinum: total 680, managed 150 (US$20,000), retention 70%"
CHECKED = (f"fill in table={PASTED} | source=Partner portal",)
SALE = (
    "fill in client_id=Bright Harbor Logistics | product_line=Service Hub Professional | deal_type=Cross-sell | "
    "motion=Sourced | mrr=450 | currency=USD"
)
SALES_HEAD = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n"
# Files that are dropped in the messages with tierbot, by the name in a surface's line: drop NAME
DROPPED = {
    "bad": SALES_HEAD + "N1,P001,C0001,Sales Hub Professional,net_new,Sourced?,1000.000,US$,05/09/2022\n",
    "good": SALES_HEAD + "N1,P001,C0001,Sales Hub Professional,net_new,sourced,450.00,USD,2022-09-05\n",
    "deal": SALES_HEAD + "N9,P001,C0001,Sales Hub Professional,cross_sell,sourced,8000.00,USD,2022-09-10\n",
    "foreign": "Datum,Kunde,Produkt,Monatsbetrag,Art,Land\n"
    "2022-03-01,Müller GmbH,Marketing Hub Professional,5000,Neukunde,DE\n",
}
# The picture's name, the person, and what they do; the picture shows the last result.
SURFACES: tuple[Surface, ...] = (
    ("tier", ANA, ["/tier"]),
    ("tier-dollars", ANA, ["/tier dollars"]),
    ("gap", ANA, ["/gap platinum"]),
    ("whatif", ANA, ["/whatif sell 8,000 sourced Marketing Hub to Dune 20 Sep and lose Alder"]),
    ("whatif-window", ANA, ["/whatif sell 8,000 sourced Dune 20 Sep", "click Change it"]),
    ("whatif-answered", ANA, ["/tier", "click Try a what-if", "fill in mrr_0=7,500 | motion_0=Sourced"]),
    ("whatif-kept", ANA, ["/whatif sell 8,000 sourced Dune 20 Sep", "click Keep as pipeline"]),
    ("expiring", ANA, ["/expiring"]),
    ("progress", ANA, ["/progress"]),
    ("pipeline", ANA, ["/pipeline"]),
    ("pipeline-deal", ANA, ["/pipeline", "click Open in Bright Harbor Logistics"]),
    ("add-a-deal", ANA, ["/tier add deal"]),
    ("progress-numbers", ANA, ["/progress", "click Numbers"]),
    ("clients", ANA, ["/clients"]),
    ("client", ANA, ["/clients", "click Open in Bright Harbor Logistics"]),
    ("changes", ANA, ["/changes 3 months"]),
    ("recalibration", ANA, ["/recalibration"]),
    ("why", ANA, ["/tier", "click Why?", "click Sold"]),
    ("why-retention", CARLA, ['/why retention "Rheinbogen Digital"']),
    ("why-awards", ANA, ["/why awards"]),
    ("plan", ANA, ["/plan platinum by 15 jan"]),
    ("plan-none", ANA, ["/plan elite by 15 jan"]),
    ("convert", ANA, ["/convert €5,000 assisted"]),
    ("help", ANA, ["/tier help"]),
    ("did-you-mean", ANA, ["/gap platnum"]),
    ("which-partner", CARLA, ["/tier"]),
    ("not-linked", EVE, ["/tier"]),
    ("home-not-linked", EVE, ["home"]),
    ("asked-to-be-linked", EVE, ["/tier link"]),
    ("progress-in-a-window", ANA, ["/clients", "click Open in Bright Harbor Logistics", "click Progress"]),
    ("home-performance", ANA, ["home", "click Tier performance"]),
    ("home-points", ANA, ["home", "click Points breakdown"]),
    ("home-insights", ANA, ["home", "click Tier insights"]),
    ("home-of-a-cam", CARLA, ["home"]),
    ("contact", ANA, ["home", "click Contact my CAM or CC"]),
    ("whats-new", ANA, ["home", "click What's new"]),
    ("feedback", ANA, ["home", "click Send feedback"]),
    ("digest", ANA, ["/digest"]),
    ("digest-expiry", ANA, ["/digest expiry"]),
    ("digest-of-a-cam", CARLA, ["/digest"]),
    ("digest-quiet-partners", CARLA, ["/digest portfolio quiet"]),
    ("portfolio", CARLA, ["/portfolio"]),
    ("portfolio-at-risk", CARLA, ["/portfolio at risk by days"]),
    ("portfolio-close", CARLA, ["/portfolio close tier gold by points"]),
    ("portfolio-of-one-cam", ADELE, ["/portfolio at risk carla"]),
    ("portfolio-compare", CARLA, ["/portfolio compare P001 P007 P013"]),
    ("portfolio-mistyped", CARLA, ["/portfolio at rsk"]),
    ("digest-progress", ANA, ["/digest progress"]),
    ("digest-status", ANA, ["/digest status"]),
    ("notifications", ANA, ["/digest", "click Notifications"]),
    ("add-a-sale", ANA, ["/tier add sale"]),
    ("own-entries", ANA, ["/tier add"]),
    ("sale-read-back", ANA, ["/tier add sale", SALE]),
    ("proposal", CARLA, ["as ana", "/tier add sale", SALE, "fill in", "as carla", "messages"]),
    ("doesnt-match", ANA, ["/tier", "click Doesn't match?"]),
    ("explanations", ANA, ["/tier", "click Doesn't match?", "fill in shown=384"]),
    ("case", CARLA, ["messages"]),
    ("file-bad", ADELE, ["drop bad"]),
    ("file", ADELE, ["drop good"]),
    ("file-open", CARLA, ["drop foreign"]),
    ("alert", CARLA, ["on 2022-09-16", "advance 1 day"]),
    ("tier-setup", ADELE, ["/tier setup"]),
    ("tier-setup-checked", ADELE, ["/tier setup", *CHECKED]),
    ("tier-setup-card", ADELE, ["/tier setup", *CHECKED, "fill in", "as astrid", "messages"]),
    ("tier-setup-applied", ADELE, ["as astrid", "messages", "click Approve", "as admin", "messages"]),
)
ALERTS_ON = ["/digest alerts on", "as liam", "/digest alerts on", "as gina", "/digest alerts on", "as yara"]
CREDIT_DAYS = (
    ("credit-day-gained", ADELE, ["on 2022-09-13", "drop deal", "click Import", "as ana", "advance 2 days"]),
    ("recalibration-30-days", YARA, ["on 2022-12-14", *ALERTS_ON, "advance 2 days"]),
    ("recalibration-lost", YARA, ["on 2023-01-14", "advance 1 day"]),
    ("recalibration-protected", LIAM, ["messages"]),
    ("recalibration-kept", GINA, ["messages"]),
    ("recalibration-at-risk", ANA, ["messages"]),
    ("recalibration-not-judged", CARLA, ["messages"]),
    ("recalibration-past", GINA, ["/recalibration"]),
    ("recalibration-next", GINA, ["/recalibration next"]),
)
EMPTY = (("first-steps", ADELE, ["home"]), ("bring-data", ADELE, ["home", "click Bring data"]))
SYNCED = (("home-synced", ADELE, ["home"]),)


class Missing(RuntimeError):
    """A required program isn't installed; the message says how to get it."""


async def surfaces(folder: Path) -> list[dict[str, Any]]:
    """The contents of each surface, from the real bot through the local Slack: on the sample data, over half a year of
    it, in an empty installation, and synced with a local HubSpot.
    """
    out = Console(file=(folder / "out.txt").open("w"), width=100)
    alone = folder / "alone"
    alone.mkdir()
    (alone / "people.csv").write_text(f"email,name,role,partner_id\n{ADELE},Adele Admin,admin,\n")
    empty = prepare_own(folder / "empty", alone, None, out, DEMO_DAY)
    synced = await asyncio.to_thread(prepare, folder / "synced", out, from_hubspot=True)
    shown = await _surfaces(prepare(folder / "demo", out), SURFACES, out)
    shown += await _surfaces(prepare(folder / "credit-days", out), CREDIT_DAYS, out)
    return [*shown, *await _surfaces(empty, EMPTY, out), *await _surfaces(synced, SYNCED, out)]


async def _surfaces(setup: DemoSetup, listed: Sequence[Surface], out: Console) -> list[dict[str, Any]]:
    contents = []
    async with running_world(setup) as world:
        session = TerminalSession(world, out)
        for name, email, lines in listed:
            session.email, session.front = email, None
            for line in lines:
                await _run_line(session, line)
            contents.append({"name": name, **_shown(session, lines)})
    setup.core.engine.dispose()
    return contents


async def _run_line(session: TerminalSession, line: str) -> None:
    verb, _, rest = line.partition(" ")
    if verb == "drop":
        await session.drop("sales.csv", DROPPED[rest].encode())
    else:
        await session.run(line)


def _shown(session: TerminalSession, lines: Sequence[str]) -> dict[str, Any]:
    front = session.front
    assert front is not None, lines
    view = session.slack.state.views.find(front.view_id).body if front.where == "modal" else {}
    files = {file.file_id: _inline(file.data or b"") for file in session.slack.files}
    return {
        "surface": front.where,
        "blocks": front.blocks,
        "alone": front.ephemeral,
        "people": {each.user_id: each.name for each in session.world.people.values()},
        "command": lines[0] if len(lines) == 1 and lines[0].startswith("/") else None,
        "who": session.email.partition("@")[0].capitalize(),
        "title": front.text,
        "submit": (view.get("submit") or {}).get("text"),
        "close": (view.get("close") or {}).get("text"),
        "files": files,
    }


def _inline(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _required(*names: str, how: str) -> str:
    path = next((path for path in map(shutil.which, names) if path), None)
    if path is None:
        raise Missing(f"{names[0]} is missing: {how}")
    return path


def _run(*command: str) -> None:
    subprocess.run(command, cwd=WEB, check=True)  # noqa: S603


def main() -> None:
    """Build the page, run the bot, take the screenshots."""
    node = _required("node", how="install Node 20")
    browser = _required("chromium", "chromium-browser", "google-chrome", how="apt-get install chromium")
    built_page(print)
    set_up_logging("ERROR")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tierbot-pictures-") as folder:
        listed = Path(folder) / "surfaces.json"
        listed.write_text(json.dumps(asyncio.run(surfaces(Path(folder)))))
        _run(node, "shoot.mjs", browser, str(listed), str(FOLDER))
        for script in ("page.mjs", "workspaces.mjs"):
            asyncio.run(_page(Path(folder), node, browser, script))
    for picture in FOLDER.glob("*.png"):
        _shrink(picture)


async def _page(folder: Path, node: str, browser: str, script: str) -> None:
    """Screenshots of the whole page in use, with a partner's workspace where the script is about it."""
    with (folder / f"{script}.txt").open("w") as log:
        setup = prepare(folder / script, Console(file=log))
    async with running_world(setup, with_partner=script == "workspaces.mjs") as world:
        page = PageServer(world, BUILT)
        await page.start(port=0)
        await asyncio.to_thread(_run, node, script, browser, page.url, str(FOLDER))
        await page.stop()
    setup.core.engine.dispose()


def _shrink(picture: Path) -> None:
    """Reduce the colours, for a third of the size. MAXCOVERAGE keeps even a small red disc red."""
    from PIL import Image

    with Image.open(picture) as drawn:
        small = drawn.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(picture, optimize=True)


if __name__ == "__main__":
    try:
        main()
    except Missing as error:
        sys.exit(str(error))
