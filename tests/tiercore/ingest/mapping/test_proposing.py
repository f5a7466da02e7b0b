"""A proposed mapping: what is certain is written, what isn't is left to decide, never guessed."""

import tomllib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.exports import CATALOGUE, mapping_of, read, records, source_of
from tiercore.facts.entries import Client, Sale
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
