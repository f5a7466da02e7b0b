"""What `tierbot sync hubspot` does and prints: progress with its rate, what was stored, how syncs are doing."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import stamina.instrumentation
import typer
from rich.console import Console
from stamina.instrumentation import RetryDetails

from bot.cli.importing import database_for_import, print_outcome, progress_bar
from bot.hubspot.client import HubSpotClient
from bot.hubspot.discovery import proposed_mapping, read_schema
from bot.hubspot.errors import InvalidPage, RateLimited, Unreachable
from bot.hubspot.limits import DailyBudget, Limits
from bot.hubspot.object_types import ObjectType
from bot.hubspot.reader import HubSpotReader
from bot.hubspot.reading import OnPage
from bot.hubspot.storing import SyncOptions
from bot.hubspot.sync import Synced
from bot.settings import Settings
from bot.syncing import create_sync, portal_of
from bot.wiring import create_core, create_services
from tiercore.ingest.mapping.drafts import DECIDE
from tiercore.ingest.staging.runs import Outcome, SyncRun
from tiercore.ingest.staging.status import SyncStatus


def run_sync(
    settings: Settings,
    options: SyncOptions,
    mapping: Path | None,
    share: Fraction | None,
    *,
    out: Console,
    err: Console,
) -> bool:
    """Sync, and print how it went; whether the ledger agrees with HubSpot now, or would after a dry run.

    Raises HubSpotError, AnotherSync, MappingError; Exit after Ctrl-C.
    """
    read: dict[str, int] = {}

    def count(of: ObjectType, run: SyncRun) -> None:
        read[of.name] = run.reading(of.name).records
        on_page(of, run)

    with database_for_import(settings, dry_run=False) as core, retries_told(err), page_progress(err) as on_page:
        sync = create_sync(core, mapping, share)
        with stopped_in_words(err, lambda: sum(read.values())), progress_bar(err) as progress:
            synced = asyncio.run(sync.run(options, count, progress))
    print_synced(synced, out=out, err=err)
    return synced.stored.outcome.is_complete or synced.stored.outcome is Outcome.TRIED


@contextmanager
def stopped_in_words(console: Console, records: Callable[[], int] = lambda: 0) -> Iterator[None]:
    """Say after Ctrl-C how many records are kept, and exit with status 130."""
    try:
        yield
    except KeyboardInterrupt:
        kept = f"what was read is kept ({_records(records())})" if records() else "nothing was read yet"
        console.print(f"Stopped: {kept}; run it again to go on.", markup=False)
        raise typer.Exit(130) from None


@contextmanager
def retries_told(console: Console) -> Iterator[None]:
    """Say in a line for the operator when a call is tried again, instead of logging it."""

    def tell(details: RetryDetails) -> None:
        match details.caused_by:
            case RateLimited(seconds=seconds):
                console.print(f"HubSpot's rate limit is reached: waiting {seconds:,.0f} seconds.", markup=False)
            case Unreachable(cause=cause) | InvalidPage(cause=cause):
                console.print(f"{cause}. Trying again.", markup=False)

    stamina.instrumentation.set_on_retry_hooks([tell])
    try:
        yield
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)


@contextmanager
def page_progress(console: Console) -> Iterator[OnPage]:
    """On a terminal a line that counts up; elsewhere a line when a type of record is read."""
    began = time.monotonic()

    def line(of: ObjectType, run: SyncRun) -> str:
        rate = run.records / max(time.monotonic() - began, 0.001)
        return f"HubSpot {of.words}: {run.reading(of.name).records:,} read ({run.calls:,} calls, {rate:,.0f} records/s)"

    if not console.is_terminal:
        yield lambda of, run: console.print(f"{line(of, run)}.", markup=False) if run.reading(of.name).is_done else None
        return
    with console.status("HubSpot …") as status:
        yield lambda of, run: status.update(line(of, run))


def print_synced(synced: Synced, *, out: Console, err: Console) -> None:
    """Print what was read, what became of it, and what comes next."""
    run, stored = synced.run, synced.stored
    for each in synced.left_out:
        err.print(f"warning: {each}", style="yellow", markup=False)
    kind = "all records" if run.is_full else f"what has changed since {run.since:%Y-%m-%d %H:%M} UTC"
    out.print(
        f"Read {kind}: {run.records:,} records, {run.changed:,} of them new or changed, in {run.calls:,} calls.",
        markup=False,
    )
    if stored.imported is not None:
        print_outcome(stored.imported, "HubSpot", out=out, err=err)
    elif stored.outcome is Outcome.HELD:
        err.print(f"Nothing was stored: {stored.message}.", style="red", markup=False)
    else:
        out.print("Nothing is new: nothing was stored.")
    for file, count in stored.removed.items():
        out.print(f"{file}: {_rows(count)} removed, because two complete syncs didn't find them.", markup=False)
    for file, count in stored.marked.items():
        out.print(
            f"{file}: {_rows(count)} no longer in HubSpot. They stay until another sync of all records agrees.",
            markup=False,
        )
    if stored.missing and not stored.marked:
        out.print(f"{_records(stored.missing)} weren't found. They stay until another sync of all records agrees.")


def discover_mapping(settings: Settings, to: Path | None, *, out: Console, err: Console) -> bool:
    """Propose a mapping of the portal, print it or write it to a new file, and say what is left to decide.

    Raises HubSpotError, FileExistsError; Exit after Ctrl-C.
    """
    with retries_told(err), stopped_in_words(err):
        text, questions, left_out = asyncio.run(_proposed(settings))
    if to is None:
        out.print(text, markup=False, end="")
    else:
        with to.open("x", encoding="utf-8") as file:
            file.write(text)
        out.print(f"Wrote {to}.", markup=False)
    for each in left_out:
        out.print(f"Left out: {each}", markup=False)
    if questions:
        out.print(f"What only you know ({len(questions)}), marked {DECIDE}:", markup=False)
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(DECIDE):
            out.print(f"  line {number}: {line.removeprefix(DECIDE).strip()}", markup=False)
    if to is not None:
        out.print(f"Then: tierbot sync hubspot --map {to} --dry-run", markup=False)
    return True


async def _proposed(settings: Settings) -> tuple[str, list[str], list[str]]:
    portal = portal_of(settings)
    limits = Limits(DailyBudget(portal.share))
    async with HubSpotClient(portal.token, limits, portal.url, portal.patience) as client:
        schema = await read_schema(HubSpotReader(client))
    text, questions = proposed_mapping(schema)
    return text, questions, list(schema.left_out.values())


def print_status(settings: Settings, *, out: Console) -> bool:
    """Print how syncs are doing; whether the last one is complete."""
    services = create_services(create_core(settings))
    status = asyncio.run(services.syncs.status())
    if status is None:
        out.print("No sync was made yet, and none is scheduled (TIERBOT_SYNC_HOURS).")
        return True
    for line in status_lines(status):
        out.print(line, markup=False)
    return not status.error


def status_lines(status: SyncStatus) -> Iterator[str]:
    """How syncs are doing, in sentences for the operator."""
    if status.is_running:
        yield "A sync is running."
    if status.complete is None:
        yield "No sync was complete yet."
    else:
        began = f"{status.complete.started_at:%Y-%m-%d %H:%M} UTC"
        yield f"The last complete sync began at {began}, {_ago(status.lag)} ago."
    if status.error and status.last is not None:
        yield f"The last sync ({status.last.outcome}): {status.error}"
    if status.next_at is not None:
        yield f"The next sync is due at {status.next_at:%Y-%m-%d %H:%M} UTC."
    else:
        yield "No sync is scheduled (TIERBOT_SYNC_HOURS)."


def _rows(count: int) -> str:
    return f"{count:,} row{'s'[: count != 1]}"


def _records(count: int) -> str:
    return f"{count:,} record{'s'[: count != 1]}"


def _ago(lag: timedelta | None) -> str:
    minutes = int((lag or timedelta(0)).total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
