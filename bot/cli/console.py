"""The consoles of the command line, and errors as lines for the operator."""

import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.table import Table

PLAIN_WIDTH = 160
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
err = Console(stderr=True, soft_wrap=True, highlight=False)


@contextmanager
def readable_errors(as_json: bool = False) -> Iterator[None]:
    """Print errors that the operator can fix in a line each, and exit with status 1; other errors are raised.

    With `as_json`, print them on standard output too, as one JSON object.
    """
    try:
        yield
    except Exception as error:
        lines = list(in_words(error))
        if not lines:
            raise
        for line in lines:
            fail(line)
        if as_json:
            record = {"error": {"code": "not_usable", "message": " ".join(lines)}}
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        raise typer.Exit(1) from None


def in_words(error: Exception) -> Iterator[str]:
    """The error in lines for the operator; nothing where it isn't theirs to fix."""
    import psycopg
    from psycopg_pool import PoolTimeout
    from pydantic import ValidationError
    from sqlalchemy.exc import DatabaseError

    from bot.hubspot.errors import HubSpotError
    from bot.playground.demo_setup import BadData
    from bot.serving import CannotServe
    from bot.single_process import ServedElsewhere
    from bot.slack.manifest import InvalidManifest
    from bot.slack.token_keys import SealedByAnotherKey
    from bot.wiring import NotReadyToRun
    from tiercore.access import NotLinked
    from tiercore.ingest.mapping.mistakes import MappingError
    from tiercore.ingest.staging.leases import AnotherSync
    from tiercore.people.types import InvalidChange
    from tiercore.program import ProgramError
    from tiercore.storage.cluster import ClusterError
    from tiercore.storage.engine import BadDatabaseURL
    from tiercore.storage.partitions import CannotPartition
    from tiercore.storage.schema import NewerDatabase

    match error:
        case ValidationError():
            for problem in error.errors():
                name = "_".join(str(part) for part in problem["loc"]).upper()
                what = f"setting TIERBOT_{name.removeprefix('TIERBOT_')}" if name else "settings TIERBOT_…"
                yield f"{what}: {problem['msg'].removeprefix('Value error, ')}"
        case (
            BadDatabaseURL()
            | ProgramError()
            | NotReadyToRun()
            | CannotServe()
            | ServedElsewhere()
            | NewerDatabase()
            | InvalidChange()
            | InvalidManifest()
            | BadData()
            | HubSpotError()
            | MappingError()
            | AnotherSync()
            | ClusterError()
            | CannotPartition()
            | SealedByAnotherKey()
        ):
            yield from str(error).splitlines()
        case NotLinked():
            yield "people.csv has no one with that e-mail"
        case UnicodeDecodeError():
            yield "the settings in .env are not UTF-8: save the file as UTF-8"
        case DatabaseError() | sqlite3.Error() | psycopg.Error() | PoolTimeout():
            cause = error.orig if isinstance(error, DatabaseError) else error
            yield f"the database can't be used: {(str(cause).strip() or type(cause).__name__).splitlines()[0]}"
        case OSError():
            yield f"{error.filename or 'the system'}: {error.strerror or error}"


def fail(message: str) -> None:
    """Print a line on standard error."""
    err.print(message, style="red", markup=False)


def print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, empty: str) -> None:
    """Print the rows under their headings, or the `empty` sentence where there are none."""
    if not rows:
        out.print(empty, markup=False)
        return
    table = Table(*head, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    out.print(table)
