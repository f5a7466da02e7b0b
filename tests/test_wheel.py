"""The wheel, installed with pip in a fresh environment away from the repository, is the whole product.

`make thorough` installs what it depends on; `make test` links what is installed here, at the same versions and hashes.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from urllib.request import urlopen

import pytest
from packaging.requirements import Requirement

from bot.release_notes import releases

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "scheduler", "tiercore")
PAGES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "CHANGELOG.md", "docs/roadmap.md")
DIST = Path("bot", "playground", "page", "web", "dist")
LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "dist")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Installed:
    """A fresh environment with only the pinned dependencies, and a working folder."""

    environment: Path
    folder: Path

    def install(self, wheel: Path) -> None:
        """Replace the installed wheel with this one."""
        self.pip("install", "--quiet", "--no-deps", "--no-compile", "--force-reinstall", wheel)
        self.pip("check")

    def pip(self, *words: object) -> None:
        """Our pip, at work on this environment, which needs none of its own."""
        pip = (
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--python",
            self.environment / "bin" / "python",
        )
        run_process(*pip, *words, cwd=self.folder)

    def tierbot(self, *words: str, typed: str = "") -> str:
        """The command's output."""
        return run_process(self.environment / "bin" / "tierbot", *words, cwd=self.folder, typed=typed)


def run_process(*command: object, cwd: Path, typed: str = "") -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, input=typed, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wheel_of(tmp_path: Path, *, page: bool) -> Path:
    """A wheel built from a copy of the repository's files, with or without the built page."""
    source = tmp_path / f"source-{page}"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=LEFT_OUT)
    for name in PAGES:
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    if page:
        lay_page(source / DIST)
    folder = tmp_path / f"wheel-{page}"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps")
    run_process(*pip, "--no-build-isolation", "--wheel-dir", folder, source, cwd=tmp_path)
    [wheel] = folder.iterdir()
    return wheel


def lay_page(dist: Path) -> None:
    """The page as built by Node, or a placeholder of the same shape."""
    if (ROOT / DIST / "index.html").is_file():
        shutil.copytree(ROOT / DIST, dist)
        return
    (dist / "assets").mkdir(parents=True)
    (dist / "assets" / "index.js").write_text("")
    (dist / "index.html").write_text('<title>tierbot demo</title><script src="./assets/index.js"></script>')


def pinned_in(name: str) -> dict[str, str]:
    """The requirements of a file that are for this system, each with its hashes, by name and version."""
    found = re.split(r"\n(?=\S)", (ROOT / "requirements" / name).read_text().strip())
    known = ((Requirement(each.partition("\\")[0]), each) for each in found)
    return {f"{it.name}{it.specifier}": each for it, each in known if it.marker is None or it.marker.evaluate()}


def link_installed(requirements: Iterable[str], folder: Path) -> None:
    """Link these distributions, at these versions, into a folder of packages."""
    for name, version in (each.split("==") for each in requirements):
        there = distribution(name)
        assert there.version == version, f"{name} {there.version} is installed, not {version}"
        for top in {each.parts[0] for each in there.files or ()} - {"..", "__pycache__"}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(there.locate_file(top))))


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> Installed:
    """An environment with this Python version."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    environment, folder = tmp_path / "environment", tmp_path / "elsewhere"
    folder.mkdir()
    venv.create(environment)
    installed = Installed(environment, folder)
    if pytestconfig.getoption("--thorough"):
        pinned = ROOT / "requirements" / "run.txt"
        installed.pip("install", "--quiet", "--no-compile", "--require-hashes", "-r", pinned)
    else:
        [packages] = environment.glob("lib/python*/site-packages")
        link_installed(pinned_in("run.txt"), packages)
    return installed


def test_an_installation_has_the_versions_that_were_tested():
    """By hash: what `make` installs for developers contains what operators install."""
    tested = pinned_in("dev.txt")
    assert len(pinned_in("run.txt")) > 50
    for name, requirement in pinned_in("run.txt").items():
        assert tested.get(name) == requirement, name


@pytest.fixture
def serving(fresh: Installed) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are terminated with the test."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def test_an_installed_wheel_runs_the_demo_from_any_folder(
    tmp_path: Path, fresh: Installed, serving: list[subprocess.Popen[str]]
):
    without_page, with_page = wheel_of(tmp_path, page=False), wheel_of(tmp_path, page=True)
    for name in PACKAGES:
        assert f"{name}/py.typed" in zipfile.ZipFile(with_page).namelist()

    fresh.install(without_page)
    assert re.fullmatch(r"tierbot \d+\.\d+\.\d+\n", fresh.tierbot("--version"))
    shown = fresh.tierbot("demo", typed="/tier\nhome\nclick What's new\nquit\n")
    assert "No page in the browser: This installation came without it" in shown
    assert shown.count("225 points to Platinum") >= 2
    assert releases()[0][0] in shown
    line = next(line for _, lines in releases() for line in lines)
    assert " ".join(line.split()[:8]) in " ".join(shown.split())

    fresh.install(with_page)
    command = [fresh.environment / "bin" / "tierbot", "demo", "--port", "0", "--stay"]
    process = subprocess.Popen(
        command, cwd=fresh.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=os.environ
    )
    serving.append(process)
    address = served_at(process)
    page = urlopen(address, timeout=30).read().decode()
    assert "<title>tierbot demo</title>" in page
    [script] = re.findall(r'<script[^>]* src="\./(assets/[^"]+\.js)"', page)
    assert urlopen(address + script, timeout=30).status == 200
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


def served_at(process: "subprocess.Popen[str]") -> str:
    """The URL that the demo prints."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            return found[0]
    raise AssertionError("the demo ended without an address")
