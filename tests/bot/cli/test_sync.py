"""`tierbot sync hubspot` says in the operator's words what it waits for, and what is kept when it is stopped."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.playground.local_hubspot.faults import meanwhile, server_error
from bot.playground.local_hubspot.limits import Limits
from bot.playground.local_hubspot.server import HubSpot
from bot.playground.portal import MAPPING, portal_of
from tests.support.portal_in_thread import InThread
from tests.support.portals import invented_rows
from tests.support.process import PATIENCE
from tests.support.synced_portal import NO_LIMITS
from tests.support.waiting import within

RUN = CliRunner()
SYNC = ["sync", "hubspot", "--map", str(MAPPING)]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new database."""
    monkeypatch.setenv("TIERBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'tierbot.db'}")
    monkeypatch.setenv("TIERBOT_HUBSPOT_TOKEN", "pat-local")


def test_a_call_that_is_tried_again_is_told_in_a_line(environment: None, monkeypatch: pytest.MonkeyPatch):
    with InThread(HubSpot(portal_of(invented_rows()), limits=Limits(**NO_LIMITS))) as hubspot:
        monkeypatch.setenv("TIERBOT_HUBSPOT_URL", hubspot.url)
        hubspot.faults.at(1, server_error(503), "deals.list")
        done = RUN.invoke(app, SYNC)
    assert done.exit_code == 0, done.output
    assert "HubSpot doesn't give deals: it fails with status 503. Trying again." in done.output
    assert "stamina" not in done.output
    assert "callable" not in done.output


@pytest.mark.slow
async def test_ctrl_c_says_what_is_kept_and_the_next_sync_goes_on(environment: None, tmp_path: Path):
    processes = list[asyncio.subprocess.Process]()
    async with HubSpot(portal_of(invented_rows()), limits=Limits(**NO_LIMITS)) as hubspot:
        hubspot.faults.at(1, meanwhile(lambda: processes[0].send_signal(signal.SIGINT)), "line_items.list")
        command = [str(Path(sys.executable).parent / "tierbot"), *SYNC]
        environ = {**os.environ, "TIERBOT_HUBSPOT_URL": hubspot.url}
        said = list[str]()
        for _ in range(2):
            process = await asyncio.create_subprocess_exec(
                *command, env=environ, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
            )
            processes.append(process)
            output, _ = await within(process.communicate(), "the sync ends", PATIENCE)
            said.append(output.decode())
    assert [each.returncode for each in processes] == [130, 0], said
    assert re.search(r"Stopped: what was read is kept \(\d+ records\); run it again to go on\.", said[0])
    assert "Traceback" not in said[0]
    assert "Stored from HubSpot." in said[1]
