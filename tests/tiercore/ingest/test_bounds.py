"""Hostile and huge files: bounded memory, a list that is capped, one clear error (data#limits)."""

import json
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import pytest

from tests.support.workbooks import WORKBOOK, row, write_parts
from tiercore.facts.entries import Client
from tiercore.ingest import Incoming

ReadFiles = Callable[..., Incoming]
HEADER = row(1, ["client_id", "name", "country"])
MAX_MEMORY = 300 << 20
_MEASURE = """
import json, sys
from datetime import date
from pathlib import Path
from tiercore.ingest import Stored, read_tables, report
from tiercore.ingest.discovery import Files
from tiercore.program import load_program

catalogue = load_program().catalogue
for path in map(Path, sys.argv[1:]):
    incoming = read_tables(Files(path).tables(), Stored(), tiers=(), catalogue=catalogue, today=date(2026, 1, 15))
    status = Path("/proc/self/status").read_text()  # ru_maxrss begins with what the parent process had
    peak = int(status.split("VmHWM:")[1].split()[0]) << 10
    lines = [f"{each.kind}: {each}" for each in incoming.problems[:1]]
    print(json.dumps([path.name, len(incoming.problems), len(report(incoming.problems)), peak, *lines]))
"""


def read_elsewhere(*paths: Path) -> dict[str, tuple[int, int, int, str]]:
    """How many problems each file has, the lines of their report, the peak memory so far, and the first problem."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *map(str, paths)], capture_output=True, text=True, check=True, timeout=240
    )
    found = map(json.loads, done.stdout.splitlines())
    return {name: (count, lines, peak, first) for name, count, lines, peak, first in found}


def _hostile(folder: Path) -> Iterator[tuple[Path, str]]:
    """Spreadsheets made to use up memory, each with what is said of it."""
    clients = folder / "{}" / "clients.xlsx"

    def path(name: str) -> Path:
        found = Path(str(clients).format(name))
        found.parent.mkdir()
        return found

    text = "A" * 1_000_000
    yield write_parts(path("bomb"), [HEADER, "<row><c><v>", *repeat(text, 90), "</v></c></row>"]), "characters in row"
    yield write_parts(path("blanks"), [HEADER, *repeat(" " * 1_000_000, 90)]), "inflates to more than"
    yield write_parts(path("token"), [HEADER, '<row r="', *repeat(text, 20), '"></row>']), "a name or a value"
    yield (
        write_parts(path("wide"), [HEADER, "<row>", *repeat("<c><v>1</v></c>" * 1_000, 1_000), "</row>"]),
        "16,384 cells",
    )
    many = (f"<si><t>{number:0500}</t></si>" for number in range(220_000))
    yield write_parts(path("texts"), [HEADER], texts=many), "96 MiB of text"
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    yield write_parts(path("entities"), [HEADER, "<row><c><v>&b;</v></c></row>"], before=entities), "document type"
    sheets = WORKBOOK.replace("</sheets>", '<sheet name="x" sheetId="2" r:id="r1"/>' * 300 + "</sheets>")
    yield write_parts(path("sheets"), [HEADER], workbook=sheets), "256 sheets"
    styles = '<numFmt numFmtId="1" formatCode="0"/>' * 600_000
    yield write_parts(path("styles"), [HEADER], styles=styles), "styles or names"
    yield write_parts(path("deep"), [HEADER, *repeat("<x>" * 1_000, 1_000)]), "deep"


@pytest.mark.slow
def test_a_hostile_spreadsheet_is_one_clear_problem_within_300_mb(tmp_path: Path):
    files = dict(_hostile(tmp_path))
    for path, said in files.items():
        count, _, peak, first = read_elsewhere(path)[path.name]
        assert count == 1, path
        assert said in first, path
        assert peak < MAX_MEMORY, path


@pytest.mark.slow
def test_huge_broken_text_files_are_capped_lists_within_300_mb(tmp_path: Path):
    rows, line, quotes = (tmp_path / f"{name}.csv" for name in ("clients", "partners", "people"))
    rows.write_text("client_id,name,country\n" + "".join(f"C{n},,Nowhere\n" for n in range(150_000)))
    quotes.write_text("email,name,role,partner_id\n" + 'a"b,"c"d\n' * 150_000)
    with line.open("w") as file:
        file.write("partner_id,name,country,currency,joined_on\n")
        for _ in range(200):
            file.write("x" * 1_000_000)
        file.write("\nP1,Acme,US,USD,2021-01-01,\n")
    found = read_elsewhere(rows, line, quotes)
    assert found["clients.csv"][:2] == (10_001, 52)
    assert "more than 500,000 characters" in found["partners.csv"][3]
    assert found["partners.csv"][0] == 1
    assert found["people.csv"][0] == 1
    assert max(peak for _, _, peak, _ in found.values()) < MAX_MEMORY


def test_what_wasnt_read_of_too_many_problems_is_not_reported_as_unknown(read_files: ReadFiles):
    clients = "client_id,name,country\n" + "".join(f"C{n},,Nowhere\n" for n in range(10_100))
    agreements = "agreement_id,partner_id,client_id,starts_on,ends_on\nA1,P1,C10099,2024-03-01,\n"
    problems = read_files({"clients.csv": clients, "agreements.csv": agreements}).problems
    assert [each.file for each in problems if each.kind == "unknown client"] == []
    assert problems[-1].kind == "too many problems"


@pytest.mark.parametrize("size", [0, 1, 0x7FFFFFFF])
@pytest.mark.parametrize("at", [20, 24])
def test_sizes_declared_in_the_directory_are_not_believed(read_files: ReadFiles, tmp_path: Path, size: int, at: int):
    path = write_parts(tmp_path / "clients.xlsx", [HEADER, row(2, ["C7", "Acme", "US"])])
    content = bytearray(path.read_bytes())
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        struct.pack_into("<L", content, start + at, size)
        start += 4
    incoming = read_files({"clients.xlsx": bytes(content)})
    assert [each.kind for each in incoming.problems] == ["bad spreadsheet"] or len(incoming.entries[Client]) == 1


def test_a_directory_of_very_many_parts_is_refused_before_it_is_read(read_files: ReadFiles, tmp_path: Path):
    path = write_parts(tmp_path / "clients.xlsx", [HEADER])
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.rfind(b"PK\x05\x06") + 12, 0x7FFFFFFF)
    (problem,) = read_files({"clients.xlsx": bytes(content)}).problems
    assert "more parts than any spreadsheet" in problem.message
