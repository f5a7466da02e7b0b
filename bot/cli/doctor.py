"""`tierbot doctor`: checks the installation, and says how to fix what is wrong."""

import typer

from bot.cli.console import out, readable_errors

_STYLES = {"✓": "green", "✗": "red", "–": "yellow"}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def doctor() -> None:
        """Check the installation: database, rules, Slack's token or workspaces, scopes, clock, channels, files.

        One line per check: ✓, – (skipped; may be fine), or ✗ with what to do. Any ✗ sets the exit status to 1.
        Nothing is changed.

        Example: `tierbot doctor`
        """
        import asyncio

        from bot.doctor.finding import Mark
        from bot.doctor.hubspot import check_syncs
        from bot.doctor.installation import (
            check_database,
            check_files,
            check_first_steps,
            check_rules,
            load_rules,
            with_stored,
        )
        from bot.doctor.slack import check_slack
        from bot.doctor.standby import check_standby
        from bot.doctor.workspaces import check_workspaces
        from bot.settings import Settings

        with readable_errors():
            settings = Settings()
            program, found = load_rules(settings)
            of_database, subscriptions, enterprises = check_database(settings.database, program)
            if program is not None and not any(each.mark is Mark.MUST for each in of_database):
                program = with_stored(program, settings.database)
            today = settings.today_is()
            found = [*of_database, *asyncio.run(check_standby(settings)), *check_syncs(settings), *found]
            found += check_rules(program, today) if program else ()
            found += check_first_steps(settings.database, program, today) if program else ()
            of_slack = check_workspaces if settings.slack_client_id else check_slack
            found += [*asyncio.run(of_slack(settings, subscriptions, enterprises)), *check_files(settings.database)]
        for each in found:
            out.print(str(each), style=_STYLES[each.mark], markup=False)
        if any(each.mark is Mark.MUST for each in found):
            raise typer.Exit(1)
