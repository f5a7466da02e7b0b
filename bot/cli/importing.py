"""`tierbot import`: a progress bar, every invalid cell, and a summary."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from bot.cli.past import past_lines
from bot.cli.rules import warn_of_ended
from bot.settings import Settings
from bot.wiring import Core, create_core
from tiercore.ingest import report
from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.discovery import Files
from tiercore.ingest.importing import Imported, import_source
from tiercore.ingest.mapping.exports import ENDINGS
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.tables import Source
from tiercore.storage.engine import is_sqlite
from tiercore.storage.transactions import utc_now

_SHOWN = 50
_NOT_OURS = ("unknown file", "empty folder")  # kinds of problems
Report = Callable[[str, int, int], None]


class Rate(ProgressColumn):
    """How many of a stage are done in a second."""

    def render(self, task: Task) -> Text:
        """The rate, empty while it isn't known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


@contextmanager
def progress_bar(console: Console, *, dry_run: bool = False) -> Iterator[Report]:
    """A progress bar per stage on a terminal; elsewhere, a line when a stage is done. A dry run stores nothing."""
    if not console.is_terminal:
        done_by = _DONE | ({"storing": ("Checked", "row")} if dry_run else {})
        yield lambda stage, done, total: _plain_line(console, done_by, stage, done, total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("·"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total)

        yield progress


_DONE = {
    "storing": ("Stored", "row"),
    "rating clients": ("Rated", "client"),
    "timelines": ("Computed", "timeline"),
    "verifying": ("Verified", "partner"),
}


def _plain_line(console: Console, done_by: Mapping[str, tuple[str, str]], stage: str, done: int, total: int) -> None:
    if done >= total:
        verb, noun = done_by.get(stage, (f"{stage}: read", "row"))
        console.print(f"{verb} {total:,} {noun}{'' if total == 1 else 's'}.", markup=False)


@contextmanager
def database_for_import(settings: Settings, *, dry_run: bool) -> Iterator[Core]:
    """The database to import into, a new SQLite file if there is none; after a dry run a new file is gone again.

    Raises what create_core raises.
    """
    file = Path(str(settings.database.database)) if is_sqlite(settings.database) else None
    is_new = file is not None and not file.exists()
    core = create_core(settings, may_create=True)
    try:
        yield core
    finally:
        if dry_run and is_new:
            core.engine.dispose()
            for ending in ("", "-wal", "-shm", "-journal"):
                Path(f"{file}{ending}").unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What `tierbot import` was asked for: see tiercore.ingest.importing.import_source."""

    dry_run: bool = False
    mirror: bool = False
    keep_people: bool = False
    dates: DateOrder | None = None
    decimal: DecimalMark | None = None


def run_source(core: Core, source: Source, options: ImportOptions, *, err: Console) -> Imported:
    """Import what a source has. Warns first of thresholds that have ended."""
    warn_of_ended(core.program, core.settings.today_is(), err)
    with progress_bar(err, dry_run=options.dry_run) as progress:
        return import_source(
            core.engine,
            core.program,
            source,
            today=core.settings.today_is(),
            at=utc_now(),
            dry_run=options.dry_run,
            mirror=options.mirror,
            progress=progress,
        )


def run_import(core: Core, path: Path, options: ImportOptions, *, out: Console, err: Console) -> bool:
    """Import a folder or a file and print the outcome; whether it succeeded."""
    source = Files(path, dates=options.dates, decimal=options.decimal, lists_everyone=not options.keep_people)
    imported = run_source(core, source, options, err=err)
    print_outcome(imported, path, out=out, err=err)
    if path.is_file() and path.suffix.lower() in ENDINGS and any(each.kind in _NOT_OURS for each in imported.problems):
        what = "If it is an export or a spreadsheet of your own, have its columns mapped"
        err.print(f"{what}: tierbot import {quote(str(path))} --map new", markup=False, soft_wrap=True)
    return not imported.problems


def print_outcome(imported: Imported, origin: object, *, out: Console, err: Console) -> None:
    """Print the warnings, then either every problem or the summary."""
    for line in report(imported.warnings, imported.more_warnings):
        err.print(f"warning: {line}", style="yellow", markup=False)
    if imported.problems:
        for line in report(imported.problems):
            err.print(line, markup=False)
        count = len(imported.problems)
        err.print(f"{count:,} {'problem' if count == 1 else 'problems'}. Nothing was stored.", style="red")
        return
    out.print(_summary(imported))
    past = past_lines(imported.past, begins_record=imported.begins_record)
    waiting = [waiting_text(imported.waiting)] if imported.waiting else []
    for line in (*past, *waiting, *_lost_access(imported)):
        out.print(line, markup=False)
    out.print(f"Stored from {origin}." if imported.stored else "Dry run: nothing was stored.", markup=False)


def waiting_text(rows: int) -> str:
    """How many rows wait because someone may have typed the same."""
    what = "1 row waits for an answer: it" if rows == 1 else f"{rows:,} rows wait for an answer: each"
    return f"{what} may be what someone typed in Slack. People are asked there which of them counts."


def _lost_access(imported: Imported) -> Iterator[str]:
    """Who loses access, because people.csv no longer has their rows."""
    lost = imported.lost_access
    for each in lost[:_SHOWN]:
        what = "everything" if each.entirely else ", ".join(partner or "admin" for partner in each.partners)
        yield f"No longer in people.csv: {each.name} <{each.email}> loses access to {what}."
    if len(lost) > _SHOWN:
        yield f"And {len(lost) - _SHOWN:,} more people lose access."
    if lost:
        yield "If the file is only a part of the list, import it with --keep-people."


def _summary(imported: Imported) -> Table:
    table = Table("file", "added", "changed", "same", "removed", box=None, pad_edge=False, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, count in imported.counts.items():
        numbers = (count.added, count.changed, count.same, count.removed)
        table.add_row(name, *(f"{number:,}" for number in numbers))
    return table
