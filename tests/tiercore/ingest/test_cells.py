"""Single cells: what is accepted, what is refused, and what the refusal suggests."""

from collections.abc import Callable
from datetime import date

import pytest

from tiercore.facts.entries import Client, DealType, Motion, Partner, Person, Role, Sale, TierCredited, ToolUsage
from tiercore.facts.money import Money
from tiercore.ingest import Incoming, Problem
from tiercore.ingest.cells import read_country
from tiercore.ingest.codes import countries

ReadFiles = Callable[..., Incoming]

SALE = {
    "sale_id": "S1",
    "partner_id": "P1",
    "client_id": "C1",
    "product_line": "Hub",
    "deal_type": "net_new",
    "motion": "sourced",
    "mrr": "100",
    "currency": "USD",
    "sold_on": "2024-03-01",
}
PARTNER = {"partner_id": "P7", "name": "Acme", "country": "US", "currency": "USD", "joined_on": "2021-01-01"}
PARTNER |= {"elite_invited_on": "", "membership_until": ""}


def one_row(cells: dict[str, str]) -> str:
    """A CSV file of one row, every cell quoted."""
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells.values())
    return ",".join(cells) + "\n" + ",".join(quoted) + "\n"


def sale_of(read_files: ReadFiles, **cells: str) -> Sale:
    incoming = read_files({"sales.csv": one_row(SALE | cells)})
    assert incoming.problems == []
    (sale,) = incoming.entries[Sale]
    assert isinstance(sale, Sale)
    return sale


def refused(read_files: ReadFiles, file: str, cells: dict[str, str]) -> Problem:
    (problem,) = read_files({file: one_row(cells)}).problems
    assert (problem.file, problem.line) == (file, 2)
    return problem


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234.56", "USD", 123456),
        ("0", "USD", 0),
        ("0.1", "USD", 10),
        ("007.50", "USD", 750),
        (" 12 ", "EUR", 1200),
        ("999999999999.99", "USD", 99999999999999),
        ("12000", "JPY", 12000),
        ("12000.00", "JPY", 12000),
        ("1.234", "KWD", 1234),
        ("1.5", "BHD", 1500),
    ],
)
def test_an_amount_becomes_whole_minor_units(read_files: ReadFiles, text: str, currency: str, minor: int) -> None:
    assert sale_of(read_files, mrr=text, currency=currency).mrr == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("1,234", "1234"),
        ("1_000", "1000"),
        ("١٢٣", "123"),
        ("１２３.５", "123.5"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("NaN", "1234.56"),
        ("inf", "1234.56"),
        ("1e5", "1234.56"),
        ("0x10", "1234.56"),
        ("free", "1234.56"),
        ("1234567890123", "12 digits"),
        ("1.999", "2"),
        ("12.345", "2"),
        ("1.23456", "2"),
    ],
)
def test_anything_but_a_plain_amount_is_refused_with_a_correction(read_files: ReadFiles, text: str, right: str) -> None:
    problem = refused(read_files, "sales.csv", SALE | {"mrr": text})
    assert (problem.column, problem.value, problem.kind) == ("mrr", text, "bad amount")
    assert right in problem.remedy.replace(",", "").split(" ") or right in problem.remedy


@pytest.mark.parametrize(("text", "currency"), [("1.000", "USD"), ("12.000", "JPY"), ("12.345", "EUR")])
def test_three_decimals_are_refused_as_a_possible_thousands_separator(
    read_files: ReadFiles, text: str, currency: str
) -> None:
    problem = refused(read_files, "sales.csv", SALE | {"mrr": text, "currency": currency})
    assert (problem.column, problem.kind) == ("mrr", "bad amount")
    assert text.replace(".", "") in problem.remedy


@pytest.mark.parametrize("text", ["-5", "-0.01", "−5", "-1,234.56", "(5)"])
def test_a_negative_amount_is_refused_as_such(read_files: ReadFiles, text: str) -> None:
    problem = refused(read_files, "sales.csv", SALE | {"mrr": text})
    assert (problem.column, problem.kind) == ("mrr", "negative amount")


def test_money_never_passes_through_a_float(read_files: ReadFiles) -> None:
    assert sale_of(read_files, mrr="999999999999.99").mrr.minor == 99999999999999
    assert sale_of(read_files, mrr="0.29").mrr.minor == 29  # int(0.29 * 100) is 28


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2024-W09-5", "bad date"),
        ("٢٠٢٤-٠٣-٠١", "bad date"),
        ("01/03/2024", "bad date"),
        ("2023-02-29", "bad date"),
        ("0000-01-01", "bad date"),
        ("2024-13-01", "bad date"),
        ("1999-12-31", "far past"),
        ("2036-01-16", "far future"),
        ("9999-12-31", "far future"),
    ],
)
def test_a_date_that_is_no_plausible_day_is_refused(read_files: ReadFiles, text: str, kind: str) -> None:
    problem = refused(read_files, "sales.csv", SALE | {"sold_on": text})
    assert (problem.column, problem.value, problem.kind) == ("sold_on", text, kind)


@pytest.mark.parametrize("text", ["2000-01-01", "2024-02-29", "2036-01-15"])
def test_dates_from_2000_to_ten_years_ahead_are_accepted(read_files: ReadFiles, text: str) -> None:
    assert sale_of(read_files, sold_on=text).sold_on == date.fromisoformat(text)


def test_an_ambiguous_date_gets_both_suggestions(read_files: ReadFiles) -> None:
    remedy = refused(read_files, "sales.csv", SALE | {"sold_on": "2/1/2024"}).remedy
    assert remedy.startswith("write 2024-01-02 or 2024-02-01, or say the order once: --dates day-first")


def test_words_are_accepted_in_any_case(read_files: ReadFiles) -> None:
    sale = sale_of(read_files, deal_type="Net_New", motion="ASSISTED")
    assert (sale.deal_type, sale.motion) == (DealType.NET_NEW, Motion.ASSISTED)
    (tier,) = read_files({"tiers.csv": "partner_id,tier,credited_on\nP1,Gold,2024-01-15\n"}).entries[TierCredited]
    assert tier == TierCredited("P1", "gold", date(2024, 1, 15))


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        ("deal_type", "net new", "net_new"),
        ("deal_type", "crosssell", "cross_sell"),
        ("motion", "sorced", "sourced"),
        ("currency", "usd", "USD"),
        ("currency", "Usd", "USD"),
    ],
)
def test_a_mistyped_word_gets_a_suggestion(read_files: ReadFiles, column: str, text: str, meant: str) -> None:
    problem = refused(read_files, "sales.csv", SALE | {column: text})
    assert problem.column == column
    assert f"Did you mean {meant}?" in problem.remedy


@pytest.mark.parametrize("code", ["DE", "de", "Germany", "germany", "Deutschland", "Allemagne"])
def test_a_country_is_read_by_its_code_or_its_name(code: str) -> None:
    assert read_country(code).value == "DE"
    assert bool(read_country(code).how) is (code != "DE")


def test_every_country_is_read_by_its_name_in_english() -> None:
    assert [read_country(name).value for name in countries().values()] == list(countries())


@pytest.mark.parametrize(("text", "meant"), [("UK", "GB"), ("en", "GB"), ("el", "GR")])
def test_a_common_wrong_code_of_a_country_gets_a_suggestion(read_files: ReadFiles, text: str, meant: str) -> None:
    problem = refused(read_files, "partners.csv", PARTNER | {"country": text})
    assert (problem.column, problem.kind) == ("country", "unknown country")
    assert f"Did you mean {meant}?" in problem.remedy


@pytest.mark.parametrize("text", ["EU", "ZZ", "UN", "XA", "XX", "840", "USA"])
def test_a_country_not_in_iso_3166_is_refused(read_files: ReadFiles, text: str) -> None:
    assert refused(read_files, "partners.csv", PARTNER | {"country": text}).kind == "unknown country"


@pytest.mark.parametrize("text", ["XXX", "DEM", "BTC", "US", "$", "EURO"])
def test_an_unknown_currency_is_refused(read_files: ReadFiles, text: str) -> None:
    assert refused(read_files, "partners.csv", PARTNER | {"currency": text}).kind == "unknown currency"


def test_a_former_currency_is_refused_with_its_last_day(read_files: ReadFiles) -> None:
    assert "2023" in refused(read_files, "sales.csv", SALE | {"currency": "HRK"}).message


def test_an_invalid_currency_and_an_invalid_amount_are_both_reported(read_files: ReadFiles) -> None:
    problems = read_files({"sales.csv": one_row(SALE | {"mrr": "1.5.5", "currency": "EURO"})}).problems
    assert [problem.column for problem in problems] == ["mrr", "currency"]


def test_text_is_stripped_and_unicode_composed(read_files: ReadFiles) -> None:
    (partner,) = read_files({"partners.csv": one_row(PARTNER | {"name": "  Cafe\u0301 \u00a0"})}).entries[Partner]
    assert partner.name == "Caf\u00e9"


@pytest.mark.parametrize("number", [*range(9), 11, 12, *range(14, 32), *range(127, 160)])
@pytest.mark.parametrize("where", ["P{}1", "{}P1", "P1{}"])
def test_no_id_has_a_control_character_such_as_the_separator_of_ids_in_the_database(
    read_files: ReadFiles, number: int, where: str
) -> None:
    problem = refused(read_files, "partners.csv", PARTNER | {"partner_id": where.format(chr(number))})
    assert (problem.column, problem.kind) == ("partner_id", "control character")


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\tb", "a\nb", "a\x85b", "a\u2028b", "a\x7fb"])
def test_control_characters_are_refused_and_shown_escaped(read_files: ReadFiles, text: str) -> None:
    problem = refused(read_files, "partners.csv", PARTNER | {"name": text})
    assert (problem.column, problem.kind) == ("name", "control character")
    assert str(problem).isprintable()


@pytest.mark.parametrize("text", ["P\u200b7", "P\u202e7", "\ufeffP7", "P\u00ad7"])
def test_an_id_has_no_invisible_characters(read_files: ReadFiles, text: str) -> None:
    problem = refused(read_files, "partners.csv", PARTNER | {"partner_id": text})
    assert (problem.column, problem.kind) == ("partner_id", "invisible character")


def test_a_name_may_have_joiners_but_no_bidirectional_overrides(read_files: ReadFiles) -> None:
    joined = "می\u200cخواهم"
    assert read_files({"partners.csv": one_row(PARTNER | {"name": joined})}).entries[Partner][0].name == joined
    turned = refused(read_files, "partners.csv", PARTNER | {"name": "Acme\u202etxt.exe"})
    assert turned.kind == "invisible character"


def test_names_have_at_most_200_characters_and_ids_100(read_files: ReadFiles) -> None:
    assert read_files({"partners.csv": one_row(PARTNER | {"name": "n" * 200, "partner_id": "i" * 100})}).problems == []
    assert refused(read_files, "partners.csv", PARTNER | {"name": "n" * 201}).kind == "too long"
    assert refused(read_files, "partners.csv", PARTNER | {"partner_id": "i" * 101}).kind == "too long"


def test_a_long_value_is_shown_shortened(read_files: ReadFiles) -> None:
    assert len(str(refused(read_files, "partners.csv", PARTNER | {"name": "n" * 9_000}))) < 300
    assert len(str(refused(read_files, "partners.csv", PARTNER | {"name": "\a" * 9_000}))) < 300


@pytest.mark.parametrize("text", ["Ann@Example.COM", "o'brien+crm@mail.example.co", "a_b-c@x-y.example"])
def test_an_email_is_lowercased(read_files: ReadFiles, text: str) -> None:
    (person,) = read_files({"people.csv": f"email,name,role,partner_id\n{text},Ann,partner,P1\n"}).entries[Person]
    assert person == Person(text.lower(), "Ann", Role.PARTNER, "P1")


@pytest.mark.parametrize(
    "text", ["ann", "ann@", "@x.example", "ann@x", "a b@x.example", "a@b@x.example", "<a@x.example>"]
)
def test_an_invalid_email_is_refused(read_files: ReadFiles, text: str) -> None:
    cells = {"email": text, "name": "Ann", "role": "partner", "partner_id": "P1"}
    assert refused(read_files, "people.csv", cells).column == "email"


@pytest.mark.parametrize("text", ["1001", "-1", "5.0", "５", "five", "1_0", "+5"])
def test_tools_used_is_a_whole_number_up_to_1000(read_files: ReadFiles, text: str) -> None:
    cells = {"client_id": "C1", "month": "2024-01", "tools_used": text}
    assert refused(read_files, "usage.csv", cells).column == "tools_used"


@pytest.mark.parametrize("text", ["2024", "2024-00", "2024-13", "13/2024", "Sep-24", "2024-０1"])
def test_a_month_that_is_none_or_has_two_readings_is_refused(read_files: ReadFiles, text: str) -> None:
    cells = {"client_id": "C1", "month": text, "tools_used": "5"}
    assert refused(read_files, "usage.csv", cells).column == "month"


def test_a_month_is_stored_as_its_first_day(read_files: ReadFiles) -> None:
    (usage,) = read_files({"usage.csv": "client_id,month,tools_used\nC1,2024-02,0\n"}).entries[ToolUsage]
    assert usage == ToolUsage("C1", date(2024, 2, 1), 0)


def test_an_empty_cell_is_refused_if_a_value_is_required(read_files: ReadFiles) -> None:
    for column in SALE:
        problem = refused(read_files, "sales.csv", SALE | {column: "  "})
        assert (problem.column, problem.kind) == (column, "missing value")


def test_every_invalid_cell_of_a_row_is_reported(read_files: ReadFiles) -> None:
    cells = SALE | {"partner_id": "P99", "client_id": "C99", "mrr": "-1", "motion": "alone", "sold_on": "today"}
    problems = read_files({"sales.csv": one_row(cells)}).problems
    assert [problem.column for problem in problems] == ["partner_id", "client_id", "motion", "mrr", "sold_on"]


def test_a_valid_row_becomes_an_entry(read_files: ReadFiles) -> None:
    assert sale_of(read_files) == Sale(
        "S1", "P1", "C1", "Hub", DealType.NET_NEW, Motion.SOURCED, Money(10_000, "USD"), date(2024, 3, 1)
    )
    clients = read_files({"clients.csv": "client_id,name,country\nC7,Acme,DE\n"}).entries[Client]
    assert clients == [Client("C7", "Acme", "DE")]


@pytest.mark.parametrize(
    ("text", "code"),
    [("usd", "USD"), ("US Dollar", "USD"), ("U.S. dollars", "USD"), ("€", "EUR"), ("Swiss Franc", "CHF")],
)
def test_a_currency_by_its_name_or_sign_proposes_its_code(read_files: ReadFiles, text: str, code: str):
    assert refused(read_files, "partners.csv", PARTNER | {"currency": text}).remedy == f"Did you mean {code}?"
