"""The tier table as people paste it: what is understood, what is asked back, what is named."""

import time
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.money import Money
from tiercore.program.pasted import MOST_CHARACTERS, MOST_ROWS, Pasted, read_table
from tiercore.program.pasted_cells import Thousands

TIERS = ("gold", "platinum", "diamond", "elite")
Figures = Mapping[str, str]
FULL: Figures = {
    "gold sourced_minimum": "90",
    "gold managed_minimum": "60",
    "gold combined": "300",
    "platinum sourced_minimum": "270",
    "platinum managed_minimum": "150",
    "platinum combined": "645",
}
TOTALS: Figures = {"gold combined": "300", "platinum combined": "645"}
SOLD: Figures = {"gold sold_minimum": "90", "platinum sold_minimum": "270", **TOTALS}


def understood(text: str, thousands: Thousands | None = None) -> Figures:
    """The figures in a table without problems, by tier and figure."""
    found = read_table(text, TIERS, thousands)
    assert not found.problems, found.problems
    return {f"{tier} {figure}": cell.value for (tier, figure), cell in found.cells.items()}


PASTES: Mapping[str, tuple[str, Figures]] = {
    "a spreadsheet": ("Tier\tSourced\tManaged\tTotal\nGold\t90\t60\t300\nPlatinum\t270\t150\t645", FULL),
    "with Windows line ends": (
        "Tier\tSourced\tManaged\tTotal\r\nGold\t90\t60\t300\r\nPlatinum\t270\t150\t645\r\n",
        FULL,
    ),
    "with empty rows and columns": ("\t\nTier\tTotal\t\t\nGold\t300\t\t\n\t\t\t\nPlatinum\t645\t\t\n\n", TOTALS),
    "with a title and a footnote": ("Tier requirements\nTier\tTotal\nGold\t300\nPlatinum\t645\n* per partner", TOTALS),
    "with long headings": (
        "Partner tier\tMinimum sourced points\tMinimum managed points\tCombined points total\n"
        "Gold Partner\t90 points\t60 points\t300 points\nPlatinum Partner\t270 pts\t150 pts.\t645 pts",
        FULL,
    ),
    "with points in brackets of money": (
        "Tier\tSourced\tManaged\tTotal\nGold\t90 (US$3,000)\t60 ($4,000 MRR)\t300\nPlatinum\t270 (US$9,000)\t150\t645",
        FULL,
    ),
    "with at least": (
        "Tier\tSourced\tTotal\nGold\t≥ 90\t>= 300\nPlatinum\tat least 270\t645+",
        {
            "gold sourced_minimum": "90",
            "platinum sourced_minimum": "270",
            **TOTALS,
        },
    ),
    "with dashes": (
        "Tier\tSourced\tTotal\nGold\t–\t300\nPlatinum\t-\t645",
        {
            "gold sourced_minimum": "not set",
            "platinum sourced_minimum": "not set",
            **TOTALS,
        },
    ),
    "with empty cells": ("Tier\tSourced\tTotal\nGold\t\t300\nPlatinum\t\t645", TOTALS),
    "with non-breaking spaces": (
        "Tier\tSourced\tTotal\nGold\t90\xa0points\t1\xa0300\nPlatinum\t270\t2\u202f645",
        {
            "gold sourced_minimum": "90",
            "platinum sourced_minimum": "270",
            "gold combined": "1300",
            "platinum combined": "2645",
        },
    ),
    "with Swiss thousands": (
        "Tier\tTotal\nGold\t1'300\nPlatinum\t2’645",
        {"gold combined": "1300", "platinum combined": "2645"},
    ),
    "with footnote marks": ("Tier\tTotal\nGold\t300*\nPlatinum\t645¹", TOTALS),
    "with half points": (
        "Tier\tTotal\nGold\t322.5\nPlatinum\t645.25",
        {"gold combined": "322.5", "platinum combined": "645.25"},
    ),
    "where one number tells how all are written": (
        "Tier\tSourced\tTotal\nGold\t90.5\t1,300\nPlatinum\t270\t2,645",
        {
            "gold sourced_minimum": "90.5",
            "platinum sourced_minimum": "270",
            "gold combined": "1300",
            "platinum combined": "2645",
        },
    ),
    "in millions": (
        "Tier\tTotal\nGold\t1.300.000\nPlatinum\t2.645.000",
        {
            "gold combined": "1300000",
            "platinum combined": "2645000",
        },
    ),
    "transposed": ("\tGold\tPlatinum\nSourced\t90\t270\nManaged\t60\t150\nTotal\t300\t645", FULL),
    "transposed with a heading in the corner": ("Requirement\tGold\tPlatinum\nTotal points\t300\t645", TOTALS),
    "Markdown": (
        "| Tier | Sourced | Managed | Total |\n|------|--------:|--------:|------:|\n"
        "| Gold | 90 | 60 | 300 |\n| **Platinum** | 270 | 150 | 645 |",
        FULL,
    ),
    "transposed Markdown": ("|  | Gold | Platinum |\n|:--|--|--|\n| Total | 300 | 645 |", TOTALS),
    "semicolons": ("Tier;Sourced;Managed;Total\nGold;90;60;300\nPlatinum;270;150;645", FULL),
    "quoted commas": (
        'Tier,Sourced,Total\nGold,90,"300"\nPlatinum,270,"645"',
        {
            "gold sourced_minimum": "90",
            "platinum sourced_minimum": "270",
            **TOTALS,
        },
    ),
    "aligned by spaces": (
        "Tier        Sourced minimum   Managed minimum   Total\n"
        "Gold        90                60                300\n"
        "Platinum    270               150               645",
        FULL,
    ),
    "single spaces": ("Tier Sourced Managed Total\nGold 90 60 300\nPlatinum 270 (US$9,000) 150 645", FULL),
    "a line a tier": (
        "Gold: sourced 90, managed 60, total 300\nPlatinum: sourced 270, managed 150, total 645",
        FULL,
    ),
    "a line a tier, numbers first": (
        "Gold – 90 sourced, 60 managed and 300 total\nPlatinum – 270 sourced, 150 managed and 645 total",
        FULL,
    ),
    "bullets": ("• Gold: sourced 90; managed 60; total 300\n• Platinum: sourced 270; managed 150; total 645", FULL),
    "all in one line": ("Gold: total 300; Platinum: total 645", TOTALS),
    "equals signs": ("gold sourced=90, managed=60, total=300\nplatinum sourced=270, managed=150, total=645", FULL),
    "a block a tier": (
        "Gold\nSourced points: 90\nManaged points: 60\nTotal points: 300\n\n"
        "Platinum\nSourced points: 270\nManaged points: 150\nTotal points: 645",
        FULL,
    ),
    "a block a tier, numbers first": (
        "Gold\n90 sourced points\n60 managed\n300 total\nPlatinum\n270 sourced\n150 managed\n645 total",
        FULL,
    ),
    "retention and a column that isn't known": (
        "Tier\tTotal\tRetention\tCommission\nGold\t300\t> 65%\t20%\nPlatinum\t645\t75 %\t20%",
        {**TOTALS, "gold retention": "65", "platinum retention": "75"},
    ),
    "gross revenue retention": (
        "Tier\tTotal\tGRR\nGold\t300\t65 %\nPlatinum\t645\t75 %",
        {
            **TOTALS,
            "gold retention": "65",
            "platinum retention": "75",
        },
    ),
    "German": (
        "Stufe\tSourced-Mindestpunkte\tManaged-Mindestpunkte\tGesamtpunkte\nGold\t90\t60\t300\nPlatin\t270\t150\t645",
        FULL,
    ),
    "German, of 2022": ("Stufe\tVerkauft\tGesamtpunktzahl\nGold\tmind. 90\tab 300\nPlatin\tmind. 270\tab 645", SOLD),
    "German thousands": (
        "Stufe\tVerkauft\tGesamt\nGold\t90,5\t1.300\nPlatin\t270\t2.645",
        {
            "gold sold_minimum": "90.5",
            "platinum sold_minimum": "270",
            "gold combined": "1300",
            "platinum combined": "2645",
        },
    ),
    "German, a line a tier": (
        "Gold: vermittelt 90, betreut 60 und gesamt 300\nPlatin: vermittelt 270, betreut 150, gesamt 645",
        FULL,
    ),
    "Spanish": (
        "Nivel\tPuntos originados (mínimo)\tPuntos gestionados\tTotal de puntos\n"
        "Oro\t90\t60\t300\nPlatino\t270\t150\t645",
        FULL,
    ),
    "Spanish, sold": ("Nivel\tPuntos vendidos\tPuntos totales\nOro\t90 puntos\t300\nPlatino\t270 puntos\t645", SOLD),
    "French": (
        "Niveau\tPoints sourcés\tPoints gérés\tTotal des points\nOr\t90\t60\t300\nPlatine\t270\t150\t645",
        FULL,
    ),
    "French, sold": ("Niveau;Points vendus;Total\nOr;90;300\nPlatine;270;645", SOLD),
    "Portuguese": (
        "Nível\tPontos originados\tPontos gerenciados\tTotal de pontos\nOuro\t90\t60\t300\nPlatina\t270\t150\t645",
        FULL,
    ),
    "Portuguese, transposed": ("\tOuro\tPlatina\nPontos vendidos\t90\t270\nTotal\t300\t645", SOLD),
    "Japanese": (
        "ランク\tソースポイント\t管理ポイント\t合計ポイント\nゴールド\t90\t60\t300\nプラチナ\t270\t150\t645",
        FULL,
    ),
    "Japanese, full-width digits": (
        "ランク\t販売ポイント\t合計\nゴールドパートナー\t９０ポイント\t３００点\nプラチナパートナー\t２７０\t６４５以上",
        SOLD,
    ),
    "French accents and capitals": ("NIVEAU\tTOTAL\nOR\t300\nPLATINE\t645", TOTALS),
    "a spreadsheet's cells with line breaks": (
        'Tier\t"Sourced\nminimum"\tManaged\tTotal\nGold\t90\t60\t300\nPlatinum\t"270\n(US$9,000)"\t150\t645',
        FULL,
    ),
    "HTML line breaks": (
        "| Tier | Sourced<br>minimum | Managed | Total |\n|--|--|--|--|\n| Gold | 90<br>(US$3,000) | 60 | 300 |\n"
        "| Platinum | 270<br/>(US$9,000) | 150 | 645 |",
        FULL,
    ),
    "Markdown without outer lines": ("Tier | Total\n--- | ---\nGold | 300\nPlatinum | 645", TOTALS),
    "copied from a PDF": (
        "Tier Minimum Sourced Points Minimum Managed Points Total Points\nGold 90 (US$ 3,000) 60 300\n"
        "Platinum 270 (US$ 9,000) 150 645",
        FULL,
    ),
    "footnotes on headings and tiers": (
        "Tier\tTotal¹\nGold²\t300¹\nPlatinum*\t645 †\n¹ over 12 months\n² and above",
        TOTALS,
    ),
    "transposed with footnotes": ("Requirement\tGold [1]\tPlatinum\nTotal points²\t300\t645", TOTALS),
    "a plus and a space": ("Tier\tTotal\nGold\t300+ \nPlatinum\t645+ ", TOTALS),
    "at least, without a space": ("Tier\tTotal\nGold\t≥300\nPlatinum\t≥ 645 pts", TOTALS),
    "amounts after a slash": (
        "Tier\tSold\tTotal\nGold\t90 / US$3,000\t300\nPlatinum\t270 / US$9,000\t645",
        SOLD,
    ),
    "minimums by their names": (
        "Tier | Minimum sold | Minimum managed | Total\nGold | 90 | – | 300\nPlatinum | 270 | 150 | 645",
        {**SOLD, "gold managed_minimum": "not set", "platinum managed_minimum": "150"},
    ),
    "a heading over others": ("\tMinimum\t\t\nTier\tSold\tTotal\nGold\t90\t300\nPlatinum\t270\t645", SOLD),
    "a heading in two rows": (
        "Tier\tMinimum\tMinimum\tCombined\n\tsourced\tmanaged\ttotal\nGold\t90\t60\t300\nPlatinum\t270\t150\t645",
        FULL,
    ),
    "points beside amounts in two rows": (
        "Tier\tSold\t\tTotal\n\tpoints\tUS$\tpoints\nGold\t90\t3,000\t300\nPlatinum\t270\t9,000\t645",
        SOLD,
    ),
    "with benefits": (
        "Tier\tTotal\tBenefits\tCertifications\nGold\t300\tBadge, US$500\t2\nPlatinum\t645\tBadge\t4",
        TOTALS,
    ),
    "the program's names of the tiers": (
        "Program level\tTotal\nHubSpot Gold Solutions Partner\t300\nPlatinum Solutions Partner\t645\n"
        "Elite Solutions Partner\tby invitation",
        TOTALS,
    ),
    "the program's names, a line a tier": (
        "Gold Solutions Partner: 90 sold, 300 total\nPlatinum Solutions Partner: 270 sold, 645 total",
        SOLD,
    ),
    "a tier by invitation": ("Tier\tTotal\nGold\t300\nPlatinum\t645\nElite\tInvitation only", TOTALS),
    "emoji": ("🏆 Tier\tTotal\n🥇 Gold\t300\n💎 Platinum ⭐\t645", TOTALS),
    "a tier that is there twice, alike": ("Tier\tTotal\nGold\t300\nPlatinum\t645\nGold\t300", TOTALS),
    "a spreadsheet's file": ('sep=;\nTier;Sold;Total\n"Gold";"90";"300"\n"Platinum";"270";"645"', SOLD),
    "French names of partners": (
        "Palier\tPoints vendus\tTotal\nPartenaire Or\t90\t300\nPartenaire Platine\t270\t645",
        SOLD,
    ),
    "Italian": ("Livello\tPunti venduti\tTotale\nOro\t90\t300\nPlatino\t270\t645", SOLD),
    "Dutch": ("Niveau\tVerkochte punten\tTotaal\nGoud\t90\t300\nPlatina\t270\t645", SOLD),
    "Japanese, in tens of thousands": (
        "ランク\t合計\nゴールド\t1万\nプラチナ\t2.5万",
        {"gold combined": "10000", "platinum combined": "25000"},
    ),
    "Japanese, a line a tier": (
        "ゴールド：販売90ポイント、合計300ポイント\nプラチナ：販売270ポイント、合計645ポイント",
        SOLD,
    ),
}


@pytest.mark.parametrize("form", PASTES)
def test_a_table_is_understood_as_it_was_copied_or_typed(form: str):
    text, figures = PASTES[form]
    assert understood(text) == figures


def test_the_amount_in_brackets_is_kept_for_the_check():
    found = read_table("Tier\tSourced\tManaged\tTotal\nGold\t90 (US$3,000)\t60 (1.250,50 €)\t300", TIERS, ",")
    assert found.cells["gold", "sourced_minimum"].amount == Money(3_000_00, "USD")
    assert found.cells["gold", "managed_minimum"].amount == Money(1_250_50, "EUR")
    assert found.problems == []


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("270 / US$9,000", Money(9_000_00, "USD")),
        ("270 – $9,000 MRR", Money(9_000_00, "USD")),
        ("270 points (US$ 9.000)", Money(9_000_00, "USD")),
        ("270（90万円）", Money(900_000, "JPY")),
        ("270 (R$ 9.000)", Money(9_000_00, "BRL")),
        ("270 (CHF 9'000)", Money(9_000_00, "CHF")),
        ("270 (¥1,200,000)", Money(1_200_000, "JPY")),
    ],
)
@pytest.mark.parametrize("thousands", [None, ",", "."])
def test_the_amount_beside_the_points_is_read_in_its_own_currency(
    cell: str, amount: Money, thousands: Thousands | None
):
    found = read_table(f"Tier\tSourced\nGold\t{cell}", TIERS, thousands)
    assert found.problems == []
    assert found.cells["gold", "sourced_minimum"].value == "270"
    assert found.cells["gold", "sourced_minimum"].amount == amount


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tier\tTotal\nGold\t1.234", "“1.234” can be 1,234 or 1.234"),
        ("Tier\tTotal\nGold\t1,234", "“1,234” can be 1,234 or 1.234"),
        ("Tier\tPoints\tTotal\nGold\t1\t2", "Which figure is “Points”?"),
        ("Tier\tSold and managed\tTotal\nGold\t1\t2", "Which figure is “Sold and managed”?"),
        ("Tier\tTotal\nGold\t5\nBronze\t4", "I don't know the tier “Bronze”. Tiers: Gold, Platinum, Diamond, Elite."),
        ("Tier\tTotal\tTotal points\nGold\t5\t4", "Two columns are the total."),
        ("Tier\tTotal\nGold\t5\nGold\t4", "Gold total is there twice, with different numbers."),
        ("Tier\tTotal\nGold\tplenty", "I don't understand “plenty”"),
        ("Tier\tTotal\nGold\t> 300", "I don't understand “> 300”"),
        ("Tier\tTotal\nGold\t-300", "I don't understand “-300”"),
        ("Tier\tTotal\nGold\t300 to 400", "I don't understand “300 to 400”"),
        ("Tier\tTotal\nGold\t65%", "“65%” is a percentage"),
        ("Tier\tTotal\nGold\t300 (9 pigs)", "I don't understand what is in brackets"),
        ("Tier\tRetention\nGold\t165%", "“165%” isn't a whole percentage up to 100"),
        ("Tier\tTotal\t\nGold\t5\t6", "Column 3 has no heading."),
        ("Gold: blue 5", "Gold: I don't understand “blue 5”."),
        ("Good morning", "I found no tier table."),
        ("Tier\tTotal\nGold\t300-644", "I don't understand “300-644”"),
        ("Tier\tTotal\nGold\t645–1,299", "I don't understand “645–1,299”"),
        ("Tier\tTotal\nGold\t300 1", "I don't understand the number “300 1”"),
        ("Tier\tTotal\nGold\t1.3k", "I don't understand “1.3k”"),
        ("Tier\tTotal\nGold\t1.234万", "“1.234万” can be 1,234 or 1.234"),
        ("Tier\tTotal\nGold\t~300", "I don't understand “~300”"),
        ("Tier\tTotal\nGold\tup to 300", "I don't understand “up to 300”"),
        ("Tier\tTotal\nGold\t(300)", "I don't understand what is in brackets"),
        ("Tier\tTotal\nGold\t01/09/2026", "I don't understand “01/09/2026”"),
        ("Tier\tTotal\nGold\t3E+02", "I don't understand “3E+02”"),
        ("Tier\tTotal\nGold\tTBD", "I don't understand “TBD”"),
        ("Tier\tSourced\nGold\tUS$ 3.000", "I don't understand “US$ 3.000”"),
        ("Tier\tSourced\nGold\tUS$3,000 (90 points)", "I don't understand what is in brackets"),
        ("Tier\tSourced\tTotal\nGold\t1,300\t1.300", "“1,300” can be 1,300 or 1.3"),
        ("Tier\tTotal\tRetention\nGold\t300\t0.75", "“0.75” is no percentage"),
        ("Tier\tTotal sourced\tTotal\nGold\t90\t300", "Which figure is “Total sourced”?"),
        ("Tier\tSold\tSold + managed total\nGold\t90\t300", "Which figure is “Sold + managed total”?"),
        ("Tier\tTotal (old)\tTotal (new)\nGold\t300\t320", "I found no tier table."),
        ("Gold\t90\t60\t300\nPlatinum\t270\t150\t645", "Name each figure in a heading"),
        ("#\tTier\tTotal\n1\tGold\t300", "I found no tier table."),
        ("Tier\tTotal\nBronze\t–\nGold\t300", "I don't know the tier “Bronze”"),
        ("Gold: 90 / 60 / 300", "Gold: I don't understand “90”"),
        ("Platinum needs 270 sourced and 645 total.", "I don't understand “needs 270 sourced”"),
        ("Tier\tSourced\nGold\t270 (kr 9 000)", "I don't understand what is in brackets"),
        ("", "I found no tier table."),
        ("x" * (MOST_CHARACTERS + 1), "That's too long"),
        ("Gold\n" * (MOST_ROWS + 1), "That's too long"),
        ("Tier\tTotal" + "\tTotal" * 30 + "\nGold\t5", "That's too wide"),
    ],
)
def test_what_is_unclear_is_asked_back_and_what_is_unknown_is_named(text: str, said: str):
    found = read_table(text, TIERS)
    assert any(said in each for each in found.problems), found.problems


def test_a_number_with_two_readings_is_read_as_somebody_says():
    text = "Tier\tTotal\nGold\t1.234"
    assert understood(text, ".") == {"gold combined": "1234"}
    assert understood(text, ",") == {"gold combined": "1.234"}


def test_a_column_that_is_left_out_is_named():
    found = read_table("Tier\tTotal\tCommission\nGold\t300\t20%", TIERS)
    assert any("Left out: “Commission”" in each for each in found.notes)


FIGURE_WORDS = {
    "sourced_minimum": ("Sourced", "Minimum sourced points", "Vermittelt", "Puntos originados", "ソースポイント"),
    "sold_minimum": ("Sold", "Verkauft", "Points vendus", "Pontos vendidos", "販売ポイント"),
    "managed_minimum": ("Managed", "Betreut", "Points gérés", "Puntos gestionados", "管理ポイント"),
    "combined": ("Total", "Combined", "Gesamtpunkte", "Total des points", "合計"),
}
TIER_WORDS = {
    "gold": ("Gold", "Oro", "Ouro", "ゴールド"),
    "platinum": ("Platinum", "Platin", "Platine", "プラチナ"),
    "diamond": ("Diamond", "Diamant", "Diamante", "ダイヤモンド"),
    "elite": ("Elite", "Élite", "エリート"),
}
points = st.integers(0, 5_000_000).map(lambda hundredths: hundredths * 25)  # of a hundredth of a point


def written(hundredths: int, group: str, point: str) -> str:
    """A number with a separator between thousands, and decimals where it has any."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole:,}".replace(",", group) + (f"{point}{rest:02d}" if rest else "")


def as_tabs(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


def as_semicolons(rows: Sequence[Sequence[str]]) -> str:
    return "\r\n".join(";".join(row) for row in rows)


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def as_aligned(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("   ".join(row) for row in rows)


def transposed(rows: Sequence[Sequence[str]]) -> str:
    return as_tabs([list(column) for column in zip(*rows, strict=True)])


def as_quoted_cells(rows: Sequence[Sequence[str]]) -> str:
    """As a spreadsheet copies headings with line breaks in them."""
    head, *body = rows
    return as_tabs([[f'"{each}\nminimum"' for each in head], *body])


def under_a_heading(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    return as_tabs([["Tier", *("Minimum" for _ in head[1:])], ["", *head[1:]], *body])


def with_footnotes(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    return as_tabs([[f"{each}¹" for each in head], *([f"🏅 {tier} Partner*", *cells] for tier, *cells in body)])


def as_lines(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    return "\n".join(
        f"{tier}: " + "; ".join(f"{a} {b}" for a, b in zip(head[1:], cells, strict=True)) for tier, *cells in body
    )


FORMS = (
    as_tabs,
    as_semicolons,
    as_markdown,
    as_aligned,
    transposed,
    as_lines,
    as_quoted_cells,
    under_a_heading,
    with_footnotes,
)


@given(st.data())
def test_a_table_written_in_any_form_is_read_back_exactly(data: st.DataObject):
    figures = data.draw(st.lists(st.sampled_from(sorted(FIGURE_WORDS)), min_size=1, unique=True))
    tiers = data.draw(st.lists(st.sampled_from(TIERS), min_size=1, unique=True))
    group, point = data.draw(st.sampled_from([(",", "."), (".", ",")]))
    numbers = {(tier, figure): data.draw(points) for tier in tiers for figure in figures}
    rows = [["Tier", *(data.draw(st.sampled_from(FIGURE_WORDS[figure])) for figure in figures)]]
    for tier in tiers:
        name = data.draw(st.sampled_from(TIER_WORDS[tier]))
        rows.append([name, *(written(numbers[tier, figure], group, point) for figure in figures)])
    form = data.draw(st.sampled_from(FORMS))
    found = read_table(form(rows), TIERS, group)
    assert not found.problems, (form(rows), found.problems)
    expected = {
        key: written(number, "", ".").rstrip("0").rstrip(".") if number % 100 else str(number // 100)
        for key, number in numbers.items()
    }
    assert {key: cell.value for key, cell in found.cells.items()} == expected, form(rows)


@given(st.text(max_size=400), st.sampled_from([None, ",", "."]))
def test_no_text_makes_the_reader_fail(text: str, thousands: Thousands | None):
    assert isinstance(read_table(text, TIERS, thousands), Pasted)


@given(
    st.lists(
        st.lists(st.sampled_from(["Gold", "Total", "Sourced", "1.234", "270 (US$9,000)", "–", "", "≥ 5"]), max_size=5),
        max_size=6,
    )
)
def test_no_grid_of_likely_cells_makes_the_reader_fail(rows: list[list[str]]):
    found = read_table(as_tabs(rows), TIERS)
    assert found.cells or found.problems


HOSTILE = ("*" * 2_800 + "x", "(" * 2_800 + ")", " " * 1_400 + "x", "1" * 2_800, "1 " * 1_400, "1," * 1_400)


@pytest.mark.parametrize("cell", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_cell_takes_no_more_than_a_moment(cell: str):
    starts = time.process_time()
    read_table(f"Tier\tTotal\nGold\t5{cell}", TIERS)
    assert time.process_time() - starts < 0.1
