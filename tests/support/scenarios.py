"""Random partners with random steps: asked as a scenario, and really imported."""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path

from tests.support.histories import History, history
from tiercore.facts.entries import Certification, Entry, Motion, Partner, Person, Role, TierCredited, ToolUsage
from tiercore.facts.money import Money
from tiercore.ingest.files import FORMATS
from tiercore.ingest.typed_rows import cells_of
from tiercore.scenarios.entries import PREFIX
from tiercore.scenarios.steps import (
    NEW_CLIENT,
    Downgrade,
    EndAgreement,
    ExtendAgreement,
    Lose,
    RenewCertification,
    Sell,
    Step,
)
from tiercore.storage import rows

ADMIN = "admin@example.com"
_LINES = ("Marketing Hub", "Marketing Hub Enterprise", "Content Hub Professional", "Sales Hub Professional", "Its own")
_TIERS = ("gold", "platinum", "diamond", "untiered")


@dataclass(frozen=True)
class Asked:
    """A partner's history, and the scenario that somebody asks about on a day."""

    name: str
    partner_id: str
    entries: tuple[Entry, ...]
    steps: tuple[Step, ...]
    as_of: date


def asked(seed: int) -> Asked:
    """A random history of at most three clients and partners, and up to four steps of one of the partners."""
    chance, name = random.Random(seed), f"H{seed}-"
    one = history(chance, name)
    partner_id = chance.choice(sorted({each.partner_id for each in (*one.sales, *one.agreements)}) or [f"{name}P1"])
    as_of = max((each.sold_on for each in one.sales), default=date(2024, 1, 1)) + timedelta(chance.randrange(-200, 300))
    steps = [_step(chance, one, partner_id, as_of) for _ in range(chance.choice((1, 1, 2, 3, 4)))]
    return Asked(name, partner_id, (*_entries(chance, one, name, as_of),), (*steps,), as_of)


def _entries(chance: random.Random, one: History, name: str, as_of: date) -> Iterable[Entry]:
    for partner_id in sorted({each.partner_id for each in (*one.sales, *one.agreements)} | {f"{name}P1"}):
        until = as_of + timedelta(chance.randrange(-100, 400))
        yield Partner(partner_id, partner_id, chance.choice(("US", "IN")), "USD", date(2020, 1, 1), None, until)
        for _ in range(chance.choice((0, 1, 1, 2))):
            valid = as_of + timedelta(chance.randrange(-500, 300))
            yield Certification(partner_id, "Solutions Partner Certification", valid - timedelta(400), valid)
        for at in range(chance.choice((0, 1, 1, 2))):
            yield TierCredited(partner_id, chance.choice(_TIERS), as_of - timedelta(chance.randrange(700) + 700 * at))
    yield from one.clients
    yield from one.sales
    yield from one.levels
    yield from one.agreements
    for client in one.clients:
        months = {as_of.replace(day=1) - timedelta(31 * chance.randrange(30)) for _ in range(chance.choice((0, 0, 3)))}
        yield from (ToolUsage(client.client_id, each.replace(day=1), chance.randrange(7)) for each in sorted(months))


def _step(chance: random.Random, one: History, partner_id: str, as_of: date) -> Step:
    client = chance.choice(one.clients).client_id
    day = as_of + timedelta(chance.choice((0, 0, 1, 20, 90, 200, -60)))
    mrr = Money(chance.choice((1_00, 500_00, 700_00, 1_234_56, 9_000_00)), chance.choice(("USD", "USD", "EUR", "NZD")))
    until = day + timedelta(chance.choice((0, 30, 400)))
    motion = chance.choice(tuple(Motion))
    line = chance.choice((*_LINES, *(each.product_line for each in (*one.levels, *one.sales))))
    account = chance.choice((None, None, None, "East"))
    return chance.choice(
        (
            Sell(chance.choice((client, client, NEW_CLIENT)), line, motion, mrr, day, None, account),
            Sell(client, line, motion, mrr, day),
            Lose(client, day),
            Downgrade(client, line, replace(mrr, minor=chance.choice((0, mrr.minor))), day, account),
            EndAgreement(client, day - timedelta(1)),
            ExtendAgreement(client, chance.choice((None, until)), day),
            RenewCertification("Solutions Partner Certification", day, until),
        )
    )


def named(entry: Entry, name: str) -> Entry:
    """The entry with the IDs that a scenario made up under the history's name, so that many fit into one database."""
    ids = ("sale_id", "client_id", "agreement_id")
    own = {each.name: getattr(entry, each.name) for each in fields(entry) if each.name in ids}
    return replace(entry, **{key: name + value for key, value in own.items() if value.startswith(PREFIX)})


def write_files(folder: Path, entries: Sequence[Entry]) -> Path:
    """The entries as a folder of files; a later one with the key of an earlier one takes its place."""
    folder.mkdir()
    found: dict[str, dict[tuple[str, ...], dict[str, str]]] = defaultdict(dict)
    for each in (*entries, Person(ADMIN, "Admin", Role.ADMIN)):
        file = next(
            name for name, entry in ((name, form.entry) for name, form in FORMATS.items()) if entry is type(each)
        )
        cells = cells_of(file, rows.entry_row(each))
        found[file][tuple(cells[column] for column in FORMATS[file].key)] = cells
    for file, lines in found.items():
        with (folder / f"{file.removesuffix('.csv')}.csv").open("w", newline="") as out:
            writer = csv.DictWriter(out, [column.name for column in FORMATS[file].columns])
            writer.writeheader()
            writer.writerows(lines.values())
    return folder
