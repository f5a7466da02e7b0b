"""`tierbot import FILE --map new`: a proposed mapping, what it makes of the first rows, and what is left to decide."""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from rich.table import Table

from bot.cli.console import fail, out
from tiercore.ingest.mapping.exports import tables_of
from tiercore.ingest.mapping.previewing import Preview
from tiercore.ingest.mapping.proposing import Proposal
from tiercore.ingest.mapping.proposing import propose as proposal_for
from tiercore.ingest.problems import shown
from tiercore.program import Catalogue

_PROPOSED = Path("mapping.toml")


def propose(path: Path, to: Path | None, catalogue: Catalogue, partners: Mapping[str, str]) -> bool:
    """Propose a mapping for a file, print it and write it to `to`; whether it was written. Raises BadCell or OSError.

    `partners` are those on file, by what names them. A file that is there is never overwritten: the proposal is then
    only shown.
    """
    table, *others = tables_of(path)
    proposal = proposal_for(table, catalogue, partners)
    _show(proposal, table.name)
    for other in others:
        out.print(f"{other.name} was not looked at: give it a file of its own.", markup=False)
    return _write(proposal, path, to or _PROPOSED)


def _show(proposal: Proposal, name: str) -> None:
    for preview in proposal.previews:
        out.print(f"\n{preview.file}, from the first rows of {shown(name)}:", markup=False)
        out.print(_table(preview))
    if proposal.questions:
        out.print("\nFor you to decide:", markup=False)
    for what, choices in proposal.questions:
        out.print(f"  {what}\n    {shown(choices, 500)}", markup=False)
    if proposal.lacking:
        out.print(f"\n{proposal.lacking}.", markup=False)
    if proposal.unread:
        out.print(f"\nNot read: {', '.join(map(shown, proposal.unread))}.", markup=False)


def _table(preview: Preview) -> Table:
    table = Table(*preview.header, box=None, pad_edge=False, header_style="bold")
    for row in preview.rows:
        table.add_row(*(shown(cell).replace("[", r"\[") for cell in row))
    return table


def _write(proposal: Proposal, path: Path, to: Path) -> bool:
    try:
        with to.open("x", encoding="utf-8") as file:
            file.write(proposal.toml)
    except FileExistsError:
        fail(f"{to} is there and stays as it is: name another file with --to")
        return False
    then = "Answer the questions in it, then" if proposal.questions else "Look at it, then"
    out.print(f"\nWrote {to}. {then}: tierbot import {quote(str(path))} --map {quote(str(to))} --dry-run", markup=False)
    return True
