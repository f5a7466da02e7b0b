"""The commands of docs/getting-your-data.md, and the figures that it promises for them."""

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from bot.cli.main import app
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import portal_of, rows_of
from bot.playground.sample import write_sample
from tests.support.portal_in_thread import InThread
from tests.support.synced_portal import NO_LIMITS

PAGE = (Path(__file__).parents[2] / "docs" / "getting-your-data.md").read_text()
FENCED = re.findall(r"^ *```text\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
LINES = [line.strip() for block in FENCED for line in block.splitlines()]
COMMANDS = [line for line in (*LINES, *re.findall(r"`(tierbot [^`]+)`", PAGE)) if line.startswith("tierbot ")]
DAY = date(2022, 9, 5)
ASK = "tierbot ask /tier --as ana@example.com --on 2022-09-05"


def options_of(words: list[str]) -> set[str]:
    """The options of the command that the words name."""
    found = typer.main.get_command(app)
    for word in words:
        found = getattr(found, "commands", {}).get(word) or found
    assert not hasattr(found, "commands") or found.name == words[0] == "rules", words
    return {option for each in found.params for option in (*each.opts, *each.secondary_opts)}


def test_every_command_of_the_page_exists_with_its_options():
    assert len(COMMANDS) >= 12
    for command in COMMANDS:
        words = shlex.split(command)[1:]
        assert set(re.findall(r"--[a-z-]+", command)) <= options_of(words), command


def answered(text: str) -> str:
    """The proposed mapping, with the page's answers for the local portal."""
    assert "*Price change* is `increase`, and its *Subscription changes* do say what clients pay" in PAGE
    lines, asked = list[str](), False
    for line in text.splitlines():
        asked = line.startswith("#? ") or (asked and line.startswith("# "))
        is_answer = asked and not line.startswith("#? ")
        lines.append(
            line.removeprefix("# ").replace('"Price change" = "…"', '"Price change" = "increase"')
            if is_answer
            else line
        )
    return "\n".join(lines)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Result]]:
    """Runs a command that the page has, in a folder with the sample data, beside a local portal."""
    data = tmp_path / ".demo" / "data"
    write_sample(data, known=DAY)
    monkeypatch.chdir(tmp_path)

    def run(command: str) -> Result:
        assert command in LINES, command
        return CliRunner().invoke(app, shlex.split(command)[1:])

    with InThread(HubSpot(portal_of(rows_of(data)), limits=Limits(**NO_LIMITS))) as hubspot:
        monkeypatch.setenv("TIERBOT_HUBSPOT_URL", hubspot.url)
        monkeypatch.setenv("TIERBOT_HUBSPOT_TOKEN", hubspot.token)
        yield run


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_local_portal_leads_to_a_right_tier_by_the_pages_commands(
    run: Callable[[str], Result], monkeypatch: pytest.MonkeyPatch
):
    found = run("tierbot sync hubspot --discover --to mapping.toml")
    assert "What only you know (2)" in found.output
    Path("mapping.toml").write_text(answered(Path("mapping.toml").read_text()))
    assert "Dry run: nothing was stored." in run("tierbot sync hubspot --map mapping.toml --dry-run").output
    assert "Stored from HubSpot." in run("tierbot sync hubspot --map mapping.toml").output
    Path("beside").mkdir()
    for name in ("people.csv", "tiers.csv", "certifications.csv"):
        shutil.copy(Path(".demo", "data", name), "beside")
    assert run("tierbot import beside").exit_code == 0
    assert "420 points" in PAGE
    assert "Sold 270 (sourced 189, assisted 81)  +  managed 150" in run(ASK).output
    assert run("tierbot imports").exit_code == 0
    monkeypatch.setenv("TIERBOT_PROGRAM", ".demo/data/program.toml")
    assert "225 points short" in run(ASK).output
