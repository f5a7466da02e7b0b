"""Import a generated folder and link Slack users: python -m bench.scale.database FOLDER URL."""

import argparse
import csv
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from bench.scale.market import AS_OF
from tiercore.access import SlackUser
from tiercore.ingest.importing import import_folder
from tiercore.people.linking import link
from tiercore.program import load_program
from tiercore.storage.engine import create_database_engine, database_url
from tiercore.storage.schema import upgrade
from tiercore.storage.transactions import Transactions

TEAM, ADMIN, CAM = "T1", "UADMIN", "UCAM"  # CAM has the first 400 partners


def user_of(partner_id: str) -> str:
    """The Slack user who is linked to the partner's first person."""
    return f"U{partner_id}"


def fill(engine: Engine, folder: Path) -> None:
    """Create the tables, import the folder, and link the users. Raises RuntimeError if the import has a problem."""
    upgrade(engine)
    imported = import_folder(engine, load_program(folder / "program.toml"), folder, today=AS_OF)
    if imported.problems:
        raise RuntimeError(str(imported.problems[0]))
    link_users(engine, folder)


def link_users(engine: Engine, folder: Path) -> None:
    """Link ADMIN, CAM, and one user for each partner."""
    with (folder / "partners.csv").open(encoding="utf-8", newline="") as file:
        partner_ids = [row["partner_id"] for row in csv.DictReader(file)]
    emails = {user_of(each): f"{each.lower()}.0@example.com" for each in partner_ids}
    emails |= {ADMIN: "admin@example.com", CAM: "cam0@example.com"}
    writer = Transactions(engine)

    def link_all(connection: Connection, now: datetime) -> None:
        for user, email in emails.items():
            link(connection, SlackUser(TEAM, user), email, now)

    writer.write_now(link_all)


def main() -> None:
    """Fill the database that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale.database")
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    options = parser.parse_args()
    fill(create_database_engine(database_url(options.url)), options.folder)


if __name__ == "__main__":
    main()
