"""The small inputs of tests/cases: each a folder of files, perhaps with rules of its own, and a question about it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from bot.cli.ask import ask
from bot.settings import Settings
from bot.wiring import Core
from tiercore.access import Grant, Mailbox
from tiercore.answers import Answers
from tiercore.ingest.importing import Imported, import_folder
from tiercore.ledger import Ledger
from tiercore.program import load_program
from tiercore.storage.engine import create_database_engine
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade

CASES = Path(__file__).parents[1] / "cases"
TODAY = date(2026, 1, 15)


@dataclass(frozen=True)
class Case:
    """A case, imported: its answers, the grant of the partner asked about, and what the import said."""

    answers: Answers
    grant: Grant
    imported: Imported


@asynccontextmanager
async def case(
    name: str, database: Path, *, email: str, partner: str = "P1", today: date = date(2026, 1, 1), rules: str = ""
) -> AsyncIterator[Case]:
    """The case of that name, imported into a new SQLite file, as the person sees it; `rules` are added to its own."""
    folder, own = CASES / name, CASES / name / "program.toml"
    table = database.with_suffix(".toml")
    table.write_text((own.read_text() if own.exists() else "") + rules)
    program = load_program(table)
    url = URL.create("sqlite", database=str(database))
    engine = create_database_engine(url)
    upgrade(engine)
    files = folder / "in" if (folder / "in").is_dir() else folder
    imported = import_folder(engine, program, files, today=today)
    engine.dispose()
    assert imported.problems == []
    reader = create_reader(url)
    await reader.open()
    try:
        answers = Answers(Ledger(reader, program))
        yield Case(answers, (await answers.reach(Mailbox(email))).grant(partner), imported)
    finally:
        await reader.close()


@dataclass(frozen=True)
class ImportedCase:
    """A database filled from a case's folder; `imported` is what the import said of it."""

    core: Core
    imported: Imported

    async def json(self, question: str, on: str, email: str) -> dict[str, Any]:
        """The answer as JSON."""
        return (await ask(self.core, question, email, date.fromisoformat(on))).record

    async def text(self, question: str, on: str, email: str) -> str:
        """The answer as people read it, in one line."""
        told = await ask(self.core, question, email, date.fromisoformat(on))
        return " ".join(told.text(colour=False, width=400).split())


@dataclass(frozen=True)
class CaseInTurn(ImportedCase):
    """A database that the folders of a case are imported into in turn, each on its own day."""

    name: str

    def then(self, folder: str, day: date, **options: Any) -> Imported:
        """Import one more folder of the case; what the import said of it."""
        files = CASES / self.name / folder
        imported = import_folder(self.core.engine, self.core.program, files, today=day, **options)
        assert imported.problems == []
        return imported


def case_in_turn(name: str, engine: Engine, table: Path | None = None) -> CaseInTurn:
    """The case of tests/cases by its folder's name, with nothing imported yet."""
    settings = Settings(database_url=engine.url.render_as_string(hide_password=False))
    return CaseInTurn(Core(settings, load_program(table), engine), Imported(), name)


@contextmanager
def imported_case(name: str, engine: Engine, table: Path | None = None) -> Iterator[ImportedCase]:
    """The case of tests/cases by its folder's name, under the shipped rules or with a table laid over them."""
    program = load_program(table)
    imported = import_folder(engine, program, CASES / name, today=TODAY)
    assert imported.stored, [str(each) for each in imported.problems]
    settings = Settings(database_url=engine.url.render_as_string(hide_password=False))
    yield ImportedCase(Core(settings, program, engine), imported)
