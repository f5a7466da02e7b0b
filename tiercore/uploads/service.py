"""What happens to dropped files, one method each: preview, import, discard (data#dropped-files)."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from tiercore.access import SlackUser
from tiercore.ingest.importing import Imported, import_source
from tiercore.ingest.mapping import MappedSource, MappingError
from tiercore.ingest.mapping.partner_names import partners_on_file
from tiercore.ingest.problems import first_of_each, report
from tiercore.ingest.scratch import ScratchFolder
from tiercore.people.audit import record
from tiercore.program import Program
from tiercore.storage.transactions import Transactions
from tiercore.uploads import stored
from tiercore.uploads.opening import open_files, write_files
from tiercore.uploads.rights import importer_of, still_allowed_to, told_alike, without_others
from tiercore.uploads.stored import State
from tiercore.uploads.types import BadCell, Drop, DroppedFile, FileCount, Importer, Outcome, PastChange, names_of

SHOWN_CELLS = 40
_SHOWN_WARNINGS = 8
FORGET_EVERY = timedelta(minutes=15)


class Uploads:
    """Dropped files of one database. `today` is the day of imports.

    Every method that takes a user may raise NotLinked, NotAllowed (this person may not) and InvalidChange.
    """

    def __init__(self, transactions: Transactions, engine: Engine, program: Program, today: Callable[[], date]) -> None:
        self._transactions, self._engine, self._program, self._today = transactions, engine, program, today
        self._one_by_one = asyncio.Lock()
        self._forget_at: datetime | None = None

    async def claim(self, user: SlackUser, message: str) -> str | None:
        """The id under which to answer a message with files, or None if it was answered before."""
        return await self._transactions.write(lambda db, now: stored.claim(db, user, message, now))

    async def importer(self, user: SlackUser) -> Importer:
        """What the user may import."""
        return await self._transactions.read(lambda db: importer_of(db, user))

    async def preview(self, user: SlackUser, upload_id: str, files: Sequence[DroppedFile], text: str) -> Outcome:
        """What importing the files, with the text that was written with them, would do.

        They are kept for a day if there is something to import.
        """
        importer = await self.importer(user)
        outcome = await self._import(Drop(tuple(files), text), user, importer, dry_run=True)
        if not outcome.total_bad and outcome.changes_something:
            await self._transactions.write(
                lambda db, _: stored.keep(db, upload_id, Drop(tuple(files), text), outcome.counts)
            )
        return outcome

    async def store(self, user: SlackUser, upload_id: str) -> Outcome:
        """Import files that were shown before, with the rights that the user has now."""
        importer = await self.importer(user)
        counts = await self._transactions.write(lambda db, _: stored.begin(db, user, upload_id, State.IMPORTING))
        state = State.OFFERED
        try:
            drop = await self._transactions.read(lambda db: stored.drop_of(db, upload_id))
            outcome = await self._import(drop, user, importer, dry_run=False, shown=counts)
            state = State.IMPORTED if outcome.stored else State.OFFERED
        finally:
            await self._transactions.write(lambda db, _: stored.set_state(db, upload_id, state))
        if outcome.stored:
            await self._audit(user, outcome)
        return outcome

    async def discard(self, user: SlackUser, upload_id: str) -> None:
        """Delete files that were shown before."""
        await self._transactions.write(lambda db, _: stored.begin(db, user, upload_id, State.DISCARDED))

    async def has_imported(self) -> bool:
        """Whether somebody imported files within the last day."""
        return await self._transactions.read(stored.has_imported)

    async def forget(self) -> None:
        """Delete, from time to time, what is older than a day."""
        now = self._transactions.clock()
        if self._forget_at is None or now >= self._forget_at:
            self._forget_at = now + FORGET_EVERY
            await self._transactions.write(stored.forget)

    async def _audit(self, user: SlackUser, outcome: Outcome) -> None:
        actor, names = f"{user.team_id}/{user.user_id}", ", ".join(outcome.names)[:500]
        await self._transactions.write(lambda db, now: record(db, now, actor, "imported", names))

    async def _import(
        self, drop: Drop, user: SlackUser, importer: Importer, *, dry_run: bool, shown: str = ""
    ) -> Outcome:
        async with self._one_by_one:
            return await asyncio.to_thread(self._import_now, drop, user, importer, dry_run=dry_run, shown=shown)

    def _import_now(self, drop: Drop, user: SlackUser, importer: Importer, *, dry_run: bool, shown: str) -> Outcome:
        names, catalogue = names_of(drop.files), self._program.catalogue
        on_file = partners_on_file(self._engine, importer.partners)
        with ScratchFolder("upload") as folder:
            write_files(folder, drop.files)
            try:
                opened = open_files(folder, names, drop.text, importer.partners, catalogue, on_file)
            except MappingError as error:
                return _outcome(names, Imported(problems=list(error.problems)), importer)
            if opened.source is None:
                return Outcome(names, read_as=opened.read_as, settings=opened.settings, proposal=opened.proposal)
            imported = import_source(
                self._engine,
                self._program,
                opened.source,
                today=self._today(),
                at=self._transactions.clock(),
                dry_run=dry_run,
                by=importer.email,
                allow=still_allowed_to(user),
            )
        summary = opened.source.summary if isinstance(opened.source, MappedSource) else ()
        outcome = replace(_outcome(names, imported, importer), read_as=opened.read_as, summary=summary)
        return _compared(outcome, shown) if shown else outcome


def _outcome(names: tuple[str, ...], imported: Imported, importer: Importer) -> Outcome:
    problems = imported.problems if importer.partners is None else [*map(told_alike, imported.problems)]
    cells = [
        BadCell(each.file, each.line, each.column, each.value, each.message, _in_slack(each.remedy))
        for each in first_of_each(problems, SHOWN_CELLS)
    ]
    found = imported.warnings if importer.partners is None else [*map(without_others, imported.warnings)]
    warnings = first_of_each(found, _SHOWN_WARNINGS)
    left_out = len(found) - len(warnings)
    more = dict(imported.more_warnings) | ({"other warnings": left_out} if left_out else {})
    return Outcome(
        names,
        tuple(FileCount(name, each.added, each.changed, each.same) for name, each in imported.counts.items()),
        tuple(cells),
        len(problems),
        tuple(report(warnings)),
        more,
        tuple(PastChange(each.name, each.span) for each in imported.past),
        imported.stored,
        waiting=imported.waiting,
    )


_SAID_WITH_FILES = {
    r"--dates (day|month)-first or --dates \S+": "write dates=day-first (or month-first) with the file",
    r"--decimal point or --decimal comma": "write decimal=point (or comma) with the file",
}


def _in_slack(remedy: str) -> str:
    """A remedy as one follows it in Slack: an option of the command line is written with the file."""
    for of_command_line, in_message in _SAID_WITH_FILES.items():
        remedy = re.sub(of_command_line, in_message, remedy)
    return remedy


def _compared(outcome: Outcome, shown: str) -> Outcome:
    """The outcome, and whether its counts are those that were `shown` before."""
    return replace(outcome, differs=outcome.stored and stored.as_text(outcome.counts) != shown)
