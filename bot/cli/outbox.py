"""Notifications as the operator sees them: the outbox, the coming digests; and a backup of the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.cli.people import print_table, with_services

if TYPE_CHECKING:
    from tiercore.notifications.delivery import Outbox
    from tiercore.notifications.types import OutboxEntry, StateCount, WeekReport

ReadableErrors = Callable[[], AbstractContextManager[None]]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="A day of the week.")]


def register(app: typer.Typer, readable_errors: ReadableErrors, out: Console) -> None:
    """Add the commands; `readable_errors` says what the operator can mend in a line each."""

    outbox_app = typer.Typer(invoke_without_command=True)
    app.add_typer(outbox_app, name="outbox")

    @outbox_app.callback()
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
            out,
            ("state", "messages", "oldest due (UTC)"),
            [(each.state.value, str(each.messages), f"{each.oldest:%Y-%m-%d %H:%M}") for each in counts],
            empty="The outbox is empty.",
        )
        if messages:
            rows = [
                (str(each.outbox_id), each.state.value, each.email or each.target, each.key, each.reason)
                for each in messages
            ]
            print_table(out, ("message", "state", "to", "what", "why"), rows, empty="")

    @outbox_app.command()
    def resend(message: Annotated[int, typer.Argument(help="The number of a held or dead message.")]) -> None:
        """Send a held or dead message after all.

        Example: `tierbot outbox resend 17`
        """
        with readable_errors():
            found = with_services(lambda services: services.outbox.resend(message))
        if not found:
            out.print(f"No message {message} is held or dead.")
            raise typer.Exit(1)
        out.print(f"Message {message} will be sent again.")

    @app.command()
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
            raise typer.BadParameter("tierbot serve sends digests at their time; add --dry-run to see them")
        with readable_errors():
            core = create_core(Settings())
            found = asyncio.run(planned_digests(core, on.date() if on else core.settings.today_is(), as_))
        rows = [(f"{one.at:%a %Y-%m-%d %H:%M}", one.to, one.subscription.topic.value, one.text) for one in found]
        whom = f"for {as_}" if as_ else "for anybody"
        empty = f"That week brings no digest {whom}: /digest monday 9:00 in Slack subscribes."
        print_table(out, ("when (UTC)", "to", "digest", "says"), rows, empty=empty)
        names = command_names(core.settings)
        for one in found if as_ else ():
            out.print()
            out.file.write(
                render(names.spelled(list(one.blocks)), colour=out.is_terminal, width=min(out.width, 100)) + "\n"
            )

    @app.command()
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
                raise BadDatabaseURL(f"{file} is there already: name another file")
            if not file.resolve().parent.is_dir():
                raise BadDatabaseURL(f"there is no folder {file.parent}: make it first, or check that it is mounted")
            back_up(core.engine, file)
        out.print(f"{file}: {file.stat().st_size:,} bytes.", markup=False)


def _of_week(week: "WeekReport", unplanned: int) -> str:
    """What came of the digests of a week, in a sentence."""
    if unplanned:
        return f"{unplanned} {'digest is' if unplanned == 1 else 'digests are'} due and not planned yet."
    if not week.runs:
        return "no digest was due yet."
    states = ", ".join(f"{number} {state}" for state, number in sorted(week.outcomes.items()))
    digests = "1 digest" if week.runs == 1 else f"{week.runs} digests"
    return f"{digests}, {'complete' if week.is_complete else 'not complete'} ({states})."


async def _overview(outbox: "Outbox", limit: int) -> tuple["WeekReport", int, list["StateCount"], list["OutboxEntry"]]:
    """This week's digests, how many are due and not planned, the outbox by state, and its newest unsent messages."""
    from tiercore.notifications.types import State

    unsent = [state for state in State if state is not State.SENT]
    entries = await outbox.entries(unsent, limit)
    return await outbox.this_week(), await outbox.unplanned(), await outbox.counts(), entries
