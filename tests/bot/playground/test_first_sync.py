"""The demo can start from a HubSpot portal on this machine, and ends in the same ledger as from files."""

from pathlib import Path

import pytest
from rich.console import Console

from bot.playground.demo_setup import DemoSetup, prepare
from tests.support.synced_portal import ledger

pytestmark = pytest.mark.slow


def prepared(folder: Path, out: Console, *, from_hubspot: bool) -> DemoSetup:
    folder.mkdir()
    return prepare(folder, out, from_hubspot=from_hubspot)


def test_a_demo_synced_with_a_failing_portal_has_the_ledger_of_the_files(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        out = Console(file=file, width=200)
        synced = prepared(tmp_path / "hubspot", out, from_hubspot=True)
        from_files = prepared(tmp_path / "files", out, from_hubspot=False)
    ledgers = [ledger(each.core.engine) for each in (synced, from_files)]
    open_deals = [each.pop("pipeline_deal") for each in ledgers]
    assert ledgers[0] == ledgers[1]
    assert all(open_deals), "the portal has open deals of its own"
    assert {each.email for each in synced.people} == {each.email for each in from_files.people}
    said = (tmp_path / "out").read_text()
    for words in ("(rate limited): read again", "(cut short): read again", "(server error): read again"):
        assert words in said
    assert "nothing has changed and nothing was written" in said
    for each in (synced, from_files):
        each.core.engine.dispose()
