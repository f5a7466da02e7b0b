"""`tierbot export` and `forget`: what is known of a partner, to hand out, and what is deleted on request
(slack#data-requests).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import out, readable_errors
from bot.cli.people import with_services
from bot.cli.workspaces import Yes

if TYPE_CHECKING:
    from tiercore.workspaces.exporting import ExportedPartner, ExportedTable

_FOLDER, _FILE = 0o700, 0o600
_RECORDS = "records"
_CALLED = {
    "binding": "links",
    "feedback": "feedback",
    "seen": "Home views",
    "read_log": "questions in the log",
    "run": "digest runs",
    "mark": "answers to alerts",
    "outbox": "messages",
    "upload": "dropped files",
    "enterprise_team": "organizations of the workspace",
    "workspace_partner": "ties",
}
_OF_PERSON = (
    "What stays: their rows in people.csv (take them out there and import); what they typed as entries of the ledger, "
    "with their name, because points rest on it; goals, cases and proposals, which are the partner's, with the ID of "
    "who made them; and the audit log, because who gave whom access has to remain known."
)
_OF_WORKSPACE = (
    "What stays: points and clients, which are the program's own; goals, cases and proposals, which are the partner's, "
    "with the ID of who made them; and the audit log, which names the workspace and its users by ID, because who gave "
    "whom access has to remain known. Slack lists the app there until somebody there removes it."
)


def export(
    partner: Annotated[str, typer.Option("--partner", help="The partner's ID, as in partners.csv.")],
    to: Annotated[Path, typer.Argument(metavar="FOLDER|FILE.zip", help="Where to write; it must not exist yet.")],
) -> None:
    """Write everything that is known of a partner: its entries as CSV files that can be imported again, and under
    records/ the links, subscriptions and all else of its people.

    Examples: `tierbot export --partner P7 p7`, `tierbot export --partner P7 p7.zip`
    """
    from bot.wiring import NotReadyToRun

    with readable_errors():
        if to.exists():
            raise NotReadyToRun(f"{to} exists already: choose another name")
        if not to.resolve().parent.is_dir():
            raise NotReadyToRun(f"the folder {to.parent} doesn't exist: create it first")
        found = with_services(lambda services: services.workspaces.export(partner))
        files, marked = _as_csv(found)
        _write(to, files)
    rows = sum(len(each.rows) for each in (*found.files.values(), *found.records.values()))
    out.print(f"{to}: {len(files)} files with {rows:,} rows about {partner}. Only you can read them.", markup=False)
    if marked:
        begin = "1 cell begins" if marked == 1 else f"{marked:,} cells begin"
        out.print(f"{begin} with an apostrophe, so that no spreadsheet takes it for a formula: remove it to import.")


def forget(
    person: Annotated[str, typer.Option(metavar="EMAIL", help="The person's e-mail in people.csv.")] = "",
    workspace: Annotated[
        str, typer.Option(metavar="TEAM", help="The workspace's ID, as tierbot workspaces lists it.")
    ] = "",
    yes: Yes = False,
) -> None:
    """Delete what is known of a person's Slack users, or of a workspace and its people there. It can't be undone.

    Examples: `tierbot forget --person ana@example.com`, `tierbot forget --workspace T061EG9R6`
    """
    if bool(person) == bool(workspace):
        raise typer.BadParameter("say whom: --person ana@example.com, or --workspace T061EG9R6")
    whom = person or workspace
    if not yes:
        typer.confirm(f"Delete links, subscriptions, messages and all else of {whom}? It can't be undone.", abort=True)
    with readable_errors():
        if person:
            gone = with_services(lambda services: services.workspaces.forget_person(person))
        else:
            gone = with_services(lambda services: services.workspaces.forget_workspace(workspace))
    if gone:
        out.print(f"Deleted what was known of {whom}: {_counted(gone)}.", markup=False)
    else:
        out.print(f"Nothing else was known of {whom}.", markup=False)
    out.print(_OF_PERSON if person else _OF_WORKSPACE, markup=False)


def _counted(gone: Mapping[str, int]) -> str:
    return ", ".join(f"{_CALLED.get(name) or name.replace('_', ' ') + 's'} {count:,}" for name, count in gone.items())


def _as_csv(found: "ExportedPartner") -> tuple[dict[str, bytes], int]:
    """The files by path, and how many cells of those that can be imported were marked as text."""
    from handlers.views.partner_csv import safe

    files = {name: _csv(each) for name, each in found.files.items()}
    files |= {f"{_RECORDS}/{name}.csv": _csv(each) for name, each in found.records.items()}
    texts = (text for each in found.files.values() for row in each.rows for text in row if isinstance(text, str))
    return files, sum(safe(text) != text for text in texts)


def _csv(exported: "ExportedTable") -> bytes:
    from handlers.views.partner_csv import safe, written

    return written(
        exported.columns,
        ([safe(each) if isinstance(each, str) else str(each) for each in row] for row in exported.rows),
    )


def _write(to: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder or a zip file that only this user can read."""
    import io
    import zipfile

    if to.suffix.lower() == ".zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        _write_file(to, packed.getvalue())
        return
    to.mkdir(_FOLDER)
    for name, content in files.items():
        (to / name).parent.mkdir(_FOLDER, exist_ok=True)
        _write_file(to / name, content)


def _write_file(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE), "wb") as file:
        file.write(content)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(export)
    app.command()(forget)
