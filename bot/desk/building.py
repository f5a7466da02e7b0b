"""The page's files, built by Node where it is installed; nothing else of tierbot needs Node."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

WEB = Path(__file__).parents[1] / "playground" / "web"
BUILT = WEB / "dist"
_SOURCES = ("src/*", "*.html", "package-lock.json", "vite.config.js")
_OLDEST_NODE = 20


class NotBuilt(RuntimeError):
    """The page can't be built here; the message says why, and what to do."""


def built_page(tell: Callable[[str], object] = lambda _: None) -> Path:
    """The folder of the built page, built now unless nothing changed since. Raises NotBuilt."""
    if is_current():
        return BUILT
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise NotBuilt("Node isn't installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    if int("0" + version.strip().removeprefix("v").partition(".")[0]) < _OLDEST_NODE:
        raise NotBuilt(f"Node {version.strip()} is older than {_OLDEST_NODE}")
    tell("Building the page (half a minute the first time) …")
    _run(npm, "ci", "--silent", "--no-audit", "--no-fund")
    _run(npm, "run", "--silent", "build", "--", "--logLevel", "error")
    return BUILT


def is_current() -> bool:
    """Whether the page was built since its sources last changed."""
    page = BUILT / "index.html"
    sources = [each for pattern in _SOURCES for each in WEB.glob(pattern)]
    return page.exists() and page.stat().st_mtime >= max(each.stat().st_mtime for each in sources)


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotBuilt(f"{' '.join(command[1:3])} failed: {said[-1] if said else done.returncode}")
