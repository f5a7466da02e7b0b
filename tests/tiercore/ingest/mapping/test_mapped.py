"""What a mapping makes of the rows of an export."""

from datetime import date

import pytest

from tests.support.exports import CATALOGUE, mapping_of, problems, read, records, source_of
from tiercore.facts.entries import Client, DealType, Motion, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.ingest.mapping import MappedSource, Records

CLIENTS = """
[clients]
client_id = { id_from = "Company" }
name = "Company"
country = ["Land", "Country"]
"""
SALES = """
[sales]
sale_id = "Deal"
partner_id = { value = "P001" }
client_id = { id_from = "Company" }
product_line = { value = "Sales Hub" }
deal_type = { column = "Type", values = { "New Business" = "net_new" } }
mrr = { tcv = "Amount", months = "Term" }
currency = "Currency"
sold_on = "Closed"

[sales.motion]
column = "Motion"
[sales.motion.values]
"DIFM" = "assisted"
"Partner assisted" = "assisted"
"Partner Collab" = "sourced"
"""
DEALS = records(
    "deals",
    """
    Deal | Company  | Country | Type         | Motion           | Amount  | Term      | Currency | Closed
    1    | Acme AG  | Germany | New Business | DIFM             | 1200.00 | 12 months | eur      | 2026-03-01
    2    | ACME  ag | Germany | Upsell       | Partner Collab   | 1000.00 | P7M       | EUR      | 2026-04-01
    3    | Bölt     | Espagne | new business | Partner assisted | 240     | 2 years   | usd      | 2026-05-01
    """,
)


def test_one_file_feeds_several_of_ours() -> None:
    incoming = read(source_of(CLIENTS + SALES, DEALS))
    assert incoming.problems == []
    assert incoming.entries[Client] == [Client("acme-ag", "Acme AG", "DE"), Client("bolt", "Bölt", "ES")]
    line = "Sales Hub"
    assert incoming.entries[Sale] == [
        Sale("1", "P001", "acme-ag", line, DealType.NET_NEW, Motion.ASSISTED, Money(10_000, "EUR"), date(2026, 3, 1)),
        Sale("2", "P001", "acme-ag", line, DealType.UPSELL, Motion.SOURCED, Money(14_286, "EUR"), date(2026, 4, 1)),
        Sale("3", "P001", "bolt", line, DealType.NET_NEW, Motion.ASSISTED, Money(1_000, "USD"), date(2026, 5, 1)),
    ]


def test_a_rounded_remainder_is_said_with_how_many() -> None:
    warnings = [str(each) for each in read(source_of(CLIENTS + SALES, DEALS)).warnings]
    assert warnings == [
        "deals.csv: 1 monthly amount was rounded half up to the currency's smallest unit; "
        "the exact amount is that of the whole term"
    ]


def test_a_value_that_the_mapping_does_not_translate_is_listed_with_its_rows_and_the_line_to_add() -> None:
    deals = records(
        "deals",
        """
        Deal | Company | Country | Type     | Motion | Amount | Term | Currency | Closed
        1    | Acme    | DE      | Existing | DIFM   | 12     | 12   | EUR      | 2026-03-01
        2    | Acme    | DE      | Existing | DIFM   | 12     | 12   | EUR      | 2026-03-01
        3    | Acme    | DE      | Trial    | DIFM   | 12     | 12   | EUR      | 2026-03-01
        """,
    )
    assert problems(source_of(CLIENTS + SALES, deals)) == [
        "deals.csv:2 Type: has 2 values that the mapping doesn't translate: Existing (2 rows), Trial (1 row); add to "
        'mapping.toml, under [sales.deal_type.values]: "Existing" = "…"; "Trial" = "…" (in place of …: "net_new" or '
        '"cross_sell" or "upsell" or "renewal" or "increase")'
    ]


def test_rows_that_do_not_count_are_counted_in_the_summary_and_an_unknown_stage_is_a_problem() -> None:
    rows = '[[rows]]\ncolumn = "Stage"\ncount = ["Closed Won"]\nskip = ["Closed Lost", ""]\n'
    table = """
        Company | Country | Stage
        Acme    | DE      | closed won
        Bolt    | DE      | Closed Lost
        Cord    | DE      |
        """
    source = source_of(rows + CLIENTS, records("deals", table))
    assert [each.name for each in read(source).entries[Client]] == ["Acme"]
    assert source.summary == (
        "deals.csv: 3 rows → 1 clients.csv",
        "  skipped: 1 row, Stage is Closed Lost",
        "  skipped: 1 row, Stage is empty",
    )
    assert problems(source_of(rows + CLIENTS, records("deals", table.replace("Closed Lost", "Verbal")))) == [
        "deals.csv:3 Stage: has 1 value that neither count nor skip has: Verbal (1 row); add them to count or skip in "
        'mapping.toml, line 1: skip = ["Verbal"]'
    ]


def test_problems_that_the_import_finds_name_their_file_line_and_column() -> None:
    deals = records(
        "deals",
        """
        Deal | Company | Country | Type         | Motion | Amount | Term | Currency | Closed
        1    | Acme    | DE      | New Business | DIFM   | 12     | 12   | EUR      | 2026-02-30
        2    | Acme    | DE      | New Business | DIFM   | -12    | 12   | EUR      | 2026-03-01
        2    | Acme    | DE      | New Business | DIFM   | 12     | 12   | EUR      | 2026-03-01
        2    | Acme    | DE      | New Business | DIFM   | 12     | 12   | EUR      | 2026-03-02
        5    | Acme    | DE      | New Business | DIFM   | 12     | soon | EUR      | 2026-03-01
        """,
    )
    found = problems(source_of(CLIENTS + SALES, deals))
    assert {each.split(":")[0] for each in found} == {"deals.csv"}
    assert [each.split("'")[0] for each in found] == [
        "deals.csv:3 Amount, Term: ",
        "deals.csv:5 Deal: ",
        "deals.csv:6 Amount, Term: ",
        "deals.csv:2 Closed: ",
    ]


def test_a_constant_that_is_wrong_is_named_once_where_the_mapping_says_it() -> None:
    found = problems(source_of((CLIENTS + SALES).replace("P001", "P9"), DEALS))
    assert [each.split(";")[0] for each in found] == [
        "mapping.toml:9 partner_id: 'P9' isn't a known partner: it's not in partners.csv and wasn't imported before"
    ]


def test_a_column_that_the_header_lacks_is_named_with_the_line_of_the_mapping_and_a_suggestion() -> None:
    found = problems(source_of(CLIENTS.replace('name = "Company"', 'name = "Compnay"'), DEALS))
    assert found == [
        "mapping.toml:4: 'Compnay' is not a column of deals.csv. Did you mean Company? Name its column in the mapping, "
        "or give another value with else"
    ]


def test_a_column_that_the_header_has_twice_is_not_guessed() -> None:
    table = records("deals", "Company | Country\nAcme | DE")
    twice = type(table)(table.name, "", table.records, ["Company", "Country", "Company"])
    assert "'Company' is in the header twice" in problems(source_of(CLIENTS, twice))[0]


def test_two_names_that_give_one_id_are_a_problem() -> None:
    table = records("deals", "Company | Country\nA-B | DE\nA & B | DE")
    assert problems(source_of(CLIENTS, table))[0].startswith(
        "deals.csv:3 Company: 'A & B' gives the id a-b, and so does a-b; write both the same way if they are one"
    )


def test_rows_that_say_something_else_of_one_client_are_a_problem_unless_the_mapping_says_which_stands() -> None:
    table = records("deals", "Company | Country\nAcme | DE\nAcme | FR\nAcme | DE")
    assert problems(source_of(CLIENTS, table))[0].startswith(
        "deals.csv:3 Company: 'acme' is also on line 2 of deals.csv, with other values for clients.csv"
    )
    for word, country in (("first", "DE"), ("last", "DE")):
        entries = read(source_of(CLIENTS + f'repeats = "{word}"\n', table)).entries[Client]
        assert entries == [Client("acme", "Acme", country)]


def test_levels_that_say_what_they_add_become_running_totals_of_their_line() -> None:
    toml = (
        CLIENTS
        + """
[subscriptions]
client_id = { id_from = "Company" }
product_line = "Product"
levels = "added"
mrr = "MRR"
currency = { value = "EUR" }
effective_on = "Day"
"""
    )
    table = records(
        "deals",
        """
        Company | Country | Product                    | MRR | Day
        Acme    | DE      | Marketing Hub Enterprise   | 500 | 2026-05-01
        Acme    | DE      | Marketing Hub Professional | 800 | 2026-03-01
        Acme    | DE      | Sales Hub Starter          | 20  | 2026-03-01
        Acme    | DE      | Marketing Hub Professional | 100 | 2026-03-01
        """,
    )
    levels = read(source_of(toml, table)).entries[SubscriptionLevel]
    assert sorted((each.product_line, each.effective_on, each.mrr.minor) for each in levels) == [  # type: ignore[union-attr]
        ("Marketing Hub Enterprise", date(2026, 5, 1), 140_000),
        ("Marketing Hub Professional", date(2026, 3, 1), 90_000),
        ("Sales Hub Starter", date(2026, 3, 1), 2_000),
    ]


JOINED = """
[inputs.companies]
optional = true
id = "Id"

[inputs.deals]
id = "Id"
join = { companies = "Company" }

[[inputs.deals.rows]]
column = "Stage"
count = ["won"]
skip = ["lost"]

[inputs.line_items]
join = { deals = "Deal" }

[clients]
from = "deals"
client_id = "Company"
name = { column = "companies.Name", else = "Company name" }
country = { column = "companies.Country", else = { value = "DE" } }

[[sales]]
from = "line_items"
sale_id = "Id"
partner_id = { value = "P001" }
client_id = "deals.Company"
product_line = "Product"
deal_type = { value = "net_new" }
motion = { value = "sourced" }
currency = { value = "USD" }
sold_on = "deals.Closed"
mrr = { mrr = "hs_mrr", zero = "missing", else = { amount = "price", times = "quantity", months = ["billed", "term"] } }

[[sales]]
from = "deals"
without = "line_items"
sale_id = { id_from = "Id", prefix = "deal-" }
partner_id = { value = "P001" }
client_id = "Company"
product_line = { value = "Sales Hub" }
deal_type = { value = "net_new" }
motion = { value = "sourced" }
currency = { value = "USD" }
sold_on = "Closed"
mrr = "MRR"
"""
COMPANIES = records("companies", "Id | Name | Country\n71 | Acme | FR", ending="")
JOINED_DEALS = records(
    "deals",
    """
    Id | Company | Company name | Stage | Closed     | MRR
    1  | 71      | Acme Inc     | won   | 2026-03-01 | 1
    2  | 71      | Acme Inc     | lost  | 2026-03-02 | 2
    3  | 71      | Acme Inc     | won   | 2026-03-03 | 30
    """,
    ending="",
)
ITEMS = records(
    "line_items",
    """
    Id | Deal | Product   | hs_mrr | price | quantity | billed   | term
    11 | 1    | Sales Hub | 45.50  | 9     | 9        |          |
    12 | 1    | Data Hub  | 0      | 120   | 3        | annually | P24M
    13 | 1    | CMS Hub   | 0.00   | 10    | 1        |          | P3M
    14 | 2    | Sales Hub | 7      |       |          |          |
    """,
    ending="",
)


def test_line_items_join_their_deals_and_companies_and_fall_back_to_price_by_billing_period() -> None:
    source = source_of(JOINED, ITEMS, JOINED_DEALS, COMPANIES)
    incoming = read(source)
    assert [str(each) for each in incoming.problems] == []
    assert incoming.entries[Client] == [Client("71", "Acme", "FR")]
    sales = {each.sale_id: (each.mrr.minor, each.sold_on.day) for each in incoming.entries[Sale]}  # type: ignore[union-attr]
    assert sales == {"11": (4550, 1), "12": (3000, 1), "13": (333, 1), "deal-3": (3000, 3)}
    assert "  skipped: 1 row, their row of deals doesn't count" in source.summary


def test_an_optional_input_may_be_missing() -> None:
    assert read(source_of(JOINED, ITEMS, JOINED_DEALS)).entries[Client] == [Client("71", "Acme Inc", "DE")]


def test_a_row_that_refers_to_a_row_that_is_not_there_is_a_problem() -> None:
    header = "Id | Deal | Product | hs_mrr | price | quantity | billed | term"
    items = records("line_items", f"{header}\n9 | 8 | A | 1 | | | |", ending="")
    assert problems(source_of(JOINED, items, JOINED_DEALS)) == [
        "line_items:2 Deal: '8' is not the id of a row of deals; export its row with deals, too"
    ]


def test_an_input_without_a_table_is_an_error_and_a_table_without_an_input_is_named() -> None:
    other = records("contacts", "Id | Mail\n1 | a", ending="")
    source = source_of(JOINED, JOINED_DEALS, other)
    incoming = read(source)
    assert [str(each).split(";")[0] for each in incoming.problems] == [
        "mapping.toml:15 inputs.line_items: finds no table for the input line_items"
    ]
    assert str(incoming.warnings[0]).startswith("contacts: is passed over")


def test_a_missing_setting_is_asked_for_by_the_row_that_needs_it() -> None:
    toml = '[settings]\nland = "where"\n' + CLIENTS.replace(
        '["Land", "Country"]', '{ column = "Country", else = { setting = "land" } }'
    )
    table = records("deals", "Company | Country\nAcme | DE\nBolt |")
    assert problems(source_of(toml, table)) == [
        "deals.csv:3 Country: is empty; give it in the export, or for all such rows with --set land=…"
    ]
    assert len(read(source_of(toml, table, land="FR")).entries[Client]) == 2


_LIST = """
[sales]
sale_id = { id_from = ["Customer", "Product", "Date"] }
partner_id = { value = "P001" }
client_id = "Customer"
product_line = "Product"
deal_type = { value = "net_new" }
motion = { value = "sourced" }
mrr = { arr = "ARR" }
currency = { value = "USD" }
sold_on = "Date"
"""


def _list(*days: str, arr: str = "1200", since_1904: bool = False) -> Records:
    found = [{"Customer": "C1", "Product": f"Hub {n}", "Date": day, "ARR": arr} for n, day in enumerate(days)]
    return Records("list.csv", "", found, ("Customer", "Product", "Date", "ARR"), since_1904=since_1904)


@pytest.mark.parametrize("written", ["5 Sep 2022", "2022-09-05 14:30", "44809", "05/09/2022", "5. September 2022"])
def test_an_id_made_with_a_day_does_not_depend_on_how_the_export_writes_it(written: str) -> None:
    toml = 'dates = "day-first"\n' + _LIST
    sales = [read(source_of(toml, _list(day))).entries[Sale] for day in ("2022-09-05", written)]
    assert sales[0] == sales[1]


@pytest.mark.parametrize("written", ["43347", "43347.5"])
def test_numbers_of_days_count_from_1904_where_the_workbook_says_so(written: str) -> None:
    read_ = read(source_of(_LIST, _list(written, since_1904=True)))
    assert [sale.sold_on for sale in read_.entries[Sale] if isinstance(sale, Sale)] == [date(2022, 9, 5)]


def test_an_amount_to_divide_with_two_readings_is_refused_until_the_mapping_says_the_decimal_mark() -> None:
    assert "has two readings" in problems(source_of(_LIST, _list("2022-09-05", arr="12.000")))[0]
    said = read(source_of('decimal = "comma"\n' + _LIST, _list("2022-09-05", arr="12.000")))
    assert said.problems == []
    assert [sale.mrr for sale in said.entries[Sale] if isinstance(sale, Sale)] == [Money(100_000, "USD")]


def test_a_cell_with_several_ids_is_refused() -> None:
    deals = Records("deals.csv", "", [{"Deal": "1", "IDs": "501;502"}], ("Deal", "IDs"))
    toml = '[clients]\nclient_id = "IDs"\nname = "Deal"\ncountry = { value = "DE" }\n'
    assert problems(source_of(toml, deals)) == [
        "deals.csv:1 IDs: '501;502' has several ids, and only one can be meant; "
        "leave one in the cell, or map the column of the primary one"
    ]


def test_very_many_unknown_values_are_a_capped_list() -> None:
    rows = [{"Name": f"N{n}", "ID": f"I{n}", "Country": f"Nowhere {n}"} for n in range(3_000)]
    toml = '[clients]\nclient_id = "ID"\nname = "Name"\ncountry = "Country"\n'
    (only,) = problems(source_of(toml, Records("list.csv", "", rows, ("Name", "ID", "Country"))))
    assert "has more than 1,000 values that the mapping doesn't translate" in only
    assert "and others in 2,000 rows" in only


ADDED = """
[subscriptions]
client_id = { id_from = "Company" }
product_line = "Product"
levels = "added"
mrr = "MRR"
currency = "Currency"
effective_on = "Day"
"""
SOLD = """
[sales]
sale_id = "Deal"
partner_id = { value = "P001" }
client_id = { id_from = "Company" }
product_line = "Product"
deal_type = { column = "Type", values = { "New" = "net_new", "Renewed" = "renewal" } }
motion = { value = "sourced" }
mrr = "MRR"
currency = "Currency"
sold_on = "Day"
"""
LIST = """
    Deal | Company | Country | Product       | Type    | MRR   | Currency | Day        {partner}
    D1   | Acme    | DE      | Marketing Hub | New     | 800   | EUR      | 2025-03-01 {one}
    D2   | Bolt    | DE      | Sales Hub     | upsell  | 45    | EUR      | 2025-05-01 {two}
    D3   | Acme    | DE      | Marketing Hub | Renewed | 800   | EUR      | 2026-03-01 {one}
"""
PLAIN_LIST = LIST.format(partner="", one="", two="")


def test_a_renewal_adds_nothing_to_the_level_of_its_line() -> None:
    source = source_of(CLIENTS + SOLD + ADDED, records("list", PLAIN_LIST))
    incoming = read(source)
    assert [str(each) for each in incoming.problems] == []
    assert [(level.client_id, level.mrr.minor) for level in incoming.entries[SubscriptionLevel]] == [
        ("acme", 80_000),
        ("bolt", 4_500),
    ]
    assert "  skipped for subscriptions.csv: 1 row, a renewal adds nothing" in source.summary


@pytest.mark.parametrize("word_in", ["Deal", "Company", "Type", "Product", "Country"])
@pytest.mark.parametrize("word", ["Summe", "Total:", "Gesamt"])
def test_a_row_of_totals_at_the_end_is_passed_over_with_one_warning(word: str, word_in: str) -> None:
    header = [each.strip() for each in PLAIN_LIST.strip().splitlines()[0].split("|")]
    totals = " | ".join({word_in: word, "MRR": "1.645,00 €"}.get(name, "") for name in header)
    source = source_of(CLIENTS + SOLD + ADDED, records("list", PLAIN_LIST + totals))
    incoming = read(source)
    assert [str(each) for each in incoming.problems] == []
    assert [each.line for each in incoming.warnings if each.kind == "totals"] == [5]
    assert "  skipped: 1 row, totals" in source.summary
    assert len(incoming.entries[Sale]) == 3


def test_a_row_of_totals_between_others_is_a_problem() -> None:
    lines = PLAIN_LIST.strip().splitlines()
    between = "\n".join([*lines[:2], " | Total | | | | 800 | | ", *lines[2:]])
    assert any(":3 " in each for each in problems(source_of(CLIENTS + SOLD, records("list", between))))


def test_a_client_that_is_called_total_is_no_row_of_totals() -> None:
    table = records("list", PLAIN_LIST + "D4 | Total | FR | Sales Hub | New | 20 | EUR | 2026-03-01")
    incoming = read(source_of(CLIENTS + SOLD, table))
    assert incoming.entries[Client][-1] == Client("total", "Total", "FR")
    assert len(incoming.entries[Sale]) == 4


@pytest.mark.parametrize(
    ("recipe", "name", "odd"),
    [
        ("mrr", "ARR", True),
        ("mrr", "Jahresbetrag", True),
        ("mrr", "Annual amount", True),
        ("arr", "Monatlicher Betrag", True),
        ("arr", "MRR", True),
        ("arr", "Importe anual", False),
        ("mrr", "Monatsbetrag", False),
        ("mrr", "Amount", False),
        ("arr", "Amount", False),
    ],
)
def test_a_period_other_than_the_header_says_is_a_warning(recipe: str, name: str, odd: bool) -> None:
    toml = CLIENTS + SOLD.replace('mrr = "MRR"', f'mrr = {{ {recipe} = "{name}" }}')
    warnings = read(source_of(toml, records("list", PLAIN_LIST.replace("MRR", name)))).warnings
    assert [each.value for each in warnings if each.kind == "odd period"] == [name] * odd


def test_a_column_that_several_lines_name_is_one_problem() -> None:
    found = problems(source_of((CLIENTS + SOLD).replace('"Company"', '"Kunde"'), records("list", PLAIN_LIST)))
    assert len(found) == 1
    assert "'Kunde' is not a column of list.csv; lines 4, 10 name it, too" in found[0]


PARTNERS = {"nordwind": "P001", "südlicht": "P002"}


@pytest.mark.parametrize(
    ("recipe", "warned"),
    [
        ('{ value = "P001" }', True),
        ('{ column = "Agency", values = { "Nordwind" = "P001", "Südlicht" = "P001" } }', False),
    ],
)
def test_an_unread_column_with_the_names_of_several_partners_is_a_warning(recipe: str, warned: bool) -> None:
    toml = CLIENTS + SOLD.replace('{ value = "P001" }', recipe)
    table = records("list", LIST.format(partner="| Agency", one="| Nordwind", two="| Südlicht"))
    source = MappedSource(mapping_of(toml), [table], "export", CATALOGUE, partners=PARTNERS)
    assert [each.value for each in source.tables().warnings if each.kind == "unread partners"] == ["Agency"] * warned


def test_the_order_of_days_that_the_mapping_says_needs_no_note() -> None:
    table = records("list", PLAIN_LIST.replace("2025-03-01", "05.05.2025").replace("2026-03-01", "16.03.2026"))
    noted = [str(each) for each in read(source_of(CLIENTS + SOLD, table)).warnings]
    assert any("a day with its year last" in each for each in noted)
    said = [str(each) for each in read(source_of('dates = "day-first"\n' + CLIENTS + SOLD, table)).warnings]
    assert not any("a day " in each for each in said)
