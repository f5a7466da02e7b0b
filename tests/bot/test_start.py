"""What a start imports: libraries that only some installations or commands need wait until they are needed."""

import subprocess
import sys

import pytest

_SERVE = "from bot.cli.start import import_serving; import_serving()"
_HELP = """
from bot.cli.main import main
import sys
sys.argv = ["tierbot", "--help"]
try:
    main()
except SystemExit:
    pass
"""
_WAITING = "psycopg psycopg_pool alembic stamina tenacity matplotlib polars typer defusedxml".split()
_OF_COMMANDS = "bot.settings sqlalchemy pydantic aiohttp slack_bolt asyncio".split()


def imported_after(code: str) -> set[str]:
    """The modules that a new process has imported after the code."""
    listing = f"{code}\nimport sys\nprint('MODULES', *sys.modules)"
    ran = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(ran.stdout.rpartition("MODULES ")[2].split())


@pytest.fixture(scope="module")
def of_serve() -> set[str]:
    return imported_after(_SERVE)


@pytest.fixture(scope="module")
def of_help() -> set[str]:
    return imported_after(_HELP)


@pytest.mark.parametrize("module", _WAITING)
def test_serve_starts_without_what_waits_until_it_is_needed(module: str, of_serve: set[str]) -> None:
    assert module not in of_serve
    assert "slack_bolt" in of_serve


@pytest.mark.parametrize("module", _OF_COMMANDS)
def test_the_list_of_commands_needs_nothing_of_what_the_commands_need(module: str, of_help: set[str]) -> None:
    assert module not in of_help
    assert "bot.cli.doctor" in of_help
