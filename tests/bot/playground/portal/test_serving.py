"""A portal with a folder's facts can be served, to try `tierbot sync hubspot` with."""

import asyncio
import re
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.playground.portal.__main__ import main
from tests.support.portals import invented_rows, write_rows
from tests.support.process import PATIENCE
from tests.support.waiting import within


@pytest.mark.slow
async def test_a_folder_is_served_and_the_settings_to_read_it_with_are_printed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.playground.portal", str(write_rows(invented_rows(), tmp_path))]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        said = (await within(process.stdout.readline(), "the address is printed", PATIENCE)).decode()
        found = re.fullmatch(r"export TIERBOT_HUBSPOT_URL=(\S+) TIERBOT_HUBSPOT_TOKEN=(\S+)\n", said)
        assert found, said
        headers = {"Authorization": f"Bearer {found[2]}"}
        async with (
            aiohttp.ClientSession(found[1], headers=headers) as session,
            session.get("/crm/objects/2026-03/partner_clients") as answer,
        ):
            assert len((await answer.json())["results"]) == 3
    finally:
        process.terminate()
        await process.wait()


def test_a_folder_without_partners_is_refused_with_the_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([str(tmp_path)], []):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("usage: python -m bot.playground.portal [-h] FOLDER") == 2
    assert "has no partners.csv" in said


def test_help_says_what_is_served_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "Serve a HubSpot portal on this machine with the facts of a folder" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())
