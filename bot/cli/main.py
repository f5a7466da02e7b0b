"""`tierbot`: the operator's command line. Each command is thin; `--help` on any of them shows examples."""

import asyncio
import sys
from contextlib import suppress
from datetime import date, datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli import doctor, imports, manifest, outbox, people, sync, verify
from bot.cli.console import err, in_words, out, readable_errors
from bot.cli.rules_set import set_
from bot.settings import Settings

app = typer.Typer(
    name="tierbot",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day to answer for; default: today.")
]


def as_day(value: datetime | None) -> date | None:
    """The date of an option, within the years that the rules cover. Raises BadParameter."""
    if value and not 2000 <= value.year <= 2100:
        raise typer.BadParameter("use a day from 2000-01-01 to 2100-12-31", param_hint="--on")
    return value.date() if value else None


def _print_version(requested: bool) -> None:
    if requested:
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
    from bot.cli.ask import ask as ask_
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
def rebuild() -> None:
    """Rate every entry again, after the rules have changed.

    Example: `TIERBOT_PROGRAM=rules.toml tierbot rebuild`
    """
    from bot.cli.importing import run_rebuild
    from bot.wiring import create_core

    with readable_errors():
        run_rebuild(create_core(Settings()), out=out, err=err)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version (a new SQLite file gets it automatically).

    Example: `TIERBOT_DATABASE_URL=postgresql://bot@db/tierbot tierbot migrate`
    """
    from bot.wiring import rebuild_is_needed
    from tiercore.storage.engine import create_database_engine
    from tiercore.storage.schema import expected_revision, upgrade

    with readable_errors():
        engine = create_database_engine(Settings().database)
        changed = upgrade(engine)
        needs_rebuild = rebuild_is_needed(engine)
    out.print(f"{'Migrated to' if changed else 'Already at'} revision {expected_revision()}.")
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
    from bot.logs import crashes_logged, set_up_logging
    from bot.serving import serve as serve_
    from bot.wiring import create_core

    with readable_errors():
        given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        settings = Settings(**given)  # type: ignore[arg-type]
        set_up_logging(settings.log_level, settings.secrets)
        core = create_core(settings, may_create=True)
        with crashes_logged(unless=lambda error: bool(list(in_words(error)))):
            asyncio.run(serve_(core, lambda bot: out.print(f"tierbot listens on http://{settings.host}:{bot.port}")))


@app.command()
def demo(
    on: On = None,
    folder: Annotated[Path, typer.Option(help="Where the sample data and the database are made.")] = Path(".demo"),
    data: Annotated[Path | None, typer.Option(help="A folder of your own CSV files, in place of the sample.")] = None,
    program: Annotated[Path | None, typer.Option(help="Your own thresholds (TOML), with --data.")] = None,
    hubspot: Annotated[
        bool, typer.Option("--hubspot", help="Sync the sample from a local HubSpot that fails.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the page; a free one if it's in use.")] = 8750,
    page: Annotated[bool, typer.Option(help="Show the local Slack in the browser, or only in the terminal.")] = True,
    stay: Annotated[bool, typer.Option(help="Keep the page open when the input ends, until Ctrl-C.")] = False,
) -> None:
    """Try tierbot in a local Slack, in the browser and the terminal, with sample partners or your own.

    Examples: `tierbot demo --on 2022-09-05`, `tierbot demo --data my-files --program my-program.toml`,
    `tierbot demo --hubspot`
    """
    from bot.playground.demo import alone, prepare, prepare_own, run_demo
    from bot.playground.page.build import NotBuilt, built_page

    with readable_errors(), suppress(KeyboardInterrupt):
        if program and not data:
            why = "the sample has a program of its own: give --data FOLDER too"
            raise typer.BadParameter(why, param_hint="--program")
        if hubspot and data:
            raise typer.BadParameter(
                "the local HubSpot has the sample's facts: leave out --data", param_hint="--hubspot"
            )
        with alone(folder):
            if data:
                scene = prepare_own(folder, data, program, out, as_day(on))
            else:
                scene = prepare(folder, out, as_day(on), from_hubspot=hubspot)
            try:
                built = built_page(out.print) if page else None
            except NotBuilt as error:
                built = None
                out.print(f"No page in the browser: {error} Here is the terminal's version.", markup=False)
            asyncio.run(run_demo(scene, out, built, port=port, stay=stay))


for family in (imports, sync, doctor, manifest, people, outbox, verify):
    family.register(app)


def main() -> None:
    """Run the command line."""
    app()
