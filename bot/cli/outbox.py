"""`tierbot outbox`, `digest` and `backup`: what is sent, what is due, and a copy of the database."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import out, print_table, readable_errors
from bot.cli.people import with_services

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox
    from tiercore.notifications.outbox_types import OutboxEntry, StateCount
    from tiercore.notifications.types import WeekReport

On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="A day of the week.")]


def outbox(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many messages to list, newest first.")] = 20,
) -> None:
    """Show what is to be sent, what could not be, and whether this week's digests are complete.

    Example: `tierbot outbox --limit 50`, `tierbot outbox resend 17`
    """
    if context.invoked_subcommand is not None:
        return
    with readable_errors():
        week, unplanned, counts, messages = with_services(lambda services: _overview(services.outbox, limit))
    out.print(f"Week {week.week}: {_of_week(week, unplanned)}")
    if unplanned:
        out.print("A serving bot plans them within a minute: is tierbot serve running?", style="red")
    print_table(
        ("state", "messages", "oldest due (UTC)"),
        [(each.state.value, str(each.messages), f"{each.oldest:%Y-%m-%d %H:%M}") for each in counts],
        empty="The outbox is empty.",
    )
    if messages:
        rows = [(str(each.outbox_id), each.state.value, _to(each), each.key, each.reason) for each in messages]
        print_table(("message", "state", "to", "what", "why"), rows, empty="")


def resend(
    messages: Annotated[list[int] | None, typer.Argument(help="The numbers of held or dead messages.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All held and dead messages.")] = False,
    reason: Annotated[str, typer.Option(help="All whose reason contains this text.")] = "",
) -> None:
    """Send held or dead messages after all. One that may have arrived already says that it may be a repeat.

    Example: `tierbot outbox resend 17 18`, `tierbot outbox resend --reason missing_scope`
    """
    chosen = None if everything or reason else messages
    if bool(messages) == (everything or bool(reason)):
        raise typer.BadParameter("name messages by their numbers, or choose --all, or --reason TEXT")
    with readable_errors():
        queued = with_services(lambda services: services.outbox.resend(chosen, reason))
    missing = [each for each in messages or () if each not in queued]
    if queued:
        numbers = ", ".join(map(str, queued))
        out.print(f"{'Message' if len(queued) == 1 else 'Messages'} {numbers} will be sent again.")
    for each in missing:
        out.print(f"No message {each} is held or dead.")
    if not queued and not missing:
        out.print(f"No held or dead message has a reason with “{reason}”." if reason else "Nothing is held or dead.")
    if missing or not queued:
        raise typer.Exit(1)


def digest(
    on: On = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Preview the coming digests; tierbot serve sends them.")
    ] = False,
    as_: Annotated[str | None, typer.Option("--as", help="Only this person's digests, in full.")] = None,
) -> None:
    """Show which digests a week brings, to whom and when; with `--as`, what they say.

    Example: `tierbot digest --on 2022-09-05 --dry-run --as ana@example.com`
    """
    import asyncio

    from bot.preview import planned_digests
    from bot.settings import Settings
    from bot.terminal.render import render
    from bot.wiring import command_names, create_core

    if not dry_run:
        raise typer.BadParameter("tierbot serve sends digests when they're due; add --dry-run to preview them")
    with readable_errors():
        core = create_core(Settings())
        digests = asyncio.run(planned_digests(core, on.date() if on else core.settings.today_is(), as_))
    rows = [(f"{each.at:%a %Y-%m-%d %H:%M}", each.to, each.subscription.topic.value, each.text) for each in digests]
    whom = f" for {as_}" if as_ else ""
    empty = f"No digests are due that week{whom}: /digest monday 9:00 in Slack subscribes."
    print_table(("when (UTC)", "to", "digest", "says"), rows, empty=empty)
    names = command_names(core.settings)
    for planned in digests if as_ else ():
        out.print()
        out.file.write(
            render(names.spelled(list(planned.blocks)), colour=out.is_terminal, width=min(out.width, 100)) + "\n"
        )


def backup(file: Annotated[Path, typer.Argument(help="Where to write the copy; it must not exist.")]) -> None:
    """Write a consistent copy of the SQLite database while the bot serves; to restore, put it in place.

    Example: `tierbot backup backups/tierbot-monday.db`
    """
    from bot.settings import Settings
    from bot.wiring import create_core
    from tiercore.storage.engine import BadDatabaseURL, back_up

    with readable_errors():
        core = create_core(Settings())
        if file.exists():
            raise BadDatabaseURL(f"{file} already exists; choose another name")
        if not file.resolve().parent.is_dir():
            raise BadDatabaseURL(f"the folder {file.parent} doesn't exist: create it, or check that it is mounted")
        back_up(core.engine, file)
    out.print(f"{file}: {file.stat().st_size:,} bytes.", markup=False)


def _to(entry: "OutboxEntry") -> str:
    """Whom a message is for, and in which workspace where there are several."""
    to = entry.email or entry.target
    return f"{to} in {entry.team_id}" if entry.team_id else to


def _of_week(week: "WeekReport", unplanned: int) -> str:
    """The week's digests by their outcome, in a sentence."""
    if unplanned:
        return f"{unplanned} {'digest is' if unplanned == 1 else 'digests are'} due and not planned yet."
    if not week.runs:
        return "no digest was due yet."
    states = ", ".join(f"{number} {state}" for state, number in sorted(week.outcomes.items()))
    digests = "1 digest" if week.runs == 1 else f"{week.runs} digests"
    return f"{digests}, {'complete' if week.is_complete else 'not complete'} ({states})."


async def _overview(outbox: "Outbox", limit: int) -> tuple["WeekReport", int, list["StateCount"], list["OutboxEntry"]]:
    """This week's digests, the number of unplanned ones, the outbox by state, and its newest unsent messages."""
    from tiercore.notifications.outbox_types import State

    unsent = [state for state in State if state is not State.SENT]
    entries = await outbox.entries(unsent, limit)
    return await outbox.this_week(), await outbox.unplanned(), await outbox.counts(), entries


def register(app: typer.Typer) -> None:
    """Add the commands."""
    outbox_app = typer.Typer(invoke_without_command=True)
    outbox_app.callback()(outbox)
    outbox_app.command()(resend)
    app.add_typer(outbox_app, name="outbox")
    app.command()(digest)
    app.command()(backup)
