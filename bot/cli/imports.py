"""`tierbot imports`: the imports on record, and what each changed in the past."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import out, print_table, readable_errors

if TYPE_CHECKING:
    from tiercore.storage.import_log import LoggedImport

_OCCASIONS = {
    "import": "import",
    "import_and_rules": "import, other rules",
    "rules": "other rules",
    "rebuild": "rebuild",
}
_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def imports(
        partner: Annotated[
            str | None, typer.Option(help="A partner's id: only the imports that changed its past.")
        ] = None,
        limit: Annotated[int, typer.Option(min=1, help="How many imports to list, newest first.")] = 20,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print one JSON object per import instead of text.")
        ] = False,
    ) -> None:
        """List the imports and what each changed in the past: whose points, by how much, on which days, through what.

        Example: `tierbot imports --limit 5`, `tierbot imports --partner P1 --json`
        """
        from bot.cli.importing import waiting_text
        from bot.cli.past import as_record
        from bot.settings import Settings
        from bot.wiring import create_core
        from tiercore.storage.engine import reading
        from tiercore.storage.import_log import logged_imports
        from tiercore.storage.typed_entries import matches

        with readable_errors(as_json), reading(create_core(Settings()).engine) as connection:
            found = logged_imports(connection, limit, partner)
            waiting = len(matches(connection, undecided=True))
        if as_json:
            for each in found:
                sys.stdout.write(json.dumps(as_record(each), ensure_ascii=False) + "\n")
            return
        _print(found, partner)
        if waiting:
            out.print(f"\n{waiting_text(waiting)}", markup=False)


def _origin(logged: "LoggedImport") -> str:
    """What the rows came from, and who brought them if it wasn't the command line."""
    return f"{logged.source}, {logged.by}" if logged.by else logged.source


def _print(found: "list[LoggedImport]", partner: str | None) -> None:
    """A table of the imports, and under it what each changed in the past."""
    from bot.cli.past import corrected_text

    rows = [
        (
            str(each.import_id),
            f"{each.at:%Y-%m-%d %H:%M}",
            str(each.day),
            _OCCASIONS[each.occasion.value],
            _origin(each),
            *(f"{sum(counts[at] for counts in each.counts.values()):,}" for at in (0, 1, 3)),
            f"{len(each.corrected):,}",
        )
        for each in found
    ]
    empty = f"No import on record changed the past of {partner}." if partner else "No import is on record yet."
    head = ("import", "when (UTC)", "for", "what", "from", "added", "changed", "removed", "partners corrected")
    print_table(head, rows, empty=empty)
    for each in found:
        if each.corrected:
            out.print(f"\nImport {each.import_id} changed in the past:", markup=False)
        for corrected in each.corrected[:_SHOWN]:
            out.print(f"  {corrected_text(corrected)}", markup=False)
        if len(each.corrected) > _SHOWN:
            out.print(
                f"  … and {len(each.corrected) - _SHOWN:,} more: --partner ID, or --json, lists them.", markup=False
            )
