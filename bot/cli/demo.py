"""`tierbot demo`: the bot with sample data and a local Slack."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import out, readable_errors
from bot.cli.options import On, as_day


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    on: On = None,
    folder: Annotated[Path, typer.Option(help="Where the sample data and the database are made.")] = Path(".demo"),
    data: Annotated[Path | None, typer.Option(help="A folder of your own files, in place of the sample.")] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Begin with nothing but an admin, to bring your data.")
    ] = False,
    program: Annotated[Path | None, typer.Option(help="Your own thresholds (TOML), with --data or --empty.")] = None,
    hubspot: Annotated[
        bool, typer.Option("--hubspot", help="Sync the sample from a local HubSpot that fails.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the page; a free one if it's in use.")] = 8750,
    page: Annotated[bool, typer.Option(help="Show the local Slack in the browser, or only in the terminal.")] = True,
    workspaces: Annotated[
        bool, typer.Option("--workspaces", help="Add a partner's own Slack, to install tierbot there by a click.")
    ] = False,
    stay: Annotated[bool, typer.Option(help="Keep the page open when the input ends, until Ctrl-C.")] = False,
) -> None:
    """Try tierbot in a local Slack, in the browser and the terminal, with sample partners or your own.

    Examples: `tierbot demo --on 2022-09-05`, `tierbot demo --data my-files --program my-program.toml`,
    `tierbot demo --hubspot`, `tierbot demo --workspaces`, `tierbot demo --empty`
    """
    import asyncio

    from bot.playground.demo import run_demo
    from bot.playground.demo_setup import alone, prepare, prepare_empty, prepare_own
    from bot.playground.page.build import NotBuilt, built_page

    with readable_errors(), suppress(KeyboardInterrupt):
        if empty and (data or hubspot):
            other = "--data" if data else "--hubspot"
            raise typer.BadParameter(f"an empty database has no data: leave out {other}", param_hint="--empty")
        if program and not data and not empty:
            why = "the sample has a program of its own: give --data FOLDER or --empty too"
            raise typer.BadParameter(why, param_hint="--program")
        if hubspot and data:
            raise typer.BadParameter(
                "the local HubSpot has the sample's facts: leave out --data", param_hint="--hubspot"
            )
        if workspaces and (empty or not page):
            why = "an empty database has no partner yet" if empty else "the second workspace is in the page"
            raise typer.BadParameter(
                f"{why}: leave out {'--empty' if empty else '--no-page'}", param_hint="--workspaces"
            )
        with alone(folder):
            if empty:
                scene = prepare_empty(folder, program, out, as_day(on))
            elif data:
                scene = prepare_own(folder, data, program, out, as_day(on))
            else:
                scene = prepare(folder, out, as_day(on), from_hubspot=hubspot)
            try:
                built = built_page(out.print) if page else None
            except NotBuilt as error:
                built = None
                out.print(f"No page in the browser: {error} Here is the terminal's version.", markup=False)
            asyncio.run(run_demo(scene, out, built, port=port, stay=stay, with_partner=workspaces))
