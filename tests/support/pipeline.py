"""Open deals for tests: rows of pipeline.csv, random pipelines, and entries written as the files of an import."""

import csv
import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from tiercore.facts.entries import Entry, Motion, PipelineDeal
from tiercore.facts.money import Money
from tiercore.ingest.files import FILES, FORMATS
from tiercore.ingest.importing import Imported, import_folder
from tiercore.ingest.typed_rows import cells_of, key_of
from tiercore.program import Program
from tiercore.storage.rows import entry_row

HEADER = ",".join(column.name for column in FORMATS["pipeline.csv"].columns)
TODAY = date(2022, 9, 5)
LINES = ("Marketing Hub", "Sales Hub", "Service Hub Professional", "Marketing Hub Enterprise")


def import_deals(engine: Engine, program: Program, folder: Path, *rows: str, whole: bool = True) -> Imported:
    """Import a pipeline.csv with these rows."""
    folder.mkdir(exist_ok=True)
    (folder / "pipeline.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return import_folder(engine, program, folder, today=TODAY, keep_people=not whole)


def import_entries(engine: Engine, program: Program, folder: Path, entries: Iterable[Entry]) -> None:
    """Import entries as files; of several with one key, the last."""
    found: dict[str, dict[tuple[str, ...], dict[str, str]]] = {}
    names = {kind: file for file, kind in FILES.items()}
    for each in entries:
        file, row = names[type(each)], entry_row(each)
        found.setdefault(file, {})[key_of(file, row)] = cells_of(file, row)
    if not found:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file, rows in found.items():
        with (folder / file).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, [column.name for column in FORMATS[file].columns])
            writer.writeheader()
            writer.writerows(rows.values())
    imported = import_folder(engine, program, folder, today=TODAY, keep_people=True)
    assert imported.problems == []


def random_deals(seed: int, partner_id: str = "PA") -> list[PipelineDeal]:
    """A few open deals with known and new clients, of any probability, some of them on the same line and day."""
    rng = random.Random(seed)
    days = [TODAY + timedelta(rng.randrange(0, 500)) for _ in range(3)]
    found = []
    for number in range(rng.randrange(1, 7)):
        client_id = rng.choice(["C1", "C1", "C2", "C4", None])
        found.append(
            PipelineDeal(
                f"D{number}",
                partner_id,
                client_id,
                None if client_id else rng.choice(["Neu GmbH", "Novo Ltda"]),
                None if client_id else rng.choice(["DE", "BR", None]),
                rng.choice(LINES),
                rng.choice(tuple(Motion)),
                Money(rng.randrange(1, 900_000), rng.choice(["USD", "USD", "EUR"])),
                rng.choice(days),
                rng.choice([None, 0, 30, 49, 50, 75, 89, 90, 100]),
            )
        )
    return found
