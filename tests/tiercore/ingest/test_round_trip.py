"""The reader survives any bytes, and any valid entries can be read back from their CSV."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.workbooks import row, write_parts, write_workbook
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
from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.files import FORMATS, Kind

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
    .filter(lambda text: 0 < len(text) <= 100 and text[0] not in "#=")  # spreadsheets' errors and formulas
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


def _as_people_write(cells: dict[str, str], amounts: str, days: str) -> dict[str, str]:
    """The cells in another form with one reading."""
    written = dict(cells)
    if "mrr" in cells and cells["currency"] in ("USD", "EUR", "COP"):
        grouped = f"{Decimal(cells['mrr']):,.2f}"
        group, mark, sign = _AMOUNTS[amounts]
        written["mrr"] = grouped.translate({ord(","): group, ord("."): mark}) + sign.format(cells["currency"])
    for column, text in cells.items():
        if column in _DAYS_IN and text:
            day = date.fromisoformat(text)
            forms = {"serial": str((day - date(1899, 12, 30)).days), "words": f"{day.day}. {day:%B %Y}"}
            written[column] = forms.get(days) or day.strftime(days)
    return written


_DAYS_IN = {column.name for each in FORMATS.values() for column in each.columns if column.kind is Kind.DATE}
_AMOUNTS = {
    "plain": ("", ".", ""),
    "German": (".", ",", ""),
    "French": ("\u202f", ",", " {}"),
    "English": (",", ".", ""),
    "Swiss": ("’", ".", "{}"),
}


@given(
    entries=st.lists(_entries, max_size=20).map(_distinct),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
    amounts=st.sampled_from(list(_AMOUNTS)),
    days=st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%SZ", "%Y%m%d", "serial", "words"]),
    trailing=st.sampled_from(["", "\n\n", "Total\n"]),
)
def test_valid_entries_survive_encodings_amounts_and_days_as_people_write_them(
    read_files: ReadFiles,
    entries: list[Any],
    delimiter: str,
    encoding: str,
    amounts: str,
    days: str,
    trailing: str,
) -> None:
    files = {}
    for name, kind in FILES.items():
        rows = [_as_people_write(_cells(entry), amounts, days) for entry in entries if type(entry) is kind]
        if rows:
            text = _written(rows, [*rows[0]], delimiter, "\r\n", "").decode()
            if trailing == "Total\n":
                trailing = "Total" + delimiter * (len(rows[0]) - 1) + "\n"
            files[name] = _encoded(f"sep={delimiter}\r\n{text}{trailing}", encoding)
    if not files:
        return
    incoming = read_files(files, dates=DateOrder.DAY_FIRST)
    assert [str(problem) for problem in incoming.problems] == []
    assert {entry for kind in incoming.entries.values() for entry in kind} == set(entries)


def _encoded(text: str, encoding: str) -> bytes:
    """The text in the encoding, or as UTF-8 if it can't be in that one, or couldn't be told from UTF-8."""
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()
    return text.encode() if encoding == "cp1252" and _is_in_doubt(content) else content


def _is_in_doubt(content: bytes) -> bool:
    read = content.decode("utf-8", "surrogateescape")
    return any(character > "\x7f" and not "\udc80" <= character <= "\udcff" for character in read)


@given(entries=st.lists(_entries, min_size=1, max_size=20).map(_distinct), separate=st.booleans())
def test_valid_entries_survive_a_spreadsheet(
    read_files: ReadFiles, tmp_path_factory: pytest.TempPathFactory, entries: list[Any], separate: bool
) -> None:
    folder, sheets = tmp_path_factory.mktemp("books"), {}
    for name, kind in FILES.items():
        rows = [_native(entry) for entry in entries if type(entry) is kind]
        if rows:
            sheets[name.removesuffix(".csv")] = [[*rows[0]], *([*row.values()] for row in rows)]
    assume("\ufffe" not in str(sheets) and "\uffff" not in str(sheets))
    if separate:
        files = {f"{name}.xlsx": write_workbook(folder / f"{name}.xlsx", {"Sheet1": sheets[name]}) for name in sheets}
    else:
        files = {"book.xlsx": write_workbook(folder / "book.xlsx", sheets)}
    incoming = read_files({name: path.read_bytes() for name, path in files.items()})
    assert [str(problem) for problem in incoming.problems] == []
    assert {entry for kind in incoming.entries.values() for entry in kind} == set(entries)


def _native(entry: Any) -> dict[str, Any]:
    """The cells as a spreadsheet has them: days as days, amounts as numbers."""
    cells: dict[str, Any] = dict(_cells(entry))
    for column, text in cells.items():
        if column in _DAYS_IN:
            cells[column] = date.fromisoformat(text) if text else None
        elif column == "mrr":
            cells[column] = Decimal(text)
        elif column == "tools_used":
            cells[column] = int(text)
    return cells


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


@given(
    soup=st.binary(max_size=200),
    damage=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.integers(0, 10_000),
)
def test_a_damaged_spreadsheet_gives_problems_or_entries_and_never_raises(
    read_files: ReadFiles,
    tmp_path_factory: pytest.TempPathFactory,
    soup: bytes,
    damage: list[tuple[int, int]],
    cut: int,
) -> None:
    rows = [["client_id", "name", "country"], *([f"C{n}", "Acme", "US"] for n in range(20))]
    path = write_workbook(tmp_path_factory.mktemp("books") / "book.xlsx", {"clients": rows})
    content = bytearray(path.read_bytes())
    for at, byte in damage:
        content[at % len(content)] = byte
    for each in (bytes(content), bytes(content[:cut]), b"PK\x03\x04" + soup, soup):
        incoming = read_files({"clients.xlsx": each}, Stored())
        assert all(str(each).isprintable() and each.remedy for each in [*incoming.problems, *incoming.warnings])
        assert incoming.problems or Client in incoming.entries


_elements = st.sampled_from(
    """<row> </row> <row|r="-5"> <row|r="99999999"> <c> <c|r="B2"> <c|r="ZZZ9"> <c|r="2"> <c|t="s"> <c|t="d"> <c|s="7">
    <c|s="x"> <c|t="b"> </c> <v> </v> <f> </f> <is><t> </t></is> 1 -1 1e400 NaN x &amp; <v>44809</v> <xf|numFmtId="14"/>
    <cellXfs> </cellXfs> <si><t>text</t></si> </sheetData> <!--|--> <?x|?> ]]> <![CDATA[y]]>""".replace(
        "\n", " "
    ).split()
).map(lambda element: element.replace("|", " "))


@given(
    rows=st.lists(_elements, max_size=40), styles=st.lists(_elements, max_size=6), texts=st.lists(_elements, max_size=6)
)
def test_any_elements_in_a_sheet_give_problems_or_entries_and_never_raise(
    read_files: ReadFiles,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[str],
    styles: list[str],
    texts: list[str],
) -> None:
    header = row(1, ["client_id", "name", "country"])
    path = tmp_path_factory.mktemp("books") / "clients.xlsx"
    write_parts(path, [header, *rows], texts=texts, styles="".join(styles))
    incoming = read_files({"clients.xlsx": path.read_bytes()}, Stored())
    assert all(str(each).isprintable() and each.remedy for each in [*incoming.problems, *incoming.warnings])


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
