"""The reader survives any bytes, and any valid entries can be read back from their CSV."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    DealType,
    Motion,
    Partner,
    Person,
    Role,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)
from tiercore.facts.money import Money
from tiercore.ingest import FILES, Incoming, Stored
from tiercore.ingest.files import FORMATS

ReadFiles = Callable[..., Incoming]

KEYS = {
    Partner: ("partner_id",),
    Client: ("client_id",),
    Sale: ("sale_id",),
    SubscriptionLevel: ("client_id", "product_line", "effective_on"),
    Agreement: ("agreement_id",),
    ToolUsage: ("client_id", "month"),
    Certification: ("partner_id", "certification", "valid_from"),
    TierCredited: ("partner_id", "credited_on"),
    Person: ("email", "partner_id"),
}


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


_names = (
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1, max_size=60)
    .map(_clean)
    .filter(lambda text: 0 < len(text) <= 100)
)
_partners, _clients = st.sampled_from(["P1", "P2"]), st.sampled_from(["C1", "C2"])
_days = st.dates(date(2000, 1, 1), date(2036, 1, 15))
_money = st.builds(Money, st.integers(0, 10**14 - 1), st.sampled_from(["USD", "EUR", "COP"])) | st.builds(
    Money, st.integers(0, 10**12 - 1), st.sampled_from(["JPY", "KWD"])
)
_two_days = st.tuples(_days, _days).map(sorted)
_emails = st.from_regex(r"[a-z0-9._%+'-]{1,20}@[a-z0-9-]{1,20}\.[a-z]{2,5}", fullmatch=True)

_entries = st.one_of(
    st.builds(
        lambda partner_id, name, country, currency, days, elite, member: Partner(
            partner_id, name, country, currency, days[0], days[1] if elite else None, days[1] if member else None
        ),
        _names,
        _names,
        st.sampled_from(["US", "DE", "KR"]),
        st.sampled_from(["USD", "EUR"]),
        _two_days,
        st.booleans(),
        st.booleans(),
    ),
    st.builds(Client, _names, _names, st.sampled_from(["US", "IN"])),
    st.builds(
        Sale,
        _names,
        _partners,
        _clients,
        _names,
        st.sampled_from(DealType),
        st.sampled_from(Motion),
        _money,
        _days,
    ),
    st.builds(
        lambda client_id, line, money, days, renews: SubscriptionLevel(
            client_id, line, money, days[0], days[1] if renews else None
        ),
        _clients,
        _names,
        _money,
        _two_days,
        st.booleans(),
    ),
    st.builds(
        lambda agreement_id, partner_id, client_id, days, ends: Agreement(
            agreement_id, partner_id, client_id, days[0], days[1] if ends else None
        ),
        _names,
        _partners,
        _clients,
        _two_days,
        st.booleans(),
    ),
    st.builds(ToolUsage, _clients, _days.map(lambda day: day.replace(day=1)), st.integers(0, 1000)),
    st.builds(lambda partner_id, name, days: Certification(partner_id, name, *days), _partners, _names, _two_days),
    st.builds(TierCredited, _partners, st.sampled_from(["gold", "elite", "untiered"]), _days),
    st.builds(Person, _emails, _names, st.sampled_from([Role.PARTNER, Role.CAM, Role.CC]), _partners),
    st.builds(Person, _emails, _names, st.just(Role.ADMIN), st.none()),
)


def _cells(entry: Any) -> dict[str, str]:
    cells: dict[str, str] = {}
    for each in fields(entry):
        value = getattr(entry, each.name)
        if isinstance(value, Money):
            cells |= {"mrr": value.as_decimal(), "currency": value.currency}
        elif each.name == "month":
            cells["month"] = value.strftime("%Y-%m")
        else:
            cells[each.name] = "" if value is None else str(value)
    return cells


def _distinct(entries: Iterable[Any]) -> list[Any]:
    """The entries with unique keys."""
    by_key = {(type(entry), *(getattr(entry, name) for name in KEYS[type(entry)])): entry for entry in entries}
    return list(by_key.values())


def _written(rows: Sequence[dict[str, str]], columns: Sequence[str], delimiter: str, ending: str, mark: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator=ending, restval="note\nof two lines")
    writer.writeheader()
    writer.writerows(rows)
    return (mark + text.getvalue()).encode()


@given(
    entries=st.lists(_entries, max_size=30).map(_distinct),
    delimiter=st.sampled_from(",;\t"),
    ending=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
    own=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_valid_entries_survive_any_way_of_writing_them(
    read_files: ReadFiles, entries: list[Any], delimiter: str, ending: str, mark: str, own: bool, random: Any
) -> None:
    files = {}
    for name, kind in FILES.items():
        rows = [_cells(entry) for entry in entries if type(entry) is kind]
        if rows:
            columns = [*rows[0], *(["x_note"] if own else [])]
            random.shuffle(columns)
            random.shuffle(rows)
            files[name] = _written(rows, columns, delimiter, ending, mark)
    if not files:
        return
    incoming = read_files(files)
    assert [str(problem) for problem in incoming.problems] == []
    assert {entry for kind in incoming.entries.values() for entry in kind} == set(entries)


_soup = st.binary(max_size=400) | st.text(st.sampled_from('CP12,;\t"\n\r\0-. é\ufeff\ud800'), max_size=200).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)


@settings(max_examples=3 * settings().max_examples)
@given(name=st.sampled_from(list(FILES)), soup=_soup, with_header=st.booleans())
def test_random_bytes_give_problems_or_entries_and_never_raise(
    read_files: ReadFiles, name: str, soup: bytes, with_header: bool
) -> None:
    header = b"client_id,name,country\n" if name == "clients.csv" else b"partner_id,tier,credited_on\n"
    incoming = read_files({name: header * with_header + soup}, Stored())
    assert all(str(each).isprintable() for each in [*incoming.problems, *incoming.warnings])
    assert incoming.problems or FILES[name] in incoming.entries


_scraps = st.lists(
    st.sampled_from(["P1", "C1", "2024-01-01", "1,5", "-1", "USD", "gold", "é", '"', ",", "\r", "\0"]), max_size=3
).map("".join)
_damage = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=3)


@settings(max_examples=3 * settings().max_examples)
@given(name=st.sampled_from(list(FORMATS)), lines=st.lists(st.lists(_scraps, max_size=9), max_size=5), damage=_damage)
def test_a_damaged_file_gives_problems_or_entries_and_never_raises(
    read_files: ReadFiles, name: str, lines: list[list[str]], damage: list[tuple[int, int]]
) -> None:
    header = [column.name for column in FORMATS[name].columns]
    content = bytearray("\n".join(",".join(cells) for cells in [header, *lines]).encode())
    for at, byte in damage:
        content[at % len(content)] = byte
    incoming = read_files({name: bytes(content)}, Stored())
    assert all(str(each).isprintable() and each.remedy for each in [*incoming.problems, *incoming.warnings])


_rows = st.lists(st.text(st.sampled_from("C1P 2,\n\"'é\0-"), max_size=12), min_size=3, max_size=3)


@given(rows=st.lists(_rows, max_size=20))
def test_every_row_is_an_entry_or_a_problem(read_files: ReadFiles, rows: list[list[str]]) -> None:
    cells = [dict(zip(("client_id", "name", "country"), row, strict=True)) for row in rows]
    incoming = read_files({"clients.csv": _written(cells, ["client_id", "name", "country"], ",", "\n", "")})
    reported = {problem.line for problem in incoming.problems}
    with_cells = [row for row in rows if any(cell.strip().strip("\0") for cell in row)]
    assert len(reported) + len(incoming.entries[Client]) == len(with_cells)
