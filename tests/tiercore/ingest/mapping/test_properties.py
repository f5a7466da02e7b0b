"""A ledger written in a foreign form and mapped is the ledger in our own form; and no row is ever lost silently."""

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.support.exports import CATALOGUE, mapping_of
from tiercore.facts.entries import Client, DealType, Motion, Sale
from tiercore.facts.money import Money
from tiercore.ingest import Stored, read_tables
from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping import MappedSource, Records
from tiercore.ingest.tables import Listing, TextTable

TODAY = date(2026, 11, 28)
STORED = Stored(frozenset({"P1"}), frozenset(), frozenset())
CLIENTS = (Client("C1", "Acme", "DE"), Client("C2", "Bölt & Co", "FR"), Client("C3", "株式会社", "JP"))
COUNTRIES = {"DE": "Germany", "FR": "Frankreich", "JP": "jp"}
TYPES = {DealType.NET_NEW: "New Business", DealType.UPSELL: "Upgrade", DealType.RENEWAL: "renewal"}
MOTIONS = {Motion.SOURCED: "Partner Collab", Motion.ASSISTED: "DIFM"}
MAPPING = """
dates = "day-first"
[[rows]]
column = "Stage"
count = ["Won"]
skip = ["Lost"]
[clients]
client_id = "Account"
name = "Customer"
country = "Country"
[sales]
sale_id = "Deal"
partner_id = { value = "P1" }
client_id = "Account"
product_line = "Product"
deal_type = { column = "Type", values = { "New Business" = "net_new", "Upgrade" = "upsell" } }
motion = { column = "Motion", values = { "Partner Collab" = "sourced", "DIFM" = "assisted" } }
mrr = { mrr = "MRR", else = { arr = "ARR", else = { tcv = "TCV", months = "Term" } } }
currency = "Currency"
sold_on = "Closed"
"""
HEADER = "Deal Account Customer Country Product Type Motion MRR ARR TCV Term Currency Closed Stage".split()

_sales = st.builds(
    Sale,
    st.just(""),
    st.just("P1"),
    st.sampled_from([each.client_id for each in CLIENTS]),
    st.sampled_from(["Sales Hub Professional", "Marketing Hub", "CMS Hub"]),
    st.sampled_from(list(TYPES)),
    st.sampled_from(list(MOTIONS)),
    st.builds(Money, st.integers(0, 10**8), st.sampled_from(["USD", "EUR", "JPY"])),
    st.dates(date(2015, 1, 1), TODAY),
)
_ways = st.tuples(st.sampled_from(["MRR", "ARR", "TCV"]), st.integers(1, 60))


def _row(sale: Sale, way: tuple[str, int]) -> dict[str, str | None]:
    client = next(each for each in CLIENTS if each.client_id == sale.client_id)
    column, months = way
    times = {"MRR": 1, "ARR": 12, "TCV": months}[column]
    return {
        "Deal": sale.sale_id,
        "Account": sale.client_id,
        "Customer": client.name,
        "Country": COUNTRIES[client.country],
        "Product": sale.product_line,
        "Type": TYPES[sale.deal_type],
        "Motion": MOTIONS[sale.motion],
        column: Money(sale.mrr.minor * times, sale.mrr.currency).as_decimal(),
        "Term": str(months),
        "Currency": sale.mrr.currency.lower(),
        "Closed": f"{sale.sold_on:%d/%m/%Y}",
        "Stage": "Won",
    }


def _own(sales: list[Sale]) -> Listing:
    clients = {sale.client_id for sale in sales}
    rows = {
        at: [each.client_id, each.name, each.country] for at, each in enumerate(CLIENTS) if each.client_id in clients
    }
    lines = {
        at: [*map(str, (each.sale_id, each.partner_id, each.client_id, each.product_line, each.deal_type, each.motion)),
             each.mrr.as_decimal(), each.mrr.currency, str(each.sold_on)]
        for at, each in enumerate(sales)
    }  # fmt: skip
    headers = {file: tuple(column.name for column in FORMATS[file].columns) for file in ("clients.csv", "sales.csv")}
    return Listing(
        [
            TextTable("clients.csv", "clients.csv", headers["clients.csv"], rows),
            TextTable("sales.csv", "sales.csv", headers["sales.csv"][:-1], lines),
        ]
    )


@given(deals=st.lists(st.tuples(_sales, _ways), max_size=25), lost=st.lists(st.tuples(_sales, _ways), max_size=5))
def test_a_ledger_in_a_foreign_form_gives_exactly_the_entries_of_our_own_form(
    deals: list[tuple[Sale, tuple[str, int]]], lost: list[tuple[Sale, tuple[str, int]]]
) -> None:
    sales = [replace(sale, sale_id=f"S{at}") for at, (sale, _) in enumerate(deals)]
    rows = [_row(sale, way) for sale, (_, way) in zip(sales, deals, strict=True)]
    rows += [_row(sale, way) | {"Stage": "Lost"} for sale, way in lost]
    source = MappedSource(mapping_of(MAPPING), [Records("deals.csv", "", rows, HEADER)], "deals.csv", CATALOGUE)
    mapped = read_tables(source.tables(), STORED, tiers=(), catalogue=CATALOGUE, today=TODAY)
    own = read_tables(_own(sales), STORED, tiers=(), catalogue=CATALOGUE, today=TODAY)
    assert mapped.problems == own.problems == []
    assert mapped.entries[Sale] == own.entries[Sale] == sales
    assert set(mapped.entries[Client]) == set(own.entries[Client])


_cell = st.sampled_from(
    ["Won", "Lost", "New Business", "Trial", "DIFM", "Germany", "Mars", "1", "2", "x", "12.5", "usd", ""]
)
_any_row = st.fixed_dictionaries(
    {
        **dict.fromkeys(HEADER, _cell),
        "Stage": st.sampled_from(["Won", "Won", "Lost", "Maybe", ""]),
        "Type": st.sampled_from(["New Business", "Upgrade", "Trial"]),
        "Motion": st.sampled_from(["DIFM", "Other"]),
        "Closed": st.sampled_from(["05/09/2026", "2026-09-05", "31/02/2026", ""]),
        "Currency": st.sampled_from(["EUR", "zzz"]),
    }
)


@given(rows=st.lists(_any_row, max_size=30))
def test_every_row_is_imported_or_skipped_by_a_rule_that_is_counted_or_a_problem(rows: list[dict[str, str]]) -> None:
    source = MappedSource(mapping_of(MAPPING), [Records("deals.csv", "", rows, HEADER)], "deals.csv", CATALOGUE)
    listing = source.tables()
    incoming = read_tables(listing, STORED, tiers=(), catalogue=CATALOGUE, today=TODAY)
    said = listing.said or (lambda problem: problem)
    reported = [said(each) for each in incoming.problems]
    values = Counter(row["Stage"] for row in rows if any(row.values()))
    told = sum(int(line.split()[1]) for line in source.summary if line.startswith("  skipped:"))
    assert told == values["Lost"]
    unknown = [each for each in reported if each.column == "Stage"]
    assert bool(unknown) is bool(values["Maybe"] + values[""])
    for each in unknown:
        assert all(f"({count} row" in each.message for value, count in values.items() if value in ("Maybe", ""))
    untranslated = {"Trial", "Other", "zzz"}
    won = {at for at, row in enumerate(rows, 1) if row["Stage"] == "Won"}
    of_values = {at for at, row in enumerate(rows, 1) if untranslated & {row["Type"], row["Motion"], row["Currency"]}}
    lines = {each.line for each in reported}
    imported = set(incoming.lines[Sale])
    assert won <= imported | of_values | lines
    assert imported <= won
    assert all(each.file == "deals.csv" for each in reported)


@given(cents=st.integers(0, 10**10), months=st.integers(1, 120))
def test_what_a_term_pays_in_all_is_kept_to_half_a_cent_a_month(cents: int, months: int) -> None:
    toml = MAPPING
    row = _row(Sale("S", "P1", "C1", "Hub", DealType.NET_NEW, Motion.SOURCED, Money(0, "USD"), TODAY), ("MRR", 1))
    row |= {"MRR": "", "TCV": Money(cents, "USD").as_decimal(), "Term": str(months)}
    source = MappedSource(mapping_of(toml), [Records("deals.csv", "", [row], HEADER)], "deals.csv", CATALOGUE)
    (sale,) = read_tables(source.tables(), STORED, tiers=(), catalogue=CATALOGUE, today=TODAY).entries[Sale]
    assert isinstance(sale, Sale)
    assert abs(sale.mrr.minor - Fraction(cents, months)) <= Fraction(1, 2)
