"""`tierbot`: the operator's command line. Each command is thin; `--help` on any of them shows examples."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli import data_requests, demo, doctor, imports, manifest, outbox, people, sync, verify, workspaces
from bot.cli.console import err, in_words, out, readable_errors
from bot.cli.options import On, as_day
from bot.cli.rules_set import set_

app = typer.Typer(
    name="tierbot",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _print_version(requested: bool) -> None:
    if requested:
        from importlib import metadata

        out.print(f"tierbot {metadata.version('tierbot')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Where partners stand in a points-based tier program: import the facts, ask the questions, serve Slack."""


@app.command("import")
def import_(
    path: Annotated[
        Path | None,
        typer.Argument(help="A folder of CSV or .xlsx files (partners.csv, sales.xlsx …), or one such file."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, store nothing.")] = False,
    mirror: Annotated[bool, typer.Option("--mirror", help="Remove rows that a file no longer mentions.")] = False,
    keep_people: Annotated[
        bool, typer.Option("--keep-people", help="people.csv is a part of the list: nobody loses access.")
    ] = False,
    dates: Annotated[
        Literal["day-first", "month-first"] | None,
        typer.Option(help="What comes first in dates such as 05/09/2022, refused without it."),
    ] = None,
    decimal: Annotated[
        Literal["point", "comma"] | None,
        typer.Option(help="The decimal mark of amounts such as 1,234 or 1.234, refused without it."),
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option("--map", metavar="TOML", help="A mapping to read an export with: a file, a ready one, or new."),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Where to write a new mapping, or a copy of one.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the mapping: partner_id=P001.")
    ] = None,
    list_maps: Annotated[bool, typer.Option("--list-maps", help="List the ready mappings and their settings.")] = False,
) -> None:
    """Import a folder or a file, CSV or .xlsx, or any export with --map: all of it, or nothing if a row is invalid.

    Examples: `tierbot import ./data --dry-run`, `tierbot import book.xlsx --dates day-first`,
    `tierbot import deals.csv --map new`
    """
    from bot.cli import mapped
    from bot.cli.importing import ImportOptions, database_for_import, run_import
    from bot.settings import Settings
    from tiercore.ingest.day_forms import DateOrder
    from tiercore.ingest.plain_numbers import DecimalMark

    if list_maps:
        mapped.print_ready()
        return
    order = DateOrder(dates) if dates else None
    mark = DecimalMark(decimal) if decimal else None
    options = ImportOptions(dry_run=dry_run, mirror=mirror, keep_people=keep_people, dates=order, decimal=mark)
    with readable_errors():
        if map_ is not None:
            ok = mapped.run(path, map_, to, set_ or [], options)
        elif path is None:
            raise typer.BadParameter("name a folder or a file to import")
        else:
            with database_for_import(Settings(), dry_run=dry_run) as core:
                ok = run_import(core, path, options, out=out, err=err)
    if not ok:
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help='As in Slack: "/tier", "/gap platinum", "/expiring 30d".')],
    as_: Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who asks: an e-mail address from people.csv.")],
    on: On = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Ask a question as a person of people.csv, and get the answer that Slack would show.

    Example: `tierbot ask "/gap platinum" --as ana@example.com --on 2022-09-05`
    """
    import asyncio

    from bot.cli.ask import ask as ask_
    from bot.settings import Settings
    from bot.wiring import create_core

    with readable_errors(as_json):
        answer = asyncio.run(ask_(create_core(Settings()), question, as_, as_day(on)))
    if as_json:
        sys.stdout.write(answer.json() + "\n")
    else:
        sys.stdout.write(
            answer.text(colour=out.is_terminal, width=min(out.width, 100) if out.is_terminal else 80) + "\n"
        )
    if not answer.ok:
        raise typer.Exit(1)


rules_app = typer.Typer(invoke_without_command=True)
app.add_typer(rules_app, name="rules")
rules_app.command("set")(set_)


@rules_app.callback()
def rules(
    context: typer.Context,
    on: On = None,
    as_template: Annotated[
        bool,
        typer.Option("--template", help="Write a commented table (TOML) of everything that is not set on the day."),
    ] = False,
) -> None:
    """Show the rules of a day: every number with its source, and what is not set.

    Example: `tierbot rules --on 2022-09-05`, `tierbot rules --template > program.toml`
    """
    from bot.cli.rules import print_rules, warn_of_ended
    from bot.doctor.installation import with_stored
    from bot.settings import Settings
    from tiercore.program import load_program, template

    if context.invoked_subcommand:
        return
    with readable_errors():
        settings = Settings()
        program = with_stored(load_program(settings.program), settings.database)
        day = as_day(on) or settings.today_is()
        warn_of_ended(program, day, err)
        if as_template:
            sys.stdout.write(template(program, day))
        else:
            print_rules(program, day, out)


@app.command()
def rebuild(
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that rate; without it, as many as this machine has cores.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="A Dask cluster that rates instead: its scheduler, like tcp://10.0.0.5:8786.")
    ] = None,
) -> None:
    """Rate every entry again, after the rules have changed. One that was stopped goes on where it was.

    Example: `TIERBOT_PROGRAM=rules.toml tierbot rebuild`, `tierbot rebuild --workers 8`
    """
    from bot.cli.rebuilding import run_rebuild
    from bot.settings import Settings
    from bot.wiring import create_core

    with readable_errors():
        run_rebuild(create_core(Settings()), workers=workers, cluster=cluster, out=out, err=err)


@app.command()
def migrate(
    partitions: Annotated[
        int | None, typer.Option(help="PostgreSQL: hash partitions of the large tables, by partner; 0 for none.")
    ] = None,
) -> None:
    """Bring the database to the schema of this version (a new SQLite file gets it automatically).

    Example: `TIERBOT_DATABASE_URL=postgresql://bot@db/tierbot tierbot migrate`, `tierbot migrate --partitions 16`
    """
    from bot.settings import Settings
    from bot.wiring import rebuild_is_needed
    from tiercore.storage.engine import create_database_engine, writing
    from tiercore.storage.partitions import repartition
    from tiercore.storage.schema import expected_revision, upgrade

    with readable_errors():
        engine = create_database_engine(Settings().database)
        changed = upgrade(engine)
        if partitions is not None:
            with writing(engine) as connection:
                repartition(connection, partitions)
        needs_rebuild = rebuild_is_needed(engine)
    out.print(f"{'Migrated to' if changed else 'Already at'} revision {expected_revision()}.")
    if partitions is not None:
        out.print(f"The large tables have {partitions} partitions." if partitions else "No table has partitions.")
    if needs_rebuild:
        out.print("Run tierbot rebuild next: what this version adds has to be computed.")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: TIERBOT_HOST or 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: TIERBOT_PORT or 3000.")] = None,
) -> None:
    """Answer Slack, over HTTP (`/slack/events`) and, when SLACK_APP_TOKEN is set, over Socket Mode.

    Example: `SLACK_BOT_TOKEN=xoxb-… SLACK_SIGNING_SECRET=… tierbot serve --port 3000`
    """
    import asyncio

    from bot.cli.start import import_serving

    import_serving()
    from bot.logs import crashes_logged, set_up_logging
    from bot.running import serve as serve_
    from bot.settings import Settings
    from bot.wiring import create_core

    with readable_errors():
        given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        settings = Settings(**given)  # type: ignore[arg-type]
        set_up_logging(settings.log_level, settings.secrets)
        core = create_core(settings, may_create=True)
        with crashes_logged(unless=lambda error: bool(list(in_words(error)))):
            asyncio.run(serve_(core, lambda bot: out.print(f"tierbot listens on http://{settings.host}:{bot.port}")))


for family in (demo, imports, sync, doctor, manifest, people, workspaces, data_requests, outbox, verify):
    family.register(app)


def main() -> None:
    """Run the command line."""
    app()
