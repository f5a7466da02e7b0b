"""`tierbot`: the operator's command line. Each command is thin; `--help` on any of them shows examples."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from bot.settings import Settings
from tiercore.program import ProgramError
from tiercore.storage.engine import BadDatabaseURL

app = typer.Typer(
    name="tierbot",
    help="Where partners stand in a points-based tier program: import the facts, ask the questions, serve Slack.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
PLAIN_WIDTH = 160
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
err = Console(stderr=True, soft_wrap=True, highlight=False)

On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day asked about; default: today.")]


def as_day(value: datetime | None) -> date | None:
    """The date of an option."""
    return value.date() if value else None


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors that the operator can mend are told in a line each, with exit status 1; others are faults and show."""
    from sqlalchemy.exc import OperationalError

    from bot.serving import CannotServe
    from bot.wiring import NotReadyToRun

    try:
        yield
    except ValidationError as error:
        for each in error.errors():
            name = "_".join(str(part) for part in each["loc"]).upper()
            fail(f"setting TIERBOT_{name.removeprefix('TIERBOT_')}: {each['msg']}")
        raise typer.Exit(1) from None
    except (BadDatabaseURL, ProgramError, NotReadyToRun, CannotServe) as error:
        for line in str(error).splitlines():
            fail(line)
        raise typer.Exit(1) from None
    except OSError as error:
        fail(f"{error.filename or 'the system'}: {error.strerror or error}")
        raise typer.Exit(1) from None
    except OperationalError as error:
        fail(f"the database can't be used: {str(error.orig).strip().splitlines()[0]}")
        raise typer.Exit(1) from None


def fail(message: str) -> None:
    """A line on standard error."""
    err.print(message, style="red", markup=False)


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="The folder of CSV files (partners.csv, sales.csv …).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, store nothing.")] = False,
    mirror: Annotated[bool, typer.Option("--mirror", help="Remove rows that a file no longer mentions.")] = False,
) -> None:
    """Bring in a folder of CSV files: all of it, or nothing when a row is bad.

    Example: `tierbot import ./data --dry-run`
    """
    from bot.importing import run_import
    from bot.wiring import create_core

    with told_plainly():
        settings = Settings()
        ok = run_import(create_core(settings), folder, dry_run=dry_run, mirror=mirror, out=out, err=err)
    if not ok:
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help='As in Slack: "/tier", "/gap platinum", "/expiring 30d".')],
    as_: Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who asks: an e-mail of people.csv.")],
    on: On = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Ask a question as a person of people.csv, and get the answer that Slack would show.

    Example: `tierbot ask "/gap platinum" --as ana@example.com --on 2022-09-05`
    """
    from bot.asking import ask as ask_
    from bot.wiring import create_core

    with told_plainly():
        told = asyncio.run(ask_(create_core(Settings()), question, as_, as_day(on)))
    if as_json:
        sys.stdout.write(told.json() + "\n")
    else:
        sys.stdout.write(told.text(colour=out.is_terminal, width=min(out.width, 100) if out.is_terminal else 80) + "\n")
    if not told.ok:
        raise typer.Exit(1)


@app.command()
def rules(on: On = None) -> None:
    """Show the rules of a day: every number with its source, and what is not configured.

    Example: `tierbot rules --on 2022-09-05`
    """
    from bot.rules import print_rules
    from tiercore.program import load_program

    with told_plainly():
        settings = Settings()
        print_rules(load_program(settings.program), as_day(on) or settings.today_is(), out)


@app.command()
def bind(
    team: Annotated[str, typer.Option(help="The Slack team's id: T…")],
    user: Annotated[str, typer.Option(help="The Slack user's id: U… or W…")],
    email: Annotated[str, typer.Option(help="The person's e-mail in people.csv.")],
) -> None:
    """Tie a Slack user to a person of people.csv.

    Example: `tierbot bind --team T024BE7LD --user U012A3CDE --email ana@example.com`
    """
    from bot.binding import BadBinding, bind_user
    from bot.wiring import create_core

    with told_plainly():
        core = create_core(Settings())
        try:
            said = bind_user(core.engine, team, user, email)
        except BadBinding as error:
            fail(str(error))
            raise typer.Exit(1) from None
    out.print(said, markup=False)


@app.command()
def rebuild() -> None:
    """Rate every entry again, after the rules have changed.

    Example: `TIERBOT_PROGRAM=rules.toml tierbot rebuild`
    """
    from bot.importing import progress_bar
    from bot.wiring import create_core
    from tiercore.storage.derive import rebuild_all

    with told_plainly():
        core = create_core(Settings())
        with progress_bar(err) as progress, core.engine.begin() as connection:
            clients, partners = rebuild_all(connection, core.program, progress=progress)
    out.print(f"Rated {clients:,} clients again; {partners:,} partners have a new timeline.")


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version (a new SQLite file is brought there without asking).

    Example: `TIERBOT_DATABASE_URL=postgresql://bot@db/tierbot tierbot migrate`
    """
    from tiercore.storage.engine import create_database_engine
    from tiercore.storage.schema import revision_wanted, upgrade

    with told_plainly():
        changed = upgrade(create_database_engine(Settings().database))
    out.print(f"{'Migrated to' if changed else 'Already at'} revision {revision_wanted()}.")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: TIERBOT_HOST or 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: TIERBOT_PORT or 3000.")] = None,
) -> None:
    """Answer Slack, over HTTP (`/slack/events`) and, when SLACK_APP_TOKEN is set, over Socket Mode.

    Example: `SLACK_BOT_TOKEN=xoxb-… SLACK_SIGNING_SECRET=… tierbot serve --port 3000`
    """
    from bot.logs import set_up_logging
    from bot.serving import serve as serve_
    from bot.wiring import create_core

    with told_plainly():
        given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        settings = Settings(**given)  # type: ignore[arg-type]
        set_up_logging(settings.log_level)
        core = create_core(settings)
        asyncio.run(serve_(core, lambda bot: err.print(f"tierbot listens on http://{settings.host}:{bot.port}")))


@app.command()
def demo(
    on: On = None,
    folder: Annotated[Path, typer.Option(help="Where the sample data and its database are made.")] = Path(".demo"),
) -> None:
    """Ask the sample partners' questions through a local Slack, then let you type your own.

    Example: `tierbot demo --on 2022-09-05`
    """
    from bot.demo import run_demo

    with told_plainly():
        asyncio.run(run_demo(folder, as_day(on), out))


def main() -> None:
    """The entry point."""
    app()
