"""`tierbot manifest`: the Slack app of this installation, to be pasted where Slack asks for it."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Literal

import typer
from rich.console import Console

from bot.settings import Settings

Told = Callable[[], AbstractContextManager[None]]


def register(app: typer.Typer, told: Told, err: Console) -> None:
    """Add the command; `told` is how errors that the operator can mend are told."""

    @app.command()
    def manifest(
        url: Annotated[
            str, typer.Option(help="Where Slack reaches the bot: the https:// address in front of tierbot serve.")
        ] = "https://tierbot.example.com",
        socket_mode: Annotated[
            bool, typer.Option("--socket-mode", help="Without an address: the bot connects to Slack by itself.")
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
        from bot.slack.manifest import app_manifest
        from bot.slack.manifest_yaml import as_yaml

        with told():
            configured = Settings().commands
            wanted = commands or configured
            made = app_manifest(url, socket_mode=socket_mode, commands=wanted, name=name)
        sys.stdout.write(as_yaml(made))
        if wanted != configured:
            err.print(f"Set TIERBOT_COMMANDS={wanted}, so that suggestions name commands as they are in this app.")
