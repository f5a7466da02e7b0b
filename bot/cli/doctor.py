"""`tierbot doctor`: is everything in place, and if not, what to do."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import typer
from rich.console import Console

from bot.settings import Settings

Told = Callable[[], AbstractContextManager[None]]
_STYLES = {"✓": "green", "✗": "red", "–": "yellow"}


def register(app: typer.Typer, told: Told, out: Console) -> None:
    """Add the command; `told` is how errors that the operator can mend are told."""

    @app.command()
    def doctor() -> None:
        """Look whether everything is in place: database, rules, Slack's token and scopes, clock, channels, files.

        One line each: ✓, – (left out, and perhaps rightly), or ✗ with what to do, which makes the exit status 1.
        Nothing is changed.

        Example: `tierbot doctor`
        """
        import asyncio

        from bot.doctor.finding import Mark
        from bot.doctor.installation import check_database, check_files, check_rules, load_rules
        from bot.doctor.slack import check_slack

        with told():
            settings = Settings()
            program, found = load_rules(settings)
            of_database, subscriptions = check_database(settings.database, program)
            found = [*of_database, *found, *(check_rules(program, settings.today_is()) if program else ())]
            found += [*asyncio.run(check_slack(settings, subscriptions)), *check_files(settings.database)]
        for each in found:
            out.print(str(each), style=_STYLES[each.mark], markup=False)
        if any(each.mark is Mark.MUST for each in found):
            raise typer.Exit(1)
