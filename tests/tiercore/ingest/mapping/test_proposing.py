"""A proposed mapping: what is certain is written, what isn't is left to decide, never guessed."""

import tomllib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.exports import CATALOGUE, mapping_of, read, records, source_of
from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel
from tiercore.ingest import Stored
from tiercore.ingest.mapping import MappingError, Records
from tiercore.ingest.mapping.previewing import UNDECIDED
from tiercore.ingest.mapping.proposing import Proposal, propose
from tiercore.ingest.mapping.synonyms import HEADERS

GERMAN = records(
    "Umsatz",
    """
    Abschlussdatum | Kunde     | Land        | Produkt           | MRR    | Art         | Währung | Status   | Notiz
    05.09.2026     | Acme GmbH | Deutschland | Marketing Hub     | 500,00 | Neukunde    | EUR     | gewonnen | x
    16.09.2026     | Bolt AG   | Österreich  | Sales Hub Starter | 20,00  | Erweiterung | EUR     | gewonnen | y
    17.09.2026     | Bolt AG   | Österreich  | Data Hub          | 20,00  | Neukunde    | EUR     | verloren |
    """,
)
ANSWERS = {
    '# partner_id = { value = "P001" }': 'partner_id = { value = "P001" }',
    '# "Erweiterung" = "…"': '"Erweiterung" = "upsell"',
    '# motion = { value = "sourced" }': 'motion = { value = "sourced" }',
}


def proposed(table: Records) -> Proposal:
    return propose(table, CATALOGUE)


def answered(toml: str) -> str:
    for question, answer in ANSWERS.items():
        assert question in toml
        toml = toml.replace(question, answer)
    return toml


def test_what_is_certain_is_written_and_the_rest_is_asked() -> None:
    proposal = proposed(GERMAN)
    assert [what for what, _ in proposal.questions] == [
        "partner_id: whose sales are these?",
        "deal_type: which is Erweiterung (1 row)? net_new, cross_sell, upsell, renewal or increase",
        "motion: which motion are these sales?",
    ]
    assert proposal.unread == ("Notiz",)
    content = tomllib.loads(proposal.toml)
    assert content["dates"] == "day-first"
    assert content["rows"] == [{"column": "Status", "count": ["gewonnen"], "skip": ["verloren"]}]
    assert content["sales"]["mrr"] == {"mrr": "MRR"}


def test_a_proposal_with_its_questions_answered_reads_the_export() -> None:
    incoming = read(source_of(answered(proposed(GERMAN).toml), GERMAN))
    assert [str(each) for each in incoming.problems] == []
    assert incoming.entries[Client] == [Client("acme-gmbh", "Acme GmbH", "DE"), Client("bolt-ag", "Bolt AG", "AT")]
    assert len(incoming.entries[Sale]) == 2


def test_a_proposal_with_open_questions_is_refused_by_the_line_that_lacks_an_answer() -> None:
    with pytest.raises(MappingError) as raised:
        mapping_of(proposed(GERMAN).toml)
    assert {each.column for each in raised.value.problems} == {"sales.partner_id", "sales.motion"}


def test_the_first_rows_are_shown_as_ours_with_a_mark_where_it_is_not_decided() -> None:
    clients, sales = proposed(GERMAN).previews
    assert clients.rows[0] == ("acme-gmbh", "Acme GmbH", "DE")
    assert len(sales.rows) == 2
    row = dict(zip(sales.header, sales.rows[1], strict=True))
    assert row["mrr"] == "20,00"
    assert {name for name, cell in row.items() if cell == UNDECIDED} == {"partner_id", "deal_type", "motion"}


@pytest.mark.parametrize("name", ["Amount", "Betrag", "Importe", "Montant", "Value"])
def test_a_bare_amount_is_never_taken_for_monthly_annual_or_of_the_whole_term(name: str) -> None:
    table = records(
        "deals", f"Date | Customer | Product | {name} | Term (months)\n2026-03-01 | A | Sales Hub | 12 | 12"
    )
    proposal = proposed(table)
    assert "mrr" not in tomllib.loads(proposal.toml)["sales"]
    (choices,) = [choices for what, choices in proposal.questions if what.startswith("mrr:")]
    assert f'{{ mrr = "{name}" }}' in choices
    assert f'{{ tcv = "{name}", months = "Term (months)" }}' in choices


def test_an_amount_of_the_whole_term_is_only_taken_with_its_term() -> None:
    header, row = "Date | Customer | Product | TCV", "2026-03-01 | A | Sales Hub | 12"
    assert "mrr" not in tomllib.loads(proposed(records("deals", f"{header}\n{row}")).toml)["sales"]
    with_term = tomllib.loads(proposed(records("deals", f"{header} | Term\n{row} | 12")).toml)
    assert with_term["sales"]["mrr"] == {"tcv": "TCV", "months": "Term"}


def test_two_columns_that_can_be_one_of_ours_are_left_to_decide() -> None:
    table = records("deals", "Close date | Order date | Customer | Product\n2026-03-01 | 2026-03-02 | A | Sales Hub")
    proposal = proposed(table)
    assert "sold_on" not in tomllib.loads(proposal.toml)["sales"]
    assert '# sold_on = "Close date"\n# sold_on = "Order date"' in proposal.toml


def test_days_that_can_be_read_in_two_orders_are_asked_about() -> None:
    table = records("deals", "Date | Customer | Product\n05/09/2026 | A | Sales Hub\n06/09/2026 | B | Sales Hub")
    proposal = proposed(table)
    assert "dates" not in tomllib.loads(proposal.toml)
    assert proposal.questions[0][0].startswith("dates:")


def test_a_header_that_is_almost_one_we_know_is_taken_with_the_reason() -> None:
    table = records("deals", "Closed dates | Custommer | Product\n2026-03-01 | A | Sales Hub")
    assert 'name = "Custommer"  # its name is almost customer' in proposed(table).toml


def test_a_column_is_told_by_its_values_where_its_header_says_nothing() -> None:
    table = records("deals", "Date | Customer | Spalte 7 | F1\n2026-03-01 | A | Sales Hub | EUR")
    content = tomllib.loads(proposed(table).toml)
    assert content["sales"]["product_line"] == "Spalte 7"
    assert content["sales"]["currency"] == "F1"


def test_a_question_offers_the_columns_whose_values_fit() -> None:
    table = records("deals", "Tag X | Customer | Product | Sum Y\n2026-03-01 | A | Sales Hub | 1,200.00")
    toml = proposed(type(table)(table.name, "", table.records, [*table.header, "Type"])).toml
    assert '# sold_on = "Tag X"' in toml
    assert '# mrr = { arr = "Sum Y" }' in toml


_texts = (
    st.text(max_size=12)
    | st.sampled_from(sorted(HEADERS))
    | st.sampled_from(["2026-03-01", "Won", "12", "EUR", "DE", 'a"\n[sales]', "#", "Sales Hub"])
)
_rows = st.lists(st.lists(_texts, min_size=8, max_size=8), max_size=6)


@given(header=st.lists(_texts, min_size=1, max_size=8), rows=_rows)
def test_a_proposal_for_any_table_is_a_mapping_but_for_the_answers_that_it_lacks(
    header: list[str], rows: list[list[str]]
) -> None:
    found = [dict(zip(header, row, strict=False)) for row in rows]
    proposal = proposed(Records("any.csv", "", found, header))
    said = [str(each) for each in mistakes_in(proposal.toml)]
    assert all(" needs " in each or "says not which rows count" in each for each in said), said


def mistakes_in(toml: str) -> Sequence[object]:
    """What is wrong with a mapping."""
    try:
        mapping_of(toml)
    except MappingError as error:
        return error.problems
    return ()


MANAGED = records(
    "Verkäufe",
    """
    Vorgangsnr.|Partner|Kunde|Land|Produkt|Art|Motion|MRR|Datum|Betreut seit
    V-1|Nordwind|Acme|Spanien|Marketing Hub|Neukunde|assisted|800,00 €|15.11.2025|01.12.2025
    V-2|Südlicht|Bolt|Spanien|Sales Hub|Neukunde|sourced|45,00 €|16.11.2025|
    V-3|Nordwind|Acme|Spanien|Marketing Hub|Upsell|sourced|45,00 €|17.01.2026|01.12.2025
    V-4|Nordwind|Acme|Spanien|Marketing Hub|Verlängerung|sourced|800,00 €|18.10.2026|01.12.2025
    Summe|||||||1.690,00 €||
    """,
)
ON_FILE = {"nordwind": "P001", "südlicht": "P002", "p001": "P001", "p002": "P002"}
LEVELS = '# effective_on = "Datum"'


def test_a_list_of_sales_with_partners_and_managed_clients_needs_only_its_question_answered() -> None:
    proposal = propose(MANAGED, CATALOGUE, ON_FILE)
    (question,) = proposal.questions
    assert question[0].startswith("effective_on: are all sales of these clients' lines here")
    assert proposal.unread == ()
    assert proposal.lacking == ""
    assert [preview.rows[0][0] for preview in proposal.previews if preview.file == "agreements.csv"] == [
        "agreement-acme-nordwind-2025-12-01"
    ]
    assert LEVELS in proposal.toml
    stored = Stored(frozenset({"P001", "P002"}), frozenset(), frozenset())
    incoming = read(source_of(proposal.toml.replace(LEVELS, LEVELS[2:]), MANAGED), stored)
    assert [str(each) for each in incoming.problems] == []
    assert [(sale.sale_id, sale.partner_id, sale.mrr.currency) for sale in incoming.entries[Sale]] == [
        ("V-1", "P001", "EUR"),
        ("V-2", "P002", "EUR"),
        ("V-3", "P001", "EUR"),
        ("V-4", "P001", "EUR"),
    ]
    assert [(level.client_id, level.mrr.minor) for level in incoming.entries[SubscriptionLevel]] == [
        ("acme", 80_000),
        ("acme", 84_500),
        ("bolt", 4_500),
    ]
    assert [agreement.client_id for agreement in incoming.entries[Agreement]] == ["acme"]


def test_the_partner_of_each_name_is_asked_where_no_partner_on_file_has_it() -> None:
    asked = [what for what, _ in proposed(MANAGED).questions]
    assert "partner_id: which partner of partners.csv is Nordwind (3 rows)? its partner_id" in asked
    assert "partner_id: whose sales are these?" not in asked


def test_a_column_without_a_telling_header_is_the_partners_if_its_values_are_theirs() -> None:
    table = records("deals", "Date | Customer | Product | F1\n2026-03-01 | A | Sales Hub | Südlicht")
    assert tomllib.loads(propose(table, CATALOGUE, ON_FILE).toml)["sales"]["partner_id"] == {
        "column": "F1",
        "values": {"Südlicht": "P002"},
    }


def test_ids_of_partners_are_taken_as_they_are() -> None:
    table = records("deals", "Date | Customer | Product | Partner\n2026-03-01 | A | Sales Hub | P002")
    assert tomllib.loads(propose(table, CATALOGUE, ON_FILE).toml)["sales"]["partner_id"] == "Partner"


def test_a_column_that_could_be_the_id_is_asked_about_before_an_id_is_made_of_others() -> None:
    table = records("deals", "Code | Date | Customer | Product\nX-1 | 2026-03-01 | A | CRM\nX-2 | 2026-03-02 | A | CRM")
    assert '# sale_id = "Code"\n# sale_id = { id_from = ["Date", "Customer", "Product"] }' in proposed(table).toml


def test_a_sign_of_several_currencies_is_asked_about() -> None:
    table = records("deals", "Date | Customer | Product | MRR\n2026-03-01 | A | Sales Hub | $12")
    assert "currency: in which currency are the amounts?" in [what for what, _ in proposed(table).questions]


def test_a_list_without_agreements_says_what_managed_points_need() -> None:
    assert proposed(GERMAN).lacking == (
        "Nothing here is for agreements.csv or subscriptions.csv: managed points need both"
    )


def test_two_columns_of_partners_are_left_to_decide() -> None:
    table = records("deals", "Date | Customer | Product | Partner | Agency\n2026-03-01 | A | Sales Hub | B | C")
    assert '# partner_id = { column = "Agency", values = { "…" = "P001" } }' in proposed(table).toml
