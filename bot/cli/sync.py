"""`tierbot sync hubspot`: bring the ledger in step with a HubSpot portal, or say how that is going."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import err, out, readable_errors

sync = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(sync, name="sync")


@sync.callback()
def _sync() -> None:
    """Bring the ledger in step with another system.

    Example: `tierbot sync hubspot --map mapping.toml --dry-run`
    """


@sync.command()
def hubspot(
    discover: Annotated[bool, typer.Option("--discover", help="Propose a mapping of the portal's properties.")] = False,
    to: Annotated[Path | None, typer.Option(help="With --discover: the new file to write the mapping to.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read all records, not only those that have changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check everything, store nothing.")] = False,
    accept_removals: Annotated[
        bool, typer.Option("--accept-removals", help="Go on though a count falls by more than a fifth.")
    ] = False,
    share: Annotated[
        str, typer.Option(help="The share of the portal's daily calls to use; default: TIERBOT_HUBSPOT_SHARE or 50%.")
    ] = "",
    map_: Annotated[Path | None, typer.Option("--map", help="The mapping; default: TIERBOT_HUBSPOT_MAP.")] = None,
    status: Annotated[bool, typer.Option("--status", help="Only say how syncs are doing.")] = False,
) -> None:
    """Read a HubSpot portal, and store what has changed: all of it, or nothing. A sync that was interrupted goes on.

    Examples: `tierbot sync hubspot --discover --to mapping.toml`, `tierbot sync hubspot --map mapping.toml --dry-run`
    """
    from bot.cli.syncing import discover_mapping, print_status, run_sync
    from bot.hubspot.storing import SyncOptions
    from bot.settings import Settings

    if to is not None and not discover:
        raise typer.BadParameter("only --discover writes a file", param_hint="--to")
    portion = as_share(share)
    with readable_errors():
        settings = Settings()
        if discover:
            ok = discover_mapping(settings, to, out=out, err=err)
        elif status:
            ok = print_status(settings, out=out)
        else:
            options = SyncOptions(full=full, dry_run=dry_run, accept_removals=accept_removals)
            ok = run_sync(settings, options, map_, portion, out=out, err=err)
    if not ok:
        raise typer.Exit(1)


def as_share(text: str) -> Fraction | None:
    """The share of an option, None where it isn't given. Raises BadParameter."""
    from bot.settings import share_of

    try:
        return share_of(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--share") from None
