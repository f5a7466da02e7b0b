"""What a start imports: libraries that only some installations or commands need wait until they are needed."""

import subprocess
import sys

import pytest

_NAMES = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def imported_after(code: str) -> set[str]:
    """The top-level packages that a new process has imported after the code."""
    ran = subprocess.run([sys.executable, "-c", f"{code}\n{_NAMES}"], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_serve_starts_without_the_libraries_of_other_databases_migrations_syncs_and_pictures() -> None:
    unneeded = {
        "psycopg",
        "psycopg_pool",
        "alembic",
        "stamina",
        "tenacity",
        "matplotlib",
        "polars",
        "typer",
        "defusedxml",
    }
    assert not imported_after("from bot.cli.start import import_serving; import_serving()") & unneeded


@pytest.mark.parametrize("module", ["bot.settings", "sqlalchemy", "pydantic", "aiohttp", "slack_bolt", "asyncio"])
def test_the_list_of_commands_needs_none_of_what_the_commands_need(module: str) -> None:
    assert module not in modules_of_help()


def modules_of_help() -> set[str]:
    """The modules that `tierbot --help` imports."""
    code = "import sys\nfrom bot.cli.main import main\nsys.argv = ['tierbot', '--help']\ntry:\n    main()\nexcept SystemExit:\n    pass"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint('MODULES', *sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(ran.stdout.rpartition("MODULES ")[2].split())
