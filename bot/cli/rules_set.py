"""`tierbot rules set`: the program's tier table from a file, checked, and proposed to the admins."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import err, fail, out, print_table, readable_errors

_LARGEST = 64 * 1024


def set_(
    file: Annotated[Path, typer.Option("--from", help="A text file with the table, as copied or typed.")],
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day of the figures. Default: today.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the table is from. Default: the file's name.")] = "",
    thousands: Annotated[str, typer.Option(help="What separates thousands: , or . Needed where it's unclear.")] = "",
    alone: Annotated[bool, typer.Option("--alone", help="Apply it now, without an admin's approval.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would change, and stop.")] = False,
) -> None:
    """Set the program's tier table from a file. An admin approves it in Slack, or nobody with --alone.

    Example: `tierbot rules set --from table.txt --valid-from 2026-01-15 --source "Partner portal"`
    """
    import asyncio

    from bot.settings import Settings
    from bot.wiring import create_core, create_services
    from tiercore.approvals.tier_table import KIND
    from tiercore.approvals.types import NewProposal
    from tiercore.people.types import InvalidChange
    from tiercore.program.pasted import read_table
    from tiercore.program.table_check import check

    if thousands not in ("", ",", "."):
        raise typer.BadParameter("what separates thousands: , or .", param_hint="--thousands")
    with readable_errors():
        core = create_core(Settings(), may_create=True)
        today = core.settings.today_is()
        day = valid_from.date() if valid_from else today
        text = _read(file)
        tiers = [tier.name for tier in core.program.on(day).tiers]
        pasted = read_table(text, tiers, thousands or None)  # type: ignore[arg-type]
        found = check(pasted, core.program, day, (source or file.name)[:200], today)
        rows = [(each.tier.capitalize(), each.name, each.value, each.before) for each in found.figures]
        print_table(("tier", "figure", "new", "now"), rows, empty="No figure was understood.")
        for note in (*found.notes, *found.warnings):
            err.print(f"note: {note}", style="yellow", markup=False)
        for problem in found.problems:
            fail(problem)
        if found.problems:
            raise typer.Exit(1)
        if dry_run:
            out.print("Nothing was stored (--dry-run).")
            return
        approvals, new = create_services(core).approvals, NewProposal(KIND, found.change.payload)
        if alone:
            asyncio.run(approvals.carry_out(new))
            out.print(f"In force from {day} on. Every answer follows right away.")
            return
        try:
            asyncio.run(approvals.propose(new, None))
        except InvalidChange as error:
            raise InvalidChange(f"{error} --alone applies the table without an approval.") from error
        out.print("Proposed. An admin approves it in Slack; tierbot serve sends them the message.")


def _read(file: Path) -> str:
    """The file's text. Raises InvalidChange for a file that is no text, or far too large for a table."""
    from tiercore.people.types import InvalidChange

    with file.open("rb") as opened:
        data = opened.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise InvalidChange(f"{file}: larger than {_LARGEST // 1024} KiB, so it is no tier table")
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidChange(f"{file}: not UTF-8 text: save it as UTF-8, or paste the table into a text file") from error
