"""The first admin of an installation, listed on the operator's command line (getting-your-data#steps)."""

from datetime import date

from sqlalchemy import Engine

from tiercore.ingest.importing import import_source
from tiercore.ingest.tables import Listing, TextTable
from tiercore.people.types import OPERATOR, InvalidChange
from tiercore.program import Program

_NAME = "tierbot link --admin"


class _Admin:
    """A people.csv of one admin, a part of the list."""

    name, lists_everyone = _NAME, False

    def __init__(self, email: str) -> None:
        self._email = email

    def tables(self) -> Listing:
        """The one row."""
        person = self._email.partition("@")[0].replace(".", " ").title()
        row = [self._email, person, "admin", ""]
        return Listing([TextTable("people.csv", _NAME, ("email", "name", "role", "partner_id"), {1: row})])


def list_admin(engine: Engine, program: Program, email: str, today: date) -> None:
    """List the e-mail as an admin's. Raises InvalidChange where it isn't an e-mail."""
    imported = import_source(engine, program, _Admin(email.strip().lower()), today=today, by=OPERATOR)
    if imported.problems:
        raise InvalidChange(f"{email!r} can't be listed: {imported.problems[0].message}; {imported.problems[0].remedy}")
