"""Pictures of every surface, as a browser draws it: for the documents, and to look at (`make pictures`).

A tool for developers: it needs Node 20 and Chromium, which nothing else of tierbot does.
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
from bot.playground.demo import opened, prepare
from bot.playground.page.build import BUILT, WEB, built_page
from bot.playground.page.server import PageServer
from bot.playground.terminal import TerminalSession
from bot.playground.world.people import STRANGER

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
ANA, CARLA, EVE = "ana@example.com", "carla@example.com", STRANGER.email
# The picture's name, who, and what they do; the last thing that comes of it is shown.
SURFACES: tuple[tuple[str, str, Sequence[str]], ...] = (
    ("tier", ANA, ["/tier"]),
    ("tier-dollars", ANA, ["/tier dollars"]),
    ("gap", ANA, ["/gap platinum"]),
    ("expiring", ANA, ["/expiring"]),
    ("progress", ANA, ["/progress"]),
    ("progress-numbers", ANA, ["/progress", "click Numbers"]),
    ("clients", ANA, ["/clients"]),
    ("client", ANA, ["/clients", "click Open in Bright Harbor Logistics"]),
    ("changes", ANA, ["/changes 3 months"]),
    ("recalibration", ANA, ["/recalibration"]),
    ("why", ANA, ["/tier", "click Why?", "click Sold"]),
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
    ("digest-status", ANA, ["/digest status"]),
    ("notifications", ANA, ["/digest", "click Notifications"]),
    ("alert", CARLA, ["on 2022-09-14", "advance 1 day"]),
)


class Missing(RuntimeError):
    """A program that is needed is not installed; the message says how to get it."""


async def surfaces(folder: Path) -> list[dict[str, Any]]:
    """What each surface shows, from the real bot on the sample data through the local Slack."""
    out = Console(file=(folder / "out.txt").open("w"), width=100)
    scene, found = prepare(folder / "demo", out), []
    async with opened(scene) as world:
        visit = TerminalSession(world, out)
        for name, email, doings in SURFACES:
            visit.email, visit.front = email, None
            for doing in doings:
                await visit.obey(doing)
            found.append({"name": name, **_shown(visit, doings)})
    scene.core.engine.dispose()
    return found


def _shown(visit: TerminalSession, doings: Sequence[str]) -> dict[str, Any]:
    front = visit.front
    assert front is not None, doings
    view = visit.slack.state.views.find(front.view_id).body if front.where == "modal" else {}
    files = {file.file_id: _inline(file.data or b"") for file in visit.slack.files}
    return {
        "surface": front.where,
        "blocks": front.blocks,
        "alone": front.ephemeral,
        "people": {each.user_id: each.name for each in visit.world.people.values()},
        "command": doings[0] if len(doings) == 1 and doings[0].startswith("/") else None,
        "who": visit.email.partition("@")[0].capitalize(),
        "title": front.text,
        "submit": (view.get("submit") or {}).get("text"),
        "close": (view.get("close") or {}).get("text"),
        "files": files,
    }


def _inline(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _needed(*names: str, how: str) -> str:
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        raise Missing(f"{names[0]} is missing: {how}")
    return found


def _run(*command: str) -> None:
    subprocess.run(command, cwd=WEB, check=True)  # noqa: S603


def main() -> None:
    """Build the page, ask the bot, take the pictures."""
    node = _needed("node", how="install Node 20")
    browser = _needed("chromium", "chromium-browser", "google-chrome", how="apt-get install chromium")
    built_page(print)
    set_up_logging("ERROR")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tierbot-pictures-") as made:
        listed = Path(made) / "surfaces.json"
        listed.write_text(json.dumps(asyncio.run(surfaces(Path(made)))))
        _run(node, "shoot.mjs", browser, str(listed), str(FOLDER))
        asyncio.run(_page(Path(made), node, browser))
    for picture in FOLDER.glob("*.png"):
        _shrink(picture)


async def _page(folder: Path, node: str, browser: str) -> None:
    """Pictures of the page itself, at work."""
    with (folder / "page.txt").open("w") as said:
        scene = prepare(folder / "page", Console(file=said))
    async with opened(scene) as world:
        desk = PageServer(world, BUILT)
        await desk.start(port=0)
        await asyncio.to_thread(_run, node, "page.mjs", browser, desk.url, str(FOLDER))
        await desk.stop()
    scene.core.engine.dispose()


def _shrink(picture: Path) -> None:
    """Fewer colours: a third of the size. Chosen by how far apart they are, so that a small red disc keeps its red."""
    from PIL import Image

    with Image.open(picture) as drawn:
        small = drawn.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(picture, optimize=True)


if __name__ == "__main__":
    try:
        main()
    except Missing as error:
        sys.exit(str(error))
