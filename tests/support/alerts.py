"""What makes an alert turn red in the sample folder, and the rows behind it."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from tests.support.sample_folder import FOLDER
from tests.support.served_bot import ServedBot
from tiercore.ingest.importing import import_folder
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading

LOST = "C1,Marketing Hub,2000,USD,2022-09-04,"  # Acme drops from 12,000 to 2,000


def import_rows(tierbot: ServedBot, folder: Path, name: str, *lines: str) -> None:
    """Import more rows of a file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join([FOLDER[name].splitlines()[0], *lines]) + "\n")
    imported = import_folder(tierbot.core.engine, tierbot.core.program, folder, today=date(2022, 9, 5))
    (folder / name).unlink()
    assert not imported.problems


def rows(tierbot: ServedBot, model) -> list:
    with reading(tierbot.core.engine) as connection:
        return connection.execute(select(table(model))).all()
