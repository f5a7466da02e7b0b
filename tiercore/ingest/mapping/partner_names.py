"""The partners on file by what an export may call them, and columns with their names that a mapping doesn't read."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from sqlalchemy import Engine, select

from tiercore.ingest.mapping.guessing import LOOKED_AT
from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.mapping import ExportMapping, RawTable, Recipe, names_in
from tiercore.ingest.mapping.shapes import share
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.problems import BadCell, Problem
from tiercore.storage.bulk import table
from tiercore.storage.engine import reading
from tiercore.storage.tables.ledger import PartnerRow

_MOST = 0.9


def partners_on_file(engine: Engine, only: Collection[str] | None = None) -> Mapping[str, str]:
    """The ids of the partners on file, or of `only` those, by their names and ids, without capitals.

    A name that two have is left out.
    """
    partners = table(PartnerRow)
    with reading(engine) as connection:
        rows = connection.execute(select(partners.c.partner_id, partners.c.name)).all()
    rows = [row for row in rows if only is None or row[0] in only]
    names = Counter(plain(name) for _, name in rows)
    return {plain(name): key for key, name in rows if names[plain(name)] == 1} | {plain(key): key for key, _ in rows}


def unread_partners(
    mapping: ExportMapping, tables: Sequence[RawTable], on_file: Mapping[str, str]
) -> Iterator[Problem]:
    """A warning for each column with the names of several partners, where the mapping gives all rows to one."""
    rules = [rule for rule in mapping.rules if "partner_id" in rule.cells]
    line = rules[0].lines.get("partner_id", 0) if rules else 0
    for each in tables:
        layout = Layout.of(each.name, each.header)
        if not rules or not all(_is_one(rule.cells["partner_id"], layout) for rule in rules):
            continue
        for name, counts in _columns(each):
            found = {on_file[plain(text)] for text in counts if plain(text) in on_file}
            if len(found) > 1 and share(counts, lambda text: plain(text) in on_file) >= _MOST:
                message = f"of {each.name} has the names of {len(found):,} partners, and the mapping gives all to one"
                remedy = f'write partner_id = {{ column = "{name}", values = {{ "their name" = "its partner_id" }} }}'
                yield Problem(mapping.origin, line, "partner_id", name, "unread partners", message, remedy)


def _is_one(recipe: Recipe, layout: Layout) -> bool:
    """Whether a recipe says the same in each row: no column that it reads is there."""
    with suppress(BadCell):
        return all(layout.find(names) is None for names in names_in(recipe))
    return False


def _columns(table: RawTable) -> Iterator[tuple[str, Counter[str]]]:
    """The columns with the values of their first rows; none of a table that can't be read, which the import says."""
    try:
        rows = [cells for _, cells in islice(table.rows(lambda broken: None), LOOKED_AT)]
    except (BadCell, OSError):
        return
    for at, name in enumerate(table.header):
        yield name.strip(), Counter(cells[at].strip() for cells in rows if at < len(cells))
