"""What is sent by itself, as the operator sees it: the outbox, the digests to come, a backup."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.people import done, print_table

Told = Callable[[], AbstractContextManager[None]]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="A day of the week.")]


def register(app: typer.Typer, told: Told, out: Console) -> None:
    """Add the commands; `told` is how errors that the operator can mend are told."""

    @app.command()
    def outbox(
        again: Annotated[
            int | None, typer.Option(help="Send this letter after all: the number of a held or dead one.")
        ] = None,
        most: Annotated[int, typer.Option(min=1, help="How many letters to list, newest first.")] = 20,
    ) -> None:
        """Show what is to be sent, what could not be, and whether this week's digests are complete.

        Example: `tierbot outbox --again 17`
        """
        from datetime import UTC

        from tiercore.notifications import reports as box
        from tiercore.notifications.types import State

        with told():
            if again is not None:
                found = done(lambda connection, now: box.resend(connection, again, now))
                out.print(f"Letter {again} is sent again." if found else f"No letter {again} is held or dead.")
                return
            year, number, _ = datetime.now(UTC).isocalendar()
            week = done(lambda connection, _: box.week_of(connection, f"{year}-W{number:02d}"))
            counts = done(lambda connection, _: box.counts(connection))
            unplanned_count = done(box.unplanned_count)
            open_ = [state for state in State if state is not State.SENT]
            letters = done(lambda connection, _: box.entries(connection, open_, most))
        states = ", ".join(f"{number} {state}" for state, number in sorted(week.outcomes.items()))
        complete = "complete" if week.is_complete else "not complete"
        said = f"{week.runs} digests, {complete} ({states})" if week.runs else "no digest was due yet"
        out.print(f"Week {week.week}: {said}.")
        if unplanned_count:
            out.print(f"{unplanned_count} digests are due and not planned yet: is tierbot serve running?", style="red")
        print_table(
            out,
            ("state", "letters", "oldest due (UTC)"),
            [(each.state.value, str(each.messages), f"{each.oldest:%Y-%m-%d %H:%M}") for each in counts],
        )
        if letters:
            rows = [
                (str(each.outbox_id), each.state.value, each.email or each.target, each.key, each.reason)
                for each in letters
            ]
            print_table(out, ("letter", "state", "to", "what", "why"), rows)

    @app.command()
    def digest(
        on: On = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Needed: serve sends digests, this shows them.")
        ] = False,
        as_: Annotated[str | None, typer.Option("--as", help="Only what this person is sent, whole.")] = None,
    ) -> None:
        """Show which digests a week brings, to whom and when; with `--as`, what they say.

        Example: `tierbot digest --on 2022-09-05 --dry-run --as ana@example.com`
        """
        import asyncio

        from bot.preview import planned_digests
        from bot.settings import Settings
        from bot.terminal.render import render
        from bot.wiring import create_core

        if not dry_run:
            raise typer.BadParameter("tierbot serve sends digests at their time; add --dry-run to see them")
        with told():
            core = create_core(Settings())
            found = asyncio.run(planned_digests(core, on.date() if on else core.settings.today_is(), as_))
        rows = [(f"{one.at:%a %Y-%m-%d %H:%M}", one.to, one.subscription.topic.value, one.text) for one in found]
        print_table(out, ("when (UTC)", "to", "digest", "says"), rows)
        for one in found if as_ else ():
            out.print()
            out.file.write(render(list(one.blocks), colour=out.is_terminal, width=min(out.width, 100)) + "\n")

    @app.command()
    def backup(file: Annotated[Path, typer.Argument(help="Where to write the copy; it must not exist.")]) -> None:
        """Write a whole, consistent copy of the SQLite database while the bot serves; to restore it, put it in place.

        Example: `tierbot backup backups/tierbot-monday.db`
        """
        from bot.settings import Settings
        from bot.wiring import create_core
        from tiercore.storage.engine import BadDatabaseURL, back_up

        with told():
            core = create_core(Settings())
            if file.exists():
                raise BadDatabaseURL(f"{file} is there already: name another file")
            if not file.resolve().parent.is_dir():
                raise BadDatabaseURL(f"there is no folder {file.parent}: make it first, or check that it is mounted")
            back_up(core.engine, file)
        out.print(f"{file}: {file.stat().st_size:,} bytes.", markup=False)
