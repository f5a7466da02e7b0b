"""Files that were dropped on the page: imported, all or none with a list of every bad cell; or sent to the bot."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from bot.playground.page.actions import CannotDo, require_installed
from bot.playground.world.people import Account
from bot.playground.world.world import BUSY, World
from tiercore.ingest import report
from tiercore.ingest.discovery import SPREADSHEETS
from tiercore.ingest.importing import Imported

Json = dict[str, Any]
MAX_DROP_BYTES = 64 << 20


async def import_drop(request: web.Request, world: World) -> Json:
    """Import the files of a request; the result for the page. Raises CannotDo where there is nothing to import."""
    if not request.content_type.startswith("multipart/"):
        raise CannotDo("drop CSV or .xlsx files on the page")
    with tempfile.TemporaryDirectory(prefix="tierbot-drop-") as folder:
        replace = await _write_files(request, Path(folder))
        if world.busy.locked():
            raise CannotDo(BUSY)
        return _result(await world.import_files(Path(folder), replace=replace))


async def share_with_bot(request: web.Request, world: World, who: Account) -> Json:
    """Send the files of a request, and the text with them, in the person's direct message with the bot.

    Raises CannotDo for no file, and where the bot isn't installed.
    """
    if not request.content_type.startswith("multipart/"):
        raise CannotDo("drop files on the messages with tierbot")
    require_installed(world.slack_of(who))
    files, text = dict[str, bytes](), ""
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "text":
            text = await part.text()
        elif isinstance(part, BodyPartReader) and part.filename:
            try:
                files[Path(part.filename).name] = bytes(await part.read())
            except web.HTTPRequestEntityTooLarge:
                raise CannotDo(f"{part.filename} is larger than {MAX_DROP_BYTES >> 20} MiB") from None
    if not files:
        raise CannotDo("there's no file among them")
    answer = await world.slack_of(who).share(who.user_id, files, text, wait=0)
    return {"error": answer.sent.error} if answer.sent.error else {}


def _result(imported: Imported) -> Json:
    problems = [
        {
            "file": each.file,
            "line": each.line,
            "column": each.column,
            "value": each.value,
            "what": each.message,
            "next": each.remedy,
        }
        for each in imported.problems
    ]
    return {
        "stored": imported.stored,
        "problems": problems,
        "warnings": list(report(imported.warnings, imported.more_warnings)),
        "files": {name: asdict(count) for name, count in imported.counts.items()},
    }


async def _write_files(request: web.Request, folder: Path) -> bool:
    """Write the request's files into the folder; whether they should replace the current data. Raises CannotDo."""
    replace, names = False, set[str]()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        name = Path(part.filename or "").name
        if part.name == "replace":
            replace = await part.text() == "yes"
        elif name.lower().endswith((".csv", *SPREADSHEETS)) and not name.startswith("."):
            if name in names:
                raise CannotDo(f"two files are called {name}: drop the files of one folder")
            names.add(name)
            try:
                (folder / name).write_bytes(await part.read())
            except OSError as error:
                raise CannotDo(f"{name[:60]} can't be stored for reading: {error.strerror}") from None
            except web.HTTPRequestEntityTooLarge:
                limit = f"{MAX_DROP_BYTES >> 20} MiB"
                raise CannotDo(f"{name} is larger than {limit}: use tierbot demo --data FOLDER") from None
    if not names:
        raise CannotDo("there's no CSV or .xlsx file among them")
    return replace
