"""Build the page's files with Node, which nothing else in tierbot needs."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

WEB = Path(__file__).parent / "web"
BUILT = WEB / "dist"
PAGE = BUILT / "index.html"
_SOURCES = ("src/*", "*.html", "package-lock.json", "vite.config.js")
_OLDEST_NODE = 20


class NotBuilt(RuntimeError):
    """The page can't be built here; the message says why, and what to do."""


def built_page(report: Callable[[str], object] = lambda _: None) -> Path:
    """The folder of the built page. In an installation, it came with the package; with the sources, it is built now
    unless it is up to date. Raises NotBuilt.
    """
    if not _has_sources():
        if not _is_built():
            raise NotBuilt("This installation came without it: it was packaged where Node wasn't installed.")
        return BUILT
    if is_current():
        return BUILT
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise NotBuilt(f"Node isn't installed. Install Node {_OLDEST_NODE} to build the page.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    if int("0" + version.strip().removeprefix("v").partition(".")[0]) < _OLDEST_NODE:
        raise NotBuilt(f"Node {version.strip()} is too old: the page needs Node {_OLDEST_NODE} to be built.")
    report("Building the page (half a minute the first time) …")
    _run(npm, "ci", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000")
    _run(npm, "run", "build", "--", "--logLevel", "error")
    return BUILT


def is_current() -> bool:
    """Whether the page was built since its sources last changed."""
    sources = [each for pattern in _SOURCES for each in WEB.glob(pattern)]
    return _is_built() and PAGE.stat().st_mtime >= max(each.stat().st_mtime for each in sources)


def _has_sources() -> bool:
    return (WEB / "package-lock.json").is_file()


def _is_built() -> bool:
    return PAGE.is_file()


def _run(npm: str, *command: str) -> None:
    done = subprocess.run([npm, "--loglevel=error", *command], cwd=WEB, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = [each for each in (done.stderr or done.stdout).splitlines() if each.strip()]
        why = "\n".join(lines[:6])
        raise NotBuilt(f"npm {command[0]} failed in {WEB}:\n{why}\n")


if __name__ == "__main__":
    try:
        print(f"The page is in {built_page(print)}.")
    except NotBuilt as error:
        print(f"No page: {error}")
