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
            str,
            typer.Option(
                help="Where Slack reaches the bot: the https:// address in front of tierbot serve. Default: "
                "TIERBOT_PUBLIC_URL."
            ),
        ] = "",
        socket_mode: Annotated[
            bool, typer.Option("--socket-mode", help="No address needed: the bot connects to Slack.")
        ] = False,
        oauth: Annotated[
            bool, typer.Option("--oauth", help="Many workspaces: each installs the app by a click, over HTTP only.")
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

        Examples: `tierbot manifest --url https://tierbot.example.com --commands core`,
        `tierbot manifest --oauth --url https://tierbot.example.com`
        """
        from bot.settings import Settings
        from bot.slack.manifest import EXAMPLE_URL, app_manifest
        from bot.slack.manifest_yaml import as_yaml

        with readable_errors():
            settings = Settings()
            configured, address = settings.commands, url or settings.public_url or EXAMPLE_URL
            chosen = commands or configured
            app_config = app_manifest(address, socket_mode=socket_mode, oauth=oauth, commands=chosen, name=name)
        sys.stdout.write(as_yaml(app_config))
        if chosen != configured:
            err.print(f"Set TIERBOT_COMMANDS={chosen}, so that messages name the commands that this app has.")
