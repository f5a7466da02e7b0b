"""`tierbot manifest`: the app manifest of this installation, to paste into Slack."""

import sys
from typing import Annotated, Literal

import typer

from bot.cli.console import err, readable_errors


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def manifest(
        url: Annotated[
            str, typer.Option(help="Where Slack reaches the bot: the https:// address in front of tierbot serve.")
        ] = "https://tierbot.example.com",
        socket_mode: Annotated[
            bool, typer.Option("--socket-mode", help="No address needed: the bot connects to Slack.")
        ] = False,
        commands: Annotated[
            Literal["core", "all"] | None,
            typer.Option(
                help="core: /tier, /gap, /expiring and /digest, with everything else behind /tier (/tier why sold), "
                "for workspaces where another app has /why or /clients. Default: TIERBOT_COMMANDS, or all."
            ),
        ] = None,
        name: Annotated[str, typer.Option(help="What the app is called in Slack.")] = "tierbot",
    ) -> None:
        """Print the app manifest (YAML) for this installation, to paste at api.slack.com/apps.

        Example: `tierbot manifest --url https://tierbot.example.com --commands core`
        """
        from bot.settings import Settings
        from bot.slack.manifest import app_manifest
        from bot.slack.manifest_yaml import as_yaml

        with readable_errors():
            configured = Settings().commands
            chosen = commands or configured
            app_config = app_manifest(url, socket_mode=socket_mode, commands=chosen, name=name)
        sys.stdout.write(as_yaml(app_config))
        if chosen != configured:
            err.print(f"Set TIERBOT_COMMANDS={chosen}, so that messages name the commands that this app has.")
